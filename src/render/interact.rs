//! What the user does on a card: hovering, clicking links and hints, selecting, scrolling.
//! Scripts are not run, but the few lines that every hint uses (`onclick` that shows and hides
//! elements by id) are understood.

use super::css::WITHIN;
use super::document::CardDocument;
use super::fetch::{BASE_URL, media_name};
use super::frame::{CardInput, CardOutput, ScrollTo, SoundSide};
use super::mend::UNBROKEN;
use super::prepare::{PLAY_FILE_SCHEME, PLAY_SOUND_SCHEME, TOGGLES};
use super::readout;
use super::resources::{decode_percent, is_plain_name};
use blitz_dom::{
    BaseDocument, Document, EventDriver, EventHandler, LocalName, NodeId, QualName, local_name, ns,
};
use blitz_traits::events::{
    BlitzPointerEvent, BlitzPointerId, BlitzWheelDelta, BlitzWheelEvent, DomEvent, DomEventData,
    EventState, MouseEventButton, MouseEventButtons, PointerCoords, UiEvent,
};
use blitz_traits::net::Url;
use regex::Regex;
use std::sync::OnceLock;

/// Points that an arrow key scrolls.
const LINE: f64 = 40.0;

/// What is longer names no file, with each byte as `%41`.
const MAX_SRC_BYTES: usize = 4096;

impl CardDocument {
    /// Does what the user did; afterwards ask `wants_paint`.
    pub fn input(&mut self, input: &CardInput) -> Vec<CardOutput> {
        let mut outputs = Vec::new();
        let over = self.html.get_hover_node_id();
        match *input {
            CardInput::PointerMoved { x, y } => {
                let event = self.pointer(x, y, self.dragging);
                self.send(UiEvent::PointerMove(event));
            }
            CardInput::PointerPressed { x, y } => {
                self.dragging = true;
                self.touched = true;
                let event = self.pointer(x, y, true);
                self.send(UiEvent::PointerDown(event));
                self.pressed = self.focusable();
                self.focus_on(self.pressed);
            }
            CardInput::SelectAround { x, y, block } => {
                let event = self.pointer(x, y, false);
                self.select_around(event.page_x(), event.page_y(), block);
            }
            CardInput::PointerReleased { x, y } => {
                self.dragging = false;
                let event = self.pointer(x, y, false);
                self.send(UiEvent::PointerUp(event));
                // The engine gives it to fields alone, and takes it from all else.
                if self.focused().is_none() {
                    self.focus_on(self.pressed);
                }
            }
            CardInput::PointerLeft => {
                let event = self.pointer(-1.0, -1.0, false);
                self.send(UiEvent::PointerLeave(event));
            }
            CardInput::Wheel { x, y } => self.wheel(x, y),
            CardInput::Scroll(to) => self.scroll(to),
            CardInput::Copy => {
                outputs.extend(readout::selected_text(&self.html).map(CardOutput::Copied));
            }
            CardInput::SelectAll => self.select_all(),
            CardInput::ClearSelection => self.html.clear_text_selection(),
        }
        self.restyled |= self.html.get_hover_node_id() != over
            || matches!(
                input,
                CardInput::PointerPressed { .. } | CardInput::PointerReleased { .. }
            );
        self.mark_focused();
        outputs.extend(self.links.take().iter().filter_map(output_of));
        let tip = self.hovered_title();
        if tip != self.tip {
            self.tip.clone_from(&tip);
            outputs.push(CardOutput::Tip(tip));
        }
        let picture = self.hovered_picture();
        if picture != self.picture {
            self.picture.clone_from(&picture);
            outputs.push(CardOutput::Picture(picture));
        }
        outputs
    }

    /// What the pointer gives the focus to where it is now.
    fn focusable(&self) -> Option<NodeId> {
        let mut at = self.html.get_hover_node_id();
        while let Some(id) = at {
            let node = self.html.get_node(id)?;
            // Also one that the Tab key passes by.
            let is_told = |index: &str| index.trim().parse::<i32>().is_ok();
            let index = node.element_data().and(node.attr(local_name!("tabindex")));
            if node.is_focussable() || index.is_some_and(is_told) {
                return Some(id);
            }
            at = node.parent;
        }
        None
    }

    fn focused(&self) -> Option<NodeId> {
        let root = self.html.root_element().id;
        self.html.get_focussed_node_id().filter(|&id| id != root)
    }

    fn focus_on(&mut self, node: Option<NodeId>) {
        match node {
            Some(node) => {
                self.html.set_focus_to(node);
            }
            None => self.html.clear_focus(),
        }
    }

    /// The engine does not know of elements what has the focus within them.
    fn mark_focused(&mut self) {
        let focused = self.focused();
        if self.within.first().copied() == focused {
            return;
        }
        let around = std::iter::successors(focused, |&id| self.html.get_node(id)?.parent);
        let is_element = |id: &NodeId| {
            let node = self.html.get_node(*id);
            node.is_some_and(|node| node.element_data().is_some())
        };
        let around: Vec<NodeId> = around.filter(is_element).collect();
        let before = std::mem::replace(&mut self.within, around);
        let name = || QualName::new(None, ns!(), LocalName::from(WITHIN));
        let mut mutator = self.html.mutate();
        for &id in before.iter().filter(|id| !self.within.contains(id)) {
            mutator.clear_attribute(id, name());
        }
        for &id in self.within.iter().filter(|id| !before.contains(id)) {
            mutator.set_attribute(id, name(), "");
        }
    }

    fn hovered_picture(&self) -> Option<String> {
        let node = self.html.get_node(self.html.get_hover_node_id()?)?;
        let is_picture = node.data.is_element_with_tag_name(&local_name!("img"));
        let src = node.attr(local_name!("src")).filter(|_| is_picture)?;
        // Not a name but the picture itself, of megabytes, each time that the pointer moves.
        let src = Some(src).filter(|src| src.len() <= MAX_SRC_BYTES)?;
        let url = Url::parse(BASE_URL).ok()?.join(src.trim()).ok()?;
        let name = media_name(&url).filter(|_| url.as_str().starts_with(BASE_URL));
        name.filter(|name| is_plain_name(name))
    }

    // Of the element under the pointer or the nearest around it that has one.
    fn hovered_title(&self) -> Option<String> {
        let mut at = self.html.get_hover_node_id();
        while let Some(id) = at {
            let node = self.html.get_node(id)?;
            if let Some(title) = node.attr(local_name!("title")) {
                return Some(title.to_owned()).filter(|title| !title.is_empty());
            }
            at = node.parent;
        }
        None
    }

    fn pointer(&self, x: f32, y: f32, down: bool) -> BlitzPointerEvent {
        let (x, y) = (self.css(x), self.css(y));
        let scroll = self.html.viewport_scroll();
        BlitzPointerEvent {
            id: BlitzPointerId::Mouse,
            is_primary: true,
            coords: PointerCoords {
                page_x: x + scroll.x as f32,
                page_y: y + scroll.y as f32,
                screen_x: x,
                screen_y: y,
                client_x: x,
                client_y: y,
            },
            button: MouseEventButton::Main,
            buttons: if down {
                MouseEventButtons::Primary
            } else {
                MouseEventButtons::None
            },
            mods: Default::default(),
            details: Default::default(),
            element: Default::default(),
            active_pointers: Default::default(),
        }
    }

    fn send(&mut self, event: UiEvent) {
        let mut clicks = Clicks::default();
        EventDriver::new(&mut self.html, &mut clicks).handle_ui_event(event);
        for node in clicks.0 {
            self.run_onclick(node);
        }
    }

    fn wheel(&mut self, x: f32, y: f32) {
        let event = BlitzWheelEvent {
            delta: BlitzWheelDelta::Pixels(f64::from(self.css(x)), f64::from(self.css(y))),
            coords: self.pointer(0.0, 0.0, false).coords,
            buttons: MouseEventButtons::None,
            mods: Default::default(),
            element: Default::default(),
        };
        self.touched = true;
        self.send(UiEvent::Wheel(event));
    }

    fn scroll(&mut self, to: ScrollTo) {
        self.touched = true;
        let now = self.html.viewport_scroll().y;
        let y = match to {
            ScrollTo::Top => 0.0,
            ScrollTo::Bottom => f64::MAX,
            ScrollTo::By(points) => now + f64::from(self.css(points)),
            // A line of the old page stays visible.
            ScrollTo::Pages(pages) => {
                now + (self.view_height() - LINE).max(LINE) * f64::from(pages)
            }
            ScrollTo::Offset(points) => f64::from(self.css(points)),
        };
        self.scroll_css_to(y);
    }

    /// The word, or the whole block, at a point of the page.
    fn select_around(&mut self, x: f32, y: f32, block: bool) {
        let Some((node, at)) = self.html.find_text_position(x, y) else {
            return;
        };
        let Some(text) = inline_text(&self.html, node) else {
            return;
        };
        let (start, end) = if block {
            (0, text.len())
        } else {
            word_around(text, at)
        };
        self.html.set_text_selection(node, start, node, end);
    }

    fn select_all(&mut self) {
        self.touched = true;
        let mut first = None;
        let mut last = None;
        let mut todo = vec![self.html.root_element().id];
        while let Some(id) = todo.pop() {
            let Some(node) = self.html.get_node(id) else {
                continue;
            };
            if let Some(length) = inline_text(&self.html, id).map(str::len).filter(|&n| n > 0) {
                first = first.or(Some(id));
                last = Some((id, length));
            }
            match node.layout_children.borrow().as_ref() {
                Some(children) => todo.extend(children.iter().rev()),
                None => todo.extend(node.children.iter().rev()),
            }
        }
        if let (Some(first), Some((last, end))) = (first, last) {
            self.html.set_text_selection(first, 0, last, end);
        }
    }

    /// Shows and hides what the element's `onclick` says, or what a hint link hides.
    fn run_onclick(&mut self, node: NodeId) {
        let Some(element) = self.html.get_node(node) else {
            return;
        };
        if let Some(target) = toggles(element) {
            let target = self.html.get_element_by_id(&target);
            return self.toggle(target);
        }
        let onclick = element
            .attr(local_name!("onclick"))
            .unwrap_or_default()
            .to_owned();
        let steps = read_onclick(&onclick);
        if steps.is_empty() {
            if is_hint_link(&self.html, node)
                && let Some(hidden) = next_hint(&self.html, node)
            {
                self.set_display(node, "none");
                self.set_display(hidden, "block");
            }
            return;
        }
        for step in steps {
            let target = match &step.id {
                None => Some(node),
                Some(id) => self.html.get_element_by_id(id),
            };
            if let Some(target) = target {
                self.set_display(target, &step.display);
            }
        }
    }

    fn toggle(&mut self, target: Option<NodeId>) {
        let Some(target) = target else { return };
        let hidden = self.html.get_node(target).is_some_and(|node| {
            let style = node.primary_styles();
            style.is_none_or(|style| style.clone_display().is_none())
        });
        self.set_display(target, if hidden { "block" } else { "none" });
    }

    fn set_display(&mut self, node: NodeId, display: &str) {
        self.touched = true;
        self.html
            .mutate()
            .set_style_property(node, "display", display);
    }
}

/// Collects the elements with a click handler of ours that were clicked, and keeps the engine from
/// following their `href="#"`.
#[derive(Default)]
struct Clicks(Vec<NodeId>);

impl EventHandler for &mut Clicks {
    fn handle_event(
        &mut self,
        chain: &[NodeId],
        event: &mut DomEvent,
        document: &mut dyn Document,
        state: &mut EventState,
    ) {
        if !matches!(event.data, DomEventData::Click(_)) {
            return;
        }
        let document = document.inner();
        for &id in chain {
            let Some(node) = document.get_node(id) else {
                continue;
            };
            let has_handler =
                node.attr(local_name!("onclick")).is_some() || toggles(node).is_some();
            if has_handler || is_hint_link(&document, id) {
                self.0.push(id);
                let goes_nowhere = node
                    .attr(local_name!("href"))
                    .is_none_or(|href| href == "#" || href.starts_with("javascript:"));
                if goes_nowhere && node.data.is_element_with_tag_name(&local_name!("a")) {
                    state.prevent_default();
                }
                return;
            }
        }
    }
}

/// Id of what a click on the element hides and shows.
fn toggles(node: &blitz_dom::Node) -> Option<String> {
    let attrs = node.element_data()?.attrs();
    let toggles = attrs.iter().find(|attr| &*attr.name.local == TOGGLES)?;
    Some(toggles.value.to_string())
}

fn is_hint_link(document: &BaseDocument, id: NodeId) -> bool {
    document.get_node(id).is_some_and(|node| {
        node.data.is_element_with_tag_name(&local_name!("a"))
            && node
                .attr(local_name!("class"))
                .is_some_and(|classes| classes.split_whitespace().any(|class| class == "hint"))
    })
}

// The hidden part follows its link.
fn next_hint(document: &BaseDocument, link: NodeId) -> Option<NodeId> {
    let parent = document.get_node(document.get_node(link)?.parent?)?;
    let at = parent.children.iter().position(|&child| child == link)?;
    let next = parent.children[at + 1..].iter().copied().find(|&id| {
        document
            .get_node(id)
            .is_some_and(|node| node.element_data().is_some())
    })?;
    let node = document.get_node(next)?;
    let is_around = node.attr(local_name!("class")) == Some(UNBROKEN);
    let inside = node.children.first().copied().filter(|_| is_around);
    Some(inside.unwrap_or(next))
}

/// One `….style.display = …` of an `onclick`.
#[derive(Debug, PartialEq, Eq)]
struct DisplayStep {
    /// None: the clicked element itself.
    id: Option<String>,
    display: String,
}

fn read_onclick(script: &str) -> Vec<DisplayStep> {
    static PATTERN: OnceLock<Option<Regex>> = OnceLock::new();
    let pattern = PATTERN.get_or_init(|| {
        Regex::new(
            r#"(?:this|document\.getElementById\(\s*['"]([^'"]+)['"]\s*\))\.style\.display\s*=\s*['"]([a-z-]*)['"]"#,
        )
        .ok()
    });
    let Some(pattern) = pattern else {
        return Vec::new();
    };
    // A script that decides is more than we understand: doing half of it could hide the answer.
    if script.contains("if") && script.contains("==") || script.contains('?') {
        return Vec::new();
    }
    pattern
        .captures_iter(script)
        .map(|found| DisplayStep {
            id: found.get(1).map(|id| id.as_str().to_owned()),
            display: found[2].to_owned(),
        })
        .collect()
}

fn output_of(url: &Url) -> Option<CardOutput> {
    match url.scheme() {
        PLAY_SOUND_SCHEME => {
            let (side, index) = url.path().split_once(':')?;
            Some(CardOutput::PlaySound {
                side: match side {
                    "q" => SoundSide::Question,
                    "a" => SoundSide::Answer,
                    _ => return None,
                },
                index: index.parse().ok()?,
            })
        }
        PLAY_FILE_SCHEME => {
            let name = String::from_utf8(decode_percent(url.path())).ok()?;
            Some(CardOutput::PlayFile(name))
        }
        "javascript" | "data" | "blob" => None,
        "media" if url.as_str().starts_with(BASE_URL) => media_name(url)
            .filter(|name| is_plain_name(name))
            .map(CardOutput::OpenFile),
        _ => Some(CardOutput::OpenUrl(url.to_string())),
    }
}

fn inline_text(document: &BaseDocument, node: NodeId) -> Option<&str> {
    let layout = document
        .get_node(node)?
        .element_data()?
        .inline_layout_data
        .as_ref()?;
    Some(&layout.text)
}

// Byte range of the word that holds byte `at`; of one character when it is no word.
fn word_around(text: &str, at: usize) -> (usize, usize) {
    let in_word = |c: char| c.is_alphanumeric() || c == '_' || c == '\'' || c == '’';
    let at = (0..=at.min(text.len()))
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0);
    let start = text[..at]
        .char_indices()
        .rev()
        .take_while(|&(_, c)| in_word(c))
        .last()
        .map_or(at, |(start, _)| start);
    let end = text[at..]
        .char_indices()
        .find(|&(_, c)| !in_word(c))
        .map_or(text.len(), |(length, _)| at + length);
    if start < end {
        return (start, end);
    }
    let one = text[at..].chars().next().map_or(0, char::len_utf8);
    (at, at + one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hint_scripts_are_understood_and_clever_ones_left_alone() {
        let anki = "this.style.display='none';document.getElementById('hint12').style.display='block';return false;";
        assert_eq!(
            read_onclick(anki),
            [
                DisplayStep {
                    id: None,
                    display: "none".into()
                },
                DisplayStep {
                    id: Some("hint12".into()),
                    display: "block".into()
                },
            ]
        );
        assert_eq!(
            read_onclick("if (x.style.display == 'none') this.style.display='block'"),
            []
        );
        assert_eq!(read_onclick("alert(1)"), []);
    }

    #[test]
    fn links_are_sorted_by_what_they_do() {
        let of = |url: &str| output_of(&Url::parse(url).unwrap());
        assert_eq!(
            of("playsound:a:3"),
            Some(CardOutput::PlaySound {
                side: SoundSide::Answer,
                index: 3
            })
        );
        assert_eq!(of("playsound:x:3"), None);
        assert_eq!(
            of("playfile:a%20b.mp3"),
            Some(CardOutput::PlayFile("a b.mp3".into()))
        );
        assert_eq!(
            of("https://a.b/"),
            Some(CardOutput::OpenUrl("https://a.b/".into()))
        );
        assert_eq!(
            of("media://card/x%20y.pdf"),
            Some(CardOutput::OpenFile("x y.pdf".into()))
        );
        assert_eq!(of("javascript:alert(1)"), None);
        // Nothing outside of the media folder has a name there.
        for outside in [
            "%2Fetc%2Fx",
            "..%2F..%2Fx",
            "a%2Fb",
            "%2e%2e",
            "C%3A%5Cx.exe",
            "",
        ] {
            assert_eq!(of(&format!("media://card/{outside}")), None, "{outside}");
        }
    }

    #[test]
    fn words_are_found_by_a_byte_inside() {
        assert_eq!(word_around("one two", 5), (4, 7));
        assert_eq!(word_around("é, b", 0), (0, 2));
        assert_eq!(word_around("a , b", 2), (2, 3));
        assert_eq!(word_around("", 0), (0, 0));
    }
}
