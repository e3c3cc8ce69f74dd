//! What the clipboard of X11 has, by a connection of its own. The clipboard's library waits four seconds
//! for each kind of content, and gives up a large picture, which comes in parts, when one takes longer
//! than ten milliseconds. Here what is offered is asked for first, and all of it has one time limit.

use super::Contents;
use crate::base::time::Stopwatch;
use eframe::egui::ColorImage;
use std::error::Error;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, ConnectionExt as _, CreateWindowAux, EventMask, GetPropertyReply, Property, Window,
    WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::{COPY_DEPTH_FROM_PARENT, COPY_FROM_PARENT, CURRENT_TIME, NONE};

/// For everything that is asked for.
const PATIENCE: Duration = Duration::from_secs(3);
const BETWEEN_LOOKS: Duration = Duration::from_millis(1);
/// More is no picture for a card.
const LARGEST: usize = 256 << 20;

type Answer<T> = Result<T, Box<dyn Error>>;

/// Everything that is pasted; without what does not come in time. Waits for it.
pub(super) fn contents() -> Contents {
    Reader::connect()
        .and_then(|reader| reader.contents())
        .inspect_err(|error| tracing::debug!("nothing from the clipboard: {error}"))
        .unwrap_or_default()
}

/// A window that nobody sees, which what is asked for is handed to.
struct Reader {
    connection: RustConnection,
    window: Window,
    /// Of the window: what comes lies there.
    property: Atom,
    since: Stopwatch,
}

impl Reader {
    fn connect() -> Answer<Self> {
        let (connection, screen) = x11rb::connect(None)?;
        let root = connection
            .setup()
            .roots
            .get(screen)
            .ok_or("no screen")?
            .root;
        let window = connection.generate_id()?;
        let told = CreateWindowAux::new().event_mask(EventMask::PROPERTY_CHANGE);
        connection.create_window(
            COPY_DEPTH_FROM_PARENT,
            window,
            root,
            0,
            0,
            1,
            1,
            0,
            WindowClass::COPY_FROM_PARENT,
            COPY_FROM_PARENT,
            &told,
        )?;
        let property = connection.intern_atom(false, b"ENGRAM_PICTURE")?.reply()?;
        Ok(Self {
            connection,
            window,
            property: property.atom,
            since: Stopwatch::start(),
        })
    }

    fn atom(&self, name: &[u8]) -> Answer<Atom> {
        Ok(self.connection.intern_atom(false, name)?.reply()?.atom)
    }

    fn contents(&self) -> Answer<Contents> {
        let offered = match self.read(self.atom(b"TARGETS")?)? {
            Some(atoms) => atoms
                .as_chunks()
                .0
                .iter()
                .copied()
                .map(u32::from_ne_bytes)
                .collect(),
            // An owner that knows nothing but text.
            None => vec![self.atom(b"UTF8_STRING")?, self.atom(b"STRING")?],
        };
        let read = |name: &[u8]| -> Option<Vec<u8>> {
            let target = self.atom(name).ok().filter(|atom| offered.contains(atom))?;
            self.read(target).ok()?
        };
        let utf8 = |name: &[u8]| read(name).and_then(|bytes| String::from_utf8(bytes).ok());
        let latin1 = |bytes: Vec<u8>| bytes.into_iter().map(char::from).collect();
        let text = utf8(b"UTF8_STRING")
            .or_else(|| utf8(b"text/plain;charset=utf-8"))
            .or_else(|| read(b"STRING").map(latin1))
            .or_else(|| utf8(b"text/plain"))
            .map(|text: String| text.replace("\r\n", "\n"))
            .filter(|text| !text.is_empty());
        // A picture beside a text is one of the text.
        let picture = match text {
            Some(_) => None,
            None => read(b"image/png").and_then(decoded).map(Arc::new),
        };
        Ok(Contents {
            html: utf8(b"text/html").filter(|html| !html.trim().is_empty()),
            files: read(b"text/uri-list").map_or_else(Vec::new, |list| files(&list)),
            text,
            picture,
        })
    }

    fn read(&self, target: Atom) -> Answer<Option<Vec<u8>>> {
        let clipboard = self.atom(b"CLIPBOARD")?;
        let (connection, to) = (&self.connection, self.property);
        connection.convert_selection(self.window, clipboard, target, to, CURRENT_TIME)?;
        connection.flush()?;
        let at = self.wait(|event| match event {
            Event::SelectionNotify(event) => Some(event.property),
            _ => None,
        })?;
        if at == NONE {
            return Ok(None);
        }
        let whole = self.take()?;
        match whole.type_ == self.atom(b"INCR")? {
            true => self.parts().map(Some),
            false => Ok(Some(whole.value)),
        }
    }

    /// What was announced to come in parts, each when the one before was taken; an empty one ends it.
    fn parts(&self) -> Answer<Vec<u8>> {
        let mut all = Vec::new();
        loop {
            self.wait(|event| match event {
                Event::PropertyNotify(event) => {
                    let is_part = event.atom == self.property && event.state == Property::NEW_VALUE;
                    is_part.then_some(())
                }
                _ => None,
            })?;
            let part = self.take()?.value;
            if part.is_empty() {
                return Ok(all);
            }
            if all.len() + part.len() > LARGEST {
                return Err("too large".into());
            }
            all.extend(part);
        }
    }

    /// What lies there; that it is gone from there says that it was taken.
    fn take(&self) -> Answer<GetPropertyReply> {
        let any_type = NONE;
        let (connection, most) = (&self.connection, u32::MAX / 4);
        let asked = connection.get_property(true, self.window, self.property, any_type, 0, most)?;
        Ok(asked.reply()?)
    }

    fn wait<T>(&self, is_it: impl Fn(&Event) -> Option<T>) -> Answer<T> {
        while self.since.elapsed() < PATIENCE {
            match self.connection.poll_for_event()? {
                Some(event) => {
                    if let Some(found) = is_it(&event) {
                        return Ok(found);
                    }
                }
                None => thread::sleep(BETWEEN_LOOKS),
            }
        }
        Err("nothing came in time".into())
    }
}

fn decoded(png: Vec<u8>) -> Option<ColorImage> {
    let png = std::io::Cursor::new(png);
    // Within the usual limits of the library.
    let picture = image::ImageReader::with_format(png, image::ImageFormat::Png).decode();
    let rgba = picture.ok()?.into_rgba8();
    let size = [rgba.width() as usize, rgba.height() as usize];
    Some(ColorImage::from_rgba_unmultiplied(size, rgba.as_raw()))
}

/// Those of a list of addresses, one a line, that are files of this machine.
fn files(list: &[u8]) -> Vec<PathBuf> {
    list.split(|byte| matches!(byte, b'\r' | b'\n'))
        .filter_map(|line| {
            let path = line.strip_prefix(b"file://")?;
            let path = path.strip_prefix(b"localhost").unwrap_or(path);
            let is_here = path.starts_with(b"/");
            is_here.then(|| PathBuf::from(OsString::from_vec(unescaped(path))))
        })
        .collect()
}

/// `%20` is a space.
fn unescaped(address: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(address.len());
    let mut rest = address;
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|two| str::from_utf8(two).ok());
        let byte = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        let (byte, next) = match byte.filter(|_| first == b'%') {
            Some(byte) => (byte, &after[2..]),
            None => (first, after),
        };
        out.push(byte);
        rest = next;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_from_their_addresses() {
        let list = b"# copied\r\nfile:///home/a/one%20two.png\r\nfile://localhost/b%C3%A4.mp3\n\
            https://a.org/c.png\nfile://elsewhere/d.png\nfile:///100%.png";
        let want = ["/home/a/one two.png", "/b\u{e4}.mp3", "/100%.png"];
        assert_eq!(files(list), want.map(PathBuf::from));
    }
}
