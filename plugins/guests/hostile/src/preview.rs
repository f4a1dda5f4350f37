//! Calls for a preview as somebody else: what the person who is shown reads, what of it is stored, and what no rollback would undo.

use crate::report::{ended, error, refused};
use crate::{flood, forge, network, rows};
use cairn_plugin::bindings::{clock, data, events, files, jobs, kv, log, secrets};
use cairn_plugin::{Actor, Authority, Call, Request, Response, Result, Status, preview, search};
use serde_json::{Value, json};

const TRIAL: &str = "plugin::hostile.trial";

/// Runs the trial, if it is one of these.
pub(crate) fn run(trial: &str) -> Option<String> {
    if let Some(id) = trial.strip_prefix("preview-link-") {
        let week = 7 * 86_400_000;
        return Some(files::link(id, week).unwrap_or_else(|failed| error(&failed)));
    }
    Some(match trial {
        "preview-store" => stored().join("; "),
        "preview-escape" => escapes().join("; "),
        _ => return None,
    })
}

/// Stores all that it may, also in a transaction of its own, and says what it finds of it.
fn stored() -> Vec<String> {
    let count = || kv::increment("looked", 1, None);
    let own = || -> Result<()> {
        let open = data::Transaction::begin()?;
        kv::increment("looked", 10, None)?;
        data::Transaction::commit(open)
    };
    let undone = || -> Result<()> {
        let open = data::Transaction::begin()?;
        kv::increment("looked", 100, None)?;
        drop(open);
        Ok(())
    };
    let document = data::Create {
        content_type: TRIAL.into(),
        data: json!({ "title": "by a preview", "kind": "none" }).to_string(),
        locale: None,
        status: Status::Published,
    };
    log::emit(log::Level::Error, "a line of a preview", &[]);
    let entry = search::entry("preview", &json!({ "title": "by a preview" }));
    let mut steps = vec![
        ended(count()),
        ended(own()),
        ended(undone()),
        ended(data::write(&[data::WriteOp::Create(document)], Authority::Plugin)),
        ended(jobs::enqueue(&[flood::job("preview")])),
        ended(events::publish(&[forge::asked("none")])),
        ended(entry.and_then(|entry| search::put("own", [entry]))),
    ];
    steps.push(count().map_or_else(|error| error.describe(), |looked| format!("looked {looked}")));
    let found = rows::find(rows::query(TRIAL), Authority::Plugin);
    let count = found.and_then(|found| Ok(serde_json::from_str::<Vec<Value>>(&found)?.len()));
    steps.push(count.map_or_else(|error| error.describe(), |count| format!("documents {count}")));
    match data::read(&[data::ReadOp::Count(rows::query(TRIAL))], Authority::Plugin).pop() {
        Some(Ok(data::Found::Count(count))) => steps.push(format!("counted {count}")),
        other => steps.push(format!("counted {other:?}")),
    }
    steps
}

/// Tries what would outlive the rollback, or takes more time than a transaction has.
fn escapes() -> Vec<String> {
    vec![
        refused(network::get(network::request("http://allowed.test/"))),
        refused(files::create("preview.txt", "text/plain", b"by a preview")),
        refused(files::read("none", 0, 1)),
        refused(files::delete(&["none".to_owned()])),
        refused(secrets::sign("key", secrets::Mac::HmacSha256, b"valid until then")),
        refused(search::search("own", "").run::<Value>().map(|found| found.total)),
    ]
}

/// Responds with all that it knows of the call, and the articles that the caller finds.
///
/// # Errors
/// A value that is no JSON.
pub(crate) fn seen(call: &Call, request: &Request) -> Result<Response> {
    let actor = match &call.actor {
        Actor::Anonymous => json!("anonymous"),
        Actor::User(who) => json!({ "user": who.id, "roles": who.roles }),
        Actor::Admin(_) | Actor::Token(_) | Actor::System => json!("other"),
    };
    let articles = match rows::find(rows::query("api::article.article"), Authority::Caller) {
        Ok(found) => serde_json::from_str(&found)?,
        Err(error) => json!(error.describe()),
    };
    let names = |pairs: &[(String, String)]| pairs.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    let body = json!({
        "now": clock::now(),
        "preview": preview::current().map(|preview| preview.at),
        "deadline": call.deadline,
        "actor": actor,
        "locale": call.locale,
        "articles": articles,
        "headers": names(&request.headers),
        "query": names(&request.query),
    });
    Response::json(200, &body)
}
