//! The columns of a type's table, and the statements over them.

use crate::ident::Ident;
use cairn_model::*;

/// The fixed statements of a type's table.
#[derive(Debug)]
pub(crate) struct RowSql {
    pub(crate) insert: String,
    pub(crate) update: String,
    pub(crate) select: String,
    pub(crate) columns: Vec<(AttributeId, RowCell)>,
    /// The attributes that have a collation key; these are written behind the other columns.
    pub(crate) keyed: Vec<AttributeId>,
    /// Names of the columns that are written, quoted; the row's id is not among them.
    pub(crate) names: Vec<String>,
    /// True if a unique index may refuse a row.
    pub(crate) unique: bool,
    /// The targets of a row, as [`linked_rows_sql`] reads them.
    pub(crate) linked: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum RowCell {
    Scalar(ColumnType),
    Components,
    ToOne { ordered: bool },
}

impl RowSql {
    pub(crate) fn for_type(registry: &Registry, ct: &ContentType) -> Self {
        let t = Ident::table(ct);
        let mut names: Vec<String> =
            ["document_id", "locale", "_status", "created_at", "updated_at", "published_at", "_version"]
                .map(String::from)
                .to_vec();
        let mut columns = Vec::new();
        for (id, a) in ct.attributes.iter() {
            let cell = match (a.kind.column_type(), registry.attribute_link(a)) {
                (Some(t), _) => RowCell::Scalar(t),
                (None, Some(l)) if l.storage == LinkStorage::Column => {
                    RowCell::ToOne { ordered: matches!(l.side, RelationSide::Owner { .. }) }
                }
                (None, Some(_)) => continue,
                (None, None) if a.is_unlinked() => continue,
                (None, None) => RowCell::Components,
            };
            columns.push((id, cell));
            names.push(Ident::column(a).to_string());
            if cell == (RowCell::ToOne { ordered: true }) {
                names.push(Ident::position(a).to_string());
            }
        }
        let select = format!("SELECT id, {} FROM {t}", names.join(", "));
        let keyed: Vec<AttributeId> = ct.keyed_attributes().map(|(id, _)| id).collect();
        names.extend(keyed.iter().map(|&id| Ident::collation_key(&ct.attributes[id]).to_string()));
        let marks: Vec<String> = (1..=names.len()).map(|i| format!("?{i}")).collect();
        let sets: Vec<String> = names.iter().zip(&marks).map(|(n, m)| format!("{n} = {m}")).collect();
        Self {
            insert: format!("INSERT INTO {t} ({}) VALUES ({})", names.join(", "), marks.join(", ")),
            update: format!("UPDATE {t} SET {} WHERE id = ?{}", sets.join(", "), names.len() + 1),
            select,
            keyed,
            columns,
            names,
            linked: linked_rows_sql(registry, ct, "owner_id = ?1"),
            unique: !ct.unique_keys.is_empty() || ct.attributes.iter().any(|(_, a)| a.unique && a.is_scalar()),
        }
    }
}

/// The links of rows through link tables and morph attributes, in order: attribute, type (for morph), target, row. `rows`: a condition on
/// `owner_id`. `None` if the type has neither.
pub(crate) fn linked_rows_sql(registry: &Registry, ct: &ContentType, rows: &str) -> Option<String> {
    let storage = |a: &Attribute| registry.attribute_link(a).map(|l| l.storage);
    let mut parts: Vec<String> = Vec::new();
    for (_, a) in ct.attributes.iter().filter(|(_, a)| storage(a) == Some(LinkStorage::Table)) {
        let (name, links) = (a.name.replace('\'', "''"), Ident::links(ct, a));
        parts.push(format!(
            "SELECT '{name}' AS a, CAST(NULL AS text) AS t, target, pos, owner_id FROM {links} WHERE {rows}"
        ));
    }
    if ct.attributes.iter().any(|(_, a)| storage(a) == Some(LinkStorage::References)) {
        let references = Ident::references(ct);
        parts.push(format!(
            "SELECT attribute, target_type, target, pos, owner_id FROM {references} WHERE {rows} AND instance = 0"
        ));
    }
    (!parts.is_empty()).then(|| format!("{} ORDER BY 1, 4", parts.join(" UNION ALL ")))
}
