//! Check Database without repairs, Check Media and Empty Cards: each look and each remedy is a job
//! with the collection lent to it; after a remedy about media the folder is looked at again.

use super::rot::{self, Remedies};
use crate::backup::tripwire::Explains;
use crate::base::error::Result;
use crate::base::job::Progress;
use crate::base::lang::known;
use crate::collection::{Collection, OpOutput};
use crate::domain::media_report::MediaReport;
use crate::domain::op::Op;
use crate::media::trash;
use crate::service::checks::{CheckEvent, CheckRequest, EmptyCards};
use crate::service::event::{Event, Undone};
use crate::service::worker::{Job, Worker};
use crate::{mark, t, tn};

/// What a remedy did.
struct Remedied {
    said: String,
    /// The operation, where one can be undone.
    op: Option<(Op, OpOutput<usize>)>,
}

impl Remedied {
    fn said(said: String) -> Self {
        Self { said, op: None }
    }
}

pub(super) fn serve(worker: &mut Worker, request: &CheckRequest) -> Result<()> {
    match request {
        CheckRequest::Problems => problems(worker, request),
        CheckRequest::Media => media(worker, request, |_, _| Ok(Remedied::said(String::new()))),
        CheckRequest::DiscardMedia(files) => {
            let files = files.clone();
            media(worker, request, move |collection, progress| {
                let moved = collection.discard_media(&files, progress)?;
                let n = moved as u64;
                let said = tn!(
                    n,
                    "{n} file moved to the trash",
                    "{n} files moved to the trash"
                );
                Ok(Remedied::said(said))
            })
        }
        CheckRequest::RestoreMedia => media(worker, request, |collection, progress| {
            let restored = trash::restore(&collection.media_folder(), progress)?;
            Ok(Remedied::said(tn!(
                restored,
                "{n} file restored",
                "{n} files restored"
            )))
        }),
        CheckRequest::EmptyMediaTrash => media(worker, request, |collection, progress| {
            let moved = trash::empty(&collection.media_folder(), progress)?;
            Ok(Remedied::said(tn!(
                moved,
                "{n} file moved to the system’s trash",
                "{n} files moved to the system’s trash"
            )))
        }),
        CheckRequest::BringBackMedia(names) => {
            let (remedies, names) = (Remedies::of(worker)?, names.clone());
            media(worker, request, move |_, progress| {
                let done = remedies.bring_back(&names, progress)?;
                Ok(Remedied::said(known(&done.told()).into_owned()))
            })
        }
        CheckRequest::RenameMedia => media(worker, request, |collection, progress| {
            let output = collection.rename_media(progress)?;
            Ok(Remedied {
                said: tn!(output.value as u64, "{n} file renamed", "{n} files renamed"),
                op: Some((Op::RenameMedia, output)),
            })
        }),
        CheckRequest::TagMissingMedia(notes) => {
            let notes = notes.clone();
            media(worker, request, move |collection, progress| {
                progress.stage(t!("Notes"), notes.len() as u64)?;
                let output = collection.watched(progress, |c| c.tag_missing_media(&notes))?;
                Ok(Remedied {
                    said: t!("Notes tagged “missing-media”: {n}", n = output.value),
                    op: Some((Op::TagMissingMedia, output)),
                })
            })
        }
        CheckRequest::LookForRot => look_for_rot(worker, request),
        CheckRequest::RepairRot => repair_rot(worker, request),
        CheckRequest::EmptyCards => empty_cards(worker),
        CheckRequest::RemoveEmptyCards { report, keep_notes } => {
            remove_empty_cards(worker, report.clone(), *keep_notes)
        }
    }
}

/// Does something about media, then looks.
fn media(
    worker: &mut Worker,
    request: &CheckRequest,
    work: impl FnOnce(&mut Collection, &Progress) -> Result<Remedied> + Send + 'static,
) -> Result<()> {
    let only_looks = matches!(request, CheckRequest::Media | CheckRequest::LookForRot);
    if !only_looks {
        // A backup that is being made may look at the files before this is done.
        worker.explain_changes(Explains::MEDIA);
    }
    worker.with_collection(
        Job::shown("check media", mark!("Checking media"), request.doing()),
        move |collection, progress| {
            let done = work(collection, progress)?;
            match collection.check_media(progress) {
                Err(error) if done.said.is_empty() => Err(error),
                report => Ok((done, report)),
            }
        },
        move |worker, result: std::result::Result<(Remedied, Result<MediaReport>), _>| {
            if !only_looks {
                // Also what was done before it failed.
                worker.explain_changes(Explains::MEDIA);
            }
            let Ok((done, report)) = result else { return };
            if let Some((op, output)) = done.op {
                tell(worker, op, &output, output.value);
            }
            let said = done.said;
            match report {
                Ok(report) => worker.emit(Event::Check(CheckEvent::Media {
                    report: Box::new(report),
                    said,
                })),
                // What was done is told, whatever became of the look at it.
                Err(error) => {
                    worker.emit(Event::Notice(said));
                    if !error.is_interrupted() {
                        worker.notice(CheckRequest::Media.doing(), &error);
                    }
                }
            }
        },
    )
}

fn look_for_rot(worker: &mut Worker, request: &CheckRequest) -> Result<()> {
    worker.stop_rot();
    let paths = worker.open_profile_mut()?.paths.clone();
    let clock = worker.config.clock.clone();
    media(worker, request, move |collection, progress| {
        let look = || collection.look_for_rot(clock.now(), progress);
        let look = rot::logged(&paths, &clock, look)?;
        Ok(Remedied::said(known(&look.told()).into_owned()))
    })
}

fn repair_rot(worker: &mut Worker, request: &CheckRequest) -> Result<()> {
    worker.stop_rot();
    let remedies = Remedies::of(worker)?;
    media(worker, request, move |_, progress| {
        Ok(Remedied::said(
            known(&remedies.apply(progress)?.told()).into_owned(),
        ))
    })
}

fn problems(worker: &mut Worker, request: &CheckRequest) -> Result<()> {
    worker.with_collection(
        Job::shown(
            "find problems",
            mark!("Looking through the database"),
            request.doing(),
        ),
        |collection, progress| collection.find_problems(progress),
        |worker, result| {
            if let Ok(problems) = result {
                worker.emit(Event::Check(CheckEvent::Problems(problems)));
            }
        },
    )
}

fn empty_cards(worker: &mut Worker) -> Result<()> {
    worker.with_collection(
        Job::shown(
            "empty cards",
            mark!("Looking for empty cards"),
            mark!("look for empty cards"),
        ),
        |collection, progress| {
            let report = collection.find_empty_cards(progress)?;
            let names = collection.storage().all_notetypes()?;
            Ok((report, names))
        },
        |worker, result| {
            let Ok((report, notetypes)) = result else {
                return;
            };
            let names = notetypes.into_iter().map(|n| (n.id, n.name)).collect();
            worker.emit(Event::Check(CheckEvent::EmptyCards { report, names }));
        },
    )
}

fn remove_empty_cards(worker: &mut Worker, report: Vec<EmptyCards>, keep: bool) -> Result<()> {
    worker.with_collection(
        Job::shown(
            "empty cards",
            mark!("Deleting empty cards"),
            mark!("delete the empty cards"),
        ),
        move |collection, progress| {
            progress.stage(t!("Notes and cards"), 0)?;
            collection.watched(progress, |c| c.remove_empty_cards(&report, keep))
        },
        |worker, result| {
            let Ok(output) = result else { return };
            tell(worker, Op::EmptyCards, &output, output.value.cards);
            worker.emit(Event::Check(CheckEvent::EmptyCardsRemoved {
                cards: output.value.cards,
                notes: output.value.notes,
            }));
        },
    )
}

fn tell<T>(worker: &mut Worker, op: Op, output: &OpOutput<T>, affected: usize) {
    if let Err(error) = worker.report(op, Undone::No, output, affected) {
        worker.notice(t!("show what was done"), &error);
    }
}
