//! Media in the Backup Explorer: which files a card names, where they come from, and what became of
//! those of a note. The media folder of the profile is only read.

use crate::backup::media_source::MediaSource;
use crate::backup::vault::media::SnapshotMedia;
use crate::base::error::{AtPath as _, ErrorKind, Result};
use crate::base::files::PartialFile;
use crate::base::job::Progress;
use crate::collection::card_html::RenderedCard;
use crate::domain::explorer::{Change, Item, ListedItem, MediaCompared, MediaState};
use crate::domain::media_refs::{media_refs, static_names};
use crate::media::folder::{is_away, list};
use crate::media::hash::hash_file;
use crate::media::names::is_one_component;
use crate::template::av::AvTag;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

/// All files of the backup at `path`, beside those of the media folder: by name and size, as reading
/// them all would take long.
pub(super) fn list_media(
    path: &Path,
    away: Option<&SnapshotMedia>,
    live: &Path,
) -> Result<Vec<ListedItem>> {
    let files: Vec<(String, Option<u64>)> = match away {
        Some(away) => away
            .names()
            .iter()
            .map(|name| (name.clone(), None))
            .collect(),
        None => MediaSource::of(path)?.files()?,
    };
    // Of a disk that is absent nobody knows what it lacks.
    let here: Option<HashMap<String, u64>> = match files.is_empty() || is_away(live) {
        true => None,
        false => {
            let here = list(live)?.into_iter();
            Some(here.map(|file| (file.name, file.size)).collect())
        }
    };
    let item = |(name, size): (String, Option<u64>)| {
        let change = here.as_ref().and_then(|here| match here.get(&name) {
            None => Some(Change::Deleted),
            Some(now) => size
                .is_some_and(|was| was != *now)
                .then_some(Change::Changed),
        });
        ListedItem {
            item: Item::Media(name.clone()),
            name,
            change,
            parts: Vec::new(),
            size,
        }
    };
    Ok(files.into_iter().map(item).collect())
}

/// The files that a card names.
pub(super) fn files_of(card: &RenderedCard) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = static_names(&card.css).into_iter().collect();
    for side in [&card.question, &card.answer] {
        names.extend(media_refs(side).map(|found| found.name.into_owned()));
        names.extend(static_names(side));
    }
    for sound in card.question_av.iter().chain(&card.answer_av) {
        if let AvTag::Sound(name) = sound {
            names.insert(name.clone());
        }
    }
    names
}

/// Brings files into `folder`, where they are not there yet. One that is damaged stays away, and
/// the card shows it as missing.
pub(super) fn unpack_for(
    wanted: &BTreeSet<String>,
    source: &mut MediaSource,
    folder: &Path,
) -> Result<()> {
    std::fs::create_dir_all(folder).at(folder)?;
    for name in wanted.iter().filter(|name| is_one_component(name)) {
        let target = folder.join(name);
        if target.exists() {
            continue;
        }
        let mut part = PartialFile::create(&target)?;
        match source.unpack(name, part.file(), Some(folder), &Progress::new()) {
            Ok(Some(_)) => part.commit_new()?,
            Ok(None) => {}
            Err(error) => tracing::info!("a file of the card cannot be unpacked: {error}"),
        }
    }
    Ok(())
}

/// The files that a note named in the backup (`then`) and names now, by content.
pub(super) fn compare_media(
    then: &BTreeSet<String>,
    now: &BTreeSet<String>,
    source: &mut MediaSource,
    live: &Path,
) -> Result<Vec<MediaCompared>> {
    let mut compared = Vec::new();
    for name in then.union(now).filter(|name| is_one_component(name)) {
        let path = live.join(name);
        let present = path.is_file();
        let state = if !then.contains(name) {
            match present {
                true => MediaState::Added,
                false => MediaState::Missing,
            }
        } else {
            match (source.hash(name, &Progress::new()), present) {
                (Ok(Some(was)), true) if hash_file(&path)? == was => MediaState::Same,
                (Ok(Some(_)), true) => MediaState::Changed,
                (Ok(Some(_)), false) => MediaState::Lost,
                (Ok(None), true) => MediaState::Kept,
                (Ok(None), false) => MediaState::Missing,
                (Err(e), _) if e.kind() == ErrorKind::Corrupt => MediaState::Damaged,
                (Err(e), _) => return Err(e),
            }
        };
        compared.push(MediaCompared {
            name: name.clone(),
            state,
        });
    }
    Ok(compared)
}
