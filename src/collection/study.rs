//! What studying remembers between operations.

use super::Direction;
use crate::domain::changes::Changes;
use crate::domain::op::Op;
use crate::storage::RowChange;

/// The queue of cards to study.
#[derive(Debug, Default)]
pub(crate) struct StudyState {}

impl StudyState {
    /// Called after every operation that is on disk, undo and redo included, with the rows it
    /// wrote. When `changes.study_queues` is set the queue must be built again.
    pub(crate) fn after_operation(
        &mut self,
        _op: Op,
        _direction: Direction,
        _rows: &[RowChange],
        _changes: Changes,
    ) {
    }
}
