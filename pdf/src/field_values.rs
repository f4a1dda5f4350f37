//! Values of a form's fields, as they are shown. A field has a value, and mostly a drawing of it; where the two differ, readers do not agree on what they
//! show. What counts is the value: it is what somebody has filled in.

use crate::TaskProblems;
use crate::forms::{FormValue, field_appearance, form_value};
use crate::letters::{Letter, visit_annotations};
use crate::locate::FillableField;
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
    let shown = fields.iter().zip(values).map(|(field, (value, has_drawing))| match value {
        FormValue::Hidden => ShownValue::Nothing,
        FormValue::Unknown if has_drawing => ShownValue::Drawing,
        FormValue::Unknown => ShownValue::Nothing,
        FormValue::Ticked if has_drawing => ShownValue::Drawing,
        FormValue::Ticked => ShownValue::Tick,
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

/// True if a drawing may be a value as its field formats it: the digits of an amount begin with those of the value.
fn is_formatted_as(drawn: &str, value: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let significant = |text: &str| digits(text).trim_start_matches('0').trim_end_matches('0').to_owned();
    !drawn.is_empty() && significant(drawn) == significant(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_keep_the_digits_of_a_value() {
        assert!(is_formatted_as("€1.500,00", "1500") && is_formatted_as("12,50%", "12.5"));
        assert!(!is_formatted_as("€100,00", "1500") && !is_formatted_as("", "1500"));
    }
}
