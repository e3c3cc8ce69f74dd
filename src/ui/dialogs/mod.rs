//! The four messages of the program as real dialogs: a question, an error, progress, a line of
//! text. Each is a value that says what to show and a function that shows it for one frame and
//! answers when something was chosen; whoever asks keeps the value and decides what follows.
//! The sheet itself (scrim, frame, Esc) is `widgets::dialog`.
//!
//! Focus: the harmless choice has it when a question removes something, otherwise the action;
//! Enter presses the focused button, Esc and a click beside the sheet mean the harmless choice.

mod confirm;
mod error;
mod progress;
mod prompt;

pub use confirm::{Choice, Confirm, Weight};
pub use error::{ErrorBox, ErrorChoice};
pub use progress::{ProgressBox, detail, time_left};
pub use prompt::{Prompt, PromptChoice};

use eframe::egui::{Context, Id};

/// Whether the dialog `id` was not shown in the frame before: the moment to place the focus.
fn just_opened(ctx: &Context, id: &str) -> bool {
    let key = Id::unique(("dialog shown in frame", id));
    let frame = ctx.cumulative_frame_nr();
    let last: Option<u64> = ctx.data_mut(|d| {
        let last = d.get_temp(key);
        d.insert_temp(key, frame);
        last
    });
    last.is_none_or(|last| last + 1 < frame)
}
