//! The recovery sheet of a vault: one page to print, with all that whoever finds it needs to get the
//! cards back, with Engram and without it. Its password is on it only when somebody wants that; what
//! opens the account at a service never is. What all sheets have is in `backup::sheet`.

use super::repo::Repo;
use super::{Cloud, Destination};
use crate::backup::sheet::{self, escaped, line, quoted};
use crate::base::time::Clock;
use crate::base::{Result, Secret};
use std::fmt::Write as _;
use std::path::Path;

/// In commands, in the place of what is not printed.
const ACCOUNT: &str = "PASSWORD-OF-THE-ACCOUNT";
const DOWNLOADED: &str = "THE-DOWNLOADED-FOLDER";

/// What stands on a sheet.
#[derive(Debug, Clone)]
pub struct Sheet {
    pub destination: Destination,
    /// 64 hexadecimal digits: what `restic cat config` calls the id.
    pub repository: String,
    pub profile: String,
    /// The local date on which the password opened the vault.
    pub made: String,
    /// None: there is a line to fill in by hand.
    pub password: Option<Secret>,
}

impl Sheet {
    /// Of a vault that is open.
    #[must_use]
    pub fn of(vault: &Repo, destination: &Destination, profile: &str, clock: &Clock) -> Self {
        Self {
            destination: destination.clone(),
            repository: vault.id(),
            profile: profile.to_owned(),
            made: sheet::today(clock),
            password: None,
        }
    }

    /// Readable by its owner alone, whole or not at all.
    pub fn write(&self, out: &Path) -> Result<()> {
        sheet::write(out, &self.page())
    }

    /// As HTML that needs nothing else.
    #[must_use]
    pub fn page(&self) -> String {
        let (kind, place) = kind(&self.destination);
        let mut body = String::new();
        self.password(&mut body);
        self.with_engram(&mut body);
        self.without(&mut body);
        body.push_str(ROWS);
        sheet::page(
            &self.profile,
            "an encrypted copy that Engram made",
            "disk",
            &[
                ("Profile", &self.profile),
                ("Where the copy is", &kind),
                ("", &place),
                ("Address in Engram", &self.destination.to_string()),
                ("Id of the repository", &self.repository),
                ("This sheet is of", &self.made),
            ],
            &body,
        )
    }

    fn password(&self, page: &mut String) {
        match &self.password {
            Some(password) => {
                let password = escaped(password.expose());
                let _ = writeln!(
                    page,
                    "<h2>Password of the copy</h2>\n<p class=\"secret\">{password}</p>\n<p>Whoever \
                     has this sheet and reaches the place can read all cards. On {} the password \
                     opened the copy.</p>",
                    self.made
                );
            }
            None => page.push_str(&line(
                "Password of the copy",
                "Write it here by hand, or where it is kept. Without it nobody can open the copy.",
            )),
        }
        if let Some(account) = account(&self.destination) {
            page.push_str(&line(
                &account,
                "It is another one than that of the copy, and Engram does not print it. Write down how \
                 to get to it.",
            ));
        }
    }

    fn with_engram(&self, page: &mut String) {
        let address = escaped(&self.destination.to_string()).into_owned();
        let second = match &self.destination {
            Destination::Cloud {
                service,
                folder,
                client_id,
            } => format!(
                "Make a profile and open Backups &gt; Copies Elsewhere. Press “Add a place…”, choose \
                 {}, type the folder <code>{}</code> and the client ID <code>{}</code>, sign in, and \
                 type the password of the copy. Then press “Restore…”.",
                service.name(),
                escaped(folder),
                escaped(client_id)
            ),
            Destination::Folder { .. } => format!(
                "Connect the disk. At the first start press “Restore…” (later: Backups &gt; Copies \
                 Elsewhere &gt; Restore from another place…). Type the place <code>{address}</code>, \
                 or where the folder is now, and the password of the copy."
            ),
            Destination::WebDav { .. } | Destination::S3 { .. } => format!(
                "At the first start press “Restore…” (later: Backups &gt; Copies Elsewhere &gt; \
                 Restore from another place…). Type the place <code>{address}</code>, the password of \
                 the account and the password of the copy."
            ),
        };
        let _ = writeln!(
            page,
            "<h2>With Engram</h2>\n<ol>\n<li>Install Engram on any computer.</li>\n\
             <li>{second}</li>\n<li>Choose the newest snapshot and a new profile, and press \
             “Restore”. Cards, reviews, media, history and preferences are there again.</li>\n</ol>"
        );
    }

    fn without(&self, page: &mut String) {
        page.push_str("<h2>Without Engram</h2>\n");
        page.push_str(
            "<p>The copy is a repository of <b>restic</b> (restic.net, in every Linux distribution, \
             also for Windows and macOS). It asks for the password of the copy.</p>\n",
        );
        let (before, repository, set_up) = commands(&self.destination);
        if !before.is_empty() {
            let _ = writeln!(page, "<p>{before}</p>");
        }
        let repository = quoted(&repository);
        let lines = set_up.into_iter().chain([
            format!("restic --no-lock -r {repository} snapshots"),
            format!("restic --no-lock -r {repository} restore latest --target restored"),
        ]);
        let lines: Vec<String> = lines.collect();
        let _ = writeln!(
            page,
            "<pre>{}</pre>\n<p>Where several profiles are in it, the second column of the first \
             list says when each was saved; an id in the place of <code>latest</code> restores that \
             one.</p>",
            escaped(&lines.join("\n"))
        );
    }
}

const ROWS: &str = "<h2>What was restored</h2>\n<p>In <code>restored/engram/</code> is a folder of the \
    profile’s name:</p>\n<ul>\n<li><code>collection.anki2</code>: an SQLite database in Anki’s own format. \
    Anki opens it in the place of a profile’s file of that name. The texts are in the column \
    <code>flds</code> of the table <code>notes</code>, due dates in <code>cards</code>, every answer in \
    <code>revlog</code>.</li>\n<li><code>collection.media</code>: pictures and sounds.</li>\n\
    <li><code>collection.history</code>: earlier versions of notes, an SQLite database too.</li>\n</ul>\n";

/// Of what kind a place is, and where that is, for people.
fn kind(destination: &Destination) -> (String, String) {
    match destination {
        Destination::Folder { path } => {
            ("A folder on a disk".to_owned(), path.display().to_string())
        }
        Destination::WebDav { url, user } => {
            let user = match user.as_str() {
                "" => String::new(),
                user => format!(", user {user}"),
            };
            (format!("A folder on a WebDAV server{user}"), url.clone())
        }
        Destination::S3 {
            bucket,
            prefix,
            endpoint,
            ..
        } => {
            let at = match endpoint.as_str() {
                "" => "Amazon S3".to_owned(),
                endpoint => format!("the S3 service at {endpoint}"),
            };
            (
                format!("A bucket of {at}"),
                format!("{bucket}/{prefix}")
                    .trim_end_matches('/')
                    .to_owned(),
            )
        }
        Destination::Cloud {
            service, folder, ..
        } => (
            format!("A folder at {}", service.name()),
            match service {
                Cloud::Dropbox => format!("{folder}, in the folder of the app in Apps"),
                Cloud::GoogleDrive | Cloud::OneDrive => folder.clone(),
            },
        ),
    }
}

/// What the account at the service is called, where there is one.
fn account(destination: &Destination) -> Option<String> {
    match destination {
        Destination::Folder { .. } => None,
        Destination::WebDav { user, .. } if user.is_empty() => None,
        Destination::WebDav { user, .. } => Some(format!("Password of the account “{user}”")),
        Destination::S3 { access_key_id, .. } => {
            Some(format!("Secret of the access key {access_key_id}"))
        }
        Destination::Cloud { service, .. } => Some(format!("How to sign in at {}", service.name())),
    }
}

/// What is to be done first, the repository as `restic` calls it, and the commands before.
fn commands(destination: &Destination) -> (String, String, Vec<String>) {
    match destination {
        Destination::Folder { path } => (String::new(), path.display().to_string(), Vec::new()),
        Destination::WebDav { url, user } => {
            let mut config = format!(
                "rclone config create engram webdav url {} vendor other",
                quoted(url)
            );
            if !user.is_empty() {
                let _ = write!(config, " user {} pass '{ACCOUNT}' --obscure", quoted(user));
            }
            (
                format!(
                    "It reaches the server by <b>rclone</b> (rclone.org). Type the password of the \
                     account in the place of <code>{ACCOUNT}</code>. Or download the folder, and \
                     name that after <code>-r</code>."
                ),
                "rclone:engram:".to_owned(),
                vec![config],
            )
        }
        Destination::S3 {
            bucket,
            prefix,
            endpoint,
            region,
            access_key_id,
        } => {
            let amazon = format!("https://s3.{region}.amazonaws.com");
            let endpoint = match endpoint.as_str() {
                "" => &amazon,
                endpoint => endpoint,
            };
            let repository = format!("s3:{endpoint}/{bucket}/{prefix}");
            (
                format!(
                    "Type the secret of the access key in the place of <code>{ACCOUNT}</code>. In \
                     Windows write <code>set NAME=…</code> for <code>export NAME=…</code>."
                ),
                repository.trim_end_matches('/').to_owned(),
                vec![
                    format!("export AWS_ACCESS_KEY_ID={}", quoted(access_key_id)),
                    format!("export AWS_SECRET_ACCESS_KEY='{ACCOUNT}'"),
                    format!("export AWS_DEFAULT_REGION={}", quoted(region)),
                ],
            )
        }
        Destination::Cloud {
            service, folder, ..
        } => (
            format!(
                "First download the folder “{}” from {}, with its page or its own program, and name \
                 that after <code>-r</code>.",
                escaped(folder),
                service.name()
            ),
            DOWNLOADED.to_owned(),
            Vec::new(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(address: &str, password: Option<&str>) -> String {
        let sheet = Sheet {
            destination: address.parse().unwrap(),
            repository: "ab".repeat(32),
            profile: "Ann <b>".into(),
            made: "2026-03-01".into(),
            password: password.map(Secret::new),
        };
        sheet.page()
    }

    #[test]
    fn the_password_is_there_only_when_wanted() {
        let with = sheet("/mnt/it's a \"disk\"", Some("five <words> & more"));
        assert!(with.contains("five &lt;words&gt; &amp; more"));
        let without = sheet("/mnt/it's a \"disk\"", None);
        assert!(!without.contains("five") && without.contains("class=\"line\""));
        assert!(without.contains("Ann &lt;b&gt;") && without.contains(&"ab".repeat(32)));
        assert!(!without.contains("Ann <b>"));
        if cfg!(unix) {
            assert!(without.contains("-r '/mnt/it'\\''s a &quot;disk&quot;' snapshots"));
        }
    }

    #[test]
    fn each_kind_says_what_it_needs() {
        for (address, words) in [
            (
                "webdav+https://ann@host/a",
                "rclone config create engram webdav url 'https://host/a'",
            ),
            (
                "s3://cards/ann?key=AKIA1",
                "'s3:https://s3.us-east-1.amazonaws.com/cards/ann'",
            ),
            (
                "s3://cards?key=AKIA1&endpoint=https://h",
                "'s3:https://h/cards'",
            ),
            (
                "dropbox://Cards?client=abc",
                "download the folder “Cards” from Dropbox",
            ),
            ("gdrive://Cards?client=abc", "client ID <code>abc</code>"),
            ("onedrive://Cards?client=abc", "A folder at OneDrive"),
        ] {
            let page = sheet(address, None);
            let words = if cfg!(windows) {
                words.replace('\'', "&quot;")
            } else {
                words.to_owned()
            };
            assert!(page.contains(&words), "{address}: {page}");
            // One file, no script.
            for outside in ["<script", "src=", "<link", "@import", "url("] {
                assert!(!page.contains(outside), "{address}: {outside}");
            }
        }
    }
}
