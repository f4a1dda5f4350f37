//! Operands of filters: text of a query string, parsed as the column's type.

use super::number::{self, NotDecimal};
use super::{date, datetime, time};
use crate::content_type::ColumnType;

/// A value to compare a column with, in the column's canonical form.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// Integer columns.
    Int(i64),
    /// Float columns, and integer columns compared with a fraction or with a number beyond i64.
    Float(f64),
    /// Boolean columns.
    Bool(bool),
    /// Text; decimals, dates, times and moments in their canonical text; JSON columns as given.
    Text(String),
}

/// A text that is not a value of the column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct OperandError {
    /// Message for the client.
    pub message: String,
}

/// Parses a filter's operand. Any text but `false`, `f` and `0` is true for a boolean.
pub fn parse_operand(column: ColumnType, text: &str) -> Result<Operand, OperandError> {
    let refuse = |message: &str| OperandError { message: message.to_owned() };
    let no_number = || refuse("Invalid format, expected a number");
    match column {
        // PostgreSQL cannot even be asked for it.
        ColumnType::Text | ColumnType::Json if text.contains('\0') => {
            Err(refuse("Invalid format, the character U+0000 is not possible"))
        }
        ColumnType::Text | ColumnType::Json => Ok(Operand::Text(text.to_owned())),
        ColumnType::Integer | ColumnType::BigInteger => {
            match number::parse_decimal(text).ok().and_then(|t| t.parse().ok()) {
                Some(int) => Ok(Operand::Int(int)),
                None => number::parse_float(text).map(Operand::Float).ok_or_else(no_number),
            }
        }
        ColumnType::Float => number::parse_float(text).map(Operand::Float).ok_or_else(no_number),
        ColumnType::Decimal => number::parse_decimal(text).map(Operand::Text).map_err(|problem| match problem {
            NotDecimal::NotANumber => no_number(),
            NotDecimal::TooLong => {
                refuse(&format!("Invalid format, expected a number of at most {} digits", number::MAX_DIGITS))
            }
        }),
        ColumnType::Boolean => Ok(Operand::Bool(!matches!(text, "false" | "f" | "0"))),
        ColumnType::Date => date::parse_date(text).map(Operand::Text).map_err(refuse),
        ColumnType::DateTime => datetime::parse_datetime(text).map(Operand::Text).map_err(refuse),
        ColumnType::Time => time::parse_time(text).map(Operand::Text).map_err(refuse),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operands_are_parsed_by_column_type() {
        use ColumnType::*;
        for (column, text, operand) in [
            (Integer, "256", Operand::Int(256)),
            (Integer, "2.5", Operand::Float(2.5)),
            (BigInteger, "9007199254740993", Operand::Int(9_007_199_254_740_993)),
            (Float, "1e3", Operand::Float(1000.0)),
            (Decimal, "10.50", Operand::Text("10.5".into())),
            (Boolean, "maybe", Operand::Bool(true)),
            (Boolean, "f", Operand::Bool(false)),
            (Date, "2020-01-01T10:00", Operand::Text("2020-01-01".into())),
            (Time, "09:30:00", Operand::Text("09:30:00.000".into())),
            (DateTime, "2002-01-01", Operand::Text("2002-01-01T00:00:00.000Z".into())),
            (Json, "deep", Operand::Text("deep".into())),
        ] {
            assert_eq!(parse_operand(column, text), Ok(operand), "{column:?} {text}");
        }
        for (column, message) in [
            (Integer, "Invalid format, expected a number"),
            (Date, "Invalid format, expected yyyy-MM-dd"),
            (DateTime, "Invalid format, expected a timestamp or an ISO date"),
            (Time, "Invalid time format, expected HH:mm:ss.SSS"),
        ] {
            assert_eq!(parse_operand(column, "x").unwrap_err().message, message);
        }
        assert!(parse_operand(Text, "a\0").is_err());
        assert_eq!(parse_operand(Date, "2020-02-30").unwrap_err().message, "Invalid date");
    }
}
