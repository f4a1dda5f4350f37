//! Populated attributes → one statement per attribute and target type, whatever the number of rows.

use super::components::ComponentsShape;
use super::joins::{localizations_condition, reference_name};
use super::level::{Level, LevelBuilder, SqlContext, member_key};
use super::{Bind, Scope, Sql, Statement, status_number};
use crate::ident::Ident;
use cairn_model::*;
use cairn_query::{Populate, PopulatedLocalizations, PopulatedRelation};

/// A populated attribute that needs statements of its own.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum PopulatePart {
    /// A relation to one type. `kept`: written even if it is empty.
    Related { key: Vec<u8>, from: KeyFrom, many: bool, kept: bool, source: RelationPart },
    /// Components with links inside.
    Components { key: Vec<u8>, column: usize, shape: ComponentsShape, links: Vec<RelationPart> },
    /// JSON that is the same for every row.
    Constant { key: Vec<u8>, json: &'static str },
}

/// The value of a row by which its related rows are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyFrom {
    Id,
    Document,
    Column(usize),
}

/// The statements behind one relation: one per target type.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RelationPart {
    /// `{"count": n}` in place of entries: the statements then select key and count.
    pub(crate) count: bool,
    pub(crate) sources: Vec<RelationSource>,
}

/// One target type of a relation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RelationSource {
    pub(crate) statement: Statement,
    pub(crate) level: Level,
    /// True if a related row belongs only to rows of its locale.
    pub(crate) by_locale: bool,
}

/// The object that a populated relation belongs to.
#[derive(Clone, Copy)]
pub(super) enum RelationOwner<'a> {
    Type(&'a ContentType),
    Component { row: &'a ContentType, component: &'a Component },
}

/// How the rows of a target type are found from those of the level above.
struct TargetJoin {
    /// The joined tables, as SQL after `FROM`; the target is `t`.
    from: String,
    /// The column that holds the key of the level above.
    key: String,
    /// The condition on that column, and on the link.
    on: String,
    /// The order of the relation.
    order: String,
}

impl LevelBuilder<'_, '_> {
    pub(super) fn add_populate(&mut self, populate: &Populate) {
        match populate {
            Populate::Related(related) => self.add_related(related),
            Populate::Morph { attribute, many, count, targets } => self.add_morph(*attribute, *many, *count, targets),
            Populate::Usages { count, by } => {
                self.selected.require_document(self.alias);
                let sources = by.iter().map(|usage| self.context.usage_source(usage, *count)).collect();
                let source = RelationPart { count: *count, sources };
                // Strapi leaves out a relation to any type if none of its entries remain.
                let (key, from) = (member_key("related", false), KeyFrom::Document);
                self.add_part(PopulatePart::Related { key, from, many: true, kept: *count, source });
            }
            Populate::Component { attribute, repeatable, count, filter, sort, node } => {
                let mut links = Vec::new();
                let components = vec![self.context.build_component(self.ct, node, false, &mut links)];
                let shape = ComponentsShape { many: *repeatable, count: *count, zone: false, components };
                let attribute = &self.ct.attributes[*attribute];
                let mut expr = format!("{}.{}", self.alias, Ident::column(attribute));
                if filter.is_some() || !sort.is_empty() {
                    expr = self.select_instances(&expr, node.component, *repeatable, filter.as_ref(), sort);
                }
                self.add_components(&attribute.name, expr, shape, links);
            }
            Populate::Zone { attribute, count, nodes } => {
                let mut links = Vec::new();
                let components =
                    nodes.iter().map(|n| self.context.build_component(self.ct, n, true, &mut links)).collect();
                let shape = ComponentsShape { many: true, count: *count, zone: true, components };
                let attribute = &self.ct.attributes[*attribute];
                let expr = format!("{}.{}", self.alias, Ident::column(attribute));
                self.add_components(&attribute.name, expr, shape, links);
            }
            Populate::Nothing { attribute, many } => {
                let key = member_key(&self.ct.attributes[*attribute].name, false);
                self.add_part(PopulatePart::Constant { key, json: if *many { "[]" } else { "null" } });
            }
            Populate::Localizations(others) => self.add_localizations(others),
        }
    }

    pub(super) fn add_part(&mut self, part: PopulatePart) {
        self.selected.level.parts.push(part);
    }

    fn add_related(&mut self, related: &PopulatedRelation) {
        let attribute = &self.ct.attributes[related.attribute];
        let (source, storage) = self.context.build_related(RelationOwner::Type(self.ct), related, false);
        let from = match storage {
            LinkStorage::Column => {
                let column = format!("{}.{}", self.alias, Ident::column(attribute));
                KeyFrom::Column(self.selected.add_hidden(column))
            }
            LinkStorage::Inverse => {
                self.selected.require_document(self.alias);
                KeyFrom::Document
            }
            LinkStorage::Table | LinkStorage::References => {
                self.selected.require_id(self.alias);
                KeyFrom::Id
            }
        };
        if source.by_locale {
            self.selected.require_locale(self.alias);
        }
        let source = RelationPart { count: related.count, sources: vec![source] };
        let key = member_key(&attribute.name, false);
        self.add_part(PopulatePart::Related { key, from, many: related.many, kept: true, source });
    }

    fn add_morph(&mut self, attribute: AttributeId, many: bool, count: bool, targets: &[PopulatedRelation]) {
        let owner = RelationOwner::Type(self.ct);
        let sources: Vec<RelationSource> =
            targets.iter().map(|target| self.context.build_related(owner, target, true).0).collect();
        self.selected.require_id(self.alias);
        if sources.iter().any(|source| source.by_locale) {
            self.selected.require_locale(self.alias);
        }
        let source = RelationPart { count, sources };
        let (key, from) = (member_key(&self.ct.attributes[attribute].name, false), KeyFrom::Id);
        self.add_part(PopulatePart::Related { key, from, many, kept: true, source });
    }

    fn add_localizations(&mut self, others: &PopulatedLocalizations) {
        // The pattern has no `..`, so a new part does not compile until it is used.
        let PopulatedLocalizations { count, filter, sort, node } = others;
        self.selected.require_id(self.alias);
        let mut sql = self.context.new_sql();
        // Relations of a localization are populated in its own locale.
        let inner = SqlContext { many_locales: true, ..self.context.clone() };
        let mut selected = inner.build_level(&mut sql, node, "t");
        let n = sql.bind_number(Bind::Keys);
        let table = Ident::table(self.ct);
        let from = format!("{table} r JOIN {table} t ON {}", localizations_condition("t", "r"));
        let mut on = sql.dialect.in_list("r.id", n);
        let scope = Scope::Row { alias: "t".into(), ct: self.ct };
        if let Some(filter) = filter {
            let test = sql.filter_condition(filter, false, &scope);
            on.push_str(&format!(" AND {test}"));
        }
        let text = if *count {
            format!("SELECT r.id, count(*) FROM {from} WHERE {on} GROUP BY r.id")
        } else {
            selected.add_key("r.id".into());
            let order = if sort.is_empty() { "t.id".to_owned() } else { sql.order_by(sort, &scope) };
            format!("SELECT {} FROM {from} WHERE {on} ORDER BY {order}", selected.select_list())
        };
        let statement = sql.into_statement(text);
        let sources = vec![RelationSource { statement, level: selected.level, by_locale: false }];
        let source = RelationPart { count: *count, sources };
        let key = member_key("localizations", false);
        self.add_part(PopulatePart::Related { key, from: KeyFrom::Id, many: true, kept: true, source });
    }
}

impl SqlContext<'_> {
    /// The statement and level of a populated relation, and where its links are stored.
    pub(super) fn build_related(
        &self,
        owner: RelationOwner<'_>,
        related: &PopulatedRelation,
        morph: bool,
    ) -> (RelationSource, LinkStorage) {
        let mut sql = self.new_sql();
        let target = self.registry.get(related.target);
        let mut selected = self.build_level(&mut sql, &related.node, "t");
        if morph {
            selected.level.head = format!("\"__type\":\"{}\",", target.uid).into_bytes();
        }
        let (storage, owner_type, TargetJoin { from, key, on, order }) =
            self.join_to_keys(&mut sql, owner, related.attribute, target);
        let mut on = format!("{on} AND t._status = {}", status_number(target, self.status));
        let mut by_locale = false;
        if !target.localized {
            on.push_str(" AND t.locale = ''");
        } else if self.many_locales && owner_type.localized {
            by_locale = true;
        } else {
            let l = sql.bind_text(self.request_locale);
            on.push_str(&format!(" AND t.locale = {l}"));
        }
        let scope = Scope::Row { alias: "t".into(), ct: target };
        if let Some(filter) = &related.filter {
            let test = sql.filter_condition(filter, false, &scope);
            on.push_str(&format!(" AND {test}"));
        }
        let text = if related.count {
            format!("SELECT {key}, count(*) FROM {from} WHERE {on} GROUP BY {key}")
        } else {
            selected.add_key(key);
            if by_locale {
                selected.require_locale("t");
            }
            if morph {
                selected.level.extra.position = Some(selected.add_hidden("l.pos".into()));
            }
            let order = if related.sort.is_empty() { order } else { sql.order_by(&related.sort, &scope) };
            format!("SELECT {} FROM {from} WHERE {on} ORDER BY {order}", selected.select_list())
        };
        (RelationSource { statement: sql.into_statement(text), level: selected.level, by_locale }, storage)
    }

    /// Joins the rows of `target` that an attribute links to. Also returns where its links are stored, and the type that they belong to.
    fn join_to_keys<'t>(
        &self,
        sql: &mut Sql<'_>,
        owner: RelationOwner<'t>,
        attribute: AttributeId,
        target: &ContentType,
    ) -> (LinkStorage, &'t ContentType, TargetJoin) {
        let n = sql.bind_number(Bind::Keys);
        let ct = match owner {
            RelationOwner::Type(ct) => ct,
            RelationOwner::Component { row, component } => {
                let name = reference_name(component, &component.attributes[attribute]);
                let join = join_references(sql, n, row, &name, "l.instance", target);
                return (LinkStorage::References, row, join);
            }
        };
        let a = &ct.attributes[attribute];
        let table = Ident::table(target);
        let link = self.registry.attribute_link(a);
        let storage = link.map_or(LinkStorage::References, |l| l.storage);
        let join = match (storage, link.map(|l| l.side)) {
            (LinkStorage::Column, _) => TargetJoin {
                from: format!("{table} t"),
                key: "t.document_id".to_owned(),
                on: sql.dialect.in_list("t.document_id", n),
                order: "t.id".to_owned(),
            },
            (LinkStorage::Table, _) => TargetJoin {
                from: format!("{} l JOIN {table} t ON t.document_id = l.target", Ident::links(ct, a)),
                key: "l.owner_id".to_owned(),
                on: sql.dialect.in_list("l.owner_id", n),
                order: "l.pos".to_owned(),
            },
            (LinkStorage::Inverse, Some(RelationSide::Inverse { owner: inverse })) => {
                self.join_inverse(sql, n, ct, &target.attributes[inverse], target)
            }
            _ => join_references(sql, n, ct, &a.name, "l.owner_id", target),
        };
        (storage, ct, join)
    }

    /// Joins the rows of `target` whose attribute `owning` links to those of `ct`.
    fn join_inverse(
        &self,
        sql: &mut Sql<'_>,
        keys: usize,
        ct: &ContentType,
        owning: &Attribute,
        target: &ContentType,
    ) -> TargetJoin {
        let table = Ident::table(target);
        match self.registry.attribute_link(owning).map(|l| l.storage) {
            Some(LinkStorage::Table) => TargetJoin {
                from: format!("{} l JOIN {table} t ON t.id = l.owner_id", Ident::links(target, owning)),
                key: "l.target".to_owned(),
                on: sql.dialect.in_list("l.target", keys),
                order: "l.inv_pos".to_owned(),
            },
            Some(LinkStorage::References) => {
                let (ty, name) = (sql.bind_text(&ct.uid), sql.bind_text(&owning.name));
                TargetJoin {
                    from: format!("{} l JOIN {table} t ON t.id = l.owner_id", Ident::references(target)),
                    key: "l.target".to_owned(),
                    on: format!(
                        "{} AND l.target_type = {ty} AND l.attribute = {name} AND l.instance = 0",
                        sql.dialect.in_list("l.target", keys)
                    ),
                    order: "t.id".to_owned(),
                }
            }
            _ => {
                let column = Ident::column(owning);
                TargetJoin {
                    from: format!("{table} t"),
                    key: format!("t.{column}"),
                    on: sql.dialect.in_list(&format!("t.{column}"), keys),
                    order: format!("t.{}, t.id", Ident::position(owning)),
                }
            }
        }
    }
}

/// Joins the rows of `target` through the table of references of `row`, where `key` holds the key of the level above.
fn join_references(
    sql: &mut Sql<'_>,
    keys: usize,
    row: &ContentType,
    attribute: &str,
    key: &str,
    target: &ContentType,
) -> TargetJoin {
    let (ty, name) = (sql.bind_text(&target.uid), sql.bind_text(attribute));
    TargetJoin {
        from: format!("{} l JOIN {} t ON t.document_id = l.target", Ident::references(row), Ident::table(target)),
        key: key.to_owned(),
        on: format!("{} AND l.attribute = {name} AND l.target_type = {ty}", sql.dialect.in_list("l.owner_id", keys)),
        order: "l.pos".to_owned(),
    }
}
