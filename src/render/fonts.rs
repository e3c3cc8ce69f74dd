//! The engine's fonts: those of the system, the names that cards expect (Arial, Times…) mapped to
//! what free systems have, better fall-backs per script, and our own as the last resort. The window
//! finds installed typefaces here too.

use parley::FontContext;
use parley::fontique::{
    Blob, Collection, CollectionOptions, FallbackKey, FamilyId, FontInfoOverride, FontStyle,
    FontWeight, FontWidth, GenericFamily, Script, SourceKind,
};
use std::collections::HashSet;
use std::sync::Arc;

/// Names found in note types, and families with the same widths. Tried in order.
const ALIASES: [(&[&str], &[&str]); 3] = [
    (
        &["Arial", "Helvetica"],
        &["Liberation Sans", "Arimo", "Nimbus Sans"],
    ),
    (
        &["Times New Roman", "Times"],
        &["Liberation Serif", "Tinos", "Nimbus Roman"],
    ),
    (
        &["Courier New", "Courier"],
        &["Liberation Mono", "Cousine", "Nimbus Mono PS"],
    ),
];

const SYMBOLS: [&str; 6] = [
    "DejaVu Sans",
    "Noto Sans Math",
    "Noto Sans Symbols",
    "Noto Sans Symbols 2",
    "Noto Sans Symbols2",
    "Noto Color Emoji",
];

/// Drawn with when the system has no font at all.
const LAST_RESORT_FAMILY: &str = "Engram Sans";
static LAST_RESORT: &[u8] = include_bytes!("../../assets/fonts/InterUI.ttf");

/// Looks the system's fonts up (about 50 ms); clone the result for each document.
pub(super) fn load() -> FontContext {
    let mut fonts = FontContext::default();
    let collection = &mut fonts.collection;
    register(collection, blitz_dom::BULLET_FONT, None);
    register(collection, LAST_RESORT, Some(LAST_RESORT_FAMILY));
    for (names, families) in ALIASES {
        alias(collection, names, families);
    }
    set_fallbacks(collection);
    fonts
}

fn register(collection: &mut Collection, bytes: &'static [u8], family: Option<&str>) {
    let family = family.map(|name| FontInfoOverride {
        family_name: Some(name),
        ..FontInfoOverride::default()
    });
    collection.register_fonts(Blob::new(Arc::new(bytes)), family);
}

// A name is only given away when the system has no such font. The font's file is read, because
// the font library registers bytes, not paths.
fn alias(collection: &mut Collection, names: &[&str], families: &[&str]) {
    let missing: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| collection.family_id(name).is_none())
        .collect();
    if missing.is_empty() {
        return;
    }
    let Some(family) = families
        .iter()
        .find_map(|name| collection.family_by_name(name))
    else {
        return;
    };
    for font in family.fonts() {
        let SourceKind::Path(path) = font.source().kind() else {
            continue;
        };
        let Ok(bytes) = std::fs::read(path) else {
            continue;
        };
        let bytes = Blob::new(Arc::new(bytes));
        for name in &missing {
            let family = FontInfoOverride {
                family_name: Some(name),
                ..FontInfoOverride::default()
            };
            collection.register_fonts(bytes.clone(), Some(family));
        }
    }
}

// The library falls back per script; without these, symbols beside Latin text are empty boxes and
// some scripts get a poor face.
fn set_fallbacks(collection: &mut Collection) {
    let symbols = ids(collection, &SYMBOLS);
    let last = ids(collection, &[LAST_RESORT_FAMILY]);
    let generic: [(GenericFamily, &[&str]); 5] = [
        (
            GenericFamily::SansSerif,
            &[
                "Liberation Sans",
                "Noto Sans",
                "Segoe UI",
                "Helvetica Neue",
                "DejaVu Sans",
            ],
        ),
        (
            GenericFamily::Serif,
            &[
                "Liberation Serif",
                "Noto Serif",
                "Times New Roman",
                "DejaVu Serif",
            ],
        ),
        (
            GenericFamily::Monospace,
            &[
                "Liberation Mono",
                "Noto Sans Mono",
                "Consolas",
                "Menlo",
                "DejaVu Sans Mono",
            ],
        ),
        (
            GenericFamily::SystemUi,
            &["Noto Sans", "Segoe UI", "Helvetica Neue", "Liberation Sans"],
        ),
        (
            GenericFamily::UiSansSerif,
            &["Noto Sans", "Segoe UI", "Helvetica Neue", "Liberation Sans"],
        ),
    ];
    for (family, names) in generic {
        let mut list = ids(collection, names);
        list.extend(&symbols);
        list.extend(&last);
        collection.set_generic_families(family, list.into_iter());
    }
    for (script, names) in [
        ("Hebr", &["Noto Sans Hebrew"][..]),
        ("Arab", &["Noto Sans Arabic", "Noto Naskh Arabic"]),
        // The looped one, which comes first by its name, puts tone marks into the vowels below them.
        ("Thai", &["Noto Sans Thai", "Noto Serif Thai"]),
    ] {
        let list = ids(collection, names);
        if !list.is_empty() {
            set_fallback(collection, script, list);
        }
    }
    for script in [
        "Zyyy", "Zinh", "Zsym", "Zmth", "Zsye", "Latn", "Grek", "Cyrl",
    ] {
        let mut list = ids(collection, &["Noto Sans", "Liberation Sans"]);
        list.extend(&symbols);
        list.extend(&last);
        set_fallback(collection, script, list);
    }
}

fn set_fallback(collection: &mut Collection, script: &str, families: Vec<FamilyId>) {
    if let Ok(tag) = <[u8; 4]>::try_from(script.as_bytes()) {
        let key = FallbackKey::from(Script::from_bytes(tag));
        collection.set_fallbacks(key, families.into_iter());
    }
}

fn ids(collection: &mut Collection, names: &[&str]) -> Vec<FamilyId> {
    names
        .iter()
        .filter_map(|name| collection.family_id(name))
        .collect()
}

/// One weight of an installed typeface; its file is mapped, not read.
pub struct Face {
    pub bytes: Arc<dyn AsRef<[u8]> + Send + Sync>,
    /// In a file of several.
    pub index: u32,
    /// To be set in a file of all weights.
    pub weight: Option<f32>,
}

/// An installed typeface.
pub struct Typeface {
    pub regular: Face,
    /// None when it has no bold letters.
    pub bold: Option<Face>,
}

/// The names of all installed typefaces, in small letters. May take some hundred milliseconds.
#[must_use]
pub fn installed_typefaces() -> HashSet<String> {
    let mut system = system();
    system.family_names().map(str::to_lowercase).collect()
}

/// The typeface of that name, whatever its capitals. As slow as [`installed_typefaces`].
#[must_use]
pub fn typeface(name: &str) -> Option<Typeface> {
    let family = system().family_by_name(name)?;
    let face = |wanted: FontWeight| {
        let (width, style) = (FontWidth::NORMAL, FontStyle::Normal);
        let font = family.match_font(width, style, wanted, false)?;
        let (bytes, _) = font.load(None)?.into_raw_parts();
        let face = Face {
            bytes,
            index: font.index(),
            weight: font.has_weight_axis().then_some(wanted.value()),
        };
        Some((face, font.weight().value()))
    };
    let is_bold = |(face, weight): &(Face, f32)| face.weight.is_some() || *weight >= 600.0;
    Some(Typeface {
        regular: face(FontWeight::NORMAL)?.0,
        bold: face(FontWeight::BOLD).filter(is_bold).map(|(face, _)| face),
    })
}

fn system() -> Collection {
    Collection::new(CollectionOptions {
        shared: false,
        system_fonts: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typeface_is_found_by_its_name_alone() {
        assert!(typeface("No Such Letters").is_none());
        let installed = installed_typefaces();
        assert!(!installed.contains("no such letters"));
        let Some(name) = installed
            .iter()
            .find(|name| name.is_ascii() && typeface(name).is_some())
        else {
            println!("skipped: no typeface is installed");
            return;
        };
        let found = typeface(&name.to_uppercase()).unwrap();
        assert!(!(*found.regular.bytes).as_ref().is_empty());
    }
}
