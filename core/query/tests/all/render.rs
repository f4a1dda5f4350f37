//! Plans as text, with names in place of positions.

use cairn_model::{Attributes, Registry};
use cairn_query::*;
use std::fmt::Write;

pub(crate) fn render(registry: &Registry, planned: &Result<PlannedQuery, ParamError>) -> String {
    let mut out = String::new();
    match planned {
        Ok(planned) => Renderer { registry, out: &mut out }.planned(planned),
        Err(error) => out = render_error("error", error),
    }
    out
}

fn render_error(label: &str, error: &ParamError) -> String {
    format!("{label} {:?}: {} {}\n", error.kind, error.message, error.details)
}

struct Renderer<'a> {
    registry: &'a Registry,
    out: &'a mut String,
}

impl<'a> Renderer<'a> {
    fn line(&mut self, indent: usize, text: impl AsRef<str>) {
        writeln!(self.out, "{}{}", "  ".repeat(indent), text.as_ref()).expect("writing to a string");
    }

    fn planned(&mut self, planned: &PlannedQuery) {
        let PlannedQuery { plan, deferred, status_given, locale, touched, reached: _, variables } = planned;
        let Plan { content_type, status, locale: locales, filter, has_published, publication, sort, page, node } = plan;
        let route = self.registry.get(*content_type).api_route();
        self.line(0, format!("{route} {status:?} (given: {status_given:?}) {locales:?} (write: {locale}) {page:?}"));
        let attributes = &self.registry.get(*content_type).attributes;
        if let Some(publication) = publication {
            self.line(0, format!("publication: {publication:?}"));
        }
        if let Some(has_published) = has_published {
            self.line(0, format!("has published version: {has_published}"));
        }
        if let Some(filter) = filter {
            self.line(0, format!("where {}", self.filter(attributes, filter)));
        }
        self.sort(0, attributes, sort);
        self.node(0, node);
        let touched: Vec<&str> = touched.iter().map(|id| self.registry.get(*id).singular.as_str()).collect();
        self.line(
            0,
            format!("touched {}{}", touched.join(" "), if variables.is_empty() { "" } else { ", per caller" }),
        );
        if let Some(error) = deferred {
            self.out.push_str(&render_error("deferred", error));
        }
    }

    fn sort(&mut self, indent: usize, attributes: &'a Attributes, sort: &[Sort]) {
        for Sort { path, field, descending } in sort {
            let mut attributes = attributes;
            let mut text = String::from("sort ");
            for step in path {
                match step {
                    PathStep::Related { attribute, target, guard, versions } => {
                        write!(text, "{}({versions:?}", attributes[*attribute].name).expect("a string");
                        attributes = &self.registry.get(*target).attributes;
                        if let Some(guard) = guard {
                            write!(text, " guard {}", self.filter(attributes, guard)).expect("a string");
                        }
                        text.push_str(").");
                    }
                    PathStep::Localizations { content_type: _, guard } => {
                        text.push_str("localizations");
                        if let Some(guard) = guard {
                            write!(text, "(guard {})", self.filter(attributes, guard)).expect("a string");
                        }
                        text.push('.');
                    }
                    PathStep::Component { attribute, component } => {
                        write!(text, "{}.", attributes[*attribute].name).expect("a string");
                        attributes = &self.registry.component(*component).attributes;
                    }
                }
            }
            let order = if *descending { "desc" } else { "asc" };
            self.line(indent, format!("{text}{} {order}", field_name(attributes, *field)));
        }
    }

    fn node(&mut self, indent: usize, node: &EntryNode) {
        let attributes = &self.registry.get(node.content_type).attributes;
        let fields: Vec<&str> = node.fields.iter().map(|field| field_name(attributes, *field)).collect();
        self.line(indent, format!("show {}", fields.join(" ")));
        self.populates(indent, attributes, &node.populate);
    }

    fn populates(&mut self, indent: usize, attributes: &'a Attributes, populates: &[Populate]) {
        for populate in populates {
            match populate {
                Populate::Related(related) => self.related(indent, attributes, related),
                Populate::Morph { attribute, many, count, targets } => {
                    let name = &attributes[*attribute].name;
                    self.line(indent, format!("+ {name}: any type{}{}", many_text(*many), count_text(*count)));
                    targets.iter().for_each(|target| self.related(indent + 1, attributes, target));
                }
                Populate::Component { attribute, repeatable, count, filter, sort, node } => {
                    let name = &attributes[*attribute].name;
                    let inner = &self.registry.component(node.component).attributes;
                    self.line(indent, format!("+ {name}: component{}{}", many_text(*repeatable), count_text(*count)));
                    if let Some(filter) = filter {
                        self.line(indent + 1, format!("where {}", self.filter(inner, filter)));
                    }
                    self.sort(indent + 1, inner, sort);
                    self.component(indent + 1, node);
                }
                Populate::Zone { attribute, count, nodes } => {
                    self.line(indent, format!("+ {}: zone{}", attributes[*attribute].name, count_text(*count)));
                    nodes.iter().for_each(|node| self.component(indent + 1, node));
                }
                Populate::Localizations(PopulatedLocalizations { count, filter, sort, node }) => {
                    self.line(indent, format!("+ localizations{}", count_text(*count)));
                    let inner = &self.registry.get(node.content_type).attributes;
                    if let Some(filter) = filter {
                        self.line(indent + 1, format!("where {}", self.filter(inner, filter)));
                    }
                    self.sort(indent + 1, inner, sort);
                    self.node(indent + 1, node);
                }
                Populate::Usages { count, by } => {
                    self.line(indent, format!("+ related: entries{}", count_text(*count)));
                    by.iter().for_each(|usage| self.usage(indent + 1, usage));
                }
                Populate::Nothing { attribute, many } => {
                    self.line(indent, format!("+ {}: nothing{}", attributes[*attribute].name, many_text(*many)));
                }
            }
        }
    }

    fn related(&mut self, indent: usize, owner: &Attributes, related: &PopulatedRelation) {
        let PopulatedRelation { attribute, target, many, count, filter, sort, node } = related;
        let target = self.registry.get(*target);
        let name = &owner[*attribute].name;
        self.line(indent, format!("+ {name}: {}{}{}", target.singular, many_text(*many), count_text(*count)));
        if let Some(filter) = filter {
            self.line(indent + 1, format!("where {}", self.filter(&target.attributes, filter)));
        }
        self.sort(indent + 1, &target.attributes, sort);
        self.node(indent + 1, node);
    }

    fn usage(&mut self, indent: usize, usage: &FileUsage) {
        let FileUsage { media, versions, filter, sort, node } = usage;
        let content_type = self.registry.get(node.content_type);
        let media: Vec<&str> = media.iter().map(|id| content_type.attributes[*id].name.as_str()).collect();
        self.line(indent, format!("{} {versions:?} by {}", content_type.singular, media.join(" ")));
        if let Some(filter) = filter {
            self.line(indent + 1, format!("where {}", self.filter(&content_type.attributes, filter)));
        }
        self.sort(indent + 1, &content_type.attributes, sort);
        self.node(indent + 1, node);
    }

    fn component(&mut self, indent: usize, node: &ComponentNode) {
        let component = self.registry.component(node.component);
        let fields: Vec<&str> = node.fields.iter().map(|id| component.attributes[*id].name.as_str()).collect();
        self.line(indent, format!("{}: show {}", component.uid, fields.join(" ")));
        self.populates(indent + 1, &component.attributes, &node.populate);
    }

    fn filter(&self, attributes: &Attributes, filter: &Filter) -> String {
        let joined = |filters: &[Filter], word: &str, empty: &str| {
            let parts: Vec<String> = filters.iter().map(|filter| self.filter(attributes, filter)).collect();
            if parts.is_empty() { empty.to_owned() } else { format!("({})", parts.join(word)) }
        };
        match filter {
            Filter::And(filters) => joined(filters, " and ", "true"),
            Filter::Or(filters) => joined(filters, " or ", "false"),
            Filter::Not(filter) => format!("not {}", self.filter(attributes, filter)),
            Filter::Complement(filter) => format!("all but {}", self.filter(attributes, filter)),
            Filter::Leaf { field, op, values } => format!("{} {op:?} {values:?}", field_name(attributes, *field)),
            Filter::RowId { op, values } => format!("row {op:?} {values:?}"),
            Filter::Editorial(editorial) => format!("{editorial:?}"),
            Filter::Related { attribute, target, guard, versions, filter } => {
                let inner = &self.registry.get(*target).attributes;
                let guard = guard.as_ref().map(|guard| format!(" guard {}", self.filter(inner, guard)));
                let name = &attributes[*attribute].name;
                format!("{name}({versions:?}{}: {})", guard.unwrap_or_default(), self.filter(inner, filter))
            }
            Filter::Localizations { content_type, guard, filter } => {
                let inner = &self.registry.get(*content_type).attributes;
                let guard = guard.as_ref().map(|guard| format!("guard {}: ", self.filter(inner, guard)));
                format!("localizations({}{})", guard.unwrap_or_default(), self.filter(inner, filter))
            }
            Filter::Component { attribute, component, filter } => {
                let inner = &self.registry.component(*component).attributes;
                format!("{}({})", attributes[*attribute].name, self.filter(inner, filter))
            }
        }
    }
}

fn field_name(attributes: &Attributes, field: Field) -> &str {
    match field {
        Field::Id => "id",
        Field::DocumentId => "documentId",
        Field::CreatedAt => "createdAt",
        Field::UpdatedAt => "updatedAt",
        Field::PublishedAt => "publishedAt",
        Field::Locale => "locale",
        Field::Version => "version",
        Field::Attribute(id) => &attributes[id].name,
    }
}

fn many_text(many: bool) -> &'static str {
    if many { ", many" } else { "" }
}

fn count_text(count: bool) -> &'static str {
    if count { ", counted" } else { "" }
}
