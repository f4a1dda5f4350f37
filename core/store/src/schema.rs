//! The tables of a model: one per content type, a link table per to-many attribute, a reference table where components or morph relations
//! link. They are created and changed in `change`.

mod catalogue;
mod row_sql;

use crate::connection::Connection;
use crate::ident::Ident;
use crate::{ChangeCounters, Result};
use cairn_model::*;
pub(crate) use catalogue::{Catalogue, is_same_type};
pub(crate) use row_sql::{RowCell, RowSql, linked_rows_sql};

/// Facts that the store derives from a model once, for its writes.
#[derive(Debug, Default)]
pub(crate) struct WriteSchema {
    /// By target type: every attribute that may link to its documents.
    pub(crate) link_sources: Vec<Vec<LinkSource>>,
    /// By type: whether it has a reference table.
    pub(crate) references: Vec<bool>,
    /// By type: the fixed statements of its rows.
    pub(crate) rows: Vec<RowSql>,
}

/// An attribute that may link to documents of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LinkSource {
    /// The type whose rows hold the links.
    pub(crate) owner: TypeId,
    /// Where its rows hold them.
    pub(crate) location: LinkLocation,
}

/// Where a row holds links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkLocation {
    /// A column of the row, for a to-one link.
    Column(AttributeId),
    /// The link table of the attribute.
    Table(AttributeId),
    /// The reference table of the type.
    References,
}

impl WriteSchema {
    pub(crate) fn from_registry(registry: &Registry) -> Self {
        let n = registry.types().len();
        let mut schema =
            Self { link_sources: vec![Vec::new(); n], references: vec![false; n], rows: Vec::with_capacity(n) };
        for ct in registry.types() {
            let mut targets = vec![false; n];
            let mut any = false;
            for (id, a) in ct.attributes.iter() {
                match registry.attribute_link(a) {
                    Some(AttributeLink { storage: LinkStorage::References, .. }) => any = true,
                    Some(AttributeLink { target: Some(t), storage: LinkStorage::Column, .. }) => {
                        schema.link_sources[t.0 as usize]
                            .push(LinkSource { owner: ct.id, location: LinkLocation::Column(id) });
                    }
                    Some(AttributeLink { target: Some(t), storage: LinkStorage::Table, .. }) => {
                        schema.link_sources[t.0 as usize]
                            .push(LinkSource { owner: ct.id, location: LinkLocation::Table(id) });
                    }
                    _ => component_targets(registry, a, &mut targets, &mut any, 0),
                }
            }
            for (t, linked) in targets.iter().enumerate() {
                if *linked || any {
                    schema.link_sources[t].push(LinkSource { owner: ct.id, location: LinkLocation::References });
                }
            }
            schema.references[ct.id.0 as usize] = any || targets.contains(&true);
            schema.rows.push(RowSql::for_type(registry, ct));
        }
        schema
    }

    /// The tables of a type: its rows, its links, its references.
    pub(crate) fn type_tables(&self, registry: &Registry, ct: TypeId) -> Vec<Ident> {
        let content_type = registry.get(ct);
        let mut tables = vec![Ident::table(content_type)];
        for (_, a) in content_type.attributes.iter() {
            if registry.attribute_link(a).is_some_and(|l| l.storage == LinkStorage::Table) {
                tables.push(Ident::links(content_type, a));
            }
        }
        if self.references[ct.0 as usize] {
            tables.push(Ident::references(content_type));
        }
        tables
    }
}

fn component_targets(registry: &Registry, a: &Attribute, targets: &mut [bool], any: &mut bool, depth: usize) {
    // The loader refuses cycles; the bound stops infinite recursion in a registry that was built by hand.
    if depth > 32 {
        return;
    }
    let inside: Vec<ComponentId> = match &a.kind {
        FieldKind::Component { component, .. } => vec![*component],
        FieldKind::DynamicZone { .. } => registry.components().iter().map(|c| c.id).collect(),
        _ => return,
    };
    for c in inside {
        for (_, a) in registry.component(c).attributes.iter() {
            match registry.attribute_link(a) {
                Some(AttributeLink { target: Some(t), .. }) => targets[t.0 as usize] = true,
                Some(_) => *any = true,
                None => component_targets(registry, a, targets, any, depth + 1),
            }
        }
    }
}

/// Loads approximate row counts by type from the stored counts.
pub(crate) fn load_counts(conn: &Connection, registry: &Registry, counters: &ChangeCounters) -> Result<()> {
    let sql = "SELECT type, CAST(sum(n) AS bigint) FROM cairn_counts GROUP BY type";
    let counts: Vec<(String, i64)> = conn.query_all("reading the counts", sql, (), |r| Ok((r.get(0)?, r.get(1)?)))?;
    for (uid, n) in counts {
        if let Some(ct) = registry.by_uid(&uid) {
            counters.add_rows(ct.id, n);
        }
    }
    Ok(())
}
