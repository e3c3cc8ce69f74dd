//! FNV-1a over numbers: the stable pseudo-random order of cards.

/// 64-bit FNV-1a over the little-endian bytes of `values`, as the signed number SQLite sorts.
#[must_use]
pub fn fnv(values: &[i64]) -> i64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in values.iter().flat_map(|v| v.to_le_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash.cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_fnv_1a() {
        assert_eq!(fnv(&[]).cast_unsigned(), 0xcbf2_9ce4_8422_2325);
        assert_ne!(fnv(&[1, 2]), fnv(&[2, 1]));
    }
}
