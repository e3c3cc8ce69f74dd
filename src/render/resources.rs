//! Bytes by name for the engine: files of the media folder and nothing else. No network, no path
//! that leaves the folder, no links out of it.

use super::still::{NoStill, Still, Stills};
use crate::base::limits;
pub(super) use crate::domain::media_refs::decode_percent;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use unicode_normalization::UnicodeNormalization;

/// Where a card's pictures and fonts come from.
pub trait Resources: Send + Sync {
    /// The file's bytes; None when there is no such file or it may not be read.
    fn read(&self, name: &str) -> Option<Vec<u8>>;
    /// As [`read`](Self::read), of what is played: sounds and films may be larger.
    fn read_sound(&self, name: &str) -> Option<Vec<u8>> {
        self.read(name)
    }
    /// As [`read`](Self::read) without reading.
    fn exists(&self, name: &str) -> bool;
    /// A picture of a film; never waits. [`tell`](Self::tell) says when it is there.
    fn still(&self, _name: &str) -> Still {
        Still::None(NoStill::NotHere)
    }
    /// `waker` is called whenever a still that was waited for is there, or that there is none.
    fn tell(&self, _waker: Arc<dyn Fn() + Send + Sync>) {}
}

/// For pages that show no files.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoResources;

impl Resources for NoResources {
    fn read(&self, _name: &str) -> Option<Vec<u8>> {
        None
    }
    fn exists(&self, _name: &str) -> bool {
        false
    }
}

/// The files directly in one folder. Finds a name that differs in Unicode form or letter case,
/// because collections travel between systems that treat these differently.
pub struct MediaFolder {
    folder: PathBuf,
    stills: Option<Stills>,
    /// Folded name to real name; made at the first miss, made again when the folder changes.
    index: Mutex<Option<Index>>,
}

#[derive(Debug)]
struct Index {
    modified: Option<std::time::Duration>,
    names: HashMap<String, String>,
}

impl MediaFolder {
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            stills: None,
            index: Mutex::new(None),
        }
    }

    /// Films show a picture, taken by `ffmpeg` where one of these folders has it.
    #[must_use]
    pub fn with_stills(mut self, programs: &[PathBuf]) -> Self {
        self.stills = Some(Stills::new(programs));
        self
    }

    fn find(&self, name: &str) -> Option<PathBuf> {
        if !is_plain_name(name) {
            return None;
        }
        let direct = self.folder.join(name);
        if is_file(&direct) {
            return Some(direct);
        }
        let real = self.similar_name(name)?;
        let path = self.folder.join(real);
        is_file(&path).then_some(path)
    }

    fn read_up_to(&self, name: &str, bytes: u64) -> Option<Vec<u8>> {
        let path = self.find(name)?;
        if std::fs::metadata(&path).ok()?.len() > bytes {
            return None;
        }
        std::fs::read(path).ok()
    }

    fn similar_name(&self, name: &str) -> Option<String> {
        let modified = modified(&self.folder);
        let mut index = self
            .index
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if index
            .as_ref()
            .is_none_or(|index| index.modified != modified)
        {
            *index = Some(Index {
                modified,
                names: list(&self.folder),
            });
        }
        index.as_ref()?.names.get(&fold(name)).cloned()
    }
}

impl Resources for MediaFolder {
    fn read(&self, name: &str) -> Option<Vec<u8>> {
        self.read_up_to(name, limits::MAX_CARD_FILE_BYTES)
    }

    fn read_sound(&self, name: &str) -> Option<Vec<u8>> {
        self.read_up_to(name, limits::MAX_SOUND_FILE_BYTES)
    }

    fn exists(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    fn still(&self, name: &str) -> Still {
        let Some(stills) = &self.stills else {
            return Still::None(NoStill::NotHere);
        };
        match self.find(name) {
            Some(path) => {
                let changed = modified(&path);
                stills.of(path, changed)
            }
            None => Still::None(NoStill::NoFile),
        }
    }

    fn tell(&self, waker: Arc<dyn Fn() + Send + Sync>) {
        if let Some(stills) = &self.stills {
            stills.tell(waker);
        }
    }
}

fn list(folder: &Path) -> HashMap<String, String> {
    let mut names = HashMap::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if let Ok(name) = entry.file_name().into_string() {
            names.insert(fold(&name), name);
        }
    }
    names
}

// A file itself, not a link that could lead out of the folder.
fn is_file(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|data| data.is_file())
}

// Only compared with itself, so the distance to the epoch is as good as any other form.
fn modified(folder: &Path) -> Option<std::time::Duration> {
    let modified = std::fs::metadata(folder).ok()?.modified().ok()?;
    modified.elapsed().ok()?;
    modified.duration_since(std::time::UNIX_EPOCH).ok()
}

/// False for what could lead out of the folder.
pub(super) fn is_plain_name(name: &str) -> bool {
    !name.is_empty()
        && name != "."
        && name != ".."
        && !name.contains(['/', '\\', '\0', ':'])
        && name.len() <= 1024
}

fn fold(name: &str) -> String {
    name.nfc().flat_map(char::to_lowercase).collect()
}

/// Everything but letters, digits and `-_.~` as `%41`.
pub(super) fn encode_percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The bytes of a `data:` URL without its scheme; None when it is not one.
#[must_use]
pub fn decode_data_url(url: &str) -> Option<Vec<u8>> {
    let (meta, data) = url.split_once(',')?;
    let data = decode_percent(data);
    let is_base64 = meta
        .rsplit(';')
        .next()
        .is_some_and(|last| last.trim().eq_ignore_ascii_case("base64"));
    Some(if is_base64 {
        decode_base64(&data)
    } else {
        data
    })
}

// Lenient, as browsers are: what is no digit is skipped.
fn decode_base64(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0u32);
    for &byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => continue,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_names_across_systems_and_nothing_outside() {
        let dir = tempfile::tempdir().unwrap();
        let media = dir.path().join("media");
        std::fs::create_dir(&media).unwrap();
        std::fs::write(media.join("Ä b.PNG"), "1").unwrap();
        std::fs::write(dir.path().join("secret"), "2").unwrap();
        let folder = MediaFolder::new(&media);
        assert_eq!(folder.read("Ä b.PNG").unwrap(), b"1");
        assert!(folder.exists("A\u{308} B.png"));
        assert!(!folder.exists("../secret"));
        assert!(!folder.exists(".."));
        assert!(!folder.exists(""));
        assert!(!folder.exists("gone"));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(dir.path().join("secret"), media.join("link")).unwrap();
            assert_eq!(folder.read("link"), None);
        }
    }

    #[test]
    fn sounds_and_films_may_be_larger_than_pictures() {
        let dir = tempfile::tempdir().unwrap();
        let large = std::fs::File::create(dir.path().join("film.mp4")).unwrap();
        let bytes = limits::MAX_CARD_FILE_BYTES + 1;
        large.set_len(bytes).unwrap();
        let folder = MediaFolder::new(dir.path());
        assert_eq!(folder.read("film.mp4"), None);
        let film = folder.read_sound("film.mp4").unwrap();
        assert_eq!(film.len() as u64, bytes);
        large.set_len(limits::MAX_SOUND_FILE_BYTES + 1).unwrap();
        assert_eq!(folder.read_sound("film.mp4"), None);
    }

    #[test]
    fn percent_and_base64_round_trip() {
        assert_eq!(decode_percent("a%20b%zz%"), b"a b%zz%");
        assert_eq!(encode_percent("a b/é"), "a%20b%2F%C3%A9");
        assert_eq!(
            decode_data_url("text/plain;base64,aGk="),
            Some(b"hi".to_vec())
        );
        assert_eq!(
            decode_data_url("image/svg+xml,%3Csvg"),
            Some(b"<svg".to_vec())
        );
        assert_eq!(decode_data_url("none"), None);
    }
}
