//! Passwords in files, as people and programs write them: what `restic` takes from a file we take from
//! it, and whatever opened something before still does.

use crate::cli_commands::Cli;
use crate::encrypted_files::{age_typing, has as has_all};
use crate::vault_folder::{PASSWORD, Saved, has, restic};
use std::path::Path;
use std::process::{Command, Stdio};

fn utf16(text: &str) -> Vec<u8> {
    let units = ["\u{feff}", text].concat();
    units.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn a_password_file_says_the_same_to_restic() {
    if !has("restic") {
        return;
    }
    let saved = Saved::in_folder();
    saved.ok("push", &[]);
    let p = PASSWORD;
    for (written, opens) in [
        (p.into(), true),
        (format!("{p}\n").into_bytes(), true),
        (format!("{p}\n\n").into_bytes(), true),
        (format!("{p}\r\n\r\n").into_bytes(), true),
        (format!("{p}\r").into_bytes(), true),
        (format!(" {p} \n").into_bytes(), true),
        (format!("\n{p}\t\n").into_bytes(), true),
        (format!("{p}\u{a0}\n").into_bytes(), true),
        (format!("\u{feff}{p}\n").into_bytes(), true),
        (utf16(&format!("{p}\r\n")), true),
        (format!("{p}\nsecond\n").into_bytes(), false),
        (format!("{p}.\n").into_bytes(), false),
    ] {
        let file = saved.cli.path("given");
        std::fs::write(&file, &written).unwrap();
        let theirs = Command::new("restic")
            .args(["--no-cache", "--repo", &saved.to, "snapshots"])
            .args(["--password-file", &file])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        let (ours, said) = saved.cli.json(&saved.args("list", &file));
        let written = String::from_utf8_lossy(&written);
        assert_eq!(theirs.success(), opens, "restic: {written:?}");
        assert_eq!(ours == 0, opens, "{written:?}: {said}");
        if !opens {
            assert_eq!(said["error"]["kind"], "wrong-password");
        }
    }
}

#[test]
fn a_vault_that_was_made_with_two_line_ends_opens_everywhere() {
    if !has("restic") {
        return;
    }
    let saved = Saved::profile();
    let odd = saved.cli.path("odd");
    std::fs::write(&odd, format!("{PASSWORD}\n\n")).unwrap();
    saved.cli.ok(&saved.args("init", &odd));
    saved.cli.ok(&saved.args("push", &odd));
    assert_eq!(
        saved.ok("list", &[])["snapshots"].as_array().unwrap().len(),
        1
    );
    restic(&saved.to, &["check"]);
}

#[test]
fn a_password_with_spaces_around_it_still_opens_what_it_made() {
    let saved = Saved::profile();
    let (exact, file) = (saved.cli.path("exact"), saved.cli.path("spaced"));
    std::fs::write(&file, " p \n").unwrap();
    let variable = [("ENGRAM_PASSWORD", Path::new(" p "))];
    let made = saved
        .cli
        .run_with(&["vault", "init", "--to", &saved.to], &variable);
    assert!(made.status.success(), "{made:?}");
    saved.cli.ok(&saved.args("push", &file));
    let vault = format!("vault:{}", saved.to);
    let shown = saved
        .cli
        .ok(&["backup", "show", &vault, "--password-file", &file]);
    assert_eq!(shown["notes"], 500);
    std::fs::write(&exact, "p").unwrap();
    let failed = saved.cli.fails(&saved.args("list", &exact));
    assert_eq!(failed, (4, "wrong-password".into()));
}

#[test]
fn a_file_of_age_is_opened_with_what_was_typed_there() {
    if !has_all(&["age", "python3"]) {
        return;
    }
    let cli = Cli::with_profile();
    let (plain, theirs) = (cli.path("x.colpkg"), cli.path("theirs.colpkg.age"));
    cli.ok(&["export", &plain]);
    let file = cli.path("given");
    let shown = |sealed: &str| cli.json(&["backup", "show", sealed, "--password-file", &file]);
    for (typed, written, opens) in [
        ("p", "p\n\n", true),
        ("p", "\n p\r\n", true),
        // `age` takes what is typed as it is.
        (" p ", " p \n", true),
        (" p ", "p\n", false),
    ] {
        age_typing(typed, &["-p", "-o", &theirs, &plain]);
        std::fs::write(&file, written).unwrap();
        let (status, said) = shown(&theirs);
        let expected = if opens { 0 } else { 4 };
        assert_eq!(status, expected, "{typed:?} {written:?}: {said}");
        let out = cli.path("decrypted.colpkg");
        let args = ["backup", "decrypt", &theirs, &out, "--password-file", &file];
        assert_eq!(cli.json(&args).0, expected, "{typed:?} {written:?}");
        assert_eq!(Path::new(&out).exists(), opens);
        let _gone = std::fs::remove_file(out);
        std::fs::remove_file(&theirs).unwrap();
    }
    // And the other way round.
    std::fs::write(&file, "p\n\n").unwrap();
    let ours = cli.path("ours.colpkg.age");
    cli.ok(&["export", &ours, "--encrypt", "--password-file", &file]);
    let out = cli.path("opened.colpkg");
    age_typing("p", &["-d", "-o", &out, &ours]);
    assert_eq!(cli.ok(&["backup", "show", &out])["notes"], 0);
}
