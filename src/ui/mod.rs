//! The window: the only module that names egui.
//!
//! Screens draw from a read-only `AppModel` and send `Action`s; after the frame `handle_action`
//! turns them into `Request`s to the worker, and `apply_event` folds its `Event`s into the model.
//! Nothing here reads files, waits or knows a collection. Start reading at `app`.

pub mod action;
pub mod app;
pub mod apply_event;
pub mod bottom_bar;
pub mod command;
pub mod context;
pub mod dialog_host;
pub mod environment;
pub mod explorer;
mod frame_times;
pub mod guide;
pub mod handle_action;
pub mod jobs_panel;
pub mod keys;
pub mod menu;
mod menu_bar;
pub mod model;
pub mod notifications;
mod pick_file;
pub mod route;
pub mod run;
mod safe_start;
pub mod screens;
pub mod software;
pub mod testing;
pub mod top_bar;

pub mod audio;
pub mod card_sheet;
pub mod card_templates;
pub mod card_view;
pub mod theme;
pub mod timeline;
pub mod vaults;
pub mod widgets;

pub mod add_note;
pub mod backups;
pub mod browse;
pub mod card_info;
mod card_questions;
pub mod checks;
pub mod congrats;
pub mod custom_study;
pub mod deck_options;
mod decks;
mod description;
pub mod dialogs;
pub mod edit_note;
pub mod filtered;
pub mod health;
pub mod history;
pub mod import_export;
pub mod note_editor;
pub mod notetypes;
pub mod occlusion_edit;
pub mod overview;
pub mod picture_menu;
pub mod profiles;
pub mod review;
pub mod rich_edit;
pub mod settings;
pub mod simulator;
pub mod stats;
pub mod sync;
