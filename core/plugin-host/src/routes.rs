//! Routes of plugins: finding the route of a request, and the call. The checks before it (caller, rate, size) are the server's.

mod headers;
mod kept;
mod once;
mod path;
pub(crate) mod rate;

use crate::bindings::http_handler::exports::cairn::plugin::http_handler as guest;
use crate::bindings::types::{Call, Error};
use crate::call::{beside, new_id};
use crate::error::Failure;
use crate::faults::{answered, refusal};
use crate::generation::Generation;
use crate::hooks::{actor, of_generation};
use crate::limits::Export;
use crate::plugins::{Failed, Plugins};
use crate::policies::CallerAccess;
use crate::state::{Asked, State};
use cairn_content::Refusal;
use cairn_plugin_package::manifest::{RatePer, Route};
use cairn_store::events::Actor;
use std::sync::Arc;
use std::time::{Duration, Instant};
use wasmtime::Store;

pub(crate) use kept::KeptRequest;
use kept::kept;
use once::Once;
use path::{Closeness, matched};

/// The route of a request.
#[derive(Debug, Clone)]
pub struct Found {
    /// Id of the plugin.
    pub plugin: String,
    /// Declaration of the route in its manifest.
    pub route: Route,
    /// Named parts of the path, with their values.
    pub parameters: Vec<(String, String)>,
}

/// A request, after the server has checked it.
#[derive(Debug)]
pub struct Request {
    /// HTTP method, such as `POST`.
    pub method: String,
    /// Path as sent, below `/api/`.
    pub path: String,
    /// Parameters of the query, decoded.
    pub query: Vec<(String, String)>,
    /// Header names are in small letters. Credentials are left out.
    pub headers: Vec<(String, String)>,
    /// Body as received, maybe empty.
    pub body: Vec<u8>,
    /// Address of the client.
    pub client: Option<String>,
    /// Actor of the request, as the plugin sees it.
    pub actor: Arc<Actor>,
    /// Access of the caller.
    pub access: CallerAccess,
    /// Locale of the response.
    pub locale: String,
}

/// The response of a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Status, 200 to 599.
    pub status: u16,
    /// Headers that a plugin may set; names are in small letters.
    pub headers: Vec<(String, String)>,
    /// Body as the plugin returned it.
    pub body: Vec<u8>,
}

/// Why there is no response.
#[derive(Debug, Clone, PartialEq)]
pub enum NoResponse {
    /// It failed too often and is paused for that time.
    Paused(Duration),
    /// There were too many requests; try again after that time.
    TooMany(Duration),
    /// It failed, which is answered as 502. Its failed calls have the details.
    Failed,
    /// There was no room for the call beside others; try again after that time.
    Busy(Duration),
    /// It returned an error of the contract, or the host refused in its place.
    Refused(Refusal),
    /// It is no longer running.
    Gone,
}

impl Plugins {
    /// The route for a path below `/api/`, by its segments as sent; of several that match, the one with the most specific pattern. The
    /// error has the methods of the path, where it has others.
    pub fn route(&self, method: &str, segments: &[&str]) -> Result<Found, Vec<String>> {
        let Some((plugin, path)) = segments.split_first() else { return Err(Vec::new()) };
        let Some(generation) = self.generation(plugin) else { return Err(Vec::new()) };
        found(&generation, method, path)
    }

    /// Whether a plugin runs; one that is switched off, or cannot run, does not.
    pub fn is_running(&self, id: &str) -> bool {
        self.generation(id).is_some()
    }

    /// Calls the plugin.
    ///
    /// # Errors
    /// See [`NoResponse`].
    pub async fn respond(&self, found: Found, request: Request) -> Result<Response, NoResponse> {
        let Found { plugin, route, parameters } = found;
        let generation = self.generation(&plugin).ok_or(NoResponse::Gone)?;
        if let Some(rate) = &route.rate {
            let who = match rate.per {
                RatePer::Route => String::new(),
                RatePer::Caller if request.actor.id.is_some() => request.actor.key(),
                RatePer::Caller | RatePer::Ip => request.client.clone().unwrap_or_default(),
            };
            let who = (plugin.clone(), route.name.clone(), who);
            self.rates.count(who, rate.limit, rate.every, Instant::now()).map_err(NoResponse::TooMany)?;
        }
        let key = route.idempotency.as_ref().and_then(|idempotency| {
            let header = idempotency.header.as_ref().and_then(|name| header(&request.headers, name));
            let key = header.or_else(|| in_body(&request.body, idempotency.body_path.as_deref()?))?;
            Some((key, idempotency.keep))
        });
        let Some((key, keep)) = key else {
            return self.call_route(&generation, route, parameters, request, None).await;
        };
        let once = Once::new(&generation, &route.name, &key, keep);
        if let Some(mut answer) = once.begin().await? {
            // It may have been kept when there were others that were a plugin's to set.
            headers::keep_allowed(&plugin, &mut answer.headers);
            return Ok(answer);
        }
        let answer = self.call_route(&generation, route, parameters, request, Some(key)).await;
        once.end(answer.as_ref().ok()).await;
        answer
    }

    /// Repeats a request that failed before, without the limit on its rate: with the key that it had, so that a response stored under it
    /// meanwhile is returned (`true`).
    pub(crate) async fn respond_again(
        &self,
        generation: &Arc<Generation>,
        found: Found,
        request: Request,
        key: String,
    ) -> Result<(Response, bool), NoResponse> {
        let Found { route, parameters, .. } = found;
        let Some(keep) = route.idempotency.as_ref().map(|idempotency| idempotency.keep) else {
            let answer = self.call_route(generation, route, parameters, request, Some(key)).await;
            return answer.map(|answer| (answer, false));
        };
        let once = Once::new(generation, &route.name, &key, keep);
        if let Some(answer) = once.begin().await? {
            return Ok((answer, true));
        }
        let answer = self.call_route(generation, route, parameters, request, Some(key)).await;
        once.end(answer.as_ref().ok()).await;
        answer.map(|answer| (answer, false))
    }

    async fn call_route(
        &self,
        generation: &Arc<Generation>,
        route: Route,
        parameters: Vec<(String, String)>,
        request: Request,
        key: Option<String>,
    ) -> Result<Response, NoResponse> {
        let plugin = generation.id().to_owned();
        let _pass = self.breaker.lets(&plugin, Export::Route, &route.name).map_err(NoResponse::Paused)?;
        let asked = asked(&route, &request, key);
        let limits = of_generation(generation, Export::Route);
        // Only what fails is kept; by then the guest has it.
        let (shown, sent) = sent(&route, parameters, request);
        let ended =
            beside(generation, asked.clone(), limits, async |store, call| run(generation, store, call, &sent).await)
                .await;
        self.keep_logs(ended.logs);
        let answer = read(ended.result, limits.output);
        match answer {
            Ok(answer) => {
                self.went_well(&plugin, Export::Route, &route.name, ended.took);
                let mut answer = answer.map_err(said)?;
                let dropped = headers::keep_allowed(&plugin, &mut answer.headers);
                self.keep_logs(headers::note_dropped(generation, &asked.id, dropped));
                Ok(answer)
            }
            Err(failure) => {
                let (took, input) = (ended.took, kept(&route, &shown.of(sent), &asked.key));
                self.failed(Failed { generation, asked: &asked, failure: &failure, took, input });
                Err(failure.busy.map_or(NoResponse::Failed, NoResponse::Busy))
            }
        }
    }
}

/// The route of a plugin for a path below its own.
pub(crate) fn found(generation: &Generation, method: &str, path: &[&str]) -> Result<Found, Vec<String>> {
    let fitting = generation.manifest.routes.iter().filter_map(|route| Some((route, matched(&route.path, path)?)));
    let (own, others): (Vec<_>, Vec<_>) = fitting.partition(|(route, _)| route.method.as_str() == method);
    match own.into_iter().min_by_key(|(route, _)| Closeness::of(&route.path)) {
        Some((route, parameters)) => Ok(Found { plugin: generation.id().to_owned(), route: route.clone(), parameters }),
        None => Err(others.into_iter().map(|(route, _)| route.method.as_str().to_owned()).collect()),
    }
}

/// The context of a call for a request. `key`: the same whenever the request is repeated.
pub(crate) fn asked(route: &Route, request: &Request, key: Option<String>) -> Asked {
    let id = new_id(Export::Route);
    Asked {
        export: Export::Route,
        name: route.name.as_str().into(),
        key: key.unwrap_or_else(|| id.clone()),
        id,
        actor: actor(&request.actor),
        access: Some(request.access.clone()),
        locale: request.locale.clone(),
        attempt: 1,
    }
}

/// The parts of a request that the guest does not see.
pub(crate) struct Beside {
    actor: Arc<Actor>,
    access: CallerAccess,
    locale: String,
}

impl Beside {
    /// The request as it was received.
    fn of(self, sent: guest::Request) -> Request {
        let Self { actor, access, locale } = self;
        Request {
            method: sent.method,
            path: sent.path,
            query: sent.query,
            headers: sent.headers,
            body: match sent.body {
                guest::Body::Bytes(bytes) => bytes,
                guest::Body::Empty | guest::Body::File(_) => Vec::new(),
            },
            client: sent.client_address,
            actor,
            access,
            locale,
        }
    }
}

/// Converts a request for the guest.
pub(crate) fn sent(route: &Route, parameters: Vec<(String, String)>, request: Request) -> (Beside, guest::Request) {
    let Request { method, path, query, headers, body, client, actor, access, locale } = request;
    let sent = guest::Request {
        route: route.name.clone(),
        method,
        path,
        parameters,
        query,
        headers,
        body: if body.is_empty() { guest::Body::Empty } else { guest::Body::Bytes(body) },
        client_address: client,
    };
    (Beside { actor, access, locale }, sent)
}

/// Calls the plugin with a request.
pub(crate) async fn run(
    generation: &Generation,
    store: &mut Store<State>,
    call: Call,
    sent: &guest::Request,
) -> wasmtime::Result<Result<guest::Response, Error>> {
    let exports = generation.exports.routes.as_ref();
    let exports = exports.ok_or_else(|| wasmtime::Error::msg("it does not export an HTTP handler"))?;
    let guest = exports.instantiate_async(&mut *store).await?;
    guest.cairn_plugin_http_handler().call_handle(store, &call, sent).await
}

/// Converts its response, where that is valid.
pub(crate) fn read(
    answer: Result<Result<guest::Response, Error>, Failure>,
    most: usize,
) -> Result<Result<Response, Error>, Failure> {
    answer.and_then(|answer| match answer {
        Ok(response) => checked(response, most).map(Ok),
        Err(error) => answered(error, most).map(Err),
    })
}

fn header(headers: &[(String, String)], name: &str) -> Option<String> {
    headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
}

/// The text or number at a path of a JSON body.
fn in_body(body: &[u8], path: &[String]) -> Option<String> {
    let json: serde_json::Value = serde_json::from_slice(body).ok()?;
    match path.iter().try_fold(&json, |json, step| json.get(step))? {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn checked(response: guest::Response, most: usize) -> Result<Response, Failure> {
    let guest::Response { status, headers, body } = response;
    if !(200..=599).contains(&status) {
        return Err(Failure::output(format!("{status} is not a valid response status")));
    }
    let body = match body {
        guest::Body::Empty => Vec::new(),
        guest::Body::Bytes(bytes) => bytes,
        guest::Body::File(_) => {
            return Err(Failure::output("this version of Cairn does not support files as responses"));
        }
    };
    if body.len() > most {
        return Err(Failure::output(format!("its response has {} bytes; the limit is {most}", body.len())));
    }
    headers::check(&headers)?;
    Ok(Response { status, headers, body })
}

/// Converts an error of the contract for a client.
pub(crate) fn said(error: Error) -> NoResponse {
    match error {
        // The host's own: the client learns nothing of it.
        Error::Internal(_) => NoResponse::Failed,
        error => NoResponse::Refused(refusal(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_cannot_do_more_than_answer() {
        let answer = |status, header: &str| guest::Response {
            status,
            headers: vec![(header.to_owned(), "x".to_owned())],
            body: guest::Body::Bytes(vec![0; 10]),
        };
        assert!(checked(answer(200, "content-type"), 10).is_ok());
        assert!(checked(answer(200, "x y"), 10).is_err());
        assert!(checked(answer(101, "x-y"), 10).is_err());
        assert!(checked(answer(200, "x-y"), 9).is_err());
    }
}
