//! `sync`: the media folder and a server.

use super::args::SyncArgs;
use super::encrypted::required_password;
use super::output::{Answer, Doing as _, Failure};
use super::session::Session;
use crate::net::Http;
use crate::sync::media::{MediaWish, sync_media};
use crate::sync::{Session as Server, login};
use serde_json::json;

pub(super) fn sync(session: &Session, args: &SyncArgs) -> Result<Answer, Failure> {
    let profile = session.lock()?;
    let password = required_password(args.password_file.as_deref()).doing("log in")?;
    let http = Http::new();
    let progress = &session.progress;
    let account = login(&http, &args.server, &args.user, &password, progress).doing("log in")?;
    let server = Server::new(&http, account);
    let wish = MediaWish {
        server_usn: None,
        stop_percent: args.most_deleted,
    };
    let done = sync_media(&server, &profile.paths.collection(), wish, progress)
        .doing("sync the media files")?;
    for name in &done.skipped {
        session.warn(&format!(
            "\u{201c}{name}\u{201d} cannot travel: its name, or no or too much content"
        ));
    }
    let text = format!(
        "Media: {} uploaded, {} downloaded, {} deleted here (now in the media trash), {} deleted \
         on the server.",
        done.uploaded, done.downloaded, done.deleted_here, done.deleted_there
    );
    Ok(Answer::new(
        text,
        json!({
            "outcome": "media",
            "media": {
                "uploaded": done.uploaded,
                "downloaded": done.downloaded,
                "deleted_here": done.deleted_here,
                "deleted_there": done.deleted_there,
                "skipped": done.skipped,
            },
        }),
    ))
}
