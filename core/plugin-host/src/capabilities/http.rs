//! `http-client`: requests to the granted addresses, in parallel. The host sends nothing twice: a plugin retries by itself, with a key
//! that the other side recognises.

use super::secrets::not_set;
use crate::bindings::host::http_client::{Body, Host, Request, Response};
use crate::bindings::types::Error;
use crate::faults::{denied, invalid};
use crate::http::{Answer, Exchange, NotSent, Room, Scrub, SecretHeader, headers_of};
use crate::secrets::travelling;
use crate::state::{Ambient, State, charged};
use bytes::Bytes;
use cairn_plugin_package::{Capability, Scope};
use cairn_store::plugins::LogLevel;
use futures_util::stream::{self, StreamExt};
use reqwest::Method;
use serde_json::Map;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use url::Url;

/// Largest number of requests that run at the same time.
const AT_ONCE: usize = 16;
/// Longest address, in bytes.
const URL: usize = 8 << 10;
/// Largest size of all bodies that one call of the host sends, in bytes.
const BODIES: usize = 32 << 20;
/// Largest body of a response that is returned, in bytes.
const BODY: usize = 8 << 20;
/// Largest body of a response that is stored as a file, in bytes.
const KEPT: usize = 32 << 20;
/// Default timeout of a request.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Time of the call that is reserved for what the plugin does with the responses.
const AFTER: Duration = Duration::from_millis(250);

impl Host for State {
    async fn send(&mut self, requests: Vec<Request>) -> wasmtime::Result<Vec<Result<Response, Error>>> {
        let count = requests.len();
        let all = |error: Error| (0..count).map(|_| Err(error.clone())).collect();
        if let Err(error) = self.granted_call(Capability::Http)? {
            return Ok(all(error));
        }
        if let Some(why) = self.no_network() {
            return Ok(all(denied(why)));
        }
        // All or none: nobody has to find out which of them were sent.
        if let Err(error) = charged(self.budget.request(count))? {
            return Ok(all(error));
        }
        let kept: Vec<bool> = requests.iter().map(|request| request.keep_as_file).collect();
        let secrets = match self.travelling().await {
            Ok(secrets) => secrets,
            Err(error) => return Ok(all(error)),
        };
        let mut room = BODIES;
        let mut ready = Vec::with_capacity(count);
        for (i, request) in requests.into_iter().enumerate() {
            ready.push(self.exchange(&format!("requests[{i}]"), request, &secrets, &mut room).await);
        }
        let generation = self.generation.clone();
        let (out, scrub, answers_room) =
            (generation.ground().outbound(), Scrub::of(secrets.values().map(String::as_str)), Room::new());
        let sent = ready.into_iter().map(|exchange| async {
            match exchange {
                Ok(exchange) => exchange.send(out, &generation.grants, &scrub, &answers_room).await,
                Err(error) => Err(NotSent::Refused(error)),
            }
        });
        let sent: Vec<Result<Answer, NotSent>> = stream::iter(sent).buffered(AT_ONCE).collect().await;
        let mut answers = Vec::with_capacity(count);
        for (answer, keep) in sent.into_iter().zip(kept) {
            answers.push(match answer {
                Ok(answer) => self.response(answer, keep).await?,
                Err(NotSent::Refused(error)) => Err(error),
                Err(NotSent::Failed(why)) => {
                    // The contract has no words for it; whoever looks after the plugin finds them.
                    self.line(LogLevel::Warn, scrub.text(&format!("a request failed: {why}")), Map::new());
                    Err(Error::Unavailable(None))
                }
            });
        }
        Ok(answers)
    }
}

impl State {
    /// Why nothing may be sent now; `None`: it may.
    fn no_network(&self) -> Option<&'static str> {
        if self.budget.limits().requests == 0 {
            return Some("hooks and event handlers cannot send requests to other hosts: enqueue a job instead");
        }
        match self.ambient {
            Ambient::None => None,
            _ if self.rehearsed => Some("a dry run does not send requests to other hosts"),
            Ambient::Inside | Ambient::Open(_) => {
                Some("requests to other hosts are not allowed while a transaction is open")
            }
        }
    }

    async fn travelling(&mut self) -> Result<HashMap<String, String>, Error> {
        let generation = self.generation.clone();
        self.read(move |r| {
            let scopes: Vec<&Scope> = generation.grants.list().iter().map(|granted| &granted.scope).collect();
            travelling(r, generation.access(), &generation.manifest, &scopes)
        })
        .await
    }

    /// A request as it will be sent. `at`: its path in the call.
    async fn exchange(
        &mut self,
        at: &str,
        request: Request,
        secrets: &HashMap<String, String>,
        room: &mut usize,
    ) -> Result<Exchange, Error> {
        let method = Method::try_from(request.method.as_str()).map_err(|_| {
            invalid(&format!("{at}.method"), "method", format!("{:?} is not a valid method", request.method))
        })?;
        let url = address(at, &request.url)?;
        let headers = headers_of(at, &request.headers)?;
        if request.keep_as_file && !self.generation.may(Capability::FilesWrite) {
            return Err(denied("storing a response as a file needs a [[grant]] with use = \"files.write\""));
        }
        let mut exchange = Exchange {
            method,
            url,
            headers,
            secret_headers: Vec::with_capacity(request.secret_headers.len()),
            body: Bytes::new(),
            timeout: self.timeout(request.timeout),
            redirects: request.follow_redirects,
            most: if request.keep_as_file { KEPT } else { BODY },
        };
        // Before any secret is looked at, and before a file is read.
        exchange.check(&self.generation.grants)?;
        for (i, header) in request.secret_headers.iter().enumerate() {
            let at = format!("{at}.secret-headers[{i}]");
            let (method, url) = (exchange.method.as_str(), &exchange.url);
            if !self.generation.grants.may_send_secret(method, url, &header.secret) {
                return Err(denied(format!(
                    "the secret {:?} may not be sent with {method} {}",
                    header.secret,
                    url.origin().ascii_serialization()
                )));
            }
            let value = secrets.get(&header.secret).ok_or_else(|| not_set(&header.secret))?;
            exchange.secret_headers.push(SecretHeader::new(&at, &header.name, &header.prefix, &header.secret, value)?);
        }
        exchange.body = match request.body {
            Body::Empty => Bytes::new(),
            Body::Bytes(bytes) => bytes.into(),
            Body::File(id) => self.file_bytes(&id, *room).await?,
        };
        *room = room.checked_sub(exchange.body.len()).ok_or_else(|| Error::Exhausted("request-bytes".to_owned()))?;
        Ok(exchange)
    }

    /// The timeout of a request: as asked for, and no longer than the call has, with some time left.
    fn timeout(&self, asked: Option<u64>) -> Duration {
        let left = self.budget.until().saturating_duration_since(Instant::now());
        let asked = asked.map_or(TIMEOUT, Duration::from_millis);
        asked.min(left.saturating_sub(AFTER.min(left / 4)))
    }

    async fn response(&mut self, answer: Answer, keep: bool) -> wasmtime::Result<Result<Response, Error>> {
        let Answer { status, headers, body, url } = answer;
        let body = match (body.is_empty(), keep) {
            (true, false) => Body::Empty,
            (false, false) => Body::Bytes(body),
            (_, true) => {
                let named = url.path_segments().and_then(|mut parts| parts.next_back()).filter(|name| !name.is_empty());
                let media_type =
                    headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.as_str());
                let media_type = media_type.unwrap_or("application/octet-stream");
                match self.store_file(named.unwrap_or("answer"), media_type, body).await? {
                    Ok(id) => Body::File(id),
                    Err(error) => return Ok(Err(error)),
                }
            }
        };
        Ok(Ok(Response { status, headers, body }))
    }
}

fn address(at: &str, text: &str) -> Result<Url, Error> {
    let at = format!("{at}.url");
    if text.len() > URL {
        return Err(invalid(&at, "url", format!("an address of {} bytes exceeds the limit of {URL}", text.len())));
    }
    let mut url =
        Url::parse(text).map_err(|problem| invalid(&at, "url", format!("is not a valid address: {problem}")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(denied("the address must begin with http:// or https://"));
    }
    url.set_fragment(None);
    Ok(url)
}
