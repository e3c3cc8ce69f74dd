//! Presets of schema 11.

use super::lenient::{self, Object, json_float, json_floats, restore_other};
use crate::base::Result;
use crate::base::ids::{DeckConfigId, Usn};
use crate::base::time::TimestampSecs;
use crate::domain::deck_config::{DeckConfig, DeckConfigInner};
use crate::mark;
use serde_json::{Map, Value, json};

/// `id` is the key under which the object was found; the inner one is not trusted.
pub fn preset_from_json(id: i64, value: Value) -> Result<DeckConfig> {
    let mut o = super::object(value, mark!("a preset"))?;
    o.remove("id");
    o.remove("dyn");
    let mut inner = DeckConfigInner::default();
    let mut new = o.object("new").unwrap_or_else(Object::empty);
    let mut rev = o.object("rev").unwrap_or_else(Object::empty);
    let mut lapse = o.object("lapse").unwrap_or_else(Object::empty);
    read_new(&mut new, &mut inner);
    read_rev(&mut rev, &mut inner);
    read_lapse(&mut lapse, &mut inner);
    let name = o.text("name");
    let mtime = TimestampSecs(o.number("mod", 0));
    let usn = Usn(o.number("usn", 0));
    read_top(&mut o, &mut inner);
    o.insert_unknown("new", new);
    o.insert_unknown("rev", rev);
    o.insert_unknown("lapse", lapse);
    inner.other = o.into_other();
    Ok(DeckConfig {
        id: DeckConfigId(id),
        name,
        mtime,
        usn,
        inner,
    })
}

/// A missing retention is stored as 0, which is out of range and thus read as the default.
fn read_top(o: &mut Object, c: &mut DeckConfigInner) {
    c.cap_answer_time_to_secs = o.number::<i64>("maxTaken", 60).clamp(0, u32::MAX.into()) as u32;
    c.disable_autoplay = !o.flag("autoplay", true);
    c.show_timer = o.flag("timer", false);
    c.skip_question_when_replaying_answer = !o.flag("replayq", true);
    c.new_mix = o.number("newMix", 0);
    c.new_per_day_minimum = o.number("newPerDayMinimum", 0);
    c.interday_learning_mix = o.number("interdayLearningMix", 0);
    c.review_order = o.number("reviewOrder", 0);
    c.new_card_sort_order = o.number("newSortOrder", 0);
    c.new_card_gather_priority = o.number("newGatherPriority", 0);
    c.bury_interday_learning = o.flag("buryInterdayLearning", false);
    c.fsrs_params_4 = o.floats("fsrsWeights").unwrap_or_default();
    c.fsrs_params_5 = o.floats("fsrsParams5").unwrap_or_default();
    c.fsrs_params_6 = o.floats("fsrsParams6").unwrap_or_default();
    c.desired_retention = o.float("desiredRetention", 0.0);
    c.ignore_revlogs_before_date = o.text("ignoreRevlogsBeforeDate");
    c.easy_days_percentages = o.floats("easyDaysPercentages").unwrap_or_default();
    c.stop_timer_on_answer = o.flag("stopTimerOnAnswer", false);
    c.seconds_to_show_question = o.float("secondsToShowQuestion", 0.0);
    c.seconds_to_show_answer = o.float("secondsToShowAnswer", 0.0);
    c.question_action = o.number("questionAction", 0);
    c.answer_action = o.number("answerAction", 0);
    c.wait_for_audio = o.flag("waitForAudio", true);
    c.historical_retention = o.float("sm2Retention", 0.0);
    c.param_search = o.text("weightSearch");
}

fn read_new(o: &mut Object, c: &mut DeckConfigInner) {
    c.bury_new = o.flag("bury", false);
    c.learn_steps = o.floats("delays").unwrap_or_else(|| vec![1.0, 10.0]);
    c.initial_ease = ease(o.number("initialFactor", 2500));
    if let Some(Value::Array(ints)) = o.value("ints") {
        let days = |index: usize, default: u32| {
            ints.get(index)
                .and_then(lenient::int)
                .and_then(|v| u32::try_from(v).ok())
                .unwrap_or(default)
        };
        c.graduating_interval_good = days(0, 1);
        c.graduating_interval_easy = days(1, 4);
    }
    // The old order is the other way round: 0 random, 1 due.
    c.new_card_insert_order = i32::from(o.number::<i64>("order", 1) == 0);
    c.new_per_day = o.number("perDay", 20);
}

fn read_rev(o: &mut Object, c: &mut DeckConfigInner) {
    c.bury_reviews = o.flag("bury", false);
    c.easy_multiplier = o.float("ease4", 1.3);
    c.interval_multiplier = o.float("ivlFct", 1.0);
    c.maximum_review_interval = o.number("maxIvl", 36_500);
    c.reviews_per_day = o.number("perDay", 200);
    c.hard_multiplier = o.float("hardFactor", 1.2);
}

fn read_lapse(o: &mut Object, c: &mut DeckConfigInner) {
    c.relearn_steps = o.floats("delays").unwrap_or_else(|| vec![10.0]);
    // Suspend or only tag.
    c.leech_action = o.number("leechAction", 1).clamp(0, 1);
    c.leech_threshold = o.number("leechFails", 8);
    c.minimum_lapse_interval = o.number("minInt", 1);
    c.lapse_multiplier = o.float("mult", 0.0);
}

/// From thousandths. By way of hundredths, because that is how the float came to be when Anki
/// upgraded.
fn ease(thousandths: u16) -> f32 {
    f32::from(thousandths) / 10.0 / 100.0
}

/// The object for `col.dconf`.
#[must_use]
pub fn preset_to_json(config: &DeckConfig) -> Value {
    let c = &config.inner;
    let mut map = match json!({
        "id": config.id.0,
        "mod": config.mtime.0,
        "name": config.name,
        "usn": config.usn.0,
        "maxTaken": c.cap_answer_time_to_secs,
        "autoplay": !c.disable_autoplay,
        "timer": u8::from(c.show_timer),
        "replayq": !c.skip_question_when_replaying_answer,
        "new": {
            "bury": c.bury_new,
            "delays": json_floats(&c.learn_steps),
            "initialFactor": (c.initial_ease * 1000.0) as u16,
            "ints": [c.graduating_interval_good, c.graduating_interval_easy, 0],
            "order": u8::from(c.new_card_insert_order == 0),
            "perDay": c.new_per_day,
        },
        "rev": {
            "bury": c.bury_reviews,
            "ease4": json_float(c.easy_multiplier),
            "ivlFct": json_float(c.interval_multiplier),
            "maxIvl": c.maximum_review_interval,
            "perDay": c.reviews_per_day,
            "hardFactor": json_float(c.hard_multiplier),
        },
        "lapse": {
            "delays": json_floats(&c.relearn_steps),
            "leechAction": c.leech_action,
            "leechFails": c.leech_threshold,
            "minInt": c.minimum_lapse_interval,
            "mult": json_float(c.lapse_multiplier),
        },
        "dyn": false,
        "newMix": c.new_mix,
        "newPerDayMinimum": c.new_per_day_minimum,
        "interdayLearningMix": c.interday_learning_mix,
        "reviewOrder": c.review_order,
        "newSortOrder": c.new_card_sort_order,
        "newGatherPriority": c.new_card_gather_priority,
        "buryInterdayLearning": c.bury_interday_learning,
        "fsrsWeights": json_floats(&c.fsrs_params_4),
        "fsrsParams5": json_floats(&c.fsrs_params_5),
        "fsrsParams6": json_floats(&c.fsrs_params_6),
        "desiredRetention": json_float(c.desired_retention),
        "ignoreRevlogsBeforeDate": c.ignore_revlogs_before_date,
        "easyDaysPercentages": json_floats(&c.easy_days_percentages),
        "stopTimerOnAnswer": c.stop_timer_on_answer,
        "secondsToShowQuestion": json_float(c.seconds_to_show_question),
        "secondsToShowAnswer": json_float(c.seconds_to_show_answer),
        "questionAction": c.question_action,
        "answerAction": c.answer_action,
        "waitForAudio": c.wait_for_audio,
        "sm2Retention": json_float(c.historical_retention),
        "weightSearch": c.param_search,
    }) {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    restore_other(&mut map, &c.other, &[]);
    Value::Object(map)
}
