//! Reads typed values from JSON. Every problem is reported with its path, and reading goes on without the value that has it, so that a file
//! with ten problems gets ten reports at once.
//!
//! The types derive `Deserialize`; nothing here knows them. Where a value can be done without, its type says so with [`recover`].

use crate::walk::{SettingsWalk, join_index, join_key};
use serde::de::{
    self, Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor,
    value::StrDeserializer,
};
use serde_json::Value as Json;
use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;

/// Reads a value and reports its problems at that path and below. `None` if nothing of it can be used.
pub(crate) fn read_input<T: DeserializeOwned>(walk: &mut SettingsWalk, json: &Json, path: &str) -> Option<T> {
    let walk = RefCell::new(walk);
    let reader = InputReader { json, path, walk: &walk };
    T::deserialize(reader).map_err(|error| reader.report(error)).ok()
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

/// Reads the valid elements of a list, with their indices.
pub(crate) fn read_elements<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    reader: D,
) -> Result<Vec<(usize, T)>, D::Error> {
    read_elements_up_to(reader, usize::MAX, String::new())
}

/// Does the same for a list that must not have more than `max_elements`: none of a longer one is read.
pub(crate) fn read_elements_up_to<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    reader: D,
    max_elements: usize,
    too_many: String,
) -> Result<Vec<(usize, T)>, D::Error> {
    struct ElementsVisitor<T> {
        max_elements: usize,
        too_many: String,
        element: PhantomData<T>,
    }
    impl<'de, T: Deserialize<'de>> Visitor<'de> for ElementsVisitor<T> {
        type Value = Vec<(usize, T)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            if list.size_hint().is_some_and(|size| size > self.max_elements) {
                return Err(de::Error::custom(self.too_many));
            }
            let mut elements = Vec::new();
            for i in 0.. {
                match recover(list.next_element())? {
                    None => {}
                    Some(None) => break,
                    Some(Some(element)) => elements.push((i, element)),
                }
            }
            Ok(elements)
        }
    }
    reader.deserialize_seq(ElementsVisitor { max_elements, too_many, element: PhantomData })
}

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

    // Without the value, which may be a misplaced secret.
    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::Problem(format!("expected {expected}"))
    }

    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::Problem(format!("expected {expected}"))
    }

    fn missing_field(key: &'static str) -> Self {
        Self::Missing(key)
    }
}

/// A position in the JSON.
struct InputReader<'a, 'w> {
    json: &'a Json,
    path: &'a str,
    walk: &'a RefCell<&'w mut SettingsWalk>,
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
            InputError::Problem(message) => self.walk.borrow_mut().add_problem(self.path, message),
            InputError::Missing(key) => self.walk.borrow_mut().add_problem(&join_key(self.path, key), "is missing"),
        }
        InputError::Reported
    }

    fn read_object<'de, V: Visitor<'de>>(
        self,
        entries: impl Iterator<Item = (&'a str, &'a Json)>,
        visitor: V,
    ) -> Result<V::Value, InputError> {
        visitor.visit_map(ObjectReader { reader: self, entries, value: None }).map_err(|error| self.report(error))
    }
}

impl<'de> Deserializer<'de> for InputReader<'_, '_> {
    type Error = InputError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InputError> {
        let read = self.json.clone().deserialize_any(visitor);
        read.map_err(|error| self.report(InputError::Problem(error.to_string())))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InputError> {
        let read = self.walk.borrow_mut().read_bool(self.json, self.path);
        visitor.visit_bool(read.ok_or(InputError::Reported)?).map_err(|error| self.report(error))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InputError> {
        let read = self.walk.borrow_mut().read_text(self.json, self.path);
        visitor.visit_string(read.ok_or(InputError::Reported)?).map_err(|error| self.report(error))
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
        let list = self.walk.borrow_mut().read_list(self.json, self.path).ok_or(InputError::Reported)?;
        visitor
            .visit_seq(ListReader { reader: self, elements: list.iter().enumerate() })
            .map_err(|error| self.report(error))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InputError> {
        let map = self.walk.borrow_mut().read_map(self.json, self.path).ok_or(InputError::Reported)?;
        self.read_object(map.iter().map(|(key, json)| (key.as_str(), json)), visitor)
    }

    /// Reads the keys in the order of the type, but objects last: the problems of an object come before those in its objects.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        keys: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, InputError> {
        let map = self.walk.borrow_mut().read_object(self.json, self.path, keys).ok_or(InputError::Reported)?;
        let mut entries: Vec<(&str, &Json)> = keys.iter().filter_map(|key| Some((*key, map.get(*key)?))).collect();
        entries.sort_by_key(|(_, json)| json.is_object());
        self.read_object(entries.into_iter(), visitor)
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
        let element = InputReader { json, path: &path, walk: self.reader.walk };
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
        let value = InputReader { json, path: &path, walk: self.reader.walk };
        seed.deserialize(value).map_err(|error| value.report(error))
    }
}
