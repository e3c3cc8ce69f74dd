//! `notetypes.config`, `fields.config` and `templates.config`.

use super::{proto, wire};
use crate::base::Result;
use crate::domain::notetype::{
    CardRequirement, FieldConfig, NotetypeConfig, NotetypeKind, TemplateConfig,
};
use crate::mark;

pub fn notetype_from_wire(bytes: &[u8]) -> Result<NotetypeConfig> {
    let p: proto::NotetypeConfig = wire::decode(bytes, mark!("the settings of a note type"))?;
    Ok(NotetypeConfig {
        kind: match p.kind {
            0 => NotetypeKind::Normal,
            1 => NotetypeKind::Cloze,
            newer => NotetypeKind::Newer(newer),
        },
        sort_field_idx: p.sort_field_idx,
        css: p.css,
        target_deck_id_unused: p.target_deck_id_unused,
        latex_pre: p.latex_pre,
        latex_post: p.latex_post,
        latex_svg: p.latex_svg,
        reqs: p
            .reqs
            .iter()
            .map(|bytes| requirement_from(bytes))
            .collect::<Result<_>>()?,
        original_stock_kind: p.original_stock_kind,
        original_id: p.original_id,
        other: p.other,
        unknown: wire::unknown_fields(bytes, proto::NOTETYPE_TAGS),
    })
}

#[must_use]
pub fn notetype_to_wire(config: &NotetypeConfig) -> Vec<u8> {
    let p = proto::NotetypeConfig {
        kind: match config.kind {
            NotetypeKind::Normal => 0,
            NotetypeKind::Cloze => 1,
            NotetypeKind::Newer(kind) => kind,
        },
        sort_field_idx: config.sort_field_idx,
        css: config.css.clone(),
        target_deck_id_unused: config.target_deck_id_unused,
        latex_pre: config.latex_pre.clone(),
        latex_post: config.latex_post.clone(),
        latex_svg: config.latex_svg,
        reqs: config.reqs.iter().map(requirement_to).collect(),
        original_stock_kind: config.original_stock_kind,
        original_id: config.original_id,
        other: config.other.clone(),
    };
    wire::encode(&p, &config.unknown)
}

fn requirement_from(bytes: &[u8]) -> Result<CardRequirement> {
    let p: proto::CardRequirement = wire::decode(bytes, mark!("what a card template requires"))?;
    Ok(CardRequirement {
        card_ord: p.card_ord,
        kind: p.kind,
        field_ords: p.field_ords,
        unknown: wire::unknown_fields(bytes, proto::REQUIREMENT_TAGS),
    })
}

fn requirement_to(requirement: &CardRequirement) -> Vec<u8> {
    let p = proto::CardRequirement {
        card_ord: requirement.card_ord,
        kind: requirement.kind,
        field_ords: requirement.field_ords.clone(),
    };
    wire::encode(&p, &requirement.unknown)
}

pub fn field_from_wire(bytes: &[u8]) -> Result<FieldConfig> {
    let p: proto::FieldConfig = wire::decode(bytes, mark!("the settings of a field"))?;
    Ok(FieldConfig {
        sticky: p.sticky,
        rtl: p.rtl,
        font_name: p.font_name,
        font_size: p.font_size,
        description: p.description,
        plain_text: p.plain_text,
        collapsed: p.collapsed,
        exclude_from_search: p.exclude_from_search,
        id: p.id,
        tag: p.tag,
        prevent_deletion: p.prevent_deletion,
        other: p.other,
        unknown: wire::unknown_fields(bytes, proto::FIELD_TAGS),
    })
}

#[must_use]
pub fn field_to_wire(config: &FieldConfig) -> Vec<u8> {
    let p = proto::FieldConfig {
        sticky: config.sticky,
        rtl: config.rtl,
        font_name: config.font_name.clone(),
        font_size: config.font_size,
        description: config.description.clone(),
        plain_text: config.plain_text,
        collapsed: config.collapsed,
        exclude_from_search: config.exclude_from_search,
        id: config.id,
        tag: config.tag,
        prevent_deletion: config.prevent_deletion,
        other: config.other.clone(),
    };
    wire::encode(&p, &config.unknown)
}

pub fn template_from_wire(bytes: &[u8]) -> Result<TemplateConfig> {
    let p: proto::TemplateConfig = wire::decode(bytes, mark!("the settings of a card template"))?;
    Ok(TemplateConfig {
        q_format: p.q_format,
        a_format: p.a_format,
        q_format_browser: p.q_format_browser,
        a_format_browser: p.a_format_browser,
        target_deck_id: p.target_deck_id,
        browser_font_name: p.browser_font_name,
        browser_font_size: p.browser_font_size,
        id: p.id,
        other: p.other,
        unknown: wire::unknown_fields(bytes, proto::TEMPLATE_TAGS),
    })
}

#[must_use]
pub fn template_to_wire(config: &TemplateConfig) -> Vec<u8> {
    let p = proto::TemplateConfig {
        q_format: config.q_format.clone(),
        a_format: config.a_format.clone(),
        q_format_browser: config.q_format_browser.clone(),
        a_format_browser: config.a_format_browser.clone(),
        target_deck_id: config.target_deck_id,
        browser_font_name: config.browser_font_name.clone(),
        browser_font_size: config.browser_font_size,
        id: config.id,
        other: config.other.clone(),
    };
    wire::encode(&p, &config.unknown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_tag_of_zero_is_written() {
        let config = FieldConfig {
            tag: Some(0),
            ..FieldConfig::default()
        };
        let bytes = field_to_wire(&config);
        assert_eq!(bytes, [80, 0]);
        assert_eq!(field_from_wire(&bytes).unwrap(), config);
    }

    proptest! {
        #[test]
        fn any_bytes_never_panic_and_keep_their_meaning(bytes: Vec<u8>) {
            if let Ok(config) = notetype_from_wire(&bytes) {
                prop_assert_eq!(notetype_from_wire(&notetype_to_wire(&config)).unwrap(), config);
            }
            if let Ok(config) = field_from_wire(&bytes) {
                prop_assert_eq!(field_from_wire(&field_to_wire(&config)).unwrap(), config);
            }
            if let Ok(config) = template_from_wire(&bytes) {
                prop_assert_eq!(template_from_wire(&template_to_wire(&config)).unwrap(), config);
            }
        }

        #[test]
        fn unknown_fields_survive(css in ".{0,20}", tag in 11_u32..200, value: u64) {
            let mut bytes = notetype_to_wire(&NotetypeConfig { css, ..NotetypeConfig::default() });
            prost::encoding::uint64::encode(tag, &value, &mut bytes);
            let config = notetype_from_wire(&bytes).unwrap();
            prop_assert_eq!(notetype_to_wire(&config), bytes);
        }
    }
}
