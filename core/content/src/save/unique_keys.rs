//! The key of several values that another entry has already, and the field of it that a person can change.

use super::DocumentWrite;
use crate::Result;
use cairn_model::{Attribute, AttributeId, ContentType, FieldKind, Value};
use cairn_store::content::DocumentRow;

impl DocumentWrite<'_, '_> {
    /// Finds the key of the type that the row shares with another entry. Returns the field that the error names.
    pub(super) fn find_taken_key_field(&self, row: &DocumentRow) -> Result<Option<AttributeId>> {
        for key in &self.ct.unique_keys {
            let row = with_key_only(self.ct, key, row);
            if self.tx.reader().documents().find_unique_key_clash(self.ct.id, &row)?.is_some() {
                return Ok(choose_field(self.ct, key));
            }
        }
        Ok(None)
    }
}

/// The row without the values of other keys: of several keys that begin with the same field, only this one can clash.
fn with_key_only(ct: &ContentType, key: &[AttributeId], row: &DocumentRow) -> DocumentRow {
    let mut row = row.clone();
    for other in ct.unique_keys.iter().flatten().filter(|attribute| !key.contains(attribute)) {
        row.to_one.remove(other);
        if let Some(value) = row.values.get_mut(*other) {
            *value = Value::Null;
        }
    }
    row
}

/// Chooses the field of a key that a person is most likely to change: a text before a number, that before a choice, and that before the
/// document it belongs to. What no response shows comes last.
fn choose_field(ct: &ContentType, key: &[AttributeId]) -> Option<AttributeId> {
    // The first of the lowest rank, counted from the end: a key goes from what is given to what is typed.
    key.iter().rev().min_by_key(|id| rank_field(&ct.attributes[**id])).copied()
}

fn rank_field(attribute: &Attribute) -> u8 {
    let rank = match attribute.kind {
        FieldKind::Uid { .. } | FieldKind::String | FieldKind::Text | FieldKind::RichText | FieldKind::Email => 0,
        FieldKind::Boolean | FieldKind::Enumeration { .. } => 2,
        _ if attribute.is_scalar() => 1,
        _ => 3,
    };
    if attribute.is_hidden() { rank + 10 } else { rank }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::ContentFixture;
    use serde_json::json;
    use std::collections::HashMap;

    /// Help articles, with the keys that these names make.
    async fn article_type(keys: &[&[&str]]) -> ContentType {
        let space = json!({ "kind": "collectionType", "attributes": { "title": { "type": "string" } } });
        let article = json!({ "kind": "collectionType", "attributes": {
            "space": { "type": "relation", "relation": "manyToOne", "target": "api::space.space" },
            "language": { "type": "enumeration", "enum": ["nl", "en"] },
            "slug": { "type": "string" },
            "order": { "type": "integer" },
            "voter": { "type": "string", "private": true },
        } });
        let project = ContentFixture::new(&[("space", space), ("article", article)], &[]).await;
        let mut ct = project.content.by_route("articles").unwrap().clone();
        let attribute = |name: &&str| ct.attributes.get(name).unwrap().0;
        ct.unique_keys = keys.iter().map(|key| key.iter().map(attribute).collect()).collect();
        ct
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn errors_name_the_field_that_a_person_can_change() {
        for (key, field) in [
            (&["space", "language", "slug"][..], "slug"),
            (&["slug", "language"], "slug"),
            (&["slug", "order"], "slug"),
            (&["space", "order"], "order"),
            (&["space", "language"], "language"),
            (&["space", "voter"], "space"),
            (&["voter"], "voter"),
        ] {
            let ct = article_type(&[key]).await;
            let chosen = choose_field(&ct, &ct.unique_keys[0]).unwrap();
            assert_eq!(ct.attributes[chosen].name, field, "{key:?}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn values_of_other_keys_do_not_count() {
        let ct = article_type(&[&["space", "slug"], &["space", "order"]]).await;
        let id = |name: &str| ct.attributes.get(name).unwrap().0;
        let mut row = DocumentRow {
            id: 0,
            document_id: "a".into(),
            locale: String::new(),
            published: true,
            created_at: String::new(),
            updated_at: String::new(),
            version: 0,
            published_at: None,
            values: vec![Value::Null; ct.attributes.iter().count()],
            to_one: HashMap::from([(id("space"), ("s".to_owned(), 0))]),
        };
        row.values[id("slug")] = Value::Text("deposit".into());
        row.values[id("order")] = Value::Int(1);
        let with_slug = with_key_only(&ct, &ct.unique_keys[0], &row);
        assert_eq!(
            (&with_slug.values[id("slug")], &with_slug.values[id("order")]),
            (&row.values[id("slug")], &Value::Null)
        );
        assert_eq!(with_slug.to_one, row.to_one);
    }
}
