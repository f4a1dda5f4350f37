//! Random models, rows and queries: the store must answer as the oracle does. `SEED=<n>` runs one case alone.

use crate::oracle::{Condition, Key, Operand, Row, Scalar, answer, column};
use crate::world::World;
use cairn_model::{Instance, Target, TypeId, Value};
use cairn_query::{Access, Action};
use cairn_store::StoreError;
use cairn_store::content::links::LinkTo;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;

/// Models tried.
const MODELS: u64 = 60;
/// Queries of each.
const QUERIES: usize = 80;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    String,
    Integer,
    BigInteger,
    Float,
    Decimal,
    Boolean,
    Date,
    DateTime,
    Time,
}

use Kind::*;

const KINDS: [Kind; 9] = [String, Integer, BigInteger, Float, Decimal, Boolean, Date, DateTime, Time];

impl Kind {
    fn name(self) -> &'static str {
        match self {
            String => "string",
            Integer => "integer",
            BigInteger => "biginteger",
            Float => "float",
            Decimal => "decimal",
            Boolean => "boolean",
            Date => "date",
            DateTime => "datetime",
            Time => "time",
        }
    }

    /// Texts of a query, with the canonical form that they mean.
    fn pool(self) -> &'static [(&'static str, &'static str)] {
        match self {
            String => &[
                ("", ""),
                ("a", "a"),
                ("A", "A"),
                ("ab", "ab"),
                ("aB", "aB"),
                ("b%", "b%"),
                ("_", "_"),
                ("é", "é"),
                ("É", "É"),
                ("z\\", "z\\"),
                ("0", "0"),
                ("10", "10"),
                ("9", "9"),
                ("'\"", "'\""),
                ("𝒳", "𝒳"),
                ("\u{ffee}", "\u{ffee}"),
            ],
            Integer => &[("-2", "-2"), ("0", "0"), ("1", "1"), ("2.0", "2"), ("10", "10"), ("1e1", "10")],
            BigInteger => &[
                ("0", "0"),
                ("-5", "-5"),
                ("9007199254740993", "9007199254740993"),
                ("9007199254740992", "9007199254740992"),
            ],
            Float => &[("-1.5", "-1.5"), ("0", "0"), ("-0", "0"), ("0.1", "0.1"), ("1e10", "1e10"), ("0.3", "0.3")],
            Decimal => &[
                ("-0.5", "-0.5"),
                ("0", "0"),
                ("0.10", "0.1"),
                ("9.99", "9.99"),
                ("9.990", "9.99"),
                ("10", "10"),
                ("1e20", "100000000000000000000"),
            ],
            Boolean => &[("true", "true"), ("false", "false"), ("0", "false"), ("maybe", "true")],
            Date => &[("2020-02-29", "2020-02-29"), ("2021-01-01T10:00", "2021-01-01"), ("1999-12-31", "1999-12-31")],
            DateTime => &[
                ("2020-01-02T03:04:05.000Z", "2020-01-02T03:04:05.000Z"),
                ("2020-01-02T04:04:05+01:00", "2020-01-02T03:04:05.000Z"),
                ("2020-01-02", "2020-01-02T00:00:00.000Z"),
            ],
            Time => &[("09:30:00", "09:30:00.000"), ("23:59:59.999", "23:59:59.999")],
        }
    }

    fn scalar(self, canonical: &str) -> Scalar {
        match self {
            String | Date | DateTime | Time => Scalar::Text(canonical.into()),
            Integer | BigInteger => Scalar::Int(canonical.parse().unwrap()),
            Float => Scalar::Float(canonical.parse().unwrap()),
            Decimal => Scalar::Decimal(canonical.into()),
            Boolean => Scalar::Bool(canonical == "true"),
        }
    }

    fn random(self, rng: &mut StdRng) -> (&'static str, Scalar) {
        let (text, canonical) = *self.pool().choose(rng).unwrap();
        (text, self.scalar(canonical))
    }
}

/// An attribute.
type Scalars = Vec<(&'static str, Kind)>;

/// How `thing.link` reaches `other`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Relation {
    kind: &'static str,
    many: bool,
    inverse: bool,
}

const RELATIONS: [Relation; 6] = [
    Relation { kind: "oneToOne", many: false, inverse: false },
    Relation { kind: "manyToOne", many: false, inverse: false },
    Relation { kind: "oneToMany", many: true, inverse: false },
    Relation { kind: "manyToMany", many: true, inverse: false },
    Relation { kind: "oneToMany", many: true, inverse: true },
    Relation { kind: "manyToMany", many: true, inverse: true },
];

#[derive(Debug)]
struct Shape {
    things: Scalars,
    others: Scalars,
    part: Scalars,
    repeatable: bool,
    relation: Relation,
    drafts: bool,
}

impl Shape {
    fn random(rng: &mut StdRng) -> Self {
        Self {
            things: scalars(rng),
            others: scalars(rng),
            part: scalars(rng),
            repeatable: rng.random(),
            relation: *RELATIONS.choose(rng).unwrap(),
            drafts: rng.random(),
        }
    }

    fn world(&self) -> World {
        let Relation { kind, inverse, .. } = self.relation;
        let mut thing = attributes(&self.things);
        thing["part"] = json!({"type": "component", "component": "x.part", "repeatable": self.repeatable});
        let mut other = attributes(&self.others);
        let (target, owner) = ("api::other.other", "api::thing.thing");
        if inverse {
            thing["link"] = json!({"type": "relation", "relation": kind, "target": target, "mappedBy": "back"});
            let kind = if kind == "oneToMany" { "manyToOne" } else { kind };
            other["back"] = json!({"type": "relation", "relation": kind, "target": owner, "inversedBy": "link"});
        } else {
            thing["link"] = json!({"type": "relation", "relation": kind, "target": target});
        }
        let schema = |attributes: Json| json!({"kind": "collectionType", "options": {"draftAndPublish": self.drafts}, "attributes": attributes});
        World::new(&[("thing", schema(thing)), ("other", schema(other))], &[("x.part", attributes(&self.part))])
    }
}

/// Names that SQL or JSON paths could stumble over.
fn scalars(rng: &mut StdRng) -> Scalars {
    let names = ["order", "select", "my-field", "Upper", "value", "json"];
    let n = rng.random_range(1..=4);
    let chosen: Vec<&'static str> = names.choose_multiple(rng, n).copied().collect();
    chosen.into_iter().map(|name| (name, *KINDS.choose(rng).unwrap())).collect()
}

fn attributes(scalars: &Scalars) -> Json {
    let attribute = |(name, kind): &(&str, Kind)| ((*name).to_owned(), json!({"type": kind.name()}));
    Json::Object(scalars.iter().map(attribute).collect::<Map<_, _>>())
}

fn row(rng: &mut StdRng, scalars: &Scalars) -> Row {
    let value = |rng: &mut StdRng, kind: Kind| if rng.random_bool(0.3) { Scalar::Null } else { kind.random(rng).1 };
    Row { scalars: scalars.iter().map(|(name, kind)| ((*name).to_owned(), value(rng, *kind))).collect(), rows: vec![] }
}

/// The rows of a world, in the order they were made; `links` are positions of others, by thing.
struct Data {
    things: Vec<Row>,
    others: Vec<Row>,
    links: Vec<Vec<usize>>,
}

impl Data {
    fn random(rng: &mut StdRng, shape: &Shape) -> Self {
        let others: Vec<Row> = (0..rng.random_range(0..6)).map(|_| row(rng, &shape.others)).collect();
        let mut things = Vec::new();
        let mut links = Vec::new();
        let mut free: Vec<usize> = (0..others.len()).collect();
        for _ in 0..rng.random_range(0..14) {
            let mut thing = row(rng, &shape.things);
            let parts = if shape.repeatable { rng.random_range(0..4) } else { rng.random_range(0..2) };
            thing.rows.push(("part".into(), (0..parts).map(|_| row(rng, &shape.part)).collect()));
            let wanted = if shape.relation.many { rng.random_range(0..4) } else { rng.random_range(0..2) };
            // Of a oneToMany, and of a oneToOne, no two rows have the same target.
            let chosen: Vec<usize> = if shape.relation.kind.starts_with("one") {
                (0..wanted.min(free.len())).map(|_| free.remove(rng.random_range(0..free.len()))).collect()
            } else {
                let all: Vec<usize> = (0..others.len()).collect();
                all.choose_multiple(rng, wanted).copied().collect()
            };
            links.push(chosen);
            things.push(thing);
        }
        if shape.relation.inverse {
            // The owning side is written other by other: that is the order the inverse has.
            links.iter_mut().for_each(|l| l.sort_unstable());
        }
        for (thing, links) in things.iter_mut().zip(&links) {
            thing.rows.push(("link".into(), links.iter().map(|&i| others[i].clone()).collect()));
        }
        Self { things, others, links }
    }

    fn write(&self, world: &World, shape: &Shape) {
        let registry = world.store.registry().clone();
        let ct = |route: &str| registry.by_route(route).unwrap().id;
        let (thing, other) = (ct("things"), ct("others"));
        let name = |kind: &str, i: usize| format!("{kind}{i:023}");
        let target = |content_type: TypeId, document_id: std::string::String| Target { content_type, document_id };
        let mut rows = Vec::new();
        for (i, row) in self.others.iter().enumerate() {
            let links = self.links.iter().enumerate().filter(|(_, l)| shape.relation.inverse && l.contains(&i));
            let links = links.map(|(t, _)| target(thing, name("t", t))).collect::<Vec<_>>();
            rows.push((other, "back", name("o", i), row.clone(), links));
        }
        for (i, row) in self.things.iter().enumerate() {
            let links = self.links[i].iter().filter(|_| !shape.relation.inverse);
            let links = links.map(|&o| target(other, name("o", o))).collect::<Vec<_>>();
            rows.push((thing, "link", name("t", i), row.clone(), links));
        }
        let drafts = shape.drafts;
        let write = world.store.write(move |tx| {
            for (ct, link, document, row, links) in rows {
                insert(tx, ct, link, document, &row, links, drafts)?;
            }
            Ok::<_, StoreError>(())
        });
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(write).unwrap();
    }
}

/// Writes a row as `content` would, and publishes it where there are drafts.
fn insert(
    tx: &mut cairn_store::WriteTx<'_>,
    ct: TypeId,
    link: &str,
    document_id: std::string::String,
    row: &Row,
    links: Vec<Target>,
    drafts: bool,
) -> Result<(), StoreError> {
    let registry = tx.registry();
    let content_type = registry.get(ct);
    let mut values = vec![Value::Null; content_type.attributes.len()];
    let mut to_one = HashMap::new();
    let link = content_type.attributes.get(link).and_then(|(id, a)| Some((id, registry.link(a)?)));
    if let (Some((id, l)), Some(target)) = (link, links.first())
        && l.storage == cairn_model::LinkStorage::Column
    {
        to_one.insert(id, (target.document_id.clone(), tx.end_position()));
    }
    for (name, scalar) in &row.scalars {
        values[content_type.attributes.get(name).unwrap().0] = stored(scalar);
    }
    if let Some((id, a)) = content_type.attributes.get("part") {
        let component = registry.component_by_uid("x.part").unwrap();
        let instances = row.rows.iter().filter(|(name, _)| name == "part").flat_map(|(_, rows)| rows);
        let instances = instances.map(|part| {
            let value = |(name, scalar): &(std::string::String, Scalar)| {
                (component.attributes.get(name).unwrap().0, stored(scalar))
            };
            let mut values = vec![Value::Null; component.attributes.len()];
            part.scalars.iter().map(value).for_each(|(i, v)| values[i] = v);
            Instance { component: component.id, id: None, values }
        });
        let mut instances: Vec<Instance> = instances.collect();
        values[id] = match &a.kind {
            cairn_model::FieldKind::Component { repeatable: false, .. } => {
                instances.pop().map_or(Value::Null, |i| Value::Instance(Box::new(i)))
            }
            _ => Value::Instances(instances),
        };
        tx.number(&mut values[id])?;
    }
    let at = "2025-01-01T10:00:00.000Z".to_owned();
    let mut new = cairn_store::content::NewRow {
        id: 0,
        document_id,
        locale: std::string::String::new(),
        published: !drafts,
        created_at: at.clone(),
        updated_at: at.clone(),
        published_at: (!drafts).then(|| at.clone()),
        values,
        to_one,
    };
    new.id = tx.insert(ct, &new)?;
    if let Some((id, l)) = link
        && l.storage == cairn_model::LinkStorage::Table
    {
        let links: Vec<LinkTo> =
            links.into_iter().map(|target| LinkTo { target, position: None, inverse: tx.end_position() }).collect();
        tx.set_owned_links(ct, id, new.id, &[], &links)?;
    }
    if drafts {
        tx.publish(ct, &new, &at, true)?;
    }
    Ok(())
}

fn stored(scalar: &Scalar) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Int(i) => Value::Int(*i),
        Scalar::Float(f) => Value::Float(*f),
        Scalar::Bool(b) => Value::Bool(*b),
        Scalar::Text(t) | Scalar::Decimal(t) => Value::Text(t.clone()),
    }
}

/// A random query: parameters and what they mean.
struct Query {
    condition: Option<Condition>,
    sort: Vec<Key>,
    /// Offset, limit, and how they are said.
    page: (usize, usize, Vec<(std::string::String, std::string::String)>),
}

impl Query {
    fn random(rng: &mut StdRng, shape: &Shape) -> Self {
        let condition = rng.random_bool(0.9).then(|| condition(rng, shape, &shape.things, 3, true));
        let sort = (0..rng.random_range(0..3)).map(|_| key(rng, shape)).collect();
        let (n, size) = (rng.random_range(1..4), rng.random_range(1..8));
        let say = |names: [(&str, usize); 2]| names.map(|(k, v)| (format!("pagination[{k}]"), v.to_string())).to_vec();
        let page = match rng.random_range(0..3) {
            0 => (0, 25, vec![]),
            1 => ((n - 1) * size, size, say([("page", n), ("pageSize", size)])),
            _ => (n, size, say([("start", n), ("limit", size)])),
        };
        Self { condition, sort, page }
    }

    fn text(&self) -> std::string::String {
        let mut parameters = self.page.2.clone();
        if let Some(condition) = &self.condition {
            condition.write("filters", &mut parameters);
        }
        if !self.sort.is_empty() {
            let keys: Vec<_> = self.sort.iter().map(Key::text).collect();
            parameters.push(("sort".into(), keys.join(",")));
        }
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        parameters.iter().map(|(k, v)| format!("{}={}", encode(k), encode(v))).collect::<Vec<_>>().join("&")
    }
}

fn condition(rng: &mut StdRng, shape: &Shape, scalars: &Scalars, depth: u32, top: bool) -> Condition {
    let list = |rng: &mut StdRng| {
        (0..rng.random_range(1..4)).map(|_| condition(rng, shape, scalars, depth - 1, top)).collect::<Vec<_>>()
    };
    match rng.random_range(0..if depth == 0 { 3 } else { 9 }) {
        5 => Condition::And(list(rng)),
        6 => Condition::Or(list(rng)),
        7 => Condition::Not(Box::new(condition(rng, shape, scalars, depth - 1, top))),
        3 | 4 | 8 if top => {
            let (name, inner) = if rng.random() { ("link", &shape.others) } else { ("part", &shape.part) };
            let inner = Box::new(condition(rng, shape, inner, depth - 1, false));
            Condition::Through { attribute: name.into(), inner }
        }
        _ => leaf(rng, scalars),
    }
}

fn leaf(rng: &mut StdRng, scalars: &Scalars) -> Condition {
    const ANY: [&str; 11] =
        ["$eq", "$ne", "$lt", "$lte", "$gt", "$gte", "$in", "$notIn", "$null", "$notNull", "$between"];
    const TEXT: [&str; 10] = [
        "$eqi",
        "$nei",
        "$contains",
        "$notContains",
        "$containsi",
        "$notContainsi",
        "$startsWith",
        "$endsWith",
        "$startsWithi",
        "$endsWithi",
    ];
    let (name, kind) = *scalars.choose(rng).unwrap();
    let op = if kind == String && rng.random() { *TEXT.choose(rng).unwrap() } else { *ANY.choose(rng).unwrap() };
    let n = match op {
        "$in" | "$notIn" => rng.random_range(1..4),
        "$between" => 2,
        _ => 1,
    };
    let operands = (0..n).map(|_| {
        if op.ends_with("ull") {
            let text = if rng.random() { "true" } else { "false" };
            return Operand { text: text.into(), value: Scalar::Null };
        }
        let (text, value) = kind.random(rng);
        Operand { text: text.into(), value }
    });
    Condition::Leaf { attribute: name.into(), op, operands: operands.collect() }
}

fn key(rng: &mut StdRng, shape: &Shape) -> Key {
    let (through, scalars) = match rng.random_range(0..4) {
        0 => (Some("link"), &shape.others),
        1 => (Some("part"), &shape.part),
        _ => (None, &shape.things),
    };
    let attribute = scalars.choose(rng).unwrap().0.to_owned();
    Key { through: through.map(Into::into), attribute, descending: rng.random() }
}

fn run(seed: u64) -> usize {
    let mut rng = StdRng::seed_from_u64(seed);
    let shape = Shape::random(&mut rng);
    let world = shape.world();
    let data = Data::random(&mut rng, &shape);
    data.write(&world, &shape);
    let mut entries = 0;
    for _ in 0..QUERIES {
        let query = Query::random(&mut rng, &shape);
        let text = query.text();
        let planned = world.plan(&Access::full(), Action::Find, "things", &text);
        let planned =
            planned.unwrap_or_else(|e| panic!("SEED={seed}: {text} is refused: {e:?}\n{:?}", query.condition));
        assert_eq!(planned.deferred, None, "SEED={seed}: {text}");
        let (list, found) = world.list(&planned).unwrap_or_else(|e| panic!("SEED={seed}: {text}: {e}"));
        let expected = answer(&data.things, query.condition.as_ref(), &query.sort);
        let page: Vec<_> = expected.iter().skip(query.page.0).take(query.page.1).map(|i| format!("t{i:023}")).collect();
        let told = || {
            let rows: Vec<_> = data.things.iter().enumerate().map(|(i, r)| format!("\n  {i}: {r:?}")).collect();
            format!("SEED={seed}: {text}\n{:?}\n{:?}\n{shape:?}{}", query.condition, query.sort, rows.concat())
        };
        assert_eq!(column(&list, "documentId"), page, "{}", told());
        assert_eq!(found.total, Some(expected.len() as u64), "{}", told());
        entries += page.len();
    }
    entries
}

#[test]
fn queries_answer_as_the_oracle_does() {
    if let Some(seed) = std::env::var("SEED").ok().and_then(|s| s.parse().ok()) {
        run(seed);
        return;
    }
    let entries: usize = (0..MODELS).map(run).sum();
    // The generator is no use if hardly anything is found.
    assert!(entries > 5_000, "only {entries} entries in {MODELS} models");
}
