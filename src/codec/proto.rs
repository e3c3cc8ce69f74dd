//! The protobuf messages of schema 18, as field numbers and types. Private to `codec`: everyone
//! else sees the values of `domain`.

use prost::{Message, Oneof};

#[derive(Clone, PartialEq, Message)]
pub(super) struct DeckCommon {
    #[prost(bool, tag = "1")]
    pub(super) study_collapsed: bool,
    #[prost(bool, tag = "2")]
    pub(super) browser_collapsed: bool,
    #[prost(uint32, tag = "3")]
    pub(super) last_day_studied: u32,
    #[prost(int32, tag = "4")]
    pub(super) new_studied: i32,
    #[prost(int32, tag = "5")]
    pub(super) review_studied: i32,
    #[prost(int32, tag = "6")]
    pub(super) learning_studied: i32,
    #[prost(int32, tag = "7")]
    pub(super) milliseconds_studied: i32,
    #[prost(bytes = "vec", tag = "255")]
    pub(super) other: Vec<u8>,
}
pub(super) const DECK_COMMON_TAGS: &[u32] = &[1, 2, 3, 4, 5, 6, 7, 255];

#[derive(Clone, PartialEq, Message)]
pub(super) struct KindContainer {
    #[prost(oneof = "Kind", tags = "1, 2")]
    pub(super) kind: Option<Kind>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(super) enum Kind {
    /// A `NormalDeck`, left encoded so that its unknown fields can be scanned.
    #[prost(bytes, tag = "1")]
    Normal(Vec<u8>),
    /// A `FilteredDeck`, as above.
    #[prost(bytes, tag = "2")]
    Filtered(Vec<u8>),
}
pub(super) const KIND_CONTAINER_TAGS: &[u32] = &[1, 2];

#[derive(Clone, PartialEq, Message)]
pub(super) struct NormalDeck {
    #[prost(int64, tag = "1")]
    pub(super) config_id: i64,
    #[prost(uint32, tag = "2")]
    pub(super) extend_new: u32,
    #[prost(uint32, tag = "3")]
    pub(super) extend_review: u32,
    #[prost(string, tag = "4")]
    pub(super) description: String,
    #[prost(bool, tag = "5")]
    pub(super) markdown_description: bool,
    #[prost(uint32, optional, tag = "6")]
    pub(super) review_limit: Option<u32>,
    #[prost(uint32, optional, tag = "7")]
    pub(super) new_limit: Option<u32>,
    /// A `DayLimit`, left encoded as above.
    #[prost(bytes = "vec", optional, tag = "8")]
    pub(super) review_limit_today: Option<Vec<u8>>,
    /// As above.
    #[prost(bytes = "vec", optional, tag = "9")]
    pub(super) new_limit_today: Option<Vec<u8>>,
    #[prost(float, optional, tag = "10")]
    pub(super) desired_retention: Option<f32>,
}
pub(super) const NORMAL_DECK_TAGS: &[u32] = &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

#[derive(Clone, PartialEq, Message)]
pub(super) struct DayLimit {
    #[prost(uint32, tag = "1")]
    pub(super) limit: u32,
    #[prost(uint32, tag = "2")]
    pub(super) today: u32,
}
pub(super) const DAY_LIMIT_TAGS: &[u32] = &[1, 2];

#[derive(Clone, PartialEq, Message)]
pub(super) struct FilteredDeck {
    #[prost(bool, tag = "1")]
    pub(super) reschedule: bool,
    /// Each a `SearchTerm`, left encoded as above.
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub(super) search_terms: Vec<Vec<u8>>,
    #[prost(float, repeated, tag = "3")]
    pub(super) delays: Vec<f32>,
    #[prost(uint32, tag = "4")]
    pub(super) preview_delay: u32,
    #[prost(uint32, tag = "5")]
    pub(super) preview_hard_secs: u32,
    #[prost(uint32, tag = "6")]
    pub(super) preview_good_secs: u32,
    #[prost(uint32, tag = "7")]
    pub(super) preview_again_secs: u32,
}
pub(super) const FILTERED_DECK_TAGS: &[u32] = &[1, 2, 3, 4, 5, 6, 7];

#[derive(Clone, PartialEq, Message)]
pub(super) struct SearchTerm {
    #[prost(string, tag = "1")]
    pub(super) search: String,
    #[prost(uint32, tag = "2")]
    pub(super) limit: u32,
    #[prost(int32, tag = "3")]
    pub(super) order: i32,
}
pub(super) const SEARCH_TERM_TAGS: &[u32] = &[1, 2, 3];

#[derive(Clone, PartialEq, Message)]
pub(super) struct NotetypeConfig {
    #[prost(int32, tag = "1")]
    pub(super) kind: i32,
    #[prost(uint32, tag = "2")]
    pub(super) sort_field_idx: u32,
    #[prost(string, tag = "3")]
    pub(super) css: String,
    #[prost(int64, tag = "4")]
    pub(super) target_deck_id_unused: i64,
    #[prost(string, tag = "5")]
    pub(super) latex_pre: String,
    #[prost(string, tag = "6")]
    pub(super) latex_post: String,
    #[prost(bool, tag = "7")]
    pub(super) latex_svg: bool,
    /// Each a `CardRequirement`, left encoded so that its unknown fields can be scanned.
    #[prost(bytes = "vec", repeated, tag = "8")]
    pub(super) reqs: Vec<Vec<u8>>,
    #[prost(int32, tag = "9")]
    pub(super) original_stock_kind: i32,
    #[prost(int64, optional, tag = "10")]
    pub(super) original_id: Option<i64>,
    #[prost(bytes = "vec", tag = "255")]
    pub(super) other: Vec<u8>,
}
pub(super) const NOTETYPE_TAGS: &[u32] = &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255];

#[derive(Clone, PartialEq, Message)]
pub(super) struct CardRequirement {
    #[prost(uint32, tag = "1")]
    pub(super) card_ord: u32,
    #[prost(int32, tag = "2")]
    pub(super) kind: i32,
    #[prost(uint32, repeated, tag = "3")]
    pub(super) field_ords: Vec<u32>,
}
pub(super) const REQUIREMENT_TAGS: &[u32] = &[1, 2, 3];

#[derive(Clone, PartialEq, Message)]
pub(super) struct FieldConfig {
    #[prost(bool, tag = "1")]
    pub(super) sticky: bool,
    #[prost(bool, tag = "2")]
    pub(super) rtl: bool,
    #[prost(string, tag = "3")]
    pub(super) font_name: String,
    #[prost(uint32, tag = "4")]
    pub(super) font_size: u32,
    #[prost(string, tag = "5")]
    pub(super) description: String,
    #[prost(bool, tag = "6")]
    pub(super) plain_text: bool,
    #[prost(bool, tag = "7")]
    pub(super) collapsed: bool,
    #[prost(bool, tag = "8")]
    pub(super) exclude_from_search: bool,
    #[prost(int64, optional, tag = "9")]
    pub(super) id: Option<i64>,
    #[prost(uint32, optional, tag = "10")]
    pub(super) tag: Option<u32>,
    #[prost(bool, tag = "11")]
    pub(super) prevent_deletion: bool,
    #[prost(bytes = "vec", tag = "255")]
    pub(super) other: Vec<u8>,
}
pub(super) const FIELD_TAGS: &[u32] = &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255];

#[derive(Clone, PartialEq, Message)]
pub(super) struct TemplateConfig {
    #[prost(string, tag = "1")]
    pub(super) q_format: String,
    #[prost(string, tag = "2")]
    pub(super) a_format: String,
    #[prost(string, tag = "3")]
    pub(super) q_format_browser: String,
    #[prost(string, tag = "4")]
    pub(super) a_format_browser: String,
    #[prost(int64, tag = "5")]
    pub(super) target_deck_id: i64,
    #[prost(string, tag = "6")]
    pub(super) browser_font_name: String,
    #[prost(uint32, tag = "7")]
    pub(super) browser_font_size: u32,
    #[prost(int64, optional, tag = "8")]
    pub(super) id: Option<i64>,
    #[prost(bytes = "vec", tag = "255")]
    pub(super) other: Vec<u8>,
}
pub(super) const TEMPLATE_TAGS: &[u32] = &[1, 2, 3, 4, 5, 6, 7, 8, 255];

#[derive(Clone, PartialEq, Message)]
pub(super) struct DeckConfig {
    #[prost(float, repeated, tag = "1")]
    pub(super) learn_steps: Vec<f32>,
    #[prost(float, repeated, tag = "2")]
    pub(super) relearn_steps: Vec<f32>,
    #[prost(float, repeated, tag = "3")]
    pub(super) fsrs_params_4: Vec<f32>,
    #[prost(float, repeated, tag = "4")]
    pub(super) easy_days_percentages: Vec<f32>,
    #[prost(float, repeated, tag = "5")]
    pub(super) fsrs_params_5: Vec<f32>,
    #[prost(float, repeated, tag = "6")]
    pub(super) fsrs_params_6: Vec<f32>,
    #[prost(uint32, tag = "9")]
    pub(super) new_per_day: u32,
    #[prost(uint32, tag = "10")]
    pub(super) reviews_per_day: u32,
    #[prost(float, tag = "11")]
    pub(super) initial_ease: f32,
    #[prost(float, tag = "12")]
    pub(super) easy_multiplier: f32,
    #[prost(float, tag = "13")]
    pub(super) hard_multiplier: f32,
    #[prost(float, tag = "14")]
    pub(super) lapse_multiplier: f32,
    #[prost(float, tag = "15")]
    pub(super) interval_multiplier: f32,
    #[prost(uint32, tag = "16")]
    pub(super) maximum_review_interval: u32,
    #[prost(uint32, tag = "17")]
    pub(super) minimum_lapse_interval: u32,
    #[prost(uint32, tag = "18")]
    pub(super) graduating_interval_good: u32,
    #[prost(uint32, tag = "19")]
    pub(super) graduating_interval_easy: u32,
    #[prost(int32, tag = "20")]
    pub(super) new_card_insert_order: i32,
    #[prost(int32, tag = "21")]
    pub(super) leech_action: i32,
    #[prost(uint32, tag = "22")]
    pub(super) leech_threshold: u32,
    #[prost(bool, tag = "23")]
    pub(super) disable_autoplay: bool,
    #[prost(uint32, tag = "24")]
    pub(super) cap_answer_time_to_secs: u32,
    #[prost(bool, tag = "25")]
    pub(super) show_timer: bool,
    #[prost(bool, tag = "26")]
    pub(super) skip_question_when_replaying_answer: bool,
    #[prost(bool, tag = "27")]
    pub(super) bury_new: bool,
    #[prost(bool, tag = "28")]
    pub(super) bury_reviews: bool,
    #[prost(bool, tag = "29")]
    pub(super) bury_interday_learning: bool,
    #[prost(int32, tag = "30")]
    pub(super) new_mix: i32,
    #[prost(int32, tag = "31")]
    pub(super) interday_learning_mix: i32,
    #[prost(int32, tag = "32")]
    pub(super) new_card_sort_order: i32,
    #[prost(int32, tag = "33")]
    pub(super) review_order: i32,
    #[prost(int32, tag = "34")]
    pub(super) new_card_gather_priority: i32,
    #[prost(uint32, tag = "35")]
    pub(super) new_per_day_minimum: u32,
    #[prost(int32, tag = "36")]
    pub(super) question_action: i32,
    #[prost(float, tag = "37")]
    pub(super) desired_retention: f32,
    #[prost(bool, tag = "38")]
    pub(super) stop_timer_on_answer: bool,
    #[prost(float, tag = "40")]
    pub(super) historical_retention: f32,
    #[prost(float, tag = "41")]
    pub(super) seconds_to_show_question: f32,
    #[prost(float, tag = "42")]
    pub(super) seconds_to_show_answer: f32,
    #[prost(int32, tag = "43")]
    pub(super) answer_action: i32,
    #[prost(bool, tag = "44")]
    pub(super) wait_for_audio: bool,
    #[prost(string, tag = "45")]
    pub(super) param_search: String,
    #[prost(string, tag = "46")]
    pub(super) ignore_revlogs_before_date: String,
    #[prost(bytes = "vec", tag = "255")]
    pub(super) other: Vec<u8>,
}
pub(super) const DECK_CONFIG_TAGS: &[u32] = &[
    1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
    28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 40, 41, 42, 43, 44, 45, 46, 255,
];
