//! `check-media` and `empty-cards`: they report; what they change is asked for by an option.

use super::args::{CheckMediaArgs, EmptyCardsArgs};
use super::output::{Answer, Doing as _, Failure};
use super::session::Session;
use crate::backup::entry::{Reason, Rules};
use crate::backup::media_repair::{Repair, Repaired};
use crate::backup::runs::{self, Kind, Outcome};
use crate::backup::tripwire::{self, Explains};
use crate::backup::{catalog, copies};
use crate::base::error::Result;
use crate::base::json_path::JsonPath;
use crate::collection::Collection;
use crate::collection::bit_rot::RotLook;
use crate::domain::media_report::MissingFrom;
use crate::service::profiles::ProfilePaths;
use crate::service::settings;
use serde_json::json;

pub(super) fn check_media(session: &Session, args: &CheckMediaArgs) -> Result<Answer, Failure> {
    const DOING: &str = "check the media folder";
    let profile = session.lock()?;
    let mut collection = session.open(&profile)?;
    let progress = &session.progress;
    let mut report = collection.check_media(progress).doing(DOING)?;
    let mut renamed = 0;
    let mut safety = None;
    if args.rename && !report.renames.is_empty() {
        safety = session.back_up_before(&profile, &collection, Reason::BeforeReplace)?;
        let done = collection.rename_media(progress);
        renamed = done.doing("rename the files")?.value;
        report = collection.check_media(progress).doing(DOING)?;
    }
    let mut discarded = 0;
    if args.trash_unused {
        let names: Vec<String> = report.unused.iter().map(|f| f.name.clone()).collect();
        let moved = collection.discard_media(&names, progress);
        discarded = moved.doing("move the files to the trash")?;
    }
    let mut rot = None;
    if args.bit_rot {
        let looked = look_for_rot(session, &profile.paths, &collection);
        rot = Some(looked.doing("read the media files")?);
    }
    let mut repaired = Repaired::default();
    if args.repair {
        repaired = repair(session, &profile.paths).doing("repair the media files")?;
    }
    if args.bit_rot || args.repair {
        report = collection.check_media(progress).doing(DOING)?;
    }
    if renamed + discarded > 0 || args.repair {
        let (folder, now) = (profile.paths.backups(), session.clock.now());
        tripwire::explain(&folder, Explains::MEDIA, now);
    }
    collection.close().doing("close the collection")?;
    let counts = [
        ("damaged", report.rotten.len()),
        ("missing", report.missing.len()),
        ("unused", report.unused.len()),
        ("unfit-name", report.renames.len()),
        ("oversize", report.oversize.len()),
        ("subfolder", report.folders.len()),
    ];
    let problems = counts.iter().filter(|(_, count)| *count > 0);
    let problems: Vec<_> = problems
        .map(|(kind, count)| json!({"kind": kind, "count": count}))
        .collect();
    let mut lines: Vec<String> = Vec::new();
    for missing in &report.missing {
        let from = match &missing.from {
            MissingFrom::Notes { count, .. } => format!("notes: {count}"),
            MissingFrom::Notetype(name) => format!("note type {name}"),
        };
        lines.push(format!("missing: {} ({from})", missing.name));
    }
    lines.extend(report.unused.iter().map(|f| format!("unused: {}", f.name)));
    let renames = report.renames.iter();
    lines.extend(renames.map(|r| format!("unfit name: {} -> {}", r.old, r.new)));
    let oversize = report.oversize.iter();
    lines.extend(oversize.map(|f| format!("over 100 MB: {}", f.name)));
    lines.extend(report.folders.iter().map(|f| format!("subfolder: {f}")));
    let rotten = report.rotten.iter();
    lines.extend(rotten.map(|f| format!("damaged: {}", f.name)));
    if args.repair {
        lines.push(repaired.told());
    }
    if lines.is_empty() {
        lines.push("Nothing is wrong.".to_owned());
    }
    if let Some(rot) = rot {
        lines.push(rot.told());
    }
    let names = |files: &[crate::domain::media_report::UnusedFile]| -> Vec<String> {
        files.iter().map(|f| f.name.clone()).collect()
    };
    let renames = report.renames.iter();
    Ok(Answer::new(
        lines.join("\n"),
        json!({
            "ok": report.is_clean(),
            "problems": problems,
            "safety_backup": safety.as_deref().map(JsonPath),
            "missing": report.missing.iter().map(|m| &m.name).collect::<Vec<_>>(),
            "notes_missing": report.notes_missing.iter().map(|id| id.0).collect::<Vec<_>>(),
            "unused": names(&report.unused),
            "unfit_names": renames.map(|r| [&r.old, &r.new]).collect::<Vec<_>>(),
            "oversize": names(&report.oversize),
            "subfolders": report.folders,
            "damaged": names(&report.rotten),
            "read": rot.map(|rot| rot.files),
            "repaired": repaired.repaired,
            "not_repaired": repaired.left,
            "renamed": renamed,
            "moved_to_trash": discarded,
        }),
    ))
}

fn look_for_rot(
    session: &Session,
    paths: &ProfilePaths,
    collection: &Collection,
) -> Result<RotLook> {
    let clock = &session.clock;
    runs::logged(
        &paths.backups(),
        Kind::MediaCheck,
        None,
        None,
        clock,
        || collection.look_for_rot(clock.now(), &session.progress),
        |look| {
            let outcome = match look.rotten {
                0 => Outcome::Done,
                _ => Outcome::Failed,
            };
            (outcome, look.told())
        },
    )
}

/// From the media trash, backups and the second folder; a run in the log.
fn repair(session: &Session, paths: &ProfilePaths) -> Result<Repaired> {
    let (progress, clock) = (&session.progress, &session.clock);
    let (settings, _) = settings::load(&paths.settings())?;
    let work = || {
        let mut repair = Repair::begin(&paths.collection())?;
        repair.try_trash(progress)?;
        let rules = Rules::default();
        // Either may be on a disk that is away.
        let own = catalog::list(&paths.folder, &rules, clock);
        let mut packages = repair.reached("Backups folder", own)?;
        if let Some(chosen) = &settings.second_backups_folder {
            let second = copies::list(&paths.folder, chosen, &rules, clock);
            packages.extend(repair.reached("Second backups folder", second)?);
        }
        for package in packages {
            if !repair.is_done() {
                repair.try_package(&package.path, progress)?;
            }
        }
        Ok(repair.finish())
    };
    let (log, kind) = (paths.backups(), Kind::MediaRepair);
    runs::logged(&log, kind, None, None, clock, work, Repaired::outcome)
}

pub(super) fn empty_cards(session: &Session, args: &EmptyCardsArgs) -> Result<Answer, Failure> {
    const DOING: &str = "look for empty cards";
    let profile = session.lock()?;
    let mut collection = session.open(&profile)?;
    let report = collection
        .find_empty_cards(&session.progress)
        .doing(DOING)?;
    let mut safety = None;
    let removed = if args.delete && !report.is_empty() {
        safety = session.back_up_before(&profile, &collection, Reason::BeforeDelete)?;
        let removed = collection.remove_empty_cards(&report, args.keep_notes);
        removed.doing("delete the empty cards")?.value
    } else {
        crate::collection::removal::Removed::default()
    };
    collection.close().doing("close the collection")?;
    let cards: usize = report.iter().map(|note| note.cards.len()).sum();
    let problems = match cards {
        0 => vec![],
        count => vec![json!({"kind": "empty-card", "count": count})],
    };
    let mut lines: Vec<String> = report
        .iter()
        .map(|note| format!("{} {}: {}", note.note, note.title, note.names.join(", ")))
        .collect();
    if lines.is_empty() {
        lines.push("No empty cards.".to_owned());
    }
    Ok(Answer::new(
        lines.join("\n"),
        json!({
            "ok": report.is_empty(),
            "problems": problems,
            "safety_backup": safety.as_deref().map(JsonPath),
            "notes": report.iter().map(|note| json!({
                "note": note.note.0,
                "cards": note.cards.iter().map(|id| id.0).collect::<Vec<_>>(),
                "all_cards": note.whole_note,
            })).collect::<Vec<_>>(),
            "deleted": {"cards": removed.cards, "notes": removed.notes},
        }),
    ))
}
