//! Decks of schema 11.

use super::lenient::{self, Object, json_floats, restore_other};
use crate::base::Result;
use crate::base::ids::{DeckConfigId, DeckId, Usn};
use crate::base::time::TimestampSecs;
use crate::domain::deck::{
    DayLimit, Deck, DeckCommon, DeckKind, DeckName, FilteredDeck, FilteredSearchTerm, NormalDeck,
};
use crate::mark;
use serde_json::{Map, Value, json};

/// `id` goes before the one in the object.
pub fn deck_from_json(id: i64, value: Value) -> Result<Deck> {
    let mut o = super::object(value, mark!("a deck"))?;
    o.remove("id");
    let name = DeckName::from_human(&o.text("name"));
    let mtime = TimestampSecs(o.number("mod", 0));
    let usn = Usn(o.number("usn", 0));
    let kind = if o.flag("dyn", false) {
        DeckKind::Filtered(filtered_from(&mut o))
    } else {
        DeckKind::Normal(normal_from(&mut o))
    };
    Ok(Deck {
        id: DeckId(id),
        name,
        mtime,
        usn,
        common: common_from(o),
        kind,
    })
}

fn common_from(mut o: Object) -> DeckCommon {
    let (learning_day, learning) = day_amount(&mut o, "lrnToday");
    let (review_day, review) = day_amount(&mut o, "revToday");
    let (new_day, new) = day_amount(&mut o, "newToday");
    let (time_day, millis) = day_amount(&mut o, "timeToday");
    let last_day = time_day.max(new_day).max(review_day);
    let on_last = |day: i32, amount: i32| if day == last_day { amount } else { 0 };
    DeckCommon {
        study_collapsed: o.flag("collapsed", false),
        browser_collapsed: o.flag("browserCollapsed", false),
        last_day_studied: u32::try_from(last_day).unwrap_or(0),
        new_studied: on_last(new_day, new),
        review_studied: on_last(review_day, review),
        learning_studied: on_last(learning_day, learning),
        milliseconds_studied: on_last(time_day, millis),
        other: o.into_other(),
        unknown: Vec::new(),
    }
}

fn day_amount(o: &mut Object, key: &str) -> (i32, i32) {
    let pair = o.value(key);
    let part = |index: usize| {
        pair.as_ref()
            .and_then(|pair| lenient::int(pair.get(index)?))
            .and_then(|v| i32::try_from(v).ok())
            .unwrap_or(0)
    };
    (part(0), part(1))
}

fn normal_from(o: &mut Object) -> NormalDeck {
    NormalDeck {
        config_id: DeckConfigId(o.number("conf", 1)),
        extend_new: o.number::<i64>("extendNew", 0).clamp(0, u32::MAX.into()) as u32,
        extend_review: o.number::<i64>("extendRev", 0).clamp(0, u32::MAX.into()) as u32,
        description: o.text("desc"),
        markdown_description: o.flag("md", false),
        review_limit: o.int("reviewLimit").and_then(|v| u32::try_from(v).ok()),
        new_limit: o.int("newLimit").and_then(|v| u32::try_from(v).ok()),
        review_limit_today: day_limit(o, "reviewLimitToday"),
        new_limit_today: day_limit(o, "newLimitToday"),
        desired_retention: o
            .int("desiredRetention")
            .filter(|percent| *percent > 0)
            .map(|percent| percent as f32 / 100.0),
        unknown: Vec::new(),
        container_unknown: Vec::new(),
    }
}

fn day_limit(o: &mut Object, key: &str) -> Option<DayLimit> {
    let mut limit = o.object(key)?;
    Some(DayLimit {
        limit: limit.number("limit", 0),
        today: limit.number("today", 0),
        unknown: Vec::new(),
    })
}

fn filtered_from(o: &mut Object) -> FilteredDeck {
    // Constants of the first scheduler, which Anki drops too.
    o.remove("separate");
    o.remove("return");
    o.remove("desc");
    o.remove("md");
    FilteredDeck {
        reschedule: o.flag("resched", false),
        search_terms: match o.value("terms") {
            Some(Value::Array(terms)) => terms.iter().map(term_from).collect(),
            _ => Vec::new(),
        },
        delays: o.floats("delays").unwrap_or_default(),
        preview_delay: o.number("previewDelay", 0),
        preview_again_secs: o.number("previewAgainSecs", 0),
        preview_hard_secs: o.number("previewHardSecs", 0),
        preview_good_secs: o.number("previewGoodSecs", 0),
        unknown: Vec::new(),
        container_unknown: Vec::new(),
    }
}

fn term_from(value: &Value) -> FilteredSearchTerm {
    let number = |index: usize| value.get(index).and_then(lenient::int).unwrap_or(0);
    FilteredSearchTerm {
        search: value
            .get(0)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        limit: number(1).clamp(0, i32::MAX.into()) as u32,
        order: i32::try_from(number(2)).unwrap_or(0),
        unknown: Vec::new(),
    }
}

/// The object for `col.decks`.
#[must_use]
pub fn deck_to_json(deck: &Deck) -> Value {
    let common = &deck.common;
    let today = |amount: i32| json!([common.last_day_studied, amount]);
    let mut map = Map::new();
    let mut put = |key: &str, value: Value| map.insert(key.to_owned(), value);
    put("id", deck.id.0.into());
    put("mod", deck.mtime.0.into());
    put("name", deck.name.human().into());
    put("usn", deck.usn.0.into());
    put("lrnToday", today(common.learning_studied));
    put("revToday", today(common.review_studied));
    put("newToday", today(common.new_studied));
    put("timeToday", today(common.milliseconds_studied));
    put("collapsed", common.study_collapsed.into());
    put("browserCollapsed", common.browser_collapsed.into());
    match &deck.kind {
        DeckKind::Normal(normal) => {
            put("desc", normal.description.as_str().into());
            if normal.markdown_description {
                put("md", true.into());
            }
            put("dyn", 0.into());
            put("conf", normal.config_id.0.into());
            put("extendNew", normal.extend_new.into());
            put("extendRev", normal.extend_review.into());
            put("reviewLimit", json!(normal.review_limit));
            put("newLimit", json!(normal.new_limit));
            put(
                "reviewLimitToday",
                day_limit_to(normal.review_limit_today.as_ref()),
            );
            put(
                "newLimitToday",
                day_limit_to(normal.new_limit_today.as_ref()),
            );
            let percent = normal.desired_retention.map(|v| (v * 100.0) as i64);
            put("desiredRetention", json!(percent));
        }
        DeckKind::Filtered(filtered) => {
            put("desc", "".into());
            put("dyn", 1.into());
            put("resched", filtered.reschedule.into());
            let terms: Vec<Value> = filtered
                .search_terms
                .iter()
                .map(|term| json!([term.search, term.limit, term.order]))
                .collect();
            put("terms", terms.into());
            put("separate", true.into());
            put(
                "delays",
                if filtered.delays.is_empty() {
                    Value::Null
                } else {
                    json_floats(&filtered.delays)
                },
            );
            put("previewDelay", filtered.preview_delay.into());
            put("previewAgainSecs", filtered.preview_again_secs.into());
            put("previewHardSecs", filtered.preview_hard_secs.into());
            put("previewGoodSecs", filtered.preview_good_secs.into());
        }
    }
    restore_other(&mut map, &common.other, &[]);
    Value::Object(map)
}

fn day_limit_to(limit: Option<&DayLimit>) -> Value {
    json!(limit.map(|l| json!({"limit": l.limit, "today": l.today})))
}
