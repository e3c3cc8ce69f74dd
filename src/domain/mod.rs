//! What a collection is made of, as plain values without IO: cards, notes, note types, decks,
//! presets, reviews; the operations that users do; and the projections that faces show.

pub mod browse;
pub mod card;
pub mod card_info;
pub mod changes;
pub mod custom_study;
pub mod deck;
pub mod deck_config;
pub mod deck_options;
pub mod deck_tree;
pub mod explorer;
pub mod filtered;
pub mod history;
pub mod html;
pub mod media_refs;
pub mod media_report;
pub mod note;
pub mod note_edit;
pub mod note_fields;
pub mod notetype;
pub mod notetype_change;
pub mod notetype_edit;
pub mod occlusion;
pub mod op;
pub mod package;
pub mod plain_note;
pub mod recovery;
pub mod reposition;
pub mod revlog;
pub mod sidebar;
pub mod stats;
pub mod study;
pub mod tags;
pub mod text_import;
pub mod timespan;
pub mod word_diff;
