//! Decoding and encoding of protobuf messages with their unknown fields kept.
//!
//! `prost` drops what it does not know. So the original bytes are scanned once more for the tags
//! that the message does not declare, and those records are appended verbatim on writing.

use crate::base::{Error, Result};
use crate::mark;
use prost::Message;
use prost::encoding::{WireType, decode_key, decode_varint};

/// Decodes `bytes`; `what` names the thing in the error.
pub(super) fn decode<M: Message + Default>(bytes: &[u8], what: &str) -> Result<M> {
    M::decode(bytes).map_err(|e| Error::corrupt(mark!("{what} cannot be read", what)).because(e))
}

/// Encodes the known fields and appends the unknown ones.
pub(super) fn encode<M: Message>(message: &M, unknown: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.encoded_len() + unknown.len());
    message.encode_raw(&mut out);
    out.extend_from_slice(unknown);
    out
}

/// The records of `bytes` whose tag is not in `known`, in their order. Stops silently at damage:
/// the caller has decoded the same bytes and reported it.
pub(super) fn unknown_fields(bytes: &[u8], known: &[u32]) -> Vec<u8> {
    let mut unknown = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let record = rest;
        let Some(tag) = skip_record(&mut rest) else {
            break;
        };
        if !known.contains(&tag) {
            unknown.extend_from_slice(&record[..record.len() - rest.len()]);
        }
    }
    unknown
}

/// Moves past one record and returns its tag.
fn skip_record(rest: &mut &[u8]) -> Option<u32> {
    // Groups nest; a loop keeps hostile input off the stack.
    let mut open_groups = 0_usize;
    let mut first_tag = None;
    loop {
        let (tag, wire_type) = decode_key(rest).ok()?;
        first_tag.get_or_insert(tag);
        let skip = match wire_type {
            WireType::Varint => {
                decode_varint(rest).ok()?;
                0
            }
            WireType::SixtyFourBit => 8,
            WireType::ThirtyTwoBit => 4,
            WireType::LengthDelimited => usize::try_from(decode_varint(rest).ok()?).ok()?,
            WireType::StartGroup => {
                open_groups += 1;
                0
            }
            WireType::EndGroup => {
                open_groups = open_groups.checked_sub(1)?;
                0
            }
        };
        *rest = rest.get(skip..)?;
        if open_groups == 0 {
            return first_tag;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_records_are_kept_verbatim() {
        // 1: varint 5; 9: "ab"; 200: fixed32; 7: group { 1: varint 1 }; 2: varint 1
        let bytes = [
            0x08, 5, 0x4a, 2, b'a', b'b', 0xc5, 0x0c, 1, 2, 3, 4, 0x3b, 0x08, 1, 0x3c, 0x10, 1,
        ];
        assert_eq!(unknown_fields(&bytes, &[1, 2]), &bytes[2..16]);
        assert_eq!(unknown_fields(&bytes, &[1, 2, 7, 9, 200]), b"");
        assert_eq!(unknown_fields(&bytes, &[]), bytes);
    }

    #[test]
    fn damage_stops_the_scan() {
        assert_eq!(unknown_fields(&[0x4a, 200, 1], &[]), b"");
        assert_eq!(unknown_fields(&[0x3b, 0x08], &[]), b"");
        assert_eq!(unknown_fields(&[0xff; 20], &[]), b"");
    }
}
