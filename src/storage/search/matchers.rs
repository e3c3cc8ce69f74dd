//! What SQL cannot compare: regular expressions, single fields, tags, accents, what is inside
//! `cards.data`. Registered as functions of the connection before each search.

use super::SearchMoment;
use crate::base::{Error, Result};
use crate::codec::card_data::{MemoryData, card_data_into, memory_data};
use crate::domain::card::{Card, LAST_DAY, OLD_DECAY};
use crate::domain::html::strip_html_preserving_media_names;
use crate::mark;
use crate::search::ast::TextMode;
use crate::search::fold::without_accents;
use crate::search::glob::{self, Like};
use crate::search::resolve::{Limits, Places, TextKind};
use crate::storage::loose::utf8;
use regex::{Regex, bytes};
use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

/// One comparison; the arguments are the columns that it was made for.
#[derive(Clone)]
pub(super) enum Matcher {
    /// Any of the texts: sort field and fields, or the fields alone.
    Anywhere { pattern: Pattern, prepare: Prepare },
    /// The same where fields are left out: note type, then those texts.
    Within {
        pattern: Pattern,
        prepare: Prepare,
        /// Of each note type that leaves fields out: what is searched.
        parts: HashMap<i64, Parts>,
    },
    /// Any of some fields, or all of a note type as one text: fields, then the note type where it
    /// can be one of several.
    Fields {
        pattern: Pattern,
        prepare: Prepare,
        /// Few, so that going through them is quickest.
        places: Vec<(i64, Vec<usize>)>,
    },
    /// Any tag, found in the tags column as it is.
    Tag { pattern: bytes::Regex, fold: bool },
    /// Any tag, each by itself: the tags column.
    Tags {
        pattern: Pattern,
        fold: bool,
        /// Also what is before the first tag and behind the last one: nothing.
        with_ends: bool,
    },
    /// The stripped first field equals this: fields.
    FirstField(String),
}

/// What is searched of the notes of a note type.
#[derive(Clone)]
pub(super) struct Parts {
    /// The fields from one to another, each range as one text.
    fields: Vec<RangeInclusive<usize>>,
    sort_field: bool,
}

impl Parts {
    /// `each`: every field is a text of its own.
    fn of(limits: &Limits, each: bool) -> Self {
        let mut fields: Vec<RangeInclusive<usize>> = Vec::new();
        for at in limits.fields.iter().copied() {
            match fields.last_mut() {
                Some(last) if !each && last.end() + 1 == at => *last = *last.start()..=at,
                _ => fields.push(at..=at),
            }
        }
        Self {
            fields,
            sort_field: limits.sort_field,
        }
    }
}

/// The fields of a note from one to another, with what is between them.
fn some_fields<'a>(fields: &'a str, wanted: &RangeInclusive<usize>) -> Option<&'a str> {
    let ends = |at: usize| fields.match_indices('\x1f').nth(at).map(|(end, _)| end);
    let start = match wanted.start().checked_sub(1) {
        None => 0,
        Some(before) => ends(before)? + 1,
    };
    Some(&fields[start..ends(*wanted.end()).unwrap_or(fields.len())])
}

#[derive(Clone)]
pub(super) enum Pattern {
    Text(bytes::Regex),
    Like(Like),
}

impl Pattern {
    fn is_match(&self, text: &[u8]) -> bool {
        match self {
            Self::Text(regex) => regex.is_match(text),
            Self::Like(regex) => regex.is_match(text),
        }
    }
}

/// What is done to a text before it is compared.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Prepare {
    strip_clozes: bool,
    fold: bool,
}

impl Prepare {
    fn changes_texts(self) -> bool {
        self.strip_clozes || self.fold
    }

    fn is_match(self, pattern: &Pattern, text: &str) -> bool {
        pattern.is_match(self.apply(text).as_bytes())
    }

    fn apply<'a>(self, text: &'a str) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(text);
        if self.strip_clozes {
            text = Cow::Owned(strip_clozes(&text));
        }
        if self.fold
            && let Cow::Owned(folded) = without_accents(&text)
        {
            text = Cow::Owned(folded);
        }
        text
    }
}

/// Each cloze's text in its place, as a plain replacement that knows no nesting.
fn strip_clozes(text: &str) -> String {
    static CLOZE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?s)\{\{c[\d,]+::(.*?)(?:::.*?)?\}\}").ok());
    match CLOZE.as_ref() {
        Some(cloze) => cloze.replace_all(text, "$1").into_owned(),
        None => text.to_owned(),
    }
}

impl Matcher {
    /// Also gives the columns to pass.
    pub(super) fn anywhere(
        text: &str,
        kind: TextKind,
        limits: &[Limits],
        fold_all: bool,
    ) -> Result<(Self, &'static str)> {
        let fold = kind == TextKind::NoAccents
            || (fold_all && matches!(kind, TextKind::Plain | TextKind::NoClozes | TextKind::Words));
        let text = if fold {
            without_accents(text)
        } else {
            Cow::Borrowed(text)
        };
        let pattern = match kind {
            TextKind::Words => {
                let words = glob::to_pattern(&text, ".");
                Pattern::Text(compile(&format!(r"(?i)\b{words}\b"))?)
            }
            TextKind::Regex => Pattern::Text(compile(&format!("(?i){text}"))?),
            _ => Pattern::Like(Like::new(&text, true).map_err(unclear)?),
        };
        let prepare = Prepare {
            strip_clozes: kind == TextKind::NoClozes,
            fold,
        };
        let each = matches!(kind, TextKind::Words | TextKind::Regex);
        if limits.is_empty() {
            let columns = if each { "n.flds" } else { "n.sfld, n.flds" };
            return Ok((Self::Anywhere { pattern, prepare }, columns));
        }
        let parts = limits.iter().map(|of| (of.notetype.0, Parts::of(of, each)));
        let within = Self::Within {
            pattern,
            prepare,
            parts: parts.collect(),
        };
        let columns = if each {
            "n.mid, n.flds"
        } else {
            "n.mid, n.flds, n.sfld"
        };
        Ok((within, columns))
    }

    /// Also gives the columns to pass.
    pub(super) fn fields(
        text: &str,
        mode: TextMode,
        places: Places,
        all: bool,
    ) -> Result<(Self, &'static str)> {
        let fold = mode == TextMode::NoAccents && !all;
        let pattern = match mode {
            TextMode::NoAccents | TextMode::Wildcards if all => {
                // Behind `nc:` any sign may have one, see the parser.
                let text = glob::to_pattern(&glob::with_lone_backslashes(text), ".");
                Pattern::Text(compile(&format!(r"(?is)\A{text}\z"))?)
            }
            TextMode::Regex => Pattern::Text(compile(&format!("(?i){text}"))?),
            TextMode::NoAccents => {
                Pattern::Like(Like::new(&without_accents(text), false).map_err(unclear)?)
            }
            TextMode::Wildcards => Pattern::Like(Like::new(text, false).map_err(unclear)?),
        };
        let columns = if places.len() == 1 {
            "n.flds"
        } else {
            "n.flds, n.mid"
        };
        let fields = Self::Fields {
            pattern,
            prepare: Prepare {
                strip_clozes: false,
                fold,
            },
            places: by_notetype(places),
        };
        Ok((fields, columns))
    }

    pub(super) fn tags(tag: &str, mode: TextMode) -> Result<Self> {
        let fold = mode == TextMode::NoAccents;
        let pattern = match mode {
            TextMode::Regex => compile(&format!("(?i){tag}"))?,
            TextMode::Wildcards | TextMode::NoAccents => {
                let tag = if fold {
                    without_accents(tag)
                } else {
                    Cow::Borrowed(tag)
                };
                let tag = glob::to_pattern(&tag, r"\S");
                if let Some(pattern) = between_separators(&tag)? {
                    return Ok(Self::Tag { pattern, fold });
                }
                compile(&format!(r"(?i)\A{tag}(?:::.*)?\z"))?
            }
        };
        Ok(Self::Tags {
            pattern: Pattern::Text(pattern),
            fold,
            with_ends: mode == TextMode::Regex,
        })
    }

    fn is_match(&self, cx: &Context<'_>) -> rusqlite::Result<bool> {
        match self {
            Self::Anywhere { pattern, prepare } => is_anywhere(pattern, *prepare, cx),
            Self::Within {
                pattern,
                prepare,
                parts,
            } => {
                let fields = text_of(cx, 2)?;
                let matches = |text: &str| prepare.is_match(pattern, text);
                let parts = parts.get(&integer_of(cx, 1));
                let found = match parts {
                    None => matches(&fields),
                    Some(parts) => {
                        let texts = parts.fields.iter();
                        let texts = texts.filter_map(|wanted| some_fields(&fields, wanted));
                        texts.into_iter().any(matches)
                    }
                };
                let sort_field = cx.len() > 3 && parts.is_none_or(|parts| parts.sort_field);
                Ok(found || sort_field && matches(&text_of(cx, 3)?))
            }
            Self::Fields {
                pattern,
                prepare,
                places,
            } => {
                let ords = match places.as_slice() {
                    [(_, ords)] => Some(ords),
                    places => {
                        let notetype = integer_of(cx, 2);
                        let of = places.iter().find(|(id, _)| *id == notetype);
                        of.map(|(_, ords)| ords)
                    }
                };
                let Some(ords) = ords else { return Ok(false) };
                if let (false, ValueRef::Text(fields)) = (prepare.changes_texts(), cx.get_raw(1)) {
                    return Ok(any_field(fields, ords, |text| pattern.is_match(text)));
                }
                let fields = text_of(cx, 1)?;
                let matches = |text: &str| prepare.is_match(pattern, text);
                if ords.is_empty() {
                    return Ok(matches(&fields));
                }
                Ok(fields
                    .split('\x1f')
                    .enumerate()
                    .any(|(i, field)| ords.contains(&i) && matches(field)))
            }
            Self::Tag { pattern, fold } => {
                if let (false, ValueRef::Text(tags)) = (*fold, cx.get_raw(1)) {
                    return Ok(pattern.is_match(tags));
                }
                let prepare = Prepare {
                    strip_clozes: false,
                    fold: *fold,
                };
                let tags = text_of(cx, 1)?;
                Ok(pattern.is_match(prepare.apply(&tags).as_bytes()))
            }
            Self::Tags {
                pattern,
                fold,
                with_ends,
            } => {
                let tags = text_of(cx, 1)?;
                let prepare = Prepare {
                    strip_clozes: false,
                    fold: *fold,
                };
                Ok(tags
                    .split([' ', '\u{3000}'])
                    .filter(|tag| *with_ends || !tag.is_empty())
                    .any(|tag| prepare.is_match(pattern, tag)))
            }
            Self::FirstField(wanted) => {
                let fields = text_of(cx, 1)?;
                let first = fields.split('\x1f').next().unwrap_or_default();
                Ok(strip_html_preserving_media_names(first) == wanted.as_str())
            }
        }
    }
}

/// Whether one of the texts has it.
fn is_anywhere(pattern: &Pattern, prepare: Prepare, cx: &Context<'_>) -> rusqlite::Result<bool> {
    if let (Pattern::Like(like), false) = (pattern, prepare.strip_clozes)
        && let (ValueRef::Text(sort_field), ValueRef::Text(fields)) = (cx.get_raw(1), cx.get_raw(2))
    {
        let found = |text: &[u8]| {
            if prepare.fold && !text.is_ascii() {
                like.is_match(without_accents(&utf8(text)).as_bytes())
            } else {
                like.is_match(text)
            }
        };
        // Without formatting the sort field is the beginning of the fields.
        return Ok(found(fields) || !fields.starts_with(sort_field) && found(sort_field));
    }
    if let (false, 2, ValueRef::Text(fields)) = (prepare.changes_texts(), cx.len(), cx.get_raw(1)) {
        return Ok(pattern.is_match(fields));
    }
    for i in 1..cx.len() {
        if prepare.is_match(pattern, &text_of(cx, i)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Goes no further than to the last field that is asked for; all are one text when none is.
fn any_field(fields: &[u8], wanted: &[usize], is_match: impl Fn(&[u8]) -> bool) -> bool {
    let last = wanted.iter().max().copied();
    if last.is_none() {
        return is_match(fields);
    }
    let (mut start, mut at) = (0, 0);
    while last.is_some_and(|last| at <= last) {
        let end = memchr::memchr(0x1f, &fields[start..]).map(|length| start + length);
        if wanted.contains(&at) && is_match(&fields[start..end.unwrap_or(fields.len())]) {
            return true;
        }
        let Some(end) = end else { break };
        (start, at) = (end + 1, at + 1);
    }
    false
}

fn by_notetype(places: Places) -> Vec<(i64, Vec<usize>)> {
    places.into_iter().map(|(id, ords)| (id.0, ords)).collect()
}

/// What finds the tag, or one below it, in the column of all; None when it must be compared with
/// each: it could be none at all, or reach over several.
fn between_separators(tag: &str) -> Result<Option<bytes::Regex>> {
    let one = r"[^ \u{3000}\n]";
    let pattern = format!(r"(?i)(?:\A|[ \u{{3000}}]){tag}(?:::{one}*)?(?:[ \u{{3000}}]|\z)");
    let pattern = compile(&pattern)?;
    let takes_too_much = pattern.is_match(b"") || tag.contains([' ', '\u{3000}']);
    Ok((!takes_too_much).then_some(pattern))
}

fn compile(pattern: &str) -> Result<bytes::Regex> {
    glob::build_for_bytes(pattern).map_err(unclear)
}

fn unclear(error: regex::Error) -> Error {
    Error::invalid(mark!("Invalid search: {what}", what = error))
}

/// A column that should be an integer; 0 when it is no number.
fn integer_of(cx: &Context<'_>, index: usize) -> i64 {
    match cx.get_raw(index) {
        ValueRef::Integer(number) => number,
        ValueRef::Real(number) => number as i64,
        _ => 0,
    }
}

/// The sort field may be stored as a number.
fn text_of<'a>(cx: &'a Context<'_>, index: usize) -> rusqlite::Result<Cow<'a, str>> {
    Ok(match cx.get_raw(index) {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => utf8(bytes),
        ValueRef::Integer(number) => Cow::Owned(number.to_string()),
        ValueRef::Real(number) => Cow::Owned(number.to_string()),
        ValueRef::Null => Cow::Borrowed(""),
    })
}

/// Makes the functions known to the connection, with these comparisons.
pub(super) fn register(db: &Connection, matchers: &[Matcher], moment: &SearchMoment) -> Result<()> {
    // Of its own for each connection: threads that share an expression wait for one another.
    let matchers = matchers.to_vec();
    let pure = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    db.create_scalar_function("engram_match", -1, pure, move |cx: &Context<'_>| {
        let index = usize::try_from(cx.get::<i64>(0)?).unwrap_or(usize::MAX);
        match matchers.get(index) {
            Some(matcher) => matcher.is_match(cx),
            None => Ok(false),
        }
    })?;
    db.create_scalar_function("engram_memory", 2, pure, |cx: &Context<'_>| {
        let known = memory_data(&text_of(cx, 0)?);
        let is_stability = cx.get_raw(1) == ValueRef::Text(b"s");
        let number = if is_stability {
            known.stability
        } else {
            known.difficulty
        };
        Ok(number.map(f64::from))
    })?;
    db.create_scalar_function("engram_custom", 2, pure, |cx: &Context<'_>| {
        let key: String = cx.get(1)?;
        Ok(custom_value(&card_of(cx)?.custom_data, &key))
    })?;
    let moment = *moment;
    db.create_scalar_function("engram_retrievability", 3, pure, move |cx: &Context<'_>| {
        let known = memory_data(&text_of(cx, 0)?);
        let (due, interval) = (integer_of(cx, 1), integer_of(cx, 2));
        Ok(retrievability(&known, due, interval, &moment))
    })?;
    Ok(())
}

fn card_of(cx: &Context<'_>) -> rusqlite::Result<Card> {
    let mut card = Card::default();
    card_data_into(&mut card, &text_of(cx, 0)?);
    Ok(card)
}

/// As text, whatever it is: `null`, `true` and `1.0` as JSON writes them.
fn custom_value(custom_data: &str, key: &str) -> Value {
    let Ok(serde_json::Value::Object(map)) = serde_json::from_str(custom_data) else {
        return Value::Null;
    };
    match map.get(key) {
        Some(serde_json::Value::String(text)) => Value::Text(text.clone()),
        Some(other) => Value::Text(other.to_string()),
        None => Value::Null,
    }
}

/// The forgetting curve at the moment of the search; None without memory.
pub(super) fn retrievability(
    known: &MemoryData,
    due: i64,
    interval: i64,
    moment: &SearchMoment,
) -> Option<f64> {
    let memory = known.memory()?;
    let decay = known.decay.unwrap_or(OLD_DECAY);
    let elapsed_days = match known.last_review {
        Some(at) => moment.now.0.saturating_sub(at).max(0) as f32 / 86_400.0,
        None if due > LAST_DAY => {
            let last = due.saturating_sub(interval);
            moment.now.0.saturating_sub(last).max(0) as f32 / 86_400.0
        }
        // Before day 0 counts as just reviewed, as in Anki.
        None if due < 0 => 0.0,
        None => {
            let reviewed = due.saturating_sub(interval).max(0);
            i64::from(moment.today).saturating_sub(reviewed).max(0) as f32
        }
    };
    let factor = 0.9f32.powf(-1.0 / decay) - 1.0;
    Some(f64::from(
        (1.0 + factor * elapsed_days / memory.stability).powf(-decay),
    ))
}
