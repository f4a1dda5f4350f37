//! Any query string, planned: a plan or a refusal, and nothing hidden in the plan.
#![no_main]

mod newsroom;

use cairn_model::{Attribute, Attributes, FieldKind};
use cairn_query::{Access, Action, Field, Filter, Limits, Node, Plan, Populate, Related, Request, Sort, Step, plan};
use libfuzzer_sys::fuzz_target;
use newsroom::{CALLERS, REGISTRY, type_id};

fuzz_target!(|data: &[u8]| {
    let Ok(query) = std::str::from_utf8(data) else { return };
    for access in CALLERS.iter() {
        for (route, action) in [("articles", Action::Find), ("articles", Action::Update), ("pages", Action::FindOne)] {
            let request = Request {
                registry: &REGISTRY,
                access,
                content_type: type_id(route),
                action,
                default_locale: "en",
                limits: Limits::default(),
                lenient: query.len() % 7 == 0,
            };
            if let Ok(planned) = plan(&request, query) {
                Walk { access }.plan(&planned.plan);
            }
        }
    }
});

struct Walk<'a> {
    access: &'a Access,
}

impl Walk<'_> {
    fn plan(&self, plan: &Plan) {
        let Plan { content_type, status: _, locale: _, filter, has_published: _, sort, page, node } = plan;
        let attributes = &REGISTRY.get(*content_type).attributes;
        // The caller's own condition may look at private attributes; passwords are for nobody.
        filter.iter().for_each(|f| self.filter(attributes, f));
        sort.iter().for_each(|s| self.sort(attributes, s));
        self.node(node);
        let (start, limit) = page.window();
        assert!(limit >= 1 && start.checked_add(limit).is_some());
    }

    fn attribute<'m>(&self, attributes: &'m Attributes, id: usize) -> &'m Attribute {
        let attribute = &attributes[id];
        assert!(!matches!(attribute.kind, FieldKind::Password), "{} is in the plan", attribute.name);
        attribute
    }

    fn shown(&self, attributes: &Attributes, field: Field) {
        if let Field::Attribute(id) = field {
            let attribute = self.attribute(attributes, id);
            assert!(!attribute.hidden(), "{} is shown", attribute.name);
        }
    }

    fn filter(&self, attributes: &Attributes, filter: &Filter) {
        match filter {
            Filter::And(all) | Filter::Or(all) => all.iter().for_each(|f| self.filter(attributes, f)),
            Filter::Not(inner) => self.filter(attributes, inner),
            Filter::Leaf { field: Field::Attribute(id), .. } => drop(self.attribute(attributes, *id)),
            Filter::Leaf { .. } | Filter::RowId { .. } => {}
            Filter::Related { attribute, target, guard, versions: _, filter } => {
                self.attribute(attributes, *attribute);
                let inner = &REGISTRY.get(*target).attributes;
                self.filter(inner, filter);
                guard.iter().for_each(|g| self.filter(inner, g));
            }
            Filter::Component { attribute, component, filter } => {
                self.attribute(attributes, *attribute);
                self.filter(&REGISTRY.component(*component).attributes, filter);
            }
        }
    }

    fn sort(&self, attributes: &Attributes, sort: &Sort) {
        let mut attributes = attributes;
        for step in &sort.path {
            match step {
                Step::Related { attribute, target, guard, versions: _ } => {
                    assert!(!self.attribute(attributes, *attribute).hidden());
                    attributes = &REGISTRY.get(*target).attributes;
                    guard.iter().for_each(|g| self.filter(attributes, g));
                }
                Step::Component { attribute, component } => {
                    assert!(!self.attribute(attributes, *attribute).hidden());
                    attributes = &REGISTRY.component(*component).attributes;
                }
            }
        }
        self.shown(attributes, sort.field);
    }

    fn node(&self, node: &Node) {
        let attributes = &REGISTRY.get(node.content_type).attributes;
        node.fields.iter().for_each(|f| self.shown(attributes, *f));
        self.populates(attributes, &node.populate);
    }

    fn related(&self, owner: &Attributes, related: &Related) {
        assert!(!self.attribute(owner, related.attribute).hidden());
        let file = REGISTRY.file().id;
        assert!(related.target == file || self.access.may(related.target, Action::Find), "a type that may not be read");
        let attributes = &REGISTRY.get(related.target).attributes;
        related.filter.iter().for_each(|f| self.filter(attributes, f));
        related.sort.iter().for_each(|s| self.sort(attributes, s));
        self.node(&related.node);
    }

    fn populates(&self, attributes: &Attributes, populates: &[Populate]) {
        for populate in populates {
            match populate {
                Populate::Related(related) => self.related(attributes, related),
                Populate::Morph { targets, .. } => targets.iter().for_each(|t| self.related(attributes, t)),
                Populate::Component { attribute, filter, sort, node, .. } => {
                    assert!(!self.attribute(attributes, *attribute).hidden());
                    let inner = &REGISTRY.component(node.component).attributes;
                    filter.iter().for_each(|f| self.filter(inner, f));
                    sort.iter().for_each(|s| self.sort(inner, s));
                    node.fields.iter().for_each(|id| self.shown(inner, Field::Attribute(*id)));
                    self.populates(inner, &node.populate);
                }
                Populate::Zone { nodes, .. } => {
                    for node in nodes {
                        let inner = &REGISTRY.component(node.component).attributes;
                        node.fields.iter().for_each(|id| self.shown(inner, Field::Attribute(*id)));
                        self.populates(inner, &node.populate);
                    }
                }
                Populate::Localizations(node) => self.node(node),
                Populate::Usages { by, .. } => {
                    for usage in by {
                        let of = usage.node.content_type;
                        assert!(self.access.may(of, Action::Find), "a type that may not be read");
                        let attributes = &REGISTRY.get(of).attributes;
                        usage.media.iter().for_each(|id| assert!(!self.attribute(attributes, *id).hidden()));
                        usage.filter.iter().for_each(|f| self.filter(attributes, f));
                        usage.sort.iter().for_each(|s| self.sort(attributes, s));
                        self.node(&usage.node);
                    }
                }
                Populate::Nothing { .. } => {}
            }
        }
    }
}
