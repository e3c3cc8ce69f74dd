//! Statistics and card info. Statistics of a large collection take longer than anyone should wait
//! for an answer to be saved, so they are gathered a slice at a time, between other requests.

use crate::backup::export::refuse_inside;
use crate::base::error::{AtPath as _, Result};
use crate::base::files;
use crate::collection::Collection;
use crate::collection::stats::{GraphsRun, GraphsStep};
use crate::mark;
use crate::render::{CardPage, NoResources, write_pdf, write_png};
use crate::service::event::{Event, StatsEvent};
use crate::service::request::{Request, StatsRequest};
use crate::service::worker::{Job, Worker};
use std::path::Path;
use std::sync::Arc;

/// Points, and pixels a point.
const PICTURE_WIDTH: f32 = 920.0;
const PICTURE_SCALE: f32 = 2.0;

/// Statistics that are being gathered.
#[derive(Debug)]
pub(in crate::service) struct Gathering {
    search: String,
    days: u32,
    /// None: to be begun, for the first time or because something changed.
    run: Option<Box<GraphsRun>>,
}

pub(super) fn serve(worker: &mut Worker, request: &StatsRequest) -> Result<()> {
    match request {
        StatsRequest::Graphs { search, days } => {
            let run = worker.collection()?.graphs_begin(search, *days)?;
            worker.open_profile_mut()?.gathering = Some(Gathering {
                search: search.clone(),
                days: *days,
                run: Some(run),
            });
        }
        StatsRequest::Stop => worker.open_profile_mut()?.gathering = None,
        StatsRequest::SavePreferences(new) => {
            worker.collection()?.set_graph_preferences(*new)?;
        }
        StatsRequest::CardInfo(card) => {
            let info = Box::new(worker.collection()?.card_info(*card)?);
            worker.emit(Event::Stats(StatsEvent::CardInfo(info)));
        }
        StatsRequest::SaveTable { path, text } => {
            refuse_inside(path, Some(worker.config.data.path()))?;
            files::write_for_user(path, |file| Ok(file.write_all(text.as_bytes())?)).at(path)?;
            worker.emit(Event::Stats(StatsEvent::Saved { path: path.clone() }));
        }
        StatsRequest::SavePicture { path, html } => save_picture(worker, path, html)?,
        StatsRequest::SavePdf { path, graphs } => save_pdf(worker, path, graphs)?,
    }
    Ok(())
}

fn save_picture(worker: &mut Worker, path: &Path, html: &str) -> Result<()> {
    let page = page_of(html);
    let job = Job::shown(
        "save picture",
        mark!("Saving the picture"),
        mark!("save the picture"),
    );
    save_drawn(worker, job, path, move |out| {
        write_png(
            &page,
            Arc::new(NoResources),
            PICTURE_WIDTH,
            PICTURE_SCALE,
            out,
        )
    })
}

fn save_pdf(worker: &mut Worker, path: &Path, graphs: &[String]) -> Result<()> {
    let pages: Vec<CardPage> = graphs.iter().map(|html| page_of(html)).collect();
    let job = Job::shown(
        "save statistics",
        mark!("Saving the statistics"),
        mark!("save the statistics"),
    );
    save_drawn(worker, job, path, move |out| {
        write_pdf(&pages, PICTURE_WIDTH, PICTURE_SCALE, out)
    })
}

fn page_of(html: &str) -> CardPage {
    CardPage {
        html: html.to_owned(),
        css: "body{margin:0}".to_owned(),
        ..CardPage::default()
    }
}

/// Tells when it is written, or why not.
pub(super) fn save_drawn(
    worker: &mut Worker,
    job: Job,
    path: &Path,
    write: impl FnOnce(&Path) -> Result<()> + Send + 'static,
) -> Result<()> {
    let out = path.to_owned();
    let data = worker.config.data.path().to_owned();
    worker.background(
        Job { quiet: true, ..job },
        move |_| {
            refuse_inside(&out, Some(&data))?;
            write(&out)?;
            Ok(out)
        },
        |worker, result| match result {
            Ok(path) => worker.emit(Event::Stats(StatsEvent::Saved { path })),
            Err(message) => worker.emit(Event::Notice(message.in_short())),
        },
    )?;
    Ok(())
}

impl Worker {
    /// Whether [`Self::gather_statistics`] has something to do.
    pub(in crate::service) fn is_gathering(&self) -> bool {
        self.lent_to.is_none()
            && self
                .profile
                .as_ref()
                .is_some_and(|p| p.gathering.is_some() && p.collection.is_some())
    }

    /// Rows were written: what was gathered so far may not fit together any more.
    pub(in crate::service) fn gather_again(&mut self) {
        if let Some(gathering) = self.profile.as_mut().and_then(|p| p.gathering.as_mut()) {
            gathering.run = None;
        }
    }

    /// The next slice of the statistics that were asked for.
    pub(in crate::service) fn gather_statistics(&mut self) {
        let Some(profile) = self.profile.as_mut() else {
            return;
        };
        let Some(mut gathering) = profile.gathering.take() else {
            return;
        };
        let Some(collection) = profile.collection.as_mut() else {
            // A job has it, and may give back another one.
            gathering.run = None;
            profile.gathering = Some(gathering);
            return;
        };
        match step(collection, &mut gathering) {
            Ok(GraphsStep::More(run)) => {
                gathering.run = Some(run);
                profile.gathering = Some(gathering);
            }
            Ok(GraphsStep::Done(graphs)) => self.emit(Event::Stats(StatsEvent::Graphs {
                search: gathering.search,
                days: gathering.days,
                graphs,
            })),
            Err(error) => {
                let request = Request::Stats(StatsRequest::Graphs {
                    search: gathering.search,
                    days: gathering.days,
                });
                self.failed(request, &error);
            }
        }
    }
}

fn step(collection: &mut Collection, gathering: &mut Gathering) -> Result<GraphsStep> {
    let run = match gathering.run.take() {
        Some(run) => run,
        None => collection.graphs_begin(&gathering.search, gathering.days)?,
    };
    collection.graphs_step(run)
}
