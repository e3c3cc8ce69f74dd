//! `vault forget`, `vault keep`: what stays in a vault.

use super::{open, row};
use crate::backup::tripwire;
use crate::backup::vault::Destination;
use crate::backup::vault::book::{self, Entry};
use crate::backup::vault::retention::{Keep, Retention};
use crate::backup::vault::tidy::{self, Tidied, Wanted};
use crate::base::{Error, Result};
use crate::cli::alarm::require_answer;
use crate::cli::args::{ForgetArgs, KeepArgs};
use crate::cli::output::{Answer, Doing as _, Failure, size};
use crate::cli::session::Session;
use crate::service::profiles::ProfilePaths;
use serde_json::{Value, json};

/// What is known of a place; as of a new one, when it is not in the profile's list.
pub(super) fn of_place(paths: &ProfilePaths, place: &Destination) -> Result<Entry> {
    let entries = book::load(&paths.folder)?;
    let known = entries.into_iter().find(|e| e.destination == *place);
    Ok(known.unwrap_or_else(|| Entry::new(place.clone())))
}

pub(super) fn forget(session: &Session, args: &ForgetArgs) -> Result<Answer, Failure> {
    const DOING: &str = "forget snapshots";
    let vault = open(session, &args.vault).doing(DOING)?;
    if !args.snapshots.is_empty() {
        // A vault can be opened where there is no profile.
        if let Ok(paths) = session.profile() {
            require_answer(session, &paths, args.force, DOING)?;
        }
        let gone = tidy::forget(&vault, &args.snapshots).doing(DOING)?;
        let gone: Vec<String> = gone.into_iter().map(|snapshot| snapshot.id).collect();
        let text = format!("{} deleted", gone.len());
        return Ok(Answer::new(
            text,
            json!({"kept": [], "dropped": gone, "dry_run": false}),
        ));
    }
    let paths = session.profile()?;
    require_answer(session, &paths, args.force || args.dry_run, DOING)?;
    let place = args.vault.to.parse().doing(DOING)?;
    let of_place = of_place(&paths, &place).doing(DOING)?;
    let Retention { keep, quota } = of_place.retention;
    let keep = match (args.keep_last, keep) {
        (Some(n), _) => Keep::Last(n),
        // Whoever asks wants something to go.
        (None, Keep::All) => Keep::LikeBackups,
        (None, keep) => keep,
    };
    let quota = args.quota.or(quota);
    let wanted = Wanted {
        label: paths.name.clone(),
        former: of_place.former,
        retention: Retention { keep, quota },
        backups: session.rules(&paths)?,
        clock: session.clock.clone(),
    };
    let tidied = match args.dry_run {
        true => tidy::plan(&vault, &wanted),
        false => tidy::thin(&vault, &wanted),
    };
    let tidied = tidied.doing(DOING)?;
    if !args.dry_run
        && let Ok(profile) = session.lock()
    {
        let now = session.clock.now();
        super::note(session, &profile.paths, &args.vault.to, |entry| {
            // A quota for this once says nothing about the place's own.
            if entry.retention.quota == quota {
                entry.thinned(now, Some(&Ok(tidied.clone())));
            }
        });
    }
    let verb = match (args.dry_run, tripwire::alarm(&paths.backups())) {
        (true, Some(_)) => "would be deleted, but not before `backup accept`",
        (true, None) => "would be deleted",
        (false, _) => "deleted",
    };
    let mut text = format!(
        "{} kept, {} {verb}",
        tidied.kept.len(),
        tidied.dropped.len()
    );
    for (snapshot, why) in &tidied.dropped {
        let when = session.clock.local(snapshot.time);
        let id = crate::backup::vault::restore::short(&snapshot.id);
        let when = when.strftime("%Y-%m-%d %H:%M:%S");
        text.push_str(&format!("\n{id}  {when}  {}", why.label()));
    }
    let about = match args.dry_run {
        true => "about ",
        false => "",
    };
    text.push_str(&format!("\nIt takes {about}{} then.", size(tidied.used)));
    if tidied.above {
        text.push_str(&above(quota));
    }
    let kept: Vec<Value> = tidied
        .kept
        .iter()
        .map(|(s, reasons)| json!({"id": s.id, "time": s.time, "reasons": reasons}))
        .collect();
    let dropped: Vec<&String> = tidied.dropped.iter().map(|(s, _)| &s.id).collect();
    let reasons: Vec<Value> = tidied
        .dropped
        .iter()
        .map(|(snapshot, why)| {
            let mut row = row(snapshot);
            row["why"] = json!(why);
            row
        })
        .collect();
    Ok(Answer::new(
        text,
        json!({
            "kept": kept,
            "dropped": dropped,
            "dropped_items": reasons,
            "dry_run": args.dry_run,
            "used": tidied.used,
            "quota": quota,
            "above_quota": tidied.above,
        }),
    ))
}

fn above(quota: Option<u64>) -> String {
    let quota = size(quota.unwrap_or_default());
    format!(
        "\nThat is more than the quota of {quota}, and nothing more is deleted: the newest snapshot and other profiles' stay. Raise the quota, or save to another place as well."
    )
}

/// After a save: what was deleted, and how much is in use.
pub(super) fn told(tidied: &Tidied, quota: Option<u64>) -> String {
    let mut text = match (tidied.dropped.len(), quota) {
        (0, None) => return String::new(),
        (0, Some(quota)) => {
            let quota = size(quota);
            format!("\nThe vault takes {} of {quota}.", size(tidied.used))
        }
        (gone, _) => format!(
            "\n{gone} older snapshots were deleted; the vault takes {}.",
            size(tidied.used)
        ),
    };
    if tidied.above {
        text.push_str(&above(quota));
    }
    text
}

pub(super) fn keep(session: &Session, args: &KeepArgs) -> Result<Answer, Failure> {
    const DOING: &str = "say what stays in the vault";
    let destination: Destination = args.to.parse().doing(DOING)?;
    let profile = session.lock()?;
    let folder = &profile.paths.folder;
    let mut entries = book::load(folder).doing(DOING)?;
    let entry = entries.iter_mut().find(|e| e.destination == destination);
    let entry = entry
        .ok_or_else(|| {
            Error::not_found(
                "this place is not in the profile's list; add it in Backups > Copies Elsewhere, or \
                 use vault forget --keep-last and --quota",
            )
        })
        .doing(DOING)?;
    let before = entry.retention;
    let mut now = before;
    if let Some(keep) = chosen(args, before.keep) {
        now.keep = keep;
    }
    if args.no_quota {
        now.quota = None;
    }
    now.quota = args.quota.or(now.quota);
    entry.retention = now;
    let space = entry.space;
    if now != before {
        book::save(folder, &entries).doing(DOING)?;
    }
    let mut text = words(now.keep);
    match now.quota {
        Some(quota) => text.push_str(&format!("; the vault may take {}.", size(quota))),
        None => text.push_str("; the vault may take what it needs."),
    }
    if let Some(space) = space {
        let when = session.clock.local(space.at).strftime("%Y-%m-%d %H:%M");
        text.push_str(&format!(" It took {} on {when}.", size(space.bytes)));
    }
    Ok(Answer::new(
        text,
        json!({
            "vault": destination.to_string(),
            "keep": now.keep,
            "quota": now.quota,
            "used": space.map(|space| space.bytes),
            "used_at": space.map(|space| space.at),
            "changed": now != before,
        }),
    ))
}

/// What the options say; of days, weeks and months that are not named, what was there stays.
fn chosen(args: &KeepArgs, before: Keep) -> Option<Keep> {
    let (of_days, of_weeks, of_months) = (args.daily, args.weekly, args.monthly);
    let calendar = of_days.or(of_weeks).or(of_months).is_some();
    let (daily, weekly, monthly) = match before {
        Keep::Calendar {
            daily,
            weekly,
            monthly,
        } => (daily, weekly, monthly),
        Keep::All | Keep::LikeBackups | Keep::Last(_) => (0, 0, 0),
    };
    match () {
        () if args.all => Some(Keep::All),
        () if args.like_backups => Some(Keep::LikeBackups),
        () if calendar => Some(Keep::Calendar {
            daily: of_days.unwrap_or(daily),
            weekly: of_weeks.unwrap_or(weekly),
            monthly: of_months.unwrap_or(monthly),
        }),
        () => args.keep_last.map(Keep::Last),
    }
}

fn words(keep: Keep) -> String {
    match keep {
        Keep::All => "All snapshots stay".to_owned(),
        Keep::LikeBackups => "What stays is what the rules of the backups keep".to_owned(),
        Keep::Calendar {
            daily,
            weekly,
            monthly,
        } => format!("{daily} daily, {weekly} weekly and {monthly} monthly snapshots stay"),
        Keep::Last(n) => format!("The last {n} snapshots stay"),
    }
}
