//! Components → JSON in a column of their row: written as it is, or with the entries that their relations link to.

use super::Scope;
use super::level::{ColumnFormat, LevelBuilder, SqlContext, member_key};
use super::populate::{PopulatePart, RelationOwner, RelationPart};
use cairn_model::*;
use cairn_query::{ComponentNode, Filter, Populate, Sort};

/// How components in a column are written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ComponentsShape {
    /// True if it is a list (`[]` when empty), false if it is a single component (`null` when empty).
    pub(crate) many: bool,
    /// True if only the number of instances is written.
    pub(crate) count: bool,
    /// True if instances name their component; those without a shape are left out.
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

impl LevelBuilder<'_, '_> {
    /// Adds a component column: written at once if it needs no links, else retained until they are loaded.
    pub(super) fn add_components(
        &mut self,
        name: &str,
        expr: String,
        shape: ComponentsShape,
        links: Vec<RelationPart>,
    ) {
        if links.is_empty() {
            return self.selected.add_written(name, ColumnFormat::Shape(shape), expr);
        }
        self.selected.require_id(self.alias);
        if links.iter().flat_map(|link| &link.sources).any(|source| source.by_locale) {
            self.selected.require_locale(self.alias);
        }
        let column = self.selected.add_hidden(expr);
        self.add_part(PopulatePart::Components { key: member_key(name, false), column, shape, links });
    }

    /// The instances of a component that the `filters` and `sort` of a populate select, as JSON.
    pub(super) fn select_instances(
        &mut self,
        json: &str,
        component: ComponentId,
        repeatable: bool,
        filter: Option<&Filter>,
        sort: &[Sort],
    ) -> String {
        let Self { context, sql, alias, ct, .. } = self;
        let component = context.registry.component(component);
        let instance = if repeatable { "j.value" } else { json };
        let inner = Scope::Instance { json: instance.to_owned(), component, row: (*alias).to_owned(), ct };
        if !repeatable {
            return match filter {
                Some(f) => format!("CASE WHEN {} THEN {json} END", sql.filter_condition(f, false, &inner)),
                None => json.to_owned(),
            };
        }
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
}

impl SqlContext<'_> {
    /// How instances of a component are written; `links` gets what their relations need.
    pub(super) fn build_component(
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
}
