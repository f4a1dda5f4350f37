//! Reads typed values from JSON. Every problem is reported with its path, and reading goes on without the value that has it, so that a file
//! with ten problems gets ten reports at once.
//!
//! The types derive `Deserialize`; nothing here knows them. Where a value can be done without, its type says so with [`recover`].

use crate::problems::{ProblemList, join_index, join_key};
use serde::de::{
    self, Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Unexpected, Visitor,
    value::StrDeserializer,
};
use serde_json::{Map, Value as Json};
use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;

/// Reads a value and reports its problems at that path and below. `None` if nothing of it can be used.
pub(crate) fn read_input<T: DeserializeOwned>(problems: &mut ProblemList, json: &Json, path: &str) -> Option<T> {
    let problems = RefCell::new(problems);
    let reader = InputReader { json, path, problems: &problems };
    T::deserialize(reader).map_err(|error| reader.report(error)).ok()
}

/// Reads an object with no other keys than those, for a caller that reads its values one by one. `None` if it is no object.
pub(crate) fn read_sections<'j>(
    problems: &mut ProblemList,
    json: &'j Json,
    path: &str,
    known: &[&str],
) -> Option<&'j Map<String, Json>> {
    let map = expect_map(json).map_err(|error| problems.add_problem(path, error.to_string())).ok()?;
    report_unknown_keys(problems, map, path, known);
    Some(map)
}

/// Calls `read` with each element of a list and its path, so that all problems of one element come together.
pub(crate) fn read_each_element(
    problems: &mut ProblemList,
    json: &Json,
    path: &str,
    mut read: impl FnMut(&mut ProblemList, &Json, &str),
) {
    match expect_list(json) {
        Ok(list) => list.iter().enumerate().for_each(|(i, json)| read(problems, json, &join_index(path, i))),
        Err(error) => problems.add_problem(path, error.to_string()),
    }
}

/// Does the same with each key of an object that may have any keys.
pub(crate) fn read_each_entry(
    problems: &mut ProblemList,
    json: &Json,
    path: &str,
    mut read: impl FnMut(&mut ProblemList, &str, &Json, &str),
) {
    match expect_map(json) {
        Ok(map) => map.iter().for_each(|(key, json)| read(problems, key, json, &join_key(path, key))),
        Err(error) => problems.add_problem(path, error.to_string()),
    }
}

/// Turns the error of a value that can be done without into `None`, if its problem has been reported. Other errors stay.
pub(crate) fn recover<T, E: de::Error>(result: Result<T, E>) -> Result<Option<T>, E> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.to_string() == REPORTED => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads a value that cannot be `null`; `None` if it is invalid. For `deserialize_with`.
pub(crate) fn read_valid<'de, T: Deserialize<'de>, D: Deserializer<'de>>(reader: D) -> Result<Option<T>, D::Error> {
    struct ValueVisitor<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for ValueVisitor<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a value")
        }

        fn visit_newtype_struct<D: Deserializer<'de>>(self, reader: D) -> Result<T, D::Error> {
            T::deserialize(reader)
        }
    }
    recover(reader.deserialize_newtype_struct("", ValueVisitor(PhantomData)))
}

/// Does the same as [`read_valid`], with the default in place of an invalid value.
pub(crate) fn read_or_default<'de, T: Deserialize<'de> + Default, D: Deserializer<'de>>(
    reader: D,
) -> Result<T, D::Error> {
    read_valid(reader).map(Option::unwrap_or_default)
}

/// Reads a value that may be left out or be `null`; `None` if it is, or if it is invalid. For `deserialize_with`.
pub(crate) fn read_optional<'de, T: Deserialize<'de>, D: Deserializer<'de>>(reader: D) -> Result<Option<T>, D::Error> {
    recover(Option::<T>::deserialize(reader)).map(Option::flatten)
}

/// Reads a text, which may be empty.
pub(crate) fn read_text<'de, D: Deserializer<'de>>(reader: D) -> Result<String, D::Error> {
    struct TextVisitor;
    impl Visitor<'_> for TextVisitor {
        type Value = String;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
            match text.contains('\0') {
                true => Err(E::custom(EMPTY_OR_NUL)),
                false => Ok(text.to_owned()),
            }
        }
    }
    reader.deserialize_any(TextVisitor)
}

/// Reads the valid elements of a list, with their indices.
pub(crate) fn read_elements<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    reader: D,
) -> Result<Vec<(usize, T)>, D::Error> {
    read_checked_elements(reader, |_| Ok(()), |_| Ok(()))
}

/// Does the same for a list that must not have more than `max_elements`: none of a longer one is read.
pub(crate) fn read_elements_up_to<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    reader: D,
    max_elements: usize,
    too_many: String,
) -> Result<Vec<(usize, T)>, D::Error> {
    read_checked_elements(reader, |size| if size > max_elements { Err(too_many) } else { Ok(()) }, |_| Ok(()))
}

/// Does the same with a check of the size, before any element is read, and of each valid element.
pub(crate) fn read_checked_elements<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    reader: D,
    check_size: impl FnOnce(usize) -> Result<(), String>,
    check_element: impl FnMut(&T) -> Result<(), String>,
) -> Result<Vec<(usize, T)>, D::Error> {
    reader.deserialize_seq(ElementsVisitor { check_size, check_element, element: PhantomData })
}

struct ElementsVisitor<T, S, C> {
    check_size: S,
    check_element: C,
    element: PhantomData<T>,
}

impl<'de, T, S, C> Visitor<'de> for ElementsVisitor<T, S, C>
where
    T: Deserialize<'de>,
    S: FnOnce(usize) -> Result<(), String>,
    C: FnMut(&T) -> Result<(), String>,
{
    type Value = Vec<(usize, T)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Self::Value, A::Error> {
        (self.check_size)(list.size_hint().unwrap_or_default()).map_err(de::Error::custom)?;
        let mut elements = Vec::new();
        for i in 0.. {
            let seed = ElementSeed { check: &mut self.check_element, element: PhantomData };
            match recover(list.next_element_seed(seed))? {
                None => {}
                Some(None) => break,
                Some(Some(element)) => elements.push((i, element)),
            }
        }
        Ok(elements)
    }
}

/// Reads one element and checks it, so that its problem is reported at its own path.
struct ElementSeed<'a, T, C> {
    check: &'a mut C,
    element: PhantomData<T>,
}

impl<'de, T, C> DeserializeSeed<'de> for ElementSeed<'_, T, C>
where
    T: Deserialize<'de>,
    C: FnMut(&T) -> Result<(), String>,
{
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<T, D::Error> {
        let element = T::deserialize(reader)?;
        (self.check)(&element).map_err(de::Error::custom)?;
        Ok(element)
    }
}

/// The problem of a text that the database cannot store, or that says nothing.
const EMPTY_OR_NUL: &str = "must not be empty or contain a NUL character";
/// The beginning of keys with which `serde_json` marks values of its own.
const SERDE_JSON_KEY: &str = "$serde_json::";
/// Text of [`InputError::Reported`].
const REPORTED: &str = "a value has a problem that was reported";

/// Why a value was not read.
#[derive(Debug)]
enum InputError {
    /// Its problem has been reported.
    Reported,
    /// It has this problem, which is not reported yet.
    Problem(String),
    /// It lacks this key.
    Missing(&'static str),
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reported => f.write_str(REPORTED),
            Self::Problem(message) => f.write_str(message),
            Self::Missing(key) => write!(f, "{key} is missing"),
        }
    }
}

impl std::error::Error for InputError {}

impl de::Error for InputError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Problem(message.to_string())
    }

    // The message leaves out the value, which may be a misplaced secret.
    fn invalid_type(found: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let found = match found {
            Unexpected::Unit | Unexpected::Option => "null",
            Unexpected::Bool(_) => "true or false",
            Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => "a number",
            Unexpected::Str(_) | Unexpected::Char(_) | Unexpected::Bytes(_) => "a text",
            Unexpected::Seq => "a list",
            _ => "an object",
        };
        Self::Problem(format!("expected {expected}, found {found}"))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::Problem(format!("expected {expected}"))
    }

    fn missing_field(key: &'static str) -> Self {
        Self::Missing(key)
    }
}

fn type_error(json: &Json, expected: &'static str) -> InputError {
    let found = match json {
        Json::Null => Unexpected::Unit,
        Json::Bool(value) => Unexpected::Bool(*value),
        Json::Number(_) => Unexpected::Float(0.0),
        Json::String(text) => Unexpected::Str(text),
        Json::Array(_) => Unexpected::Seq,
        Json::Object(_) => Unexpected::Map,
    };
    de::Error::invalid_type(found, &expected)
}

fn expect_list(json: &Json) -> Result<&Vec<Json>, InputError> {
    json.as_array().ok_or_else(|| type_error(json, "a list"))
}

fn expect_map(json: &Json) -> Result<&Map<String, Json>, InputError> {
    json.as_object().ok_or_else(|| type_error(json, "an object"))
}

fn report_unknown_keys(problems: &mut ProblemList, map: &Map<String, Json>, path: &str, known: &[&str]) {
    for key in map.keys().filter(|key| !known.contains(&key.as_str())) {
        problems.add_problem(&join_key(path, key), format!("unknown key; known keys: {}", known.join(", ")));
    }
}

/// A text that is not empty.
fn expect_text(json: &Json) -> Result<&str, InputError> {
    let text = json.as_str().ok_or_else(|| type_error(json, "a text"))?;
    match text.is_empty() || text.contains('\0') {
        true => Err(InputError::Problem(EMPTY_OR_NUL.to_owned())),
        false => Ok(text),
    }
}

/// A position in the JSON.
struct InputReader<'a, 'w> {
    json: &'a Json,
    path: &'a str,
    problems: &'a RefCell<&'w mut ProblemList>,
}

impl Copy for InputReader<'_, '_> {}

impl Clone for InputReader<'_, '_> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<'a, 'w> InputReader<'a, 'w> {
    fn report(self, error: InputError) -> InputError {
        match error {
            InputError::Reported => {}
            InputError::Problem(message) => self.problems.borrow_mut().add_problem(self.path, message),
            InputError::Missing(key) => self.problems.borrow_mut().add_problem(&join_key(self.path, key), "is missing"),
        }
        InputError::Reported
    }

    fn read_list<'de, V: Visitor<'de>>(self, list: &'a [Json], visitor: V) -> Result<V::Value, InputError> {
        visitor.visit_seq(ListReader { reader: self, elements: list.iter().enumerate() })
    }

    fn read_entries<'de, V: Visitor<'de>>(
        self,
        entries: impl Iterator<Item = (&'a str, &'a Json)>,
        visitor: V,
    ) -> Result<V::Value, InputError> {
        visitor.visit_map(ObjectReader { reader: self, entries, value: None })
    }

    fn read_map<'de, V: Visitor<'de>>(self, map: &'a Map<String, Json>, visitor: V) -> Result<V::Value, InputError> {
        // To serde_json such a key means that its value is text to be parsed, past all limits on what was received.
        if map.keys().any(|key| key.starts_with(SERDE_JSON_KEY)) {
            return Err(InputError::Problem(format!("no key can begin with {SERDE_JSON_KEY}")));
        }
        self.read_entries(map.iter().map(|(key, json)| (key.as_str(), json)), visitor)
    }

    /// Reads an object with no other keys than those, in their order, but objects last: the problems of an object come before those in its
    /// objects.
    fn read_object<'de, V: Visitor<'de>>(
        self,
        keys: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, InputError> {
        let map = expect_map(self.json)?;
        report_unknown_keys(&mut self.problems.borrow_mut(), map, self.path, keys);
        let mut entries: Vec<(&str, &Json)> = keys.iter().filter_map(|key| Some((*key, map.get(*key)?))).collect();
        entries.sort_by_key(|(_, json)| json.is_object());
        self.read_entries(entries.into_iter(), visitor)
    }
}

impl<'de> Deserializer<'de> for InputReader<'_, '_> {
    type Error = InputError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InputError> {
        let read = match self.json {
            Json::Null => visitor.visit_unit(),
            Json::Bool(value) => visitor.visit_bool(*value),
            Json::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => visitor.visit_u64(number),
                (None, Some(number)) => visitor.visit_i64(number),
                (None, None) => visitor.visit_f64(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => visitor.visit_str(text),
            Json::Array(list) => self.read_list(list, visitor),
            Json::Object(map) => self.read_map(map, visitor),
        };
        read.map_err(|error| self.report(error))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InputError> {
        let value = self.json.as_bool().ok_or_else(|| type_error(self.json, "true or false"));
        value.and_then(|value| visitor.visit_bool(value)).map_err(|error| self.report(error))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InputError> {
        expect_text(self.json).and_then(|text| visitor.visit_str(text)).map_err(|error| self.report(error))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InputError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InputError> {
        let read = if self.json.is_null() { visitor.visit_none() } else { visitor.visit_some(self) };
        read.map_err(|error| self.report(error))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, InputError> {
        visitor.visit_newtype_struct(self).map_err(|error| self.report(error))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InputError> {
        expect_list(self.json).and_then(|list| self.read_list(list, visitor)).map_err(|error| self.report(error))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InputError> {
        expect_map(self.json).and_then(|map| self.read_map(map, visitor)).map_err(|error| self.report(error))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        keys: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, InputError> {
        self.read_object(keys, visitor).map_err(|error| self.report(error))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, InputError> {
        match self.json.as_str().filter(|text| names.contains(text)) {
            Some(name) => visitor.visit_enum(StrDeserializer::new(name)).map_err(|error| self.report(error)),
            None => Err(self.report(InputError::Problem(format!("expected one of {}", names.join(", "))))),
        }
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct
        identifier ignored_any
    }
}

struct ListReader<'a, 'w, I> {
    reader: InputReader<'a, 'w>,
    elements: I,
}

impl<'de, 'a, I: Iterator<Item = (usize, &'a Json)>> SeqAccess<'de> for ListReader<'a, '_, I> {
    type Error = InputError;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, InputError> {
        let Some((i, json)) = self.elements.next() else { return Ok(None) };
        let path = join_index(self.reader.path, i);
        let element = InputReader { json, path: &path, problems: self.reader.problems };
        seed.deserialize(element).map(Some).map_err(|error| element.report(error))
    }

    fn size_hint(&self) -> Option<usize> {
        self.elements.size_hint().1
    }
}

struct ObjectReader<'a, 'w, I> {
    reader: InputReader<'a, 'w>,
    entries: I,
    /// The entry whose key was read last.
    value: Option<(&'a str, &'a Json)>,
}

impl<'de, 'a, I: Iterator<Item = (&'a str, &'a Json)>> MapAccess<'de> for ObjectReader<'a, '_, I> {
    type Error = InputError;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, InputError> {
        self.value = self.entries.next();
        self.value.map(|(key, _)| seed.deserialize(StrDeserializer::new(key))).transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, InputError> {
        let Some((key, json)) = self.value.take() else { return Err(InputError::Reported) };
        let path = join_key(self.reader.path, key);
        let value = InputReader { json, path: &path, problems: self.reader.problems };
        seed.deserialize(value).map_err(|error| value.report(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn no_value_is_parsed_as_text_a_second_time() {
        let marked = json!({ "$serde_json::private::RawValue": "[[1]]" });
        for json in [marked.clone(), json!({ "where": marked })] {
            let mut problems = ProblemList::default();
            assert_eq!(read_input::<Json>(&mut problems, &json, "roles"), None);
            let problems = problems.into_problems();
            assert_eq!(problems.len(), 1);
            assert_eq!(problems[0].message, "no key can begin with $serde_json::");
        }
    }
}
