//! Routes: `echo` gives back what came in, `note` creates a document, `notes` lists them, `tree` creates documents with ids of its own,
//! `sizes` measures them, `sleep` waits in a call to the host, `large` answers with many bytes, `error` fails with the error named, `job`
//! enqueues one.

use crate::Allow;
use crate::host::{self, BRANCH, LOG, NOTE};
use cairn_plugin::bindings::{data, jobs, random};
use cairn_plugin::{Actor, Authority, Call, Conflict, DocumentRef, Error, Request, Response, Result, Routes, Status};
use serde_json::{Value, json};
use std::time::Duration;

impl Routes for Allow {
    fn handle(call: &Call, request: &Request) -> Result<Response> {
        match request.route.as_str() {
            "echo" => echo(call, request),
            "note" => note(request),
            "notes" => Response::json(200, &host::find(NOTE, &json!({}), rights(request))?),
            "tree" => tree(request),
            "sizes" => sizes(request),
            "logs" => Response::json(200, &host::find(LOG, &json!({}), Authority::Plugin)?),
            "sleep" => {
                std::thread::sleep(Duration::from_millis(number(request, "ms")));
                Ok(Response::text(200, "awake"))
            }
            "large" => {
                let size = usize::try_from(number(request, "bytes")).unwrap_or(usize::MAX);
                Ok(Response::bytes(200, "application/octet-stream", vec![b'x'; size]))
            }
            "error" => Err(error(request.parameter("kind"))),
            "job" => job(request),
            other => Err(Error::NotFound(other.to_owned())),
        }
    }
}

/// `?rights=caller`, else the plugin's.
fn rights(request: &Request) -> Authority {
    if request.query("rights") == Some("caller") { Authority::Caller } else { Authority::Plugin }
}

fn number(request: &Request, name: &str) -> u64 {
    request.query(name).and_then(|text| text.parse().ok()).unwrap_or_default()
}

fn echo(call: &Call, request: &Request) -> Result<Response> {
    let actor = match &call.actor {
        Actor::Anonymous => json!({ "kind": "anonymous" }),
        Actor::User(who) => json!({ "kind": "user", "id": who.id, "roles": who.roles, "groups": who.groups }),
        Actor::Admin(who) => json!({ "kind": "admin", "id": who.id, "roles": who.roles }),
        Actor::Token(who) => json!({ "kind": "token", "id": who.id, "roles": who.roles }),
        Actor::System => json!({ "kind": "system" }),
    };
    let body = json!({
        "route": request.route,
        "method": request.method,
        "path": request.path,
        "parameters": request.parameters,
        "query": request.query,
        "headers": request.headers,
        "body": String::from_utf8_lossy(request.bytes()),
        "clientAddress": request.client_address,
        "call": { "actor": actor, "locale": call.locale, "attempt": call.attempt, "key": call.idempotency_key },
    });
    Ok(Response::json(200, &body)?.header("x-allow", "echo"))
}

fn note(request: &Request) -> Result<Response> {
    let fields: Value = request.json()?;
    let made = host::create(NOTE, &fields, rights(request))?;
    Response::json(201, &json!({ "documentId": made.document_id }))
}

/// Creates the `branches` of the body (`{"id", "under"}`, each under one before it) in one call. Where no id is given it is a new one;
/// `undone`: first in a transaction that is dropped.
fn tree(request: &Request) -> Result<Response> {
    let body: Value = request.json()?;
    let mut ids = Vec::new();
    let mut creates = Vec::new();
    for branch in body["branches"].as_array().into_iter().flatten() {
        let id = branch["id"].as_str().map_or_else(random::new_id, str::to_owned);
        let under = match &branch["under"] {
            Value::Number(place) => place.as_u64().and_then(|place| ids.get(usize::try_from(place).ok()?).cloned()),
            other => other.as_str().map(str::to_owned),
        };
        let data = json!({ "title": branch["title"], "size": branch["size"], "under": under }).to_string();
        let (content_type, locale, status) = (BRANCH.to_owned(), None, Status::Published);
        creates.push(data::IdentifiedCreate { id: id.clone(), content_type, data, locale, status });
        ids.push(id);
    }
    if body["undone"] == true {
        let open = data::Transaction::begin()?;
        data::create_with_id(&creates, rights(request))?;
        drop(open);
    }
    let written = data::create_with_id(&creates, rights(request))?;
    let made: Vec<&str> = written.iter().map(|one| one.target.document_id.as_str()).collect();
    assert_eq!(made, ids);
    Response::json(201, &made)
}

/// Measures the branches in groups: `by`, `measures` and `sort` are lists with commas.
fn sizes(request: &Request) -> Result<Response> {
    let list = |name: &str| {
        let texts = request.query(name).unwrap_or_default().split(',').filter(|text| !text.is_empty());
        texts.map(str::to_owned).collect::<Vec<_>>()
    };
    let query = data::Query {
        content_type: BRANCH.to_owned(),
        filters: None,
        sort: list("sort"),
        fields: Vec::new(),
        populate: None,
        locale: None,
        status: Status::Published,
    };
    let asked = data::GroupMeasures { query, group_by: list("by"), measures: list("measures"), limit: 10 };
    let found = data::measure_groups(&[asked], rights(request))
        .pop()
        .unwrap_or_else(|| Err(Error::Internal("no result".to_owned())))?;
    assert_eq!(serde_json::from_str::<Vec<Value>>(&found.data)?.len(), found.returned as usize);
    Ok(Response::bytes(200, "application/json", found.data.into_bytes()))
}

/// One of each error the contract knows.
fn error(kind: &str) -> Error {
    match kind {
        "invalid" => Error::field("title", "short", "Too short."),
        "denied" => Error::Denied("not for you".to_owned()),
        "conflict" => {
            Error::Conflict(Conflict { kind: "state".to_owned(), existing: None, message: "It is closed.".to_owned() })
        }
        "taken" => {
            let (content_type, document_id) = (NOTE.to_owned(), "first-note".to_owned());
            let existing = Some(DocumentRef { content_type, document_id, locale: None });
            Error::Conflict(Conflict { kind: "unique".to_owned(), existing, message: "There is one.".to_owned() })
        }
        "exhausted" => Error::Exhausted("rows-read".to_owned()),
        "unavailable" => Error::Unavailable(Some(1_500)),
        "internal" => Error::Internal("secret-reference".to_owned()),
        "trap" => panic!("the path asked for a trap"),
        other => Error::NotFound(other.to_owned()),
    }
}

/// Enqueues the job `name` of the body with its `payload`.
fn job(request: &Request) -> Result<Response> {
    let body: Value = request.json()?;
    let job = jobs::Job {
        name: body["name"].as_str().unwrap_or_default().to_owned(),
        payload: body["payload"].to_string(),
        due: body["due"].as_i64(),
        key: body["key"].as_str().map(str::to_owned),
        on_duplicate: jobs::Duplicate::Refuse,
        lane: body["lane"].as_str().map(str::to_owned),
    };
    Response::json(202, &jobs::enqueue(&[job])?)
}
