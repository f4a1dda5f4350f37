//! Amounts of quotes, in minor units (cents). It knows no host.
//!
//! VAT is rounded half away from zero for each line, and a total is the sum of its lines: what a customer adds up is what they pay.

use serde::{Deserialize, Serialize};

/// Largest amount: what the fields of a quote can hold, rounded down (EUR 20,000,000.00).
pub(crate) const MAX_AMOUNT: i64 = 2_000_000_000;
/// Most of one thing.
pub(crate) const MAX_QUANTITY: i64 = 100_000;
/// Most lines of a quote.
pub(crate) const MAX_LINES: usize = 100;
/// Longest description of a line, in characters.
pub(crate) const MAX_DESCRIPTION: usize = 300;

/// Item that is offered, and its price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Line {
    pub(crate) description: String,
    pub(crate) quantity: i64,
    /// Price of one, without VAT.
    pub(crate) unit_price: i64,
    pub(crate) vat_percent: i64,
}

/// The sums of a quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Totals {
    pub(crate) net: i64,
    pub(crate) vat: i64,
    pub(crate) gross: i64,
    pub(crate) deposit: i64,
}

/// A value of a line that cannot be: its number, counted from 0, the field, and a key of the texts. No number: it concerns all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LineProblem {
    pub(crate) line: Option<usize>,
    pub(crate) field: &'static str,
    pub(crate) code: &'static str,
}

impl Line {
    /// Price of all of it, without VAT. In range for lines that [`check_lines`] accepts.
    pub(crate) const fn net(&self) -> i64 {
        self.quantity.saturating_mul(self.unit_price)
    }

    /// VAT of all of it.
    pub(crate) fn vat(&self) -> i64 {
        percent_of(self.net(), self.vat_percent)
    }
}

/// The sums of lines, or everything that is wrong with them.
pub(crate) fn add_up(lines: &[Line], deposit_percent: i64) -> Result<Totals, Vec<LineProblem>> {
    check_lines(lines)?;
    let net: i64 = lines.iter().map(Line::net).sum();
    let vat: i64 = lines.iter().map(Line::vat).sum();
    let gross = net.saturating_add(vat);
    if gross > MAX_AMOUNT {
        return Err(vec![LineProblem { line: None, field: "", code: "tooLarge" }]);
    }
    Ok(Totals { net, vat, gross, deposit: percent_of(gross, deposit_percent.clamp(0, 100)) })
}

/// Checks the lines, so that their values can be added up: no sum of valid lines overflows.
fn check_lines(lines: &[Line]) -> Result<(), Vec<LineProblem>> {
    if lines.len() > MAX_LINES {
        return Err(vec![LineProblem { line: None, field: "", code: "tooManyLines" }]);
    }
    let problems: Vec<LineProblem> = lines
        .iter()
        .enumerate()
        .flat_map(|(n, line)| check_line(line).map(move |(field, code)| LineProblem { line: Some(n), field, code }))
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn check_line(line: &Line) -> impl Iterator<Item = (&'static str, &'static str)> {
    let length = line.description.trim().chars().count();
    let is_text = (1..=MAX_DESCRIPTION).contains(&length) && !line.description.chars().any(char::is_control);
    [
        (!is_text).then_some(("description", "description")),
        (!(1..=MAX_QUANTITY).contains(&line.quantity)).then_some(("quantity", "quantity")),
        (!(0..=MAX_AMOUNT).contains(&line.unit_price)).then_some(("unitPrice", "price")),
        (!(0..=100).contains(&line.vat_percent)).then_some(("vatPercent", "vat")),
    ]
    .into_iter()
    .flatten()
}

/// So many percent of an amount, rounded half away from zero.
fn percent_of(amount: i64, percent: i64) -> i64 {
    let product = i128::from(amount) * i128::from(percent);
    let rounded = (product.abs() + 50) / 100 * product.signum();
    // In range: at most the amount, for percentages up to 100.
    i64::try_from(rounded).unwrap_or(i64::MAX)
}

/// Currencies of ISO 4217 whose minor unit is not a hundredth: amounts here would mean something else in them.
const WITHOUT_HUNDREDTHS: [&str; 26] = [
    "BHD", "BIF", "CLF", "CLP", "DJF", "GNF", "IQD", "ISK", "JOD", "JPY", "KMF", "KRW", "KWD", "LYD", "OMR", "PYG",
    "RWF", "TND", "UGX", "UYI", "UYW", "VND", "VUV", "XAF", "XOF", "XPF",
];

/// True if a text is the code of a currency that is counted in hundredths, such as `EUR`.
pub(crate) fn is_currency(code: &str) -> bool {
    code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()) && !WITHOUT_HUNDREDTHS.contains(&code)
}

/// An amount as a decimal: `1512.50`.
pub(crate) fn write_decimal(amount: i64) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let amount = amount.unsigned_abs();
    format!("{sign}{}.{:02}", amount / 100, amount % 100)
}

/// An amount that a program wrote as a decimal, in minor units: `1512.5`. What people type is for [`crate::amount::read_amount`]. No amount below
/// 0, with more than two decimals, or beyond [`MAX_AMOUNT`].
pub(crate) fn parse_decimal(text: &str) -> Option<i64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
    let decimals = decimals.trim_end_matches('0');
    if whole.is_empty() || whole.len() > 10 || decimals.len() > 2 || !is_number(whole) || !is_number(decimals) {
        return None;
    }
    let cents: i64 = format!("{decimals:0<2}").parse().ok()?;
    let amount = whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(cents)?;
    (amount <= MAX_AMOUNT).then_some(amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(quantity: i64, unit_price: i64, vat_percent: i64) -> Line {
        Line { description: "Show".into(), quantity, unit_price, vat_percent }
    }

    fn problems(lines: &[Line]) -> Vec<(Option<usize>, &'static str)> {
        add_up(lines, 25).err().unwrap_or_default().into_iter().map(|p| (p.line, p.code)).collect()
    }

    #[test]
    fn gold_costs_1512_50_with_a_deposit_of_378_13() {
        let totals = add_up(&[line(1, 95_000, 21), line(1, 30_000, 21)], 25).unwrap();
        assert_eq!(totals, Totals { net: 125_000, vat: 26_250, gross: 151_250, deposit: 37_813 });
    }

    #[test]
    fn vat_is_rounded_half_away_from_zero_per_line() {
        // 21% of 0.50 is 0.105: two lines round twice, one line of both rounds once.
        assert_eq!(add_up(&[line(1, 50, 21), line(1, 50, 21)], 0).unwrap().vat, 22);
        assert_eq!(add_up(&[line(2, 50, 21)], 0).unwrap().vat, 21);
        assert_eq!((percent_of(50, 1), percent_of(49, 1), percent_of(-50, 1)), (1, 0, -1));
        assert_eq!((percent_of(151_250, 25), percent_of(0, 25), percent_of(7, 100)), (37_813, 0, 7));
    }

    #[test]
    fn lines_that_cannot_be_are_named() {
        assert_eq!(
            problems(&[line(1, 1, 21), line(0, -1, 101)]),
            [(Some(1), "quantity"), (Some(1), "price"), (Some(1), "vat")]
        );
        assert_eq!(problems(&[line(-1, 1, -1)]), [(Some(0), "quantity"), (Some(0), "vat")]);
        for text in ["", "  ", "a\nb", &"x".repeat(MAX_DESCRIPTION + 1)] {
            assert_eq!(problems(&[Line { description: text.into(), ..line(1, 1, 0) }]), [(Some(0), "description")]);
        }
        assert_eq!(problems(&vec![line(1, 1, 0); MAX_LINES + 1]), [(None, "tooManyLines")]);
    }

    #[test]
    fn no_amount_overflows() {
        let largest = line(MAX_QUANTITY, MAX_AMOUNT, 100);
        assert_eq!(problems(&vec![largest; MAX_LINES]), [(None, "tooLarge")]);
        assert_eq!(problems(&[line(i64::MAX, i64::MAX, i64::MAX)]).len(), 3);
        assert_eq!(problems(&[line(i64::MIN, i64::MIN, i64::MIN)]).len(), 3);
        assert_eq!(add_up(&[line(1, MAX_AMOUNT, 0)], 100).unwrap().deposit, MAX_AMOUNT);
        assert_eq!(problems(&[line(1, MAX_AMOUNT, 0), line(1, 1, 0)]), [(None, "tooLarge")]);
    }

    /// Numbers that look random and are the same in each run (Knuth's linear congruential generator).
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, end: i64) -> i64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from(self.0 >> 33).unwrap() % end
        }
    }

    #[test]
    fn totals_are_the_sums_of_their_lines() {
        let mut numbers = Numbers(7);
        for _ in 0..2_000 {
            let count = numbers.below(12) + 1;
            let lines: Vec<Line> =
                (0..count).map(|_| line(numbers.below(40) + 1, numbers.below(400_000), numbers.below(101))).collect();
            let deposit = numbers.below(101);
            let totals = add_up(&lines, deposit).unwrap();
            assert_eq!(totals.net, lines.iter().map(|line| line.quantity * line.unit_price).sum::<i64>());
            assert_eq!(totals.gross, totals.net + totals.vat);
            // The VAT of a line is at most half a cent off its exact value.
            for line in &lines {
                assert!((line.vat() * 100 - line.net() * line.vat_percent).abs() <= 50, "{line:?}");
            }
            assert!((totals.deposit * 100 - totals.gross * deposit).abs() <= 50);
            assert!((0..=totals.gross).contains(&totals.deposit));
            assert_eq!(parse_decimal(&write_decimal(totals.gross)), Some(totals.gross));
        }
    }

    #[test]
    fn decimals_of_programs_are_read_as_they_are_written() {
        for (text, amount) in [("378.13", 37_813), ("1512.5", 151_250), ("1250", 125_000), ("0.05", 5), ("1.500", 150)]
        {
            assert_eq!(parse_decimal(text), Some(amount), "{text}");
        }
        for text in
            ["", ".", ",5", "378,13", "-1", "+1", "1e3", "1e18", "1.234", "1.234,50", "99999999999", "20000000.01"]
        {
            assert_eq!(parse_decimal(text), None, "{text}");
        }
        assert_eq!((write_decimal(5).as_str(), write_decimal(-151_250).as_str()), ("0.05", "-1512.50"));
    }
}
