//! Talking to other machines: one request at a time, over a trait, so that tests decide what the
//! network does. Nothing here runs unless the user has set up a server or a place for copies, or pasted
//! a page with pictures.

mod http;
pub mod oauth;
pub mod smtp;

pub use http::Http;

use crate::base::Result;
use crate::base::job::Progress;
use std::io::Read;
use std::sync::Arc;

/// One HTTP request.
pub struct Call<'a> {
    pub method: &'static str,
    pub url: &'a str,
    pub headers: &'a [(&'a str, &'a str)],
    pub body: Body<'a>,
}

/// What a request carries.
pub enum Body<'a> {
    None,
    Bytes(&'a [u8]),
    /// Read to its end while it is sent; with the length when known. An error of the reader ends
    /// the request and comes back unchanged: that is how a user cancels.
    Stream(&'a mut dyn Read, Option<u64>),
}

/// What came back, also for statuses that tell of a failure.
pub struct Reply {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Arrives while it is read; fails when nothing comes for the stall time.
    pub body: Box<dyn Read + Send>,
}

impl Reply {
    /// The value of a header; `name` in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Sends requests. Errors are `Network` when no answer came; every status is an answer, and
/// redirects are not followed.
pub trait Transport: Send + Sync {
    fn send(&self, call: Call<'_>) -> Result<Reply>;

    /// One for the requests of a job, whose waiting ends with `Interrupted` when the user cancels
    /// the job. None when this one never waits.
    fn for_job(&self, _progress: &Progress) -> Option<Arc<dyn Transport>> {
        None
    }

    /// One that still sends when the job of this one was cancelled, for a last word that nobody waits
    /// for long. None when this one does so itself.
    fn beyond_job(&self) -> Option<Arc<dyn Transport>> {
        None
    }
}

/// What a job sends its requests with, see [`Transport::for_job`].
#[must_use]
pub fn for_job(net: &Arc<dyn Transport>, progress: &Progress) -> Arc<dyn Transport> {
    net.for_job(progress).unwrap_or_else(|| Arc::clone(net))
}

/// The real network for a job.
#[must_use]
pub fn http_for_job(progress: &Progress) -> Arc<dyn Transport> {
    let http: Arc<dyn Transport> = Arc::new(Http::new());
    for_job(&http, progress)
}
