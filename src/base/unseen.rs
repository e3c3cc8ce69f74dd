//! What leaves nothing on the screen: a name of such signs alone is none to people.

/// Spaces of all kinds, control characters, and what Unicode gives no ink by default.
#[must_use]
pub fn is_unseen(c: char) -> bool {
    let no_ink = matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}');
    no_ink || c.is_whitespace() || c.is_control()
}
