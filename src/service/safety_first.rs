//! A verified backup before requests that touch much (`danger`), unless a fresh one holds
//! everything. A backup that cannot be made stops the request: nothing is changed then.

use crate::backup::policy::{Decision, LastBackup, Trigger};
use crate::base::error::{Error, Result};
use crate::collection::Collection;
use crate::service::autobackup::backup_now;
use crate::service::danger::{self, MANY, Size};
use crate::service::event::Event;
use crate::service::request::Request;
use crate::service::worker::{Job, Worker};
use crate::{mark, t};

impl Worker {
    /// Backs up before `request` where that is needed; true: it is served when that is done.
    pub(super) fn back_up_first(&mut self, request: &Request) -> Result<bool> {
        let Some((reason, size)) = danger::of(request) else {
            return Ok(false);
        };
        // Without a collection it is refused as any other.
        let Ok(collection) = self.collection() else {
            return Ok(false);
        };
        if !is_much(size, collection)? {
            return Ok(false);
        }
        let now = self.config.clock.now();
        self.look_at_backups_if_there();
        let Decision::Run(reason) = self.decide_backup(Trigger::BeforeUndoable(reason), now)?
        else {
            return Ok(false);
        };
        let paths = self.open_profile_mut()?.paths.clone();
        let (rules, clock) = (self.backups.rules().clone(), self.config.clock.clone());
        let asked = request.clone();
        self.with_collection(
            Job {
                title: mark!("Backing up first"),
                ..Job::quiet("backup", mark!("back up before the change"))
            },
            move |collection, progress| {
                let covers = collection.storage().col_row()?.mtime;
                let made = backup_now(collection, &paths, reason, &rules, &clock, progress);
                match made {
                    Err(e) if e.is_interrupted() => Ok(None),
                    made => Ok(Some(LastBackup {
                        at: made?.created,
                        collection_mod: covers,
                    })),
                }
            },
            move |worker, result| match result {
                Ok(Some(made)) => {
                    worker.backups.was_made(made);
                    worker.serve_now(asked);
                }
                Ok(None) => worker.notice(t!("make the change"), &Error::interrupted()),
                Err(message) => worker.emit(Event::failed(asked, message)),
            },
        )?;
        Ok(true)
    }
}

fn is_much(size: Size<'_>, collection: &Collection) -> Result<bool> {
    let storage = collection.storage();
    Ok(match size {
        Size::Much => true,
        Size::Items(count) => count > MANY,
        Size::AllNotes => storage.counts()?.notes > MANY as u64,
        Size::Decks(ids) => {
            let mut cards = 0;
            for &id in ids {
                let Some(deck) = storage.get_deck(id)? else {
                    continue;
                };
                cards += storage.card_ids_of_deck(id)?.len();
                for below in storage.child_decks(&deck.name)? {
                    cards += storage.card_ids_of_deck(below.id)?.len();
                }
            }
            cards > MANY
        }
        Size::Edit(edit) => match storage.get_notetype(edit.id)? {
            Some(stored) => {
                let weight = edit.weight(&stored);
                weight.removed_fields + weight.removed_templates > 0
            }
            None => false,
        },
    })
}
