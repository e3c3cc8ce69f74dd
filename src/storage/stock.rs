//! The six note types of a new collection, equal to Anki's (only the random ids differ).

use crate::domain::notetype::{
    CardRequirement, Field, FieldConfig, Notetype, NotetypeConfig, NotetypeKind, Template,
    TemplateConfig,
};

const BASIC_CSS: &str = include_str!("../../assets/default_notetypes/basic.css");
const CLOZE_CSS: &str = include_str!("../../assets/default_notetypes/cloze.css");
const OCCLUSION_CSS: &str = include_str!("../../assets/default_notetypes/image_occlusion.css");
const OCCLUSION_FRONT: &str =
    include_str!("../../assets/default_notetypes/image_occlusion_front.html");
const OCCLUSION_BACK: &str =
    include_str!("../../assets/default_notetypes/image_occlusion_back.html");
const LATEX_PRE: &str = include_str!("../../assets/default_notetypes/latex_pre.tex");
const LATEX_POST: &str = r"\end{document}";

/// `random` gives the ids of fields and templates. The note types have no id yet.
#[must_use]
pub fn stock_notetypes(mut random: impl FnMut() -> i64) -> Vec<Notetype> {
    const ANY: i32 = 1;
    const ALL: i32 = 2;
    let mut stock = Stock(&mut random);
    let back_of =
        |question: &str, answer: &str| format!("{question}\n\n<hr id=answer>\n\n{answer}");
    let forward = (
        "Card 1",
        "{{Front}}".into(),
        back_of("{{FrontSide}}", "{{Back}}"),
    );
    let back_to_front = back_of("{{FrontSide}}", "{{Front}}");
    vec![
        stock.normal(
            "Basic",
            1,
            &["Front", "Back"],
            std::slice::from_ref(&forward),
            &[(ANY, &[0])],
        ),
        stock.normal(
            "Basic (and reversed card)",
            2,
            &["Front", "Back"],
            &[
                forward.clone(),
                ("Card 2", "{{Back}}".into(), back_to_front.clone()),
            ],
            &[(ANY, &[0]), (ANY, &[1])],
        ),
        stock.normal(
            "Basic (optional reversed card)",
            3,
            &["Front", "Back", "Add Reverse"],
            &[
                forward,
                (
                    "Card 2",
                    "{{#Add Reverse}}{{Back}}{{/Add Reverse}}".into(),
                    back_to_front,
                ),
            ],
            &[(ANY, &[0]), (ALL, &[1, 2])],
        ),
        stock.normal(
            "Basic (type in the answer)",
            4,
            &["Front", "Back"],
            &[(
                "Card 1",
                "{{Front}}\n\n{{type:Back}}".into(),
                back_of("{{Front}}", "{{type:Back}}"),
            )],
            &[(ANY, &[0, 1])],
        ),
        stock.cloze(
            "Cloze",
            5,
            CLOZE_CSS,
            &["Text", "Back Extra"],
            1,
            ("{{cloze:Text}}", "{{cloze:Text}}<br>\n{{Back Extra}}"),
            &[0],
        ),
        stock.cloze(
            "Image Occlusion",
            6,
            OCCLUSION_CSS,
            &["Occlusion", "Image", "Header", "Back Extra", "Comments"],
            4,
            (OCCLUSION_FRONT, OCCLUSION_BACK),
            &[0, 1, 2],
        ),
    ]
}

/// A note type with the look of the stock ones: names of fields; name, question and answer of
/// templates. `ids` gives the ids of fields and templates; it has no id itself yet.
#[must_use]
pub fn plain_notetype(
    name: &str,
    kind: NotetypeKind,
    fields: &[&str],
    templates: &[(&str, &str, &str)],
    mut ids: impl FnMut() -> i64,
) -> Notetype {
    let css = if kind == NotetypeKind::Cloze {
        CLOZE_CSS
    } else {
        BASIC_CSS
    };
    let mut stock = Stock(&mut ids);
    Notetype {
        name: name.to_owned(),
        config: config(kind, 0, css, &[]),
        fields: fields.iter().map(|name| stock.field(name)).collect(),
        templates: templates
            .iter()
            .map(|(name, question, answer)| stock.template(name, question, answer))
            .collect(),
        ..Notetype::default()
    }
}

struct Stock<'a, F: FnMut() -> i64>(&'a mut F);

impl<F: FnMut() -> i64> Stock<'_, F> {
    fn field(&mut self, name: &str) -> Field {
        Field {
            name: name.to_owned(),
            config: FieldConfig {
                font_name: "Arial".to_owned(),
                font_size: 20,
                id: Some((self.0)()),
                ..FieldConfig::default()
            },
        }
    }

    fn template(&mut self, name: &str, question: &str, answer: &str) -> Template {
        Template {
            name: name.to_owned(),
            config: TemplateConfig {
                q_format: question.to_owned(),
                a_format: answer.to_owned(),
                id: Some((self.0)()),
                ..TemplateConfig::default()
            },
            ..Template::default()
        }
    }

    fn normal(
        &mut self,
        name: &str,
        stock_kind: i32,
        fields: &[&str],
        templates: &[(&str, String, String)],
        reqs: &[(i32, &[u32])],
    ) -> Notetype {
        Notetype {
            name: name.to_owned(),
            config: config(NotetypeKind::Normal, stock_kind, BASIC_CSS, reqs),
            fields: fields.iter().map(|name| self.field(name)).collect(),
            templates: templates
                .iter()
                .map(|(name, question, answer)| self.template(name, question, answer))
                .collect(),
            ..Notetype::default()
        }
    }

    /// Fields carry their number as a tag; the first `kept` cannot be deleted.
    #[allow(clippy::too_many_arguments, reason = "a table row, used twice")]
    fn cloze(
        &mut self,
        name: &str,
        stock_kind: i32,
        css: &str,
        fields: &[&str],
        kept: usize,
        (question, answer): (&str, &str),
        required: &[u32],
    ) -> Notetype {
        let fields = fields
            .iter()
            .enumerate()
            .map(|(ord, field_name)| {
                let mut field = self.field(field_name);
                field.config.tag = Some(ord as u32);
                field.config.prevent_deletion = ord < kept;
                field
            })
            .collect();
        Notetype {
            name: name.to_owned(),
            config: config(NotetypeKind::Cloze, stock_kind, css, &[(1, required)]),
            fields,
            templates: vec![self.template(name, question, answer)],
            ..Notetype::default()
        }
    }
}

fn config(
    kind: NotetypeKind,
    original_stock_kind: i32,
    css: &str,
    reqs: &[(i32, &[u32])],
) -> NotetypeConfig {
    NotetypeConfig {
        kind,
        css: css.to_owned(),
        latex_pre: LATEX_PRE.to_owned(),
        latex_post: LATEX_POST.to_owned(),
        reqs: reqs
            .iter()
            .enumerate()
            .map(|(ord, (kind, fields))| CardRequirement {
                card_ord: ord as u32,
                kind: *kind,
                field_ords: fields.to_vec(),
                unknown: Vec::new(),
            })
            .collect(),
        original_stock_kind,
        ..NotetypeConfig::default()
    }
}
