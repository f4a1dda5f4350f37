//! Reacting to what was committed.

use crate::{Call, Error, Result, panic};
use serde::de::DeserializeOwned;

#[doc(hidden)]
pub mod raw {
    #![allow(missing_docs, clippy::all, reason = "generated")]
    wit_bindgen::generate!({
        inline: "package cairn:sdk; world events { export cairn:plugin/event-handler@0.1.0; }",
        path: "../wit/v0.1",
        with: { "cairn:plugin/types@0.1.0": crate::bindings::types },
        generate_all,
        pub_export_macro: true,
        additional_derives: [PartialEq, Clone],
    });
}

pub use raw::exports::cairn::plugin::event_handler::{Ack, Event};

/// Reacts to events after the commit: at least once, in order per key.
///
/// Implement [`one`](Events::one), or [`handle`](Events::handle) where a batch is cheaper as a whole. Without either, every event
/// goes to the dead letters.
pub trait Events {
    /// One event of a subscription of the manifest. An error is turned into an [`Ack`] by [`Ack::of`].
    ///
    /// # Errors
    /// Whatever kept the event from being handled.
    fn one(_call: &Call, subscription: &str, _event: &Event) -> Result<()> {
        Err(Error::unimplemented("one", subscription))
    }

    /// A batch; one ack per event. The whole call is one transaction: with any answer but `Done` what it stored is rolled
    /// back, and the events come again one by one.
    fn handle(call: &Call, subscription: &str, events: &[Event]) -> Vec<Ack> {
        events.iter().map(|event| Ack::of(Self::one(call, subscription, event))).collect()
    }
}

impl Ack {
    /// Returns the answer for a result: faults that a repetition cannot cure go to the dead letters, all others come again, by the
    /// manifest's policy or after the time the host named.
    #[must_use]
    pub fn of(result: Result<()>) -> Self {
        match result {
            Ok(()) => Self::Done,
            Err(Error::Unavailable(after)) => Self::Retry(("unavailable".to_owned(), after)),
            Err(error @ (Error::Invalid(_) | Error::Denied(_))) => Self::Reject(error.describe()),
            Err(error) => Self::Retry((error.describe(), None)),
        }
    }
}

impl Event {
    /// Parses the data of the event.
    ///
    /// # Errors
    /// When it does not fit `T`.
    pub fn data<T: DeserializeOwned>(&self) -> Result<T> {
        Ok(serde_json::from_str(&self.data)?)
    }

    /// The id of the document that an event of the kind `cairn.document.*` is about.
    #[must_use]
    pub fn document_id(&self) -> String {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct About {
            document_id: String,
        }
        self.data().map_or_else(|_| self.key.clone(), |about: About| about.document_id)
    }
}

/// Joins the plugin's trait to the generated one.
#[doc(hidden)]
#[derive(Debug)]
pub struct Adapter<T>(std::marker::PhantomData<T>);

impl<T: Events> raw::exports::cairn::plugin::event_handler::Guest for Adapter<T> {
    fn handle(call: Call, subscription: String, events: Vec<Event>) -> Vec<Ack> {
        panic::report();
        T::handle(&call, &subscription, &events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_repetition_cures_is_not_repeated() {
        assert_eq!(Ack::of(Ok(())), Ack::Done);
        assert!(matches!(Ack::of(Err(Error::field("a", "b", "c"))), Ack::Reject(why) if why == "invalid: a: c"));
        assert!(matches!(Ack::of(Err(Error::Denied("x".into()))), Ack::Reject(_)));
        assert!(matches!(Ack::of(Err(Error::Unavailable(Some(5)))), Ack::Retry((_, Some(5)))));
        assert!(matches!(Ack::of(Err(Error::NotFound("x".into()))), Ack::Retry((_, None))));
    }

    #[test]
    fn an_event_is_about_a_document_or_else_its_key() {
        let event = |data: &str| Event {
            id: "1".into(),
            sequence: 1,
            name: "n".into(),
            key: "k".into(),
            at: 0,
            data: data.into(),
            version: 1,
            origin: "rest".into(),
            replayed: false,
        };
        assert_eq!(event(r#"{"documentId":"d","x":1}"#).document_id(), "d");
        for data in ["{}", "", "[]", r#"{"documentId":7}"#] {
            assert_eq!(event(data).document_id(), "k", "{data}");
        }
    }
}
