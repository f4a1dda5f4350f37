//! What a query means, said a second time and simply: rows in memory, conditions walked one by one. The rules are the
//! contract's: comparisons with null are unknown, a relation or component without rows stands for one row of nulls, and
//! `$not` above a relation speaks of the related row.

use serde_json::Value as Json;
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
    /// Decimals, by their digits.
    Decimal(String),
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
    /// Whether a row is found.
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
    let text = |fold: bool| {
        let of = |scalar: &Scalar| match scalar {
            Scalar::Text(t) if fold => t.to_ascii_lowercase(),
            Scalar::Text(t) => t.clone(),
            other => panic!("{op} of {other:?}"),
        };
        (of(value), of(first))
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
        "$eqi" => text(true).0 == text(true).1,
        "$nei" => text(true).0 != text(true).1,
        // Without the case of ASCII letters, whichever of the two is asked: SQLite's LIKE.
        "$contains" | "$containsi" => text(true).0.contains(&text(true).1),
        "$notContains" | "$notContainsi" => !text(true).0.contains(&text(true).1),
        "$startsWith" | "$startsWithi" => text(true).0.starts_with(&text(true).1),
        "$endsWith" | "$endsWithi" => text(true).0.ends_with(&text(true).1),
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
        (Int(a), Float(b)) => (*a as f64).total_cmp(b),
        (Float(a), Float(b)) => (a + 0.0).total_cmp(&(b + 0.0)),
        (Bool(a), Bool(b)) => a.cmp(b),
        (Text(a), Text(b)) => a.chars().cmp(b.chars()),
        // The few that are generated differ by more than a double can miss.
        (Decimal(a), Decimal(b)) => number(a).total_cmp(&number(b)),
        _ => panic!("{a:?} and {b:?} are never compared"),
    }
}

fn number(digits: &str) -> f64 {
    digits.parse::<f64>().unwrap_or_else(|e| panic!("{digits}: {e}")) + 0.0
}

/// A sort key: a relation or component to go through, an attribute, a direction.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) through: Option<String>,
    pub(crate) attribute: String,
    pub(crate) descending: bool,
}

impl Key {
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
pub(crate) fn answer(rows: &[Row], condition: Option<&Condition>, sort: &[Key]) -> Vec<usize> {
    let mut found: Vec<usize> = (0..rows.len()).filter(|&i| condition.is_none_or(|c| c.holds(&rows[i]))).collect();
    found.sort_by(|&a, &b| {
        for key in sort {
            let ordering = order(key.value(&rows[a]), key.value(&rows[b]));
            if ordering != Ordering::Equal {
                return if key.descending { ordering.reverse() } else { ordering };
            }
        }
        if sort.last().is_some_and(|k| k.descending) { b.cmp(&a) } else { a.cmp(&b) }
    });
    found
}

/// One attribute of every entry of an answer.
pub(crate) fn column(list: &Json, name: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|e| e[name].as_str().unwrap_or_default().to_owned()).collect()
}
