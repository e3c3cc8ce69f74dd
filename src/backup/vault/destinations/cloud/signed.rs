//! Sends what the services' crate asks, with a token that is good: renewed when it is refused, after
//! the wait that the service asks for, and on to where a file really is, without the token there.

use super::Cloud;
use super::policy::{Verdict, WAITS, verdict};
use crate::base::job::Progress;
use crate::base::{Error, ErrorKind, Result, Secret};
use crate::mark;
use crate::net::oauth::Session;
use crate::net::{Body, Call, Reply, Transport};
use std::io::Read as _;
use std::time::Duration;
use url::Url;

/// How often a service may send us on.
const HOPS: u32 = 4;
/// More than what a failure says.
const LONGEST: u64 = 1 << 20;
const SLICE: Duration = Duration::from_millis(50);

pub(super) struct Signed {
    pub(super) service: Cloud,
    pub(super) session: Session,
    pub(super) net: std::sync::Arc<dyn Transport>,
    pub(super) progress: Progress,
}

/// What happened to a request so far.
#[derive(Default)]
struct Past {
    refused: Option<Secret>,
    waited: u32,
    /// Where it was sent on to.
    url: Option<String>,
    hops: u32,
}

impl Transport for Signed {
    fn send(&self, call: Call<'_>) -> Result<Reply> {
        let body = match call.body {
            Body::None => None,
            Body::Bytes(bytes) => Some(bytes),
            Body::Stream(..) => return Err(Error::bug("a stream cannot be sent again")),
        };
        let mut past = Past::default();
        loop {
            self.progress.check()?;
            let url = past.url.clone().unwrap_or_else(|| call.url.to_owned());
            let token = self.token(&url, call.headers, &past)?;
            let bearer = token.as_ref().map(|t| format!("Bearer {}", t.expose()));
            let mut headers: Vec<(&str, &str)> = call.headers.to_vec();
            headers.retain(|(name, _)| *name != "authorization");
            if let Some(bearer) = &bearer {
                headers.push(("authorization", bearer));
            }
            let reply = self.net.send(Call {
                method: call.method,
                url: &url,
                headers: &headers,
                body: body.map_or(Body::None, Body::Bytes),
            })?;
            if let Some(reply) = self.judged(&call, reply, token, &url, &mut past)? {
                return Ok(reply);
            }
        }
    }
}

impl Signed {
    /// The token, for hosts of the service and requests that are to carry one.
    fn token(&self, url: &str, headers: &[(&str, &str)], past: &Past) -> Result<Option<Secret>> {
        let parsed = Url::parse(url).map_err(|e| {
            Error::new(ErrorKind::Server, mark!("the service sent a bad address")).because(e)
        })?;
        let ours = parsed.scheme() == "https"
            && past.hops == 0
            && parsed
                .host_str()
                .is_some_and(|h| self.service.hosts().contains(&h))
            && headers.iter().any(|(name, _)| *name == "authorization");
        ours.then(|| self.session.token(past.refused.as_ref()))
            .transpose()
    }

    /// The answer for the caller; none when the request is to be sent again.
    fn judged(
        &self,
        call: &Call<'_>,
        mut reply: Reply,
        token: Option<Secret>,
        url: &str,
        past: &mut Past,
    ) -> Result<Option<Reply>> {
        if reply.status < 300 {
            return Ok(Some(self.straightened(call, reply)));
        }
        let mut body = Vec::new();
        let read = (&mut reply.body).take(LONGEST).read_to_end(&mut body);
        read.map_err(|e| {
            Error::new(ErrorKind::Network, mark!("the connection failed")).because(e)
        })?;
        let name = self.service.name();
        match verdict(
            reply.status,
            reply.header("retry-after"),
            &body,
            past.waited,
        ) {
            Verdict::Elsewhere if call.method == "GET" && past.hops < HOPS => {
                past.url = Some(next(url, &reply)?);
                past.hops += 1;
            }
            Verdict::Unauthorized if past.refused.is_none() && token.is_some() => {
                past.refused = token;
            }
            Verdict::Unauthorized if token.is_some() => {
                let what = mark!("{name} does not take the sign-in any more", name);
                return Err(Error::new(ErrorKind::SignedOut, what));
            }
            Verdict::Wait(pause) if past.waited < WAITS => {
                past.waited += 1;
                self.wait(pause)?;
            }
            Verdict::Full => {
                let what = mark!("there is no space left at {name}", name);
                return Err(Error::new(ErrorKind::DiskFull, what));
            }
            Verdict::Wait(_) | Verdict::Elsewhere | Verdict::Unauthorized | Verdict::Pass => {
                reply.body = Box::new(std::io::Cursor::new(body));
                return Ok(Some(reply));
            }
        }
        Ok(None)
    }

    /// The last piece of a file that replaces another is answered with 200, and the crate waits for
    /// the 201 of a new file.
    fn straightened(&self, call: &Call<'_>, mut reply: Reply) -> Reply {
        let is_piece = || {
            call.headers
                .iter()
                .any(|(name, _)| *name == "content-range")
        };
        if self.service == Cloud::OneDrive && reply.status == 200 && is_piece() {
            reply.status = 201;
        }
        reply
    }

    fn wait(&self, pause: Duration) -> Result<()> {
        let mut left = pause;
        while !left.is_zero() {
            self.progress.check()?;
            let slice = left.min(SLICE);
            std::thread::sleep(slice);
            left -= slice;
        }
        Ok(())
    }
}

fn next(url: &str, reply: &Reply) -> Result<String> {
    let bad = || Error::new(ErrorKind::Server, mark!("the service sent a bad address"));
    let location = reply.header("location").ok_or_else(bad)?;
    let next = Url::parse(url).and_then(|url| url.join(location));
    let next = next.map_err(|e| bad().because(e))?;
    if next.scheme() == "https" {
        Ok(next.into())
    } else {
        Err(bad())
    }
}
