//! Bodies of requests: objects with named fields. What deserialises a structure also takes a list of its values by position, which a sender
//! who has the order wrong would never hear of.

use cairn_plugin::{ActionRequest, Request, Result};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

/// A value that was given by the names of its fields; a list is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedFields<T>(pub(crate) T);

impl<T> Deref for NamedFields<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for NamedFields<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor(PhantomData))
    }
}

struct FieldsVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for FieldsVisitor<T> {
    type Value = NamedFields<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with named fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields)).map(NamedFields)
    }
}

/// Reads the body of a request.
///
/// # Errors
/// `Invalid` with the path of what does not fit, and for a list where an object belongs.
pub(crate) fn read_body<T: DeserializeOwned>(request: &Request) -> Result<T> {
    request.json::<NamedFields<T>>().map(|body| body.0)
}

/// Reads what a person filled in.
///
/// # Errors
/// As [`read_body`].
pub(crate) fn read_form<T: DeserializeOwned>(request: &ActionRequest) -> Result<T> {
    request.values::<NamedFields<T>>().map(|form| form.0)
}
