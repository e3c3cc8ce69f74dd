//! What draws OpenGL, and whether that is the processor.
//!
//! Asking OpenGL itself is `unsafe`, which this crate does without; but egui's painter says the name
//! of what draws to the log while the window opens, and the log is this program's.

use log::{LevelFilter, Log, Metadata, Record};
use std::sync::OnceLock;

/// What of the log has the name.
const PAINTER: &str = "egui_glow::painter";

/// Parts of the names of renderers without a graphics card, in lower case: Mesa's, Google's, and those
/// of Windows and macOS.
const ON_THE_PROCESSOR: [&str; 7] = [
    "llvmpipe",
    "softpipe",
    "swrast",
    "swiftshader",
    "gdi generic",
    "basic render",
    "software",
];

/// The log while the window opens; nothing else listens to it.
struct Listener(OnceLock<String>);

static LISTENER: Listener = Listener(OnceLock::new());

impl Log for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == PAINTER
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata())
            && let Some(name) = renderer(&record.args().to_string())
        {
            self.0.get_or_init(|| name.to_owned());
        }
    }

    fn flush(&self) {}
}

/// What the window is drawn with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graphics {
    /// What draws OpenGL, as it calls itself.
    pub renderer: String,
    /// It only shows what Engram has painted.
    pub is_software: bool,
}

/// To be called before the window opens.
pub fn listen() {
    // Where another log is kept already, the graphics card draws, as if there were one.
    if log::set_logger(&LISTENER).is_ok() {
        log::set_max_level(LevelFilter::Debug);
    }
}

/// What was opened since [`listen`], where that is OpenGL; nothing is listened to any longer. With
/// `opengl`, it is to paint the window whatever draws it.
pub fn found(opengl: bool) -> Option<Graphics> {
    log::set_max_level(LevelFilter::Off);
    LISTENER.0.get().map(|name| Graphics::of(name, opengl))
}

impl Graphics {
    fn of(renderer: &str, opengl: bool) -> Self {
        Self {
            renderer: renderer.to_owned(),
            is_software: !opengl && draws_by_itself(renderer),
        }
    }
}

/// The name in what the painter says.
fn renderer(said: &str) -> Option<&str> {
    said.lines()
        .find_map(|line| line.strip_prefix("opengl renderer: "))
}

fn draws_by_itself(renderer: &str) -> bool {
    let name = renderer.to_lowercase();
    ON_THE_PROCESSOR.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_renderer_is_known_by_its_name() {
        let said = "\nopengl version: 4.5 Mesa\nopengl renderer: llvmpipe (LLVM 15.0.6, 256 bits)\nopengl vendor: Mesa";
        assert_eq!(renderer(said), Some("llvmpipe (LLVM 15.0.6, 256 bits)"));
        assert_eq!(renderer("Shader header: \"#version 140\"."), None);
        let software = [
            "llvmpipe (LLVM 15.0.6, 256 bits)",
            "softpipe",
            "GDI Generic",
            "Software Rasterizer",
        ];
        assert!(software.iter().all(|name| draws_by_itself(name)));
        let cards = [
            "Mesa Intel(R) UHD Graphics 620 (KBL GT2)",
            "AMD Radeon RX 6600 (radeonsi, navi23, LLVM 17.0.6, DRM 3.57)",
            "NVIDIA GeForce RTX 3060/PCIe/SSE2",
            "SVGA3D; build: RELEASE;  LLVM;",
            "Apple M2",
        ];
        assert!(!cards.iter().any(|name| draws_by_itself(name)));
    }

    #[test]
    fn opengl_paints_the_window_where_that_is_asked() {
        let name = "llvmpipe (LLVM 15.0.6, 256 bits)";
        let painted = |opengl: bool| Graphics {
            renderer: name.to_owned(),
            is_software: !opengl,
        };
        for opengl in [false, true] {
            assert_eq!(Graphics::of(name, opengl), painted(opengl));
        }
        assert!(!Graphics::of("Apple M2", false).is_software);
    }
}
