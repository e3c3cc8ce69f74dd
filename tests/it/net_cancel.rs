//! A server that takes a connection and then says nothing: cancelling ends the waiting at once,
//! long before the stall time, and says that it was cancelled.

use engram::backup::vault::{Destination, Opened, Patience, Setting};
use engram::base::job::Progress;
use engram::base::time::{Clock, Stopwatch};
use engram::base::{ErrorKind, Secret};
use engram::net::{Body, Call, Http, http_for_job};
use engram::sync::login;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

/// The program gives a silent server a minute.
const AT_ONCE: Duration = Duration::from_secs(20);

/// Sends `first` to whoever asks, and then nothing.
struct Silent {
    listener: TcpListener,
    first: &'static [u8],
}

impl Silent {
    fn after(first: &'static [u8]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        Self { listener, first }
    }

    fn port(&self) -> u16 {
        self.listener.local_addr().unwrap().port()
    }

    /// What `work` ends with when it is cancelled while it waits.
    fn cancelled<T>(&self, progress: &Progress, work: impl FnOnce() -> T) -> T {
        let clock = Stopwatch::start();
        let done = std::thread::scope(|scope| {
            scope.spawn(|| {
                let (mut visitor, _) = self.listener.accept().unwrap();
                visitor.read_exact(&mut [0; 16]).unwrap();
                visitor.write_all(self.first).unwrap();
                std::thread::sleep(Duration::from_millis(50));
                progress.cancel();
                // The connection stays open.
                std::thread::sleep(Duration::from_millis(500));
            });
            work()
        });
        assert!(clock.elapsed() < AT_ONCE, "{:?}", clock.elapsed());
        done
    }
}

#[test]
fn waiting_for_a_server_that_never_answers_ends_with_the_job() {
    let server = Silent::after(b"");
    let progress = Progress::new();
    let net = http_for_job(&progress);
    let url = format!("http://127.0.0.1:{}", server.port());
    let password = Secret::new("pass");
    let error = server
        .cancelled(&progress, || {
            login(&*net, &url, "user", &password, &progress)
        })
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
    let again = net.send(Call {
        method: "GET",
        url: &url,
        headers: &[],
        body: Body::None,
    });
    assert_eq!(again.err().unwrap().kind(), ErrorKind::Interrupted);
}

#[test]
fn waiting_for_the_rest_of_an_answer_ends_with_the_job() {
    for first in [
        &b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"[..],
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf",
    ] {
        let server = Silent::after(first);
        let progress = Progress::new();
        let net = http_for_job(&progress);
        let url = format!("http://127.0.0.1:{}", server.port());
        let read = server.cancelled(&progress, || {
            let call = Call {
                method: "GET",
                url: &url,
                headers: &[],
                body: Body::None,
            };
            net.send(call).unwrap().body.read_to_end(&mut Vec::new())
        });
        let error = engram::base::Error::from(read.unwrap_err());
        assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
    }
}

#[test]
fn a_copy_elsewhere_that_hangs_can_be_cancelled() {
    let server = Silent::after(b"");
    let setting = Setting {
        destination: format!("webdav+http://ann@127.0.0.1:{}/engram", server.port())
            .parse::<Destination>()
            .unwrap(),
        account: Some(Secret::new("x")),
        keep: None,
        password: Secret::new("secret"),
        opened: Opened::default(),
        net: Arc::new(Http::new()),
        clock: Clock::System,
        progress: Progress::new(),
        patience: Patience::default(),
    };
    let progress = setting.progress.clone();
    let error = server.cancelled(&progress, || setting.open().err().unwrap());
    assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
}
