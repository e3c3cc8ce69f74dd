//! Random searches: words of the search language put together at random, and noise. Each gives
//! cards or an error about the search, and what is printed of it means the same search.
//! `ENGRAM_FUZZ=25000` tries more of them.

use engram::base::ErrorKind;
use engram::base::time::Clock;
use engram::collection::{Collection, sample};
use engram::search;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

const KEYS: &[&str] = &[
    "deck:",
    "note:",
    "card:",
    "tag:",
    "is:",
    "prop:",
    "rated:",
    "added:",
    "edited:",
    "flag:",
    "nid:",
    "cid:",
    "mid:",
    "did:",
    "introduced:",
    "resched:",
    "re:",
    "nc:",
    "w:",
    "sc:",
    "dupe:",
    "preset:",
    "has-cd:",
    "has:",
    "Front:",
    "Front:re:",
    "Front:nc:",
    "tag:re:",
    "tag:nc:",
    "*:",
    "F*t:",
    "\\:",
    "x:",
    "deck\\::",
    "_:",
];
const VALUES: &[&str] = &[
    "a",
    "current",
    "filtered",
    "none",
    "new",
    "due",
    "buried",
    "buried-manually",
    "ivl>1",
    "s<=3.5",
    "r=0.5",
    "due!=-3",
    "ease>2.5",
    "d>0.1",
    "cdn:x=1",
    "cds:x=y",
    "reps>99999999999",
    "ivl=1.5",
    "pos<0",
    "1",
    "7:1",
    "0",
    "-1",
    "99999999999999999999",
    "1,2,3",
    "1,,2",
    "1,",
    "5:9",
    "\\*",
    "*",
    "_",
    "%",
    "a*b_c",
    "\\",
    "\\\\",
    "\\q",
    "(",
    ")",
    "[",
    "(?i)x",
    "\\d+",
    "a{2,}",
    "a{99999}",
    "(a|b)*c",
    "\u{301}",
    "\u{e9}",
    "\u{1f600}",
    "\u{1f}",
    "''",
    "::",
    "a::b",
    "a::*",
    "Basic",
    "1,text",
    "x=<b>",
    "&nbsp;",
    "\u{202e}",
    "\u{0}",
    "\u{feff}",
];
const GLUE: &[&str] = &[
    " ", " or ", " OR ", " and ", " -", "-", "(", ")", " (", ") ", "\"", "\\\"", "", "  ",
    "\u{3000}", "\n", ":", "'",
];

fn pick<'a>(random: &mut StdRng, from: &[&'a str]) -> &'a str {
    from[random.random_range(0..from.len())]
}

fn query(random: &mut StdRng) -> String {
    if random.random_bool(0.2) {
        let bytes: Vec<u8> = (0..random.random_range(0..40))
            .map(|_| random.random::<u8>())
            .collect();
        return String::from_utf8_lossy(&bytes).into_owned();
    }
    let mut text = String::new();
    for _ in 0..random.random_range(1..8) {
        if random.random_bool(0.6) {
            text.push_str(pick(random, KEYS));
        }
        let quoted = random.random_bool(0.3);
        let value = pick(random, VALUES);
        if quoted {
            text = format!("{text}\"{value}\"");
        } else {
            text.push_str(value);
        }
        text.push_str(pick(random, GLUE));
    }
    if random.random_bool(0.2) {
        let at = random.random_range(0..=text.len());
        let cut = (at..=text.len()).find(|at| text.is_char_boundary(*at));
        text.truncate(cut.unwrap_or(0));
    }
    text
}

/// What is wrong with what a search gave.
fn fault(col: &mut Collection, query: &str) -> Option<String> {
    let (parsed, found) = match (search::parse(query), col.find_cards(query, None)) {
        (Err(_), Err(e)) if e.kind() == ErrorKind::InvalidInput => return None,
        // A name that there is not, a regular expression that is none.
        (Ok(parsed), Err(e)) if e.kind() == ErrorKind::InvalidInput => (parsed, None),
        (Ok(parsed), Ok(found)) => (parsed, Some(found)),
        (parsed, found) => return Some(format!("parsed as {parsed:?}, found: {found:?}")),
    };
    let printed = search::print(&parsed);
    let again = match search::parse(&printed) {
        Ok(again) => again,
        Err(e) => return Some(format!("printed as {printed:?}: {e}")),
    };
    let same = search::print(&again) == printed && col.find_cards(&printed, None).ok() == found;
    (!same).then(|| format!("printed as {printed:?}, which means {again:?}, not {parsed:?}"))
}

#[test]
fn random_searches_find_or_say_why_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut col = Collection::open(&folder.path().join("collection.anki2"), Clock::System).unwrap();
    sample::add_sample_deck(&mut col).unwrap();
    let count = std::env::var("ENGRAM_FUZZ").map_or(1500, |count| count.parse().unwrap());
    let mut random = StdRng::seed_from_u64(11);
    let mut wrong = Vec::new();
    for _ in 0..count {
        let query = query(&mut random);
        if let Some(fault) = fault(&mut col, &query) {
            wrong.push(format!("{query:?}: {fault}"));
        }
    }
    wrong.truncate(30);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_word_that_is_too_long_is_a_mistake_of_the_search_not_of_the_collection() {
    let folder = tempfile::tempdir().unwrap();
    let mut col = Collection::open(&folder.path().join("collection.anki2"), Clock::System).unwrap();
    sample::add_sample_deck(&mut col).unwrap();
    let word = "d".repeat(60_000);
    assert!(col.find_cards(&word, None).unwrap().is_empty());
    let longer = word.repeat(20);
    let error = col.find_cards(&format!("{longer}*d"), None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
}
