//! Queries answered without the executor of `async-graphql` beside the same with it: documents written for the purpose, those of the recorded
//! contract, and some made at random, on content made at random. They may never differ.

use super::*;
use crate::document::Document;
use crate::plan::RequestPlans;
use crate::resolvers::Execution;
use crate::scalars::ScalarFormat;
use crate::selection::select_roots;
use crate::shapes::{FieldShape, NodeShape, Shapes};
use std::path::PathBuf;

/// Numbers that look random, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.throw(sides) == 0
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.throw(items.len())]
    }
}

/// A content API with entries made at random: the same for the same request.
struct RandomContent {
    shapes: Arc<Shapes>,
    types: HashMap<TypeId, String>,
    seed: u64,
    /// True if some reads fail, and some values are not as the schema says.
    has_faults: bool,
}

impl ContentSource for RandomContent {
    fn run(&self, request: ContentRequest) -> BoxFuture<'_, Result<Option<Json>, ApiError>> {
        let answer = self.answer(&request);
        Box::pin(async move { answer })
    }
}

impl RandomContent {
    fn answer(&self, request: &ContentRequest) -> Result<Option<Json>, ApiError> {
        let (type_name, is_list) = match request {
            ContentRequest::List { content_type, .. } => (self.types[content_type].as_str(), true),
            ContentRequest::One { content_type, .. } => (self.types[content_type].as_str(), false),
            ContentRequest::Locales { .. } => ("I18NLocale", true),
            ContentRequest::Locale { .. } => ("I18NLocale", false),
            other => panic!("{other:?}"),
        };
        let mix = |seed: u64, byte: u8| seed.wrapping_mul(31).wrapping_add(u64::from(byte)) | 1;
        let mut dice = Dice(type_name.bytes().fold(self.seed, mix));
        if self.has_faults && dice.one_in(4) {
            let details = json!({ "a": 1 });
            return Err(ApiError { name: "ForbiddenError".into(), message: "Forbidden".into(), details });
        }
        if !is_list {
            let entry = match dice.throw(6) {
                0 => return Ok(None),
                1 => Json::Null,
                _ => self.make_object(&mut dice, type_name, 3),
            };
            return Ok(Some(json!({ "data": entry, "meta": {} })));
        }
        let entries: Vec<Json> = (0..dice.throw(4)).map(|_| self.make_object(&mut dice, type_name, 3)).collect();
        let pagination = match dice.throw(2) {
            0 => json!({ "page": 1, "pageSize": 10, "pageCount": 1, "total": entries.len() }),
            _ => json!({ "start": 4, "limit": 3, "total": 4 + entries.len() }),
        };
        Ok(Some(json!({ "data": entries, "meta": { "pagination": pagination } })))
    }

    fn make_object(&self, dice: &mut Dice, type_name: &str, levels: usize) -> Json {
        let mut object = serde_json::Map::new();
        let mut fields: Vec<_> = self.shapes.types[type_name].iter().collect();
        fields.sort_by_key(|(name, _)| *name);
        // The order of the content API is not that of a query.
        let first = dice.throw(fields.len());
        fields.rotate_left(first);
        for (_, shape) in fields {
            let (attribute, value) = match shape {
                FieldShape::Value { attribute, format, is_required } => {
                    let value = if *is_required { self.make_id(dice) } else { make_value(dice, format) };
                    (attribute, value)
                }
                FieldShape::Node(node) => (&node.attribute, self.make_node(dice, node, levels)),
                FieldShape::Zone { attribute, members } => (attribute, self.make_zone(dice, members, levels)),
                FieldShape::Nodes { .. } | FieldShape::PageInfo => continue,
            };
            if let (Some(value), false) = (value, object.contains_key(attribute)) {
                object.insert(attribute.clone(), value);
            }
        }
        Json::Object(object)
    }

    fn make_id(&self, dice: &mut Dice) -> Option<Json> {
        match dice.throw(40) {
            0 if self.has_faults => None,
            1 if self.has_faults => Some(Json::Null),
            number if number < 20 => Some(json!(number)),
            number => Some(json!(format!("d{number}"))),
        }
    }

    fn make_node(&self, dice: &mut Dice, node: &NodeShape, levels: usize) -> Option<Json> {
        if levels == 0 || dice.one_in(5) {
            return (!dice.one_in(2)).then_some(Json::Null);
        }
        let count = dice.throw(5);
        let mut make = || self.make_object(dice, &node.target, levels - 1);
        Some(if node.is_list { (0..count).map(|_| make()).collect() } else { make() })
    }

    fn make_zone(&self, dice: &mut Dice, members: &[(String, String)], levels: usize) -> Option<Json> {
        if levels == 0 || dice.one_in(6) {
            return None;
        }
        let mut items = Vec::new();
        for _ in 0..dice.throw(4) {
            let (uid, member) = dice.pick(members);
            let mut item = self.make_object(dice, member, levels - 1);
            match dice.throw(8) {
                0 => item["__component"] = json!("shared.gone"),
                1 => item["other"] = json!({ "__component": uid }),
                _ => item["__component"] = json!(uid),
            }
            items.push(item);
        }
        Some(items.into())
    }
}

fn make_value(dice: &mut Dice, format: &ScalarFormat) -> Option<Json> {
    if dice.one_in(8) {
        return (!dice.one_in(2)).then_some(Json::Null);
    }
    let texts = ["", "a", "\"quoted\" \\ \u{e9}\n", "null", "12", "9007199254740993", "-7"];
    let text = json!(dice.pick(&texts));
    Some(match format {
        ScalarFormat::Enumeration(names) if !dice.one_in(5) => {
            let mut values: Vec<&String> = names.keys().collect();
            values.sort();
            json!(dice.pick(&values))
        }
        ScalarFormat::Plain => match dice.throw(7) {
            0 => json!(dice.throw(1_000)),
            1 => json!(-0.25),
            2 => json!(true),
            3 => json!({ "z": [1, null, { "b": {}, "a": [] }], "a": text }),
            4 => json!(u64::MAX),
            _ => text,
        },
        _ => text,
    })
}

/// A document made at random of what a schema has.
struct RandomDocument<'a> {
    shapes: &'a Shapes,
    dice: Dice,
    fragments: Vec<String>,
    variables: std::collections::BTreeSet<&'static str>,
}

impl RandomDocument<'_> {
    fn make(mut self) -> String {
        let mut names: Vec<&String> = self.shapes.queries.keys().filter(|name| *name != "me").collect();
        names.sort();
        let mut roots = String::new();
        for number in 0..=self.dice.throw(3) {
            let name = *self.dice.pick(&names);
            let root = &self.shapes.queries[name];
            let needs_id = !root.is_list() && root.kind == cairn_model::ContentTypeKind::Collection;
            let arguments = if needs_id { "(documentId: \"x\")".to_owned() } else { String::new() };
            let type_name = root.connection.clone().unwrap_or_else(|| root.target.clone());
            let set = self.make_set(&type_name, 4);
            let directive = self.make_directive();
            roots.push_str(&format!("r{number}: {name}{arguments}{directive} {set} "));
        }
        if self.dice.one_in(3) {
            roots.push_str("__typename ");
        }
        let definitions: Vec<&str> = self.variables.iter().copied().collect();
        let definitions = if definitions.is_empty() { String::new() } else { format!("({})", definitions.join(", ")) };
        format!("query Q{definitions} {{ {roots} }} {}", self.fragments.join(" "))
    }

    fn make_directive(&mut self) -> String {
        match self.dice.throw(24) {
            0 => " @skip(if: true)".to_owned(),
            1 => " @include(if: false)".to_owned(),
            2 => self.make_condition("$yes: Boolean! = true", "@skip(if: $yes)"),
            3 => self.make_condition("$yes: Boolean! = true", "@include(if: $yes)"),
            4 => self.make_condition("$no: Boolean!", "@include(if: $no)"),
            5 => self.make_condition("$no: Boolean!", "@skip(if: $no)"),
            _ => String::new(),
        }
    }

    fn make_condition(&mut self, definition: &'static str, directive: &str) -> String {
        self.variables.insert(definition);
        format!(" {directive}")
    }

    fn make_pagination(&mut self) -> String {
        match self.dice.throw(8) {
            0 => "(pagination: { limit: 2 })".to_owned(),
            1 => "(pagination: { start: 1, limit: -1 })".to_owned(),
            2 => "(pagination: { page: 2, pageSize: 1 })".to_owned(),
            3 => {
                self.variables.insert("$limit: Int");
                "(pagination: { limit: $limit })".to_owned()
            }
            4 => {
                self.variables.insert("$page: PaginationArg = { start: 1 }");
                "(pagination: $page)".to_owned()
            }
            _ => String::new(),
        }
    }

    fn make_set(&mut self, type_name: &str, levels: usize) -> String {
        let mut parts = Vec::new();
        for _ in 0..=self.dice.throw(5) {
            let part = match self.dice.throw(12) {
                0 if levels > 0 => {
                    let set = self.make_set(type_name, levels - 1);
                    format!("... on {type_name}{} {set}", self.make_directive())
                }
                1 if levels > 0 => {
                    let set = self.make_set(type_name, levels - 1);
                    format!("...{} {set}", self.make_directive())
                }
                2 if levels > 0 => {
                    let set = self.make_set(type_name, levels - 1);
                    let name = format!("F{}", self.fragments.len());
                    self.fragments.push(format!("fragment {name} on {type_name} {set}"));
                    format!("...{name}{}", self.make_directive())
                }
                3 => "__typename".to_owned(),
                _ => self.make_field(type_name, levels),
            };
            parts.push(part);
        }
        format!("{{ {} }}", parts.join(" "))
    }

    fn make_field(&mut self, type_name: &str, levels: usize) -> String {
        let mut names: Vec<&String> = self.shapes.types[type_name].keys().collect();
        names.sort();
        let name = *self.dice.pick(&names);
        let alias = if self.dice.one_in(6) { format!("a{}: ", self.dice.throw(30)) } else { String::new() };
        let directive = self.make_directive();
        let (arguments, set) = match &self.shapes.types[type_name][name] {
            FieldShape::Value { .. } => (String::new(), String::new()),
            _ if levels == 0 => return "__typename".to_owned(),
            FieldShape::PageInfo => (String::new(), "{ total t: page __typename pageSize pageCount }".to_owned()),
            FieldShape::Nodes { target } => (String::new(), self.make_set(target, levels)),
            FieldShape::Node(node) => {
                let arguments = if node.filters.is_some() { self.make_pagination() } else { String::new() };
                (arguments, self.make_set(node.connection.as_ref().unwrap_or(&node.target), levels - 1))
            }
            FieldShape::Zone { members, .. } => {
                let mut set = String::from("{ __typename ");
                for (_, member) in members.iter() {
                    if !self.dice.one_in(3) {
                        set.push_str(&format!("... on {member} {} ", self.make_set(member, levels - 1)));
                    }
                }
                if self.dice.one_in(4) {
                    set = set.replace("__typename", "... on Error { code }");
                }
                (String::new(), set + "}")
            }
        };
        format!("{alias}{name}{arguments}{directive} {set}")
    }
}

fn random_content(schema: &ApiSchema, seed: u64) -> RandomContent {
    let roots = schema.shapes.queries.values();
    let types = roots.map(|root| (root.content_type, root.target.clone())).filter(|(_, name)| !name.is_empty());
    RandomContent { shapes: schema.shapes.clone(), types: types.collect(), seed, has_faults: seed.is_multiple_of(3) }
}

async fn answer_with_library(schema: &ApiSchema, request: &GraphqlRequest, source: Arc<RandomContent>) -> (u16, Json) {
    let response = match schema.read_document(request, None, &LIMITS, false) {
        Ok(document) => {
            let plans = RequestPlans { document, shapes: schema.shapes.clone(), limits: LIMITS };
            schema.execute_with_library(request, &Arc::new(Execution::new(plans, source))).await
        }
        Err(refused) => refused,
    };
    (response.status, read_answer(response.status, &response.body))
}

/// The answer as JSON. The errors of an invalid document are sorted: the library finds them in a different order each time.
fn read_answer(status: u16, body: &[u8]) -> Json {
    let mut answer: Json = serde_json::from_slice(body).unwrap();
    if let (400, Some(errors)) = (status, answer["errors"].as_array_mut()) {
        errors.sort_by_key(Json::to_string);
    }
    answer
}

/// Compares the answers, also to a document that is known; returns whether it needs no executor.
async fn compare(schema: &ApiSchema, body: Json, seed: u64) -> bool {
    let request = GraphqlRequest::from_json(body).unwrap();
    let source = Arc::new(random_content(schema, seed));
    let (status, expected) = answer_with_library(schema, &request, source.clone()).await;
    for times in 1..=2 {
        let response = schema.execute(request.clone(), LIMITS, false, source.clone()).await;
        let answer = read_answer(response.status, &response.body);
        // As texts: the order of members counts.
        assert_eq!(
            (response.status, format!("{answer:#}")),
            (status, format!("{expected:#}")),
            "{times} {} {:?}",
            request.query,
            request.variables
        );
    }
    let document = Document::parse(&request);
    status == 200 && document.is_ok_and(|document| select_roots(&document, &schema.shapes, 10).is_some())
}

#[tokio::test]
async fn written_documents_are_answered_as_with_the_executor() {
    let registry = load_sample();
    let schema = full_schema(&registry);
    let documents = [
        "{ articles { title } }",
        "{ __typename }",
        "{ articles @skip(if: true) { title } }",
        "{ a: articles { title t: title title } b: articles_connection { pageInfo { total } n: nodes { slug } nodes { title } } __typename }",
        "{ articles { similar(pagination: {limit: 1}) { title } all: similar { slug } similar_connection(pagination: {start: 1}) { nodes { title } pageInfo { pageCount total } __typename } } }",
        "{ articles { author { name } ... on Article { author { documentId name articles { title } } } ...A } } fragment A on Article { author { articles { slug } } }",
        "{ articles { author { name @skip(if: true) } gallery { url @include(if: false) } } }",
        "{ articles { author { name @skip(if: true) } author { name } } }",
        "{ articles { x: title ... on Article { x: slug } } }",
        "{ articles { similar(pagination: {limit: 1}) { title } ... on Article { similar(pagination: {limit: 2}) { slug } } } }",
        "{ articles { sections { ... on ComponentSharedSeo { metaTitle } } sections { ... on ComponentSharedQuote { text tone } } } }",
        "{ articles { sections { __typename ... on ArticleSectionsDynamicZone { ... on ComponentSharedSeo { metaTitle } } } } }",
        "{ articles { sections { ... on Error { code } } } }",
        "{ articles { title } articles { slug } }",
        "{ articles { similar { title } similar { title @skip(if: true) } } }",
        "{ articles { similar(filters: {title: {eq: \"a\"}}) { title } s: similar { title } } homePage { title } }",
        "query($id: ID!) { article(documentId: $id) { title } homePage { title } }",
        "query($limit: Int!) { articles { similar(pagination: {limit: $limit}) { title } } }",
        "query($yes: Boolean = true) { articles { title slug @skip(if: $yes) author @include(if: $yes) { name } } }",
        "query($sort: [String] = [\"title\"], $f: ArticleFiltersInput) { articles(sort: $sort, filters: $f) { title } }",
        "query A { articles { title } } query B { authors { name } }",
        "{ articles { title nothing } }",
        "{ articles }",
        "{ articles { author } }",
        "{ article(documentId: \"x\") { documentId seo { id metaTitle } quotes { text tone of { name } } state views extra at localizations { locale } } }",
        "{ __schema { queryType { name } } articles { title } }",
    ];
    let variables = [
        json!({}),
        json!({"id": "x", "limit": 1, "yes": false, "f": {"title": {"eq": "a"}}}),
        json!({"f": {"x": 1}, "id": null, "limit": "a"}),
    ];
    let mut count = 0;
    for query in documents {
        for variables in &variables {
            for seed in 1..=12 {
                let body = json!({"query": query, "variables": variables, "operationName": query.starts_with("query A").then_some("B")});
                count += usize::from(compare(&schema, body, seed).await);
            }
        }
    }
    assert!(count > 300, "{count}");
}

#[tokio::test]
async fn random_documents_are_answered_as_with_the_executor() {
    let registry = load_sample();
    let schema = full_schema(&registry);
    let mut count = 0;
    for seed in 1..=150_u64 {
        let dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let document =
            RandomDocument { shapes: &schema.shapes, dice, fragments: Vec::new(), variables: Default::default() };
        let query = document.make();
        let variables = [
            json!({"no": false}),
            json!({"no": true, "yes": false, "limit": 1, "page": {"page": 2, "pageSize": 1}}),
            json!({"no": false, "limit": "many"}),
        ];
        for variables in variables {
            count += usize::from(compare(&schema, json!({"query": query, "variables": variables}), seed).await);
        }
    }
    assert!(count > 150, "{count}");
}

/// The folder of the shared conformance suite, where it is there.
fn conformance_project() -> Option<PathBuf> {
    let shared = std::env::var_os("CAIRN_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    Some(shared.join("conformance")).filter(|project| project.join("src/api").is_dir())
}

#[tokio::test]
async fn documents_of_the_contract_are_answered_as_with_the_executor() {
    let Some(project) = conformance_project() else {
        eprintln!("left out: the shared conformance suite is not there (set CAIRN_SHARED)");
        return;
    };
    let registry = load_project(&project).unwrap().registry;
    let schema = full_schema(&registry);
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/tests/graphql-contract/cases");
    let (mut count, mut all) = (0, 0);
    for file in std::fs::read_dir(cases).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for case in text.split("\n### ").skip(1) {
            let (mut query, mut variables, mut operation) = (String::new(), Json::Null, Json::Null);
            for line in case.lines().skip(1).take_while(|line| *line != "# then") {
                if let Some(json) = line.strip_prefix("# variables: ") {
                    variables = serde_json::from_str(json).unwrap();
                } else if let Some(name) = line.strip_prefix("# operation: ") {
                    operation = json!(name);
                } else if !line.starts_with("# ") {
                    query.push_str(line);
                    query.push('\n');
                }
            }
            let body = json!({"query": query, "variables": variables, "operationName": operation});
            // Sign-ins, writes and the signed-in user are not of the content.
            if GraphqlRequest::from_json(body.clone()).is_err() || query.contains("mutation") || query.contains("me {")
            {
                continue;
            }
            all += 1;
            count += usize::from(compare(&schema, body, all as u64).await);
        }
    }
    assert!(all > 200 && count > all / 2, "{count} of {all}");
}
