//! Which areas an operation touched, so that faces reload what they show and no more.

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Changes {
    pub card: bool,
    pub note: bool,
    pub deck: bool,
    pub tag: bool,
    pub notetype: bool,
    pub config: bool,
    pub deck_config: bool,
    /// The study queue must be built again (an answer keeps it).
    pub study_queues: bool,
}

impl Changes {
    pub const ALL: Self = Self {
        card: true,
        note: true,
        deck: true,
        tag: true,
        notetype: true,
        config: true,
        deck_config: true,
        study_queues: true,
    };

    #[must_use]
    pub fn any(self) -> bool {
        self != Self::default()
    }
}
