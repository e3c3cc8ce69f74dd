//! A frame of zstd (RFC 8878) that holds bytes as they are: what its compressor makes of files that
//! do not shrink, without the work of trying. Every reader of zstd unpacks it.

use std::io::{self, Write};

/// A number of four bytes says how many bytes there are, and all of them are the window.
const DESCRIPTOR: u8 = 0b1010_0000;
const MAGIC: u32 = 0xFD2F_B528;
/// Bytes of a block, at most.
const BLOCK: usize = 1 << 17;

/// How many bytes the frame of so many has.
#[must_use]
pub fn length(bytes: u64) -> u64 {
    bytes + 9 + 3 * bytes.div_ceil(BLOCK as u64).max(1)
}

/// Writes `content`, of less than 4 GiB, as one frame without a checksum. Fails as `out` does, and
/// with `InvalidInput` where it is longer.
pub fn write(content: &[u8], out: &mut impl Write) -> io::Result<()> {
    let bytes = u32::try_from(content.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let mut header = [0; 9];
    header[..4].copy_from_slice(&MAGIC.to_le_bytes());
    header[4] = DESCRIPTOR;
    header[5..].copy_from_slice(&bytes.to_le_bytes());
    out.write_all(&header)?;
    let mut left = content;
    loop {
        let (block, rest) = left.split_at(left.len().min(BLOCK));
        // The lowest bit says that it is the last, the next two that it is stored.
        let head = ((block.len() as u32) << 3) | u32::from(rest.is_empty());
        out.write_all(&head.to_le_bytes()[..3])?;
        out.write_all(block)?;
        if rest.is_empty() {
            return Ok(());
        }
        left = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zstd_unpacks_what_is_stored() {
        for bytes in [
            0,
            1,
            255,
            256,
            BLOCK - 1,
            BLOCK,
            BLOCK + 1,
            3 * BLOCK,
            999_999,
        ] {
            let content: Vec<u8> = (0..bytes).map(|n| (n * n / 7) as u8).collect();
            let mut frame = Vec::new();
            write(&content, &mut frame).unwrap();
            assert_eq!(frame.len() as u64, length(bytes as u64));
            assert!(zstd::decode_all(&frame[..]).unwrap() == content, "{bytes}");
            let known = zstd::zstd_safe::get_frame_content_size(&frame);
            assert_eq!(known.unwrap(), Some(bytes as u64));
        }
    }
}
