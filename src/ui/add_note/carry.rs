//! What becomes of the fields when the note being added gets another note type. No egui here.

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
