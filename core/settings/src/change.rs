//! Effect of a settings file's key on the value that is stored, and the problems of a file.

use crate::input::recover;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::fmt;

/// A problem in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsProblem {
    /// Its path: `roles.public.permissions["api::book.book"][0]`; empty for the whole file.
    pub path: String,
    /// Description for people. Never contains a token or password.
    pub message: String,
}

impl fmt::Display for SettingsProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { f.write_str(&self.message) } else { write!(f, "{}: {}", self.path, self.message) }
    }
}

/// Effect of a key of the file on its value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SettingChange<T> {
    /// The key is missing: the value stays.
    #[default]
    Keep,
    /// `null`: the value is deleted, or becomes the default.
    Remove,
    /// The value becomes this one.
    Set(T),
}

impl<T> SettingChange<T> {
    /// The new value, if there is one.
    pub(crate) fn new_value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Remove => None,
        }
    }

    /// The same change of a value that is computed from this one.
    pub(crate) fn map_value<U>(self, f: impl FnOnce(T) -> U) -> SettingChange<U> {
        match self {
            Self::Keep => SettingChange::Keep,
            Self::Remove => SettingChange::Remove,
            Self::Set(value) => SettingChange::Set(f(value)),
        }
    }

    /// The value after the change, given the one before and the default.
    pub(crate) fn apply_to(&self, before: T, default: T) -> T
    where
        T: Clone,
    {
        match self {
            Self::Keep => before,
            Self::Remove => default,
            Self::Set(value) => value.clone(),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for SettingChange<T> {
    /// Reads the value of a key, for a field with `#[serde(default)]`. A value whose problem was reported changes nothing.
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        Ok(match recover(Option::<T>::deserialize(reader))? {
            None => Self::Keep,
            Some(None) => Self::Remove,
            Some(Some(value)) => Self::Set(value),
        })
    }
}

impl<T: JsonSchema> JsonSchema for SettingChange<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("ChangeOf{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "oneOf": [generator.subschema_for::<T>(), { "type": "null" }] })
    }
}

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(pub(crate) String);

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
