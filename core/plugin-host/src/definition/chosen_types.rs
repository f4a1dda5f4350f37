//! The attributes of content types, as the choices of manifests ask for them.

use cairn_model::{FieldKind, Registry};
use cairn_plugin_package::AttributeKinds;

/// The attributes of one of the project's own content types, with their types; `None` where the project has no such type.
pub fn attributes_of(registry: &Registry, uid: &str) -> Option<AttributeKinds> {
    let ct = registry.by_uid(uid).filter(|ct| ct.is_api() && ct.plugin_id().is_none())?;
    Some(ct.attributes.iter().map(|(_, attribute)| (attribute.name.clone(), needed_kind(&attribute.kind))).collect())
}

/// The type of an attribute, as schema files have it. A relation that leads nowhere is none: nothing can be read through it.
fn needed_kind(kind: &FieldKind) -> &'static str {
    if matches!(kind, FieldKind::Unlinked { .. }) { "unlinked" } else { kind.type_name() }
}

#[cfg(test)]
mod tests {
    use super::needed_kind;
    use cairn_model::FieldKind;
    use cairn_plugin_package::manifest::ATTRIBUTE_KINDS;

    #[test]
    fn manifests_know_the_types_of_attributes() {
        let kinds = [
            FieldKind::String,
            FieldKind::Text,
            FieldKind::RichText,
            FieldKind::Blocks,
            FieldKind::Email,
            FieldKind::Password,
            FieldKind::Uid { target_field: None },
            FieldKind::Integer,
            FieldKind::BigInteger,
            FieldKind::Float,
            FieldKind::Decimal,
            FieldKind::Boolean,
            FieldKind::Date,
            FieldKind::DateTime,
            FieldKind::Time,
            FieldKind::Json,
            FieldKind::Enumeration { values: Vec::new() },
            FieldKind::Media { multiple: false, allowed: Vec::new() },
            FieldKind::DynamicZone { components: Vec::new() },
        ];
        for kind in kinds {
            assert!(ATTRIBUTE_KINDS.contains(&needed_kind(&kind)), "{kind:?}");
        }
    }
}
