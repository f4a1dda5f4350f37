//! Aggregates of groups of rows: one statement, whose rows are written as `{"group":{"stage":"new"},"count":3,"sum":{"amount":12.5}}`.
//!
//! Sums and means of whole and decimal numbers are exact and the same on every database: the database returns sums as text, and
//! means are computed here.

use super::json_writer as json;
use super::run::{Keys, Run, bounded, write_column};
use super::sql::{Context, Out, Scope, Sql, Statement, conditions, out};
use crate::connection::{Row, ValueRef};
use crate::database::{Inner, Reader};
use crate::{Result, StoreError};
use bigdecimal::{BigDecimal, RoundingMode, Zero};
use cairn_model::ColumnType;
use cairn_query::{Aggregate, By, Locales, Measure, Operand};

/// Digits after the point of a mean that is not a finite decimal.
const FRACTION: i64 = 10;

/// A member of the objects that are written.
struct Member {
    /// Its name with quotes and colon.
    key: Vec<u8>,
    written: Written,
}

/// How columns become a value.
enum Written {
    /// One column, as it is.
    As(Out),
    /// One column with an exact sum.
    Sum { quoted: bool },
    /// An exact sum and a count, in two columns.
    Mean,
    /// A sum of floats and a count, in two columns.
    FloatMean,
}

impl Written {
    fn columns(&self) -> usize {
        match self {
            Self::As(_) | Self::Sum { .. } => 1,
            Self::Mean | Self::FloatMean => 2,
        }
    }
}

/// The statement, and how its rows are written: members in `group`, then one list of members for each name that figures have.
struct Compiled {
    statement: Statement,
    group: Vec<Member>,
    /// In the order of the columns: each measure with its member, and the name of that inside the measure's object, if it has one.
    figures: Vec<(Measure, Member)>,
}

impl Reader<'_> {
    /// Appends a JSON array of groups with their aggregates to `out`, and returns the number of groups. `default_locale` is the locale of
    /// localised targets if the request names several locales and the row that links to them has none.
    ///
    /// # Errors
    /// Returns errors of the database, and an error if the response is too large.
    pub fn aggregate(&self, asked: &Aggregate, default_locale: &str, out: &mut Vec<u8>) -> Result<usize> {
        let compiled = self.compiled(asked, default_locale);
        let run = Run::of(self, None, 0, 0);
        let params = run.params(&compiled.statement.binds, &Keys::None);
        let mut groups = 0;
        out.push(b'[');
        self.conn.query("computing aggregates", &compiled.statement.text, &params[..], |row| {
            if groups > 0 {
                out.push(b',');
            }
            groups += 1;
            compiled.write(out, row, self.store)?;
            bounded(out)
        })?;
        out.push(b']');
        Ok(groups)
    }

    fn compiled(&self, asked: &Aggregate, default_locale: &str) -> Compiled {
        // Without `..`: a new part does not compile until it is used.
        let Aggregate { rows, groups, measures, order, limit } = asked;
        let (registry, dialect) = (self.registry(), self.conn.dialect());
        let ct = registry.get(rows.content_type);
        let (request_locale, many_locales) = match &rows.locale {
            Locales::One(l) => (l.as_str(), false),
            _ => (default_locale, true),
        };
        let context =
            Context { registry, dialect, status: rows.status, request_locale, many_locales, file_texts: None };
        let scope = Scope::Row { alias: "b".into(), ct };
        let mut sql = context.sql();

        let mut columns: Vec<String> = groups.iter().map(|group| sql.operand(group, &scope)).collect();
        let mut keys = Vec::new();
        let mut figures = Vec::new();
        for (measure, operand) in measures {
            let value = operand.as_ref().map(|operand| sql.operand(operand, &scope));
            let column = operand.as_ref().map_or(ColumnType::Integer, |operand| operand.column);
            let value = value.as_deref().unwrap_or_default();
            let exact = column != ColumnType::Float;
            let (made, key, written) = match measure {
                Measure::Count => (vec!["count(*)".to_owned()], "count(*)".to_owned(), Written::As(Out::Integer)),
                Measure::Sum if exact => {
                    let written = Written::Sum { quoted: column == ColumnType::BigInteger };
                    (vec![dialect.exact_sum(value)], dialect.ordered_sum(value), written)
                }
                Measure::Sum => (vec![format!("sum({value})")], format!("sum({value})"), Written::As(Out::Float)),
                Measure::Average => {
                    let sum = if exact { dialect.exact_sum(value) } else { format!("sum({value})") };
                    let written = if exact { Written::Mean } else { Written::FloatMean };
                    (vec![sum, format!("count({value})")], format!("avg(CAST({value} AS double precision))"), written)
                }
                Measure::Minimum | Measure::Maximum => {
                    let name = if *measure == Measure::Minimum { "min" } else { "max" };
                    let made = dialect.collated(&format!("{name}({})", dialect.collated(value, column)), column);
                    (vec![made.clone()], made, Written::As(self::out(column)))
                }
            };
            columns.extend(made);
            keys.push(key);
            let name = operand.as_ref().map(|operand| operand.name.as_str());
            figures.push((*measure, Member { key: name.map_or_else(Vec::new, quoted), written }));
        }

        let on = conditions(&mut sql, rows, "b");
        let grouped: Vec<String> = (1..=groups.len()).map(|n| n.to_string()).collect();
        let mut sorted: Vec<String> = (order.iter())
            .map(|key| {
                match key.by {
                    // By its place, so that what leads through relations is not looked up once more.
                    By::Group(i) => dialect.sorted(&grouped[i], key.descending),
                    By::Measure(i) => dialect.sorted(&keys[i], key.descending),
                }
            })
            .collect();
        sorted.extend(grouped.iter().map(|place| dialect.sorted(place, false)));
        let by = |word: &str, list: &[String]| match list {
            [] => String::new(),
            list => format!(" {word} BY {}", list.join(", ")),
        };
        let statement = sql.finish(format!(
            "SELECT {} FROM {} b WHERE {on}{}{} LIMIT {limit}",
            columns.join(", "),
            crate::ident::Ident::table(ct),
            by("GROUP", &grouped),
            by("ORDER", &sorted),
        ));
        let member =
            |group: &Operand| Member { key: quoted(&group.name), written: Written::As(self::out(group.column)) };
        Compiled { statement, group: groups.iter().map(member).collect(), figures }
    }
}

impl Sql<'_> {
    /// SQL for the value of an operand, ordered and compared as its column is.
    fn operand(&mut self, operand: &Operand, scope: &Scope<'_>) -> String {
        let value = self.value_at(&operand.path, operand.field, scope);
        if operand.path.is_empty() { value } else { self.dialect.collated(&value, operand.column) }
    }
}

impl Compiled {
    fn write(&self, to: &mut Vec<u8>, row: &Row<'_>, store: &Inner) -> Result<()> {
        to.extend_from_slice(b"{\"group\":{");
        let mut column = 0;
        for (i, member) in self.group.iter().enumerate() {
            if i > 0 {
                to.push(b',');
            }
            member.write(to, row, &mut column, store)?;
        }
        to.push(b'}');
        // Figures of one measure are one object, wherever they were asked for.
        let mut begins = Vec::with_capacity(self.figures.len());
        let mut at = column;
        for (_, member) in &self.figures {
            begins.push(at);
            at += member.written.columns();
        }
        for (i, (measure, _)) in self.figures.iter().enumerate() {
            if self.figures[..i].iter().any(|(before, _)| before == measure) {
                continue;
            }
            to.extend_from_slice(format!(",\"{}\":", measure.as_str()).as_bytes());
            let same = (self.figures.iter().zip(&begins)).filter(|((other, _), _)| other == measure);
            if *measure == Measure::Count {
                self.figures[i].1.write(to, row, &mut begins[i].clone(), store)?;
                continue;
            }
            for (n, ((_, member), begin)) in same.enumerate() {
                to.push(if n == 0 { b'{' } else { b',' });
                member.write(to, row, &mut begin.clone(), store)?;
            }
            to.push(b'}');
        }
        to.push(b'}');
        Ok(())
    }
}

impl Member {
    fn write(&self, to: &mut Vec<u8>, row: &Row<'_>, column: &mut usize, store: &Inner) -> Result<()> {
        let at = *column;
        *column += self.written.columns();
        to.extend_from_slice(&self.key);
        match &self.written {
            Written::As(out) => write_column(to, out, row.value(at)?, store)?,
            Written::Sum { quoted } => match sum(row, at)? {
                Some(sum) if *quoted => json::plain(to, plain(&sum).as_bytes()),
                Some(sum) => to.extend_from_slice(plain(&sum).as_bytes()),
                None => to.extend_from_slice(b"null"),
            },
            Written::Mean => match (sum(row, at)?, row.get::<i64>(at + 1)?) {
                (Some(sum), n) if n > 0 => to.extend_from_slice(plain(&mean(&sum, n)).as_bytes()),
                _ => to.extend_from_slice(b"null"),
            },
            Written::FloatMean => match (row.value(at)?, row.get::<i64>(at + 1)?) {
                (ValueRef::Real(sum), n) if n > 0 => json::float(to, sum / n as f64),
                _ => to.extend_from_slice(b"null"),
            },
        }
        Ok(())
    }
}

fn quoted(name: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(name.len() + 3);
    json::string(&mut key, name.as_bytes());
    key.push(b':');
    key
}

fn sum(row: &Row<'_>, column: usize) -> Result<Option<BigDecimal>> {
    let Some(text) = row.get::<Option<String>>(column)? else { return Ok(None) };
    let sum = text
        .parse()
        .map_err(|_| StoreError::Corrupt { place: "a sum".into(), message: format!("{text:?} is not a number") })?;
    Ok(Some(sum))
}

fn mean(sum: &BigDecimal, n: i64) -> BigDecimal {
    (sum / BigDecimal::from(n)).with_scale_round(FRACTION, RoundingMode::HalfEven)
}

/// A number without an exponent and without trailing zeros.
fn plain(number: &BigDecimal) -> String {
    if number.is_zero() { "0".to_owned() } else { number.normalized().to_plain_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_exact_to_ten_digits() {
        let said = |sum: &str, n| plain(&mean(&sum.parse().unwrap(), n));
        assert_eq!(said("10", 4), "2.5");
        assert_eq!(said("1", 3), "0.3333333333");
        assert_eq!(said("-2", 3), "-0.6666666667");
        assert_eq!(said("300", 3), "100");
        assert_eq!(said("0.0", 7), "0");
        assert_eq!(said("99999999999999999999999999.5", 1), "99999999999999999999999999.5");
    }
}
