//! First start, profiles, backups and restore, preferences, export and import.

use crate::harness::{NOW, TestApp};
use crate::home::decks_at_rest;
use crate::steps::{click, send};
use crate::{MAIN, SMALL, Scene, scene};
use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use engram::backup::entry::{
    Contents, Entry, Inspection, KeepReason, Loss, Reason, Rules, Verification,
};
use engram::base::ids::{CardId, DeckConfigId, DeckId, NoteId, NotetypeId};
use engram::base::time::TimestampMillis;
use engram::domain::explorer::{
    CardCompared, Change, Compared, Detail, Group, Item, Listed, ListedItem, Listing,
    MediaCompared, MediaState, NotetypeNow, Opened, Row,
};
use engram::domain::history::{Fate, HistorySpace, NoteHistory, Older, ShownVersion, Trashed};
use engram::domain::notetype_diff::NotetypeDiff;
use engram::domain::subject::{Subject, SubjectHistory, TrashedSubject};
use engram::explain::UserMessage;
use engram::service::browse::CardPreview;
use engram::service::event::{
    AnkiProfile, BackupEvent, BackupState, BackupStatus, CardSide, Event, ProfileEvent,
    ProfileSummary, Salvaged,
};
use engram::service::explorer::{BackupCard, ExplorerEvent};
use engram::service::history::{HistoryEvent, Trash};
use engram::service::request::{BackupRequest, CollectionSettings, Request};
use engram::service::settings::ProfileSettings;
use engram::t;
use engram::ui::action::Action;
use engram::ui::command::Command;
use engram::ui::import_export::PackageAction;
use engram::ui::route::Route;
use engram::ui::testing::ScriptedService;
use std::path::PathBuf;
use std::sync::Arc;

/// The profiles window as it is drawn in the design.
const PROFILES: (f32, f32) = (720.0, 540.0);
const PREFERENCES: (f32, f32) = (860.0, 720.0);

pub fn scenes() -> Vec<Scene> {
    vec![
        scene("00_first_start", MAIN, first_start),
        scene("00b_first_start_anki", SMALL, first_start_anki),
        scene("03_profiles", PROFILES, profiles),
        scene("03b_add_profile", PROFILES, add_profile),
        scene("03c_delete_profile", PROFILES, delete_profile),
        scene("03d_broken", MAIN, broken),
        scene("03e_salvaged", MAIN, salvaged),
        scene("03f_from_anki", PROFILES, from_anki),
        Scene {
            twice: true,
            ..scene("04_open_backup", MAIN, open_backup)
        },
        scene("04b_restore_confirm", MAIN, restore_confirm),
        scene("04d_open_backup_small", SMALL, open_backup),
        scene("04e_pin", MAIN, pin),
        scene("04f_no_backups", MAIN, no_backups),
        Scene {
            twice: true,
            ..scene("08_prefs_backups", PREFERENCES, prefs_backups)
        },
        scene("08b_prefs_review", PREFERENCES, prefs_review),
        scene("08c_prefs_appearance", PREFERENCES, prefs_appearance),
        scene("08e_prefs_editing", PREFERENCES, prefs_editing),
        scene("08f_prefs_search", PREFERENCES, prefs_search),
        scene("08g_prefs_search_none", PREFERENCES, prefs_search_none),
        scene("08d_prefs_backups_small", SMALL, prefs_backups),
        Scene {
            twice: true,
            ..scene("05_explorer", MAIN, explorer)
        },
        scene("05b_explorer_small", SMALL, explorer),
        scene("05h_explorer_notetype", MAIN, explorer_notetype),
        scene("05i_explorer_tall", (1100.0, 1000.0), explorer),
        scene("05f_explorer_card", MAIN, explorer_card),
        scene("05g_explorer_card_small", SMALL, explorer_card),
        scene("05c_explorer_opening", MAIN, explorer_opening),
        scene("05d_note_history", MAIN, note_history),
        scene("05j_history_limits", (860.0, 1400.0), history_limits),
        scene("05k_delete_older", PREFERENCES, delete_older),
        scene("05l_preset_history", MAIN, preset_history),
        scene("05m_notetypes_differ", MAIN, notetypes_differ),
        scene("05e_deleted_notes", MAIN, deleted_notes),
        scene("05n_deleted_decks", MAIN, deleted_decks),
        scene("16_export", MAIN, export),
        scene("16b_import", MAIN, import),
    ]
}

/// Minutes before now.
pub fn ago(minutes: i64) -> TimestampMillis {
    TimestampMillis(NOW.0 - minutes * 60_000)
}

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

fn profile(name: &str, cards: u64, opened: i64, backup: Option<i64>) -> ProfileSummary {
    ProfileSummary {
        name: name.into(),
        path: name.into(),
        last_opened: Some(ago(opened)),
        collection_size: Some(41_200_000),
        cards: Some(cards),
        last_backup: backup.map(ago),
    }
}

fn list(service: &ScriptedService, profiles: Vec<ProfileSummary>, anki: Vec<AnkiProfile>) {
    service.say(Event::Profile(ProfileEvent::Listed { profiles, anki }));
}

/// A click on a button; the pointer is not seen on it afterwards.
pub fn press(app: &mut TestApp, label: &str) {
    click(app, Role::Button, label);
    app.harness.remove_cursor();
    app.settle();
}

fn first_start(app: &mut TestApp, service: &ScriptedService) {
    list(service, vec![], vec![]);
    app.settle();
}

fn first_start_anki(app: &mut TestApp, service: &ScriptedService) {
    list(service, vec![], found_of_anki());
    app.settle();
}

fn found_of_anki() -> Vec<AnkiProfile> {
    let anki = |name: &str, collection_size| AnkiProfile {
        name: name.into(),
        path: name.into(),
        collection_size,
    };
    vec![anki("User 1", 41_200_000), anki("Exam", 3_200_000)]
}

fn profiles(app: &mut TestApp, service: &ScriptedService) {
    let all = vec![
        profile("Ana", 14_511, 7 * HOUR, Some(4)),
        profile("Medicine finals", 6_204, 3 * DAY, None),
        profile("Test", 12, 255 * DAY, None),
    ];
    list(service, all, found_of_anki());
    app.settle();
}

fn from_anki(app: &mut TestApp, service: &ScriptedService) {
    profiles(app, service);
    press(app, "From Anki…");
}

fn add_profile(app: &mut TestApp, service: &ScriptedService) {
    profiles(app, service);
    press(app, "Add");
}

fn delete_profile(app: &mut TestApp, service: &ScriptedService) {
    profiles(app, service);
    press(app, "Delete");
}

fn broken(app: &mut TestApp, service: &ScriptedService) {
    profiles(app, service);
    service.say(Event::Profile(ProfileEvent::Broken {
        name: "Ana".into(),
        message: UserMessage {
            what: "Could not open the profile".into(),
            cause: "The collection file is damaged: its index of cards does not match.".into(),
            remedy: "Restore a backup. The damaged file is kept aside.".into(),
            details: "Corrupt".into(),
            ..UserMessage::default()
        },
    }));
    app.settle();
}

fn salvaged(app: &mut TestApp, service: &ScriptedService) {
    profiles(app, service);
    service.say(Event::Backup(BackupEvent::Salvaged(Box::new(Salvaged {
        profile: "Ana".into(),
        path: "/home/ana/.local/share/engram/Ana/salvaged-2026-11-21-15.30.00.anki2".into(),
        notes: 9_798,
        cards: 14_497,
        reviews: 182_912,
        lost: 42,
        lines: vec![
            "Lost: 14 of 9,812 notes".into(),
            "Lost: 14 of 14,511 cards".into(),
            "Lost: 14 of 182,926 reviews".into(),
            "Unreadable: 3 of 10,240 pages of the file".into(),
        ],
    }))));
    app.settle();
}

/// Minutes ago, reason, notes, cards, reviews, hundred kB, verified, kept because.
type Made = (i64, Reason, u64, u64, u64, u64, bool, KeepReason);

const MADE: &[Made] = {
    use KeepReason::{Daily, Monthly, Recent, Weekly};
    use Reason::{BeforeCheck, BeforeImport, Close, Interval, Manual};
    &[
        (4, Interval, 9_812, 14_511, 182_940, 412, true, Recent),
        (34, Interval, 9_812, 14_511, 182_861, 412, true, Recent),
        (378, BeforeCheck, 9_808, 14_505, 182_802, 411, true, Recent),
        (1_100, Close, 9_806, 14_502, 182_798, 411, true, Recent),
        (
            1_190,
            BeforeImport,
            9_394,
            13_998,
            182_715,
            402,
            true,
            Recent,
        ),
        (2 * DAY, Interval, 9_391, 13_990, 182_500, 402, true, Daily),
        (3 * DAY, Interval, 9_377, 13_961, 182_181, 401, true, Daily),
        (4 * DAY, Manual, 9_371, 13_950, 181_904, 401, true, Daily),
        (13 * DAY, Close, 9_240, 13_702, 180_255, 394, true, Weekly),
        (
            20 * DAY,
            Interval,
            9_198,
            13_644,
            178_031,
            392,
            false,
            Weekly,
        ),
        (
            51 * DAY,
            Interval,
            8_760,
            12_930,
            171_266,
            378,
            true,
            Monthly,
        ),
    ]
};

pub fn entries() -> Vec<Entry> {
    let entry = |&(minutes, reason, notes, cards, revlog, size, ok, keep): &Made| Entry {
        path: PathBuf::from(format!("/home/ana/engram/Ana/backups/{minutes}.colpkg")),
        created: ago(minutes),
        size: size * 100_000,
        reason,
        verification: if ok {
            Verification::Verified { at: ago(750) }
        } else {
            Verification::Unverified
        },
        pinned: (reason == Reason::Manual).then(|| "Before the exam".to_owned()),
        note: String::new(),
        contents: Some(Contents {
            notes,
            cards,
            revlog,
        }),
        keep: vec![keep],
    };
    MADE.iter().map(entry).collect()
}

fn inspection(entry: &Entry) -> Inspection {
    Inspection {
        path: entry.path.clone(),
        schema: 18,
        contents: entry.contents.unwrap_or_default(),
        media_files: 0,
        notetypes: 6,
        decks: vec![],
        newest_review: Some(entry.created),
        loss: Some(Loss {
            reviews: 142,
            notes_added: 6,
            notes_changed: 3,
            notes_deleted: 1,
            ..Loss::default()
        }),
    }
}

fn backups(app: &mut TestApp, service: &ScriptedService, entries: Vec<Entry>) {
    opened(app, service);
    send(app, Action::Command(Command::OpenBackup));
    service.say(Event::Backup(BackupEvent::Listed {
        profile: "Ana".into(),
        entries,
    }));
    app.settle();
}

/// What was asked about backups is known.
fn compared(app: &mut TestApp, service: &ScriptedService) {
    let entries = entries();
    for request in service.take_requests() {
        if let Request::Backup(BackupRequest::Inspect { path, ticket, .. }) = request
            && let Some(entry) = entries.iter().find(|entry| entry.path == path)
        {
            let inspection = inspection(entry);
            service.say(Event::Backup(BackupEvent::Inspected { ticket, inspection }));
        }
    }
    app.settle();
}

fn open_backup(app: &mut TestApp, service: &ScriptedService) {
    backups(app, service, entries());
    app.harness
        .get_by_label("21:10, 18 hours ago, Profile closed, 14,502 cards, 41.1 MB, verified")
        .click();
    app.settle();
    app.harness.remove_cursor();
    app.settle();
    compared(app, service);
}

fn restore_confirm(app: &mut TestApp, service: &ScriptedService) {
    open_backup(app, service);
    press(app, "Restore…");
}

fn pin(app: &mut TestApp, service: &ScriptedService) {
    open_backup(app, service);
    press(app, "Pin…");
}

fn no_backups(app: &mut TestApp, service: &ScriptedService) {
    backups(app, service, vec![]);
}

/// Those of a new collection, with a timebox of so many minutes.
pub fn collection_settings(timebox_mins: u32) -> CollectionSettings {
    CollectionSettings {
        rollover_hour: 4,
        learn_ahead_mins: 20,
        timebox_mins,
        show_intervals: true,
        show_remaining: true,
        show_play_buttons: true,
        interrupt_audio: true,
        flag_names: Default::default(),
        add_to_current_deck: true,
        paste_images_as_png: false,
        paste_strips_formatting: false,
        default_search: String::new(),
        ignore_accents: false,
        backups: Rules::default(),
    }
}

fn opened(app: &mut TestApp, service: &ScriptedService) {
    service.say(Event::Profile(ProfileEvent::Opened {
        name: "Ana".into(),
        restored: false,
        can_undo_restore: false,
        undo: Default::default(),
    }));
    service.say(Event::Backup(BackupEvent::Status(BackupStatus {
        state: BackupState::Idle,
        last_verified: Some(ago(4)),
        folder: Some("/home/ana/.local/share/engram/Ana/backups".into()),
        ..BackupStatus::default()
    })));
    service.say(Event::Settings {
        profile: Box::new(ProfileSettings::default()),
        collection: collection_settings(0),
    });
    app.settle();
}

fn prefs_backups(app: &mut TestApp, service: &ScriptedService) {
    opened(app, service);
    send(app, Action::Go(Route::Preferences));
    click(app, Role::ListBoxOption, t!("Backups"));
    app.harness.remove_cursor();
    service.say(Event::Backup(BackupEvent::Thinning {
        keep: vec![(PathBuf::new(), vec![]); 63],
        drop: vec![],
    }));
    app.settle();
}

fn page(app: &mut TestApp, service: &ScriptedService, page: &str) {
    prefs_backups(app, service);
    app.harness.get_by_label(page).click();
    app.settle();
    app.harness.remove_cursor();
    app.settle();
}

fn prefs_search(app: &mut TestApp, service: &ScriptedService) {
    prefs_backups(app, service);
    app.keys(Modifiers::COMMAND, Key::F);
    app.type_text("card");
}

fn prefs_search_none(app: &mut TestApp, service: &ScriptedService) {
    prefs_backups(app, service);
    app.keys(Modifiers::COMMAND, Key::F);
    app.type_text("piano");
}

fn prefs_review(app: &mut TestApp, service: &ScriptedService) {
    page(app, service, "Review");
}

fn prefs_editing(app: &mut TestApp, service: &ScriptedService) {
    page(app, service, "Editing");
}

fn prefs_appearance(app: &mut TestApp, service: &ScriptedService) {
    page(app, service, "Appearance");
}

fn export(app: &mut TestApp, service: &ScriptedService) {
    decks_at_rest(app, service);
    send(app, Action::Package(PackageAction::Export));
}

fn import(app: &mut TestApp, service: &ScriptedService) {
    decks_at_rest(app, service);
    let file = PathBuf::from("/media/stick/collection-2026-11-20@21-10-00.colpkg");
    send(app, Action::Package(PackageAction::Offer(file)));
}

fn explorer_opening(app: &mut TestApp, service: &ScriptedService) {
    opened(app, service);
    let path = Some(PathBuf::from("/home/ana/engram/Ana/backups/1100.colpkg"));
    send(app, Action::Go(Route::Explorer { path }));
    service.say(Event::Backup(BackupEvent::Listed {
        profile: "Ana".into(),
        entries: entries(),
    }));
    app.settle();
}

const EXPLORED: [(&str, &str, Change); 13] = [
    (
        "la madrugada",
        "the small hours, early morning",
        Change::Changed,
    ),
    ("el atardecer", "dusk, evening", Change::Changed),
    ("amanecer", "to dawn; to wake up", Change::Deleted),
    ("trasnochar", "to stay up all night", Change::Deleted),
    ("la víspera", "the eve, day before", Change::Deleted),
    ("madrugar", "to get up early", Change::Changed),
    ("el ocaso", "sunset; decline", Change::Deleted),
    ("anochecer", "to get dark", Change::Changed),
    ("la penumbra", "half-light", Change::Deleted),
    ("desvelarse", "to be unable to sleep", Change::Deleted),
    ("el alba", "daybreak", Change::Changed),
    ("la siesta", "afternoon nap", Change::Deleted),
    ("despertarse", "to wake up", Change::Changed),
];

fn explored_note() -> Detail {
    let compared = |name: &str, was: &str, is: &str| Compared {
        name: name.into(),
        was: was.into(),
        is: Some(is.into()),
    };
    Detail {
        id: NoteId(1),
        title: "la madrugada".into(),
        change: Some(Change::Changed),
        notetype: "Vocabulary+".into(),
        modified: ago(1200).secs(),
        deck: DeckId(1),
        deck_name: "Languages::Spanish".into(),
        fields: vec![
            compared("Front", "la madrugada", "la madrugada"),
            compared(
                "Back",
                "the small hours, early morning",
                "the small hours, dawn",
            ),
            compared(
                "Example",
                "Se despertó de madrugada y no pudo volver a dormir.",
                "Se despertó al amanecer y no pudo volver a dormir.",
            ),
        ],
        tags: compared("Tags", "unit-07 verbs", "unit-70 verbs"),
        cards: vec![
            CardCompared {
                id: CardId(1),
                name: "Recognition".into(),
                was: "41 days".into(),
                is: Some("1.9 months".into()),
                reviews_since: 2,
                facts: vec![
                    compared("Due", "2026-12-24", "2027-01-17"),
                    compared("Stability", "1.4 months", "1.9 months"),
                    compared("Reviews", "9", "11"),
                    compared("Flag", "", "Red"),
                ],
            },
            CardCompared {
                id: CardId(2),
                name: "Production".into(),
                was: "12 days".into(),
                is: Some("12 days".into()),
                reviews_since: 0,
                facts: vec![],
            },
        ],
        notetype_now: NotetypeNow::Changed(vec![
            compared(
                "Fields",
                "Front, Back, Example",
                "Front, Back, Example, Audio",
            ),
            compared(
                "Recognition: back",
                "{{FrontSide}}\n<hr id=answer>\n{{Back}}\n<p>{{Example}}</p>",
                "{{FrontSide}}\n<hr id=answer>\n{{Back}}\n<i>{{Example}}</i>\n{{Audio}}",
            ),
            compared(
                "Styling",
                ".card {\n  font-family: Arial;\n  font-size: 24px;\n}",
                ".card {\n  font-family: Inter;\n  font-size: 28px;\n}",
            ),
        ]),
        media: vec![
            MediaCompared {
                name: "madrugada.mp3".into(),
                state: MediaState::Same,
            },
            MediaCompared {
                name: "sunrise-over-the-sea.jpg".into(),
                state: MediaState::Lost,
            },
        ],
    }
}

fn explorer(app: &mut TestApp, service: &ScriptedService) {
    explorer_opening(app, service);
    let group = |name: &str, changes| Group {
        name: name.into(),
        notes: Listed {
            changes,
            deleted: changes / 4,
            rescheduled: changes * 2,
            all: changes * 200,
        },
    };
    let say = |event| service.say(Event::Explorer(event));
    say(ExplorerEvent::Opened(Box::new(Opened {
        path: "/home/ana/engram/Ana/backups/1100.colpkg".into(),
        notes: 9806,
        cards: 14_502,
        revlog: 182_000,
        changes: 13,
        deleted: 7,
        rescheduled: 118,
        added: 31,
        modified: ago(7 * DAY),
        decks: vec![
            group("Languages::French", 2),
            group("Languages::Spanish", 9),
            group("Medicine", 2),
        ],
        names: Arc::default(),
        items: items_of_the_backup(),
        tags: vec![group("leech", 1), group("unit-07", 5), group("verbs", 8)],
        notetypes: vec![group("Basic", 4), group("Vocabulary+", 9)],
        differing: vec![
            NotetypeDiff {
                name: "Vocabulary+".into(),
                now: NotetypeNow::Changed(vec![
                    Compared {
                        name: "Fields".into(),
                        was: "Front, Back, Example".into(),
                        is: Some("Front, Back, Sentence".into()),
                    },
                    Compared {
                        name: "Card 1: front".into(),
                        was: "<b>{{Front}}</b>".into(),
                        is: Some("{{Front}}<br>{{hint:Sentence}}".into()),
                    },
                    Compared {
                        name: "Styling".into(),
                        was: ".card { font-size: 20px; color: black }".into(),
                        is: Some(".card { font-size: 24px; color: navy }".into()),
                    },
                ]),
            },
            NotetypeDiff {
                name: "Geography".into(),
                now: NotetypeNow::Gone,
            },
        ],
    })));
    say(ExplorerEvent::Listed(Box::new(Listing {
        notes: (1..)
            .map(NoteId)
            .zip(EXPLORED.iter().map(|n| Some(n.2)))
            .collect(),
        ..Listing::default()
    })));
    let rows = (1..)
        .map(NoteId)
        .zip(EXPLORED)
        .map(|(id, (title, line, _))| Row {
            id,
            title: title.into(),
            line: line.into(),
        });
    say(ExplorerEvent::Rows(rows.collect()));
    app.settle();
    say(ExplorerEvent::Detail(Box::new(explored_note())));
    app.settle();
    for n in [0, 1, 2, 3, 4, 6] {
        click(app, Role::CheckBox, &format!("Tick {}", EXPLORED[n].0));
    }
    app.harness.remove_cursor();
    app.settle();
}

fn explorer_notetype(app: &mut TestApp, service: &ScriptedService) {
    explorer(app, service);
    click(app, Role::RadioButton, "Note type");
    app.harness.remove_cursor();
    app.settle();
}

fn notetypes_differ(app: &mut TestApp, service: &ScriptedService) {
    explorer(app, service);
    app.harness
        .get_by_label_contains("note types differ")
        .click();
    app.settle();
    app.harness.remove_cursor();
    app.settle();
}

fn explorer_card(app: &mut TestApp, service: &ScriptedService) {
    explorer(app, service);
    click(app, Role::RadioButton, "Card");
    let side = |html: &str| CardSide {
        html: html.into(),
        sounds: vec![],
    };
    let card = BackupCard {
        sides: CardPreview {
            card: CardId(1),
            question: side("la madrugada"),
            answer: side("la madrugada<hr id=answer>the small hours, early morning"),
            css: ".card { font-family: Arial; font-size: 24px; text-align: center; }".into(),
            body_class: "card card1".into(),
        },
        media: "/home/ana/.local/share/engram/Ana/collection.media".into(),
        media_of_now: true,
    };
    service.say(Event::Explorer(ExplorerEvent::Card(Arc::new(card))));
    app.settle();
    click(app, Role::Button, "Show Answer");
    app.harness.remove_cursor();
    app.settle();
}

fn preset_history(app: &mut TestApp, service: &ScriptedService) {
    opened(app, service);
    crate::home::say_tree(service);
    let preset = Subject::Preset(DeckConfigId(5));
    let subjects = vec![
        (preset, "Preset".to_owned()),
        (Subject::Deck(DeckId(7)), "Deck".to_owned()),
    ];
    for action in engram::ui::history::SubjectHistoryDialog::open(subjects, None) {
        send(app, action);
    }
    let lines = |new: &str, steps: &str, order: &str| {
        let pairs = [
            ("Name", "Languages"),
            ("New cards/day", new),
            ("Learning steps", steps),
            ("Review sort order", order),
        ];
        pairs.map(|(n, t)| (n.to_owned(), t.to_owned())).to_vec()
    };
    let due = "Due date, then random";
    let version = |number, minutes, origin: &str, fields| ShownVersion {
        number,
        until: ago(minutes),
        origin: origin.into(),
        fate: Fate::Changed,
        fields,
        decks: String::new(),
    };
    let history = SubjectHistory {
        subject: preset,
        present: Some(lines("35", "1m 10m 1d", "Descending retrievability")),
        versions: vec![
            version(4, 50, "Sync", lines("20", "1m 10m", due)),
            version(3, 4000, "Deck Options", lines("10", "1m 10m", due)),
            version(1, 90_000, "Deck Options", lines("20", "1m", due)),
        ],
    };
    service.say(Event::History(HistoryEvent::Subject(Box::new(history))));
    app.settle();
}

fn items_of_the_backup() -> Arc<[ListedItem]> {
    let item = |item, name: &str, change, size| ListedItem {
        item,
        name: name.into(),
        change,
        parts: vec![],
        size,
    };
    let media = |name: &str, change, size| item(Item::Media(name.into()), name, change, Some(size));
    vec![
        media("alba.jpg", Some(Change::Deleted), 48_213),
        media("madrugada.mp3", None, 21_904),
        media("plaza.jpg", Some(Change::Changed), 182_400),
        item(Item::Preset(DeckConfigId(1)), "Default", None, None),
        item(
            Item::Search("Leeches of this week".into()),
            "Leeches of this week",
            Some(Change::Deleted),
            None,
        ),
    ]
    .into()
}

fn say_space(service: &ScriptedService) {
    let space = HistorySpace {
        versions: 4211,
        bytes: 12_345_678,
        oldest: Some(ago(60 * 24 * 260)),
    };
    service.say(Event::History(HistoryEvent::Space(space)));
}

fn history_limits(app: &mut TestApp, service: &ScriptedService) {
    prefs_backups(app, service);
    say_space(service);
    app.settle();
}

fn delete_older(app: &mut TestApp, service: &ScriptedService) {
    prefs_backups(app, service);
    for action in engram::ui::history::PurgeDialog::open() {
        send(app, action);
    }
    let found = Older {
        versions: 318,
        deleted_notes: 12,
    };
    service.say(Event::History(HistoryEvent::Older { days: 365, found }));
    app.settle();
}

fn note_history(app: &mut TestApp, service: &ScriptedService) {
    opened(app, service);
    crate::home::say_tree(service);
    let note = NoteId(7);
    for action in engram::ui::history::NoteHistoryDialog::open(note) {
        send(app, action);
    }
    let fields = |back: &str, tags: &str| {
        let pairs = [("Front", "la madrugada"), ("Back", back), ("Tags", tags)];
        pairs.map(|(n, t)| (n.to_owned(), t.to_owned())).to_vec()
    };
    let version = |number, minutes, origin: &str, fields| ShownVersion {
        number,
        until: ago(minutes),
        origin: origin.into(),
        fate: Fate::Changed,
        fields,
        decks: "Languages::Spanish".into(),
    };
    let history = NoteHistory {
        note,
        decks: "Languages::Spanish".into(),
        present: Some(fields("the small hours, dawn", "unit-70 verbs")),
        versions: vec![
            version(
                9,
                35,
                "Update Note",
                fields("the small hours, early morning", "unit-70 verbs"),
            ),
            version(
                6,
                1300,
                "Find and Replace",
                fields("the wee hours, early morning", "unit-07 verbs"),
            ),
            version(2, 9000, "Update Note", fields("early morning", "unit-07")),
        ],
    };
    service.say(Event::History(HistoryEvent::Loaded(Box::new(history))));
    app.settle();
}

fn deleted_decks(app: &mut TestApp, service: &ScriptedService) {
    deleted_notes(app, service);
    let tab = "Decks and options";
    click(app, Role::RadioButton, tab);
    app.harness.get_by_label_contains("French, deleted").click();
    app.harness.remove_cursor();
    app.settle();
}

fn deleted_notes(app: &mut TestApp, service: &ScriptedService) {
    opened(app, service);
    crate::home::say_tree(service);
    for action in engram::ui::history::TrashDialog::open() {
        send(app, action);
    }
    let trashed = (1..).zip(EXPLORED.iter().filter(|n| n.2 == Change::Deleted));
    let trashed = trashed.map(|(number, (title, line, _))| Trashed {
        number,
        note: NoteId(number),
        deleted: ago(90 * number),
        title: (*title).into(),
        line: (*line).into(),
        cards: 1 + number as u64 % 2,
    });
    let subjects = vec![
        TrashedSubject {
            number: 1,
            subject: Subject::Deck(DeckId(4)),
            name: "Languages::French".into(),
            deleted: ago(200),
        },
        TrashedSubject {
            number: 2,
            subject: Subject::Notetype(NotetypeId(4)),
            name: "Geography".into(),
            deleted: ago(9000),
        },
    ];
    let trash = Trash {
        search: String::new(),
        notes: trashed.collect(),
        subjects,
    };
    service.say(Event::History(HistoryEvent::Trash(trash)));
    app.settle();
    app.harness.get_by_label_contains("trasnochar").click();
    app.harness.remove_cursor();
    app.settle();
}
