//! The rolling hash (Rabin's) by which the vault cuts files into chunks, with the interface that
//! `rustic_core` asks for. Where it cuts is fixed by `restic`: the polynomial of a repository over
//! the last 64 bytes.

use std::sync::{Arc, Mutex, PoisonError};

/// A polynomial over the field of two elements, a bit for each coefficient.
pub type Polynom64 = u64;

pub trait Polynom {
    fn degree(&self) -> i32;

    /// The rest of a division by `m`.
    #[must_use]
    fn modulo(&self, m: &Self) -> Self;
}

impl Polynom for Polynom64 {
    #[allow(clippy::cast_possible_wrap, reason = "at most 64")]
    fn degree(&self) -> i32 {
        63 - self.leading_zeros() as i32
    }

    fn modulo(&self, m: &Self) -> Self {
        let mut rest = *self;
        while rest.degree() >= m.degree() {
            rest ^= m << (rest.degree() - m.degree());
        }
        rest
    }
}

pub trait RollingHash64 {
    /// Begins anew with the first 63 bytes of `iter`; returns how many there were.
    fn reset_and_prefill_window<I: Iterator<Item = u8>>(&mut self, iter: &mut I) -> usize;

    /// Takes one byte more in, and the oldest out.
    fn slide(&mut self, byte: u8);
}

const WINDOW: usize = 64;

/// What is added to the hash for a byte; the sums are linear.
#[derive(Debug)]
struct Tables {
    polynom: Polynom64,
    /// For the byte that leaves the window, after the shift.
    leaving: [u64; 256],
    /// For the bits that a shift brings above the degree: they go, and their rest comes.
    overflowing: [u64; 256],
}

impl Tables {
    fn new(polynom: Polynom64) -> Self {
        let shifted = |hash: u64| (hash << 8).modulo(&polynom);
        let (mut leaving, mut overflowing) = ([0; 256], [0; 256]);
        for byte in 0..256 {
            let mut hash = (byte as u64).modulo(&polynom);
            for _ in 0..WINDOW {
                hash = shifted(hash);
            }
            leaving[byte] = hash;
            let above = (byte as u64) << polynom.degree();
            overflowing[byte] = above.modulo(&polynom) | above;
        }
        Self {
            polynom,
            leaving,
            overflowing,
        }
    }

    /// Those of the polynomial that was asked for last are kept.
    fn of(polynom: Polynom64) -> Arc<Self> {
        static LAST: Mutex<Option<Arc<Tables>>> = Mutex::new(None);
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some(tables) if tables.polynom == polynom => Arc::clone(tables),
            _ => Arc::clone(last.insert(Arc::new(Self::new(polynom)))),
        }
    }
}

/// The hash of the last 64 bytes.
#[derive(Debug, Clone)]
pub struct Rabin64 {
    pub hash: Polynom64,
    tables: Arc<Tables>,
    window: [u8; WINDOW],
    /// Of the oldest byte.
    oldest: usize,
    /// Where the bits begin that the next shift brings above the degree.
    top: u32,
}

impl Rabin64 {
    /// # Panics
    /// For a window that is not of 2^6 bytes.
    #[must_use]
    pub fn new_with_polynom(window_bits: u32, polynom: &Polynom64) -> Self {
        assert_eq!(1 << window_bits, WINDOW, "the window has 64 bytes");
        Self {
            hash: 0,
            tables: Tables::of(*polynom),
            window: [0; WINDOW],
            oldest: 0,
            top: u32::try_from(polynom.degree() - 8).unwrap_or(0),
        }
    }

    #[inline]
    fn shift_in(&mut self, byte: u8) {
        let overflow = (self.hash >> self.top) & 255;
        self.hash = (self.hash << 8)
            ^ self.tables.overflowing[overflow as usize]
            ^ (u64::from(byte) ^ self.tables.leaving[usize::from(self.window[self.oldest])]);
        self.window[self.oldest] = byte;
        self.oldest = (self.oldest + 1) % WINDOW;
    }
}

impl RollingHash64 for Rabin64 {
    fn reset_and_prefill_window<I: Iterator<Item = u8>>(&mut self, iter: &mut I) -> usize {
        self.hash = 0;
        self.window = [0; WINDOW];
        self.oldest = 0;
        iter.take(WINDOW - 1)
            .map(|byte| self.shift_in(byte))
            .count()
    }

    #[inline]
    fn slide(&mut self, byte: u8) {
        self.shift_in(byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_last_64_bytes() {
        let bytes: Vec<u8> = (0..5000u32).map(|n| ((n * n) >> 5) as u8).collect();
        for polynom in [0x003D_A335_8B4D_C173, 0x0025_8E6F_0B3F_2C4D | 1 << 53] {
            let mut rabin = Rabin64::new_with_polynom(6, &polynom);
            for start in [0, 777] {
                let mut coming = bytes[start..].iter().copied();
                assert_eq!(rabin.reset_and_prefill_window(&mut coming), 63);
                for (n, byte) in coming.enumerate() {
                    rabin.slide(byte);
                    let window = &bytes[start + n..start + n + 64];
                    let whole = window.iter().fold(0, |hash: u64, byte| {
                        ((hash << 8) | u64::from(*byte)).modulo(&polynom)
                    });
                    assert_eq!(rabin.hash, whole);
                }
            }
        }
    }
}
