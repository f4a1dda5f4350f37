//! Aggregates of groups of rows: one statement, whose rows are written as `{"group":{"stage":"new"},"count":3,"sum":{"amount":12.5}}`.
//!
//! Sums, means and medians of whole and decimal numbers are exact and the same on every database: the database returns sums and medians as
//! text, and means are computed here.

use super::execution::{LookupKeys, PlanExecution, check_response_size, write_column};
use super::json_writer as json;
use super::sql::{ColumnFormat, Scope, Sql, SqlContext, Statement, column_format, plan_conditions};
use crate::connection::{Row, ValueRef};
use crate::namespaces;
use crate::state::StoreState;
use crate::{Reader, Result, StoreError};
use bigdecimal::{BigDecimal, RoundingMode, Zero};
use cairn_model::ColumnType;
use cairn_query::{AggregateGroup, AggregateOperand, AggregatePlan, GroupOrderKey, Locales, Measure};

/// Digits after the point of a mean that is not a finite decimal.
const MEAN_FRACTION_DIGITS: i64 = 10;

/// A member of the objects that are written.
struct JsonMember {
    /// Its name with quotes and colon.
    key: Vec<u8>,
    written: FigureFormat,
}

/// How columns become a value.
enum FigureFormat {
    /// One column, as it is.
    As(ColumnFormat),
    /// One column with an exact number as text.
    Exact { quoted: bool },
    /// An exact sum and a count, in two columns.
    Mean,
    /// A sum of floats and a count, in two columns.
    FloatMean,
}

impl FigureFormat {
    fn column_count(&self) -> usize {
        match self {
            Self::As(_) | Self::Exact { .. } => 1,
            Self::Mean | Self::FloatMean => 2,
        }
    }
}

/// The statement, and how its rows are written: members in `group`, then one list of members for each name that figures have.
struct CompiledAggregate {
    statement: Statement,
    group: Vec<JsonMember>,
    /// In the order of the columns: each measure with its member, and the name of that inside the measure's object, if it has one.
    figures: Vec<(Measure, JsonMember)>,
}

impl namespaces::Entries<Reader<'_>> {
    /// Appends a JSON array of groups with their aggregates to `out`, and returns the number of groups. `default_locale` is the locale of
    /// localised targets if the request names several locales and the row that links to them has none.
    ///
    /// # Errors
    /// Returns errors of the database, and an error if the response is too large.
    pub fn aggregate(&self, plan: &AggregatePlan, default_locale: &str, out: &mut Vec<u8>) -> Result<usize> {
        let compiled = self.compile_aggregate(plan, default_locale);
        let run = PlanExecution::new(&self.tx, &[], None, 0, 0);
        let params = run.bind_params(&compiled.statement.binds, &LookupKeys::None);
        let mut groups = 0;
        out.push(b'[');
        self.tx.conn.query("computing aggregates", &compiled.statement.text, &params[..], |row| {
            if groups > 0 {
                out.push(b',');
            }
            groups += 1;
            compiled.write_group(out, row, self.tx.store)?;
            check_response_size(out)
        })?;
        out.push(b']');
        Ok(groups)
    }

    fn compile_aggregate(&self, plan: &AggregatePlan, default_locale: &str) -> CompiledAggregate {
        // The pattern has no `..`, so a new part does not compile until it is used.
        let AggregatePlan { rows, groups, measures, order, limit } = plan;
        let (registry, dialect) = (self.tx.registry(), self.tx.conn.dialect());
        let ct = registry.get(rows.content_type);
        let (request_locale, many_locales) = match &rows.locale {
            Locales::One(l) => (l.as_str(), false),
            _ => (default_locale, true),
        };
        let context = SqlContext {
            registry,
            counters: &self.tx.store.counters,
            dialect,
            status: rows.status,
            request_locale,
            many_locales,
            file_texts: None,
        };
        let scope = Scope::Row { alias: "b".into(), ct };
        let mut sql = context.new_sql();

        let mut columns: Vec<String> = groups.iter().map(|group| sql.group_value(group, &scope)).collect();
        let mut keys = Vec::new();
        let mut figures = Vec::new();
        for (measure, operand) in measures {
            let value = operand.as_ref().map(|operand| sql.operand_value(operand, &scope));
            let column = operand.as_ref().map_or(ColumnType::Integer, |operand| operand.column);
            let value = value.as_deref().unwrap_or_default();
            let exact = column != ColumnType::Float;
            let (expressions, key, written) = match measure {
                Measure::Count => {
                    (vec!["count(*)".to_owned()], "count(*)".to_owned(), FigureFormat::As(ColumnFormat::Integer))
                }
                Measure::Sum if exact => {
                    let figure_format = FigureFormat::Exact { quoted: column == ColumnType::BigInteger };
                    (vec![dialect.exact_sum(value)], dialect.ordered_sum(value), figure_format)
                }
                Measure::Median if exact => {
                    let figure_format = FigureFormat::Exact { quoted: column == ColumnType::BigInteger };
                    (vec![dialect.exact_median(value)], dialect.ordered_median(value), figure_format)
                }
                Measure::Median => {
                    let median = dialect.float_median(value);
                    (vec![median.clone()], median, FigureFormat::As(ColumnFormat::Float))
                }
                Measure::Sum => {
                    (vec![format!("sum({value})")], format!("sum({value})"), FigureFormat::As(ColumnFormat::Float))
                }
                Measure::Average => {
                    let sum = if exact { dialect.exact_sum(value) } else { format!("sum({value})") };
                    let figure_format = if exact { FigureFormat::Mean } else { FigureFormat::FloatMean };
                    (
                        vec![sum, format!("count({value})")],
                        format!("avg(CAST({value} AS double precision))"),
                        figure_format,
                    )
                }
                Measure::Minimum | Measure::Maximum => {
                    let name = if *measure == Measure::Minimum { "min" } else { "max" };
                    let expression = dialect.collated_expression(
                        &format!("{name}({})", dialect.collated_expression(value, column)),
                        column,
                    );
                    (vec![expression.clone()], expression, FigureFormat::As(self::column_format(column)))
                }
            };
            columns.extend(expressions);
            keys.push(key);
            let name = operand.as_ref().map(|operand| operand.name.as_str());
            figures.push((*measure, JsonMember { key: name.map_or_else(Vec::new, quote_key), written }));
        }

        let on = plan_conditions(&mut sql, rows, "b");
        let grouped: Vec<String> = (1..=groups.len()).map(|n| n.to_string()).collect();
        let mut sorted: Vec<String> = (order.iter())
            .map(|key| {
                match key.by {
                    // By its place, so that what leads through relations is not looked up once more.
                    GroupOrderKey::Group(i) => dialect.sort_key(&grouped[i], key.descending),
                    GroupOrderKey::Measure(i) => dialect.sort_key(&keys[i], key.descending),
                }
            })
            .collect();
        sorted.extend(grouped.iter().map(|place| dialect.sort_key(place, false)));
        let by = |word: &str, list: &[String]| match list {
            [] => String::new(),
            list => format!(" {word} BY {}", list.join(", ")),
        };
        let statement = sql.into_statement(format!(
            "SELECT {} FROM {} b WHERE {on}{}{} LIMIT {limit}",
            columns.join(", "),
            crate::ident::Ident::table(ct),
            by("GROUP", &grouped),
            by("ORDER", &sorted),
        ));
        let member = |group: &AggregateGroup| JsonMember {
            key: quote_key(&group.name),
            written: FigureFormat::As(self::column_format(group.column())),
        };
        CompiledAggregate { statement, group: groups.iter().map(member).collect(), figures }
    }
}

impl Sql<'_> {
    /// SQL for the value that rows are grouped by: that of the operand, or the first day of its period.
    fn group_value(&mut self, group: &AggregateGroup, scope: &Scope<'_>) -> String {
        let value = self.operand_value(&group.operand, scope);
        match &group.period {
            Some(grouping) => {
                let start = self.dialect.period_start(&value, grouping);
                self.dialect.collated_expression(&start, ColumnType::Date)
            }
            None => value,
        }
    }

    /// SQL for the value of an operand, ordered and compared as its column is.
    fn operand_value(&mut self, operand: &AggregateOperand, scope: &Scope<'_>) -> String {
        let value = self.value_at(&operand.path, operand.field, scope);
        if operand.path.is_empty() { value } else { self.dialect.collated_expression(&value, operand.column) }
    }
}

impl CompiledAggregate {
    fn write_group(&self, to: &mut Vec<u8>, row: &Row<'_>, store: &StoreState) -> Result<()> {
        to.extend_from_slice(b"{\"group\":{");
        let mut column = 0;
        for (i, member) in self.group.iter().enumerate() {
            if i > 0 {
                to.push(b',');
            }
            member.write_member(to, row, &mut column, store)?;
        }
        to.push(b'}');
        // Figures of one measure form one object, whatever their order in the query.
        let mut begins = Vec::with_capacity(self.figures.len());
        let mut at = column;
        for (_, member) in &self.figures {
            begins.push(at);
            at += member.written.column_count();
        }
        for (i, (measure, _)) in self.figures.iter().enumerate() {
            if self.figures[..i].iter().any(|(before, _)| before == measure) {
                continue;
            }
            to.extend_from_slice(format!(",\"{}\":", measure.as_str()).as_bytes());
            let same = (self.figures.iter().zip(&begins)).filter(|((other, _), _)| other == measure);
            if *measure == Measure::Count {
                self.figures[i].1.write_member(to, row, &mut begins[i].clone(), store)?;
                continue;
            }
            for (n, ((_, member), begin)) in same.enumerate() {
                to.push(if n == 0 { b'{' } else { b',' });
                member.write_member(to, row, &mut begin.clone(), store)?;
            }
            to.push(b'}');
        }
        to.push(b'}');
        Ok(())
    }
}

impl JsonMember {
    fn write_member(&self, to: &mut Vec<u8>, row: &Row<'_>, column: &mut usize, store: &StoreState) -> Result<()> {
        let at = *column;
        *column += self.written.column_count();
        to.extend_from_slice(&self.key);
        match &self.written {
            FigureFormat::As(out) => write_column(to, out, row.value_at(at)?, store)?,
            FigureFormat::Exact { quoted } => match read_exact(row, at)? {
                Some(number) if *quoted => json::write_plain(to, plain_decimal(&number).as_bytes()),
                Some(number) => to.extend_from_slice(plain_decimal(&number).as_bytes()),
                None => to.extend_from_slice(b"null"),
            },
            FigureFormat::Mean => match (read_exact(row, at)?, row.get::<i64>(at + 1)?) {
                (Some(sum), n) if n > 0 => to.extend_from_slice(plain_decimal(&compute_mean(&sum, n)).as_bytes()),
                _ => to.extend_from_slice(b"null"),
            },
            FigureFormat::FloatMean => match (row.value_at(at)?, row.get::<i64>(at + 1)?) {
                (ValueRef::Real(sum), n) if n > 0 => json::write_float(to, sum / n as f64),
                _ => to.extend_from_slice(b"null"),
            },
        }
        Ok(())
    }
}

fn quote_key(name: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(name.len() + 3);
    json::write_string(&mut key, name.as_bytes());
    key.push(b':');
    key
}

fn read_exact(row: &Row<'_>, column: usize) -> Result<Option<BigDecimal>> {
    let Some(text) = row.get::<Option<String>>(column)? else { return Ok(None) };
    let number = text.parse().map_err(|_| StoreError::Corrupt {
        place: "an aggregate".into(),
        message: format!("{text:?} is not a number"),
    })?;
    Ok(Some(number))
}

fn compute_mean(sum: &BigDecimal, n: i64) -> BigDecimal {
    (sum / BigDecimal::from(n)).with_scale_round(MEAN_FRACTION_DIGITS, RoundingMode::HalfEven)
}

/// A number without an exponent and without trailing zeros.
fn plain_decimal(number: &BigDecimal) -> String {
    if number.is_zero() { "0".to_owned() } else { number.normalized().to_plain_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_exact_to_ten_digits() {
        let format_mean = |sum: &str, n| plain_decimal(&compute_mean(&sum.parse().unwrap(), n));
        assert_eq!(format_mean("10", 4), "2.5");
        assert_eq!(format_mean("1", 3), "0.3333333333");
        assert_eq!(format_mean("-2", 3), "-0.6666666667");
        assert_eq!(format_mean("300", 3), "100");
        assert_eq!(format_mean("0.0", 7), "0");
        assert_eq!(format_mean("99999999999999999999999999.5", 1), "99999999999999999999999999.5");
    }
}
