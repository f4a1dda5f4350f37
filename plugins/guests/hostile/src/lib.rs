//! A plugin that does everything a plugin must not. Each trial is called by name: the hook, subscription, job or route of
//! that name, or those called `any`, which take it from the document's `kind`, the event's or payload's `trial`, the path.
//!
//! A trial that asks for what it may not have reports the answer (`denied`, `invalid` …), and `leak:` with what it got
//! where it got something: no test may ever see that word.

mod burn;
mod decisions;
mod errors;
mod flood;
mod forge;
mod hoard;
mod memory;
mod network;
mod own;
mod people;
mod preview;
mod reach;
mod report;
mod rows;

use cairn_plugin::bindings;
use cairn_plugin::{
    Ack, Call, Change, Decision, Event, Events, Hooks, Jobs, Outcome, Request, Response, Result, Routes, Task,
    public_files,
};
use serde_json::{Value, json};

struct Hostile;

/// A page that tries all that a page of the admin's own origin could do, and says what of it worked.
const PAGE: &str = include_str!("thief.html");

/// Content security policy that it would like to have.
const OWN_POLICY: &str = "sandbox allow-scripts allow-same-origin allow-popups allow-downloads allow-forms";

/// The same try by a picture: it names itself if it has an origin.
const SVG: &str = r#"<svg xmlns="http://www.w3.org/2000/svg"><script>
document.documentElement.setAttribute('data-origin', self.origin);
</script></svg>"#;

fn page(kind: &str) -> Response {
    Response::bytes(200, kind, PAGE.as_bytes().to_vec())
}

/// A public page with a script and a style of the package.
fn public_page() -> Result<Response> {
    let (script, style) = (public_files::url("thief.js")?, public_files::url("thief.css")?);
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><title>public</title><link rel=\"stylesheet\" href=\"{style}\"></head>\
         <body><p id=\"out\"></p><script src=\"{script}\"></script></body></html>"
    );
    Ok(Response::bytes(200, "text/html; charset=utf-8", html.into_bytes()))
}

cairn_plugin::export!(Hostile: hooks, events, jobs, routes);

/// Runs a trial and says how it ended.
fn run(trial: &str) -> String {
    let parts = [
        burn::run,
        hoard::run,
        memory::run,
        flood::run,
        rows::run,
        reach::run,
        forge::run,
        network::run,
        own::run,
        people::run,
        preview::run,
    ];
    let report = parts.iter().find_map(|part| part(trial));
    report.unwrap_or_else(|| format!("no such trial: {trial}"))
}

impl Hooks for Hostile {
    fn prepare(_call: &Call, hook: &str, changes: &[Change]) -> Result<Vec<Decision>> {
        decide(hook, changes)
    }

    fn before(_call: &Call, hook: &str, changes: &[Change]) -> Result<Vec<Decision>> {
        decide(hook, changes)
    }
}

/// A hook's answer is the trial itself, or a refusal that carries its report.
fn decide(hook: &str, changes: &[Change]) -> Result<Vec<Decision>> {
    let asked = if hook.starts_with("any") { kind(changes) } else { None };
    let trial = asked.as_deref().unwrap_or(hook);
    if trial == "none" {
        return Ok(vec![Decision::Allow; changes.len()]);
    }
    if let Some(decisions) = errors::decide(trial, changes)? {
        return Ok(decisions);
    }
    Ok(decisions::run(trial, changes).unwrap_or_else(|| {
        let report = run(trial);
        changes.iter().map(|_| Decision::refuse_field("kind", "trial", report.clone())).collect()
    }))
}

fn kind(changes: &[Change]) -> Option<String> {
    let after: Value = changes.first()?.after().ok()??;
    after["kind"].as_str().map(str::to_owned)
}

impl Events for Hostile {
    /// The trial is the subscription's name, or the event's `trial` for the subscription `any`.
    fn handle(_call: &Call, subscription: &str, events: &[Event]) -> Vec<Ack> {
        let first: Value = events.first().and_then(|event| event.data().ok()).unwrap_or_default();
        let trial = if subscription == "any" { first["trial"].as_str().unwrap_or("none") } else { subscription };
        match trial {
            "none" => return events.iter().map(|_| Ack::Done).collect(),
            "no-ack" => return Vec::new(),
            "too-many-acks" => return events.iter().flat_map(|_| [Ack::Done, Ack::Done]).collect(),
            "huge-ack" => return events.iter().map(|_| Ack::Reject("x".repeat(20 << 20))).collect(),
            trial if hoard::echoed(trial, events) => return events.iter().map(|_| Ack::Done).collect(),
            _ => {}
        }
        let report = run(trial);
        events.iter().map(|_| Ack::Reject(report.clone())).collect()
    }
}

impl Jobs for Hostile {
    /// The trial is the job's name, or the payload's `trial` for the job `any`.
    fn run(_call: &Call, task: &Task) -> Result<Outcome> {
        let payload: Value = task.payload().unwrap_or_default();
        let trial = if task.name == "any" { payload["trial"].as_str().unwrap_or_default() } else { &task.name };
        Ok(match trial {
            "huge-outcome" => Outcome::Done(Some(format!("\"{}\"", "x".repeat(20 << 20)))),
            "malformed-outcome" => Outcome::Done(Some("{\"half\":".to_owned())),
            "malformed-checkpoint" => Outcome::Again(("{\"half\":".to_owned(), 0)),
            "endless-slices" => Outcome::Again(("1".to_owned(), 0)),
            "far-retry" => Outcome::Retry(("never".to_owned(), Some(u64::MAX))),
            trial => Outcome::Done(Some(json!({ "trial": trial, "report": run(trial) }).to_string())),
        })
    }
}

#[derive(serde::Deserialize)]
struct Numbered {
    #[expect(dead_code, reason = "only read")]
    number: u32,
}

impl Routes for Hostile {
    /// The trial is the path's `{trial}`, or the route's name. The route `ask` has it done by the subscription `any`.
    fn handle(call: &Call, request: &Request) -> Result<Response> {
        let named = request.parameter("trial");
        let trial = if named.is_empty() { request.route.as_str() } else { named };
        if request.route == "ask" {
            bindings::events::publish(&[forge::asked(trial)])?;
            return Ok(Response::empty(202));
        }
        if let Some(error) = errors::run(trial) {
            return Err(error);
        }
        if trial == "typed" {
            request.json::<Vec<Numbered>>()?;
        }
        Ok(match trial {
            "header-injection" => Response::text(200, "").header("x-a", "b\r\nset-cookie: admin=1"),
            "header-name" => Response::text(200, "").header("x a:\n", "b"),
            "header-flood" => (0..100_000).fold(Response::text(200, ""), |r, n| r.header(&format!("x-{n}"), "y")),
            "header-framing" => Response::text(200, "short")
                .header("content-length", "1000000")
                .header("transfer-encoding", "chunked")
                .header("connection", "upgrade"),
            "header-session" => Response::text(200, "").header("set-cookie", "cairn_session=stolen; Path=/"),
            "status-zero" => Response::empty(0),
            "status-high" => Response::empty(65_535),
            "status-continue" => Response::empty(101),
            "header-list" => Response::text(200, "")
                .header("clear-site-data", "\"*\"")
                .header("www-authenticate", "Basic")
                .header("set-cookie", "cairn_admin=stolen; Path=/")
                .header("service-worker-allowed", "/")
                .header("access-control-allow-origin", "*")
                .header("location", "javascript:alert(1)")
                .header("x-hostile-mark", "kept")
                .header("cache-control", "no-store"),
            "redirect" => Response::empty(302).header("location", "/admin/api/session"),
            "redirect-plugin" => Response::empty(302).header("location", "/plugins/teller/1.0.0/note.txt"),
            "redirect-content" => Response::empty(302).header("location", "/api/articles"),
            "seen" => preview::seen(call, request)?,
            "told" => Response::json(200, &json!({ "told": true }))?,
            "public" => public_page()?,
            "worker.js" => Response::bytes(200, "text/javascript", b"self.onmessage = () => {};".to_vec())
                .header("service-worker-allowed", "/"),
            "thief" => page("text/html; charset=utf-8").header("content-security-policy", OWN_POLICY),
            "thief.xhtml" => page("application/xhtml+xml"),
            "thief.svg" => Response::bytes(200, "image/svg+xml", SVG.as_bytes().to_vec()),
            "html" => Response::bytes(200, "text/html", b"<script>fetch('/admin/api/me')</script>".to_vec()),
            "foreign-file" => Response { body: cairn_plugin::Body::File("1".to_owned()), ..Response::empty(200) },
            "big-body" => Response::bytes(200, "text/plain", vec![b'x'; 20 << 20]),
            trial => Response::json(200, &json!({ "trial": trial, "report": run(trial) }))?,
        })
    }
}
