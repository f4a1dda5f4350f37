//! The attributes of content types, as the choices of manifests ask for them.

use cairn_model::{FieldKind, Registry};
use cairn_plugin_package::AttributeKinds;

/// The attributes of one of the project's own content types, with their types; `None` where the project has no such type.
pub fn attributes_of(registry: &Registry, uid: &str) -> Option<AttributeKinds> {
    let ct = registry.by_uid(uid).filter(|ct| ct.is_api() && ct.plugin_id().is_none())?;
    Some(ct.attributes.iter().map(|(_, attribute)| (attribute.name.clone(), kind_name(&attribute.kind))).collect())
}

/// The type of an attribute, as schema files have it.
fn kind_name(kind: &FieldKind) -> &'static str {
    match kind {
        FieldKind::String => "string",
        FieldKind::Text => "text",
        FieldKind::RichText => "richtext",
        FieldKind::Blocks => "blocks",
        FieldKind::Email => "email",
        FieldKind::Password => "password",
        FieldKind::Uid { .. } => "uid",
        FieldKind::Integer => "integer",
        FieldKind::BigInteger => "biginteger",
        FieldKind::Float => "float",
        FieldKind::Decimal => "decimal",
        FieldKind::Boolean => "boolean",
        FieldKind::Date => "date",
        FieldKind::DateTime => "datetime",
        FieldKind::Time => "time",
        FieldKind::Json => "json",
        FieldKind::Enumeration { .. } => "enumeration",
        FieldKind::Media { .. } => "media",
        FieldKind::Relation(_) => "relation",
        // It leads nowhere: nothing can be read through it.
        FieldKind::Unlinked { .. } => "unlinked",
        FieldKind::Component { .. } => "component",
        FieldKind::DynamicZone { .. } => "dynamiczone",
    }
}

#[cfg(test)]
mod tests {
    use super::kind_name;
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
            assert!(ATTRIBUTE_KINDS.contains(&kind_name(&kind)), "{kind:?}");
        }
    }
}
