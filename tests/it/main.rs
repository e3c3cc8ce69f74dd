//! Integration tests: one binary, one file a topic (`tidy` checks that none is forgotten).
//! Those that ask the real Anki go through `oracle`; see there for what they need.
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]
#![allow(clippy::print_stdout, reason = "figures beside a result")]

mod apkg_export;
mod apkg_fuzz;
mod apkg_import;
mod apkg_lacking;
mod apkg_large;
mod apkg_odd;
mod backup_beside_study;
mod backup_copies;
mod backup_folder;
mod backup_health;
mod backup_mail;
mod backup_moves;
mod backup_profile;
mod backup_thinning;
mod backup_tripwire;
mod bit_rot;
mod browse_parity;
mod cheap_vault;
mod check_mixed;
mod cli_commands;
mod cli_import_anki;
mod clocked;
mod colpkg_adversarial;
mod colpkg_limits;
mod colpkg_oracle;
mod colpkg_round_trip;
mod compat_check;
mod compat_collection;
mod compat_filtered;
mod compat_hostile;
mod compat_upgrade;
mod disk_watch;
mod draw_cards;
mod draw_engine;
mod draw_films;
mod draw_formulas;
mod draw_hidden;
mod draw_hostile;
mod draw_occlusion;
mod draw_pdf;
mod draw_real;
mod encrypted_files;
mod encrypted_hostile;
mod explore_packages;
mod fake_clouds;
mod fake_http;
#[cfg(target_os = "linux")]
#[cfg(unix)]
mod faults_copies;
mod faults_damage;
#[cfg(unix)]
mod faults_disk;
mod field_html;
mod filtered_invariant;
mod fsrs_memory;
mod fsrs_simulation;
mod fsrs_training;
#[cfg(unix)]
mod kill_child;
#[cfg(unix)]
mod kill_copies;
#[cfg(unix)]
mod kill_exports;
#[cfg(unix)]
mod kill_harness;
#[cfg(unix)]
mod kill_moments;
#[cfg(target_os = "linux")]
mod kill_stages;
#[cfg(unix)]
mod kill_transfers;
mod languages;
mod left_behind;
mod media_names;
mod mirror_folder;
mod mnemosyne_import;
mod net_cancel;
mod note_history;
mod occlusion_parity;
mod oracle;
mod own_sync_server;
mod parity_answers;
mod parity_bulk;
mod parity_cards;
mod parity_each_option;
mod parity_empty_cards;
mod parity_filtered;
mod parity_interval_texts;
mod parity_media;
mod parity_notes;
mod parity_notetypes;
mod parity_options;
mod parity_queue;
mod parity_sounds;
mod parity_stats;
mod parity_study_fuzz;
mod password_files;
mod plain_export;
mod profile_trash;
mod read_mixed;
mod readme;
mod recover_any_pair;
mod recover_notes;
mod render_generated;
mod render_truth;
mod replaced_notes;
mod restore_interrupted;
mod restore_whole;
mod safety_first;
mod salvage;
mod schedule_changes;
mod search_build;
mod search_fuzz;
mod search_mixed;
mod search_parity;
mod service_story;
mod service_time;
mod sign_in;
mod smtp_server;
mod stories;
mod study_session;
mod subject_history;
mod sync_cli;
mod sync_client;
mod sync_collection;
mod sync_media;
mod sync_merge;
mod sync_mixed;
mod sync_server;
mod template_grammar;
mod text_export;
mod text_import;
mod tidy;
mod timeline;
mod typed_answers;
mod vault_clouds;
mod vault_folder;
mod vault_hostile;
mod vault_index;
mod vault_logs;
mod vault_look;
mod vault_newest;
mod vault_places;
mod vault_quota;
mod vault_remote;
mod vault_sheet;
mod vault_waits;
mod whole;
mod window_signals;
