//! Requests to use-cases: who asks for what.

use cairn_model::TypeId;
use cairn_query::{Access, Query};
use cairn_store::events::Actor;
use std::sync::Arc;

/// A request to a use-case: its caller and what it is for.
#[derive(Clone, Copy)]
pub struct RequestContext<'a> {
    /// Access of the caller.
    pub access: &'a Arc<Access>,
    /// Content type of the request.
    pub content_type: TypeId,
    /// The query of the request.
    pub query: &'a Query,
    /// The locale that applies to requests without one.
    pub default_locale: &'a str,
    /// Actor that is recorded for writes.
    pub actor: &'a Arc<Actor>,
}
