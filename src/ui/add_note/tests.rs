//! The Add page between questions and answers of the worker, which are given by hand here.

use super::*;
use crate::domain::notetype::{Field, FieldConfig};
use crate::explain::UserMessage;

/// A note type with these fields, the ones in `sticky` kept after adding.
fn notetype(names: &[&str], sticky: &[&str]) -> Arc<Notetype> {
    let field = |name: &&str| Field {
        name: (*name).to_owned(),
        config: FieldConfig {
            sticky: sticky.contains(name),
            ..FieldConfig::default()
        },
    };
    Arc::new(Notetype {
        id: NotetypeId(1),
        fields: names.iter().map(field).collect(),
        ..Notetype::default()
    })
}

fn adding(notetype: Arc<Notetype>) -> Adding {
    Adding {
        notetype,
        deck_id: DeckId(1),
        notetypes: vec![],
        fields: vec![],
        tags: vec![],
        from_draft: false,
        instead_of_copy: None,
    }
}

fn say(page: &mut AddScreen, event: NoteEvent) -> Vec<Action> {
    page.on_event(&Event::Note(event))
}

fn begun(names: &[&str], sticky: &[&str]) -> AddScreen {
    let mut page = AddScreen::default();
    let adding = adding(notetype(names, sticky));
    say(&mut page, NoteEvent::Adding(Box::new(adding)));
    page
}

/// As typed, with the draft due.
fn fill(page: &mut AddScreen, fields: &[&str]) {
    for (at, html) in fields.iter().enumerate() {
        page.form.set_field(at, html);
    }
    page.draft_due = Some(0.0);
}

fn added(page: &mut AddScreen) {
    let summary = String::new();
    let id = NoteId(5);
    say(page, NoteEvent::Added { id, summary });
}

/// The fields of the draft that is kept now; None when none is written, and none when it is
/// removed.
fn draft(page: &mut AddScreen) -> Option<Vec<String>> {
    match page.unsaved()? {
        Request::Note(NoteRequest::KeepDraft(draft)) => {
            Some(draft.map(|draft| draft.fields).unwrap_or_default())
        }
        _ => None,
    }
}

#[test]
fn no_draft_of_a_note_is_written_after_the_note() {
    let mut page = begun(&["Front", "Back"], &[]);
    fill(&mut page, &["one", "two"]);
    page.add_now();
    assert_eq!(draft(&mut page), None);
    // Typed since: what is written is of the next note alone.
    fill(&mut page, &["", "three"]);
    assert_eq!(draft(&mut page).unwrap(), ["", "three"]);
    added(&mut page);
    assert_eq!(page.form.fields(), ["", "three"]);
    assert!(page.has_input());
}

#[test]
fn the_fields_are_empty_at_once_and_what_is_typed_stays() {
    let mut page = begun(&["Front", "Back", "Source"], &["Source"]);
    fill(&mut page, &["one", "two", "book"]);
    page.add_now();
    assert_eq!(page.form.fields(), ["", "", "book"]);
    assert!(page.focus, "the keyboard is at the first field");
    assert!(page.has_input(), "until the note is on disk");
    added(&mut page);
    assert!(!page.has_input(), "what is kept is no input");
    fill(&mut page, &["three"]);
    page.add_now();
    page.form.set_field(0, "four");
    page.form.set_field(2, "another book");
    added(&mut page);
    assert_eq!(page.form.fields(), ["four", "", "another book"]);
    assert!(page.has_input());
}

#[test]
fn a_note_that_could_not_be_added_is_a_draft_again() {
    let mut page = begun(&["Front", "Back", "Source"], &["Source"]);
    fill(&mut page, &["one", "", "book"]);
    page.add_now();
    assert_eq!(draft(&mut page), None);
    page.not_added();
    assert_eq!(draft(&mut page).unwrap(), ["one", "", "book"]);
    // With what was typed for the next one.
    page.add_now();
    for (at, html) in ["two", "three", "page"].iter().enumerate() {
        page.form.set_field(at, html);
    }
    page.not_added();
    assert_eq!(page.form.fields(), ["one<br>two", "three", "page"]);
}

#[test]
fn a_draft_that_could_not_be_written_is_tried_again_before_closing() {
    let mut page = begun(&["Front", "Back"], &[]);
    fill(&mut page, &["one"]);
    let request = page.unsaved().expect("it is due");
    assert!(page.failed_draft().is_none(), "it is on its way");
    let failed = Event::Failed {
        request: Box::new(request.clone()),
        message: UserMessage::default(),
    };
    page.on_event(&failed);
    assert_eq!(page.failed_draft().as_ref(), Some(&request));
    say(&mut page, NoteEvent::DraftKept);
    assert!(page.failed_draft().is_none(), "there was room again");
    page.on_event(&failed);
    assert_eq!(page.failed_draft(), Some(request));
    page.add_now();
    assert!(page.failed_draft().is_none(), "the note is on its way");
}

#[test]
fn what_is_typed_before_the_page_has_its_note_type_stays() {
    let mut page = begun(&["Front", "Back"], &[]);
    page.enter(None);
    fill(&mut page, &["one"]);
    let mut fresh = adding(notetype(&["Front", "Back"], &[]));
    fresh.deck_id = DeckId(2);
    say(&mut page, NoteEvent::Adding(Box::new(fresh.clone())));
    assert_eq!(page.form.fields(), ["one", ""]);
    assert_eq!(page.deck, DeckId(2), "of the deck that is studied now");
    page.act(AddAction::ChooseDeck(DeckId(3)));
    say(&mut page, NoteEvent::Adding(Box::new(fresh)));
    assert_eq!(page.deck, DeckId(3), "chosen since");
}

#[test]
fn kept_text_and_what_was_chosen_are_there_when_the_page_comes_up_again() {
    let mut page = begun(&["Front", "Source"], &["Source"]);
    fill(&mut page, &["one", "book"]);
    page.form.tags.set(vec!["tag".into()]);
    page.add_now();
    added(&mut page);
    // Nothing was typed: it begins as usual.
    let asked = page.enter(None);
    let start = NoteRequest::StartAdding {
        studied: None,
        copy_of: None,
    };
    assert_eq!(asked, Some(Request::Note(start)));
    let fresh = adding(notetype(&["Source", "Front"], &["Source"]));
    say(&mut page, NoteEvent::Adding(Box::new(fresh)));
    assert_eq!(page.form.fields(), ["book", ""]);
    assert_eq!(page.form.tags.tags, ["tag"]);
    assert!(!page.has_input());
    page.act(AddAction::ChooseDeck(DeckId(9)));
    let asked = page.enter(None);
    let same = NoteRequest::ChooseNotetype(NotetypeId(1));
    assert_eq!(asked, Some(Request::Note(same)));
    assert_eq!(page.deck, DeckId(9));
}

#[test]
fn text_follows_its_field_when_the_fields_were_changed_meanwhile() {
    let mut page = begun(&["Front", "Back", "Source"], &[]);
    fill(&mut page, &["one", "two", "book"]);
    let mut changed = |names: &[&str]| {
        let chosen = NoteEvent::NotetypeChosen {
            notetype: notetype(names, &[]),
            notetypes: vec![],
            deck: None,
        };
        say(&mut page, chosen);
        page.form.fields()
    };
    assert_eq!(
        changed(&["Source", "Front", "Back"]),
        ["book", "one", "two"]
    );
    assert_eq!(
        changed(&["Source", "Front", "Answer"]),
        ["book", "one", "two"]
    );
    // One went, another came: its text has no other place than the new one.
    assert_eq!(changed(&["New", "Source", "Front"]), ["two", "book", "one"]);
}

#[test]
fn another_note_type_waits_for_the_files_that_are_on_their_way() {
    let mut page = begun(&["Front", "Back"], &[]);
    fill(&mut page, &["one"]);
    let ticket = page.form.ask_for_file(0);
    assert!(
        page.act(AddAction::ChooseNotetype(NotetypeId(2)))
            .is_empty()
    );
    let name = "a.png".to_owned();
    let asked = say(&mut page, NoteEvent::MediaAdded { ticket, name });
    assert!(matches!(
        asked.as_slice(),
        [Action::Ask(Request::Note(NoteRequest::ChooseNotetype(
            NotetypeId(2)
        )))]
    ));
    assert!(page.form.fields()[0].contains("<img src=\"a.png\">"));
    let at_once = page.act(AddAction::ChooseNotetype(NotetypeId(3)));
    assert_eq!(at_once.len(), 1);
}

#[test]
fn a_copy_asks_before_it_takes_the_place_of_a_draft() {
    let mut page = AddScreen::default();
    let asks = page.act(AddAction::Copy(CardId(3)));
    assert!(matches!(
        asks.as_slice(),
        [
            Action::Ask(Request::Note(NoteRequest::StartAdding {
                copy_of: Some(CardId(3)),
                ..
            })),
            Action::Go(Route::Add)
        ]
    ));
    assert_eq!(page.enter(None), None, "it is asked for already");
    let left = Adding {
        fields: vec!["half a thought".into()],
        from_draft: true,
        instead_of_copy: Some(CardId(3)),
        ..adding(notetype(&["Front"], &[]))
    };
    let asks = say(&mut page, NoteEvent::Adding(Box::new(left)));
    assert!(matches!(asks.as_slice(), [Action::Open(_)]));
    assert_eq!(page.form.fields(), ["half a thought"]);
    let asks = page.act(AddAction::CopyInstead(CardId(3)));
    let given_up = asks.first();
    assert!(matches!(
        given_up,
        Some(Action::Ask(Request::Note(NoteRequest::KeepDraft(None))))
    ));
    assert_eq!(asks.len(), 3);
}
