//! Encrypted files that are damaged or made to harm: every one is refused with a kind of error that
//! says what it is, quickly, in little memory, and nothing is left behind; what is inside is
//! distrusted as much as a plain file.

use crate::oracle;
use age::secrecy::ExposeSecret as _;
use age::x25519;
use engram::backup::encrypt::{Unsealed, unseal_to};
use engram::backup::stage::{Backup, MediaWish};
use engram::base::job::Progress;
use engram::base::time::Stopwatch;
use engram::base::{Error, ErrorKind, Secret};
use engram::formats::encryption::{Identities, Key, Lock, Recipient, Sealing};
use proptest::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// One pair of keys for all.
fn identity() -> &'static x25519::Identity {
    static IDENTITY: OnceLock<x25519::Identity> = OnceLock::new();
    IDENTITY.get_or_init(x25519::Identity::generate)
}

fn lock() -> Lock {
    let public = identity().to_public().to_string();
    Lock::Recipients(vec![Recipient::parse(&public).unwrap()])
}

fn key() -> Key {
    let private = identity().to_string();
    Key::Identities(Identities::parse(private.expose_secret()).unwrap())
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().next().is_none()
}

fn is_told(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Corrupt | ErrorKind::WrongPassword | ErrorKind::Refused
    )
}

/// Opens `sealed` in every way; returns the error, after nothing was left behind.
fn refused(sealed: &Path, key: &Key) -> Error {
    let room = tempfile::tempdir().unwrap();
    let out = room.path().join("out");
    let error = unseal_to(sealed, &out, key, &Progress::new()).unwrap_err();
    assert!(is_empty(room.path()), "{error}");
    let again = Unsealed::open(sealed, key, room.path(), &Progress::new()).unwrap_err();
    assert_eq!(again.kind(), error.kind());
    assert!(is_empty(room.path()), "{error}");
    error
}

/// A stanza of a key that is not ours.
fn stanza() -> String {
    let sealed = sealed_text();
    let text = String::from_utf8_lossy(&sealed).into_owned();
    let lines: Vec<&str> = text.lines().skip(1).take(2).collect();
    format!("{}\n", lines.join("\n"))
}

fn seal(plain: &Path, out: &Path) {
    let out = std::fs::File::create(out).unwrap();
    let mut sealed = Sealing::new(&lock()).unwrap().into(out).unwrap();
    let mut plain = std::fs::File::open(plain).unwrap();
    std::io::copy(&mut plain, &mut sealed).unwrap();
    sealed.finish().unwrap();
}

fn sealed_text() -> Vec<u8> {
    let room = tempfile::tempdir().unwrap();
    let (plain, out) = (room.path().join("x"), room.path().join("x.age"));
    std::fs::write(&plain, b"text").unwrap();
    seal(&plain, &out);
    std::fs::read(&out).unwrap()
}

#[test]
fn headers_made_to_harm_are_refused_at_once() {
    const V1: &str = "age-encryption.org/v1\n";
    const MAC: &str = "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
    const SALT: &str = "AAAAAAAAAAAAAAAAAAAAAA";
    const BODY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
    let scrypt = |cost: &str| format!("{V1}-> scrypt {SALT} {cost}\n{BODY}{MAC}");
    let mut headers: Vec<(String, String)> = [
        "0",
        "-1",
        "+5",
        "21",
        "30",
        "63",
        "64",
        "255",
        "256",
        "99999999999999999999",
        "1 1",
        "",
    ]
    .iter()
    .map(|cost| (format!("scrypt {cost}"), scrypt(cost)))
    .collect();
    let one = format!("-> scrypt {SALT} 10\n{BODY}");
    let many = stanza().repeat(50_000);
    headers.extend([
        ("two passwords".into(), format!("{V1}{one}{one}{MAC}")),
        (
            "a password and a key".into(),
            format!("{V1}{one}{}{MAC}", stanza()),
        ),
        ("50,000 keys".into(), format!("{V1}{many}{MAC}")),
        ("no end".into(), format!("{V1}{many}")),
        (
            "one line".into(),
            format!("{V1}-> {}", "x".repeat(8_000_000)),
        ),
        (
            "lines of a body".into(),
            format!(
                "{V1}-> X25519 {SALT}\n{}",
                format!("{}\n", "A".repeat(64)).repeat(75_000)
            ),
        ),
        ("no keys".into(), format!("{V1}{MAC}")),
        ("no sum".into(), format!("{V1}{one}---\n")),
        ("other version".into(), V1.replace("v1", "v2")),
        ("nothing".into(), String::new()),
        (
            "armor without end".into(),
            format!(
                "-----BEGIN AGE ENCRYPTED FILE-----\n{}",
                format!("{}\n", "QUFB".repeat(16)).repeat(40_000)
            ),
        ),
        (
            "armor of nothing".into(),
            "-----BEGIN AGE ENCRYPTED FILE-----\n-----END AGE ENCRYPTED FILE-----\n".into(),
        ),
        ("only new lines".into(), "\n".repeat(2_000_000)),
    ]);
    let room = tempfile::tempdir().unwrap();
    let sealed = room.path().join("hostile.colpkg.age");
    for (name, header) in headers {
        std::fs::write(&sealed, header).unwrap();
        for key in [Key::Password(Secret::new("any")), key()] {
            let clock = Stopwatch::start();
            let error = refused(&sealed, &key);
            assert!(is_told(&error), "{name}: {error:?}");
            let took = clock.elapsed();
            assert!(took.as_secs() < 4, "{name}: {took:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A byte flipped, the end cut off or something put in, in the header as often as after it.
    #[test]
    fn no_damage_passes_and_none_leaves_anything(
        in_header in any::<bool>(),
        place in 0.0f64..1.0,
        what in 0u8..4,
        bit in 0u8..8,
    ) {
        let mut sealed = sealed_text();
        let header = sealed.windows(4).position(|w| w == b"--- ").unwrap() + 48;
        let (from, to) = if in_header { (0, header) } else { (header, sealed.len()) };
        let at = from + ((to - from - 1) as f64 * place) as usize;
        match what {
            0 => sealed[at] ^= 1 << bit,
            1 => sealed.truncate(at),
            2 => sealed.insert(at, b'\n'),
            _ => drop(sealed.drain(at..(at + 3).min(to))),
        }
        let room = tempfile::tempdir().unwrap();
        let file = room.path().join("x.age");
        std::fs::write(&file, &sealed).unwrap();
        let error = refused(&file, &key());
        prop_assert!(is_told(&error), "{error:?}");
    }

    /// Anything at all after the first line.
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), lines in "(-> [ -~]{0,40}\n|[A-Za-z0-9+/]{0,66}\n|--- [A-Za-z0-9+/]{0,44}\n){0,12}") {
        let room = tempfile::tempdir().unwrap();
        let file = room.path().join("x.age");
        for rest in [&bytes[..], lines.as_bytes()] {
            std::fs::write(&file, [b"age-encryption.org/v1\n", rest].concat()).unwrap();
            let error = refused(&file, &key());
            prop_assert!(is_told(&error), "{error:?}");
        }
    }
}

/// Whether the package can be unpacked and checked, or why not.
fn looked(path: &Path) -> Result<(), ErrorKind> {
    let room = tempfile::tempdir().unwrap();
    let looked = Backup::to_explore(path)
        .and_then(|b| b.verify(room.path(), MediaWish::Check, &Progress::new()))
        .map(drop);
    assert!(is_empty(room.path()));
    looked.map_err(|e| e.kind())
}

#[test]
fn what_is_inside_is_distrusted_as_a_plain_file() {
    let Some(shared) = oracle::shared() else {
        return;
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(shared.join("packages/adversarial"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "colpkg"))
        .filter(|path| path.metadata().unwrap().len() < 2_000_000)
        .collect();
    files.sort();
    let mut bad = 0;
    for file in files.iter().step_by(4) {
        let room = tempfile::tempdir().unwrap();
        let name = file.file_name().unwrap().to_string_lossy();
        let sealed = room.path().join(format!("{name}.age"));
        seal(file, &sealed);
        let opened = Unsealed::open(&sealed, &key(), room.path(), &Progress::new()).unwrap();
        let (inside, plain) = (looked(opened.path()), looked(file));
        assert_eq!(inside, plain, "{name}");
        bad += usize::from(plain.is_err());
    }
    assert!(bad > 5, "{bad}");
}
