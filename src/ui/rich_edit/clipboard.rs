//! The system's clipboard beyond plain text: HTML out and in, files in. egui itself carries plain
//! text and pictures, but reads them while the window waits; where that can take long, [`beside`]
//! does it.

mod beside;
#[cfg(target_os = "linux")]
mod x11;

pub use beside::{Beside, reads_beside};

use crate::field_html::copied_inside;
use eframe::egui::{ColorImage, Context, Id};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// A clipboard; tests bring their own.
pub trait Clipboard: Send + Sync {
    /// False when it could not be written.
    fn write(&self, html: &str, text: &str) -> bool;
    fn html(&self) -> Option<String>;
    fn text(&self) -> Option<String>;
    fn files(&self) -> Vec<PathBuf>;
    /// One of which egui told nothing.
    fn picture(&self) -> Option<ColorImage> {
        None
    }
}

/// The one that fields use.
pub(super) fn of(ctx: &Context) -> Arc<dyn Clipboard> {
    let known = ctx.data(|d| d.get_temp::<Arc<dyn Clipboard>>(id()));
    known.unwrap_or_else(|| {
        let system: Arc<dyn Clipboard> = Arc::new(System::default());
        set(ctx, system.clone());
        system
    })
}

/// Another clipboard for all fields of a window.
pub fn set(ctx: &Context, clipboard: Arc<dyn Clipboard>) {
    ctx.data_mut(|d| d.insert_temp(id(), clipboard));
}

/// Remembers what a field's text was copied as: only that is pasted as it is, whoever else writes
/// the sign of a copy into a page.
pub(super) fn remember(ctx: &Context, html: &str) {
    let html: Arc<str> = html.into();
    ctx.data_mut(|d| d.insert_temp(copied(), html));
}

/// The HTML of the field that it was copied from, when it was copied here last.
pub(super) fn own(ctx: &Context, html: &str) -> Option<String> {
    let inside = copied_inside(html)?;
    let known = ctx.data(|d| d.get_temp::<Arc<str>>(copied()))?;
    (*known == *inside).then(|| inside.to_owned())
}

fn copied() -> Id {
    Id::unique("rich_edit::copied")
}

fn id() -> Id {
    Id::unique("rich_edit::clipboard")
}

/// What was read at one time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contents {
    /// Not empty, with `\n` at the ends of lines.
    pub text: Option<String>,
    pub html: Option<String>,
    pub files: Vec<PathBuf>,
    /// Only where there is no text.
    pub picture: Option<Arc<ColorImage>>,
}

/// The desktop's. Kept open: under X11 what was copied lives as long as its owner.
#[derive(Default)]
struct System(Mutex<Option<arboard::Clipboard>>);

impl System {
    fn with<R>(&self, f: impl FnOnce(&mut arboard::Clipboard) -> Option<R>) -> Option<R> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.is_none() {
            *open = arboard::Clipboard::new().ok();
        }
        f(open.as_mut()?)
    }
}

impl Clipboard for System {
    fn write(&self, html: &str, text: &str) -> bool {
        self.with(|c| c.set().html(html, Some(text)).ok()).is_some()
    }
    fn html(&self) -> Option<String> {
        self.with(|c| c.get().html().ok())
            .filter(|h| !h.trim().is_empty())
    }
    fn text(&self) -> Option<String> {
        self.with(|c| c.get_text().ok()).filter(|t| !t.is_empty())
    }
    fn files(&self) -> Vec<PathBuf> {
        self.with(|c| c.get().file_list().ok()).unwrap_or_default()
    }
}
