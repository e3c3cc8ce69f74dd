//! Databases of Mnemosyne 2: what the real Anki reads of them too gives its rows; the rest becomes
//! notes, cards, reviews and media that say the same as in Mnemosyne.

use super::apkg_import::{EVERYTHING, NOW, clock_at, import};
use super::cli_commands::Cli;
use super::clocked;
use engram::base::ErrorKind;
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::domain::card::{Card, CardType};
use engram::domain::note::Note;
use engram::domain::notetype::Notetype;
use engram::domain::revlog::RevlogKind;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Databases and a collection to import into.
struct Room {
    folder: tempfile::TempDir,
    clock: Clock,
    /// What the real Anki made of `plain.db`.
    truth: Value,
}

impl Room {
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let databases = folder.path().join("databases");
        std::fs::create_dir(&databases).unwrap();
        let args = [databases.into_os_string(), NOW.to_string().into()];
        let truth = clocked::run(include_str!("oracle/mnemosyne.py"), args)?;
        Some(Self {
            folder,
            clock: clock_at(NOW),
            truth,
        })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn database(&self, name: &str) -> PathBuf {
        self.path("databases").join(name)
    }

    /// A new collection with all that is in the database.
    fn imported(&self, name: &str) -> Imported {
        let path = self.path("collection.anki2");
        Collection::open(&path, self.clock.clone())
            .unwrap()
            .close()
            .unwrap();
        import(&path, &self.database(name), EVERYTHING, &self.clock).unwrap();
        Imported(Collection::open(&path, self.clock.clone()).unwrap())
    }
}

struct Imported(Collection);

impl Imported {
    fn notes(&self) -> Vec<(Note, Notetype)> {
        let storage = self.0.storage();
        let mut notes = Vec::new();
        for notetype in storage.all_notetypes().unwrap() {
            for id in storage.note_ids_of_notetype(notetype.id).unwrap() {
                notes.push((storage.get_note(id).unwrap().unwrap(), notetype.clone()));
            }
        }
        notes.sort_by_key(|(note, _)| note.id);
        notes
    }

    /// The note whose first field begins with `start`.
    fn note(&self, start: &str) -> (Note, Notetype, Vec<Card>) {
        let mut notes = self.notes().into_iter();
        let found = notes.find(|(note, _)| note.fields[0].starts_with(start));
        let (note, notetype) = found.unwrap_or_else(|| panic!("no note with {start}"));
        let mut cards = self.0.storage().cards_of_note(note.id).unwrap();
        cards.sort_by_key(|card| card.template_idx);
        (note, notetype, cards)
    }
}

fn formats(notetype: &Notetype, ord: usize) -> [&str; 2] {
    let config = &notetype.templates[ord].config;
    [&config.q_format, &config.a_format]
}

/// As the script prints it.
fn as_printed(note: &Note, notetype: &Notetype, cards: &[Card]) -> Value {
    let names = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
    json!({
        "notetype": notetype.name,
        "fields": names(notetype.fields.iter().map(|f| f.name.as_str()).collect()),
        "templates": names(notetype.templates.iter().map(|t| t.name.as_str()).collect()),
        "tags": note.tags,
        "flds": note.fields,
        "sfld": note.sort_field,
        "csum": note.checksum,
        "cards": cards
            .iter()
            .map(|c| {
                let due = if c.ctype == CardType::New { 0 } else { c.due };
                json!([
                    c.template_idx, c.ctype as u8, c.queue as i8, due, c.interval, c.ease_factor,
                    c.reps, c.lapses
                ])
            })
            .collect::<Vec<_>>(),
    })
}

#[test]
fn what_anki_reads_too_gives_its_rows() {
    let Some(room) = Room::new() else { return };
    let ours = room.imported("plain.db");
    let mut rows = Vec::new();
    for (note, notetype) in ours.notes() {
        let mut cards = ours.0.storage().cards_of_note(note.id).unwrap();
        cards.sort_by_key(|card| card.template_idx);
        rows.push(as_printed(&note, &notetype, &cards));
    }
    assert_eq!(Value::from(rows), room.truth);
    ours.0.close().unwrap();
}

#[test]
fn maps_gaps_sentences_and_own_types_become_cards() {
    let Some(room) = Room::new() else { return };
    let ours = room.imported("full.db");
    let (map, notetype, cards) = ours.note("Paris");
    assert_eq!(notetype.name, "Mnemosyne-Map");
    assert_eq!(map.tags, ["Geo_maps"]);
    assert_eq!(cards.len(), 2);
    assert_eq!(map.fields[1], "<img src=\"maps_blank.png\">");
    let front = formats(&notetype, 1)[0];
    assert_eq!(front, "{{Location}}<br>\n{{Blank map}}");

    let (gaps, notetype, cards) = ours.note("The capital");
    assert!(notetype.is_cloze());
    let text = "The capital of {{c1::France}} is {{c2::Paris::city}}. [$]x[/$]";
    assert_eq!(gaps.fields, [text, ""]);
    let ords: Vec<u16> = cards.iter().map(|c| c.template_idx).collect();
    assert_eq!(ords, [0, 1]);
    assert_eq!(
        (cards[0].ctype, cards[1].ctype),
        (CardType::New, CardType::Review)
    );
    // Three days ago, in a collection that was made today.
    assert_eq!(cards[1].due, -3);

    let (_, notetype, cards) = ours.note("La casa es grande");
    assert_eq!(
        (notetype.name.as_str(), cards.len()),
        ("Mnemosyne-Sentence", 1)
    );
    let (sentence, notetype, cards) = ours.note("La {{c1::casa::house}} es {{c2::grande}}");
    assert_eq!(
        (notetype.name.as_str(), cards.len()),
        ("Mnemosyne-Sentence Cloze", 2)
    );
    assert_eq!(sentence.fields[3], "[sound:hello.mp3]");

    let (_, notetype, _) = ours.note("clone");
    assert_eq!(notetype.name, "Mnemosyne-Latin");
    let (_, notetype, _) = ours.note("Eto dom");
    assert_eq!(notetype.name, "Mnemosyne-Russian");
    assert!(!notetype.is_cloze());
    let (_, notetype, cards) = ours.note("Eto {{c1::dom}}");
    assert_eq!(
        (notetype.name.as_str(), cards.len()),
        ("Mnemosyne-Russian Cloze", 1)
    );
    assert!(notetype.is_cloze());
    let (word, notetype, cards) = ours.note("le mot");
    assert_eq!(notetype.name, "Mnemosyne-Vocabulary");
    assert_eq!(word.fields, ["le mot", "", "the word", ""]);
    let ords: Vec<u16> = cards.iter().map(|c| c.template_idx).collect();
    assert_eq!(ords, [0, 1]);
    let (own, notetype, cards) = ours.note("one");
    assert_eq!(notetype.name, "Mnemosyne-My {type}");
    assert_eq!(own.fields, ["one", "two", "three"]);
    let [front, back] = formats(&notetype, 0);
    assert_eq!(front, "{{L'un}}\n\n{{type:Zwei 2}}");
    assert!(back.ends_with("{{Zwei 2}}<br>\n{{Rest}}"), "{back}");
    assert_eq!(formats(&notetype, 1), ["{{Zwei 2}}", "{{L'un}}"]);
    assert_eq!(cards.len(), 2);
    let (_, notetype, cards) = ours.note("leftmost");
    assert_eq!(
        (notetype.name.as_str(), cards.len()),
        ("Mnemosyne-plugin", 1)
    );
    assert!(
        ours.notes()
            .iter()
            .all(|(note, _)| note.fields[0] != "without cards")
    );
    ours.0.close().unwrap();
    let problems = check(&room.path("collection.anki2"), &room.clock);
    assert!(problems.is_empty(), "{problems:?}");
}

fn check(path: &Path, clock: &Clock) -> Vec<String> {
    let mut col = Collection::open(path, clock.clone()).unwrap();
    let found = col.check_database(&Progress::new()).unwrap();
    col.close().unwrap();
    found.iter().map(|problem| format!("{problem:?}")).collect()
}

#[test]
fn the_log_becomes_reviews_and_media_come_along() {
    let Some(room) = Room::new() else { return };
    let ours = room.imported("full.db");
    let (late, _, cards) = ours.note("late");
    assert_eq!(late.tags, ["deep::er_tag"]);
    let [card] = cards.as_slice() else {
        panic!("{cards:?}")
    };
    assert_eq!((card.due, card.interval, card.ease_factor), (-4, 10, 2100));
    assert_eq!((card.reps, card.lapses), (5, 1));
    let log = ours.0.storage().revlog_of_card(card.id).unwrap();
    let told: Vec<_> = log
        .iter()
        .map(|e| {
            (
                e.button,
                e.kind,
                e.last_interval,
                e.interval,
                e.taken_millis / 1000,
            )
        })
        .collect();
    use RevlogKind::{Learning, Relearning, Review};
    let wanted = [
        (1, Learning, 0, 0, 7),
        (3, Learning, 0, 1, 60),
        (4, Review, 1, 6, 7),
        (1, Review, 6, 0, 7),
        (2, Relearning, 0, 3, 7),
        (2, Review, 3, 10, 7),
    ];
    assert_eq!(told, wanted);
    assert!(log.iter().all(|entry| entry.ease_factor == 2400));
    ours.0.close().unwrap();
    let media = room.path("collection.media");
    let content = |name: &str| std::fs::read_to_string(media.join(name)).unwrap();
    // Two files whose names would be the same without their folders.
    let names: Vec<String> = std::fs::read_dir(&media)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names.len(), 4, "{names:?}");
    assert_eq!(content("maps_blank.png"), "maps/blank.png");
    assert_eq!(content("2_maps_blank.png"), "maps_blank.png");
    assert_eq!(content("hello.mp3"), "hello.mp3");
}

#[test]
fn a_second_import_brings_what_is_new_and_nothing_twice() {
    let Some(room) = Room::new() else { return };
    let ours = room.imported("full.db");
    let notes = ours.notes().len();
    ours.0.close().unwrap();
    let path = room.path("collection.anki2");
    let again = import(&path, &room.database("full.db"), EVERYTHING, &room.clock).unwrap();
    assert_eq!((again.new.len(), again.duplicates.len()), (0, notes));
    assert_eq!((again.cards_added, again.reviews_added), (0, 0));
}

#[test]
fn other_databases_and_damaged_ones_change_nothing() {
    let Some(room) = Room::new() else { return };
    let path = room.path("collection.anki2");
    Collection::open(&path, room.clock.clone())
        .unwrap()
        .close()
        .unwrap();
    let before = std::fs::read(&path).unwrap();
    let whole = std::fs::read(room.database("full.db")).unwrap();
    let cut = room.path("cut.db");
    std::fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    let error = import(&path, &cut, EVERYTHING, &room.clock).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
    let other = room.path("other.db");
    std::fs::copy(&path, &other).unwrap();
    let error = import(&path, &other, EVERYTHING, &room.clock).unwrap_err();
    assert!(error.what().contains("not one of Mnemosyne"), "{error}");
    let text = room.path("text.db");
    std::fs::write(&text, "no database").unwrap();
    import(&path, &text, EVERYTHING, &room.clock).unwrap_err();
    assert_eq!(std::fs::read(&path).unwrap(), before);
    // Each byte of the first page and some of the others turned over: no panic.
    for at in (0..whole.len()).step_by(whole.len() / 60).chain(0..100) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xff;
        std::fs::write(&cut, bytes).unwrap();
        let copy = room.path("scratch.anki2");
        std::fs::write(&copy, &before).unwrap();
        drop(import(&copy, &cut, EVERYTHING, &room.clock));
    }
}

#[test]
fn the_headless_program_imports_with_the_schedule() {
    let Some(room) = Room::new() else { return };
    let cli = Cli::with_profile();
    let file = room.database("full.db");
    let file = file.to_str().unwrap();
    let planned = cli.ok(&["import", file, "--dry-run"]);
    let done = cli.ok(&["import", file]);
    assert_eq!(planned["added"], done["added"]);
    assert_eq!(done["added"], 11);
    assert_eq!(done["reviews_added"], 6);
    assert_eq!(cli.ok(&["search", "deck:full is:review"])["count"], 2);
}
