//! Note types: what may touch every note of one runs as a job with the collection lent to it.

use crate::base::error::Result;
use crate::base::ids::NotetypeId;
use crate::collection::OpOutput;
use crate::domain::op::Op;
use crate::service::event::{Event, Undone};
use crate::service::notetypes::{NotetypeEvent, NotetypeRequest};
use crate::service::serve::study;
use crate::service::worker::{Job, Worker};
use crate::{mark, t};

pub(super) fn serve(worker: &mut Worker, request: &NotetypeRequest) -> Result<()> {
    let event = match request {
        NotetypeRequest::List => return list(worker),
        NotetypeRequest::Load(id) => {
            NotetypeEvent::Loaded(Box::new(worker.collection()?.notetype_facts(*id)?))
        }
        NotetypeRequest::Add { model, name } => {
            let output = worker.collection()?.add_notetype(*model, name)?;
            worker.report(Op::AddNotetype, Undone::No, &output, 1)?;
            list(worker)?;
            NotetypeEvent::Added(output.value)
        }
        NotetypeRequest::Rename { id, name } => {
            let output = worker.collection()?.rename_notetype(*id, name)?;
            worker.report(Op::UpdateNotetype, Undone::No, &output, 1)?;
            list(worker)?;
            NotetypeEvent::Saved
        }
        NotetypeRequest::Remove(id) => return remove(worker, *id),
        NotetypeRequest::Save(edit) => {
            let edit = edit.clone();
            return worker.with_collection(
                Job::shown(
                    "note type",
                    mark!("Saving the note type"),
                    mark!("save the note type"),
                ),
                move |collection, progress| collection.update_notetype(&edit, progress),
                |worker, result| {
                    let Ok(output) = result else { return };
                    done(worker, Op::UpdateNotetype, &output, 1);
                    worker.emit(Event::Notetype(NotetypeEvent::Saved));
                },
            );
        }
        NotetypeRequest::Preview(ask) => {
            NotetypeEvent::Preview(Box::new(worker.collection()?.preview_templates(ask)?))
        }
        NotetypeRequest::LoadVersions(id) => NotetypeEvent::Versions {
            id: *id,
            versions: worker.collection()?.notetype_versions(*id)?,
        },
    };
    worker.emit(Event::Notetype(event));
    Ok(())
}

fn list(worker: &mut Worker) -> Result<()> {
    let uses = worker.collection()?.notetype_uses()?;
    worker.emit(Event::Notetype(NotetypeEvent::Listed(uses)));
    Ok(())
}

fn remove(worker: &mut Worker, id: NotetypeId) -> Result<()> {
    worker.with_collection(
        Job::shown(
            "note type",
            mark!("Deleting the note type"),
            mark!("delete the note type"),
        ),
        move |collection, progress| collection.remove_notetype(id, progress),
        |worker, result| {
            let Ok(output) = result else { return };
            let notes = output.value.notes;
            done(worker, Op::RemoveNotetype, &output, notes);
        },
    )
}

/// After a job: what is on disk, and the list anew.
fn done<T>(worker: &mut Worker, op: Op, output: &OpOutput<T>, affected: usize) {
    let told = worker
        .report(op, Undone::No, output, affected)
        .and_then(|()| list(worker))
        .and_then(|()| study::show_again(worker));
    if let Err(error) = told {
        worker.notice(t!("show the saved note type"), &error);
    }
}
