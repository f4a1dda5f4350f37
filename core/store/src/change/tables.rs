//! Tables, columns and indexes under their new names.

use super::collation;
use super::layout::{self, AttributeStorage, TableIndex, attribute_storage};
use super::run::{ChangeRun, TypePair};
use super::schema_row::SYSTEM_COLUMNS;
use super::tx::ChangeTx;
use super::type_migration::{TypeMigration, is_affected};
use crate::Result;
use crate::ident::Ident;
use crate::schema::Catalogue;
use cairn_model::change::TypeShape;
use std::collections::{BTreeMap, BTreeSet};

/// The indexes to drop and to create.
pub(super) struct IndexChanges {
    gone: Vec<Ident>,
    /// Indexes to create, with the uid of their type.
    pub(super) made: Vec<(String, TableIndex)>,
}

impl IndexChanges {
    pub(super) fn for_change(run: &ChangeRun<'_>, catalogue: &Catalogue) -> Self {
        let d = run.tx.dialect();
        let (mut gone, mut made) = (Vec::new(), Vec::new());
        let mut unchanged: BTreeMap<&str, Vec<TableIndex>> = BTreeMap::new();
        for t in &run.before.types {
            let new = run.trace.new_owner(&t.uid).and_then(|uid| run.after.content_type(uid));
            let shape = new.filter(|new| new.table == t.table && !is_affected(run, t, new));
            let indexes = shape.map(|new| layout::index_definitions(d, run.after, new)).unwrap_or_default();
            for index in layout::index_definitions(d, run.before, t) {
                if !catalogue.contains(&index.name) {
                    continue;
                }
                match (shape, indexes.contains(&index)) {
                    (Some(new), true) => unchanged.entry(&new.uid).or_default().push(index),
                    _ => gone.push(index.name),
                }
            }
        }
        for t in &run.after.types {
            let existing = unchanged.remove(t.uid.as_str()).unwrap_or_default();
            let missing =
                layout::index_definitions(d, run.after, t).into_iter().filter(|index| !existing.contains(index));
            for index in missing {
                // Left by something that is no more: it would be in the way.
                let left =
                    catalogue.contains(&index.name) && !gone.contains(&index.name) && !catalogue.is_table(&index.name);
                if left && !unchanged.values().flatten().any(|i| i.name == index.name) {
                    gone.push(index.name.clone());
                }
                made.push((t.uid.clone(), index));
            }
        }
        Self { gone, made }
    }

    pub(super) fn drop(&self, tx: ChangeTx<'_>) -> Result<()> {
        self.gone.iter().try_for_each(|name| tx.run(&format!("DROP INDEX IF EXISTS {name}")))
    }

    /// The indexes of one type.
    pub(super) fn all_of_type(run: &ChangeRun<'_>, t: &TypeShape) -> Self {
        let all = layout::index_definitions(run.tx.dialect(), run.after, t).into_iter();
        Self { gone: Vec::new(), made: all.map(|index| (t.uid.clone(), index)).collect() }
    }

    /// Creates the index that finds the versions of a document, which the rules need.
    pub(super) fn create_first(&self, tx: ChangeTx<'_>) -> Result<()> {
        self.made.iter().filter(|(_, i)| i.is_of_documents()).try_for_each(|(_, index)| tx.run(&index.create_sql()))
    }

    /// Creates all indexes that [`Self::create_first`] has not created.
    pub(super) fn create_remaining(&self, tx: ChangeTx<'_>) -> Result<()> {
        self.made.iter().filter(|(_, i)| !i.is_of_documents()).try_for_each(|(_, index)| tx.run(&index.create_sql()))
    }
}

/// Creates the tables of a new type, without its indexes.
pub(super) fn create_type(run: &ChangeRun<'_>, t: &TypeShape) -> Result<()> {
    let (tx, d) = (run.tx, run.tx.dialect());
    tx.run(&layout::create_table_sql(d, t))?;
    let table = layout::table_name(t);
    collation::add_columns(tx, t, &[])?;
    for a in &t.attributes {
        for (column, declared) in layout::column_definitions(d, a) {
            tx.run(&format!("ALTER TABLE {table} ADD COLUMN {column} {declared}"))?;
        }
        if attribute_storage(&a.kind) == AttributeStorage::Links {
            tx.run(&layout::create_links_sql(d, &layout::link_table(t, a)))?;
        }
    }
    if layout::has_references(run.after, t) {
        tx.run(&layout::create_references_sql(d, &layout::reference_table(t)))?;
    }
    Ok(())
}

/// Orders renames so that every name is free when it is taken. Case makes no difference.
fn order_renames(
    mut pairs: Vec<(String, String)>,
    used_names: impl IntoIterator<Item = String>,
    aside: impl Fn(usize) -> String,
) -> Vec<(String, String)> {
    let fold = |name: &str| name.to_ascii_lowercase();
    let mut used_names: BTreeSet<String> = used_names.into_iter().map(|name| fold(&name)).collect();
    pairs.retain(|(from, to)| from != to);
    let (mut ordered, mut asides, limit) = (Vec::new(), 0, pairs.len());
    while !pairs.is_empty() {
        let free = pairs.iter().position(|(_, to)| !used_names.contains(&fold(to)));
        let (from, to) = match free {
            Some(i) => pairs.remove(i),
            // A name outside these pairs is in the way: the database reports it.
            None if asides > limit => pairs.remove(0),
            None => {
                let name = aside(asides);
                asides += 1;
                let from = std::mem::replace(&mut pairs[0].0, name.clone());
                pairs.rotate_left(1);
                (from, name)
            }
        };
        used_names.remove(&fold(&from));
        used_names.insert(fold(&to));
        ordered.push((from, to));
    }
    ordered
}

/// Renames all tables and columns of the types that stay, and creates new ones.
pub(super) fn move_tables<'a>(
    run: &ChangeRun<'a>,
    pairs: &[TypePair<'a>],
    catalogue: &Catalogue,
) -> Result<Vec<TypeMigration<'a>>> {
    pairs.iter().try_for_each(|pair| collation::drop_columns(run.tx, *pair))?;
    let mut carried: Vec<TypeMigration<'a>> = pairs.iter().map(|pair| TypeMigration::for_pair(run, *pair)).collect();
    let mut renames = Vec::new();
    let mut olds = 0;
    let mut old_name = || {
        olds += 1;
        format!("cairn_old_{olds}")
    };
    for carry in &mut carried {
        let TypePair { old, new } = carry.pair;
        renames.push((layout::table_name(old).unquoted_name(), layout::table_name(new).unquoted_name()));
        for a in old.attributes.iter().filter(|a| attribute_storage(&a.kind) == AttributeStorage::Links) {
            let to = match carry.attribute_after(a) {
                Some(now) => layout::link_table(new, now).unquoted_name(),
                None => {
                    let name = old_name();
                    carry.old_tables.insert(a.name.clone(), Ident::quote(&name));
                    name
                }
            };
            renames.push((layout::link_table(old, a).unquoted_name(), to));
        }
        if layout::has_references(run.before, old) {
            let to = if layout::has_references(run.after, new) {
                layout::reference_table(new).unquoted_name()
            } else {
                old_name()
            };
            carry.references = Some(Ident::quote(&to));
            carry.references_go = to.starts_with("cairn_old_");
            renames.push((layout::reference_table(old).unquoted_name(), to));
        }
    }
    free_wanted_names(run, catalogue)?;
    let mut used_names: BTreeSet<String> = catalogue.tables().map(str::to_owned).collect();
    for t in run.before.types.iter().filter(|t| run.trace.new_owner(&t.uid).is_none()) {
        for name in layout::table_names(run.before, t) {
            used_names.remove(&name.unquoted_name());
        }
    }
    let renamed_tables: BTreeSet<String> = renames.iter().map(|(from, _)| from.clone()).collect();
    for name in run.after.types.iter().flat_map(|t| layout::table_names(run.after, t)) {
        if !renamed_tables.contains(&name.unquoted_name()) {
            used_names.remove(&name.unquoted_name());
        }
    }
    for (from, to) in order_renames(renames, used_names, |n| format!("cairn_aside_{n}")) {
        run.tx.run(&format!("ALTER TABLE {} RENAME TO {}", Ident::quote(&from), Ident::quote(&to)))?;
    }
    for carry in &mut carried {
        move_columns(run, carry, catalogue)?;
        let existing: Vec<&str> = catalogue.columns(&layout::table_name(carry.pair.old)).collect();
        collation::add_columns(run.tx, carry.pair.new, &existing)?;
    }
    Ok(carried)
}

/// Renames tables that no shape names and whose name is needed now: they are not ours to drop.
fn free_wanted_names(run: &ChangeRun<'_>, catalogue: &Catalogue) -> Result<()> {
    let own_tables: BTreeSet<String> =
        run.before.types.iter().flat_map(|t| layout::table_names(run.before, t)).map(|t| t.unquoted_name()).collect();
    for name in run.after.types.iter().flat_map(|t| layout::table_names(run.after, t)) {
        if catalogue.is_table(&name) && !own_tables.contains(&name.unquoted_name()) {
            let to = Ident::quote(&format!("cairn_leftover_{}", name.unquoted_name()));
            run.tx.run(&format!("ALTER TABLE {name} RENAME TO {to}"))?;
        }
    }
    Ok(())
}

fn move_columns(run: &ChangeRun<'_>, carry: &mut TypeMigration<'_>, catalogue: &Catalogue) -> Result<()> {
    let (tx, d) = (run.tx, run.tx.dialect());
    let TypePair { old, new } = carry.pair;
    let table = layout::table_name(new);
    let new_columns: BTreeSet<String> = new
        .attributes
        .iter()
        .flat_map(|a| layout::column_definitions(d, a))
        .map(|(column, _)| column.unquoted_name())
        .collect();
    let mut known_columns: BTreeSet<String> = SYSTEM_COLUMNS.iter().map(|c| (*c).to_owned()).collect();
    known_columns.extend(
        old.attributes.iter().flat_map(|a| layout::column_definitions(d, a)).map(|(column, _)| column.unquoted_name()),
    );
    for left in
        catalogue.columns(&layout::table_name(old)).filter(|c| !known_columns.contains(*c) && new_columns.contains(*c))
    {
        let (from, to) = (Ident::quote(left), Ident::quote(&format!("_leftover_{left}")));
        tx.run(&format!("ALTER TABLE {table} RENAME COLUMN {from} TO {to}"))?;
    }
    let mut renames = Vec::new();
    let mut existing_columns: BTreeSet<String> = BTreeSet::new();
    for (i, a) in old.attributes.iter().enumerate() {
        let now = carry.attribute_after(a);
        let (mut column, mut place) = (format!("_old_{i}"), format!("_old_pos_{i}"));
        if let Some(now) = now {
            column = layout::column_name(now).unquoted_name();
            if attribute_storage(&now.kind) == (AttributeStorage::ToOne { ordered: true }) {
                place = layout::position_column(now).unquoted_name();
            }
        }
        match attribute_storage(&a.kind) {
            AttributeStorage::Scalar(_) | AttributeStorage::Components => {
                renames.push((layout::column_name(a).unquoted_name(), column.clone()))
            }
            AttributeStorage::ToOne { ordered } => {
                renames.push((layout::column_name(a).unquoted_name(), column.clone()));
                if ordered {
                    renames.push((layout::position_column(a).unquoted_name(), place.clone()));
                    carry.positions.insert(a.name.clone(), Ident::quote(&place));
                }
            }
            _ => continue,
        }
        carry.columns.insert(a.name.clone(), Ident::quote(&column));
    }
    for (_, to) in &renames {
        existing_columns.insert(to.clone());
        if to.starts_with("_old_") {
            carry.old_columns.push(Ident::quote(to));
        }
    }
    let used_names: Vec<String> = renames.iter().map(|(from, _)| from.clone()).collect();
    for (from, to) in order_renames(renames, used_names, |n| format!("_aside_{n}")) {
        let (from, to) = (Ident::quote(&from), Ident::quote(&to));
        tx.run(&format!("ALTER TABLE {table} RENAME COLUMN {from} TO {to}"))?;
    }
    for a in &new.attributes {
        for (i, (column, declared)) in layout::column_definitions(d, a).into_iter().enumerate() {
            if existing_columns.contains(&column.unquoted_name()) {
                continue;
            }
            tx.run(&format!("ALTER TABLE {table} ADD COLUMN {column} {declared}"))?;
            if i == 1 && carry.attribute_before(a).is_some() {
                // The other side had no stored order so far: use the order of the rows.
                let link = layout::column_name(a);
                tx.run(&format!("UPDATE {table} SET {column} = id WHERE {link} IS NOT NULL"))?;
            }
        }
        if attribute_storage(&a.kind) == AttributeStorage::Links && carry.attribute_before(a).is_none() {
            tx.run(&layout::create_links_sql(d, &layout::link_table(new, a)))?;
        }
    }
    if carry.references.is_none() && layout::has_references(run.after, new) {
        tx.run(&layout::create_references_sql(d, &layout::reference_table(new)))?;
    }
    Ok(())
}
