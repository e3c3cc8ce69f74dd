//! The seal of the format: AES-256 in counter mode with a Poly1305-AES tag, packed with zstd inside.
//! The crate that knows the format has it too, but not for others, and takes new memory for each
//! part, which is a sixth of the work where all parts of a vault are read one after the other.

use crate::base::{Error, Result};
use crate::mark;
use aes256ctr_poly1305aes::aead::AeadInPlace as _;
use aes256ctr_poly1305aes::{Aes256CtrPoly1305Aes, Key, Nonce, Tag};
use bytes::Bytes;
use rustic_core::repofile::MasterKey;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use zstd::bulk::Decompressor;

/// Bytes of a key.
pub(super) const KEY: usize = 64;
/// Bytes before what is sealed.
const NONCE: usize = 16;
/// Bytes after it.
const TAG: usize = 16;

#[derive(Clone)]
pub(super) struct Seal(Aes256CtrPoly1305Aes);

impl Seal {
    pub(super) fn with(bytes: &[u8; KEY]) -> Self {
        let mut key = Key::default();
        key.copy_from_slice(bytes);
        Self(Aes256CtrPoly1305Aes::new(&key))
    }

    pub(super) fn of(key: &MasterKey) -> Result<Self> {
        let bytes = [&key.encrypt[..], &key.mac.k, &key.mac.r].concat();
        let bytes: [u8; KEY] = bytes
            .try_into()
            .map_err(|_| Error::bug("the key of the vault has a wrong length"))?;
        Ok(Self::with(&bytes))
    }

    pub(super) fn close(&self, plain: &[u8]) -> Result<Vec<u8>> {
        let mut sealed = Vec::new();
        self.close_onto(plain, &mut sealed)?;
        Ok(sealed)
    }

    /// As [`Self::close`], at the end of `out`.
    pub(super) fn close_onto(&self, plain: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let mut nonce = Nonce::default();
        nonce.copy_from_slice(&rand::random::<[u8; NONCE]>());
        out.reserve(NONCE + plain.len() + TAG);
        out.extend_from_slice(&nonce);
        let start = out.len();
        out.extend_from_slice(plain);
        let tag = self
            .0
            .encrypt_in_place_detached(&nonce, &[], &mut out[start..])
            .map_err(|_| Error::bug("a part of the vault cannot be sealed"))?;
        out.extend_from_slice(&tag);
        Ok(())
    }

    /// What is sealed, in its place.
    ///
    /// # Errors
    /// `Corrupt` when it is not what this key sealed.
    pub(super) fn open<'a>(&self, sealed: &'a mut [u8]) -> Result<&'a mut [u8]> {
        let inner = sealed.len().checked_sub(NONCE + TAG).ok_or_else(damaged)?;
        let (before, rest) = sealed.split_at_mut(NONCE);
        let (inside, after) = rest.split_at_mut(inner);
        let (mut nonce, mut tag) = (Nonce::default(), Tag::default());
        nonce.copy_from_slice(before);
        tag.copy_from_slice(after);
        self.0
            .decrypt_in_place_detached(&nonce, &[], inside, &tag)
            .map_err(|_| damaged())?;
        Ok(inside)
    }
}

/// Opens parts one after the other, in the same memory.
pub(super) struct Opener {
    seal: Seal,
    zstd: Decompressor<'static>,
    sealed: Vec<u8>,
    plain: Vec<u8>,
}

impl Opener {
    pub(super) fn new(seal: &Seal) -> Result<Self> {
        let zstd = Decompressor::new()
            .map_err(|e| Error::bug("the decompressor cannot be made").because(e))?;
        Ok(Self {
            seal: seal.clone(),
            zstd,
            sealed: Vec::new(),
            plain: Vec::new(),
        })
    }

    /// What is in a part; `unpacked`: its bytes, where it is packed.
    ///
    /// # Errors
    /// `Corrupt` when it is damaged.
    pub(super) fn open(&mut self, sealed: Bytes, unpacked: Option<NonZeroU32>) -> Result<&[u8]> {
        self.sealed = Vec::from(sealed);
        let opened = self.seal.open(&mut self.sealed)?;
        unpack(&mut self.zstd, &mut self.plain, opened, unpacked)
    }

    /// As [`Self::open`], of a part that stays as it is.
    pub(super) fn open_copy(
        &mut self,
        sealed: &[u8],
        unpacked: Option<NonZeroU32>,
    ) -> Result<&[u8]> {
        self.sealed.clear();
        self.sealed.extend_from_slice(sealed);
        let opened = self.seal.open(&mut self.sealed)?;
        unpack(&mut self.zstd, &mut self.plain, opened, unpacked)
    }

    /// As [`Self::open`], of a part that lies in memory; there it is opened.
    pub(super) fn open_there<'a>(
        &'a mut self,
        sealed: &'a mut [u8],
        unpacked: Option<NonZeroU32>,
    ) -> Result<&'a [u8]> {
        let opened = self.seal.open(sealed)?;
        unpack(&mut self.zstd, &mut self.plain, opened, unpacked)
    }
}

fn unpack<'a>(
    zstd: &mut Decompressor<'static>,
    plain: &'a mut Vec<u8>,
    opened: &'a [u8],
    unpacked: Option<NonZeroU32>,
) -> Result<&'a [u8]> {
    let Some(length) = unpacked else {
        return Ok(opened);
    };
    let length = length.get() as usize;
    plain.clear();
    plain
        .try_reserve(length)
        .map_err(|e| damaged().because(e))?;
    let written = zstd
        .decompress_to_buffer(opened, plain)
        .map_err(|e| damaged().because(e))?;
    if written == length {
        Ok(plain)
    } else {
        Err(damaged())
    }
}

/// What every part says that is not as it was sealed.
pub(super) fn damaged() -> Error {
    Error::corrupt(mark!("the vault is damaged"))
}

/// Openers for as many threads as ask at once.
pub(super) struct Openers {
    seal: Seal,
    free: Mutex<Vec<Opener>>,
}

impl Openers {
    pub(super) fn of(key: &MasterKey) -> Result<Self> {
        Ok(Self {
            seal: Seal::of(key)?,
            free: Mutex::default(),
        })
    }

    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Opener) -> Result<T>) -> Result<T> {
        let free = || self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = free().pop();
        let mut opener = match taken {
            Some(opener) => opener,
            None => Opener::new(&self.seal)?,
        };
        let done = work(&mut opener);
        free().push(opener);
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ErrorKind;

    #[test]
    fn what_is_sealed_opens_and_what_was_touched_does_not() {
        let key = MasterKey::new();
        let seal = Seal::of(&key).unwrap();
        let openers = Openers::of(&key).unwrap();
        let text = b"a question and an answer".repeat(99);
        let packed = zstd::encode_all(&text[..], 1).unwrap();
        let length = u32::try_from(text.len()).ok().and_then(NonZeroU32::new);
        let open = |sealed: &[u8], length| {
            openers.with(|opener| {
                let bytes = Bytes::copy_from_slice(sealed);
                let opened = opener.open(bytes, length)?.to_vec();
                assert_eq!(opener.open_copy(sealed, length)?, opened);
                let mut there = sealed.to_vec();
                assert_eq!(opener.open_there(&mut there, length)?, opened);
                Ok(opened)
            })
        };
        let sealed = seal.close(&packed).unwrap();
        assert_eq!(open(&sealed, length).unwrap(), text);
        assert_eq!(open(&sealed, None).unwrap(), packed);
        let empty = seal.close(&[]).unwrap();
        assert!(open(&empty, None).unwrap().is_empty());
        let refused = |sealed: &[u8], length| {
            let error = open(sealed, length).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
        };
        for at in [0, 20, sealed.len() - 1] {
            let mut touched = sealed.clone();
            touched[at] ^= 1;
            refused(&touched, length);
        }
        for end in [0, 31, sealed.len() - 1] {
            refused(&sealed[..end], length);
        }
        for wrong in [1, 2375, 2377] {
            refused(&sealed, NonZeroU32::new(wrong));
        }
        let other = Seal::of(&MasterKey::new()).unwrap();
        refused(&other.close(&packed).unwrap(), length);
    }
}
