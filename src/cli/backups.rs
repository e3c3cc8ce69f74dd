//! `backup …`.

use super::args::{BackupCommand, FolderArgs, SourceArgs};
use super::output::{Answer, Doing as _, Failure, size, whats};
use super::session::Session;
use super::source::{self, Source, require_file};
use super::{alarm, copies, encrypted, find, health, inside, recover, vault};
use crate::backup::entry::{Entry, Reason, Verification};
use crate::backup::inspect::{self, Current, Report};
use crate::backup::plan::Options;
use crate::backup::vault::media::MediaRead;
use crate::backup::{catalog, place, restore, tripwire};
use crate::base::files::{self, StagingDir};
use crate::base::ids::NoteId;
use crate::base::json_path::JsonPath;
use crate::base::{Error, ErrorKind, Result};
use crate::service::profiles::ProfilePaths;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

pub(super) fn run(session: &Session, command: BackupCommand) -> Result<Answer, Failure> {
    match command {
        BackupCommand::Create { reason } => create(session, reason.reason()),
        BackupCommand::List => list(session),
        BackupCommand::Show {
            file,
            search,
            limit,
            source,
        } => inside::show(session, &file, search.as_deref(), limit, &source),
        BackupCommand::Diff {
            file,
            against,
            limit,
            source,
        } => recover::diff(session, &file, against.as_deref(), limit, &source),
        BackupCommand::Find {
            note,
            files,
            source,
        } => find::run(session, NoteId(note), &files, &source),
        BackupCommand::Recover(args) => recover::recover(session, &args),
        BackupCommand::Verify {
            files,
            no_media,
            source,
        } => verify(session, &files, !no_media, &source),
        BackupCommand::Restore {
            file,
            no_media,
            source,
        } => restore(session, &file, !no_media, &source),
        BackupCommand::Decrypt { file, out, key } => encrypted::decrypt(session, &file, &out, &key),
        BackupCommand::UndoRestore => undo_restore(session),
        BackupCommand::Accept => alarm::accept(session),
        BackupCommand::Pin { file, name } => pin(session, &file, Some(&name)),
        BackupCommand::Note { file, text } => note(session, &file, &text),
        BackupCommand::Drill { file, source } => drill(session, file.as_deref(), &source),
        BackupCommand::Unpin { file } => pin(session, &file, None),
        BackupCommand::Thin { dry_run } => thin(session, dry_run),
        BackupCommand::Copy(wish) => copies::run(session, &wish),
        BackupCommand::Folder(wish) => folder(session, &wish),
    }
}

fn create(session: &Session, reason: Reason) -> Result<Answer, Failure> {
    const DOING: &str = "create the backup";
    let profile = session.lock()?;
    let collection = session.open(&profile)?;
    let storage = collection.storage();
    let folder = &profile.paths.folder;
    let last = catalog::last_verified(folder, &session.clock).doing(DOING)?;
    let modified = storage.col_row().doing(DOING)?.mtime;
    if last.is_some_and(|last| last.collection_mod == modified) {
        let rules = session.rules(&profile.paths)?;
        let entries = catalog::list(folder, &rules, &session.clock).doing(DOING)?;
        // By time another one may come first, since the clock was set back.
        let newest = catalog::newest_verified(folder, &session.clock).doing(DOING)?;
        if let Some(entry) = entries.iter().find(|e| Some(&e.path) == newest.as_ref()) {
            collection.close().doing("close the collection")?;
            return Ok(created(entry, true));
        }
    }
    let entry = session.save(&profile, &collection, reason).doing(DOING)?;
    collection.close().doing("close the collection")?;
    let mut answer = created(&entry, false);
    copies::after_backup(session, &profile.paths, &mut answer)?;
    Ok(answer)
}

fn created(entry: &Entry, unchanged: bool) -> Answer {
    let text = if unchanged {
        format!("Nothing changed since {}", entry.path.display())
    } else {
        format!("{} ({})", entry.path.display(), size(entry.size))
    };
    let mut row = row(entry);
    row["unchanged"] = json!(unchanged);
    Answer::new(text, row)
}

fn row(entry: &Entry) -> Value {
    let contents = entry.contents;
    json!({
        "path": JsonPath(&entry.path),
        "kind": "colpkg",
        "created": entry.created,
        "size": entry.size,
        "reason": entry.reason,
        "verified": entry.verification.is_verified(),
        "pinned": entry.pinned.is_some(),
        "name": entry.pinned,
        "note": entry.note,
        "notes": contents.map(|c| c.notes),
        "cards": contents.map(|c| c.cards),
        "revlog": contents.map(|c| c.revlog),
        "keep": entry.keep,
    })
}

pub(super) fn entries(session: &Session) -> Result<Vec<Entry>, Failure> {
    let paths = session.profile()?;
    let rules = session.rules(&paths)?;
    catalog::list(&paths.folder, &rules, &session.clock).doing("list the backups")
}

/// Where the backups are, and moving them.
fn folder(session: &Session, wish: &FolderArgs) -> Result<Answer, Failure> {
    const DOING: &str = "move the backups";
    let mut warnings = Vec::new();
    let folder = if wish.to.is_some() || wish.back {
        let profile = session.lock()?;
        let to = wish.to.as_ref().map(std::path::absolute).transpose();
        let to = to.map_err(Error::from).doing(DOING)?;
        let moved = place::move_to(&profile.paths.folder, to.as_deref(), &session.progress);
        let moved = moved.doing(DOING)?;
        session.warn_of_all(&moved.stayed);
        warnings = moved.stayed;
        moved.folder
    } else {
        session.profile()?.backups()
    };
    let (shown, is_there) = (folder.display(), folder.is_dir());
    let text = match is_there {
        true => format!("The backups are in {shown}"),
        false => format!("The backups belong in {shown}, which is not there."),
    };
    let value =
        json!({"folder": JsonPath(&folder), "is_there": is_there, "warnings": whats(&warnings)});
    Ok(Answer::new(text, value))
}

fn list(session: &Session) -> Result<Answer, Failure> {
    let entries = entries(session)?;
    let copies = copies::list(session)?;
    let folder = session.profile()?.backups();
    let lines: Vec<String> = entries
        .iter()
        .map(|e| (e, ""))
        .chain(copies.iter().map(|e| (e, "  (copy)")))
        .map(|(e, what)| {
            let date = session.clock.local(e.created).strftime("%Y-%m-%d %H:%M:%S");
            let state = match e.verification {
                Verification::Verified { .. } => "verified",
                Verification::Unverified => "not verified",
                Verification::Failed { .. } => "damaged",
            };
            let file = e.path.file_name().unwrap_or_default().to_string_lossy();
            let pin = match e.pin() {
                None => String::new(),
                Some("") => "  (pinned)".into(),
                Some(name) => format!("  (pinned: {name})"),
            };
            format!(
                "{date}  {:>9}  {state:<12}  {}  {file}{what}{pin}",
                size(e.size),
                e.reason.label()
            )
        })
        .collect();
    let alarm = tripwire::alarm(&folder);
    let mut text = if lines.is_empty() {
        "There is no backup yet.".to_owned()
    } else {
        format!("In {}:\n{}", folder.display(), lines.join("\n"))
    };
    for line in alarm::lines(alarm.as_ref()) {
        text.push('\n');
        text.push_str(&line);
    }
    let of_copy = |e: &Entry| {
        let mut row = row(e);
        row["kind"] = json!("copy");
        row
    };
    let rows: Vec<Value> = entries
        .iter()
        .map(row)
        .chain(copies.iter().map(of_copy))
        .collect();
    Ok(Answer::new(
        text,
        json!({
            "folder": JsonPath(&folder),
            "backups": rows,
            "alarm": alarm::value(alarm.as_ref()),
        }),
    ))
}

/// `media`: also those of snapshots, which lie elsewhere. Of several files, one that cannot be looked
/// at does not keep the others from it.
fn verify(
    session: &Session,
    files: &[PathBuf],
    media: bool,
    args: &SourceArgs,
) -> Result<Answer, Failure> {
    let mut results = Vec::new();
    let mut lines = Vec::new();
    let (mut damaged, mut unseen) = (false, None);
    for file in files {
        let (line, result) = match verify_one(session, file, media, args) {
            Ok(seen) => {
                damaged |= !seen.report.ok;
                seen.told()
            }
            Err(e) if files.len() > 1 && !e.is_interrupted() => {
                unseen = unseen.or(Some(e.kind()));
                Seen::nothing(file, &e).told()
            }
            Err(e) => return Err(e).doing("verify the backup"),
        };
        lines.push(line);
        results.push(result);
    }
    Ok(Answer {
        damaged,
        unseen,
        ..Answer::new(lines.join("\n"), json!({"results": results}))
    })
}

/// What was found in a file.
struct Seen {
    path: PathBuf,
    report: Report,
    read: Option<MediaRead>,
    is_file: bool,
}

impl Seen {
    fn nothing(file: &Path, why: &Error) -> Self {
        Self {
            path: file.to_owned(),
            report: Report::damaged(why),
            read: None,
            is_file: true,
        }
    }

    /// For people and for scripts.
    fn told(&self) -> (String, Value) {
        let (report, path) = (&self.report, self.path.display());
        let of_media = match &self.read {
            Some(read) => format!("; {} media files ({}) read", read.files, size(read.bytes)),
            None if self.is_file => String::new(),
            None => format!("; {} media files not read", report.media_files),
        };
        let media_read = match &self.read {
            Some(read) => read.files,
            None if self.is_file => report.media_files,
            None => 0,
        };
        let found = match report.ok {
            true => "ok".to_owned(),
            false => report.findings.join("; "),
        };
        let value = json!({
            "path": JsonPath(&self.path),
            "ok": report.ok,
            "findings": report.findings,
            "schema": report.schema,
            "notes": report.contents.map(|c| c.notes),
            "cards": report.contents.map(|c| c.cards),
            "revlog": report.contents.map(|c| c.revlog),
            "media_files": report.media_files,
            "media_read": media_read,
            "media_bytes": self.read.as_ref().map(|read| read.bytes),
        });
        (format!("{path}: {found}{of_media}"), value)
    }
}

/// Damage is a report; an error means that nothing could be looked at.
fn verify_one(session: &Session, file: &Path, media: bool, args: &SourceArgs) -> Result<Seen> {
    let is_file = source::snapshot_of(file).is_none();
    let mut path = match is_file {
        true => session.backup_path(file),
        false => file.to_owned(),
    };
    if is_file {
        require_file(&path)?;
    }
    let verified = Source::open(session, file, args).and_then(|source| {
        path.clone_from(&source.label);
        let (clock, progress) = (&session.clock, &session.progress);
        let mut report = inspect::verify(source.path(), source.room(), clock, progress)?;
        report.media_files = source.media_files(report.media_files);
        let read = match media {
            true => source.read_media(session)?,
            false => None,
        };
        if let Some(read) = &read {
            report.ok &= read.findings.is_empty();
            report.findings.extend(read.findings.iter().cloned());
        }
        Ok((report, read))
    });
    let (report, read) = match verified {
        Ok(verified) => verified,
        Err(e) if e.kind() == ErrorKind::Corrupt || is_no_backup(&e) => (Report::damaged(&e), None),
        Err(e) => return Err(e),
    };
    Ok(Seen {
        path,
        report,
        read,
        is_file,
    })
}

/// A file was named that cannot be one; a missing password is about no file.
fn is_no_backup(error: &Error) -> bool {
    error.kind() == ErrorKind::InvalidInput && error.path().is_some()
}

/// Of a file, or a snapshot of a vault.
fn drill(session: &Session, file: Option<&Path>, args: &SourceArgs) -> Result<Answer, Failure> {
    match file.and_then(source::snapshot_of) {
        None => health::drill(session, file),
        Some((to, id)) => {
            let password = encrypted::vault_password(session, args);
            let open = |_| source::open_vault(session, to, args);
            vault::drill(session, password, open, to, id)
        }
    }
}

fn restore(
    session: &Session,
    file: &Path,
    media: bool,
    args: &SourceArgs,
) -> Result<Answer, Failure> {
    const DOING: &str = "restore the backup";
    if let Some((to, id)) = source::snapshot_of(file) {
        if !media {
            let what = "a snapshot is restored with its media files; to leave those that are there as \
                        they are, take single notes by `engram-cli backup recover`";
            return Err(Error::invalid(what)).doing(DOING);
        }
        let vault = source::open_vault(session, to, args).doing(DOING)?;
        return vault::restore(session, &vault, id);
    }
    let path = session.backup_path(file);
    require_file(&path).doing(DOING)?;
    let profile = session.lock()?;
    let folder = &profile.paths.folder;
    let plain = encrypted::plain(session, &path, &args.key, folder).doing(DOING)?;
    let lost = lost(session, &profile.paths, plain.path()).doing(DOING)?;
    let options = Options {
        media,
        ..Options::RESTORE
    };
    let restored = restore::restore(
        folder,
        plain.path(),
        options,
        &session.clock,
        &session.progress,
    )
    .doing(DOING)?;
    let contents = restored.contents;
    let text = format!(
        "Restored {} notes, {} cards, {} reviews from {}.",
        contents.notes,
        contents.cards,
        contents.revlog,
        path.display()
    );
    let mut text = session.told_of(text, &restored);
    text.push_str("\nTo go back: engram-cli backup undo-restore");
    Ok(Answer::new(
        text,
        json!({
            "restored": true,
            "path": JsonPath(&path),
            "safety_backup": restored.safety.path().map(JsonPath),
            "lost": lost,
            "notes": contents.notes,
            "cards": contents.cards,
            "revlog": contents.revlog,
            "media_added": restored.media_added,
            "warnings": whats(&restored.warnings),
        }),
    ))
}

/// What only the present collection has; unknown when one of the two cannot be read. Nothing but
/// the profile's folder is written to: a machine from which one rescues may have no other.
fn lost(session: &Session, paths: &ProfilePaths, backup: &Path) -> Result<Value> {
    let collection = paths.collection();
    let current = if collection.is_file() {
        Current::Closed(&collection)
    } else {
        Current::None
    };
    let looked = StagingDir::create_in(&paths.folder)
        .and_then(|room| inspect::inspect(backup, current, room.path(), &session.progress));
    let loss = match looked {
        Ok(inspection) => inspection.loss,
        Err(e) if e.is_interrupted() => return Err(e),
        // The restore looks at the same file and says what is wrong with it.
        Err(_) => None,
    };
    Ok(match loss {
        Some(loss) => json!({
            "notes": loss.notes_added,
            "cards": loss.cards_added,
            "revlog": loss.reviews,
        }),
        None => json!({"notes": null, "cards": null, "revlog": null}),
    })
}

fn undo_restore(session: &Session) -> Result<Answer, Failure> {
    let profile = session.lock()?;
    let folder = &profile.paths.folder;
    let safety =
        restore::undo(folder, &session.clock, &session.progress).doing("undo the restore")?;
    let mut text = "The collection is as it was before the last restore.".to_owned();
    if let Some(path) = safety.path() {
        text.push_str(&format!("\nWhat was there since: {}", path.display()));
    }
    Ok(Answer::new(
        text,
        json!({"restored": true, "safety_backup": safety.path().map(JsonPath)}),
    ))
}

/// Pins under a name, or unpins.
fn pin(session: &Session, file: &Path, name: Option<&str>) -> Result<Answer, Failure> {
    const DOING: &str = "change the backup's pin";
    let path = session.backup_path(file);
    require_file(&path).doing(DOING)?;
    let profile = session.lock()?;
    require_listed(&path, &profile.paths.folder).doing(DOING)?;
    match name {
        Some(name) => catalog::pin(&path, name, &session.clock),
        None => catalog::unpin(&path, &session.clock),
    }
    .doing(DOING)?;
    let text = if name.is_some() {
        "It is kept for good now."
    } else {
        "The rules decide about it again."
    };
    Ok(Answer::new(
        text,
        json!({"path": JsonPath(&path), "pinned": name.is_some(), "name": name}),
    ))
}

/// Only folders with a list of backups keep words about them.
fn require_listed(file: &Path, profile: &Path) -> Result<()> {
    let folder = files::parent(file)?;
    let own = catalog::folder(profile);
    if catalog::has_list(folder) || folder.canonicalize().ok() == own.canonicalize().ok() {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "the file is not among the backups in {}",
        own.display()
    ))
    .at(file))
}

fn note(session: &Session, file: &Path, text: &str) -> Result<Answer, Failure> {
    const DOING: &str = "keep the note about the backup";
    let path = session.backup_path(file);
    require_file(&path).doing(DOING)?;
    let profile = session.lock()?;
    require_listed(&path, &profile.paths.folder).doing(DOING)?;
    catalog::annotate(&path, text, &session.clock).doing(DOING)?;
    let text = text.trim();
    Ok(Answer::new(
        "Kept.",
        json!({"path": JsonPath(&path), "note": text}),
    ))
}

fn thin(session: &Session, dry_run: bool) -> Result<Answer, Failure> {
    const DOING: &str = "thin out the backups";
    let profile = session.lock()?;
    let all = entries(session)?;
    let (kept, mut dropped): (Vec<&Entry>, Vec<&Entry>) =
        all.iter().partition(|e| !e.keep.is_empty());
    let alarm = tripwire::alarm(&profile.paths.backups());
    for line in alarm::lines(alarm.as_ref()) {
        session.warn(&line);
    }
    if !dry_run {
        let rules = session.rules(&profile.paths)?;
        let folder = &profile.paths.folder;
        let deleted =
            catalog::thin(folder, &rules, &session.clock, &session.progress).doing(DOING)?;
        dropped.retain(|e| deleted.contains(&e.path));
    }
    let text = format!(
        "{} kept, {} {}",
        kept.len(),
        dropped.len(),
        if dry_run {
            "would be deleted"
        } else {
            "deleted"
        }
    );
    let kept: Vec<Value> = kept
        .iter()
        .map(|e| json!({"path": JsonPath(&e.path), "reasons": e.keep}))
        .collect();
    let dropped: Vec<JsonPath<'_>> = dropped.iter().map(|e| JsonPath(&e.path)).collect();
    Ok(Answer::new(
        text,
        json!({"kept": kept, "dropped": dropped, "dry_run": dry_run}),
    ))
}
