//! What faces ask about FSRS and what they are answered: fitting parameters to the review log and
//! telling how well they fit. Both read the log first and then let study go on beside them.

pub use crate::collection::fsrs_training::{TrainingOptions, default_search};
pub use crate::scheduler::training::{Evaluation, Optimised};

use crate::base::ids::DeckConfigId;
use crate::explain::UserMessage;

/// One question about FSRS; each runs as a job that can be cancelled.
#[derive(Debug, Clone, PartialEq)]
pub enum FsrsRequest {
    /// Fits the parameters of one preset or of several. Nothing is saved.
    Optimise(Vec<(DeckConfigId, TrainingOptions)>),
    /// How well a preset's parameters predict its answers.
    Evaluate(DeckConfigId, TrainingOptions),
}

#[derive(Debug, Clone, PartialEq)]
pub enum FsrsEvent {
    /// In the order of the request.
    Optimised(Vec<(DeckConfigId, Optimised)>),
    Evaluated(DeckConfigId, Evaluation),
    /// The job failed or was cancelled.
    Ended(UserMessage),
}
