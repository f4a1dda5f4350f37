//! Parsing numbers exactly, and the limits that all number kinds share.

use super::scalar::{CastError, RequiredMessage, ValidationPass};
use crate::content_type::Attribute;
use crate::validate::{FieldError, ValuePath};
use serde_json::{Number, Value as Json};

/// Largest number of digits of a decimal, before and after the point together.
pub(crate) const MAX_DIGITS: usize = 60;

/// A missing required number.
pub(super) const NUMBER_REQUIRED: RequiredMessage = RequiredMessage::Typed("number", "NaN");

/// Why a text is not a decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotDecimal {
    /// It is not a number.
    NotANumber,
    /// It has more than [`MAX_DIGITS`] digits when written out.
    TooLong,
}

/// The canonical text of a decimal number: digits written out, no exponent, no superfluous zeros, no minus zero. Blanks
/// are dropped, as yup does.
pub(crate) fn parse_decimal(text: &str) -> Result<String, NotDecimal> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (negative, rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text.as_str()),
    };
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
        None => (rest, 0),
    };
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [integer, fraction].concat();
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NotDecimal::NotANumber);
    }
    let leading = digits.len() - digits.trim_start_matches('0').len();
    let significant = digits.trim_matches('0');
    if significant.is_empty() {
        return Ok("0".to_owned());
    }
    // The point stands before the digit of this index of `significant`; it may lie outside.
    let point = integer.len() as i64 - leading as i64 + exponent;
    let zeros_before = (-point).max(0);
    let zeros_after = (point - significant.len() as i64).max(0);
    if significant.len() as i64 + zeros_before + zeros_after > MAX_DIGITS as i64 {
        return Err(NotDecimal::TooLong);
    }
    let zeros = |n: i64| "0".repeat(usize::try_from(n).unwrap_or(0));
    let sign = if negative { "-" } else { "" };
    Ok(match usize::try_from(point) {
        Ok(0) | Err(_) => format!("{sign}0.{}{significant}", zeros(zeros_before)),
        Ok(point) if point >= significant.len() => format!("{sign}{significant}{}", zeros(zeros_after)),
        Ok(point) => format!("{sign}{}.{}", &significant[..point], &significant[point..]),
    })
}

/// Parses up to six digits; longer exponents are out of range anyway.
fn parse_exponent(text: &str) -> Result<i64, NotDecimal> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NotDecimal::NotANumber);
    }
    let size: i64 = digits.trim_start_matches('0').parse().unwrap_or(if digits.trim_matches('0').is_empty() {
        0
    } else {
        i64::from(i32::MAX)
    });
    let size = size.min(i64::from(i32::MAX));
    Ok(if text.starts_with('-') { -size } else { size })
}

/// The canonical text of a JSON number.
pub(crate) fn decimal_from_number(number: &Number) -> Result<String, NotDecimal> {
    match number.as_f64() {
        Some(float) if number.is_f64() => parse_decimal(&format!("{float:e}")),
        _ => parse_decimal(&number.to_string()),
    }
}

/// The nearest float of a text that is a number; `None` for other texts and on overflow.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    match parse_decimal(text) {
        Err(NotDecimal::NotANumber) => None,
        Ok(_) | Err(NotDecimal::TooLong) => {
            let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            // `+ 0.0` makes minus zero plain.
            text.parse::<f64>().ok().filter(|f| f.is_finite()).map(|f| f + 0.0)
        }
    }
}

/// The whole number of a float, if it has no fraction and fits into an i64.
pub(crate) fn whole_number(value: f64) -> Option<i64> {
    // 2^63 itself is no i64.
    let within = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&value);
    #[expect(clippy::cast_possible_truncation, reason = "integral and in range")]
    (within && value.fract() == 0.0).then_some(value as i64)
}

pub(super) fn not_a_number(at: &ValuePath<'_>, input: &Json) -> CastError {
    at.failed_cast("number", "NaN", input).into()
}

/// Checks `min` (strict passes only) and `max`.
pub(super) fn check_limits(
    attribute: &Attribute,
    at: &ValuePath<'_>,
    value: f64,
    json: &Json,
    pass: ValidationPass,
    errors: &mut Vec<FieldError>,
) {
    if let Some(min) = attribute.min.as_ref().filter(|min| pass.is_strict() && value < min.value) {
        errors.push(at.error_with_path(&format!("must be greater than or equal to {}", min.text), Some(json.clone())));
    }
    if let Some(max) = attribute.max.as_ref().filter(|max| pass.has_limits() && value > max.value) {
        errors.push(at.error_with_path(&format!("must be less than or equal to {}", max.text), Some(json.clone())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_have_one_canonical_text() {
        for (text, canonical) in [
            ("9.99", "9.99"),
            ("1e3", "1000"),
            ("1E+2", "100"),
            ("-0", "0"),
            ("-0.00", "0"),
            ("007.50", "7.5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("+1", "1"),
            ("12.5e-3", "0.0125"),
            ("0.00100", "0.001"),
            ("0e999999999999", "0"),
            ("1 000", "1000"),
            ("100", "100"),
            ("1.5e1", "15"),
        ] {
            assert_eq!(parse_decimal(text).as_deref(), Ok(canonical), "{text}");
        }
        for text in ["", "abc", ".", "-", "1e", "1e+", "0x10", "Infinity", "NaN", "1.2.3", "1-2", "é"] {
            assert_eq!(parse_decimal(text), Err(NotDecimal::NotANumber), "{text}");
        }
        for text in ["1e60", "1e-61", "1e99999999999999999999", &"9".repeat(61)] {
            assert_eq!(parse_decimal(text), Err(NotDecimal::TooLong), "{text}");
        }
        assert_eq!(parse_decimal("1e59").map(|t| t.len()), Ok(60));
    }

    #[test]
    fn whole_numbers_stay_within_i64() {
        assert_eq!(whole_number(7.0), Some(7));
        assert_eq!(whole_number(7.5), None);
        assert_eq!(whole_number(9.3e18), None);
        assert_eq!(whole_number(f64::NAN), None);
        assert_eq!(whole_number(-9_223_372_036_854_775_808.0), Some(i64::MIN));
    }
}
