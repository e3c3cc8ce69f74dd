//! Messages of Anki's sync protocol, version 11: JSON in zstd frames. Rows of cards, notes and
//! reviews stay arrays here; `storage` knows their columns.

use crate::base::error::foreign_words;
use crate::base::{Error, ErrorKind, Result};
use crate::mark;
use serde::de::{DeserializeOwned, Deserializer};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::io::Read;

/// The only version that we speak; today's servers speak 8 to 11.
pub const VERSION: u32 = 11;
/// The header in which a server says how long an answer is when unpacked.
pub const SIZE_HEADER: &str = "anki-original-size";
/// Objects that travel together.
pub const CHUNK: usize = 250;

/// The value of the header `anki-sync`.
#[must_use]
pub fn header(host_key: &str, client: &str, session: &str) -> String {
    json!({"v": VERSION, "k": host_key, "c": client, "s": session}).to_string()
}

/// What one side says about itself before a sync.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Meta {
    /// Last change, epoch milliseconds.
    #[serde(rename = "mod")]
    pub modified: i64,
    /// Last change that forces a one-way sync, epoch milliseconds.
    #[serde(rename = "scm")]
    pub schema: i64,
    pub usn: i32,
    /// The clock of that side, epoch seconds.
    #[serde(rename = "ts")]
    pub now: i64,
    /// To be shown; the reason when `go_on` is false.
    #[serde(rename = "msg", default, deserialize_with = "words")]
    pub message: String,
    #[serde(rename = "cont", default = "yes")]
    pub go_on: bool,
    /// No cards.
    #[serde(default)]
    pub empty: bool,
    #[serde(default)]
    pub media_usn: i64,
}

fn words<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<String, D::Error> {
    Ok(foreign_words(&String::deserialize(from)?))
}

fn yes() -> bool {
    true
}

/// Ids of what was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Graves {
    #[serde(deserialize_with = "ids")]
    pub cards: Vec<i64>,
    #[serde(deserialize_with = "ids")]
    pub decks: Vec<i64>,
    #[serde(deserialize_with = "ids")]
    pub notes: Vec<i64>,
}

impl Graves {
    /// In messages of a size that servers take: cards first, then notes, then decks.
    #[must_use]
    pub fn chunks(&self) -> Vec<Self> {
        let (cards, notes) = (self.cards.len(), self.cards.len() + self.notes.len());
        let all = notes + self.decks.len();
        let part = |ids: &[i64], start: usize, from: usize, to: usize| {
            let within = |at: usize| at.clamp(start, start + ids.len()) - start;
            ids[within(from)..within(to)].to_vec()
        };
        (0..all)
            .step_by(CHUNK)
            .map(|from| Self {
                cards: part(&self.cards, 0, from, from + CHUNK),
                notes: part(&self.notes, cards, from, from + CHUNK),
                decks: part(&self.decks, notes, from, from + CHUNK),
            })
            .collect()
    }
}

/// Old clients send ids as strings.
fn ids<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Vec<i64>, D::Error> {
    let values = Vec::<Value>::deserialize(deserializer)?;
    let id = |value: &Value| match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_i64(),
    };
    let ids = values.iter().map(id).collect::<Option<_>>();
    ids.ok_or_else(|| serde::de::Error::custom("an id is not a number"))
}

/// What travels in one piece: note types, decks with presets, tags and settings.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Changes {
    pub models: Vec<Value>,
    pub decks: (Vec<Value>, Vec<Value>),
    pub tags: Vec<String>,
    /// All settings; only from the side that changed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conf: Option<Map<String, Value>>,
    /// Along with `conf`: when the collection was made, epoch seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crt: Option<i64>,
}

impl Changes {
    /// How many objects, with the settings as one.
    #[must_use]
    pub fn len(&self) -> usize {
        let (decks, presets) = &self.decks;
        let settings = usize::from(self.conf.is_some());
        self.models.len() + decks.len() + presets.len() + self.tags.len() + settings
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Rows by position, as the protocol has them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Chunk {
    pub done: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub revlog: Vec<Vec<Value>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<Vec<Value>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Vec<Value>>,
}

impl Chunk {
    #[must_use]
    pub fn len(&self) -> usize {
        self.revlog.len() + self.cards.len() + self.notes.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Rows of each table, which must agree when a sync ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SanityCounts {
    pub cards: i64,
    pub notes: i64,
    pub revlog: i64,
    pub graves: i64,
    pub notetypes: i64,
    pub decks: i64,
    pub presets: i64,
}

impl SanityCounts {
    /// The body of `sanityCheck2`.
    #[must_use]
    pub fn request(&self) -> Value {
        json!({"client": [[0, 0, 0], self.cards, self.notes, self.revlog, self.graves,
            self.notetypes, self.decks, self.presets]})
    }
}

/// The answer to `sanityCheck2`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct SanityAnswer {
    pub status: String,
}

/// Reads an unpacked answer; `null` where nothing is expected.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|e| {
        Error::new(
            ErrorKind::Server,
            mark!("the server's answer cannot be understood"),
        )
        .because(e)
    })
}

/// One zstd frame.
pub fn pack(bytes: &[u8]) -> Result<Vec<u8>> {
    Ok(zstd::encode_all(bytes, 0)?)
}

/// Packs while it is read.
pub fn packing(source: impl Read) -> Result<impl Read> {
    let size = zstd::zstd_safe::CCtx::in_size();
    let source = std::io::BufReader::with_capacity(size, source);
    Ok(zstd::stream::read::Encoder::with_buffer(source, 0)?)
}

/// Unpacks while it is read; ends too early when the frame does.
pub fn unpacking(source: impl Read) -> Result<impl Read> {
    Ok(zstd::stream::read::Decoder::new(source)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_a_line_that_fits() {
        let message = |said: &str| {
            let meta = json!({"mod": 1, "scm": 1, "usn": 0, "ts": 0, "msg": said});
            parse::<Meta>(meta.to_string().as_bytes()).unwrap().message
        };
        assert_eq!(
            message(" Closed\non\u{1b}[2J Sunday\n"),
            "Closed on [2J Sunday"
        );
        assert_eq!(message(&"ä".repeat(1 << 20)), "ä".repeat(500));
    }

    #[test]
    fn graves_travel_in_order_and_in_pieces() {
        let graves = Graves {
            cards: (0..249).collect(),
            notes: vec![1, 2],
            decks: vec![3],
        };
        let chunks = graves.chunks();
        assert_eq!(chunks.len(), 2);
        assert_eq!((chunks[0].cards.len(), chunks[0].notes.len()), (249, 1));
        assert_eq!(
            (&chunks[1].notes[..], &chunks[1].decks[..]),
            (&[2][..], &[3][..])
        );
        assert!(Graves::default().chunks().is_empty());
        let old: Graves = parse(br#"{"cards":["12"],"notes":[3]}"#).unwrap();
        assert_eq!((old.cards, old.notes), (vec![12], vec![3]));
        assert!(parse::<Graves>(br#"{"cards":["x"]}"#).is_err());
    }

    #[test]
    fn a_frame_that_was_cut_is_an_error() {
        let packed = pack(&[7; 5000]).unwrap();
        let unpacked = |bytes: &[u8]| {
            let mut out = Vec::new();
            unpacking(bytes).unwrap().read_to_end(&mut out).map(|_| out)
        };
        assert_eq!(unpacked(&packed).unwrap(), [7; 5000]);
        assert!(unpacked(&packed[..packed.len() - 1]).is_err());
        assert!(unpacked(b"403").is_err());
    }
}
