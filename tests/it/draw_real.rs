//! Cards of real shared decks, drawn with their own style sheets and media: no card makes the
//! engine fail, and each shows something.

use engram::base::ids::DeckId;
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::collection::card_html::render_card;
use engram::formats::reader::Package;
use engram::render::{CardEngine, CardPage, DrawnCard, EngineEvent, MediaFolder, View};
use engram::storage::Storage;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Cards of one package that are drawn.
const CARDS: usize = 12;

/// All packages of real decks at hand.
pub fn packages() -> Vec<PathBuf> {
    let shared = std::env::var_os("ENGRAM_SHARED")
        .map_or_else(|| crate::oracle::root().join("../shared"), PathBuf::from);
    let mut found = Vec::new();
    let mut todo = vec![shared.join("packages/real")];
    while let Some(folder) = todo.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                todo.push(path);
            } else if path
                .extension()
                .is_some_and(|e| e == "apkg" || e == "colpkg")
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The package's collection, upgraded, and its media; None for those that are refused.
pub fn unpack(package: &Path, folder: &Path) -> Option<Storage> {
    let progress = Progress::default();
    let mut reader = Package::open(package).ok()?;
    let path = folder.join("collection.anki2");
    let mut out = File::create(&path).expect("a file");
    reader.unpack_collection(&mut out, None, &progress).ok()?;
    let media = folder.join("media");
    std::fs::create_dir(&media).expect("a folder");
    for file in reader.media().ok()? {
        let mut out = File::create(media.join(&file.name)).expect("a file");
        // A damaged file is a missing picture.
        let _ = reader.unpack_media(&file, &mut out, None, &progress);
    }
    if Storage::needs_upgrade(&path).ok()? {
        Storage::upgrade(&path, &Clock::System, &progress).ok()?;
    }
    Storage::open(&path).ok()
}

fn draw(engine: &CardEngine, page: CardPage) -> DrawnCard {
    let page = Arc::new(page);
    engine.show(page.clone(), View::new(800.0, 600.0), false);
    loop {
        match engine.wait(Duration::from_secs(60)) {
            Some(EngineEvent::Drawn(drawn)) if drawn.key == page.key() => return drawn,
            Some(_) => {}
            None => panic!("no picture of {}", page.html),
        }
    }
}

#[test]
fn cards_of_real_decks_are_drawn() {
    let packages = packages();
    if packages.is_empty() {
        eprintln!("skipped: no shared packages here");
        return;
    }
    let mut drawn_cards = 0;
    for package in packages {
        let dir = tempfile::tempdir().expect("a folder");
        let Some(storage) = unpack(&package, dir.path()) else {
            continue;
        };
        let media = Arc::new(MediaFolder::new(dir.path().join("media")));
        let engine = CardEngine::spawn(media, Arc::new(|| {})).expect("an engine");
        let decks = storage.all_decks().expect("decks");
        let ids: Vec<DeckId> = decks.iter().map(|deck| deck.id).collect();
        let cards = ids
            .iter()
            .flat_map(|&deck| {
                storage
                    .card_ids_of_deck(deck)
                    .expect("cards")
                    .into_iter()
                    .take(CARDS)
            })
            .take(CARDS);
        for id in cards {
            let Ok(card) = render_card(&storage, id) else {
                continue;
            };
            for (side, html) in [card.question_page(), card.answer_page(None)]
                .into_iter()
                .enumerate()
            {
                let night = drawn_cards % 3 == 2;
                let page = CardPage {
                    html,
                    css: card.css.clone(),
                    body_class: card.body_class.clone(),
                    night,
                    play_buttons: true,
                    is_answer: false,
                };
                let drawn = draw(&engine, page);
                let what = format!("{} card {id} side {side}", package.display());
                assert!(!drawn.text.contains("could not be drawn"), "{what}");
                let first = &drawn.rgba[..4];
                let varied = drawn.rgba.chunks_exact(4).any(|pixel| pixel != first);
                assert!(
                    varied || drawn.text.is_empty(),
                    "{what} is empty: {}",
                    drawn.text
                );
                save(&package, id.0, side, &drawn);
                drawn_cards += 1;
            }
        }
    }
    assert!(drawn_cards > 100, "{drawn_cards}");
}

/// Pictures for a person to look at, when `ENGRAM_DRAWN` names a folder.
fn save(package: &Path, id: i64, side: usize, drawn: &DrawnCard) {
    if let Some(folder) = std::env::var_os("ENGRAM_DRAWN") {
        let deck: String = package
            .file_stem()
            .map(|name| name.to_string_lossy().chars().take(40).collect())
            .unwrap_or_default();
        let path = Path::new(&folder).join(format!("{deck}-{id}-{side}.png"));
        let (width, height) = (drawn.width_px, drawn.height_px);
        image::save_buffer(path, &drawn.rgba, width, height, image::ColorType::Rgba8)
            .expect("a picture");
    }
}
