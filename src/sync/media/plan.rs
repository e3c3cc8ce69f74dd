//! What becomes of a file that the server tells of: Anki's rule, so that both programs agree.

/// What is known of the file here.
#[derive(Debug, Clone, Copy)]
pub(super) struct Local {
    /// None: it was deleted here.
    pub(super) sha1: Option<[u8; 20]>,
    /// The server has not heard of it.
    pub(super) pending: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Nothing,
    /// The server's file replaces what is here.
    Download,
    /// It goes away here.
    Delete,
    /// Both sides agree by now; nothing is to be sent.
    Settled,
}

/// `local` is None for an unknown file, `remote` for one that the server deleted.
pub(super) fn step(local: Option<Local>, remote: Option<[u8; 20]>) -> Step {
    match (local, remote) {
        (None, None) => Step::Nothing,
        (None | Some(Local { sha1: None, .. }), Some(_)) => Step::Download,
        (Some(Local { sha1: None, .. }), None) => Step::Delete,
        (Some(Local { pending: true, .. }), None) => Step::Nothing,
        (Some(_), None) => Step::Delete,
        (Some(local), Some(_)) if local.sha1 != remote => Step::Download,
        (Some(Local { pending: true, .. }), Some(_)) => Step::Settled,
        (Some(_), Some(_)) => Step::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_case_of_the_rule() {
        let (x, y) = (Some([1; 20]), Some([2; 20]));
        let local = |sha1, pending| Some(Local { sha1, pending });
        for (here, there, want) in [
            (None, None, Step::Nothing),
            (local(None, false), None, Step::Delete),
            (local(None, true), None, Step::Delete),
            (None, x, Step::Download),
            (local(None, true), x, Step::Download),
            (local(x, true), None, Step::Nothing),
            (local(x, false), None, Step::Delete),
            (local(x, true), x, Step::Settled),
            (local(x, false), x, Step::Nothing),
            (local(x, true), y, Step::Download),
            (local(x, false), y, Step::Download),
        ] {
            assert_eq!(step(here, there), want, "{here:?} {there:?}");
        }
    }
}
