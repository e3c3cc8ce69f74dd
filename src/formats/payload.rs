//! What follows the header of an encrypted file: pieces of 64 KiB, each encrypted and with a tag
//! of its own, of which the last one says that it is (STREAM in age-encryption.org/v1). Read from
//! any place where the input can be. Headers and keys are `encryption`'s.
//!
//! Not the stream of the library that reads the headers: that one takes more processor time, which
//! is what an export with many media waits for.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};

/// Bytes of a piece; only the last one may be shorter.
const PIECE: usize = 1 << 16;
/// Bytes of a piece in the file, with its tag.
const SEALED: usize = PIECE + 16;
/// Pieces that are passed on together: as many bytes as a buffer behind would hold, which passes
/// them on in turn without a copy of its own.
const TOGETHER: usize = 4;

/// The key of one file's pieces.
#[derive(Clone)]
pub struct PayloadKey(LessSafeKey);

impl PayloadKey {
    /// Of these bytes, which must not have been the key of another file.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        let key = UnboundKey::new(&CHACHA20_POLY1305, key).expect("a key has 32 bytes");
        Self(LessSafeKey::new(key))
    }

    /// Encrypts the piece that begins at `start` and ends with `pieces` where it is, and appends its
    /// tag.
    fn seal(
        &self,
        number: u64,
        is_last: bool,
        pieces: &mut Vec<u8>,
        start: usize,
    ) -> io::Result<()> {
        let nonce = nonce(number, is_last);
        let tag = self
            .0
            .seal_in_place_separate_tag(nonce, Aad::empty(), &mut pieces[start..])
            .map_err(|_| io::Error::other("a piece could not be encrypted"))?;
        pieces.extend_from_slice(tag.as_ref());
        Ok(())
    }

    /// Decrypts `sealed`, a piece and its tag, where it is. Returns the bytes of the piece.
    fn open(&self, number: u64, is_last: bool, sealed: &mut [u8]) -> io::Result<usize> {
        let nonce = nonce(number, is_last);
        let opened = self.0.open_in_place(nonce, Aad::empty(), sealed);
        opened
            .map(|piece| piece.len())
            .map_err(|_| ErrorKind::InvalidData.into())
    }
}

/// 11 bytes that count the pieces, and one that marks the last.
fn nonce(number: u64, is_last: bool) -> Nonce {
    let mut bytes = [0; 12];
    bytes[3..11].copy_from_slice(&number.to_be_bytes());
    bytes[11] = u8::from(is_last);
    Nonce::assume_unique_for_key(bytes)
}

/// Encrypts what is written to it; [`Self::finish`] writes the last piece, without which the file
/// cannot be opened.
pub struct SealingWriter<W> {
    out: W,
    key: PayloadKey,
    /// Of the piece that is being gathered.
    number: u64,
    /// Pieces that are encrypted, and behind them the one that is being gathered.
    pieces: Vec<u8>,
    /// Where that one begins.
    start: usize,
}

impl<W: Write> SealingWriter<W> {
    /// `out` stands behind the header.
    pub fn new(out: W, key: PayloadKey) -> Self {
        Self {
            out,
            key,
            number: 0,
            pieces: Vec::with_capacity(TOGETHER * SEALED),
            start: 0,
        }
    }

    /// Writes the last piece; returns what was written to, unflushed.
    pub fn finish(mut self) -> io::Result<W> {
        self.seal(true)?;
        self.pass_on()?;
        Ok(self.out)
    }

    fn seal(&mut self, is_last: bool) -> io::Result<()> {
        let pieces = &mut self.pieces;
        self.key.seal(self.number, is_last, pieces, self.start)?;
        self.number += 1;
        self.start = self.pieces.len();
        Ok(())
    }

    /// Writes the pieces that are encrypted.
    fn pass_on(&mut self) -> io::Result<()> {
        let written = self.out.write_all(&self.pieces[..self.start]);
        self.pieces.drain(..self.start);
        self.start = 0;
        written
    }
}

impl<W: Write> Write for SealingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Only when more comes: a full piece may be the last.
        if self.pieces.len() - self.start == PIECE && !bytes.is_empty() {
            self.seal(false)?;
            if self.start == TOGETHER * SEALED {
                self.pass_on()?;
            }
        }
        let n = bytes.len().min(self.start + PIECE - self.pieces.len());
        self.pieces.extend_from_slice(&bytes[..n]);
        Ok(n)
    }

    /// Of the pieces that are full, and known not to be the last.
    fn flush(&mut self) -> io::Result<()> {
        self.pass_on()?;
        self.out.flush()
    }
}

/// Decrypts pieces as they are read. Fails with `InvalidData` where they are not as they were
/// written, cut off or followed by something, and with `UnexpectedEof` where there are none.
pub struct OpeningReader<R> {
    input: R,
    key: PayloadKey,
    /// Where the first piece begins in the input, for going elsewhere.
    start: u64,
    /// A piece and the byte behind it, by which one knows whether it is the last; decrypted where
    /// it is.
    buffer: Vec<u8>,
    /// Of the piece that is read next.
    number: u64,
    /// The piece before that one, when it is in the buffer.
    loaded: Option<Loaded>,
    /// The place in the loaded piece or, before one is, in the next. At the end of a piece rather
    /// than at the beginning of one that there may not be.
    at: usize,
}

#[derive(Clone, Copy)]
struct Loaded {
    bytes: usize,
    is_last: bool,
}

impl<R> OpeningReader<R> {
    /// `input` stands where the pieces begin, `start` bytes behind its beginning; what never goes
    /// elsewhere need not know.
    pub fn new(input: R, key: PayloadKey, start: u64) -> Self {
        Self {
            input,
            key,
            start,
            buffer: vec![0; SEALED + 1],
            number: 0,
            loaded: None,
            at: 0,
        }
    }

    fn place(&self) -> u64 {
        let number = self.number - u64::from(self.loaded.is_some());
        number * PIECE as u64 + self.at as u64
    }
}

impl<R: Read> OpeningReader<R> {
    /// Reads and decrypts the next piece.
    fn load(&mut self) -> io::Result<Loaded> {
        let mut there = 0;
        if self.loaded.take().is_some() {
            self.buffer[0] = self.buffer[SEALED];
            there = 1;
        }
        while there < self.buffer.len() {
            match self.input.read(&mut self.buffer[there..]) {
                Ok(0) => break,
                Ok(n) => there += n,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        if there == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let is_last = there <= SEALED;
        let sealed = &mut self.buffer[..there.min(SEALED)];
        let bytes = self.key.open(self.number, is_last, sealed)?;
        if bytes == 0 && self.number > 0 {
            // Nobody writes an empty piece behind others.
            return Err(ErrorKind::InvalidData.into());
        }
        self.number += 1;
        Ok(*self.loaded.insert(Loaded { bytes, is_last }))
    }
}

impl<R: Read> Read for OpeningReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let bytes = loop {
            match self.loaded {
                Some(Loaded { bytes, .. }) if self.at < bytes => break bytes,
                Some(Loaded { is_last: true, .. }) => return Ok(0),
                Some(_) => self.at = 0,
                None => {}
            }
            self.load()?;
        };
        let n = out.len().min(bytes - self.at);
        out[..n].copy_from_slice(&self.buffer[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

impl<R: Read + Seek> OpeningReader<R> {
    /// Makes piece `number` the next one, unless it is loaded.
    fn go_to(&mut self, number: u64) -> io::Result<()> {
        if self.loaded.is_some() && self.number == number + 1 {
            return Ok(());
        }
        let place = number
            .checked_mul(SEALED as u64)
            .and_then(|place| place.checked_add(self.start))
            .ok_or(ErrorKind::InvalidInput)?;
        self.loaded = None;
        self.input.seek(SeekFrom::Start(place))?;
        self.number = number;
        Ok(())
    }

    /// How many bytes there are when decrypted. The last piece says that it is: nothing is missing.
    fn len(&mut self) -> io::Result<u64> {
        let end = self.input.seek(SeekFrom::End(0))?;
        let last = end
            .checked_sub(self.start + 1)
            .ok_or(ErrorKind::UnexpectedEof)?
            / SEALED as u64;
        // The input stands elsewhere now.
        self.loaded = None;
        self.go_to(last)?;
        let Loaded { bytes, .. } = self.load()?;
        Ok(last * PIECE as u64 + bytes as u64)
    }
}

impl<R: Read + Seek> Seek for OpeningReader<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::Current(by) => self.place().checked_add_signed(by),
            SeekFrom::End(by) => self.len()?.checked_add_signed(by),
        };
        let target = target.ok_or(ErrorKind::InvalidInput)?;
        let number = target.saturating_sub(1) / PIECE as u64;
        self.go_to(number)?;
        // At most the bytes of a piece.
        self.at = (target - number * PIECE as u64) as usize;
        Ok(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    /// The number of a piece, whether it says that it is the last, and its bytes.
    type Piece = (u64, bool, usize);

    fn key() -> PayloadKey {
        PayloadKey::new(&[7; 32])
    }

    fn is_read(pieces: &[Piece]) -> bool {
        let mut sealed = Vec::new();
        for &(number, is_last, bytes) in pieces {
            let mut piece = vec![1; bytes];
            key().seal(number, is_last, &mut piece, 0).unwrap();
            sealed.extend(piece);
        }
        let mut reader = OpeningReader::new(Cursor::new(&sealed), key(), 0);
        reader.read_to_end(&mut Vec::new()).is_ok()
    }

    /// However many are passed on at once, and what a flush finds.
    #[test]
    fn what_is_written_in_any_portions_is_read() {
        let whole: Vec<u8> = (0..11 * PIECE).map(|n| (n / 251) as u8).collect();
        for bytes in [0, 1, PIECE, 4 * PIECE, 4 * PIECE + 1, 8 * PIECE, 11 * PIECE] {
            for portion in [1000, PIECE, PIECE + 1, 9 * PIECE] {
                let mut writer = SealingWriter::new(Vec::new(), key());
                for (n, part) in whole[..bytes].chunks(portion).enumerate() {
                    writer.write_all(part).unwrap();
                    if n % 3 == 1 {
                        writer.flush().unwrap();
                    }
                }
                let sealed = writer.finish().unwrap();
                let pieces = bytes.div_ceil(PIECE).max(1);
                assert_eq!(sealed.len(), bytes + 16 * pieces);
                let mut back = Vec::new();
                let mut reader = OpeningReader::new(Cursor::new(&sealed), key(), 0);
                reader.read_to_end(&mut back).unwrap();
                assert!(back == whole[..bytes], "{bytes} in {portion}");
            }
        }
    }

    #[test]
    fn pieces_stand_in_their_order_and_the_last_one_says_so() {
        let whole: [Piece; 3] = [(0, false, PIECE), (1, false, PIECE), (2, true, 5)];
        let [first, second, last] = whole;
        let sound: [&[Piece]; 3] = [&whole, &[(0, true, 0)], &[(0, true, PIECE)]];
        let wrong: [&[Piece]; 10] = [
            &[],
            &whole[..2],
            &whole[1..],
            &[first, last],
            &[second, first, last],
            &[first, first, second, last],
            &[first, second, last, last],
            &[(0, false, 5), (1, true, 5)],
            &[(0, true, PIECE), (1, true, 5)],
            // Nobody writes an empty piece behind others.
            &[first, (1, true, 0)],
        ];
        for pieces in sound {
            assert!(is_read(pieces), "{pieces:?}");
        }
        for pieces in wrong {
            assert!(!is_read(pieces), "{pieces:?}");
        }
    }
}
