//! `http-client`: requests to the granted addresses, in parallel. The host sends nothing twice: a plugin retries by itself, with a key
//! that the other side recognises.

use crate::call::state::{AmbientTransaction, CallState, to_guest_charge};
use crate::contract::bindings::host::http_client::{Body, Host, Request, Response};
use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::{denied_error, invalid_field};
use crate::contract::host_error::{HostResult, separate_trap};
use crate::services::http::{
    Exchange, ExchangeError, ExchangeResponse, ResponseBudget, SecretHeader, parse_headers,
    require_secret_address_grant,
};
use crate::services::secrets::SendableSecrets;
use bytes::Bytes;
use cairn_plugin_package::{Capability, Scope, secret_reference};
use cairn_store::plugins::LogLevel;
use futures_util::stream::{self, StreamExt};
use reqwest::Method;
use serde_json::Map;
use std::time::{Duration, Instant};
use url::Url;

/// Largest number of requests that run at the same time.
const MAX_CONCURRENT_REQUESTS: usize = 16;
/// Longest address, in bytes.
const MAX_URL_BYTES: usize = 8 << 10;
/// Largest size of all bodies that one call of the host sends, in bytes.
const MAX_REQUEST_BODY_BYTES: usize = 32 << 20;
/// Largest body of a response that is returned, in bytes.
const MAX_RESPONSE_BYTES: usize = 8 << 20;
/// Largest body of a response that is stored as a file, in bytes.
const MAX_FILE_RESPONSE_BYTES: usize = 32 << 20;
/// Default timeout of a request.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(15);
/// Time of the call that is reserved for what the plugin does with the responses.
const RESERVED_TIME: Duration = Duration::from_millis(250);

impl Host for CallState {
    async fn send(&mut self, requests: Vec<Request>) -> wasmtime::Result<Vec<Result<Response, Error>>> {
        let count = requests.len();
        let all = |error: Error| (0..count).map(|_| Err(error.clone())).collect();
        if let Err(error) = separate_trap(self.granted_call(Capability::Http))? {
            return Ok(all(error));
        }
        if let Err(error) = self.refuse_in_preview("send requests to other hosts") {
            return Ok(all(error));
        }
        if let Some(why) = self.no_network() {
            return Ok(all(denied_error(why)));
        }
        // The budget is charged for all requests or for none, so that a plugin need not find out which of them were sent.
        if let Err(error) = separate_trap(to_guest_charge(self.budget.charge_requests(count)))? {
            return Ok(all(error));
        }
        let keep_flags: Vec<bool> = requests.iter().map(|request| request.keep_as_file).collect();
        let secrets = match self.load_sendable_secrets().await {
            Ok(secrets) => secrets,
            Err(error) => return Ok(all(error)),
        };
        let mut room = MAX_REQUEST_BODY_BYTES;
        let mut ready = Vec::with_capacity(count);
        for (i, request) in requests.into_iter().enumerate() {
            ready.push(self.build_exchange(&format!("requests[{i}]"), request, &secrets, &mut room).await);
        }
        let definition = self.definition.clone();
        let (out, answers_room) = (definition.host_context().outbound(), ResponseBudget::new());
        let exchanges = ready.into_iter().map(|exchange| async {
            match exchange {
                Ok(exchange) => {
                    let scrub = secrets.scrubber(exchange.secret_address.as_deref());
                    exchange.send(out, &definition.grants, &scrub, &answers_room).await
                }
                Err(error) => Err(ExchangeError::Refused(error)),
            }
        });
        let results: Vec<Result<ExchangeResponse, ExchangeError>> =
            stream::iter(exchanges).buffered(MAX_CONCURRENT_REQUESTS).collect().await;
        let mut answers = Vec::with_capacity(count);
        for (answer, keep) in results.into_iter().zip(keep_flags) {
            answers.push(match answer {
                Ok(answer) => separate_trap(self.build_guest_response(answer, keep).await)?,
                Err(ExchangeError::Refused(error)) => Err(error),
                Err(ExchangeError::Failed(why)) => {
                    // The contract has no error for it; the operator finds the reason in the log.
                    self.log_line(LogLevel::Warn, format!("a request failed: {why}"), Map::new());
                    Err(Error::Unavailable(None))
                }
            });
        }
        Ok(answers)
    }
}

impl CallState {
    /// Why nothing may be sent now; `None`: it may.
    fn no_network(&self) -> Option<&'static str> {
        if self.budget.limits().requests == 0 {
            return Some("hooks and event handlers cannot send requests to other hosts: enqueue a job instead");
        }
        match self.ambient {
            AmbientTransaction::None => None,
            _ if self.dry_run => Some("a dry run does not send requests to other hosts"),
            AmbientTransaction::Inside | AmbientTransaction::Open(_) => {
                Some("requests to other hosts are not allowed while a transaction is open")
            }
        }
    }

    async fn load_sendable_secrets(&mut self) -> Result<SendableSecrets, Error> {
        let definition = self.definition.clone();
        self.with_reader(move |r| {
            let scopes: Vec<&Scope> = definition.grants.list().iter().map(|granted| &granted.scope).collect();
            SendableSecrets::load(r, definition.access(), &definition.manifest, &scopes)
        })
        .await
    }

    /// A request as it will be sent. `at`: its path in the call.
    async fn build_exchange(
        &mut self,
        at: &str,
        request: Request,
        secrets: &SendableSecrets,
        room: &mut usize,
    ) -> Result<Exchange, Error> {
        let method = Method::try_from(request.method.as_str()).map_err(|_| {
            invalid_field(&format!("{at}.method"), "method", format!("{:?} is not a valid method", request.method))
        })?;
        let secret_address = parse_secret_reference(at, &request.url)?;
        let url = match &secret_address {
            Some(secret) => {
                require_secret_address_grant(&self.definition.grants, &method, secret)?;
                // Secret headers would reveal whether another grant has the same address.
                if !request.secret_headers.is_empty() {
                    return Err(denied_error("a request to an address that is a secret cannot have secret headers"));
                }
                secrets.address(secret)?
            }
            None => parse_url(at, &request.url)?,
        };
        let headers = parse_headers(at, &request.headers)?;
        if request.keep_as_file && !self.definition.has_grant(Capability::FilesWrite) {
            return Err(denied_error("storing a response as a file needs a [[grant]] with use = \"files.write\""));
        }
        let mut exchange = Exchange {
            method,
            url,
            secret_address,
            headers,
            secret_headers: Vec::with_capacity(request.secret_headers.len()),
            body: Bytes::new(),
            timeout: self.request_timeout(request.timeout),
            redirects: request.follow_redirects,
            max_body_bytes: if request.keep_as_file { MAX_FILE_RESPONSE_BYTES } else { MAX_RESPONSE_BYTES },
        };
        // Grants are checked before secrets and files are read.
        exchange.check_grants(&self.definition.grants)?;
        for (i, header) in request.secret_headers.iter().enumerate() {
            let at = format!("{at}.secret-headers[{i}]");
            let (method, url) = (exchange.method.as_str(), &exchange.url);
            if !self.definition.grants.may_send_secret(method, url, &header.secret) {
                return Err(denied_error(format!(
                    "the secret {:?} may not be sent with {method} {}",
                    header.secret,
                    url.origin().ascii_serialization()
                )));
            }
            let value = secrets.header(&header.secret)?;
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

    /// The timeout of a request: the requested one, limited to the remaining time of the call minus a reserve.
    fn request_timeout(&self, timeout: Option<u64>) -> Duration {
        let remaining = self.budget.deadline().saturating_duration_since(Instant::now());
        let timeout = timeout.map_or(DEFAULT_TIMEOUT, Duration::from_millis);
        timeout.min(remaining.saturating_sub(RESERVED_TIME.min(remaining / 4)))
    }

    async fn build_guest_response(&mut self, answer: ExchangeResponse, keep: bool) -> HostResult<Response> {
        let ExchangeResponse { status, headers, body, file_name } = answer;
        let body = match (body.is_empty(), keep) {
            (true, false) => Body::Empty,
            (false, false) => Body::Bytes(body),
            (_, true) => {
                let media_type =
                    headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.as_str());
                let media_type = media_type.unwrap_or("application/octet-stream");
                Body::File(self.store_file(file_name.as_deref().unwrap_or("answer"), media_type, body).await?)
            }
        };
        Ok(Response { status, headers, body })
    }
}

/// The secret in `secret:<name>`; `None` for an address.
fn parse_secret_reference(at: &str, text: &str) -> Result<Option<String>, Error> {
    if !text.starts_with("secret:") {
        return Ok(None);
    }
    let invalid = || {
        let message =
            "must be \"secret:\" and the name of a secret: nothing can be added to an address that is a secret";
        invalid_field(&format!("{at}.url"), "url", message)
    };
    secret_reference(text).map(|name| Some(name.to_owned())).ok_or_else(invalid)
}

fn parse_url(at: &str, text: &str) -> Result<Url, Error> {
    let at = format!("{at}.url");
    if text.len() > MAX_URL_BYTES {
        return Err(invalid_field(
            &at,
            "url",
            format!("an address of {} bytes exceeds the limit of {MAX_URL_BYTES}", text.len()),
        ));
    }
    let mut url =
        Url::parse(text).map_err(|problem| invalid_field(&at, "url", format!("is not a valid address: {problem}")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(denied_error("the address must begin with http:// or https://"));
    }
    url.set_fragment(None);
    Ok(url)
}
