//! Sending one mail by SMTP, encrypted on its way. Waits as long as bytes move.

use crate::base::error::foreign_words;
use crate::base::{Error, ErrorKind, Result, Secret};
use crate::mark;
use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::{Error as SmtpError, SmtpTransportBuilder};
use lettre::{Message, SmtpTransport, Transport as _};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A server that says nothing for this long is given up.
const STALL: Duration = Duration::from_secs(60);

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS from the first byte, usually port 465.
    #[default]
    Tls,
    /// TLS after a greeting, usually port 587; without it nothing is sent.
    StartTls,
    /// Only to this computer.
    None,
}

/// Where mail is handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Server<'a> {
    pub host: &'a str,
    pub port: u16,
    pub security: Security,
    /// With the password; None for servers that ask for none.
    pub login: Option<(&'a str, &'a Secret)>,
}

/// What is sent.
#[derive(Debug)]
pub struct Mail<'a> {
    pub from: &'a str,
    pub to: &'a [String],
    pub subject: &'a str,
    pub text: String,
    /// A file name and its content.
    pub attachment: Option<(&'a str, Vec<u8>)>,
}

/// Hands a mail to the server, which has taken it when this returns.
///
/// # Errors
/// `InvalidInput` for addresses that are none, and what the server refuses for good;
/// `WrongPassword`; `Network` for all that may work later.
pub fn send(server: &Server<'_>, mail: Mail<'_>) -> Result<()> {
    let message = message(mail)?;
    let transport = builder(server)?.build();
    transport.send(&message).map_err(smtp_error)?;
    Ok(())
}

fn builder(server: &Server<'_>) -> Result<SmtpTransportBuilder> {
    let tls = || TlsParameters::new(server.host.to_owned()).map_err(smtp_error);
    let tls = match server.security {
        Security::Tls => Tls::Wrapper(tls()?),
        Security::StartTls => Tls::Required(tls()?),
        Security::None if matches!(server.host, "localhost" | "127.0.0.1" | "::1") => Tls::None,
        Security::None => {
            let what = mark!(
                "without TLS, mail and password can be read on their way; only a server on this \
                 computer may be used so"
            );
            return Err(Error::invalid(what));
        }
    };
    let mut builder = SmtpTransport::builder_dangerous(server.host)
        .port(server.port)
        .tls(tls)
        .timeout(Some(STALL));
    if let Some((user, password)) = server.login {
        builder = builder.credentials(Credentials::new(
            user.to_owned(),
            password.expose().to_owned(),
        ));
    }
    Ok(builder)
}

fn message(mail: Mail<'_>) -> Result<Message> {
    let mut builder = Message::builder()
        .from(mailbox(mail.from)?)
        .subject(mail.subject);
    if mail.to.is_empty() {
        return Err(Error::invalid(mark!("there is no address to send to")));
    }
    for to in mail.to {
        builder = builder.to(mailbox(to)?);
    }
    let mut parts = MultiPart::mixed().singlepart(SinglePart::plain(mail.text));
    if let Some((name, content)) = mail.attachment {
        let kind = ContentType::parse("application/octet-stream")
            .map_err(|e| Error::bug("a content type is wrong").because(e))?;
        parts = parts.singlepart(Attachment::new(name.to_owned()).body(content, kind));
    }
    builder
        .multipart(parts)
        .map_err(|e| Error::invalid(mark!("this mail cannot be written")).because(e))
}

/// Fails for what no mail can be sent to.
pub fn require_address(address: &str) -> Result<()> {
    mailbox(address).map(drop)
}

fn mailbox(address: &str) -> Result<Mailbox> {
    address
        .parse()
        .map_err(|e| Error::invalid(mark!("“{address}” is no mail address", address)).because(e))
}

fn smtp_error(e: SmtpError) -> Error {
    let code = e.status().map(|code| code.to_string());
    let (kind, what) = match code.as_deref() {
        Some("530" | "534" | "535" | "538") => {
            let what = mark!("the mail server refuses the user name or the password");
            return Error::new(ErrorKind::WrongPassword, what);
        }
        Some("552") => (
            ErrorKind::InvalidInput,
            mark!("the mail is too large for the server"),
        ),
        Some(_) if e.is_permanent() => (
            ErrorKind::InvalidInput,
            mark!("the mail server refuses the mail"),
        ),
        Some(_) => (
            ErrorKind::Network,
            mark!("the mail server asks to try again later"),
        ),
        None if e.is_client() => (
            ErrorKind::InvalidInput,
            mark!("the mail server cannot be used so"),
        ),
        None => (ErrorKind::Network, broken_off(io_error(&e))),
    };
    let said = match std::error::Error::source(&e) {
        Some(source) if code.is_some() || e.is_client() => foreign_words(&source.to_string()),
        _ => String::new(),
    };
    if said.is_empty() {
        Error::new(kind, what).because(e)
    } else {
        Error::new(kind, mark!("{what} (“{said}”)", what, said))
    }
}

/// What reading from the server or writing to it ended with.
fn io_error(e: &SmtpError) -> Option<&std::io::Error> {
    let mut sources = std::iter::successors(std::error::Error::source(e), |e| e.source());
    sources.find_map(|e| e.downcast_ref())
}

/// Why a connection came to its end without an answer.
fn broken_off(io: Option<&std::io::Error>) -> &'static str {
    use std::io::ErrorKind as Io;
    match io.map(|io| (io.kind(), io)) {
        // What a greeting ends with: in a certificate that is not trusted, or in something else than one.
        Some((Io::InvalidData, io)) if io.to_string().contains("certificate") => {
            mark!("the mail server could not prove who it is")
        }
        Some((Io::InvalidData, _)) => {
            mark!("no secured connection came about; perhaps the port is for the other kind of TLS")
        }
        // The second is what Unix calls the first where it is reading.
        Some((Io::TimedOut | Io::WouldBlock, _)) => mark!("the mail server did not answer in time"),
        _ => mark!("the connection to the mail server failed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind as Io;

    #[test]
    fn what_ends_a_connection_is_told_apart() {
        let untrusted = "invalid peer certificate: UnknownIssuer";
        let no_tls = "received corrupt message of type InvalidContentType";
        for (kind, said, want) in [
            (Io::InvalidData, untrusted, "could not prove"),
            (Io::InvalidData, no_tls, "no secured connection"),
            (Io::TimedOut, "", "did not answer in time"),
            (Io::WouldBlock, "", "did not answer in time"),
            (
                Io::ConnectionRefused,
                "",
                "connection to the mail server failed",
            ),
        ] {
            let told = broken_off(Some(&std::io::Error::new(kind, said)));
            assert!(told.contains(want), "{kind:?} {said}: {told}");
        }
        assert!(broken_off(None).contains("failed"));
    }
}
