//! Tests of the window by role and label: one binary, one file a screen or widget.

mod card_view;
mod decks;
mod harness;
mod review;
mod shell;
