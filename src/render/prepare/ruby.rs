//! Ruby (small reading above the base): the engine lays out one base with one reading, so a
//! `ruby` element with several pairs is split. The layout itself is in `assets/card/ua.css`.

use crate::render::tree::{NodeIndex, Tree};

/// `<ruby>a<rt>b</rt>c<rt>d</rt></ruby>` becomes a span of two `ruby` elements.
pub(super) fn split_pairs(tree: &mut Tree, node: NodeIndex) {
    let readings = tree
        .children(node)
        .iter()
        .filter(|&&child| tree.is(child, "rt"))
        .count();
    if readings < 2 {
        return;
    }
    let mut pairs: Vec<Vec<NodeIndex>> = vec![Vec::new()];
    let mut closed = false;
    for child in tree.take_children(node) {
        // A closing parenthesis for old browsers still belongs to the reading before it.
        let tail = tree.is(child, "rp");
        if closed && !tail {
            pairs.push(Vec::new());
            closed = false;
        }
        closed |= tree.is(child, "rt");
        if let Some(pair) = pairs.last_mut() {
            pair.push(child);
        }
    }
    tree.set_tag(node, "span");
    for pair in pairs {
        let has_reading = pair.iter().any(|&child| tree.is(child, "rt"));
        if has_reading {
            let ruby = tree.add_element("ruby", &[]);
            for child in pair {
                tree.append(ruby, child);
            }
            tree.append(node, ruby);
        } else {
            for child in pair {
                tree.append(node, child);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::render::prepare::tests::check;

    #[test]
    fn several_pairs_are_split_and_one_is_left_alone() {
        check(
            "<ruby>日<rt>に</rt>本<rt>ほん</rt>!</ruby>",
            "<span><ruby>日<rt>に</rt></ruby><ruby>本<rt>ほん</rt></ruby>!</span>",
        );
        check(
            "<ruby>日<rp>(</rp><rt>に</rt><rp>)</rp>本<rp>(</rp><rt>ほん</rt><rp>)</rp></ruby>",
            "<span><ruby>日<rp>(</rp><rt>に</rt><rp>)</rp></ruby><ruby>本<rp>(</rp><rt>ほん</rt><rp>)</rp></ruby></span>",
        );
        check(
            "<ruby>日本<rt>にほん</rt></ruby>",
            "<ruby>日本<rt>にほん</rt></ruby>",
        );
    }
}
