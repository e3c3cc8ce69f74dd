//! The browser: searches, rows, and what is done to the chosen ones.

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::ids::{CardId, NoteId, NotetypeId};
use crate::collection::{Collection, OpOutput};
use crate::domain::card::CardQueue;
use crate::domain::card_answers::AskedIn;
use crate::domain::explorer::Since;
use crate::domain::op::Op;
use crate::explain::explain;
use crate::service::browse::{BrowseAction, BrowseEvent, BrowseRequest, Carried, Chosen};
use crate::service::bulk::BulkRequest;
use crate::service::event::{Event, Undone};
use crate::service::looks::Look;
use crate::service::serve::{bulk, explorer, study};
use crate::service::worker::{Job, Worker};
use crate::{mark, t};
use std::sync::Arc;

pub(super) fn serve(worker: &mut Worker, request: &BrowseRequest) -> Result<()> {
    let event = match request {
        BrowseRequest::Open => {
            let (layouts, notes) = worker.collection()?.browse_layouts()?;
            BrowseEvent::Opened { layouts, notes }
        }
        BrowseRequest::Search {
            search,
            layout,
            serial,
            within,
            carry,
        } => match worker.collection()?.browse(search, layout) {
            Ok(mut ids) => {
                if let Some(within) = within {
                    ids.retain(|id| within.has(*id, layout.notes));
                }
                BrowseEvent::Found {
                    serial: *serial,
                    notes: layout.notes,
                    ids: ids.into(),
                    carried: match carry {
                        Some(carry) => Some(carry.carried(worker.collection()?, layout.notes)?),
                        None => None,
                    },
                }
            }
            Err(error) if error.kind() == ErrorKind::InvalidInput => BrowseEvent::Unclear {
                serial: *serial,
                message: explain(request.doing(), &error),
            },
            Err(error) => return Err(error),
        },
        BrowseRequest::ChangedSince {
            backup,
            made,
            kinds,
        } => return explorer::changed_since(worker, backup, *made, *kinds),
        BrowseRequest::StopComparing => {
            worker.drop_look(Look::ChangedSince);
            return Ok(());
        }
        BrowseRequest::Rows {
            ids,
            notes,
            columns,
        } => BrowseEvent::Rows {
            notes: *notes,
            columns: columns.clone(),
            rows: worker.collection()?.browse_rows(ids, *notes, columns)?,
        },
        BrowseRequest::Preview(card) => {
            let collection = worker.collection()?;
            // It may have gone since its row was read; the row will say so.
            if collection.storage().get_card(*card)?.is_none() {
                return Ok(());
            }
            BrowseEvent::Preview(Arc::new(collection.render_card(*card)?.into()))
        }
        BrowseRequest::LoadSidebar => BrowseEvent::Sidebar(worker.collection()?.sidebar()?.into()),
        BrowseRequest::RenameFlag { flag, name } => {
            let output = worker.collection()?.rename_flag(*flag, name)?;
            return worker.report(Op::RenameFlag, Undone::No, &output, 1);
        }
        BrowseRequest::SaveLayout(layout) => {
            worker.collection()?.set_browse_layout(layout)?;
            return Ok(());
        }
        BrowseRequest::LoadReposition => {
            BrowseEvent::Reposition(worker.collection()?.reposition_defaults()?)
        }
        BrowseRequest::LoadFieldNames(chosen) => {
            let notes = Some(chosen.notes(worker.collection()?)?);
            return bulk::serve(worker, &BulkRequest::LoadFieldNames { notes });
        }
        BrowseRequest::LoadNotetypeChange { chosen, new } => {
            let old = chosen.notetype(worker.collection()?)?;
            let new = new.unwrap_or(old);
            return bulk::serve(worker, &BulkRequest::LoadNotetypeChange { old, new });
        }
        BrowseRequest::NotesOf { chosen, choose } => {
            let collection = worker.collection()?;
            let notes = chosen.notes(collection)?;
            let cards = collection.cards_of_notes(&notes)?;
            let rows = Arc::new(Since {
                notes: notes.into_iter().collect(),
                cards: cards.into_iter().collect(),
            });
            let choose = *choose;
            BrowseEvent::NotesOf { rows, choose }
        }
        BrowseRequest::Do { chosen, action } => return act(worker, chosen, action),
    };
    worker.emit(Event::Browse(event));
    Ok(())
}

impl Chosen {
    /// As rows of a table of notes or one of cards.
    fn carried(&self, collection: &Collection, notes: bool) -> Result<Carried> {
        let rows = |chosen: &Self| -> Result<Vec<i64>> {
            Ok(if notes {
                let notes = chosen.notes(collection)?.into_iter();
                notes.map(|id| id.0).collect()
            } else {
                let cards = chosen.cards(collection)?.into_iter();
                cards.map(|id| id.0).collect()
            })
        };
        let current = Self {
            rows: vec![self.current],
            ..self.clone()
        };
        Ok(Carried {
            rows: rows(self)?,
            current: rows(&current)?.first().copied(),
        })
    }

    fn cards(&self, collection: &Collection) -> Result<Vec<CardId>> {
        if self.notes {
            let notes: Vec<NoteId> = self.rows.iter().map(|id| NoteId(*id)).collect();
            return collection.cards_of_notes(&notes);
        }
        Ok(self.rows.iter().map(|id| CardId(*id)).collect())
    }

    fn notes(&self, collection: &Collection) -> Result<Vec<NoteId>> {
        if self.notes {
            return Ok(self.rows.iter().map(|id| NoteId(*id)).collect());
        }
        let cards: Vec<CardId> = self.rows.iter().map(|id| CardId(*id)).collect();
        collection.storage().notes_of_cards(&cards)
    }

    /// As [`Self::notes`], with the one first that toggles look at.
    fn notes_from_current(&self, collection: &Collection) -> Result<Vec<NoteId>> {
        let mut notes = self.notes(collection)?;
        let current = if self.notes {
            Some(NoteId(self.current))
        } else {
            let card = collection.storage().get_card(CardId(self.current))?;
            card.map(|card| card.note_id)
        };
        if let Some(at) = notes.iter().position(|id| Some(*id) == current) {
            notes.swap(0, at);
        }
        Ok(notes)
    }

    /// The one type of all the notes.
    fn notetype(&self, collection: &Collection) -> Result<NotetypeId> {
        let mut found = None;
        for id in self.notes(collection)? {
            let Some(note) = collection.storage().get_note(id)? else {
                continue;
            };
            if found.is_some_and(|other| other != note.notetype_id) {
                return Err(Error::invalid(mark!("choose notes of one note type only")));
            }
            found = Some(note.notetype_id);
        }
        found.ok_or_else(|| Error::not_found(mark!("the notes do not exist any more")))
    }

    /// The operation on many notes or cards that the action is, if it is one.
    fn bulk(&self, collection: &Collection, action: &BrowseAction) -> Result<Option<BulkRequest>> {
        let notes = || self.notes(collection);
        Ok(Some(match action {
            BrowseAction::AddTags(tags) => BulkRequest::AddTags {
                notes: notes()?,
                tags: tags.clone(),
            },
            BrowseAction::RemoveTags(tags) => BulkRequest::RemoveTags {
                notes: notes()?,
                tags: tags.clone(),
            },
            BrowseAction::SetDeck(deck) => BulkRequest::SetDeck {
                cards: self.cards(collection)?,
                deck: *deck,
            },
            BrowseAction::FindReplace(what) => BulkRequest::FindReplace {
                notes: Some(notes()?),
                what: what.clone(),
            },
            BrowseAction::ChangeNotetype(change) => BulkRequest::ChangeNotetype {
                notes: notes()?,
                change: change.clone(),
            },
            _ => return Ok(None),
        }))
    }

    /// The queue and flag that toggles look at.
    fn state(&self, collection: &Collection) -> Result<(CardQueue, u8)> {
        let card = if self.notes {
            collection.cards_of_notes(&[NoteId(self.current)])?
        } else {
            vec![CardId(self.current)]
        };
        let card = match card.first() {
            Some(id) => collection.storage().get_card(*id)?,
            None => None,
        };
        let card = card
            .ok_or_else(|| Error::not_found(mark!("the current card does not exist any more")))?;
        Ok((card.queue, card.flag()))
    }
}

/// A large one has the collection to itself, with progress and cancel; a small one is done at once.
fn act(worker: &mut Worker, chosen: &Chosen, action: &BrowseAction) -> Result<()> {
    let c = worker.collection()?;
    if let Some(request) = chosen.bulk(c, action)? {
        return bulk::serve(worker, &request);
    }
    if action.size(chosen, c)? <= bulk::LARGE {
        let (op, output) = change(c, chosen, action)?;
        worker.report(op, Undone::No, &output, output.value)?;
        return study::show_again(worker);
    }
    let (chosen, action) = (chosen.clone(), action.clone());
    let job = Job::shown("change many", title_of(&action), action.doing());
    worker.with_collection(
        job,
        move |c, progress| {
            let (stage, total) = action.extent(&chosen);
            progress.stage(stage, total)?;
            c.watched(progress, |c| change(c, &chosen, &action))
        },
        |worker, result| {
            let Ok((op, output)) = result else { return };
            let told = worker
                .report(op, Undone::No, &output, output.value)
                .and_then(|()| study::show_again(worker));
            if let Err(error) = told {
                worker.notice(t!("show what was changed"), &error);
            }
        },
    )
}

/// What is written above the progress.
fn title_of(action: &BrowseAction) -> &'static str {
    match action {
        BrowseAction::Flag(_) => mark!("Setting flags"),
        BrowseAction::ToggleSuspend => mark!("Suspending or unsuspending cards"),
        BrowseAction::ToggleBury => mark!("Burying or unburying cards"),
        BrowseAction::ToggleMark => mark!("Marking notes"),
        BrowseAction::SetDueDate(_) => mark!("Setting due dates"),
        BrowseAction::Reset(_) => mark!("Resetting cards"),
        BrowseAction::DeleteNotes => mark!("Deleting notes"),
        BrowseAction::GradeNow(_) => mark!("Grading cards"),
        BrowseAction::Reposition(_) => mark!("Repositioning cards"),
        // These are bulk requests, with titles of their own.
        _ => "",
    }
}

impl BrowseAction {
    /// Cards or notes that it is about; a note may have many cards.
    fn size(&self, chosen: &Chosen, collection: &Collection) -> Result<usize> {
        let rows = chosen.rows.len();
        if *self == Self::ToggleMark || rows > bulk::LARGE {
            return Ok(rows);
        }
        Ok(chosen.cards(collection)?.len())
    }

    /// The stage of its progress, and how many cards or notes will be counted; 0 when that is not
    /// known before.
    fn extent(&self, chosen: &Chosen) -> (&'static str, u64) {
        let rows = chosen.rows.len() as u64;
        match self {
            Self::ToggleMark => (t!("Notes"), if chosen.notes { rows } else { 0 }),
            Self::DeleteNotes => (t!("Notes and cards"), 0),
            _ => (t!("Cards"), if chosen.notes { 0 } else { rows }),
        }
    }
}

/// Does it; how many cards or notes were changed.
fn change(
    c: &mut Collection,
    chosen: &Chosen,
    action: &BrowseAction,
) -> Result<(Op, OpOutput<usize>)> {
    Ok(match action {
        BrowseAction::Flag(flag) => {
            let (_, present) = chosen.state(c)?;
            let flag = if present == *flag { 0 } else { *flag };
            (Op::SetFlag, c.set_flag(&chosen.cards(c)?, flag)?)
        }
        BrowseAction::ToggleSuspend => match chosen.state(c)? {
            (CardQueue::Suspended, _) => (Op::Unsuspend, c.unsuspend_cards(&chosen.cards(c)?)?),
            _ => (Op::Suspend, c.suspend_cards(&chosen.cards(c)?)?),
        },
        BrowseAction::ToggleBury => match chosen.state(c)? {
            (CardQueue::SchedBuried | CardQueue::UserBuried, _) => {
                (Op::Unbury, c.unbury_cards(&chosen.cards(c)?)?)
            }
            _ => (Op::Bury, c.bury_cards(&chosen.cards(c)?, true)?),
        },
        BrowseAction::ToggleMark => {
            let notes = chosen.notes_from_current(c)?;
            (Op::ToggleMark, c.toggle_mark(&notes)?)
        }
        BrowseAction::SetDueDate(days) => {
            let cards = chosen.cards(c)?;
            let output = c.set_due_date(&cards, days, Some(AskedIn::Browser))?;
            (Op::SetDueDate, output)
        }
        BrowseAction::Reset(how) => {
            let cards = chosen.cards(c)?;
            let output = c.reset_cards(&cards, *how, Some(AskedIn::Browser))?;
            (Op::ResetCards, output)
        }
        BrowseAction::DeleteNotes => {
            let output = c.delete_notes(&chosen.notes(c)?)?;
            let removed = OpOutput {
                value: output.value.notes,
                changes: output.changes,
            };
            (Op::DeleteNotes, removed)
        }
        BrowseAction::GradeNow(rating) => (Op::GradeNow, c.grade_now(&chosen.cards(c)?, *rating)?),
        BrowseAction::Reposition(how) => {
            let cards = chosen.cards(c)?;
            (Op::Reposition, c.reposition_new_cards(&cards, *how)?)
        }
        BrowseAction::AddTags(_)
        | BrowseAction::RemoveTags(_)
        | BrowseAction::SetDeck(_)
        | BrowseAction::FindReplace(_)
        | BrowseAction::ChangeNotetype(_) => {
            return Err(Error::bug("this is done by a bulk request"));
        }
    })
}
