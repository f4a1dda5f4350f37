//! Ordering of decimals: SQLite has no exact number type for them, so they are text with a collation.

use std::cmp::Ordering;

/// Orders canonical decimals (`-12.5`, no exponent, no leading or trailing zeros) by value; other text by its bytes, after them.
/// Named as in SQLite's own decimal extension, so that its command line can read these columns.
pub(super) fn compare_decimals(a: &str, b: &str) -> Ordering {
    match (DecimalParts::parse(a), DecimalParts::parse(b)) {
        (Some(x), Some(y)) => match (x.negative, y.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => x.compare_magnitude(&y),
            (true, true) => y.compare_magnitude(&x),
        },
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}

struct DecimalParts<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
}

impl<'a> DecimalParts<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
            return None;
        }
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        Some(Self { negative: negative && !(whole.is_empty() && fraction.is_empty()), whole, fraction })
    }

    fn compare_magnitude(&self, other: &Self) -> Ordering {
        (self.whole.len().cmp(&other.whole.len()))
            .then_with(|| self.whole.cmp(other.whole))
            .then_with(|| self.fraction.cmp(other.fraction))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_order_by_value() {
        let mut all = ["10", "9.99", "-0.5", "0", "-12", "0.05", "0.5", "100000000000000000000", "9.990", "-0.25"];
        all.sort_by(|a, b| compare_decimals(a, b));
        assert_eq!(all, ["-12", "-0.5", "-0.25", "0", "0.05", "0.5", "9.99", "9.990", "10", "100000000000000000000"]);
        assert_eq!(compare_decimals("-0", "0"), Ordering::Equal);
    }
}
