//! `deck_config.config`: the options of a preset. Numbers out of range are read as the default,
//! as Anki does.

use super::{proto, wire};
use crate::base::Result;
use crate::domain::deck_config::{DeckConfigInner, range};
use crate::mark;

/// Copies every field that has the same name and type on both sides.
macro_rules! convert {
    ($from:expr, $to:ident { $($extra:tt)* }) => {{
        let from = $from;
        convert!(@fields from, $to { $($extra)* }
            learn_steps relearn_steps fsrs_params_4 fsrs_params_5 fsrs_params_6
            easy_days_percentages new_per_day reviews_per_day initial_ease easy_multiplier
            hard_multiplier lapse_multiplier interval_multiplier maximum_review_interval
            minimum_lapse_interval graduating_interval_good graduating_interval_easy
            new_card_insert_order leech_action leech_threshold disable_autoplay
            cap_answer_time_to_secs show_timer skip_question_when_replaying_answer bury_new
            bury_reviews bury_interday_learning new_mix interday_learning_mix
            new_card_sort_order review_order new_card_gather_priority new_per_day_minimum
            question_action desired_retention stop_timer_on_answer historical_retention
            seconds_to_show_question seconds_to_show_answer answer_action wait_for_audio
            param_search ignore_revlogs_before_date other)
    }};
    (@fields $from:ident, $to:ident { $($extra:tt)* } $($name:ident)*) => {
        $to { $($name: $from.$name,)* $($extra)* }
    };
}

pub fn deck_config_from_wire(bytes: &[u8]) -> Result<DeckConfigInner> {
    let mut config = deck_config_as_stored(bytes)?;
    replace_invalid_values(&mut config);
    Ok(config)
}

/// Without the check of ranges: schemas before 16 have the ease in percent.
pub fn deck_config_as_stored(bytes: &[u8]) -> Result<DeckConfigInner> {
    let p: proto::DeckConfig = wire::decode(bytes, mark!("the options of a preset"))?;
    let unknown = wire::unknown_fields(bytes, proto::DECK_CONFIG_TAGS);
    Ok(convert!(p, DeckConfigInner { unknown }))
}

#[must_use]
pub fn deck_config_to_wire(config: &DeckConfigInner) -> Vec<u8> {
    use proto::DeckConfig;
    let config = config.clone();
    let unknown = config.unknown.clone();
    wire::encode(&convert!(config, DeckConfig {}), &unknown)
}

fn replace_invalid_values(config: &mut DeckConfigInner) {
    fn check<T: PartialOrd + Copy>(value: &mut T, default: T, range: std::ops::RangeInclusive<T>) {
        // Written so that NaN is out of range.
        if !range.contains(value) {
            *value = default;
        }
    }
    let default = DeckConfigInner::default();
    let c = config;
    check(&mut c.new_per_day, default.new_per_day, range::PER_DAY);
    check(
        &mut c.reviews_per_day,
        default.reviews_per_day,
        range::PER_DAY,
    );
    check(&mut c.new_per_day_minimum, 0, range::PER_DAY);
    check(
        &mut c.initial_ease,
        default.initial_ease,
        range::INITIAL_EASE,
    );
    check(
        &mut c.easy_multiplier,
        default.easy_multiplier,
        range::EASY_MULTIPLIER,
    );
    check(
        &mut c.hard_multiplier,
        default.hard_multiplier,
        range::HARD_MULTIPLIER,
    );
    check(
        &mut c.lapse_multiplier,
        default.lapse_multiplier,
        range::LAPSE_MULTIPLIER,
    );
    check(
        &mut c.interval_multiplier,
        default.interval_multiplier,
        range::INTERVAL_MULTIPLIER,
    );
    for (days, default) in [
        (
            &mut c.maximum_review_interval,
            default.maximum_review_interval,
        ),
        (
            &mut c.minimum_lapse_interval,
            default.minimum_lapse_interval,
        ),
        (
            &mut c.graduating_interval_good,
            default.graduating_interval_good,
        ),
        (
            &mut c.graduating_interval_easy,
            default.graduating_interval_easy,
        ),
    ] {
        check(days, default, range::DAYS);
    }
    check(
        &mut c.leech_threshold,
        default.leech_threshold,
        range::COUNT,
    );
    check(
        &mut c.cap_answer_time_to_secs,
        default.cap_answer_time_to_secs,
        range::COUNT,
    );
    check(
        &mut c.desired_retention,
        default.desired_retention,
        range::DESIRED_RETENTION,
    );
    check(
        &mut c.historical_retention,
        default.historical_retention,
        range::HISTORICAL_RETENTION,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The Default preset of a new collection of Anki 26.9.3.
    const FROM_ANKI: &str = "0a080000803f00002041120400002041221c0000803f0000803f0000803f0000803f0000803f0000803f0000803f481450c8015d00002040\
        656666a63f6d9a99993f7d0000803f8001949d02880101900101980104a80101b00108c0013cad026666663fc5026666663fe00201";

    fn bytes_of(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    #[test]
    fn our_defaults_are_ankis_byte_for_byte() {
        assert_eq!(
            deck_config_to_wire(&DeckConfigInner::default()),
            bytes_of(FROM_ANKI)
        );
        assert_eq!(
            deck_config_from_wire(&bytes_of(FROM_ANKI)).unwrap(),
            DeckConfigInner::default()
        );
    }

    #[test]
    fn values_out_of_range_are_read_as_default() {
        let config = DeckConfigInner {
            new_per_day: 10_000,
            initial_ease: f32::NAN,
            leech_threshold: 0,
            desired_retention: 0.2,
            ..DeckConfigInner::default()
        };
        let read = deck_config_from_wire(&deck_config_to_wire(&config)).unwrap();
        assert_eq!(read, DeckConfigInner::default());
    }

    proptest! {
        #[test]
        fn any_bytes_never_panic(bytes: Vec<u8>) {
            if let Ok(config) = deck_config_from_wire(&bytes) {
                let again = deck_config_to_wire(&config);
                prop_assert_eq!(
                    deck_config_to_wire(&deck_config_from_wire(&again).unwrap()), again);
            }
        }
    }
}
