//! Pictures of pasted pages: fetched from the web, taken from a file that the page names (as word
//! processors write them) or out of the page itself (`data:`), and put into the media folder, in a
//! job with progress and cancel. What cannot be had keeps its link, and is told.

use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::job::Progress;
use crate::base::lang::known;
use crate::media::add::{Content, add};
use crate::media::picture::pasted_name;
use crate::net::{self, Body, Call, Reply, Transport};
use crate::render::decode_data_url;
use crate::service::event::Event;
use crate::service::notes::NoteEvent;
use crate::service::worker::{Job, Worker};
use crate::{mark, t, tn};
use std::io::Read as _;
use std::path::Path;
use url::Url;

/// Largest picture that is fetched, in bytes.
const LARGEST: u64 = 32 * 1024 * 1024;
const REDIRECTS: usize = 5;
const CHUNK: usize = 64 * 1024;

/// What became of the pictures.
struct Fetched {
    /// Address and name in the media folder.
    names: Vec<(String, String)>,
    /// The last reason, and how many have one.
    failed: Option<(usize, Error)>,
}

pub(super) fn fetch_all(worker: &mut Worker, ticket: u64, urls: Vec<String>) -> Result<()> {
    let folder = worker.open_profile_mut()?.paths.media();
    let net = worker.config.net.clone();
    let job = Job::shown(
        "pasted pictures",
        mark!("Fetching pasted pictures"),
        mark!("fetch the pasted pictures"),
    );
    worker.background(
        job,
        move |progress| {
            let net = net::for_job(&net, progress);
            let (mut names, mut failed) = (vec![], None);
            for url in urls {
                match fetch(&*net, &folder, &url, progress) {
                    Ok(name) => names.push((url, name)),
                    // Cancelled: what is there already goes into the note, the rest stays a link.
                    Err(error) if error.is_interrupted() => break,
                    Err(error) => {
                        let before = failed.map_or(0, |(n, _)| n);
                        failed = Some((before + 1, error));
                    }
                }
            }
            Ok(Fetched { names, failed })
        },
        move |worker, result| {
            let Ok(fetched) = result else { return };
            if let Some((n, error)) = &fetched.failed {
                let what = tn!(
                    *n as u64,
                    "A pasted picture could not be fetched; its link stays",
                    "{n} pasted pictures could not be fetched; their links stay"
                );
                let why = error.to_string();
                worker.emit(Event::Notice(format!("{what}. {}", known(&why))));
            }
            let names = fetched.names;
            worker.emit(Event::Note(NoteEvent::PicturesFetched { ticket, names }));
        },
    )?;
    Ok(())
}

/// One picture into the media folder; its name there.
fn fetch(net: &dyn Transport, folder: &Path, url: &str, progress: &Progress) -> Result<String> {
    let mut at = match Url::parse(url) {
        Ok(url) if url.scheme() == "file" => return from_file(&url, folder),
        Ok(url) if url.scheme() == "data" => return from_page(&url, folder),
        _ => address(url)?,
    };
    for _ in 0..=REDIRECTS {
        progress.check()?;
        let reply = net.send(Call {
            method: "GET",
            url: at.as_str(),
            headers: &[("accept", "image/*")],
            body: Body::None,
        })?;
        match reply.status {
            200 => {
                let ending = ending_of(reply.header("content-type").unwrap_or_default())?;
                let bytes = read(reply, progress)?;
                return add(folder, &name_of(&at, ending), Content::Bytes(&bytes));
            }
            301 | 302 | 303 | 307 | 308 => {
                let to = reply.header("location").unwrap_or_default();
                let next = at.join(to).map_err(|e| unreachable_address().because(e))?;
                at = address(next.as_str())?;
            }
            404 | 410 => return Err(Error::not_found(mark!("the server has no such picture"))),
            status => {
                let what = mark!("the server refused the picture (status {status})", status);
                return Err(Error::new(ErrorKind::Network, what));
            }
        }
    }
    let what = mark!("the server sends from one address to the next without end");
    Err(Error::new(ErrorKind::Network, what))
}

/// A picture of this machine, which a word processor or a saved page names. Other machines are not
/// asked: a page from anywhere may have been pasted.
fn from_file(url: &Url, folder: &Path) -> Result<String> {
    let path = url.to_file_path().ok().filter(|_| url.host().is_none());
    let path =
        path.ok_or_else(|| Error::invalid(mark!("this is not an address of a file here")))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    if !ENDINGS
        .iter()
        .any(|(_, is)| ending.eq_ignore_ascii_case(is))
        && !ending.eq_ignore_ascii_case("jpeg")
    {
        return Err(Error::invalid(mark!("this is no file of a picture")).at(&path));
    }
    let found = std::fs::metadata(&path).at(&path)?;
    if !found.is_file() {
        return Err(Error::invalid(mark!("this is no file")).at(&path));
    }
    if found.len() > LARGEST {
        return Err(too_large());
    }
    add(folder, &name, Content::File(&path))
}

/// A picture that is written into the page.
fn from_page(url: &Url, folder: &Path) -> Result<String> {
    let written = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let kind = written.split([';', ',']).next().unwrap_or_default();
    let ending = ending_of(kind)?;
    let bytes = decode_data_url(written).filter(|bytes| !bytes.is_empty());
    let bytes = bytes.ok_or_else(|| Error::invalid(mark!("the page's picture cannot be read")))?;
    add(folder, &pasted_name(&bytes, ending), Content::Bytes(&bytes))
}

fn unreachable_address() -> Error {
    Error::invalid(mark!("this is not an address of a picture on the web"))
}

fn address(url: &str) -> Result<Url> {
    let url = Url::parse(url).map_err(|e| unreachable_address().because(e))?;
    if matches!(url.scheme(), "http" | "https") {
        Ok(url)
    } else {
        Err(unreachable_address())
    }
}

/// Kinds of pictures and the endings that their files have.
const ENDINGS: &[(&str, &str)] = &[
    ("image/jpeg", "jpg"),
    ("image/jpg", "jpg"),
    ("image/png", "png"),
    ("image/gif", "gif"),
    ("image/svg+xml", "svg"),
    ("image/webp", "webp"),
    ("image/avif", "avif"),
    ("image/bmp", "bmp"),
    ("image/tiff", "tiff"),
    ("image/x-icon", "ico"),
    ("image/vnd.microsoft.icon", "ico"),
];

/// The ending that files of this kind have; refuses what is no picture.
fn ending_of(kind: &str) -> Result<&'static str> {
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if kind.is_empty() {
        return Err(Error::invalid(mark!("nothing says that it is a picture")));
    }
    let known = ENDINGS.iter().find(|(is, _)| kind.eq_ignore_ascii_case(is));
    known
        .map(|(_, ending)| *ending)
        .ok_or_else(|| Error::invalid(mark!("what stands there is no picture but {kind}", kind)))
}

fn too_large() -> Error {
    let most = LARGEST / (1024 * 1024);
    Error::invalid(mark!("the picture is larger than {most} MB", most))
}

fn read(reply: Reply, progress: &Progress) -> Result<Vec<u8>> {
    let length = reply.header("content-length").and_then(|n| n.parse().ok());
    let length: u64 = length.unwrap_or(0);
    if length > LARGEST {
        return Err(too_large());
    }
    progress.stage_bytes(t!("Fetching pasted pictures"), length)?;
    let mut body = reply.body;
    let mut bytes = Vec::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        let n = body.read(&mut chunk)?;
        if n == 0 {
            return Ok(bytes);
        }
        bytes.extend_from_slice(&chunk[..n]);
        if bytes.len() as u64 > LARGEST {
            return Err(too_large());
        }
        progress.step(n as u64)?;
    }
}

/// The last part of the address, with the ending of its kind.
fn name_of(url: &Url, ending: &str) -> String {
    let last = url.path_segments().and_then(|mut parts| parts.next_back());
    let last = last.filter(|part| !part.is_empty()).unwrap_or("picture");
    let name = percent_decoded(last);
    let same = |has: &str| has == ending || (has == "jpeg" && ending == "jpg");
    match name.rsplit_once('.') {
        Some((_, has)) if same(&has.to_ascii_lowercase()) => name,
        _ => format!("{name}.{ending}"),
    }
}

fn percent_decoded(part: &str) -> String {
    // A form's decoding takes `+` for a space; here it is a plus.
    let form = part.replace('+', "%2B");
    let mut pairs = url::form_urlencoded::parse(form.as_bytes());
    pairs
        .next()
        .map_or_else(|| part.to_owned(), |(name, _)| name.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Status, headers and body.
    type Said = (u16, Vec<(&'static str, String)>, Vec<u8>);

    /// Answers by address.
    struct Web(fn(&str) -> Said);

    impl Transport for Web {
        fn send(&self, call: Call<'_>) -> Result<Reply> {
            let (status, headers, body) = (self.0)(call.url);
            let named = |(name, value): (&str, String)| (name.to_owned(), value);
            Ok(Reply {
                status,
                headers: headers.into_iter().map(named).collect(),
                body: Box::new(std::io::Cursor::new(body)),
            })
        }
    }

    fn fetched(web: &Web, url: &str) -> Result<(String, Vec<u8>)> {
        let folder = tempfile::tempdir().unwrap();
        let name = fetch(web, folder.path(), url, &Progress::new())?;
        let bytes = std::fs::read(folder.path().join(&name)).unwrap();
        Ok((name, bytes))
    }

    #[test]
    fn a_picture_gets_a_name_with_its_ending() {
        let web = Web(|_| {
            (
                200,
                vec![("content-type", "image/png; x".into())],
                b"png".into(),
            )
        });
        let name = |url: &str| fetched(&web, url).unwrap().0;
        assert_eq!(name("https://a.b/c/Cat.png?x=1"), "cat.png");
        assert_eq!(name("https://a.b/image"), "image.png");
        assert_eq!(name("https://a.b/"), "picture.png");
        assert_eq!(name("https://a.b/a%20b+c.jpg"), "a b+c.jpg.png");
    }

    #[test]
    fn redirects_are_followed_and_end() {
        let web = Web(|url| match url {
            "https://a.b/1" => (302, vec![("location", "/2.gif".into())], vec![]),
            "https://a.b/2.gif" => (200, vec![("content-type", "image/gif".into())], vec![1]),
            _ => (301, vec![("location", "/loop".into())], vec![]),
        });
        let expected = ("2.gif".to_owned(), vec![1]);
        assert_eq!(fetched(&web, "https://a.b/1").unwrap(), expected);
        assert!(fetched(&web, "https://a.b/loop").is_err());
        let leads_inside = Web(|_| (302, vec![("location", "file:///etc/passwd".into())], vec![]));
        assert!(fetched(&leads_inside, "https://a.b/1").is_err());
    }

    #[test]
    fn a_page_brings_pictures_in_it_and_of_this_machine() {
        let none = Web(|_| (404, vec![], vec![]));
        let (name, bytes) = fetched(&none, "data:image/PNG;base64,aGk=").unwrap();
        // As Anki names pasted pictures: after the SHA-1 of what is in them.
        assert_eq!(name, "paste-c22b5f9178342609428d6f51b2c5af4c0bde6a42.png");
        assert_eq!(bytes, b"hi");
        let svg = fetched(&none, "data:image/svg+xml,%3Csvg a='?'/%3E").unwrap();
        assert_eq!(svg.1, b"<svg a='?'/>");
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, "gif").unwrap();
            Url::from_file_path(path).unwrap().to_string()
        };
        let taken = fetched(&none, &file("Eine Katze.GIF")).unwrap();
        assert_eq!(taken, ("eine katze.gif".to_owned(), b"gif".to_vec()));
        for not in [
            file("key.pem"),
            file("a.gif") + ".gone.gif",
            file("b.gif").replacen("file:///", "file://elsewhere/", 1),
            Url::from_directory_path(dir.path()).unwrap().to_string(),
            "data:image/png;base64,".to_owned(),
            "data:text/html,hi".to_owned(),
        ] {
            assert!(fetched(&none, &not).is_err(), "{not}");
        }
    }

    #[test]
    fn what_is_no_picture_or_too_large_is_refused() {
        let page = Web(|_| (200, vec![("content-type", "text/html".into())], vec![]));
        let error = fetched(&page, "https://a.b/1").unwrap_err().to_string();
        assert!(error.contains("text/html"), "{error}");
        let claims = Web(|_| {
            let length = (LARGEST + 1).to_string();
            let headers = vec![
                ("content-type", "image/png".into()),
                ("content-length", length),
            ];
            (200, headers, vec![])
        });
        let error = fetched(&claims, "https://a.b/1").unwrap_err().to_string();
        assert!(error.contains("32 MB"), "{error}");
        let is = Web(|_| {
            let body = vec![0; LARGEST as usize + 1];
            (200, vec![("content-type", "image/png".into())], body)
        });
        assert!(fetched(&is, "https://a.b/1").is_err());
        assert!(fetched(&is, "ftp://a.b/1").is_err());
        assert!(fetched(&is, "not an address").is_err());
    }
}
