//! Stand-ins until the collection has these operations; the real methods win over them.

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::ids::DeckId;
use crate::base::job::Progress;
use crate::collection::{Collection, OpOutput};
use crate::service::event::Problem;

fn missing<T>() -> Result<T> {
    Err(Error::new(
        ErrorKind::Unavailable,
        "this part has not landed",
    ))
}

pub(super) trait Pending {
    fn filtered_rebuild(&mut self, _: DeckId) -> Result<OpOutput<usize>> {
        missing()
    }
    fn check_database(&mut self, _: &Progress) -> Result<Vec<Problem>> {
        missing()
    }
}

impl Pending for Collection {}
