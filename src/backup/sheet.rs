//! Recovery sheets: one page to print, with all that whoever finds it needs to get the cards back.
//! Here are what all of them have in common and that of an encrypted export; that of a vault is in
//! `vault::sheet`. Pure but for `write` and `beside`.

use super::readme;
use crate::base::Result;
use crate::base::error::AtPath as _;
use crate::base::files::{self, PartialFile};
use crate::base::time::Clock;
use crate::domain::encrypted::plain_name;
use crate::formats::encryption::Lock;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// In commands, in the place of what is not known.
const KEY_FILE: &str = "FILE-OF-THE-PRIVATE-KEY";

/// What stands on the sheet of an encrypted file. Its password never does: the sheet is made for
/// lying beside the file, and there is a line to write it on.
#[derive(Debug, Clone)]
pub struct ExportSheet {
    file: PathBuf,
    /// Public keys; none for a password.
    recipients: Vec<String>,
    profile: String,
    /// The local date.
    made: String,
}

impl ExportSheet {
    /// Of a file that was just written with `lock`.
    #[must_use]
    pub fn of(file: &Path, lock: &Lock, profile: &str, clock: &Clock) -> Self {
        Self {
            file: file.to_owned(),
            recipients: match lock {
                Lock::Password(_) => Vec::new(),
                Lock::Recipients(keys) => keys.iter().map(ToString::to_string).collect(),
            },
            profile: profile.to_owned(),
            made: today(clock),
        }
    }

    /// Readable by its owner alone, whole or not at all, and in the place of nothing.
    pub fn write(&self, out: &Path) -> Result<()> {
        let mut partial = PartialFile::create_in_room(out)?;
        partial.file().write_all(self.page().as_bytes()).at(out)?;
        partial.commit_new()
    }

    /// As HTML that needs nothing else.
    #[must_use]
    pub fn page(&self) -> String {
        let name = name(&self.file);
        let folder = std::path::absolute(&self.file).unwrap_or_else(|_| self.file.clone());
        let folder = folder.parent().unwrap_or(Path::new("")).display();
        let mut body = String::new();
        self.key(&mut body);
        self.with_engram(&mut body, &name);
        self.without(&mut body, &name);
        page(
            &self.profile,
            "an encrypted file that Engram made",
            "file",
            &[
                ("Profile", &self.profile),
                ("Name of the file", &name),
                ("Where it was written", &folder.to_string()),
                ("This sheet is of", &self.made),
            ],
            &body,
        )
    }

    fn key(&self, body: &mut String) {
        if self.recipients.is_empty() {
            body.push_str(&line(
                "Password of the file",
                "Write it here by hand, or where it is kept. Without it nobody can open the file, and \
                 Engram does not print it.",
            ));
            return;
        }
        body.push_str(&line(
            "Private key",
            "Write down where the file of the private key (AGE-SECRET-KEY-…) is kept. Without it \
             nobody can open the file. It belongs to a public key that is one of these:",
        ));
        for key in &self.recipients {
            let _ = writeln!(body, "<p><code>{}</code></p>", escaped(key));
        }
    }

    fn with_engram(&self, body: &mut String, name: &str) {
        let plain = self.plain();
        let for_keys = !self.recipients.is_empty();
        // What is imported: the file, or what came out of it.
        let (file, password) = match for_keys {
            true => (escaped(&plain), ""),
            false => (escaped(name), ", and type the password"),
        };
        let mut steps = vec!["Install Engram on any computer.".to_owned()];
        if for_keys {
            steps.push(format!(
                "In a terminal, in the folder of the file, type <code>engram-cli backup decrypt {} {} \
                 --identity {KEY_FILE}</code>.",
                escaped(&quoted(name)),
                escaped(&quoted(&plain))
            ));
        }
        steps.push(match (&*self.kind(), for_keys) {
            ("zip", true) => format!("Unpack the file <code>{file}</code>: one text for each note."),
            ("zip", false) => format!(
                "Choose Backups &gt; Decrypt File… and the file <code>{file}</code>, type the password, \
                 and unpack what is saved: one text for each note."
            ),
            ("colpkg", _) => format!(
                "Make a new profile, so that no other cards are replaced. Choose File &gt; Import and \
                 the file <code>{file}</code>{password}. Cards, reviews, history, preferences, and \
                 sounds and pictures that were exported, are there again."
            ),
            _ => format!(
                "Choose File &gt; Import and the file <code>{file}</code>{password}. What is in it is \
                 added to the collection."
            ),
        });
        let steps: Vec<String> = steps
            .iter()
            .map(|step| format!("<li>{step}</li>"))
            .collect();
        let _ = writeln!(
            body,
            "<h2>With Engram</h2>\n<ol>\n{}\n</ol>",
            steps.join("\n")
        );
    }

    fn without(&self, body: &mut String, name: &str) {
        body.push_str(
            "<h2>Without Engram</h2>\n<p>The file is in the format of <b>age</b> \
             (age-encryption.org, in most Linux distributions, also for Windows and macOS). In the \
             folder of the file:</p>\n",
        );
        let plain = quoted(&self.plain());
        let key = match self.recipients.is_empty() {
            true => String::new(),
            false => format!("-i {KEY_FILE} "),
        };
        let mut lines = vec![format!("age -d {key}-o {plain} {}", quoted(name))];
        let after = match &*self.kind() {
            kind @ ("colpkg" | "apkg") => {
                let packages = readme::PACKAGES.replace(".colpkg", &format!(".{kind}"));
                let packages = packages.replace(&format!("NAME.{kind}"), &plain);
                format!("<pre>{}</pre>\n", escaped(packages.trim_end()))
            }
            "zip" => {
                lines.push(format!("unzip {plain} -d opened"));
                "<p>In it is a text for each note; <code>README.txt</code> says more.</p>\n"
                    .to_owned()
            }
            _ => "<p>What comes out is a text file.</p>\n".to_owned(),
        };
        let _ = write!(body, "<pre>{}</pre>\n{after}", escaped(&lines.join("\n")));
    }

    /// The name of what is inside.
    fn plain(&self) -> String {
        name(&plain_name(&self.file))
    }

    fn kind(&self) -> String {
        let plain = self.plain();
        let ending = Path::new(&plain).extension().unwrap_or_default();
        ending.to_string_lossy().to_ascii_lowercase()
    }
}

fn name(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Where the sheet of `file` goes when nobody said where: beside it, in the place of nothing.
#[must_use]
pub fn beside(file: &Path) -> PathBuf {
    let stem = format!("{} recovery sheet", name(file));
    files::numbered(&stem, ' ')
        .map(|stem| file.with_file_name(format!("{stem}.html")))
        .find(|path| !path.exists())
        .unwrap_or_default()
}

/// The local date.
pub(super) fn today(clock: &Clock) -> String {
    clock.local(clock.now()).strftime("%Y-%m-%d").to_string()
}

/// Readable by its owner alone, whole or not at all.
pub(super) fn write(out: &Path, page: &str) -> Result<()> {
    files::write_in_room(out, |file| Ok(file.write_all(page.as_bytes())?))
}

/// The whole page: what it gets cards back from and what that lies on, what is known of it, and
/// how, in HTML.
pub(super) fn page(
    profile: &str,
    from: &str,
    apart_from: &str,
    facts: &[(&str, &str)],
    body: &str,
) -> String {
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <title>Recovery sheet: {}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <h1>Recovery sheet</h1>\n<p>This page gets flashcards back from {from}. Keep it where a fire \
         or a theft at home does not reach, and not together with the {apart_from}.</p>\n<table>\n",
        escaped(profile),
    );
    for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        let value = escaped(value);
        let _ = writeln!(page, "<tr><th>{name}</th><td>{value}</td></tr>");
    }
    let _ = write!(page, "</table>\n{body}</body>\n</html>\n");
    page
}

/// A line to fill in by hand, in HTML.
pub(super) fn line(heading: &str, below: &str) -> String {
    format!(
        "<h2>{}</h2>\n<p class=\"line\"></p>\n<p>{below}</p>\n",
        escaped(heading)
    )
}

/// For a shell.
pub(super) fn quoted(word: &str) -> String {
    if cfg!(windows) {
        return format!("\"{word}\"");
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// For HTML.
pub(super) fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"']) {
        return Cow::Borrowed(text);
    }
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    Cow::Owned(text.replace('>', "&gt;").replace('"', "&quot;"))
}

const STYLE: &str = "body{font:15px/1.45 system-ui,sans-serif;max-width:44em;margin:2em auto;padding:0 1.2em;\
    color:#111;background:#fff}h1{font-size:1.6em;margin:0 0 .3em}h2{font-size:1.1em;margin:1.3em 0 .3em}\
    table{border-collapse:collapse;margin:1em 0}th{text-align:left;font-weight:600;vertical-align:top;\
    padding:.15em 1.2em .15em 0;white-space:nowrap}td,code,pre{overflow-wrap:anywhere}\
    pre{white-space:pre-wrap;border:1px solid #999;padding:.6em}code,pre,.secret{font-family:ui-monospace,\
    monospace}pre,code{font-size:.92em}.secret{font-size:1.25em;border:2px solid #111;padding:.5em .7em;\
    white-space:pre-wrap;overflow-wrap:anywhere}.line{border-bottom:1px solid #111;height:2.2em}\
    p,ol{margin:.4em 0}@media print{body{margin:0;font-size:11.5pt}h2{break-after:avoid}\
    pre,.secret,table{break-inside:avoid}}";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Secret;
    use crate::base::time::TimestampMillis;
    use crate::formats::encryption::Recipient;

    const PUBLIC: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

    fn sheet(file: &str, lock: &Lock) -> String {
        let clock = Clock::fixed(TimestampMillis(1_800_000_000_000), 0);
        ExportSheet::of(Path::new(file), lock, "Ann <b>", &clock).page()
    }

    #[test]
    fn a_page_says_how_and_never_the_password() {
        let lock = Lock::Password(Secret::new("five secret words"));
        for (file, words) in [
            ("/mnt/mine.colpkg.age", "Make a new profile"),
            ("/mnt/deck.apkg.age", "is added to the collection"),
            ("/mnt/notes.txt.age", "What comes out is a text file"),
            ("/mnt/notes.zip.age", "Decrypt File…"),
        ] {
            let page = sheet(file, &lock);
            assert!(page.contains(words), "{file}: {page}");
            assert!(!page.contains("five") && page.contains("class=\"line\""));
            assert!(page.contains("Ann &lt;b&gt;") && page.contains("2027-01-15"));
            for outside in ["<script", "src=", "<link", "@import", "url("] {
                assert!(!page.contains(outside), "{file}: {outside}");
            }
        }
    }

    #[test]
    fn a_page_of_a_file_for_keys_names_them() {
        let lock = Lock::Recipients(vec![Recipient::parse(PUBLIC).unwrap()]);
        let page = sheet("/mnt/mine.colpkg.age", &lock);
        assert!(page.contains(PUBLIC) && page.contains(&format!("-i {KEY_FILE}")));
        assert!(!page.contains("type the password"));
        // What comes out takes the place of a collection as much as with a password.
        assert!(page.contains("Make a new profile") && page.contains("<code>mine.colpkg</code>"));
        let page = sheet("/mnt/my.colpkg.apkg.age", &lock);
        let file = quoted("my.colpkg.apkg");
        assert!(page.contains(&format!("unzip {} -d", escaped(&file))));
        assert!(!sheet("/mnt/notes.zip.age", &lock).contains("Import and"));
    }

    #[test]
    fn it_lies_beside_the_file_and_takes_no_place() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.colpkg.age");
        let first = beside(&file);
        assert!(first.ends_with("a.colpkg.age recovery sheet.html"));
        std::fs::write(&first, "mine").unwrap();
        assert!(beside(&file).ends_with("a.colpkg.age recovery sheet 2.html"));
    }
}
