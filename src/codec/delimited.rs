//! Text files with notes: the header lines that begin with `#`, what separates the columns, and
//! the records. Names of note types and decks are looked up above, in `collection::text_import`.

use crate::base::{Error, Result};
use crate::domain::text_import::{Column, Delimiter, ExistingNotes, MatchScope};
use crate::mark;
use regex::Regex;
use std::io::{Chain, Read as _};
use std::sync::LazyLock;

/// Bytes after the header in which a separator is looked for.
const SAMPLE_BYTES: usize = 8 << 10;
/// Records that tell whether fields are HTML, and that are shown.
pub const SAMPLE_RECORDS: usize = 5;
/// The first line of old files of deleted notes.
const OLD_DELETED: &str = "nid\tmid\tfields";
const DELETED: &str = "#nid\tmid\tfields";

/// What the header says. None: nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Header {
    pub delimiter: Option<Delimiter>,
    pub is_html: Option<bool>,
    pub tags: Vec<String>,
    pub columns: Option<Vec<String>>,
    /// Names or ids; the last one that there is counts, before the column.
    pub notetypes: Vec<String>,
    /// Name or id; then there is no column.
    pub deck: Option<String>,
    /// The notetypes are those named behind it.
    pub notetype_column: Option<Column>,
    pub deck_column: Option<Column>,
    pub tags_column: Option<Column>,
    pub guid_column: Option<Column>,
    pub existing: Option<ExistingNotes>,
    pub scope: Option<MatchScope>,
    /// A file of deleted notes: fields stand as they are, without quotes around them.
    pub is_deleted_log: bool,
}

/// Reads the header; also returns the text after it.
#[must_use]
pub fn header(text: &str) -> (Header, &str) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut header = Header::default();
    // Old programs end lines by this alone.
    let end = if text.contains('\n') { '\n' } else { '\r' };
    let (first, after) = first_line(text, end);
    if first == OLD_DELETED {
        header.set_deleted_log();
        return (header, after);
    }
    let mut rest = text;
    if let Some(tags) = first.strip_prefix("tags:") {
        header.tags = split_tags(tags);
        rest = after;
    }
    while rest.starts_with('#') {
        let (line, mut next) = first_line(rest, end);
        if line == DELETED {
            header.set_deleted_log();
        } else if let Some((key, value)) = line[1..].split_once(':') {
            let key = key.trim().to_lowercase();
            let value = if key == "columns" {
                let (value, after) = balanced(rest, line.len() - value.len(), end);
                next = after;
                value
            } else {
                value
            };
            header.set(&key, value);
        }
        rest = next;
    }
    (header, rest)
}

/// The first line, without what ends it; and what follows.
fn first_line(text: &str, end: char) -> (&str, &str) {
    let (line, rest) = text.split_once(end).unwrap_or((text, ""));
    (line.strip_suffix('\r').unwrap_or(line), rest)
}

/// A value that begins at `from` and goes on over line breaks within quotes; and what follows.
fn balanced(text: &str, from: usize, end: char) -> (&str, &str) {
    let mut quoted = false;
    for (at, c) in text.char_indices().skip_while(|(at, _)| *at < from) {
        match c {
            '"' => quoted = !quoted,
            c if c == end && !quoted => {
                let value = text.get(from..at).unwrap_or_default();
                return (
                    value.strip_suffix('\r').unwrap_or(value),
                    text.get(at + 1..).unwrap_or_default(),
                );
            }
            _ => {}
        }
    }
    (text.get(from..).unwrap_or_default(), "")
}

impl Header {
    fn set_deleted_log(&mut self) {
        self.is_deleted_log = true;
        self.delimiter = Some(Delimiter::Tab);
        self.is_html = Some(true);
        self.guid_column = Some(1);
        self.notetype_column = Some(2);
    }

    fn set(&mut self, key: &str, value: &str) {
        match key {
            "separator" => {
                if let Some(delimiter) = delimiter_named(value) {
                    self.delimiter = Some(delimiter);
                }
            }
            "html" => match short(value).to_ascii_lowercase().as_str() {
                "true" => self.is_html = Some(true),
                "false" => self.is_html = Some(false),
                _ => {}
            },
            "tags" => self.tags = split_tags(value),
            "columns" => {
                let delimiter = self.delimiter.unwrap_or_default();
                let mut records = Records::new(value, delimiter, true);
                self.columns = records.next().and_then(Result::ok);
            }
            "notetype" => self.notetypes.push(value.to_owned()),
            "deck" if !value.is_empty() => {
                self.deck = Some(value.to_owned());
                self.deck_column = None;
            }
            "notetype column" if set_column(&mut self.notetype_column, value) => {
                self.notetypes.clear();
            }
            "deck column" if set_column(&mut self.deck_column, value) => self.deck = None,
            "tags column" => {
                set_column(&mut self.tags_column, value);
            }
            "guid column" => {
                set_column(&mut self.guid_column, value);
            }
            "if matches" => match value {
                "update current" => self.existing = Some(ExistingNotes::Update),
                "keep current" => self.existing = Some(ExistingNotes::Preserve),
                "keep both" => self.existing = Some(ExistingNotes::Duplicate),
                _ => {}
            },
            "match scope" => match value {
                "notetype" => self.scope = Some(MatchScope::Notetype),
                "notetype + deck" => self.scope = Some(MatchScope::NotetypeAndDeck),
                _ => {}
            },
            _ => {}
        }
    }
}

/// Whether it was a number.
fn set_column(column: &mut Option<Column>, value: &str) -> bool {
    let number = short(value).trim().parse().ok();
    *column = number.or(*column);
    number.is_some()
}

/// Without what spreadsheets append: `true,,,` is `true`.
fn short(value: &str) -> &str {
    let end = value
        .char_indices()
        .skip(1)
        .find(|(_, c)| !c.is_ascii_alphanumeric())
        .map_or(value.len(), |(at, _)| at);
    &value[..end]
}

fn delimiter_named(value: &str) -> Option<Delimiter> {
    let value = short(value);
    Delimiter::ALL.into_iter().find(|delimiter| {
        value.trim().eq_ignore_ascii_case(delimiter.name())
            || value.as_bytes() == [delimiter.byte()]
    })
}

/// Tags separated by white space.
#[must_use]
pub fn split_tags(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// The separator that the text seems to have.
#[must_use]
pub fn guess_delimiter(text: &str) -> Delimiter {
    let sample = &text[..text.floor_char_boundary(SAMPLE_BYTES)];
    Delimiter::ALL
        .into_iter()
        .find(|delimiter| sample.as_bytes().contains(&delimiter.byte()))
        .unwrap_or(Delimiter::Space)
}

/// Whether any of the fields holds what could be an HTML tag: anything between `<` and `>`.
#[must_use]
pub fn looks_like_html(records: &[Vec<String>]) -> bool {
    static TAG: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("<[^>]*>").ok());
    TAG.as_ref()
        .is_some_and(|tag| records.iter().flatten().any(|field| tag.is_match(field)))
}

/// The records of a text without its header. Lines that begin with `#`, and empty ones, are none.
pub struct Records<'a> {
    reader: csv::StringRecordsIntoIter<Chain<&'a [u8], &'a [u8]>>,
}

impl<'a> Records<'a> {
    /// `quotes`: whether fields may stand in double quotes.
    #[must_use]
    pub fn new(text: &'a str, delimiter: Delimiter, quotes: bool) -> Self {
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .comment(Some(b'#'))
            .delimiter(delimiter.byte())
            .quoting(quotes)
            // A mark of the byte order at the beginning of a row is part of it, not of the file.
            .from_reader(b"\n".as_slice().chain(text.as_bytes()));
        Self {
            reader: reader.into_records(),
        }
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Vec<String>>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = self.reader.next()?;
        Some(
            record
                .map(|record| record.iter().map(str::to_owned).collect())
                .map_err(|e| Error::invalid(mark!("a line of the file cannot be read")).because(e)),
        )
    }
}

/// One line of a text file: fields quoted where they must be.
pub fn write_record<S: AsRef<[u8]>>(
    out: &mut csv::Writer<impl std::io::Write>,
    fields: impl IntoIterator<Item = S>,
) -> Result<()> {
    out.write_record(fields).map_err(|e| {
        let said = e.to_string();
        match e.into_kind() {
            // As the writer below said it: a full disk, or that the user cancelled.
            csv::ErrorKind::Io(e) => Error::from(e),
            _ => Error::from(std::io::Error::other(said)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ErrorKind;

    fn columns(text: &str) -> Option<Vec<String>> {
        header(text).0.columns
    }

    #[test]
    fn headers_are_read_as_anki_reads_them() {
        let (h, rest) = header(
            "#separator:Semicolon\n#html:TRUE,,,\n#tags:x  y\n#Tags Column:3;\n#if matches:keep both\n\
             #match scope:notetype + deck\n# a note\nrow",
        );
        assert_eq!(h.delimiter, Some(Delimiter::Semicolon));
        assert_eq!(h.is_html, Some(true));
        assert_eq!(h.tags, ["x", "y"]);
        assert_eq!(h.tags_column, Some(3));
        assert_eq!(h.existing, Some(ExistingNotes::Duplicate));
        assert_eq!(h.scope, Some(MatchScope::NotetypeAndDeck));
        assert_eq!(rest, "row");
        assert_eq!(
            header("\u{feff}#separator:|\r\nx").0.delimiter,
            Some(Delimiter::Pipe)
        );
        assert_eq!(header("tags:a b\nq\ta").0.tags, ["a", "b"]);
    }

    #[test]
    fn a_space_may_stand_before_the_name_of_a_separator() {
        for (line, expected) in [
            ("# separator: tab", Some(Delimiter::Tab)),
            ("#separator: Comma ", Some(Delimiter::Comma)),
            ("#separator:\u{a0}pipe", Some(Delimiter::Pipe)),
            // One sign alone stands for itself, as does a space before anything but a name.
            ("#separator:, ", Some(Delimiter::Comma)),
            ("#separator: ,", Some(Delimiter::Space)),
            ("#separator:  tab", Some(Delimiter::Space)),
            ("#separator: tabs", None),
        ] {
            assert_eq!(header(line).0.delimiter, expected, "{line}");
        }
        assert_eq!(header("#tags column: 2").0.tags_column, Some(2));
        assert_eq!(header("#tags column: +2").0.tags_column, None);
    }

    #[test]
    fn lines_may_end_as_old_programs_end_them() {
        let (h, rest) = header("#separator:comma\r#columns:\"a,\rb\",c\r#html:true\rx,y\rz,w\r");
        assert_eq!(h.delimiter, Some(Delimiter::Comma));
        assert_eq!(h.columns.unwrap(), ["a,\rb", "c"]);
        assert_eq!((h.is_html, rest), (Some(true), "x,y\rz,w\r"));
        let rows: Vec<_> = Records::new(rest, Delimiter::Comma, true)
            .collect::<Result<_>>()
            .unwrap();
        assert_eq!(rows, [["x", "y"], ["z", "w"]]);
        assert_eq!(header("tags:a b\rq\ta").1, "q\ta");
        assert_eq!(header("#html:false\r\nx\ry").1, "x\ry");
    }

    #[test]
    fn column_names_may_hold_separators_and_line_breaks() {
        assert_eq!(columns("#columns:A B\tC\nx").unwrap(), ["A B", "C"]);
        let (h, rest) = header("#separator:,\n#columns:\"a,\nb\",c\nx,y");
        assert_eq!(h.columns.unwrap(), ["a,\nb", "c"]);
        assert_eq!(rest, "x,y");
    }

    #[test]
    fn records_keep_quotes_and_line_breaks() {
        let text = "a\t\"b\nc\"\n#no\n\n\"d\"\"e\"\n";
        let records: Vec<_> = Records::new(text, Delimiter::Tab, true)
            .collect::<Result<_>>()
            .unwrap();
        assert_eq!(records, [vec!["a", "b\nc"], vec!["d\"e"]]);
    }

    #[test]
    fn what_keeps_a_line_from_being_written_is_named() {
        struct Full;
        impl std::io::Write for Full {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(std::io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let mut out = csv::WriterBuilder::new()
            .buffer_capacity(1)
            .from_writer(Full);
        let error = write_record(&mut out, ["more than the buffer"]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DiskFull, "{error}");
    }

    #[test]
    fn separators_are_guessed_in_ankis_order() {
        assert_eq!(guess_delimiter("a,b|c"), Delimiter::Pipe);
        assert_eq!(guess_delimiter("a, b"), Delimiter::Comma);
        assert_eq!(guess_delimiter("ab"), Delimiter::Space);
    }

    #[test]
    fn both_files_of_deleted_notes_are_known() {
        for text in [
            "nid\tmid\tfields\n1\t2\tx",
            "#guid column:1\n#notetype column:2\n#nid\tmid\tfields\n1\t2\tx",
        ] {
            let (h, rest) = header(text);
            assert!(h.is_deleted_log);
            assert_eq!((h.guid_column, h.notetype_column), (Some(1), Some(2)));
            assert_eq!(rest, "1\t2\tx");
        }
    }
}
