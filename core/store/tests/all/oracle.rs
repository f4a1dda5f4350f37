//! Meaning of a query, implemented a second time and simply: rows in memory, conditions walked one by one. The rules are the
//! contract's: comparisons with null are unknown, a relation or component without rows stands for one row of nulls, and
//! `$not` above a relation speaks of the related row. Conditions of roles have rules of their own: there a negation is the complement.

use cairn_model::Collation;
use cairn_model::case_fold::fold_case;
use serde_json::{Value as Json, json};
use std::cmp::Ordering;

/// A scalar; `Null` where there is none.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Scalar {
    Null,
    Int(i64),
    Float(f64),
    Bool(bool),
    /// Strings, and dates and times in their canonical text.
    Text(String),
    /// Decimals, by their canonical digits.
    Decimal(String),
    /// JSON, as it is written.
    Json(String),
}

/// A row: an entry, a related entry or an instance of a component.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    /// Attributes by name; one that is missing is null.
    pub(crate) scalars: Vec<(String, Scalar)>,
    /// Related rows or instances by attribute, in order.
    pub(crate) rows: Vec<(String, Vec<Row>)>,
}

impl Row {
    fn scalar(&self, name: &str) -> &Scalar {
        self.scalars.iter().find(|(n, _)| n == name).map_or(&Scalar::Null, |(_, v)| v)
    }

    /// A text; empty where it is none.
    pub(crate) fn text(&self, name: &str) -> String {
        if let Scalar::Text(text) = self.scalar(name) { text.clone() } else { String::new() }
    }

    fn related(&self, name: &str) -> &[Row] {
        self.rows.iter().find(|(n, _)| n == name).map_or(&[], |(_, rows)| rows)
    }
}

/// A condition, as a query string can say it.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Leaf { attribute: String, op: &'static str, operands: Vec<Operand> },
    Through { attribute: String, inner: Box<Condition> },
}

/// A value to compare with: what is written into the query string, and what it means.
#[derive(Debug, Clone)]
pub(crate) struct Operand {
    pub(crate) text: String,
    pub(crate) value: Scalar,
}

impl Condition {
    /// True if a row is found.
    pub(crate) fn holds(&self, row: &Row) -> bool {
        self.test(row, false)
    }

    /// Negations are carried down, so that only comparisons are ever negated; unknown counts as false above them.
    fn test(&self, row: &Row, negate: bool) -> bool {
        match self {
            Self::And(all) if negate => all.iter().any(|c| c.test(row, true)),
            Self::And(all) => all.iter().all(|c| c.test(row, false)),
            Self::Or(any) if negate => any.iter().all(|c| c.test(row, true)),
            Self::Or(any) => any.iter().any(|c| c.test(row, false)),
            Self::Not(inner) => inner.test(row, !negate),
            Self::Through { attribute, inner } => match row.related(attribute) {
                [] => inner.test(&Row::default(), negate),
                rows => rows.iter().any(|r| inner.test(r, negate)),
            },
            Self::Leaf { attribute, op, operands } => {
                compare(row.scalar(attribute), op, operands).is_some_and(|truth| truth != negate)
            }
        }
    }

    /// True if a row is found where negations are complements. Nothing is unknown: what is not known to hold does not.
    pub(crate) fn holds_with_complements(&self, row: &Row) -> bool {
        match self {
            Self::And(all) => all.iter().all(|c| c.holds_with_complements(row)),
            Self::Or(any) => any.iter().any(|c| c.holds_with_complements(row)),
            Self::Not(inner) => !inner.holds_with_complements(row),
            Self::Through { attribute, inner } => match (&**inner, row.related(attribute)) {
                (Self::Not(inner), _) => {
                    !Self::Through { attribute: attribute.clone(), inner: inner.clone() }.holds_with_complements(row)
                }
                (inner, []) => inner.holds_with_complements(&Row::default()),
                (inner, rows) => rows.iter().any(|r| inner.holds_with_complements(r)),
            },
            Self::Leaf { attribute, op, operands } => {
                let holds = |op: &str| compare(row.scalar(attribute), op, operands) == Some(true);
                match *op {
                    "$ne" => !holds("$eq"),
                    "$nei" => !holds("$eqi"),
                    "$notIn" => !holds("$in"),
                    "$notContains" => !holds("$contains"),
                    "$notContainsi" => !holds("$containsi"),
                    op => holds(op),
                }
            }
        }
    }

    /// The same as JSON, as conditions are stored.
    pub(crate) fn to_json(&self) -> Json {
        match self {
            Self::And(list) => json!({ "$and": list.iter().map(Self::to_json).collect::<Vec<_>>() }),
            Self::Or(list) => json!({ "$or": list.iter().map(Self::to_json).collect::<Vec<_>>() }),
            Self::Not(inner) => json!({ "$not": inner.to_json() }),
            Self::Through { attribute, inner } => json!({ attribute.as_str(): inner.to_json() }),
            Self::Leaf { attribute, op, operands } => {
                let mut texts: Vec<Json> = operands.iter().map(|operand| operand.text.as_str().into()).collect();
                let list = matches!(*op, "$in" | "$notIn" | "$between");
                let operand = if list { Json::Array(texts) } else { texts.remove(0) };
                json!({ attribute.as_str(): { *op: operand } })
            }
        }
    }

    /// The parameters that say it, below `at` (`filters`, `filters[$and][0]`, …).
    pub(crate) fn write(&self, at: &str, out: &mut Vec<(String, String)>) {
        match self {
            Self::And(list) | Self::Or(list) => {
                let name = if matches!(self, Self::And(_)) { "$and" } else { "$or" };
                list.iter().enumerate().for_each(|(i, c)| c.write(&format!("{at}[{name}][{i}]"), out));
            }
            Self::Not(inner) => inner.write(&format!("{at}[$not]"), out),
            Self::Through { attribute, inner } => inner.write(&format!("{at}[{attribute}]"), out),
            Self::Leaf { attribute, op, operands } => {
                let at = format!("{at}[{attribute}][{op}]");
                let list = matches!(*op, "$in" | "$notIn" | "$between");
                for (i, operand) in operands.iter().enumerate() {
                    let key = if list { format!("{at}[{i}]") } else { at.clone() };
                    out.push((key, operand.text.clone()));
                }
            }
        }
    }
}

/// The truth of a comparison; `None`: unknown.
fn compare(value: &Scalar, op: &str, operands: &[Operand]) -> Option<bool> {
    let null = *value == Scalar::Null;
    match op {
        "$null" => return Some(null == (operands[0].text == "true")),
        "$notNull" => return Some(null != (operands[0].text == "true")),
        _ if null => return None,
        _ => {}
    }
    let first = &operands[0].value;
    let is = |ordering: Ordering| order(value, first) == ordering;
    // Texts are compared without case, and numbers by their digits.
    let text = || {
        let as_text = |scalar: &Scalar| match scalar {
            Scalar::Text(t) | Scalar::Decimal(t) => t.clone(),
            Scalar::Int(i) => i.to_string(),
            other => panic!("{op} of {other:?}"),
        };
        (fold_case(&as_text(value)), fold_case(&as_text(first)))
    };
    Some(match op {
        "$eq" => is(Ordering::Equal),
        "$ne" => !is(Ordering::Equal),
        "$lt" => is(Ordering::Less),
        "$lte" => !is(Ordering::Greater),
        "$gt" => is(Ordering::Greater),
        "$gte" => !is(Ordering::Less),
        "$in" => operands.iter().any(|o| order(value, &o.value) == Ordering::Equal),
        "$notIn" => operands.iter().all(|o| order(value, &o.value) != Ordering::Equal),
        "$between" => !is(Ordering::Less) && order(value, &operands[1].value) != Ordering::Greater,
        "$eqi" => text().0 == text().1,
        "$nei" => text().0 != text().1,
        // Case is ignored by both variants, as by SQLite's LIKE in Strapi.
        "$contains" | "$containsi" => text().0.contains(&text().1),
        "$notContains" | "$notContainsi" => !text().0.contains(&text().1),
        "$startsWith" | "$startsWithi" => text().0.starts_with(&text().1),
        "$endsWith" | "$endsWithi" => text().0.ends_with(&text().1),
        other => panic!("no operator {other}"),
    })
}

/// Nulls first, numbers by value, text by code point, false before true.
pub(crate) fn order(a: &Scalar, b: &Scalar) -> Ordering {
    use Scalar::*;
    match (a, b) {
        (Null, Null) => Ordering::Equal,
        (Null, _) => Ordering::Less,
        (_, Null) => Ordering::Greater,
        (Int(a), Int(b)) => a.cmp(b),
        (Int(a), Float(b)) => compare_int_and_float(*a, *b),
        (Float(a), Float(b)) => (a + 0.0).total_cmp(&(b + 0.0)),
        (Bool(a), Bool(b)) => a.cmp(b),
        (Text(a), Text(b)) => a.chars().cmp(b.chars()),
        (Decimal(a), Decimal(b)) => compare_digits(a, b),
        _ => panic!("{a:?} and {b:?} are never compared"),
    }
}

/// An integer and a float, exactly.
fn compare_int_and_float(a: i64, b: f64) -> Ordering {
    // Floats beyond this bound are outside i64; -2^63, which is within, is never generated.
    if b.abs() >= 9_223_372_036_854_775_808.0 {
        return 0_f64.total_cmp(&b);
    }
    #[expect(clippy::cast_possible_truncation, reason = "within i64, see above")]
    let floor = b.floor() as i64;
    a.cmp(&floor).then(if b > b.floor() { Ordering::Less } else { Ordering::Equal })
}

/// Canonical decimals: no needless zeros, no exponent, so that lengths tell most of it.
fn compare_digits(a: &str, b: &str) -> Ordering {
    let sign = |text: &str| match text {
        "0" => 0,
        _ if text.starts_with('-') => -1,
        _ => 1,
    };
    let size = |text: &str| {
        let (whole, fraction) =
            text.trim_start_matches('-').split_once('.').unwrap_or((text.trim_start_matches('-'), ""));
        (whole.len(), whole.to_owned(), fraction.to_owned())
    };
    sign(a).cmp(&sign(b)).then_with(|| if sign(a) < 0 { size(b).cmp(&size(a)) } else { size(a).cmp(&size(b)) })
}

/// A sort key: a relation or component to go through, an attribute, a direction.
#[derive(Debug, Clone)]
pub(crate) struct SortKey {
    pub(crate) through: Option<String>,
    pub(crate) attribute: String,
    pub(crate) descending: bool,
    /// The order of its texts; `None`: that of code points.
    pub(crate) collation: Option<Collation>,
}

impl SortKey {
    fn compare(&self, a: &Row, b: &Row) -> Ordering {
        let by_code_points = order(self.value(a), self.value(b));
        match (&self.collation, self.value(a), self.value(b)) {
            (Some(collation), Scalar::Text(left), Scalar::Text(right)) => {
                let key = |text: &str, row: &Row| collation.key_of(text, &self.locale(row));
                key(left, a).cmp(&key(right, b)).then(by_code_points)
            }
            _ => by_code_points,
        }
    }

    /// The locale of the row that the value is in: related rows have none.
    fn locale(&self, row: &Row) -> String {
        if self.through.is_none() { row.text("locale") } else { String::new() }
    }

    /// The first related value decides.
    fn value<'r>(&self, row: &'r Row) -> &'r Scalar {
        match &self.through {
            None => row.scalar(&self.attribute),
            Some(name) => row.related(name).first().map_or(&Scalar::Null, |r| r.scalar(&self.attribute)),
        }
    }

    /// As the query string spells it.
    pub(crate) fn text(&self) -> String {
        let through = self.through.as_ref().map_or(String::new(), |name| format!("{name}."));
        format!("{through}{}:{}", self.attribute, if self.descending { "desc" } else { "asc" })
    }
}

/// The positions of the rows found, in order. Rows come in the order they were made, which breaks ties, in the direction
/// of the last key.
pub(crate) fn expected_positions(rows: &[Row], condition: Option<&Condition>, sort: &[SortKey]) -> Vec<usize> {
    let mut found: Vec<usize> = (0..rows.len()).filter(|&i| condition.is_none_or(|c| c.holds(&rows[i]))).collect();
    found.sort_by(|&a, &b| {
        for key in sort {
            let ordering = key.compare(&rows[a], &rows[b]);
            if ordering != Ordering::Equal {
                return if key.descending { ordering.reverse() } else { ordering };
            }
        }
        if sort.last().is_some_and(|k| k.descending) { b.cmp(&a) } else { a.cmp(&b) }
    });
    found
}

/// True if an entry of an answer shows a row: its values, and where they are populated what it has and is linked to.
pub(crate) fn check_entry(entry: &Json, row: &Row, populated: bool) -> Result<(), String> {
    for (name, value) in &row.scalars {
        if !is_json_of(&entry[name], value) {
            return Err(format!("{name} is {} instead of {value:?}", entry[name]));
        }
    }
    for (name, rows) in row.rows.iter().filter(|_| populated) {
        let entries = match &entry[name] {
            Json::Null => &[][..],
            Json::Array(list) => list,
            one => std::slice::from_ref(one),
        };
        if entries.len() != rows.len() {
            return Err(format!("{name} has {} instead of {}", entries.len(), rows.len()));
        }
        entries.iter().zip(rows).try_for_each(|(entry, row)| check_entry(entry, row, true))?;
    }
    Ok(())
}

fn is_json_of(json: &Json, value: &Scalar) -> bool {
    match value {
        Scalar::Null => json.is_null(),
        Scalar::Int(i) => json.as_i64() == Some(*i) || json.as_str() == Some(&i.to_string()),
        Scalar::Float(f) => json.as_f64() == Some(*f),
        Scalar::Bool(b) => json.as_bool() == Some(*b),
        Scalar::Text(t) => json.as_str() == Some(t),
        // JSON readers retain only these digits; databases are compared by all of them.
        Scalar::Decimal(d) => json.as_f64() == d.parse().ok(),
        // `jsonb` keeps no order of keys and no spelling of numbers, and JSON gives them no meaning.
        Scalar::Json(text) => serde_json::from_str::<Json>(text).is_ok_and(|expected| expected == *json),
    }
}

/// One attribute of every entry of an answer.
pub(crate) fn column(list: &Json, name: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|e| e[name].as_str().unwrap_or_default().to_owned()).collect()
}
