//! The progress dialog of work that has the collection: after 300 ms, with Cancel.

use crate::base::time::Stopwatch;
use crate::service::event::JobId;
use crate::t;
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::dialogs::ProgressBox;
use crate::ui::theme::time;
use eframe::egui::Context;
use std::time::Duration;

/// When the shown job and its stage began.
#[derive(Debug, Default)]
pub struct JobsPanel {
    job: Option<(JobId, Stopwatch)>,
    stage: Option<(&'static str, Stopwatch)>,
}

impl JobsPanel {
    /// Whether the modal is up (or about to be): keys are not for the screens then.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.job.is_some()
    }

    pub fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context) {
        let Some(job) = cx.model.exclusive_job() else {
            *self = Self::default();
            return;
        };
        let began = match &self.job {
            Some((id, watch)) if *id == job.id => *watch,
            _ => {
                let watch = Stopwatch::start();
                self.job = Some((job.id, watch));
                self.stage = None;
                watch
            }
        };
        let staged = match &self.stage {
            Some((name, watch)) if *name == job.progress.stage => *watch,
            _ => {
                let watch = Stopwatch::start();
                self.stage = Some((job.progress.stage, watch));
                watch
            }
        };
        if began.elapsed().as_secs_f64() < time::PROGRESS_AFTER {
            ctx.request_repaint_after(Duration::from_millis(50));
            return;
        }
        let dialog = ProgressBox {
            title: &job.title,
            view: job.progress,
            elapsed: staged.elapsed().as_secs_f64(),
            note: t!("Nothing changes until it is done."),
            can_cancel: true,
        };
        if dialog.show(ctx, "job") {
            cx.send(Action::CancelJob(job.id));
        }
        ctx.request_repaint_after(Duration::from_millis(100));
    }
}
