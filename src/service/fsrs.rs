//! What faces ask about FSRS and what they are answered: fitting parameters to the review log and
//! telling how well they fit. Both read the log first and then let study go on beside them.

pub use crate::collection::fsrs_training::{TrainingOptions, default_search};
pub use crate::collection::simulation::SimulationScope;
pub use crate::scheduler::simulation::{
    RETENTIONS, RetentionWorkload, Simulation, SimulationOptions, Workload,
};
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
    /// Plays the coming days out.
    Simulate(SimulationScope, Box<SimulationOptions>),
    /// The same for each desired retention.
    Workload(SimulationScope, Box<SimulationOptions>),
    /// A quick estimate for each desired retention, for a preset's cards.
    RetentionCosts(DeckConfigId, SimulationScope),
}

#[derive(Debug, Clone, PartialEq)]
pub enum FsrsEvent {
    /// In the order of the request.
    Optimised(Vec<(DeckConfigId, Optimised)>),
    /// None without any answer that could be predicted.
    Evaluated(DeckConfigId, Option<Evaluation>),
    /// With what was asked.
    Simulated(Box<(SimulationOptions, Simulation)>),
    Workload(Box<Workload>),
    /// Desired retention in percent, and seconds in the coming year.
    RetentionCosts(DeckConfigId, Vec<(u8, f32)>),
    /// The job failed or was cancelled.
    Ended(UserMessage),
}
