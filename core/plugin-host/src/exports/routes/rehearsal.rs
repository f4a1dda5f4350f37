//! Routes in a rehearsal: the plugin runs in its transaction, at its time, and with the permissions that the caller has then. Host functions
//! find that transaction as they do in hooks, so whatever the plugin stores is rolled back with it; what no rollback undoes they refuse.

use super::headers;
use super::message::{RouteError, RouteRequest, RouteResponse};
use super::{RouteMatch, call_http_handler, check_answer, route_call_context, to_guest_request, to_route_error};
use crate::call::error::CallError;
use crate::call::limits::CallLimits;
use crate::contract::bindings::http_handler::exports::cairn::plugin::http_handler as guest;
use crate::contract::bindings::types::Error;
use crate::contract::plugin_export::PluginExport;
use crate::runtime::generation::Generation;
use crate::runtime::invocation::{call_in_transaction, call_limits};
use crate::tenant::plugins::Plugins;
use crate::tenant::rate_counters::CountedCaller;
use cairn_store::WriteTx;
use std::sync::Arc;

/// The answer of a plugin in a rehearsal, to be checked after it.
pub struct RehearsedResponse {
    generation: Arc<Generation>,
    result: Result<Result<guest::Response, Error>, CallError>,
    /// Size of the largest response, in bytes.
    max_bytes: usize,
}

impl Plugins {
    /// Counts a request for a rehearsal where the route has a rate. Requests of each viewer are counted, apart from those of all other callers:
    /// a preview must not be a way around the limit, and nobody is refused because of one. Returns an error if there were too many.
    pub fn count_rehearsed_request(&self, route_match: &RouteMatch, viewer: i64) -> Result<(), RouteError> {
        let generation = self.find_generation(&route_match.plugin).ok_or(RouteError::Gone)?;
        self.count_request(&generation, &route_match.route, |_| CountedCaller::Viewer(viewer))
    }

    /// Calls the plugin inside a rehearsal. Nothing is recorded of the call: no failure, no log, no idempotency key, no cost. It has as long as a
    /// batch of events: on SQLite nobody else can write meanwhile. Returns an error if the plugin is no longer running.
    pub fn rehearse_request(
        &self,
        tx: &mut WriteTx<'_>,
        route_match: RouteMatch,
        request: RouteRequest,
    ) -> Result<RehearsedResponse, RouteError> {
        let RouteMatch { plugin, route, parameters } = route_match;
        let generation = self.find_generation(&plugin).ok_or(RouteError::Gone)?;
        let call_context = route_call_context(&route, &request, None);
        let limits = call_limits(&generation, PluginExport::Route);
        let deadline = limits.deadline.min(CallLimits::for_export(PluginExport::Event).deadline);
        let (_, guest_request) = to_guest_request(&route, parameters, request, None);
        let outcome = call_in_transaction(
            &generation,
            call_context,
            CallLimits { deadline, ..limits },
            tx,
            async |store, call| call_http_handler(&generation, store, call, &guest_request).await,
        );
        Ok(RehearsedResponse { result: outcome.result, max_bytes: limits.output, generation })
    }
}

impl RehearsedResponse {
    /// The failure, where the plugin did not respond.
    pub fn failure(&self) -> Option<&CallError> {
        self.result.as_ref().err()
    }

    /// Checks the response as that of any call. A file that it names is looked for outside the transaction: files are delivered as they are now.
    ///
    /// # Errors
    /// The plugin refused, or failed.
    pub fn check(self) -> Result<RouteResponse, RouteError> {
        let Self { generation, result, max_bytes } = self;
        match check_answer(&generation, result, max_bytes) {
            Ok(answer) => {
                let mut response = answer.map_err(to_route_error)?;
                headers::keep_allowed(generation.id(), &mut response.headers);
                Ok(response)
            }
            Err(failure) => {
                tracing::debug!(plugin = generation.id(), error = failure.message, "a rehearsed request failed");
                Err(failure.busy.map_or(RouteError::Failed, RouteError::Busy))
            }
        }
    }
}
