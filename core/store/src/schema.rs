//! The tables of a model: one per content type, a link table per to-many attribute, a reference table where
//! components or morph relations link. What the model adds is added; what it no longer names stays in the database.

mod catalogue;

use crate::connection::Connection;
use crate::content::RowSql;
use crate::dialect::Dialect;
use crate::ident::Ident;
use crate::{ChangeCounters, Result, StoreError};
use cairn_model::*;
pub(crate) use catalogue::Catalogue;

/// What the store derives from a model once, for its writes.
#[derive(Debug, Default)]
pub(crate) struct Schema {
    /// By target type: every place that may link to its documents.
    pub(crate) incoming: Vec<Vec<Incoming>>,
    /// By type: whether it has a reference table.
    pub(crate) references: Vec<bool>,
    /// By type: the fixed statements of its rows.
    pub(crate) rows: Vec<RowSql>,
}

/// A place that may link to documents of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Incoming {
    /// The type whose rows hold the links.
    pub(crate) owner: TypeId,
    /// Where.
    pub(crate) place: Place,
}

/// Where a row holds links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// A to-one column.
    Column(AttributeId),
    /// A link table.
    Table(AttributeId),
    /// The reference table.
    References,
}

impl Schema {
    pub(crate) fn of(registry: &Registry) -> Self {
        let n = registry.types().len();
        let mut schema =
            Self { incoming: vec![Vec::new(); n], references: vec![false; n], rows: Vec::with_capacity(n) };
        for ct in registry.types() {
            let mut targets = vec![false; n];
            let mut any = false;
            for (id, a) in ct.attributes.iter() {
                match registry.link(a) {
                    Some(Link { storage: LinkStorage::References, .. }) => any = true,
                    Some(Link { target: Some(t), storage: LinkStorage::Column, .. }) => {
                        schema.incoming[t.0 as usize].push(Incoming { owner: ct.id, place: Place::Column(id) });
                    }
                    Some(Link { target: Some(t), storage: LinkStorage::Table, .. }) => {
                        schema.incoming[t.0 as usize].push(Incoming { owner: ct.id, place: Place::Table(id) });
                    }
                    _ => component_targets(registry, a, &mut targets, &mut any, 0),
                }
            }
            for (t, linked) in targets.iter().enumerate() {
                if *linked || any {
                    schema.incoming[t].push(Incoming { owner: ct.id, place: Place::References });
                }
            }
            schema.references[ct.id.0 as usize] = any || targets.contains(&true);
            schema.rows.push(RowSql::of(registry, ct));
        }
        schema
    }
}

fn component_targets(registry: &Registry, a: &Attribute, targets: &mut [bool], any: &mut bool, depth: usize) {
    // Cycles are refused by the loader; the bound keeps a hand-made registry from recursing for ever.
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
            match registry.link(a) {
                Some(Link { target: Some(t), .. }) => targets[t.0 as usize] = true,
                Some(_) => *any = true,
                None => component_targets(registry, a, targets, any, depth + 1),
            }
        }
    }
}

/// Makes what is missing, in the transaction the caller has begun. A column whose declared type the model contradicts is an
/// error that lists every such column.
pub(crate) fn ensure(conn: &Connection, registry: &Registry) -> Result<Schema> {
    let schema = Schema::of(registry);
    let catalogue = Catalogue::read(conn)?;
    let mut problems = Vec::new();
    let mut sql = String::new();
    for ct in registry.types() {
        let references = schema.references[ct.id.0 as usize];
        Tables { dialect: conn.dialect(), catalogue: &catalogue, registry, ct }.missing(
            references,
            &mut sql,
            &mut problems,
        );
    }
    if !problems.is_empty() {
        return Err(StoreError::Schema(format!(
            "the database and the content types do not fit:\n  {}\nNothing was changed.",
            problems.join("\n  ")
        )));
    }
    if !sql.is_empty() {
        conn.batch("changing the schema", &sql)?;
    }
    Ok(schema)
}

/// The tables of a content type.
struct Tables<'a> {
    dialect: &'static dyn Dialect,
    catalogue: &'a Catalogue,
    registry: &'a Registry,
    ct: &'a ContentType,
}

impl Tables<'_> {
    /// Appends the statements that make what is missing.
    fn missing(&self, references: bool, sql: &mut String, problems: &mut Vec<String>) {
        let (d, ct) = (self.dialect, self.ct);
        let t = Ident::table(ct);
        let text = d.column(ColumnType::Text);
        let time = d.column(ColumnType::DateTime);
        let int = d.column(ColumnType::Integer);
        if !self.catalogue.has(&t) {
            sql.push_str(&format!(
                "CREATE TABLE {t} (id {}, document_id {text} NOT NULL, locale {text} NOT NULL, _status smallint NOT NULL, \
                 created_at {time} NOT NULL, updated_at {time} NOT NULL, published_at {time}, \
                 _version {int} NOT NULL DEFAULT 1);",
                d.numbered()
            ));
        }
        let mut want = |column: &Ident, declared: &str| match self.catalogue.column(&t, column) {
            None => sql.push_str(&format!("ALTER TABLE {t} ADD COLUMN {column} {declared};")),
            Some(found) if !catalogue::is(found, declared) => problems.push(format!(
                "{}.{}: the column is {found}, the model of {} asks for {declared}",
                ct.table,
                column.name(),
                ct.uid
            )),
            Some(_) => {}
        };
        if self.catalogue.has(&t) {
            want(&Ident::quote("_version"), &format!("{int} NOT NULL DEFAULT 1"));
        }
        for (_, a) in ct.attributes.iter() {
            let column = Ident::column(a);
            if let Some(kind) = a.kind.column_type() {
                want(&column, d.column(kind));
            } else if let Some(link) = self.registry.link(a) {
                if link.storage == LinkStorage::Column {
                    want(&column, text);
                    if matches!(link.side, Side::Owner { .. }) {
                        want(&Ident::position(a), int);
                    }
                }
            } else {
                want(&column, d.components());
            }
        }
        self.links(references, sql);
        self.indexes(references, sql);
    }

    /// Link tables and the reference table.
    fn links(&self, references: bool, sql: &mut String) {
        let (d, ct) = (self.dialect, self.ct);
        let (text, int) = (d.column(ColumnType::Text), d.column(ColumnType::Integer));
        let keyed = d.keyed();
        for (_, a) in ct.attributes.iter() {
            let l = Ident::links(ct, a);
            if self.registry.link(a).is_some_and(|l| l.storage == LinkStorage::Table) && !self.catalogue.has(&l) {
                sql.push_str(&format!(
                    "CREATE TABLE {l} (owner_id {int} NOT NULL, target {text} NOT NULL, pos {int} NOT NULL, \
                     inv_pos {int} NOT NULL, PRIMARY KEY (owner_id, target)) {keyed};"
                ));
            }
        }
        let r = Ident::references(ct);
        if references && !self.catalogue.has(&r) {
            sql.push_str(&format!(
                "CREATE TABLE {r} (owner_id {int} NOT NULL, instance {int} NOT NULL, attribute {text} NOT NULL, \
                 target_type {text} NOT NULL, target {text} NOT NULL, pos {int} NOT NULL, \
                 PRIMARY KEY (owner_id, instance, attribute, target_type, target)) {keyed};"
            ));
        }
    }

    fn indexes(&self, references: bool, sql: &mut String) {
        let ct = self.ct;
        let t = Ident::table(ct);
        let mut index = |suffix: &str, unique: bool, on: String| {
            let name = Ident::quote(&format!("{}_{suffix}", ct.table));
            if !self.catalogue.has(&name) {
                sql.push_str(&format!("CREATE {}INDEX {name} ON {on};", if unique { "UNIQUE " } else { "" }));
            }
        };
        index("document_idx", true, format!("{t} (document_id, locale, _status)"));
        index("list_idx", false, format!("{t} (_status, locale, id)"));
        for (_, a) in ct.attributes.iter() {
            let c = Ident::column(a);
            if a.unique && a.is_scalar() && a.kind.column_type() != Some(ColumnType::Json) {
                index(&format!("{}_unique", a.column), true, format!("{t} ({c}, locale) WHERE _status = 1"));
            }
            if a.index && a.is_scalar() && a.kind.column_type() != Some(ColumnType::Json) {
                let c = self.dialect.indexed(&c.to_string());
                index(&format!("{}_idx", a.column), false, format!("{t} (_status, locale, {c}, id)"));
            }
            if a.index
                && matches!(a.kind, FieldKind::Component { .. } | FieldKind::DynamicZone { .. })
                && let Some(method) = self.dialect.components_index(&c.to_string())
            {
                index(&format!("{}_idx", a.column), false, format!("{t} {method}"));
            }
            match self.registry.link(a) {
                Some(Link { storage: LinkStorage::Column, side, .. }) => {
                    let owner = matches!(side, Side::Owner { .. });
                    let order = if owner { format!(", {}", Ident::position(a)) } else { String::new() };
                    let on = format!("{t} ({c}, _status{order}) WHERE {c} IS NOT NULL");
                    index(&format!("{}_lnk_idx", a.column), false, on);
                }
                Some(Link { storage: LinkStorage::Table, .. }) => {
                    let on = format!("{} (target, inv_pos, owner_id)", Ident::links(ct, a));
                    index(&format!("{}_lnk_target", a.column), false, on);
                }
                _ => {}
            }
        }
        for columns in &ct.indexes {
            let list: Vec<String> =
                columns.iter().map(|&c| self.dialect.indexed(&Ident::column(&ct.attributes[c]).to_string())).collect();
            let names: Vec<&str> = columns.iter().map(|&c| ct.attributes[c].column.as_str()).collect();
            let on = format!("{t} (_status, locale, {}, id)", list.join(", "));
            index(&format!("{}_cidx", names.join("_")), false, on);
        }
        if references {
            index("refs_target", false, format!("{} (target_type, target, attribute)", Ident::references(ct)));
        }
    }
}

/// Approximate rows by type, from the kept counts.
pub(crate) fn load_counts(conn: &Connection, registry: &Registry, counters: &ChangeCounters) -> Result<()> {
    let sql = "SELECT type, CAST(sum(n) AS bigint) FROM cairn_counts GROUP BY type";
    let counts: Vec<(String, i64)> = conn.all("reading the counts", sql, (), |r| Ok((r.get(0)?, r.get(1)?)))?;
    for (uid, n) in counts {
        if let Some(ct) = registry.by_uid(&uid) {
            counters.add_rows(ct.id, n);
        }
    }
    Ok(())
}
