//! Typefaces of the system that note types name: which there are, and those few that are shown.
//! Asked and opened on a thread of their own, once each; until then, and where the system has none
//! of that name, the window's own stands in. Fonts of scripts that the window lacks are in `system_fonts`.

use super::font;
use crate::render::{self, Face};
use eframe::egui::epaint::text::{FontTweak, VariationCoords};
use eframe::egui::{Context, FontData, FontDefinitions, FontFamily, Id};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Typefaces that are open at most.
const MOST: usize = 16;
/// What fields and cards name where nobody chose a typeface; most systems without it miss nothing.
const UNCHOSEN: &str = "arial";
const REGULAR: &str = "typeface:";
const BOLD: &str = "typeface-bold:";

/// The family of that name once the window has it; until then, and when the system has none, the
/// window's own.
#[must_use]
pub fn by_name(ctx: &Context, name: Option<&str>) -> FontFamily {
    let name = name.map_or_else(String::new, key_of);
    if name.is_empty() {
        return FontFamily::Proportional;
    }
    let family = FontFamily::Name(format!("{REGULAR}{name}").into());
    if ctx.fonts(|fonts| fonts.definitions().families.contains_key(&family)) {
        return family;
    }
    Typefaces::of(ctx).want(ctx, &name);
    FontFamily::Proportional
}

/// The bold letters of a family that [`by_name`] gave.
#[must_use]
pub fn bold_of(family: &FontFamily) -> FontFamily {
    let named = match family {
        FontFamily::Name(name) => name.strip_prefix(REGULAR),
        _ => None,
    };
    named.map_or_else(font::semibold, |name| {
        FontFamily::Name(format!("{BOLD}{name}").into())
    })
}

/// Whether the system is known to have no typeface of that name, which somebody chose.
#[must_use]
pub fn is_missing(ctx: &Context, name: &str) -> bool {
    let name = key_of(name);
    if name.is_empty() || name == UNCHOSEN {
        return false;
    }
    let typefaces = Typefaces::of(ctx);
    let mut known = typefaces.known();
    match &known.installed {
        Some(installed) => !installed.contains(&name),
        None => {
            typefaces.ask(&mut known, ctx);
            false
        }
    }
}

fn key_of(name: &str) -> String {
    name.trim().to_lowercase()
}

/// What is known, kept with the window.
#[derive(Clone, Default)]
struct Typefaces(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    /// The system is being asked, or was.
    is_asked: bool,
    /// Names in small letters.
    installed: Option<HashSet<String>>,
    /// Those that are shown somewhere.
    wanted: HashSet<String>,
    open: Vec<Open>,
    /// The window has not all that are open.
    is_news: bool,
}

struct Open {
    name: String,
    regular: Arc<FontData>,
    bold: Option<Arc<FontData>>,
}

impl Typefaces {
    fn of(ctx: &Context) -> Self {
        ctx.data_mut(|data| {
            data.get_temp_mut_or_default::<Self>(Id::unique("typefaces"))
                .clone()
        })
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Which there are.
    fn ask(&self, known: &mut Known, ctx: &Context) {
        if known.is_asked {
            return;
        }
        let (shared, ctx) = (self.clone(), ctx.clone());
        known.is_asked = start(move || {
            let installed = render::installed_typefaces();
            shared.known().installed = Some(installed);
            ctx.request_repaint();
        });
    }

    /// Opens a typeface; the window gets it with the next frame in which it is wanted.
    fn want(&self, ctx: &Context, name: &str) {
        let mut known = self.known();
        let Some(installed) = &known.installed else {
            self.ask(&mut known, ctx);
            return;
        };
        if installed.contains(name) && known.wanted.len() < MOST && !known.wanted.contains(name) {
            let (shared, ctx, name) = (self.clone(), ctx.clone(), name.to_owned());
            known.wanted.insert(name.clone());
            start(move || {
                let found = render::typeface(&name);
                let mut known = shared.known();
                if let Some(found) = found {
                    known.open.push(Open {
                        regular: data_of(found.regular),
                        bold: found.bold.map(data_of),
                        name,
                    });
                    known.is_news = true;
                } else if let Some(installed) = &mut known.installed {
                    installed.remove(&name);
                }
                drop(known);
                ctx.request_repaint();
            });
        }
        if std::mem::take(&mut known.is_news) {
            ctx.set_fonts(definitions(&known.open));
        }
    }
}

/// Whether the thread runs.
fn start(work: impl FnOnce() + Send + 'static) -> bool {
    let thread = std::thread::Builder::new().name("typefaces".to_owned());
    thread.spawn(work).is_ok()
}

pub(super) fn data_of(face: Face) -> Arc<FontData> {
    let coords = face
        .weight
        .map(|weight| VariationCoords::new([(b"wght", weight)]));
    let data = FontData::from_blob(face.bytes, face.index);
    Arc::new(data.tweak(FontTweak {
        coords: coords.unwrap_or_default(),
        ..Default::default()
    }))
}

/// The window's fonts and those that are open; behind each are the window's.
fn definitions(open: &[Open]) -> FontDefinitions {
    let mut all = font::definitions();
    for Open {
        name,
        regular,
        bold,
    } in open
    {
        let faces = [
            (REGULAR, FontFamily::Proportional, Some(regular)),
            (BOLD, font::semibold(), bold.as_ref()),
        ];
        for (kind, behind, face) in faces {
            let key = format!("{kind}{name}");
            let mut chain = all.families.get(&behind).cloned().unwrap_or_default();
            if let Some(face) = face {
                all.font_data.insert(key.clone(), Arc::clone(face));
                chain.insert(0, key.clone());
            }
            all.families.insert(FontFamily::Name(key.into()), chain);
        }
    }
    all
}
