//! Places and passwords that make no good vault are refused with the reason, and nothing is made.

use crate::cheap_vault;
use crate::vault_folder::Saved;
use std::path::Path;

/// What making a vault at `to` says.
fn refused(saved: &Saved, to: &str, password: &str) -> String {
    let args = ["vault", "init", "--to", to, "--password-file", password];
    let (code, json) = saved.cli.json(&args);
    assert_eq!(code, 2, "{to}: {json}");
    json["error"]["message"].as_str().unwrap().to_owned()
}

#[test]
fn a_vault_is_not_made_where_it_would_be_lost_or_be_no_vault() {
    let saved = Saved::profile();
    let password = saved.cli.path("password");
    let base = saved.cli.base();
    for inside in [base.join("Ann/vault"), base.join("vault"), base.clone()] {
        let told = refused(&saved, inside.to_str().unwrap(), &password);
        assert!(told.contains("would be lost"), "{told}");
        assert!(!inside.join("config").exists());
    }
    assert!(!base.join("Ann/vault").exists() && !base.join("vault").exists());
    cheap_vault::make(Path::new(&saved.to));
    let inner = format!("{}/data/inner", saved.to);
    let told = refused(&saved, &inner, &password);
    assert!(told.contains("inside another vault"), "{told}");
    assert!(!Path::new(&inner).exists());
    let told = refused(&saved, &saved.cli.path("notes.txt"), &password);
    assert!(
        told.contains("this is a file") || told.contains("This is a file"),
        "{told}"
    );
}

#[test]
fn a_password_is_taken_whole_or_not_at_all() {
    let saved = Saved::profile();
    let long = saved.cli.path("long");
    std::fs::write(&long, "x".repeat(70_000)).unwrap();
    let told = refused(&saved, &saved.to, &long);
    assert!(told.contains("longer than 64 KiB"), "{told}");
    assert!(!Path::new(&saved.to).exists());
}

#[test]
fn a_vault_that_lost_its_config_or_keys_is_no_empty_place_and_no_wrong_password() {
    let saved = Saved::in_folder();
    saved.ok("push", &[]);
    let vault = Path::new(&saved.to);
    let keys = vault.join("keys");
    std::fs::rename(&keys, saved.cli.path("keys")).unwrap();
    std::fs::create_dir(&keys).unwrap();
    let told = |verb: &str| {
        let password = saved.cli.path("password");
        let (code, json) = saved.cli.json(&saved.args(verb, &password));
        assert_eq!(code, 3, "{verb}: {json}");
        json["error"]["message"].as_str().unwrap().to_owned()
    };
    for verb in ["list", "push", "restore"] {
        let told = told(verb);
        assert!(told.contains("no keys any more"), "{verb}: {told}");
    }
    std::fs::remove_dir(&keys).unwrap();
    std::fs::rename(saved.cli.path("keys"), &keys).unwrap();
    std::fs::rename(vault.join("config"), saved.cli.path("config")).unwrap();
    // A new vault at this place would lock the old one for good.
    for verb in ["init", "list", "push", "restore"] {
        let told = told(verb);
        assert!(told.contains("“config” is missing"), "{verb}: {told}");
    }
    assert_eq!(saved.files("keys").len(), 1);
    std::fs::rename(saved.cli.path("config"), vault.join("config")).unwrap();
    assert_eq!(saved.ok("restore", &[])["notes"], 500);
}

#[test]
fn a_mirror_is_not_made_among_the_media_or_backups_of_a_profile() {
    let saved = Saved::profile();
    let profile = saved.profile_dir();
    for inside in ["collection.media", "collection.media/a/b", "backups/a", ""] {
        let to = profile.join(inside);
        let failed = saved.cli.fails(&["mirror", to.to_str().unwrap()]);
        assert_eq!(failed, (2, "invalid-input".into()), "{inside}");
        assert!(!to.join(".engram-mirror").exists(), "{inside}");
    }
    assert!(!profile.join("collection.media/a").exists());
}
