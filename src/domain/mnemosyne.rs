//! What a database of Mnemosyne 2, another program for flashcards, holds, as far as notes, cards
//! and reviews come of it. The names are Mnemosyne's: a *fact* is what a note is here, a *fact
//! view* is a card template, a *grade* from 2 on means remembered.

use crate::base::time::TimestampSecs;

/// See the module header.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mnemosyne {
    /// Oldest first.
    pub facts: Vec<Fact>,
    /// Those that the user made. The six that come with the program are in no file.
    pub card_types: Vec<FactType>,
    /// By time.
    pub repetitions: Vec<Repetition>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FactType {
    /// With the ids of the types it was cloned from in front: `1::My own`.
    pub id: String,
    pub name: String,
    /// Key and name of each field.
    pub keys: Vec<(String, String)>,
    /// One for each kind of card.
    pub views: Vec<FactView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FactView {
    pub id: String,
    pub name: String,
    /// Keys of the fields that the question shows.
    pub question: Vec<String>,
    pub answer: Vec<String>,
    /// The answer takes the place of the question instead of following it.
    pub answer_alone: bool,
    /// The answer is typed.
    pub typed: bool,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fact {
    /// Random; the identity across databases. Empty in damaged ones.
    pub id: String,
    /// Key and text of each field, with plain line breaks.
    pub values: Vec<(String, String)>,
    /// In the order in which they were made.
    pub cards: Vec<FactCard>,
}

impl Fact {
    /// The text of a field; empty when there is none.
    #[must_use]
    pub fn value(&self, key: &str) -> &str {
        let found = self.values.iter().find(|(known, _)| known == key);
        found.map_or("", |(_, text)| text)
    }
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct FactCard {
    pub id: String,
    /// Id of its [`FactType`], or of one of the six: 1 front to back, 2 both ways, 3 vocabulary,
    /// 4 map, 5 cloze deletion, 6 sentence.
    pub card_type: String,
    /// Id of its [`FactView`].
    pub view: String,
    /// Which of the text's gaps it asks for, from 0 on.
    pub gap: Option<u16>,
    pub tags: Vec<String>,
    pub created: TimestampSecs,
    pub modified: TimestampSecs,
    /// Midnight UTC of the date on which it is due, whatever the time zone.
    pub next_repetition: TimestampSecs,
    pub last_repetition: TimestampSecs,
    /// As Anki's ease: 2.5 for a new card.
    pub easiness: f64,
    /// Answers while it was being learned, and after that.
    pub learning_answers: i64,
    pub review_answers: i64,
    pub lapses: i64,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Repetition {
    pub at: TimestampSecs,
    /// Id of the [`FactCard`].
    pub card: String,
    /// 0 and 1 forgotten, 2 and 3 hard, 4 good, 5 easy.
    pub grade: i64,
    pub easiness: f64,
    /// Seconds that were planned before it.
    pub planned: i64,
    /// Seconds spent on it.
    pub taken: i64,
    pub next_repetition: TimestampSecs,
    pub lapses: i64,
    /// Answers since the last lapse, this one included.
    pub learning_since_lapse: i64,
    pub reviews_since_lapse: i64,
}
