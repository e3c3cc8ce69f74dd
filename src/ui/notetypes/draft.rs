//! A note type that is being edited, beside what is stored: what changed, what saving does, and
//! the questions before it. No drawing.

use crate::domain::notetype::{Notetype, NotetypeFacts};
use crate::domain::notetype_edit::NotetypeEdit;
use crate::service::notetypes::NotetypeRequest;
use crate::service::request::Request;
use crate::template::check::{self, CardTypeProblem};
use crate::template::fields::NewName;
use crate::ui::action::Action;
use crate::ui::dialog_host::Question;
use crate::ui::dialogs::{Confirm, Weight};
use crate::ui::notetypes::Edit;
use crate::{t, tn};

/// See the module header.
#[derive(Debug, Clone)]
pub struct Draft {
    facts: NotetypeFacts,
    pub edit: NotetypeEdit,
    /// Of the edit as it was looked at last.
    checked: Option<(NotetypeEdit, Option<CardTypeProblem>)>,
}

impl Draft {
    #[must_use]
    pub fn new(facts: NotetypeFacts) -> Self {
        Self {
            edit: NotetypeEdit::from(facts.notetype.clone()),
            facts,
            checked: None,
        }
    }

    /// As it is on disk.
    #[must_use]
    pub fn stored(&self) -> &Notetype {
        &self.facts.notetype
    }

    /// Notes of this type.
    #[must_use]
    pub fn notes(&self) -> u64 {
        self.facts.notes
    }

    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.edit != NotetypeEdit::from(self.facts.notetype.clone())
    }

    /// Cards that go with the card type at `ord`.
    #[must_use]
    pub fn cards_of(&self, ord: usize) -> u64 {
        let was = self.edit.templates.get(ord).and_then(|t| t.was);
        was.and_then(|was| self.facts.cards.get(was).copied())
            .unwrap_or(0)
    }

    /// What keeps it from being saved. Templates are looked at with the fields' new names, as
    /// saving gives them.
    pub fn problem(&mut self) -> Option<CardTypeProblem> {
        if let Some((edit, problem)) = &self.checked
            && *edit == self.edit
        {
            return problem.clone();
        }
        let problem = check::first_problem(&self.as_saved());
        self.checked = Some((self.edit.clone(), problem.clone()));
        problem
    }

    /// With the templates' marks renamed as the fields are. Fields that are gone stay known: what
    /// saving does with their marks is right.
    fn as_saved(&self) -> Notetype {
        let mut notetype = self.edit.to_notetype();
        let before = &self.facts.notetype.fields;
        for (ord, field) in before.iter().enumerate() {
            if self.edit.fields.iter().all(|f| f.was != Some(ord)) {
                notetype.fields.push(field.clone());
            }
        }
        let new_name = |key: &str| {
            let ord = before.iter().position(|f| f.name == key);
            let new = ord.and_then(|ord| self.edit.fields.iter().find(|f| f.was == Some(ord)));
            new.map_or(NewName::Same, |f| NewName::Renamed(f.now.name.as_str()))
        };
        for template in &mut notetype.templates {
            let config = &mut template.config;
            for side in [&mut config.q_format, &mut config.a_format] {
                *side = crate::template::fields::renamed(side, new_name);
            }
        }
        notetype
    }

    /// Saves, after a question where saving costs something.
    #[must_use]
    pub fn save(&self) -> Action {
        let save = Action::Ask(Request::Notetype(NotetypeRequest::Save(Box::new(
            self.edit.clone(),
        ))));
        let weight = self.edit.weight(self.stored());
        if !weight.one_way_sync {
            return save;
        }
        let mut said = Vec::new();
        if weight.removed_fields > 0 {
            said.push(tn!(
                weight.removed_fields as u64,
                "The content of {n} field is deleted from {notes}.",
                "The content of {n} fields is deleted from {notes}.",
                notes = tn!(self.facts.notes, "{n} note", "{n} notes")
            ));
        }
        if weight.removed_templates > 0 {
            let gone = (0..self.facts.cards.len())
                .filter(|was| self.edit.templates.iter().all(|t| t.was != Some(*was)));
            let cards: u64 = gone.filter_map(|was| self.facts.cards.get(was)).sum();
            said.push(tn!(
                cards,
                "{n} card is deleted with their card type.",
                "{n} cards are deleted with their card type."
            ));
        }
        let removes = !said.is_empty();
        said.push(
            t!(
                "The requested change will require a full upload of the collection when it is next \
                 synced. Reviews or other changes waiting on another device that are not synced \
                 yet will be lost. You can undo the change here, but the upload stays needed."
            )
            .to_owned(),
        );
        Action::Open(Box::new(Question::new(
            Confirm {
                title: t!("Save a change that needs a full upload?").into(),
                body: said.join(" "),
                cancel: t!("Cancel").into(),
                action: t!("Save").into(),
                weight: if removes {
                    Weight::Destructive
                } else {
                    Weight::Harmless
                },
                ..Default::default()
            },
            save,
        )))
    }

    /// The question before unsaved changes are dropped.
    #[must_use]
    pub fn ask_to_discard(&self) -> Question {
        Question::new(
            Confirm {
                title: t!("Discard the changes?").into(),
                body: t!(
                    "The note type “{name}” was changed and not saved.",
                    name = self.stored().name
                ),
                cancel: t!("Keep editing").into(),
                action: t!("Discard changes").into(),
                weight: Weight::Destructive,
                ..Default::default()
            },
            Action::Notetype(Edit::Discard),
        )
    }
}
