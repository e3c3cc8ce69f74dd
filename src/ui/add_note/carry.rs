//! What becomes of the fields when the note being added gets another note type, or when the fields
//! of its note type are renamed, moved, added or deleted meanwhile. No egui here.

use crate::domain::notetype::Field;

/// Fields of the new note type, and what found no place there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Carried {
    pub fields: Vec<String>,
    /// Name and HTML: put back when a note type with that field is chosen.
    pub left: Vec<(String, String)>,
}

/// Fields of the same name keep their content; the rest goes into the remaining fields in order.
/// Of two with the same name the first wins.
#[must_use]
pub fn carry(held: Vec<(String, String)>, names: &[&str]) -> Carried {
    let mut fields = vec![String::new(); names.len()];
    let mut homeless = vec![];
    for (name, html) in held {
        if html.is_empty() {
            continue;
        }
        let same = names.iter().position(|n| *n == name);
        match same.and_then(|at| fields.get_mut(at)) {
            Some(field) if field.is_empty() => *field = html,
            _ => homeless.push((name, html)),
        }
    }
    let mut left = vec![];
    for (name, html) in homeless {
        match fields.iter_mut().find(|field| field.is_empty()) {
            Some(field) => *field = html,
            None => left.push((name, html)),
        }
    }
    Carried { fields, left }
}

/// The names that the fields of a note type have by now: found again by their own ids or by name,
/// and else renamed where they are, if the field there has a name that none had.
#[must_use]
pub fn names_now(old: &[Field], new: &[Field]) -> Vec<String> {
    let is_old = |name: &str| old.iter().any(|field| field.name == name);
    let now = |(at, field): (usize, &Field)| {
        let id = field.config.id;
        let same = |other: &&Field| id.is_some() && other.config.id == id;
        let there = new.get(at).filter(|other| {
            let unknown = id.is_none() || other.config.id.is_none();
            unknown && !is_old(&other.name)
        });
        let named = |other: &&Field| other.name == field.name;
        let found = new.iter().find(same).or_else(|| new.iter().find(named));
        found.or(there).unwrap_or(field).name.clone()
    };
    old.iter().enumerate().map(now).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::notetype::FieldConfig;

    fn held(all: &[(&str, &str)]) -> Vec<(String, String)> {
        let all = all.iter().map(|(n, h)| ((*n).to_owned(), (*h).to_owned()));
        all.collect()
    }

    #[test]
    fn content_goes_by_name_then_by_position_and_is_never_lost() {
        let front = [("Front", "a"), ("Back", "b"), ("Extra", "c")];
        let out = carry(held(&front), &["Text", "Extra"]);
        assert_eq!(out.fields, ["a", "c"]);
        assert_eq!(out.left, held(&[("Back", "b")]));
        let mut again = held(&[("Text", "a"), ("Extra", "c")]);
        again.extend(out.left);
        let out = carry(again, &["Front", "Back", "Extra"]);
        assert_eq!(out.fields, ["a", "b", "c"]);
        assert!(out.left.is_empty());
    }

    fn fields(all: &[(&str, Option<i64>)]) -> Vec<Field> {
        let field = |(name, id): &(&str, Option<i64>)| Field {
            name: (*name).to_owned(),
            config: FieldConfig {
                id: *id,
                ..FieldConfig::default()
            },
        };
        all.iter().map(field).collect()
    }

    #[test]
    fn fields_are_found_again_when_they_were_moved_or_renamed() {
        let check = |old: &[(&str, Option<i64>)], new: &[(&str, Option<i64>)], now: &[&str]| {
            assert_eq!(names_now(&fields(old), &fields(new)), now);
        };
        let old = [("Front", None), ("Back", None), ("Extra", None)];
        let moved = [("Extra", None), ("Front", None), ("Back", None)];
        check(&old, &moved, &["Front", "Back", "Extra"]);
        let renamed = [("Front", None), ("Answer", None), ("Extra", None)];
        check(&old, &renamed, &["Front", "Answer", "Extra"]);
        // One deleted, another added at the end: what was typed there has no place of its own.
        let other = [("Front", None), ("Extra", None), ("Source", None)];
        check(&old, &other, &["Front", "Back", "Extra"]);
        let old = [("Front", Some(1)), ("Back", Some(2))];
        check(
            &old,
            &[("Back", Some(1)), ("Front", Some(2))],
            &["Back", "Front"],
        );
        check(
            &old,
            &[("Answer", Some(2)), ("Front", Some(1))],
            &["Front", "Answer"],
        );
        check(
            &old,
            &[("Front", Some(1)), ("New", Some(3))],
            &["Front", "Back"],
        );
    }
}
