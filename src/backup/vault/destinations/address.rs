//! Destinations as people write them: a path, `webdav+https://user@host/path`,
//! `s3://bucket/prefix?endpoint=…&region=…&key=…`, `dropbox://folder?client=…` (and `gdrive`,
//! `onedrive`). Never with a password in it.

use super::{Cloud, Destination};
use crate::base::{Error, Result};
use crate::mark;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use url::Url;

const WEBDAV: &str = "webdav+";
const REGION: &str = "us-east-1";

impl FromStr for Destination {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text.trim().is_empty() {
            return Err(Error::invalid(mark!("the place of the vault is missing")));
        }
        if let Some(url) = text.strip_prefix(WEBDAV) {
            return webdav(url);
        }
        if text.starts_with("s3://") {
            return s3(text);
        }
        for service in Cloud::ALL {
            let rest = text.strip_prefix(service.scheme());
            if let Some(rest) = rest.and_then(|rest| rest.strip_prefix("://")) {
                return cloud(service, rest);
            }
        }
        if let Some(path) = text.strip_prefix("file://") {
            return folder(path);
        }
        match text.split_once("://") {
            Some((scheme, _)) => Err(Error::invalid(mark!(
                "“{scheme}” is not a kind of place for a vault; use a folder, webdav+https://, s3://, dropbox://, gdrive:// or onedrive://",
                scheme
            ))),
            None => folder(text),
        }
    }
}

fn folder(path: &str) -> Result<Destination> {
    let path = std::path::absolute(PathBuf::from(path))?;
    Ok(Destination::Folder { path })
}

fn parse(text: &str) -> Result<Url> {
    let url = Url::parse(text).map_err(|e| {
        Error::invalid(mark!("the address of the vault is not understood")).because(e)
    })?;
    if url.password().is_some() {
        return Err(Error::invalid(mark!(
            "a password in the address could be seen by others; give it apart from the address"
        )));
    }
    Ok(url)
}

fn webdav(text: &str) -> Result<Destination> {
    let mut url = parse(text)?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(Error::invalid(mark!(
            "a WebDAV address begins with webdav+https:// and names a host"
        )));
    }
    let user = decoded(url.username())?;
    let cleared = url.set_username("");
    cleared.map_err(|()| Error::invalid(mark!("the address of the vault is not understood")))?;
    url.set_query(None);
    url.set_fragment(None);
    Ok(Destination::WebDav {
        url: url.as_str().trim_end_matches('/').to_owned(),
        user,
    })
}

fn s3(text: &str) -> Result<Destination> {
    let url = parse(text)?;
    let bucket = url.host_str().unwrap_or_default().to_owned();
    if bucket.is_empty() {
        return Err(Error::invalid(mark!("an s3:// address names a bucket")));
    }
    let (mut endpoint, mut region, mut key) =
        (String::new(), REGION.to_owned(), decoded(url.username())?);
    for (name, value) in url.query_pairs() {
        match &*name {
            "endpoint" => endpoint = value.trim_end_matches('/').to_owned(),
            "region" => region = value.into_owned(),
            "key" => key = value.into_owned(),
            other => {
                return Err(Error::invalid(mark!(
                    "“{other}” is not an option of s3://; there are endpoint, region and key",
                    other
                )));
            }
        }
    }
    if key.is_empty() {
        return Err(Error::invalid(mark!(
            "an s3:// address needs the id of the access key: add ?key=…"
        )));
    }
    Ok(Destination::S3 {
        bucket,
        prefix: decoded(url.path().trim_matches('/'))?,
        endpoint,
        region,
        access_key_id: key,
    })
}

fn cloud(service: Cloud, rest: &str) -> Result<Destination> {
    let (folder, query) = rest.split_once('?').unwrap_or((rest, ""));
    let scheme = service.scheme();
    let mut client_id = String::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if name != "client" {
            return Err(Error::invalid(mark!(
                "“{name}” is not an option of {scheme}://; there is client",
                name,
                scheme
            )));
        }
        client_id = value.into_owned();
    }
    if client_id.is_empty() {
        return Err(Error::invalid(mark!(
            "{service} wants the client ID of a registered program: add ?client=…",
            service = service.name()
        )));
    }
    let folder = decoded(folder)?;
    let parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        return Err(Error::invalid(mark!(
            "an address of {service} names a folder: {scheme}://folder?client=…",
            service = service.name(),
            scheme
        )));
    }
    let odd = |part: &&str| matches!(*part, "." | "..") || part.contains(ODD);
    // Dropbox is told the folder in a header.
    if parts.iter().any(odd) || service == Cloud::Dropbox && !folder.is_ascii() {
        return Err(Error::invalid(mark!(
            "{service} cannot have a folder of this name; use letters, digits and spaces",
            service = service.name()
        )));
    }
    Ok(Destination::Cloud {
        service,
        folder: parts.join("/"),
        client_id,
    })
}

/// In no name at any of the services.
const ODD: [char; 9] = ['\\', ':', '*', '?', '"', '<', '>', '|', '\0'];

/// Takes the percent signs out.
pub(super) fn decoded(text: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => bytes.push(*first),
        }
    }
    String::from_utf8(bytes)
        .map_err(|e| Error::invalid(mark!("the address is not a text")).because(e))
}

/// Of a web address; empty when it is none.
pub(super) fn host_and_path(url: &str) -> String {
    let Ok(url) = Url::parse(url) else {
        return String::new();
    };
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map_or(String::new(), |port| format!(":{port}"));
    let path = url.path().trim_end_matches('/');
    let path = decoded(path).unwrap_or_else(|_| path.to_owned());
    format!("{host}{port}{path}")
}

/// As it can be given again.
impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder { path } => write!(f, "{}", path.display()),
            Self::WebDav { url, user } => {
                let mut with_user = url.clone();
                if let Ok(mut parsed) = Url::parse(url)
                    && !user.is_empty()
                    && parsed.set_username(user).is_ok()
                {
                    with_user = parsed.to_string();
                }
                write!(f, "{WEBDAV}{with_user}")
            }
            Self::S3 {
                bucket,
                prefix,
                endpoint,
                region,
                access_key_id,
            } => {
                let mut query = url::form_urlencoded::Serializer::new(String::new());
                query.append_pair("key", access_key_id);
                if !endpoint.is_empty() {
                    query.append_pair("endpoint", endpoint);
                }
                if region != REGION {
                    query.append_pair("region", region);
                }
                let slash = if prefix.is_empty() { "" } else { "/" };
                write!(f, "s3://{bucket}{slash}{prefix}?{}", query.finish())
            }
            Self::Cloud {
                service,
                folder,
                client_id,
            } => {
                let mut query = url::form_urlencoded::Serializer::new(String::new());
                query.append_pair("client", client_id);
                let folder = folder.replace('%', "%25");
                write!(f, "{}://{folder}?{}", service.scheme(), query.finish())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for text in [
            "/mnt/usb/vault",
            "webdav+https://ann@cloud.example.org/remote.php/dav/files/ann/engram",
            "webdav+http://127.0.0.1:8080/",
            "s3://bucket/cards/ann?key=AKIA1",
            "dropbox://Engram?client=abc",
            "gdrive://My cards/50%25/Anń?client=1-a.apps.googleusercontent.com",
            "onedrive:///a//b/?client=00000000-0000",
            "s3://bucket?key=AKIA1&endpoint=http%3A%2F%2F127.0.0.1%3A5000&region=eu-central-1",
        ] {
            let parsed: Destination = text.parse().unwrap();
            assert_eq!(parsed.to_string().parse::<Destination>().unwrap(), parsed);
            let json = serde_json::to_string(&parsed).unwrap();
            assert_eq!(serde_json::from_str::<Destination>(&json).unwrap(), parsed);
        }
        let parsed: Destination = "webdav+https://an%40n@host/a".parse().unwrap();
        let expected = Destination::WebDav {
            url: "https://host/a".into(),
            user: "an@n".into(),
        };
        assert_eq!(parsed, expected);
        assert_eq!(parsed.to_string().parse::<Destination>().unwrap(), parsed);
    }

    #[test]
    fn passwords_and_nonsense_are_refused() {
        for text in [
            "",
            "webdav+https://ann:secret@host/",
            "webdav+ftp://host/",
            "s3://",
            "s3://bucket",
            "s3://bucket?key=a&colour=red",
            "gopher://host",
            "dropbox://Engram",
            "dropbox://?client=a",
            "dropbox://Größe?client=a",
            "gdrive://a/../b?client=a",
            "onedrive://a:b?client=a",
            "onedrive://a?client=a&colour=b",
        ] {
            let error = text.parse::<Destination>().unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn people_see_a_place_without_users_and_keys() {
        for (address, label) in [
            ("/mnt/usb/vault", "/mnt/usb/vault"),
            (
                "webdav+https://ann@cloud.example.org/files/engram?token=x",
                "WebDAV: cloud.example.org/files/engram",
            ),
            ("s3://bucket/cards/ann?key=AKIA1", "S3: bucket/cards/ann"),
            (
                "s3://bucket?key=AKIA1&endpoint=https%3A%2F%2Fann%3Asecret%40s3.example.org%3A90%2F",
                "S3 at s3.example.org:90: bucket",
            ),
            ("gdrive://My cards?client=1-a", "Google Drive: My cards"),
        ] {
            let destination: Destination = address.parse().unwrap();
            assert_eq!(destination.label(), label);
        }
    }
}
