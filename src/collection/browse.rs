//! The browser's table: which rows a search gives, what the visible ones say, and the layout that
//! the collection remembers. Only rows that are seen are read, so that large results cost nothing.

use super::{Collection, OpOutput};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::ids::{CardId, DeckId, NoteId};
use crate::base::lang;
use crate::base::time::{DAY_SECS, TimestampMillis, TimestampSecs};
use crate::domain::browse::{Column, Layout, Row, RowColor};
use crate::domain::card::{Card, CardQueue, CardType, FIRST_MOMENT, LAST_DAY, OLD_DECAY};
use crate::domain::html::html_to_text_line;
use crate::domain::note::Note;
use crate::domain::notetype::{Notetype, Template};
use crate::domain::op::Op;
use crate::domain::timespan;
use crate::scheduler::fsrs::retrievability;
use crate::storage::Storage;
use crate::storage::search::{SearchMoment, SortColumn};
use crate::t;
use crate::template::av;
use crate::template::cards::{CardFacts, Sides, render_for_browser};
use jiff::tz::TimeZone;
use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Collection {
    /// Ids of the cards (or notes) that `search` finds, in the layout's order.
    pub fn browse(&mut self, search: &str, layout: &Layout) -> Result<Vec<i64>> {
        let column = Some(layout.sort).filter(|column| column.is_sortable(layout.notes));
        let sort = column
            .and_then(|column| SortColumn::named(column.key()))
            .map(|column| (column, layout.backwards));
        Ok(if layout.notes {
            let notes = self.find_notes(search, sort)?;
            notes.into_iter().map(|id| id.0).collect()
        } else {
            let cards = self.find_cards(search, sort)?;
            cards.into_iter().map(|id| id.0).collect()
        })
    }

    /// What the rows say, in the order of `ids`. Ones that are gone or cannot be read say so.
    pub fn browse_rows(
        &mut self,
        ids: &[i64],
        notes: bool,
        columns: &[Column],
    ) -> Result<Vec<Row>> {
        let moment = self.search_moment()?;
        let zone = self.clock.zone();
        let table = Table {
            storage: &self.storage,
            moment,
            zone,
            notes,
            columns,
        };
        let row = |id: &i64| {
            let row = table.row(*id);
            row.or_else(|error| unreadable(*id, columns.len(), error))
        };
        ids.iter().map(row).collect()
    }

    /// The stored layout of both modes (cards, notes), and whether notes are shown now.
    pub fn browse_layouts(&self) -> Result<([Layout; 2], bool)> {
        let shows_notes = self.storage.config_or("browserTableShowNotesMode", false)?;
        Ok((
            [self.browse_layout(false)?, self.browse_layout(true)?],
            shows_notes,
        ))
    }

    fn browse_layout(&self, notes: bool) -> Result<Layout> {
        let usual = Layout::of(notes);
        let keys = config_keys(notes);
        let stored: Vec<String> = self.storage.config_or(keys.columns, vec![])?;
        let mut columns: Vec<Column> = Vec::new();
        for column in stored.iter().filter_map(|key| Column::named(key)) {
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        if columns.is_empty() {
            columns = usual.columns;
        }
        let sort: Option<String> = self.storage.config_json(keys.sort)?;
        let sort = sort
            .and_then(|key| Column::named(&key))
            .filter(|column| column.is_sortable(notes));
        Ok(Layout {
            notes,
            columns,
            sort: sort.unwrap_or(usual.sort),
            backwards: self.storage.config_or(keys.backwards, false)?,
        })
    }

    /// Remembers a layout and that its mode is the one to show. Undo does not take it back.
    pub fn set_browse_layout(&mut self, layout: &Layout) -> Result<OpOutput<()>> {
        let keys = config_keys(layout.notes);
        let columns: Vec<&str> = layout.columns.iter().map(|column| column.key()).collect();
        self.transact(Op::SkipUndo, |tx| {
            tx.set_config("browserTableShowNotesMode", &layout.notes)?;
            tx.set_config(keys.columns, &columns)?;
            tx.set_config(keys.sort, layout.sort.key())?;
            tx.set_config(keys.backwards, &layout.backwards)
        })
    }
}

/// As in Anki, an odd value in one note or card hides no other row.
fn unreadable(id: i64, columns: usize, error: Error) -> Result<Row> {
    if !matches!(error.kind(), ErrorKind::Corrupt | ErrorKind::Inconsistent) {
        return Err(error);
    }
    let mut cells = vec![String::new(); columns];
    if let Some(first) = cells.first_mut() {
        *first = format!("({})", lang::known(error.what()));
    }
    Ok(Row {
        cells: Some(cells),
        ..Row::deleted(id)
    })
}

/// Names of a mode's settings.
struct ConfigKeys {
    columns: &'static str,
    sort: &'static str,
    backwards: &'static str,
}

fn config_keys(notes: bool) -> ConfigKeys {
    if notes {
        ConfigKeys {
            columns: "activeNoteCols",
            sort: "noteSortType",
            backwards: "browserNoteSortBackwards",
        }
    } else {
        ConfigKeys {
            columns: "activeCols",
            sort: "sortType",
            backwards: "sortBackwards",
        }
    }
}

/// What all rows of one answer share.
struct Table<'a> {
    storage: &'a Storage,
    moment: SearchMoment,
    zone: TimeZone,
    notes: bool,
    columns: &'a [Column],
}

/// What one row is made of.
struct Source<'a> {
    table: &'a Table<'a>,
    note: Note,
    notetype: Arc<Notetype>,
    /// One in cards mode; all of the note, by id, in notes mode. Never empty.
    cards: Vec<Card>,
    /// Made when a column first needs them.
    sides: OnceCell<Sides>,
}

impl Table<'_> {
    fn row(&self, id: i64) -> Result<Row> {
        let Some(source) = self.source(id)? else {
            return Ok(Row::deleted(id));
        };
        let cells = self
            .columns
            .iter()
            .map(|column| source.cell(*column))
            .collect::<Result<_>>()?;
        let template = source.template();
        Ok(Row {
            id,
            cells: Some(cells),
            note: source.note.id,
            card: source.first().id,
            card_type: usize::from(source.first().template_idx),
            color: source.color(),
            font_name: template.map_or_else(String::new, |t| t.config.browser_font_name.clone()),
            font_size: template.map_or(0, |t| t.config.browser_font_size),
            right_to_left: source
                .notetype
                .fields
                .get(source.sort_field())
                .is_some_and(|field| field.config.rtl),
        })
    }

    fn source(&self, id: i64) -> Result<Option<Source<'_>>> {
        let (note, cards) = if self.notes {
            let mut cards = self.storage.cards_of_note(NoteId(id))?;
            cards.sort_unstable_by_key(|card| card.id);
            (NoteId(id), cards)
        } else {
            let card = self.storage.get_card(CardId(id))?;
            let note = card.as_ref().map_or(NoteId(0), |card| card.note_id);
            (note, card.into_iter().collect())
        };
        // A card without its note, or a note without cards, is for Check Database to mend.
        let Some(note) = self.storage.get_note(note)?.filter(|_| !cards.is_empty()) else {
            return Ok(None);
        };
        let Some(notetype) = self.storage.notetype(note.notetype_id)? else {
            return Ok(None);
        };
        Ok(Some(Source {
            table: self,
            note,
            notetype,
            cards,
            sides: OnceCell::new(),
        }))
    }

    fn deck_name(&self, id: DeckId) -> Result<String> {
        let deck = self.storage.deck(id)?;
        Ok(deck.map_or_else(String::new, |deck| deck.name.human()))
    }

    /// `2026-11-27`, or nothing for times beyond the calendar.
    fn date(&self, at: TimestampSecs) -> String {
        self.local(at, "%Y-%m-%d")
    }

    fn date_and_time(&self, at: TimestampSecs) -> String {
        self.local(at, "%Y-%m-%d @ %H:%M")
    }

    fn local(&self, at: TimestampSecs, format: &str) -> String {
        jiff::Timestamp::from_second(at.0).map_or_else(
            |_| String::new(),
            |at| at.to_zoned(self.zone.clone()).strftime(format).to_string(),
        )
    }

    /// When the card comes next, as seconds; None for new cards and those that wait for nothing.
    fn due_at(&self, card: &Card) -> Option<TimestampSecs> {
        let due = i64::from(card.due);
        match card.queue {
            _ if card.ctype == CardType::New => None,
            CardQueue::New => None,
            CardQueue::Learn => Some(TimestampSecs(due)),
            _ if due >= FIRST_MOMENT => None,
            _ => {
                let days = due - i64::from(self.moment.today);
                Some(TimestampSecs(self.moment.now.0 + days * DAY_SECS))
            }
        }
    }

    /// The chance to remember the card now; `due` is that of its home deck. None without memory.
    fn recall(&self, card: &Card, due: i64) -> Option<f64> {
        let memory = card.memory_state?;
        let interval = i64::from(card.interval);
        let elapsed_secs = match card.last_review {
            Some(at) => self.moment.now.since(at),
            // Worked out from when it is due and how long it waited.
            None if due > LAST_DAY => self.moment.now.0 - (due - interval),
            None => (i64::from(self.moment.today) - (due - interval)) * DAY_SECS,
        };
        let days = elapsed_secs.max(0) as f32 / DAY_SECS as f32;
        let decay = card.decay.unwrap_or(OLD_DECAY);
        Some(f64::from(retrievability(memory, days, decay)))
    }

    fn card_due(&self, card: &Card) -> String {
        let due = if card.is_filtered() {
            t!("(filtered)").to_owned()
        } else if card.ctype == CardType::New || card.queue == CardQueue::New {
            t!("New #{position}", position = card.due)
        } else {
            self.due_at(card)
                .map_or_else(String::new, |at| self.date(at))
        };
        if (card.queue as i8) < 0 && !due.is_empty() {
            format!("({due})")
        } else {
            due
        }
    }

    fn note_due(&self, cards: &[Card]) -> String {
        let waiting = cards
            .iter()
            .filter(|card| !card.is_filtered() && (card.queue as i8) > 0);
        let next = waiting.filter_map(|card| self.due_at(card)).min();
        next.map_or_else(String::new, |at| self.date(at))
    }
}

impl Source<'_> {
    /// The card that speaks for the row.
    fn first(&self) -> &Card {
        &self.cards[0]
    }

    fn template(&self) -> Option<&Template> {
        self.notetype.template_of(self.first().template_idx)
    }

    fn sort_field(&self) -> usize {
        self.notetype.config.sort_field_idx as usize
    }

    fn cell(&self, column: Column) -> Result<String> {
        let (table, card, cards) = (self.table, self.first(), &self.cards);
        Ok(match column {
            Column::Question => self.question()?,
            Column::Answer => self.answer()?,
            Column::SortField => {
                let field = self.note.fields.get(self.sort_field());
                field.map_or_else(String::new, |html| html_to_text_line(html, true))
            }
            Column::Tags => self.note.tags.join(" "),
            Column::Notetype => self.notetype.name.clone(),
            Column::Created => table.date_and_time(TimestampMillis(self.note.id.0).secs()),
            Column::NoteModified => table.date_and_time(self.note.mtime),
            Column::CardModified => {
                let latest = cards.iter().map(|card| card.mtime).max();
                latest.map_or_else(String::new, |at| table.date_and_time(at))
            }
            Column::Template if table.notes => cards.len().to_string(),
            Column::Template => self.template_name(),
            Column::Deck => self.deck()?,
            Column::Due if table.notes => table.note_due(cards),
            Column::Due => table.card_due(card),
            Column::Ease => self.ease(),
            Column::Interval => self.interval(),
            Column::Lapses => sum(cards, |card| card.lapses),
            Column::Reviews => sum(cards, |card| card.reps),
            Column::Position => position(card),
            Column::Stability => card.memory_state.map_or_else(String::new, |memory| {
                timespan::long(f64::from(memory.stability) * DAY_SECS as f64)
            }),
            Column::Difficulty => card.memory_state.map_or_else(String::new, |memory| {
                percent(f64::from((memory.difficulty - 1.0) / 9.0))
            }),
            Column::Retrievability => {
                let due = if card.is_filtered() {
                    card.original_due
                } else {
                    card.due
                };
                table
                    .recall(card, i64::from(due))
                    .map_or_else(String::new, percent)
            }
        })
    }

    fn sides(&self) -> Result<&Sides> {
        if let Some(sides) = self.sides.get() {
            return Ok(sides);
        }
        let card = self.first();
        let deck = self.table.deck_name(card.home_deck_id())?;
        let facts = CardFacts::of(card, &deck);
        let sides = match self.template() {
            Some(template) => render_for_browser(&self.notetype, template, &self.note, &facts),
            None => Sides::default(),
        };
        Ok(self.sides.get_or_init(|| sides))
    }

    fn question(&self) -> Result<String> {
        Ok(line(&self.sides()?.question))
    }

    fn answer(&self) -> Result<String> {
        Ok(line(&self.sides()?.answer).trim().to_owned())
    }

    fn template_name(&self) -> String {
        let name = self.template().map_or("", |template| &template.name);
        if self.notetype.is_cloze() {
            format!("{name} {}", u32::from(self.first().template_idx) + 1)
        } else {
            name.to_owned()
        }
    }

    fn deck(&self) -> Result<String> {
        let decks: BTreeSet<DeckId> = self.cards.iter().map(|card| card.deck_id).collect();
        if decks.len() > 1 {
            return Ok(format!("({})", decks.len()));
        }
        let card = self.first();
        let name = self.table.deck_name(card.deck_id)?;
        if card.is_filtered() {
            let home = self.table.deck_name(card.original_deck_id)?;
            return Ok(format!("{name} ({home})"));
        }
        Ok(name)
    }

    fn ease(&self) -> String {
        let known = self.cards.iter().filter(|card| card.ctype != CardType::New);
        let eases: Vec<u64> = known.map(|card| u64::from(card.ease_factor)).collect();
        match eases.len() as u64 {
            0 => t!("(new)").to_owned(),
            n => format!("{}%", eases.iter().sum::<u64>() / n / 10),
        }
    }

    fn interval(&self) -> String {
        if !self.table.notes {
            match self.first().ctype {
                CardType::New => return t!("(new)").to_owned(),
                CardType::Learn => return t!("(learning)").to_owned(),
                CardType::Review | CardType::Relearn => {}
            }
        }
        let reviewed = self
            .cards
            .iter()
            .filter(|card| matches!(card.ctype, CardType::Review | CardType::Relearn));
        let days: Vec<f64> = reviewed.map(|card| f64::from(card.interval)).collect();
        if days.is_empty() {
            return String::new();
        }
        timespan::long(days.iter().sum::<f64>() / days.len() as f64 * DAY_SECS as f64)
    }

    fn color(&self) -> RowColor {
        let card = self.first();
        match card.flag() {
            flag if flag > 0 && !self.table.notes => RowColor::Flag(flag),
            _ if self.note.is_marked() => RowColor::Marked,
            _ if self.table.notes => RowColor::Plain,
            _ => match card.queue {
                CardQueue::Suspended => RowColor::Suspended,
                CardQueue::SchedBuried | CardQueue::UserBuried => RowColor::Buried,
                _ => RowColor::Plain,
            },
        }
    }
}

fn line(html: &str) -> String {
    html_to_text_line(&av::named(html), true)
}

fn sum(cards: &[Card], what: impl Fn(&Card) -> u32) -> String {
    let all: u64 = cards.iter().map(|card| u64::from(what(card))).sum();
    all.to_string()
}

fn position(card: &Card) -> String {
    let stored = card.original_position.map(i64::from);
    let position = stored.or((card.ctype == CardType::New).then_some(i64::from(card.due)));
    position.map_or_else(String::new, |n| n.to_string())
}

fn percent(share: f64) -> String {
    format!("{:.0}%", share * 100.0)
}
