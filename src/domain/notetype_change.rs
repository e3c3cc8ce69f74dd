//! Change Note Type: which old field and template becomes which new one. Pure; the notes are
//! rewritten in `collection::notetype_change`.

use super::notetype::Notetype;
use crate::base::ids::NotetypeId;
use crate::base::time::TimestampMillis;

/// What becomes what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotetypeChange {
    pub old: NotetypeId,
    pub new: NotetypeId,
    /// For each new field the index of the old one, or None for an empty field. An old field may
    /// be used more than once; one that is not used is lost.
    pub fields: Vec<Option<usize>>,
    /// For each new template the old one. None when one of the note types is a cloze one: cards
    /// keep their numbers. Cards of a template that is not used are lost.
    pub templates: Option<Vec<Option<usize>>>,
    /// When the collection's structure changed last; another one than now is refused.
    pub schema: TimestampMillis,
}

/// What the dialog shows first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotetypeChangeDraft {
    pub old_name: String,
    pub old_fields: Vec<String>,
    pub old_templates: Vec<String>,
    pub new_fields: Vec<String>,
    pub new_templates: Vec<String>,
    /// Equal names first, then what is left in order.
    pub suggested: NotetypeChange,
}

#[must_use]
pub fn draft(old: &Notetype, new: &Notetype, schema: TimestampMillis) -> NotetypeChangeDraft {
    let fields = |n: &Notetype| n.fields.iter().map(|f| f.name.clone()).collect::<Vec<_>>();
    let templates = |n: &Notetype| {
        n.templates
            .iter()
            .map(|t| t.name.clone())
            .collect::<Vec<_>>()
    };
    let (old_fields, new_fields) = (fields(old), fields(new));
    let (old_templates, new_templates) = (templates(old), templates(new));
    let keeps_numbers = old.is_cloze() || new.is_cloze();
    let suggested = NotetypeChange {
        old: old.id,
        new: new.id,
        fields: matched(&old_fields, &new_fields),
        templates: (!keeps_numbers).then(|| matched(&old_templates, &new_templates)),
        schema,
    };
    NotetypeChangeDraft {
        old_name: old.name.clone(),
        old_fields,
        old_templates,
        new_fields,
        new_templates,
        suggested,
    }
}

/// For each new name the index of an old one.
fn matched(old: &[String], new: &[String]) -> Vec<Option<usize>> {
    let mut unused: Vec<usize> = (0..old.len()).collect();
    let mut matched: Vec<Option<usize>> = Vec::with_capacity(new.len());
    for name in new {
        let same = unused_named(old, &unused, name);
        matched.push(take_at(&mut unused, same));
    }
    for slot in matched.iter_mut().filter(|slot| slot.is_none()) {
        let first = (!unused.is_empty()).then_some(0);
        *slot = take_at(&mut unused, first);
    }
    matched
}

fn unused_named(old: &[String], unused: &[usize], name: &str) -> Option<usize> {
    unused
        .iter()
        .position(|at| old.get(*at).is_some_and(|old| old == name))
}

fn take_at(unused: &mut Vec<usize>, at: Option<usize>) -> Option<usize> {
    at.map(|at| unused.remove(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_names_first_then_what_is_left() {
        let names =
            |names: &str| -> Vec<String> { names.split_whitespace().map(str::to_owned).collect() };
        let map = |old: &str, new: &str| matched(&names(old), &names(new));
        assert_eq!(map("a b c", "c x a"), [Some(2), Some(1), Some(0)]);
        assert_eq!(map("a", "x a y"), [None, Some(0), None]);
        assert_eq!(map("a a", "a a"), [Some(0), Some(1)]);
    }
}
