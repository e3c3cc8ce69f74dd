//! What the import dialog of a text file holds. No egui here.

use crate::base::ids::{DeckId, NotetypeId};
use crate::domain::text_import::{
    Column, DeckChoice, Delimiter, ExistingNotes, MatchScope, NotetypeChoice, TextLook,
    TextOptions, TextWishes,
};
use crate::service::event::NotetypeChoices;
use crate::t;

#[must_use]
pub fn delimiters() -> [(Delimiter, &'static str); 6] {
    [
        (Delimiter::Tab, t!("Tab" in "separator")),
        (Delimiter::Comma, t!("Comma" in "separator")),
        (Delimiter::Semicolon, t!("Semicolon" in "separator")),
        (Delimiter::Pipe, t!("Pipe" in "separator")),
        (Delimiter::Colon, t!("Colon" in "separator")),
        (Delimiter::Space, t!("Space" in "separator")),
    ]
}

#[must_use]
pub fn existing() -> [(ExistingNotes, &'static str); 3] {
    [
        (ExistingNotes::Update, t!("Update" in "existing notes")),
        (ExistingNotes::Preserve, t!("Preserve" in "existing notes")),
        (
            ExistingNotes::Duplicate,
            t!("Duplicate" in "existing notes"),
        ),
    ]
}

#[must_use]
pub fn scopes() -> [(MatchScope, &'static str); 2] {
    [
        (MatchScope::Notetype, t!("Note type")),
        (MatchScope::NotetypeAndDeck, t!("Note type and deck")),
    ]
}

/// See the module header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    pub options: TextOptions,
    pub encoding: &'static str,
    /// Not all of the file is of that encoding.
    pub is_unreadable: bool,
    pub labels: Vec<String>,
    pub preview: Vec<Vec<String>>,
    pub notetypes: Vec<NotetypeChoices>,
    pub decks: Vec<(DeckId, String)>,
    /// As typed.
    pub global_tags: String,
    pub updated_tags: String,
    /// What the file itself says of its deck, to go back to.
    file_deck: DeckChoice,
}

impl Form {
    #[must_use]
    pub fn new(
        look: TextLook,
        notetypes: Vec<NotetypeChoices>,
        decks: Vec<(DeckId, String)>,
    ) -> Self {
        Self {
            encoding: look.encoding,
            is_unreadable: look.is_unreadable,
            labels: look.labels,
            preview: look.preview,
            notetypes,
            decks,
            global_tags: look.options.global_tags.join(" "),
            updated_tags: look.options.updated_tags.join(" "),
            file_deck: look.options.deck.clone(),
            options: look.options,
        }
    }

    /// After another look at the same file: what does not depend on how it is read stays chosen.
    #[must_use]
    pub fn keeping(mut self, old: Option<Self>) -> Self {
        if let Some(old) = old {
            // Names that can be read only now are mapped anew.
            let has_same_columns = self.notetype() == old.notetype()
                && self.columns() == old.columns()
                && self.labels == old.labels;
            self.options.existing = old.options.existing;
            self.options.scope = old.options.scope;
            self.options.global_tags = old.options.global_tags;
            self.options.updated_tags = old.options.updated_tags;
            self.global_tags = old.global_tags;
            self.updated_tags = old.updated_tags;
            if old.options.deck != old.file_deck {
                self.options.deck = old.options.deck;
            }
            if has_same_columns {
                self.options.guid_column = old.options.guid_column;
                self.options.tags_column = old.options.tags_column;
                self.options.notetype = old.options.notetype;
            }
        }
        self
    }

    /// The one note type of all rows.
    #[must_use]
    pub fn notetype(&self) -> Option<NotetypeId> {
        match self.options.notetype {
            NotetypeChoice::One { id, .. } => Some(id),
            NotetypeChoice::Column(_) => None,
        }
    }

    /// Names of its fields; none when each row has its own note type.
    #[must_use]
    pub fn fields(&self) -> Vec<String> {
        let chosen = self.notetype();
        self.notetypes
            .iter()
            .find(|notetype| Some(notetype.id) == chosen)
            .map(|notetype| notetype.fields.clone())
            .unwrap_or_default()
    }

    #[must_use]
    pub fn columns(&self) -> usize {
        let widest = self.preview.iter().map(Vec::len).max().unwrap_or(0);
        widest.max(self.labels.len())
    }

    /// "2: Front", or the number alone.
    #[must_use]
    pub fn column_name(&self, index: usize) -> String {
        match self.labels.get(index).filter(|label| !label.is_empty()) {
            Some(label) => format!("{}: {label}", index + 1),
            None => t!("Column {n}", n = index + 1),
        }
    }

    /// Nothing, then each column.
    #[must_use]
    pub fn column_options(&self) -> Vec<(Column, String)> {
        let columns = (1..)
            .zip(0..self.columns())
            .map(|(n, i)| (n, self.column_name(i)));
        std::iter::once((0, t!("(Nothing)").to_owned()))
            .chain(columns)
            .collect()
    }

    #[must_use]
    pub fn field_column(&self, field: usize) -> Column {
        match &self.options.notetype {
            NotetypeChoice::One { field_columns, .. } => {
                field_columns.get(field).copied().unwrap_or(0)
            }
            NotetypeChoice::Column(_) => 0,
        }
    }

    pub fn set_field_column(&mut self, field: usize, column: Column) {
        if let NotetypeChoice::One { field_columns, .. } = &mut self.options.notetype {
            if field_columns.len() <= field {
                field_columns.resize(field + 1, 0);
            }
            if let Some(place) = field_columns.get_mut(field) {
                *place = column;
            }
        }
    }

    /// What the file says first, if that is no deck of ours; then the decks.
    #[must_use]
    pub fn deck_options(&self) -> Vec<(DeckChoice, String)> {
        let of_file = match &self.file_deck {
            DeckChoice::Id(_) => None,
            DeckChoice::Name(name) => Some(t!("{name} (new)", name)),
            DeckChoice::Column(column) => {
                let index = usize::try_from(*column).unwrap_or(1).saturating_sub(1);
                Some(t!("From {column}", column = self.column_name(index)))
            }
        };
        let first = of_file.map(|words| (self.file_deck.clone(), words));
        let decks = self
            .decks
            .iter()
            .map(|(id, name)| (DeckChoice::Id(*id), name.clone()));
        first.into_iter().chain(decks).collect()
    }
}

/// The wishes that gave this form, to change one of them.
#[must_use]
pub fn wishes_of(form: &Form, last: &TextWishes) -> TextWishes {
    TextWishes {
        encoding: last.encoding.clone().or(form.options.encoding.clone()),
        ..last.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(deck: DeckChoice) -> Form {
        let options = TextOptions {
            delimiter: Delimiter::Tab,
            is_html: false,
            notetype: NotetypeChoice::One {
                id: NotetypeId(1),
                field_columns: vec![1, 0],
            },
            deck,
            guid_column: 0,
            tags_column: 0,
            global_tags: vec!["a".into(), "b".into()],
            updated_tags: vec![],
            existing: ExistingNotes::Update,
            scope: MatchScope::Notetype,
            encoding: None,
        };
        let look = TextLook {
            options,
            encoding: "UTF-8",
            is_unreadable: false,
            delimiter_is_given: false,
            html_is_given: false,
            labels: vec!["Word".into(), String::new()],
            preview: vec![vec!["x".into(), "y".into(), "z".into()]],
        };
        let basic = NotetypeChoices {
            id: NotetypeId(1),
            name: "Basic".into(),
            fields: vec!["Front".into(), "Back".into()],
        };
        Form::new(look, vec![basic], vec![(DeckId(1), "Default".into())])
    }

    #[test]
    fn columns_are_named_and_mapped() {
        let mut form = form(DeckChoice::Id(DeckId(1)));
        let names: Vec<_> = form.column_options().into_iter().map(|(_, s)| s).collect();
        assert_eq!(names, ["(Nothing)", "1: Word", "Column 2", "Column 3"]);
        form.set_field_column(1, 3);
        assert_eq!((form.field_column(0), form.field_column(1)), (1, 3));
        assert_eq!(form.fields(), ["Front", "Back"]);
    }

    #[test]
    fn what_was_chosen_stays_after_another_look() {
        let file_deck = DeckChoice::Name("New".into());
        let mut old = form(file_deck.clone());
        old.options.deck = DeckChoice::Id(DeckId(1));
        old.options.existing = ExistingNotes::Preserve;
        let new = form(file_deck.clone()).keeping(Some(old));
        assert_eq!(new.options.existing, ExistingNotes::Preserve);
        assert_eq!(new.options.deck, DeckChoice::Id(DeckId(1)));
        let names: Vec<_> = new.deck_options().into_iter().map(|(_, s)| s).collect();
        assert_eq!(names, ["New (new)", "Default"]);
    }

    #[test]
    fn a_mapping_stays_while_the_columns_are_the_same() {
        let deck = DeckChoice::Id(DeckId(1));
        let mut old = form(deck.clone());
        old.set_field_column(1, 3);
        old.options.tags_column = 2;
        let new = form(deck.clone()).keeping(Some(old.clone()));
        assert_eq!((new.field_column(1), new.options.tags_column), (3, 2));
        let mut other = form(deck);
        other.preview = vec![vec!["x,y,z".into()]];
        let new = other.keeping(Some(old.clone()));
        assert_eq!((new.field_column(1), new.options.tags_column), (0, 0));
        old.labels = vec!["W\u{fffd}rd".into(), String::new()];
        let new = form(DeckChoice::Id(DeckId(1))).keeping(Some(old));
        assert_eq!((new.field_column(1), new.options.tags_column), (0, 0));
    }
}
