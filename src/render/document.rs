//! One page in the engine (blitz): laid out, painted, scrolled. What the user does on it is in
//! `interact`, its text in `readout`. Lives on the render thread and never leaves it.

use super::blends;
use super::css;
use super::dashes;
use super::fetch::{BASE_URL, Fetcher};
use super::filters::{Filters, Recolored};
use super::fonts;
use super::frame::{CardCursor, DrawnCard, TypeInBox};
use super::kept::Kept;
use super::mend::Mends;
use super::motion;
use super::page::{CardKey, CardPage, View};
use super::prepare::{self, Options};
use super::readout;
use super::resources::Resources;
use super::shadows::Shadows;
use super::svg_weight::{cost_in_card, is_file};
use super::tree::{Kind, NodeIndex, Tree};
use super::weight::Budget;
use crate::base::limits;
use crate::base::time::Stopwatch;
use crate::t;
use anyrender::ImageRenderer;
use anyrender_vello_cpu::VelloCpuImageRenderer;
use blitz_dom::node::{Attribute, SpecialElementData};
use blitz_dom::{
    BaseDocument, DocumentConfig, FontContext, LocalName, NodeId, Point, QualName, RestyleHint,
    UserAgentStylesheet, ns,
};
use blitz_html::{HtmlDocument, HtmlProvider};
use blitz_traits::navigation::{NavigationOptions, NavigationProvider};
use blitz_traits::net::Url;
use blitz_traits::shell::{ColorScheme, ShellProvider, Viewport};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What all documents of a thread share.
pub(super) struct Workshop {
    fonts: FontContext,
    sheets: Vec<UserAgentStylesheet>,
    resources: Arc<dyn Resources>,
    renderer: Option<(VelloCpuImageRenderer, (u32, u32))>,
    recolored: Recolored,
    generation: u64,
}

static UA_CSS: &str = include_str!("../../assets/card/ua.css");

impl Workshop {
    pub fn new(resources: Arc<dyn Resources>) -> Self {
        // What of style sheets the engine takes only when it is told to, those of ours too.
        stylo_static_prefs::set_pref!("layout.grid.enabled", true);
        stylo_static_prefs::set_pref!("layout.css.has-selector.enabled", true);
        stylo_static_prefs::set_pref!("layout.css.nth-child-of.enabled", true);
        stylo_static_prefs::set_pref!("layout.css.at-scope.enabled", true);
        stylo_static_prefs::set_pref!("layout.columns.enabled", true);
        Self {
            fonts: fonts::load(),
            sheets: vec![
                UserAgentStylesheet::default_sheet(),
                UserAgentStylesheet::parse(UA_CSS),
                UserAgentStylesheet::parse(&blends::sheet()),
            ],
            resources,
            renderer: None,
            recolored: Recolored::default(),
            generation: 0,
        }
    }

    /// Frames keep their order over a restart of the thread.
    pub fn with_generation(mut self, generation: u64) -> Self {
        self.generation = generation;
        self
    }

    /// Parses and lays out a page.
    pub fn open(&self, page: &CardPage, view: View) -> CardDocument {
        let options = Options {
            play_buttons: page.play_buttons,
            css: &page.css,
        };
        let tree = prepare::prepare(&page.html, &*self.resources, options);
        let mut document = self.open_tree(page, &tree, view);
        document.waits = (0..tree.len()).any(|node| tree.attr(node, prepare::WAITS).is_some());
        document
    }

    /// A plain page with a message, for a card that could not be drawn.
    pub fn open_notice(&self, page: &CardPage, message: &str, view: View) -> CardDocument {
        let text = super::parse::parse(&page.html);
        let text = text.text_below(text.root);
        let plain = CardPage {
            night: page.night,
            ..CardPage::default()
        };
        let mut document = self.open_tree(&plain, &prepare::notice(message, &text), view);
        document.key = page.key();
        document
    }

    fn open_tree(&self, page: &CardPage, tree: &Tree, view: View) -> CardDocument {
        let view = view.sane();
        let budget = Arc::new(Budget::of(tree));
        let fetcher = Arc::new(Fetcher::new(self.resources.clone(), budget.clone()));
        let links = Arc::new(Links::default());
        let shell = Arc::new(Shell::default());
        let config = DocumentConfig {
            viewport: Some(viewport(view, page.night)),
            base_url: Some(BASE_URL.to_owned()),
            ua_stylesheets: self.sheets.clone(),
            net_provider: Some(fetcher.clone()),
            navigation_provider: Some(links.clone()),
            shell_provider: Some(shell.clone()),
            html_parser_provider: Some(Arc::new(HtmlProvider)),
            font_ctx: Some(self.fonts.clone()),
            ..DocumentConfig::default()
        };
        let mut left = prepare::MOST_GENERATED;
        let pictured = prepare::with_pictures(&page.css, &*self.resources, &mut left);
        let css = pictured.as_deref().unwrap_or(&page.css);
        // Counted as the engine will see it.
        let known = css::known(css);
        let css = match budget.allows(known.as_deref().unwrap_or(css).as_bytes()) {
            true => css,
            false => "",
        };
        let frame = page.frame_html(&tree.hint_sheet(), css);
        let mut html = HtmlDocument::from_html(&frame, config);
        if let Some(content) = html.get_element_by_id("qa") {
            fill(&mut html, content, tree, &budget);
        }
        let mut document = CardDocument {
            html,
            key: page.key(),
            night: page.night,
            view,
            fetcher,
            links,
            shell,
            clock: Stopwatch::start(),
            mends: Mends::default(),
            kept: Kept::default(),
            restyled: true,
            animating: false,
            touched: false,
            waits: false,
            budget,
            motion_seconds: 0.0,
            dragging: false,
            pressed: None,
            within: Vec::new(),
            tip: None,
            picture: None,
        };
        document.resolve();
        if document.budget.is_cut() {
            tell_cut(&mut document.html);
            document.restyled = true;
            document.resolve();
        }
        if page.is_answer {
            document.scroll_to_answer();
        }
        document
    }

    /// Paints the visible part.
    pub fn draw(&mut self, document: &mut CardDocument) -> DrawnCard {
        document.resolve();
        self.paint(document, document.view)
    }

    /// Paints all of it from its top, down to `tallest` points. It is laid out for its view all the
    /// same, by whose height parts of the content may be measured.
    pub fn draw_whole(&mut self, document: &mut CardDocument, tallest: f32) -> DrawnCard {
        document.resolve();
        document.scroll_css_to(0.0);
        let mut part = document.view;
        part.height = (document.content_height() * part.zoom)
            .ceil()
            .clamp(1.0, tallest);
        self.paint(document, part)
    }

    fn paint(&mut self, document: &mut CardDocument, part: View) -> DrawnCard {
        // Whatever asked to be drawn anew is drawn now.
        document.wants_paint();
        let size = part.pixels();
        let mut renderer = match self.renderer.take() {
            Some((renderer, old)) if old == size => renderer,
            _ => VelloCpuImageRenderer::new(size.0, size.1),
        };
        renderer.reset();
        let mut rgba = Vec::new();
        let scale = f64::from(document.css_scale());
        let inner: &mut BaseDocument = &mut document.html;
        let shadows = Shadows::of(inner);
        let recolored = &mut self.recolored;
        renderer.render_to_vec(
            |scene| {
                let mut scene = Filters::new(scene, scale, size, recolored, &shadows);
                blitz_paint::paint_scene(&mut scene, inner, scale, size.0, size.1, 0, 0);
            },
            &mut rgba,
        );
        self.renderer = Some((renderer, size));
        self.generation += 1;
        DrawnCard {
            key: document.key,
            generation: self.generation,
            view: part,
            width_px: size.0,
            height_px: size.1,
            rgba,
            content_height: document.content_height() * document.view.zoom,
            scroll_y: document.html.viewport_scroll().y as f32 * document.view.zoom,
            cursor: document.cursor(),
            text: readout::visible_text(&document.html).into(),
            type_in: document.type_in(),
            animating: document.html.is_animating(),
            motion_seconds: document.motion_seconds,
            has_selection: document.html.has_text_selection(),
        }
    }

    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Pictures of cards that are gone.
    pub fn forget_pictures(&mut self) {
        if let Some((renderer, _)) = &mut self.renderer {
            renderer.clear_image_cache();
        }
        self.recolored.clear();
    }
}

/// See the module header.
pub(super) struct CardDocument {
    pub(super) html: HtmlDocument,
    key: CardKey,
    night: bool,
    view: View,
    fetcher: Arc<Fetcher>,
    pub(super) links: Arc<Links>,
    shell: Arc<Shell>,
    clock: Stopwatch,
    mends: Mends,
    kept: Kept,
    /// Style sheets may say something else of it than when it was last mended.
    pub(super) restyled: bool,
    /// When it was last laid out.
    animating: bool,
    /// The user did something on it, so it is no longer as it was opened.
    pub(super) touched: bool,
    /// A still of a film is being taken.
    waits: bool,
    budget: Arc<Budget>,
    /// Seconds until its animations and transitions have come to their ends.
    motion_seconds: f32,
    /// The main button is down.
    pub(super) dragging: bool,
    /// What it went down on, of what can have the focus.
    pub(super) pressed: Option<NodeId>,
    /// What has the focus, and what is around it.
    pub(super) within: Vec<NodeId>,
    /// What was last told of the element under the pointer.
    pub(super) tip: Option<String>,
    /// The picture that was last told to be under the pointer.
    pub(super) picture: Option<String>,
}

/// Requests may lead to further ones: style sheet, font, picture.
const MAX_RESOLVE_PASSES: usize = 6;

/// Of what is in one another, the outer one is fitted before the inner one.
const MAX_FIT_PASSES: usize = 6;

impl CardDocument {
    pub fn key(&self) -> CardKey {
        self.key
    }

    pub fn view(&self) -> View {
        self.view
    }

    pub fn is_touched(&self) -> bool {
        self.touched
    }

    /// True when a still of a film was not there yet.
    pub fn waits(&self) -> bool {
        self.waits
    }

    /// Animations begin now.
    pub fn restart_clock(&mut self) {
        self.clock = Stopwatch::start();
    }

    /// True when it should be painted again.
    pub fn wants_paint(&self) -> bool {
        self.shell.take_redraw()
    }

    /// Styles and lays out, and mends what style sheets say anew.
    pub fn resolve(&mut self) {
        let over = self.html.get_hover_node_id();
        if self.restyled {
            self.match_anew();
        }
        self.lay_out();
        // Something else lies under the pointer now.
        if self.html.get_hover_node_id() != over {
            self.restyled = true;
            if self.match_anew() {
                self.lay_out();
            }
        }
        let animating = self.html.is_animating();
        let began = animating && !self.animating;
        // What an animation or a transition led to stays.
        self.restyled |= std::mem::replace(&mut self.animating, animating) && !animating;
        let restyled = std::mem::take(&mut self.restyled);
        if began || restyled && animating {
            self.motion_seconds = motion::seconds(&self.html);
        }
        if restyled {
            if self.mends.take_back(&mut self.html) {
                self.lay_out();
            }
            if self.mends.fill(&mut self.html) {
                self.lay_out();
                self.shell.request_redraw();
            }
            if self.mends.mend(&mut self.html) {
                self.lay_out();
                for _ in 0..MAX_FIT_PASSES {
                    if !self.mends.fit(&mut self.html) {
                        break;
                    }
                    self.lay_out();
                }
                // The engine does not know of it what it shows.
                self.shell.request_redraw();
            }
            for _ in 0..MAX_FIT_PASSES {
                if !self.mends.line_up(&mut self.html) {
                    break;
                }
                self.lay_out();
                self.shell.request_redraw();
            }
            if self.mends.shorten(&mut self.html) {
                self.lay_out();
                self.shell.request_redraw();
            }
        }
        // What an animation uncovers or turns is seen while it lasts, which may be for ever.
        if (restyled || animating) && self.mends.hide(&mut self.html) {
            self.lay_out();
            self.shell.request_redraw();
        }
        // Last: of what is as large as it is painted.
        if dashes::join(&mut self.html) {
            self.lay_out();
        }
    }

    // The engine does not see what becomes of elements for what is within or behind them (`:has()`)
    // when that changes. True when there are such selectors.
    fn match_anew(&mut self) -> bool {
        let root = self.html.root_element().id;
        let root = self.html.get_node_mut(root);
        let Some(root) = root.filter(|_| self.budget.looks_within()) else {
            return false;
        };
        root.set_restyle_hint(RestyleHint::restyle_subtree());
        true
    }

    // Until nothing more arrives.
    fn lay_out(&mut self) {
        let time = self.clock.elapsed().as_secs_f64();
        for _ in 0..MAX_RESOLVE_PASSES {
            let answered = self.fetcher.answered();
            self.html.resolve(time);
            self.kept.keep(&self.html);
            if self.fetcher.answered() == answered {
                break;
            }
        }
    }

    pub fn set_view(&mut self, view: View) {
        let view = view.sane();
        if view != self.view {
            self.view = view;
            self.restyled = true;
            self.html.set_viewport(viewport(view, self.night));
            self.resolve();
            self.scroll_css_to(self.html.viewport_scroll().y);
        }
    }

    /// Pixels per CSS pixel.
    fn css_scale(&self) -> f32 {
        self.view.scale * self.view.zoom
    }

    /// Points to CSS pixels.
    pub(super) fn css(&self, points: f32) -> f32 {
        points / self.view.zoom
    }

    /// In CSS pixels.
    pub(super) fn view_height(&self) -> f64 {
        f64::from(self.css(self.view.height))
    }

    /// In CSS pixels.
    pub(super) fn content_height(&self) -> f32 {
        let layout = self.html.root_element().final_layout();
        layout
            .size
            .height
            .max(layout.scrollable_overflow_rect.bottom)
    }

    /// CSS pixels from the top; kept within the content.
    pub(super) fn scroll_css_to(&mut self, y: f64) {
        let end = (f64::from(self.content_height()) - self.view_height()).max(0.0);
        let x = self.html.viewport_scroll().x;
        self.html.set_viewport_scroll(Point {
            x,
            y: y.clamp(0.0, end),
        });
    }

    fn scroll_to_answer(&mut self) {
        let answer = self.html.get_fragment_target("answer");
        if let Some(rect) = answer.and_then(|node| self.html.get_client_bounding_rect(node)) {
            self.scroll_css_to(rect.y + self.html.viewport_scroll().y);
        }
    }

    fn cursor(&self) -> CardCursor {
        match self.html.get_cursor().map(|icon| icon.name()) {
            Some("pointer") => CardCursor::Pointer,
            Some("text" | "vertical-text") => CardCursor::Text,
            Some("help") => CardCursor::Help,
            Some("crosshair" | "cell") => CardCursor::Crosshair,
            Some("grab" | "grabbing") => CardCursor::Grab,
            Some("move" | "all-scroll") => CardCursor::Move,
            Some("not-allowed" | "no-drop") => CardCursor::NotAllowed,
            _ => CardCursor::Default,
        }
    }

    fn type_in(&self) -> Option<TypeInBox> {
        let node = self.html.get_element_by_id("typeans")?;
        if !self
            .html
            .get_node(node)?
            .data
            .is_element_with_tag_name(&blitz_dom::local_name!("input"))
        {
            return None;
        }
        let rect = self.html.get_client_bounding_rect(node)?;
        let zoom = self.view.zoom;
        Some(TypeInBox {
            x: rect.x as f32 * zoom,
            y: rect.y as f32 * zoom,
            width: rect.width as f32 * zoom,
            height: rect.height as f32 * zoom,
        })
    }
}

fn viewport(view: View, night: bool) -> Viewport {
    let (width, height) = view.pixels();
    let scheme = if night {
        ColorScheme::Dark
    } else {
        ColorScheme::Light
    };
    let mut viewport = Viewport::new(width, height, view.scale, scheme);
    viewport.set_zoom(view.zoom);
    viewport
}

/// Copies the tree below `content`, parents before children as a parser would. Elements deeper
/// than the limit are left out, their content is not; so are style sheets beyond the budget.
fn fill(html: &mut HtmlDocument, content: NodeId, tree: &Tree, budget: &Budget) {
    let mut boxes = Vec::new();
    let mut mutator = html.mutate();
    let mut todo: Vec<(NodeIndex, NodeId, usize)> = Vec::new();
    let push = |todo: &mut Vec<_>, from: NodeIndex, to: NodeId, depth: usize| {
        todo.extend(
            tree.children(from)
                .iter()
                .rev()
                .map(|&child| (child, to, depth)),
        );
    };
    push(&mut todo, tree.root, content, 0);
    while let Some((node, parent, depth)) = todo.pop() {
        match tree.kind(node) {
            Kind::Other => {}
            Kind::Text(text) => {
                let new = mutator.create_text_node(text);
                mutator.append_children(parent, &[new]);
            }
            Kind::Element { .. } if depth >= limits::MAX_HTML_DEPTH => {
                push(&mut todo, node, parent, depth);
            }
            // As it was before `css::with_entities`.
            Kind::Element { name, .. }
                if &*name.local == "style"
                    && !budget.allows(tree.text_below(node).replace("&amp;", "&").as_bytes()) => {}
            Kind::Element { .. }
                if is_drawing(tree, node) && !allows_drawing(tree, node, budget) =>
            {
                let words = mutator.create_text_node(t!("This picture cannot be drawn"));
                mutator.append_children(parent, &[words]);
            }
            Kind::Element { name, attrs } => {
                let attrs = attrs
                    .iter()
                    .filter(|(attr, value)| {
                        name.ns == ns!(html) || !is_file(&name.local, &attr.local, value)
                    })
                    .map(|(name, value)| Attribute {
                        name: name.clone(),
                        value: value.clone(),
                    })
                    .collect();
                let new = mutator.create_element(name.clone(), attrs);
                mutator.append_children(parent, &[new]);
                push(&mut todo, node, new, depth + 1);
                if matches!(tree.attr(node, "type"), Some("checkbox" | "radio")) {
                    boxes.push((new, tree.attr(node, "checked").is_some()));
                }
            }
        }
    }
    drop(mutator);
    // The engine lets only those be ticked that it has laid out, and labels may stand for others.
    for (id, ticked) in boxes {
        let node = html.get_node_mut(id);
        let input = node.filter(|node| {
            node.data
                .is_element_with_tag_name(&blitz_dom::local_name!("input"))
        });
        if let Some(data) = input.and_then(|input| input.element_data_mut()) {
            data.special_data = SpecialElementData::CheckboxInput(ticked);
        }
    }
}

/// One that is within no other.
fn is_drawing(tree: &Tree, node: NodeIndex) -> bool {
    let is_svg = |node| tree.foreign_tag(node) == Some("svg");
    is_svg(node) && !std::iter::successors(tree.parent(node), |&n| tree.parent(n)).any(is_svg)
}

fn allows_drawing(tree: &Tree, node: NodeIndex, budget: &Budget) -> bool {
    budget.allows_drawing(cost_in_card(tree, node))
}

/// Says on the card that a style sheet is missing.
fn tell_cut(html: &mut HtmlDocument) {
    let Some(content) = html.get_element_by_id("qa") else {
        return;
    };
    let first = html
        .get_node(content)
        .and_then(|n| n.children.first().copied());
    let mut mutator = html.mutate();
    let name = |name: &str, space| QualName::new(None, space, LocalName::from(name));
    let class = Attribute {
        name: name("class", ns!()),
        value: "engram-notice".into(),
    };
    let notice = mutator.create_element(name("div", ns!(html)), vec![class]);
    let words =
        t!("Some of the styling of this card was left out: it would take too long to draw.");
    let words = mutator.create_text_node(words);
    mutator.append_children(notice, &[words]);
    match first {
        Some(first) => mutator.insert_nodes_before(first, &[notice]),
        None => mutator.append_children(content, &[notice]),
    }
}

/// Links that were followed.
#[derive(Default)]
pub(super) struct Links(Mutex<Vec<Url>>);

impl Links {
    pub fn take(&self) -> Vec<Url> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl NavigationProvider for Links {
    fn navigate_to(&self, options: NavigationOptions) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(options.url);
    }
}

#[derive(Default)]
struct Shell(AtomicBool);

impl Shell {
    fn take_redraw(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

impl ShellProvider for Shell {
    fn request_redraw(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
