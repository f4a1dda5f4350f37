//! Saying which documents an actor may see.

use crate::{Call, Result, panic};
use serde::Serialize;
use std::time::Duration;

#[doc(hidden)]
pub mod raw {
    #![allow(missing_docs, clippy::all, reason = "generated")]
    wit_bindgen::generate!({
        inline: "package cairn:sdk; world policies { export cairn:plugin/read-policy@0.1.0; }",
        path: "../wit/v0.1",
        with: { "cairn:plugin/types@0.1.0": crate::bindings::types },
        generate_all,
        pub_export_macro: true,
        additional_derives: [PartialEq, Clone],
    });
}

pub use raw::exports::cairn::plugin::read_policy::Policy;

/// Says which documents the actor of a call may see, as a filter the host adds to its own query.
pub trait Policies {
    /// One policy per content type asked, in their order.
    ///
    /// # Errors
    /// A fault of the plugin; the host then shows nothing of these types.
    fn evaluate(call: &Call, content_types: &[String]) -> Result<Vec<Policy>>;
}

impl Policy {
    /// Everything may be seen, and that is remembered for so long.
    #[must_use]
    pub fn open(valid_for: Duration) -> Self {
        Self {
            filters: None,
            cache_key: String::new(),
            valid_for: crate::time::millis(valid_for),
            depends_on: Vec::new(),
        }
    }

    /// Only what fits a filter in the REST language. Actors with the same key may share answers.
    ///
    /// # Errors
    /// Where `filters` is no JSON.
    pub fn only(filters: &impl Serialize, cache_key: impl Into<String>, valid_for: Duration) -> Result<Self> {
        let filters = Some(serde_json::to_string(filters)?);
        Ok(Self { filters, cache_key: cache_key.into(), ..Self::open(valid_for) })
    }

    /// Forgets the answer as soon as [`bindings::policies::invalidate`](crate::bindings::policies::invalidate) names `key`.
    #[must_use]
    pub fn depends_on(mut self, key: impl Into<String>) -> Self {
        self.depends_on.push(key.into());
        self
    }
}

/// Joins the plugin's trait to the generated one.
#[doc(hidden)]
#[derive(Debug)]
pub struct Adapter<T>(std::marker::PhantomData<T>);

impl<T: Policies> raw::exports::cairn::plugin::read_policy::Guest for Adapter<T> {
    fn evaluate(call: Call, content_types: Vec<String>) -> Result<Vec<Policy>> {
        panic::report();
        T::evaluate(&call, &content_types)
    }
}
