//! What the menus hold: commands from the table, in groups. Above 900 points they stand in a row,
//! below they are one ☰.

use crate::base::lang;
use crate::domain::op::Op;
use crate::service::settings::ThemeChoice;
use crate::ui::browse::act;
use crate::ui::browse::command::BrowseCommand;
use crate::ui::command::Command;
use crate::ui::context::UiContext;
use crate::ui::route::Route;
use crate::ui::widgets::menu::{Entry, separator, sub_menu};
use crate::{mark, t};
use eframe::egui::{Key, Ui};

/// A menu: name (in English) and groups.
#[derive(Debug, Clone, Copy)]
pub struct Menu {
    pub name: &'static str,
    groups: &'static [&'static [Command]],
    /// A menu in the menu, at its end.
    sub: Option<(&'static str, &'static [&'static [Command]])>,
}

const fn menu(name: &'static str, groups: &'static [&'static [Command]]) -> Menu {
    Menu {
        name,
        groups,
        sub: None,
    }
}

/// All menus, from left to right.
pub const MENUS: &[Menu] = &[
    menu(
        mark!("File"),
        &[
            &[Command::SwitchProfile],
            &[Command::RevertToBackup, Command::CreateBackup],
            &[Command::Import, Command::Export],
            &[Command::Quit],
        ],
    ),
    menu(mark!("Edit"), &[&[Command::Undo, Command::Redo]]),
    menu(
        mark!("View"),
        &[
            &[Command::ZoomIn, Command::ZoomOut, Command::ZoomReset],
            &[Command::FullScreen],
            &[
                Command::ThemeSystem,
                Command::ThemeLight,
                Command::ThemeDark,
            ],
        ],
    ),
    menu(
        mark!("Backups"),
        &[
            &[Command::CreateBackup, Command::ResumeBackups],
            &[
                Command::OpenBackup,
                Command::ExploreBackup,
                Command::Timeline,
                Command::BackupHealth,
                Command::CopiesElsewhere,
                Command::DeletedNotes,
                Command::OpenBackupsFolder,
            ],
            &[Command::DecryptFile],
        ],
    ),
    menu(
        mark!("Tools"),
        &[
            &[Command::StudyDeck, Command::CreateFilteredDeck],
            &[
                Command::CheckDatabase,
                Command::FindProblems,
                Command::CheckMedia,
                Command::EmptyCards,
            ],
            &[Command::NoteTypes],
            &[Command::Preferences],
        ],
    ),
    menu(mark!("Help"), HELP),
];

/// On the Browse page, as in Anki's browser.
const BROWSE_MENUS: &[Menu] = &[
    menu(mark!("Edit"), act::EDIT),
    Menu {
        sub: Some((mark!("Layout"), act::PANES)),
        ..menu(
            mark!("View"),
            &[
                &[
                    Command::Browse(BrowseCommand::ToggleMode),
                    Command::Browse(BrowseCommand::ToggleSidebar),
                    Command::Browse(BrowseCommand::Preview),
                ],
                &[Command::ZoomIn, Command::ZoomOut, Command::ZoomReset],
                &[Command::FullScreen],
            ],
        )
    },
    menu(mark!("Notes"), act::NOTES),
    Menu {
        sub: Some((mark!("Flag"), act::FLAGS)),
        ..menu(mark!("Cards"), act::CARDS)
    },
    menu(mark!("Go"), act::GO),
    menu(mark!("Help"), HELP),
];

const HELP: &[&[Command]] = &[
    &[Command::Guide],
    &[Command::OpenDataFolder],
    &[Command::About],
];

/// A letter of a title, in ASCII, that opens the menu with Alt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Letter {
    /// The byte of the title.
    pub at: usize,
    pub key: Key,
}

/// Of each menu the first letter that opens none before it: in some languages two begin alike.
#[must_use]
pub fn letters(menus: &[Menu]) -> Vec<Option<Letter>> {
    let mut taken: Vec<Key> = Vec::with_capacity(menus.len());
    let letter = |menu: &Menu| {
        let mut letters = menu.title().char_indices().filter_map(|(at, c)| {
            let name = c.is_ascii_alphabetic().then(|| c.to_string())?;
            let key = Key::from_name(&name)?;
            Some(Letter { at, key })
        });
        let free = letters.find(|letter| !taken.contains(&letter.key));
        taken.extend(free.map(|letter| letter.key));
        free
    };
    menus.iter().map(letter).collect()
}

/// The menus of a page.
#[must_use]
pub fn of(route: &Route) -> &'static [Menu] {
    if *route == Route::Browse {
        BROWSE_MENUS
    } else {
        MENUS
    }
}

impl Menu {
    /// The name in the language of the window.
    #[must_use]
    pub fn title(&self) -> &'static str {
        lang::say(self.name)
    }

    #[must_use]
    pub fn contains(&self, command: Command) -> bool {
        self.groups.iter().any(|g| g.contains(&command))
    }

    /// All entries, those of the menu in it with its name.
    pub fn entries(&self) -> impl Iterator<Item = (Option<&'static str>, Command)> {
        let own = self.groups.iter().flat_map(|g| g.iter());
        let own = own.map(|command| (None, *command));
        let inner = self.sub.into_iter().flat_map(|(name, groups)| {
            let all = groups.iter().flat_map(|g| g.iter());
            all.map(move |command| (Some(name), *command))
        });
        own.chain(inner)
    }

    /// The rows, as wide as the widest.
    pub fn ui(&self, cx: &UiContext<'_>, ui: &mut Ui) {
        let ticks = group_ui(cx, ui, self.groups);
        if let Some((name, groups)) = self.sub {
            separator(ui);
            sub_menu(ui, Entry::new(lang::say(name)).indented(ticks), |ui| {
                group_ui(cx, ui, groups);
            });
        }
    }
}

/// Groups of commands with hair lines between; true when their words leave room for ticks.
pub fn group_ui(cx: &UiContext<'_>, ui: &mut Ui, groups: &[&[Command]]) -> bool {
    let ticks = set_width(cx, ui, groups.iter().flat_map(|g| g.iter().copied()));
    entries(cx, ui, groups, ticks);
    ticks
}

/// As [`group_ui`], in a menu whose width is set.
pub fn entries(cx: &UiContext<'_>, ui: &mut Ui, groups: &[&[Command]], ticks: bool) {
    for (i, group) in groups.iter().enumerate() {
        if i > 0 {
            separator(ui);
        }
        for &command in group.iter().filter(|c| !c.is_hidden(cx.model)) {
            entry(cx, ui, command, ticks);
        }
    }
}

/// The menus below each other, for narrow windows.
pub fn all_in_one(cx: &UiContext<'_>, ui: &mut Ui) {
    ui.set_width(180.0);
    for menu in of(cx.route) {
        sub_menu(ui, menu.title(), |ui| menu.ui(cx, ui));
    }
}

/// Makes the menu as wide as its widest entry; true when some can be ticked, and all leave room
/// for it.
pub fn set_width(
    cx: &UiContext<'_>,
    ui: &mut Ui,
    commands: impl Iterator<Item = Command> + Clone,
) -> bool {
    let ticks = commands.clone().any(|c| checked(cx, c).is_some());
    let w = commands
        .map(|c| {
            let (label, keys) = (label(cx, c), c.keys_on(cx.route));
            let entry = Entry::new(&label).keys(&keys).indented(ticks);
            entry.wanted_width(ui)
        })
        .fold(180.0_f32, f32::max);
    ui.set_width(w.ceil());
    ticks
}

/// One entry; greyed, with the reason as a tooltip, when it cannot be used. `ticks`: others in the
/// menu can be ticked.
pub fn entry(cx: &UiContext<'_>, ui: &mut Ui, command: Command, ticks: bool) {
    let (label, keys) = (label(cx, command), command.keys_on(cx.route));
    let usable = command.usable(cx.model, cx.route);
    let mut e = Entry::new(&label).keys(&keys).indented(ticks);
    e = e.enabled(usable.is_ok());
    if let Err(why) = usable {
        e = e.tip(why);
    }
    if let Some(on) = checked(cx, command) {
        e = e.checked(on);
    }
    if let Command::Flag(n) | Command::Browse(BrowseCommand::Flag(n)) = command
        && let Some(color) = crate::ui::theme::Tokens::of(ui).flag(n)
    {
        e = e.flag(color);
    }
    if e.show(ui).clicked() {
        cx.command(command);
    }
}

/// The table's label, with what Undo would undo.
fn label(cx: &UiContext<'_>, command: Command) -> String {
    let words = command.info().label;
    if let Command::Flag(n) | Command::Browse(BrowseCommand::Flag(n)) = command {
        return cx.model.flag_name(n).unwrap_or(words).to_owned();
    }
    let undo = &cx.model.undo;
    let named = |op: Option<Op>| op.map(Op::label).filter(|op| !op.is_empty());
    let whole = match command {
        Command::Undo => named(undo.undo).map(|op| t!("Undo {op}", op = lang::say(op))),
        Command::Redo => named(undo.redo).map(|op| t!("Redo {op}", op = lang::say(op))),
        _ => None,
    };
    whole.unwrap_or_else(|| words.to_owned())
}

fn checked(cx: &UiContext<'_>, command: Command) -> Option<bool> {
    let theme = cx.model.settings.theme;
    match command {
        Command::ThemeSystem => Some(theme == ThemeChoice::System),
        Command::ThemeLight => Some(theme == ThemeChoice::Light),
        Command::ThemeDark => Some(theme == ThemeChoice::Dark),
        Command::Browse(BrowseCommand::Preview) => Some(cx.model.browse.preview),
        Command::Browse(BrowseCommand::ToggleSidebar) => Some(cx.model.browse.sidebar),
        Command::Browse(BrowseCommand::Panes(layout)) => Some(cx.model.browse.panes == layout),
        Command::AutoAdvance => Some(cx.model.study.auto_advance),
        Command::Flag(n) => Some(cx.model.study.card.as_ref().is_some_and(|c| c.flag == n)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::keys::Keys;
    use eframe::egui::Modifiers;

    #[test]
    fn every_menu_entry_is_in_the_command_table() {
        for menu in MENUS.iter().chain(BROWSE_MENUS) {
            for command in menu.groups.iter().flat_map(|g| g.iter()) {
                assert!(Command::ALL.contains(command), "{command:?}");
            }
        }
    }

    #[test]
    fn alt_and_a_letter_open_one_menu_and_nothing_else() {
        let alt = Modifiers::ALT;
        for bar in [MENUS, BROWSE_MENUS] {
            for (menu, letter) in bar.iter().zip(letters(bar)) {
                let Letter { at, key } = letter.unwrap();
                assert_eq!(at, 0, "{}", menu.name);
                let keys = Command::ALL.iter().flat_map(|c| c.info().keys);
                let taken = keys.clone().find(|(_, k)| *k == Keys::Key(alt, key));
                assert_eq!(taken, None, "{}", menu.name);
            }
        }
    }

    #[test]
    fn of_menus_that_begin_alike_each_has_a_letter() {
        let alike = ["Archive", "Aid", "Añil", "A"].map(|name| menu(name, HELP));
        let found = letters(&alike)
            .into_iter()
            .map(|l| l.map(|l| (l.at, l.key)));
        let wanted = [
            Some((0, Key::A)),
            Some((1, Key::I)),
            Some((4, Key::L)),
            None,
        ];
        assert_eq!(found.collect::<Vec<_>>(), wanted);
    }
}
