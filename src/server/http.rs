//! As much of HTTP/1.1 as sync clients speak: one request after the other on a connection, bodies
//! with a length or in chunks, within limits; and of HTTP/1.0, which some proxies speak. Encrypting
//! is left to a proxy in front.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

/// A connection on which no byte moves for this long is given up.
const STALL: Duration = Duration::from_secs(60);
/// For what a client still sends of a body that was refused.
const LAST_WAIT: Duration = Duration::from_secs(5);
/// Of a request up to its body, and of the line before a chunk.
const MAX_HEAD: u64 = 32 << 10;
const MAX_LINE: u64 = 1 << 10;
/// So much of a body is still read after it was refused, so that the client hears why.
const MAX_REST: u64 = 512 << 20;
const BUFFER: usize = 1 << 16;

/// What a client asks, without its body.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: String,
    /// Without a query.
    pub(super) path: String,
    /// Names in lower case.
    headers: Vec<(String, String)>,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Of several of that name the last one, which the nearest proxy has added.
    pub(super) fn last_header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().rev().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }

    fn says(&self, name: &str, word: &str) -> bool {
        let has = |value: &str| {
            value
                .split(',')
                .any(|w| w.trim().eq_ignore_ascii_case(word))
        };
        self.header(name).is_some_and(has)
    }
}

/// A connection, until one of both ends it.
pub(super) struct Connection<S> {
    stream: BufReader<S>,
    /// Of the request that was read last.
    body: Rest,
    closes: bool,
    /// It asks in HTTP/1.0, which has no chunks: the end of an answer is that of the connection.
    is_old: bool,
    /// It asks for what an answer would say before its body.
    is_head: bool,
}

/// What of a body is still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    Length(u64),
    /// Bytes of this chunk; none: its successor begins with a line.
    Chunk(Option<u64>),
    None,
}

impl Connection<TcpStream> {
    pub(super) fn new(stream: TcpStream) -> io::Result<Self> {
        // Some systems hand on what the listener is set to.
        stream.set_nonblocking(false)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(STALL))?;
        stream.set_write_timeout(Some(STALL))?;
        Ok(Self::over(stream))
    }

    /// The client may still be sending: it hears the answer only when that is read.
    pub(super) fn end(mut self) {
        let _ = self.stream.get_ref().shutdown(Shutdown::Write);
        let _ = self.stream.get_ref().set_read_timeout(Some(LAST_WAIT));
        let _ = io::copy(&mut self.stream.by_ref().take(MAX_REST), &mut io::sink());
    }
}

impl<S: Read + Write> Connection<S> {
    fn over(stream: S) -> Self {
        Self {
            stream: BufReader::with_capacity(BUFFER, stream),
            body: Rest::None,
            closes: false,
            is_old: false,
            is_head: false,
        }
    }

    /// The next request; None when there is none any more.
    ///
    /// # Errors
    /// `InvalidData` for what is not a request.
    pub(super) fn request(&mut self) -> io::Result<Option<Request>> {
        let mut room = MAX_HEAD;
        let mut first = self.line(&mut room)?;
        // Some end a body with a line that they do not count.
        if first.as_deref() == Some("") {
            first = self.line(&mut room)?;
        }
        let Some(first) = first else {
            return Ok(None);
        };
        let mut request = Request::default();
        let mut words = first.split(' ');
        let words = (words.next(), words.next(), words.next(), words.next());
        let (Some(method), Some(target), Some(version), None) = words else {
            return Err(strange("not a request"));
        };
        self.is_old = match version {
            "HTTP/1.1" => false,
            "HTTP/1.0" => true,
            _ => return Err(strange("another version of HTTP")),
        };
        request.method = method.to_owned();
        self.is_head = method == "HEAD";
        let path = target.split('?').next().unwrap_or_default();
        request.path = path.to_owned();
        loop {
            let line = self.line(&mut room)?.ok_or(io::ErrorKind::UnexpectedEof)?;
            if line.is_empty() {
                break;
            }
            let Some((name, value)) = line.split_once(':') else {
                return Err(strange("a header without a value"));
            };
            // Some take such a name for the one without the space.
            if name.is_empty() || name.contains(char::is_whitespace) {
                return Err(strange("a header without a name"));
            }
            let header = (name.to_ascii_lowercase(), value.trim().to_owned());
            request.headers.push(header);
        }
        self.body = body_of(&request)?;
        self.closes = self.is_old || request.says("connection", "close");
        let waits = request.says("expect", "100-continue") && !self.is_old;
        if waits && self.body != Rest::None {
            self.stream
                .get_mut()
                .write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        Ok(Some(request))
    }

    /// A line without its end; None at the end of everything.
    fn line(&mut self, room: &mut u64) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        let n = self
            .stream
            .by_ref()
            .take(*room)
            .read_until(b'\n', &mut line)?;
        *room -= n as u64;
        if n == 0 && *room > 0 {
            return Ok(None);
        }
        if line.pop() != Some(b'\n') {
            return Err(strange("a line that is too long, or cut"));
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        let text = String::from_utf8(line).map_err(|_| strange("a line that is no text"))?;
        Ok(Some(text))
    }

    fn short_line(&mut self) -> io::Result<Option<String>> {
        let mut room = MAX_LINE;
        self.line(&mut room)
    }

    /// The body of the last request; `FileTooLarge` once it is larger than `most`.
    pub(super) fn body(&mut self, most: u64) -> Body<'_, S> {
        Body {
            connection: self,
            left: most,
        }
    }

    /// Answers the last request; whether another one may follow.
    pub(super) fn answer(
        &mut self,
        status: u16,
        size: Option<usize>,
        body: &[u8],
    ) -> io::Result<bool> {
        let mut head = self.head(status, size.map(|size| size as u64));
        head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
        let out = self.stream.get_mut();
        out.write_all(head.as_bytes())?;
        if !self.is_head {
            out.write_all(body)?;
        }
        out.flush()?;
        Ok(!self.closes)
    }

    /// As [`Self::answer`], of what is read here; `size`: how much that is when unpacked.
    pub(super) fn stream(&mut self, size: u64, body: &mut dyn Read) -> io::Result<bool> {
        let mut head = self.head(200, Some(size));
        if self.is_old {
            head.push_str("\r\n");
        } else {
            head.push_str("Transfer-Encoding: chunked\r\n\r\n");
        }
        let is_old = self.is_old;
        let out = self.stream.get_mut();
        out.write_all(head.as_bytes())?;
        let mut buffer = vec![0; BUFFER];
        loop {
            let n = body.read(&mut buffer)?;
            if !is_old {
                out.write_all(format!("{n:x}\r\n").as_bytes())?;
            }
            out.write_all(&buffer[..n])?;
            if !is_old {
                out.write_all(b"\r\n")?;
            }
            if n == 0 {
                out.flush()?;
                return Ok(!self.closes);
            }
        }
    }

    fn head(&mut self, status: u16, size: Option<u64>) -> String {
        // What is left of the body would be taken for the next request.
        self.closes |= self.body != Rest::None;
        let mut head = format!("HTTP/1.1 {status} {}\r\n", reason(status));
        if let Some(size) = size {
            head.push_str(&format!("anki-original-size: {size}\r\n"));
            head.push_str("Content-Type: application/octet-stream\r\n");
        }
        if self.closes {
            head.push_str("Connection: close\r\n");
        }
        head
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        413 => "Content Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        _ => "Bad Request",
    }
}

fn strange(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Proxies must not see another body than we do, so what is in doubt is refused.
fn body_of(request: &Request) -> io::Result<Rest> {
    let all = |name: &str| request.headers.iter().filter(|(n, _)| n == name).count();
    let encoding = request.header("transfer-encoding");
    let length = request.header("content-length");
    if all("transfer-encoding") > 1 || all("content-length") > 1 {
        return Err(strange("a body of two lengths"));
    }
    match (encoding, length) {
        (None, None | Some("0")) => Ok(Rest::None),
        (None, Some(digits)) if digits.bytes().all(|b| b.is_ascii_digit()) => {
            let length = digits.parse().map_err(|_| strange("a body too large"))?;
            Ok(Rest::Length(length))
        }
        (Some(how), None) if how.eq_ignore_ascii_case("chunked") => Ok(Rest::Chunk(None)),
        _ => Err(strange("a body whose length is in doubt")),
    }
}

/// Reads the body of a request.
pub(super) struct Body<'a, S> {
    connection: &'a mut Connection<S>,
    /// How much it may still be.
    left: u64,
}

impl<S: Read + Write> Body<'_, S> {
    /// How much comes next; 0 at the end.
    fn ahead(&mut self) -> io::Result<u64> {
        match self.connection.body {
            Rest::None => Ok(0),
            Rest::Length(n) | Rest::Chunk(Some(n)) => Ok(n),
            Rest::Chunk(None) => {
                let line = self.connection.short_line()?;
                let line = line.ok_or(io::ErrorKind::UnexpectedEof)?;
                let digits = line.split(';').next().unwrap_or_default().trim();
                let plain = digits.bytes().all(|b| b.is_ascii_hexdigit());
                let n = u64::from_str_radix(digits, 16).ok().filter(|_| plain);
                let n = n.ok_or_else(|| strange("a chunk without a length"))?;
                if n > 0 {
                    self.connection.body = Rest::Chunk(Some(n));
                    return Ok(n);
                }
                let mut room = MAX_HEAD;
                while let Some(line) = self.connection.line(&mut room)? {
                    if line.is_empty() {
                        self.connection.body = Rest::None;
                        return Ok(0);
                    }
                }
                Err(io::ErrorKind::UnexpectedEof.into())
            }
        }
    }
}

impl<S: Read + Write> Read for Body<'_, S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let ahead = self.ahead()?;
        if ahead == 0 || buffer.is_empty() {
            return Ok(0);
        }
        if self.left == 0 || matches!(self.connection.body, Rest::Length(n) if n > self.left) {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let most = ahead.min(self.left);
        let most = usize::try_from(most).map_or(buffer.len(), |most| most.min(buffer.len()));
        let n = self.connection.stream.read(&mut buffer[..most])?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= n as u64;
        let left = ahead - n as u64;
        self.connection.body = match (self.connection.body, left) {
            (Rest::Length(_), 0) => Rest::None,
            (Rest::Length(_), _) => Rest::Length(left),
            // The line end after the chunk is read with its last byte.
            (_, 0) => {
                let end = self.connection.short_line()?;
                if end.as_deref() != Some("") {
                    return Err(strange("a chunk of another length"));
                }
                Rest::Chunk(None)
            }
            _ => Rest::Chunk(Some(left)),
        };
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives what was put in, keeps what is written.
    struct Wire(io::Cursor<Vec<u8>>, Vec<u8>);

    impl Read for Wire {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read(buffer)
        }
    }

    impl Write for Wire {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1.write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn connection(text: &str) -> Connection<Wire> {
        let bytes = text.as_bytes().to_vec();
        Connection::over(Wire(io::Cursor::new(bytes), Vec::new()))
    }

    fn body(connection: &mut Connection<Wire>, most: u64) -> io::Result<String> {
        let mut text = String::new();
        connection.body(most).read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn requests_follow_each_other_with_bodies_of_both_kinds() {
        let mut connection = connection(
            "POST /a?b HTTP/1.1\r\nContent-LENGTH: 3\r\n\r\nabc\
             POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\
             2;x=y\r\nde\r\n1\r\nf\r\n0\r\nT: x\r\n\r\nGET /health HTTP/1.1\r\n\r\n",
        );
        let first = connection.request().unwrap().unwrap();
        assert_eq!((&*first.method, &*first.path), ("POST", "/a"));
        assert_eq!(body(&mut connection, 3).unwrap(), "abc");
        assert!(connection.answer(200, Some(4), b"yes").unwrap());
        connection.request().unwrap().unwrap();
        assert_eq!(body(&mut connection, 3).unwrap(), "def");
        let mut long = io::Cursor::new(vec![b'x'; 20]);
        assert!(connection.stream(20, &mut long).unwrap());
        assert_eq!(connection.request().unwrap().unwrap().path, "/health");
        assert_eq!(connection.request().unwrap(), None);
        let said = String::from_utf8(connection.stream.into_inner().1).unwrap();
        assert!(said.starts_with("HTTP/1.1 200 OK\r\nanki-original-size: 4\r\n"));
        assert!(said.contains("Content-Length: 3\r\n\r\nyes"), "{said}");
        assert!(said.ends_with("\r\n14\r\nxxxxxxxxxxxxxxxxxxxx\r\n0\r\n\r\n"));
    }

    #[test]
    fn proxies_that_speak_the_old_version_are_answered() {
        let mut connection = connection("POST /a HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc");
        connection.request().unwrap().unwrap();
        assert_eq!(body(&mut connection, 3).unwrap(), "abc");
        let mut long = io::Cursor::new(b"download");
        assert!(!connection.stream(8, &mut long).unwrap());
        let said = String::from_utf8(connection.stream.into_inner().1).unwrap();
        assert!(
            said.ends_with("Connection: close\r\n\r\ndownload"),
            "{said}"
        );
    }

    #[test]
    fn what_is_too_large_or_in_doubt_is_refused() {
        let mut large = connection("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n123456789");
        large.request().unwrap();
        let error = body(&mut large, 8).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert!(!large.answer(413, None, b"413").unwrap(), "it ends");
        let chunks = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
        for (rest, kind) in [
            (
                "5\r\n12345\r\n5\r\n12345\r\n0\r\n\r\n",
                io::ErrorKind::FileTooLarge,
            ),
            ("ffffffffffffffff\r\n123", io::ErrorKind::UnexpectedEof),
            ("fffffffffffffffff\r\n123", io::ErrorKind::InvalidData),
            ("-1\r\n", io::ErrorKind::InvalidData),
            ("2\r\nabc\r\n", io::ErrorKind::InvalidData),
            ("2\r\na", io::ErrorKind::UnexpectedEof),
        ] {
            let mut connection = connection(&format!("{chunks}{rest}"));
            connection.request().unwrap();
            let error = body(&mut connection, 8).unwrap_err();
            assert_eq!(error.kind(), kind, "{rest}");
        }
        for head in [
            "nonsense\r\n\r\n".to_owned(),
            "POST / HTTP/2.0\r\n\r\n".to_owned(),
            "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n".to_owned(),
            "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned(),
            "POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n".to_owned(),
            "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n".to_owned(),
            "POST / HTTP/1.1\r\nContent-Length : 1\r\n\r\n".to_owned(),
            "POST / HTTP/1.1\r\nA: x\r\n Content-Length: 1\r\n\r\n".to_owned(),
            format!("POST / HTTP/1.1\r\nA: {}\r\n\r\n", "x".repeat(40_000)),
            "POST / HTTP/1.1\r\nA: x".to_owned(),
        ] {
            assert!(connection(&head).request().is_err(), "{head}");
        }
    }
}
