//! Random queries: parameters, and what they mean.

use super::kinds::Kind;
use super::shape::{FILE, REFERENCE, Scalars, Shape};
use crate::oracle::{Condition, Operand, Scalar, SortKey};
use cairn_model::Collation;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

pub(crate) struct Query {
    pub(crate) condition: Option<Condition>,
    pub(crate) sort: Vec<SortKey>,
    /// Offset, limit, and how they are said.
    pub(crate) page: (usize, usize, Vec<(String, String)>),
    pub(crate) published: bool,
    /// Code of the locale; `None`: all locales.
    pub(crate) locale: Option<&'static str>,
    pub(crate) populate: bool,
    drafts: bool,
}

/// Where in a model a condition stands.
#[derive(Clone, Copy, PartialEq)]
enum ConditionLevel {
    Thing,
    Part,
    Leaf,
}

impl Query {
    pub(crate) fn random(rng: &mut StdRng, shape: &Shape) -> Self {
        let condition =
            rng.random_bool(0.8).then(|| random_condition(rng, shape, &shape.things, 3, ConditionLevel::Thing));
        let sort = (0..rng.random_range(0..3)).filter_map(|_| random_key(rng, shape)).collect();
        let (n, size) = (rng.random_range(1..4), rng.random_range(1..8));
        let say = |names: [(&str, usize); 2]| names.map(|(k, v)| (format!("pagination[{k}]"), v.to_string())).to_vec();
        let page = match rng.random_range(0..3) {
            0 => (0, 25, vec![]),
            1 => ((n - 1) * size, size, say([("page", n), ("pageSize", size)])),
            _ => (n, size, say([("start", n), ("limit", size)])),
        };
        let one = rng.random_bool(0.8);
        Self {
            condition,
            sort,
            page,
            published: !shape.drafts || rng.random(),
            locale: (one || !shape.localized()).then(|| *shape.locales.choose(rng).unwrap()),
            populate: rng.random_bool(0.4),
            drafts: shape.drafts,
        }
    }

    /// The query that lists all entries that match a condition.
    pub(crate) fn text_of_all(&self, condition: Option<&Condition>) -> String {
        let mut parameters = vec![("pagination[pageSize]".to_owned(), "100".to_owned())];
        if let Some(condition) = condition {
            condition.write("filters", &mut parameters);
        }
        self.write_version(&mut parameters);
        encode_parameters(&parameters)
    }

    fn write_version(&self, parameters: &mut Vec<(String, String)>) {
        if self.drafts {
            parameters.push(("status".into(), if self.published { "published" } else { "draft" }.into()));
        }
        if self.locale != Some("") {
            parameters.push(("locale".into(), self.locale.unwrap_or("*").into()));
        }
    }

    pub(crate) fn text(&self) -> String {
        let mut parameters = self.page.2.clone();
        if let Some(condition) = &self.condition {
            condition.write("filters", &mut parameters);
        }
        if !self.sort.is_empty() {
            let keys: Vec<_> = self.sort.iter().map(SortKey::text).collect();
            parameters.push(("sort".into(), keys.join(",")));
        }
        self.write_version(&mut parameters);
        if self.populate {
            for (name, value) in
                [("[part][populate]", "*"), ("[zone][populate]", "*"), ("[link]", "true"), ("[file]", "true")]
            {
                parameters.push((format!("populate{name}"), value.into()));
            }
        }
        encode_parameters(&parameters)
    }
}

fn encode_parameters(parameters: &[(String, String)]) -> String {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    parameters.iter().map(|(k, v)| format!("{}={}", encode(k), encode(v))).collect::<Vec<_>>().join("&")
}

fn random_condition(rng: &mut StdRng, shape: &Shape, scalars: &Scalars, depth: u32, at: ConditionLevel) -> Condition {
    let list = |rng: &mut StdRng| {
        (0..rng.random_range(1..4)).map(|_| random_condition(rng, shape, scalars, depth - 1, at)).collect::<Vec<_>>()
    };
    match rng.random_range(0..if depth == 0 { 3 } else { 9 }) {
        5 => Condition::And(list(rng)),
        6 => Condition::Or(list(rng)),
        7 => Condition::Not(Box::new(random_condition(rng, shape, scalars, depth - 1, at))),
        3 | 4 | 8 if at != ConditionLevel::Leaf => {
            let files = FILE.to_vec();
            let (name, inner, at) = match rng.random_range(0..5) {
                _ if at == ConditionLevel::Part => (REFERENCE, &shape.others, ConditionLevel::Leaf),
                0 | 1 => ("link", &shape.others, ConditionLevel::Leaf),
                2 => ("file", &files, ConditionLevel::Leaf),
                _ => ("part", &shape.part, ConditionLevel::Part),
            };
            let inner = Box::new(random_condition(rng, shape, inner, depth - 1, at));
            Condition::Through { attribute: name.into(), inner }
        }
        _ => random_leaf(rng, scalars),
    }
}

fn random_leaf(rng: &mut StdRng, scalars: &Scalars) -> Condition {
    const PRESENCE: [&str; 2] = ["$null", "$notNull"];
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
    let textual = rng.random_bool(if kind.is_text() { 0.5 } else { 0.15 });
    let op = match kind {
        _ if !kind.is_ordered() => *PRESENCE.choose(rng).unwrap(),
        _ if textual && kind.has_text() => *TEXT.choose(rng).unwrap(),
        _ => *ANY.choose(rng).unwrap(),
    };
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
        let (text, value) = kind.operand(rng);
        // Textual operators compare the text as it is written.
        let value = if TEXT.contains(&op) { Scalar::Text(text.into()) } else { value };
        Operand { text: text.into(), value }
    });
    Condition::Leaf { attribute: name.into(), op, operands: operands.collect() }
}

fn random_key(rng: &mut StdRng, shape: &Shape) -> Option<SortKey> {
    let (through, scalars) = match rng.random_range(0..4) {
        0 => (Some("link"), &shape.others),
        1 => (Some("part"), &shape.part),
        _ => (None, &shape.things),
    };
    let ordered: Vec<&(&str, Kind)> = scalars.iter().filter(|(_, kind)| kind.is_ordered()).collect();
    let (attribute, kind) = **ordered.choose(rng)?;
    let collation = shape.collation.filter(|_| through != Some("part") && kind.has_collation_key());
    Some(SortKey {
        through: through.map(Into::into),
        attribute: attribute.to_owned(),
        descending: rng.random(),
        collation: collation.map(|collation| Collation::parse(collation).unwrap()),
    })
}
