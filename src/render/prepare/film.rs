//! Films: engines for cards draw none, so a still stands in their place.

use crate::base::lang;
use crate::render::resources::{Resources, encode_percent};
use crate::render::still::{NoStill, Still};
use crate::render::tree::{NodeIndex, Tree};
use crate::t;

/// Pictures `still:NAME` (percent-encoded) are stills of films of the media folder.
pub const STILL_SCHEME: &str = "still";
/// Attribute of a film whose still is being taken.
pub const WAITS: &str = "data-waits";

/// A film: a picture of it that opens it in the system's player, or the reason why there is none;
/// links that open it and that play its sound.
pub(super) fn show(tree: &mut Tree, node: NodeIndex, film: &Film<'_>, resources: &dyn Resources) {
    let frame = tree.add_element("span", &[("class", "engram-film")]);
    let poster = tree.attr(node, "poster").map(str::to_owned);
    let still = match (&poster, film.name) {
        (Some(_), _) | (None, None) => Still::None(NoStill::NotHere),
        (None, Some(name)) => resources.still(name),
    };
    let picture = match (poster, &still, film.name) {
        (Some(poster), ..) => Some(poster),
        (None, Still::Picture(_), Some(name)) => {
            Some(format!("{STILL_SCHEME}:{}", encode_percent(name)))
        }
        _ => None,
    };
    let sound = [("href", film.play), ("title", t!("Play the sound"))];
    match &picture {
        Some(picture) => {
            let open = element(
                tree,
                frame,
                "a",
                &[
                    ("class", "engram-film-still"),
                    ("href", film.src),
                    ("title", t!("Open in player")),
                ],
                "",
            );
            let alt = t!("A picture of {name}", name = film.label);
            element(tree, open, "img", &[("src", picture), ("alt", &alt)], "");
            element(tree, open, "span", &[("class", "engram-film-sign")], "▶");
        }
        None => {
            let class = ("class", "engram-film-play");
            element(tree, frame, "a", &[class, sound[0], sound[1]], "▶");
        }
    }
    element(
        tree,
        frame,
        "span",
        &[("class", "engram-film-name")],
        film.label,
    );
    if let Still::None(reason) = &still
        && let Some(words) = no_still(reason)
    {
        element(tree, frame, "span", &[("class", "engram-film-why")], &words);
    }
    let class = ("class", "engram-film-open");
    element(
        tree,
        frame,
        "a",
        &[class, ("href", film.src)],
        t!("Open in player"),
    );
    if picture.is_some() {
        element(
            tree,
            frame,
            "a",
            &[class, sound[0], sound[1]],
            t!("Play the sound"),
        );
    }
    if still == Still::Waiting {
        tree.set_attr(frame, WAITS, "");
    }
    tree.replace(node, frame);
}

/// What is known of a film before it is looked at.
pub(super) struct Film<'a> {
    /// Name in the media folder; None for an address.
    pub name: Option<&'a str>,
    /// Plays its sound.
    pub play: &'a str,
    pub src: &'a str,
    pub label: &'a str,
}

fn no_still(reason: &NoStill) -> Option<String> {
    Some(match reason {
        NoStill::NotHere => return None,
        NoStill::NoFile => t!("This file is not in the media folder.").to_owned(),
        NoStill::NoProgram => t!("A picture of it needs the program ffmpeg.").to_owned(),
        NoStill::NoPicture => {
            t!("ffmpeg finds no picture in it: it is damaged, or sound alone.").to_owned()
        }
        NoStill::Failed(failure) => t!(
            "ffmpeg took no picture of it: {failure}.",
            failure = lang::known(&failure.to_string())
        ),
    })
}

fn element(
    tree: &mut Tree,
    parent: NodeIndex,
    name: &str,
    attrs: &[(&str, &str)],
    words: &str,
) -> NodeIndex {
    let node = tree.add_element(name, attrs);
    if !words.is_empty() {
        let text = tree.add_text(words);
        tree.append(node, text);
    }
    tree.append(parent, node);
    node
}
