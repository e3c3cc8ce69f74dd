//! Note types of schema 11.

use super::lenient::{self, Object, restore_other};
use crate::base::Result;
use crate::base::ids::{NotetypeId, Usn};
use crate::base::time::TimestampSecs;
use crate::domain::notetype::{
    CardRequirement, Field, FieldConfig, Notetype, NotetypeConfig, NotetypeKind, Template,
    TemplateConfig,
};
use crate::mark;
use serde_json::{Map, Value, json};

/// `id` goes before the one in the object. Fields and card types stand in the order of the list,
/// whatever their `ord` says, as in Anki.
pub fn notetype_from_json(id: i64, value: Value) -> Result<Notetype> {
    let mut o = super::object(value, mark!("a note type"))?;
    o.remove("id");
    let fields = o.objects("flds").into_iter().map(field_from).collect();
    let templates = o.objects("tmpls").into_iter().map(template_from).collect();
    Ok(Notetype {
        id: NotetypeId(id),
        name: o.text("name"),
        mtime: TimestampSecs(o.number("mod", 0)),
        usn: Usn(o.number("usn", 0)),
        fields,
        templates,
        config: NotetypeConfig {
            kind: if o.int("type") == Some(1) {
                NotetypeKind::Cloze
            } else {
                NotetypeKind::Normal
            },
            sort_field_idx: o.number("sortf", 0),
            css: o.text("css"),
            target_deck_id_unused: o.number("did", 0),
            latex_pre: o.text("latexPre"),
            latex_post: o.text("latexPost"),
            latex_svg: o.flag("latexsvg", false),
            reqs: requirements_from(o.value("req")),
            original_stock_kind: o.number("originalStockKind", 0),
            original_id: o.int("originalId"),
            other: o.into_other(),
            unknown: Vec::new(),
        },
    })
}

fn field_from(mut o: Object) -> Field {
    o.remove("ord");
    Field {
        name: o.text("name"),
        config: FieldConfig {
            sticky: o.flag("sticky", false),
            rtl: o.flag("rtl", false),
            font_name: o.text("font"),
            font_size: o.number("size", 0),
            description: o.text("description"),
            plain_text: o.flag("plainText", false),
            collapsed: o.flag("collapsed", false),
            exclude_from_search: o.flag("excludeFromSearch", false),
            id: o.int("id"),
            tag: o.int("tag").and_then(|v| u32::try_from(v).ok()),
            prevent_deletion: o.flag("preventDeletion", false),
            other: o.into_other(),
            unknown: Vec::new(),
        },
    }
}

fn template_from(mut o: Object) -> Template {
    o.remove("ord");
    Template {
        name: o.text("name"),
        mtime: TimestampSecs::default(),
        usn: Usn::default(),
        config: TemplateConfig {
            q_format: o.text("qfmt"),
            a_format: o.text("afmt"),
            q_format_browser: o.text("bqfmt"),
            a_format_browser: o.text("bafmt"),
            target_deck_id: o.number("did", 0),
            browser_font_name: o.text("bfont"),
            browser_font_size: u32::from(o.number::<u8>("bsize", 0)),
            id: o.int("id"),
            other: o.into_other(),
            unknown: Vec::new(),
        },
    }
}

fn requirements_from(value: Option<Value>) -> Vec<CardRequirement> {
    let Some(Value::Array(items)) = value else {
        return Vec::new();
    };
    items
        .iter()
        .filter_map(|item| {
            let card_ord = u32::try_from(lenient::int(item.get(0)?)?).ok()?;
            let kind = match item.get(1)?.as_str()? {
                "any" => 1,
                "all" => 2,
                _ => 0,
            };
            let field_ords = item
                .get(2)?
                .as_array()?
                .iter()
                .filter_map(|v| u32::try_from(lenient::int(v)?).ok())
                .collect();
            Some(CardRequirement {
                card_ord,
                kind,
                field_ords,
                unknown: Vec::new(),
            })
        })
        .collect()
}

/// The object for `col.models`.
#[must_use]
pub fn notetype_to_json(notetype: &Notetype) -> Value {
    let config = &notetype.config;
    let fields: Vec<Value> = notetype.fields.iter().enumerate().map(field_to).collect();
    let templates: Vec<Value> = notetype
        .templates
        .iter()
        .enumerate()
        .map(template_to)
        .collect();
    let reqs: Vec<Value> = config
        .reqs
        .iter()
        .map(|req| {
            let kind = match req.kind {
                1 => "any",
                2 => "all",
                _ => "none",
            };
            json!([req.card_ord, kind, req.field_ords])
        })
        .collect();
    let mut map = map_of(json!({
        "id": notetype.id.0,
        "name": notetype.name,
        "type": u8::from(notetype.is_cloze()),
        "mod": notetype.mtime.0,
        "usn": notetype.usn.0,
        "sortf": config.sort_field_idx,
        "did": none_if_zero(config.target_deck_id_unused),
        "tmpls": templates,
        "flds": fields,
        "css": config.css,
        "latexPre": config.latex_pre,
        "latexPost": config.latex_post,
        "latexsvg": config.latex_svg,
        "req": reqs,
    }));
    if config.original_stock_kind != 0 {
        map.insert(
            "originalStockKind".into(),
            config.original_stock_kind.into(),
        );
    }
    if let Some(id) = config.original_id {
        map.insert("originalId".into(), id.into());
    }
    restore_other(&mut map, &config.other, &[]);
    Value::Object(map)
}

fn field_to((ord, field): (usize, &Field)) -> Value {
    let config = &field.config;
    let mut map = map_of(json!({
        "name": field.name,
        "ord": ord,
        "sticky": config.sticky,
        "rtl": config.rtl,
        "font": config.font_name,
        "size": config.font_size,
        "description": config.description,
        "plainText": config.plain_text,
        "collapsed": config.collapsed,
        "excludeFromSearch": config.exclude_from_search,
        "id": config.id,
        "tag": config.tag,
        "preventDeletion": config.prevent_deletion,
    }));
    restore_other(&mut map, &config.other, &[]);
    Value::Object(map)
}

fn template_to((ord, template): (usize, &Template)) -> Value {
    let config = &template.config;
    let mut map = map_of(json!({
        "name": template.name,
        "ord": ord,
        "qfmt": config.q_format,
        "afmt": config.a_format,
        "bqfmt": config.q_format_browser,
        "bafmt": config.a_format_browser,
        "did": none_if_zero(config.target_deck_id),
        "bfont": config.browser_font_name,
        "bsize": config.browser_font_size.min(255),
        "id": config.id,
    }));
    restore_other(&mut map, &config.other, &[]);
    Value::Object(map)
}

fn none_if_zero(id: i64) -> Option<i64> {
    (id != 0).then_some(id)
}

fn map_of(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
