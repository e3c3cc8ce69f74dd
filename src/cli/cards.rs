//! `search`, `render`, `next` and `answer`.

use super::args::{AnswerArgs, NextArgs, RenderArgs, SearchArgs};
use super::output::{Answer, Doing as _, Failure, whats};
use super::session::Session;
use crate::backup::export::refuse_inside;
use crate::base::ids::CardId;
use crate::base::json_path::JsonPath;
use crate::base::{Error, ErrorKind, Result};
use crate::collection::Collection;
use crate::collection::find::SortBy;
use crate::collection::study::QueuedCard;
use crate::domain::deck::DeckName;
use crate::domain::html::html_to_text_line;
use crate::render::{CardPage, MediaFolder, write_png};
use crate::storage::search::SortColumn;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) fn search(session: &Session, args: &SearchArgs) -> Result<Answer, Failure> {
    let profile = session.lock()?;
    let mut collection = session.open(&profile)?;
    let found = ids(&mut collection, args).doing("search")?;
    collection.close().doing("close the collection")?;
    let count = found.len();
    let text = if args.count {
        count.to_string()
    } else {
        let lines: Vec<String> = found.iter().map(i64::to_string).collect();
        lines.join("\n")
    };
    let json = if args.count {
        json!({"count": count})
    } else {
        json!({"ids": found, "count": count})
    };
    Ok(Answer::new(text, json))
}

fn ids(collection: &mut Collection, args: &SearchArgs) -> Result<Vec<i64>> {
    let sort: SortBy = match &args.sort {
        Some(name) => {
            let column = SortColumn::named(name).ok_or_else(|| {
                let names: Vec<&str> = SortColumn::ALL.iter().map(|(_, n)| *n).collect();
                Error::invalid(format!(
                    "there is no column “{name}”; columns are {}",
                    names.join(", ")
                ))
            })?;
            Some((column, args.reverse))
        }
        None => None,
    };
    let mut ids: Vec<i64> = if args.notes {
        let found = collection.find_notes(&args.query, sort)?;
        found.into_iter().map(|id| id.0).collect()
    } else {
        let found = collection.find_cards(&args.query, sort)?;
        found.into_iter().map(|id| id.0).collect()
    };
    if sort.is_none() {
        ids.sort_unstable();
        if args.reverse {
            ids.reverse();
        }
    }
    Ok(ids)
}

pub(super) fn render(session: &Session, args: &RenderArgs) -> Result<Answer, Failure> {
    const DOING: &str = "show the card";
    if let Some(out) = &args.png {
        refuse_inside(out, Some(session.data.path())).doing("draw the card")?;
    }
    let profile = session.lock()?;
    let collection = session.open(&profile)?;
    let card = collection.render_card(args.card_id).doing(DOING)?;
    collection.close().doing("close the collection")?;
    let mut json = json!({
        "question": card.question,
        "answer": card.answer,
        "css": card.css,
    });
    let mut text = format!(
        "<style>{}</style>\n{}\n<!-- answer -->\n{}",
        card.css, card.question, card.answer
    );
    if let Some(out) = &args.png {
        let page = CardPage {
            html: card.answer_page(None),
            css: card.css.clone(),
            body_class: card.body_class.clone(),
            night: args.night,
            play_buttons: true,
            is_answer: true,
        };
        let media = Arc::new(MediaFolder::new(profile.paths.media()));
        write_png(&page, media, args.width as f32, args.scale, out).doing("draw the card")?;
        json["png"] = json!(JsonPath(out));
        text = out.display().to_string();
    }
    Ok(Answer::new(text, json))
}

pub(super) fn next(session: &Session, args: &NextArgs) -> Result<Answer, Failure> {
    let profile = session.lock()?;
    let mut collection = session.open(&profile)?;
    let answer = || -> Result<Answer> {
        if let Some(name) = &args.deck {
            let deck = collection
                .storage()
                .deck_by_name(&DeckName::from_human(name))?
                .ok_or_else(|| Error::not_found(format!("there is no deck “{name}”")))?;
            collection.set_current_deck(deck.id)?;
        }
        shown(&mut collection)
    }()
    .doing("find the next card")?;
    collection.close().doing("close the collection")?;
    Ok(answer)
}

/// What the study screen would show now.
fn shown(collection: &mut Collection) -> Result<Answer> {
    let next = collection.next_card()?;
    let counts = collection.counts()?;
    let Some(queued) = next else {
        return Ok(Answer::new(
            "Congratulations! You have finished this deck for now.",
            json!({"card": null, "states": null, "counts": counts}),
        ));
    };
    let rendered = collection.render_card(queued.card.id)?;
    let deck = match collection.storage().deck(queued.card.home_deck_id())? {
        Some(deck) => deck.name.human(),
        None => String::new(),
    };
    let [again, hard, good, easy] = &queued.intervals;
    let text = format!(
        "{}  {}\nagain {again} · hard {hard} · good {good} · easy {easy}\n\
         new {} · learning {} · review {}",
        queued.card.id,
        html_to_text_line(&rendered.question, true),
        counts.new,
        counts.learning,
        counts.review
    );
    Ok(Answer::new(
        text,
        json!({
            "card": {
                "id": queued.card.id,
                "note_id": queued.card.note_id,
                "deck": deck,
                "kind": queued.kind,
                "question": rendered.question,
                "answer": rendered.answer,
                "css": rendered.css,
            },
            "states": states(&queued),
            "counts": counts,
        }),
    ))
}

fn states(queued: &QueuedCard) -> Value {
    let [again, hard, good, easy] = &queued.intervals;
    json!({"again": again, "hard": hard, "good": good, "easy": easy})
}

pub(super) fn answer(session: &Session, args: &AnswerArgs) -> Result<Answer, Failure> {
    const DOING: &str = "answer the card";
    let profile = session.lock()?;
    let mut collection = session.open(&profile)?;
    let queued = to_be_answered(&mut collection, args.card_id).doing(DOING)?;
    let done = collection
        .answer(queued.answer(args.rating.rating(), args.taken_ms))
        .doing(DOING)?;
    // The answer is kept, whatever is wrong with the card that comes next.
    let (mut answer, warnings) = match shown(&mut collection) {
        Ok(answer) => (answer, vec![]),
        Err(error) => {
            let what = format!("the next card cannot be shown: {}", error.what());
            let none = json!({"card": null, "states": null, "counts": null});
            let warning = Error::new(error.kind(), what);
            (Answer::new("Answered.", none), vec![warning])
        }
    };
    session.warn_of_all(&warnings);
    answer.json["warnings"] = json!(whats(&warnings));
    answer.json["answered"] = json!({
        "id": args.card_id,
        "leech": done.value.leech,
        "suspended": done.value.suspended,
    });
    collection.close().doing("close the collection")?;
    Ok(answer)
}

/// The card with its next states: it must be the one that the study screen would show, in the
/// deck that is studied or in its own.
fn to_be_answered(collection: &mut Collection, id: CardId) -> Result<QueuedCard> {
    let card = collection
        .storage()
        .get_card(id)?
        .ok_or_else(|| Error::not_found(format!("there is no card {id}")))?;
    if let Some(next) = collection.next_card()?.filter(|next| next.card.id == id) {
        return Ok(next);
    }
    let before = collection.current_deck()?;
    collection.set_current_deck(card.deck_id)?;
    if let Some(next) = collection.next_card()?.filter(|next| next.card.id == id) {
        return Ok(next);
    }
    collection.set_current_deck(before)?;
    Err(Error::new(
        ErrorKind::Conflict,
        "this card is not the one to be answered now; see engram-cli next",
    ))
}
