//! A large picture out of the clipboard of X11, which comes in parts. The clipboard's library gives it
//! up when a part takes longer than ten milliseconds; this waits for it.

use crate::base::time::Stopwatch;
use std::error::Error;
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

/// The window stands still as long, with what does not answer.
const PATIENCE: Duration = Duration::from_secs(3);
const BETWEEN_LOOKS: Duration = Duration::from_millis(1);
/// More is no picture for a card.
const LARGEST: usize = 256 << 20;

type Answer<T> = Result<T, Box<dyn Error>>;

/// The picture that the clipboard offers, as the bytes of a PNG file; None when there is none, and
/// when it does not come in time.
pub(super) fn png() -> Option<Vec<u8>> {
    Reader::connect()
        .and_then(|reader| reader.read(b"image/png"))
        .inspect_err(|error| tracing::debug!("no picture from the clipboard: {error}"))
        .ok()?
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

    fn read(&self, target: &[u8]) -> Answer<Option<Vec<u8>>> {
        let (clipboard, target) = (self.atom(b"CLIPBOARD")?, self.atom(target)?);
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
