//! Pictures, sounds and videos: play buttons for Anki's sound tags, links for players and frames,
//! placeholders with the file's name for pictures that are not there.

use super::film::{self, Film};
use super::{formula, graft};
use crate::base::limits;
use crate::render::resources::{Resources, decode_percent, encode_percent};
use crate::render::tree::{NodeIndex, Tree};
use crate::t;

/// Links `playsound:q:0` play a sound tag of the card.
pub const PLAY_SOUND_SCHEME: &str = "playsound";
/// Links `playfile:NAME` (percent-encoded) play a file of the media folder.
pub const PLAY_FILE_SCHEME: &str = "playfile";

/// Class of the picture in a play button.
pub const PLAY_IMAGE: &str = "playImage";
/// A disc with a loudspeaker, that of the window's icons. Its colours by day; those of the style
/// sheet are put in by `mend`.
const PLAY_SVG: &str = "<svg class=playImage viewBox=\"0 0 64 64\">\
     <circle cx=32 cy=32 r=32 fill='rgb(239, 237, 232)'/><path fill='rgb(87, 83, 77)' d=\"\
     M42.3 32Q42.3 28.9 40.7 26.4Q39 23.9 36.3 22.6Q35.8 22.4 35.5 21.9Q35.3 21.3 35.4 20.8\
     Q35.7 20.2 36.2 19.9Q36.8 19.7 37.4 19.9Q40.9 21.5 43.1 24.8Q45.2 28 45.2 32\
     Q45.2 35.9 43.1 39.2Q40.9 42.4 37.4 44Q36.8 44.2 36.2 44Q35.7 43.7 35.4 43.1\
     Q35.3 42.6 35.5 42.1Q35.8 41.5 36.3 41.3Q39 40 40.7 37.5Q42.3 35 42.3 32Z\
     M24.7 36.4L20.3 36.4Q19.6 36.4 19.2 36Q18.8 35.6 18.8 34.9L18.8 29.1Q18.8 28.4 19.2 28\
     Q19.6 27.6 20.3 27.6L24.7 27.6L29.5 22.8Q30.2 22.1 31.1 22.4Q32 22.8 32 23.8L32 40.2\
     Q32 41.2 31.1 41.6Q30.2 41.9 29.5 41.2ZM38.6 32Q38.6 33.5 37.9 34.9\
     Q37.2 36.3 36.1 37.2Q35.7 37.4 35.3 37.2Q34.9 37 34.9 36.5L34.9 27.4\
     Q34.9 26.9 35.3 26.7Q35.7 26.5 36.1 26.8Q37.2 27.7 37.9 29.1Q38.6 30.5 38.6 32Z\
     M29.1 27.4L25.9 30.5L21.7 30.5L21.7 33.5L25.9 33.5L29.1 36.6Z\"/></svg>";
const PLAY_TAG: &str = "[anki:play:";

/// `[anki:play:q:0]` in text becomes a play button, or nothing when `shown` is false.
pub(super) fn play_buttons(tree: &mut Tree, node: NodeIndex, shown: bool) {
    let Some(text) = tree.text(node).filter(|text| text.contains(PLAY_TAG)) else {
        return;
    };
    if tree
        .parent(node)
        .is_none_or(|parent| tree.is(parent, "style"))
    {
        return;
    }
    let text = text.to_owned();
    let mut rest = text.as_str();
    let mut before = String::new();
    while let Some(at) = rest.find(PLAY_TAG) {
        let (plain, tag) = rest.split_at(at);
        before.push_str(plain);
        let Some((side, index, length)) = play_tag(tag) else {
            before.push_str(PLAY_TAG);
            rest = &tag[PLAY_TAG.len()..];
            continue;
        };
        rest = &tag[length..];
        if shown && tree.len() < 2 * limits::MAX_CARD_NODES {
            let part = tree.add_text(std::mem::take(&mut before));
            tree.insert_before(node, part);
            let button = play_button(tree, side, index);
            tree.insert_before(node, button);
        }
    }
    before.push_str(rest);
    if let Some(text) = tree.text_mut(node) {
        *text = before;
    }
}

// Side, number and length of the tag at the start of `text`.
fn play_tag(text: &str) -> Option<(char, u32, usize)> {
    let inside = text.strip_prefix(PLAY_TAG)?;
    // Not looked for any further: there may be many beginnings without an end.
    let end = inside.bytes().take(16).position(|c| c == b']')?;
    let (side, index) = inside[..end].split_once(':')?;
    let side = match side {
        "q" => 'q',
        "a" => 'a',
        _ => return None,
    };
    Some((side, index.parse().ok()?, PLAY_TAG.len() + end + 1))
}

// Class names are those that note types style.
fn play_button(tree: &mut Tree, side: char, index: u32) -> NodeIndex {
    let href = format!("{PLAY_SOUND_SCHEME}:{side}:{index}");
    let link = tree.add_element(
        "a",
        &[
            ("class", "replay-button soundLink"),
            ("href", &href),
            ("title", t!("Play")),
        ],
    );
    if let Some(picture) = graft(tree, PLAY_SVG) {
        tree.append(link, picture);
    }
    link
}

/// A picture that cannot be shown gives way to its name.
pub(super) fn picture(tree: &mut Tree, node: NodeIndex, resources: &dyn Resources) {
    let src = tree.attr(node, "src").unwrap_or_default().trim().to_owned();
    if tree.attr(node, "class") == Some("latex") {
        let there = matches!(Source::of(&src), Source::Media(name) if resources.exists(&name));
        if formula::latex_picture(tree, node, there) {
            return;
        }
    }
    let name = match Source::of(&src) {
        Source::Data => return,
        Source::Media(name) if resources.exists(&name) => {
            // The engine would take the rest for the name of a place within the file.
            if src.contains('#') {
                tree.set_attr(node, "src", &src.replace('#', "%23"));
            }
            return;
        }
        Source::Media(name) => name,
        Source::Web(url) => url,
    };
    let alt = tree.attr(node, "alt").unwrap_or_default().trim().to_owned();
    let label = match (alt.as_str(), name.as_str()) {
        ("", "") => return tree.detach(node),
        // Of an address, the file's name says enough.
        ("", name) => name
            .rsplit('/')
            .find(|part| !part.is_empty())
            .unwrap_or(name)
            .to_owned(),
        (alt, _) => alt.to_owned(),
    };
    let shown = tree.add_element("span", &[("class", "engram-missing"), ("title", &name)]);
    let text = tree.add_text(label);
    tree.append(shown, text);
    tree.replace(node, shown);
}

/// `<audio>` becomes a link that plays the file, `<video>` a sheet of its own: see `film`.
pub(super) fn player(tree: &mut Tree, node: NodeIndex, resources: &dyn Resources) {
    let src = tree.attr(node, "src").map(str::to_owned).or_else(|| {
        let sources = tree.children(node).iter();
        sources
            .filter(|&&child| tree.is(child, "source"))
            .find_map(|&child| tree.attr(child, "src").map(str::to_owned))
    });
    let Some(src) = src else {
        return tree.detach(node);
    };
    let (href, src, label, is_file) = match Source::of(&src) {
        Source::Media(name) => {
            let path = encode_percent(&name);
            (format!("{PLAY_FILE_SCHEME}:{path}"), path, name, true)
        }
        Source::Web(url) => (url.clone(), src, url, false),
        Source::Data => return tree.detach(node),
    };
    if tree.is(node, "video") {
        let about = Film {
            name: is_file.then_some(&*label),
            play: &href,
            src: &src,
            label: &label,
        };
        return film::show(tree, node, &about, resources);
    }
    link_instead(tree, node, &href, &format!("▶ {label}"));
}

/// `<iframe>` becomes a link: cards load nothing from the web.
pub(super) fn frame(tree: &mut Tree, node: NodeIndex) {
    match Source::of(tree.attr(node, "src").unwrap_or_default()) {
        Source::Web(url) => {
            let label = format!("▶ {url}");
            link_instead(tree, node, &url, &label);
        }
        Source::Media(_) | Source::Data => tree.detach(node),
    }
}

fn link_instead(tree: &mut Tree, node: NodeIndex, href: &str, label: &str) {
    let link = tree.add_element("a", &[("class", "engram-media"), ("href", href)]);
    let text = tree.add_text(label);
    tree.append(link, text);
    tree.replace(node, link);
}

/// Where a `src` points.
pub(super) enum Source {
    Data,
    /// Name of a file in the media folder.
    Media(String),
    Web(String),
}

impl Source {
    pub fn of(src: &str) -> Self {
        let src = src.trim();
        let scheme = src
            .split_once(':')
            .map(|(scheme, _)| scheme.to_ascii_lowercase());
        match scheme.as_deref() {
            Some("data") => Self::Data,
            Some("http" | "https") => Self::Web(src.to_owned()),
            _ if src.starts_with("//") => Self::Web(format!("https:{src}")),
            _ => {
                // As in Anki, `#` belongs to the name and `?` ends it.
                let path = src.split('?').next().unwrap_or_default();
                let path = path.trim_start_matches("./");
                Self::Media(String::from_utf8_lossy(&decode_percent(path)).into_owned())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::render::prepare::tests::{Few, check};
    use crate::render::prepare::{Options, prepare};

    #[test]
    fn many_sound_tags_come_to_an_end() {
        let begun = "[anki:play:".repeat(300_000);
        check(&begun, &begun);
        let options = Options {
            play_buttons: true,
            css: "",
        };
        let tree = prepare(&"[anki:play:q:0]".repeat(100_000), &Few, options);
        assert!(tree.len() < 3 * crate::base::limits::MAX_CARD_NODES);
    }

    #[test]
    fn sound_tags_become_buttons_or_nothing() {
        let mut options = Options {
            play_buttons: true,
            css: "",
        };
        let tree = prepare("x[anki:play:q:0]y[anki:play:z:0]", &Few, options);
        let html = tree.to_html();
        let (before, _) = html
            .split_once("<svg class=\"playImage\" viewBox=")
            .unwrap();
        assert_eq!(
            before,
            "x<a class=\"replay-button soundLink\" href=\"playsound:q:0\" title=\"Play\">"
        );
        assert!(
            html.ends_with("</path></svg></a>y[anki:play:z:0]"),
            "{html}"
        );
        options.play_buttons = false;
        let tree = prepare("x[anki:play:a:12]y", &Few, options);
        assert_eq!(tree.to_html(), "xy");
    }

    #[test]
    fn missing_pictures_show_their_name() {
        check("<img src=there.png>", "<img src=\"there.png\">");
        check("<img src=\"a%20b.png\">", "<img src=\"a%20b.png\">");
        check("<img src=\"a b.png\">", "<img src=\"a b.png\">");
        check("<img src=\"C#.png\">", "<img src=\"C%23.png\">");
        check("<img src=\"./C%23.png?1\">", "<img src=\"./C%23.png?1\">");
        check(
            "<img src=gone.png>",
            "<span class=\"engram-missing\" title=\"gone.png\">gone.png</span>",
        );
        check(
            "<img src=http://a.b/c.png alt=Cat>",
            "<span class=\"engram-missing\" title=\"http://a.b/c.png\">Cat</span>",
        );
        check(
            "<img src=\"data:image/png,x\">",
            "<img src=\"data:image/png,x\">",
        );
    }

    /// Each was looked for behind all that follow.
    #[test]
    fn many_pictures_of_nothing_come_to_an_end() {
        check(&"<img>".repeat(45_000), "");
    }

    #[test]
    fn players_and_frames_become_links() {
        check(
            "<video><source src=\"a b.mp4\"></video>",
            "<span class=\"engram-film\"><a class=\"engram-film-play\" href=\"playfile:a%20b.mp4\" \
             title=\"Play the sound\">▶</a><span class=\"engram-film-name\">a b.mp4</span>\
             <a class=\"engram-film-open\" href=\"a%20b.mp4\">Open in player</a></span>",
        );
        check(
            "<audio src=x.mp3></audio>",
            "<a class=\"engram-media\" href=\"playfile:x.mp3\">▶ x.mp3</a>",
        );
        check(
            "<audio src=F#.mp3></audio>",
            "<a class=\"engram-media\" href=\"playfile:F%23.mp3\">▶ F#.mp3</a>",
        );
        check(
            "<iframe src=https://x.y/z></iframe>",
            "<a class=\"engram-media\" href=\"https://x.y/z\">▶ https://x.y/z</a>",
        );
    }
}
