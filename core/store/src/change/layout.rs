//! The tables that a shape has: names, columns, indexes, and the statements that create them.

use crate::dialect::Dialect;
use crate::ident::Ident;
use cairn_model::ColumnType;
use cairn_model::change::{AttributeShape, KindShape, RelationShape, RelationWord, SideShape, Snapshot, TypeShape};
use std::collections::BTreeSet;

/// Where the values of a content type's attribute are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AttributeStorage {
    /// A column of the attribute's type.
    Scalar(ColumnType),
    /// A column of components.
    Components,
    /// The target's document id in a column, with its position in the inverse's order in another.
    ToOne { ordered: bool },
    /// A link table of the attribute.
    Links,
    /// The reference table, under instance 0.
    References,
    /// Stored by the other side of the relation.
    Inverse,
}

/// Where values of a kind are stored.
pub(crate) fn attribute_storage(kind: &KindShape) -> AttributeStorage {
    use KindShape::*;
    match kind {
        Component { .. } | DynamicZone { .. } => AttributeStorage::Components,
        Media { multiple: true } => AttributeStorage::Links,
        Media { multiple: false } => AttributeStorage::ToOne { ordered: false },
        Relation(RelationShape { side: SideShape::Inverse(_), .. }) => AttributeStorage::Inverse,
        Relation(RelationShape { relation, side, .. }) => match relation {
            RelationWord::MorphToOne | RelationWord::MorphToMany => AttributeStorage::References,
            word if word.to_many() => AttributeStorage::Links,
            _ => AttributeStorage::ToOne { ordered: matches!(side, SideShape::Owner(_)) },
        },
        String | Text | RichText | Email | Password | Uid | Enumeration { .. } => {
            AttributeStorage::Scalar(ColumnType::Text)
        }
        Blocks | Json => AttributeStorage::Scalar(ColumnType::Json),
        Integer => AttributeStorage::Scalar(ColumnType::Integer),
        BigInteger => AttributeStorage::Scalar(ColumnType::BigInteger),
        Float => AttributeStorage::Scalar(ColumnType::Float),
        Decimal => AttributeStorage::Scalar(ColumnType::Decimal),
        Boolean => AttributeStorage::Scalar(ColumnType::Boolean),
        Date => AttributeStorage::Scalar(ColumnType::Date),
        DateTime => AttributeStorage::Scalar(ColumnType::DateTime),
        Time => AttributeStorage::Scalar(ColumnType::Time),
    }
}

/// Uid of the type that links lead to; `None` if they may lead to any.
pub(super) fn link_target(kind: &KindShape) -> Option<&str> {
    match kind {
        KindShape::Media { .. } => Some(cairn_model::FILE_UID),
        KindShape::Relation(relation) => relation.target.as_deref(),
        _ => None,
    }
}

pub(crate) fn table_name(t: &TypeShape) -> Ident {
    Ident::quote(&t.table)
}

pub(super) fn column_name(a: &AttributeShape) -> Ident {
    Ident::quote(&a.column)
}

pub(super) fn position_column(a: &AttributeShape) -> Ident {
    Ident::quote(&format!("_pos_{}", a.column))
}

pub(crate) fn link_table(t: &TypeShape, a: &AttributeShape) -> Ident {
    Ident::quote(&format!("{}_{}_lnk", t.table, a.column))
}

pub(crate) fn reference_table(t: &TypeShape) -> Ident {
    Ident::quote(&format!("{}_refs", t.table))
}

/// The end of the condition of a unique index over texts: an empty text is no value, so that any number of entries may have it.
const FILLED_TEXT: &str = " <> ''";

/// The condition under which a unique attribute has a value in the column `c`.
pub(super) fn filled_condition(kind: ColumnType, c: &Ident) -> String {
    if kind == ColumnType::Text { format!("{c}{FILLED_TEXT}") } else { format!("{c} IS NOT NULL") }
}

/// An index over a table of a content type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableIndex {
    pub(crate) name: Ident,
    unique: bool,
    /// Table and columns, as SQL.
    on: String,
}

impl TableIndex {
    /// True if it is the index over document, locale and status.
    pub(super) fn is_of_documents(&self) -> bool {
        self.unique && self.on.ends_with(" (document_id, locale, _status)")
    }

    /// True if it is over the values of a unique attribute that are texts.
    pub(super) fn is_of_unique_texts(&self) -> bool {
        self.unique && self.on.ends_with(FILLED_TEXT)
    }

    pub(super) fn create_sql(&self) -> String {
        format!("CREATE {}INDEX {} ON {}", if self.unique { "UNIQUE " } else { "" }, self.name, self.on)
    }
}

/// The columns of an attribute with their declared types.
pub(crate) fn column_definitions(d: &dyn Dialect, a: &AttributeShape) -> Vec<(Ident, &'static str)> {
    match attribute_storage(&a.kind) {
        AttributeStorage::Scalar(kind) => vec![(column_name(a), d.column_type(kind))],
        AttributeStorage::Components => vec![(column_name(a), d.components_type())],
        AttributeStorage::ToOne { ordered: false } => vec![(column_name(a), d.column_type(ColumnType::Text))],
        AttributeStorage::ToOne { ordered: true } => {
            vec![
                (column_name(a), d.column_type(ColumnType::Text)),
                (position_column(a), d.column_type(ColumnType::Integer)),
            ]
        }
        AttributeStorage::Links | AttributeStorage::References | AttributeStorage::Inverse => Vec::new(),
    }
}

/// The columns of a type's collation keys.
pub(crate) fn collation_key_columns(t: &TypeShape) -> Vec<Ident> {
    let texts = t.attributes.iter().filter(|a| t.collation.is_some() && a.kind.is_short_text());
    texts.map(|a| Ident::quote_collation_key(&a.column)).collect()
}

/// The lists of attributes with an index over the collation keys of the last one: wherever there is an index over its values.
fn collation_indexes(t: &TypeShape) -> Vec<Vec<&AttributeShape>> {
    let single = t.attributes.iter().filter(|a| a.index).map(|a| vec![a]);
    let mut lists: Vec<Vec<&AttributeShape>> = Vec::new();
    for list in single.chain(t.indexes.iter().map(|names| key_attributes(t, names))) {
        let is_keyed = list.last().is_some_and(|last| t.collation.is_some() && last.kind.is_short_text());
        if is_keyed && !lists.contains(&list) {
            lists.push(list);
        }
    }
    lists
}

/// The statement that creates the table of a type, without its attributes.
pub(super) fn create_table_sql(d: &dyn Dialect, t: &TypeShape) -> String {
    let (text, time) = (d.column_type(ColumnType::Text), d.column_type(ColumnType::DateTime));
    format!(
        "CREATE TABLE {} (id {}, document_id {text} NOT NULL, locale {text} NOT NULL, _status smallint NOT NULL, \
         created_at {time} NOT NULL, updated_at {time} NOT NULL, published_at {time}, \
         _version {} NOT NULL DEFAULT 1)",
        table_name(t),
        d.numbered_key(),
        d.column_type(ColumnType::Integer)
    )
}

/// The statement that creates a link table.
pub(super) fn create_links_sql(d: &dyn Dialect, name: &Ident) -> String {
    let (text, int) = (d.column_type(ColumnType::Text), d.column_type(ColumnType::Integer));
    format!(
        "CREATE TABLE {name} (owner_id {int} NOT NULL, target {text} NOT NULL, pos {int} NOT NULL, \
         inv_pos {int} NOT NULL, PRIMARY KEY (owner_id, target)) {}",
        d.keyed_table_suffix()
    )
}

/// The statement that creates a reference table.
pub(super) fn create_references_sql(d: &dyn Dialect, name: &Ident) -> String {
    let (text, int) = (d.column_type(ColumnType::Text), d.column_type(ColumnType::Integer));
    format!(
        "CREATE TABLE {name} (owner_id {int} NOT NULL, instance {int} NOT NULL, attribute {text} NOT NULL, \
         target_type {text} NOT NULL, target {text} NOT NULL, pos {int} NOT NULL, \
         PRIMARY KEY (owner_id, instance, attribute, target_type, target)) {}",
        d.keyed_table_suffix()
    )
}

/// True if a type has a reference table; decides as `schema::Schema` does.
pub(crate) fn has_references(s: &Snapshot, t: &TypeShape) -> bool {
    let mut visited = BTreeSet::new();
    t.attributes.iter().any(|a| {
        attribute_storage(&a.kind) == AttributeStorage::References || has_links_inside(s, &a.kind, &mut visited)
    })
}

fn has_links_inside<'s>(s: &'s Snapshot, kind: &'s KindShape, visited: &mut BTreeSet<&'s str>) -> bool {
    let inside: Vec<&str> = match kind {
        KindShape::Component { component, .. } => vec![component],
        // A zone may come to contain any component.
        KindShape::DynamicZone { .. } => s.components.iter().map(|c| c.uid.as_str()).collect(),
        _ => return false,
    };
    inside.into_iter().any(|uid| {
        visited.insert(uid)
            && s.component(uid)
                .is_some_and(|c| c.attributes.iter().any(|a| a.kind.is_link() || has_links_inside(s, &a.kind, visited)))
    })
}

/// All indexes of a type.
pub(crate) fn index_definitions(d: &dyn Dialect, s: &Snapshot, ty: &TypeShape) -> Vec<TableIndex> {
    let t = table_name(ty);
    let mut all = Vec::new();
    let mut index = |suffix: &str, unique: bool, on: String| {
        all.push(TableIndex { name: Ident::quote(&format!("{}_{suffix}", ty.table)), unique, on });
    };
    index("document_idx", true, format!("{t} (document_id, locale, _status)"));
    index("list_idx", false, format!("{t} (_status, locale, id)"));
    for a in &ty.attributes {
        let c = column_name(a);
        match attribute_storage(&a.kind) {
            AttributeStorage::Scalar(kind) if kind != ColumnType::Json => {
                if a.unique {
                    let filled = match kind {
                        ColumnType::Text => format!(" AND {}", filled_condition(kind, &c)),
                        _ => String::new(),
                    };
                    index(
                        &format!("{}_unique", a.column),
                        true,
                        format!("{t} ({c}, locale) WHERE _status = 1{filled}"),
                    );
                }
                if a.index {
                    let c = d.indexed_column(&c.to_string());
                    index(&format!("{}_idx", a.column), false, format!("{t} (_status, locale, {c}, id)"));
                }
            }
            AttributeStorage::Components => {
                if a.index
                    && let Some(method) = d.components_index(&c.to_string())
                {
                    index(&format!("{}_idx", a.column), false, format!("{t} {method}"));
                }
            }
            AttributeStorage::ToOne { ordered } => {
                let order = if ordered { format!(", {}", position_column(a)) } else { String::new() };
                let on = format!("{t} ({c}, _status{order}) WHERE {c} IS NOT NULL");
                index(&format!("{}_lnk_idx", a.column), false, on);
            }
            AttributeStorage::Links => {
                let on = format!("{} (target, inv_pos, owner_id)", link_table(ty, a));
                index(&format!("{}_lnk_target", a.column), false, on);
            }
            _ => {}
        }
    }
    for names in &ty.unique_keys {
        let columns: Vec<Ident> = key_attributes(ty, names).into_iter().map(column_name).collect();
        let list: Vec<String> = columns.iter().map(Ident::to_string).collect();
        let filled: Vec<String> = list.iter().map(|c| format!("{c} IS NOT NULL")).collect();
        let on = format!("{t} ({}, locale, _status) WHERE {}", list.join(", "), filled.join(" AND "));
        index(&unique_key_suffix(ty, names), true, on);
    }
    for names in &ty.indexes {
        let attributes = key_attributes(ty, names);
        let list: Vec<String> = attributes.iter().map(|a| d.indexed_column(&column_name(a).to_string())).collect();
        let columns: Vec<&str> = attributes.iter().map(|a| a.column.as_str()).collect();
        let on = format!("{t} (_status, locale, {}, id)", list.join(", "));
        index(&format!("{}_cidx", columns.join("_")), false, on);
    }
    if has_references(s, ty) {
        index("refs_target", false, format!("{} (target_type, target, attribute)", reference_table(ty)));
    }
    for list in collation_indexes(ty) {
        let columns: Vec<&str> = list.iter().map(|a| a.column.as_str()).collect();
        let mut parts: Vec<Ident> = list.iter().map(|a| column_name(a)).collect();
        if let (Some(last), at) = (columns.last(), parts.len() - 1) {
            parts.insert(at, Ident::quote_collation_key(last));
        }
        let parts: Vec<String> = parts.iter().map(|column| d.indexed_column(&column.to_string())).collect();
        all.push(TableIndex {
            name: Ident::collation_index(&ty.table, &columns),
            unique: false,
            on: format!("{t} (_status, locale, {}, id)", parts.join(", ")),
        });
    }
    all
}

/// The attributes of a compound index or key, in its order.
pub(crate) fn key_attributes<'t>(ty: &'t TypeShape, names: &[String]) -> Vec<&'t AttributeShape> {
    names.iter().filter_map(|n| ty.attributes.iter().find(|a| a.name == *n)).collect()
}

/// The name of the index of a unique key.
pub(crate) fn unique_key_index(ty: &TypeShape, names: &[String]) -> Ident {
    Ident::quote(&format!("{}_{}", ty.table, unique_key_suffix(ty, names)))
}

fn unique_key_suffix(ty: &TypeShape, names: &[String]) -> String {
    let columns: Vec<&str> = key_attributes(ty, names).iter().map(|a| a.column.as_str()).collect();
    format!("{}_key", columns.join("."))
}

/// Names of everything that a type has besides indexes: its table, link tables, reference table.
pub(crate) fn table_names(s: &Snapshot, ty: &TypeShape) -> Vec<Ident> {
    let mut all = vec![table_name(ty)];
    all.extend(
        ty.attributes
            .iter()
            .filter(|a| attribute_storage(&a.kind) == AttributeStorage::Links)
            .map(|a| link_table(ty, a)),
    );
    all.extend(has_references(s, ty).then(|| reference_table(ty)));
    all
}
