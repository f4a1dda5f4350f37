//! Requests to routes, views and what their buttons do, again.

use super::{End, NotReplayed, Replayed, failed, field};
use crate::call::rehearsed;
use crate::generation::Generation;
use crate::hooks::of_generation;
use crate::limits::Export;
use crate::plugins::Plugins;
use crate::policies::CallerAccess;
use crate::routes::{self, KeptRequest, NoResponse, Request, Response};
use crate::views::{self, Acted, Document, Look, NoView, ViewProblem};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cairn_content::Refusal;
use cairn_query::Access;
use cairn_store::events::{Actor, ActorKind};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

/// Longest body of an answer that is shown, in bytes.
const SHOWN: usize = 16 << 10;

/// The rights that a request has when it is made again: those of the public as they are now, else of the admin user who has it made.
fn rights(plugins: &Plugins, generation: &Generation, kept: &KeptRequest, access: Arc<Access>) -> CallerAccess {
    match kept.actor.kind {
        ActorKind::Public => {
            plugins.access_as(generation.access().public().rights, Arc::new(kept.actor.clone()), &kept.locale)
        }
        _ => access.into(),
    }
}

/// Makes a request again.
pub(super) async fn route(
    plugins: &Plugins,
    generation: &Arc<Generation>,
    name: &str,
    input: &Json,
    access: Arc<Access>,
    dry: bool,
) -> Result<Replayed, NotReplayed> {
    let kept: KeptRequest =
        serde_json::from_value(input.clone()).map_err(|_| NotReplayed::not_kept("the full request"))?;
    let body = kept.bytes().ok_or_else(|| NotReplayed::not_kept("the body of the request"))?;
    if kept.withheld.iter().any(|what| what == "part of the path") {
        return Err(NotReplayed::not_kept("a secret in the path"));
    }
    let below = kept.path.strip_prefix("/api/").unwrap_or_default();
    let segments: Vec<&str> = below.split('/').skip(1).collect();
    let method = if kept.method == "HEAD" { "GET" } else { &kept.method };
    let found = routes::found(generation, method, &segments).ok().filter(|found| found.route.name == name);
    let Some(found) = found else {
        let why = format!("the plugin no longer has a route {name:?} for {} {}", kept.method, kept.path);
        return Err(NotReplayed::refused(why));
    };
    let access = rights(plugins, generation, &kept, access);
    let request = Request {
        method: kept.method,
        path: kept.path,
        query: kept.query,
        headers: kept.headers,
        body,
        client: kept.client,
        access,
        actor: Arc::new(kept.actor),
        locale: kept.locale,
    };
    let without = match kept.withheld.as_slice() {
        [] => String::new(),
        some => format!("; sent without {}, which is not recorded", some.join(", ")),
    };
    if !dry {
        let answer = plugins.respond_again(generation, found, request, kept.key).await;
        let (end, message, answer) = match answer {
            Ok((response, true)) => (
                End::Before,
                "a request with this key was answered in the meantime: nothing to do".to_owned(),
                shown(&response),
            ),
            Ok((response, false)) => {
                (End::Worked, format!("returned status {}{without}", response.status), shown(&response))
            }
            Err(no) => (End::Failed, refusal(no), Json::Null),
        };
        return Ok(Replayed { end, message, answer, took: Duration::ZERO, logs: Vec::new() });
    }
    let asked = routes::asked(&found.route, &request, Some(kept.key));
    let limits = of_generation(generation, Export::Route);
    let (_, sent) = routes::sent(&found.route, found.parameters, request);
    let ended =
        rehearsed(generation, asked, limits, async |store, call| routes::run(generation, store, call, &sent).await)
            .await?;
    Ok(match routes::read(ended.result, limits.output) {
        Err(failure) => failed(&failure, ended.took, ended.logs),
        Ok(answer) => {
            let (end, message, answer) = match answer {
                Ok(response) => {
                    let message =
                        format!("would return status {}{without}; all changes were rolled back", response.status);
                    (End::Worked, message, shown(&response))
                }
                Err(error) => (End::Failed, refusal(routes::said(error)), Json::Null),
            };
            Replayed { end, message, answer, took: ended.took, logs: ended.logs }
        }
    })
}

fn shown(response: &Response) -> Json {
    let Response { status, headers, body } = response;
    let body = match std::str::from_utf8(body) {
        _ if body.len() > SHOWN => json!({ "bytes": body.len() }),
        Ok(text) => json!(text),
        Err(_) => json!({ "base64": STANDARD.encode(body) }),
    };
    json!({ "status": status, "headers": headers, "body": body })
}

fn refusal(no: NoResponse) -> String {
    match no {
        NoResponse::Paused(pause) => left_alone(pause),
        NoResponse::TooMany(_) => "too many requests".to_owned(),
        NoResponse::Failed => "it failed again; see the latest of its failed calls".to_owned(),
        NoResponse::Busy(_) => "too many other calls are running: try again".to_owned(),
        NoResponse::Refused(Refusal { kind, message, .. }) => {
            format!("it refused with status {}: {message}", kind.status())
        }
        NoResponse::Gone => "the plugin is no longer running".to_owned(),
    }
}

fn left_alone(pause: Duration) -> String {
    format!("it failed too often and is paused for another {} s: try again then", pause.as_secs() + 1)
}

/// Asks for a view again, or presses a button of one.
pub(super) async fn view(
    plugins: &Plugins,
    generation: &Arc<Generation>,
    export: &str,
    input: &Json,
    access: Arc<Access>,
    dry: bool,
) -> Result<Replayed, NotReplayed> {
    let actor: Actor = field(input, "actor").map_err(|_| NotReplayed::not_kept("the caller"))?;
    let document = Some(&input["document"]).filter(|document| !document.is_null());
    let look = Look {
        view: field(input, "view")?,
        document: match document {
            None => None,
            Some(document) => Some(Document {
                content_type: field(document, "contentType")?,
                document_id: field(document, "documentId")?,
                locale: field(document, "locale")?,
            }),
        },
        parameters: field(input, "parameters")?,
        access,
        actor: Arc::new(actor),
        locale: field(input, "locale")?,
    };
    let (plugin, action) = (generation.id(), input["action"].as_str().unwrap_or_default());
    let values = &input["values"];
    if !dry {
        let answer = match export {
            "view" => plugins.view(plugin, look).await.map(|view| json!({ "view": view })),
            _ => plugins.act(plugin, look, action, values).await.map(acted),
        };
        let (end, message, answer) = match answer {
            Ok(answer) => (End::Worked, "it responded".to_owned(), answer),
            Err(no) => (End::Failed, no_view(no), Json::Null),
        };
        return Ok(Replayed { end, message, answer, took: Duration::ZERO, logs: Vec::new() });
    }
    let (took, logs, answer) = match export {
        "view" => {
            let (asked, limits) = (views::asked(Export::View, &look), of_generation(generation, Export::View));
            let ended = rehearsed(generation, asked, limits, async |store, call| {
                views::show(generation, store, call, &look).await
            })
            .await?;
            let read =
                |text: String| views::described(generation, &text, &look.locale).map(|view| json!({ "view": view }));
            (ended.took, ended.logs, ended.result.map(|answer| answer.map(read)))
        }
        _ => {
            let (asked, limits) = (views::asked(Export::Act, &look), of_generation(generation, Export::Act));
            let ended = rehearsed(generation, asked, limits, async |store, call| {
                views::press(generation, store, call, &look, action, values).await
            })
            .await?;
            let read = |result| views::acted(generation, result, &look.locale).map(acted);
            (ended.took, ended.logs, ended.result.map(|answer| answer.map(read)))
        }
    };
    let (end, message, answer) = match answer {
        Err(failure) => return Ok(failed(&failure, took, logs)),
        Ok(Err(error)) => (End::Failed, no_view(views::said(error)), Json::Null),
        Ok(Ok(Err(problems))) => (End::Failed, no_view(NoView::Broken(problems)), Json::Null),
        Ok(Ok(Ok(answer))) => (End::Worked, "it responded; all changes were rolled back".to_owned(), answer),
    };
    Ok(Replayed { end, message, answer, took, logs })
}

fn acted(acted: Acted) -> Json {
    json!({ "view": acted.view, "notice": acted.notice, "navigate": acted.navigate })
}

fn no_view(no: NoView) -> String {
    match no {
        NoView::NotFound => "the plugin no longer has this view".to_owned(),
        NoView::Paused(pause) => left_alone(pause),
        NoView::Busy(_) => "too many other calls are running: try again".to_owned(),
        NoView::Failed => "it failed again; see the latest of its failed calls".to_owned(),
        NoView::Broken(problems) => {
            let all: Vec<String> =
                problems.iter().map(|ViewProblem { path, message, .. }| format!("{path} {message}")).collect();
            format!("it returned an invalid view: {}", all.join("; "))
        }
        NoView::Refused { status, message, .. } => format!("it refused with status {status}: {message}"),
    }
}
