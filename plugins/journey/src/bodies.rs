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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::external_events::EventRequest;
    use crate::me::NotificationRequest;
    use crate::moves::MoveRequest;
    use crate::shifts::ShiftRequest;
    use crate::simulation_requests::SimulationRequest;
    use crate::starts::StartRequest;
    use cairn_plugin::{Body, Error};

    fn read<T: DeserializeOwned>(body: &str) -> Result<T> {
        read_body(&Request {
            route: "r".into(),
            method: "POST".into(),
            path: "/r".into(),
            parameters: Vec::new(),
            query: Vec::new(),
            headers: Vec::new(),
            body: Body::Bytes(body.as_bytes().to_vec()),
            client_address: None,
        })
    }

    /// The path of what is refused.
    fn refused<T: DeserializeOwned>(body: &str) -> String {
        match read::<T>(body) {
            Err(Error::Invalid(mut fields)) => {
                let field = fields.remove(0);
                assert!(field.message.contains("an object with named fields"), "{body}: {field:?}");
                field.path
            }
            Err(error) => panic!("{body}: {error:?}"),
            Ok(_) => panic!("{body} is read"),
        }
    }

    #[test]
    fn lists_are_no_bodies() {
        assert_eq!(refused::<StartRequest>(r#"["klantreis", "anna", "F22", null, null, "nl", false]"#), "");
        assert_eq!(refused::<MoveRequest>(r#"["order", null, "x"]"#), "");
        assert_eq!(refused::<ShiftRequest>(r#"["P30D", false]"#), "");
        assert_eq!(refused::<EventRequest>(r#"["1", "part.late", null, "F22", null, {}]"#), "");
        assert_eq!(refused::<NotificationRequest>("[true]"), "");
        assert_eq!(refused::<SimulationRequest>(r#"["car", "2026-01-15", "2027-01-15"]"#), "");
    }

    #[test]
    fn lists_within_bodies_are_named_by_their_path() {
        let body = |extra_fields: &str| {
            format!(r#"{{"definition":"car","anchor":"2026-01-15","until":"2027-01-15",{extra_fields}}}"#)
        };
        let moves = body(r#""moves":[{"at":"2026-02-01","phase":"order"},["2026-02-01","order"]]"#);
        assert_eq!(refused::<SimulationRequest>(&moves), "moves[1]");
        let events = body(r#""events":[["2026-02-01","part.late",{}]]"#);
        assert_eq!(refused::<SimulationRequest>(&events), "events[0]");
        let good = body(r#""moves":[{"at":"2026-02-01","phase":"order"}],"events":[{"at":"2026-02-02","type":"x"}]"#);
        assert_eq!(read::<SimulationRequest>(&good).unwrap().events[0].name, "x");
    }

    #[test]
    fn fields_are_named_as_before() {
        let Err(Error::Invalid(fields)) = read::<ShiftRequest>(r#"{"by":"P30D","more":1}"#) else { panic!() };
        assert_eq!(fields[0].path, "more");
        let Err(Error::Invalid(fields)) = read::<ShiftRequest>("{}") else { panic!() };
        assert_eq!(fields[0].path, "by");
        assert!(read::<NotificationRequest>(r#"{"mail":true}"#).unwrap().mail);
    }
}
