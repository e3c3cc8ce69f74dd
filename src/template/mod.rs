//! Card templates: fields to HTML, without IO. Content never fails: a template or note at fault
//! gives the message that Anki would show. Drawing HTML to pixels is `render`.

pub mod av;
pub mod cards;
pub mod check;
pub mod cloze;
pub mod expand;
pub mod fields;
pub mod filters;
pub mod furigana;
pub mod latex;
pub mod lex;
pub mod message;
pub mod parse;
pub mod type_answer;

mod occlusion;
