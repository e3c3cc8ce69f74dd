//! How long what moves on a page goes on, as its style sheets say.

use blitz_dom::{BaseDocument, NodeId};

/// What takes longer is not waited for.
const MOST_SECONDS: f32 = 3600.0;

/// Seconds from its beginning to the end of what takes longest; what has no end does not count.
pub(super) fn seconds(document: &BaseDocument) -> f32 {
    let mut most: f32 = 0.0;
    let mut todo = vec![document.root_element().id];
    while let Some(id) = todo.pop() {
        let Some(node) = document.get_node(id) else {
            continue;
        };
        // Nothing moves within what is not shown, and its style would be found anew each time.
        let style = node.primary_styles();
        if style.is_some_and(|style| style.clone_display().is_none()) {
            continue;
        }
        todo.extend(&node.children);
        let parts = [node.before(), node.after()];
        for part in parts.into_iter().flatten().chain([id]) {
            if node.element_data().is_some() {
                most = most.max(of_element(document, part));
            }
        }
    }
    most.min(MOST_SECONDS)
}

fn of_element(document: &BaseDocument, id: NodeId) -> f32 {
    let value = |property: &str| document.resolved_style_value(id, property);
    let animations = match &*value("animation-name") {
        "none" | "" => 0.0,
        _ => longest(
            &value("animation-duration"),
            &value("animation-delay"),
            &value("animation-iteration-count"),
        ),
    };
    animations.max(longest(
        &value("transition-duration"),
        &value("transition-delay"),
        "1",
    ))
}

/// Of lists as the engine writes them; shorter ones begin again.
fn longest(durations: &str, delays: &str, counts: &str) -> f32 {
    let list = |text: &str| -> Vec<Option<f32>> {
        let numbers = text.split(',').map(|one| one.trim().trim_end_matches('s'));
        numbers.map(|one| one.parse().ok()).collect()
    };
    let (durations, delays, counts) = (list(durations), list(delays), list(counts));
    let all = durations.len().max(delays.len()).max(counts.len());
    let each = (0..all).filter_map(|at| {
        let of = |list: &[Option<f32>]| list.get(at % list.len().max(1)).copied().flatten();
        Some(of(&delays)? + of(&durations)? * of(&counts)?)
    });
    each.filter(|seconds| seconds.is_finite())
        .fold(0.0, f32::max)
}

#[cfg(test)]
mod tests {
    use super::longest;

    #[test]
    fn what_takes_longest_is_found_and_what_has_no_end_does_not_count() {
        for (durations, delays, counts, expect) in [
            ("0s", "0s", "1", 0.0),
            ("2s", "3s", "1", 5.0),
            ("2s", "0s", "infinite", 0.0),
            ("2s, 1s", "0s, 0.5s", "infinite, 3", 3.5),
            ("4s", "0s, 1s, 2s", "1", 6.0),
            ("0s", "30s", "1", 30.0),
            ("", "", "", 0.0),
        ] {
            let found = longest(durations, delays, counts);
            assert!(
                (found - expect).abs() < 0.001,
                "{durations} {delays}: {found}"
            );
        }
    }
}
