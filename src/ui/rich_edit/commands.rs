//! What can be done to the selection, by the tool bar and by Anki's keys.

use super::RichField;
use super::object_editor::ObjectEditor;
use crate::field_html::{Align, List, Mark, Rgb};
use crate::mark;
use eframe::egui::{self, Context, Id, Key, KeyboardShortcut, Modifiers, Ui};

/// One command on a field's selection.
#[derive(Debug, Clone, PartialEq)]
pub enum FormatCommand {
    Toggle(Mark),
    /// None takes any colour off.
    Color(Option<Rgb>),
    Highlight(Option<Rgb>),
    ClearFormatting,
    List(List),
    Align(Align),
    Indent,
    Outdent,
    /// `{{cN::…}}` around the selection.
    Cloze(u32),
    /// Empty takes the link away.
    Link(String),
    Formula(Formula),
    Undo,
    Redo,
}

/// The ways to write a formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Formula {
    MathJaxInline,
    MathJaxBlock,
    Chemistry,
    Latex,
    LatexEquation,
    LatexMath,
}

impl Formula {
    /// All, as the menu shows them.
    pub const ALL: [(Self, &'static str, &'static str); 6] = [
        (Self::MathJaxInline, mark!("MathJax inline"), "Ctrl+M, M"),
        (Self::MathJaxBlock, mark!("MathJax block"), "Ctrl+M, E"),
        (Self::Chemistry, mark!("MathJax chemistry"), "Ctrl+M, C"),
        (Self::Latex, "LaTeX", "Ctrl+T, T"),
        (Self::LatexEquation, mark!("LaTeX equation"), "Ctrl+T, E"),
        (Self::LatexMath, mark!("LaTeX math env."), "Ctrl+T, M"),
    ];

    pub(super) fn around(self) -> (&'static str, &'static str) {
        match self {
            Self::MathJaxInline => ("\\(", "\\)"),
            Self::MathJaxBlock => ("\\[", "\\]"),
            Self::Chemistry => ("\\(\\ce{", "}\\)"),
            Self::Latex => ("[latex]", "[/latex]"),
            Self::LatexEquation => ("[$]", "[/$]"),
            Self::LatexMath => ("[$$]", "[/$$]"),
        }
    }
}

/// What the tool bar shows: how the text at the caret looks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FormatState {
    pub bold: bool,
    pub italic: bool,
    pub underline: bool,
    pub strike: bool,
    pub subscript: bool,
    pub superscript: bool,
    pub list: Option<List>,
    pub align: Option<Align>,
    /// Address of the link at the caret.
    pub link: Option<String>,
    pub can_undo: bool,
    pub can_redo: bool,
}

impl RichField {
    /// How the text at the caret looks.
    #[must_use]
    pub fn state(&self) -> FormatState {
        let object = self.object.as_ref().filter(|_| self.object_focused);
        if let Some(part) = object.and_then(ObjectEditor::part_now) {
            return part.state();
        }
        let (f, r) = (&self.field, self.selection.clone());
        // What is being composed has it already.
        let switched = |mark| self.composing_since.is_none() && self.pending.contains(&mark);
        let has = |mark| f.has(mark, r.clone()) != switched(mark);
        FormatState {
            bold: has(Mark::Bold),
            italic: has(Mark::Italic),
            underline: has(Mark::Underline),
            strike: has(Mark::Strike),
            subscript: has(Mark::Subscript),
            superscript: has(Mark::Superscript),
            list: f.list_at(r.start),
            align: Some(f.align_at(r.start)),
            link: f.link_at(r.start),
            can_undo: f.can_undo(),
            can_redo: f.can_redo(),
        }
    }

    /// Does it to the selection; the field has the focus afterwards.
    pub fn run(&mut self, command: FormatCommand) {
        if let Some(part) = self.part() {
            part.run(command);
            return;
        }
        let r = self.selection.clone();
        self.field.end_typing();
        self.wants_focus = true;
        let ends = [
            FormatCommand::Undo,
            FormatCommand::Redo,
            FormatCommand::ClearFormatting,
        ];
        if ends.contains(&command) {
            self.pending.clear();
        }
        match command {
            FormatCommand::Toggle(mark) if r.is_empty() => self.toggle_pending(mark),
            FormatCommand::Toggle(mark) => self.field.toggle(mark, r),
            FormatCommand::Color(Some(rgb)) if r.is_empty() => {
                self.toggle_pending(Mark::Color(rgb));
            }
            FormatCommand::Color(Some(rgb)) => self.field.put_on(Mark::Color(rgb), r),
            FormatCommand::Color(None) => self.field.clear_mark(Mark::Color([0; 3]), r),
            FormatCommand::Highlight(Some(rgb)) if r.is_empty() => {
                self.toggle_pending(Mark::Highlight(rgb));
            }
            FormatCommand::Highlight(Some(rgb)) => self.field.put_on(Mark::Highlight(rgb), r),
            FormatCommand::Highlight(None) => self.field.clear_mark(Mark::Highlight([0; 3]), r),
            FormatCommand::ClearFormatting => self.field.clear_formatting(r),
            FormatCommand::List(list) => self.field.toggle_list(list, r),
            FormatCommand::Align(align) => self.field.align(align, r),
            FormatCommand::Indent => self.field.indent(r),
            FormatCommand::Outdent => self.field.outdent(r),
            FormatCommand::Cloze(number) => self.field.wrap_cloze(r, number),
            FormatCommand::Link(address) => self.field.set_link(&address, r),
            FormatCommand::Formula(kind) => self.insert_formula(kind),
            FormatCommand::Undo => {
                self.field.undo();
            }
            FormatCommand::Redo => {
                self.field.redo();
            }
        }
    }

    fn toggle_pending(&mut self, mark: Mark) {
        match self.pending.iter().position(|m| *m == mark) {
            Some(i) => {
                self.pending.remove(i);
            }
            None => self.pending.push(mark),
        }
    }

    /// What is selected becomes a formula; an empty one is opened to be written.
    fn insert_formula(&mut self, kind: Formula) {
        let (open, close) = kind.around();
        let r = self.selection.clone();
        let text = self.field.text().chars().skip(r.start).take(r.len());
        if !text.collect::<String>().trim().is_empty() {
            self.field.wrap_formula(r, open, close);
            return;
        }
        let steps = self.field.mark_history();
        self.field.delete(r.clone());
        self.field.insert_html(r.start, &format!("{open}{close}"));
        self.field.join_steps(steps);
        self.open_object(r.start);
    }
}

const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);
const CTRL_ALT_SHIFT: Modifiers = CTRL_SHIFT.plus(Modifiers::ALT);

/// What a key asks for that is no command on the selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyAsk {
    ClozeNew,
    ClozeSame,
    ColorLast,
    ColorChoose,
    SourceView,
    Attach,
    Record,
    Link,
    /// With colours and fonts where pasting leaves them out, without where it keeps them.
    PasteOther,
}

/// Takes our keys out of the input: the text widget must not see them (it deletes words with
/// Ctrl+U, K, W and H). Those with more modifiers come first.
pub(super) fn take_keys(ui: &mut Ui, chord: Id) -> (Vec<FormatCommand>, Vec<KeyAsk>) {
    use FormatCommand as C;
    let commands = [
        (CTRL_SHIFT, Key::Z, C::Redo),
        (CTRL, Key::Y, C::Redo),
        (CTRL, Key::Z, C::Undo),
        (CTRL_SHIFT, Key::Equals, C::Toggle(Mark::Subscript)),
        (CTRL_SHIFT, Key::Plus, C::Toggle(Mark::Subscript)),
        (CTRL, Key::Equals, C::Toggle(Mark::Superscript)),
        (CTRL, Key::B, C::Toggle(Mark::Bold)),
        (CTRL, Key::I, C::Toggle(Mark::Italic)),
        (CTRL, Key::U, C::Toggle(Mark::Underline)),
        (CTRL, Key::R, C::ClearFormatting),
        (CTRL_SHIFT, Key::Comma, C::Outdent),
        (CTRL_SHIFT, Key::Period, C::Indent),
        (CTRL, Key::Comma, C::List(List::Bullets)),
        (CTRL, Key::Period, C::List(List::Numbers)),
    ];
    let asks = [
        (CTRL_ALT_SHIFT, Key::C, KeyAsk::ClozeSame),
        (CTRL_SHIFT, Key::C, KeyAsk::ClozeNew),
        (CTRL_SHIFT, Key::X, KeyAsk::SourceView),
        (CTRL_SHIFT, Key::V, KeyAsk::PasteOther),
        (CTRL, Key::K, KeyAsk::Link),
        (Modifiers::NONE, Key::F7, KeyAsk::ColorLast),
        (Modifiers::NONE, Key::F8, KeyAsk::ColorChoose),
        (Modifiers::NONE, Key::F3, KeyAsk::Attach),
        (Modifiers::NONE, Key::F5, KeyAsk::Record),
    ];
    let mut run = take_chord(ui, chord);
    let mut asked = Vec::new();
    for (modifiers, key, ask) in asks {
        if consume(ui, modifiers, key) {
            asked.push(ask);
        }
    }
    for (modifiers, key, command) in commands {
        if consume(ui, modifiers, key) {
            run.push(command);
        }
    }
    (run, asked)
}

fn consume(ui: &mut Ui, modifiers: Modifiers, key: Key) -> bool {
    ui.input_mut(|i| i.consume_shortcut(&KeyboardShortcut::new(modifiers, key)))
}

/// Ctrl+M or Ctrl+T, then a letter.
fn take_chord(ui: &mut Ui, id: Id) -> Vec<FormatCommand> {
    let pending = pending_chord(ui.ctx(), id);
    if let Some(first) = pending {
        let kinds = match first {
            Key::M => [
                (Key::M, Formula::MathJaxInline),
                (Key::E, Formula::MathJaxBlock),
                (Key::C, Formula::Chemistry),
            ],
            _ => [
                (Key::T, Formula::Latex),
                (Key::E, Formula::LatexEquation),
                (Key::M, Formula::LatexMath),
            ],
        };
        for (key, kind) in kinds {
            let hit = consume(ui, Modifiers::NONE, key) || consume(ui, CTRL, key);
            if hit {
                set_chord(ui.ctx(), id, None);
                ui.input_mut(|i| i.events.retain(|e| !matches!(e, egui::Event::Text(_))));
                return vec![FormatCommand::Formula(kind)];
            }
        }
        let other = ui.input(|i| {
            i.events
                .iter()
                .any(|e| matches!(e, egui::Event::Key { pressed: true, .. }))
        });
        if other {
            set_chord(ui.ctx(), id, None);
        }
        return Vec::new();
    }
    for key in [Key::M, Key::T] {
        if consume(ui, CTRL, key) {
            set_chord(ui.ctx(), id, Some(key));
        }
    }
    Vec::new()
}

fn pending_chord(ctx: &Context, id: Id) -> Option<Key> {
    ctx.data(|d| d.get_temp::<Option<Key>>(id)).flatten()
}

fn set_chord(ctx: &Context, id: Id, key: Option<Key>) {
    ctx.data_mut(|d| d.insert_temp(id, key));
}
