//! Describing admin views that are not only a query.

use crate::{Call, Result, panic};
use serde::Serialize;
use serde::de::DeserializeOwned;

#[doc(hidden)]
pub mod raw {
    #![allow(missing_docs, clippy::all, reason = "generated")]
    wit_bindgen::generate!({
        inline: "package cairn:sdk; world views { export cairn:plugin/admin@0.1.0; }",
        path: "../wit/v0.1",
        with: { "cairn:plugin/types@0.1.0": crate::bindings::types },
        generate_all,
        pub_export_macro: true,
        additional_derives: [PartialEq, Clone],
    });
}

pub use raw::exports::cairn::plugin::admin::{ActionRequest, ActionResult, ViewRequest};

/// Describes admin views, which the host draws, and does what their buttons ask.
pub trait Views {
    /// The JSON of a view of the manifest.
    ///
    /// # Errors
    /// What the person in the admin is told.
    fn view(call: &Call, request: &ViewRequest) -> Result<serde_json::Value>;

    /// An action of a view.
    ///
    /// # Errors
    /// What the person in the admin is told.
    fn act(_call: &Call, request: &ActionRequest) -> Result<ActionResult> {
        Err(crate::Error::NotFound(request.action.clone()))
    }
}

impl ActionRequest {
    /// Parses the values that the person filled in.
    ///
    /// # Errors
    /// When it does not fit `T`.
    pub fn values<T: DeserializeOwned>(&self) -> Result<T> {
        Ok(serde_json::from_str(&self.values)?)
    }
}

impl ActionResult {
    /// Done, with a word for the person.
    #[must_use]
    pub fn notice(text: impl Into<String>) -> Self {
        Self { view: None, notice: Some(text.into()), navigate: None }
    }

    /// The same with a new description of the view.
    ///
    /// # Errors
    /// Where `view` is no JSON.
    pub fn with_view(mut self, view: &impl Serialize) -> Result<Self> {
        self.view = Some(serde_json::to_string(view)?);
        Ok(self)
    }
}

/// Joins the plugin's trait to the generated one.
#[doc(hidden)]
#[derive(Debug)]
pub struct Adapter<T>(std::marker::PhantomData<T>);

impl<T: Views> raw::exports::cairn::plugin::admin::Guest for Adapter<T> {
    fn view(call: Call, request: ViewRequest) -> Result<String> {
        panic::report();
        Ok(T::view(&call, &request)?.to_string())
    }

    fn act(call: Call, request: ActionRequest) -> Result<ActionResult> {
        panic::report();
        T::act(&call, &request)
    }
}
