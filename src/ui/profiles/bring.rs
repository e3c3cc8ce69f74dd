//! Bringing profiles from Anki: which of those that were found, or from which folder.

use super::ask;
use crate::service::event::{AnkiProfile, Event, ProfileEvent};
use crate::service::request::ProfileRequest;
use crate::t;
use crate::ui::backups::words;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::environment::FileAsk;
use crate::ui::theme::{Tokens, font, sp};
use crate::ui::widgets::button::{Button, Kind};
use crate::ui::widgets::{check, dialog, text};
use eframe::egui::{Context, Ui};
use std::collections::BTreeSet;

const WIDTH: f32 = 480.0;

/// Asks where there are profiles already; the first start has all this on its page.
pub(super) struct BringFromAnki {
    found: Vec<AnkiProfile>,
    /// Names of those that are not ticked.
    left_out: BTreeSet<String>,
}

enum Choice {
    Folder,
    Cancel,
    Copy,
}

/// Where none were found nothing is to be chosen but the folder.
pub(super) fn bring(cx: &UiContext<'_>, found: &[AnkiProfile]) {
    if found.is_empty() {
        return choose_folder(cx);
    }
    // Anki may have got others meanwhile.
    cx.send(ask(ProfileRequest::List));
    cx.open(BringFromAnki {
        found: found.to_vec(),
        left_out: BTreeSet::new(),
    });
}

/// All profiles of a folder that the user shows.
pub(super) fn choose_folder(cx: &UiContext<'_>) {
    let question = FileAsk::folder(t!("Choose the folder where Anki keeps its data"));
    cx.pick_file(question, |folder| {
        ask(ProfileRequest::ImportAnki {
            base: Some(folder),
            names: vec![],
        })
    });
}

/// Names of the ticked ones.
pub(super) fn ticked(found: &[AnkiProfile], left_out: &BTreeSet<String>) -> Vec<String> {
    let names = found.iter().map(|p| p.name.clone());
    names.filter(|name| !left_out.contains(name)).collect()
}

/// What a button says that copies so many.
pub(super) fn copy_words(profiles: usize) -> &'static str {
    match profiles {
        0 | 1 => t!("Copy profile"),
        _ => t!("Copy profiles"),
    }
}

/// A line for each, to be ticked.
pub(super) fn ticks(ui: &mut Ui, found: &[AnkiProfile], left_out: &mut BTreeSet<String>) {
    for profile in found {
        let mut on = !left_out.contains(&profile.name);
        let size = words::bytes(profile.collection_size);
        let label = format!("{} · {size}", profile.name);
        if check::checkbox_within(ui, &mut on, &label).changed() {
            if on {
                left_out.remove(&profile.name);
            } else {
                left_out.insert(profile.name.clone());
            }
        }
    }
}

impl BringFromAnki {
    fn content(&mut self, ui: &mut Ui) -> Option<Choice> {
        let t = Tokens::of(ui);
        dialog::title(ui, t!("Bring my Anki profile"));
        let words = t!(
            "Cards, reviews, media and settings are copied. Anki’s own files are never touched."
        );
        text::paragraph_in(ui, words, font::small(), t.text2);
        ui.add_space(sp::M);
        ticks(ui, &self.found, &mut self.left_out);
        let count = ticked(&self.found, &self.left_out).len();
        let copy = Button::new(copy_words(count))
            .kind(Kind::Primary)
            .enabled(count > 0);
        let folder = Button::new(t!("Choose folder…")).kind(Kind::Ghost);
        let choices = vec![Button::new(t!("Cancel")), copy];
        let footer = dialog::footer(ui, vec![folder], choices);
        footer.focus_choice(1);
        match () {
            () if footer.quiet[0].clicked() => Some(Choice::Folder),
            () if footer.chosen(0) => Some(Choice::Cancel),
            () if footer.chosen(1) => Some(Choice::Copy),
            () => None,
        }
    }
}

impl Dialog for BringFromAnki {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let shown = dialog::show(ctx, id, WIDTH, |ui| self.content(ui));
        match shown.inner {
            Some(Choice::Folder) => choose_folder(cx),
            Some(Choice::Copy) => cx.send(ask(ProfileRequest::ImportAnki {
                base: None,
                names: ticked(&self.found, &self.left_out),
            })),
            Some(Choice::Cancel) | None => {}
        }
        Flow::close_if(shown.inner.is_some() || shown.dismissed)
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        if let Event::Profile(ProfileEvent::Listed { anki, .. }) = event {
            self.found.clone_from(anki);
        }
        Flow::Stay
    }
}
