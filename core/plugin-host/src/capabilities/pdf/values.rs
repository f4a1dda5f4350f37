//! Values that are put into PDFs, and the pictures among them.

use crate::contract::bindings::host::pdf::{FieldValue, PlacedField, PlacedValue};
use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::invalid_field;
use cairn_pdf_protocol::{Filled, Value as PdfValue, ValuePlacement};
use std::collections::HashMap;

/// Largest number of values of one call, and longest text of one, in bytes.
const MAX_VALUES: usize = 1_000;
const MAX_TEXT_BYTES: usize = 10_000;

/// Values of a task, and the files that they are put into and made of.
#[derive(Debug, PartialEq)]
pub(super) struct TaskValues<T> {
    pub(super) values: Vec<T>,
    /// The PDF, then each picture once, in the order that the values name.
    pub(super) files: Vec<String>,
}

/// The values of `fill`.
pub(super) fn to_filled(file: String, fields: Vec<PlacedField>) -> Result<TaskValues<Filled>, Error> {
    require_few(fields.len(), "fields")?;
    let mut files = TaskFiles::new(file);
    let convert = |(i, PlacedField { name, value }): (usize, PlacedField)| {
        Ok(Filled { name, value: files.convert_value(value, &format!("fields[{i}].value"))? })
    };
    let values = fields.into_iter().enumerate().map(convert).collect::<Result<_, Error>>()?;
    Ok(TaskValues { values, files: files.ids })
}

/// The values of `place-values`. The program checks that they are on their pages.
pub(super) fn to_placed(file: String, values: Vec<PlacedValue>) -> Result<TaskValues<ValuePlacement>, Error> {
    require_few(values.len(), "values")?;
    let mut files = TaskFiles::new(file);
    let convert = |(i, PlacedValue { page, box_, value }): (usize, PlacedValue)| {
        let (left, top, width, height) = box_;
        // JSON, in which the program receives them, has no others.
        if ![left, top, width, height].iter().all(|number| number.is_finite()) {
            return Err(invalid_field(
                &format!("values[{i}].box"),
                "box",
                "left, top, width and height must be numbers",
            ));
        }
        Ok(ValuePlacement { page, place: box_, value: files.convert_value(value, &format!("values[{i}].value"))? })
    };
    let values = values.into_iter().enumerate().map(convert).collect::<Result<_, Error>>()?;
    Ok(TaskValues { values, files: files.ids })
}

fn require_few(count: usize, path: &str) -> Result<(), Error> {
    match count > MAX_VALUES {
        true => Err(invalid_field(path, "too-many", format!("{count} {path} in one call; the limit is {MAX_VALUES}"))),
        false => Ok(()),
    }
}

/// Files of a task, each of them once: a signature may be on every page.
struct TaskFiles {
    ids: Vec<String>,
    /// Numbers of the pictures.
    pictures: HashMap<String, usize>,
}

impl TaskFiles {
    fn new(pdf: String) -> Self {
        Self { ids: vec![pdf], pictures: HashMap::new() }
    }

    fn convert_value(&mut self, value: FieldValue, path: &str) -> Result<PdfValue, Error> {
        Ok(match value {
            FieldValue::Text(text) if text.len() > MAX_TEXT_BYTES => {
                let message = format!("a text can have at most {MAX_TEXT_BYTES} bytes");
                return Err(invalid_field(path, "too-large", message));
            }
            FieldValue::Text(text) => PdfValue::Text(text),
            FieldValue::Checked(yes) => PdfValue::Checked(yes),
            FieldValue::Image(id) => {
                let ids = &mut self.ids;
                let number = self.pictures.entry(id).or_insert_with_key(|id| {
                    ids.push(id.clone());
                    ids.len() - 1
                });
                PdfValue::Image(*number)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(box_: (f64, f64, f64, f64), value: FieldValue) -> PlacedValue {
        PlacedValue { page: 1, box_, value }
    }

    fn first_error(values: Vec<PlacedValue>) -> (String, String) {
        match to_placed("f".into(), values) {
            Err(Error::Invalid(mut errors)) => {
                let first = errors.remove(0);
                (first.path, first.code)
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_picture_is_sent_once() {
        let image = |id: &str| placed((0.0, 0.0, 1.0, 1.0), FieldValue::Image(id.into()));
        let task = to_placed("f".into(), vec![image("a"), image("b"), image("a"), image("f")]).unwrap();
        let numbers: Vec<&PdfValue> = task.values.iter().map(|value| &value.value).collect();
        assert_eq!(numbers, [&PdfValue::Image(1), &PdfValue::Image(2), &PdfValue::Image(1), &PdfValue::Image(3)]);
        assert_eq!(task.files, ["f", "a", "b", "f"]);
    }

    #[test]
    fn invalid_values_are_named_by_their_index() {
        let good = || placed((0.0, 0.0, 1.0, 1.0), FieldValue::Checked(true));
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let bad = placed((0.0, number, 1.0, 1.0), FieldValue::Checked(true));
            assert_eq!(first_error(vec![good(), bad]), ("values[1].box".into(), "box".into()));
        }
        let long = placed((0.0, 0.0, 1.0, 1.0), FieldValue::Text("x".repeat(MAX_TEXT_BYTES + 1)));
        assert_eq!(first_error(vec![long]), ("values[0].value".into(), "too-large".into()));
        assert_eq!(first_error(vec![good(); MAX_VALUES + 1]), ("values".into(), "too-many".into()));
    }
}
