//! Pictures, sounds and videos: play buttons for Anki's sound tags, links for players and frames,
//! placeholders with the file's name for pictures that are not there.

use super::film::{self, Film};
use super::formula;
use crate::render::resources::{Resources, decode_percent, encode_percent};
use crate::render::tree::{NodeIndex, Tree};

/// Links `playsound:q:0` play a sound tag of the card.
pub const PLAY_SOUND_SCHEME: &str = "playsound";
/// Links `playfile:NAME` (percent-encoded) play a file of the media folder.
pub const PLAY_FILE_SCHEME: &str = "playfile";

/// A loudspeaker in the bundled icon font.
const VOLUME_ICON: &str = "\u{e050}";
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
        if shown {
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
    let end = inside.find(']').filter(|&end| end < 16)?;
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
            ("title", "Play"),
        ],
    );
    let disc = tree.add_element("span", &[("class", "playImage")]);
    let icon = tree.add_text(VOLUME_ICON);
    tree.append(disc, icon);
    tree.append(link, disc);
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
    fn sound_tags_become_buttons_or_nothing() {
        check(
            "x[anki:play:q:0]y[anki:play:z:0]",
            "x<a class=\"replay-button soundLink\" href=\"playsound:q:0\" title=\"Play\">\
             <span class=\"playImage\">\u{e050}</span></a>\
             y[anki:play:z:0]",
        );
        let options = Options {
            play_buttons: false,
            css: "",
        };
        let tree = prepare("x[anki:play:a:12]y", &Two, options);
        assert_eq!(tree.to_html(), "xy");
    }

    #[test]
    fn missing_pictures_show_their_name() {
        check("<img src=there.png>", "<img src=\"there.png\">");
        check("<img src=\"a%20b.png\">", "<img src=\"a%20b.png\">");
        check("<img src=\"a b.png\">", "<img src=\"a b.png\">");
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

    #[test]
    fn players_and_frames_become_links() {
        check(
            "<video><source src=\"a b.mp4\"></video>",
            "<span class=\"engram-film\"><a class=\"engram-film-play\" href=\"playfile:a%20b.mp4\" \
             title=\"Play the sound\">▶</a><span class=\"engram-film-name\">a b.mp4</span>\
             <a class=\"engram-film-open\" href=\"a%20b.mp4\">Open in player</a></span>",
        check("<img src=\"C#.png\">", "<img src=\"C%23.png\">");
        check("<img src=\"./C%23.png?1\">", "<img src=\"./C%23.png?1\">");
        );
        check(
            "<audio src=x.mp3></audio>",
            "<a class=\"engram-media\" href=\"playfile:x.mp3\">▶ x.mp3</a>",
        );
        check(
            "<iframe src=https://x.y/z></iframe>",
            "<a class=\"engram-media\" href=\"https://x.y/z\">▶ https://x.y/z</a>",
        );
    }
}
        check(
            "<audio src=F#.mp3></audio>",
            "<a class=\"engram-media\" href=\"playfile:F%23.mp3\">▶ F#.mp3</a>",
        );
