//! What the services' crate sends goes through our own network layer: one client, its time-outs,
//! and tests that decide what the network does. Bodies are read to their end here: packs have a limit.

use super::remote::runtime;
use crate::base::{Error, ErrorKind as Kind};
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
    answer(reply)
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

fn answer(mut reply: Reply) -> opendal::Result<Response<HttpBody>> {
    let mut response = Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(name, value);
    }
    let mut bytes = Vec::new();
    let read = reply.body.read_to_end(&mut bytes);
    read.map_err(|e| failed(Error::from(e)))?;
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
