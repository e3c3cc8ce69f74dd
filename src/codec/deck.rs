//! `decks.common` and `decks.kind`.

use super::{proto, wire};
use crate::base::ids::DeckConfigId;
use crate::base::{Error, Result};
use crate::domain::deck::{
    DayLimit, DeckCommon, DeckKind, FilteredDeck, FilteredSearchTerm, NormalDeck,
};
use crate::mark;

pub fn deck_common_from_wire(bytes: &[u8]) -> Result<DeckCommon> {
    let p: proto::DeckCommon = wire::decode(bytes, mark!("the state of a deck"))?;
    Ok(DeckCommon {
        study_collapsed: p.study_collapsed,
        browser_collapsed: p.browser_collapsed,
        last_day_studied: p.last_day_studied,
        new_studied: p.new_studied,
        review_studied: p.review_studied,
        learning_studied: p.learning_studied,
        milliseconds_studied: p.milliseconds_studied,
        other: p.other,
        unknown: wire::unknown_fields(bytes, proto::DECK_COMMON_TAGS),
    })
}

#[must_use]
pub fn deck_common_to_wire(common: &DeckCommon) -> Vec<u8> {
    let p = proto::DeckCommon {
        study_collapsed: common.study_collapsed,
        browser_collapsed: common.browser_collapsed,
        last_day_studied: common.last_day_studied,
        new_studied: common.new_studied,
        review_studied: common.review_studied,
        learning_studied: common.learning_studied,
        milliseconds_studied: common.milliseconds_studied,
        other: common.other.clone(),
    };
    wire::encode(&p, &common.unknown)
}

/// A blob without either kind is damage: Anki refuses it too.
pub fn deck_kind_from_wire(bytes: &[u8]) -> Result<DeckKind> {
    let container: proto::KindContainer = wire::decode(bytes, mark!("the kind of a deck"))?;
    let container_unknown = wire::unknown_fields(bytes, proto::KIND_CONTAINER_TAGS);
    Ok(match container.kind {
        Some(proto::Kind::Normal(bytes)) => DeckKind::Normal(NormalDeck {
            container_unknown,
            ..normal_from_wire(&bytes)?
        }),
        Some(proto::Kind::Filtered(bytes)) => DeckKind::Filtered(FilteredDeck {
            container_unknown,
            ..filtered_from_wire(&bytes)?
        }),
        None => {
            return Err(Error::corrupt(mark!(
                "a deck is neither normal nor filtered"
            )));
        }
    })
}

#[must_use]
pub fn deck_kind_to_wire(kind: &DeckKind) -> Vec<u8> {
    let (kind, unknown) = match kind {
        DeckKind::Normal(normal) => (
            proto::Kind::Normal(normal_to_wire(normal)),
            &normal.container_unknown,
        ),
        DeckKind::Filtered(filtered) => (
            proto::Kind::Filtered(filtered_to_wire(filtered)),
            &filtered.container_unknown,
        ),
    };
    wire::encode(&proto::KindContainer { kind: Some(kind) }, unknown)
}

fn normal_from_wire(bytes: &[u8]) -> Result<NormalDeck> {
    let p: proto::NormalDeck = wire::decode(bytes, mark!("the settings of a deck"))?;
    Ok(NormalDeck {
        config_id: DeckConfigId(p.config_id),
        extend_new: p.extend_new,
        extend_review: p.extend_review,
        description: p.description,
        markdown_description: p.markdown_description,
        review_limit: p.review_limit,
        new_limit: p.new_limit,
        review_limit_today: day_limit_from(p.review_limit_today)?,
        new_limit_today: day_limit_from(p.new_limit_today)?,
        desired_retention: p.desired_retention,
        unknown: wire::unknown_fields(bytes, proto::NORMAL_DECK_TAGS),
        container_unknown: Vec::new(),
    })
}

fn normal_to_wire(deck: &NormalDeck) -> Vec<u8> {
    let p = proto::NormalDeck {
        config_id: deck.config_id.0,
        extend_new: deck.extend_new,
        extend_review: deck.extend_review,
        description: deck.description.clone(),
        markdown_description: deck.markdown_description,
        review_limit: deck.review_limit,
        new_limit: deck.new_limit,
        review_limit_today: deck.review_limit_today.as_ref().map(day_limit_to),
        new_limit_today: deck.new_limit_today.as_ref().map(day_limit_to),
        desired_retention: deck.desired_retention,
    };
    wire::encode(&p, &deck.unknown)
}

fn day_limit_from(bytes: Option<Vec<u8>>) -> Result<Option<DayLimit>> {
    let Some(bytes) = bytes else { return Ok(None) };
    let p: proto::DayLimit = wire::decode(&bytes, mark!("a deck's limit for one day"))?;
    Ok(Some(DayLimit {
        limit: p.limit,
        today: p.today,
        unknown: wire::unknown_fields(&bytes, proto::DAY_LIMIT_TAGS),
    }))
}

fn day_limit_to(limit: &DayLimit) -> Vec<u8> {
    let p = proto::DayLimit {
        limit: limit.limit,
        today: limit.today,
    };
    wire::encode(&p, &limit.unknown)
}

fn filtered_from_wire(bytes: &[u8]) -> Result<FilteredDeck> {
    let p: proto::FilteredDeck = wire::decode(bytes, mark!("the settings of a filtered deck"))?;
    let search_terms = p
        .search_terms
        .iter()
        .map(|bytes| {
            let term: proto::SearchTerm = wire::decode(bytes, mark!("a filtered deck's search"))?;
            Ok(FilteredSearchTerm {
                search: term.search,
                limit: term.limit,
                order: term.order,
                unknown: wire::unknown_fields(bytes, proto::SEARCH_TERM_TAGS),
            })
        })
        .collect::<Result<_>>()?;
    Ok(FilteredDeck {
        reschedule: p.reschedule,
        search_terms,
        delays: p.delays,
        preview_delay: p.preview_delay,
        preview_again_secs: p.preview_again_secs,
        preview_hard_secs: p.preview_hard_secs,
        preview_good_secs: p.preview_good_secs,
        unknown: wire::unknown_fields(bytes, proto::FILTERED_DECK_TAGS),
        container_unknown: Vec::new(),
    })
}

fn filtered_to_wire(deck: &FilteredDeck) -> Vec<u8> {
    let p = proto::FilteredDeck {
        reschedule: deck.reschedule,
        search_terms: deck
            .search_terms
            .iter()
            .map(|term| {
                let p = proto::SearchTerm {
                    search: term.search.clone(),
                    limit: term.limit,
                    order: term.order,
                };
                wire::encode(&p, &term.unknown)
            })
            .collect(),
        delays: deck.delays.clone(),
        preview_delay: deck.preview_delay,
        preview_hard_secs: deck.preview_hard_secs,
        preview_good_secs: deck.preview_good_secs,
        preview_again_secs: deck.preview_again_secs,
    };
    wire::encode(&p, &deck.unknown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fields_of_newer_versions_survive() {
        // tag 14 varint, tag 300 bytes
        let unknown = vec![0x70, 7, 0xe2, 0x12, 1, b'x'];
        let mut common = deck_common_to_wire(&DeckCommon {
            study_collapsed: true,
            new_studied: -3,
            ..DeckCommon::default()
        });
        common.extend_from_slice(&unknown);
        let read = deck_common_from_wire(&common).unwrap();
        assert_eq!(read.unknown, unknown);
        assert_eq!(deck_common_to_wire(&read), common);

        let mut term = FilteredSearchTerm {
            search: "is:due".into(),
            limit: 20,
            order: 6,
            unknown: unknown.clone(),
        };
        let kind = DeckKind::Filtered(FilteredDeck {
            search_terms: vec![term.clone(), term.clone()],
            unknown: unknown.clone(),
            ..FilteredDeck::default()
        });
        let bytes = deck_kind_to_wire(&kind);
        assert_eq!(deck_kind_from_wire(&bytes).unwrap(), kind);
        term.unknown.clear();
    }

    #[test]
    fn a_deck_without_kind_is_damage() {
        assert!(deck_kind_from_wire(&[]).is_err());
        assert!(deck_kind_from_wire(&[0xff, 0xff]).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_never_panic_and_readable_ones_keep_their_meaning(bytes: Vec<u8>) {
            if let Ok(common) = deck_common_from_wire(&bytes) {
                let again = deck_common_to_wire(&common);
                prop_assert_eq!(deck_common_from_wire(&again).unwrap(), common);
            }
            if let Ok(kind) = deck_kind_from_wire(&bytes) {
                let again = deck_kind_to_wire(&kind);
                // NaN is not equal to itself; bytes are.
                prop_assert_eq!(deck_kind_to_wire(&deck_kind_from_wire(&again).unwrap()), again);
            }
        }
    }
}
