//! Routes of plugins: finding the route of a request, counting it, and the call. The checks of its caller and its size are the server's.

mod declared_requests;
mod declared_responses;
mod headers;
mod idempotency;
mod message;
mod path;
mod permission;
mod rehearsal;
mod response_file;
mod stored_request;

use crate::call::caller_access::CallerAccess;
use crate::call::error::CallError;
use crate::call::guest_result::check_guest_error;
use crate::call::limits::CallLimits;
use crate::call::request_file::CallFile;
use crate::call::state::{CallContext, CallState};
use crate::contract::actors::to_guest_actor;
use crate::contract::bindings::http_handler::exports::cairn::plugin::http_handler as guest;
use crate::contract::bindings::types::{Call, Error};
use crate::contract::guest_errors::to_refusal;
use crate::contract::plugin_export::PluginExport;
pub use crate::definition::public_files::PublicFile;
use crate::runtime::generation::Generation;
use crate::runtime::invocation::{call_limits, call_outside_transaction, new_call_id};
use crate::tenant::plugins::{CallFailureRecord, Plugins};
use crate::tenant::rate_counters::CountedCaller;
use cairn_plugin_package::manifest::{ManifestRoute, ProvidedService, RatePer};
use cairn_store::events::Actor;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::Store;

pub use crate::call::request_file::RequestFile;
pub use declared_responses::DescribedRoute;
use idempotency::IdempotentRequest;
pub use message::{ResponseFile, RouteError, RouteRequest, RouteResponse};
use path::{PatternSpecificity, match_path};
pub use rehearsal::RehearsedResponse;
use response_file::find_response_file;
pub(crate) use stored_request::StoredRequest;
use stored_request::stored_request;

/// Time from the beginning of a translation to its end.
const TRANSLATION_DEADLINE: Duration = Duration::from_secs(20);

/// The route of a request.
#[derive(Debug, Clone)]
pub struct RouteMatch {
    /// Id of the plugin.
    pub plugin: String,
    /// Declaration of the route in its manifest.
    pub route: ManifestRoute,
    /// Named parts of the path, with their values.
    pub parameters: Vec<(String, String)>,
}

/// A request that was counted where its route has a rate. Its body may still be on its way.
#[derive(Debug)]
pub struct AdmittedRequest {
    route_match: RouteMatch,
    request: RouteRequest,
}

impl AdmittedRequest {
    /// The route that it is for.
    pub fn route(&self) -> &ManifestRoute {
        &self.route_match.route
    }

    /// Adds the body: as bytes, or as a file.
    #[must_use]
    pub fn with_body(mut self, body: Vec<u8>, file: Option<RequestFile>) -> Self {
        self.request.body = body;
        self.request.file = file;
        self
    }
}

impl Plugins {
    /// The route for a path below `/api/`, by its segments as sent; of several that match, the one with the most specific pattern. The
    /// error has the methods of the path, where it has others.
    pub fn find_route(&self, method: &str, segments: &[&str]) -> Result<RouteMatch, Vec<String>> {
        let Some((plugin, path)) = segments.split_first() else { return Err(Vec::new()) };
        let Some(generation) = self.find_generation(plugin) else { return Err(Vec::new()) };
        match_route(&generation, method, path)
    }

    /// The route of the plugin that provides a service: of several that run, the first by id.
    pub fn find_provider(&self, service: ProvidedService) -> Option<RouteMatch> {
        let running = self.running();
        let provides = |generation: &&Arc<Generation>| {
            generation.manifest.routes.iter().any(|route| route.provides == Some(service))
        };
        let generation = running.generations.iter().filter(provides).min_by_key(|generation| generation.id())?;
        let route = generation.manifest.routes.iter().find(|route| route.provides == Some(service))?.clone();
        let plugin = generation.id().to_owned();
        Some(RouteMatch { plugin, route, parameters: Vec::new() })
    }

    /// True if a plugin runs; one that is switched off, or cannot run, does not.
    pub fn is_running(&self, id: &str) -> bool {
        self.find_generation(id).is_some()
    }

    /// A file that everybody may load, of a plugin that runs in this version.
    pub fn find_public_file(&self, id: &str, version: &str, path: &str) -> Option<PublicFile> {
        let generation = self.find_generation(id)?;
        let runs_version = generation.manifest.plugin.version.to_string() == version;
        generation.public_files.get(path).filter(|_| runs_version).cloned()
    }

    /// Counts a request where its route has a rate, before its body arrives: a body can be a large file.
    ///
    /// # Errors
    /// [`RouteError::TooMany`] beyond the rate; [`RouteError::Gone`] if the plugin does not run.
    pub fn admit_request(&self, route_match: RouteMatch, request: RouteRequest) -> Result<AdmittedRequest, RouteError> {
        let generation = self.find_generation(&route_match.plugin).ok_or(RouteError::Gone)?;
        self.count_request(&generation, &route_match.route, |per| match per {
            RatePer::Route => CountedCaller::Everybody,
            RatePer::Caller if request.actor.id.is_some() => CountedCaller::Known(request.actor.key()),
            RatePer::Caller | RatePer::Ip => CountedCaller::from_address(request.client.as_deref()),
        })?;
        Ok(AdmittedRequest { route_match, request })
    }

    /// Admits a request whose body is here, and calls the plugin. Returns [`RouteError`] on failure.
    pub async fn handle_request(
        &self,
        route_match: RouteMatch,
        request: RouteRequest,
    ) -> Result<RouteResponse, RouteError> {
        self.answer_request(self.admit_request(route_match, request)?).await
    }

    /// Calls the plugin. Returns [`RouteError`] on failure.
    pub async fn answer_request(&self, admitted: AdmittedRequest) -> Result<RouteResponse, RouteError> {
        let AdmittedRequest { route_match: RouteMatch { plugin, route, parameters }, request } = admitted;
        let generation = self.find_generation(&plugin).ok_or(RouteError::Gone)?;
        let key = route.idempotency.as_ref().and_then(|idempotency| {
            let header = idempotency.header.as_ref().and_then(|name| find_header(&request.headers, name));
            let key = header.or_else(|| body_value(&request.body, idempotency.body_path.as_deref()?))?;
            Some((key, idempotency.keep))
        });
        let Some((key, keep)) = key else {
            return self.call_route(&generation, route, parameters, request, None).await;
        };
        let once = IdempotentRequest::new(&generation, &route, &request, &key, keep);
        if let Some(mut answer) = once.find_answer_or_begin().await? {
            // A stored response may be from a time when plugins were allowed to set other headers.
            headers::keep_allowed(&plugin, &mut answer.headers);
            return Ok(answer);
        }
        let answer = self.call_route(&generation, route, parameters, request, Some(key)).await;
        once.store_answer(answer.as_ref().ok()).await;
        answer
    }

    /// Counts a request where the route has a rate; `caller` is who is counted. Returns an error if there were too many.
    fn count_request(
        &self,
        generation: &Generation,
        route: &ManifestRoute,
        caller: impl FnOnce(RatePer) -> CountedCaller,
    ) -> Result<(), RouteError> {
        let Some(rate) = &route.rate else { return Ok(()) };
        let rate_key = (generation.id(), route.name.as_str(), &caller(rate.per));
        let counted = self.rates.count_request(rate_key, rate.limit, rate.every, generation.now());
        counted.map_err(RouteError::TooMany)
    }

    /// Repeats a request that failed before, without the limit on its rate: with the key that it had, so that a response stored under it
    /// meanwhile is returned (`true`).
    pub(crate) async fn replay_request(
        &self,
        generation: &Arc<Generation>,
        found: RouteMatch,
        request: RouteRequest,
        key: String,
    ) -> Result<(RouteResponse, bool), RouteError> {
        let RouteMatch { route, parameters, .. } = found;
        let Some(keep) = route.idempotency.as_ref().map(|idempotency| idempotency.keep) else {
            let answer = self.call_route(generation, route, parameters, request, Some(key)).await;
            return answer.map(|answer| (answer, false));
        };
        let once = IdempotentRequest::new(generation, &route, &request, &key, keep).into_replay();
        if let Some(answer) = once.find_answer_or_begin().await? {
            return Ok((answer, true));
        }
        let answer = self.call_route(generation, route, parameters, request, Some(key)).await;
        once.store_answer(answer.as_ref().ok()).await;
        answer.map(|answer| (answer, false))
    }

    async fn call_route(
        &self,
        generation: &Arc<Generation>,
        route: ManifestRoute,
        parameters: Vec<(String, String)>,
        mut request: RouteRequest,
        key: Option<String>,
    ) -> Result<RouteResponse, RouteError> {
        let plugin = generation.id().to_owned();
        let _pass =
            self.breaker.acquire_permit(&plugin, PluginExport::Route, &route.name).map_err(RouteError::Paused)?;
        let call_context = route_call_context(&route, &request, key);
        let limits = route_limits(generation, &route);
        let file = request.file.take().map(|file| CallFile { id: format!("{}-body", call_context.id), file });
        let (file_id, file_bytes) = (file.as_ref().map(|own| own.id.clone()), file.as_ref().map(|own| own.file.bytes));
        // The call is stored only if it fails; by then the guest has consumed the request.
        let (withheld, guest_request) = to_guest_request(&route, parameters, request, file_id);
        let outcome = call_outside_transaction(generation, call_context.clone(), limits, async |store, call| {
            // Gone with the call, unless the guest keeps it.
            store.data_mut().request_file = file;
            call_http_handler(generation, store, call, &guest_request).await
        })
        .await;
        self.queue_logs(outcome.logs);
        let answer = check_answer(generation, outcome.result, limits.output);
        match answer {
            Ok(answer) => {
                self.record_success(&plugin, PluginExport::Route, &route.name, outcome.took);
                let mut answer = answer.map_err(|error| {
                    log_shortage(&plugin, &route.name, &error);
                    to_route_error(error)
                })?;
                let dropped = headers::keep_allowed(&plugin, &mut answer.headers);
                self.queue_logs(headers::log_dropped(generation, &call_context.id, dropped));
                Ok(answer)
            }
            Err(failure) => {
                let restored = withheld.restore_request(guest_request);
                let (took, input) = (outcome.took, stored_request(&route, &restored, file_bytes, &call_context.key));
                self.record_failure(CallFailureRecord {
                    generation,
                    context: &call_context,
                    error: &failure,
                    took,
                    input,
                });
                Err(failure.busy.map_or(RouteError::Failed, RouteError::Busy))
            }
        }
    }
}

/// The limits of a call for a request. Whoever has texts translated waits for a service elsewhere, which takes its time over long ones.
fn route_limits(generation: &Generation, route: &ManifestRoute) -> CallLimits {
    let limits = call_limits(generation, PluginExport::Route);
    CallLimits { deadline: route_deadline(route).unwrap_or(limits.deadline), ..limits }
}

/// The time of a call, where the route has another than most.
fn route_deadline(route: &ManifestRoute) -> Option<Duration> {
    match route.provides? {
        ProvidedService::Translation => Some(TRANSLATION_DEADLINE),
    }
}

/// The route of a plugin for a path below its own.
pub(crate) fn match_route(generation: &Generation, method: &str, path: &[&str]) -> Result<RouteMatch, Vec<String>> {
    let fitting = generation.manifest.routes.iter().filter_map(|route| Some((route, match_path(&route.path, path)?)));
    let (own, others): (Vec<_>, Vec<_>) = fitting.partition(|(route, _)| route.method.as_str() == method);
    match own.into_iter().min_by_key(|(route, _)| PatternSpecificity::from_pattern(&route.path)) {
        Some((route, parameters)) => {
            Ok(RouteMatch { plugin: generation.id().to_owned(), route: route.clone(), parameters })
        }
        None => Err(others.into_iter().map(|(route, _)| route.method.as_str().to_owned()).collect()),
    }
}

/// The context of a call for a request. `key`: the same whenever the request is repeated.
pub(crate) fn route_call_context(route: &ManifestRoute, request: &RouteRequest, key: Option<String>) -> CallContext {
    let id = new_call_id(PluginExport::Route);
    CallContext {
        export: PluginExport::Route,
        name: route.name.as_str().into(),
        key: key.unwrap_or_else(|| id.clone()),
        id,
        actor: to_guest_actor(&request.actor),
        access: Some(request.access.clone()),
        locale: request.locale.clone(),
        attempt: 1,
    }
}

/// The parts of a request that the guest does not see.
pub(crate) struct WithheldParts {
    actor: Arc<Actor>,
    access: CallerAccess,
    locale: String,
}

impl WithheldParts {
    /// The request as it was received.
    fn restore_request(self, request: guest::Request) -> RouteRequest {
        let Self { actor, access, locale } = self;
        RouteRequest {
            method: request.method,
            path: request.path,
            query: request.query,
            headers: request.headers,
            body: match request.body {
                guest::Body::Bytes(bytes) => bytes,
                guest::Body::Empty | guest::Body::File(_) => Vec::new(),
            },
            file: None,
            client: request.client_address,
            actor,
            access,
            locale,
        }
    }
}

/// Converts a request for the guest. `file`: the id of the file that is its body.
pub(crate) fn to_guest_request(
    route: &ManifestRoute,
    parameters: Vec<(String, String)>,
    request: RouteRequest,
    file: Option<String>,
) -> (WithheldParts, guest::Request) {
    let RouteRequest { method, path, query, headers, body, file: _, client, actor, access, locale } = request;
    let guest_request = guest::Request {
        route: route.name.clone(),
        method,
        path,
        parameters,
        query,
        headers,
        body: match file {
            Some(id) => guest::Body::File(id),
            None if body.is_empty() => guest::Body::Empty,
            None => guest::Body::Bytes(body),
        },
        client_address: client,
    };
    (WithheldParts { actor, access, locale }, guest_request)
}

/// Calls the plugin with a request.
pub(crate) async fn call_http_handler(
    generation: &Generation,
    store: &mut Store<CallState>,
    call: Call,
    request: &guest::Request,
) -> wasmtime::Result<Result<guest::Response, Error>> {
    let exports = generation.exports.routes.as_ref();
    let exports = exports.ok_or_else(|| wasmtime::Error::msg("it does not export an HTTP handler"))?;
    exports.call(store, "handle", &call, (request,)).await
}

/// Converts its response, where that is valid.
pub(crate) fn check_answer(
    generation: &Generation,
    answer: Result<Result<guest::Response, Error>, CallError>,
    most: usize,
) -> Result<Result<RouteResponse, Error>, CallError> {
    answer.and_then(|answer| match answer {
        Ok(response) => check_response(response, most, &|id| find_response_file(generation, id)).map(Ok),
        Err(error) => check_guest_error(error, most).map(Err),
    })
}

fn find_header(headers: &[(String, String)], name: &str) -> Option<String> {
    headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
}

/// The text or number at a path of a JSON body.
fn body_value(body: &[u8], path: &[String]) -> Option<String> {
    let json: serde_json::Value = serde_json::from_slice(body).ok()?;
    match path.iter().try_fold(&json, |json, step| json.get(step))? {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn check_response(
    response: guest::Response,
    most: usize,
    find_file: &dyn Fn(String) -> Result<ResponseFile, CallError>,
) -> Result<RouteResponse, CallError> {
    let guest::Response { status, headers, body } = response;
    if !(200..=599).contains(&status) {
        return Err(CallError::invalid_output(format!("{status} is not a valid response status")));
    }
    let (body, file) = match body {
        guest::Body::Empty => (Vec::new(), None),
        guest::Body::Bytes(bytes) => (bytes, None),
        guest::Body::File(id) => (Vec::new(), Some(find_file(id)?)),
    };
    if body.len() > most {
        return Err(CallError::invalid_output(format!("its response has {} bytes; the limit is {most}", body.len())));
    }
    headers::check_headers(&headers)?;
    Ok(RouteResponse { status, headers, body, file })
}

/// Says why a client is told to try again later: an operator could not learn it from a 503.
fn log_shortage(plugin: &str, route: &str, error: &Error) {
    match error {
        Error::Exhausted(budget) => {
            tracing::warn!(plugin, route, budget, "a request got 503: it took more than a plugin may use")
        }
        Error::Unavailable(_) => {
            tracing::info!(plugin, route, "a request got 503: something that it needs is not available now")
        }
        _ => {}
    }
}

/// Converts an error of the contract for a client.
pub(crate) fn to_route_error(error: Error) -> RouteError {
    match error {
        // The host's own: the client learns nothing of it.
        Error::Internal(_) => RouteError::Failed,
        error => RouteError::Refused(to_refusal(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_plugin_responses_are_refused() {
        let answer = |status, header: &str| guest::Response {
            status,
            headers: vec![(header.to_owned(), "x".to_owned())],
            body: guest::Body::Bytes(vec![0; 10]),
        };
        let no_file = |_| Err(CallError::invalid_output("no such file"));
        let check = |response, most| check_response(response, most, &no_file);
        assert!(check(answer(200, "content-type"), 10).is_ok());
        assert!(check(answer(200, "x y"), 10).is_err());
        assert!(check(answer(101, "x-y"), 10).is_err());
        assert!(check(answer(200, "x-y"), 9).is_err());
        let file = guest::Response { body: guest::Body::File("f".into()), ..answer(200, "content-type") };
        assert!(check(file, 10).is_err());
    }
}
