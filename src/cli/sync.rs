//! `sync`: one sync with Anki's server, of the collection and then of its media folder. A verified
//! backup is made before anything changes here, and of the server's collection before that is
//! replaced; no backup, no sync. The account's server and name are noted in the preferences; the
//! window asks for a login of its own.

use super::args::SyncArgs;
use super::encrypted::{VARIABLE, account_password};
use super::output::{Answer, Doing as _, Failure, whats};
use super::session::{Locked, Session};
use crate::backup::entry::Reason;
use crate::backup::plan::Options;
use crate::backup::tripwire::{self, Explains};
use crate::backup::{catalog, restore, safety};
use crate::base::{Error, ErrorKind, Result};
use crate::collection::Collection;
use crate::net::{Transport, http_for_job};
use crate::secrets::{Keychain, Secrets as _};
use crate::service::secret_names;
use crate::service::settings::{self, ProfileSettings};
use crate::storage::Storage;
use crate::sync::media::{MediaOutcome, MediaWish, forget_media, sync_media};
use crate::sync::merge::Report;
use crate::sync::plan::{MergeInto, Step};
use crate::sync::{self, Account, Look, Outcome, Wish};
use serde_json::{Value, json};

const DOING: &str = "sync";
const EMPTY: &str = "an empty collection does not replace one with cards";

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
    let mut settings = session.settings(&profile.paths)?;
    let account = account(session, args, &*net, &profile, &mut settings).doing("log in")?;
    let mut wire = sync::Session::new(&*net, account.clone());
    if args.media_only {
        let (text, done) = media(session, args, &profile, &wire)?;
        return Ok(Answer::new(
            text,
            json!({
                "outcome": "media",
                "uploaded": 0,
                "downloaded": 0,
                "media": done,
                "warnings": [],
            }),
        ));
    }
    let done = collection(session, args, &profile, &settings, &mut wire)?;
    if *wire.account() != account {
        remember(session, &profile, wire.account());
    }
    note_done(&profile, &mut settings, done.outcome).doing("save the settings")?;
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
    settings: &ProfileSettings,
    wire: &mut sync::Session<'_>,
) -> Result<Done, Failure> {
    let mut collection = session.open(profile)?;
    let forced = settings.sync.force_one_way;
    let look = sync::look(&collection, wire, &session.progress).doing(DOING)?;
    if !look.message.is_empty() {
        session.warn(&format!("The server says: {}", look.message));
    }
    let choice = match look.step {
        Step::OneWay(choice) => choice,
        _ if args.upload || args.download || forced => sync::plan::Choice {
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
        save_server(session, profile, &collection, wire).doing("save the server's collection")?;
        back_up(session, profile, &collection).doing("make the backup before the upload")?;
        sync::upload(&mut collection, wire, &session.progress).doing("upload the collection")?;
        collection.close().doing("close the collection")?;
        let text = "The server holds this collection now. What it held is in the backups.";
        return Ok(done("uploaded", 0, 0, text));
    }
    if args.merge && !settings.sync.new_account {
        return merge(session, profile, collection, wire);
    }
    collection.close().doing("close the collection")?;
    if args.download && choice.download {
        return download(session, profile, wire).doing("download the collection");
    }
    let refused = if args.upload || args.download {
        EMPTY
    } else if !choice.download {
        "the server has no cards: give --upload to send it this collection"
    } else if !choice.upload {
        "this collection has no cards: give --download to take over the server's"
    } else if args.merge {
        "nothing was synced with this account before: give --upload to keep this collection, or \
         --download to keep the server's"
    } else if forced && !matches!(look.step, Step::OneWay(_)) {
        "the preferences say that this sync goes in one direction: give --upload or --download"
    } else {
        "the note types or the histories of both sides have parted: one has to replace the other; \
         give --upload to keep this one, --download to keep the server's, or --merge to move the changes \
         of one side over to the other, where only one changed its note types"
    };
    Err(Error::new(ErrorKind::Conflict, refused)).doing(DOING)
}

/// The account of the keychain, or a login with what the command line says. With another account
/// than before nothing is known of the other side.
fn account(
    session: &Session,
    args: &SyncArgs,
    net: &dyn Transport,
    profile: &Locked,
    settings: &mut ProfileSettings,
) -> Result<Account> {
    let password = account_password(args.password_file.as_deref(), VARIABLE)?;
    if let (Some(server), Some(user), Some(password)) = (&args.server, &args.user, password) {
        let (server, user) = (sync::server_address(server)?, user.trim().to_owned());
        let account = sync::login(net, &server, &user, &password, &session.progress)?;
        remember(session, profile, &account);
        let known = &mut settings.sync;
        if known.server != server || known.user != user {
            // One that synced by the terminal before accounts were noted has a past with this one.
            if !known.user.is_empty() {
                forget_media(&profile.paths.collection())?;
                known.new_account = true;
            }
            (known.server, known.user) = (server, user);
            settings::save(&profile.paths.settings(), settings)?;
        }
        return Ok(account);
    }
    let name = secret_names::sync(&profile.paths.name);
    let kept = Keychain.get(&name).unwrap_or_else(|error| {
        session.warn(&format!("{error}"));
        None
    });
    let kept = kept.as_deref().and_then(Account::from_secret);
    let user = &settings.sync.user;
    let kept = kept.filter(|account| user.is_empty() || account.user == *user);
    let typed = args
        .server
        .as_deref()
        .map(sync::server_address)
        .transpose()?;
    let kept = kept.filter(|account| {
        let place = (&*settings.sync.server, typed.as_deref());
        is_meant(account, place, args.user.as_deref())
    });
    kept.ok_or_else(|| {
        Error::invalid(
            "nobody is logged in: give --server URL, --user NAME and --password-file FILE (or the \
             variable ENGRAM_PASSWORD)",
        )
    })
}

/// Whether a login that is kept is the one that the command line names, if it names one; `place`: the
/// server that was noted for it, which may have sent us on to another host, and the one that is named.
fn is_meant(account: &Account, place: (&str, Option<&str>), user: Option<&str>) -> bool {
    let (noted, server) = place;
    user.is_none_or(|user| account.user == user.trim())
        && server.is_none_or(|server| [noted, &account.server].contains(&server))
}

/// The key, never the password. Without a keychain the next sync asks again.
fn remember(session: &Session, profile: &Locked, account: &Account) {
    let name = secret_names::sync(&profile.paths.name);
    if let Err(error) = Keychain.set(&name, &account.to_secret()) {
        session.warn(&format!("the login is not remembered: {error}"));
    }
}

/// Both sides have a past in common now, and what was forced once is done.
fn note_done(profile: &Locked, settings: &mut ProfileSettings, outcome: &str) -> Result<()> {
    let before = settings.sync.clone();
    settings.sync.new_account = false;
    settings.sync.force_one_way &= matches!(outcome, "nothing" | "synced");
    if settings.sync != before {
        settings::save(&profile.paths.settings(), settings)?;
    }
    Ok(())
}

/// Before an upload takes its place. An empty collection never does.
fn save_server(
    session: &Session,
    profile: &Locked,
    collection: &Collection,
    wire: &sync::Session<'_>,
) -> Result<()> {
    let folder = &profile.paths.folder;
    let fetched = sync::download(wire, folder, &session.progress)?;
    let copy = fetched.path();
    safety::save_server(&copy, folder, &session.clock, &session.progress)?;
    let is_empty = collection.storage().has_no_cards()?;
    if is_empty && !Storage::open_read_only(&copy)?.has_no_cards()? {
        return Err(Error::new(ErrorKind::Conflict, EMPTY));
    }
    Ok(())
}

/// Unless the newest verified backup is of this very state.
fn back_up(session: &Session, profile: &Locked, collection: &Collection) -> Result<()> {
    let storage = collection.storage();
    let last = catalog::last_verified(&profile.paths.folder, &session.clock)?;
    let modified = storage.col_row()?.mtime;
    if last.is_some_and(|last| last.collection_mod == modified) {
        return Ok(());
    }
    session.save(profile, collection, Reason::BeforeSync)?;
    Ok(())
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
            if args.most_deleted > Wish::default().stop_percent {
                session.meant_to_delete(profile, collection);
            }
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
    session.warn_of_all(&restored.warnings);
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
    safety::save_server(&fetched.path(), folder, &session.clock, &session.progress)
        .doing("save the server's collection")?;
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
    session.warn_of_all(&restored.warnings);
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
         {} others, {} deleted ({} notes of this computer, now in its trash: see `engram-cli history`); \
         {} older ones stayed behind, {} notes had their fields moved, {} cards have no place any more.",
        report.notes,
        report.cards,
        report.reviews,
        report.others,
        report.deleted,
        report.trashed,
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
    if args.most_deleted > Wish::default().stop_percent {
        let folder = profile.paths.backups();
        tripwire::explain(&folder, Explains::MEDIA, session.clock.now());
    }
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
    for name in &done.not_here {
        session.warn(&format!(
            "\u{201c}{name}\u{201d} stays on the server: no file of that name can stand in this \
             folder, or none beside another whose name differs only in upper and lower case"
        ));
    }
    for name in &done.lost_there {
        session.warn(&format!(
            "\u{201c}{name}\u{201d} is listed by the server, which does not have it any more"
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
        "not_here": done.not_here,
        "lost_there": done.lost_there,
    });
    Ok((text, told))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without a password for it, another server is never taken for the one that is named.
    #[test]
    fn a_login_that_is_kept_serves_only_whom_it_is_of() {
        let kept = r#"{"server":"https://moved.example/","user":"ann","key":"k"}"#;
        let account = Account::from_secret(kept).unwrap();
        let noted = "https://sync.example/";
        for (server, user, meant) in [
            (None, None, true),
            (Some(noted), Some(" ann "), true),
            (Some("https://moved.example/"), Some("ann"), true),
            (Some("https://other.example/"), Some("ann"), false),
            (Some(noted), Some("bob"), false),
        ] {
            assert_eq!(is_meant(&account, (noted, server), user), meant);
        }
    }
}
