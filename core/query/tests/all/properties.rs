//! Whatever a query says: no panic, no long work, no position outside the model, nothing hidden in the plan.

use crate::common::{caller, plan, registry};
use cairn_model::{Attributes, FieldKind};
use cairn_query::*;
use proptest::prelude::*;
use std::time::{Duration, Instant};

/// Pieces of queries: names that exist, names that do not, operators, values.
fn word() -> impl Strategy<Value = String> {
    let select = prop::sample::select(vec![
        "filters",
        "sort",
        "fields",
        "populate",
        "pagination",
        "status",
        "locale",
        "_q",
        "hasPublishedVersion",
        "page",
        "title",
        "slug",
        "note",
        "pin",
        "views",
        "category",
        "authors",
        "secretAuthor",
        "sequel",
        "subject",
        "cover",
        "gallery",
        "seo",
        "links",
        "sections",
        "mentor",
        "articles",
        "parent",
        "children",
        "name",
        "salary",
        "rank",
        "address",
        "zip",
        "city",
        "image",
        "cta",
        "heading",
        "author",
        "localizations",
        "locale",
        "id",
        "documentId",
        "publishedAt",
        "createdBy",
        "count",
        "on",
        "block.hero",
        "block.quote",
        "block.stray",
        "api::author.author",
        "metaTitle",
        "$and",
        "$or",
        "$not",
        "$eq",
        "$ne",
        "$in",
        "$notIn",
        "$null",
        "$between",
        "$contains",
        "$gt",
        "0",
        "1",
        "2",
        "100",
        "999999999",
        "",
        "*",
        "true",
        "false",
        "title:desc",
        "category.name",
        "sequel.sequel",
        "sections.image",
        "authors.mentor.mentor",
        "a,b",
        "title,views",
        "draft",
        "nl",
        "2020-01-01",
        "abc",
    ]);
    prop_oneof![9 => select.prop_map(str::to_owned), 1 => "[a-zA-Z$%_.:*\\[\\]=&+ -]{0,8}"]
}

fn parameter() -> impl Strategy<Value = String> {
    (word(), prop::collection::vec(word(), 0..7), word()).prop_map(|(name, keys, value)| {
        let keys: String = keys.iter().map(|key| format!("[{key}]")).collect();
        format!("{name}{keys}={value}")
    })
}

fn structured() -> impl Strategy<Value = String> {
    let top = prop::sample::select(vec!["filters", "sort", "fields", "populate", "populate", "pagination"]);
    let inner = (top, prop::collection::vec(word(), 0..6), word()).prop_map(|(name, keys, value)| {
        let keys: String = keys.iter().map(|key| format!("[{key}]")).collect();
        format!("{name}{keys}={value}")
    });
    prop::collection::vec(inner, 1..4).prop_map(|parameters| parameters.join("&"))
}

fn query() -> impl Strategy<Value = String> {
    let mixed = prop::collection::vec(parameter(), 0..6).prop_map(|parameters| parameters.join("&"));
    prop_oneof![4 => structured(), 2 => mixed, 1 => "\\PC{0,60}"]
}

fn check_plan(caller_name: &str, action: Action, route: &str, query: &str) -> bool {
    let start = Instant::now();
    let planned = plan(&caller(caller_name), action, route, query);
    assert!(start.elapsed() < Duration::from_secs(10), "{query} took {:?}", start.elapsed());
    let Ok(planned) = planned else { return false };
    let Plan { content_type, status: _, locale: _, filter, has_published: _, publication: _, sort, page, node } =
        &planned.plan;
    let model = registry().get(*content_type);
    let mut walk = PlanWalk { touched: planned.touched.clone() };
    if let Some(filter) = filter {
        walk.check_filter(&model.attributes, filter);
    }
    walk.check_sorts(&model.attributes, sort);
    walk.check_node(node);
    let (start, limit) = page.row_window();
    assert!(limit >= 1 && start.checked_add(limit).is_some_and(|end| end <= i64::MAX as u64 + 100), "{page:?}");
    true
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_query_is_planned_or_rejected(query in query(), action in 0usize..5) {
        let action = [Action::Find, Action::FindOne, Action::Create, Action::Update, Action::Delete][action];
        for caller_name in ["full", "reader", "editor", "owner", "writer"] {
            check_plan(caller_name, action, "articles", &query);
        }
        check_plan("full", action, "pages", &query);
    }

    #[test]
    fn any_bytes_are_parsed_or_rejected(query in "\\PC{0,200}", body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Query::from_text(&*query).parameters();
        let _ = parse_form(&body);
    }
}

/// The generator is no use if everything it makes is refused.
#[test]
fn enough_generated_queries_are_accepted() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = structured();
    let accepted = (0..2000).filter(|_| {
        let tree = strategy.new_tree(&mut runner).expect("a query");
        check_plan("full", Action::Find, "articles", &proptest::strategy::ValueTree::current(&tree))
    });
    let accepted = accepted.count();
    assert!(accepted > 100, "only {accepted} of 2000");
}

#[test]
fn long_queries_are_planned_quickly() {
    let names = ["sequel", "authors", "category", "sections", "subject"];
    let dotted = vec!["sequel"; 2300].join(".");
    let listed = (0..1700).map(|i| format!("a{i:05}")).collect::<Vec<_>>().join(",");
    let stars = "populate=".to_owned() + &"*,".repeat(8000);
    let wide =
        names.iter().flat_map(|a| names.iter().map(move |b| format!("{a}.{b}.subject.subject"))).collect::<Vec<_>>();
    let nested =
        "populate[subject][populate]=*&populate[sequel]".to_owned() + &"[populate][subject][populate]".repeat(3) + "=*";
    let in_list = (0..600).map(|i| format!("filters[views][$in][]={i}&")).collect::<String>();
    let walls = "filters".to_owned() + &"[$not]".repeat(39) + "=1";
    for query in [
        format!("populate={dotted}"),
        format!("sort={dotted}"),
        format!("fields={listed}"),
        format!("populate={listed}"),
        stars,
        format!("populate={}", wide.join(",")),
        nested,
        in_list,
        walls,
        format!("filters[title][$containsi]={}", "%25".repeat(5000)),
        "a[".repeat(8000),
        "[".repeat(16000),
        "&".repeat(16000),
        "a=1&".repeat(1000),
    ] {
        assert!(query.len() <= MAX_QUERY_BYTES, "{} bytes", query.len());
        let start = Instant::now();
        let planned = plan(&caller("full"), Action::Find, "articles", &query);
        let took = start.elapsed();
        assert!(took < Duration::from_millis(500), "{took:?} for {}", &query[..60.min(query.len())]);
        drop(planned);
    }
}

/// Walks a plan: indexing panics where a position is outside the model.
struct PlanWalk {
    touched: Vec<cairn_model::TypeId>,
}

impl PlanWalk {
    fn assert_touched(&self, id: cairn_model::TypeId) {
        assert!(self.touched.contains(&id), "{} is not in touched", registry().get(id).uid);
    }

    fn check_field(&self, attributes: &Attributes, field: Field) {
        if let Field::Attribute(id) = field {
            let attribute = &attributes[id];
            assert!(attribute.is_scalar() && !attribute.is_hidden(), "{} is in the plan", attribute.name);
        }
    }

    fn check_attribute(&self, attributes: &Attributes, id: usize) {
        let attribute = &attributes[id];
        assert!(!attribute.is_scalar() && !attribute.is_hidden(), "{} is in the plan", attribute.name);
    }

    fn check_filter(&mut self, attributes: &Attributes, filter: &Filter) {
        match filter {
            Filter::And(filters) | Filter::Or(filters) => filters.iter().for_each(|f| self.check_filter(attributes, f)),
            Filter::Complement(filter) => self.check_filter(attributes, filter),
            Filter::Not(filter) => {
                assert!(matches!(**filter, Filter::Leaf { .. } | Filter::RowId { .. }), "a negation is not at a leaf");
                self.check_filter(attributes, filter);
            }
            Filter::Leaf { field, op, values } => {
                self.check_field(attributes, *field);
                let expected = match op {
                    Operator::Null | Operator::NotNull => 0..=0,
                    Operator::Between => 2..=2,
                    Operator::In | Operator::NotIn => 0..=1000,
                    _ => 1..=1,
                };
                assert!(expected.contains(&values.len()), "{op:?} {values:?}");
                assert!(*op == Operator::Eq || !values.contains(&Scalar::Null), "{op:?} {values:?}");
            }
            Filter::RowId { op, .. } => {
                assert!(matches!(op, Operator::Eq | Operator::Ne | Operator::In | Operator::NotIn));
            }
            Filter::Editorial(editorial) => panic!("no query says {editorial:?}"),
            Filter::Related { attribute, target, guard, versions: _, filter } => {
                self.check_attribute(attributes, *attribute);
                self.assert_touched(*target);
                let inner = &registry().get(*target).attributes;
                self.check_filter(inner, filter);
                if let Some(guard) = guard {
                    self.check_filter(inner, guard);
                }
            }
            Filter::Localizations { content_type, guard, filter } => {
                self.assert_touched(*content_type);
                let inner = &registry().get(*content_type).attributes;
                self.check_filter(inner, filter);
                guard.iter().for_each(|guard| self.check_filter(inner, guard));
            }
            Filter::Component { attribute, component, filter } => {
                self.check_attribute(attributes, *attribute);
                self.check_filter(&registry().component(*component).attributes, filter);
            }
        }
    }

    fn check_sorts(&mut self, attributes: &Attributes, sorts: &[Sort]) {
        for Sort { path, field, descending: _ } in sorts {
            let mut attributes = attributes;
            for step in path {
                match step {
                    PathStep::Related { attribute, target, guard, versions: _ } => {
                        self.check_attribute(attributes, *attribute);
                        self.assert_touched(*target);
                        attributes = &registry().get(*target).attributes;
                        if let Some(guard) = guard {
                            self.check_filter(attributes, guard);
                        }
                    }
                    PathStep::Localizations { content_type, guard } => {
                        self.assert_touched(*content_type);
                        guard.iter().for_each(|guard| self.check_filter(attributes, guard));
                    }
                    PathStep::Component { attribute, component } => {
                        self.check_attribute(attributes, *attribute);
                        attributes = &registry().component(*component).attributes;
                    }
                }
            }
            self.check_field(attributes, *field);
        }
    }

    fn check_node(&mut self, node: &EntryNode) {
        self.assert_touched(node.content_type);
        let attributes = &registry().get(node.content_type).attributes;
        assert_eq!(node.fields.get(..2), Some(&[Field::Id, Field::DocumentId][..]));
        node.fields.iter().for_each(|field| self.check_field(attributes, *field));
        self.check_populates(attributes, &node.populate);
    }

    fn check_populates(&mut self, attributes: &Attributes, populates: &[Populate]) {
        let mut populated = std::collections::HashSet::new();
        for populate in populates {
            match populate {
                Populate::Related(related) => self.check_related(attributes, related),
                Populate::Morph { attribute, many, count, targets } => {
                    self.check_attribute(attributes, *attribute);
                    for target in targets {
                        assert_eq!((target.attribute, target.many, target.count), (*attribute, *many, *count));
                        self.check_related(attributes, target);
                    }
                }
                Populate::Component { attribute, repeatable: _, count: _, filter, sort, node } => {
                    self.check_attribute(attributes, *attribute);
                    let inner = &registry().component(node.component).attributes;
                    if let Some(filter) = filter {
                        self.check_filter(inner, filter);
                    }
                    assert!(sort.iter().all(|key| key.path.is_empty()));
                    self.check_sorts(inner, sort);
                    self.check_component(node);
                }
                Populate::Zone { attribute, count: _, nodes } => {
                    self.check_attribute(attributes, *attribute);
                    assert!(matches!(attributes[*attribute].kind, FieldKind::DynamicZone { .. }));
                    nodes.iter().for_each(|node| self.check_component(node));
                }
                Populate::Localizations(PopulatedLocalizations { count: _, filter, sort, node }) => {
                    let inner = &registry().get(node.content_type).attributes;
                    filter.iter().for_each(|filter| self.check_filter(inner, filter));
                    self.check_sorts(inner, sort);
                    self.check_node(node);
                }
                Populate::Usages { count: _, by } => {
                    for FileUsage { media, versions: _, filter, sort, node } in by {
                        let inner = &registry().get(node.content_type).attributes;
                        assert!(!media.is_empty());
                        media.iter().for_each(|id| self.check_attribute(inner, *id));
                        filter.iter().for_each(|filter| self.check_filter(inner, filter));
                        self.check_sorts(inner, sort);
                        self.check_node(node);
                    }
                }
                Populate::Nothing { attribute, many: _ } => self.check_attribute(attributes, *attribute),
            }
            let key = match populate {
                Populate::Related(PopulatedRelation { attribute, .. })
                | Populate::Morph { attribute, .. }
                | Populate::Component { attribute, .. }
                | Populate::Zone { attribute, .. }
                | Populate::Nothing { attribute, .. } => Some(*attribute),
                Populate::Localizations(_) | Populate::Usages { .. } => None,
            };
            assert!(populated.insert(key), "an attribute is populated twice");
        }
    }

    fn check_related(&mut self, owner: &Attributes, related: &PopulatedRelation) {
        self.check_attribute(owner, related.attribute);
        let inner = &registry().get(related.target).attributes;
        assert_eq!(related.node.content_type, related.target);
        if let Some(filter) = &related.filter {
            self.check_filter(inner, filter);
        }
        self.check_sorts(inner, &related.sort);
        self.check_node(&related.node);
    }

    fn check_component(&mut self, node: &ComponentNode) {
        let attributes = &registry().component(node.component).attributes;
        node.fields.iter().for_each(|id| self.check_field(attributes, Field::Attribute(*id)));
        self.check_populates(attributes, &node.populate);
    }
}
