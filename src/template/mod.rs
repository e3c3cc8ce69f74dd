//! Card templates: fields to HTML, without IO. Content never fails: a template or note at fault
//! gives the message that Anki would show. Drawing HTML to pixels is `render`.

pub mod cloze;
pub mod expand;
pub mod filters;
pub mod furigana;
pub mod lex;
pub mod message;
pub mod parse;

mod occlusion;
