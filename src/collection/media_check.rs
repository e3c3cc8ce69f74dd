//! Tools > Check Media: files that notes miss, files that nothing uses, names that cannot travel,
//! folders and sizes that do not belong there. Looking changes nothing; each remedy is one
//! operation. What refers to files is `domain::media_refs`, the trash
//! `media::trash`.

use super::notes::set_tags;
use super::{Collection, OpOutput};
use crate::base::error::{AtPath as _, Result};
use crate::base::files::TEMP_PREFIX;
use crate::base::ids::{NoteId, NotetypeId};
use crate::base::job::Progress;
use crate::domain::html::html_to_text_line;
use crate::domain::media_refs::{css_media_names, decode_percent, media_refs, rename_media};
use crate::domain::media_report::{MediaReport, MissingFile, MissingFrom, Rename, UnusedFile};
use crate::domain::notetype::Notetype;
use crate::domain::op::Op;
use crate::media::hash::hash_file;
use crate::media::{add, names, trash};
use crate::storage::Storage;
use crate::t;
use crate::template::{cloze, latex};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// The tag that notes with missing files get.
const MISSING_TAG: &str = "missing-media";
/// What the Finder of macOS keeps in a folder; Anki passes over it too.
const FINDER_FILE: &str = ".DS_Store";
/// Anki's servers take no larger files.
const LARGEST_SYNCED: u64 = 100 << 20;
/// Notes of a missing file that are named in the report.
const NAMED_NOTES: usize = 20;

/// What lies in the folder.
#[derive(Debug, Default)]
struct Folder {
    /// By the name that each should have.
    files: BTreeMap<String, u64>,
    /// Files that lie there, also where two get one name because they are the same.
    count: u64,
    renames: Vec<(PathBuf, Rename)>,
    folders: Vec<String>,
}

/// What refers to files.
#[derive(Debug, Default)]
struct Used {
    by_notes: HashMap<String, Vec<NoteId>>,
    /// In templates and styling.
    by_notetypes: BTreeMap<String, String>,
    /// Images that LaTeX made; shown where they are there, never missed.
    formulas: HashSet<String>,
}

impl Collection {
    /// The media folder beside the collection.
    #[must_use]
    pub fn media_folder(&self) -> PathBuf {
        self.storage.path().with_extension("media")
    }

    /// What is wrong with the media folder.
    pub fn check_media(&self, progress: &Progress) -> Result<MediaReport> {
        let media = self.media_folder();
        progress.stage(t!("Reading the media folder"), 0)?;
        let folder = read_folder(&media, progress)?;
        let renames: HashMap<&str, &str> = (folder.renames.iter())
            .map(|(_, r)| (r.old.as_str(), r.new.as_str()))
            .collect();
        let used = used_files(&self.storage, &folder, &renames, progress)?;
        let (rotten, rot_looked) = self.known_rot()?;
        Ok(MediaReport {
            rotten,
            rot_looked,
            ..report(&self.storage, &media, folder, used)?
        })
    }

    /// Gives files with unfit names the ones that the report tells, and notes the new names. The
    /// file under its old name goes to the trash, so that undo and older backups find it; one that
    /// cannot stays, does not count, and is told by the next look.
    pub fn rename_media(&mut self, progress: &Progress) -> Result<OpOutput<usize>> {
        let media = self.media_folder();
        let folder = read_folder(&media, progress)?;
        let renames: HashMap<String, String> = (folder.renames.iter())
            .map(|(_, r)| (r.old.clone(), r.new.clone()))
            .collect();
        let mut output = self.transact(Op::RenameMedia, |tx| {
            // Under both names until the notes are on disk, so that no failure leaves them without.
            for (path, rename) in &folder.renames {
                progress.check()?;
                let to = media.join(&rename.new);
                if !to.exists() {
                    add::copy(path, &to)?;
                    tx.or_take_back(move || {
                        if let Err(e) = std::fs::remove_file(&to) {
                            tracing::warn!("{} is there under two names: {e}", to.display());
                        }
                    });
                }
            }
            let mut affected = Vec::new();
            let new_name = |name: &str| renames.get(name).cloned();
            tx.visit_note_fields(|id, _, fields| {
                progress.check()?;
                if media_refs(fields).any(|r| renames.contains_key(&*r.name)) {
                    affected.push(id);
                }
                Ok(())
            })?;
            progress.stage(t!("Renaming"), affected.len() as u64)?;
            for id in affected {
                progress.step(1)?;
                let Some(mut note) = tx.get_note(id)? else {
                    continue;
                };
                for field in &mut note.fields {
                    if let Cow::Owned(new) = rename_media(field, new_name) {
                        *field = new;
                    }
                }
                if let Some(notetype) = tx.notetype(note.notetype_id)? {
                    note.prepare(&notetype, tx.composes_texts()?);
                }
                tx.update_note(&note)?;
            }
            Ok(folder.renames.len())
        })?;
        for (path, _) in &folder.renames {
            if let Err(e) = trash::discard(&media, path) {
                tracing::warn!("{} stays under its old name too: {e}", path.display());
                output.value -= 1;
            }
        }
        Ok(output)
    }

    /// Adds the tag `missing-media` to notes; how many did not have it.
    pub fn tag_missing_media(&mut self, notes: &[NoteId]) -> Result<OpOutput<usize>> {
        self.transact(Op::TagMissingMedia, |tx| {
            let mut tagged = 0;
            for &id in notes {
                let Some(mut note) = tx.get_note(id)?.filter(|n| !n.has_tag(MISSING_TAG)) else {
                    continue;
                };
                note.tags.push(MISSING_TAG.to_owned());
                set_tags(tx, &mut note)?;
                tx.update_note(&note)?;
                tagged += 1;
            }
            Ok(tagged)
        })
    }

    /// Moves files to the trash, by the names that the report tells; how many were there. Those that
    /// went come back when it is cancelled or one fails.
    pub fn discard_media(&self, files: &[String], progress: &Progress) -> Result<usize> {
        let media = self.media_folder();
        let unfit: HashMap<String, PathBuf> = (read_folder(&media, progress)?.renames)
            .into_iter()
            .map(|(path, rename)| (rename.new, path))
            .collect();
        progress.stage(t!("Moving files to the trash"), files.len() as u64)?;
        let mut moved = Vec::new();
        let mut discard = |name: &String| -> Result<()> {
            progress.step(1)?;
            let mut path = media.join(name);
            if let Some(unfit) = unfit.get(name).filter(|_| !path.exists()) {
                path.clone_from(unfit);
            }
            if names::is_one_component(name) && path.is_file() {
                moved.push((trash::discard(&media, &path)?, path));
            }
            Ok(())
        };
        let done = files.iter().try_for_each(&mut discard);
        if done.is_err() {
            for (there, here) in &moved {
                if let Err(e) = trash::move_to(there, here) {
                    tracing::warn!("{} stays in the trash: {e}", there.display());
                }
            }
        }
        done.map(|()| moved.len())
    }
}

fn read_folder(media: &Path, progress: &Progress) -> Result<Folder> {
    let mut folder = Folder::default();
    let entries = match std::fs::read_dir(media) {
        // A link that leads nowhere is a folder whose disk is away.
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && !media.is_symlink() => {
            return Ok(folder);
        }
        entries => entries.at(media)?,
    };
    let mut unfit = Vec::new();
    for entry in entries {
        progress.step(1)?;
        let entry = entry.at(media)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        let metadata = std::fs::metadata(&path);
        // A link to nowhere is no file.
        let Ok(metadata) = metadata else { continue };
        if metadata.is_dir() {
            folder.folders.push(name);
        } else if name.starts_with(TEMP_PREFIX) || name == FINDER_FILE {
        } else if entry.file_name().to_str().is_some() && names::is_normalized(&name) {
            folder.count += 1;
            folder.files.insert(name, metadata.len());
        } else {
            folder.count += 1;
            unfit.push((path, name, metadata.len()));
        }
    }
    folder.folders.sort();
    unfit.sort();
    for (path, old, bytes) in unfit {
        let new = free_name(&folder, &path, &old)?;
        folder.files.insert(new.clone(), bytes);
        folder.renames.push((path, Rename { old, new }));
    }
    Ok(folder)
}

/// The fit name nearest to `old`, in lower case as that of a file that is added, with a hash where
/// another file has it.
fn free_name(folder: &Folder, path: &Path, old: &str) -> Result<String> {
    let normal = match names::normalize(old) {
        nothing if nothing.is_empty() => Cow::Borrowed("file"),
        normal => normal,
    };
    let lower = names::normalize(&normal.to_lowercase()).into_owned();
    for name in [&*normal, lower.as_str()] {
        let there = path.with_file_name(name);
        if there.is_file() && hash_file(&there)? == hash_file(path)? {
            return Ok(name.to_owned());
        }
    }
    let is_taken =
        |name: &str| folder.files.contains_key(name) || path.with_file_name(name).exists();
    // Notes and templates name it so already: only its letters are composed in another way.
    let composed: String = old.nfc().collect();
    if *normal == composed && !is_taken(&composed) {
        return Ok(composed);
    }
    Ok(match is_taken(&lower) {
        true => add::with_hash(&lower, hash_file(path)?),
        false => lower,
    })
}

fn used_files(
    storage: &Storage,
    folder: &Folder,
    renames: &HashMap<&str, &str>,
    progress: &Progress,
) -> Result<Used> {
    let mut used = Used::default();
    let notetypes: HashMap<NotetypeId, Notetype> = (storage.all_notetypes()?.into_iter())
        .map(|notetype| (notetype.id, notetype))
        .collect();
    let similar: HashMap<String, &str> = (folder.files.keys())
        .map(|name| (folded(name), name.as_str()))
        .collect();
    for notetype in notetypes.values() {
        for address in of_notetype(notetype) {
            let name = drawn_file(address, folder, &similar);
            used.by_notetypes.insert(name, notetype.name.clone());
        }
    }
    let has_formulas = folder.files.keys().any(|name| name.starts_with("latex-"));
    progress.stage(t!("Looking at notes"), storage.counts()?.notes)?;
    storage.visit_note_fields(|id, notetype, fields| {
        progress.step(1)?;
        for field in fields.split('\x1f') {
            for found in media_refs(field) {
                let name = stored_name(found.name.into_owned(), folder, renames);
                let notes = used.by_notes.entry(name).or_default();
                if notes.last() != Some(&id) {
                    notes.push(id);
                }
            }
            if has_formulas {
                let svg = notetypes.get(&notetype).is_some_and(|n| n.config.latex_svg);
                formulas(field, svg, &mut used.formulas);
            }
        }
        Ok(())
    })?;
    Ok(used)
}

/// What is meant by a name in a note: the file that has or gets another name, composed as files
/// are; also without signs that no file can have, where there is such a file.
fn stored_name(name: String, folder: &Folder, renames: &HashMap<&str, &str>) -> String {
    if let Some(new) = renames.get(name.as_str()) {
        return (*new).to_owned();
    }
    let stored = names::normalize(&name);
    if folder.files.contains_key(&*stored) {
        return stored.into_owned();
    }
    if is_nfc(&name) {
        name
    } else {
        name.nfc().collect()
    }
}

/// The file that is drawn for an address in a template or styling; also one whose name differs in
/// case or composition.
fn drawn_file(address: String, folder: &Folder, similar: &HashMap<String, &str>) -> String {
    if folder.files.contains_key(&address) {
        return address;
    }
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let path = decode_percent(path.strip_prefix("./").unwrap_or(path));
    let name = String::from_utf8_lossy(&path).into_owned();
    match similar.get(&folded(&name)) {
        Some(similar) if !folder.files.contains_key(&name) => (*similar).to_owned(),
        _ => name,
    }
}

fn folded(name: &str) -> String {
    name.nfc().flat_map(char::to_lowercase).collect()
}

fn of_notetype(notetype: &Notetype) -> Vec<String> {
    let mut found = css_media_names(&notetype.config.css);
    for template in &notetype.templates {
        let config = &template.config;
        let sides = [
            &config.q_format,
            &config.a_format,
            &config.q_format_browser,
            &config.a_format_browser,
        ];
        for side in sides {
            found.extend(media_refs(side).map(|r| r.name.into_owned()));
            found.extend(css_media_names(side));
        }
    }
    // A name that a field completes is no file.
    found.retain(|name| !name.contains("{{"));
    found
}

/// Names of the images that LaTeX would make, for each cloze deletion and side.
fn formulas(field: &str, svg: bool, found: &mut HashSet<String>) {
    if !field.contains('[') {
        return;
    }
    let mut add = |html: &str| found.extend(latex::extract(html, svg).1);
    let clozes = cloze::numbers(field);
    if clozes.is_empty() {
        add(field);
    }
    for number in clozes.into_iter().filter(|n| *n > 0) {
        for question in [true, false] {
            add(&cloze::reveal(field, number - 1, question));
        }
    }
}

fn report(storage: &Storage, media: &Path, folder: Folder, used: Used) -> Result<MediaReport> {
    let there = |name: &str| folder.files.get(name).is_some_and(|bytes| *bytes > 0);
    let mut missing = Vec::new();
    let mut notes_missing: BTreeSet<NoteId> = BTreeSet::new();
    for (name, notes) in &used.by_notes {
        if there(name) {
            continue;
        }
        notes_missing.extend(notes);
        let mut named = Vec::new();
        for &id in notes.iter().take(NAMED_NOTES) {
            if let Some(note) = storage.get_note(id)? {
                named.push((id, html_to_text_line(&note.sort_field, true)));
            }
        }
        missing.push(MissingFile {
            name: name.clone(),
            from: MissingFrom::Notes {
                count: notes.len(),
                named,
            },
        });
    }
    for (name, notetype) in &used.by_notetypes {
        if !there(name) && !used.by_notes.contains_key(name) {
            missing.push(MissingFile {
                name: name.clone(),
                from: MissingFrom::Notetype(notetype.clone()),
            });
        }
    }
    missing.sort_by(|a, b| a.name.cmp(&b.name));
    let is_used = |name: &str| {
        name.starts_with('_')
            || used.by_notes.contains_key(name)
            || used.by_notetypes.contains_key(name)
            || used.formulas.contains(name)
    };
    let of_size = |wanted: &dyn Fn(&str, u64) -> bool| -> Vec<UnusedFile> {
        let files = folder
            .files
            .iter()
            .filter(|(name, bytes)| wanted(name, **bytes));
        files
            .map(|(name, bytes)| UnusedFile {
                name: name.clone(),
                bytes: *bytes,
            })
            .collect()
    };
    Ok(MediaReport {
        missing,
        notes_missing: notes_missing.into_iter().collect(),
        unused: of_size(&|name, bytes| bytes > 0 && bytes <= LARGEST_SYNCED && !is_used(name)),
        oversize: of_size(&|_, bytes| bytes > LARGEST_SYNCED),
        renames: folder.renames.iter().map(|(_, r)| r.clone()).collect(),
        folders: folder.folders.clone(),
        files: folder.count,
        trash: trash::content(media).map(|c| (c.files, c.bytes))?,
        ..MediaReport::default()
    })
}
