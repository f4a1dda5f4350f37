//! Amounts of money. Documents have them as numbers, changes of documents as the digits of one. It knows no host.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// An amount, in hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Amount {
    cents: i64,
    /// False if it has parts of a cent, which `cents` leaves out.
    is_whole: bool,
}

/// Decimals of an amount.
const DECIMALS: usize = 2;

impl Amount {
    /// An amount of so many hundredths.
    pub(crate) const fn from_cents(cents: i64) -> Self {
        Self { cents, is_whole: true }
    }

    /// The hundredths.
    pub(crate) const fn cents(self) -> i64 {
        self.cents
    }

    /// True if it has no parts of a cent.
    pub(crate) const fn is_whole(self) -> bool {
        self.is_whole
    }

    /// Reads the digits of a number, such as `-1234.5`; none for anything else, and for more than can be counted.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !is_digits(whole) || !is_digits(part) {
            return None;
        }
        let part = part.trim_end_matches('0');
        let kept: String = part.chars().chain(std::iter::repeat('0')).take(DECIMALS).collect();
        let cents = whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(kept.parse().ok()?)?;
        Some(Self { cents: sign * cents, is_whole: part.len() <= DECIMALS })
    }

    /// The digits, as `1234.50`.
    pub(crate) fn to_digits(self) -> String {
        let sign = if self.cents < 0 { "-" } else { "" };
        let cents = self.cents.unsigned_abs();
        format!("{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let text = match &value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        Self::parse(&text).ok_or_else(|| D::Error::custom("an amount of money was expected"))
    }
}

impl Serialize for Amount {
    /// As content has it: a number.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serde_json::from_str::<serde_json::Number>(&self.to_digits()) {
            Ok(number) => number.serialize(serializer),
            Err(_) => serializer.serialize_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn amounts_are_read_from_numbers_and_digits() {
        for (value, cents) in [
            (json!(1234.5), 123_450),
            (json!(7), 700),
            (json!(0.01), 1),
            (json!("189950.00"), 18_995_000),
            (json!("-0.5"), -50),
            (json!(0.1), 10),
        ] {
            let amount: Amount = serde_json::from_value(value.clone()).unwrap();
            assert_eq!((amount.cents(), amount.is_whole()), (cents, true), "{value}");
        }
        for wrong in [
            json!("x"),
            json!(""),
            json!(null),
            json!([1]),
            json!("1e9"),
            json!("1,5"),
            json!("."),
            json!("99999999999999999999"),
        ] {
            assert!(serde_json::from_value::<Amount>(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn parts_of_a_cent_are_noticed() {
        let amount = Amount::parse("10.005").unwrap();
        assert_eq!((amount.cents(), amount.is_whole()), (1_000, false));
        assert!(Amount::parse("10.500").unwrap().is_whole());
    }

    #[test]
    fn amounts_are_written_as_numbers() {
        assert_eq!(serde_json::to_value(Amount::from_cents(123_450)).unwrap(), json!(1234.5));
        assert_eq!(Amount::from_cents(-5).to_digits(), "-0.05");
    }
}
