//! Names in a search to ids. Needs no database: the caller lists the names that there are.

use super::ast::{Node, Search, TextMode};
use super::glob;
use crate::base::ids::{DeckConfigId, DeckId, NotetypeId};
use crate::base::{Error, Result};
use crate::domain::deck::{Deck, DeckName};
use crate::domain::notetype::Notetype;
use crate::mark;
use regex::Regex;
use std::sync::Arc;
use unicase::UniCase;
use unicode_normalization::UnicodeNormalization as _;

/// What names may mean.
pub trait Names {
    fn decks(&self) -> Result<Arc<[Deck]>>;
    fn notetypes(&self) -> Result<Vec<Arc<Notetype>>>;
    /// Presets of that name, compared as Anki compares names.
    fn presets_named(&self, name: &str) -> Result<Vec<DeckConfigId>>;
    fn current_deck(&self) -> Result<DeckId>;
}

/// A search without names, ready for SQL.
#[derive(Debug, Clone, PartialEq)]
pub enum Query {
    All,
    Nothing,
    And(Vec<Query>),
    Or(Vec<Query>),
    Not(Box<Query>),
    /// In any deck: a note without cards is in none.
    AnyDeck,
    /// In one of these decks, now or at home.
    Decks(Vec<DeckId>),
    InFilteredDeck,
    Notetypes(Vec<NotetypeId>),
    /// Of these templates; of a cloze note type only the first number has the template's ordinal.
    Templates(Vec<(NotetypeId, u16)>),
    /// Any of these fields, by note type.
    Fields {
        places: Places,
        text: String,
        mode: TextMode,
        /// Asked for by a name that stands for all fields: letters match in either case, and
        /// accents count whatever the mode.
        all: bool,
    },
    /// Any field, but those that are left out of searches.
    Text {
        text: String,
        kind: TextKind,
        limits: Vec<Limits>,
    },
    /// A term that has no names in it.
    Term(Search),
}

/// Which fields of a note type are searched, when some of them are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    pub notetype: NotetypeId,
    /// Indexes in ascending order.
    pub fields: Vec<usize>,
    /// Whether the sort field is one of them.
    pub sort_field: bool,
}

impl Limits {
    /// None when all fields are searched.
    fn of(notetype: &Notetype) -> Option<Self> {
        let is_searched = |at: usize| {
            let field = notetype.fields.get(at);
            field.is_some_and(|field| !field.config.exclude_from_search)
        };
        let count = notetype.fields.len();
        let fields: Vec<usize> = (0..count).filter(|at| is_searched(*at)).collect();
        (fields.len() < count).then(|| Self {
            notetype: notetype.id,
            fields,
            sort_field: is_searched(notetype.config.sort_field_idx as usize),
        })
    }
}

/// Field indexes by note type; none at all: its fields together, as one text.
pub type Places = Vec<(NotetypeId, Vec<usize>)>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    Plain,
    NoAccents,
    /// Clozes replaced by their text, cloze note types only.
    NoClozes,
    Words,
    Regex,
}

/// Looks up all names. `nfc`: texts are searched for in composed form, as names always are.
pub fn resolve(nodes: &[Node], names: &dyn Names, nfc: bool) -> Result<Query> {
    Resolver { names, nfc }.sequence(nodes)
}

struct Resolver<'a> {
    names: &'a dyn Names,
    nfc: bool,
}

impl Resolver<'_> {
    /// AND binds tighter than OR.
    fn sequence(&self, nodes: &[Node]) -> Result<Query> {
        let mut alternatives = Vec::new();
        for part in nodes.split(|n| matches!(n, Node::Or)) {
            let mut all = Vec::new();
            for node in part {
                if !matches!(node, Node::And) {
                    all.push(self.node(node)?);
                }
            }
            alternatives.push(one_or(all, Query::And));
        }
        Ok(one_or(alternatives, Query::Or))
    }

    fn node(&self, node: &Node) -> Result<Query> {
        match node {
            // Operators never stand where a term does.
            Node::And | Node::Or => Err(Error::bug("an operator as a search term")),
            Node::Not(inner) => Ok(Query::Not(Box::new(self.node(inner)?))),
            Node::Group(inner) => self.sequence(inner),
            Node::Search(search) => self.term(search),
        }
    }

    fn term(&self, search: &Search) -> Result<Query> {
        Ok(match search {
            Search::WholeCollection => Query::All,
            Search::Text(text) => self.text(text, TextKind::Plain)?,
            Search::NoAccents(text) => self.text(text, TextKind::NoAccents)?,
            Search::NoClozes(text) => self.text(text, TextKind::NoClozes)?,
            Search::Words(text) => self.text(text, TextKind::Words)?,
            Search::Regex(text) => self.text(text, TextKind::Regex)?,
            Search::Field { name, text, mode } => self.field(name, text, *mode)?,
            Search::Deck(name) => self.deck(name)?,
            Search::Notetype(name) => {
                let matches = name_matcher(name)?;
                let ids: Vec<NotetypeId> = self
                    .names
                    .notetypes()?
                    .iter()
                    .filter(|n| matches.is_match(&n.name))
                    .map(|n| n.id)
                    .collect();
                Query::Notetypes(ids)
            }
            Search::TemplateName(name) => self.template(name)?,
            Search::Preset(name) => self.preset(name)?,
            Search::Duplicates { notetype, text } => Query::Term(Search::Duplicates {
                notetype: *notetype,
                text: self.composed(text),
            }),
            Search::Tag { tag, mode } => Query::Term(Search::Tag {
                tag: tag.nfc().collect(),
                mode: *mode,
            }),
            other => Query::Term(other.clone()),
        })
    }

    fn composed(&self, text: &str) -> String {
        if self.nfc {
            text.nfc().collect()
        } else {
            text.to_owned()
        }
    }

    fn text(&self, text: &str, kind: TextKind) -> Result<Query> {
        let text = self.composed(text);
        let notetypes = self.names.notetypes()?;
        let found = Query::Text {
            text,
            kind,
            limits: notetypes.iter().filter_map(|n| Limits::of(n)).collect(),
        };
        if kind == TextKind::NoClozes {
            let cloze = notetypes.iter().filter(|n| n.is_cloze()).map(|n| n.id);
            return Ok(Query::And(vec![Query::Notetypes(cloze.collect()), found]));
        }
        Ok(found)
    }

    fn field(&self, name: &str, text: &str, mode: TextMode) -> Result<Query> {
        let notetypes = self.names.notetypes()?;
        let matches = name_matcher(name)?;
        let all = matches!(name, "*" | "_*" | "*_");
        // As Anki does it: a name that stands for each field of a note type, but is none of these,
        // stands for all that is in them.
        let as_one_text = !all && mode != TextMode::Regex;
        let places: Places = notetypes
            .iter()
            .filter_map(|n| {
                let mut ords: Vec<usize> = (0..n.fields.len())
                    .filter(|i| matches.is_match(&n.fields[*i].name))
                    .collect();
                if ords.is_empty() {
                    return None;
                }
                if as_one_text && ords.len() == n.fields.len() {
                    ords.clear();
                }
                Some((n.id, ords))
            })
            .collect();
        if places.is_empty() {
            return Ok(Query::Nothing);
        }
        Ok(Query::Fields {
            places,
            text: self.composed(text),
            mode,
            all,
        })
    }

    fn deck(&self, name: &str) -> Result<Query> {
        let decks = match name {
            "*" => return Ok(Query::AnyDeck),
            "filtered" => return Ok(Query::InFilteredDeck),
            _ => self.names.decks()?,
        };
        let matcher = if name == "current" {
            let current = self.names.current_deck()?;
            let Some(deck) = decks.iter().find(|d| d.id == current) else {
                return Ok(Query::Nothing);
            };
            regex::escape(deck.name.as_native())
        } else {
            glob::to_pattern(DeckName::from_human(name).as_native(), ".")
        };
        let matcher = compile(&format!("(?is)\\A{matcher}(?:\\z|\x1f)"))?;
        let ids: Vec<DeckId> = decks
            .iter()
            .filter(|d| matcher.is_match(d.name.as_native()))
            .map(|d| d.id)
            .collect();
        Ok(Query::Decks(ids))
    }

    fn template(&self, name: &str) -> Result<Query> {
        let matches = name_matcher(name)?;
        let found = self
            .names
            .notetypes()?
            .iter()
            .flat_map(|n| {
                (0u16..)
                    .zip(&n.templates)
                    .filter(|(_, t)| matches.is_match(&t.name))
                    .map(|(ord, _)| (n.id, ord))
                    .collect::<Vec<_>>()
            })
            .collect();
        Ok(Query::Templates(found))
    }

    fn preset(&self, name: &str) -> Result<Query> {
        let presets = self.names.presets_named(name)?;
        let decks = self
            .names
            .decks()?
            .iter()
            .filter(|d| d.config_id().is_some_and(|id| presets.contains(&id)))
            .map(|d| d.id)
            .collect();
        Ok(Query::Decks(decks))
    }
}

/// Whole names, in any case.
enum NameMatcher {
    /// Also as longer letters: `STRASSE` for `Straße`.
    Whole(UniCase<String>),
    Wildcards(Regex),
}

impl NameMatcher {
    fn is_match(&self, name: &str) -> bool {
        match self {
            Self::Whole(wanted) => *wanted == UniCase::new(name),
            Self::Wildcards(pattern) => pattern.is_match(name),
        }
    }
}

/// Names are always stored in composed form.
fn name_matcher(name: &str) -> Result<NameMatcher> {
    let name: String = name.nfc().collect();
    if !glob::is_glob(&name) {
        return Ok(NameMatcher::Whole(UniCase::new(glob::to_literal(&name))));
    }
    let pattern = format!("(?is)\\A{}\\z", glob::to_pattern(&name, "."));
    compile(&pattern).map(NameMatcher::Wildcards)
}

fn compile(pattern: &str) -> Result<Regex> {
    glob::build(pattern).map_err(|e| Error::invalid(mark!("Invalid search: {what}", what = e)))
}

fn one_or(mut queries: Vec<Query>, many: impl FnOnce(Vec<Query>) -> Query) -> Query {
    if queries.len() == 1
        && let Some(only) = queries.pop()
    {
        only
    } else {
        many(queries)
    }
}
