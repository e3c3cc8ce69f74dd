//! Waiting for the browser: a port of this machine alone, open until the user has said yes or no.

use super::ask;
use super::protocol::{Client, Grant, Pending, Provider, Visit, refused};
use crate::base::job::Progress;
use crate::base::lang;
use crate::base::time::Stopwatch;
use crate::base::{Error, ErrorKind, Result};
use crate::net::Transport;
use crate::{mark, t};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::Duration;

/// How long the user may take.
const PATIENCE: Duration = Duration::from_secs(10 * 60);
/// Between two looks at the port and the cancel flag.
const SLICE: Duration = Duration::from_millis(40);
/// For a request that has begun.
const READING: Duration = Duration::from_secs(5);
/// A browser's request is shorter.
const LONGEST: usize = 16 << 10;

/// A sign-in that has begun: show the page to the user, then [`SignIn::wait`].
pub struct SignIn {
    provider: Provider,
    client: Client,
    listener: TcpListener,
    pending: Pending,
    patience: Duration,
}

impl SignIn {
    /// Opens the port.
    ///
    /// # Errors
    /// `Unavailable` when another program has the port that the service insists on.
    pub fn begin(provider: &Provider, client: &Client) -> Result<Self> {
        let redirect = &provider.redirect;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, redirect.port)).map_err(|e| {
            let what = mark!("the port on which the browser should come back is in use");
            Error::new(ErrorKind::Unavailable, what).because(e)
        })?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let back = format!("http://{}:{port}{}", redirect.host, redirect.path);
        Ok(Self {
            provider: provider.clone(),
            client: client.clone(),
            listener,
            pending: Pending::new(back, rand::random(), rand::random()),
            patience: PATIENCE,
        })
    }

    /// Gives up after this long.
    #[must_use]
    pub fn for_at_most(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The page that asks the user.
    #[must_use]
    pub fn page(&self) -> String {
        self.pending.page(&self.provider, &self.client)
    }

    /// Waits for the browser and fetches the tokens. Once the browser is told that this worked, it
    /// cannot be cancelled any more.
    ///
    /// # Errors
    /// `Interrupted` when cancelled, `SignedOut` when the user said no or nothing, and those of
    /// the token endpoint.
    pub fn wait(self, net: &dyn Transport, progress: &Progress) -> Result<Grant> {
        let clock = Stopwatch::start();
        while clock.elapsed() < self.patience {
            progress.check()?;
            let Ok((stream, _)) = self.listener.accept() else {
                std::thread::sleep(SLICE);
                continue;
            };
            if let Some(grant) = self.serve(stream, net, progress)? {
                return Ok(grant);
            }
        }
        let what = mark!("nobody signed in in the browser");
        Err(Error::new(ErrorKind::SignedOut, what))
    }

    fn serve(
        &self,
        mut stream: TcpStream,
        net: &dyn Transport,
        progress: &Progress,
    ) -> Result<Option<Grant>> {
        // A visitor that breaks off is not the one.
        let Some(target) = target(&mut stream) else {
            return Ok(None);
        };
        match self.pending.visit(&target) {
            Visit::Other => {
                answer(&mut stream, "404 Not Found", t!("There is nothing here."));
                Ok(None)
            }
            Visit::Foreign => {
                let words = t!("This answer belongs to another sign-in. Start again in Engram.");
                answer(&mut stream, "400 Bad Request", words);
                Ok(None)
            }
            Visit::Refused(error) => {
                let words = t!("Engram was not let in. You can close this page.");
                answer(&mut stream, "200 OK", words);
                Err(refused(&self.provider, &error))
            }
            Visit::Code(code) => {
                let form = self.pending.exchange(&self.client, &code);
                let grant = ask(net, &self.provider, &form).and_then(|tokens| self.grant(tokens));
                let grant = grant.and_then(|grant| progress.stand().map(|()| grant));
                let words = match &grant {
                    Ok(_) => t!("You are signed in. Close this page and go back to Engram."),
                    Err(_) => t!("That did not work. Engram says why. You can close this page."),
                };
                answer(&mut stream, "200 OK", words);
                grant.map(Some)
            }
        }
    }

    fn grant(&self, tokens: super::Tokens) -> Result<Grant> {
        let name = self.provider.name;
        let what = || mark!("{name} gave no lasting access", name);
        let refresh = tokens.refresh;
        Ok(Grant {
            refresh: refresh.ok_or_else(|| Error::new(ErrorKind::Server, what()))?,
            client_secret: self.client.secret.clone(),
        })
    }
}

/// The path and query of a GET, once its whole head is there.
fn target(stream: &mut TcpStream) -> Option<String> {
    stream.set_nonblocking(false).ok()?;
    stream.set_read_timeout(Some(READING)).ok()?;
    stream.set_write_timeout(Some(READING)).ok()?;
    let mut head = Vec::new();
    let mut piece = [0; 2048];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = stream.read(&mut piece).ok()?;
        if read == 0 || head.len() > LONGEST {
            return None;
        }
        head.extend_from_slice(&piece[..read]);
    }
    let head = String::from_utf8_lossy(&head);
    let mut words = head.lines().next()?.split(' ');
    (words.next()? == "GET").then_some(())?;
    words.next().map(str::to_owned)
}

/// The browser may be gone: what matters is done already.
fn answer(stream: &mut TcpStream, status: &str, words: &str) {
    let language = lang::current().code;
    let page = format!(
        "<!doctype html><html lang=\"{language}\"><meta charset=\"utf-8\"><title>Engram</title>\
         <body style=\"font-family:sans-serif;margin:4em auto;max-width:32em\">\
         <h1>Engram</h1><p>{words}</p></body></html>"
    );
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
         cache-control: no-store\r\nreferrer-policy: no-referrer\r\nconnection: close\r\n\r\n",
        page.len()
    );
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(page.as_bytes());
}
