//! Requests to routes, views and what their buttons do, again.

use super::report::{ReplayError, ReplayReport, ReplayStatus, failed_dry_run, input_field};
use crate::call::caller_access::CallerAccess;
use crate::contract::plugin_export::PluginExport;
use crate::exports::routes::{self, RouteError, RouteRequest, RouteResponse, StoredRequest};
use crate::exports::views::{self, ActionOutcome, ViewContext, ViewError, ViewProblem, ViewedDocument};
use crate::runtime::generation::Generation;
use crate::runtime::invocation::{call_limits, dry_run_call};
use crate::tenant::plugins::Plugins;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cairn_content::Refusal;
use cairn_query::Access;
use cairn_store::events::{Actor, ActorKind};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

/// Longest body of an answer that is shown, in bytes.
const MAX_SHOWN_BODY_BYTES: usize = 16 << 10;

/// The rights that a request has when it is made again: those of the public as they are now, else of the admin user who has it made.
fn caller_access(
    plugins: &Plugins,
    generation: &Generation,
    request: &StoredRequest,
    access: Arc<Access>,
) -> CallerAccess {
    match request.actor.kind {
        ActorKind::Public => plugins.access_as(
            generation.access().public_caller().permissions,
            Arc::new(request.actor.clone()),
            &request.locale,
        ),
        _ => access.into(),
    }
}

/// Makes a request again.
pub(super) async fn replay_route(
    plugins: &Plugins,
    generation: &Arc<Generation>,
    name: &str,
    input: &Json,
    access: Arc<Access>,
    dry: bool,
) -> Result<ReplayReport, ReplayError> {
    let stored_request: StoredRequest =
        serde_json::from_value(input.clone()).map_err(|_| ReplayError::not_stored("the full request"))?;
    let body = stored_request.body_bytes().ok_or_else(|| ReplayError::not_stored("the body of the request"))?;
    if stored_request.withheld.iter().any(|part| part == "part of the path") {
        return Err(ReplayError::not_stored("a secret in the path"));
    }
    let below = stored_request.path.strip_prefix("/api/").unwrap_or_default();
    let segments: Vec<&str> = below.split('/').skip(1).collect();
    let method = if stored_request.method == "HEAD" { "GET" } else { &stored_request.method };
    let route_match = routes::match_route(generation, method, &segments).ok().filter(|found| found.route.name == name);
    let Some(found) = route_match else {
        let why =
            format!("the plugin no longer has a route {name:?} for {} {}", stored_request.method, stored_request.path);
        return Err(ReplayError::refused(why));
    };
    let access = caller_access(plugins, generation, &stored_request, access);
    let request = RouteRequest {
        method: stored_request.method,
        path: stored_request.path,
        query: stored_request.query,
        headers: stored_request.headers,
        body,
        file: None,
        client: stored_request.client,
        access,
        actor: Arc::new(stored_request.actor),
        locale: stored_request.locale,
    };
    let without = match stored_request.withheld.as_slice() {
        [] => String::new(),
        some => format!("; sent without {}, which is not recorded", some.join(", ")),
    };
    if !dry {
        let answer = plugins.replay_request(generation, found, request, stored_request.key).await;
        let (end, message, answer) = match answer {
            Ok((response, true)) => (
                ReplayStatus::AlreadyDone,
                "a request with this key was answered in the meantime: nothing to do".to_owned(),
                response_json(&response),
            ),
            Ok((response, false)) => (
                ReplayStatus::Worked,
                format!("returned status {}{without}", response.status),
                response_json(&response),
            ),
            Err(no) => (ReplayStatus::Failed, route_error_message(no), Json::Null),
        };
        return Ok(ReplayReport { end, message, answer, took: Duration::ZERO, logs: Vec::new() });
    }
    let context = routes::route_call_context(&found.route, &request, Some(stored_request.key));
    let limits = call_limits(generation, PluginExport::Route);
    let (_, guest_request) = routes::to_guest_request(&found.route, found.parameters, request, None);
    let outcome = dry_run_call(generation, context, limits, async |store, call| {
        routes::call_http_handler(generation, store, call, &guest_request).await
    })
    .await?;
    Ok(match routes::check_answer(generation, outcome.result, limits.output) {
        Err(failure) => failed_dry_run(&failure, outcome.took, outcome.logs),
        Ok(answer) => {
            let (end, message, answer) = match answer {
                Ok(response) => {
                    let message =
                        format!("would return status {}{without}; all changes were rolled back", response.status);
                    (ReplayStatus::Worked, message, response_json(&response))
                }
                Err(error) => (ReplayStatus::Failed, route_error_message(routes::to_route_error(error)), Json::Null),
            };
            ReplayReport { end, message, answer, took: outcome.took, logs: outcome.logs }
        }
    })
}

fn response_json(response: &RouteResponse) -> Json {
    let RouteResponse { status, headers, body, file } = response;
    if let Some(file) = file {
        return json!({ "status": status, "headers": headers, "body": { "file": file.id } });
    }
    let body = match std::str::from_utf8(body) {
        _ if body.len() > MAX_SHOWN_BODY_BYTES => json!({ "bytes": body.len() }),
        Ok(text) => json!(text),
        Err(_) => json!({ "base64": STANDARD.encode(body) }),
    };
    json!({ "status": status, "headers": headers, "body": body })
}

fn route_error_message(no: RouteError) -> String {
    match no {
        RouteError::Paused(pause) => paused_message(pause),
        RouteError::TooMany(_) => "too many requests".to_owned(),
        RouteError::Failed => "it failed again; see the latest of its failed calls".to_owned(),
        RouteError::Busy(_) => "too many other calls are running: try again".to_owned(),
        RouteError::Refused(Refusal { kind, message, .. }) => {
            format!("it refused with status {}: {message}", kind.status())
        }
        RouteError::Gone => "the plugin is no longer running".to_owned(),
    }
}

fn paused_message(pause: Duration) -> String {
    format!("it failed too often and is paused for another {} s: try again then", pause.as_secs() + 1)
}

/// Requests a view again, or repeats one of its actions.
pub(super) async fn replay_view(
    plugins: &Plugins,
    generation: &Arc<Generation>,
    export: &str,
    input: &Json,
    access: Arc<Access>,
    dry: bool,
) -> Result<ReplayReport, ReplayError> {
    let actor: Actor = input_field(input, "actor").map_err(|_| ReplayError::not_stored("the caller"))?;
    let document = Some(&input["document"]).filter(|document| !document.is_null());
    let look = ViewContext {
        view: input_field(input, "view")?,
        document: match document {
            None => None,
            Some(document) => Some(ViewedDocument {
                content_type: input_field(document, "contentType")?,
                document_id: input_field(document, "documentId")?,
                locale: input_field(document, "locale")?,
            }),
        },
        parameters: input_field(input, "parameters")?,
        access,
        actor: Arc::new(actor),
        locale: input_field(input, "locale")?,
    };
    let (plugin, action) = (generation.id(), input["action"].as_str().unwrap_or_default());
    let values = &input["values"];
    if !dry {
        let answer = match export {
            "view" => plugins.render_view(plugin, look).await.map(|view| json!({ "view": view })),
            _ => plugins.run_action(plugin, look, action, values).await.map(action_json),
        };
        let (end, message, answer) = match answer {
            Ok(answer) => (ReplayStatus::Worked, "it responded".to_owned(), answer),
            Err(no) => (ReplayStatus::Failed, view_error_message(no), Json::Null),
        };
        return Ok(ReplayReport { end, message, answer, took: Duration::ZERO, logs: Vec::new() });
    }
    let (took, logs, answer) = match export {
        "view" => {
            let (call_context, limits) =
                (views::view_call_context(PluginExport::View, &look), call_limits(generation, PluginExport::View));
            let outcome = dry_run_call(generation, call_context, limits, async |store, call| {
                views::call_view(generation, store, call, &look).await
            })
            .await?;
            let read =
                |text: String| views::parse_view(generation, &text, &look.locale).map(|view| json!({ "view": view }));
            (outcome.took, outcome.logs, outcome.result.map(|answer| answer.map(read)))
        }
        _ => {
            let (call_context, limits) =
                (views::view_call_context(PluginExport::Act, &look), call_limits(generation, PluginExport::Act));
            let call_outcome = dry_run_call(generation, call_context, limits, async |store, call| {
                views::call_action(generation, store, call, &look, action, values).await
            })
            .await?;
            let read = |result| views::parse_action_result(generation, result, &look.locale).map(action_json);
            (call_outcome.took, call_outcome.logs, call_outcome.result.map(|answer| answer.map(read)))
        }
    };
    let (end, message, answer) = match answer {
        Err(failure) => return Ok(failed_dry_run(&failure, took, logs)),
        Ok(Err(error)) => (ReplayStatus::Failed, view_error_message(views::to_view_error(error)), Json::Null),
        Ok(Ok(Err(problems))) => (ReplayStatus::Failed, view_error_message(ViewError::Broken(problems)), Json::Null),
        Ok(Ok(Ok(answer))) => (ReplayStatus::Worked, "it responded; all changes were rolled back".to_owned(), answer),
    };
    Ok(ReplayReport { end, message, answer, took, logs })
}

fn action_json(acted: ActionOutcome) -> Json {
    json!({ "view": acted.view, "notice": acted.notice, "navigate": acted.navigate })
}

fn view_error_message(no: ViewError) -> String {
    match no {
        ViewError::NotFound => "the plugin no longer has this view".to_owned(),
        ViewError::Paused(pause) => paused_message(pause),
        ViewError::Busy(_) => "too many other calls are running: try again".to_owned(),
        ViewError::Failed => "it failed again; see the latest of its failed calls".to_owned(),
        ViewError::Broken(problems) => {
            let all: Vec<String> =
                problems.iter().map(|ViewProblem { path, message, .. }| format!("{path} {message}")).collect();
            format!("it returned an invalid view: {}", all.join("; "))
        }
        ViewError::Refused { status, message, .. } => format!("it refused with status {status}: {message}"),
    }
}
