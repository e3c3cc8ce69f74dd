//! Paths in JSON. One that is Unicode is a text; one that is not is its bytes in hexadecimal beside
//! what can be shown of it, so that nothing is lost and no other file is named.

use super::hex;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::path::{Path, PathBuf};

/// A path on its way into JSON.
#[derive(Debug, Clone, Copy)]
pub struct JsonPath<'a>(pub &'a Path);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Bytes { shown: String, bytes: String },
}

impl Serialize for JsonPath<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let bytes = self.0.as_os_str().as_encoded_bytes();
        let written = match self.0.to_str() {
            Some(text) => Written::Text(text.to_owned()),
            None => Written::Bytes {
                shown: self.0.display().to_string(),
                bytes: hex(bytes),
            },
        };
        written.serialize(to)
    }
}

/// For `serde(with)`.
pub fn serialize<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
    JsonPath(path).serialize(to)
}

/// For `serde(with)`.
pub fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<PathBuf, D::Error> {
    Written::deserialize(from).map(path_of)
}

/// For `serde(with)` of what may be missing.
pub mod optional {
    use super::{Deserialize, Deserializer, JsonPath, PathBuf, Serialize, Serializer, Written};

    /// For `serde(with)`.
    pub fn serialize<S: Serializer>(path: &Option<PathBuf>, to: S) -> Result<S::Ok, S::Error> {
        path.as_deref().map(JsonPath).serialize(to)
    }

    /// For `serde(with)`.
    pub fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Option<PathBuf>, D::Error> {
        let written = Option::<Written>::deserialize(from)?;
        Ok(written.map(super::path_of))
    }
}

fn path_of(written: Written) -> PathBuf {
    match written {
        Written::Text(text) => text.into(),
        Written::Bytes { shown, bytes } => of_bytes(&bytes).unwrap_or_else(|| shown.into()),
    }
}

#[cfg(unix)]
fn of_bytes(hex: &str) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt as _;
    let pairs = hex.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = pairs.map(byte).collect();
    Some(std::ffi::OsString::from_vec(bytes?).into())
}

/// Elsewhere it is only shown again.
#[cfg(not(unix))]
fn of_bytes(_: &str) -> Option<PathBuf> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Kept {
        #[serde(with = "super")]
        path: PathBuf,
        #[serde(with = "super::optional", default)]
        other: Option<PathBuf>,
    }

    fn goes_and_comes(path: PathBuf, written: serde_json::Value) {
        let kept = Kept {
            other: Some(path.clone()),
            path,
        };
        let value = serde_json::to_value(&kept).unwrap();
        assert_eq!(value, json!({"path": written, "other": written}));
        assert_eq!(serde_json::from_value::<Kept>(value).unwrap(), kept);
    }

    #[test]
    fn a_path_comes_back_as_it_was() {
        goes_and_comes("a/ü.colpkg".into(), json!("a/ü.colpkg"));
        let none: Kept = serde_json::from_value(json!({"path": "a"})).unwrap();
        assert_eq!(none.other, None);
    }

    #[cfg(unix)]
    #[test]
    fn so_does_one_that_is_no_unicode() {
        use std::os::unix::ffi::OsStringExt as _;
        let name = std::ffi::OsString::from_vec(b"a/\xff.colpkg".to_vec());
        let written = json!({"shown": "a/\u{fffd}.colpkg", "bytes": "612fff2e636f6c706b67"});
        goes_and_comes(name.into(), written);
    }
}
