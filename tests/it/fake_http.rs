//! A small HTTP server on this machine that plays services of the internet, and the transport that
//! leads requests to it whatever host they are for.

use engram::base::Result;
use engram::net::{Body, Call, Http, Reply, Transport};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;

/// A request as the service would see it.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub host: String,
    /// Path and query.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Asked {
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map_or("", |(_, value)| value)
    }

    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// A value of the query.
    pub fn query(&self, name: &str) -> String {
        let (_, query) = self.target.split_once('?').unwrap_or_default();
        value(query.as_bytes(), name)
    }

    /// A value of the form in the body.
    pub fn form(&self, name: &str) -> String {
        value(&self.body, name)
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

fn value(pairs: &[u8], name: &str) -> String {
    let mut pairs = url::form_urlencoded::parse(pairs);
    let found = pairs.find(|(n, _)| n == name);
    found.map(|(_, v)| v.into_owned()).unwrap_or_default()
}

pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        let body = body.to_string().into_bytes();
        Self::status(status).with_body(body)
    }

    pub fn with_body(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// Serves until the test process ends.
pub fn serve(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = Arc::new(answer);
    std::thread::Builder::new()
        .spawn(move || {
            for stream in listener.incoming().flatten() {
                let answer = Arc::clone(&answer);
                std::thread::Builder::new()
                    .spawn(move || while talk(&stream, &*answer).is_some() {})
                    .unwrap();
            }
        })
        .unwrap();
    port
}

fn talk(stream: &TcpStream, answer: &dyn Fn(&Asked) -> Answer) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.push((name.to_lowercase(), value.to_owned()));
    }
    let mut asked = Asked {
        method,
        host: String::new(),
        target,
        headers,
        body: Vec::new(),
    };
    asked.host = asked.header(REAL_HOST).to_owned();
    let length = asked.header("content-length").parse().unwrap_or(0);
    asked.body.resize(length, 0);
    reader.read_exact(&mut asked.body).ok()?;
    let Answer {
        status,
        headers,
        body,
    } = answer(&asked);
    let mut head = format!(
        "HTTP/1.1 {status} Fake\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    let mut out = stream;
    out.write_all(head.as_bytes()).ok()?;
    out.write_all(&body).ok()
}

const REAL_HOST: &str = "x-real-host";

/// Leads what is for hosts of the internet to the server at this port.
#[derive(Clone)]
pub struct Led {
    pub net: Http,
    pub port: u16,
}

impl Led {
    pub fn to(port: u16) -> Self {
        Self {
            net: Http::new(),
            port,
        }
    }
}

impl Transport for Led {
    fn send(&self, call: Call<'_>) -> Result<Reply> {
        let (_, rest) = call.url.split_once("://").unwrap();
        let (host, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let url = format!("http://127.0.0.1:{}{target}", self.port);
        let mut headers = call.headers.to_vec();
        headers.push((REAL_HOST, host));
        let body = match call.body {
            Body::Bytes(bytes) => Body::Bytes(bytes),
            Body::None => Body::None,
            Body::Stream(..) => panic!("nothing is streamed to these services"),
        };
        self.net.send(Call {
            method: call.method,
            url: &url,
            headers: &headers,
            body,
        })
    }
}
