//! Tools > Check Database: finds what is wrong in a collection, mends it and says what it did.
//! The steps and their order are Anki's; the rows are mended in `storage::check`. Most collections
//! have nothing to mend: `survey` reads them beside us first, and what it finds sound is left out.
//! The caller makes a backup first. Cannot be undone, and ends the undo history.

use super::Collection;
use super::decks::{create_missing_parents, lift_deep_decks, new_deck};
use super::notes::add_missing_cards;
use super::survey::{
    self, Mending, Survey, are_spelled_differently, is_incomplete, read_notes, sorted_tags,
};
use crate::base::ids::{DeckId, NoteId, NotetypeId};
use crate::base::job::Progress;
use crate::base::{Error, Result};
use crate::domain::deck::DeckName;
use crate::domain::note::Note;
use crate::domain::note_fields::normal_tags;
use crate::domain::notetype::{Field, FieldConfig, Notetype, Template, TemplateConfig};
use crate::domain::op::Op;
use crate::storage::inspect::{self, Depth};
use crate::storage::{EVERYTHING, RawNote, Tx, join_tags, split_tags, stock_notetypes};
use crate::{t, tn};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use unicase::UniCase;

/// One kind of damage that was found, and mended unless it was only looked for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// Stable word for scripts, e.g. `cards-without-note`.
    pub kind: &'static str,
    pub count: usize,
    /// For people.
    pub text: String,
}

/// Marks notes whose number of fields was wrong.
const FIELD_COUNT_TAG: &str = "db-check";
/// A note type that is made anew has so many card types at most, whatever its cards say.
const MOST_TEMPLATES: usize = 500;

impl Collection {
    /// Finds and mends. Fails, changing nothing, when the file itself is damaged: then only a
    /// backup helps.
    pub fn check_database(&mut self, progress: &Progress) -> Result<Vec<Problem>> {
        let (mut report, survey) = self.check_file(progress, true)?;
        let today = self.timing()?.days_elapsed;
        let output = self.transact(Op::CheckDatabase, |tx| {
            let mut found = Report::default();
            run(tx, &survey, today, progress, &mut found)?;
            Ok(found)
        })?;
        self.clear_undo();
        report.extend(output.value.0);
        progress.stage(t!("Optimizing"), 0)?;
        self.storage.optimize()?;
        Ok(report)
    }

    /// What [`Self::check_database`] would find; changes nothing.
    pub fn find_problems(&mut self, progress: &Progress) -> Result<Vec<Problem>> {
        let (mut report, survey) = self.check_file(progress, false)?;
        let today = self.timing()?.days_elapsed;
        let mut found = Report::default();
        let now = self.clock.now();
        // Everything is done as if in earnest and then rolled back, by failing.
        let outcome = self.storage.tx(now, |tx| {
            run(tx, &survey, today, progress, &mut found)?;
            Err::<(), _>(Error::bug("only looked"))
        });
        match outcome {
            Err(e) if e.kind() == crate::base::ErrorKind::Bug && e.what() == "only looked" => {}
            Err(e) => return Err(e),
            Ok(_) => return Err(Error::bug("a search for problems was written")),
        }
        report.extend(found.0);
        Ok(report)
    }

    /// The structure of the file and its indexes, then what is in it, read beside us while
    /// nothing is written.
    fn check_file(&self, progress: &Progress, mend: bool) -> Result<(Vec<Problem>, Survey)> {
        progress.stage(t!("Checking the file"), 0)?;
        let (wrong_index, survey) = self.storage.while_frozen(|frozen| {
            let checked = inspect::check_frozen(frozen, Depth::Full, progress)?;
            let survey = match &checked.wrong_index {
                None => survey::survey(frozen.path(), checked.counts, progress)?,
                // Nothing that is found by an index is certain.
                Some(_) => Survey::default(),
            };
            Ok((checked.wrong_index, survey))
        })?;
        let Some(index) = wrong_index else {
            return Ok((Vec::new(), survey));
        };
        if mend {
            self.storage.reindex()?;
        }
        let problem = Problem {
            kind: "wrong-index",
            count: 1,
            text: t!("The index “{index}” did not agree with its table", index),
        };
        Ok((vec![problem], survey))
    }
}

#[derive(Debug, Default)]
struct Report(Vec<Problem>);

impl Report {
    fn add(&mut self, kind: &'static str, count: usize, text: fn(u64) -> String) {
        if count > 0 {
            self.0.push(Problem {
                kind,
                count,
                text: text(count as u64),
            });
        }
    }
}

/// `survey` holds for as long as nothing was written; what it found sound is not read again.
fn run(
    tx: &mut Tx<'_>,
    survey: &Survey,
    today: u32,
    progress: &Progress,
    found: &mut Report,
) -> Result<()> {
    let (mut properties, mut positions, mut last_reviews, mut orphans) = (0, 0, 0, 0);
    progress.stage(t!("Checking cards"), 0)?;
    if !survey.cards_sound {
        (properties, positions) = tx.repair_card_properties(today)?;
    }
    if !(survey.last_reviews_sound && tx.is_untouched()) {
        progress.stage(t!("Checking reviews"), 0)?;
        last_reviews = tx.repair_last_reviews(progress)?;
    }
    if survey.notes_sound.is_none() {
        orphans = tx.delete_orphan_cards()?;
    }
    let filtered: Vec<DeckId> = tx
        .all_decks()?
        .into_iter()
        .filter(crate::domain::deck::Deck::is_filtered)
        .map(|deck| deck.id)
        .collect();
    let decks = recover_decks(tx, &filtered)?;
    let homes = tx.repair_homes(&filtered)?;
    found.add("card-properties", properties + homes, |n| {
        tn!(
            n,
            "{n} card had invalid properties",
            "{n} cards had invalid properties"
        )
    });
    found.add("high-new-positions", positions, |n| {
        tn!(
            n,
            "{n} new card had a position beyond a million",
            "{n} new cards had positions beyond a million"
        )
    });
    found.add("last-review-times", last_reviews, |n| {
        tn!(
            n,
            "{n} card lacked the time of its last review",
            "{n} cards lacked the time of their last review"
        )
    });
    found.add("cards-without-note", orphans, |n| {
        tn!(n, "{n} card had no note", "{n} cards had no note")
    });
    found.add("missing-decks", decks, |n| {
        tn!(n, "{n} deck was missing", "{n} decks were missing")
    });
    let structural = match &survey.notes_sound {
        Some(tags) if tx.is_untouched() => {
            tx.rebuild_tag_list(tags)?;
            0
        }
        _ => check_notes(tx, progress, found)?,
    };
    let mut reviews = 0;
    if !survey.reviews_sound {
        progress.stage(t!("Checking reviews"), 0)?;
        reviews = tx.repair_reviews()?;
    }
    found.add("review-properties", reviews, |n| {
        tn!(
            n,
            "{n} review had invalid properties",
            "{n} reviews had invalid properties"
        )
    });
    let deep = lift_deep_decks(tx)?;
    found.add("deep-decks", deep, |n| {
        tn!(
            n,
            "{n} deck was nested too deep",
            "{n} decks were nested too deep"
        )
    });
    let mut parents = 0;
    for deck in tx.all_decks()? {
        parents += create_missing_parents(tx, &deck.name)?;
    }
    found.add("missing-parents", parents, |n| {
        tn!(
            n,
            "{n} parent deck was missing",
            "{n} parent decks were missing"
        )
    });
    tx.refresh_next_position()?;
    let ids = tx.repair_future_ids()?;
    found.add("ids-in-future", ids, |n| {
        tn!(n, "{n} id was in the future", "{n} ids were in the future")
    });
    if last_reviews + orphans + structural + reviews + ids > 0 {
        tx.set_scm()?;
    }
    progress.check()
}

/// Decks that cards are in, and the Default deck, are made again when they are gone.
fn recover_decks(tx: &mut Tx<'_>, filtered: &[DeckId]) -> Result<usize> {
    let mut missing: BTreeSet<DeckId> = tx.missing_decks(filtered)?.into_iter().collect();
    if tx.deck(DeckId::DEFAULT)?.is_none() {
        missing.insert(DeckId::DEFAULT);
    }
    for &id in &missing {
        let mut name = format!("recovered{id}");
        while tx
            .deck_by_name(&DeckName::from_native(name.clone()))?
            .is_some()
        {
            name.push('+');
        }
        let mut deck = new_deck(DeckName::from_native(name));
        deck.id = id;
        tx.add_deck(&mut deck)?;
    }
    Ok(missing.len())
}

/// How often each thing was found.
#[derive(Debug, Default)]
struct NoteCounts {
    utf8: usize,
    field_count: usize,
    incomplete_notetypes: usize,
    notetypes: usize,
    duplicate_cards: usize,
    cards_without_template: usize,
    missing_cards: usize,
}

/// Returns how many findings force a one-way sync.
fn check_notes(tx: &mut Tx<'_>, progress: &Progress, found: &mut Report) -> Result<usize> {
    let mut counts = NoteCounts::default();
    let damaged = check_notetypes(tx, found)?;
    counts.incomplete_notetypes = complete_notetypes(tx)?;
    let mut notetypes = HashMap::new();
    for notetype in tx.readable_notetypes()? {
        notetypes.insert(notetype.id, Arc::new(notetype));
    }
    progress.stage(t!("Checking notes"), tx.counts()?.notes)?;
    let recovered = remove_impossible_cards(tx, &mut notetypes, &damaged, &mut counts)?;
    // Anki goes through the notes by the note types that they had.
    let was = |id: NotetypeId| recovered.get(&id).copied().unwrap_or(id);
    let ordinals = tx.card_ordinals()?;
    let mut read = read_notes(tx, EVERYTHING, &ordinals, &notetypes, progress)?;
    let unified = match are_spelled_differently(&read.tags) {
        true => Some(spelling_of(tx, was)?),
        false => None,
    };
    read.mendings
        .sort_by_key(|mending| was(mending.notetype.id));
    for mending in read.mendings {
        progress.check()?;
        mend_note(tx, mending, &mut counts)?;
    }
    if counts.field_count > 0 {
        read.tags.insert(FIELD_COUNT_TAG.to_owned());
    }
    if let Some(spelling) = unified {
        read.tags = unify_tags(tx, spelling, progress)?;
    }
    tx.rebuild_tag_list(&sorted_tags(read.tags))?;
    found.add("invalid-utf8", counts.utf8, |n| {
        tn!(
            n,
            "{n} note had unreadable characters",
            "{n} notes had unreadable characters"
        )
    });
    found.add("incomplete-notetypes", counts.incomplete_notetypes, |n| {
        tn!(
            n,
            "{n} note type had no fields or no card types; it has new ones",
            "{n} note types had no fields or no card types; they have new ones"
        )
    });
    found.add("missing-notetypes", counts.notetypes, |n| {
        tn!(
            n,
            "{n} note type was missing; its notes have a new one named “db-check”",
            "{n} note types were missing; their notes have new ones named “db-check”"
        )
    });
    found.add("duplicate-cards", counts.duplicate_cards, |n| {
        tn!(
            n,
            "{n} card was a duplicate of another",
            "{n} cards were duplicates of others"
        )
    });
    found.add(
        "cards-without-template",
        counts.cards_without_template,
        |n| tn!(n, "{n} card had no template", "{n} cards had no template"),
    );
    found.add("field-count", counts.field_count, |n| {
        tn!(
            n,
            "{n} note had the wrong number of fields",
            "{n} notes had the wrong number of fields"
        )
    });
    found.add("missing-cards", counts.missing_cards, |n| {
        tn!(n, "{n} card was missing", "{n} cards were missing")
    });
    Ok(counts.field_count
        + counts.incomplete_notetypes
        + counts.notetypes
        + counts.duplicate_cards
        + counts.cards_without_template)
}

/// Fields whose settings cannot be read get those of a new one. A note type of which more cannot be
/// read is named and left as it is, with its notes and cards. Returns these.
fn check_notetypes(tx: &mut Tx<'_>, found: &mut Report) -> Result<HashSet<NotetypeId>> {
    let field = stock_notetype()?.fields.into_iter().next();
    let settings = field.map(|field| field.config).unwrap_or_default();
    let fields = tx.repair_field_settings(|| FieldConfig {
        id: Some(rand::random()),
        ..settings.clone()
    })?;
    found.add("field-settings", fields, |n| {
        tn!(
            n,
            "{n} field had settings that cannot be read; it has those of a new field",
            "{n} fields had settings that cannot be read; they have those of new fields"
        )
    });
    let mut damaged = HashSet::new();
    for (id, name) in tx.unreadable_notetypes()? {
        damaged.insert(id);
        found.0.push(Problem {
            kind: "damaged-notetypes",
            count: 1,
            text: t!(
                "The note type “{name}” cannot be read: it, its notes and their cards were left as \
                 they are. Explore Backup… brings notes back with the note type of that time",
                name
            ),
        });
    }
    Ok(damaged)
}

/// Note types without any field or card type get as many as their notes and cards had, so that
/// these stay as they are. Anki's check deletes such cards with what was learned of them, and runs
/// the texts together.
fn complete_notetypes(tx: &mut Tx<'_>) -> Result<usize> {
    // With how many fields and card types are in use.
    let mut incomplete: HashMap<NotetypeId, (Notetype, usize, usize)> = tx
        .readable_notetypes()?
        .into_iter()
        .filter(is_incomplete)
        .map(|notetype| (notetype.id, (notetype, 1, 1)))
        .collect();
    if incomplete.is_empty() {
        return Ok(0);
    }
    let mut type_of = HashMap::new();
    tx.for_each_raw_note(|note| {
        if let Some((_, fields, _)) = incomplete.get_mut(&note.notetype_id) {
            *fields = (*fields).max(note.fields.split(|&b| b == 0x1f).count());
            type_of.insert(note.id, note.notetype_id);
        }
        Ok(())
    })?;
    for (note, ord, _) in tx.card_ordinals()? {
        let id = type_of.get(&note);
        if let Some((_, _, templates)) = id.and_then(|id| incomplete.get_mut(id)) {
            *templates = (*templates).max(usize::from(ord) + 1);
        }
    }
    for (notetype, fields, templates) in incomplete.values_mut() {
        if notetype.fields.is_empty() {
            notetype.fields = stock_notetype()?.fields;
            add_fields(notetype, *fields);
        }
        if notetype.templates.is_empty() {
            let count = match notetype.is_cloze() {
                true => 1,
                false => (*templates).min(MOST_TEMPLATES),
            };
            notetype.templates = (0..count).map(|n| template_of(notetype, n)).collect();
        }
        tx.update_notetype(notetype)?;
    }
    Ok(incomplete.len())
}

/// The field of this number on the front, from 0, the others on the back: two equal fronts could not
/// be saved. After the last field it begins anew.
fn template_of(notetype: &Notetype, number: usize) -> Template {
    let mut names: Vec<&str> = notetype.fields.iter().map(|f| f.name.as_str()).collect();
    let asked = match names.is_empty() {
        true => "",
        false => names.remove(number % names.len()),
    };
    let others: Vec<String> = names.iter().map(|name| format!("{{{{{name}}}}}")).collect();
    let others = others.join("<br>\n");
    let (name, front, back) = if notetype.is_cloze() {
        let front = format!("{{{{cloze:{asked}}}}}");
        let back = format!("{front}<br>\n{others}");
        ("Cloze".to_owned(), front, back)
    } else {
        let back = format!("{{{{FrontSide}}}}\n\n<hr id=answer>\n\n{others}");
        let name = format!("Card {}", number + 1);
        (name, format!("{{{{{asked}}}}}"), back)
    };
    Template {
        name,
        config: TemplateConfig {
            q_format: front,
            a_format: back,
            id: Some(rand::random()),
            ..TemplateConfig::default()
        },
        ..Template::default()
    }
}

/// Note types that notes name but that are gone are made again, then cards that their note type
/// has no template for, or that exist twice, are removed. Returns for each new note type the one
/// that it replaces.
fn remove_impossible_cards(
    tx: &mut Tx<'_>,
    notetypes: &mut HashMap<NotetypeId, Arc<Notetype>>,
    damaged: &HashSet<NotetypeId>,
    counts: &mut NoteCounts,
) -> Result<HashMap<NotetypeId, NotetypeId>> {
    let mut recovered = HashMap::new();
    let mut type_of = HashMap::new();
    let mut lost: HashMap<NotetypeId, usize> = HashMap::new();
    tx.for_each_raw_note(|note| {
        type_of.insert(note.id, note.notetype_id);
        let id = note.notetype_id;
        if !notetypes.contains_key(&id) && !damaged.contains(&id) {
            let fields = note.fields.split(|&b| b == 0x1f).count();
            let most = lost.entry(id).or_default();
            *most = fields.max(*most);
        }
        Ok(())
    })?;
    let ordinals = tx.card_ordinals()?;
    let mut lost: Vec<(NotetypeId, usize)> = lost.into_iter().collect();
    lost.sort();
    for (id, fields) in lost {
        let cards = ordinals
            .iter()
            .filter(|(note, ..)| type_of.get(note) == Some(&id))
            .map(|(_, ord, _)| usize::from(*ord) + 1)
            .max();
        let notetype = recover_notetype(tx, fields, cards.unwrap_or(1).min(MOST_TEMPLATES))?;
        tx.move_notes(id, notetype.id)?;
        for of in type_of.values_mut().filter(|of| **of == id) {
            *of = notetype.id;
        }
        recovered.insert(notetype.id, id);
        notetypes.insert(notetype.id, Arc::new(notetype));
        counts.notetypes += 1;
    }
    let mut previous = None;
    for (note, ord, card) in ordinals {
        if type_of.get(&note).is_some_and(|id| damaged.contains(id)) {
            continue;
        }
        let templates = type_of
            .get(&note)
            .and_then(|id| notetypes.get(id))
            .map(|n| {
                if n.is_cloze() {
                    usize::MAX
                } else {
                    n.templates.len()
                }
            });
        if previous == Some((note, ord)) {
            counts.duplicate_cards += tx.delete_broken_card(card)?;
        } else if templates.is_some_and(|count| usize::from(ord) >= count) {
            counts.cards_without_template += tx.delete_broken_card(card)?;
        } else {
            previous = Some((note, ord));
        }
    }
    Ok(recovered)
}

/// A note type in place of one that is gone, with an id of its own: Basic, with fields and cards
/// by number where it has too few.
fn recover_notetype(tx: &mut Tx<'_>, fields: usize, templates: usize) -> Result<Notetype> {
    let mut notetype = stock_notetype()?;
    notetype.id = NotetypeId(0);
    notetype.name = format!("db-check-{}-{fields}", tx.now().0);
    while tx.notetype_by_name(&notetype.name)?.is_some() {
        notetype.name.push('+');
    }
    add_fields(&mut notetype, fields);
    if let Some(template) = notetype.templates.first().cloned() {
        for n in notetype.templates.len() + 1..=templates {
            let mut template: Template = template.clone();
            template.name = format!("Card {n}");
            template.config.id = Some(rand::random());
            notetype.templates.push(template);
        }
    }
    notetype.config.original_stock_kind = 0;
    tx.add_notetype(&mut notetype)?;
    Ok(notetype)
}

/// Basic.
fn stock_notetype() -> Result<Notetype> {
    let basic = stock_notetypes(rand::random).into_iter().next();
    basic.ok_or_else(|| Error::bug("there are no stock note types"))
}

/// Copies of the first field, named by number, until there are `count`.
fn add_fields(notetype: &mut Notetype, count: usize) {
    if let Some(field) = notetype.fields.first().cloned() {
        for n in notetype.fields.len() + 1..=count {
            let mut field: Field = field.clone();
            field.name = n.to_string();
            field.config.id = Some(rand::random());
            notetype.fields.push(field);
        }
    }
}

/// By tag without its case, how it is spelled.
type Spelling = HashMap<UniCase<String>, String>;

/// Each tag as on its first note, by note types and then by ids, as Anki spells it.
fn spelling_of(tx: &Tx<'_>, was: impl Fn(NotetypeId) -> NotetypeId) -> Result<Spelling> {
    let mut notes: Vec<(NotetypeId, NoteId, String)> = Vec::new();
    tx.for_each_raw_note(|note| {
        let tags = String::from_utf8_lossy(&note.tags).into_owned();
        notes.push((was(note.notetype_id), note.id, tags));
        Ok(())
    })?;
    notes.sort_unstable();
    let mut spelling = Spelling::new();
    for (_, _, tags) in notes {
        for tag in normal_tags_unsorted(&tags) {
            spelled(&mut spelling, tag);
        }
    }
    Ok(spelling)
}

/// Spells the tags of all notes so, but of those that still cannot be read, whose note type is
/// damaged. Returns those in use.
fn unify_tags(
    tx: &mut Tx<'_>,
    mut spelling: Spelling,
    progress: &Progress,
) -> Result<HashSet<String>> {
    let mut changed: Vec<(NoteId, Vec<String>)> = Vec::new();
    let mut used = HashSet::new();
    tx.for_each_raw_note(|note| {
        let stored = String::from_utf8_lossy(&note.tags);
        let tags = normal_tags_unsorted(&stored).map(|tag| spelled(&mut spelling, tag));
        let tags = normal_tags(&tags.collect::<Vec<_>>());
        if join_tags(&tags) != stored && !note.is_binary && !has_odd_text(&note) {
            changed.push((note.id, tags.clone()));
        }
        used.extend(tags);
        progress.check()
    })?;
    for (id, tags) in changed {
        if let Some(mut note) = tx.get_note(id)? {
            note.tags = tags;
            tx.update_note(&note)?;
        }
    }
    Ok(used)
}

fn normal_tags_unsorted(tags: &str) -> impl Iterator<Item = String> {
    split_tags(tags).flat_map(|tag| normal_tags(&[tag]))
}

/// The tag as it is known, or else with what is known of the tags above it.
fn spelled(known: &mut Spelling, tag: String) -> String {
    let key = UniCase::new(tag.clone());
    if let Some(spelled) = known.get(&key) {
        return spelled.clone();
    }
    let mut ends = tag.rmatch_indices("::").map(|(end, _)| end);
    let above = ends.find_map(|end| {
        let above = known.get(&UniCase::new(tag[..end].to_owned()))?;
        Some(format!("{above}{}", &tag[end..]))
    });
    let spelled = above.unwrap_or(tag);
    known.insert(key, spelled.clone());
    spelled
}

/// Whether one of its texts is no UTF-8.
fn has_odd_text(raw: &RawNote) -> bool {
    [&raw.guid, &raw.tags, &raw.fields, &raw.sort_field]
        .into_iter()
        .any(|bytes| std::str::from_utf8(bytes).is_err())
}

fn mend_note(tx: &mut Tx<'_>, mending: Mending, counts: &mut NoteCounts) -> Result<()> {
    let Mending {
        raw,
        notetype,
        rewrite,
        cards,
    } = mending;
    if rewrite {
        if has_odd_text(&raw) || raw.is_binary {
            tx.replace_note_text(&raw)?;
            counts.utf8 += 1;
        }
        let Some(mut note) = tx.get_note(raw.id)? else {
            return Ok(());
        };
        let stored = String::from_utf8_lossy(&raw.tags);
        mend_fields_and_tags(tx, &mut note, &stored, &notetype, counts)?;
    }
    if cards && let Some(note) = tx.get_note(raw.id)? {
        counts.missing_cards += add_missing_cards(tx, &note, &notetype, None, true)?;
    }
    Ok(())
}

fn mend_fields_and_tags(
    tx: &mut Tx<'_>,
    note: &mut Note,
    stored_tags: &str,
    notetype: &Notetype,
    counts: &mut NoteCounts,
) -> Result<()> {
    let wanted = notetype.fields.len();
    let count_is_off = note.fields.len() != wanted;
    if count_is_off {
        counts.field_count += 1;
        note.fit_fields(wanted);
        note.tags.push(FIELD_COUNT_TAG.to_owned());
    }
    note.tags = normal_tags(&note.tags);
    let stored_fields = note.fields.clone();
    note.prepare(notetype, tx.composes_texts()?);
    if count_is_off || note.fields != stored_fields || join_tags(&note.tags) != stored_tags {
        tx.update_note(note)?;
    }
    tx.refresh_note_columns(note.id, &note.sort_field, note.checksum)
}
