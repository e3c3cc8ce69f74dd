//! What a template names in elements that the engine leaves out: style sheets of the media folder
//! and pictures in `<object>`.

use super::media::{self, Source};
use crate::render::css;
use crate::render::resources::{Resources, encode_percent};
use crate::render::tree::{NodeIndex, Tree};

/// `<link rel=stylesheet>` becomes a `<style>` that imports the file; other links go.
pub(super) fn style_sheet(tree: &mut Tree, node: NodeIndex, resources: &dyn Resources) {
    let Some(rule) = import_rule(tree, node, resources) else {
        return tree.detach(node);
    };
    let style = tree.add_element("style", &[]);
    let rule = tree.add_text(css::with_entities(&rule));
    tree.append(style, rule);
    tree.replace(node, style);
}

fn import_rule(tree: &Tree, node: NodeIndex, resources: &dyn Resources) -> Option<String> {
    let has = |words: &str, wanted: &str| {
        words
            .split_ascii_whitespace()
            .any(|word| word.eq_ignore_ascii_case(wanted))
    };
    let rel = tree.attr(node, "rel")?;
    // An alternate one waits until it is chosen, which nobody can do here.
    if !has(rel, "stylesheet") || has(rel, "alternate") || tree.attr(node, "disabled").is_some() {
        return None;
    }
    let Source::Media(name) = Source::of(tree.attr(node, "href")?) else {
        return None;
    };
    let media = tree.attr(node, "media").unwrap_or_default().trim();
    let is_plain = |c: char| c.is_alphanumeric() || " ():,-.<>=/".contains(c);
    let is_there = resources.exists(&name) && css::is_safe(media) && media.chars().all(is_plain);
    is_there.then(|| format!("@import url(\"{}\") {media};", encode_percent(&name)))
}

/// An `<object>` that shows a picture becomes an `<img>`; others go.
pub(super) fn object(tree: &mut Tree, node: NodeIndex, resources: &dyn Resources) {
    let data = tree.attr(node, "data").unwrap_or_default().to_owned();
    let kind = tree.attr(node, "type").unwrap_or_default();
    let is_picture = match Source::of(&data) {
        Source::Media(name) => kind.starts_with("image/") || has_picture_ending(&name),
        Source::Data => data.trim().starts_with("data:image/"),
        Source::Web(_) => false,
    };
    if !is_picture {
        return tree.detach(node);
    }
    let picture = tree.add_element("img", &[("src", data.trim())]);
    for name in ["id", "class", "style", "title", "width", "height"] {
        if let Some(value) = tree.attr(node, name).map(str::to_owned) {
            tree.set_attr(picture, name, &value);
        }
    }
    tree.replace(node, picture);
    media::picture(tree, picture, resources);
}

fn has_picture_ending(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    let ending = ending.unwrap_or_default().to_ascii_lowercase();
    matches!(
        ending.as_str(),
        "png" | "jpg" | "jpeg" | "gif" | "webp" | "svg" | "avif" | "bmp" | "ico" | "tif" | "tiff"
    )
}

#[cfg(test)]
mod tests {
    use crate::render::prepare::tests::check;

    #[test]
    fn style_sheets_of_the_media_folder_are_imported() {
        let imported = "<style>@import url(\"_x.css\") ;</style>a";
        check("<link rel=stylesheet href=_x.css>a", imported);
        check("<link href=\"./_x.css?v=2\" rel='Stylesheet'>a", imported);
        check(
            "<link rel=stylesheet href=_x.css media='(max-width: 400px)'>a",
            "<style>@import url(\"_x.css\") (max-width: 400px);</style>a",
        );
        for gone in [
            "<link rel=stylesheet href=gone.css>",
            "<link rel=stylesheet href=https://a.b/_x.css>",
            "<link rel='alternate stylesheet' href=_x.css>",
            "<link rel=stylesheet href=_x.css disabled>",
            "<link rel=stylesheet href=_x.css media='a;}b{'>",
            "<link rel=icon href=_x.css>",
            "<link rel=stylesheet>",
        ] {
            check(&format!("{gone}a"), "a");
        }
    }

    #[test]
    fn objects_that_are_pictures_are_pictures() {
        check(
            "<object data=there.png width=40 name=x>no</object>",
            "<img src=\"there.png\" width=\"40\">",
        );
        check("<object data=C#.png></object>", "<img src=\"C%23.png\">");
        check(
            "<object data=gone.svg></object>",
            "<span class=\"engram-missing\" title=\"gone.svg\">gone.svg</span>",
        );
        check("<object data=x.swf>no</object>a", "a");
        check("<object>no</object>a", "a");
    }
}
