//! What is sent to sign in and what the answers mean. Pure: random bytes are arguments.

use crate::base::{Error, ErrorKind, Result, Secret};
use crate::mark;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use url::form_urlencoded::{Serializer, parse};

/// A service at which one signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// For error texts.
    pub name: &'static str,
    /// The page that asks the user.
    pub authorize: &'static str,
    /// Where tokens are given out.
    pub token: &'static str,
    /// What is asked for; may be empty.
    pub scope: &'static str,
    /// Further parameters of the page.
    pub extra: &'static [(&'static str, &'static str)],
    pub redirect: Redirect,
}

/// The address on this machine to which the browser comes back, as the service allows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// `localhost` or `127.0.0.1`.
    pub host: &'static str,
    /// 0: any that is free. Services that compare the whole address want a fixed one.
    pub port: u16,
    /// `/` or nothing.
    pub path: &'static str,
}

/// The program as it is registered at the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    pub id: String,
    /// Some services give programs on a desk one too, and call it no secret.
    pub secret: Option<Secret>,
}

/// What lets the program in until the user takes it back. Kept as one line of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub refresh: Secret,
    /// As in [`Client`].
    pub client_secret: Option<Secret>,
}

#[derive(Serialize, Deserialize)]
struct Written {
    refresh_token: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
}

impl Grant {
    /// As it is kept in a keychain. A text that was not written by `to_text` is taken for a bare
    /// refresh token.
    #[must_use]
    pub fn of(text: &Secret) -> Self {
        match serde_json::from_str::<Written>(text.expose()) {
            Ok(written) => Self {
                refresh: Secret::new(written.refresh_token),
                client_secret: written.client_secret.map(Secret::new),
            },
            Err(_) => Self {
                refresh: text.clone(),
                client_secret: None,
            },
        }
    }

    #[must_use]
    pub fn to_text(&self) -> Secret {
        let written = Written {
            refresh_token: self.refresh.expose().to_owned(),
            client_secret: self.client_secret.as_ref().map(|s| s.expose().to_owned()),
        };
        Secret::new(serde_json::to_string(&written).unwrap_or_default())
    }
}

/// One sign-in that waits for the browser.
pub(super) struct Pending {
    verifier: Secret,
    state: String,
    pub(super) redirect: String,
}

impl Pending {
    pub(super) fn new(redirect: String, verifier: [u8; 32], state: [u8; 16]) -> Self {
        Self {
            verifier: Secret::new(URL_SAFE_NO_PAD.encode(verifier)),
            state: URL_SAFE_NO_PAD.encode(state),
            redirect,
        }
    }

    /// The page that asks the user.
    pub(super) fn page(&self, provider: &Provider, client: &Client) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.expose()));
        let mut query = Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &client.id)
            .append_pair("redirect_uri", &self.redirect)
            .append_pair("state", &self.state)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        if !provider.scope.is_empty() {
            query.append_pair("scope", provider.scope);
        }
        for (name, value) in provider.extra {
            query.append_pair(name, value);
        }
        format!("{}?{}", provider.authorize, query.finish())
    }

    /// What the browser brought.
    pub(super) fn visit(&self, target: &str) -> Visit {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path != "/" {
            return Visit::Other;
        }
        let value = |wanted: &str| {
            let mut pairs = parse(query.as_bytes());
            pairs
                .find(|(name, _)| name == wanted)
                .map(|(_, value)| value.into_owned())
        };
        let (code, error) = (value("code"), value("error"));
        match (value("state"), code, error) {
            (_, None, None) => Visit::Other,
            (Some(state), ..) if state != self.state => Visit::Foreign,
            (None, ..) => Visit::Foreign,
            (_, _, Some(error)) => Visit::Refused(error),
            (_, Some(code), None) => Visit::Code(Secret::new(code)),
        }
    }

    /// Turns a code into tokens.
    pub(super) fn exchange(&self, client: &Client, code: &Secret) -> String {
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code.expose())
            .append_pair("redirect_uri", &self.redirect)
            .append_pair("code_verifier", self.verifier.expose());
        finished(form, client)
    }
}

/// Asks for a new access token.
pub(super) fn refresh(client: &Client, token: &Secret) -> String {
    let mut form = Serializer::new(String::new());
    form.append_pair("grant_type", "refresh_token")
        .append_pair("refresh_token", token.expose());
    finished(form, client)
}

fn finished(mut form: Serializer<'_, String>, client: &Client) -> String {
    form.append_pair("client_id", &client.id);
    if let Some(secret) = &client.secret {
        form.append_pair("client_secret", secret.expose());
    }
    form.finish()
}

/// A request that reached our port.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Visit {
    Code(Secret),
    /// In the service's word, e.g. `access_denied`.
    Refused(String),
    /// It belongs to another sign-in, or to nobody's.
    Foreign,
    /// Such as the page's icon.
    Other,
}

/// Why the browser came back without a code.
pub(super) fn refused(provider: &Provider, error: &str) -> Error {
    let name = provider.name;
    let (kind, what) = match error {
        "access_denied" => (
            ErrorKind::SignedOut,
            mark!("{name} was told not to let Engram in", name),
        ),
        _ => (ErrorKind::Server, mark!("{name} could not sign in", name)),
    };
    Error::new(kind, what).because(error.to_owned())
}

/// What the token endpoint gave out.
#[derive(Debug)]
pub(super) struct Tokens {
    pub(super) access: Secret,
    /// Given at a sign-in, and sometimes a new one in place of the old.
    pub(super) refresh: Option<Secret>,
    /// Seconds.
    pub(super) lasts: u64,
}

#[derive(Deserialize)]
struct Given {
    access_token: String,
    #[serde(default)]
    refresh_token: Option<String>,
    #[serde(default)]
    expires_in: Option<u64>,
}

#[derive(Default, Deserialize)]
struct Trouble {
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_description: String,
}

/// When a service does not say how long a token lasts, in seconds.
const LASTS: u64 = 3600;

/// Reads an answer of the token endpoint.
///
/// # Errors
/// `SignedOut` when the grant is not valid any more, `InvalidInput` when the service does not know
/// the program, `Network` when it is worth another try.
pub(super) fn tokens(provider: &Provider, status: u16, answer: &[u8]) -> Result<Tokens> {
    let name = provider.name;
    if (200..300).contains(&status) {
        let given: Given = serde_json::from_slice(answer).map_err(|_| {
            // Its own words could hold the token.
            Error::new(
                ErrorKind::Server,
                mark!("{name} answered without a token", name),
            )
        })?;
        return Ok(Tokens {
            access: Secret::new(given.access_token),
            refresh: given.refresh_token.map(Secret::new),
            lasts: given.expires_in.unwrap_or(LASTS),
        });
    }
    let trouble: Trouble = serde_json::from_slice(answer).unwrap_or_default();
    let (kind, what) = match trouble.error.as_str() {
        "invalid_grant" | "interaction_required" | "consent_required" => (
            ErrorKind::SignedOut,
            mark!("the sign-in at {name} is not valid any more", name),
        ),
        "invalid_client" | "unauthorized_client" => (
            ErrorKind::InvalidInput,
            mark!("{name} does not know this client ID and secret", name),
        ),
        _ if status == 429 || status >= 500 => (
            ErrorKind::Network,
            mark!("{name} has no time for a sign-in now", name),
        ),
        _ => (ErrorKind::Server, mark!("{name} could not sign in", name)),
    };
    let because = match trouble.error_description.lines().next() {
        Some(words) if !words.is_empty() => format!("{} ({words})", trouble.error),
        _ => format!("status {status} {}", trouble.error),
    };
    Err(Error::new(kind, what).because(because))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROVIDER: Provider = Provider {
        name: "The Cloud",
        authorize: "https://cloud.example/authorize",
        token: "https://cloud.example/token",
        scope: "files offline",
        extra: &[("access_type", "offline")],
        redirect: Redirect {
            host: "127.0.0.1",
            port: 0,
            path: "/",
        },
    };

    /// The bytes of the example in RFC 7636, appendix B.
    const RFC: [u8; 32] = [
        116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37,
        77, 105, 214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
    ];

    fn client() -> Client {
        Client {
            id: "app & co".into(),
            secret: None,
        }
    }

    fn pending() -> Pending {
        Pending::new("http://127.0.0.1:5/".into(), RFC, [0; 16])
    }

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        let page = pending().page(&PROVIDER, &client());
        assert!(page.starts_with("https://cloud.example/authorize?response_type=code&"));
        for part in [
            "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
            "client_id=app+%26+co",
            "redirect_uri=http%3A%2F%2F127.0.0.1%3A5%2F",
            "scope=files+offline",
            "access_type=offline",
        ] {
            assert!(page.contains(part), "{page}");
        }
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert!(!page.contains(verifier));
        let form = pending().exchange(&client(), &Secret::new("a b"));
        assert!(
            form.contains(&format!(
                "code=a+b&redirect_uri=http%3A%2F%2F127.0.0.1%3A5%2F&code_verifier={verifier}"
            )),
            "{form}"
        );
        assert!(!form.contains("secret"));
    }

    #[test]
    fn only_an_answer_to_this_sign_in_counts() {
        let pending = pending();
        let state = "AAAAAAAAAAAAAAAAAAAAAA";
        assert_eq!(
            pending.visit(&format!("/?state={state}&code=4%2Fx")),
            Visit::Code(Secret::new("4/x"))
        );
        assert_eq!(
            pending.visit(&format!("/?error=access_denied&state={state}")),
            Visit::Refused("access_denied".into())
        );
        for foreign in [
            "/?code=1",
            "/?code=1&state=x",
            "/?error=access_denied&state=",
        ] {
            assert_eq!(pending.visit(foreign), Visit::Foreign, "{foreign}");
        }
        for other in ["/", "/favicon.ico", "/?", "", "/a?code=1&state=x"] {
            assert_eq!(pending.visit(other), Visit::Other, "{other}");
        }
        let denied = refused(&PROVIDER, "access_denied");
        assert_eq!(denied.kind(), ErrorKind::SignedOut);
        assert_eq!(refused(&PROVIDER, "server_error").kind(), ErrorKind::Server);
    }

    #[test]
    fn what_the_token_endpoint_says_is_told_apart() {
        let given = br#"{"access_token":"a","refresh_token":"r","expires_in":10}"#;
        let given = tokens(&PROVIDER, 200, given).unwrap();
        assert_eq!((given.access.expose(), given.lasts), ("a", 10));
        assert_eq!(given.refresh, Some(Secret::new("r")));
        let kind = |status, answer: &str| {
            let error = tokens(&PROVIDER, status, answer.as_bytes()).unwrap_err();
            error.kind()
        };
        let expired =
            r#"{"error":"invalid_grant","error_description":"AADSTS700082: expired\nTrace"}"#;
        assert_eq!(kind(400, expired), ErrorKind::SignedOut);
        assert_eq!(
            kind(401, r#"{"error":"invalid_client"}"#),
            ErrorKind::InvalidInput
        );
        assert_eq!(kind(503, "<html>"), ErrorKind::Network);
        assert_eq!(
            kind(400, r#"{"error":"invalid_request"}"#),
            ErrorKind::Server
        );
        let odd = tokens(&PROVIDER, 200, br#"{"access_token":5,"secret":"x"}"#).unwrap_err();
        assert!(!odd.to_string().contains("secret"), "{odd}");
    }

    #[test]
    fn a_grant_is_one_line_and_a_bare_token_is_one_too() {
        let grant = Grant {
            refresh: Secret::new("1//x\"y"),
            client_secret: Some(Secret::new("GOCSPX-z")),
        };
        let text = grant.to_text();
        assert!(!text.expose().contains('\n'));
        assert_eq!(Grant::of(&text), grant);
        assert_eq!(Grant::of(&Secret::new("bare")).refresh, Secret::new("bare"));
    }
}
