//! Descriptions of content types and fields in generated types, the same for every language.

use cairn_model::Registry;
use cairn_model::content_type::FieldKind;

/// Describes the kind of a field in words.
pub(super) fn describe_field(registry: &Registry, kind: &FieldKind) -> String {
    let describe_target = |target: Option<cairn_model::content_type::TypeId>| {
        target.map_or_else(|| "any type".to_owned(), |target| format!("`{}`", registry.get(target).uid))
    };
    match kind {
        FieldKind::String => "single-line text".into(),
        FieldKind::Text => "text".into(),
        FieldKind::RichText => "formatted text".into(),
        FieldKind::Blocks => "structured text".into(),
        FieldKind::Email => "an e-mail address".into(),
        FieldKind::Password => "a password, write-only".into(),
        FieldKind::Uid { .. } => "a URL slug".into(),
        FieldKind::Integer => "a whole number".into(),
        FieldKind::BigInteger => "a whole number, as text".into(),
        FieldKind::Float => "a number".into(),
        FieldKind::Decimal => "an exact decimal number".into(),
        FieldKind::Boolean => "yes or no".into(),
        FieldKind::Date => "a date, `yyyy-MM-dd`".into(),
        FieldKind::DateTime => "a time, `2026-11-21T08:00:00.000Z`".into(),
        FieldKind::Time => "a time of day, `HH:mm:ss.SSS`".into(),
        FieldKind::Json => "any JSON".into(),
        FieldKind::Enumeration { .. } => "one of the values".into(),
        FieldKind::Media { .. } => "files".into(),
        FieldKind::Relation(relation) => match relation.kind.to_many() {
            true => format!("documents of {}, by their ids", describe_target(relation.target)),
            false => format!("a document of {}, by its id", describe_target(relation.target)),
        },
        FieldKind::Unlinked { .. } => "a relation without links".into(),
        FieldKind::Component { .. } => "a component".into(),
        FieldKind::DynamicZone { .. } => "components".into(),
    }
}
