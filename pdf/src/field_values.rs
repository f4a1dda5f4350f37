//! Values of a form's fields, as they are shown. A field has a value, and mostly a drawing of it; where the two differ, readers do not agree on what they
//! show. What counts is the value: it is what somebody has filled in.

use crate::forms::{FormValue, field_appearance, form_value, needs_appearances};
use crate::letters::{Letter, visit_annotations};
use crate::locate::FillableField;
use crate::task_problems::TaskProblems;
use kurbo::{Point, Rect};
use lopdf::{Document, ObjectId};
use std::collections::{BTreeSet, HashMap};

/// How far a letter may reach over the edge of its field, in points.
const EDGE_TOLERANCE: f64 = 1.5;

/// Content of a field, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ShownValue {
    Nothing,
    /// The drawing that the file has.
    Drawing,
    Text(String),
    Tick,
}

/// Decides what each of these fields shows, in their order. `bytes`: those of the document.
pub(crate) fn decide_shown_values(
    document: &Document,
    bytes: &[u8],
    fields: &[FillableField],
) -> Result<Vec<ShownValue>, TaskProblems> {
    let values: Vec<(FormValue, bool)> = fields
        .iter()
        .map(|field| match &field.widget {
            Some(widget) => (form_value(document, widget), field_appearance(document, widget).is_some()),
            None => (FormValue::Unknown, false),
        })
        .collect();
    let is_compared = |value: &FormValue| matches!(value, FormValue::Text { .. } | FormValue::Cleared);
    let drawn_pages: BTreeSet<usize> = fields
        .iter()
        .zip(&values)
        .filter(|(_, (value, has_drawing))| *has_drawing && is_compared(value))
        .map(|(field, _)| field.page)
        .collect();
    let mut letters: HashMap<usize, Vec<Letter>> = HashMap::new();
    if !drawn_pages.is_empty() {
        visit_annotations(bytes, "file", &drawn_pages, |page, drawn| drop(letters.insert(page, drawn)))?;
    }
    let is_drawn_anew = needs_appearances(document);
    let shown = fields.iter().zip(values).map(|(field, (value, has_drawing))| match value {
        FormValue::Hidden => ShownValue::Nothing,
        FormValue::Unknown if has_drawing => ShownValue::Drawing,
        FormValue::Unknown => ShownValue::Nothing,
        FormValue::Ticked if has_drawing => ShownValue::Drawing,
        FormValue::Ticked => ShownValue::Tick,
        // Readers draw the fields of such a form anew, whatever their drawing is.
        FormValue::Cleared if is_drawn_anew => ShownValue::Nothing,
        // The lines of an empty field may be part of its drawing.
        FormValue::Cleared if has_drawing && drawn_text(field, &letters).is_empty() => ShownValue::Drawing,
        FormValue::Cleared => ShownValue::Nothing,
        FormValue::Text { text, is_list, is_formatted } => {
            let (drawn, wanted) = (drawn_text(field, &letters), without_spaces(&text));
            let is_same = match has_drawing {
                false => false,
                true if is_list => drawn.contains(&wanted),
                true if is_formatted => drawn == wanted || is_formatted_as(&drawn, &wanted),
                true => drawn == wanted,
            };
            if is_same { ShownValue::Drawing } else { ShownValue::Text(text) }
        }
    });
    Ok(shown.collect())
}

/// The fields that show the drawing that the file has: its object, and the matrix that puts it into the page's space.
pub(crate) fn kept_drawing(
    document: &Document,
    field: &FillableField,
    shown: &ShownValue,
) -> Option<(ObjectId, [f64; 6])> {
    field
        .widget
        .as_ref()
        .filter(|_| *shown == ShownValue::Drawing)
        .and_then(|widget| field_appearance(document, widget))
}

/// The letters that are drawn in the place of a field.
fn drawn_text(field: &FillableField, letters: &HashMap<usize, Vec<Letter>>) -> String {
    let (left, top, width, height) = field.place;
    let place = Rect::new(left, top, left + width, top + height).inflate(EDGE_TOLERANCE, EDGE_TOLERANCE);
    let is_here = |at: Rect| {
        let Point { x, y } = at.center();
        place.contains(Point { x, y })
    };
    let here = letters.get(&field.page).into_iter().flatten().filter(|letter| is_here(letter.at));
    here.map(|letter| letter.letter).filter(|letter| !letter.is_whitespace()).collect()
}

fn without_spaces(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

/// True if a drawing may be a value as its field formats it: it is the same number. Other values are only drawn as they are.
fn is_formatted_as(drawn: &str, value: &str) -> bool {
    let Some(value) = read_value(value) else { return false };
    let readings = drawn_numbers(drawn);
    // Percentages are stored as they are written, or as a part of one.
    let is_part = || drawn.contains('%') && readings.iter().any(|reading| *reading == value.times_hundred());
    readings.contains(&value) || is_part()
}

/// A number as it is compared: without the zeros that do not count.
#[derive(Debug, PartialEq, Eq)]
struct DecimalNumber {
    is_negative: bool,
    whole: String,
    fraction: String,
}

impl DecimalNumber {
    fn new(is_negative: bool, whole: &str, fraction: &str) -> Self {
        let (whole, fraction) = (whole.trim_start_matches('0').to_owned(), fraction.trim_end_matches('0').to_owned());
        Self { is_negative: is_negative && !(whole.is_empty() && fraction.is_empty()), whole, fraction }
    }

    fn times_hundred(&self) -> Self {
        let fraction = format!("{:0<2}", self.fraction);
        let (moved, fraction) = fraction.split_at(2);
        Self::new(self.is_negative, &format!("{}{moved}", self.whole), fraction)
    }
}

/// Reads a value, whose decimal point is a point in all languages.
fn read_value(value: &str) -> Option<DecimalNumber> {
    let (is_negative, digits) = match value.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, value),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = are_digits(whole) && are_digits(fraction) && !(whole.is_empty() && fraction.is_empty());
    is_number.then(|| DecimalNumber::new(is_negative, whole, fraction))
}

/// The numbers that a drawing may be: its last separator may be a decimal one, or one of thousands.
fn drawn_numbers(drawn: &str) -> Vec<DecimalNumber> {
    let is_digit = |letter: char| letter.is_ascii_digit();
    let (Some(first), Some(last)) = (drawn.find(is_digit), drawn.rfind(is_digit)) else { return Vec::new() };
    let (before, number, after) = (&drawn[..first], &drawn[first..=last], &drawn[last + 1..]);
    // A dash after a separator stands for cents: `€ 15,-`.
    let in_brackets = before.contains('(') && after.contains(')');
    let is_negative = in_brackets || before.contains(['-', '−']) || after.starts_with(['-', '−']);
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let has_only = |allowed: &[char]| number.chars().all(|letter| is_digit(letter) || allowed.contains(&letter));
    let Some(at) = number.rfind(['.', ',']) else {
        // Numbers of telephones are parted by other signs.
        let is_one = has_only(&['\'', '’', '-', '(', ')']);
        return is_one.then(|| DecimalNumber::new(is_negative, &digits(number), "")).into_iter().collect();
    };
    if !has_only(&['.', ',', '\'', '’']) {
        return Vec::new();
    }
    let (whole, end, separator) = (&number[..at], &number[at + 1..], &number[at..=at]);
    let mut readings = Vec::new();
    // A number has one decimal separator, and groups of three digits for thousands.
    if !whole.contains(separator) {
        readings.push(DecimalNumber::new(is_negative, &digits(whole), &digits(end)));
    }
    if end.len() == 3 {
        readings.push(DecimalNumber::new(is_negative, &digits(number), ""));
    }
    readings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_keep_the_number_of_a_value() {
        for (drawn, value) in [
            ("€1.500,00", "1500"),
            ("€1,500.00", "1500"),
            ("1.500", "1500"),
            ("1.500", "1.5"),
            ("1.500.000", "1500000"),
            ("1’500.00CHF", "1500.00"),
            ("€15,-", "15"),
            ("€0,50", ".5"),
            ("-€15,00", "-15"),
            ("(15,00)", "-15"),
            ("0,00", "-0"),
            ("12,50%", "12.5"),
            ("12,50%", "0.125"),
            ("06-12345678", "0612345678"),
            ("(06)12345678", "0612345678"),
        ] {
            assert!(is_formatted_as(drawn, value), "{drawn} {value}");
        }
        for (drawn, value) in [
            ("€15,00", "1500"),
            ("€150.000", "1500"),
            ("1.500.000", "1500"),
            ("€100,00", "1500"),
            ("€15,00", "-15"),
            ("-15,00", "15"),
            ("28.11.2026", "28112026"),
            ("15EUR00", "1500"),
            ("Nee", "Ja"),
            ("", "Ja"),
            ("", "1500"),
            ("", "0"),
            ("15", "A15"),
            ("€15,00", "15,000"),
        ] {
            assert!(!is_formatted_as(drawn, value), "{drawn} {value}");
        }
    }
}
