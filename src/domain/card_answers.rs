//! What was answered last to the questions about cards: it is what they begin with.

/// Where a question is asked; each place has its own answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedIn {
    Reviewer,
    Browser,
}

impl AskedIn {
    /// What Set Due Date begins with before it was ever answered: tomorrow while studying.
    #[must_use]
    pub fn usual_due(self) -> &'static str {
        match self {
            Self::Reviewer => "1",
            Self::Browser => "0",
        }
    }
}

/// What the questions of a place begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardAnswers {
    pub asked_in: AskedIn,
    /// Set Due Date, as it was typed.
    pub due: String,
    pub reset: ResetHow,
}

/// What resetting cards does beside making them new again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResetHow {
    /// They go back to where they were among the new ones, where that is known, else to the end.
    pub restore_position: bool,
    /// Their reviews and lapses are forgotten.
    pub reset_counts: bool,
}

impl Default for ResetHow {
    fn default() -> Self {
        Self {
            restore_position: true,
            reset_counts: false,
        }
    }
}
