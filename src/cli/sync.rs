//! `sync`: one sync with Anki's server, of the collection and then of its media folder. A verified
//! backup is made before anything changes here; no backup, no sync.

use super::args::SyncArgs;
use super::encrypted::{VARIABLE, account_password};
use super::output::{Answer, Doing as _, Failure, whats};
use super::session::{Locked, Session};
use crate::backup::entry::Reason;
use crate::backup::plan::Options;
use crate::backup::{catalog, restore, write};
use crate::base::{Error, ErrorKind, Result};
use crate::collection::Collection;
use crate::net::{Transport, http_for_job};
use crate::secrets::{Keychain, Secrets as _};
use crate::service::secret_names;
use crate::sync::media::{MediaOutcome, MediaWish, sync_media};
use crate::sync::merge::Report;
use crate::sync::plan::{MergeInto, Step};
use crate::sync::{self, Account, Look, Outcome, Wish};
use serde_json::{Value, json};

const DOING: &str = "sync";

/// What was done, for people and for scripts.
struct Done {
    text: String,
    outcome: &'static str,
    sent: u64,
    received: u64,
    /// What was not as it should be; told already.
    warnings: Vec<Error>,
}

pub(super) fn sync(session: &Session, args: &SyncArgs) -> Result<Answer, Failure> {
    let profile = session.lock()?;
    let net = http_for_job(&session.progress);
    let name = secret_names::sync(&profile.paths.name);
    let account = account(session, args, &*net, &name).doing("log in")?;
    let mut wire = sync::Session::new(&*net, account.clone());
    if args.media_only {
        let (text, done) = media(session, args, &profile, &wire)?;
        return Ok(Answer::new(
            text,
            json!({"outcome": "media", "media": done, "warnings": []}),
        ));
    }
    let done = collection(session, args, &profile, &mut wire)?;
    if *wire.account() != account {
        remember(session, &name, wire.account());
    }
    let (media_text, media) = media(session, args, &profile, &wire)?;
    Ok(Answer::new(
        format!("{}\n{media_text}", done.text),
        json!({
            "outcome": done.outcome,
            "uploaded": done.sent,
            "downloaded": done.received,
            "media": media,
            "warnings": whats(&done.warnings),
        }),
    ))
}

fn collection(
    session: &Session,
    args: &SyncArgs,
    profile: &Locked,
    wire: &mut sync::Session<'_>,
) -> Result<Done, Failure> {
    let mut collection = session.open(profile)?;
    let look = sync::look(&collection, wire, &session.progress).doing(DOING)?;
    let choice = match look.step {
        Step::OneWay(choice) => choice,
        _ if args.upload || args.download => sync::plan::Choice {
            upload: true,
            download: true,
        },
        _ => {
            let done = normal(session, args, profile, &mut collection, wire, &look);
            let warnings = session.warn_of_history(&mut collection);
            collection.close().doing("close the collection")?;
            return Ok(Done { warnings, ..done? });
        }
    };
    if args.upload && choice.upload {
        back_up(session, profile, &collection).doing("make the backup before the upload")?;
        sync::upload(&mut collection, wire, &session.progress).doing("upload the collection")?;
        collection.close().doing("close the collection")?;
        let text = "The server holds this collection now.";
        return Ok(done("uploaded", 0, 0, text));
    }
    if args.merge {
        return merge(session, profile, collection, wire);
    }
    collection.close().doing("close the collection")?;
    if args.download && choice.download {
        return download(session, profile, wire).doing("download the collection");
    }
    let refused = if args.upload || args.download {
        "an empty collection does not replace one with cards"
    } else {
        "the note types or the histories of both sides have parted: one has to replace the other; \
         give --upload to keep this one, --download to keep the server's, or --merge to move the changes \
         of one side over to the other, where only one changed its note types"
    };
    Err(Error::new(ErrorKind::Conflict, refused)).doing(DOING)
}

/// The account of the keychain, or a login with what the command line says.
fn account(session: &Session, args: &SyncArgs, net: &dyn Transport, name: &str) -> Result<Account> {
    let password = account_password(args.password_file.as_deref(), VARIABLE)?;
    if let (Some(server), Some(user), Some(password)) = (&args.server, &args.user, password) {
        let account = sync::login(net, server, user, &password, &session.progress)?;
        remember(session, name, &account);
        return Ok(account);
    }
    let kept = Keychain.get(name).unwrap_or_else(|error| {
        session.warn(&format!("{error}"));
        None
    });
    kept.as_deref().and_then(Account::from_secret).ok_or_else(|| {
        Error::invalid(
            "nobody is logged in: give --server URL, --user NAME and --password-file FILE (or the \
             variable ENGRAM_PASSWORD)",
        )
    })
}

/// The key, never the password. Without a keychain the next sync asks again.
fn remember(session: &Session, name: &str, account: &Account) {
    if let Err(error) = Keychain.set(name, &account.to_secret()) {
        session.warn(&format!("the login is not remembered: {error}"));
    }
}

/// Unless the newest verified backup is of this very state.
fn back_up(session: &Session, profile: &Locked, collection: &Collection) -> Result<()> {
    let storage = collection.storage();
    let last = catalog::last_verified(&profile.paths.folder, &session.clock)?;
    let modified = storage.col_row()?.mtime;
    if last.is_some_and(|last| last.collection_mod == modified) {
        return Ok(());
    }
    let frozen = storage.freeze()?;
    let folder = catalog::folder(&profile.paths.folder);
    let reason = Reason::BeforeSync;
    let made = write::create(&frozen, &folder, reason, &session.clock, &session.progress);
    drop(frozen);
    storage.unfreeze();
    made.map(|_| ())
}

fn normal(
    session: &Session,
    args: &SyncArgs,
    profile: &Locked,
    collection: &mut Collection,
    wire: &sync::Session<'_>,
    look: &Look,
) -> Result<Done, Failure> {
    if look.step == Step::Nothing {
        return Ok(done("nothing", 0, 0, "Both sides are equal."));
    }
    back_up(session, profile, collection).doing("make the backup before the sync")?;
    let wish = Wish {
        stop_percent: args.most_deleted,
    };
    let outcome = sync::normal(collection, wire, look, wish, &session.progress).doing(DOING)?;
    let refused = match outcome {
        Outcome::Done(counts) => {
            let text = format!("{} sent, {} received", counts.sent, counts.received);
            return Ok(done("synced", counts.sent, counts.received, &text));
        }
        Outcome::TooManyDeletions(found) => format!(
            "{} of {} notes would be deleted here and {} on the server; if that is right, give \
             --most-deleted 100",
            found.here, found.notes, found.there
        ),
        Outcome::OneWayNeeded(why) => {
            format!("{why}: one side has to replace the other; give --upload or --download")
        }
    };
    Err(Error::new(ErrorKind::Conflict, refused)).doing(DOING)
}

fn download(session: &Session, profile: &Locked, wire: &sync::Session<'_>) -> Result<Done> {
    let folder = &profile.paths.folder;
    let fetched = sync::download(wire, folder, &session.progress)?;
    let restored = restore::restore(
        folder,
        &fetched.path(),
        Options::DOWNLOAD,
        &session.clock,
        &session.progress,
    )?;
    session.warn_of(&restored);
    let text = format!(
        "{} notes and {} cards now",
        restored.contents.notes, restored.contents.cards
    );
    Ok(Done {
        warnings: restored.warnings,
        ..done("downloaded", 0, 0, &text)
    })
}

/// Moves what one side changed over to the other; the present collection is backed up, and the step
/// can be undone like a restore.
fn merge(
    session: &Session,
    profile: &Locked,
    mut collection: Collection,
    wire: &sync::Session<'_>,
) -> Result<Done, Failure> {
    const DOING: &str = "merge both collections";
    let folder = &profile.paths.folder;
    let fetched = sync::download(wire, folder, &session.progress).doing(DOING)?;
    let merge =
        sync::merge(&mut collection, &fetched.path(), folder, &session.progress).doing(DOING)?;
    collection.close().doing("close the collection")?;
    let restored = restore::restore(
        folder,
        &merge.path(),
        Options::MERGE,
        &session.clock,
        &session.progress,
    )
    .doing(DOING)?;
    session.warn_of(&restored);
    let mut collection = session.open(profile)?;
    merge
        .remember(&mut collection)
        .doing("keep what was overruled")?;
    let sent = merge.send(&mut collection, wire, &session.progress);
    let mut warnings = restored.warnings;
    warnings.extend(session.warn_of_history(&mut collection));
    collection.close().doing("close the collection")?;
    sent.doing("send the merged collection to the server")?;
    Ok(Done {
        warnings,
        ..done("merged", 0, 0, &words(&merge.report))
    })
}

fn words(report: &Report) -> String {
    let (from, to) = match report.into {
        MergeInto::Ours => ("the server", "this computer"),
        MergeInto::Theirs => ("this computer", "the server"),
    };
    format!(
        "The changes of {from} were moved to the note types of {to}: {} notes, {} cards, {} reviews, \
         {} others, {} deleted; {} older ones stayed behind, {} notes had their fields moved, {} cards \
         have no place any more.",
        report.notes,
        report.cards,
        report.reviews,
        report.others,
        report.deleted,
        report.older,
        report.moved_fields,
        report.without_place,
    )
}

fn done(outcome: &'static str, sent: u64, received: u64, text: &str) -> Done {
    Done {
        text: text.to_owned(),
        outcome,
        sent,
        received,
        warnings: Vec::new(),
    }
}

fn media(
    session: &Session,
    args: &SyncArgs,
    profile: &Locked,
    wire: &sync::Session<'_>,
) -> Result<(String, Value), Failure> {
    const DOING: &str = "sync the media files";
    let wish = MediaWish {
        server_usn: None,
        stop_percent: args.most_deleted,
    };
    let outcome =
        sync_media(wire, &profile.paths.collection(), wish, &session.progress).doing(DOING)?;
    let done = match outcome {
        MediaOutcome::Done(done) => done,
        MediaOutcome::TooManyDeletions(found) => {
            let refused = format!(
                "{} of {} media files are gone from this computer and would be deleted on the server; \
                 if that is right, give --most-deleted 100",
                found.gone, found.all
            );
            return Err(Error::new(ErrorKind::Conflict, refused)).doing(DOING);
        }
    };
    for name in &done.skipped {
        session.warn(&format!(
            "\u{201c}{name}\u{201d} cannot travel: its name, or no or too much content"
        ));
    }
    let text = format!(
        "Media: {} uploaded, {} downloaded, {} deleted here (now in the media trash), {} deleted \
         on the server.",
        done.uploaded, done.downloaded, done.deleted_here, done.deleted_there
    );
    let told = json!({
        "uploaded": done.uploaded,
        "downloaded": done.downloaded,
        "deleted_here": done.deleted_here,
        "deleted_there": done.deleted_there,
        "skipped": done.skipped,
    });
    Ok((text, told))
}
