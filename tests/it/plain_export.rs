//! The plain export: an archive that `unzip` lists, one UTF-8 text a note in folders by deck, names
//! that every file system takes and that differ, the same bytes each time.

use crate::cli_commands::Cli;
use crate::oracle;
use std::process::Command;

/// Six notes in three decks, one of them with a picture.
fn filled() -> Cli {
    let cli = Cli::with_profile();
    let notes = cli.path("notes.txt");
    let long = "x".repeat(300);
    let text = format!(
        "#separator:tab\n#html:true\n#deck column:3\n#tags column:4\n\
         What is 1/2?\t<b>half</b> <img src=\"p.png\">\tMath::Basic\tone two\n\
         what is 1_2?\tother\tMath::Basic\t\n\
         Haus ü\t日本\tA: b\t\n\
         con\tdevice\tDefault\t\n\
         {long}\tlong\tDefault\t\n\
         <br>\tempty\tDefault\t\n"
    );
    std::fs::write(&notes, text).unwrap();
    cli.ok(&["import", &notes]);
    let media = cli.base().join("Ann/collection.media");
    std::fs::write(media.join("p.png"), b"picture").unwrap();
    std::fs::write(media.join("q.png"), b"of another note").unwrap();
    cli
}

#[test]
fn unzip_lists_one_text_a_note_and_twice_the_same_bytes() {
    if Command::new("unzip").output().is_err() {
        oracle::skip("unzip is not installed");
        return;
    }
    let cli = filled();
    let (out, again) = (cli.path("plain.zip"), cli.path("again.zip"));
    let done = cli.ok(&["export", &out, "--media"]);
    assert_eq!(
        (&done["notes"], &done["media_files"]),
        (&6.into(), &2.into())
    );
    cli.ok(&["export", &again, "--media"]);
    assert!(std::fs::read(&out).unwrap() == std::fs::read(&again).unwrap());
    let to = cli.room.path().join("out");
    let status = Command::new("unzip")
        .arg("-q")
        .arg(&out)
        .arg("-d")
        .arg(&to)
        .status();
    assert!(status.unwrap().success());
    let long = format!("Default/{}.txt", "x".repeat(60));
    for name in [
        "Math/Basic/What is 1_2_.txt",
        "Math/Basic/what is 1_2_ (2).txt",
        "A_ b/Haus ü.txt",
        "Default/_con.txt",
        "Default/_.txt",
        &long,
    ] {
        assert!(to.join("notes").join(name).is_file(), "{name}");
    }
    assert_eq!(std::fs::read(to.join("media/p.png")).unwrap(), b"picture");
    assert!(to.join("README.txt").is_file());
    let text = std::fs::read_to_string(to.join("notes/Math/Basic/What is 1_2_.txt")).unwrap();
    for part in [
        "\nDeck: Math::Basic\nTags: one two\n",
        "\nCard: Card 1: new, position 1\n",
        "\n== Front ==\nWhat is 1/2?\n\n== Back ==\nhalf  p.png\n\n== Back (HTML) ==\n<b>half</b>",
    ] {
        assert!(text.contains(part), "{part:?} in {text}");
    }
}

#[test]
fn a_deck_takes_its_own_media_and_may_be_encrypted() {
    let cli = filled();
    let out = cli.path("math.zip");
    let done = cli.ok(&["export", &out, "--media", "--deck", "Math"]);
    assert_eq!(
        (&done["notes"], &done["media_files"]),
        (&2.into(), &1.into())
    );
    let password = cli.path("password");
    std::fs::write(&password, "secret").unwrap();
    let secret = ["--encrypt", "--password-file", &password];
    let done = cli.ok(&[&["export", &out, "--search", "Haus"], &secret[..]].concat());
    assert_eq!(
        (&done["notes"], &done["media_files"]),
        (&1.into(), &0.into())
    );
    let (sealed, back) = (format!("{out}.age"), cli.path("back.zip"));
    cli.ok(&[
        "backup",
        "decrypt",
        &sealed,
        &back,
        "--password-file",
        &password,
    ]);
    assert!(std::fs::read(&back).unwrap().starts_with(b"PK"));
}
