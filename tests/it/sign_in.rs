//! Signing in by browser at a service on this machine: yes, no, answers of others, time-out,
//! cancel, tokens that end and are renewed. And logins at a sync server one after the other.

use crate::fake_clouds::{FIRST_GRANT, FakeCloud};
use crate::fake_http::{Answer, Asked, Led, serve};
use crate::service_story::{NOON, World};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engram::backup::mail::MailSettings;
use engram::base::job::Progress;
use engram::base::time::{Clock, TimestampMillis};
use engram::base::{Error, ErrorKind, Secret};
use engram::net::oauth::{Client, Grant, Keep, Provider, Redirect, Session, SignIn};
use engram::net::{Body, Call, Http, Transport as _};
use engram::secrets::{InMemory, Secrets};
use engram::service::event::{BackupEvent, Event};
use engram::service::mail::{MailEvent, MailRequest, NewMail};
use engram::service::profiles::DataFolder;
use engram::service::request::{ProfileRequest, Request};
use engram::service::sync::{Login, SyncEvent, SyncRequest};
use engram::service::vaults::{
    Cloud, Destination, NewPlace, SignInAsked, VaultEvent, VaultRequest,
};
use engram::service::{ServiceConfig, ServiceHandle};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::io::Read as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use url::Url;

const PROVIDER: Provider = Provider {
    name: "The Cloud",
    authorize: "https://cloud.example/authorize",
    token: "https://api.cloud.example/token",
    scope: "files",
    extra: &[],
    redirect: Redirect {
        host: "127.0.0.1",
        port: 0,
        path: "/",
    },
};

fn client() -> Client {
    Client {
        id: "app".into(),
        secret: Some(Secret::new("no secret")),
    }
}

/// What a browser gets at an address.
fn browse(url: &str) -> (u16, String) {
    let call = Call {
        method: "GET",
        url,
        headers: &[],
        body: Body::None,
    };
    let mut reply = Http::new().send(call).unwrap();
    let mut text = String::new();
    reply.body.read_to_string(&mut text).unwrap();
    (reply.status, text)
}

/// The address to come back to and the state, from the page.
fn back(page: &str) -> (String, String) {
    let page = Url::parse(page).unwrap();
    let value = |wanted: &str| {
        let mut pairs = page.query_pairs();
        pairs
            .find(|(name, _)| name == wanted)
            .unwrap()
            .1
            .into_owned()
    };
    assert_eq!(value("code_challenge_method"), "S256");
    (value("redirect_uri"), value("state"))
}

/// A service that gives a token for the code "good" when the verifier fits the challenge.
fn service(page: &str) -> u16 {
    let page = Url::parse(page).unwrap();
    let challenge = page.query_pairs().find(|(n, _)| n == "code_challenge");
    let challenge = challenge.unwrap().1.into_owned();
    serve(move |asked: &Asked| {
        let fits = URL_SAFE_NO_PAD.encode(Sha256::digest(asked.form("code_verifier"))) == challenge;
        let known = asked.form("client_id") == "app" && asked.form("client_secret") == "no secret";
        let there = asked.host == "api.cloud.example" && asked.path() == "/token";
        if there && fits && known && asked.form("code") == "good" {
            let tokens = json!({"access_token": "a", "refresh_token": "lasting", "expires_in": 9});
            Answer::json(200, &tokens)
        } else {
            Answer::json(400, &json!({"error": "invalid_grant"}))
        }
    })
}

/// Signs in while `browser` does what it does with the address to come back to and the state.
fn sign_in(browser: impl FnOnce(&str, &str) + Send) -> engram::base::Result<Grant> {
    let begun = SignIn::begin(&PROVIDER, &client()).unwrap();
    let page = begun.page();
    let net = Led::to(service(&page));
    let (back, state) = back(&page);
    std::thread::scope(|scope| {
        scope.spawn(move || browser(&back, &state));
        begun.wait(&net, &Progress::new())
    })
}

#[test]
fn yes_gives_a_lasting_grant_and_a_page_that_says_so() {
    let grant = sign_in(|back, state| {
        assert_eq!(browse(&format!("{back}favicon.ico")).0, 404);
        let (status, page) = browse(&format!("{back}?code=good&state={state}"));
        assert_eq!(status, 200);
        assert!(page.contains("You are signed in"), "{page}");
    });
    let grant = grant.unwrap();
    assert_eq!(grant.refresh, Secret::new("lasting"));
    assert_eq!(grant.client_secret, Some(Secret::new("no secret")));
}

#[test]
fn an_answer_with_another_state_is_not_taken() {
    let grant = sign_in(|back, state| {
        for foreign in [
            "?code=bad&state=x",
            "?code=bad",
            "?error=access_denied&state=x",
        ] {
            let (status, page) = browse(&format!("{back}{foreign}"));
            assert_eq!(status, 400);
            assert!(page.contains("another sign-in"), "{page}");
        }
        browse(&format!("{back}?code=good&state={state}"));
    });
    assert!(grant.is_ok());
}

#[test]
fn no_and_a_bad_code_are_told_apart_and_said_in_the_browser() {
    let error = sign_in(|back, state| {
        let (_, page) = browse(&format!("{back}?error=access_denied&state={state}"));
        assert!(page.contains("not let in"), "{page}");
    });
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignedOut);
    assert!(error.what().contains("not to let Engram in"), "{error}");
    let error = sign_in(|back, state| {
        let (_, page) = browse(&format!("{back}?code=bad&state={state}"));
        assert!(page.contains("did not work"), "{page}");
    });
    assert!(error.unwrap_err().what().contains("not valid any more"));
}

#[test]
fn nobody_at_the_browser_and_a_cancel_end_it() {
    let begin = || SignIn::begin(&PROVIDER, &client()).unwrap();
    let short = begin().for_at_most(Duration::from_millis(100));
    let error = short.wait(&Http::new(), &Progress::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignedOut);
    let progress = Progress::new();
    let error = std::thread::scope(|scope| {
        let waits = begin();
        let waiting = scope.spawn(|| waits.wait(&Http::new(), &progress));
        progress.cancel();
        waiting.join().unwrap().unwrap_err()
    });
    assert!(error.is_interrupted());
}

#[test]
fn a_network_that_is_away_is_the_network() {
    let begun = SignIn::begin(&PROVIDER, &client()).unwrap();
    let (back, state) = back(&begun.page());
    let error = std::thread::scope(|scope| {
        scope.spawn(move || browse(&format!("{back}?code=good&state={state}")));
        begun.wait(&Led::to(9), &Progress::new()).unwrap_err()
    });
    assert_eq!(error.kind(), ErrorKind::Network, "{error}");
}

#[test]
fn a_token_is_renewed_before_it_ends_when_refused_and_a_new_grant_is_kept() {
    let count = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&count);
    let port = serve(move |asked: &Asked| {
        let n = counted.fetch_add(1, Ordering::SeqCst);
        let expected = if n == 0 { "first" } else { "second" };
        if asked.form("refresh_token") != expected || n == 3 {
            return Answer::json(400, &json!({"error": "invalid_grant"}));
        }
        let tokens = json!({
            "access_token": format!("access {n}"),
            "refresh_token": "second",
            "expires_in": 3600,
        });
        Answer::json(200, &tokens)
    });
    let clock = Clock::fixed(TimestampMillis(1_000_000), 0);
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keeps = Arc::clone(&kept);
    let session = Session::new(
        PROVIDER,
        "app",
        &Grant::of(&Secret::new("first")),
        Arc::new(Led::to(port)),
        clock.clone(),
        Some(Arc::new(move |grant: &Secret| {
            keeps.lock().unwrap().push(grant.clone());
            Ok(())
        })),
    );
    let token = |refused: Option<&str>| session.token(refused.map(Secret::new).as_ref());
    assert_eq!(token(None).unwrap(), Secret::new("access 0"));
    assert_eq!(token(None).unwrap(), Secret::new("access 0"));
    assert_eq!(token(Some("access 0")).unwrap(), Secret::new("access 1"));
    // Another request found out first.
    assert_eq!(token(Some("access 0")).unwrap(), Secret::new("access 1"));
    clock.advance_millis(3_500_000);
    assert_eq!(token(None).unwrap(), Secret::new("access 2"));
    clock.advance_millis(3_600_000);
    assert_eq!(token(None).unwrap_err().kind(), ErrorKind::SignedOut);
    let kept = kept.lock().unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(Grant::of(&kept[0]).refresh, Secret::new("second"));
}

/// Gives the grant "renewed", once, and after that tokens alone.
fn renewing(keep: Keep) -> Session {
    let port = serve(|asked: &Asked| match &*asked.form("refresh_token") {
        "first" => Answer::json(
            200,
            &json!({"access_token": "a", "refresh_token": "renewed"}),
        ),
        _ => Answer::json(200, &json!({"access_token": "b"})),
    });
    Session::new(
        PROVIDER,
        "app",
        &Grant::of(&Secret::new("first")),
        Arc::new(Led::to(port)),
        Clock::System,
        Some(keep),
    )
}

#[test]
fn a_new_grant_that_could_not_be_kept_is_kept_at_the_next_renewal_or_at_the_end() {
    for renewals in [1, 2] {
        let tries = Arc::new(Mutex::new(Vec::new()));
        let tried = Arc::clone(&tries);
        let session = renewing(Arc::new(move |grant: &Secret| {
            let mut tries = tried.lock().unwrap();
            tries.push(Grant::of(grant).refresh);
            match tries.len() {
                1 => Err(engram::base::Error::invalid("the keychain is locked")),
                _ => Ok(()),
            }
        }));
        assert_eq!(session.token(None).unwrap(), Secret::new("a"));
        if renewals == 2 {
            assert_eq!(
                session.token(Some(&Secret::new("a"))).unwrap(),
                Secret::new("b")
            );
        }
        let before_end = tries.lock().unwrap().len();
        assert_eq!(before_end, renewals);
        drop(session);
        assert_eq!(
            *tries.lock().unwrap(),
            [Secret::new("renewed"), Secret::new("renewed")]
        );
    }
}

/// What the browser is told and what comes of the sign-in are the same, whenever it is cancelled.
#[test]
fn a_cancel_comes_before_the_end_or_after_it() {
    for in_time in [true, false] {
        let begun = SignIn::begin(&PROVIDER, &client()).unwrap();
        let (back, state) = back(&begun.page());
        let progress = Progress::new();
        let cancels = progress.clone();
        let port = serve(move |_: &Asked| {
            if in_time {
                cancels.cancel();
            }
            Answer::json(200, &json!({"access_token": "a", "refresh_token": "r"}))
        });
        let (grant, page) = std::thread::scope(|scope| {
            let url = format!("{back}?code=good&state={state}");
            let browser = scope.spawn(move || browse(&url).1);
            let grant = begun.wait(&Led::to(port), &progress);
            (grant, browser.join().unwrap())
        });
        if in_time {
            assert!(grant.unwrap_err().is_interrupted());
            assert!(page.contains("did not work"), "{page}");
        } else {
            assert_eq!(grant.unwrap().refresh, Secret::new("r"));
            assert!(page.contains("You are signed in"), "{page}");
            progress.cancel();
            assert!(progress.check().is_ok(), "too late");
        }
    }
}

/// A keychain that asks its user, who takes a while.
struct Asking {
    secrets: InMemory,
    asks: crossbeam_channel::Sender<()>,
    answers: crossbeam_channel::Receiver<()>,
}

impl Secrets for Asking {
    fn get(&self, name: &str) -> engram::base::Result<Option<String>> {
        self.asks.send(()).unwrap();
        self.answers.recv().unwrap();
        self.secrets.get(name)
    }

    fn set(&self, name: &str, secret: &str) -> engram::base::Result<()> {
        self.secrets.set(name, secret)
    }

    fn remove(&self, name: &str) -> engram::base::Result<()> {
        self.secrets.remove(name)
    }
}

/// The next event of a sign-in: its number, and the page or how it ended.
fn told(service: &ServiceHandle) -> (u64, String) {
    let mut events = std::iter::from_fn(|| service.wait_event(Duration::from_secs(30)));
    let found = events.find_map(|event| match event {
        Event::Vault(VaultEvent::SignInAt { number, page }) => Some((number, page)),
        Event::Vault(VaultEvent::SignedIn { number, .. }) => Some((number, "in".to_owned())),
        Event::Vault(VaultEvent::NotSignedIn { number, message }) => Some((number, message.cause)),
        _ => None,
    });
    found.expect("an event of a sign-in")
}

#[test]
fn a_sign_in_that_is_given_up_while_the_keychain_asks_ends_and_the_next_one_follows() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = FakeCloud::start();
    let (asks, asked) = crossbeam_channel::unbounded();
    let (answer, answers) = crossbeam_channel::unbounded();
    let keychain = Arc::new(Asking {
        secrets: InMemory::default(),
        asks,
        answers,
    });
    let service = ServiceHandle::spawn(ServiceConfig {
        secrets: keychain.clone(),
        net: Arc::new(cloud.net()),
        ..ServiceConfig::without_keychain(DataFolder::at(folder.path().to_owned()))
    })
    .unwrap();
    let place = Destination::at_cloud(Cloud::GoogleDrive, "Engram", "app");
    let send = |request| assert!(service.request(Request::Vault(request)));
    let sign_in = |number, secret: &str| {
        send(VaultRequest::SignIn(SignInAsked {
            number,
            address: place.to_string(),
            client_secret: Secret::new(secret),
            again: true,
        }));
    };
    sign_in(1, "");
    asked.recv().unwrap();
    send(VaultRequest::CancelSignIn { number: 1 });
    sign_in(2, "GOCSPX-1");
    // Two do not wait for one.
    sign_in(3, "GOCSPX-1");
    let (number, why) = told(&service);
    assert_eq!(number, 3);
    assert!(why.to_lowercase().contains("another sign-in"), "{why}");
    answer.send(()).unwrap();
    assert_eq!(told(&service).0, 1, "without a page");
    let (number, page) = told(&service);
    assert_eq!(number, 2);
    let (back, state) = back(&page);
    assert_eq!(browse(&format!("{back}?code=good&state={state}")).0, 200);
    // Nobody waits for the end of another one.
    send(VaultRequest::CancelSignIn { number: 1 });
    assert_eq!(told(&service), (2, "in".to_owned()));
    let kept = keychain.secrets.get(&place.account_name()).unwrap();
    let grant = Grant::of(&Secret::new(kept.unwrap()));
    assert_eq!(grant.refresh, Secret::new(FIRST_GRANT));
    // Cancelled before it began, it says so at once.
    sign_in(4, "");
    asked.recv().unwrap();
    send(VaultRequest::CancelSignIn { number: 4 });
    sign_in(5, "");
    send(VaultRequest::CancelSignIn { number: 5 });
    assert_eq!(told(&service).0, 5);
    answer.send(()).unwrap();
    assert_eq!(told(&service).0, 4);
}

/// A sync server that lets everybody in.
struct Welcoming;

impl engram::net::Transport for Welcoming {
    fn send(&self, _: Call<'_>) -> engram::base::Result<engram::net::Reply> {
        let answer = br#"{"key":"k"}"#;
        let packed = zstd::encode_all(&answer[..], 0).unwrap();
        Ok(engram::net::Reply {
            status: 200,
            headers: vec![("anki-original-size".to_owned(), answer.len().to_string())],
            body: Box::new(std::io::Cursor::new(packed)),
        })
    }
}

/// A keychain that takes its time over the login of `first`: until that of another one is kept,
/// or for a second.
struct Slow {
    secrets: InMemory,
    begun: crossbeam_channel::Sender<()>,
    other: (
        crossbeam_channel::Sender<()>,
        crossbeam_channel::Receiver<()>,
    ),
    done: crossbeam_channel::Sender<&'static str>,
}

impl Secrets for Slow {
    fn get(&self, name: &str) -> engram::base::Result<Option<String>> {
        self.secrets.get(name)
    }

    fn set(&self, name: &str, secret: &str) -> engram::base::Result<()> {
        let is_first = secret.contains("first");
        if is_first {
            self.begun.send(()).unwrap();
            let _ = self.other.1.recv_timeout(Duration::from_secs(1));
        }
        self.secrets.set(name, secret)?;
        if !is_first {
            self.other.0.send(()).unwrap();
        }
        let what = if is_first { "keep 1" } else { "keep 2" };
        self.done.send(what).unwrap();
        Ok(())
    }

    fn remove(&self, name: &str) -> engram::base::Result<()> {
        self.secrets.remove(name)?;
        self.done.send("take back").unwrap();
        Ok(())
    }
}

/// With her profile open; every server welcomes her.
fn with_ana(secrets: Arc<dyn Secrets>) -> World {
    let dir = tempfile::tempdir().unwrap();
    let data = DataFolder::at(dir.path().join("data"));
    let clock = Clock::fixed(NOON, 0);
    let worker = ServiceHandle::spawn(ServiceConfig {
        secrets,
        net: Arc::new(Welcoming),
        clock: clock.clone(),
        ..ServiceConfig::without_keychain(data)
    })
    .unwrap();
    let world = World { dir, clock, worker };
    world.send(Request::Profile(ProfileRequest::Create {
        name: "Ana".into(),
        with_sample: false,
    }));
    world.opened();
    world
}

#[test]
fn a_login_waits_until_a_cancelled_one_has_left_the_keychain() {
    let (begun, begins) = crossbeam_channel::unbounded();
    let (done, ended) = crossbeam_channel::unbounded();
    let keychain = Arc::new(Slow {
        secrets: InMemory::default(),
        begun,
        other: crossbeam_channel::unbounded(),
        done,
    });
    let world = with_ana(keychain.clone());
    let log_in = |user: &str| {
        world.send(Request::Sync(SyncRequest::LogIn(Login {
            server: "https://sync.example/".into(),
            user: user.into(),
            password: Secret::new("p"),
            remember: true,
            then_sync: false,
        })));
    };
    log_in("first");
    begins.recv_timeout(Duration::from_secs(30)).unwrap();
    world.send(Request::Sync(SyncRequest::StopLogIn));
    log_in("second");
    let user = world.wait("a login", |e| match e {
        Event::Sync(SyncEvent::LoggedIn { user }) => Some(user.clone()),
        _ => None,
    });
    assert_eq!(user, "second");
    let next = |_| ended.recv_timeout(Duration::from_secs(30)).unwrap();
    let order: Vec<&str> = (0..3).map(next).collect();
    assert_eq!(order, ["keep 1", "take back", "keep 2"]);
    let kept = keychain.secrets.get("sync of Ana").unwrap();
    assert!(kept.unwrap().contains("second"));
}

/// A system without a keychain, as small ones are.
struct NoKeychain;

impl NoKeychain {
    fn error() -> Error {
        Error::new(
            ErrorKind::NoKeychain,
            "this system has no keychain to keep passwords in",
        )
    }
}

impl Secrets for NoKeychain {
    fn get(&self, _: &str) -> engram::base::Result<Option<String>> {
        Err(Self::error())
    }

    fn set(&self, _: &str, _: &str) -> engram::base::Result<()> {
        Err(Self::error())
    }

    fn remove(&self, _: &str) -> engram::base::Result<()> {
        Err(Self::error())
    }
}

fn asks(world: &World, request: VaultRequest) {
    world.send(Request::Vault(request));
}

/// Adds the place, or gives its password once more; whether a vault was made there.
fn add_place(world: &World, address: &str) -> bool {
    asks(
        world,
        VaultRequest::Add(NewPlace {
            address: address.to_owned(),
            account: Secret::default(),
            password: Secret::new("four words or five"),
        }),
    );
    world.wait("the place", |e| match e {
        Event::Vault(VaultEvent::Added { made, .. }) => Some(*made),
        _ => None,
    })
}

fn saves(world: &World, address: &str) {
    let address = address.to_owned();
    asks(world, VaultRequest::Push { address });
    world.wait("a copy", |e| {
        matches!(e, Event::Vault(VaultEvent::Pushed { .. })).then_some(())
    });
}

#[test]
fn without_a_keychain_the_password_of_a_copy_is_known_until_the_end() {
    let world = with_ana(Arc::new(NoKeychain));
    let place = world.dir.path().join("vault");
    let address = place.to_str().unwrap();
    assert!(add_place(&world, address));
    world.wait("that it is not kept", |e| match e {
        Event::Notice(words) => words.contains("no keychain").then_some(()),
        _ => None,
    });
    saves(&world, address);
}

#[test]
fn mail_is_not_set_up_while_no_keychain_has_what_was_not_typed() {
    let world = with_ana(Arc::new(NoKeychain));
    let settings = MailSettings {
        host: "localhost".into(),
        to: vec!["bob@localhost".into()],
        days: 1,
        ..MailSettings::default()
    };
    world.send(Request::Mail(MailRequest::SetUp(Box::new(NewMail {
        settings,
        server_password: None,
        backup_password: None,
    }))));
    let why = world.wait("why not", |e| match e {
        Event::Mail(MailEvent::NotSetUp(message)) => Some(message.cause.clone()),
        _ => None,
    });
    assert!(why.contains("set mail up again"), "{why}");
}

#[test]
fn a_place_whose_password_is_not_known_any_more_is_given_it_by_adding_it_again() {
    let world = with_ana(Arc::new(InMemory::default()));
    let place = world.dir.path().join("vault");
    let address = place.to_str().unwrap().to_owned();
    assert!(add_place(&world, &address));
    let (dir, clock) = world.shut_down();
    // Its keychain is empty.
    let world = World::again(dir, clock);
    world.opened();
    let mut times = 0;
    while times < 3 {
        let address = address.clone();
        asks(&world, VaultRequest::Push { address });
        let failed = world.wait("why not", |e| match e {
            Event::Vault(VaultEvent::Places(places)) => {
                let place = places.first().filter(|place| !place.busy)?;
                let failure = place.entry.failure.as_ref();
                failure.filter(|f| f.times > times).cloned()
            }
            _ => None,
        });
        times = failed.times;
        let why = failed.what;
        assert!(why.contains("add the place again"), "{why}");
    }
    let told = world.wait("that nothing comes there", |e| match e {
        Event::Backup(BackupEvent::Status(status)) => status.elsewhere.clone(),
        _ => None,
    });
    assert!(told.contains("vault"), "{told}");
    assert!(!add_place(&world, &address), "the vault that is there");
    asks(&world, VaultRequest::List);
    let places = world.wait("the list", |e| match e {
        Event::Vault(VaultEvent::Places(places)) => Some(places.clone()),
        _ => None,
    });
    assert_eq!(places.len(), 1);
    assert!(places[0].entry.failure.is_none(), "it waits for nothing");
    saves(&world, &address);
}
