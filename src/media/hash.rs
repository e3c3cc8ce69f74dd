//! SHA-1 of media files: what Anki's packages and media database identify a file by. Not a
//! protection against forgery.

use crate::base::error::{AtPath as _, Result};
use crate::base::files::BUFFER;
use crate::base::job::Progress;
use sha1::{Digest as _, Sha1};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// SHA-1 of a media file's content.
pub type MediaHash = [u8; 20];

/// Hashes while data passes by.
#[derive(Default)]
pub struct MediaHasher(Sha1);

impl MediaHasher {
    pub fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    #[must_use]
    pub fn finish(self) -> MediaHash {
        self.0.finalize().into()
    }
}

/// Hashes what is in memory.
#[must_use]
pub fn hash(content: &[u8]) -> MediaHash {
    Sha1::digest(content).into()
}

/// Hashes a whole file.
pub fn hash_file(path: &Path) -> Result<MediaHash> {
    let mut file = File::open(path).at(path)?;
    let mut hasher = MediaHasher::default();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let n = file.read(&mut buffer).at(path)?;
        if n == 0 {
            return Ok(hasher.finish());
        }
        hasher.update(&buffer[..n]);
    }
}

/// BLAKE3 of a whole file: by it we know the bytes of a file again.
pub fn content_hash(path: &Path, progress: &Progress) -> Result<[u8; 32]> {
    let mut file = File::open(path).at(path)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; BUFFER];
    loop {
        let n = file.read(&mut buffer).at(path)?;
        if n == 0 {
            return Ok(*hasher.finalize().as_bytes());
        }
        hasher.update(&buffer[..n]);
        progress.step(n as u64)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_hash() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, "hello world").unwrap();
        assert_eq!(hash_file(&path).unwrap()[..4], [0x2a, 0xae, 0x6c, 0x35]);
    }
}
