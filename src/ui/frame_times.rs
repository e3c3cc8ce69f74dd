//! How long frames take, for measuring (`--frame-times FILE`; `scripts/measure-frames` reads it): from
//! the first look at what has happened to the last pixel that was drawn. Handing the picture to the
//! screen is the window system's, and not in it.

use super::app::App;
use crate::base::Result;
use crate::base::error::AtPath as _;
use crate::base::files;
use crate::base::time::{Clock, Stopwatch, TimestampMillis};
use eframe::egui::{Context, Id, LayerId, Order, PaintCallback, Shape, Ui, Visuals};
use eframe::egui_glow::CallbackFn;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// When each frame began, and how long it took.
#[derive(Debug, Clone, Default)]
pub struct FrameTimes(Arc<Mutex<Vec<(TimestampMillis, Duration)>>>);

impl FrameTimes {
    fn add(&self, began: TimestampMillis, took: Duration) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push((began, took));
    }

    /// A line a frame: epoch milliseconds, and the milliseconds that it took.
    pub fn write(&self, file: &Path) -> Result<()> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let line = |(began, took): &(TimestampMillis, Duration)| {
            format!("{} {:.3}\n", began.0, took.as_secs_f64() * 1000.0)
        };
        let text: String = all.iter().map(line).collect();
        files::write_atomic(file, |out| out.write_all(text.as_bytes()).at(file))
    }
}

/// The window, with its frames timed.
pub struct Timed {
    app: App,
    times: FrameTimes,
    began: (TimestampMillis, Stopwatch),
}

impl Timed {
    #[must_use]
    pub fn new(app: App, times: FrameTimes) -> Self {
        let began = (Clock::System.now(), Stopwatch::start());
        Self { app, times, began }
    }
}

impl eframe::App for Timed {
    fn logic(&mut self, ctx: &Context, frame: &mut eframe::Frame) {
        // A frame that is laid out twice began once.
        if ctx.current_pass_index() == 0 {
            self.began = (Clock::System.now(), Stopwatch::start());
        }
        self.app.logic(ctx, frame);
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut eframe::Frame) {
        self.app.ui(ui, frame);
        // Above everything, so painted last.
        let layer = LayerId::new(Order::Debug, Id::unique("frame times"));
        let (times, (began, watch)) = (self.times.clone(), self.began);
        let ended = CallbackFn::new(move |_, painter| {
            // Reading one pixel waits until all are drawn.
            let _pixel = painter.read_screen_rgba([1, 1]);
            times.add(began, watch.elapsed());
        });
        let callback = PaintCallback {
            rect: ui.ctx().content_rect(),
            callback: Arc::new(ended),
        };
        let painter = ui.ctx().layer_painter(layer);
        painter.add(Shape::Callback(callback));
    }

    fn clear_color(&self, visuals: &Visuals) -> [f32; 4] {
        self.app.clear_color(visuals)
    }
}
