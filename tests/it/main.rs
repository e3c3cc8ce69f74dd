//! Integration tests: one binary, one file a topic (`tidy` checks that none is forgotten).
//! Those that ask the real Anki go through `oracle`; see there for what they need.

mod draw_cards;
mod oracle;
mod tidy;
