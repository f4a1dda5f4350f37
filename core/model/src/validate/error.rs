//! Problems of values and their paths, in the wording of yup's messages, which Strapi's clients know.

use serde_json::{Map, Number, Value as Json};

/// An error about one value.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldError {
    /// Keys and indexes from the entry to the value, all as text: `["links", "1", "kind"]`.
    pub path: Vec<String>,
    /// Message for the client; it names the path as `links[1].kind`.
    pub message: String,
    /// The value after casting (null if it is not a number); `None` is left out of the response.
    pub value: Option<Json>,
}

/// The path of a value, as a list that grows on the stack while descending.
#[derive(Clone, Copy)]
pub(crate) enum ValuePath<'a> {
    /// The entry itself.
    Root,
    /// An attribute or key of the parent.
    Key(&'a ValuePath<'a>, &'a str),
    /// An element of the parent.
    Index(&'a ValuePath<'a>, usize),
}

impl<'a> ValuePath<'a> {
    pub(crate) fn key(&'a self, name: &'a str) -> ValuePath<'a> {
        ValuePath::Key(self, name)
    }

    pub(crate) fn index(&'a self, index: usize) -> ValuePath<'a> {
        ValuePath::Index(self, index)
    }

    /// The path as a list: `["links", "1", "kind"]`.
    pub(crate) fn to_segments(self) -> Vec<String> {
        match self {
            ValuePath::Root => Vec::new(),
            ValuePath::Key(parent, name) => push_step(parent.to_segments(), (*name).to_owned()),
            ValuePath::Index(parent, index) => push_step(parent.to_segments(), index.to_string()),
        }
    }

    /// The path as text: `links[1].kind`; the entry itself is `this`.
    pub(crate) fn to_text(self) -> String {
        match self {
            ValuePath::Root => "this".to_owned(),
            ValuePath::Key(ValuePath::Root, name) => (*name).to_owned(),
            ValuePath::Key(parent, name) => format!("{}.{name}", parent.to_text()),
            ValuePath::Index(parent, index) => format!("{}[{index}]", parent.to_text()),
        }
    }

    /// An error whose message is the path and `rest`.
    pub(crate) fn error_with_path(&self, rest: &str, value: Option<Json>) -> FieldError {
        self.error_with_message(format!("{} {rest}", self.to_text()), value)
    }

    /// An error with the given message.
    pub(crate) fn error_with_message(&self, message: String, value: Option<Json>) -> FieldError {
        FieldError { path: self.to_segments(), message, value }
    }

    /// An error for a value that does not have the type `expected` (yup's name for it).
    pub(crate) fn wrong_type(&self, expected: &str, value: &Json) -> FieldError {
        let rest = format!("must be a `{expected}` type, but the final value was: `{}`.", print_value(value));
        self.error_with_path(&rest, Some(value.clone()))
    }

    /// An error for a cast to `expected` that turned `given` into `result`, which does not have that type. `value` is null in the response.
    pub(crate) fn failed_cast(&self, expected: &str, result: &str, input: &Json) -> FieldError {
        let rest = match input {
            Json::Null => format!("must be a `{expected}` type, but the final value was: `{result}`."),
            _ => format!(
                "must be a `{expected}` type, but the final value was: `{result}` (cast from the value `{}`).",
                print_value(input)
            ),
        };
        self.error_with_path(&rest, Some(Json::Null))
    }
}

fn push_step(mut list: Vec<String>, step: String) -> Vec<String> {
    list.push(step);
    list
}

/// Prints a value like yup does in messages: strings in quotes and unescaped, objects and lists as indented JSON whose scalars are printed
/// first and so become strings.
pub(crate) fn print_value(value: &Json) -> String {
    match print_simple(value) {
        Some(text) => text,
        None => serde_json::to_string_pretty(&to_printable(value)).unwrap_or_default(),
    }
}

fn print_simple(value: &Json) -> Option<String> {
    Some(match value {
        Json::Null => "null".to_owned(),
        Json::Bool(b) => b.to_string(),
        Json::Number(n) => print_number(n),
        Json::String(s) => format!("\"{s}\""),
        Json::Array(_) | Json::Object(_) => return None,
    })
}

fn to_printable(value: &Json) -> Json {
    match value {
        Json::Array(list) => Json::Array(list.iter().map(to_printable).collect()),
        Json::Object(map) => Json::Object(map.iter().map(|(k, v)| (k.clone(), to_printable(v))).collect::<Map<_, _>>()),
        other => Json::String(print_simple(other).unwrap_or_default()),
    }
}

/// Prints a number like JavaScript does: `1000`, `0.5`, `1e+21`.
pub(crate) fn print_number(number: &Number) -> String {
    if number.is_i64() || number.is_u64() {
        return number.to_string();
    }
    number.as_f64().map_or_else(|| number.to_string(), print_float)
}

/// Prints a finite float like JavaScript does (and as valid JSON); minus zero is `0`.
pub(crate) fn print_float(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        "0".to_owned()
    } else if (1e-6..1e21).contains(&size) {
        value.to_string()
    } else {
        let text = format!("{value:e}");
        if size >= 1e21 { text.replace('e', "e+") } else { text }
    }
}

/// A float as a JSON number: without a fraction it is an integer, as in JavaScript.
pub(crate) fn float_json(value: f64) -> Json {
    if value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 {
        #[expect(clippy::cast_possible_truncation, reason = "integral and below 2^53")]
        return Json::from(value as i64);
    }
    Number::from_f64(value).map_or(Json::Null, Json::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_are_formatted_as_text_and_segments() {
        let root = ValuePath::Root;
        let (links, kind);
        let list = root.key("links");
        links = list.index(1);
        kind = links.key("kind");
        assert_eq!(kind.to_text(), "links[1].kind");
        assert_eq!(kind.to_segments(), ["links", "1", "kind"]);
        assert_eq!(root.to_text(), "this");
    }

    #[test]
    fn values_are_printed_like_javascript() {
        for (value, text) in [
            (json!(5), "5"),
            (json!(1e21), "1e+21"),
            (json!(1e-7), "1e-7"),
            (json!(7.5), "7.5"),
            (json!("a\"b"), "\"a\"b\""),
            (json!(null), "null"),
            (json!({"a": 1}), "{\n  \"a\": \"1\"\n}"),
        ] {
            assert_eq!(print_value(&value), text);
        }
    }
}
