//! The vault at Dropbox, Google Drive and OneDrive, played on this machine: everything a user does,
//! tokens that end, a service that is busy, full, or does not know us any more.

use crate::fake_clouds::{FIRST_GRANT, FakeCloud, port_of_dropbox};
use crate::vault_folder::{Saved, assert_same_media, noise};
use engram::backup::entry::Rules;
use engram::backup::vault::retention::{Keep, Retention};
use engram::backup::vault::tidy::Wanted;
use engram::backup::vault::{Destination, Opened, Patience, Setting, Vault, push, restore, tidy};
use engram::base::job::Progress;
use engram::base::time::{Clock, Stopwatch};
use engram::base::{ErrorKind, Result, Secret};
use engram::net::oauth::Grant;
use engram::net::{Body, Call, Http, Transport as _};
use engram::storage::snapshot::FrozenFile;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use url::Url;

const PLACES: [&str; 3] = [
    "dropbox://Engram/Ann's cards?client=app",
    "gdrive://Engram/Ann's cards?client=app",
    "onedrive://Engram/Ann's cards?client=app",
];

fn setting(cloud: &FakeCloud, place: &str) -> Setting {
    Setting {
        destination: place.parse::<Destination>().unwrap(),
        account: Some(Secret::new(FIRST_GRANT)),
        keep: None,
        password: Secret::new("correct horse battery"),
        opened: Opened::default(),
        net: Arc::new(cloud.net()),
        clock: Clock::System,
        progress: Progress::new(),
        patience: Patience {
            tries: 2,
            first_pause: Duration::from_millis(5),
        },
    }
}

fn push_to(vault: &Vault, dir: &Path) -> Result<push::Pushed> {
    let frozen = FrozenFile::of_closed(&dir.join("collection.anki2"))?;
    let prepared = push::Prepared::copy(dir, &frozen, &Progress::new())?;
    push::push(vault, dir, "Ann", &prepared)
}

/// Everything a user does; each step opens the vault anew, as the program does.
fn whole_story(place: &str) {
    let cloud = FakeCloud::start();
    let saved = Saved::profile();
    let (dir, media) = (
        saved.profile_dir(),
        saved.profile_dir().join("collection.media"),
    );
    // More than fits into one request at OneDrive.
    std::fs::write(media.join("long.mp3"), noise(7, 5_000_000)).unwrap();
    let mut setting = setting(&cloud, place);
    let kept = Arc::new(Mutex::new(setting.account.clone()));
    let keeps = Arc::clone(&kept);
    setting.keep = Some(Arc::new(move |grant: &Secret| {
        *keeps.lock().unwrap() = Some(grant.clone());
        Ok(())
    }));
    let open = || {
        let account = kept.lock().unwrap().clone();
        let setting = Setting {
            account,
            ..setting.clone()
        };
        setting.open()
    };
    setting.init().unwrap();
    assert_eq!(setting.init_again(&kept), ErrorKind::Taken);
    let vault = open().unwrap();
    cloud.end_token();
    cloud.state().busy = 1;
    let clock = Stopwatch::start();
    let first = push_to(&vault, &dir).unwrap();
    assert!(
        clock.elapsed() >= Duration::from_secs(1),
        "it waits as told"
    );
    assert!(first.findings.errors.is_empty(), "{:?}", first.findings);
    saved.add_note("a study day");
    let second = push_to(&open().unwrap(), &dir).unwrap();
    assert!(second.sent < 200_000, "{}", second.sent);
    let vault = open().unwrap();
    let snapshots = vault.snapshots().unwrap();
    assert_eq!(snapshots.len(), 2);
    assert!(vault.check(true).unwrap().errors.is_empty());
    let all = vault.used().unwrap();
    let wanted = Wanted {
        label: "Ann".into(),
        former: Vec::new(),
        retention: Retention {
            keep: Keep::All,
            quota: Some(all - 1),
        },
        backups: Rules::default(),
        clock: Clock::System,
    };
    let thinned = tidy::thin(&vault, &wanted).unwrap();
    assert_eq!(thinned.dropped.len(), 1);
    assert!(thinned.used < all && !thinned.above, "{thinned:?}");
    assert_eq!(thinned.used, vault.used().unwrap());
    let vault = open().unwrap();
    assert_eq!(vault.snapshots().unwrap().len(), 1);
    let findings = vault.check(true).unwrap();
    assert!(findings.errors.is_empty(), "{findings:?}");
    // On another machine.
    let other = crate::cli_commands::Cli::with_profile();
    let there = other.base().join("Ann");
    let snapshot = vault.find("latest", None).unwrap();
    restore::restore(&vault, &snapshot, &there, &Clock::System).unwrap();
    assert_eq!(other.ok(&["info"])["notes"], 501);
    assert_same_media(&there.join("collection.media"), &media);
}

trait Again {
    fn init_again(&self, kept: &Mutex<Option<Secret>>) -> ErrorKind;
}

impl Again for Setting {
    fn init_again(&self, kept: &Mutex<Option<Secret>>) -> ErrorKind {
        let account = kept.lock().unwrap().clone();
        let again = Self {
            account,
            ..self.clone()
        };
        again.init().err().unwrap().kind()
    }
}

#[test]
fn dropbox() {
    whole_story(PLACES[0]);
}

#[test]
fn google_drive() {
    whole_story(PLACES[1]);
}

#[test]
fn one_drive() {
    whole_story(PLACES[2]);
}

/// Whoever ends between a renewal and the next step still has a grant that lets them in.
#[test]
fn a_sign_in_renewed_while_sending_is_kept_before_it_is_used_and_outlives_a_failure() {
    for place in PLACES {
        let cloud = FakeCloud::start();
        cloud.state().rotates = true;
        let saved = Saved::profile();
        let kept = Arc::new(Mutex::new(Secret::new(FIRST_GRANT)));
        let (keeps, watched) = (Arc::clone(&kept), cloud.clone());
        let mut setting = setting(&cloud, place);
        setting.keep = Some(Arc::new(move |grant: &Secret| {
            let of = Grant::of(grant).refresh;
            let number = of.expose().strip_prefix("grant ").unwrap().to_owned();
            watched.state().order.push(format!("kept {number}"));
            *keeps.lock().unwrap() = grant.clone();
            Ok(())
        }));
        let open = || {
            let account = Some(kept.lock().unwrap().clone());
            let setting = Setting {
                account,
                ..setting.clone()
            };
            setting.open()
        };
        setting.init().unwrap();
        let vault = open().unwrap();
        // The token ends while it is sent, and right after the renewal it cannot be sent.
        cloud.end_token();
        cloud.state().full_after_token = true;
        let error = push_to(&vault, &saved.profile_dir()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DiskFull, "{place}: {error}");
        drop(vault);
        {
            let mut state = cloud.state();
            (state.full, state.full_after_token) = (false, false);
        }
        let again = push_to(&open().unwrap(), &saved.profile_dir()).unwrap();
        assert!(again.findings.errors.is_empty(), "{:?}", again.findings);
        let order = cloud.state().order.clone();
        let renewals = order.iter().filter(|step| step.starts_with("gave")).count();
        assert!(renewals >= 4, "{place}: {order:?}");
        for (at, step) in order.iter().enumerate() {
            if let Some(number) = step.strip_prefix("gave ") {
                let next = [format!("kept {number}"), format!("used {number}")];
                assert_eq!(order[at + 1..at + 3], next, "{place}: {order:?}");
            }
        }
    }
}

#[test]
fn a_full_service_and_an_ended_sign_in_are_told_apart() {
    for place in PLACES {
        let cloud = FakeCloud::start();
        let full = setting(&cloud, place);
        cloud.state().full = true;
        let error = full.init().err().unwrap();
        assert_eq!(error.kind(), ErrorKind::DiskFull, "{error}");
        assert!(error.what().contains("no space left at"), "{error}");

        let cloud = FakeCloud::start();
        cloud.state().refresh = "another".into();
        let error = setting(&cloud, place).open().err().unwrap();
        assert_eq!(error.kind(), ErrorKind::SignedOut, "{error}");
        assert_eq!(
            cloud.requests("/token"),
            1,
            "asked once, not again and again"
        );

        let cloud = FakeCloud::start();
        cloud.state().closed = true;
        let error = setting(&cloud, place).open().err().unwrap();
        assert_eq!(error.kind(), ErrorKind::SignedOut, "{error}");

        let mut nobody = setting(&cloud, place);
        nobody.account = None;
        assert_eq!(nobody.open().err().unwrap().kind(), ErrorKind::SignedOut);
    }
}

#[test]
fn a_service_that_stays_busy_can_be_cancelled() {
    let cloud = FakeCloud::start();
    cloud.state().busy = 1000;
    let waits = setting(&cloud, PLACES[0]);
    let progress = waits.progress.clone();
    let error = std::thread::scope(|scope| {
        let opening = scope.spawn(|| waits.open().err().unwrap());
        while cloud.requests("get_metadata") == 0 {
            std::thread::sleep(Duration::from_millis(5));
        }
        progress.cancel();
        opening.join().unwrap()
    });
    assert!(error.is_interrupted(), "{error}");
}

/// Signs in as a user does, with a browser that says yes.
#[test]
fn what_a_sign_in_gives_opens_the_vault() {
    let _port = port_of_dropbox();
    for (place, secret) in PLACES.iter().zip([None, Some("GOCSPX"), None]) {
        let cloud = FakeCloud::start();
        let mut setting = setting(&cloud, place);
        let begun = setting
            .destination
            .sign_in(secret.map(Secret::new))
            .unwrap();
        let page = Url::parse(&begun.page()).unwrap();
        assert_eq!(page.scheme(), "https");
        let value = |wanted: &str| {
            let mut pairs = page.query_pairs();
            pairs
                .find(|(name, _)| name == wanted)
                .unwrap()
                .1
                .into_owned()
        };
        let back = format!(
            "{}?code=good&state={}",
            value("redirect_uri").trim_end_matches('/'),
            value("state")
        );
        let back = back
            .replace("localhost", "127.0.0.1")
            .replacen('?', "/?", 1);
        let grant = std::thread::scope(|scope| {
            scope.spawn(move || {
                Http::new().send(Call {
                    method: "GET",
                    url: &back,
                    headers: &[],
                    body: Body::None,
                })
            });
            begun.wait(&cloud.net(), &Progress::new()).unwrap()
        });
        assert_eq!(grant.client_secret, secret.map(Secret::new));
        setting.account = Some(grant.to_text());
        assert_eq!(Grant::of(&grant.to_text()), grant);
        setting.init().unwrap();
    }
    let folder: Destination = "/mnt/usb".parse().unwrap();
    assert!(folder.sign_in(None).is_err());
    let google: Destination = PLACES[1].parse().unwrap();
    assert!(
        google
            .sign_in(None)
            .err()
            .unwrap()
            .what()
            .contains("client secret")
    );
}

/// The command line as far as it goes without the internet: up to what the browser brings.
#[test]
fn the_command_line_prints_the_page_and_tells_a_refusal() {
    let cli = crate::cli_commands::Cli::with_profile();
    let grant = cli.path("grant");
    let login = |to: &str| {
        [
            "vault",
            "login",
            "--to",
            to,
            "--account-password-file",
            &grant,
        ]
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<String>>()
    };
    let mut child = Command::new(env!("CARGO_BIN_EXE_engram-cli"))
        .args(["--json", "--base"])
        .arg(cli.base())
        .args(login("onedrive://Engram?client=app"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines();
    let page = told.find_map(|line| line.unwrap().strip_prefix("https:").map(str::to_owned));
    let page = Url::parse(&format!("https:{}", page.unwrap())).unwrap();
    assert_eq!(page.host_str(), Some("login.microsoftonline.com"));
    let value = |wanted: &str| {
        let mut pairs = page.query_pairs();
        pairs
            .find(|(name, _)| name == wanted)
            .unwrap()
            .1
            .into_owned()
    };
    assert_eq!(value("client_id"), "app");
    let back = value("redirect_uri").replace("localhost", "127.0.0.1");
    let url = format!("{back}/?error=access_denied&state={}", value("state"));
    let call = Call {
        method: "GET",
        url: &url,
        headers: &[],
        body: Body::None,
    };
    assert_eq!(Http::new().send(call).unwrap().status, 200);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["error"]["kind"], "signed-out", "{told}");
    assert!(!Path::new(&grant).exists());
    let folder = login("/mnt/usb");
    let folder: Vec<&str> = folder.iter().map(String::as_str).collect();
    assert_eq!(cli.fails(&folder), (2, "invalid-input".to_owned()));
}
