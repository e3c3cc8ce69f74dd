//! The words of the program in the language of the person. English stands in the code, where a
//! reader needs it; a catalogue in gettext's PO format gives each other language, chosen once
//! when the window starts. Texts are looked up by their English words (and a context where one
//! word means two things): [`t!`](crate::t) for a text, [`tn!`](crate::tn) for one with a number,
//! [`mark!`](crate::mark) for a constant that [`say`] translates later, and for what is kept or
//! passed on in English and translated by [`known`] where it is shown (errors, logs of runs). A catalogue must have all
//! of them; the test of the languages reads the code for that.

use crate::base::count;
use crate::base::error::{Error, Result};
use std::borrow::Cow;
use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt::{Display, Write as _};
use std::sync::{Mutex, OnceLock, PoisonError};

/// A language that the window can speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Language {
    /// By BCP 47: `de`.
    pub code: &'static str,
    /// In itself: `Deutsch`.
    pub name: &'static str,
    /// Its catalogue; English has none.
    catalogue: Option<&'static str>,
    /// Between thousands, and before decimals.
    thousands: &'static str,
    decimal: &'static str,
}

/// All languages, English first.
pub const LANGUAGES: &[Language] = &[
    ENGLISH,
    Language {
        code: "de",
        name: "Deutsch",
        catalogue: Some(include_str!("../../assets/lang/de.po")),
        thousands: ".",
        decimal: ",",
    },
    Language {
        code: "es",
        name: "Español",
        catalogue: Some(include_str!("../../assets/lang/es.po")),
        thousands: ".",
        decimal: ",",
    },
    Language {
        code: "fr",
        name: "Français",
        catalogue: Some(include_str!("../../assets/lang/fr.po")),
        thousands: "\u{202f}",
        decimal: ",",
    },
];

const ENGLISH: Language = Language {
    code: "en",
    name: "English",
    catalogue: None,
    thousands: ",",
    decimal: ".",
};

/// English with marks around each text: shows what is not translated, and what has no room.
pub const PSEUDO: &str = "en-XA";

/// Letters that a pattern has at least by which words are found again.
const FEWEST_LETTERS: usize = 8;
/// How often words are taken apart to find their parts: a list of names may have thousands.
const MOST_PARTS: usize = 40;
/// Words found again that are kept; lists show the same ones in each frame.
const MOST_MADE: usize = 1000;

struct Chosen {
    language: Language,
    /// By context and English words.
    texts: HashMap<(&'static str, &'static str), &'static str>,
    /// The forms for one and for more, by the English form for one.
    counted: HashMap<&'static str, [&'static str; 2]>,
    /// English words with places for values, and their own; the longest first.
    patterns: Vec<(&'static str, &'static str)>,
    /// What [`known`] has found, by the English words.
    made: Mutex<HashMap<String, String>>,
    /// Whether nothing counts as one (French).
    zero_is_one: bool,
    /// Texts of the pseudo language, each made once.
    pseudo: Option<Mutex<HashMap<&'static str, &'static str>>>,
}

static CHOSEN: OnceLock<Chosen> = OnceLock::new();

thread_local! {
    /// Whether this thread writes what a file keeps.
    static IN_ENGLISH: Cell<bool> = const { Cell::new(false) };
}

fn chosen() -> Option<&'static Chosen> {
    CHOSEN.get().filter(|_| !IN_ENGLISH.get())
}

/// What `say` makes, in English as files keep it; [`known`] translates it where it is shown.
pub fn in_english<T>(say: impl FnOnce() -> T) -> T {
    let _until_then = English {
        before: IN_ENGLISH.replace(true),
    };
    say()
}

/// While it lives, its thread speaks English; a panic that is caught further up ends it too.
struct English {
    before: bool,
}

impl Drop for English {
    fn drop(&mut self) {
        IN_ENGLISH.set(self.before);
    }
}

/// Chooses the language of this program, by its code; once, before anything is shown. An unknown
/// one is English.
///
/// # Errors
/// A catalogue that cannot be read, which is a mistake of ours; English stays.
pub fn choose(code: &str) -> Result<()> {
    let chosen = if code == PSEUDO {
        Chosen::new(ENGLISH, Some(Mutex::default()))
    } else {
        let language = LANGUAGES.iter().find(|l| l.code == code);
        match language {
            None
            | Some(Language {
                catalogue: None, ..
            }) => return Ok(()),
            Some(language) => Chosen::new(*language, None).with_catalogue()?,
        }
    };
    let _already = CHOSEN.set(chosen);
    Ok(())
}

/// The language that the window speaks.
#[must_use]
pub fn current() -> Language {
    chosen().map_or(ENGLISH, |chosen| chosen.language)
}

/// The language of ours that is nearest to what the system asks for (`de_AT.UTF-8`).
#[must_use]
pub fn nearest(locale: &str) -> Language {
    let wanted = locale.split(['-', '_', '.']).next().unwrap_or_default();
    let found = LANGUAGES
        .iter()
        .find(|l| l.code.eq_ignore_ascii_case(wanted));
    *found.unwrap_or(&ENGLISH)
}

impl Chosen {
    fn new(language: Language, pseudo: Option<Mutex<HashMap<&'static str, &'static str>>>) -> Self {
        Self {
            language,
            texts: HashMap::new(),
            counted: HashMap::new(),
            patterns: Vec::new(),
            made: Mutex::default(),
            zero_is_one: false,
            pseudo,
        }
    }

    fn with_catalogue(mut self) -> Result<Self> {
        let source = self.language.catalogue.unwrap_or_default();
        let catalogue = polib::po_file::parse_from_reader(source.as_bytes()).map_err(|e| {
            Error::bug("a language's catalogue cannot be read").because(e.to_string())
        })?;
        self.zero_is_one = catalogue.metadata.plural_rules.expr.contains("n > 1");
        for message in catalogue.messages().filter(|m| m.is_translated()) {
            let english = leak(message.msgid());
            if let Ok(text) = message.msgstr() {
                let context = leak(message.msgctxt().unwrap_or_default());
                self.texts.insert((context, english), leak(text));
                self.patterns.push((english, leak(text)));
            }
            if let Ok([one, many]) = message.msgstr_plural().map(Vec::as_slice) {
                self.counted.insert(english, [leak(one), leak(many)]);
                self.patterns.push((english, leak(one)));
                let english = leak(message.msgid_plural().unwrap_or_default());
                self.patterns.push((english, leak(many)));
            }
        }
        // The one that says most comes first; one that says little fits too much.
        self.patterns.retain(|(pattern, _)| {
            // Its last place is a number: `{n} notes`, `{lost} of {n} notes`.
            let is_count = pattern
                .rsplit_once("{n} ")
                .is_some_and(|(_, rest)| !rest.contains('{'));
            // `{what} (deck “{name}”)`
            let is_about = pattern.ends_with("”)");
            let says_enough = is_count || is_about || letters(pattern) >= FEWEST_LETTERS;
            pattern.contains('{') && !pattern.contains("{{") && says_enough
        });
        self.patterns
            .sort_by_key(|(pattern, _)| Reverse(letters(pattern)));
        Ok(self)
    }

    fn known(&self, english: &str) -> String {
        if self.pseudo.is_some() {
            return if english.starts_with('⟦') {
                english.to_owned()
            } else {
                pseudo(english)
            };
        }
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = made.get(english) {
            return known.clone();
        }
        if made.len() >= MOST_MADE {
            made.clear();
        }
        let known = self
            .looked_up(english, MOST_PARTS)
            .unwrap_or_else(|| english.to_owned());
        made.insert(english.to_owned(), known.clone());
        known
    }

    /// `more` is how often the parts may be taken apart again.
    fn looked_up(&self, english: &str, more: usize) -> Option<String> {
        if let Some(text) = self.texts.get(&("", english)) {
            return Some((*text).to_owned());
        }
        let more = more.checked_sub(1)?;
        let found = |(pattern, words): &(&'static str, &'static str)| {
            Some((*pattern, unfill(pattern, english)?, *words))
        };
        if let Some((pattern, values, words)) = self.patterns.iter().find_map(found) {
            // A name of one word is a name, and no word of ours; so is what stands in quotes.
            let quoted = |name: &str| pattern.contains(&format!("“{{{name}}}”"));
            let of = |name: &str, value: &str| match name {
                "n" | "lost" => grouped(value),
                _ if value.contains(' ') && !quoted(name) => self.looked_up(value, more),
                _ => None,
            };
            let values: Vec<(&str, String)> = values
                .iter()
                .map(|(name, value)| {
                    (
                        *name,
                        of(name, value).unwrap_or_else(|| (*value).to_owned()),
                    )
                })
                .collect();
            let values: Vec<(&str, &dyn Display)> = values
                .iter()
                .map(|(name, value)| (*name, value as &dyn Display))
                .collect();
            return Some(fill(words, &values));
        }
        // The first kind that is there: its parts are looked at for the others.
        let between = ["; ", ": ", ", "]
            .into_iter()
            .find(|b| english.contains(b))?;
        let (before, after) = english.split_once(between)?;
        let (first, rest) = (self.looked_up(before, more), self.looked_up(after, more));
        if first.is_none() && rest.is_none() {
            return None;
        }
        let first = first.unwrap_or_else(|| before.to_owned());
        let rest = rest.unwrap_or_else(|| after.to_owned());
        Some(format!("{first}{between}{rest}"))
    }

    fn text(&self, context: &'static str, english: &'static str) -> &'static str {
        if english.starts_with('⟦') {
            return english;
        }
        if let Some(made) = &self.pseudo {
            let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
            return made
                .entry(english)
                .or_insert_with(|| leak(&pseudo(english)));
        }
        self.texts
            .get(&(context, english))
            .copied()
            .unwrap_or(english)
    }

    fn form(&self, n: u64, one: &'static str, many: &'static str) -> &'static str {
        let (own_one, own_many) = match self.counted.get(one) {
            Some([one, many]) => (*one, *many),
            None => (self.text("", one), self.text("", many)),
        };
        if n == 1 || (n == 0 && self.zero_is_one) {
            own_one
        } else {
            own_many
        }
    }
}

/// Letters outside of places for values.
fn letters(pattern: &str) -> usize {
    let outside = pattern
        .split('{')
        .map(|part| part.split_once('}').map_or(part, |(_, o)| o));
    outside
        .flat_map(str::chars)
        .filter(|c| c.is_alphabetic())
        .count()
}

/// The values of a text that was made of a pattern; None when it was made of another.
fn unfill<'a>(pattern: &'a str, text: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    let mut values = Vec::new();
    let (before, mut pattern) = pattern.split_once('{')?;
    let mut text = text.strip_prefix(before)?;
    loop {
        let (name, rest) = pattern.split_once('}')?;
        let Some((literal, next)) = rest.split_once('{') else {
            values.push((name, text.strip_suffix(rest)?));
            let fits = |(name, value): &(&str, &str)| *name != "n" || is_number(value);
            return values.iter().all(fits).then_some(values);
        };
        let (value, after) = text.split_once(literal)?;
        values.push((name, value));
        (pattern, text) = (next, after);
    }
}

/// As people read it, in any language.
fn is_number(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, ',' | '.' | '\u{202f}');
    text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(is_part)
}

/// A number with the separators of English, `9,812`, with those of the window.
fn grouped(english: &str) -> Option<String> {
    let mut groups = english.split(',');
    let first = groups.next()?;
    let is_digits = english.bytes().all(|b| b == b',' || b.is_ascii_digit());
    let is_grouped = (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3);
    let n = english.replace(',', "").parse().ok()?;
    (is_digits && is_grouped).then(|| count::number(n))
}

/// Catalogues live as long as the program.
fn leak(text: &str) -> &'static str {
    if text.is_empty() {
        return "";
    }
    Box::leak(text.to_owned().into_boxed_str())
}

/// A constant that was marked with [`mark!`](crate::mark), in the language of the window.
#[must_use]
pub fn say(english: &'static str) -> &'static str {
    text("", english)
}

/// The text in the language of the window; as it is where that has none. [`t!`](crate::t) calls it.
#[must_use]
pub fn text(context: &'static str, english: &'static str) -> &'static str {
    chosen().map_or(english, |chosen| chosen.text(context, english))
}

/// Words that were made in English, as errors and what files keep are, in the language of the
/// window: looked up whole, else by the places for values, else in the parts before and after a
/// semicolon, colon or comma. What is not known stays as it is.
#[must_use]
pub fn known(english: &str) -> Cow<'_, str> {
    match chosen() {
        None => Cow::Borrowed(english),
        Some(chosen) => Cow::Owned(chosen.known(english)),
    }
}

/// As [`known`], for what is kept as a sentence, with a capital and a period.
#[must_use]
pub fn known_sentence(english: &str) -> Cow<'_, str> {
    let found = known(english);
    let is_found = *found != *english;
    let (false, Some(rest)) = (is_found, english.strip_suffix('.')) else {
        return found;
    };
    let mut chars = rest.chars();
    let bare: String = chars
        .next()
        .map(|c| c.to_lowercase().chain(chars).collect())
        .unwrap_or_default();
    let own = known(&bare);
    if *own == *bare {
        return found;
    }
    let mut chars = own.chars();
    let sentence: String = chars
        .next()
        .map(|c| c.to_uppercase().chain(chars).collect())
        .unwrap_or_default();
    Cow::Owned(sentence + ".")
}

/// The form for `n`, with `{n}` as a number with separators. [`tn!`](crate::tn) calls it.
#[must_use]
pub fn counted(
    n: u64,
    one: &'static str,
    many: &'static str,
    values: &[(&str, &dyn Display)],
) -> String {
    let english = if n == 1 { one } else { many };
    let pattern = chosen().map_or(english, |chosen| chosen.form(n, one, many));
    let n = count::number(n);
    let mut all: Vec<(&str, &dyn Display)> = vec![("n", &n)];
    all.extend_from_slice(values);
    fill(pattern, &all)
}

/// Puts values in the places of their names: `{deck}`. What has no value stays as it is; `{{` and
/// `}}` are braces.
#[must_use]
pub fn fill(pattern: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with("{{") || rest.starts_with("}}") {
            out.push_str(&rest[..1]);
            rest = &rest[2..];
            continue;
        }
        let name = rest.strip_prefix('{').and_then(|r| r.split_once('}'));
        let value = name.and_then(|(name, _)| values.iter().find(|(n, _)| *n == name));
        match (name, value) {
            (Some((_, after)), Some((_, value))) => {
                let _infallible = write!(out, "{value}");
                rest = after;
            }
            _ => {
                out.push_str(&rest[..1]);
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// What stands between thousands, and before decimals.
#[must_use]
pub fn separators() -> (&'static str, &'static str) {
    let language = current();
    (language.thousands, language.decimal)
}

/// `⟦Šţúðý Ñöŵ··⟧`: longer by a third, letters with accents, places for values as they are.
fn pseudo(english: &str) -> String {
    let mut inside = false;
    let letters: String = english
        .chars()
        .map(|c| {
            inside = (inside || c == '{') && c != '}';
            let at = PLAIN.find(c).filter(|_| !inside);
            at.and_then(|at| ACCENTED.chars().nth(at)).unwrap_or(c)
        })
        .collect();
    let more = "·".repeat(english.chars().count() / 3);
    format!("⟦{letters}{more}⟧")
}

const PLAIN: &str = "AEINOSUYaceinosuy";
const ACCENTED: &str = "ÅÉÎÑÖŠÛÝåçéîñöšûý";

/// A text in the language of the window: `t!("Study Now")`, with a context where one word means
/// two things `t!("New" in "card state")`, with values by name
/// `t!("{cards} moved to {deck}", cards, deck = leaf(name))`. Without values a `&'static str`.
#[macro_export]
macro_rules! t {
    ($english:literal) => {
        $crate::base::lang::text("", $english)
    };
    ($english:literal in $context:literal) => {
        $crate::base::lang::text($context, $english)
    };
    ($english:literal, $($name:ident $(= $value:expr)?),+ $(,)?) => {
        $crate::base::lang::fill(
            $crate::base::lang::text("", $english),
            &[$((stringify!($name), &$crate::value!($name $(= $value)?))),+],
        )
    };
}

/// A text with a number, in the form that the number needs; `{n}` is the number with separators:
/// `tn!(cards, "{n} card", "{n} cards")`, with more values by name after it.
#[macro_export]
macro_rules! tn {
    ($n:expr, $one:literal, $many:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {
        $crate::base::lang::counted(
            $n,
            $one,
            $many,
            &[$((stringify!($name), &$crate::value!($name $(= $value)?))),*],
        )
    };
}

/// A text in a constant or a table, that `lang::say` translates where it is shown; with values by
/// name, as errors and files have them, English words that `lang::known` translates there.
#[macro_export]
macro_rules! mark {
    ($english:literal) => {
        $english
    };
    ($english:literal, $($name:ident $(= $value:expr)?),+ $(,)?) => {
        $crate::base::lang::fill(
            $english,
            &[$((stringify!($name), &$crate::value!($name $(= $value)?))),+],
        )
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! value {
    ($name:ident) => {
        $name
    };
    ($name:ident = $value:expr) => {
        $value
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_to_their_places_once() {
        let deck = "{n} {deck}";
        let n = 3;
        assert_eq!(t!("{n} in {deck}", n, deck), "3 in {n} {deck}");
        assert_eq!(fill("{{a}} {b} {", &[("a", &1)]), "{a} {b} {");
        assert_eq!(tn!(1, "{n} card", "{n} cards"), "1 card");
        let place = "here";
        let found = tn!(14_511, "one card {place}", "{n} cards {place}", place);
        assert_eq!(found, "14,511 cards here");
    }

    #[test]
    fn english_ends_with_what_is_said_in_it_also_by_a_panic() {
        in_english(|| {
            in_english(|| ());
            assert!(IN_ENGLISH.get());
        });
        assert!(!IN_ENGLISH.get());
        let fault = || in_english::<u8>(|| std::panic::resume_unwind(Box::new("a fault")));
        assert!(std::panic::catch_unwind(fault).is_err());
        assert!(!IN_ENGLISH.get());
    }

    #[test]
    fn a_system_gets_the_nearest_language() {
        for (locale, code) in [
            ("de_AT.UTF-8", "de"),
            ("fr-CA", "fr"),
            ("C.UTF-8", "en"),
            ("", "en"),
            ("ja_JP", "en"),
        ] {
            assert_eq!(nearest(locale).code, code, "{locale}");
        }
    }

    #[test]
    fn a_catalogue_gives_words_and_forms() {
        let german = Chosen::new(nearest("de"), None).with_catalogue().unwrap();
        assert_eq!(german.text("", "Study Now"), "Jetzt lernen");
        assert_eq!(german.text("", "no such text"), "no such text");
        assert_eq!(german.form(1, "{n} card", "{n} cards"), "{n} Karte");
        assert_eq!(german.form(0, "{n} card", "{n} cards"), "{n} Karten");
        let french = nearest("fr");
        let french = Chosen::new(french, None).with_catalogue().unwrap();
        assert_eq!(french.form(0, "{n} card", "{n} cards"), "{n} carte");
    }

    #[test]
    fn words_made_in_english_are_found_again() {
        let mut german = Chosen::new(nearest("de"), None);
        german
            .texts
            .insert(("", "the disk is full"), "die Platte ist voll");
        german.patterns = vec![
            (
                "{a} of {b} files were restored",
                "von {b} Dateien sind {a} zurück",
            ),
            ("it cannot be read: {why}", "nicht lesbar: {why}"),
            ("{n} notes", "{n} Notizen"),
            ("there is no deck “{name}”", "kein Stapel „{name}“"),
        ];
        for (english, words) in [
            ("the disk is full", "die Platte ist voll"),
            ("3 of 4 files were restored", "von 4 Dateien sind 3 zurück"),
            (
                "it cannot be read: the disk is full",
                "nicht lesbar: die Platte ist voll",
            ),
            (
                "a.jpg: the disk is full; b",
                "a.jpg: die Platte ist voll; b",
            ),
            ("of files were restored", "of files were restored"),
            ("1,234 notes, 1 xyz", "1,234 Notizen, 1 xyz"),
            ("my notes", "my notes"),
            ("a: b", "a: b"),
            (
                "there is no deck “the disk is full”",
                "kein Stapel „the disk is full“",
            ),
        ] {
            assert_eq!(german.known(english), words, "{english}");
            assert_eq!(german.known(english), words, "again: {english}");
        }
        assert_eq!(unfill("{a}x{b}", "axb"), Some(vec![("a", "a"), ("b", "b")]));
        assert_eq!(unfill("{a}x{b}", "ab"), None);
        let name = "b.png";
        assert_eq!(mark!("no file {name}", name), "no file b.png");
    }

    #[test]
    fn parts_and_names_are_found_in_a_catalogue() {
        let german = Chosen::new(nearest("de"), None).with_catalogue().unwrap();
        for (english, words) in [
            ("14 of 9,812 notes", "14 von 9,812 Notizen"),
            (
                "the collection is damaged (deck “New”)",
                "die Sammlung ist beschädigt (Stapel „New“)",
            ),
        ] {
            assert_eq!(german.known(english), words);
        }
        let names = "a, ".repeat(5000);
        assert_eq!(german.known(&names), names);
    }

    #[test]
    fn the_pseudo_language_marks_each_text() {
        let pseudo = Chosen::new(ENGLISH, Some(Mutex::default()));
        assert_eq!(pseudo.text("", "Sync {n} cards"), "⟦Šýñç {n} çårdš····⟧");
    }
}
