//! Deciding over changes before they are stored.

use crate::error::read_json;
use crate::{Call, Conflict, Error, FieldError, Result, panic};
use serde::Serialize;
use serde::de::DeserializeOwned;

#[doc(hidden)]
pub mod raw {
    #![allow(missing_docs, clippy::all, reason = "generated")]
    wit_bindgen::generate!({
        inline: "package cairn:sdk; world hooks { export cairn:plugin/hooks@0.1.0; }",
        path: "../wit/v0.1",
        with: { "cairn:plugin/types@0.1.0": crate::bindings::types },
        generate_all,
        pub_export_macro: true,
        additional_derives: [PartialEq, Clone],
    });
}

pub use raw::exports::cairn::plugin::hooks::{Action, Change, Decision};

/// Decides over changes before they are stored. One decision per change, in their order; an error rolls the request back.
///
/// An error of the kinds `Invalid`, `Denied`, `NotFound` and `Conflict` is an answer to the client, as a route's is (400 with the fields, 403,
/// 404, 409), whether it was made here or passed on with `?`.
///
/// Implement the phases that the manifest's `[[hook]]`s name. One that is named and not implemented fails each request it is asked
/// about: a rule that is not there must not look like one that allows.
pub trait Hooks {
    /// Before the transaction: no data access, and it runs again where the write is retried.
    ///
    /// # Errors
    /// What ends the request for all of its changes.
    fn prepare(_call: &Call, hook: &str, _changes: &[Change]) -> Result<Vec<Decision>> {
        Err(Error::unimplemented("prepare", hook))
    }

    /// Inside the transaction of the request: what is read and written here joins it. `hook` is its name in the manifest.
    ///
    /// # Errors
    /// What ends the request for all of its changes.
    fn before(_call: &Call, hook: &str, _changes: &[Change]) -> Result<Vec<Decision>> {
        Err(Error::unimplemented("before", hook))
    }
}

impl Decision {
    /// Stores the change with these fields in place of what was sent: a JSON merge patch.
    ///
    /// # Errors
    /// Where `patch` is no JSON.
    pub fn amend(patch: &impl Serialize) -> Result<Self> {
        Ok(Self::Amend(serde_json::to_string(patch)?))
    }

    /// Turns the change down for one field. `code` is for programs and never changes; `message` is for people.
    pub fn refuse_field(path: impl Into<String>, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Refuse(vec![FieldError { path: path.into(), code: code.into(), message: message.into() }])
    }

    /// Turns the change down because of what is there already (409): nothing is wrong with it, and later it may be right. `kind` is for programs:
    /// `unique`, `state` or a word of the plugin's own.
    pub fn conflict(kind: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Conflict(Conflict { kind: kind.into(), existing: None, message: message.into() })
    }
}

impl Change {
    /// The stored document, cut down to the fields the manifest selects; none where it is created.
    ///
    /// # Errors
    /// When it does not fit `T`.
    pub fn before<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        self.before.as_deref().map(|text| read_json(text.as_bytes())).transpose()
    }

    /// The document about to be stored, cut down to the fields the manifest selects; none where it is deleted.
    ///
    /// # Errors
    /// When it does not fit `T`.
    pub fn after<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        self.after.as_deref().map(|text| read_json(text.as_bytes())).transpose()
    }

    /// True if a top-level field differs from what is stored.
    #[must_use]
    pub fn touches(&self, field: &str) -> bool {
        self.changed.iter().any(|changed| changed == field)
    }
}

/// Joins the plugin's trait to the generated one.
#[doc(hidden)]
#[derive(Debug)]
pub struct Adapter<T>(std::marker::PhantomData<T>);

impl<T: Hooks> raw::exports::cairn::plugin::hooks::Guest for Adapter<T> {
    fn prepare(call: Call, hook: String, changes: Vec<Change>) -> Result<Vec<Decision>> {
        panic::report();
        T::prepare(&call, &hook, &changes)
    }

    fn before(call: Call, hook: String, changes: Vec<Change>) -> Result<Vec<Decision>> {
        panic::report();
        T::before(&call, &hook, &changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn change(before: Option<&str>, after: Option<&str>) -> Change {
        Change {
            action: Action::Update,
            content_type: "plugin::a.b".into(),
            document_id: "d".into(),
            locale: None,
            before: before.map(Into::into),
            after: after.map(Into::into),
            changed: vec!["title".into()],
            origin: "rest".into(),
        }
    }

    #[test]
    fn documents_of_a_change_are_read_where_they_are_there() {
        let change = change(None, Some(r#"{"title":"T"}"#));
        assert_eq!(change.before::<Value>(), Ok(None));
        assert_eq!(change.after::<Value>(), Ok(Some(json!({ "title": "T" }))));
        assert!(change.after::<Vec<u8>>().is_err());
        assert!(change.touches("title") && !change.touches("body"));
    }

    #[test]
    fn a_hook_without_its_function_allows_nothing() {
        struct Nothing;
        impl Hooks for Nothing {}
        let call = Call {
            id: String::new(),
            idempotency_key: String::new(),
            actor: crate::Actor::System,
            locale: String::new(),
            attempt: 1,
            deadline: 0,
        };
        let changes = [change(None, None)];
        assert!(matches!(<Nothing as Hooks>::before(&call, "h", &changes), Err(Error::Invalid(_))));
        assert!(matches!(<Nothing as Hooks>::prepare(&call, "h", &changes), Err(Error::Invalid(_))));
    }
}
