//! Media on their way to or from a sync server: a zip of stored entries `0`, `1`, … and a list
//! `_meta` that says which is which. Both are small enough to be held in memory.

use super::zip_guard::{check_archive, read_error, zip_error};
use crate::base::error::{Error, ErrorKind, Result};
use crate::codec::media_sync;
use crate::mark;
use std::io::{Cursor, Read as _, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// Files and deletions in one zip.
pub const MAX_FILES: usize = 25;
/// No more files are added beyond so many bytes.
const FULL_BYTES: u64 = 2_621_440;
/// A larger file does not travel.
pub const MAX_FILE_BYTES: u64 = 100 << 20;
const LIST: &str = "_meta";

/// A file's name, and its entry in the zip unless it is gone.
type Listed<'a> = (&'a str, Option<String>);
const MAX_LIST_BYTES: u64 = 50 << 10;
/// Only written down by the server.
const TOO_MANY: &str = "a client sent more media at once than it may";

/// A batch being put together for upload.
#[derive(Debug, Default)]
pub struct Outgoing {
    entries: Vec<(String, Option<Vec<u8>>)>,
    bytes: u64,
}

impl Outgoing {
    /// Whether it takes no more.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.entries.len() >= MAX_FILES || self.bytes > FULL_BYTES
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds a file, or a deletion when there is no content.
    pub fn add(&mut self, name: &str, content: Option<Vec<u8>>) {
        self.bytes += content.as_ref().map_or(0, |c| c.len() as u64);
        self.entries.push((name.to_owned(), content));
    }

    /// The zip for a server.
    pub fn finish(self) -> Result<Vec<u8>> {
        self.zip(media_sync::upload_list)
    }

    /// The zip for a client.
    pub fn finish_for_client(self) -> Result<Vec<u8>> {
        self.zip(media_sync::served_list)
    }

    fn zip(self, listed: fn(&[Listed<'_>]) -> Vec<u8>) -> Result<Vec<u8>> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let mut list = Vec::new();
        for (number, (name, content)) in self.entries.iter().enumerate() {
            let entry = content.as_ref().map(|_| number.to_string());
            if let (Some(entry), Some(content)) = (&entry, content) {
                zip.start_file(entry, options).map_err(zip_error)?;
                zip.write_all(content)?;
            }
            list.push((name.as_str(), entry));
        }
        zip.start_file(LIST, options).map_err(zip_error)?;
        zip.write_all(&listed(&list))?;
        Ok(zip.finish().map_err(zip_error)?.into_inner())
    }
}

/// A batch that came from the server.
pub struct Incoming<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// Zip entry and name.
    list: Vec<(String, String)>,
}

impl<'a> Incoming<'a> {
    /// Looks at the directory and the list; refuses names that were not asked for.
    pub fn open(bytes: &'a [u8], asked: &[String]) -> Result<Self> {
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(zip_error)?;
        check_archive(&mut zip)?;
        let list = media_sync::download_list(&read_entry(&mut zip, LIST, MAX_LIST_BYTES)?)?;
        let mut seen = std::collections::HashSet::new();
        for (_, name) in &list {
            if !asked.contains(name) || !seen.insert(name) {
                return Err(Error::new(
                    ErrorKind::Refused,
                    mark!("the server sent a media file that was not asked for"),
                ));
            }
        }
        Ok(Self { zip, list })
    }

    /// The names that came, perhaps not all that were asked for.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|(_, name)| name.as_str())
    }

    /// The content of the file that is number `index` of [`Self::names`].
    pub fn content(&mut self, index: usize) -> Result<Vec<u8>> {
        let (entry, _) = &self.list[index];
        read_entry(&mut self.zip, &entry.clone(), MAX_FILE_BYTES)
    }
}

/// Reads a batch that a client sent: each name with its content, or None for a deletion.
///
/// # Errors
/// Where it is no such batch, or holds more than clients send.
pub fn uploaded(bytes: &[u8]) -> Result<Vec<(String, Option<Vec<u8>>)>> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(zip_error)?;
    check_archive(&mut zip)?;
    let list = media_sync::uploaded_list(&read_entry(&mut zip, LIST, MAX_LIST_BYTES)?)?;
    let mut seen = std::collections::HashSet::new();
    if list.len() > MAX_FILES || !list.iter().all(|(name, _)| seen.insert(name)) {
        return Err(Error::new(ErrorKind::Refused, TOO_MANY));
    }
    let mut files = Vec::with_capacity(list.len());
    let mut bytes = 0;
    for (name, entry) in list {
        let content = match entry {
            Some(entry) => Some(read_entry(&mut zip, &entry, MAX_FILE_BYTES)?),
            None => None,
        };
        bytes += content.as_ref().map_or(0, Vec::len) as u64;
        if bytes > FULL_BYTES + MAX_FILE_BYTES {
            return Err(Error::new(ErrorKind::Refused, TOO_MANY));
        }
        files.push((name, content));
    }
    Ok(files)
}

fn read_entry(zip: &mut ZipArchive<Cursor<&[u8]>>, name: &str, limit: u64) -> Result<Vec<u8>> {
    let mut content = Vec::new();
    let entry = zip.by_name(name).map_err(zip_error)?;
    let read = entry.take(limit + 1).read_to_end(&mut content);
    if read.map_err(read_error)? as u64 > limit {
        return Err(Error::new(
            ErrorKind::Refused,
            mark!("the server sent a media file that is larger than it may be"),
        ));
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_server(list: &str, files: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default();
        for (name, content) in files.iter().chain(&[(LIST, list)]) {
            zip.start_file(*name, options).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn what_was_asked_for_is_read() {
        let zip = from_server(r#"{"0":"a.png","1":"é.png"}"#, &[("0", "A"), ("1", "E")]);
        let asked = ["a.png".to_owned(), "é.png".into(), "later".into()];
        let mut batch = Incoming::open(&zip, &asked).unwrap();
        assert_eq!(batch.names().collect::<Vec<_>>(), ["a.png", "é.png"]);
        assert_eq!(batch.content(1).unwrap(), b"E");
    }

    #[test]
    fn hostile_batches_are_refused() {
        let asked = ["a".to_owned()];
        for zip in [
            from_server(r#"{"0":"../a"}"#, &[("0", "x")]),
            from_server(r#"{"0":"b"}"#, &[("0", "x")]),
            from_server(r#"{"0":"a","1":"a"}"#, &[("0", "x"), ("1", "y")]),
            from_server(r#"{"../x":"a"}"#, &[("../x", "x")]),
            from_server("[]", &[("0", "x")]),
            from_server(&format!(r#"{{"0":"{}"}}"#, "a".repeat(60_000)), &[]),
            b"no zip".to_vec(),
        ] {
            assert!(Incoming::open(&zip, &asked).is_err());
        }
        let missing = from_server(r#"{"0":"a"}"#, &[]);
        let mut batch = Incoming::open(&missing, &asked).unwrap();
        assert!(batch.content(0).is_err());
    }

    #[test]
    fn a_server_reads_what_clients_send_and_writes_what_they_read() {
        let mut batch = Outgoing::default();
        batch.add("a.png", Some(b"A".to_vec()));
        batch.add("gone", None);
        let read = uploaded(&batch.finish().unwrap()).unwrap();
        let want = [
            ("a.png".to_owned(), Some(b"A".to_vec())),
            ("gone".into(), None),
        ];
        assert_eq!(read, want);
        let mut batch = Outgoing::default();
        batch.add("é.png", Some(b"E".to_vec()));
        let zip = batch.finish_for_client().unwrap();
        let mut read = Incoming::open(&zip, &["é.png".to_owned()]).unwrap();
        assert_eq!(read.content(0).unwrap(), b"E");
        for list in [
            r#"[["a","0"],["a","0"]]"#.to_owned(),
            r#"[["a","9"]]"#.to_owned(),
            "{}".to_owned(),
            format!(
                "[{}[\"z\",null]]",
                (0..25)
                    .map(|n| format!("[\"{n}\",null],"))
                    .collect::<String>()
            ),
        ] {
            assert!(
                uploaded(&from_server(&list, &[("0", "x")])).is_err(),
                "{list}"
            );
        }
    }

    #[test]
    fn a_batch_is_full_by_number_or_by_size() {
        let mut batch = Outgoing::default();
        for number in 0..MAX_FILES {
            assert!(!batch.is_full());
            batch.add(&number.to_string(), None);
        }
        assert!(batch.is_full());
        let mut batch = Outgoing::default();
        batch.add("large", Some(vec![0; 3 << 20]));
        assert!(batch.is_full());
        batch.finish().unwrap();
    }
}
