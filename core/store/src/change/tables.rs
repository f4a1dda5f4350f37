//! Tables, columns and indexes under their new names.

use super::applied::SYSTEM_COLUMNS;
use super::apply::{Pair, Run};
use super::carry::Carry;
use super::layout::{self, Index, Storage, storage};
use super::tx::Tx;
use crate::Result;
use crate::ident::Ident;
use crate::schema::Catalogue;
use cairn_model::change::{AttributeShape, Change, Fate, TypeShape};
use std::collections::{BTreeMap, BTreeSet};

/// The indexes to drop and to create.
pub(super) struct Indexes {
    gone: Vec<Ident>,
    /// Indexes to create, with the uid of their type.
    pub(super) made: Vec<(String, Index)>,
}

impl Indexes {
    pub(super) fn of(run: &Run<'_>, catalogue: &Catalogue) -> Self {
        let d = run.tx.dialect();
        let (mut gone, mut made) = (Vec::new(), Vec::new());
        let mut kept: BTreeMap<&str, Vec<Index>> = BTreeMap::new();
        for t in &run.before.types {
            let new = run.trace.owner(&t.uid).and_then(|uid| run.after.content_type(uid));
            let stays = new.filter(|new| new.table == t.table && !is_touched(run, t, new));
            let wanted = stays.map(|new| layout::indexes(d, run.after, new)).unwrap_or_default();
            for index in layout::indexes(d, run.before, t) {
                if !catalogue.has(&index.name) {
                    continue;
                }
                match (stays, wanted.contains(&index)) {
                    (Some(new), true) => kept.entry(&new.uid).or_default().push(index),
                    _ => gone.push(index.name),
                }
            }
        }
        for t in &run.after.types {
            let there = kept.remove(t.uid.as_str()).unwrap_or_default();
            let missing = layout::indexes(d, run.after, t).into_iter().filter(|index| !there.contains(index));
            for index in missing {
                // Left by something that is no more: it would be in the way.
                let left =
                    catalogue.has(&index.name) && !gone.contains(&index.name) && !catalogue.is_table(&index.name);
                if left && !kept.values().flatten().any(|i| i.name == index.name) {
                    gone.push(index.name.clone());
                }
                made.push((t.uid.clone(), index));
            }
        }
        Self { gone, made }
    }

    pub(super) fn drop(&self, tx: Tx<'_>) -> Result<()> {
        self.gone.iter().try_for_each(|name| tx.run(&format!("DROP INDEX IF EXISTS {name}")))
    }

    /// The indexes of one type.
    pub(super) fn of_type(run: &Run<'_>, t: &TypeShape) -> Self {
        let all = layout::indexes(run.tx.dialect(), run.after, t).into_iter();
        Self { gone: Vec::new(), made: all.map(|index| (t.uid.clone(), index)).collect() }
    }

    /// Creates the index that finds the versions of a document, which the rules need.
    pub(super) fn create_first(&self, tx: Tx<'_>) -> Result<()> {
        self.made.iter().filter(|(_, i)| i.is_of_documents()).try_for_each(|(_, index)| tx.run(&index.create()))
    }

    /// Creates all indexes that [`Self::create_first`] has not created.
    pub(super) fn create(&self, tx: Tx<'_>) -> Result<()> {
        self.made.iter().filter(|(_, i)| !i.is_of_documents()).try_for_each(|(_, index)| tx.run(&index.create()))
    }
}

/// Whether any column of a type gets another name, table or content.
fn is_touched(run: &Run<'_>, old: &TypeShape, new: &TypeShape) -> bool {
    let about = |i: usize| {
        let (step, subject) = run.step(i);
        let harmless = matches!(
            step.change,
            Change::AddAttribute { .. }
                | Change::Index { .. }
                | Change::Indexes { .. }
                | Change::UniqueKeys { .. }
                | Change::Unique { .. }
                | Change::Required { .. }
        );
        subject.owner == new.uid && !harmless
    };
    old.uid != new.uid || (0..run.plan.steps.len()).any(about) || Carry::of(run, Pair { old, new }).looks_at_rows()
}

/// Creates the tables of a new type, without its indexes.
pub(super) fn create(run: &Run<'_>, t: &TypeShape) -> Result<()> {
    let (tx, d) = (run.tx, run.tx.dialect());
    tx.run(&layout::create_table(d, t))?;
    let table = layout::table(t);
    for a in &t.attributes {
        for (column, declared) in layout::columns(d, a) {
            tx.run(&format!("ALTER TABLE {table} ADD COLUMN {column} {declared}"))?;
        }
        if storage(&a.kind) == Storage::Links {
            tx.run(&layout::create_links(d, &layout::links(t, a)))?;
        }
    }
    if layout::has_references(run.after, t) {
        tx.run(&layout::create_references(d, &layout::references(t)))?;
    }
    Ok(())
}

/// Orders renames so that every name is free when it is taken. Case makes no difference.
fn in_order(
    mut pairs: Vec<(String, String)>,
    taken: impl IntoIterator<Item = String>,
    aside: impl Fn(usize) -> String,
) -> Vec<(String, String)> {
    let fold = |name: &str| name.to_ascii_lowercase();
    let mut taken: BTreeSet<String> = taken.into_iter().map(|name| fold(&name)).collect();
    pairs.retain(|(from, to)| from != to);
    let (mut ordered, mut asides, most) = (Vec::new(), 0, pairs.len());
    while !pairs.is_empty() {
        let free = pairs.iter().position(|(_, to)| !taken.contains(&fold(to)));
        let (from, to) = match free {
            Some(i) => pairs.remove(i),
            // What stands in the way is none of these: the database says so.
            None if asides > most => pairs.remove(0),
            None => {
                let name = aside(asides);
                asides += 1;
                let from = std::mem::replace(&mut pairs[0].0, name.clone());
                pairs.rotate_left(1);
                (from, name)
            }
        };
        taken.remove(&fold(&from));
        taken.insert(fold(&to));
        ordered.push((from, to));
    }
    ordered
}

/// Renames all tables and columns of the types that stay, and creates new ones.
pub(super) fn move_tables<'a>(run: &Run<'a>, pairs: &[Pair<'a>], catalogue: &Catalogue) -> Result<Vec<Carry<'a>>> {
    let mut carried: Vec<Carry<'a>> = pairs.iter().map(|pair| Carry::of(run, *pair)).collect();
    let mut renames = Vec::new();
    let mut olds = 0;
    let mut old_name = || {
        olds += 1;
        format!("cairn_old_{olds}")
    };
    for carry in &mut carried {
        let Pair { old, new } = carry.pair;
        renames.push((layout::table(old).name(), layout::table(new).name()));
        for a in old.attributes.iter().filter(|a| storage(&a.kind) == Storage::Links) {
            let to = match carry.kept(a) {
                Some(now) => layout::links(new, now).name(),
                None => {
                    let name = old_name();
                    carry.old_tables.insert(a.name.clone(), Ident::quote(&name));
                    name
                }
            };
            renames.push((layout::links(old, a).name(), to));
        }
        if layout::has_references(run.before, old) {
            let to = if layout::has_references(run.after, new) { layout::references(new).name() } else { old_name() };
            carry.references = Some(Ident::quote(&to));
            carry.references_go = to.starts_with("cairn_old_");
            renames.push((layout::references(old).name(), to));
        }
    }
    make_room(run, catalogue)?;
    let mut taken: BTreeSet<String> = catalogue.tables().map(str::to_owned).collect();
    for t in run.before.types.iter().filter(|t| run.trace.owner(&t.uid).is_none()) {
        for name in layout::tables(run.before, t) {
            taken.remove(&name.name());
        }
    }
    let here: BTreeSet<String> = renames.iter().map(|(from, _)| from.clone()).collect();
    for name in run.after.types.iter().flat_map(|t| layout::tables(run.after, t)) {
        if !here.contains(&name.name()) {
            taken.remove(&name.name());
        }
    }
    for (from, to) in in_order(renames, taken, |n| format!("cairn_aside_{n}")) {
        run.tx.run(&format!("ALTER TABLE {} RENAME TO {}", Ident::quote(&from), Ident::quote(&to)))?;
    }
    for carry in &mut carried {
        move_columns(run, carry, catalogue)?;
    }
    Ok(carried)
}

/// Renames tables that no shape names and whose name is needed now: they are not ours to drop.
fn make_room(run: &Run<'_>, catalogue: &Catalogue) -> Result<()> {
    let ours: BTreeSet<String> =
        run.before.types.iter().flat_map(|t| layout::tables(run.before, t)).map(|t| t.name()).collect();
    for name in run.after.types.iter().flat_map(|t| layout::tables(run.after, t)) {
        if catalogue.is_table(&name) && !ours.contains(&name.name()) {
            let to = Ident::quote(&format!("cairn_leftover_{}", name.name()));
            run.tx.run(&format!("ALTER TABLE {name} RENAME TO {to}"))?;
        }
    }
    Ok(())
}

fn move_columns(run: &Run<'_>, carry: &mut Carry<'_>, catalogue: &Catalogue) -> Result<()> {
    let (tx, d) = (run.tx, run.tx.dialect());
    let Pair { old, new } = carry.pair;
    let table = layout::table(new);
    let wanted: BTreeSet<String> =
        new.attributes.iter().flat_map(|a| layout::columns(d, a)).map(|(column, _)| column.name()).collect();
    let mut ours: BTreeSet<String> = SYSTEM_COLUMNS.iter().map(|c| (*c).to_owned()).collect();
    ours.extend(old.attributes.iter().flat_map(|a| layout::columns(d, a)).map(|(column, _)| column.name()));
    for left in catalogue.columns(&layout::table(old)).filter(|c| !ours.contains(*c) && wanted.contains(*c)) {
        let (from, to) = (Ident::quote(left), Ident::quote(&format!("_leftover_{left}")));
        tx.run(&format!("ALTER TABLE {table} RENAME COLUMN {from} TO {to}"))?;
    }
    let mut renames = Vec::new();
    let mut there: BTreeSet<String> = BTreeSet::new();
    for (i, a) in old.attributes.iter().enumerate() {
        let now = carry.kept(a);
        let (mut column, mut place) = (format!("_old_{i}"), format!("_old_pos_{i}"));
        if let Some(now) = now {
            column = layout::column(now).name();
            if storage(&now.kind) == (Storage::ToOne { ordered: true }) {
                place = layout::position(now).name();
            }
        }
        match storage(&a.kind) {
            Storage::Scalar(_) | Storage::Components => renames.push((layout::column(a).name(), column.clone())),
            Storage::ToOne { ordered } => {
                renames.push((layout::column(a).name(), column.clone()));
                if ordered {
                    renames.push((layout::position(a).name(), place.clone()));
                    carry.positions.insert(a.name.clone(), Ident::quote(&place));
                }
            }
            _ => continue,
        }
        carry.columns.insert(a.name.clone(), Ident::quote(&column));
    }
    for (_, to) in &renames {
        there.insert(to.clone());
        if to.starts_with("_old_") {
            carry.old_columns.push(Ident::quote(to));
        }
    }
    let taken: Vec<String> = renames.iter().map(|(from, _)| from.clone()).collect();
    for (from, to) in in_order(renames, taken, |n| format!("_aside_{n}")) {
        let (from, to) = (Ident::quote(&from), Ident::quote(&to));
        tx.run(&format!("ALTER TABLE {table} RENAME COLUMN {from} TO {to}"))?;
    }
    for a in &new.attributes {
        for (i, (column, declared)) in layout::columns(d, a).into_iter().enumerate() {
            if there.contains(&column.name()) {
                continue;
            }
            tx.run(&format!("ALTER TABLE {table} ADD COLUMN {column} {declared}"))?;
            if i == 1 && carry.source(a).is_some() {
                // The other side's order was not kept so far: that of the rows.
                let link = layout::column(a);
                tx.run(&format!("UPDATE {table} SET {column} = id WHERE {link} IS NOT NULL"))?;
            }
        }
        if storage(&a.kind) == Storage::Links && carry.source(a).is_none() {
            tx.run(&layout::create_links(d, &layout::links(new, a)))?;
        }
    }
    if carry.references.is_none() && layout::has_references(run.after, new) {
        tx.run(&layout::create_references(d, &layout::references(new)))?;
    }
    Ok(())
}

/// The attribute that takes over the content of an old one, in its columns or tables.
pub(super) fn kept_by<'a>(run: &Run<'a>, pair: Pair<'a>, old: &AttributeShape) -> Option<&'a AttributeShape> {
    let d = run.tx.dialect();
    let Some(Fate::As(kept)) = run.trace.attribute(&pair.old.uid, &old.name) else { return None };
    let now = pair.new.attributes.iter().find(|a| a.name == kept.name)?;
    let stays = match (storage(&old.kind), storage(&now.kind)) {
        (Storage::Scalar(a), Storage::Scalar(b)) => d.column(a) == d.column(b),
        (Storage::ToOne { .. }, Storage::ToOne { .. }) => true,
        (a, b) => a == b,
    };
    stays.then_some(now)
}
