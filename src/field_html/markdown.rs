//! Markdown of deck descriptions as HTML: CommonMark, in which HTML may stand, cleaned as in Anki
//! (no pictures, no styles, no scripts).

/// The HTML of some Markdown.
#[must_use]
pub fn html_from_markdown(text: &str) -> String {
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new(text));
    let mut cleaner = ammonia::Builder::default();
    cleaner.rm_tags(["img"]).clean(&html).to_string()
}
