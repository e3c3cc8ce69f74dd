//! What the profiles window shows, as pure values: the list, the line under each name, and which
//! names are allowed. The data folder itself is the worker's.

use crate::service::event::ProfileSummary;
use crate::ui::backups::words;
use crate::{t, tn};
use jiff::Zoned;

/// Longest name in characters; the folder bears the name.
const MAX_NAME_CHARS: usize = 80;

/// Why a name cannot be used, as shown under the field; None when it can.
#[must_use]
pub fn name_problem(name: &str, others: &[String]) -> Option<String> {
    let name = name.trim();
    if name.is_empty() {
        return Some(t!("Give the profile a name.").into());
    }
    if name.chars().count() > MAX_NAME_CHARS {
        return Some(t!("Use at most {n} characters.", n = MAX_NAME_CHARS));
    }
    if let Some(c) = name
        .chars()
        .find(|c| c.is_control() || "/\\:*?\"<>|".contains(*c))
    {
        return Some(if c.is_control() {
            t!("A profile name cannot contain line breaks and control characters.").into()
        } else {
            t!("A profile name cannot contain “{c}”.", c)
        });
    }
    if name.starts_with('.') || name.ends_with('.') {
        return Some(t!("A profile name cannot start or end with a full stop.").into());
    }
    if is_reserved(name) {
        return Some(t!("This name is reserved by the system or by Engram.").into());
    }
    let folded = name.to_lowercase();
    if others.iter().any(|o| o.to_lowercase() == folded) {
        return Some(t!("There is already a profile of this name.").into());
    }
    None
}

/// Folder names that Windows refuses or that the data folder uses itself.
fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_lowercase();
    let device = matches!(stem.as_str(), "con" | "prn" | "aux" | "nul")
        || (stem.len() == 4
            && (stem.starts_with("com") || stem.starts_with("lpt"))
            && stem.ends_with(|c: char| c.is_ascii_digit() && c != '0'));
    device
        || matches!(
            stem.as_str(),
            "backups" | "addons21" | "crash_reports" | "logs"
        )
}

/// A name that is free: "User 1", "User 2"…
#[must_use]
pub fn free_name(taken: &[String]) -> String {
    (1..)
        .map(|n| t!("User {n}", n))
        .find(|name| name_problem(name, taken).is_none())
        .unwrap_or_default()
}

/// "14,511 cards · opened today · backed up 4 min ago".
#[must_use]
pub fn subtitle(profile: &ProfileSummary, now: &Zoned) -> String {
    let mut parts = Vec::new();
    match (profile.cards, profile.collection_size) {
        (Some(cards), _) => {
            parts.push(tn!(cards, "{n} card", "{n} cards"));
        }
        (None, Some(size)) => parts.push(words::bytes(size)),
        (None, None) => parts.push(t!("no collection yet").into()),
    }
    if let Some(at) = profile.last_opened {
        parts.push(t!("opened {age}", age = words::day_age(at, now)));
    }
    if let Some(at) = profile.last_backup {
        parts.push(t!("backed up {age}", age = words::age(at, now)));
    }
    parts.join(" · ")
}

/// Position of the profile that was opened last; the first when none was.
#[must_use]
pub fn preselected(profiles: &[ProfileSummary]) -> usize {
    profiles
        .iter()
        .enumerate()
        .filter_map(|(i, p)| p.last_opened.map(|at| (at, std::cmp::Reverse(i))))
        .max()
        .map_or(0, |(_, i)| i.0)
}

/// The letter in the disc.
#[must_use]
pub fn initial(name: &str) -> String {
    name.chars()
        .find(|c| c.is_alphanumeric())
        .map_or_else(|| "?".into(), |c| c.to_uppercase().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::TimestampMillis;

    fn profile(name: &str, last_opened: Option<i64>) -> ProfileSummary {
        ProfileSummary {
            name: name.into(),
            path: name.into(),
            last_opened: last_opened.map(TimestampMillis),
            collection_size: Some(41_200_000),
            cards: None,
            last_backup: None,
        }
    }

    #[test]
    fn names_are_checked_with_a_reason() {
        for (name, part) in [
            ("", "Give"),
            ("   ", "Give"),
            ("a/b", "“/”"),
            ("a\tb", "control"),
            ("..", "full stop"),
            (".hidden", "full stop"),
            ("CON", "reserved"),
            ("com1.txt", "reserved"),
            ("ANA ", "already"),
        ] {
            let problem = name_problem(name, &["Ana".to_owned()]).unwrap_or_default();
            assert!(problem.contains(part), "{name:?}: {problem:?}");
        }
        assert!(name_problem(&"x".repeat(81), &[]).is_some());
        for name in ["Ana 2", "日本語", "Médecine (finale)", "com0", "company"] {
            assert_eq!(name_problem(name, &["Ana".to_owned()]), None, "{name}");
        }
    }

    #[test]
    fn a_new_profile_gets_the_first_free_name() {
        assert_eq!(free_name(&[]), "User 1");
        assert_eq!(free_name(&["User 1".into(), "user 2".into()]), "User 3");
    }

    #[test]
    fn the_last_opened_is_preselected() {
        let list = [
            profile("A", None),
            profile("B", Some(9)),
            profile("C", Some(5)),
        ];
        assert_eq!(preselected(&list), 1);
        assert_eq!(preselected(&list[..1]), 0);
        assert_eq!(preselected(&[]), 0);
    }

    #[test]
    fn the_line_under_the_name() {
        let now: Zoned = "2026-11-21T15:30:00+00:00[UTC]".parse().unwrap();
        let at = |s: &str| TimestampMillis(s.parse::<jiff::Timestamp>().unwrap().as_millisecond());
        let mut p = profile("Ana", None);
        assert_eq!(subtitle(&p, &now), "41.2 MB");
        p.cards = Some(14_511);
        p.last_opened = Some(at("2026-11-21T08:00:00Z"));
        p.last_backup = Some(at("2026-11-21T15:26:00Z"));
        assert_eq!(
            subtitle(&p, &now),
            "14,511 cards · opened today · backed up 4 min ago"
        );
    }

    #[test]
    fn initials_skip_signs() {
        assert_eq!(initial("(ana)"), "A");
        assert_eq!(initial("日本"), "日");
        assert_eq!(initial("--"), "?");
    }
}
