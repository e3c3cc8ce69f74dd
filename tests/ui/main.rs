//! Tests of the window by role and label: one binary, one file a screen or widget.
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

mod backups;
mod browse;
mod browse_places;
mod browse_since;
mod card_view;
mod checks;
mod come_back;
mod deck_options;
mod decks;
mod dialogs;
mod every_entry;
mod every_key;
mod explorer;
mod explorer_random;
#[path = "../it/fake_clouds.rs"]
mod fake_clouds;
#[path = "../it/fake_http.rs"]
mod fake_http;
mod films;
mod filtered;
mod harness;
mod health;
mod languages;
mod mail;
mod notes;
mod notetypes;
mod occlusion;
#[allow(dead_code, reason = "used in part; shared with the other tests")]
#[path = "../it/oracle.rs"]
mod oracle;
mod packages;
mod preferences;
mod profiles;
mod random_hands;
mod review;
mod review_audio;
mod review_settings;
mod rich_edit;
mod settings;
mod shell;
#[allow(dead_code, reason = "used in part; shared with the other tests")]
#[path = "../it/smtp_server.rs"]
mod smtp_server;
mod software;
mod stats;
mod steps;
mod stories;
mod stories_places;
mod stories_whole;
mod strain;
mod sync;
mod sync_ends;
#[path = "../it/sync_server.rs"]
#[allow(dead_code, reason = "the tests of the engine use more of it")]
mod sync_server;
mod tab_walk;
mod timeline;
mod typed;
mod vault_restore;
mod vault_stays;
mod vaults;
#[path = "../it/whole.rs"]
mod whole;
