//! What the view needs of a field while the text widget owns it: the projection and, for each
//! object, what it is called and how large its picture wants to be. Made anew after each edit.

use crate::field_html::{
    Field, Kind, OBJECT, Object, Projection, attribute, parts, project, property,
};
use crate::t;
use std::sync::Arc;

/// A snapshot of a field.
#[derive(Debug)]
pub struct Doc {
    pub revision: u64,
    pub projection: Arc<Projection>,
    /// In the order of their units.
    pub objects: Vec<ObjectView>,
}

/// One picture, sound, formula or quiet block.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectView {
    pub unit: usize,
    pub kind: Object,
    /// Its HTML.
    pub source: String,
    /// Short words on the chip.
    pub label: String,
    /// The file of a picture or sound.
    pub file: String,
    /// `width` and `height` as written, in points.
    pub size: (Option<f32>, Option<f32>),
}

impl Doc {
    pub fn of(field: &Field) -> Arc<Self> {
        let projection = field.shared_projection();
        let objects = (projection.units.iter().enumerate())
            .filter_map(|(unit, u)| match u.kind {
                Kind::Object(kind) => Some(ObjectView::new(unit, kind, &field.html()[u.range()])),
                _ => None,
            })
            .collect();
        Arc::new(Self {
            revision: field.revision(),
            projection,
            objects,
        })
    }

    /// The object that a unit is.
    pub fn object(&self, unit: usize) -> Option<&ObjectView> {
        let at = self.objects.binary_search_by_key(&unit, |o| o.unit).ok()?;
        self.objects.get(at)
    }
}

impl ObjectView {
    fn new(unit: usize, kind: Object, source: &str) -> Self {
        let file = match kind {
            Object::Image => crate::field_html::decode(attribute(source, "src").unwrap_or("")),
            Object::Sound => sound_file(source).to_owned(),
            _ => String::new(),
        };
        let number = |name| attribute(source, name).and_then(points);
        let css = attribute(source, "style").unwrap_or("");
        let size = match kind {
            Object::Image => (
                css_points(css, "width").or_else(|| number("width")),
                css_points(css, "height").or_else(|| number("height")),
            ),
            _ => (None, None),
        };
        Self {
            unit,
            kind,
            label: label(kind, source, &file),
            source: source.to_owned(),
            file,
            size,
        }
    }

    /// What screen readers and tests call it.
    pub fn name(&self) -> String {
        match self.kind {
            Object::Image => t!("Image {file}", file = self.file),
            Object::Sound => t!("Play {sound}", sound = self.label),
            Object::Formula => t!("Formula {formula}", formula = self.label),
            Object::Block => self.label.clone(),
            Object::Rule => t!("Line" in "a rule across the text").to_owned(),
        }
    }
}

fn points(value: &str) -> Option<f32> {
    let value = value.trim().trim_end_matches("px");
    value
        .parse()
        .ok()
        .filter(|v: &f32| *v > 0.0 && *v < 10_000.0)
}

fn css_points(css: &str, name: &str) -> Option<f32> {
    property(css, name).and_then(points)
}

fn sound_file(source: &str) -> &str {
    source
        .strip_prefix("[sound:")
        .and_then(|s| s.strip_suffix(']'))
        .unwrap_or(source)
}

fn label(kind: Object, source: &str, file: &str) -> String {
    match kind {
        Object::Image if file.is_empty() => t!("image without a file").to_owned(),
        Object::Image | Object::Sound => shortened(file, 48),
        Object::Formula => shortened(formula_body(source).trim(), 60),
        Object::Rule => String::new(),
        Object::Block => {
            let name: String = source
                .chars()
                .skip(1)
                .take_while(|c| c.is_alphanumeric() || *c == '-')
                .collect();
            let texts = parts(source).into_iter().flatten();
            let texts = texts.map(|part| project(&source[part.range]).text);
            let texts: Vec<String> = texts.filter(|text| !text.trim().is_empty()).collect();
            let texts = texts.join(", ").replace(OBJECT, "…");
            let what = if texts.is_empty() {
                t!("edit as HTML").to_owned()
            } else {
                shortened(&texts, 48)
            };
            format!("{}: {what}", name.to_lowercase())
        }
    }
}

/// TeX without its delimiters.
pub fn formula_body(source: &str) -> &str {
    let (open, close) = formula_delimiters(source);
    source
        .get(open.len()..source.len().saturating_sub(close.len()))
        .unwrap_or(source)
}

/// What stands around the TeX of a formula.
pub fn formula_delimiters(source: &str) -> (&str, &str) {
    const PAIRS: &[(&str, &str)] = &[
        ("\\(", "\\)"),
        ("\\[", "\\]"),
        ("[latex]", "[/latex]"),
        ("[$$]", "[/$$]"),
        ("[$]", "[/$]"),
    ];
    for (open, close) in PAIRS {
        if source.starts_with(open) && source.ends_with(close) {
            return (open, close);
        }
    }
    let open = source.find('>').map_or(0, |i| i + 1);
    let close = source.rfind("</").unwrap_or(source.len()).max(open);
    (&source[..open], &source[close..])
}

fn shortened(text: &str, most: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= most {
        return text;
    }
    let mut short: String = text.chars().take(most - 1).collect();
    short.push('…');
    short
}
