//! The catalogues of languages against the code: every text that the code marks is translated, with
//! the same places for values, and nothing else is in them. `ENGRAM_WRITE_LANGUAGES=1` rewrites the
//! catalogues in the order of the code: texts that are gone leave, new ones come without words.

use polib::catalog::Catalog;
use polib::message::{Message, MessageView};
use proc_macro2::{TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A text of the code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Text {
    context: String,
    english: String,
    /// The form for more than one.
    many: Option<String>,
}

/// A text with its file and the names of its values.
type Found = (Text, String, BTreeSet<String>);

#[test]
fn every_text_gets_the_values_that_it_names() {
    let mut wrong = Vec::new();
    for (text, file, names) in found() {
        let counted = text.many.is_some().then(|| "n".to_owned());
        let given: BTreeSet<String> = names.iter().cloned().chain(counted).collect();
        let forms = [Some(&text.english), text.many.as_ref()];
        let named: BTreeSet<String> = forms.iter().flatten().flat_map(|f| places(f)).collect();
        // A pattern that `fill` gets later has no values yet.
        let is_pattern = names.is_empty() && text.many.is_none();
        if !(is_pattern || names.is_subset(&named) && named.is_subset(&given)) {
            wrong.push(format!("{file}: {:?} has {names:?}", text.english));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_text_with_forms_has_the_same_forms_everywhere() {
    let mut forms: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (text, file, _) in found().into_iter().filter(|(t, ..)| t.context.is_empty()) {
        let many = forms
            .entry(text.english.clone())
            .or_insert_with(|| text.many.clone());
        if *many != text.many {
            wrong.push(format!("{file}: {:?} and {many:?}", text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_language_has_every_text_and_no_other() {
    let found = found();
    let mut wrong = Vec::new();
    for path in catalogues() {
        let catalogue = polib::po_file::parse(&path).unwrap();
        if std::env::var_os("ENGRAM_WRITE_LANGUAGES").is_some() {
            write(&path, &catalogue, &found);
            continue;
        }
        let name = path.file_stem().unwrap().display();
        let mut rest: BTreeSet<Text> = found.iter().map(|(text, ..)| text.clone()).collect();
        for message in catalogue.messages() {
            let text = Text {
                context: message.msgctxt().unwrap_or_default().to_owned(),
                english: message.msgid().to_owned(),
                many: message.msgid_plural().ok().map(str::to_owned),
            };
            let words = words(message);
            if words.iter().any(|w| w.trim().is_empty()) || message.is_fuzzy() {
                wrong.push(format!("{name}: {:?} has no words", text.english));
            } else if words.iter().any(|w| !fits(&text, w)) {
                wrong.push(format!(
                    "{name}: {words:?} has other places than {:?}",
                    text.english
                ));
            }
            if !rest.remove(&text) {
                wrong.push(format!("{name}: {text:?} is not in the code"));
            }
        }
        wrong.extend(
            rest.iter()
                .map(|text| format!("{name}: {text:?} is missing")),
        );
    }
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// The same places, and the same white space at its ends.
fn fits(text: &Text, words: &str) -> bool {
    let ends = |s: &str| (s.starts_with(' '), s.ends_with(' '), s.ends_with('\n'));
    let wanted = places(text.many.as_ref().unwrap_or(&text.english));
    let mut given = places(words);
    if text.many.is_some() {
        given.insert("n".to_owned());
    }
    (wanted == given || (text.many.is_some() && places(&text.english) == places(words)))
        && ends(&text.english) == ends(words)
}

fn words(message: &dyn MessageView) -> Vec<String> {
    match message.msgstr_plural() {
        Ok(forms) => forms.clone(),
        Err(_) => vec![message.msgstr().unwrap_or_default().to_owned()],
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn catalogues() -> Vec<PathBuf> {
    let folder = std::fs::read_dir(root().join("assets/lang")).unwrap();
    let mut paths: Vec<PathBuf> = folder.map(|e| e.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "po"));
    assert!(!paths.is_empty());
    paths.sort();
    paths
}

/// All texts, by file.
fn found() -> Vec<Found> {
    let mut files = Vec::new();
    source_files(&root().join("src"), &mut files);
    files.sort();
    let mut out = Vec::new();
    for path in files {
        let source = std::fs::read_to_string(&path).unwrap();
        let code = source.split("\n#[cfg(test)]\nmod tests {").next().unwrap();
        let file = path
            .strip_prefix(root())
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/");
        let tokens: TokenStream = code.parse().unwrap_or_else(|e| panic!("{file}: {e}"));
        collect(tokens, &file, &mut out);
    }
    out
}

fn source_files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            source_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

fn collect(tokens: TokenStream, file: &str, out: &mut Vec<Found>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (i, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else {
            continue;
        };
        let before = i.checked_sub(2).map(|at| (&tokens[at], &tokens[i - 1]));
        if let Some((TokenTree::Ident(name), TokenTree::Punct(mark))) = before
            && mark.as_char() == '!'
            && ["t", "tn", "mark"].iter().any(|known| name == known)
        {
            out.extend(one(&name.to_string(), group.stream(), file));
        }
        collect(group.stream(), file, out);
    }
}

/// What stands in `t!(…)`, `tn!(…)` or `mark!(…)`; None in their own rules.
fn one(name: &str, inside: TokenStream, file: &str) -> Option<Found> {
    let mut parts: Vec<Vec<TokenTree>> = vec![Vec::new()];
    for token in inside {
        match &token {
            TokenTree::Punct(p) if p.as_char() == ',' => parts.push(Vec::new()),
            _ => parts.last_mut()?.push(token),
        }
    }
    let literal = |part: Option<&Vec<TokenTree>>, at: usize| {
        let token = part?.get(at)?.to_string();
        syn::parse_str::<syn::LitStr>(&token)
            .ok()
            .map(|text| text.value())
    };
    let first = usize::from(name == "tn");
    let english = literal(parts.get(first), 0)?;
    let many = (name == "tn").then(|| literal(parts.get(2), 0)).flatten();
    let context = literal(parts.get(first), 2).unwrap_or_default();
    let names = parts.iter().skip(if name == "tn" { 3 } else { 1 });
    let names = names
        .filter_map(|part| part.first())
        .map(ToString::to_string);
    let text = Text {
        context,
        english,
        many,
    };
    Some((text, file.to_owned(), names.collect()))
}

/// Names in braces.
fn places(text: &str) -> BTreeSet<String> {
    let text = text.replace("{{", "").replace("}}", "");
    let after = text.split('{').skip(1);
    after
        .filter_map(|part| part.split_once('}'))
        .map(|(name, _)| name.to_owned())
        .filter(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_'))
        .collect()
}

fn write(path: &Path, old: &Catalog, found: &[Found]) {
    let mut files: BTreeMap<&Text, BTreeSet<&str>> = BTreeMap::new();
    for (text, file, _) in found {
        files.entry(text).or_default().insert(file);
    }
    let mut new = Catalog::new(old.metadata.clone());
    let mut done = BTreeSet::new();
    for (text, ..) in found.iter().filter(|(text, ..)| done.insert(text.clone())) {
        let context = Some(text.context.as_str()).filter(|c| !c.is_empty());
        let known = old.find_message(context, &text.english, text.many.as_deref());
        let mut message = match &text.many {
            None => Message::build_singular(),
            Some(many) => {
                let mut message = Message::build_plural();
                message.with_msgid_plural(many.clone());
                message
            }
        };
        message.with_msgid(text.english.clone());
        if let Some(context) = context {
            message.with_msgctxt(context.to_owned());
        }
        let from: Vec<&str> = files[text].iter().copied().take(3).collect();
        message.with_source(from.join("\n"));
        let words = known.map_or_else(Vec::new, words);
        if text.many.is_some() {
            let none = vec![String::new(); 2];
            message.with_msgstr_plural(if words.len() == 2 { words } else { none });
        } else {
            message.with_msgstr(words.into_iter().next().unwrap_or_default());
        }
        new.append_or_update(message.done());
    }
    polib::po_file::write_to_file(&new, path).unwrap();
}
