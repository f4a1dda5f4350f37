//! A node of a plan → the columns to select, how to write them, and one statement per populated attribute, target
//! type and level.

use super::joins::reference_name;
use super::{Bind, Scope, Sql, Statement, status_number};
use crate::dialect::Dialect;
use crate::ident::Ident;
use cairn_model::*;
use cairn_query::{ComponentNode, EntryNode, Field, Populate, PopulatedRelation, PublicationState};

/// How to write one level of entries.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Level {
    /// Written right after `{`, with a trailing comma: `"__type":"api::x.x",` under morph relations, else empty.
    pub(crate) head: Vec<u8>,
    /// The first columns of the statement, in order.
    pub(crate) columns: Vec<OutColumn>,
    /// Columns that are selected for Cairn's use and not written.
    pub(crate) extra: ExtraColumns,
    /// Populated attributes that need more statements, or those statements' results.
    pub(crate) parts: Vec<PopulatePart>,
}

/// Positions in the select list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ExtraColumns {
    pub(crate) id: Option<usize>,
    pub(crate) document: Option<usize>,
    pub(crate) locale: Option<usize>,
    /// The key by which the level above finds this row.
    pub(crate) key: Option<usize>,
    /// Its position among rows of other types under a morph relation.
    pub(crate) position: Option<usize>,
}

/// One member of the JSON object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OutColumn {
    /// `"title":`, with a leading comma but for the first.
    pub(crate) key: Vec<u8>,
    pub(crate) out: ColumnFormat,
}

/// How a column is written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ColumnFormat {
    Integer,
    /// An integer as a JSON string.
    IntegerText,
    Float,
    /// Digits as they are.
    Decimal,
    Boolean,
    /// Text that is escaped as a JSON string.
    Text,
    /// Text that needs no escaping: ids, dates.
    Plain,
    /// JSON as it is.
    Json,
    /// Components that need no other statement.
    Shape(ComponentsShape),
    /// The address of a file, or JSON with such addresses: those of private files are signed.
    Address(UrlFormat),
}

/// What contains an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UrlFormat {
    /// A text that is an address.
    Text,
    /// JSON with members `url`.
    Json,
}

/// A populated attribute that needs statements of its own.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum PopulatePart {
    /// A relation to one type. `kept`: written even if it is empty.
    Related { key: Vec<u8>, from: KeyFrom, many: bool, kept: bool, source: RelationPart },
    /// Components with links inside.
    Components { key: Vec<u8>, column: usize, shape: ComponentsShape, links: Vec<RelationPart> },
    /// The document's other locales.
    Localizations { key: Vec<u8>, statement: Statement, level: Level },
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
    /// Whether a related row belongs only to rows of its locale.
    pub(crate) by_locale: bool,
}

/// How components in a column are written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ComponentsShape {
    /// Whether it is a list (`[]` when empty) or a single component (`null`).
    pub(crate) many: bool,
    /// Whether only the number of instances is written.
    pub(crate) count: bool,
    /// Whether instances name their component; those without a shape are left out.
    pub(crate) zone: bool,
    pub(crate) components: Vec<ComponentShape>,
}

/// How an instance of one component is written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ComponentShape {
    pub(crate) uid: String,
    /// `"__component":"block.hero",` in a zone, else empty.
    pub(crate) head: Vec<u8>,
    pub(crate) fields: Vec<ShapeField>,
    /// Links: key, slot in the part's list, and whether a list.
    pub(crate) links: Vec<(Vec<u8>, usize, bool)>,
}

/// One attribute of an instance.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ShapeField {
    pub(crate) name: String,
    /// Name of the attribute with quotes, a comma before and a colon behind: `,"label":`.
    pub(crate) key: Vec<u8>,
    pub(crate) out: ShapeFormat,
}

/// How an attribute of an instance is written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ShapeFormat {
    /// The stored JSON, unchanged.
    Verbatim,
    /// A JSON string of digits, as a number.
    Number,
    /// A nested component.
    Child(ComponentsShape),
}

/// Values that a plan fixes for all its levels.
#[derive(Clone)]
pub(crate) struct SqlContext<'a> {
    pub(crate) registry: &'a Registry,
    pub(crate) dialect: &'static dyn Dialect,
    pub(crate) status: PublicationState,
    /// The request's one locale, or the default if it names several.
    pub(crate) request_locale: &'a str,
    /// Whether rows of several locales may come: children are then matched by their parent's.
    pub(crate) many_locales: bool,
    /// The locale whose texts of files are shown; `None` for the default one, whose texts are in the file's row.
    pub(crate) file_texts: Option<&'a str>,
}

/// The object that a populated relation belongs to.
#[derive(Clone, Copy)]
enum RelationOwner<'a> {
    Type(&'a ContentType),
    Component { row: &'a ContentType, component: &'a Component },
}

/// The column of a file's text in each locale.
fn file_text_column(attribute: &str) -> Option<&'static str> {
    match attribute {
        "alternativeText" => Some("alternative_text"),
        "caption" => Some("caption"),
        _ => None,
    }
}

impl SqlContext<'_> {
    pub(crate) fn new_sql(&self) -> Sql<'_> {
        Sql::new(self.registry, self.dialect, self.request_locale)
    }

    /// The level of a node, and its select list over `alias`.
    pub(crate) fn build_level(&self, sql: &mut Sql<'_>, node: &EntryNode, alias: &str) -> (Level, Vec<String>) {
        // Without `..`: a new part of a node does not compile until it is used.
        let EntryNode { content_type, fields, populate } = node;
        let ct = self.registry.get(*content_type);
        let scope = Scope::Row { alias: alias.to_owned(), ct };
        let mut columns = Vec::with_capacity(fields.len());
        let mut select = Vec::with_capacity(fields.len() + 4);
        for field in fields {
            let (mut expr, t) = sql.field_expression(*field, &scope);
            let (name, out) = match field {
                Field::Id => ("id", ColumnFormat::Integer),
                Field::DocumentId => ("documentId", ColumnFormat::Plain),
                Field::CreatedAt => ("createdAt", ColumnFormat::Plain),
                Field::UpdatedAt => ("updatedAt", ColumnFormat::Plain),
                Field::PublishedAt => ("publishedAt", ColumnFormat::Plain),
                Field::Locale => ("locale", ColumnFormat::Text),
                Field::Version => ("version", ColumnFormat::Integer),
                Field::Attribute(a) => {
                    let name = ct.attributes[*a].name.as_str();
                    let of_file = *content_type == self.registry.file_type().id;
                    if let (true, Some(locale), Some(column)) = (of_file, self.file_texts, file_text_column(name)) {
                        let (x, l) = (sql.new_alias("x"), sql.bind_text(locale));
                        expr = format!(
                            "COALESCE((SELECT {x}.{column} FROM cairn_asset_texts {x} WHERE {x}.document_id = {alias}.document_id \
                             AND {x}.locale = {l}), {expr})"
                        );
                    }
                    (name, if of_file { file_column_format(name, t) } else { column_format(t) })
                }
            };
            columns.push(OutColumn { key: member_key(name, columns.is_empty()), out });
            select.push(expr);
        }
        let mut extra = ExtraColumns::default();
        let mut parts = Vec::new();
        for populate in populate {
            self.build_populate(sql, &scope, populate, &mut columns, &mut select, &mut extra, &mut parts);
        }
        (Level { head: Vec::new(), columns, extra, parts }, select)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one level under construction")]
    fn build_populate(
        &self,
        sql: &mut Sql<'_>,
        scope: &Scope<'_>,
        populate: &Populate,
        columns: &mut Vec<OutColumn>,
        select: &mut Vec<String>,
        extra: &mut ExtraColumns,
        parts: &mut Vec<PopulatePart>,
    ) {
        let (alias, ct) = scope.enclosing_row();
        let mut add = |expr: String| {
            select.push(expr);
            select.len() - 1
        };
        match populate {
            Populate::Related(related) => {
                let a = &ct.attributes[related.attribute];
                let (source, storage) = self.build_related(RelationOwner::Type(ct), related, false);
                let from = match storage {
                    LinkStorage::Column => KeyFrom::Column(add(format!("{alias}.{}", Ident::column(a)))),
                    LinkStorage::Inverse => {
                        extra.document = Some(extra.document.unwrap_or_else(|| add(format!("{alias}.document_id"))));
                        KeyFrom::Document
                    }
                    LinkStorage::Table | LinkStorage::References => {
                        extra.id = Some(extra.id.unwrap_or_else(|| add(format!("{alias}.id"))));
                        KeyFrom::Id
                    }
                };
                if source.by_locale && extra.locale.is_none() {
                    extra.locale = Some(add(format!("{alias}.locale")));
                }
                let source = RelationPart { count: related.count, sources: vec![source] };
                parts.push(PopulatePart::Related {
                    key: member_key(&a.name, false),
                    from,
                    many: related.many,
                    kept: true,
                    source,
                });
            }
            Populate::Morph { attribute, many, count, targets } => {
                let a = &ct.attributes[*attribute];
                let sources: Vec<RelationSource> =
                    targets.iter().map(|r| self.build_related(RelationOwner::Type(ct), r, true).0).collect();
                extra.id = Some(extra.id.unwrap_or_else(|| add(format!("{alias}.id"))));
                if sources.iter().any(|s| s.by_locale) && extra.locale.is_none() {
                    extra.locale = Some(add(format!("{alias}.locale")));
                }
                let source = RelationPart { count: *count, sources };
                let (key, from) = (member_key(&a.name, false), KeyFrom::Id);
                parts.push(PopulatePart::Related { key, from, many: *many, kept: true, source });
            }
            Populate::Usages { count, by } => {
                extra.document = Some(extra.document.unwrap_or_else(|| add(format!("{alias}.document_id"))));
                let sources = by.iter().map(|usage| self.usage_source(usage, *count)).collect();
                let (key, from) = (member_key("related", false), KeyFrom::Document);
                let source = RelationPart { count: *count, sources };
                // As in Strapi, where nothing is left of a relation to any type it is not there.
                parts.push(PopulatePart::Related { key, from, many: true, kept: *count, source });
            }
            Populate::Component { attribute, repeatable, count, filter, sort, node } => {
                let mut links = Vec::new();
                let components = vec![self.build_component(ct, node, false, &mut links)];
                let shape = ComponentsShape { many: *repeatable, count: *count, zone: false, components };
                let mut expr = format!("{alias}.{}", Ident::column(&ct.attributes[*attribute]));
                if filter.is_some() || !sort.is_empty() {
                    expr = self.chosen_instances(sql, scope, &expr, node.component, *repeatable, filter.as_ref(), sort);
                }
                let name = &ct.attributes[*attribute].name;
                self.build_components(name, expr, shape, links, alias, columns, select, extra, parts);
            }
            Populate::Zone { attribute, count, nodes } => {
                let mut links = Vec::new();
                let components = nodes.iter().map(|n| self.build_component(ct, n, true, &mut links)).collect();
                let shape = ComponentsShape { many: true, count: *count, zone: true, components };
                let a = &ct.attributes[*attribute];
                let expr = format!("{alias}.{}", Ident::column(a));
                self.build_components(&a.name, expr, shape, links, alias, columns, select, extra, parts);
            }
            Populate::Nothing { attribute, many } => {
                let key = member_key(&ct.attributes[*attribute].name, false);
                parts.push(PopulatePart::Constant { key, json: if *many { "[]" } else { "null" } });
            }
            Populate::Localizations(node) => {
                extra.id = Some(extra.id.unwrap_or_else(|| add(format!("{alias}.id"))));
                extra.document = Some(extra.document.unwrap_or_else(|| add(format!("{alias}.document_id"))));
                let mut own = self.new_sql();
                // Their own relations are shown in their own locales.
                let inner = SqlContext { many_locales: true, ..self.clone() };
                let (mut level, mut list) = inner.build_level(&mut own, node, "t");
                level.extra.id = Some(level.extra.id.unwrap_or_else(|| {
                    list.push("t.id".into());
                    list.len() - 1
                }));
                level.extra.key = Some(list.len());
                list.push("t.document_id".into());
                let n = own.bind_number(Bind::Keys);
                let keys = own.dialect.in_list("t.document_id", n);
                let text = format!(
                    "SELECT {} FROM {} t WHERE {keys} AND t._status = {} ORDER BY t.id",
                    list.join(", "),
                    Ident::table(ct),
                    status_number(ct, self.status)
                );
                parts.push(PopulatePart::Localizations {
                    key: member_key("localizations", false),
                    statement: own.into_statement(text),
                    level,
                });
            }
        }
    }

    /// Adds a component column: written at once if it needs no links, else retained until they are loaded.
    #[expect(clippy::too_many_arguments, reason = "the parts of one level under construction")]
    fn build_components(
        &self,
        name: &str,
        expr: String,
        shape: ComponentsShape,
        links: Vec<RelationPart>,
        alias: &str,
        columns: &mut Vec<OutColumn>,
        select: &mut Vec<String>,
        extra: &mut ExtraColumns,
        parts: &mut Vec<PopulatePart>,
    ) {
        if links.is_empty() {
            // Written in passing: its column must directly follow those before it.
            let at = columns.len();
            columns.push(OutColumn { key: member_key(name, false), out: ColumnFormat::Shape(shape) });
            select.insert(at, expr);
            let shift = |p: &mut Option<usize>| {
                if let Some(i) = p
                    && *i >= at
                {
                    *i += 1;
                }
            };
            for p in [&mut extra.id, &mut extra.document, &mut extra.locale, &mut extra.key, &mut extra.position] {
                shift(p);
            }
            for part in parts {
                match part {
                    PopulatePart::Related { from: KeyFrom::Column(i), .. }
                    | PopulatePart::Components { column: i, .. }
                        if *i >= at =>
                    {
                        *i += 1
                    }
                    _ => {}
                }
            }
            return;
        }
        let mut add = |expr: String| {
            select.push(expr);
            select.len() - 1
        };
        extra.id = Some(extra.id.unwrap_or_else(|| add(format!("{alias}.id"))));
        if links.iter().flat_map(|l| &l.sources).any(|s| s.by_locale) && extra.locale.is_none() {
            extra.locale = Some(add(format!("{alias}.locale")));
        }
        let column = add(expr);
        parts.push(PopulatePart::Components { key: member_key(name, false), column, shape, links });
    }

    /// The instances of a component that the `filters` and `sort` of a populate select, as JSON.
    #[expect(clippy::too_many_arguments, reason = "one private composition")]
    fn chosen_instances(
        &self,
        sql: &mut Sql<'_>,
        scope: &Scope<'_>,
        json: &str,
        component: ComponentId,
        repeatable: bool,
        filter: Option<&cairn_query::Filter>,
        sort: &[cairn_query::Sort],
    ) -> String {
        let (row, ct) = scope.enclosing_row();
        let component = self.registry.component(component);
        if !repeatable {
            let inner = Scope::Instance { json: json.to_owned(), component, row: row.to_owned(), ct };
            return match filter {
                Some(f) => format!("CASE WHEN {} THEN {json} END", sql.filter_condition(f, false, &inner)),
                None => json.to_owned(),
            };
        }
        let inner = Scope::Instance { json: "j.value".into(), component, row: row.to_owned(), ct };
        let test = filter.map_or_else(|| "TRUE".into(), |f| sql.filter_condition(f, false, &inner));
        let mut keys: Vec<String> = sort
            .iter()
            .map(|s| {
                let (expr, t) = sql.field_expression(s.field, &inner);
                sql.dialect.sort_key(&sql.dialect.comparable_expression(&expr, t), s.descending)
            })
            .collect();
        keys.push("j.key".into());
        sql.dialect.json_chosen(json, "j", &test, &keys.join(", "))
    }

    fn build_component(
        &self,
        row: &ContentType,
        node: &ComponentNode,
        zone: bool,
        links: &mut Vec<RelationPart>,
    ) -> ComponentShape {
        let component = self.registry.component(node.component);
        let mut fields: Vec<ShapeField> = node
            .fields
            .iter()
            .map(|&i| {
                let a = &component.attributes[i];
                let out = if a.kind.column_type() == Some(ColumnType::Decimal) {
                    ShapeFormat::Number
                } else {
                    ShapeFormat::Verbatim
                };
                ShapeField { name: a.name.clone(), key: member_key(&a.name, false), out }
            })
            .collect();
        let mut slots = Vec::new();
        for populate in &node.populate {
            let owner = RelationOwner::Component { row, component };
            match populate {
                Populate::Related(related) => {
                    let source = self.build_related(owner, related, false).0;
                    let name = &component.attributes[related.attribute].name;
                    slots.push((member_key(name, false), links.len(), related.many));
                    links.push(RelationPart { count: related.count, sources: vec![source] });
                }
                Populate::Morph { attribute, many, count, targets } => {
                    let sources = targets.iter().map(|r| self.build_related(owner, r, true).0).collect();
                    slots.push((member_key(&component.attributes[*attribute].name, false), links.len(), *many));
                    links.push(RelationPart { count: *count, sources });
                }
                Populate::Component { attribute, repeatable, count, node, .. } => {
                    let components = vec![self.build_component(row, node, false, links)];
                    let shape = ComponentsShape { many: *repeatable, count: *count, zone: false, components };
                    let name = component.attributes[*attribute].name.clone();
                    fields.push(ShapeField { key: member_key(&name, false), name, out: ShapeFormat::Child(shape) });
                }
                Populate::Zone { attribute, count, nodes } => {
                    let components = nodes.iter().map(|n| self.build_component(row, n, true, links)).collect();
                    let shape = ComponentsShape { many: true, count: *count, zone: true, components };
                    let name = component.attributes[*attribute].name.clone();
                    fields.push(ShapeField { key: member_key(&name, false), name, out: ShapeFormat::Child(shape) });
                }
                Populate::Localizations(_) | Populate::Usages { .. } | Populate::Nothing { .. } => {}
            }
        }
        let head = if zone { format!("\"__component\":\"{}\",", component.uid).into_bytes() } else { Vec::new() };
        ComponentShape { uid: component.uid.clone(), head, fields, links: slots }
    }

    /// The statement and level of a populated relation, and where its links are stored.
    fn build_related(
        &self,
        owner: RelationOwner<'_>,
        related: &PopulatedRelation,
        morph: bool,
    ) -> (RelationSource, LinkStorage) {
        let mut sql = self.new_sql();
        let tt = self.registry.get(related.target);
        let table = Ident::table(tt);
        let (mut level, mut list) = self.build_level(&mut sql, &related.node, "t");
        if morph {
            level.head = format!("\"__type\":\"{}\",", tt.uid).into_bytes();
        }
        let n = sql.bind_number(Bind::Keys);
        let keys = |sql: &Sql<'_>, expr: &str| sql.dialect.in_list(expr, n);
        let references = |sql: &mut Sql<'_>, row: &ContentType, name: &str, key: &str| {
            let ty = sql.bind_text(&tt.uid);
            let name = sql.bind_text(name);
            (
                format!("{} l JOIN {table} t ON t.document_id = l.target", Ident::references(row)),
                key.to_owned(),
                format!("{} AND l.attribute = {name} AND l.target_type = {ty}", keys(sql, "l.owner_id")),
                String::from("l.pos"),
            )
        };
        let (storage, owner_type, (from, key, on, order)) = match owner {
            RelationOwner::Component { row, component } => {
                let name = reference_name(component, &component.attributes[related.attribute]);
                (LinkStorage::References, row, references(&mut sql, row, &name, "l.instance"))
            }
            RelationOwner::Type(ct) => {
                let a = &ct.attributes[related.attribute];
                let link = self.registry.attribute_link(a);
                let storage = link.map_or(LinkStorage::References, |l| l.storage);
                let parts = match (storage, link.map(|l| l.side)) {
                    (LinkStorage::Column, _) => (
                        format!("{table} t"),
                        "t.document_id".to_owned(),
                        keys(&sql, "t.document_id"),
                        "t.id".to_owned(),
                    ),
                    (LinkStorage::Table, _) => (
                        format!("{} l JOIN {table} t ON t.document_id = l.target", Ident::links(ct, a)),
                        "l.owner_id".to_owned(),
                        keys(&sql, "l.owner_id"),
                        "l.pos".to_owned(),
                    ),
                    (LinkStorage::Inverse, Some(RelationSide::Inverse { owner: inverse })) => {
                        let oa = &tt.attributes[inverse];
                        match self.registry.attribute_link(oa).map(|l| l.storage) {
                            Some(LinkStorage::Table) => (
                                format!("{} l JOIN {table} t ON t.id = l.owner_id", Ident::links(tt, oa)),
                                "l.target".to_owned(),
                                keys(&sql, "l.target"),
                                "l.inv_pos".to_owned(),
                            ),
                            Some(LinkStorage::References) => {
                                let ty = sql.bind_text(&ct.uid);
                                let name = sql.bind_text(&oa.name);
                                (
                                    format!("{} l JOIN {table} t ON t.id = l.owner_id", Ident::references(tt)),
                                    "l.target".to_owned(),
                                    format!(
                                        "{} AND l.target_type = {ty} AND l.attribute = {name} AND l.instance = 0",
                                        keys(&sql, "l.target")
                                    ),
                                    "t.id".to_owned(),
                                )
                            }
                            _ => {
                                let c = Ident::column(oa);
                                (
                                    format!("{table} t"),
                                    format!("t.{c}"),
                                    keys(&sql, &format!("t.{c}")),
                                    format!("t.{}, t.id", Ident::position(oa)),
                                )
                            }
                        }
                    }
                    _ => references(&mut sql, ct, &a.name, "l.owner_id"),
                };
                (storage, ct, parts)
            }
        };
        let mut on = format!("{on} AND t._status = {}", status_number(tt, self.status));
        let mut by_locale = false;
        if !tt.localized {
            on.push_str(" AND t.locale = ''");
        } else if self.many_locales && owner_type.localized {
            by_locale = true;
        } else {
            let l = sql.bind_text(self.request_locale);
            on.push_str(&format!(" AND t.locale = {l}"));
        }
        let scope = Scope::Row { alias: "t".into(), ct: tt };
        if let Some(filter) = &related.filter {
            let test = sql.filter_condition(filter, false, &scope);
            on.push_str(&format!(" AND {test}"));
        }
        let text = if related.count {
            format!("SELECT {key}, count(*) FROM {from} WHERE {on} GROUP BY {key}")
        } else {
            level.extra.key = Some(list.len());
            list.push(key);
            if by_locale {
                level.extra.locale = Some(level.extra.locale.unwrap_or_else(|| {
                    list.push("t.locale".into());
                    list.len() - 1
                }));
            }
            if morph {
                level.extra.position = Some(list.len());
                list.push("l.pos".into());
            }
            let order = if related.sort.is_empty() { order } else { sql.order_by(&related.sort, &scope) };
            format!("SELECT {} FROM {from} WHERE {on} ORDER BY {order}", list.join(", "))
        };
        (RelationSource { statement: sql.into_statement(text), level, by_locale }, storage)
    }
}

fn file_column_format(name: &str, t: ColumnType) -> ColumnFormat {
    match name {
        "url" | "previewUrl" => ColumnFormat::Address(UrlFormat::Text),
        "formats" | "srcset" => ColumnFormat::Address(UrlFormat::Json),
        _ => column_format(t),
    }
}

/// How a column of a row is written.
pub(crate) fn column_format(t: ColumnType) -> ColumnFormat {
    match t {
        ColumnType::Text => ColumnFormat::Text,
        ColumnType::Integer => ColumnFormat::Integer,
        ColumnType::BigInteger => ColumnFormat::IntegerText,
        ColumnType::Float => ColumnFormat::Float,
        ColumnType::Decimal => ColumnFormat::Decimal,
        ColumnType::Boolean => ColumnFormat::Boolean,
        ColumnType::Date | ColumnType::DateTime | ColumnType::Time => ColumnFormat::Plain,
        ColumnType::Json => ColumnFormat::Json,
    }
}

/// `,"name":` (names of the model need no escaping).
fn member_key(name: &str, first: bool) -> Vec<u8> {
    format!("{}\"{name}\":", if first { "" } else { "," }).into_bytes()
}
