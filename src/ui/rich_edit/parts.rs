//! The texts of a table or ruby, each in a field of its own, in the strip below the field. What is
//! typed goes into the block at once; the markup around it keeps its bytes.

use super::{FieldOptions, FieldOutput, RichField};
use crate::field_html::{self, Field, Kind, Object, Part};
use crate::t;
use eframe::egui::{Id, Ui};
use std::ops::Range;

/// The fields of a block that is open.
#[derive(Debug)]
pub(super) struct Parts {
    rows: Vec<Vec<Cell>>,
    /// Has or last had the keyboard: row and column.
    active: (usize, usize),
    /// Steps of the field before this block was changed: all changes of it are one step.
    since: usize,
    /// The field as the last change of the block left it.
    revision: u64,
    pub focus: bool,
}

#[derive(Debug)]
struct Cell {
    /// Bytes in the block.
    range: Range<usize>,
    label: String,
    field: RichField,
}

/// What a frame did.
#[derive(Default)]
pub(super) struct Shown {
    pub has_focus: bool,
    pub outputs: Vec<FieldOutput>,
}

impl Parts {
    /// None when the block has no texts of this kind.
    pub fn open(html: &str, field: &Field) -> Option<Self> {
        let rows = field_html::parts(html);
        (!rows.is_empty()).then_some(())?;
        let ruby = html
            .get(..5)
            .is_some_and(|s| s.eq_ignore_ascii_case("<ruby"));
        let cell = |row: usize, column: usize, part: &Part| Cell {
            range: part.range.clone(),
            label: match (ruby, part.head) {
                (true, true) => t!("Reading {n}", n = column / 2 + 1),
                (true, false) => t!("Base {n}", n = column / 2 + 1),
                _ => t!(
                    "Row {row}, column {column}",
                    row = row + 1,
                    column = column + 1
                ),
            },
            field: RichField::new(&html[part.range.clone()]),
        };
        let row = |(n, parts): (usize, &Vec<Part>)| {
            let parts = parts.iter().enumerate();
            parts.map(|(column, part)| cell(n, column, part)).collect()
        };
        Some(Self {
            rows: rows.iter().enumerate().map(row).collect(),
            active: (0, 0),
            since: field.mark_history(),
            revision: field.revision(),
            focus: true,
        })
    }

    /// The field that commands of the tool bar are for.
    pub fn active(&mut self) -> Option<&mut RichField> {
        let (row, column) = self.active;
        let cell = self.rows.get_mut(row)?.get_mut(column)?;
        Some(&mut cell.field)
    }

    /// As [`Self::active`], to be looked at.
    pub fn active_now(&self) -> Option<&RichField> {
        let (row, column) = self.active;
        self.rows.get(row)?.get(column).map(|cell| &cell.field)
    }

    /// The field that keeps a place for what comes.
    pub fn with_place(&mut self, ticket: u64) -> Option<&mut RichField> {
        let cells = self.rows.iter_mut().flatten();
        let mut fields = cells.map(|cell| &mut cell.field);
        fields.find(|field| field.has_place(ticket))
    }

    /// The fields in rows and columns; `block` is the unit of the block in `field`, `source` its
    /// HTML.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        id: Id,
        options: &mut FieldOptions<'_>,
        field: &mut Field,
        block: usize,
        source: &mut String,
    ) -> Shown {
        let mut shown = Shown::default();
        let mut changed = None;
        if std::mem::take(&mut self.focus)
            && let Some(first) = self.active()
        {
            first.request_focus();
        }
        for (n, row) in self.rows.iter_mut().enumerate() {
            let columns = row.len();
            ui.columns(columns, |uis| {
                for (m, (cell, ui)) in row.iter_mut().zip(uis).enumerate() {
                    let inner = FieldOptions {
                        id: id.with(("part", n, m)),
                        label: &cell.label,
                        placeholder: "",
                        images: &mut *options.images,
                        font_family: options.font_family,
                        ..*options
                    };
                    let response = cell.field.ui(ui, inner);
                    if response.has_focus {
                        shown.has_focus = true;
                        self.active = (n, m);
                    }
                    if response.changed {
                        changed = Some((n, m));
                    }
                    shown.outputs.extend(response.outputs);
                }
            });
            ui.add_space(4.0);
        }
        if let Some((n, m)) = changed {
            self.write(field, block, source, n, m);
        }
        shown
    }

    /// One text into the block, when the block stays one.
    fn write(&mut self, field: &mut Field, block: usize, source: &mut String, n: usize, m: usize) {
        let Some(cell) = self.rows.get(n).and_then(|row| row.get(m)) else {
            return;
        };
        let (old, html) = (cell.range.clone(), cell.field.html().to_owned());
        let mut whole = source.clone();
        whole.replace_range(old.clone(), &html);
        let is_one = |html: &str| {
            let units = field_html::project(html).units;
            matches!(&units[..], [unit] if unit.kind == Kind::Object(Object::Block))
        };
        let same = |rows: &[Vec<Cell>]| {
            let now = field_html::parts(&whole);
            now.len() == rows.len() && now.iter().zip(rows).all(|(a, b)| a.len() == b.len())
        };
        if !is_one(&whole) || !same(&self.rows) {
            // A text that would break the block, such as an end of its own: it is put back.
            let before = source[old].to_owned();
            if let Some(cell) = self.rows.get_mut(n).and_then(|row| row.get_mut(m)) {
                cell.field.set_html(&before);
            }
            return;
        }
        if self.revision != field.revision() {
            self.since = field.mark_history();
        }
        field.end_typing();
        field.replace_unit(block, &whole);
        field.join_steps(self.since);
        self.revision = field.revision();
        for (row, now) in self.rows.iter_mut().zip(field_html::parts(&whole)) {
            for (cell, part) in row.iter_mut().zip(now) {
                cell.range = part.range;
            }
        }
        *source = whole;
    }
}
