//! `health` and `backup drill`.

use super::alarm;
use super::output::{Answer, Doing as _, Failure, size};
use super::session::Session;
use crate::backup::copies;
use crate::backup::drill::{self, Drilled};
use crate::backup::health::{self, Health, Known};
use crate::base::count::counted;
use crate::base::error::{ErrorKind, Result};
use crate::base::json_path::JsonPath;
use crate::base::time::TimestampMillis;
use crate::collection::bit_rot;
use crate::service::settings;
use crate::storage::compare::Saved;
use serde_json::{Value, json};
use std::path::Path;

/// Runs that the text shows.
const RUNS_SHOWN: usize = 10;

pub(super) fn health(session: &Session) -> Result<Answer, Failure> {
    const DOING: &str = "look how safe everything is";
    let profile = session.lock()?;
    let folder = profile.paths.folder.clone();
    let (settings, _) = settings::load(&profile.paths.settings()).doing(DOING)?;
    let rules = session.rules(&profile.paths)?;
    let last = health::last_verified(&folder, &session.clock).doing(DOING)?;
    // A collection that cannot be opened must not hide its backups.
    let at_risk = match session.open(&profile) {
        Ok(mut collection) => {
            let changed = collection.changed_since(last.map(|last| Saved {
                at: last.at,
                collection_mod: last.collection_mod,
            }));
            collection.close().doing("close the collection")?;
            Some(changed.doing(DOING)?)
        }
        Err(failure) => {
            session.warn(&format!(
                "The collection cannot be opened: {}",
                failure.error
            ));
            None
        }
    };
    let mut others = Vec::new();
    if let Some(chosen) = &settings.second_backups_folder {
        others.extend(copies::counted(&folder, chosen, &rules, &session.clock).doing(DOING)?);
    }
    let looked = bit_rot::last_look(&profile.paths.collection()).doing(DOING)?;
    let known = Known {
        profile_dir: folder,
        rules,
        drill_days: settings.restore_drill_days,
        at_risk,
        next_backup: None,
        others,
        mail: settings.mail.clone(),
        media_check: (settings.media_check_days, looked),
    };
    let health = health::gather(known, &session.clock).doing(DOING)?;
    Ok(Answer::new(text(session, &health), object(&health)))
}

fn text(session: &Session, health: &Health) -> String {
    let time = |at: TimestampMillis| {
        let local = session.clock.local(at);
        local.strftime("%Y-%m-%d %H:%M").to_string()
    };
    let or_never = |at: Option<TimestampMillis>| at.map_or_else(|| "never".to_owned(), time);
    let mut lines = alarm::lines(health.alarm.as_ref());
    lines.extend(
        health
            .now(time)
            .map(|(name, said)| format!("{name}: {said}")),
    );
    let verdict = health.verdict;
    lines.push(format!(
        "Copies: {} on {}, {} elsewhere. {}",
        verdict.copies,
        counted(verdict.disks as u64, "disk", "disks"),
        verdict.elsewhere,
        if verdict.is_met() {
            "That is three copies, two disks, one elsewhere.".to_owned()
        } else {
            verdict.missing().join(" ")
        }
    ));
    for place in &health.places {
        let absent = if place.absent { " (absent)" } else { "" };
        lines.push(format!("  {}: {}{absent}", place.name, place.path));
        if place.at.is_some() && !place.one_way {
            lines.push(format!("    verified: {}", or_never(place.verified)));
        }
        if let Some(tried) = place.tried {
            lines.push(format!("    restored for a trial: {}", or_never(tried)));
        }
        if let Some(trouble) = &place.trouble {
            lines.push(format!("    trouble: {trouble}"));
        }
    }
    lines.push(format!(
        "Last restore drill: {}",
        or_never(health.drill.done_at)
    ));
    if let Some((at, why)) = &health.drill.failed {
        lines.push(format!("  The one of {} failed: {why}", time(*at)));
    }
    if let Some(mail) = &health.mail {
        let next = mail.next.map_or_else(|| "only by hand".to_owned(), time);
        let sent = or_never(mail.sent_at);
        lines.push(format!("Backups by e-mail: last {sent}, next {next}"));
        if let (None, Some((at, why))) = (mail.sent_at, &mail.failed) {
            lines.push(format!("  The one of {} failed: {why}", time(*at)));
        }
    }
    if let Some(at) = health.next_media_check {
        lines.push(format!("Media files are read next: {}", time(at)));
    }
    let free = health.free.map(|free| format!(", {} free", size(free)));
    lines.push(format!(
        "Space: {}, {}{}",
        counted(health.backups, "backup", "backups"),
        size(health.bytes),
        free.unwrap_or_default()
    ));
    let goes = health.planned.iter().filter_map(|p| Some((p, p.goes?)));
    for (planned, day) in goes {
        let name = planned.entry.path.file_name().unwrap_or_default();
        lines.push(format!("  {} goes on {day}", name.to_string_lossy()));
    }
    for run in health.runs.iter().take(RUNS_SHOWN) {
        lines.push(format!(
            "{}  {:<18} {:<10} {}",
            time(run.begun.at),
            run.begun.kind.label(),
            run.outcome.label(),
            run.said
        ));
    }
    lines.join("\n")
}

fn object(health: &Health) -> Value {
    let planned = health.planned.iter().map(|p| {
        json!({
            "path": JsonPath(&p.entry.path),
            "created": p.entry.created,
            "size": p.entry.size,
            "pinned": p.entry.pinned.is_some(),
            "note": p.entry.note,
            "keep": p.entry.keep,
            "goes": p.goes.map(|day| day.to_string()),
        })
    });
    let verdict = health.verdict;
    json!({
        "last_verified": health.last_verified,
        "at_risk": health.at_risk,
        "alarm": alarm::value(health.alarm.as_ref()),
        "places": health.places,
        "three_two_one": {
            "copies": verdict.copies,
            "disks": verdict.disks,
            "elsewhere": verdict.elsewhere,
            "behind": verdict.behind,
            "ok": verdict.is_met(),
            "missing": verdict.missing(),
        },
        "space": {"backups": health.backups, "bytes": health.bytes, "free": health.free},
        "retention": planned.collect::<Vec<_>>(),
        "drill": {
            "last_success": health.drill.done_at,
            "failed": health.drill.failed,
            "due": health.drill.due,
            "every_days": health.drill.every_days,
        },
        "mail": health.mail,
        "next_media_check": health.next_media_check,
        "runs": health.runs,
    })
}

pub(super) fn drill(session: &Session, file: Option<&Path>) -> Result<Answer, Failure> {
    const DOING: &str = "restore a backup for a trial";
    let profile = session.lock()?;
    let path = file.map(|file| session.backup_path(file));
    let tried = drill::drill(
        &profile.paths.folder,
        path.as_deref(),
        &session.clock,
        &session.progress,
    );
    drilled(tried, DOING)
}

/// What a drill found, of whatever it restored.
pub(super) fn drilled(tried: Result<Drilled>, doing: &'static str) -> Result<Answer, Failure> {
    let done = match tried {
        Err(e) if e.kind() == ErrorKind::Corrupt => {
            let said = format!("The drill failed: {}", e.what());
            let finding = json!({"ok": false, "path": e.path().map(JsonPath), "finding": e.what()});
            return Ok(Answer {
                damaged: true,
                ..Answer::new(said, finding)
            });
        }
        tried => tried.doing(doing)?,
    };
    let said = format!(
        "{} was restored for a trial: {} notes, {} cards, {} reviews, {} rows compared.",
        done.backup.display(),
        done.contents.notes,
        done.contents.cards,
        done.contents.revlog,
        done.rows
    );
    let lines = std::iter::once(said).chain(done.warnings.iter().cloned());
    Ok(Answer::new(
        lines.collect::<Vec<_>>().join("\n"),
        json!({
            "ok": true,
            "path": JsonPath(&done.backup),
            "at": done.at,
            "notes": done.contents.notes,
            "cards": done.contents.cards,
            "revlog": done.contents.revlog,
            "rows": done.rows,
            "media_files": done.media_files,
            "warnings": done.warnings,
        }),
    ))
}
