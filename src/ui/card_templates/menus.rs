//! The menus of the card templates screen: what can be done with a card type, marks to insert,
//! how the preview looks.

use super::dialogs::{BrowserDialog, DeckDialog, VersionsDialog};
use crate::service::notetypes::NotetypeRequest;
use crate::service::request::Request;
use crate::template::check::SPECIAL_FIELDS;
use crate::template::expand::FRONT_SIDE;
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{AskText, Question};
use crate::ui::dialogs::{Confirm, Prompt, Weight};
use crate::ui::notetypes::draft::Draft;
use crate::ui::notetypes::{Edit, ask_place};
use crate::ui::widgets::menu::{Entry, separator, sub_menu};
use crate::{t, tn};
use eframe::egui::{ScrollArea, Ui};

/// What needs no dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chosen {
    Flip,
}

pub(super) fn card_type(
    cx: &UiContext<'_>,
    ui: &mut Ui,
    draft: &Draft,
    ord: usize,
) -> Option<Chosen> {
    ui.set_width(230.0);
    let template = draft.edit.templates.get(ord)?;
    let count = draft.edit.templates.len();
    let cloze = draft.stored().is_cloze();
    let name = &template.now.name;
    let mut chosen = None;
    let add = Entry::new(t!("Add Card Type…")).enabled(!cloze);
    if add
        .tip(if cloze {
            t!("Cloze note types have one")
        } else {
            ""
        })
        .show(ui)
        .clicked()
    {
        cx.open(ask_add(draft));
    }
    let only = Entry::new(t!("Remove Card Type…"))
        .danger()
        .enabled(count > 1);
    if only
        .tip(if count > 1 {
            ""
        } else {
            t!("A note type needs at least one")
        })
        .show(ui)
        .clicked()
    {
        cx.open(ask_remove(draft, ord));
    }
    if Entry::new(t!("Rename Card Type…")).show(ui).clicked() {
        cx.open(ask_name(
            t!("Rename card type"),
            t!("Rename"),
            name,
            Edit::RenameTemplate,
        ));
    }
    if Entry::new(t!("Reposition Card Type…"))
        .enabled(count > 1)
        .show(ui)
        .clicked()
    {
        cx.open(ask_place(
            t!("Reposition card type"),
            (count, ord),
            Edit::MoveTemplate,
        ));
    }
    separator(ui);
    if Entry::new(t!("Deck Override…")).show(ui).clicked() {
        cx.open(DeckDialog::new(
            cx,
            name,
            template.now.config.target_deck_id,
        ));
    }
    if Entry::new(t!("Browser Appearance…")).show(ui).clicked() {
        cx.open(BrowserDialog::new(name, &template.now.config));
    }
    if Entry::new(t!("Flip Front and Back")).show(ui).clicked() {
        chosen = Some(Chosen::Flip);
    }
    separator(ui);
    let stock = draft.stored().config.original_stock_kind != 0;
    let restore = Entry::new(t!("Restore to Default…")).enabled(stock);
    if restore
        .tip(if stock {
            ""
        } else {
            t!("Only for the note types that Anki comes with")
        })
        .show(ui)
        .clicked()
    {
        cx.open(ask_restore(draft));
    }
    if Entry::new(t!("Template History…")).show(ui).clicked() {
        let id = draft.stored().id;
        cx.open(VersionsDialog::new(id));
        cx.ask(Request::Notetype(NotetypeRequest::LoadVersions(id)));
    }
    chosen
}

fn ask_add(draft: &Draft) -> AskText {
    let names: Vec<String> = (draft.edit.templates.iter())
        .map(|t| t.now.name.to_lowercase())
        .collect();
    let free = (names.len() + 1..).map(|n| format!("Card {n}"));
    let name = free
        .into_iter()
        .find(|n| !names.contains(&n.to_lowercase()));
    let prompt = Prompt {
        title: t!("Add card type").into(),
        body: tn!(
            draft.notes(),
            "It begins as this one with front and back exchanged. Saving makes its cards for {n} \
             note.",
            "It begins as this one with front and back exchanged. Saving makes its cards for {n} \
             notes."
        ),
        label: t!("Name").into(),
        value: name.unwrap_or_default(),
        action: t!("Add").into(),
        ..Default::default()
    };
    AskText::new(prompt, |name| Action::Notetype(Edit::AddTemplate(name)))
}

fn ask_name(title: &str, action: &str, value: &str, then: fn(String) -> Edit) -> AskText {
    let prompt = Prompt {
        title: title.into(),
        label: t!("Name").into(),
        value: value.into(),
        action: action.into(),
        ..Default::default()
    };
    AskText::new(prompt, move |name| Action::Notetype(then(name))).check(|name| {
        let empty = name.replace('"', "").trim().is_empty();
        empty.then(|| t!("Type a name.").to_owned())
    })
}

fn ask_remove(draft: &Draft, ord: usize) -> Question {
    let name = draft.edit.templates.get(ord).map_or("", |t| &t.now.name);
    Question::new(
        Confirm {
            title: t!("Remove the card type “{name}”?", name),
            body: tn!(
                draft.cards_of(ord),
                "When you save, its {n} card is deleted. Notes stay. You can undo this.",
                "When you save, its {n} cards are deleted. Notes stay. You can undo this."
            ),
            cancel: t!("Cancel").into(),
            action: t!("Remove card type").into(),
            weight: Weight::Destructive,
            ..Default::default()
        },
        Action::Notetype(Edit::RemoveTemplate),
    )
}

fn ask_restore(draft: &Draft) -> Question {
    Question::new(
        Confirm {
            title: t!("Restore to default?").into(),
            body: t!(
                "Fronts, backs and styling of “{notetype}” become those that it came with. Your \
                 own fields and further card types stay. Nothing changes before you save.",
                notetype = draft.stored().name
            ),
            cancel: t!("Cancel").into(),
            action: t!("Restore").into(),
            ..Default::default()
        },
        Action::Notetype(Edit::RestoreStock),
    )
}

/// The mark to insert, when one was chosen.
pub(super) fn fields(ui: &mut Ui, draft: &Draft, back: bool) -> Option<String> {
    ui.set_width(200.0);
    let names: Vec<&str> = (draft.edit.fields.iter())
        .map(|f| f.now.name.as_str())
        .collect();
    let mut chosen = None;
    ScrollArea::vertical().max_height(280.0).show(ui, |ui| {
        for name in &names {
            if Entry::new(name).show(ui).clicked() {
                chosen = Some(if draft.stored().is_cloze() && *name == "Text" {
                    format!("{{{{cloze:{name}}}}}")
                } else {
                    format!("{{{{{name}}}}}")
                });
            }
        }
    });
    separator(ui);
    let filters = [
        (t!("Cloze"), "cloze"),
        (t!("Type in the Answer"), "type"),
        (t!("Hint"), "hint"),
        (t!("Text Only"), "text"),
    ];
    for (label, filter) in filters {
        sub_menu(ui, label, |ui| {
            ui.set_width(180.0);
            for name in &names {
                if Entry::new(name).show(ui).clicked() {
                    chosen = Some(format!("{{{{{filter}:{name}}}}}"));
                }
            }
        });
    }
    sub_menu(ui, t!("Only If Filled"), |ui| {
        ui.set_width(180.0);
        for name in &names {
            if Entry::new(name).show(ui).clicked() {
                chosen = Some(format!("{{{{#{name}}}}}{{{{{name}}}}}{{{{/{name}}}}}"));
            }
        }
    });
    sub_menu(ui, t!("Special Fields"), |ui| {
        ui.set_width(180.0);
        for name in SPECIAL_FIELDS {
            let fits = back || name != FRONT_SIDE;
            if Entry::new(name).enabled(fits).show(ui).clicked() {
                chosen = Some(format!("{{{{{name}}}}}"));
            }
        }
    });
    chosen
}

pub(super) fn preview(ui: &mut Ui, fill_empty: &mut bool, night: &mut bool, narrow: &mut bool) {
    ui.set_width(220.0);
    for (label, on) in [
        (t!("Fill Empty Fields"), fill_empty),
        (t!("Night Mode"), night),
        (t!("Narrow, as on a Telephone"), narrow),
    ] {
        if Entry::new(label).checked(*on).show(ui).clicked() {
            *on = !*on;
        }
    }
}
