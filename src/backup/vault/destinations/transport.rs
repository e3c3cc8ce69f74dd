//! What the services' crate sends goes through our own network layer: one client, its time-outs,
//! and tests that decide what the network does. Bodies are read to their end here, up to a limit.

use super::remote::runtime;
use crate::base::limits::MAX_PLACE_ANSWER_BYTES;
use crate::base::{Error, ErrorKind as Kind};
use crate::mark;
use crate::net::{Body, Call, Reply, Transport};
use futures_core::Stream;
use http::{Method, Request, Response};
use opendal::{Buffer, ErrorKind, HttpBody, HttpTransport};
use std::io::Read as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

pub(super) struct Through(pub(super) Arc<dyn Transport>);

impl HttpTransport for Through {
    async fn fetch(&self, request: Request<Buffer>) -> opendal::Result<Response<HttpBody>> {
        let net = Arc::clone(&self.0);
        let sent = runtime()?
            .spawn_blocking(move || send(&*net, &request))
            .await;
        sent.map_err(|e| opendal::Error::new(ErrorKind::Unexpected, e.to_string()))?
    }
}

fn send(net: &dyn Transport, request: &Request<Buffer>) -> opendal::Result<Response<HttpBody>> {
    let headers: Vec<(&str, &str)> = request
        .headers()
        .iter()
        // The client counts itself.
        .filter(|(name, _)| *name != http::header::CONTENT_LENGTH)
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
        .collect();
    let url = request.uri().to_string();
    let bytes = request.body().to_bytes();
    let method = method(request.method())?;
    let empty = bytes.is_empty() && !matches!(method, "PUT" | "POST" | "PATCH");
    let call = Call {
        method,
        url: &url,
        headers: &headers,
        body: if empty {
            Body::None
        } else {
            Body::Bytes(&bytes)
        },
    };
    let reply = net.send(call).map_err(failed)?;
    answer(reply, MAX_PLACE_ANSWER_BYTES)
}

/// Those that the services use.
fn method(method: &Method) -> opendal::Result<&'static str> {
    const KNOWN: [&str; 10] = [
        "GET", "PUT", "POST", "HEAD", "DELETE", "PATCH", "PROPFIND", "MKCOL", "COPY", "MOVE",
    ];
    let known = KNOWN.iter().find(|known| **known == method.as_str());
    known
        .copied()
        .ok_or_else(|| opendal::Error::new(ErrorKind::Unsupported, format!("the method {method}")))
}

fn answer(reply: Reply, most: u64) -> opendal::Result<Response<HttpBody>> {
    let mut response = Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(name, value);
    }
    let mut bytes = Vec::new();
    let read = reply.body.take(most + 1).read_to_end(&mut bytes);
    if read.map_err(|e| failed(Error::from(e)))? as u64 > most {
        let what = mark!("the server's answer is larger than it may be");
        return Err(failed(Error::new(Kind::Server, what)));
    }
    let body = HttpBody::new(Once(Some(Buffer::from(bytes))), None);
    response
        .body(body)
        .map_err(|e| opendal::Error::new(ErrorKind::Unexpected, e.to_string()))
}

/// A stream of one piece.
struct Once(Option<Buffer>);

impl Stream for Once {
    type Item = opendal::Result<Buffer>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.take().map(Ok))
    }
}

/// When no answer came, that is worth another try.
fn failed(error: Error) -> opendal::Error {
    let told = opendal::Error::new(ErrorKind::Unexpected, error.what());
    let told = match error.kind() {
        Kind::Network => told.set_temporary(),
        _ => told,
    };
    told.set_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_end_is_refused() {
        let reply = |bytes: u64| Reply {
            status: 200,
            headers: Vec::new(),
            body: Box::new(std::io::repeat(7).take(bytes)),
        };
        assert!(answer(reply(10), 10).is_ok());
        let Err(error) = answer(reply(u64::MAX), 10) else {
            panic!("it was read to its end");
        };
        let ours = super::super::remote::explained(&error);
        assert_eq!(ours.kind(), Kind::Server, "{ours}");
        assert!(!error.is_temporary(), "it is not asked for again");
    }
}
