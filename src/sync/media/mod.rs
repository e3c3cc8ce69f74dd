//! Media sync: both sides tell each other which files changed, and files travel in batches.
//!
//! Each batch is recorded when its files are in place, so that a sync that was cut off goes on
//! where it was. Nothing is lost: a file that the server deletes or replaces goes to the media
//! trash first.

mod files;
mod plan;

use super::plan::is_too_much;
use super::{Session, client_long};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Progress;
use crate::codec::media_sync::{self as messages, ServerChange};
use crate::formats::media_batch::{Incoming, MAX_FILES, Outgoing};
use crate::storage::media_db::{MediaDb, MediaRecord, MediaRecordChange as Change};
use crate::{mark, t};
use files::{Folder, Readable, Survey};
use plan::{Local, Step};
use std::path::Path;
use std::thread;

/// Other computers that sync at the same time are followed so often.
const MAX_ROUNDS: usize = 20;

/// What a media sync may do.
#[derive(Debug, Clone, Copy)]
pub struct MediaWish {
    /// The server's number as a collection sync told it; None: ask.
    pub server_usn: Option<i64>,
    /// Stop when more than this share of the server's files (percent) would be deleted.
    pub stop_percent: u32,
}

/// What a media sync did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MediaSynced {
    pub downloaded: u64,
    pub uploaded: u64,
    /// Deleted by other computers; now in the media trash.
    pub deleted_here: u64,
    pub deleted_there: u64,
    /// Files that cannot travel: their names, sizes or rights.
    pub skipped: Vec<String>,
    /// Files of the server whose names cannot stand in the folder: nothing of them may, or its disk
    /// takes them for those of others, which differ only in upper and lower case.
    pub not_here: Vec<String>,
    /// Files that the server lists and does not have.
    pub lost_there: Vec<String>,
}

/// How it ended, when nothing failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaOutcome {
    Done(MediaSynced),
    /// It stopped, because so many files would be deleted on the server.
    TooManyDeletions(MediaDeletions),
}

/// Media files that are gone from this computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaDeletions {
    pub gone: u64,
    /// Of so many that were here.
    pub all: u64,
}

impl MediaSynced {
    fn did_something(&self) -> bool {
        self.downloaded + self.uploaded + self.deleted_here + self.deleted_there > 0
    }
}

/// Syncs the media folder of the collection at `collection`, which may be in use.
///
/// # Errors
/// `Refused` when the server does not want something or sends what it should not, `Network` and others
/// as the server gives them. What was done until then stays and is recorded.
pub fn sync_media(
    session: &Session<'_>,
    collection: &Path,
    wish: MediaWish,
    progress: &Progress,
) -> Result<MediaOutcome> {
    let mut run = Run {
        session,
        db: MediaDb::open(collection)?,
        folder: Folder::of(collection)?,
        wish,
        progress,
        done: MediaSynced::default(),
        stopped: None,
    };
    let result = run.all();
    match run.stopped {
        Some(deletions) => Ok(MediaOutcome::TooManyDeletions(deletions)),
        None => result.map(|()| MediaOutcome::Done(run.done)),
    }
}

/// The next sync compares all files: for another server or another account.
pub fn forget_media(collection: &Path) -> Result<()> {
    MediaDb::open(collection)?.reset()
}

struct Run<'a> {
    session: &'a Session<'a>,
    db: MediaDb,
    folder: Folder,
    wish: MediaWish,
    progress: &'a Progress,
    done: MediaSynced,
    /// Why it was left although nothing failed.
    stopped: Option<MediaDeletions>,
}

impl Run<'_> {
    fn all(&mut self) -> Result<()> {
        let known = self.db.last_usn()?;
        let (mut usn, mut survey) = match self.wish.server_usn {
            // A lower one may be from before the last sync of media, which ran beside.
            Some(told) if told >= known => (told, self.survey()?),
            _ => self.begin_and_survey()?,
        };
        if usn < known {
            // Another server, or one that was put back: both sides are compared from the beginning.
            self.db.reset()?;
            survey = self.survey()?;
        }
        self.exchange(&mut usn, survey)?;
        if self.done.did_something() && !self.is_sane()? {
            self.db.reset()?;
            let survey = self.survey()?;
            self.exchange(&mut usn, survey)?;
            if !self.is_sane()? {
                self.db.reset()?;
                return Err(Error::new(
                    ErrorKind::Conflict,
                    mark!("the media files of the two sides still differ; sync again"),
                ));
            }
        }
        Ok(())
    }

    fn call(&self, method: &str, body: &[u8]) -> Result<Vec<u8>> {
        call(self.session, method, body, self.progress)
    }

    fn survey(&self) -> Result<Survey> {
        self.folder.survey(self.db.all()?, self.progress)
    }

    /// The server's number, and what lies in the folder, which is looked through while the server is
    /// asked.
    fn begin_and_survey(&self) -> Result<(i64, Survey)> {
        let (known, session, progress) = (self.db.all()?, self.session, self.progress);
        thread::scope(|scope| {
            let asking = thread::Builder::new()
                .name("media-begin".into())
                .spawn_scoped(scope, || {
                    let greeting = messages::begin(&client_long());
                    messages::begun(&call(session, "begin", &greeting, progress)?)
                })?;
            let survey = self.folder.survey(known, progress);
            let usn = asking
                .join()
                .map_err(|_| Error::bug("asking the server ended unexpectedly"))??;
            Ok((usn, survey?))
        })
    }

    fn is_sane(&self) -> Result<bool> {
        let files = messages::sanity(self.db.files()?);
        messages::is_sane(&self.call("mediaSanity", &files)?)
    }

    /// Until neither side has anything new.
    fn exchange(&mut self, usn: &mut i64, survey: Survey) -> Result<()> {
        self.done.skipped = self.folder.look(survey, &mut self.db, self.progress)?;
        for _ in 0..MAX_ROUNDS {
            if *usn != self.db.last_usn()? {
                self.fetch()?;
            }
            self.fetch_where_there_is_room()?;
            self.stop_when_much_is_gone()?;
            match self.send()? {
                Some(now) if now != self.db.last_usn()? => *usn = now,
                _ => return Ok(()),
            }
        }
        Err(Error::new(
            ErrorKind::Conflict,
            mark!("another computer keeps changing the server's media; sync again later"),
        ))
    }

    fn stop_when_much_is_gone(&mut self) -> Result<()> {
        let (_, gone) = self.db.pending_counts()?;
        let all = self.db.files()? + gone;
        if is_too_much(gone, all, self.wish.stop_percent) {
            self.stopped = Some(MediaDeletions { gone, all });
            return Err(Error::new(
                ErrorKind::Refused,
                mark!("many files would be deleted"),
            ));
        }
        Ok(())
    }

    /// Takes in what the server tells of.
    fn fetch(&mut self) -> Result<()> {
        loop {
            let since = self.db.last_usn()?;
            let changes =
                messages::changes(&self.call("mediaChanges", &messages::changes_since(since))?)?;
            let Some(last) = changes.iter().map(|change| change.usn).max() else {
                return Ok(());
            };
            if last <= since {
                return Err(Error::corrupt(mark!(
                    "the server repeats its list of media files"
                )));
            }
            self.take_in(changes)?;
            self.db.write(&[], None, Some(last))?;
        }
    }

    /// A file that could not stand beside another one comes once that one is gone, and one that the
    /// server had lost once it has it again.
    fn fetch_where_there_is_room(&mut self) -> Result<()> {
        let records = self.db.not_here()?.into_iter();
        let (mut wanted, not_here): (Vec<_>, Vec<_>) =
            records.partition(|record| self.folder.claim(&record.name));
        self.done.not_here = not_here.into_iter().map(|record| record.name).collect();
        wanted.retain(|record| !self.done.lost_there.contains(&record.name));
        if wanted.is_empty() {
            return Ok(());
        }
        self.download(wanted)
    }

    fn take_in(&mut self, changes: Vec<ServerChange>) -> Result<()> {
        let mut wanted = Vec::new();
        let mut records = Vec::new();
        for change in changes {
            let known = self.db.get(&change.name)?;
            let local = known.as_ref().map(|record| Local {
                sha1: record.sha1,
                pending: record.pending,
            });
            match (plan::step(local, change.sha1), known) {
                (Step::Download, _) => {
                    let record = MediaRecord::not_here(change.name, change.sha1);
                    match self.folder.claim(&record.name) {
                        true => wanted.push(record),
                        false => records.push(Change::Set(record)),
                    }
                }
                (Step::Settled, Some(record)) => records.push(Change::Set(MediaRecord {
                    pending: false,
                    ..record
                })),
                (Step::Delete, _) => {
                    self.done.deleted_here += u64::from(self.folder.discard(&change.name)?);
                    records.push(Change::Forget(change.name));
                }
                (Step::Settled | Step::Nothing, _) => {}
            }
        }
        self.db.write(&records, None, None)?;
        self.download(wanted)
    }

    /// Fetches the files of these records, which are what is noted of one that does not come.
    fn download(&mut self, mut wanted: Vec<MediaRecord>) -> Result<()> {
        self.progress
            .stage(t!("Downloading media"), wanted.len() as u64)?;
        let mut at_once = MAX_FILES;
        while !wanted.is_empty() {
            let names = wanted.iter().take(at_once).map(|file| file.name.clone());
            let asked: Vec<String> = names.collect();
            let zip = match self.call("downloadFiles", &messages::download(&asked)) {
                // It has lost one of them; which one, it says when that is asked for alone.
                Err(e) if e.kind() == ErrorKind::Unavailable => {
                    if asked.len() == 1 {
                        self.note_lost_there(wanted.remove(0))?;
                    }
                    at_once = asked.len().div_ceil(2);
                    continue;
                }
                zip => zip?,
            };
            at_once = MAX_FILES;
            let mut batch = Incoming::open(&zip, &asked)?;
            let records = self.folder.store(&mut batch)?;
            let came: Vec<String> = batch.names().map(str::to_owned).collect();
            if came.is_empty() {
                return Err(Error::corrupt(mark!(
                    "the server does not send the media files that it lists"
                )));
            }
            self.db.write(&records, None, None)?;
            self.done.downloaded += came.len() as u64;
            wanted.retain(|file| !came.contains(&file.name));
            self.progress.step(came.len() as u64)?;
        }
        Ok(())
    }

    /// It holds up no other file, and is asked for again with the next sync.
    fn note_lost_there(&mut self, file: MediaRecord) -> Result<()> {
        if !self.done.lost_there.contains(&file.name) {
            self.done.lost_there.push(file.name.clone());
        }
        self.db.write(&[Change::Set(file)], None, None)
    }

    /// Sends what the server has not heard of; its latest number, if anything was sent.
    fn send(&mut self) -> Result<Option<i64>> {
        let (files, gone) = self.db.pending_counts()?;
        self.progress.stage(t!("Uploading media"), files + gone)?;
        let mut usn = None;
        loop {
            let pending = self.db.pending(MAX_FILES)?;
            if pending.is_empty() {
                return Ok(usn);
            }
            if let Some(now) = self.send_batch(pending)? {
                usn = Some(now);
            }
        }
    }

    fn send_batch(&mut self, pending: Vec<MediaRecord>) -> Result<Option<i64>> {
        let mut batch = Outgoing::default();
        let mut sent = Vec::new();
        let mut dropped = Vec::new();
        for mut record in pending {
            if batch.is_full() {
                break;
            }
            if record.sha1.is_none() {
                batch.add(&record.name, None);
            } else {
                match self.folder.read(&record.name)? {
                    Readable::Content(content, sha1) => {
                        batch.add(&record.name, Some(content));
                        record.sha1 = Some(sha1);
                    }
                    Readable::No => {
                        dropped.push(Change::Forget(record.name));
                        continue;
                    }
                }
            }
            sent.push(record);
        }
        self.db.write(&dropped, None, None)?;
        if sent.is_empty() {
            return Ok(None);
        }
        let answer = messages::uploaded(&self.call("uploadChanges", &batch.finish()?)?)?;
        if answer.processed == 0 || answer.processed > sent.len() {
            return Err(Error::corrupt(mark!(
                "the server did not take the media files"
            )));
        }
        sent.truncate(answer.processed);
        self.note_sent(sent, answer.usn)?;
        self.progress.step(answer.processed as u64)?;
        Ok(Some(answer.usn))
    }

    fn note_sent(&mut self, sent: Vec<MediaRecord>, usn: i64) -> Result<()> {
        let processed = i64::try_from(sent.len()).unwrap_or(i64::MAX);
        // Otherwise changes of others lie in between, which are still to be fetched.
        let caught_up = self.db.last_usn()?.saturating_add(processed) == usn;
        let mut records = Vec::with_capacity(sent.len());
        for record in sent {
            records.push(if record.sha1.is_some() {
                self.done.uploaded += 1;
                Change::Set(MediaRecord {
                    pending: false,
                    ..record
                })
            } else {
                self.done.deleted_there += 1;
                Change::Forget(record.name)
            });
        }
        self.db.write(&records, None, caught_up.then_some(usn))
    }
}

fn call(session: &Session<'_>, method: &str, body: &[u8], progress: &Progress) -> Result<Vec<u8>> {
    progress.check()?;
    session.bytes(&format!("msync/{method}"), body, progress)
}
