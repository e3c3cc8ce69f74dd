//! Fields of newer versions survive reading and writing, at every level of every record: unknown
//! ones are put into random places and must come out again, in their order, byte for byte.

use super::{deck, deck_config, notetype, proto};
use crate::base::Result;
use crate::domain::deck::{
    DayLimit, DeckCommon, DeckKind, FilteredDeck, FilteredSearchTerm, NormalDeck,
};
use crate::domain::deck_config::DeckConfigInner;
use crate::domain::notetype::{
    CardRequirement, FieldConfig, NotetypeConfig, NotetypeKind, TemplateConfig,
};
use prost::encoding::{WireType, decode_key, decode_varint, encode_key, encode_varint};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use std::collections::BTreeMap;

/// A message: the tags that we know, and those of them that are messages.
struct Shape {
    known: &'static [u32],
    inner: &'static [(u32, Shape)],
}

const fn flat(known: &'static [u32]) -> Shape {
    Shape { known, inner: &[] }
}

const NORMAL: Shape = Shape {
    known: proto::NORMAL_DECK_TAGS,
    inner: &[
        (8, flat(proto::DAY_LIMIT_TAGS)),
        (9, flat(proto::DAY_LIMIT_TAGS)),
    ],
};
const FILTERED: Shape = Shape {
    known: proto::FILTERED_DECK_TAGS,
    inner: &[(2, flat(proto::SEARCH_TERM_TAGS))],
};
const KIND: Shape = Shape {
    known: proto::KIND_CONTAINER_TAGS,
    inner: &[(1, NORMAL), (2, FILTERED)],
};
const NOTETYPE: Shape = Shape {
    known: proto::NOTETYPE_TAGS,
    inner: &[(8, flat(proto::REQUIREMENT_TAGS))],
};

/// Tag, wire type, and the bytes behind the key (of a length-delimited record only its content).
fn records(mut bytes: &[u8]) -> Vec<(u32, WireType, &[u8])> {
    let mut records = Vec::new();
    while !bytes.is_empty() {
        let (tag, wire_type) = decode_key(&mut bytes).unwrap();
        let start = bytes;
        let len = match wire_type {
            WireType::Varint => {
                decode_varint(&mut bytes).unwrap();
                start.len() - bytes.len()
            }
            WireType::SixtyFourBit => 8,
            WireType::ThirtyTwoBit => 4,
            WireType::LengthDelimited => {
                let len = decode_varint(&mut bytes).unwrap() as usize;
                let (content, rest) = bytes.split_at(len);
                records.push((tag, wire_type, content));
                bytes = rest;
                continue;
            }
            WireType::StartGroup | WireType::EndGroup => panic!("none is made here"),
        };
        let (content, rest) = start.split_at(len);
        records.push((tag, wire_type, content));
        bytes = rest;
    }
    records
}

fn put(out: &mut Vec<u8>, tag: u32, wire_type: WireType, content: &[u8]) {
    encode_key(tag, wire_type, out);
    if wire_type == WireType::LengthDelimited {
        encode_varint(content.len() as u64, out);
    }
    out.extend_from_slice(content);
}

fn put_unknown(out: &mut Vec<u8>, shape: &Shape, random: &mut StdRng) {
    let tag = loop {
        let tag = match random.random_range(0..3) {
            0 => random.random_range(1..20),
            1 => random.random_range(1..300),
            _ => random.random_range(1..(1 << 29)),
        };
        if !shape.known.contains(&tag) {
            break tag;
        }
    };
    let content: Vec<u8> = (0..random.random_range(0..40))
        .map(|_| random.random())
        .collect();
    match random.random_range(0..4) {
        0 => {
            encode_key(tag, WireType::Varint, out);
            encode_varint(random.random::<u64>() >> random.random_range(0..64), out);
        }
        1 => put(
            out,
            tag,
            WireType::SixtyFourBit,
            &random.random::<[u8; 8]>(),
        ),
        2 => put(
            out,
            tag,
            WireType::ThirtyTwoBit,
            &random.random::<[u8; 4]>(),
        ),
        _ => put(out, tag, WireType::LengthDelimited, &content),
    }
}

/// The same message with unknown records between its own, here and in what it contains.
fn with_unknown(bytes: &[u8], shape: &Shape, random: &mut StdRng) -> Vec<u8> {
    let mut out = Vec::new();
    for (tag, wire_type, content) in records(bytes) {
        for _ in 0..random.random_range(0..2) {
            put_unknown(&mut out, shape, random);
        }
        match shape.inner.iter().find(|(inner, _)| *inner == tag) {
            Some((_, inner)) => {
                let content = with_unknown(content, inner, random);
                put(&mut out, tag, wire_type, &content);
            }
            None => put(&mut out, tag, wire_type, content),
        }
    }
    for _ in 0..random.random_range(1..3) {
        put_unknown(&mut out, shape, random);
    }
    out
}

/// What a message says, whatever the order of its known fields.
#[derive(Debug, PartialEq, Default)]
struct Meaning {
    unknown: Vec<u8>,
    plain: BTreeMap<u32, Vec<Vec<u8>>>,
    inner: BTreeMap<u32, Vec<Meaning>>,
}

fn meaning(bytes: &[u8], shape: &Shape) -> Meaning {
    let mut meaning = Meaning::default();
    for (tag, wire_type, content) in records(bytes) {
        if let Some((_, inner)) = shape.inner.iter().find(|(inner, _)| *inner == tag) {
            let of_tag = meaning.inner.entry(tag).or_default();
            of_tag.push(self::meaning(content, inner));
        } else if shape.known.contains(&tag) {
            meaning.plain.entry(tag).or_default().push(content.to_vec());
        } else {
            put(&mut meaning.unknown, tag, wire_type, content);
        }
    }
    meaning
}

fn check(ours: &[u8], shape: &Shape, seed: u64, again: impl Fn(&[u8]) -> Result<Vec<u8>>) {
    assert_eq!(again(ours).unwrap(), ours);
    let newer = with_unknown(ours, shape, &mut StdRng::seed_from_u64(seed));
    let written = again(&newer).unwrap();
    assert_eq!(
        meaning(&written, shape),
        meaning(&newer, shape),
        "seed {seed}"
    );
    assert_eq!(again(&written).unwrap(), written);
}

fn day_limit(limit: u32, today: u32) -> Option<DayLimit> {
    Some(DayLimit {
        limit,
        today,
        unknown: Vec::new(),
    })
}

fn kinds() -> [DeckKind; 3] {
    let term = |search: &str, limit, order| FilteredSearchTerm {
        search: search.to_owned(),
        limit,
        order,
        unknown: Vec::new(),
    };
    [
        DeckKind::Normal(NormalDeck::default()),
        DeckKind::Normal(NormalDeck {
            description: "d".into(),
            extend_new: 3,
            review_limit: Some(0),
            review_limit_today: day_limit(5, 100),
            new_limit_today: day_limit(0, 0),
            desired_retention: Some(0.85),
            ..NormalDeck::default()
        }),
        DeckKind::Filtered(FilteredDeck {
            reschedule: true,
            search_terms: vec![term("is:due", 20, 6), term("", 0, 0)],
            delays: vec![1.0, 10.0],
            ..FilteredDeck::default()
        }),
    ]
}

fn notetype_config() -> NotetypeConfig {
    let requirement = |card_ord, kind, field_ords: &[u32]| CardRequirement {
        card_ord,
        kind,
        field_ords: field_ords.to_vec(),
        unknown: Vec::new(),
    };
    NotetypeConfig {
        kind: NotetypeKind::Newer(7),
        css: ".card {}".into(),
        reqs: vec![requirement(0, 1, &[0, 2]), requirement(1, 0, &[])],
        original_id: Some(0),
        other: b"{}".to_vec(),
        ..NotetypeConfig::default()
    }
}

#[test]
fn unknown_fields_survive_at_every_level() {
    for seed in 0..300 {
        for kind in kinds() {
            check(&deck::deck_kind_to_wire(&kind), &KIND, seed, |bytes| {
                Ok(deck::deck_kind_to_wire(&deck::deck_kind_from_wire(bytes)?))
            });
        }
        let common = DeckCommon {
            new_studied: -3,
            other: b"{}".to_vec(),
            ..DeckCommon::default()
        };
        let shape = flat(proto::DECK_COMMON_TAGS);
        check(&deck::deck_common_to_wire(&common), &shape, seed, |bytes| {
            let read = deck::deck_common_from_wire(bytes)?;
            Ok(deck::deck_common_to_wire(&read))
        });
        let preset = deck_config::deck_config_to_wire(&DeckConfigInner::default());
        let shape = flat(proto::DECK_CONFIG_TAGS);
        check(&preset, &shape, seed, |bytes| {
            let read = deck_config::deck_config_from_wire(bytes)?;
            Ok(deck_config::deck_config_to_wire(&read))
        });
        let config = notetype::notetype_to_wire(&notetype_config());
        check(&config, &NOTETYPE, seed, |bytes| {
            let read = notetype::notetype_from_wire(bytes)?;
            Ok(notetype::notetype_to_wire(&read))
        });
        let field = FieldConfig {
            font_size: 20,
            tag: Some(0),
            ..FieldConfig::default()
        };
        let shape = flat(proto::FIELD_TAGS);
        check(&notetype::field_to_wire(&field), &shape, seed, |bytes| {
            Ok(notetype::field_to_wire(&notetype::field_from_wire(bytes)?))
        });
        let template = TemplateConfig {
            q_format: "{{Front}}".into(),
            id: Some(-1),
            ..TemplateConfig::default()
        };
        let shape = flat(proto::TEMPLATE_TAGS);
        check(
            &notetype::template_to_wire(&template),
            &shape,
            seed,
            |bytes| {
                let read = notetype::template_from_wire(bytes)?;
                Ok(notetype::template_to_wire(&read))
            },
        );
    }
}
