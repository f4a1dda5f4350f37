//! Unique values inside components: which of them other entries have.

use crate::connection::Value as SqlValue;
use crate::dialect::Dialect;
use crate::ident::Ident;
use crate::namespaces;
use crate::{Reader, Result, StoreError};
use cairn_model::validate::{UniquePlace, UniqueValues};
use cairn_model::*;
use serde_json::Value as Json;

/// Places that one statement looks at: SQLite bounds the parts of a compound statement.
const PLACES_PER_STATEMENT: usize = 100;

impl namespaces::Documents<Reader<'_>> {
    /// Those of the values that another document's published version in that locale has at the same place, with the place: one statement for each
    /// [`PLACES_PER_STATEMENT`] places. It reads the components of all published entries, so it is for types with such values only.
    pub fn find_component_clashes(
        &self,
        ct: TypeId,
        document_id: &str,
        locale: &str,
        unique: &UniqueValues,
    ) -> Result<Vec<(usize, Json)>> {
        let registry = &self.tx.store.registry;
        let content_type = registry.get(ct);
        let dialect = self.tx.conn.dialect();
        let mut clashes = Vec::new();
        let places: Vec<usize> = (0..unique.places.len()).collect();
        for some in places.chunks(PLACES_PER_STATEMENT) {
            let mut binds: Vec<SqlValue> = vec![locale.into(), document_id.into()];
            let mut parts = Vec::with_capacity(some.len());
            for &n in some {
                let values = unique.values.iter().filter(|value| value.place == n).map(|value| value.stored.clone());
                let values = Json::Array(values.collect()).to_string();
                parts.push(place_query(registry, dialect, content_type, (n, &unique.places[n]), values, &mut binds));
            }
            let found: Vec<(i64, String)> = self.tx.conn.query_all(
                "checking unique values of components",
                &parts.join(" UNION ALL "),
                &binds[..],
                |r| Ok((r.get(0)?, r.get(1)?)),
            )?;
            for (place, text) in found {
                let stored = serde_json::from_str(&text)
                    .map_err(|e| StoreError::Corrupt { place: content_type.table.clone(), message: e.to_string() })?;
                clashes.push((usize::try_from(place).unwrap_or(usize::MAX), stored));
            }
        }
        Ok(clashes)
    }
}

/// The query for the values at one place: its number and the value as JSON text. `?1` is the locale, `?2` the document.
fn place_query(
    registry: &Registry,
    dialect: &dyn Dialect,
    ct: &ContentType,
    (number, place): (usize, &UniquePlace),
    values: String,
    binds: &mut Vec<SqlValue>,
) -> String {
    let mut bind = |value: SqlValue| {
        binds.push(value);
        format!("?{}", binds.len())
    };
    let mut from = format!("{} t", Ident::table(ct));
    let mut test = String::from("t.locale = ?1 AND t._status = 1 AND t.document_id <> ?2");
    let mut json = String::new();
    let mut attributes = &ct.attributes;
    for (depth, (attribute, component)) in place.steps.iter().enumerate() {
        let attribute = &attributes[*attribute];
        json = match depth {
            0 => format!("t.{}", Ident::column(attribute)),
            _ => dialect.json_child(&json, &attribute.name),
        };
        if !matches!(attribute.kind, FieldKind::Component { repeatable: false, .. }) {
            let element = format!("e{depth}");
            from.push_str(", ");
            from.push_str(&dialect.json_elements(&json, &element));
            json = format!("{element}.value");
        }
        let component = registry.component(*component);
        if matches!(attribute.kind, FieldKind::DynamicZone { .. }) {
            let uid = bind(component.uid.as_str().into());
            let named = dialect.json_field(&json, "__component", ColumnType::Text);
            test.push_str(&format!(" AND {named} = {uid}"));
        }
        attributes = &component.attributes;
    }
    let name = &attributes[place.attribute].name;
    let is_one_of = dialect.json_member_in(&json, name, &bind(values.into()));
    let value = dialect.json_member_text(&json, name);
    format!("SELECT CAST({number} AS bigint), {value} FROM {from} WHERE {test} AND {is_one_of}")
}
