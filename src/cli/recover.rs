//! `backup diff` and `backup recover`: what differs, and single notes taken back.

use super::args::{ModeArg, RecoverArgs, SourceArgs};
use super::output::{Answer, Doing as _, Failure, whats};
use super::session::Session;
use super::source::Source;
use crate::backup::entry::Reason;
use crate::backup::recover_media::RecoveredMedia;
use crate::backup::stage::{Backup, MediaWish, Verified};
use crate::base::count::counted;
use crate::base::ids::{DeckConfigId, NoteId};
use crate::base::json_path::JsonPath;
use crate::base::{Error, ErrorKind, Result};
use crate::collection::explore_items::items as items_beside_notes;
use crate::collection::find::moment_of;
use crate::collection::recover::{Wish, media_of};
use crate::domain::explorer::{Change, Compared, Item, ItemKind, ListedItem, NotetypeNow};
use crate::domain::notetype_diff::differing;
use crate::domain::recovery::{Recovered, Skip, WorkloadChange};
use crate::domain::word_diff::{Piece, word_diff};
use crate::search::ast::Node;
use crate::search::{build, print};
use crate::storage::Storage;
use crate::storage::compare::{Comparison, Tally, compare};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

/// Lines of a kind that are written out; programs get all that they stand for.
const MOST_LINES: usize = 20;

/// A backup, unpacked, checked and open for reading.
struct Opened {
    storage: Storage,
    // They delete their folders; the file inside is open until then.
    _backup: Backup<Verified>,
    source: Source,
}

fn open(session: &Session, file: &Path, args: &SourceArgs) -> Result<Opened> {
    let source = Source::open(session, file, args)?;
    let progress = &session.progress;
    let backup = Backup::to_explore(source.path())?;
    let backup = backup.verify(source.room(), MediaWish::Ignore, progress)?;
    let storage = backup.open(&session.clock, progress)?;
    Ok(Opened {
        storage,
        _backup: backup,
        source,
    })
}

pub(super) fn diff(
    session: &Session,
    file: &Path,
    against: Option<&Path>,
    limit: usize,
    args: &SourceArgs,
) -> Result<Answer, Failure> {
    const DOING: &str = "compare the backup";
    let earlier = open(session, file, args).doing(DOING)?;
    if let Some(against) = against {
        let present = open(session, against, args).doing(DOING)?;
        return difference(session, &earlier.storage, &present.storage, limit).doing(DOING);
    }
    let profile = session.lock()?;
    let collection = session.open(&profile)?;
    let answer = difference(session, &earlier.storage, collection.storage(), limit).doing(DOING)?;
    collection.close().doing("close the collection")?;
    Ok(answer)
}

fn difference(
    session: &Session,
    earlier: &Storage,
    present: &Storage,
    limit: usize,
) -> Result<Answer> {
    let found = compare(earlier, present, &session.progress)?;
    let items = items(earlier, present, &found, limit)?;
    let notetypes = notetype_items(earlier, present)?;
    let others = differing_items(earlier, present)?;
    let (notes, cards) = (found.note_tally(), found.card_tally());
    let mut text = String::new();
    for (what, tally) in [
        ("notes", notes),
        ("cards", cards),
        ("reviews", found.revlog),
        ("note types", found.notetypes),
        ("decks", found.decks),
    ] {
        text.push_str(&format!(
            "{:>7} {what} deleted, {} changed, {} added since\n",
            tally.deleted, tally.changed, tally.added
        ));
    }
    for name in earlier.damaged_decks() {
        text.push_str(&format!(
            "the settings of the deck {name} are damaged in the backup\n"
        ));
    }
    let damaged_presets: Vec<&String> = earlier.damaged_presets().iter().map(|(_, n)| n).collect();
    for name in &damaged_presets {
        text.push_str(&format!("the preset {name} is damaged in the backup\n"));
    }
    for name in earlier.damaged_notetypes() {
        text.push_str(&format!("the note type {name} is damaged in the backup\n"));
    }
    // Another backup is read as if it were mended.
    let unreadable: Vec<&String> = found
        .unreadable_decks
        .iter()
        .chain(present.damaged_decks())
        .collect();
    for name in &unreadable {
        text.push_str(&format!(
            "the deck {name} is damaged now and was not compared\n"
        ));
    }
    for item in notetypes.iter().chain(&others).chain(&items) {
        text.push_str(&format!("{item}\n"));
    }
    Ok(Answer::new(
        text.trim_end(),
        json!({
            "notes": counts(notes),
            "cards": counts(cards),
            "revlog": counts(found.revlog),
            "notetypes": counts(found.notetypes),
            "decks": counts(found.decks),
            "damaged_decks": earlier.damaged_decks(),
            "unreadable_decks": unreadable,
            "damaged_presets": damaged_presets,
            "damaged_notetypes": earlier.damaged_notetypes(),
            "notetype_items": notetypes,
            "other_items": others,
            "items": items,
        }),
    ))
}

/// Note types that are other ones now, with the parts that differ, word by word.
fn notetype_items(earlier: &Storage, present: &Storage) -> Result<Vec<Value>> {
    let found = differing(&earlier.all_notetypes()?, &present.readable_notetypes()?);
    let items = found.iter().map(|diff| match &diff.now {
        NotetypeNow::Changed(parts) => json!({
            "notetype": diff.name,
            "change": "changed",
            "parts": parts.iter().map(part).collect::<Vec<_>>(),
        }),
        NotetypeNow::Gone | NotetypeNow::Same => {
            json!({"notetype": diff.name, "change": "deleted", "parts": []})
        }
    });
    Ok(items.collect())
}

/// Presets and saved searches that are gone or others now.
fn differing_items(earlier: &Storage, present: &Storage) -> Result<Vec<Value>> {
    let mut differing = items_beside_notes(earlier, Some(present))?;
    differing.retain(|item| item.change.is_some());
    let items = differing.iter().map(|item| {
        let kind = match item.item.kind() {
            ItemKind::Media => "media_file",
            ItemKind::Preset => "preset",
            ItemKind::Search => "saved_search",
        };
        json!({
            kind: item.name,
            "change": item.change.map(word),
            "parts": item.parts.iter().map(part).collect::<Vec<_>>(),
        })
    });
    Ok(items.collect())
}

fn part(part: &Compared) -> Value {
    let is = part.is.as_deref().unwrap_or_default();
    let words = word_diff(&part.was, is);
    let words = words.iter().map(|piece| match piece {
        Piece::Same(words) => json!({"same": words}),
        Piece::Was(words) => json!({"was": words}),
        Piece::Is(words) => json!({"is": words}),
    });
    json!({
        "part": part.name,
        "was": part.was,
        "is": part.is,
        "words": words.collect::<Vec<_>>(),
    })
}

fn counts(tally: Tally) -> Value {
    json!({"added": tally.added, "changed": tally.changed, "deleted": tally.deleted})
}

/// Notes with the fields that differ (all fields of those that only one side has).
fn items(
    earlier: &Storage,
    present: &Storage,
    found: &Comparison,
    limit: usize,
) -> Result<Vec<Value>> {
    let mut items = Vec::new();
    for &(id, change) in found.notes.iter().take(limit) {
        let both = earlier
            .get_note(id)
            .and_then(|old| Ok((old, present.get_note(id)?)));
        let (old, new) = match both {
            Ok(both) => both,
            Err(error) if error.kind() == ErrorKind::Corrupt => {
                let why = error.what();
                items.push(json!({"id": id, "change": word(change), "unreadable": why}));
                continue;
            }
            Err(error) => return Err(error),
        };
        let Some(note) = old.as_ref().or(new.as_ref()) else {
            continue;
        };
        let side = if old.is_some() { earlier } else { present };
        let notetype = side.readable_notetype(note.notetype_id)?;
        let type_now = match &new {
            Some(new) => present.readable_notetype(new.notetype_id)?,
            None => None,
        };
        let mut fields = serde_json::Map::new();
        let mut taken = HashSet::new();
        for (i, text) in note.fields.iter().enumerate() {
            let name = notetype.as_ref().and_then(|n| n.fields.get(i));
            let name = name.map_or_else(|| format!("field {}", i + 1), |f| f.name.clone());
            let place = match (&type_now, &notetype) {
                (Some(now), Some(then)) => now.field_of(then, i),
                _ => None,
            };
            taken.extend(place);
            let now = new.as_ref().zip(place).and_then(|(n, i)| n.fields.get(i));
            match change {
                Change::Changed if now == Some(text) => continue,
                Change::Changed => fields.insert(name, json!({"was": text, "is": now})),
                Change::Deleted => fields.insert(name, json!({"was": text})),
                Change::Added => fields.insert(name, json!({"is": text})),
            };
        }
        let mut item = json!({
            "id": id,
            "change": word(change),
            "notetype": notetype.map(|n| n.name.clone()),
            "tags": note.tags,
        });
        if let (Change::Changed, Some(new), Some(type_now)) = (change, &new, &type_now) {
            let now = type_now.fields.iter().zip(&new.fields).enumerate();
            for (_, (field, text)) in
                now.filter(|(i, (_, text))| !taken.contains(i) && !text.is_empty())
            {
                fields.insert(field.name.clone(), json!({"was": null, "is": text}));
            }
            if new.tags != note.tags {
                item["tags_now"] = json!(new.tags);
            }
            if new.notetype_id != note.notetype_id {
                item["notetype_now"] = json!(type_now.name);
            }
        }
        item["fields"] = Value::Object(fields);
        items.push(item);
    }
    Ok(items)
}

fn word(change: Change) -> &'static str {
    match change {
        Change::Deleted => "deleted",
        Change::Changed => "changed",
        Change::Added => "added",
    }
}

pub(super) fn recover(session: &Session, args: &RecoverArgs) -> Result<Answer, Failure> {
    const DOING: &str = "recover from the backup";
    let earlier = open(session, &args.file, &args.source).doing(DOING)?;
    let storage = &earlier.storage;
    let mut wish = wish(session, storage, args).doing(DOING)?;
    let profile = session.lock()?;
    let mut collection = session.open(&profile)?;
    let day = earlier.source.day(session);
    wish.tag = format!("recovered::{day}");
    wish.suffix = format!("({day})");
    let mut wanted: BTreeSet<String> = args.media_file.iter().cloned().collect();
    if args.media || args.mode == ModeArg::Media {
        wanted.extend(media_of(storage, &wish, collection.storage()).doing(DOING)?);
    }
    if args.dry_run {
        let plan = collection.plan_recovery(storage, &wish, &session.progress);
        let plan = plan.doing(DOING)?;
        let load = match args.mode.mode().is_schedule() {
            true => {
                let load = collection.recovery_workload(storage, &wish, &session.progress);
                Some(load.doing(DOING)?)
            }
            false => None,
        };
        collection.close().doing("close the collection")?;
        return Ok(planned(plan, &wanted, load));
    }
    let replaces =
        args.mode != ModeArg::New || !wish.presets.is_empty() || !wish.searches.is_empty();
    let safety = match replaces {
        true => session.back_up_before(&profile, &collection, Reason::BeforeReplace)?,
        false => None,
    };
    let live = profile.paths.media();
    let brought = earlier.source.recover_media(session, &wanted, &live);
    let mut media = brought.doing(DOING)?;
    media.left.retain(|name| args.media_file.contains(name));
    wish.renamed_media.clone_from(&media.renamed);
    let done = collection.recover(storage, &wish, &session.progress);
    if done.is_err() {
        media.take_back(&live);
    }
    let done = done.doing(DOING)?.value;
    let warnings = session.warn_of_history(&mut collection);
    collection.close().doing("close the collection")?;
    let mut json = told_to_scripts(&done);
    json["recovered"]["media"] = json!(media.added.len());
    json["ids"] = json!(done.notes);
    json["missing_media"] = json!(media.missing);
    json["renamed_media"] = json!(media.renamed);
    json["left_media"] = json!(media.left);
    json["safety_backup"] = json!(safety.as_deref().map(JsonPath));
    json["warnings"] = json!(whats(&warnings));
    let first = format!(
        "{} notes, {} cards, {} reviews, {} media files recovered",
        done.notes.len(),
        done.cards,
        done.revlog,
        media.added.len()
    );
    Ok(Answer::new(told(first, &done, &media), json))
}

/// What would come back, before anything does.
fn planned(mut plan: Recovered, wanted: &BTreeSet<String>, load: Option<WorkloadChange>) -> Answer {
    // Which files notes have to name anew is known only when these are there.
    plan.skipped.retain(|(_, why)| *why != Skip::FilesAreThere);
    let first = format!(
        "{} notes, {} cards, {} reviews would be recovered, {} media files looked for",
        plan.notes.len(),
        plan.cards,
        plan.revlog,
        wanted.len()
    );
    let mut text = told(first, &plan, &RecoveredMedia::default());
    text.push_str("\nnothing was written: all this is what would be done");
    let mut json = told_to_scripts(&plan);
    json["dry_run"] = json!(true);
    json["wanted_media"] = json!(wanted);
    if let Some(WorkloadChange { before, after }) = load {
        for (within, now, then) in [
            ("today", before.today, after.today),
            ("within 7 days", before.days_7, after.days_7),
            ("within 30 days", before.days_30, after.days_30),
        ] {
            text.push_str(&format!(
                "\n{now} cards are due {within}, and would be {then}"
            ));
        }
        json["due"] = json!(load);
    }
    Answer::new(text, json)
}

fn told_to_scripts(done: &Recovered) -> Value {
    let skipped = done.skipped.iter();
    let skipped = skipped.map(|(id, why)| json!({"id": id, "why": why.label()}));
    json!({
        "recovered": {
            "notes": done.notes.len(),
            "cards": done.cards,
            "revlog": done.revlog,
        },
        "notetypes": done.notetypes,
        "decks": done.decks,
        "presets": done.presets,
        "put_back": done.put_back,
        "damaged_decks": done.damaged_decks,
        "damaged_presets": done.damaged_presets,
        "not_replayed": done.not_replayed,
        "synced_resets": done.synced_resets,
        "skipped": skipped.collect::<Vec<_>>(),
    })
}

/// What came back and what did not, line by line.
fn told(mut text: String, done: &Recovered, media: &RecoveredMedia) -> String {
    for (what, names) in [
        ("note type", &done.notetypes),
        ("deck", &done.decks),
        ("preset", &done.presets),
    ] {
        for name in names {
            text.push_str(&format!("\nthe {what} {name} came along"));
        }
    }
    for name in &done.put_back {
        text.push_str(&format!("\n{name} was put back"));
    }
    let skipped = done.skipped.iter();
    let left_alone = skipped.map(|(id, why)| format!("note {id} was left alone: {}", why.label()));
    list(&mut text, left_alone);
    for name in &done.damaged_decks {
        text.push_str(&format!(
            "\nthe settings of the deck {name} are damaged in the backup: it has those of a new deck"
        ));
    }
    for name in &done.damaged_presets {
        text.push_str(&format!(
            "\nthe preset {name} is damaged in the backup: decks that used it have the Default preset"
        ));
    }
    if done.not_replayed > 0 {
        text.push_str(&format!(
            "\n{} the schedule of the backup without the answers since: the settings of its deck are \
             damaged",
            counted(done.not_replayed, "card has", "cards have")
        ));
    }
    if done.synced_resets > 0 {
        text.push_str(&format!(
            "\n{} reset on other devices too, whose review logs keep that until the whole collection is \
             uploaded",
            counted(done.synced_resets, "card was", "cards were")
        ));
    }
    let missing = media.missing.iter();
    let missing =
        missing.map(|name| format!("the file {name} is missing or damaged in the backup"));
    list(&mut text, missing);
    let renamed: BTreeMap<&String, &String> = media.renamed.iter().collect();
    let renamed = renamed.into_iter().map(|(name, now)| {
        format!("the file {name} is called {now} here, where another one has its name")
    });
    list(&mut text, renamed);
    let left = media.left.iter();
    let left =
        left.map(|name| format!("the file {name} was left as it is here, as templates may use it"));
    list(&mut text, left);
    text
}

/// A line each, as far as they can be read on a screen.
fn list(text: &mut String, lines: impl ExactSizeIterator<Item = String>) {
    let more = lines.len().saturating_sub(MOST_LINES);
    for line in lines.take(MOST_LINES) {
        text.push('\n');
        text.push_str(&line);
    }
    if more > 0 {
        text.push_str(&format!("\nand {more} more, which --json names"));
    }
}

/// What is to come back, by its names in the backup.
fn wish(session: &Session, storage: &Storage, args: &RecoverArgs) -> Result<Wish> {
    let mut wish = Wish {
        notes: chosen(session, storage, args)?,
        mode: args.mode.mode(),
        ..Wish::default()
    };
    let items = items_beside_notes(storage, None)?;
    for name in &args.preset {
        wish.presets.push(preset(&items, name)?);
    }
    for name in &args.saved_search {
        let search = Item::Search(name.clone());
        if !items.iter().any(|item| item.item == search) {
            return Err(Error::not_found(format!(
                "the backup has no saved search {name}"
            )));
        }
        wish.searches.push(name.clone());
    }
    let any = !wish.presets.is_empty() || !wish.searches.is_empty() || !args.media_file.is_empty();
    match any || !wish.notes.is_empty() {
        true => Ok(wish),
        false => Err(Error::not_found("no note in the backup was chosen")),
    }
}

/// The preset of that name, which may be that of several, or of that id.
fn preset(items: &[ListedItem], name: &str) -> Result<DeckConfigId> {
    let presets = items.iter().filter_map(|item| match item.item {
        Item::Preset(id) => Some((id, item.name.as_str())),
        Item::Media(_) | Item::Search(_) => None,
    });
    let presets: Vec<(DeckConfigId, &str)> = presets.collect();
    let named: Vec<DeckConfigId> = presets
        .iter()
        .filter(|(_, called)| *called == name)
        .map(|(id, _)| *id)
        .collect();
    match named.as_slice() {
        [one] => Ok(*one),
        [] => {
            let id = name.parse().ok().map(DeckConfigId);
            let known = |id: &DeckConfigId| presets.iter().any(|(preset, _)| preset == id);
            let lacks = || Error::not_found(format!("the backup has no preset {name}"));
            id.filter(known).ok_or_else(lacks)
        }
        several => {
            let ids: Vec<String> = several.iter().map(|id| id.0.to_string()).collect();
            Err(Error::invalid(format!(
                "several presets of the backup are called {name}; give the id of one of them: {}",
                ids.join(", ")
            )))
        }
    }
}

/// The notes that were named, and those that the search and the decks have in common.
fn chosen(session: &Session, storage: &Storage, args: &RecoverArgs) -> Result<Vec<NoteId>> {
    let mut known = HashSet::new();
    let named = args.note.iter().copied().map(NoteId);
    let mut notes: Vec<NoteId> = named.filter(|note| known.insert(*note)).collect();
    if args.search.is_none() && args.deck.is_empty() {
        return Ok(notes);
    }
    let moment = moment_of(storage, &session.clock)?;
    let decks: Vec<String> = args
        .deck
        .iter()
        .map(|name| print(&[Node::Search(build::deck(name))]))
        .collect();
    let mut query = format!("({})", args.search.as_deref().unwrap_or_default());
    if args.search.as_deref().unwrap_or_default().trim().is_empty() {
        query.clear();
    }
    if !decks.is_empty() {
        query.push_str(&format!(" ({})", decks.join(" or ")));
    }
    for id in storage.search_notes(query.trim(), &moment, None)? {
        if known.insert(id) {
            notes.push(id);
        }
    }
    Ok(notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_of_notes_that_are_left_alone_do_not_fill_the_screen() {
        let skipped = |n: i64| (1..=n).map(|id| (NoteId(id), Skip::NoCardType)).collect();
        let text = |n| {
            let done = Recovered {
                skipped: skipped(n),
                ..Recovered::default()
            };
            told("0 notes".to_owned(), &done, &RecoveredMedia::default())
        };
        let lines = |text: &str| text.lines().count();
        assert_eq!(lines(&text(20)), 21);
        assert_eq!(lines(&text(4000)), 22);
        assert!(text(4000).ends_with("\nand 3980 more, which --json names"));
    }
}
