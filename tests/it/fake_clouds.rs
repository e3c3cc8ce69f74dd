//! Dropbox, Google Drive and OneDrive as far as a vault uses them, by their documented HTTP: one
//! tree of files behind three dialects, tokens that can be made to end, a service that is busy or
//! full on demand.

#![allow(
    dead_code,
    reason = "tests of the engine and of the window use different parts"
)]

use crate::fake_http::{Answer, Asked, Led, serve};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

const FOLDER: &str = "application/vnd.google-apps.folder";
const TIME: &str = "2026-11-27T10:00:00Z";
/// Smaller than what a folder of a vault holds.
const PAGE: usize = 7;

#[derive(Clone)]
struct Item {
    name: String,
    parent: usize,
    /// A folder has none.
    bytes: Option<Vec<u8>>,
    gone: bool,
}

#[derive(Default)]
pub struct State {
    items: Vec<Item>,
    uploads: Vec<(String, Vec<u8>)>,
    cursors: BTreeMap<String, Vec<usize>>,
    issued: u32,
    pub refresh: String,
    /// So many of the next requests are told to wait.
    pub busy: u32,
    pub full: bool,
    /// Nobody takes tokens any more.
    pub closed: bool,
    /// Each token that is given out comes with a new grant, and the one before is worth nothing;
    /// always so at OneDrive.
    pub rotates: bool,
    /// There is no space any more from the next token on.
    pub full_after_token: bool,
    /// What became of tokens and grants, in the order in which it did.
    pub order: Vec<String>,
    pub seen: Vec<String>,
}

/// One account at all three.
#[derive(Clone)]
pub struct FakeCloud {
    state: Arc<Mutex<State>>,
    pub port: u16,
}

pub const FIRST_GRANT: &str = "grant 0";

impl FakeCloud {
    pub fn start() -> Self {
        let root = Item {
            name: String::new(),
            parent: 0,
            bytes: None,
            gone: false,
        };
        let state = Arc::new(Mutex::new(State {
            items: vec![root],
            refresh: FIRST_GRANT.into(),
            ..State::default()
        }));
        let shared = Arc::clone(&state);
        let port = serve(move |asked| shared.lock().unwrap().answer(asked));
        Self { state, port }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn net(&self) -> Led {
        Led::to(self.port)
    }

    /// The token that is in use is not taken any more.
    pub fn end_token(&self) {
        self.state().issued += 100;
    }

    pub fn requests(&self, part: &str) -> usize {
        let state = self.state();
        state.seen.iter().filter(|s| s.contains(part)).count()
    }
}

/// The one port of this machine at which a sign-in at Dropbox ends, for one test at a time.
pub fn port_of_dropbox() -> std::fs::File {
    let path = std::env::temp_dir().join("engram-test-dropbox.lock");
    let file = std::fs::File::create(path).unwrap();
    file.lock().unwrap();
    file
}

impl State {
    fn answer(&mut self, asked: &Asked) -> Answer {
        self.seen
            .push(format!("{} {}{}", asked.method, asked.host, asked.path()));
        if asked.path().ends_with("/token") {
            return self.token(asked);
        }
        if asked.host.ends_with(".1drv.example") {
            assert_eq!(asked.header("authorization"), "", "a token leaks");
            return self.onedrive_file(asked);
        }
        let bearer = format!("Bearer access {}", self.issued);
        if self.closed || asked.header("authorization") != bearer {
            return Answer::json(
                401,
                &json!({"error": {"code": "InvalidAuthenticationToken"}}),
            );
        }
        let used = format!("used {}", self.issued);
        if self.order.last() != Some(&used) {
            self.order.push(used);
        }
        if self.busy > 0 {
            self.busy -= 1;
            return Answer::status(429).with("retry-after", "1");
        }
        match asked.host.as_str() {
            "api.dropboxapi.com" | "content.dropboxapi.com" => self.dropbox(asked),
            "www.googleapis.com" => self.google(asked),
            "graph.microsoft.com" => self.onedrive(asked),
            host => panic!("nobody asks {host}"),
        }
    }

    fn token(&mut self, asked: &Asked) -> Answer {
        let code = asked.form("grant_type") == "authorization_code";
        let fits = if code {
            asked.form("code") == "good"
        } else {
            asked.form("refresh_token") == self.refresh
        };
        if !fits || asked.form("client_id") != "app" {
            return Answer::json(400, &json!({"error": "invalid_grant"}));
        }
        self.issued += 1;
        let mut given =
            json!({"access_token": format!("access {}", self.issued), "expires_in": 3600});
        let rotates = self.rotates || asked.host == "login.microsoftonline.com";
        if rotates {
            self.refresh = format!("grant {}", self.issued);
        }
        self.order.push(format!("gave {}", self.issued));
        self.full |= self.full_after_token;
        if code || rotates {
            given["refresh_token"] = json!(self.refresh);
        }
        Answer::json(200, &given)
    }

    fn child(&self, parent: usize, name: &str) -> Option<usize> {
        let wanted = |item: &Item| !item.gone && item.parent == parent && item.name == name;
        let found = self.items.iter().skip(1).position(wanted);
        found.map(|at| at + 1)
    }

    fn children(&self, parent: usize) -> Vec<usize> {
        let all = 1..self.items.len();
        all.filter(|id| !self.items[*id].gone && self.items[*id].parent == parent)
            .collect()
    }

    fn find(&self, path: &str) -> Option<usize> {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        parts.try_fold(0, |at, part| self.child(at, part))
    }

    fn add(&mut self, parent: usize, name: &str, bytes: Option<Vec<u8>>) -> usize {
        self.items.push(Item {
            name: name.to_owned(),
            parent,
            bytes,
            gone: false,
        });
        self.items.len() - 1
    }

    /// With the folders on the way; whether it is new.
    fn put(&mut self, path: &str, bytes: Option<Vec<u8>>) -> (usize, bool) {
        if let Some(id) = self.find(path) {
            self.items[id].bytes = bytes;
            return (id, false);
        }
        let (folder, name) = path.rsplit_once('/').unwrap();
        let parent = match folder {
            "" => 0,
            _ => self
                .find(folder)
                .unwrap_or_else(|| self.put(folder, None).0),
        };
        (self.add(parent, name, bytes), true)
    }

    fn path(&self, id: usize) -> String {
        match id {
            0 => String::new(),
            _ => format!(
                "{}/{}",
                self.path(self.items[id].parent),
                self.items[id].name
            ),
        }
    }

    fn below(&self, id: usize) -> Vec<usize> {
        let mut all = Vec::new();
        for child in self.children(id) {
            all.push(child);
            all.extend(self.below(child));
        }
        all
    }

    fn content(&self, id: usize, asked: &Asked) -> Answer {
        let bytes = self.items[id].bytes.clone().unwrap();
        let Some(range) = asked.header("range").strip_prefix("bytes=") else {
            return Answer::status(200).with_body(bytes);
        };
        let (from, to) = range.split_once('-').unwrap();
        let from: usize = from.parse().unwrap();
        let to = to.parse().map_or(bytes.len(), |to: usize| to + 1);
        if from >= bytes.len() {
            return Answer::status(416);
        }
        let to = to.min(bytes.len());
        let told = format!("bytes {from}-{}/{}", to - 1, bytes.len());
        Answer::status(206)
            .with("content-range", told)
            .with_body(bytes[from..to].to_vec())
    }

    /// The first page and where the rest is kept.
    fn page(&mut self, mut ids: Vec<usize>) -> (Vec<usize>, Option<String>) {
        if ids.len() <= PAGE {
            return (ids, None);
        }
        let rest = ids.split_off(PAGE);
        let cursor = format!("c{}", self.cursors.len());
        self.cursors.insert(cursor.clone(), rest);
        (ids, Some(cursor))
    }

    fn dropbox(&mut self, asked: &Asked) -> Answer {
        let no = |summary: &str| Answer::json(409, &json!({"error_summary": summary, "error": {}}));
        let content = asked.host == "content.dropboxapi.com";
        let arg: Value = if content {
            serde_json::from_str(asked.header("dropbox-api-arg")).unwrap()
        } else {
            asked.json()
        };
        let path = arg["path"].as_str().unwrap_or_default();
        let found = self.find(path);
        match asked.path() {
            "/2/files/upload" if self.full => no("path/insufficient_space/.."),
            "/2/files/upload" => {
                let (id, _) = self.put(path, Some(asked.body.clone()));
                Answer::json(200, &self.dropbox_item(id))
            }
            "/2/files/download" => {
                let kind = asked.header("content-type");
                assert!(matches!(kind, "" | "application/octet-stream"), "{kind}");
                match found {
                    Some(id) => self.content(id, asked),
                    None => no("path/not_found/.."),
                }
            }
            "/2/files/get_metadata" => match found {
                Some(id) => Answer::json(200, &self.dropbox_item(id)),
                None => no("path/not_found/."),
            },
            "/2/files/create_folder_v2" if found.is_some() => no("path/conflict/folder/."),
            "/2/files/create_folder_v2" => {
                let (id, _) = self.put(path, None);
                Answer::json(200, &json!({"metadata": self.dropbox_item(id)}))
            }
            "/2/files/delete_v2" => match found {
                Some(id) => {
                    self.items[id].gone = true;
                    Answer::json(200, &json!({"metadata": {}}))
                }
                None => no("path_lookup/not_found/."),
            },
            "/2/files/list_folder" => match found {
                Some(id) if arg["recursive"] == true => self.dropbox_page(self.below(id)),
                Some(id) => self.dropbox_page(self.children(id)),
                None => no("path/not_found/."),
            },
            "/2/files/list_folder/continue" => {
                let rest = self.cursors.remove(arg["cursor"].as_str().unwrap());
                self.dropbox_page(rest.unwrap())
            }
            path => panic!("not Dropbox: {path}"),
        }
    }

    fn dropbox_page(&mut self, ids: Vec<usize>) -> Answer {
        let (ids, cursor) = self.page(ids);
        let entries: Vec<Value> = ids.iter().map(|id| self.dropbox_item(*id)).collect();
        let more = cursor.is_some();
        let cursor = cursor.unwrap_or_else(|| "end".into());
        Answer::json(
            200,
            &json!({"entries": entries, "cursor": cursor, "has_more": more}),
        )
    }

    fn dropbox_item(&self, id: usize) -> Value {
        let (item, path) = (&self.items[id], self.path(id));
        let mut told = json!({
            "name": item.name, "id": format!("id:{id}"),
            "path_display": path, "path_lower": path.to_lowercase(),
        });
        match &item.bytes {
            None => told[".tag"] = json!("folder"),
            Some(bytes) => {
                told[".tag"] = json!("file");
                told["size"] = json!(bytes.len());
                told["client_modified"] = json!(TIME);
                told["server_modified"] = json!(TIME);
                told["rev"] = json!("1");
            }
        }
        told
    }

    fn google(&mut self, asked: &Asked) -> Answer {
        let path = asked.path().to_owned();
        let id: Option<usize> = path.rsplit('/').next().and_then(|id| id.parse().ok());
        let known = id.filter(|id| *id < self.items.len());
        let missing = || {
            Answer::json(
                404,
                &json!({"error": {"code": 404, "message": "File not found"}}),
            )
        };
        let upload = path.starts_with("/upload/");
        if upload && self.full {
            let message = "The user's Drive storage quota has been exceeded.";
            let errors = json!([{"reason": "storageQuotaExceeded"}]);
            let error = json!({"error": {"code": 403, "message": message, "errors": errors}});
            return Answer::json(403, &error);
        }
        match (asked.method.as_str(), id.is_some()) {
            ("GET", false) => self.google_list(asked),
            ("POST", false) if upload => {
                let (meta, bytes) = parts(asked);
                self.google_new(&meta, Some(bytes))
            }
            ("POST", false) => self.google_new(&asked.json(), None),
            (method, true) => {
                let Some(id) = known else { return missing() };
                match method {
                    "GET" if asked.query("alt") == "media" => self.content(id, asked),
                    "PATCH" if upload => {
                        self.items[id].bytes = Some(asked.body.clone());
                        Answer::json(200, &self.google_item(id))
                    }
                    "PATCH" => {
                        assert_eq!(asked.json()["trashed"], true);
                        self.items[id].gone = true;
                        Answer::json(200, &self.google_item(id))
                    }
                    _ => Answer::json(200, &self.google_item(id)),
                }
            }
            other => panic!("not Google Drive: {other:?} {path}"),
        }
    }

    fn google_new(&mut self, meta: &Value, bytes: Option<Vec<u8>>) -> Answer {
        let parent = google_id(meta["parents"][0].as_str().unwrap());
        let id = self.add(parent, meta["name"].as_str().unwrap(), bytes);
        Answer::json(200, &self.google_item(id))
    }

    fn google_list(&mut self, asked: &Asked) -> Answer {
        let token = asked.query("pageToken");
        let ids = if token.is_empty() {
            // Quotes in names are escaped.
            let q = asked.query("q").replace("\\'", "\0");
            assert!(q.contains("trashed = false"), "{q}");
            let quoted: Vec<&str> = q.split('\'').collect();
            let named = q
                .strip_prefix("name = '")
                .and_then(|q| q.split('\'').next());
            let named = named.map(|name| name.replace('\0', "'"));
            // What stands before ` in parents`.
            let parents = quoted
                .windows(2)
                .filter(|w| w[1].starts_with(" in parents"));
            let mut ids: Vec<usize> = parents
                .flat_map(|w| self.children(google_id(w[0])))
                .collect();
            ids.retain(|id| {
                named
                    .as_ref()
                    .is_none_or(|name| self.items[*id].name == *name)
            });
            ids.retain(|id| !q.contains(FOLDER) || self.items[*id].bytes.is_none());
            ids
        } else {
            self.cursors.remove(&token).unwrap()
        };
        let (ids, cursor) = self.page(ids);
        let files: Vec<Value> = ids.iter().map(|id| self.google_item(*id)).collect();
        let mut told = json!({"files": files});
        if let Some(cursor) = cursor {
            told["nextPageToken"] = json!(cursor);
        }
        Answer::json(200, &told)
    }

    fn google_item(&self, id: usize) -> Value {
        let item = &self.items[id];
        let parent = match item.parent {
            0 => "root".to_owned(),
            parent => parent.to_string(),
        };
        let mut told = json!({
            "id": id.to_string(), "name": item.name, "modifiedTime": TIME, "parents": [parent],
            "mimeType": if item.bytes.is_some() { "application/octet-stream" } else { FOLDER },
        });
        if let Some(bytes) = &item.bytes {
            told["size"] = json!(bytes.len().to_string());
        }
        told
    }

    fn onedrive(&mut self, asked: &Asked) -> Answer {
        let missing = || Answer::json(404, &json!({"error": {"code": "itemNotFound"}}));
        let below = asked.path().strip_prefix("/v1.0/me/drive/root").unwrap();
        let below = percent_decoded(below.strip_prefix(':').unwrap_or(below));
        let (path, verb) = below.split_once(":/").unwrap_or((&below, ""));
        let found = self.find(path);
        match (asked.method.as_str(), verb) {
            ("PUT" | "POST", _) if self.full => {
                Answer::json(507, &json!({"error": {"code": "insufficientStorage"}}))
            }
            ("PUT", "content") => {
                let (id, new) = self.put(path, Some(asked.body.clone()));
                Answer::json(if new { 201 } else { 200 }, &self.onedrive_item(id))
            }
            ("POST", "createUploadSession") => {
                self.uploads.push((path.to_owned(), Vec::new()));
                let url = format!("https://up.1drv.example/{}", self.uploads.len() - 1);
                Answer::json(200, &json!({"uploadUrl": url, "expirationDateTime": TIME}))
            }
            ("DELETE", "") => match found {
                Some(id) => {
                    self.items[id].gone = true;
                    Answer::status(204)
                }
                None => missing(),
            },
            ("GET", verb) => {
                let Some(id) = found else { return missing() };
                match verb {
                    "" => Answer::json(200, &self.onedrive_item(id)),
                    "content" => Answer::status(302)
                        .with("location", format!("https://files.1drv.example/{id}")),
                    "children" => self.onedrive_page(asked, id),
                    other => panic!("not OneDrive: {other}"),
                }
            }
            other => panic!("not OneDrive: {other:?}"),
        }
    }

    fn onedrive_page(&mut self, asked: &Asked, id: usize) -> Answer {
        let token = asked.query("$skiptoken");
        let ids = match token.as_str() {
            "" => self.children(id),
            token => self.cursors.remove(token).unwrap(),
        };
        let (ids, cursor) = self.page(ids);
        let value: Vec<Value> = ids.iter().map(|id| self.onedrive_item(*id)).collect();
        let mut told = json!({"value": value});
        if let Some(cursor) = cursor {
            let url = format!("https://{}{}?$skiptoken={cursor}", asked.host, asked.path());
            told["@odata.nextLink"] = json!(url);
        }
        Answer::json(200, &told)
    }

    /// The hosts that are told nothing but the address.
    fn onedrive_file(&mut self, asked: &Asked) -> Answer {
        let at: usize = asked.path()[1..].parse().unwrap();
        if asked.host.starts_with("files") {
            return self.content(at, asked);
        }
        let range = asked.header("content-range").to_owned();
        let (piece, whole) = range
            .strip_prefix("bytes ")
            .unwrap()
            .split_once('/')
            .unwrap();
        let from: usize = piece.split('-').next().unwrap().parse().unwrap();
        let (path, bytes) = &mut self.uploads[at];
        assert_eq!(bytes.len(), from);
        bytes.extend_from_slice(&asked.body);
        if bytes.len() < whole.parse().unwrap() {
            return Answer::json(202, &json!({"nextExpectedRanges": []}));
        }
        let (path, bytes) = (path.clone(), bytes.clone());
        let (id, new) = self.put(&path, Some(bytes));
        Answer::json(if new { 201 } else { 200 }, &self.onedrive_item(id))
    }

    fn onedrive_item(&self, id: usize) -> Value {
        let item = &self.items[id];
        let parent = self.path(item.parent);
        let mut told = json!({
            "id": format!("A!{id}"), "name": item.name, "lastModifiedDateTime": TIME,
            "eTag": "\"1\"", "size": item.bytes.as_ref().map_or(0, Vec::len),
            "parentReference": {
                "path": format!("/drive/root:{parent}"), "driveId": "A", "id": "A!0",
            },
        });
        match item.bytes {
            Some(_) => told["file"] = json!({"mimeType": "application/octet-stream"}),
            None => told["folder"] = json!({"childCount": self.children(id).len()}),
        }
        told
    }
}

fn google_id(text: &str) -> usize {
    match text {
        "root" => 0,
        id => id.parse().unwrap(),
    }
}

/// The metadata and the content of a multipart upload.
fn parts(asked: &Asked) -> (Value, Vec<u8>) {
    let kind = asked.header("content-type");
    let (_, boundary) = kind.split_once("boundary=").unwrap();
    let line = format!("\r\n--{}", boundary.trim_matches('"'));
    let body = [b"\r\n", asked.body.as_slice()].concat();
    let find = |hay: &[u8], what: &[u8]| hay.windows(what.len()).position(|w| w == what);
    let mut found = Vec::new();
    let mut rest = body.as_slice();
    while let Some(at) = find(rest, line.as_bytes()) {
        rest = &rest[at + line.len()..];
        let Some(end) = find(rest, line.as_bytes()) else {
            break;
        };
        let part = &rest[..end];
        let start = find(part, b"\r\n\r\n").unwrap() + 4;
        found.push(part[start..].to_vec());
    }
    let [meta, bytes] = found.try_into().unwrap();
    (serde_json::from_slice(&meta).unwrap(), bytes)
}

fn percent_decoded(text: &str) -> String {
    let text = text.replace('+', "%2B");
    let mut pairs = url::form_urlencoded::parse(text.as_bytes());
    pairs
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}
