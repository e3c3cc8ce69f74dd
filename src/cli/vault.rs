//! `vault …`; what stays in it is in `keep`.

mod keep;

use super::alarm::require_answer;
use super::args::{LoginArgs, VaultArgs, VaultCommand};
use super::encrypted::{VARIABLE, account_password, or_exact, password, required_password};
use super::output::{Answer, Doing as _, Failure, size, whats};
use super::session::{Locked, Session};
use super::source::NEWEST;
use crate::backup::runs;
use crate::backup::vault::book;
use crate::backup::vault::drill as vault_drill;
use crate::backup::vault::push::Prepared;
use crate::backup::vault::restore;
use crate::backup::vault::restore::short;
use crate::backup::vault::sheet::Sheet;
use crate::backup::vault::tidy::{self, Wanted};
use crate::backup::vault::{Account, Destination, Findings, Patience, Setting, Snapshot, Vault};
use crate::base::files::write_atomic;
use crate::base::json_path::JsonPath;
use crate::base::{Error, ErrorKind, Result, Secret, remarks};
use crate::collection::Collection;
use crate::net::oauth::Keep;
use crate::net::{Http, http_for_job};
use crate::secrets::{Keychain, Secrets as _};
use crate::service::profiles::ProfilePaths;
use crate::service::secret_names;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::thread;

pub(super) fn run(session: &Session, command: VaultCommand) -> Result<Answer, Failure> {
    match command {
        VaultCommand::Login(args) => login(session, &args),
        VaultCommand::Init {
            vault,
            recovery_password_file,
        } => init(session, &vault, recovery_password_file.as_deref()),
        VaultCommand::Push { vault, force } => push(session, &vault, force),
        VaultCommand::List { vault } => list(session, &vault),
        VaultCommand::Verify { vault, read_data } => verify(session, &vault, read_data),
        VaultCommand::Drill { vault: args } => {
            let file = args.password_file.as_deref();
            let open = |password| opened(&setting_with(session, &args, password)?, file);
            drill(session, required_password(file), open, &args.to, NEWEST)
        }
        VaultCommand::Restore {
            vault: args,
            snapshot,
        } => {
            let vault = open(session, &args).doing("restore from the vault")?;
            restore(session, &vault, &snapshot)
        }
        VaultCommand::RecoverySheet {
            vault,
            out,
            with_password,
        } => recovery_sheet(session, &vault, &out, with_password),
        VaultCommand::ChangePassword {
            vault,
            new_password_file,
        } => change_password(session, &vault, &new_password_file),
        VaultCommand::Forget(args) => keep::forget(session, &args),
        VaultCommand::Keep(args) => keep::keep(session, &args),
    }
}

fn setting(session: &Session, args: &VaultArgs) -> Result<Setting> {
    let password = required_password(args.password_file.as_deref())?;
    setting_with(session, args, password)
}

pub(super) fn setting_with(
    session: &Session,
    args: &VaultArgs,
    password: Secret,
) -> Result<Setting> {
    let destination: Destination = args.to.parse()?;
    let (account, keep) = account(&destination, args.account_password_file.as_deref())?;
    Ok(Setting {
        destination,
        account,
        keep,
        password,
        opened: session.opened.clone(),
        net: Arc::new(Http::new()),
        clock: session.clock.clone(),
        progress: session.progress.clone(),
        patience: Patience::default(),
    })
}

/// The account, and where it is put when the service renews it.
fn account(destination: &Destination, file: Option<&Path>) -> Result<(Account, Option<Keep>)> {
    let signs_in = destination.cloud().is_some();
    if let Some(file) = file {
        let path = file.to_owned();
        let is_file = signs_in && file != Path::new("-");
        let keep: Keep = Arc::new(move |grant| write_grant(&path, grant));
        let given = account_password(Some(file), VARIABLE)?;
        return Ok((given, is_file.then_some(keep)));
    }
    if let Ok(text) = std::env::var("ENGRAM_ACCOUNT_PASSWORD") {
        return Ok((Some(Secret::new(text)), None));
    }
    if !signs_in {
        return Ok((None, None));
    }
    let name = destination.account_name();
    let account = Keychain.get(&name)?.map(Secret::new);
    let keep: Keep = Arc::new(move |grant| Keychain.set(&name, grant.expose()));
    Ok((account, Some(keep)))
}

/// Temporary files are readable by their owner alone, and this one keeps that.
fn write_grant(path: &Path, grant: &Secret) -> Result<()> {
    write_atomic(path, |out| Ok(writeln!(out, "{}", grant.expose())?))
}

fn login(session: &Session, args: &LoginArgs) -> Result<Answer, Failure> {
    const DOING: &str = "sign in";
    let destination: Destination = args.to.parse().doing(DOING)?;
    let client_secret = match args.client_secret_file.as_deref() {
        Some(file) => account_password(Some(file), VARIABLE).doing(DOING)?,
        None => None,
    };
    if args.account_password_file.is_none() {
        // Better to know now than after the browser.
        let there = Keychain.get(&destination.account_name());
        there.doing("use the keychain; give --account-password-file FILE instead")?;
    }
    let begun = destination.sign_in(client_secret).doing(DOING)?;
    remarks::say(&format!(
        "Open this address in your browser:\n{}",
        begun.page()
    ));
    let net = http_for_job(&session.progress);
    let grant = begun.wait(&*net, &session.progress).doing(DOING)?;
    let grant = grant.to_text();
    let kept = match args.account_password_file.as_deref() {
        Some(file) => {
            write_grant(file, &grant).doing("keep the sign-in")?;
            file.display().to_string()
        }
        None => {
            let name = destination.account_name();
            let set = Keychain.set(&name, grant.expose());
            set.doing("keep the sign-in")?;
            "keychain".to_owned()
        }
    };
    Ok(Answer::new(
        format!("You are signed in: {}", destination.label()),
        json!({"signed_in": true, "vault": destination.to_string(), "kept_in": kept}),
    ))
}

fn open(session: &Session, args: &VaultArgs) -> Result<Vault> {
    opened(&setting(session, args)?, args.password_file.as_deref())
}

/// Opens it with the password that stands in `file`.
pub(super) fn opened(setting: &Setting, file: Option<&Path>) -> Result<Vault> {
    or_exact(setting.open(), file, |password| {
        setting.with_password(password).open()
    })
}

fn init(session: &Session, args: &VaultArgs, recovery: Option<&Path>) -> Result<Answer, Failure> {
    const DOING: &str = "make the vault";
    let recovery = match recovery {
        Some(file) => password(Some(file)).doing(DOING)?,
        None => None,
    };
    let setting = setting(session, args).doing(DOING)?;
    let data = session.data.path();
    setting.destination.refuse_inside(data).doing(DOING)?;
    let vault = setting.init().doing(DOING)?;
    if let Some(recovery) = &recovery {
        vault.add_password(recovery).doing(DOING)?;
    }
    let place = setting.destination.to_string();
    Ok(Answer::new(
        format!(
            "The vault is ready: {place}\nWrite its password down: without it nobody can open the vault, not even you."
        ),
        json!({"vault": place, "created": true, "recovery_password": recovery.is_some()}),
    ))
}

fn recovery_sheet(
    session: &Session,
    args: &VaultArgs,
    out: &Path,
    with_password: bool,
) -> Result<Answer, Failure> {
    const DOING: &str = "write the recovery sheet";
    if out.symlink_metadata().is_ok() {
        return Err(Error::invalid("there is a file of this name").at(out)).doing(DOING);
    }
    let setting = setting(session, args).doing(DOING)?;
    let open = |password: &Secret| {
        let vault = setting.with_password(password).open()?;
        Ok((vault, password.clone()))
    };
    let opened = or_exact(open(&setting.password), args.password_file.as_deref(), open);
    let (vault, password) = opened.doing(DOING)?;
    let profile = session.profile()?;
    let mut sheet = Sheet::of(&vault, &setting.destination, &profile.name, &session.clock);
    sheet.password = with_password.then_some(password);
    sheet.write(out).doing(DOING)?;
    let text = match with_password {
        true => "Print it, keep it elsewhere, and delete the file: the password is on it.",
        false => "Print it, write the password on it, and keep it elsewhere.",
    };
    Ok(Answer::new(
        format!("{}\n{text}", out.display()),
        json!({
            "written": JsonPath(out),
            "vault": setting.destination.to_string(),
            "repository": sheet.repository,
            "with_password": with_password,
        }),
    ))
}

fn change_password(session: &Session, args: &VaultArgs, new: &Path) -> Result<Answer, Failure> {
    const DOING: &str = "change the password of the vault";
    let new = required_password(Some(new)).doing(DOING)?;
    let setting = setting(session, args).doing(DOING)?;
    let place = setting.destination.to_string();
    let change = |old: &Secret| {
        setting.with_password(old).change_password(&new, || {
            let renewed = secret_names::renew_vault(&Keychain, &session.data, &place, old, &new);
            if let Err(error) = renewed {
                session.warn(&format!("The keychain keeps the old password: {error}"));
            }
            Ok(())
        })
    };
    let tried = change(&setting.password);
    let left = or_exact(tried, args.password_file.as_deref(), change).doing(DOING)?;
    if let Some(error) = &left {
        session.warn(&format!("The old password still opens the vault: {error}"));
    }
    let text = "The new password opens the vault. Write it down: recovery sheets with the old one \
                open nothing any more.";
    Ok(Answer::new(
        text,
        json!({"vault": place, "changed": true, "old_opens": left.is_some()}),
    ))
}

fn push(session: &Session, args: &VaultArgs, force: bool) -> Result<Answer, Failure> {
    const DOING: &str = "save to the vault";
    require_answer(session, &session.profile()?, force, DOING)?;
    let setting = setting(session, args).doing(DOING)?;
    // The key is made from the password meanwhile.
    let (vault, copied) = thread::scope(|scope| {
        let opening = scope.spawn(|| opened(&setting, args.password_file.as_deref()));
        let copied = copied(session);
        let vault = opening.join();
        let died = |_| Err(Error::bug("opening the vault ended unexpectedly"));
        (vault.unwrap_or_else(died), copied)
    });
    let (profile, collection, prepared) = copied?;
    let paths = &profile.paths;
    let vault = vault.doing(DOING)?;
    let of_place = keep::of_place(paths, &setting.destination).doing(DOING)?;
    let wanted = Wanted {
        label: paths.name.clone(),
        former: of_place.former,
        retention: of_place.retention,
        backups: session.rules(paths)?,
        clock: session.clock.clone(),
    };
    let pushed = runs::logged(
        &paths.backups(),
        runs::Kind::Vault,
        None,
        Some(Path::new(&args.to)),
        &session.clock,
        || tidy::push_and_thin(&vault, &paths.folder, &prepared, &wanted, force),
        |pushed| pushed.told(),
    )
    .doing(DOING)?;
    let now = session.clock.now();
    let findings = &pushed.findings.errors;
    note(session, paths, &args.to, |entry| {
        let copy = book::copy_of(&pushed, now, prepared.collection_mod());
        entry.saved(&paths.folder, copy, findings.first());
        entry.thinned(now, pushed.thinned.as_ref());
    });
    collection.close().doing("close the collection")?;
    if let Some(words) = pushed.notice {
        session.warn(words);
    }
    let snapshot = &pushed.snapshot;
    let mut text = format!(
        "Saved as {}: {}; {} files, {}, of which {} were sent.",
        short(&snapshot.id),
        snapshot.description,
        snapshot.files,
        size(snapshot.bytes),
        size(pushed.sent),
    );
    add_findings(&mut text, &pushed.findings);
    let mut row = row(snapshot);
    match &pushed.thinned {
        Some(Ok(tidied)) => {
            text.push_str(&keep::told(tidied, wanted.retention.quota));
            row["used"] = json!(tidied.used);
            row["above_quota"] = json!(tidied.above);
            let dropped = tidied.dropped.iter().map(|(snapshot, _)| &snapshot.id);
            row["dropped"] = json!(dropped.collect::<Vec<_>>());
        }
        Some(Err(error)) => session.warn(&format!("It was saved, but not thinned: {error}")),
        None => {}
    }
    row["sent"] = json!(pushed.sent);
    row["verified"] = json!(pushed.findings.errors.is_empty());
    row["findings"] = json!(pushed.findings.errors);
    Ok(Answer {
        damaged: !pushed.findings.errors.is_empty(),
        ..Answer::new(text, row)
    })
}

/// The profile, its open collection and a copy of that.
fn copied(session: &Session) -> Result<(Locked, Collection, Prepared), Failure> {
    const DOING: &str = "save to the vault";
    let profile = session.lock()?;
    let collection = session.open(&profile)?;
    let folder = &profile.paths.folder;
    let prepared = collection
        .storage()
        .while_frozen(|frozen| Prepared::copy(folder, frozen, &session.progress))
        .doing(DOING)?;
    Ok((profile, collection, prepared))
}

/// Keeps what was found in the profile's list of places, when the place is in it.
fn note(session: &Session, paths: &ProfilePaths, to: &str, change: impl FnOnce(&mut book::Entry)) {
    let noted = to
        .parse()
        .and_then(|destination| book::note(&paths.folder, &destination, change));
    if let Err(error) = noted {
        session.warn(&format!("The list of copies elsewhere: {error}"));
    }
}

/// Of the snapshot whose id begins with `id`; `to` is where the vault is.
pub(super) fn drill(
    session: &Session,
    password: Result<Secret>,
    open: impl FnOnce(Secret) -> Result<Vault>,
    to: &str,
    id: &str,
) -> Result<Answer, Failure> {
    const DOING: &str = "restore from the vault for a trial";
    let profile = session.lock()?;
    let paths = &profile.paths;
    let name = &paths.name;
    let is_given = password.is_ok();
    let open = || open(password?);
    let tried = vault_drill::drill(open, (to, id), &paths.folder, name, &session.clock);
    let now = session.clock.now();
    let failed = tried.as_ref().err().map(|e| e.what().to_owned());
    // A password that was given wrong, or not at all, says nothing of the place.
    let says_nothing =
        |e: &Error| !is_given || e.is_interrupted() || e.kind() == ErrorKind::WrongPassword;
    if !tried.as_ref().is_err_and(says_nothing) {
        note(session, paths, to, |entry| entry.was_tried(now, failed));
    }
    super::health::drilled(tried, DOING)
}

fn add_findings(text: &mut String, findings: &Findings) {
    for finding in &findings.errors {
        text.push_str(&format!("\nDamaged: {finding}"));
    }
    for finding in &findings.warnings {
        text.push_str(&format!("\nHarmless: {finding}"));
    }
}

fn row(snapshot: &Snapshot) -> Value {
    json!({
        "id": snapshot.id,
        "time": snapshot.time,
        "machine": snapshot.machine,
        "profile": snapshot.label,
        "path": snapshot.path,
        "files": snapshot.files,
        "size": snapshot.bytes,
        "added": snapshot.added,
        "description": snapshot.description,
    })
}

fn list(session: &Session, args: &VaultArgs) -> Result<Answer, Failure> {
    const DOING: &str = "list the vault";
    let vault = open(session, args).doing(DOING)?;
    let listing = vault.listing().doing(DOING)?;
    if let Some(words) = listing.told() {
        session.warn(&words);
    }
    let snapshots = &listing.snapshots;
    let lines: Vec<String> = snapshots
        .iter()
        .map(|s| {
            // How large it is is not known of what another program saved.
            let (bytes, label) = match s.label.as_str() {
                "" => (String::new(), "saved by another program"),
                label => (size(s.bytes), label),
            };
            format!(
                "{}  {}  {bytes:>9}  {label}  {}",
                short(&s.id),
                session.clock.local(s.time).strftime("%Y-%m-%d %H:%M:%S"),
                s.description
            )
        })
        .collect();
    let text = if lines.is_empty() && listing.damaged == 0 {
        "There is no snapshot in the vault yet.".to_owned()
    } else {
        lines.join("\n")
    };
    let rows: Vec<Value> = snapshots.iter().map(row).collect();
    let damaged = listing.damaged;
    Ok(Answer::new(
        text,
        json!({"snapshots": rows, "damaged": damaged}),
    ))
}

fn verify(session: &Session, args: &VaultArgs, data: bool) -> Result<Answer, Failure> {
    const DOING: &str = "verify the vault";
    let vault = open(session, args).doing(DOING)?;
    let findings = vault.check(data).doing(DOING)?;
    let count = vault.snapshots().doing(DOING)?.len();
    if data && let Ok(profile) = session.lock() {
        let now = session.clock.now();
        note(session, &profile.paths, &args.to, |entry| {
            entry.verified(now, findings.errors.first());
        });
    }
    let ok = findings.errors.is_empty();
    let mut text = if ok {
        let snapshots = if count == 1 { "snapshot" } else { "snapshots" };
        format!("The vault is sound; {count} {snapshots}.")
    } else {
        "The vault is damaged. Save to another place now; what can be read can be restored."
            .to_owned()
    };
    add_findings(&mut text, &findings);
    Ok(Answer {
        damaged: !ok,
        ..Answer::new(
            text,
            json!({
                "ok": ok,
                "read_data": data,
                "snapshots": count,
                "findings": findings.errors,
                "warnings": findings.warnings,
            }),
        )
    })
}

/// The profile of `--profile`, if the vault knows it: one may be restored under another name.
pub(super) fn label_wanted<'a>(session: &'a Session, all: &[Snapshot]) -> Option<&'a str> {
    let known = |name: &&str| all.iter().any(|snapshot| snapshot.label == *name);
    session.named_profile().filter(known)
}

/// The snapshot whose id begins with `id`, or for `latest` the newest of the profile of `--profile`;
/// where that is none the vault knows, of any.
pub(super) fn chosen(session: &Session, vault: &Vault, id: &str) -> Result<Snapshot> {
    let named = session.named_profile();
    let found = match vault.find(id, named) {
        // A profile may be restored under another name.
        Err(error) if named.is_some() && error.kind() == ErrorKind::NotFound => {
            vault.find(id, None)
        }
        found => found,
    };
    found.map(|snapshot| Snapshot {
        // Of one that holds several profiles.
        label: match (snapshot.label.as_str(), named) {
            ("", Some(name)) => name.to_owned(),
            _ => snapshot.label,
        },
        ..snapshot
    })
}

/// The snapshot whose id begins with `id`.
pub(super) fn restore(session: &Session, vault: &Vault, id: &str) -> Result<Answer, Failure> {
    const DOING: &str = "restore from the vault";
    let snapshot = chosen(session, vault, id).doing(DOING)?;
    let (paths, is_new) = match session.named_profile() {
        Some(name) => match session.data.profile(name) {
            Ok(paths) => (paths, false),
            Err(_) => (session.data.create(name).doing("create the profile")?, true),
        },
        None if session.data.list().doing(DOING)?.is_empty() => {
            let name = match snapshot.label.as_str() {
                "" => "User 1",
                label => label,
            };
            (session.data.create(name).doing("create the profile")?, true)
        }
        None => (session.profile()?, false),
    };
    let profile = session.lock_profile(paths).doing("open the profile")?;
    let folder = &profile.paths.folder;
    let restored = restore::restore(vault, &snapshot, folder, &session.clock);
    let restored = match restored {
        Err(error) if is_new => {
            let name = profile.paths.name.clone();
            drop(profile);
            if let Err(error) = session.data.delete(&name, true) {
                session.warn(&format!(
                    "The profile “{name}” that was made could not be removed: {error}"
                ));
            }
            return Err(error).doing(DOING);
        }
        restored => restored.doing(DOING)?,
    };
    let contents = restored.contents;
    let text = format!(
        "Restored {} notes, {} cards, {} reviews and {} media files from {} to the profile {}.",
        contents.notes,
        contents.cards,
        contents.revlog,
        restored.media_added + restored.media_replaced,
        short(&snapshot.id),
        profile.paths.name,
    );
    let text = session.told_of(text, &restored);
    Ok(Answer::new(
        text,
        json!({
            "restored": true,
            "snapshot": snapshot.id,
            "profile": profile.paths.name,
            "safety_backup": restored.safety.path().map(JsonPath),
            "notes": contents.notes,
            "cards": contents.cards,
            "revlog": contents.revlog,
            "media_added": restored.media_added,
            "media_replaced": restored.media_replaced,
            "warnings": whats(&restored.warnings),
        }),
    ))
}
