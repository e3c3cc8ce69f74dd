//! What a restore will do, in full, before it does it. Pure; `restore::execute` does what the plan
//! says and no more.

use super::entry::{Inspection, Loss, Reason};
use crate::{t, tn};
use std::path::{Path, PathBuf};

/// The collection that would be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Present {
    Missing,
    Readable,
    /// Its file will be kept as it is.
    Unreadable,
}

/// How the restored collection stands to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stamp {
    /// It is a new beginning: the next sync is one-way.
    New,
    /// It is what the server has.
    Server,
    /// As its file says.
    Kept,
}

/// What the user chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Also bring the media files of the package; nothing is deleted from the folder.
    pub media: bool,
    /// Noted on the safety backup.
    pub reason: Reason,
    pub stamp: Stamp,
}

impl Options {
    /// Open Backup, Revert to Backup.
    pub const RESTORE: Self = Self {
        media: true,
        reason: Reason::BeforeRestore,
        stamp: Stamp::New,
    };
    /// File > Import of a .colpkg.
    pub const IMPORT: Self = Self {
        media: true,
        reason: Reason::BeforeImport,
        stamp: Stamp::New,
    };
    /// A collection that was downloaded by sync.
    pub const DOWNLOAD: Self = Self {
        media: false,
        reason: Reason::BeforeDownload,
        stamp: Stamp::Server,
    };
    /// A collection that was merged with the server's.
    pub const MERGE: Self = Self {
        stamp: Stamp::Kept,
        ..Self::DOWNLOAD
    };
}

/// See the module header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestorePlan {
    pub source: PathBuf,
    pub options: Options,
    /// What to tell; does not change what is done.
    pub sentences: Vec<String>,
}

impl RestorePlan {
    /// A plan nobody looks at: for the command line and for imports.
    #[must_use]
    pub fn unseen(source: &Path, options: Options) -> Self {
        Self {
            source: source.to_owned(),
            options,
            sentences: Vec::new(),
        }
    }
}

/// Plans the restore of a backup that was looked into.
#[must_use]
pub fn plan_restore(inspection: &Inspection, present: Present, options: Options) -> RestorePlan {
    let mut sentences = vec![match present {
        Present::Missing => t!("There is no collection that would be replaced.").to_owned(),
        Present::Readable => {
            t!("The present collection is backed up first; you can undo the restore.").to_owned()
        }
        Present::Unreadable => {
            t!("The present collection cannot be read. Its file is kept in the backups folder.")
                .to_owned()
        }
    }];
    if present != Present::Missing {
        sentences.extend(inspection.loss.as_ref().and_then(loss_sentence));
    }
    if inspection.schema < 18 {
        sentences.push(t!("It is of an older version and is upgraded.").to_owned());
    }
    if options.media && inspection.media_files > 0 {
        sentences.push(tn!(
            inspection.media_files,
            "Media: {n} file added where missing; none of yours are deleted.",
            "Media: {n} files added where missing; none of yours are deleted."
        ));
    }
    RestorePlan {
        source: inspection.path.clone(),
        options,
        sentences,
    }
}

fn loss_sentence(loss: &Loss) -> Option<String> {
    let parts: Vec<String> = [
        (loss.reviews > 0).then(|| tn!(loss.reviews, "{n} review", "{n} reviews")),
        (loss.notes_added > 0).then(|| tn!(loss.notes_added, "{n} new note", "{n} new notes")),
        (loss.notes_changed > 0)
            .then(|| tn!(loss.notes_changed, "{n} changed note", "{n} changed notes")),
        (loss.cards_added > 0).then(|| tn!(loss.cards_added, "{n} new card", "{n} new cards")),
        (loss.presets_changed > 0).then(|| {
            tn!(
                loss.presets_changed,
                "{n} changed preset",
                "{n} changed presets"
            )
        }),
    ]
    .into_iter()
    .flatten()
    .collect();
    let lost = parts.join(", ");
    (!parts.is_empty()).then(|| t!("Made since then and lost: {lost}.", lost))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::entry::Contents;

    fn inspection(loss: Option<Loss>) -> Inspection {
        Inspection {
            path: "b.colpkg".into(),
            schema: 11,
            contents: Contents::default(),
            media_files: 1,
            notetypes: 1,
            decks: Vec::new(),
            newest_review: None,
            loss,
        }
    }

    #[test]
    fn says_what_is_lost_and_what_is_kept() {
        let loss = Loss {
            reviews: 12,
            notes_added: 1,
            ..Loss::default()
        };
        let plan = plan_restore(&inspection(Some(loss)), Present::Readable, Options::RESTORE);
        assert_eq!(
            plan.sentences,
            [
                "The present collection is backed up first; you can undo the restore.",
                "Made since then and lost: 12 reviews, 1 new note.",
                "It is of an older version and is upgraded.",
                "Media: 1 file added where missing; none of yours are deleted.",
            ]
        );
    }

    #[test]
    fn an_unreadable_collection_is_said_to_be_kept() {
        let plan = plan_restore(&inspection(None), Present::Unreadable, Options::RESTORE);
        assert!(plan.sentences[0].contains("kept in the backups folder"));
    }
}
