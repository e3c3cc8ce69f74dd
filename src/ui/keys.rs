//! Keys of commands: how they are written in menus, and how they are taken from the input.

use crate::t;
use eframe::egui;
use eframe::egui::{Event, InputState, Key, Modifiers};
use std::collections::HashSet;

/// One key of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// Exactly these modifiers and this key.
    Key(Modifiers, Key),
    /// A sign as typed, wherever the keyboard layout has it: `*`, `@`, `/`.
    Sign(char),
}

/// Ctrl, or Cmd on a Mac.
pub const CTRL: Modifiers = Modifiers::COMMAND;
pub const SHIFT: Modifiers = Modifiers::SHIFT;
pub const ALT: Modifiers = Modifiers::ALT;
pub const CTRL_SHIFT: Modifiers = Modifiers {
    shift: true,
    ..Modifiers::COMMAND
};
pub const CTRL_ALT: Modifiers = Modifiers {
    alt: true,
    ..Modifiers::COMMAND
};
pub const CTRL_ALT_SHIFT: Modifiers = Modifiers {
    alt: true,
    shift: true,
    ..Modifiers::COMMAND
};
pub const NONE: Modifiers = Modifiers::NONE;
/// 1 to 9.
pub const NUMBERS: [Key; 9] = [
    Key::Num1,
    Key::Num2,
    Key::Num3,
    Key::Num4,
    Key::Num5,
    Key::Num6,
    Key::Num7,
    Key::Num8,
    Key::Num9,
];

impl Keys {
    /// The key that types a sign: letters and digits by their key, others as they are typed.
    #[must_use]
    pub fn typing(sign: char) -> Self {
        let key = sign
            .is_ascii_alphanumeric()
            .then(|| Key::from_name(&sign.to_ascii_uppercase().to_string()))
            .flatten();
        key.map_or(Self::Sign(sign), |key| Self::Key(NONE, key))
    }

    /// As in menus and tooltips: `Ctrl+Shift+P`.
    #[must_use]
    pub fn shown(self) -> String {
        match self {
            Self::Sign('-') => "−".to_owned(),
            Self::Sign(c) => c.to_string(),
            Self::Key(m, key) => {
                let mut out = String::new();
                for (on, word) in [
                    (m.command || m.ctrl, t!("Ctrl" in "key")),
                    (m.alt, t!("Alt" in "key")),
                    (m.shift, t!("Shift" in "key")),
                ] {
                    if on {
                        out.push_str(word);
                        out.push('+');
                    }
                }
                // People know Ctrl+Shift+P, Ctrl+Alt+N.
                out.push_str(name_of(key));
                out
            }
        }
    }

    /// Whether the strip of a formula or picture in a field takes it as its end.
    #[must_use]
    pub fn ends_a_strip(self) -> bool {
        match self {
            Self::Key(m, Key::Enter) => m.command,
            Self::Key(m, Key::Escape) => m.is_none(),
            _ => false,
        }
    }

    /// Whether it may be taken while someone types into a text field.
    #[must_use]
    pub fn works_while_typing(self) -> bool {
        match self {
            Self::Sign(_) => false,
            Self::Key(m, key) => {
                let deletes = matches!(key, Key::Z | Key::Delete | Key::Backspace);
                // Superscript and subscript; Ctrl++ still makes everything larger.
                let raises = key == Key::Equals || key == Key::Plus && m.shift;
                let edits_text = deletes || raises;
                (m.command || m.ctrl || m.alt) && !edits_text || is_function_key(key)
            }
        }
    }

    /// Space and Enter press a focused button instead.
    #[must_use]
    pub fn presses_buttons(self) -> bool {
        matches!(self, Self::Key(m, Key::Space | Key::Enter) if m.is_none())
    }

    /// Takes the key out of the input if it was pressed. Repeats while held down are ignored.
    pub fn take(self, input: &mut InputState) -> bool {
        let events = &input.events;
        let pressed = |at: &usize| self.matches(&events[*at]) && !is_held_on(events, *at);
        let found = (0..events.len()).find(pressed);
        let found = found.or_else(|| self.digit_with_shift(&input.events));
        if let Some(i) = found {
            input.events.remove(i);
            // Systems send what a key with Alt types as well.
            let with_alt = matches!(self, Self::Key(m, _) if m.alt && !m.command);
            if with_alt && matches!(input.events.get(i), Some(Event::Text(_))) {
                input.events.remove(i);
            }
        }
        found.is_some()
    }

    /// A digit alone, on a keyboard that types it with Shift (French, Czech).
    fn digit_with_shift(self, events: &[Event]) -> Option<usize> {
        let Self::Key(modifiers, digit) = self else {
            return None;
        };
        let typed = |e: &Event| matches!(e, Event::Text(text) if text == digit.name());
        let pressed = |e: &Event| Self::Key(SHIFT, digit).matches(e);
        let is_alone = modifiers.is_none() && NUMBERS.contains(&digit);
        let is_typed = is_alone && events.iter().any(typed);
        is_typed.then(|| events.iter().position(pressed)).flatten()
    }

    fn matches(self, event: &Event) -> bool {
        match (self, event) {
            (Self::Sign(c), Event::Text(text)) => text.chars().eq([c]),
            (
                Self::Key(wanted, key),
                Event::Key {
                    key: pressed,
                    pressed: true,
                    repeat: false,
                    modifiers,
                    ..
                },
            ) => *pressed == key && same_modifiers(*modifiers, wanted),
            _ => false,
        }
    }
}

/// Whether it is text that a key goes on typing while it is held down: systems send the key right
/// before.
fn is_held_on(events: &[Event], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| &events[before]);
    let is_repeat = matches!(before, Some(Event::Key { repeat: true, .. }));
    is_repeat && matches!(events[at], Event::Text(_))
}

/// The keys that are down, by their place. egui goes by names, and a key that was pressed with Shift
/// and let go after it has another name then: it would never be let go.
#[derive(Debug, Default)]
pub struct Held {
    down: HashSet<Key>,
    /// Something was pasted since V was let go the last time.
    pasted: bool,
    /// When Ctrl was held last, in seconds of egui's clock; not where another key that was told of
    /// was pressed with it.
    ctrl_at: Option<f64>,
    /// Such a key was, and Ctrl is held still.
    ctrl_used: bool,
}

/// From letting go Ctrl until V, by those who do it in this order.
const CTRL_FIRST_SECS: f64 = 0.3;

impl Held {
    /// Takes in the keys of a frame at `now`, in seconds of egui's clock, with the modifiers that are
    /// `held` at its end: one that was let go since is pressed, and does not repeat.
    ///
    /// Of Ctrl+V egui tells what the clipboard has as text or picture, and where it has neither, not
    /// even that the key was pressed. That it is let go tells it: then nothing is pasted as text, for
    /// fields that take more than text.
    pub fn follow(&mut self, events: &mut Vec<Event>, held: Modifiers, now: f64) {
        let mut nothing_pasted = false;
        let ctrl_before = |at: Option<f64>| at.is_some_and(|at| now - at <= CTRL_FIRST_SECS);
        for event in events.iter_mut() {
            match event {
                Event::WindowFocused(false) => *self = Self::default(),
                Event::Paste(_) | Event::PasteImage(_) => self.pasted = true,
                Event::Copy | Event::Cut => self.use_ctrl(),
                Event::Key {
                    key,
                    physical_key: Some(place),
                    pressed,
                    repeat,
                    modifiers,
                } => {
                    if *pressed {
                        *repeat &= !self.down.insert(*place);
                        self.use_ctrl();
                        continue;
                    }
                    let was_told = self.down.remove(place);
                    if *key == Key::V {
                        let pasted = std::mem::take(&mut self.pasted);
                        let ctrl = modifiers.command_only()
                            || modifiers.is_none() && ctrl_before(self.ctrl_at.take());
                        nothing_pasted |= !was_told && !pasted && ctrl;
                    }
                }
                _ => {}
            }
        }
        let is_ctrl = held.command_only();
        self.ctrl_used &= is_ctrl;
        if is_ctrl && !self.ctrl_used {
            self.ctrl_at = Some(now);
        }
        if nothing_pasted {
            events.push(Event::Paste(String::new()));
        }
    }

    fn use_ctrl(&mut self) {
        (self.ctrl_at, self.ctrl_used) = (None, true);
    }
}

/// A dialog that comes with an answer of the worker.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum DialogDue {
    #[default]
    No,
    /// What is typed now is meant for it.
    Asked,
    /// It has been drawn once: its first field has the keyboard if it has one.
    Drawn,
}

/// What is typed before the fields of a page or dialog are there, as where the worker is busy: its
/// letters would be commands. The first field has it once it has the keyboard.
#[derive(Debug, Default)]
pub struct Early(Vec<Event>);

impl Early {
    /// Takes in the keys of a frame, where fields are waited for (`waits`) or one of them has the
    /// keyboard; elsewhere what was kept is nobody's. Whether something is kept.
    pub fn follow(&mut self, events: &mut Vec<Event>, waits: bool, has_keyboard: bool) -> bool {
        if waits {
            let all = std::mem::take(events);
            for (at, event) in all.iter().enumerate() {
                let keeps = is_typed(event) && !is_held_on(&all, at);
                let of = if keeps { &mut self.0 } else { &mut *events };
                of.push(event.clone());
            }
        } else if has_keyboard {
            events.splice(0..0, self.0.drain(..));
        } else {
            self.0.clear();
        }
        !self.0.is_empty()
    }
}

/// Whether it goes into a field that has the keyboard, and moves to no other.
fn is_typed(event: &Event) -> bool {
    match event {
        Event::Text(_) | Event::Paste(_) => true,
        Event::Key {
            key,
            pressed: true,
            repeat: false,
            modifiers,
            ..
        } => {
            let is_plain = modifiers.is_none() || modifiers.shift_only();
            is_plain && !matches!(key, Key::Escape | Key::Tab) && !is_function_key(*key)
        }
        _ => false,
    }
}

/// Digits with Ctrl or Alt, on keyboards that type them with Shift (French): the key is named by the
/// sign that it types alone, and is one of a digit all the same; so it is with Shift. Signs that
/// make everything larger or smaller stay what they are, and so do the arrows of a number pad.
pub fn name_digits(events: &mut [Event]) {
    let is_digit = |key: &Key| *key == Key::Num0 || NUMBERS.contains(key);
    for event in events {
        let Event::Key {
            key,
            physical_key,
            modifiers,
            ..
        } = event
        else {
            continue;
        };
        let ctrl = modifiers.command || modifiers.ctrl;
        // Both is the key for further signs of some systems.
        if ctrl == modifiers.alt {
            continue;
        }
        let stays = is_digit(key)
            || is_of_number_pad(*key)
            || matches!(key, Key::Minus | Key::Plus | Key::Equals);
        if let Some(place) = physical_key.filter(|place| !stays && is_digit(place)) {
            *key = place;
        }
        if ctrl && is_digit(key) {
            modifiers.shift = false;
        }
    }
}

/// What the digits of a number pad are without Num Lock.
fn is_of_number_pad(key: Key) -> bool {
    matches!(
        key,
        Key::ArrowDown
            | Key::ArrowLeft
            | Key::ArrowRight
            | Key::ArrowUp
            | Key::Home
            | Key::End
            | Key::PageUp
            | Key::PageDown
            | Key::Insert
    )
}

/// Keys that are written out (`Ctrl+B, I, U`), by the names on keyboards of the language.
#[must_use]
pub fn named(keys: &str) -> String {
    let names = [
        ("Ctrl", t!("Ctrl" in "key")),
        ("Alt", t!("Alt" in "key")),
        ("Shift", t!("Shift" in "key")),
        ("Enter", t!("Enter" in "key")),
        ("Space", t!("Space" in "key")),
        ("Del", t!("Del" in "key")),
    ];
    names.iter().fold(keys.to_owned(), |keys, (english, name)| {
        keys.replace(english, name)
    })
}

/// On keyboards of the language.
fn name_of(key: Key) -> &'static str {
    match key {
        Key::Plus => "+",
        Key::Minus => "−",
        Key::Delete => t!("Del" in "key"),
        Key::Enter => t!("Enter" in "key"),
        Key::Space => t!("Space" in "key"),
        Key::Escape => t!("Escape" in "key"),
        Key::Backspace => t!("Backspace" in "key"),
        Key::Home => t!("Home" in "key"),
        Key::End => t!("End" in "key"),
        Key::PageUp => t!("PageUp" in "key"),
        Key::PageDown => t!("PageDown" in "key"),
        Key::ArrowUp => t!("Up" in "key"),
        Key::ArrowDown => t!("Down" in "key"),
        Key::ArrowLeft => t!("Left" in "key"),
        Key::ArrowRight => t!("Right" in "key"),
        other => other.name(),
    }
}

/// The modifiers that were held at the click of this frame, which may be let go already where frames
/// are slow; without a pointer those that are held now.
#[must_use]
pub fn held_at_click(input: &InputState) -> Modifiers {
    let released = |event: &Event| match event {
        Event::PointerButton {
            pressed: false,
            modifiers,
            ..
        } => Some(*modifiers),
        _ => None,
    };
    let last = input.events.iter().rev().find_map(released);
    last.unwrap_or(input.modifiers)
}

fn same_modifiers(pressed: Modifiers, wanted: Modifiers) -> bool {
    pressed.alt == wanted.alt
        && pressed.shift == wanted.shift
        && (pressed.command || pressed.ctrl) == (wanted.command || wanted.ctrl)
}

fn is_function_key(key: egui::Key) -> bool {
    matches!(
        key,
        Key::F1
            | Key::F2
            | Key::F3
            | Key::F4
            | Key::F5
            | Key::F6
            | Key::F7
            | Key::F8
            | Key::F9
            | Key::F10
            | Key::F11
            | Key::F12
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(key: Key, modifiers: Modifiers, repeat: bool) -> Event {
        Event::Key {
            key,
            physical_key: None,
            pressed: true,
            repeat,
            modifiers,
        }
    }

    #[test]
    fn modifiers_match_exactly_and_repeats_do_not_count() {
        let undo = Keys::Key(CTRL, Key::Z);
        let ctrl = Modifiers {
            ctrl: true,
            command: true,
            ..Modifiers::NONE
        };
        let ctrl_shift = Modifiers {
            shift: true,
            ..ctrl
        };
        for (event, want) in [
            (press(Key::Z, ctrl, false), true),
            (press(Key::Z, ctrl_shift, false), false),
            (press(Key::Z, Modifiers::NONE, false), false),
            (press(Key::Z, ctrl, true), false),
        ] {
            assert_eq!(undo.matches(&event), want, "{event:?}");
        }
        assert!(Keys::Sign('@').matches(&Event::Text("@".into())));
    }

    #[test]
    fn a_sign_whose_key_is_held_down_counts_once() {
        for (key, sign) in [(Key::Minus, '-'), (Key::Num2, '@')] {
            let typed = Event::Text(sign.to_string());
            for (repeat, want) in [(false, true), (true, false)] {
                let mut input = InputState::default();
                input.events.push(press(key, Modifiers::NONE, repeat));
                input.events.push(typed.clone());
                assert_eq!(Keys::Sign(sign).take(&mut input), want, "{sign}");
            }
        }
        // Pressed anew while another key was held.
        let mut input = InputState::default();
        input.events.push(press(Key::A, Modifiers::NONE, true));
        input.events.push(Event::Text("a".into()));
        input.events.push(press(Key::Minus, Modifiers::NONE, false));
        input.events.push(Event::Text("-".into()));
        assert!(Keys::Sign('-').take(&mut input));
        // After a held key that types nothing.
        let mut input = InputState::default();
        input
            .events
            .push(press(Key::ArrowDown, Modifiers::NONE, true));
        input.events.push(press(Key::Num3, Modifiers::NONE, false));
        assert!(Keys::typing('3').take(&mut input));
    }

    /// `!` is typed again and again, and Shift is let go before its key.
    #[test]
    fn a_key_that_was_let_go_without_its_shift_is_pressed_anew() {
        let of_one = |key, pressed, repeat| Event::Key {
            key,
            physical_key: Some(Key::Num1),
            pressed,
            repeat,
            modifiers: Modifiers::NONE,
        };
        let counts = |held: &mut Held, repeat| {
            let key = of_one(Key::Exclamationmark, true, repeat);
            let mut input = InputState::default();
            input.events.extend([key, Event::Text("!".into())]);
            held.follow(&mut input.events, Modifiers::NONE, 0.0);
            Keys::Sign('!').take(&mut input)
        };
        let mut held = Held::default();
        assert!(counts(&mut held, false));
        assert!(!counts(&mut held, true), "held down");
        let let_go = &mut vec![of_one(Key::Num1, false, false)];
        held.follow(let_go, Modifiers::NONE, 0.0);
        // egui takes it for a repeat: for it `!` was not let go.
        assert!(counts(&mut held, true));
    }

    /// As systems without a Command key tell of Ctrl.
    const CTRL_HELD: Modifiers = Modifiers {
        ctrl: true,
        command: true,
        ..Modifiers::NONE
    };

    fn key(key: Key, pressed: bool, modifiers: Modifiers) -> Event {
        Event::Key {
            key,
            physical_key: Some(key),
            pressed,
            repeat: false,
            modifiers,
        }
    }

    #[test]
    fn ctrl_v_of_which_nothing_is_told_pastes_no_text() {
        let v = |pressed, modifiers| key(Key::V, pressed, modifiers);
        let ctrl = CTRL_HELD;
        let mut held = Held::default();
        let mut pastes = |told: &[Event]| {
            let mut events = told.to_vec();
            held.follow(&mut events, Modifiers::NONE, 0.0);
            events.len() > told.len() && events.ends_with(&[Event::Paste(String::new())])
        };
        assert!(!pastes(&[Event::Paste("text".into()), v(false, ctrl)]));
        assert!(
            pastes(&[v(false, ctrl)]),
            "the clipboard has something else"
        );
        // A letter, and a command of its own.
        assert!(!pastes(&[
            v(true, Modifiers::NONE),
            v(false, Modifiers::NONE)
        ]));
        let other = ctrl | Modifiers::SHIFT;
        assert!(!pastes(&[v(true, other), v(false, other)]));
        assert!(!pastes(&[v(false, Modifiers::NONE)]), "of another window");
    }

    #[test]
    fn ctrl_v_pastes_also_where_ctrl_is_let_go_first() {
        let ctrl = CTRL_HELD;
        let v = key(Key::V, false, Modifiers::NONE);
        let pastes = |before: &[Event], later: f64| {
            let mut held = Held::default();
            held.follow(&mut before.to_vec(), ctrl, 4.9);
            held.follow(&mut vec![], ctrl, 5.0);
            let mut events = vec![v.clone()];
            held.follow(&mut events, Modifiers::NONE, 5.0 + later);
            events.ends_with(&[Event::Paste(String::new())])
        };
        assert!(pastes(&[], 0.1));
        assert!(!pastes(&[], 1.0), "an input method took a letter");
        assert!(!pastes(&[key(Key::A, true, ctrl)], 0.1), "Ctrl was for A");
        assert!(!pastes(&[Event::Copy], 0.1));
    }

    #[test]
    fn a_digit_that_is_typed_with_shift_counts() {
        for (text, want) in [("4", true), ("$", false), ("§", false)] {
            let mut input = InputState::default();
            input.events.push(press(Key::Num4, SHIFT, false));
            input.events.push(Event::Text(text.to_owned()));
            let easy = Keys::typing('4');
            assert_eq!(easy.take(&mut input), want, "{text}");
            assert!(!easy.take(&mut input), "once");
        }
    }

    #[test]
    fn digits_with_ctrl_are_known_on_a_keyboard_that_types_them_with_shift() {
        let ctrl = Modifiers {
            ctrl: true,
            command: true,
            ..Modifiers::NONE
        };
        let with_shift = ctrl | Modifiers::SHIFT;
        // The keys of 4 and 6 are those of ' and - on a French keyboard.
        for (typed, place, modifiers, want) in [
            (Key::Quote, Key::Num4, ctrl, Some(Key::Num4)),
            (Key::Num4, Key::Num4, with_shift, Some(Key::Num4)),
            (Key::Minus, Key::Num6, ctrl, None),
            (Key::Num6, Key::Num6, with_shift, Some(Key::Num6)),
            (Key::Quote, Key::Num4, Modifiers::NONE, None),
            (Key::Quote, Key::Num4, ctrl | Modifiers::ALT, None),
            (Key::Quote, Key::Quote, ctrl, None),
            // On a number pad without Num Lock.
            (Key::ArrowLeft, Key::Num4, ctrl, None),
            (Key::Home, Key::Num7, with_shift, None),
        ] {
            let mut event = press(typed, modifiers, false);
            if let Event::Key { physical_key, .. } = &mut event {
                *physical_key = Some(place);
            }
            let mut events = [event];
            name_digits(&mut events);
            let found = NUMBERS.into_iter().find(|digit| {
                let keys = Keys::Key(CTRL, *digit);
                keys.matches(&events[0])
            });
            assert_eq!(found, want, "{typed:?} {modifiers:?}");
        }
    }

    #[test]
    fn keys_read_as_in_anki() {
        for (keys, want) in [
            (Keys::Key(CTRL_SHIFT, Key::P), "Ctrl+Shift+P"),
            (Keys::Key(CTRL_ALT, Key::N), "Ctrl+Alt+N"),
            (Keys::Key(CTRL, Key::Delete), "Ctrl+Del"),
            (Keys::Key(CTRL, Key::Num1), "Ctrl+1"),
            (Keys::Sign('*'), "*"),
            (Keys::Key(NONE, Key::F11), "F11"),
        ] {
            assert_eq!(keys.shown(), want);
        }
    }
}
