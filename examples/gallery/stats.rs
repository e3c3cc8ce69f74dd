//! Statistics and card info, with numbers that look like those of a diligent person.

use crate::harness::{NOW, TestApp};
use crate::home::{opened, say_tree};
use crate::steps::{click, focus};
use crate::{MAIN, SMALL, Scene, scene};
use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers};
use engram::base::time::{TimestampMillis, TimestampSecs};
use engram::domain::card::FsrsMemory;
use engram::domain::card_info::{CardInfo, PastAnswer};
use engram::domain::revlog::RevlogKind;
use engram::domain::stats::{
    Buttons, ByKind, CardCountsOf, Graphs, Histogram, Hour, PerRange, Retention, Today,
};
use engram::explain::UserMessage;
use engram::service::event::{Event, StatsEvent};
use engram::service::request::{Request, StatsRequest};
use engram::ui::card_info::CardInfoDialog;
use engram::ui::testing::ScriptedService;

/// All graphs below each other.
const LONG: (f32, f32) = (1100.0, 4050.0);

pub fn scenes() -> Vec<Scene> {
    vec![
        scene("09_stats", MAIN, three_months),
        scene("09b_stats_all_graphs", LONG, all_fsrs),
        scene("09c_stats_sm2", LONG, all_sm2),
        scene("09d_stats_small", SMALL, three_months),
        scene("09e_stats_bad_search", MAIN, bad_search),
        scene("09f_stats_empty", LONG, empty),
        scene("09g_stats_tooltip", MAIN, tooltip),
        scene("15_card_info", MAIN, card_info),
        scene("15b_card_info_new", MAIN, card_info_new),
    ]
}

/// Always the same, and never even.
fn wave(n: i32, around: f64, swing: f64) -> f64 {
    let x = f64::from(n);
    let rough = f64::from((n.wrapping_mul(7_919) % 17).abs()) / 17.0 - 0.5;
    (around + swing * ((x / 6.5).sin() * 0.5 + (x / 41.0).cos() * 0.4 + rough * 0.7)).max(0.0)
}

fn bell(middle: f64, width: f64, most: f64, values: std::ops::Range<i32>) -> Histogram {
    values
        .map(|n| {
            let x = (f64::from(n) - middle) / width;
            (n, (most * (-x * x).exp()) as u32)
        })
        .filter(|(_, count)| *count > 0)
        .collect()
}

fn graphs(fsrs: bool) -> Graphs {
    let mut g = Graphs {
        fsrs,
        rollover_hour: 4,
        cards: 14_502,
        notes: 9_806,
        today: Today {
            answer_count: 142,
            answer_millis: 1_104_000,
            correct_count: 129,
            mature_correct: 71,
            mature_count: 77,
            learn_count: 31,
            review_count: 98,
            relearn_count: 10,
            early_review_count: 3,
        },
        ..Graphs::default()
    };
    for day in -700..=0 {
        if day % 19 == 0 && day != 0 {
            continue;
        }
        let kinds = ByKind {
            mature: wave(day, 70.0, 40.0) as u64,
            young: wave(day + 3, 45.0, 20.0) as u64,
            relearn: wave(day + 9, 6.0, 5.0) as u64,
            learn: wave(day + 5, 20.0, 14.0) as u64,
            filtered: u64::from(day % 23 == 0) * 12,
        };
        g.reviews.count.insert(day, kinds);
        let millis = |n: u64| n * 7_400;
        let time = ByKind {
            mature: millis(kinds.mature),
            young: millis(kinds.young),
            relearn: millis(kinds.relearn),
            learn: millis(kinds.learn),
            filtered: millis(kinds.filtered),
        };
        g.reviews.time.insert(day, time);
        g.added.insert(day, wave(day + 11, 14.0, 18.0) as u32);
    }
    for day in -12..400 {
        let due = wave(day, 190.0 / (1.0 + f64::from(day.max(0)) / 40.0), 40.0);
        let due = if day < 0 { due / 20.0 } else { due };
        g.future_due.future_due.insert(day, due as u32);
    }
    g.future_due.have_backlog = true;
    g.future_due.daily_load = 201;
    cards(&mut g);
    answers(&mut g);
    g
}

/// The cards as they are now.
fn cards(g: &mut Graphs) {
    let counts = CardCountsOf {
        new: 3_204,
        learn: 212,
        relearn: 97,
        young: 4_218,
        mature: 6_771,
        ..CardCountsOf::default()
    };
    g.card_counts.including_inactive = counts;
    g.card_counts.excluding_inactive = CardCountsOf {
        new: 2_804,
        suspended: 391,
        buried: 9,
        ..counts
    };
    for days in 1..600 {
        let cards = 900.0 * (-f64::from(days) / 45.0).exp() + wave(days, 6.0, 4.0);
        g.intervals.insert(days, cards as u32);
        g.stability.insert(days + 2, (cards * 0.9) as u32);
    }
    g.difficulty.cards = bell(58.0, 26.0, 240.0, 0..100);
    g.difficulty.average = 57.4;
    g.eases.cards = bell(250.0, 40.0, 300.0, 130..330);
    g.eases.average = 248.0;
    g.retrievability.cards = bell(94.0, 9.0, 1_900.0, 40..100);
    g.retrievability.average = 91.6;
    g.retrievability.sum_by_card = 10_214.0;
    g.retrievability.sum_by_note = 7_380.0;
}

/// What the log says besides reviews a day.
fn answers(g: &mut Graphs) {
    let mut hours = [Hour::default(); 24];
    for (hour, of) in (0_i32..).zip(hours.iter_mut()) {
        let busy = (1.0 - (f64::from(hour - 19).abs() / 11.0)).max(0.0);
        of.total = (busy * 2_100.0) as u32;
        of.correct = (f64::from(of.total) * (0.82 + wave(hour, 0.05, 0.06))) as u32;
    }
    g.hours = PerRange {
        one_month: hours,
        three_months: hours,
        one_year: hours,
        all_time: hours,
    };
    let buttons = Buttons {
        learning: [812, 402, 4_110, 690],
        young: [390, 611, 5_204, 402],
        mature: [201, 705, 7_980, 512],
    };
    g.buttons = PerRange {
        one_month: buttons,
        three_months: buttons,
        one_year: buttons,
        all_time: buttons,
    };
    let retention = |n: u32| Retention {
        young_passed: 41 * n,
        young_failed: 5 * n,
        mature_passed: 68 * n,
        mature_failed: 5 * n,
    };
    let of = &mut g.true_retention;
    (of.today, of.yesterday, of.week) = (retention(1), Retention::default(), retention(6));
    (of.month, of.year, of.all_time) = (retention(27), retention(300), retention(590));
}

/// On the page, with the numbers that it asked for.
fn shown(app: &mut TestApp, service: &ScriptedService, graphs: &Graphs) {
    opened(app, service);
    say_tree(service);
    app.settle();
    app.key(Key::T);
    answer(app, service, graphs);
}

fn answer(app: &mut TestApp, service: &ScriptedService, graphs: &Graphs) {
    app.settle();
    for request in service.take_requests() {
        if let Request::Stats(StatsRequest::Graphs { search, days }) = request {
            service.say(Event::Stats(StatsEvent::Graphs {
                search,
                days,
                graphs: Box::new(graphs.clone()),
            }));
        }
    }
    app.settle();
}

fn range(app: &mut TestApp, label: &str) {
    click(app, Role::RadioButton, label);
    app.harness.remove_cursor();
    app.settle();
}

fn three_months(app: &mut TestApp, service: &ScriptedService) {
    shown(app, service, &graphs(true));
    range(app, "Range: 3 months");
}

fn all_fsrs(app: &mut TestApp, service: &ScriptedService) {
    let g = graphs(true);
    shown(app, service, &g);
    range(app, "Range: All");
    answer(app, service, &g);
}

fn all_sm2(app: &mut TestApp, service: &ScriptedService) {
    shown(app, service, &graphs(false));
}

fn empty(app: &mut TestApp, service: &ScriptedService) {
    shown(app, service, &Graphs::default());
}

fn bad_search(app: &mut TestApp, service: &ScriptedService) {
    three_months(app, service);
    focus(app, Role::TextInput, "Search");
    app.keys(Modifiers::COMMAND, Key::A);
    app.type_text("deck:Languages (is:due");
    app.key(Key::Enter);
    app.settle();
    for request in service.take_requests() {
        if matches!(request, Request::Stats(StatsRequest::Graphs { .. })) {
            service.say(Event::Failed {
                request: Box::new(request),
                message: UserMessage {
                    what: "Could not gather the statistics".into(),
                    cause: engram::search::parse("deck:Languages (is:due")
                        .map_or_else(|e| e.to_string(), |_| String::new()),
                    ..UserMessage::default()
                },
            });
        }
    }
    app.settle();
}

fn tooltip(app: &mut TestApp, service: &ScriptedService) {
    three_months(app, service);
    app.harness.hover_at(eframe::egui::pos2(520.0, 520.0));
    app.settle();
}

fn info() -> CardInfo {
    let row = |days_ago: i64, kind, button, interval: u32, stability: f32| PastAnswer {
        at: TimestampMillis(NOW.0 - days_ago * 86_400_000 - 3_600_000),
        kind,
        button,
        interval,
        last_interval: 0,
        ease: 550,
        taken_secs: 4.0 + days_ago as f32 / 30.0,
        memory: Some(FsrsMemory {
            stability,
            difficulty: 5.3,
        }),
    };
    const DAY: u32 = 86_400;
    let by_hand = |days_ago, kind, [last_interval, interval]: [u32; 2], ease| PastAnswer {
        last_interval,
        ease,
        taken_secs: 0.0,
        ..row(days_ago, kind, 0, interval, 31.2)
    };
    let log = vec![
        by_hand(2, RevlogKind::Rescheduled, [45 * DAY, 31 * DAY], 610),
        by_hand(5, RevlogKind::Manual, [31 * DAY, 45 * DAY], 550),
        row(9, RevlogKind::Review, 3, 31 * DAY, 31.2),
        row(23, RevlogKind::Review, 2, 14 * DAY, 14.4),
        row(30, RevlogKind::Relearning, 3, 7 * DAY, 6.9),
        row(30, RevlogKind::Review, 1, 600, 3.1),
        row(52, RevlogKind::Review, 3, 20 * DAY, 20.6),
        row(60, RevlogKind::Review, 3, 8 * DAY, 8.1),
        row(63, RevlogKind::Learning, 3, 3 * DAY, 2.9),
        row(63, RevlogKind::Learning, 3, 600, 2.3),
    ];
    CardInfo {
        card: 1_789_740_000_123.into(),
        note: 1_789_740_000_001.into(),
        added: TimestampSecs(NOW.0 / 1000 - 70 * 86_400),
        first_review: Some(log[9].at.secs()),
        latest_review: Some(log[2].at.secs()),
        due: Some(TimestampSecs(NOW.0 / 1000 + 22 * 86_400)),
        position: None,
        interval: 31,
        ease: 0,
        memory: log[0].memory,
        retrievability: Some(0.964),
        desired_retention: Some(0.9),
        decay: 0.154,
        reviews: 8,
        lapses: 1,
        average_secs: 5.4,
        total_secs: 43.2,
        card_type: "Card 1".into(),
        notetype: "Basic (and reversed card)".into(),
        deck: "Languages::Spanish::Verbs".into(),
        original_deck: None,
        preset: Some("Languages".into()),
        custom_data: String::new(),
        fsrs_params: vec![],
        fsrs: true,
        log,
    }
}

fn show_info(app: &mut TestApp, service: &ScriptedService, info: CardInfo) {
    crate::home::study(app, service);
    let ctx = app.harness.ctx.clone();
    for action in CardInfoDialog::open("Card Info", info.card) {
        app.harness.state_mut().send(&ctx, action);
    }
    service.say(Event::Stats(StatsEvent::CardInfo(Box::new(info))));
    app.settle();
}

fn card_info(app: &mut TestApp, service: &ScriptedService) {
    show_info(app, service, info());
}

fn card_info_new(app: &mut TestApp, service: &ScriptedService) {
    let new = CardInfo {
        first_review: None,
        latest_review: None,
        due: None,
        position: Some(214),
        interval: 0,
        memory: None,
        retrievability: None,
        desired_retention: None,
        reviews: 0,
        lapses: 0,
        average_secs: 0.0,
        total_secs: 0.0,
        log: vec![],
        ..info()
    };
    show_info(app, service, new);
}
