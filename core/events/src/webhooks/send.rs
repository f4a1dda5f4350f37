//! Sends one request to a receiver, with limits on time, on the response, and on its target.

use super::WebhookHeaders;
use crate::outbound::{AddressGuard, BlockedAddressError, tls_config};
use chrono::{DateTime, Utc};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, StatusCode};
use serde_json::{Map, Value as Json, json};
use std::error::Error;
use std::time::{Duration, Instant};
use url::Url;

/// Time limit for opening the connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Time limit for the whole exchange, the response included.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);
/// Number of bytes of a response that are read.
const MAX_RESPONSE_BYTES: usize = 64 * 1024;
/// Number of bytes of a request body that are stored.
const MAX_STORED_BODY_BYTES: usize = 64 * 1024;
/// Number of bytes of response headers that are stored.
const MAX_RESPONSE_HEADER_BYTES: usize = 16 * 1024;
/// Idle time after which a connection is closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// The result of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct SendOutcome {
    /// Headers and body. Values of headers that the operator added are left out.
    pub request: Json,
    /// Status, headers and body; `None` if there was no response.
    pub response: Option<Json>,
    /// HTTP status of the response.
    pub status: Option<u16>,
    /// Why it does not count as accepted; `None` if it does.
    pub error: Option<String>,
    /// Earliest time of the next attempt, as the receiver requested.
    pub retry_after: Option<Duration>,
    /// Duration in milliseconds.
    pub duration: i64,
}

/// Creates a client for one address: with separate connections, and only to that address.
pub(crate) fn build_client(guard: &AddressGuard, url: &Url) -> Result<Client, String> {
    let port = url.port_or_known_default().unwrap_or(0);
    Client::builder()
        .use_preconfigured_tls(tls_config()?)
        .dns_resolver(guard.dns_resolver(port))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(REQUEST_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(4)
        .referer(false)
        .user_agent(concat!("Cairn/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|e| e.to_string())
}

/// A request to be sent.
pub(crate) struct WebhookRequest<'a> {
    pub(crate) url: &'a Url,
    /// Name of the event in the form that receivers see.
    pub(crate) event: &'a str,
    pub(crate) id: &'a str,
    pub(crate) timestamp: i64,
    pub(crate) signature: &'a str,
    pub(crate) headers: &'a WebhookHeaders,
    pub(crate) body: Vec<u8>,
}

/// Sends the request. Whatever the receiver does, this ends after [`REQUEST_TIMEOUT`] and reads little.
pub(crate) async fn send_request(
    client: &Client,
    guard: &AddressGuard,
    request: WebhookRequest<'_>,
    now: DateTime<Utc>,
) -> SendOutcome {
    let headers = header_map(&request);
    let mut outcome = SendOutcome {
        request: request_json(&request, &headers),
        response: None,
        status: None,
        error: None,
        retry_after: None,
        duration: 0,
    };
    if let Err(refused) = guard.check_url(request.url) {
        outcome.error = Some(refused.to_string());
        return outcome;
    }
    let began = Instant::now();
    let call = async {
        let mut response = client.post(request.url.clone()).headers(headers).body(request.body).send().await?;
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let (mut body, mut is_complete) = (Vec::new(), true);
        while let Some(chunk) = response.chunk().await? {
            let room = MAX_RESPONSE_BYTES - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() >= room {
                is_complete = false;
                break;
            }
        }
        Ok::<_, reqwest::Error>((status, headers, body, is_complete))
    };
    let result = tokio::time::timeout(REQUEST_TIMEOUT, call).await;
    outcome.duration = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
    match result {
        Err(_) => outcome.error = Some(format!("no complete response within {} s", REQUEST_TIMEOUT.as_secs())),
        Ok(Err(e)) => outcome.error = Some(error_reason(&e)),
        Ok(Ok((status, headers, body, is_complete))) => {
            outcome.status = Some(status.as_u16());
            outcome.error = status_error(status);
            if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
                outcome.retry_after = headers.get(RETRY_AFTER).and_then(|value| retry_after(value, now));
            }
            outcome.response = Some(json!({
                "status": status.as_u16(), "headers": headers_json(&headers), "body": String::from_utf8_lossy(&body),
                "truncated": !is_complete,
            }));
        }
    }
    outcome
}

fn status_error(status: StatusCode) -> Option<String> {
    if status.is_success() {
        return None;
    }
    let hint =
        if status.is_redirection() { ": redirects are not followed, use the address that it redirects to" } else { "" };
    Some(format!("the receiver responded with {}{hint}", status.as_u16()))
}

/// Describes an error, without the address, which may contain a secret.
fn error_reason(error: &reqwest::Error) -> String {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    let mut root_cause = None;
    while let Some(e) = cause {
        if let Some(refused) = e.downcast_ref::<BlockedAddressError>() {
            return refused.to_string();
        }
        root_cause = Some(e.to_string());
        cause = e.source();
    }
    let subject = match error {
        e if e.is_timeout() && e.is_connect() => {
            return format!("no connection within {} s", CONNECT_TIMEOUT.as_secs());
        }
        e if e.is_timeout() => return format!("no complete response within {} s", REQUEST_TIMEOUT.as_secs()),
        e if e.is_connect() => "no connection",
        _ => "no response",
    };
    root_cause.map_or_else(|| subject.to_owned(), |root_cause| format!("{subject}: {root_cause}"))
}

/// Parses seconds, or a date.
fn retry_after(value: &HeaderValue, now: DateTime<Utc>) -> Option<Duration> {
    let text = value.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = DateTime::parse_from_rfc2822(text).ok()?;
    (date.to_utc() - now).to_std().ok()
}

fn header_map(request: &WebhookRequest<'_>) -> HeaderMap {
    let mut map = HeaderMap::new();
    // The operator's headers come first: they cannot replace Cairn's.
    for (name, value) in request.headers.iter() {
        if let (Ok(name), Ok(mut value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            value.set_sensitive(true);
            map.insert(name, value);
        }
    }
    let timestamp = request.timestamp.to_string();
    for (name, value) in [
        ("content-type", "application/json"),
        ("x-strapi-event", request.event),
        ("webhook-id", request.id),
        ("webhook-timestamp", &timestamp),
        ("webhook-signature", request.signature),
    ] {
        if let Ok(value) = HeaderValue::try_from(value) {
            map.insert(HeaderName::from_static(name), value);
        }
    }
    map
}

fn request_json(request: &WebhookRequest<'_>, headers: &HeaderMap) -> Json {
    let body = &request.body[..request.body.len().min(MAX_STORED_BODY_BYTES)];
    json!({
        "headers": headers_json(headers), "body": String::from_utf8_lossy(body), "truncated": request.body.len() > MAX_STORED_BODY_BYTES,
    })
}

fn headers_json(headers: &HeaderMap) -> Json {
    let mut object = Map::new();
    let mut room = MAX_RESPONSE_HEADER_BYTES;
    for (name, value) in headers {
        let text = if value.is_sensitive() { "…".into() } else { String::from_utf8_lossy(value.as_bytes()) };
        let Some(remaining) = room.checked_sub(name.as_str().len() + text.len()) else { break };
        room = remaining;
        match object.get_mut(name.as_str()) {
            Some(Json::String(before)) => {
                before.push_str(", ");
                before.push_str(&text);
            }
            _ => drop(object.insert(name.as_str().to_owned(), text.into_owned().into())),
        }
    }
    object.into()
}
