//! Small capitals. The engine asks the font for them, and few have any: small letters become
//! capitals that are smaller than the others.

use super::mend::all_within;
use blitz_dom::node::Attribute;
use blitz_dom::{BaseDocument, LocalName, Node, NodeId, QualName, local_name, ns};
use style::computed_values::font_variant_caps::T as Caps;

/// Parts that the texts of a page are cut into for them.
const MOST_PARTS: usize = 20_000;
/// How browsers draw them, in an element that has none of them again.
const LOOK: &str = "font-size:0.7em;text-transform:uppercase;font-variant-caps:normal";

/// How many parts a page has.
#[derive(Default)]
pub(super) struct SmallCaps(usize);

/// What becomes of letters before.
#[derive(Clone, Copy, PartialEq)]
enum Case {
    AsWritten,
    /// The first one of each word is a capital.
    Capitalized,
    Small,
}

/// A part of a text, and whether its letters are small.
type Part = (String, bool);

impl SmallCaps {
    /// On a page that is laid out; true when it must be laid out again. What is made stays.
    pub fn make(&mut self, document: &mut BaseDocument, content: NodeId) -> bool {
        let mut texts = Vec::new();
        for (id, node) in all_within(document, content) {
            let Some(text) = node.text_data() else {
                continue;
            };
            let around = node.parent.and_then(|around| document.get_node(around));
            let Some(case) = around.and_then(|around| case_in(document, around)) else {
                continue;
            };
            let parts = parts(&text.content, case, MOST_PARTS - self.0);
            if let Some(parts) = parts.filter(|parts| parts.iter().any(|(_, is_small)| *is_small)) {
                self.0 += parts.len();
                texts.push((id, parts));
            }
        }
        let found = !texts.is_empty();
        let mut mutator = document.mutate();
        for (id, parts) in texts {
            let nodes = parts.iter().map(|(text, is_small)| {
                let letters = mutator.create_text_node(text);
                if !is_small {
                    return letters;
                }
                let style = Attribute {
                    name: QualName::new(None, ns!(), local_name!("style")),
                    value: LOOK.into(),
                };
                let name = QualName::new(None, ns!(html), LocalName::from("engram-caps"));
                let small = mutator.create_element(name, vec![style]);
                mutator.append_children(small, &[letters]);
                small
            });
            let nodes: Vec<NodeId> = nodes.collect();
            mutator.replace_node_with(id, &nodes);
        }
        found
    }
}

/// None for an element whose letters are no small capitals, or are all capitals before.
fn case_in(document: &BaseDocument, element: &Node) -> Option<Case> {
    let style = element.primary_styles()?;
    let name = &element.element_data()?.name;
    let is_asked = style.clone_font_variant_caps() == Caps::SmallCaps;
    if !is_asked || name.ns != ns!(html) || style.clone_display().is_none() {
        return None;
    }
    let transform = document.resolved_style_value(element.id, "text-transform");
    match &*transform {
        other if other.contains("uppercase") => None,
        other if other.contains("lowercase") => Some(Case::Small),
        other if other.contains("capitalize") => Some(Case::Capitalized),
        _ => Some(Case::AsWritten),
    }
}

/// None for more parts than that.
fn parts(text: &str, case: Case, most: usize) -> Option<Vec<Part>> {
    let mut parts: Vec<Part> = Vec::new();
    let mut begins_word = true;
    for letter in text.chars() {
        let has_capital = letter.is_lowercase() && letter.to_uppercase().next() != Some(letter);
        let is_small = match case {
            Case::AsWritten => has_capital,
            Case::Capitalized => has_capital && !begins_word,
            Case::Small => has_capital || letter.is_uppercase(),
        };
        begins_word = !letter.is_alphanumeric() && !matches!(letter, '\'' | '’');
        let is_full = parts.len() == most;
        match parts.last_mut() {
            Some((part, last)) if *last == is_small => part.push(letter),
            _ if is_full => return None,
            _ => parts.push((letter.to_string(), is_small)),
        }
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::{Case, parts};

    #[test]
    fn small_letters_are_parts_of_their_own() {
        for (case, expect) in [
            (Case::AsWritten, "D[on]’[t] 1 M[ove] [it]"),
            (Case::Capitalized, "D[on]’[t] 1 M[ove] i[t]"),
            (Case::Small, "[Don]’[t] 1 [Move] [it]"),
        ] {
            assert_eq!(parts("Don’t 1 Move it", case, 2), None);
            let parts = parts("Don’t 1 Move it", case, 9).expect("parts");
            let shown = parts.into_iter().map(|(part, is_small)| match is_small {
                true => format!("[{part}]"),
                false => part,
            });
            assert_eq!(shown.collect::<String>(), expect);
        }
    }
}
