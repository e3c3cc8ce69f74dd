//! From requests to what does them. Who asks is known before anything of a body is read, and what
//! fails becomes the status that clients know.

use super::Shared;
use super::connections::Slot;
use super::http::{Connection, Request};
use super::place::{Copied, Place};
use super::refusal::{Refusal, parse};
use super::request_log;
use super::session::Method;
use super::users::with_key;
use crate::base::time::Stopwatch;
use crate::codec::sync::{VERSION, pack, packing, unpacking};
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::{self, Read, Write};
use std::net::IpAddr;

/// Of a body that anybody may send.
const MAX_LOGIN: u64 = 64 << 10;

/// What a client is told.
enum Reply {
    /// Still to be packed.
    Bytes(Vec<u8>),
    File(Copied),
    /// Without a body.
    Nothing,
}

/// The header of each request.
#[derive(Deserialize)]
struct Header {
    v: u32,
    #[serde(default)]
    k: String,
    #[serde(default)]
    s: String,
}

/// Answers one request, and tells of it; whether another one may follow on its connection.
pub(super) fn answer<S: Read + Write>(
    shared: &Shared,
    slot: &Slot,
    connection: &mut Connection<S>,
    request: &Request,
) -> io::Result<bool> {
    let watch = Stopwatch::start();
    let replied = reply(shared, slot, connection, request);
    let status = replied.as_ref().map_or_else(|r| r.status, |_| 200);
    let answered = match replied {
        Ok(Reply::Bytes(bytes)) => connection.answer(200, Some(bytes.len()), &pack(&bytes)?),
        Ok(Reply::File(copied)) => connection.stream(copied.size, &mut packing(&copied.file)?),
        Ok(Reply::Nothing) => connection.answer(200, None, b""),
        Err(refusal) => {
            if let Some(reason) = &refusal.reason {
                shared.say(&format!("{}: {reason}", request_log::shown(&request.path)));
            }
            let body = status.to_string();
            connection.answer(status, None, body.as_bytes())
        }
    };
    if shared.logs_requests {
        let done = (status, watch.elapsed());
        shared.say(&request_log::line(
            shared,
            slot,
            request,
            done,
            shared.clock.now(),
        ));
    }
    answered
}

fn reply<S: Read + Write>(
    shared: &Shared,
    slot: &Slot,
    connection: &mut Connection<S>,
    request: &Request,
) -> Result<Reply, Refusal> {
    if request.path == "/health" {
        return Ok(Reply::Nothing);
    }
    let (area, method) = request
        .path
        .strip_prefix('/')
        .and_then(|path| path.split_once('/'))
        .filter(|(area, method)| {
            // With a folder too many in the address, nobody is told that a password is wrong.
            matches!(*area, "sync" | "msync") && !method.is_empty() && !method.contains('/')
        })
        .ok_or(Refusal::of(404))?;
    if request.method != "POST" {
        return Err(Refusal::of(405));
    }
    // Clients that are too old send none.
    let header = request.header("anki-sync").ok_or(Refusal::of(501))?;
    let header: Header = parse(header.as_bytes())?;
    if header.v != VERSION {
        return Err(Refusal::of(501));
    }
    if (area, method) == ("sync", "hostKey") {
        let body = read(connection, MAX_LOGIN)?;
        if !slot.serves(None) {
            return Err(Refusal::of(503));
        }
        return log_in(shared, request_log::asks(shared, slot, request), &body);
    }
    let user = with_key(&shared.users, &header.k).ok_or(Refusal::FORBIDDEN)?;
    if !slot.serves(Some(user)) {
        return Err(Refusal::of(503));
    }
    let place = &shared.places[user];
    if (area, method) == ("sync", "upload") {
        let mut sent = unpacking(connection.body(shared.most))?;
        let (said, why) = place.upload(&mut sent, shared.most)?;
        // Clients only hear whether it is damaged.
        if let Some(why) = why {
            shared.say(&format!("{}: {why}", request_log::shown(&request.path)));
        }
        return Ok(Reply::Bytes(said.into()));
    }
    let body = read(connection, shared.most)?;
    match area {
        "sync" => collection(place, method, &header.s, body),
        _ => media(place, method, &header.k, &body),
    }
}

/// A whole body, unpacked; neither packed nor unpacked is it more than `most`.
fn read<S: Read + Write>(connection: &mut Connection<S>, most: u64) -> Result<Vec<u8>, Refusal> {
    let mut body = Vec::new();
    unpacking(connection.body(most))?
        .take(most + 1)
        .read_to_end(&mut body)?;
    if body.len() as u64 > most {
        return Err(Refusal::TOO_LARGE);
    }
    Ok(body)
}

fn log_in(shared: &Shared, ip: IpAddr, body: &[u8]) -> Result<Reply, Refusal> {
    #[derive(Deserialize)]
    struct Asked {
        u: String,
        p: String,
    }
    let asked: Asked = parse(body)?;
    let user = shared
        .logins
        .log_in(&shared.users, ip, &asked.u, &asked.p)?;
    Ok(said(&json!({"key": user.key()})))
}

fn said(value: &Value) -> Reply {
    Reply::Bytes(value.to_string().into_bytes())
}

fn collection(place: &Place, method: &str, word: &str, body: Vec<u8>) -> Result<Reply, Refusal> {
    let method = match method {
        "meta" => return Ok(said(&place.meta(&body)?)),
        "download" => return Ok(Reply::File(place.download()?)),
        "start" => Method::Start,
        "applyGraves" => Method::ApplyGraves,
        "applyChanges" => Method::ApplyChanges,
        "chunk" => Method::Chunk,
        "applyChunk" => Method::ApplyChunk,
        "sanityCheck2" => Method::SanityCheck,
        "finish" => Method::Finish,
        "abort" => {
            place.abort(word);
            return Ok(said(&Value::Null));
        }
        _ => return Err(Refusal::BAD_REQUEST),
    };
    if word.is_empty() {
        return Err(Refusal::BAD_REQUEST);
    }
    Ok(Reply::Bytes(place.session(word, method, body)?))
}

fn media(place: &Place, method: &str, key: &str, body: &[u8]) -> Result<Reply, Refusal> {
    Ok(Reply::Bytes(match method {
        "begin" => place.media_begin(key)?,
        "mediaChanges" => place.media_changes(body)?,
        "downloadFiles" => place.media_files(body)?,
        "uploadChanges" => place.media_upload(body)?,
        "mediaSanity" => place.media_sanity(body)?,
        _ => return Err(Refusal::BAD_REQUEST),
    }))
}
