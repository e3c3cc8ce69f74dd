//! The window: the only module that names egui.
//!
//! Screens draw from a read-only `AppModel` and send `Action`s; after the frame `handle_action`
//! turns them into `Request`s to the worker, and `apply_event` folds its `Event`s into the model.
//! Nothing here reads files, waits or knows a collection. Start reading at `app`.

pub mod audio;
pub mod backups;
pub mod card_view;
pub mod dialogs;
pub mod import_export;
pub mod profiles;
pub mod settings;
pub mod theme;
pub mod widgets;
