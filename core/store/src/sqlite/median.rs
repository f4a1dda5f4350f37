//! Medians, which SQLite has no function for: exact ones of whole and decimal numbers, and those of floats.

use super::exact_sum::read_number;
use bigdecimal::BigDecimal;
use rusqlite::functions::{Aggregate, Context, FunctionFlags};
use rusqlite::{Connection, Result};
use std::cmp::Ordering;

/// Registers the SQL functions `exact_median(number)`, which returns text without an exponent, and `float_median(number)`. Null if there is
/// no number.
pub(super) fn register_medians(conn: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    conn.create_aggregate_function("exact_median", 1, flags, ExactMedian)?;
    conn.create_aggregate_function("float_median", 1, flags, FloatMedian)
}

struct ExactMedian;

impl Aggregate<Vec<BigDecimal>, Option<String>> for ExactMedian {
    fn init(&self, _: &mut Context<'_>) -> Result<Vec<BigDecimal>> {
        Ok(Vec::new())
    }

    fn step(&self, context: &mut Context<'_>, numbers: &mut Vec<BigDecimal>) -> Result<()> {
        numbers.extend(read_number(context.get_raw(0))?);
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, numbers: Option<Vec<BigDecimal>>) -> Result<Option<String>> {
        let middle = find_middle(numbers.unwrap_or_default(), BigDecimal::cmp);
        // Times a half: a division would round.
        Ok(middle.map(|(lower, upper)| ((lower + upper) * BigDecimal::new(5.into(), 1)).to_plain_string()))
    }
}

struct FloatMedian;

impl Aggregate<Vec<f64>, Option<f64>> for FloatMedian {
    fn init(&self, _: &mut Context<'_>) -> Result<Vec<f64>> {
        Ok(Vec::new())
    }

    fn step(&self, context: &mut Context<'_>, numbers: &mut Vec<f64>) -> Result<()> {
        // In components, a float without a fraction is a whole number of JSON.
        numbers.extend(context.get::<Option<f64>>(0)?);
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, numbers: Option<Vec<f64>>) -> Result<Option<f64>> {
        let middle = find_middle(numbers.unwrap_or_default(), f64::total_cmp);
        // PostgreSQL's formula gives the same result to the last bit.
        Ok(middle.map(|(lower, upper)| lower + 0.5 * (upper - lower)))
    }
}

/// The two middle values in order; of an odd number of values, the middle one twice.
fn find_middle<T: Clone>(mut values: Vec<T>, compare: impl Fn(&T, &T) -> Ordering) -> Option<(T, T)> {
    if values.is_empty() {
        return None;
    }
    let (at, even) = (values.len() / 2, values.len().is_multiple_of(2));
    let (below, upper, _) = values.select_nth_unstable_by(at, &compare);
    let upper = &*upper;
    let lower = if even { below.iter().max_by(|a, b| compare(a, b)) } else { None };
    Some((lower.unwrap_or(upper).clone(), upper.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_one_value_or_two() {
        let middle = |values: &[i32]| find_middle(values.to_vec(), i32::cmp);
        assert_eq!(middle(&[]), None);
        assert_eq!(middle(&[7]), Some((7, 7)));
        assert_eq!(middle(&[9, 1]), Some((1, 9)));
        assert_eq!(middle(&[5, 1, 3]), Some((3, 3)));
        assert_eq!(middle(&[4, 4, 9, 1]), Some((4, 4)));
        assert_eq!(middle(&[8, 2, 6, 4, 0, 10]), Some((4, 6)));
    }

    #[test]
    fn medians_are_exact_and_leave_nulls_out() {
        let conn = Connection::open_in_memory().unwrap();
        register_medians(&conn).unwrap();
        let exact = |values: &str| -> Option<String> {
            let query = format!("SELECT exact_median(column1) FROM (VALUES {values})");
            conn.query_row(&query, [], |row| row.get(0)).unwrap()
        };
        assert_eq!(exact("(NULL)"), None);
        assert_eq!(
            exact("(9223372036854775807), (NULL), (9223372036854775806)").as_deref(),
            Some("9223372036854775806.5")
        );
        assert_eq!(exact("('10'), ('9.5'), ('-1')").as_deref(), Some("9.50"));
        assert_eq!(
            exact("('0.000000000000001'), ('12345678901234567890.000000000000002')").as_deref(),
            Some("6172839450617283945.0000000000000015")
        );
        let float = |values: &str| -> Option<f64> {
            let query = format!("SELECT float_median(column1) FROM (VALUES {values})");
            conn.query_row(&query, [], |row| row.get(0)).unwrap()
        };
        assert_eq!((float("(NULL)"), float("(1), (0.25), (NULL), (-8)")), (None, Some(0.25)));
        assert_eq!(float("(1), (2.5)"), Some(1.75));
    }
}
