//! Messages of media sync: JSON, mostly wrapped as `{"data": …, "err": ""}`, and the list inside
//! the zip files in which media travel. Names are judged by `media::names`, not here.

use crate::base::error::{Error, ErrorKind, Result, foreign_words};
use crate::base::hex;
use crate::mark;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// A file that the server tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerChange {
    pub name: String,
    pub usn: i64,
    /// None: deleted.
    pub sha1: Option<[u8; 20]>,
}

/// What became of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uploaded {
    /// The first so many of the batch were taken.
    pub processed: usize,
    /// The server's number of its latest change.
    pub usn: i64,
}

#[derive(Deserialize)]
struct Wrapped<T> {
    data: Option<T>,
    #[serde(default)]
    err: String,
}

fn unwrap<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let wrapped: Wrapped<T> = serde_json::from_slice(bytes).map_err(strange)?;
    match wrapped.data {
        Some(data) => Ok(data),
        None if wrapped.err.is_empty() => Err(strange("no data")),
        None => Err(Error::new(
            ErrorKind::Server,
            mark!(
                "the server refused: {reason}",
                reason = foreign_words(&wrapped.err)
            ),
        )),
    }
}

fn strange(e: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::corrupt(mark!(
        "the server's answer about media cannot be understood"
    ))
    .because(e)
}

/// `client` is the program's long name.
#[must_use]
pub fn begin(client: &str) -> Vec<u8> {
    json!({ "v": client }).to_string().into_bytes()
}

/// The server's number of its latest change.
pub fn begun(answer: &[u8]) -> Result<i64> {
    #[derive(Deserialize)]
    struct Begun {
        usn: i64,
    }
    Ok(unwrap::<Begun>(answer)?.usn)
}

#[must_use]
pub fn changes_since(usn: i64) -> Vec<u8> {
    json!({ "lastUsn": usn }).to_string().into_bytes()
}

pub fn changes(answer: &[u8]) -> Result<Vec<ServerChange>> {
    let rows: Vec<(String, i64, String)> = unwrap(answer)?;
    rows.into_iter()
        .map(|(name, usn, digits)| {
            let sha1 = match digits.as_str() {
                "" => None,
                digits => Some(sha1_from_hex(digits).ok_or_else(|| strange("a bad checksum"))?),
            };
            Ok(ServerChange { name, usn, sha1 })
        })
        .collect()
}

#[must_use]
pub fn download(names: &[String]) -> Vec<u8> {
    json!({ "files": names }).to_string().into_bytes()
}

pub fn uploaded(answer: &[u8]) -> Result<Uploaded> {
    let (processed, usn) = unwrap(answer)?;
    Ok(Uploaded { processed, usn })
}

#[must_use]
pub fn sanity(files: u64) -> Vec<u8> {
    json!({ "local": files }).to_string().into_bytes()
}

/// Whether both sides hold equally many files.
pub fn is_sane(answer: &[u8]) -> Result<bool> {
    Ok(unwrap::<String>(answer)? == "OK")
}

/// The list in an upload: for each name its zip entry, or None for a deletion.
#[must_use]
pub fn upload_list(entries: &[(&str, Option<String>)]) -> Vec<u8> {
    json!(entries).to_string().into_bytes()
}

/// The list in a download: zip entry and name.
pub fn download_list(bytes: &[u8]) -> Result<Vec<(String, String)>> {
    let map: Map<String, Value> = serde_json::from_slice(bytes).map_err(strange)?;
    map.into_iter()
        .map(|(entry, name)| match name {
            Value::String(name) => Ok((entry, name)),
            _ => Err(strange("a name that is no text")),
        })
        .collect()
}

/// As a server reads [`upload_list`]: names, each with its zip entry, or None for a deletion.
pub fn uploaded_list(bytes: &[u8]) -> Result<Vec<(String, Option<String>)>> {
    let list: Vec<(String, Option<String>)> = serde_json::from_slice(bytes).map_err(strange)?;
    let stays = |entry: Option<String>| entry.filter(|entry| !entry.is_empty());
    Ok(list
        .into_iter()
        .map(|(n, entry)| (n, stays(entry)))
        .collect())
}

/// As a server writes what [`download_list`] reads.
#[must_use]
pub fn served_list(names: &[(&str, Option<String>)]) -> Vec<u8> {
    let entry = |(name, entry): &(&str, Option<String>)| Some((entry.clone()?, json!(name)));
    let map: Map<String, Value> = names.iter().filter_map(entry).collect();
    Value::Object(map).to_string().into_bytes()
}

/// An answer of a server.
#[must_use]
pub fn wrapped(data: &Value) -> Vec<u8> {
    json!({"data": data, "err": ""}).to_string().into_bytes()
}

/// A server's list of changes.
#[must_use]
pub fn listed(changes: &[ServerChange]) -> Vec<u8> {
    let row = |change: &ServerChange| {
        let digits = change.sha1.as_ref().map(sha1_to_hex).unwrap_or_default();
        json!([change.name, change.usn, digits])
    };
    wrapped(&changes.iter().map(row).collect())
}

/// None unless it is 40 digits.
#[must_use]
pub fn sha1_from_hex(digits: &str) -> Option<[u8; 20]> {
    if digits.len() != 40 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut sha1 = [0; 20];
    for (at, byte) in sha1.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(sha1)
}

/// As 40 lower-case digits.
#[must_use]
pub fn sha1_to_hex(sha1: &[u8; 20]) -> String {
    hex(sha1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_and_strange_ones_refused() {
        assert_eq!(
            begun(br#"{"data":{"usn":3,"sk":"x"},"err":""}"#).unwrap(),
            3
        );
        let digits = "0a".repeat(20);
        let rows = format!(r#"{{"data":[["a.png",1,"{digits}"],["b",2,""]],"err":""}}"#);
        let changes = changes(rows.as_bytes()).unwrap();
        assert_eq!(changes[0].sha1, Some([10; 20]));
        assert_eq!((changes[1].usn, changes[1].sha1), (2, None));
        let up = uploaded(br#"{"data":[3,9],"err":""}"#).unwrap();
        assert_eq!((up.processed, up.usn), (3, 9));
        assert!(is_sane(br#"{"data":"OK","err":""}"#).unwrap());
        assert!(!is_sane(br#"{"data":"mediaSanity","err":""}"#).unwrap());
        let refused = uploaded(br#"{"data":null,"err":"too much"}"#).unwrap_err();
        assert!(refused.to_string().contains("too much"));
        for bad in [
            "",
            "[]",
            "null",
            r#"{"data":null,"err":""}"#,
            r#"{"data":[1]}"#,
        ] {
            assert!(uploaded(bad.as_bytes()).is_err(), "{bad}");
        }
        let bad_sum = br#"{"data":[["a",1,"zz"]],"err":""}"#;
        assert!(super::changes(bad_sum).is_err());
        assert_eq!(
            upload_list(&[("a", Some("0".into())), ("b", None)]),
            br#"[["a","0"],["b",null]]"#
        );
        let list = download_list(br#"{"0":"a","1":"b"}"#).unwrap();
        assert_eq!(list[1], ("1".to_owned(), "b".to_owned()));
        assert!(download_list(br#"{"0":1}"#).is_err());
        let sent = uploaded_list(br#"[["a","0"],["b",null],["c",""]]"#).unwrap();
        assert_eq!(sent[0], ("a".to_owned(), Some("0".to_owned())));
        assert!(sent[1].1.is_none() && sent[2].1.is_none());
        assert!(uploaded_list(br#"{"0":"a"}"#).is_err());
        let told = [ServerChange {
            name: "a".into(),
            usn: 1,
            sha1: Some([10; 20]),
        }];
        assert_eq!(super::changes(&listed(&told)).unwrap(), told);
        let served = served_list(&[("a", Some("0".into()))]);
        assert_eq!(download_list(&served).unwrap().len(), 1);
    }
}
