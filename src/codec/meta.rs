//! The `meta` entry of a package: which generation of the container it is. Only the two or so
//! bytes; the container itself is `formats`.

use crate::base::error::{Error, ErrorKind, Result};
use crate::mark;
use prost::Message as _;

/// How a package is laid out: the `version` of Anki's package metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Generation {
    /// `collection.anki2`, schema 11; no `meta` entry.
    Legacy1,
    /// `collection.anki21`, schema 11, JSON media list.
    Legacy2,
    /// `collection.anki21b`, schema 18, zstd, protobuf media list.
    Latest,
}

#[derive(Clone, PartialEq, prost::Message)]
struct PackageMetadata {
    #[prost(int32, tag = "1")]
    version: i32,
}

impl Generation {
    /// Name of the zip entry that holds the real collection.
    #[must_use]
    pub fn collection_entry(self) -> &'static str {
        match self {
            Self::Legacy1 => "collection.anki2",
            Self::Legacy2 => "collection.anki21",
            Self::Latest => "collection.anki21b",
        }
    }

    /// Whether collection, media and media list are zstd frames.
    #[must_use]
    pub fn is_zstd(self) -> bool {
        self == Self::Latest
    }

    /// Content of the `meta` entry.
    #[must_use]
    pub fn to_meta(self) -> Vec<u8> {
        let version = match self {
            Self::Legacy1 => 1,
            Self::Legacy2 => 2,
            Self::Latest => 3,
        };
        PackageMetadata { version }.encode_to_vec()
    }

    /// Reads the `meta` entry; a version that we do not know is newer than us.
    pub fn from_meta(meta: &[u8]) -> Result<Self> {
        let decoded = PackageMetadata::decode(meta).map_err(|e| {
            Error::corrupt(mark!("the package's description is damaged")).because(e)
        })?;
        match decoded.version {
            1 => Ok(Self::Legacy1),
            2 => Ok(Self::Legacy2),
            3 => Ok(Self::Latest),
            _ => Err(Error::new(
                ErrorKind::TooNew,
                mark!("the package was made by a newer version of Anki"),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_bytes_as_anki_writes_them() {
        assert_eq!(Generation::Latest.to_meta(), [8, 3]);
        assert_eq!(Generation::Legacy2.to_meta(), [8, 2]);
    }

    #[test]
    fn unknown_fields_are_fine_and_unknown_versions_are_not() {
        assert_eq!(
            Generation::from_meta(&[8, 3, 0x78, 5]).unwrap(),
            Generation::Latest
        );
        for meta in [&[][..], &[8, 0], &[8, 99]] {
            let error = Generation::from_meta(meta).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TooNew);
        }
        let error = Generation::from_meta(&[8, 0x80]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt);
    }
}
