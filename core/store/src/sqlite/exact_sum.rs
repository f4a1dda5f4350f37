//! Exact sums of whole and decimal numbers: SQLite's `sum` turns decimals into floats and fails when whole numbers overflow.

use bigdecimal::{BigDecimal, FromPrimitive};
use rusqlite::functions::{Aggregate, Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, Result};

/// Longest number that is parsed, in bytes: decimal columns have far shorter ones.
const MAX_NUMBER_BYTES: usize = 4_096;

/// Registers the SQL function `exact_sum(number)`: text without an exponent, null if there is nothing to add.
pub(super) fn register_exact_sum(conn: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    conn.create_aggregate_function("exact_sum", 1, flags, ExactSum)
}

struct ExactSum;

impl Aggregate<Option<BigDecimal>, Option<String>> for ExactSum {
    fn init(&self, _: &mut Context<'_>) -> Result<Option<BigDecimal>> {
        Ok(None)
    }

    fn step(&self, context: &mut Context<'_>, sum: &mut Option<BigDecimal>) -> Result<()> {
        let Some(number) = read_number(context.get_raw(0))? else { return Ok(()) };
        *sum = Some(sum.take().map_or_else(|| number.clone(), |before| before + &number));
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, sum: Option<Option<BigDecimal>>) -> Result<Option<String>> {
        Ok(sum.flatten().map(|sum| sum.to_plain_string()))
    }
}

/// Reads a number exactly; `None` for null.
pub(super) fn read_number(value: ValueRef<'_>) -> Result<Option<BigDecimal>> {
    Ok(Some(match value {
        ValueRef::Null => return Ok(None),
        ValueRef::Integer(i) => BigDecimal::from(i),
        ValueRef::Real(f) => BigDecimal::from_f64(f).ok_or_else(|| function_error(&f.to_string()))?,
        ValueRef::Text(text) => parse_decimal(text)?,
        ValueRef::Blob(_) => return Err(function_error("a blob")),
    }))
}

/// Parses a decimal as it is stored. An exponent is refused: Cairn writes none, and a large one would expand to as many digits.
fn parse_decimal(text: &[u8]) -> Result<BigDecimal> {
    let number_error = || function_error(&String::from_utf8_lossy(&text[..text.len().min(40)]));
    if text.len() > MAX_NUMBER_BYTES || !text.iter().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.')) {
        return Err(number_error());
    }
    std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).ok_or_else(number_error)
}

fn function_error(subject: &str) -> Error {
    Error::UserFunctionError(format!("{subject} is not a number").into())
}
