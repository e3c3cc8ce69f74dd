//! The `media` entry of a package: which numbered zip entry is which file. Protobuf in the latest
//! generation, a JSON map before. Names are judged by `media::names`, not here.

use crate::base::error::{Error, Result};
use crate::mark;
use prost::Message as _;
use serde::Deserialize;
use std::collections::HashMap;

/// One media file of a package, as the list says; nothing of it is checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedMedia {
    /// Name of its zip entry, a number.
    pub entry: u32,
    pub name: String,
    /// Bytes when unpacked; the JSON list does not say.
    pub size: Option<u64>,
    pub sha1: Option<[u8; 20]>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct MediaEntries {
    #[prost(message, repeated, tag = "1")]
    entries: Vec<MediaEntry>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct MediaEntry {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(uint32, tag = "2")]
    size: u32,
    #[prost(bytes = "vec", tag = "3")]
    sha1: Vec<u8>,
    #[prost(uint32, optional, tag = "255")]
    legacy_zip_filename: Option<u32>,
}

/// Reads the list of the latest generation (already decompressed).
pub fn from_protobuf(bytes: &[u8]) -> Result<Vec<ListedMedia>> {
    let decoded = MediaEntries::decode(bytes).map_err(damaged)?;
    decoded
        .entries
        .into_iter()
        .enumerate()
        .map(|(index, entry)| {
            let sha1 = entry.sha1.as_slice().try_into().map_err(damaged)?;
            Ok(ListedMedia {
                entry: u32::try_from(index).map_err(damaged)?,
                name: entry.name,
                size: Some(entry.size.into()),
                sha1: Some(sha1),
            })
        })
        .collect()
}

/// Writes the list of the latest generation; the order gives the entry numbers.
#[must_use]
pub fn to_protobuf(media: &[ListedMedia]) -> Vec<u8> {
    let entries = media
        .iter()
        .map(|file| MediaEntry {
            name: file.name.clone(),
            // The writer refuses files over the limit, which fits.
            size: file.size.unwrap_or(0).try_into().unwrap_or(u32::MAX),
            sha1: file.sha1.map(Vec::from).unwrap_or_default(),
            legacy_zip_filename: None,
        })
        .collect();
    MediaEntries { entries }.encode_to_vec()
}

/// Reads the JSON map `{"0": "name"}`; gaps are allowed, an empty text is an empty map.
pub fn from_json(bytes: &[u8]) -> Result<Vec<ListedMedia>> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let pairs: Pairs = serde_json::from_slice(bytes).map_err(damaged)?;
    pairs
        .0
        .into_iter()
        .map(|(key, name)| {
            Ok(ListedMedia {
                entry: key.parse().map_err(damaged)?,
                name,
                size: None,
                sha1: None,
            })
        })
        .collect()
}

/// Writes the JSON map.
#[must_use]
pub fn to_json(media: &[ListedMedia]) -> Vec<u8> {
    let map: serde_json::Map<_, _> = media
        .iter()
        .map(|file| (file.entry.to_string(), file.name.clone().into()))
        .collect();
    serde_json::Value::Object(map).to_string().into_bytes()
}

/// The names that files had where the package was made, by those that they have in it, where other
/// systems refuse these. Other programs pass over it.
pub const ORIGINAL_NAMES: &str = "media-names.json";

/// Writes [`ORIGINAL_NAMES`].
#[must_use]
pub fn original_names_to_json<'a>(names: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let map: serde_json::Map<_, _> = names
        .map(|(name, original)| (name.to_owned(), original.into()))
        .collect();
    serde_json::Value::Object(map).to_string()
}

/// Reads [`ORIGINAL_NAMES`]; one that is damaged says nothing.
#[must_use]
pub fn original_names(bytes: &[u8]) -> HashMap<String, String> {
    serde_json::from_slice(bytes).unwrap_or_default()
}

/// A JSON object as it stands in the file: repeated keys are seen, not swallowed.
struct Pairs(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Pairs;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a map of numbers to file names")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

fn damaged(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::corrupt(mark!("the package's list of media files is damaged")).because(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(entry: u32, name: &str) -> ListedMedia {
        ListedMedia {
            entry,
            name: name.into(),
            size: Some(3),
            sha1: Some([7; 20]),
        }
    }

    #[test]
    fn protobuf_round_trip() {
        let list = vec![file(0, "a.png"), file(1, "ü.mp3")];
        assert_eq!(from_protobuf(&to_protobuf(&list)).unwrap(), list);
        assert!(from_protobuf(&[]).unwrap().is_empty());
    }

    #[test]
    fn short_hash_is_damage() {
        let bytes = MediaEntries {
            entries: vec![MediaEntry {
                name: "a".into(),
                sha1: vec![1; 5],
                ..Default::default()
            }],
        }
        .encode_to_vec();
        assert!(from_protobuf(&bytes).is_err());
    }

    #[test]
    fn json_with_gaps_and_repeated_keys() {
        let list = from_json(br#"{"5":"pic.png","00":"b"}"#).unwrap();
        assert_eq!((list[0].entry, list[1].entry), (5, 0));
        assert_eq!(from_json(br#"{"0":"a","0":"b"}"#).unwrap().len(), 2);
        assert!(from_json(b"").unwrap().is_empty());
        for bad in ["[]", "null", r#"{"-1":"a"}"#, r#"{"0":3}"#, "{"] {
            assert!(from_json(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
