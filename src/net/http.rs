//! HTTP and HTTPS over the system's trust store, through the proxy of the environment. Waits as
//! long as bytes move: time-outs are for stalls, never for the whole.

use super::{Body, Call, Reply, Transport};
use crate::base::job::Progress;
use crate::base::{Error, ErrorKind, Result};
use crate::mark;
use std::io::Read;
use std::net::UdpSocket;
use std::sync::Arc;
use std::time::Duration;
use ureq::SendBody;
use ureq::tls::{RootCerts, TlsConfig};

/// A connection on which no byte moves for this long is given up.
const STALL: Duration = Duration::from_secs(60);
/// For finding a host and greeting it.
const CONNECT: Duration = Duration::from_secs(20);
/// So long a job that was cancelled may still wait for its last word to be heard.
const LAST_WORD: Duration = Duration::from_secs(2);

/// The real network.
#[derive(Debug, Clone)]
pub struct Http {
    agent: ureq::Agent,
    stall: Duration,
    /// Whose requests these are: its end closes their connections.
    job: Option<Progress>,
}

impl Default for Http {
    fn default() -> Self {
        Self::new()
    }
}

impl Http {
    #[must_use]
    pub fn new() -> Self {
        Self::stalling_after(STALL)
    }

    /// As [`Http::new`] with another stall time.
    #[must_use]
    pub fn stalling_after(stall: Duration) -> Self {
        Self::patient_for(CONNECT, stall)
    }

    fn patient_for(connect: Duration, stall: Duration) -> Self {
        // Not the crate's own list: servers at home have certificates that only this machine trusts.
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .build();
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .allow_non_standard_methods(true)
            .tls_config(tls)
            .user_agent(concat!("Engram/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(Some(connect))
            .timeout_connect(Some(connect))
            .timeout_recv_response(Some(stall))
            .timeout_per_read(Some(stall))
            .timeout_per_write(Some(stall))
            .build();
        Self {
            agent: config.new_agent(),
            stall,
            job: None,
        }
    }
}

impl Transport for Http {
    fn send(&self, call: Call<'_>) -> Result<Reply> {
        let mut request = ureq::http::Request::builder()
            .method(call.method)
            .uri(call.url);
        for (name, value) in call.headers {
            request = request.header(*name, *value);
        }
        if let Body::Stream(_, Some(length)) = &call.body {
            request = request.header("content-length", length.to_string());
        }
        match call.body {
            Body::None => self.run(request.body(())),
            Body::Bytes(bytes) => self.run(request.body(bytes)),
            Body::Stream(reader, _) => self.run(request.body(SendBody::from_reader(reader))),
        }
    }

    fn for_job(&self, progress: &Progress) -> Option<Arc<dyn Transport>> {
        let mut http = Self::stalling_after(self.stall);
        http.job = Some(progress.clone());
        let agent = http.agent.clone();
        progress.on_cancel(move || agent.shutdown());
        Some(Arc::new(http))
    }

    fn beyond_job(&self) -> Option<Arc<dyn Transport>> {
        self.job.as_ref()?;
        Some(Arc::new(Self::patient_for(LAST_WORD, LAST_WORD)))
    }
}

impl Http {
    fn run<B: ureq::AsSendBody>(
        &self,
        request: Result<ureq::http::Request<B>, ureq::http::Error>,
    ) -> Result<Reply> {
        let request = request.map_err(|e| {
            Error::invalid(mark!("this is not an address that can be reached")).because(e)
        })?;
        let ended = |e| match &self.job {
            Some(job) if job.is_cancelled() => Error::interrupted(),
            _ => network_error(e),
        };
        let response = self.agent.run(request).map_err(ended)?;
        let (head, body) = response.into_parts();
        let headers = head
            .headers
            .iter()
            .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
        Ok(Reply {
            status: head.status.as_u16(),
            headers: headers.collect(),
            body: Box::new(Answer {
                body: body.into_reader(),
                job: self.job.clone(),
            }),
        })
    }
}

/// Arrives until the job is cancelled. An answer that breaks off is the network's fault, never a file
/// that is damaged: it is asked for again.
struct Answer<R> {
    body: R,
    job: Option<Progress>,
}

impl<R: Read> Read for Answer<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.body.read(buffer);
        // A closed connection may look like the end of the answer.
        if let Some(job) = &self.job {
            job.check()?;
        }
        match read {
            // Whoever reads tries again.
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => Err(e),
            read => read.map_err(|e| network_error(e.into()).into()),
        }
    }
}

fn network_error(e: ureq::Error) -> Error {
    let what = match e {
        ureq::Error::Io(ref io) if is_unknown_host(io) => not_found(is_connected()),
        // What a greeting ends with: in a certificate that is not trusted, or in something else than one.
        ureq::Error::Io(io) if io.kind() == std::io::ErrorKind::InvalidData => {
            let what = match io.to_string().contains("certificate") {
                true => mark!("the server could not prove who it is"),
                false => mark!(
                    "no secured connection came about; perhaps the address begins with http://"
                ),
            };
            return Error::new(ErrorKind::Network, what).because(io);
        }
        ureq::Error::Io(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => {
            return Error::new(ErrorKind::Network, mark!("the connection failed")).because(io);
        }
        ureq::Error::Io(io) => {
            let inner = Error::from(io);
            if inner.is_interrupted() {
                return inner;
            }
            return Error::new(ErrorKind::Network, mark!("the connection failed")).because(inner);
        }
        ureq::Error::Timeout(_) => mark!("the server did not answer in time"),
        ureq::Error::HostNotFound => not_found(is_connected()),
        ureq::Error::ConnectProxyFailed(ref said) if said.contains("407") => {
            mark!("the proxy wants a password")
        }
        ureq::Error::ConnectProxyFailed(_) => {
            mark!("the proxy does not let us through to the server")
        }
        ureq::Error::BadUri(_) => {
            return Error::invalid(mark!("this is not an address that can be reached")).because(e);
        }
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => {
            mark!("the server could not prove who it is")
        }
        _ => mark!("the connection failed"),
    };
    Error::new(ErrorKind::Network, what).because(e)
}

fn not_found(is_connected: bool) -> &'static str {
    match is_connected {
        true => mark!("the server was not found"),
        false => mark!("the server was not found: this computer is not connected to the internet"),
    }
}

/// Whether this machine knows a way to others: to addresses that are nobody's, and nothing is sent.
fn is_connected() -> bool {
    let ways = [("0.0.0.0:0", "192.0.2.1:9"), ("[::]:0", "[2001:db8::1]:9")];
    ways.iter().any(|(from, to)| {
        let way = UdpSocket::bind(from).and_then(|socket| socket.connect(to));
        way.is_ok()
    })
}

/// No kind of error is for that, so it is told from the words that systems have for it.
fn is_unknown_host(io: &std::io::Error) -> bool {
    let said = io.to_string();
    let words = ["failed to lookup address", "No such host is known"];
    words.iter().any(|words| said.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_nobody_knows_was_not_found_or_there_is_no_network() {
        let said = "failed to lookup address information: Name or service not known";
        let error = network_error(ureq::Error::Io(std::io::Error::other(said)));
        assert_eq!(error.kind(), ErrorKind::Network);
        assert_eq!(error.what(), not_found(is_connected()));
        assert_eq!(not_found(true), "the server was not found");
        assert!(not_found(false).contains("not connected"));
    }

    #[test]
    fn a_proxy_that_refuses_is_told() {
        for (said, want) in [
            ("proxy server responded 407/407", "wants a password"),
            ("proxy server responded 403/403", "does not let us through"),
        ] {
            let error = network_error(ureq::Error::ConnectProxyFailed(said.to_owned()));
            assert_eq!(error.kind(), ErrorKind::Network);
            assert!(error.what().contains(want), "{error}");
        }
    }

    #[test]
    fn what_a_secured_greeting_ends_with_is_no_damaged_file() {
        for (said, want) in [
            ("invalid peer certificate: UnknownIssuer", "could not prove"),
            (
                "received corrupt message of type InvalidContentType",
                "no secured connection",
            ),
        ] {
            let io = std::io::Error::new(std::io::ErrorKind::InvalidData, said);
            let error = network_error(ureq::Error::Io(io));
            assert_eq!(error.kind(), ErrorKind::Network);
            assert!(error.what().contains(want), "{error}");
            let whole = error.to_string();
            assert!(
                whole.contains(said) && !whole.contains("damaged"),
                "{whole}"
            );
        }
    }
}
