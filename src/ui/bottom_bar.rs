//! The backup status at the bottom, or as a sign at the top: always visible, a quiet button that opens
//! the backups. At the bottom right, with a sync server: when the last sync was.

use crate::backup::entry::Alarm;
use crate::base::time::{Clock, TimestampMillis};
use crate::service::event::{BackupState, BackupStatus};
use crate::service::sync::{SyncState, SyncStatus};
use crate::t;
use crate::ui::backups::words;
use crate::ui::command::Command;
use crate::ui::context::UiContext;
use crate::ui::sync;
use crate::ui::theme::{Tokens, font, radius, size};
use crate::ui::widgets::progress::spinner_at;
use crate::ui::widgets::surface::{fill, focus_ring_inside, hline};
use crate::ui::widgets::text::{icon, icon_filled, label, left, width};
use crate::ui::widgets::{Cut, ic, tooltip};
use eframe::egui::accesskit::Role;
use eframe::egui::{Align, Rect, Response, Sense, Ui, WidgetInfo, pos2, vec2};

/// Cuts the bar off the page `r`. It is drawn after the page, as Tab comes to it after that.
pub fn cut(r: &mut Rect) -> Rect {
    r.cut_bottom(size::BOTTOM_BAR)
}

/// The bar with its hair line and the states of backup and sync; returns the room for the page's
/// buttons, which want `wanted` points in its middle.
pub fn ui(cx: &UiContext<'_>, ui: &mut Ui, bar: Rect, wanted: f32) -> Rect {
    let t = Tokens::of(ui);
    hline(ui, bar, bar.min.y, t.border);
    let middle = bar.pad(FOR_MARK, 0.0);
    let taken = wanted.min(middle.width());
    let room = (bar.width() - taken) / 2.0 - BEFORE_BUTTONS;
    status(cx, ui, bar.pad(20.0, 0.0), room);
    last_sync(cx, ui, bar.pad(20.0, 0.0), room);
    middle
}

/// When the last sync was, where one is set up: in full, and shorter in less room.
fn last_sync_words(status: &SyncStatus, now: &jiff::Zoned) -> Option<[String; 2]> {
    let last = status
        .last
        .filter(|_| status.state != SyncState::NotSetUp)?;
    let age = words::age(last, now);
    Some([t!("Synced {age}", age), age])
}

/// Quiet words that tell more under the pointer; nothing where there is no room for them.
fn last_sync(cx: &UiContext<'_>, ui: &Ui, r: Rect, room: f32) {
    let words = last_sync_words(&cx.model.sync, &cx.clock.local(cx.now));
    let fits = |words: &String| width(ui, words, font::small()) <= room;
    let Some(words) = words.and_then(|all| all.into_iter().find(fits)) else {
        return;
    };
    let t = Tokens::of(ui);
    let response = label(ui, r, Align::Max, &words, font::small(), t.text3);
    tooltip::words(response, &sync::button::tip(cx));
}

/// From the window's edge to the status, and from the status to the page's buttons.
const BEFORE_BUTTONS: f32 = 12.0 + 8.0;
/// What buttons leave to the mark of the status in any case.
const FOR_MARK: f32 = 48.0;
/// Left and right of the status, inside its button.
const BESIDE: f32 = 8.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Ok,
    Running,
    Warn,
    Paused,
    None,
}

/// The status in words: what is usually shown, what stands for it where there is little room,
/// what wide windows add, the tooltip.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Words {
    mark: Mark,
    short: String,
    brief: String,
    more: String,
    tip: String,
    /// What a click leads to.
    leads: Command,
}

fn words_for(status: &BackupStatus, now: TimestampMillis, clock: &Clock) -> Words {
    let local = clock.local(now);
    let last = status.last_verified.map(|at| words::age(at, &local));
    let mut w = Words {
        mark: Mark::Ok,
        short: String::new(),
        brief: String::new(),
        more: String::new(),
        tip: String::new(),
        leads: Command::OpenBackup,
    };
    match (&status.state, &last) {
        (BackupState::Running, _) => {
            w.mark = Mark::Running;
            w.short = t!("Backing up…").into();
            w.brief = t!("Backup…").into();
        }
        (BackupState::Suspended, _) => {
            w.mark = Mark::Paused;
            w.short = t!("Backups are off until restart").into();
            w.brief = t!("Backups are off").into();
        }
        (BackupState::Failed(message), last) => {
            w.mark = Mark::Warn;
            (w.short, w.brief) = match last {
                Some(age) => (t!("Last backup {age}", age), age.clone()),
                None => (t!("No backup yet").into(), t!("No backup").into()),
            };
            w.more = format!("– {}", message.cause.trim_end_matches('.'));
            w.tip = message.in_full();
        }
        (BackupState::Idle, _) if status.alarm.is_some() => {
            let told = status.alarm.as_ref().map(Alarm::told).unwrap_or_default();
            w.mark = Mark::Warn;
            w.short = t!("Much has changed").into();
            w.brief.clone_from(&w.short);
            w.more = format!("– {}", told.trim_end_matches('.'));
            w.tip = format!("{told} {}", words::alarm_waits());
        }
        (BackupState::Idle, _) if status.elsewhere.is_some() => {
            let place = status.elsewhere.as_deref().unwrap_or_default();
            w.mark = Mark::Warn;
            w.short = t!("Copies elsewhere fail").into();
            w.brief.clone_from(&w.short);
            w.more = format!("– {place}");
            w.tip = format!("{} {}. {}", w.short, w.more, tip(status, &local));
            w.leads = Command::CopiesElsewhere;
        }
        (BackupState::Idle, Some(age)) => {
            w.short = t!("Backed up {age}", age);
            w.brief.clone_from(age);
            w.more = t!("·  verified").into();
        }
        (BackupState::Idle, None) => {
            w.mark = Mark::None;
            w.short = t!("No backup yet").into();
            w.brief = t!("No backup").into();
        }
    }
    if w.tip.is_empty() {
        w.tip = tip(status, &local);
    }
    w
}

/// The last verified backup, whether anything changed since, and when the next one is due.
#[must_use]
pub fn tip(status: &BackupStatus, now: &jiff::Zoned) -> String {
    let mut parts = vec![];
    match status.last_verified {
        Some(at) => {
            let time = words::moment(at, now);
            parts.push(t!("Last verified backup: {time}.", time));
        }
        None => parts.push(t!("There is no verified backup yet.").into()),
    }
    parts.push(if status.changed_since {
        t!("Something changed since.").to_owned()
    } else {
        t!("Nothing changed since.").to_owned()
    });
    if let Some(due) = status.next_due
        && status.changed_since
    {
        let time = words::clock_time(due, now);
        parts.push(t!("Next: after {time}.", time));
    }
    if status.state == BackupState::Suspended {
        parts.push(t!("Backups > Resume now turns them on again.").into());
    }
    parts.join(" ")
}

/// The longest words for the status that fit into `room` points, and how wide they are. Where not
/// even the brief ones do, the mark alone tells it, and words that have no mark are cut.
fn fitting(w: &Words, room: f32, width: impl Fn(&str) -> f32) -> (&str, f32) {
    let least = if w.mark == Mark::None { &w.brief } else { "" };
    let fits = |words: &&str| width(words) <= room;
    let words = [w.short.as_str(), w.brief.as_str()].into_iter().find(fits);
    let words = words.unwrap_or(least);
    (words, width(words))
}

/// At the left end of `r`, of at most `room` points.
pub fn status(cx: &UiContext<'_>, ui: &mut Ui, r: Rect, room: f32) {
    if !cx.model.is_open() {
        return;
    }
    let t = Tokens::of(ui);
    let w = words_for(&cx.model.backup, cx.now, cx.clock);
    let narrow = ui.ctx().content_rect().width() < size::STATUS_SHORT;
    let lead = if w.mark == Mark::None { 0.0 } else { 22.0 };
    let around = lead + 2.0 * BESIDE;
    let (words, wide) = fitting(&w, room - around, |s| width(ui, s, font::small()));
    let more = match w.more.is_empty() {
        true => 0.0,
        false => width(ui, &w.more, font::small()) + 6.0,
    };
    // What is wrong is told as far as there is room, the rest all or not at all.
    let fits = words == w.short && (w.mark == Mark::Warn || around + wide + more <= room);
    let more = if narrow || !fits { 0.0 } else { more };
    let b = Rect::from_min_size(
        pos2(r.min.x - BESIDE, r.center().y - 15.0),
        vec2((around + wide + more).min(room), 30.0),
    );
    let response = button(cx, ui, b, &w);
    let c = pos2(r.min.x + 8.0, r.center().y);
    match w.mark {
        Mark::Ok => icon_filled(ui, c, ic::CHECK_CIRCLE, 16.0, t.ok),
        Mark::Warn => icon(ui, c, ic::WARN, 16.0, t.warn),
        Mark::Paused => icon(ui, c, ic::PAUSE, 16.0, t.warn),
        Mark::Running => spinner_at(ui, c),
        Mark::None => {}
    }
    let i = Rect::from_min_max(pos2(r.min.x + lead, r.min.y), pos2(b.max.x - 4.0, r.max.y));
    let used = left(ui, i, words, font::small(), t.text2);
    if more > 0.0 {
        let i = Rect::from_min_max(pos2(used.max.x + 6.0, r.min.y), pos2(b.max.x, r.max.y));
        let color = if w.mark == Mark::Warn {
            t.warn
        } else {
            t.text3
        };
        left(ui, i, &w.more, font::small(), color);
    }
    tooltip::words(response, &w.tip);
}

/// Room of the sign, in points: itself, and what keeps it apart from what stands before it.
pub const SIGN: f32 = 28.0;

/// Cuts the sign off `r`, at whose end it ends; what is under the pointer goes on a little around
/// it. Nothing in it moves: people study beside it.
pub fn sign(cx: &UiContext<'_>, ui: &Ui, r: &mut Rect) {
    if !cx.model.is_open() {
        return;
    }
    let t = Tokens::of(ui);
    let w = words_for(&cx.model.backup, cx.now, cx.clock);
    let room = r.cut_right(SIGN);
    let middle = pos2(room.max.x - 8.0, room.center().y);
    let at = Rect::from_center_size(middle, vec2(26.0, 26.0));
    let response = button(cx, ui, at, &w);
    let (glyph, color) = match w.mark {
        Mark::Ok => (ic::CHECK_CIRCLE, t.text3),
        Mark::Warn => (ic::WARN, t.warn),
        Mark::Paused => (ic::PAUSE, t.warn),
        Mark::Running | Mark::None => (ic::BACKUP, t.text3),
    };
    icon(ui, at.center(), glyph, 16.0, color);
    tooltip::words(response, &w.tip);
}

/// Says the whole status, and opens the backups.
fn button(cx: &UiContext<'_>, ui: &Ui, r: Rect, w: &Words) -> Response {
    let t = Tokens::of(ui);
    let response = ui.interact(r, ui.make_persistent_id("backup status"), Sense::click());
    response.widget_info(|| {
        let whole = format!("{} {}", w.short, w.more);
        WidgetInfo::labeled(Role::Button, true, whole.trim())
    });
    if response.hovered() {
        fill(ui, r, radius::CONTROL, t.hover);
    }
    if response.has_focus() {
        focus_ring_inside(ui, r, radius::CONTROL);
    }
    if response.clicked() {
        cx.command(w.leads);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::entry::Damage;
    use crate::explain::UserMessage;

    #[test]
    fn the_last_sync_is_told_where_one_is_set_up() {
        let now = TimestampMillis(1_800_000_000_000);
        let clock = Clock::fixed(now, 0);
        let words = |state, last| {
            let status = SyncStatus {
                state,
                last,
                ..SyncStatus::default()
            };
            last_sync_words(&status, &clock.local(now))
        };
        let at = Some(TimestampMillis(now.0 - 35 * 60_000));
        let told = ["Synced 35 min ago", "35 min ago"].map(str::to_owned);
        assert_eq!(words(SyncState::Changes, at), Some(told));
        assert_eq!(words(SyncState::NotSetUp, at), None);
        assert_eq!(words(SyncState::Nothing, None), None);
    }

    #[test]
    fn little_room_shortens_the_status_before_it_is_cut() {
        let words = |mark| Words {
            mark,
            short: "Backed up 4 min ago".into(),
            brief: "4 min ago".into(),
            more: String::new(),
            tip: String::new(),
            leads: Command::OpenBackup,
        };
        let letters = |s: &str| s.chars().count() as f32;
        let ok = words(Mark::Ok);
        for (room, want) in [
            (19.0, "Backed up 4 min ago"),
            (18.0, "4 min ago"),
            (8.0, ""),
        ] {
            assert_eq!(fitting(&ok, room, letters).0, want);
        }
        let unmarked = words(Mark::None);
        assert_eq!(fitting(&unmarked, 5.0, letters), ("4 min ago", 9.0));
    }

    #[test]
    fn the_status_says_what_is_safe() {
        let now = TimestampMillis(1_800_000_000_000);
        let clock = Clock::fixed(now, 0);
        let at = Some(TimestampMillis(now.0 - 4 * 60_000));
        let check = |state: BackupState, last, want: (Mark, &str, &str)| {
            let status = BackupStatus {
                state,
                last_verified: last,
                ..Default::default()
            };
            let w = words_for(&status, now, &clock);
            assert_eq!((w.mark, w.short.as_str(), w.more.as_str()), want);
        };
        check(
            BackupState::Idle,
            at,
            (Mark::Ok, "Backed up 4 min ago", "·  verified"),
        );
        check(BackupState::Idle, None, (Mark::None, "No backup yet", ""));
        check(BackupState::Running, at, (Mark::Running, "Backing up…", ""));
        check(
            BackupState::Suspended,
            at,
            (Mark::Paused, "Backups are off until restart", ""),
        );
        let status = BackupStatus {
            last_verified: at,
            alarm: Some(Alarm {
                at: now,
                good: None,
                good_at: at,
                found: vec![Damage::NotesGone { count: 60, of: 100 }],
            }),
            ..Default::default()
        };
        let w = words_for(&status, now, &clock);
        assert_eq!((w.mark, w.short.as_str()), (Mark::Warn, "Much has changed"));
        assert_eq!(w.more, "– About 60 of 100 notes are gone");
        // A name keeps its capital.
        for (cause, more) in [
            ("The disk is full.", "– The disk is full"),
            ("Anki has it open.", "– Anki has it open"),
        ] {
            let failed = UserMessage {
                cause: cause.into(),
                ..Default::default()
            };
            check(
                BackupState::Failed(failed),
                at,
                (Mark::Warn, "Last backup 4 min ago", more),
            );
        }
    }
}
