//! Any query string, planned: a plan or an error, and nothing hidden in the plan.
#![no_main]

mod sample_model;

use cairn_model::{Attribute, Attributes, FieldKind};
use cairn_query::{
    Access, Action, EntryNode, Field, Filter, PathStep, Plan, Populate, PopulatedRelation, QueryLimits, QueryRequest,
    Sort, plan_query,
};
use libfuzzer_sys::fuzz_target;
use sample_model::{CALLERS, REGISTRY, type_id};

fuzz_target!(|data: &[u8]| {
    let Ok(query) = std::str::from_utf8(data) else { return };
    for access in CALLERS.iter() {
        for (route, action) in [("articles", Action::Find), ("articles", Action::Update), ("pages", Action::FindOne)] {
            let request = QueryRequest {
                registry: &REGISTRY,
                access,
                content_type: type_id(route),
                action,
                default_locale: "en",
                limits: QueryLimits::default(),
                lenient: query.len() % 7 == 0,
            };
            if let Ok(planned) = plan_query(&request, query) {
                PlanChecker { access }.check_plan(&planned.plan);
            }
        }
    }
});

/// Walks a plan: indexing panics where a position is outside the model.
struct PlanChecker<'a> {
    access: &'a Access,
}

impl PlanChecker<'_> {
    fn check_plan(&self, plan: &Plan) {
        let Plan { content_type, status: _, locale: _, filter, has_published: _, publication: _, sort, page, node } =
            plan;
        let attributes = &REGISTRY.get(*content_type).attributes;
        // A caller's condition may use private attributes; nobody may use passwords.
        filter.iter().for_each(|f| self.check_filter(attributes, f));
        sort.iter().for_each(|s| self.check_sort(attributes, s));
        self.check_node(node);
        let (start, limit) = page.row_window();
        assert!(limit >= 1 && start.checked_add(limit).is_some());
    }

    fn check_attribute<'m>(&self, attributes: &'m Attributes, id: usize) -> &'m Attribute {
        let attribute = &attributes[id];
        assert!(!matches!(attribute.kind, FieldKind::Password), "{} is in the plan", attribute.name);
        attribute
    }

    fn check_field(&self, attributes: &Attributes, field: Field) {
        if let Field::Attribute(id) = field {
            let attribute = self.check_attribute(attributes, id);
            assert!(!attribute.is_hidden(), "{} is returned", attribute.name);
        }
    }

    fn check_filter(&self, attributes: &Attributes, filter: &Filter) {
        match filter {
            Filter::And(all) | Filter::Or(all) => all.iter().for_each(|f| self.check_filter(attributes, f)),
            Filter::Not(inner) => self.check_filter(attributes, inner),
            Filter::Leaf { field: Field::Attribute(id), .. } => drop(self.check_attribute(attributes, *id)),
            Filter::Leaf { .. } | Filter::RowId { .. } => {}
            Filter::Editorial(editorial) => panic!("no query contains {editorial:?}"),
            Filter::Related { attribute, target, guard, versions: _, filter } => {
                self.check_attribute(attributes, *attribute);
                let inner = &REGISTRY.get(*target).attributes;
                self.check_filter(inner, filter);
                guard.iter().for_each(|g| self.check_filter(inner, g));
            }
            Filter::Component { attribute, component, filter } => {
                self.check_attribute(attributes, *attribute);
                self.check_filter(&REGISTRY.component(*component).attributes, filter);
            }
        }
    }

    fn check_sort(&self, attributes: &Attributes, sort: &Sort) {
        let mut attributes = attributes;
        for step in &sort.path {
            match step {
                PathStep::Related { attribute, target, guard, versions: _ } => {
                    assert!(!self.check_attribute(attributes, *attribute).is_hidden());
                    attributes = &REGISTRY.get(*target).attributes;
                    guard.iter().for_each(|g| self.check_filter(attributes, g));
                }
                PathStep::Component { attribute, component } => {
                    assert!(!self.check_attribute(attributes, *attribute).is_hidden());
                    attributes = &REGISTRY.component(*component).attributes;
                }
            }
        }
        self.check_field(attributes, sort.field);
    }

    fn check_node(&self, node: &EntryNode) {
        let attributes = &REGISTRY.get(node.content_type).attributes;
        node.fields.iter().for_each(|f| self.check_field(attributes, *f));
        self.check_populates(attributes, &node.populate);
    }

    fn check_relation(&self, owner: &Attributes, related: &PopulatedRelation) {
        assert!(!self.check_attribute(owner, related.attribute).is_hidden());
        let file = REGISTRY.file_type().id;
        assert!(
            related.target == file || self.access.allows_action(related.target, Action::Find),
            "the caller may not read the type"
        );
        let attributes = &REGISTRY.get(related.target).attributes;
        related.filter.iter().for_each(|f| self.check_filter(attributes, f));
        related.sort.iter().for_each(|s| self.check_sort(attributes, s));
        self.check_node(&related.node);
    }

    fn check_populates(&self, attributes: &Attributes, populates: &[Populate]) {
        for populate in populates {
            match populate {
                Populate::Related(related) => self.check_relation(attributes, related),
                Populate::Morph { targets, .. } => targets.iter().for_each(|t| self.check_relation(attributes, t)),
                Populate::Component { attribute, filter, sort, node, .. } => {
                    assert!(!self.check_attribute(attributes, *attribute).is_hidden());
                    let inner = &REGISTRY.component(node.component).attributes;
                    filter.iter().for_each(|f| self.check_filter(inner, f));
                    sort.iter().for_each(|s| self.check_sort(inner, s));
                    node.fields.iter().for_each(|id| self.check_field(inner, Field::Attribute(*id)));
                    self.check_populates(inner, &node.populate);
                }
                Populate::Zone { nodes, .. } => {
                    for node in nodes {
                        let inner = &REGISTRY.component(node.component).attributes;
                        node.fields.iter().for_each(|id| self.check_field(inner, Field::Attribute(*id)));
                        self.check_populates(inner, &node.populate);
                    }
                }
                Populate::Localizations(node) => self.check_node(node),
                Populate::Usages { by, .. } => {
                    for usage in by {
                        let of = usage.node.content_type;
                        assert!(self.access.allows_action(of, Action::Find), "the caller may not read the type");
                        let attributes = &REGISTRY.get(of).attributes;
                        usage.media.iter().for_each(|id| assert!(!self.check_attribute(attributes, *id).is_hidden()));
                        usage.filter.iter().for_each(|f| self.check_filter(attributes, f));
                        usage.sort.iter().for_each(|s| self.check_sort(attributes, s));
                        self.check_node(&usage.node);
                    }
                }
                Populate::Nothing { .. } => {}
            }
        }
    }
}
