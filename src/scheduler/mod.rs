//! The v3 scheduler as pure functions: time, seeds and options are arguments. No SQL, no clock,
//! no window; `collection::study` and `collection::answer` bring cards here and write the result.
//!
//! Where to look: `timing` which day it is · `states` what the four buttons do · `answer` card row
//! to state and back · `fuzz`, `balance` which day of a range · `fsrs`, `memory` the memory model ·
//! `training` fitting its parameters · `reschedule` new due days after they changed · `limits`,
//! `queue` what is studied today and in which order · `text` intervals for people · `simulation`
//! what studying will be like · `statistics` the numbers behind the graphs.

pub mod answer;
pub mod balance;
pub mod due_date;
pub mod fsrs;
pub mod fuzz;
pub mod hash;
pub mod limits;
pub mod memory;
pub mod queue;
pub mod reschedule;
pub mod simulation;
pub mod states;
pub mod statistics;
pub mod steps;
pub mod text;
pub mod timing;
pub mod training;
