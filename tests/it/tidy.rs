//! The rules of the house that a compiler does not know: who may name whom, which crates live
//! where, pure files without IO, module headers, file sizes, no forgotten test files, nothing that
//! only works on one machine. The table of modules is read from ARCHITECTURE.md, so that the
//! document and the code cannot differ.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Production lines (comments in, tests out) that a file should stay under, and may never pass.
const SOFT_LINES: usize = 600;
const HARD_LINES: usize = 800;

/// Crates that belong to one layer; the rest may be named anywhere.
const CRATE_HOMES: &[(&[&str], &[&str])] = &[
    (
        &[
            "egui",
            "eframe",
            "egui_plot",
            "egui_system_font_provider",
            "skrifa",
            "rfd",
            "rodio",
            "ogg",
            "opus_decoder",
            "arboard",
            "x11rb",
            "log",
        ],
        &["ui"],
    ),
    (&["rusqlite"], &["storage"]),
    (&["prost"], &["codec"]),
    (&["polib"], &["base"]),
    (&["sys_locale"], &["service"]),
    (&["fsrs"], &["scheduler"]),
    (&["zip"], &["formats"]),
    (&["age", "age_core", "ring"], &["formats"]),
    (
        &[
            "rustic_core",
            "rustic_cdc",
            "aes256ctr_poly1305aes",
            "opendal",
            "tokio",
        ],
        &["backup"],
    ),
    (&["ammonia", "pulldown_cmark"], &["field_html"]),
    (&["clap"], &["cli", "ui", "main"]),
    (
        &[
            "blitz_dom",
            "blitz_html",
            "blitz_paint",
            "blitz_traits",
            "stylo_static_prefs",
            "anyrender",
            "anyrender_vello_cpu",
            "vello_cpu",
            "fontique",
            "parley",
            "roxmltree",
            "simplecss",
            "svgtypes",
            "ratex_parser",
            "ratex_layout",
            "ratex_types",
            "ratex_svg",
        ],
        &["render"],
    ),
];

/// Macros of `base::lang`, which stand at the root of the crate.
const MACROS: &[&str] = &["t", "tn", "mark"];

/// Modules in which no file does IO, and names of files that do none wherever they are.
const PURE_MODULES: &[&str] = &[
    "domain",
    "scheduler",
    "template",
    "search",
    "codec",
    "field_html",
];
const PURE_FILES: &[&str] = &[
    "policy.rs",
    "plan.rs",
    "retention.rs",
    "protocol.rs",
    "model.rs",
    "timers.rs",
    "mode.rs",
];
const IO: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "Clock::System",
    "Stopwatch::start",
    "rusqlite::",
    "egui::",
    "rand::rng(",
];

use crate::oracle::root;

/// One source file: its path from the root and its parts.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// Without the test module at the end.
    fn production(&self) -> &str {
        if self.is_test() {
            return "";
        }
        self.text
            .match_indices("\n#[cfg(test)]\nmod ")
            .find(|(at, found)| {
                let line = self.text[at + found.len()..].lines().next();
                line.is_some_and(|l| l.ends_with('{'))
            })
            .map_or(&self.text, |(at, _)| &self.text[..=at])
    }

    fn is_test(&self) -> bool {
        self.path.starts_with("tests/")
            || self.path.ends_with("/tests.rs")
            || self.path.contains("/tests/")
    }

    /// The top module of a file under `src/`: `storage` for `src/storage/tx.rs`.
    fn module(&self) -> Option<&str> {
        let rest = self.path.strip_prefix("src/")?;
        let top = rest.split('/').next()?;
        Some(top.strip_suffix(".rs").unwrap_or(top))
    }
}

fn sources(folder: &str) -> Vec<Source> {
    let mut found = Vec::new();
    walk(&root().join(folder), &mut |path| {
        if path.extension().is_some_and(|e| e == "rs") {
            let name = path.strip_prefix(root()).expect("below the root");
            found.push(Source {
                path: name.to_string_lossy().replace('\\', "/"),
                text: read(path),
            });
        }
    });
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn walk(folder: &Path, visit: &mut dyn FnMut(&Path)) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() {
            walk(&path, visit);
        } else {
            visit(&path);
        }
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Blanks comments, strings and character literals, keeping line breaks.
fn code_only(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let chars: Vec<char> = text.chars().collect();
    let mut i = 0;
    while i < chars.len() {
        let rest = &chars[i..];
        let (skip, raw) = literal_length(rest, i.checked_sub(1).map(|j| chars[j]));
        if skip == 0 {
            out.push(chars[i]);
            i += 1;
            continue;
        }
        out.extend(rest[..skip].iter().filter(|c| **c == '\n'));
        if raw {
            out.push('"');
        }
        i += skip;
    }
    out
}

/// How many characters from here are a comment or a literal, and whether it is a string.
fn literal_length(rest: &[char], before: Option<char>) -> (usize, bool) {
    let until = |pattern: &str, from: usize| -> usize {
        let pattern: Vec<char> = pattern.chars().collect();
        (from..rest.len())
            .find(|&j| rest[j..].starts_with(&pattern))
            .map_or(rest.len(), |j| j + pattern.len())
    };
    match rest {
        ['/', '/', ..] => (until("\n", 2) - 1, false),
        ['/', '*', ..] => (until("*/", 2), false),
        ['r', '"', ..] if !before.is_some_and(is_word) => (until("\"", 2), true),
        ['r', '#', tail @ ..] if !before.is_some_and(is_word) => {
            let hashes = 1 + tail.iter().take_while(|c| **c == '#').count();
            if rest.get(1 + hashes) == Some(&'"') {
                (
                    until(&format!("\"{}", "#".repeat(hashes)), 2 + hashes),
                    true,
                )
            } else {
                (0, false)
            }
        }
        ['"', ..] => {
            let mut j = 1;
            while j < rest.len() && rest[j] != '"' {
                j += if rest[j] == '\\' { 2 } else { 1 };
            }
            ((j + 1).min(rest.len()), true)
        }
        ['\'', '\\', ..] => (until("'", 3), false),
        ['\'', _, '\'', ..] => (3, false),
        _ => (0, false),
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The paths named after each `prefix` (`crate::`), two segments deep: `use crate::{a::{b, c}, d}`
/// gives `a::b`, `a::c`, `d`.
fn named_paths(code: &str, prefix: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices(prefix) {
        if code[..at].ends_with(|c: char| is_word(c) || c == '$' || c == ':') {
            continue;
        }
        // Longer than any use tree.
        let tail: Vec<char> = code[at + prefix.len()..].chars().take(4000).collect();
        use_tree(&tail, &mut Vec::new(), &mut found);
    }
    found
}

/// Reads one use tree and returns the number of characters it took.
fn use_tree(chars: &[char], above: &mut Vec<String>, found: &mut BTreeSet<String>) -> usize {
    let depth = above.len();
    let mut i = spaces(chars, 0);
    loop {
        match chars.get(i) {
            Some('{') => {
                i += 1;
                while i < chars.len() && chars[i] != '}' {
                    i += use_tree(&chars[i..], above, found).max(1);
                    i = spaces(chars, i);
                    if chars.get(i) == Some(&',') {
                        i = spaces(chars, i + 1);
                    }
                }
                i += 1;
                break;
            }
            Some('*') => {
                found.insert(first_two(above));
                i += 1;
                break;
            }
            Some(c) if is_word(*c) => {
                let word: String = chars[i..].iter().take_while(|c| is_word(**c)).collect();
                i += word.chars().count();
                above.push(word);
                if chars[i..].starts_with(&[':', ':']) {
                    i = spaces(chars, i + 2);
                    continue;
                }
                found.insert(first_two(above));
                // `as name` belongs to this tree; outside a list it does no harm.
                let next = spaces(chars, i);
                if chars[next.min(chars.len())..].starts_with(&['a', 's', ' ']) {
                    i = spaces(chars, next + 3);
                    i += chars[i..].iter().take_while(|c| is_word(**c)).count();
                }
                break;
            }
            _ => {
                if above.len() > depth {
                    found.insert(first_two(above));
                }
                break;
            }
        }
    }
    above.truncate(depth);
    i
}

fn spaces(chars: &[char], from: usize) -> usize {
    from + chars[from.min(chars.len())..]
        .iter()
        .take_while(|c| c.is_whitespace())
        .count()
}

fn first_two(path: &[String]) -> String {
    path[..path.len().min(2)].join("::")
}

/// The table under "Who may name whom" in ARCHITECTURE.md: module → what it may name. An entry is
/// a module (`storage`) or one file of it (`backup::entry`).
fn import_table() -> BTreeMap<String, BTreeSet<String>> {
    let document = read(&root().join("ARCHITECTURE.md"));
    let section = document
        .split("\n## ")
        .find(|s| s.starts_with("Who may name whom"))
        .expect("ARCHITECTURE.md has the section \"Who may name whom\"");
    section
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            let mut cells = line.trim_matches('|').split('|').map(str::trim);
            let module = cells.next().expect("a module").trim_matches('`');
            let names = cells.next().expect("what it may name");
            let names = names
                .split(',')
                .map(|name| name.trim().trim_matches('`').to_owned())
                .filter(|name| name != "—")
                .collect();
            (module.to_owned(), names)
        })
        .collect()
}

fn fail_with(findings: &BTreeSet<String>, rule: &str) {
    assert!(
        findings.is_empty(),
        "{rule}\n{}",
        findings.iter().fold(String::new(), |mut all, finding| {
            let _ = writeln!(all, "  {finding}");
            all
        })
    );
}

#[test]
fn each_module_names_only_what_the_table_allows() {
    let table = import_table();
    let mut findings = BTreeSet::new();
    for source in sources("src") {
        let module = source.module().expect("a module");
        let (module, prefix) = match module {
            "lib" => continue,
            "main" => ("main", "engram::"),
            "bin" => ("bin", "engram::"),
            other => (other, "crate::"),
        };
        let Some(allowed) = table.get(module) else {
            findings.insert(format!("{}: no row for `{module}`", source.path));
            continue;
        };
        let code = code_only(source.production());
        for path in named_paths(&code, prefix) {
            let top = path.split("::").next().unwrap_or(&path);
            let is_macro = MACROS.contains(&path.as_str());
            if top != module && !is_macro && !allowed.contains(top) && !allowed.contains(&path) {
                findings.insert(format!("{}: names `{path}`", source.path));
            }
        }
        // `super` may not be a way round: that many lead out of the module to the crate.
        let depth =
            source.path.matches('/').count() - usize::from(source.path.ends_with("/mod.rs"));
        if prefix == "crate::" && code.contains(&"super::".repeat(depth.max(1))) {
            findings.insert(format!(
                "{}: reaches the crate through `super`",
                source.path
            ));
        }
    }
    fail_with(&findings, "see the table in ARCHITECTURE.md:");
}

#[test]
fn every_module_has_a_row_and_every_row_a_module() {
    let rows: BTreeSet<String> = import_table().into_keys().collect();
    let modules: BTreeSet<String> = sources("src")
        .iter()
        .filter_map(|s| s.module())
        .filter(|m| *m != "lib")
        .map(str::to_owned)
        .collect();
    assert_eq!(
        rows, modules,
        "table of ARCHITECTURE.md (left) and src (right)"
    );
    for (module, names) in import_table() {
        for name in names {
            let top = name.split("::").next().unwrap_or(&name).to_owned();
            assert!(
                rows.contains(&top),
                "row `{module}` names `{name}`: no such module"
            );
        }
    }
}

#[test]
fn crates_stay_in_their_layer() {
    let mut findings = BTreeSet::new();
    for source in sources("src") {
        let module = source.module().expect("a module").to_owned();
        let code = code_only(source.production());
        for (crates, homes) in CRATE_HOMES {
            if homes.contains(&module.as_str()) {
                continue;
            }
            for name in *crates {
                let mention = format!("{name}::");
                let named = code
                    .match_indices(&mention)
                    .any(|(at, _)| !code[..at].ends_with(|c: char| is_word(c) || c == ':'));
                if named {
                    findings.insert(format!("{}: `{name}` belongs to {homes:?}", source.path));
                }
            }
        }
    }
    fail_with(&findings, "a crate outside its layer:");
}

#[test]
fn pure_files_do_no_io() {
    let mut findings = BTreeSet::new();
    for source in sources("src") {
        let name = source.path.rsplit('/').next().unwrap_or_default();
        let pure = PURE_FILES.contains(&name)
            || source.module().is_some_and(|m| PURE_MODULES.contains(&m));
        if !pure {
            continue;
        }
        let code = code_only(source.production());
        for word in IO.iter().filter(|word| code.contains(**word)) {
            findings.insert(format!("{}: {word}", source.path));
        }
    }
    fail_with(&findings, "these files decide and do not touch anything:");
}

#[test]
fn every_file_says_what_it_is_for() {
    let mut findings = BTreeSet::new();
    for folder in ["src", "tests", "examples"] {
        for source in sources(folder) {
            if !source.text.starts_with("//! ") {
                findings.insert(source.path);
            }
        }
    }
    fail_with(
        &findings,
        "a file starts with `//!`: what it is for, what not, where next:",
    );
}

#[test]
fn files_stay_small() {
    let sizes: Vec<(usize, String)> = {
        let mut sizes: Vec<_> = sources("src")
            .iter()
            .filter(|s| !s.is_test())
            .map(|s| (s.production().lines().count(), s.path.clone()))
            .collect();
        sizes.sort();
        sizes
    };
    let median = sizes[sizes.len() / 2].0;
    let mut findings = BTreeSet::new();
    println!("{} files, median {median} lines", sizes.len());
    for (lines, path) in sizes.iter().rev() {
        if *lines > HARD_LINES {
            findings.insert(format!("{path}: {lines} lines"));
        } else if *lines > SOFT_LINES {
            println!("soon to be split: {path}: {lines} lines");
        }
    }
    assert!(median <= 200, "the median file has {median} lines");
    fail_with(&findings, "split by what a reader looks for:");
}

#[test]
fn no_test_file_is_forgotten() {
    let mut findings = BTreeSet::new();
    for folder in ["tests/it", "tests/ui"] {
        let main = root().join(folder).join("main.rs");
        if !main.exists() {
            continue;
        }
        let main = read(&main);
        for entry in std::fs::read_dir(root().join(folder)).expect("a folder of tests") {
            let path = entry.expect("an entry").path();
            let is_module =
                path.extension().is_some_and(|e| e == "rs") || path.join("mod.rs").exists();
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            if is_module
                && name != "main"
                && !main.lines().any(|l| l.ends_with(&format!("mod {name};")))
            {
                findings.insert(format!("{folder}/{name}"));
            }
        }
    }
    fail_with(&findings, "tests that main.rs does not list never run:");
}

#[test]
fn nothing_is_left_undone_or_tied_to_one_machine() {
    // Put together here, so that this file does not find itself.
    let banned = [
        concat!("TO", "DO"),
        concat!("XX", "X"),
        concat!("#[ign", "ore"),
        concat!("#[should_", "panic"),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("/wo", "rk/"),
        concat!("/op", "t/anki"),
        concat!("/ro", "ot/"),
        concat!("crates", ".io"),
        concat!("pypi", ".org"),
        concat!("debian", ".org"),
        concat!("npmjs", "."),
    ];
    let mut findings = BTreeSet::new();
    for path in project_texts() {
        let name = path
            .strip_prefix(root())
            .expect("below the root")
            .to_owned();
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue; // not text
        };
        for (number, line) in text.lines().enumerate() {
            for word in banned.iter().filter(|word| line.contains(**word)) {
                findings.insert(format!("{}:{}: {word}", name.display(), number + 1));
            }
        }
    }
    fail_with(&findings, "not in what we hand to others:");
}

#[test]
fn the_documents_name_files_that_exist() {
    let mut findings = BTreeSet::new();
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = read(&root().join(document));
        for quoted in text.split('`').skip(1).step_by(2) {
            let is_path = [
                "src/",
                "tests/",
                "scripts/",
                "examples/",
                "docs/",
                "assets/",
            ]
            .iter()
            .any(|folder| quoted.starts_with(folder));
            let plain = !quoted.contains(['*', '<', '{', ' ', '…']);
            if is_path && plain && !root().join(quoted).exists() {
                findings.insert(format!("{document}: {quoted}"));
            }
        }
        for (_, link) in text
            .match_indices("](")
            .map(|(at, _)| (at, &text[at + 2..]))
        {
            let target = link.split(')').next().unwrap_or_default();
            if !target.contains("://") && !target.starts_with('#') && !root().join(target).exists()
            {
                findings.insert(format!("{document}: link to {target}"));
            }
        }
    }
    fail_with(&findings, "the documents and the code differ:");
}

/// Every file of the project that people read, except the lock file.
fn project_texts() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in [
        "src", "tests", "examples", "scripts", "docs", "assets", ".ci",
    ] {
        walk(&root().join(folder), &mut |path| {
            found.push(path.to_owned())
        });
    }
    for entry in std::fs::read_dir(root()).expect("the project's folder") {
        let path = entry.expect("an entry").path();
        if path.is_file()
            && path
                .file_name()
                .is_some_and(|n| n != "Cargo.lock" && n != ".git")
        {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn use_trees_are_read_to_two_segments() {
    let paths = |text: &str| {
        named_paths(&code_only(text), "crate::")
            .into_iter()
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(paths("use crate::base::Error;"), "base::Error");
    assert_eq!(
        paths("use crate::{base::{Error, ids::{CardId, *}}, domain::card as c, storage};"),
        "base::Error base::ids domain::card storage"
    );
    assert_eq!(paths("fn f(x: &crate::ui::App) {}"), "ui::App");
    assert_eq!(paths("pub(in crate::storage) db: u8"), "storage");
    assert_eq!(
        paths("// crate::ui\nlet s = \"crate::ui\"; /* crate::ui */ let r = r#\"crate::ui\"#;"),
        ""
    );
    assert_eq!(
        paths("let c = '\"'; let d = crate::base::time::now(); // '\"'"),
        "base::time"
    );
}
