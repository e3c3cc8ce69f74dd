//! Encrypted files in the age format (age-encryption.org/v1), streaming: the standard `age` command
//! opens what is written here, and what it writes is opened here. A wrong password and a damaged
//! file are told apart: the header carries a checksum under the key, each 64 KiB their own.

use super::payload::{OpeningReader, PayloadKey, SealingWriter};
use crate::base::files::BUFFER;
use crate::base::{Error, ErrorKind, Result, Secret};
use crate::mark;
use age::armor::ArmoredReader;
use age::secrecy::{ExposeSecret as _, SecretString};
use age::{
    DecryptError, Decryptor, EncryptError, Encryptor, Identity, IdentityFile, scrypt, x25519,
};
use age_core::format::{FileKey, Stanza};
use age_core::primitives::hkdf;
use std::cell::RefCell;
use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};

/// scrypt with N = 2^16, r = 8: 64 MiB and a sixth of a second for each guess, so that writing and
/// checking a small export still feels immediate and an old machine has the memory. Fixed, because
/// measured costs would differ between a busy and an idle machine. One more character in the
/// password is worth more than doubling it.
const WORK_FACTOR: u8 = 16;
/// A file may ask for 1 GiB of memory, sixteen times ours; the `age` command writes 18.
const MOST_WORK: u8 = 20;
/// A header has some hundred bytes for each key. It is parsed anew with each of its lines, so that
/// a much larger one would hold the program up.
const LONGEST_HEADER: usize = 1 << 16;

/// What a file is encrypted with.
#[derive(Debug, Clone)]
pub enum Lock {
    Password(Secret),
    /// Public keys (`age1…`), at least one: whoever has the private key of any opens it.
    Recipients(Vec<Recipient>),
}

/// A public key.
#[derive(Debug, Clone)]
pub struct Recipient(x25519::Recipient);

impl Recipient {
    /// # Errors
    /// `InvalidInput` when the text is not an `age1…` key.
    pub fn parse(text: &str) -> Result<Self> {
        text.trim().parse().map(Self).map_err(|why: &str| {
            Error::invalid(mark!("this is not a public key of age (age1…)")).because(why)
        })
    }
}

/// As it is parsed.
impl std::fmt::Display for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What opens an encrypted file.
#[derive(Clone)]
pub enum Key {
    Password(Secret),
    Identities(Identities),
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Password(_) => "Key::Password",
            Self::Identities(_) => "Key::Identities",
        })
    }
}

/// Private keys.
#[derive(Clone)]
pub struct Identities(Vec<x25519::Identity>);

impl Identities {
    /// From the text of a file as `age-keygen` writes it: a key a line, and comments.
    ///
    /// # Errors
    /// `InvalidInput` when it holds something else; the text itself is never repeated.
    pub fn parse(text: &str) -> Result<Self> {
        let not_keys = || {
            Error::invalid(mark!(
                "this is not a file of private keys (AGE-SECRET-KEY-…)"
            ))
        };
        // Reads the whole of it, so that the error of a wrong line is the library's.
        IdentityFile::from_buffer(text.as_bytes()).map_err(|_| not_keys())?;
        let keys: Vec<x25519::Identity> = text
            .lines()
            .filter_map(|line| line.trim().parse().ok())
            .collect();
        if keys.is_empty() {
            return Err(not_keys());
        }
        Ok(Self(keys))
    }
}

/// An encryption about to begin, and the key that will open it again to check what was written.
pub struct Sealing {
    encryptor: Encryptor,
    file_key: FileKey,
    pub check: Key,
}

impl Sealing {
    /// Takes about a sixth of a second with a password.
    pub fn new(lock: &Lock) -> Result<Self> {
        match lock {
            Lock::Password(password) if password.is_empty() => {
                Err(Error::invalid(mark!("the password is empty")))
            }
            Lock::Password(password) => {
                let mut recipient = scrypt::Recipient::new(secret(password));
                recipient.set_work_factor(WORK_FACTOR);
                Self::begin(&[&recipient], Key::Password(password.clone()))
            }
            Lock::Recipients(recipients) => {
                if recipients.is_empty() {
                    return Err(Error::invalid(mark!("there is no key to encrypt for")));
                }
                // We cannot open what is meant for others: one key more, that is forgotten when
                // the file was read back.
                let own = x25519::Identity::generate();
                let own_public = own.to_public();
                let all = recipients.iter().map(|r| &r.0).chain([&own_public]);
                let all: Vec<&dyn age::Recipient> = all.map(|r| r as _).collect();
                Self::begin(&all, Key::Identities(Identities(vec![own])))
            }
        }
    }

    fn begin(recipients: &[&dyn age::Recipient], check: Key) -> Result<Self> {
        let found = RefCell::new(None);
        let keeping: Vec<_> = recipients.iter().map(|&r| Keeping(r, &found)).collect();
        let encryptor = Encryptor::with_recipients(keeping.iter().map(|r| r as _));
        Ok(Self {
            encryptor: encryptor.map_err(encrypt_error)?,
            file_key: kept(found)?,
            check,
        })
    }

    /// Encrypts what is written to the answer into `out`; [`SealingWriter::finish`] ends it.
    pub fn into<W: Write>(self, mut out: W) -> Result<SealingWriter<W>> {
        let mut header = Vec::new();
        drop(self.encryptor.wrap_output(&mut header)?);
        out.write_all(&header)?;
        let key = payload_key(&self.file_key, &header)?;
        Ok(SealingWriter::new(out, key))
    }
}

/// What the pieces behind `header` are encrypted with; it ends with a number of its own for that.
fn payload_key(file_key: &FileKey, header: &[u8]) -> Result<PayloadKey> {
    let nonce: &[u8; 16] = header
        .last_chunk()
        .ok_or_else(|| Error::bug("the header of an encrypted file is too short"))?;
    let key = hkdf(nonce, b"payload", file_key.expose_secret());
    Ok(PayloadKey::new(&key))
}

/// Decrypts `input` as it is read. Reading fails with `Corrupt` where it is damaged or cut off.
///
/// # Errors
/// `WrongPassword` when the password or key does not fit, `Corrupt` when this is no age file,
/// `Refused` when opening it would cost too much.
pub fn open<R: Read>(input: R, key: &Key) -> Result<impl Read + use<R>> {
    opened(input, key).map(|(opened, _)| opened)
}

/// As [`open`] of a file that is not in letters (armor), and what opens the same file again from
/// any place, without making the key anew.
pub fn open_to_reopen<R: Read>(input: R, key: &Key) -> Result<(impl Read + use<R>, Reopening)> {
    opened(input, key)
}

/// See [`open_to_reopen`].
#[derive(Clone)]
pub struct Reopening {
    key: PayloadKey,
    header_bytes: u64,
}

impl Reopening {
    /// Decrypts `input` wherever it is read, at first from the beginning.
    pub fn open<R: Read + Seek>(&self, mut input: R) -> std::io::Result<Opened<R>> {
        input.seek(SeekFrom::Start(self.header_bytes))?;
        let reader = OpeningReader::new(input, self.key.clone(), self.header_bytes);
        Ok(Sound(reader))
    }
}

/// Passes on to a key, and keeps the key of the file that passes by.
struct Keeping<'a, T: ?Sized>(&'a T, &'a RefCell<Option<FileKey>>);

impl<T: Identity + ?Sized> Identity for Keeping<'_, T> {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<std::result::Result<FileKey, DecryptError>> {
        let unwrapped = self.0.unwrap_stanza(stanza);
        if let Some(Ok(key)) = &unwrapped {
            self.1.replace(Some(copied(key)));
        }
        unwrapped
    }
}

impl<T: age::Recipient + ?Sized> age::Recipient for Keeping<'_, T> {
    fn wrap_file_key(
        &self,
        key: &FileKey,
    ) -> std::result::Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        self.1.replace(Some(copied(key)));
        self.0.wrap_file_key(key)
    }
}

fn copied(key: &FileKey) -> FileKey {
    FileKey::init_with_mut(|copy| copy.copy_from_slice(key.expose_secret()))
}

fn kept(key: RefCell<Option<FileKey>>) -> Result<FileKey> {
    key.into_inner()
        .ok_or_else(|| Error::bug("the key of an encrypted file is not known"))
}

/// What is decrypted as it is read.
pub type Opened<R> = Sound<OpeningReader<R>>;

fn opened<R: Read>(input: R, key: &Key) -> Result<(impl Read + use<R>, Reopening)> {
    let mut input = BufReader::with_capacity(BUFFER, ArmoredReader::new(input));
    let mut header = Header {
        input: &mut input,
        read: Vec::new(),
    };
    let file_key = unlocked(&mut header, key)?;
    let reopening = Reopening {
        key: payload_key(&file_key, &header.read)?,
        header_bytes: header.read.len() as u64,
    };
    let reader = OpeningReader::new(input, reopening.key.clone(), reopening.header_bytes);
    Ok((Sound(reader), reopening))
}

/// Reads the header and what opens the file in it; the library compares its checksum under that.
fn unlocked(header: &mut Header<'_, impl BufRead>, key: &Key) -> Result<FileKey> {
    let decryptor = Decryptor::new_buffered(header).map_err(open_error)?;
    let found = RefCell::new(None);
    match key {
        Key::Password(_) if !decryptor.is_scrypt() => {
            return Err(Error::new(
                ErrorKind::WrongPassword,
                mark!("the file is encrypted for a key, not with a password"),
            ));
        }
        Key::Identities(_) if decryptor.is_scrypt() => {
            return Err(Error::new(
                ErrorKind::WrongPassword,
                mark!("the file is encrypted with a password, not for a key"),
            ));
        }
        Key::Password(password) => {
            let mut identity = scrypt::Identity::new(secret(password));
            identity.set_max_work_factor(MOST_WORK);
            let keeping = Keeping(&identity, &found);
            let opened = decryptor.decrypt(std::iter::once(&keeping as _));
            drop(opened.map_err(open_error)?);
        }
        Key::Identities(keys) => {
            let keeping: Vec<_> = keys.0.iter().map(|key| Keeping(key, &found)).collect();
            let opened = decryptor.decrypt(keeping.iter().map(|key| key as _));
            drop(opened.map_err(open_error)?);
        }
    }
    kept(found)
}

/// Keeps what is read of the header, and ends with an error where it is too long.
struct Header<'a, R> {
    input: &'a mut R,
    read: Vec<u8>,
}

impl<R: BufRead> BufRead for Header<'_, R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        let there = self.input.fill_buf()?;
        match LONGEST_HEADER.saturating_sub(self.read.len()) {
            0 => Err(std::io::ErrorKind::InvalidData.into()),
            left => Ok(&there[..there.len().min(left)]),
        }
    }

    fn consume(&mut self, n: usize) {
        // Filled before, and not read anew.
        if let Ok(there) = self.input.fill_buf() {
            self.read.extend_from_slice(&there[..n.min(there.len())]);
        }
        self.input.consume(n);
    }
}

impl<R: BufRead> Read for Header<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let there = self.fill_buf()?;
        let n = there.len().min(buffer.len());
        buffer[..n].copy_from_slice(&there[..n]);
        self.consume(n);
        Ok(n)
    }
}

/// Says of every failure that does not come from the disk that the file is damaged.
pub struct Sound<R>(R);

impl<R: Read> Read for Sound<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buffer).map_err(|e| damage(e).into())
    }
}

impl<R: Seek> Seek for Sound<R> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.0.seek(to).map_err(|e| damage(e).into())
    }
}

fn damage(e: std::io::Error) -> Error {
    match e.kind() {
        std::io::ErrorKind::UnexpectedEof => {
            Error::corrupt(mark!("the encrypted file ends too early")).because(e)
        }
        std::io::ErrorKind::InvalidData => {
            Error::corrupt(mark!("the encrypted file is damaged")).because(e)
        }
        _ => e.into(),
    }
}

fn open_error(e: DecryptError) -> Error {
    match e {
        DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed => Error::new(
            ErrorKind::WrongPassword,
            mark!("the password does not open the file"),
        ),
        DecryptError::NoMatchingKeys => Error::new(
            ErrorKind::WrongPassword,
            mark!("the key does not open the file"),
        ),
        DecryptError::ExcessiveWork { .. } => Error::new(
            ErrorKind::Refused,
            mark!("opening the file would take more than 1 GiB of memory"),
        ),
        DecryptError::InvalidMac => Error::corrupt(mark!("the encrypted file is damaged")),
        DecryptError::Io(e) => damage(e),
        _ => Error::corrupt(mark!(
            "the file is not an encrypted file (age), or it is damaged"
        )),
    }
}

fn encrypt_error(e: EncryptError) -> Error {
    match e {
        EncryptError::Io(e) => e.into(),
        other => Error::bug("the file could not be encrypted").because(other),
    }
}

fn secret(password: &Secret) -> SecretString {
    SecretString::from(password.expose().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Cursor;

    fn seal(lock: &Lock, plain: &[u8]) -> (Vec<u8>, Key) {
        let sealing = Sealing::new(lock).unwrap();
        let check = sealing.check.clone();
        let mut out = sealing.into(Vec::new()).unwrap();
        out.write_all(plain).unwrap();
        (out.finish().unwrap(), check)
    }

    fn unseal(sealed: &[u8], key: &Key) -> Result<Vec<u8>> {
        let mut plain = Vec::new();
        open(sealed, key)?.read_to_end(&mut plain)?;
        Ok(plain)
    }

    fn for_key() -> (Lock, Key) {
        let identity = x25519::Identity::generate();
        let lock = Lock::Recipients(vec![Recipient(identity.to_public())]);
        (lock, Key::Identities(Identities(vec![identity])))
    }

    #[test]
    fn passwords_fit_or_are_wrong() {
        let lock = Lock::Password(Secret::new("correct horse"));
        let (sealed, check) = seal(&lock, b"text");
        assert_eq!(unseal(&sealed, &check).unwrap(), b"text");
        let wrong = Key::Password(Secret::new("correct house"));
        let error = unseal(&sealed, &wrong).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongPassword);
        let error = unseal(&sealed, &for_key().1).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongPassword);
        assert!(!format!("{check:?} {lock:?}").contains("horse"));
        let empty = Lock::Password(Secret::default());
        assert!(Sealing::new(&empty).is_err());
    }

    #[test]
    fn keys_fit_or_are_wrong() {
        let (lock, key) = for_key();
        let (sealed, check) = seal(&lock, b"text");
        assert_eq!(unseal(&sealed, &key).unwrap(), b"text");
        assert_eq!(unseal(&sealed, &check).unwrap(), b"text");
        for wrong in [for_key().1, Key::Password(Secret::new("x"))] {
            let error = unseal(&sealed, &wrong).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::WrongPassword);
        }
        assert!(Recipient::parse("age1nonsense").is_err());
        assert!(Identities::parse("# nothing\n").is_err());
        assert!(Identities::parse("AGE-SECRET-KEY-1X").is_err());
    }

    /// What is ours of the format beside what is the library's.
    #[test]
    fn the_library_opens_what_is_sealed_here_and_the_other_way_round() {
        for bytes in [0, 1, 65_535, 65_536, 65_537, 131_072, 300_000] {
            let identity = x25519::Identity::generate();
            let public = identity.to_public();
            let plain: Vec<u8> = (0..bytes).map(|n| (n * 7) as u8).collect();
            let lock = Lock::Recipients(vec![Recipient(public.clone())]);
            let (sealed, _) = seal(&lock, &plain);
            let theirs = Decryptor::new(&sealed[..]).unwrap();
            let mut opened = theirs.decrypt(std::iter::once(&identity as _)).unwrap();
            let mut back = Vec::new();
            opened.read_to_end(&mut back).unwrap();
            assert!(back == plain, "{bytes}");

            let theirs = Encryptor::with_recipients(std::iter::once(&public as _)).unwrap();
            let mut out = theirs.wrap_output(Vec::new()).unwrap();
            out.write_all(&plain).unwrap();
            let sealed = out.finish().unwrap();
            let key = Key::Identities(Identities(vec![identity]));
            assert!(unseal(&sealed, &key).unwrap() == plain, "{bytes}");
        }
    }

    #[test]
    fn what_was_opened_once_is_read_from_any_place() {
        for bytes in [0, 5, 65_536, 65_537, 131_072, 200_000] {
            let (lock, key) = for_key();
            let plain: Vec<u8> = (0..bytes as u32).flat_map(u32::to_le_bytes).collect();
            let (sealed, _) = seal(&lock, &plain[..bytes]);
            let (_, reopening) = open_to_reopen(&sealed[..], &key).unwrap();
            let mut opened = reopening.open(Cursor::new(&sealed)).unwrap();
            let mut expected = Cursor::new(&plain[..bytes]);
            let mut buffers = [vec![0; 70_000], vec![0; 70_000]];
            for n in 0..200_i64 {
                let near = (n * 7919) % (bytes as i64 + 10);
                let to = match n % 4 {
                    0 => SeekFrom::Start(near as u64),
                    1 => SeekFrom::End(-near.min(bytes as i64)),
                    2 => SeekFrom::Start((n as u64 / 4 % 4) * 65_536),
                    _ => SeekFrom::Current(0),
                };
                if opened.seek(to).unwrap() > bytes as u64 {
                    continue;
                }
                assert_eq!(
                    expected.seek(to).unwrap(),
                    opened.stream_position().unwrap()
                );
                let [ours, theirs] = &mut buffers;
                let (ours, theirs) = (&mut ours[..1 + n as usize * 350], theirs);
                let (mut n, mut last) = (0, 1);
                while last > 0 && n < ours.len() {
                    last = opened.read(&mut ours[n..]).unwrap();
                    n += last;
                }
                let there = expected.read(&mut theirs[..ours.len()]).unwrap();
                assert_eq!(n, there);
                assert!(ours[..n] == theirs[..n]);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn what_is_sealed_is_opened_and_no_damage_passes(
            len in prop_oneof![0usize..300, 65_530usize..65_545, 131_070usize..131_075],
            place in 0.0f64..1.0,
            bit in 0u8..8,
        ) {
            let (lock, key) = for_key();
            let plain: Vec<u8> = (0..len).map(|n| (n * 7) as u8).collect();
            let (sealed, _) = seal(&lock, &plain);
            prop_assert_eq!(&unseal(&sealed, &key).unwrap(), &plain);
            let at = ((sealed.len() - 1) as f64 * place) as usize;
            let mut flipped = sealed.clone();
            flipped[at] ^= 1 << bit;
            prop_assert!(unseal(&flipped, &key).is_err());
            prop_assert!(unseal(&sealed[..at], &key).is_err());
            let longer = [&sealed[..], b"x"].concat();
            prop_assert!(unseal(&longer, &key).is_err());
        }
    }
}
