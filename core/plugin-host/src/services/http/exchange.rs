//! One request with its redirects: every hop is checked like the first.

use super::exchange_error::{ExchangeError, request_error};
use super::headers::{SecretHeader, remove_credentials};
use super::response::{ResponseBudget, header_pairs, read_body};
use super::{OutboundHttp, SecretScrubber};
use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::denied_error;
use bytes::Bytes;
use cairn_plugin_package::Grants;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Method, StatusCode};
use std::time::Duration;
use url::Url;

/// Largest number of redirects that are followed, whatever the plugin requested.
const MAX_REDIRECTS: u8 = 10;

/// A request to be sent.
pub(crate) struct Exchange {
    pub(crate) method: Method,
    pub(crate) url: Url,
    /// Name of the secret whose value is the URL; `None` for a URL that the plugin named. The URL and its host are then in no error and in
    /// no part of the response.
    pub(crate) secret_address: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) secret_headers: Vec<SecretHeader>,
    pub(crate) body: Bytes,
    /// Time for all of it, redirects and the body of the response included.
    pub(crate) timeout: Duration,
    /// Number of redirects that are followed; the next one is returned as it is.
    pub(crate) redirects: u8,
    /// Largest body of the response, in bytes.
    pub(crate) max_body_bytes: usize,
}

/// The response of the last hop.
#[derive(Debug)]
pub(crate) struct ExchangeResponse {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Name of the file at the URL that it came from in the end; `None` where the URL has none, or is a secret.
    pub(crate) file_name: Option<String>,
}

impl Exchange {
    /// Checks whether it may be sent at all. The error names the missing grant.
    pub(crate) fn check_grants(&self, grants: &Grants) -> Result<(), Error> {
        match &self.secret_address {
            Some(secret) => require_secret_address_grant(grants, &self.method, secret),
            None => require_send_grant(grants, &self.method, &self.url),
        }
    }

    /// Sends it. Whatever the other side does, it ends within its time and reads no more than permitted.
    pub(crate) async fn send(
        mut self,
        out: &OutboundHttp,
        grants: &Grants,
        scrub: &SecretScrubber,
        room: &ResponseBudget,
    ) -> Result<ExchangeResponse, ExchangeError> {
        let timeout = self.timeout;
        let answer = tokio::time::timeout(timeout, self.follow_redirects(out, grants, room)).await;
        let late = || ExchangeError::Failed(format!("no complete response within {} ms", timeout.as_millis()));
        let mut answer = answer.unwrap_or_else(|_| Err(late())).map_err(|error| match error {
            ExchangeError::Failed(why) => ExchangeError::Failed(scrub.mask_text(&why)),
            refused => refused,
        })?;
        scrub.mask_bytes(&mut answer.body);
        for (_, value) in &mut answer.headers {
            *value = scrub.mask_text(value);
        }
        Ok(answer)
    }

    async fn follow_redirects(
        &mut self,
        out: &OutboundHttp,
        grants: &Grants,
        room: &ResponseBudget,
    ) -> Result<ExchangeResponse, ExchangeError> {
        let mut left = self.redirects.min(MAX_REDIRECTS);
        self.check_grants(grants).map_err(ExchangeError::Refused)?;
        loop {
            let response = self.send_once(out).await.map_err(|error| self.hide_address(error))?;
            if left > 0
                && let Some(next) = redirect_target(&self.url, response.status(), response.headers())
                // The host that an operator chose must not pass the message on to one that nobody chose.
                && (self.secret_address.is_none() || next.origin() == self.url.origin())
            {
                left -= 1;
                self.redirect_to(next, response.status(), grants);
                // The error does not name the address: the redirecting host may have put what it received into it.
                let elsewhere = || denied_error("the response redirects to an address that is not granted");
                self.check_grants(grants).map_err(|_| ExchangeError::Refused(elsewhere()))?;
                continue;
            }
            let (status, mut headers) = (response.status().as_u16(), response.headers().clone());
            if self.secret_address.is_some() {
                // The `Location` of a secret address may itself be a secret of that host.
                headers.remove(LOCATION);
            }
            let (body, decoded) = read_body(response, self.max_body_bytes, room).await?;
            return Ok(ExchangeResponse {
                status,
                headers: header_pairs(&headers, decoded)?,
                body,
                file_name: self.file_name(),
            });
        }
    }

    fn file_name(&self) -> Option<String> {
        if self.secret_address.is_some() {
            return None;
        }
        let name = self.url.path_segments()?.next_back()?;
        (!name.is_empty()).then(|| name.to_owned())
    }

    /// The same error of sending; without the host and what it resolves to where the URL is a secret.
    fn hide_address(&self, error: ExchangeError) -> ExchangeError {
        match (&self.secret_address, error) {
            (Some(secret), ExchangeError::Refused(_)) => ExchangeError::Refused(denied_error(format!(
                "the address in the secret {secret:?} is not public: requests to it are blocked unless an operator allows it"
            ))),
            (_, error) => error,
        }
    }

    async fn send_once(&self, out: &OutboundHttp) -> Result<reqwest::Response, ExchangeError> {
        out.guard()
            .check_url(&self.url)
            .map_err(|refused| ExchangeError::Refused(denied_error(refused.to_string())))?;
        let mut headers = self.headers.clone();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        for header in &self.secret_headers {
            header.insert_into(&mut headers);
        }
        let client = out.client_for(&self.url).map_err(ExchangeError::Failed)?;
        let request = client.request(self.method.clone(), self.url.clone()).headers(headers);
        let request = if self.body.is_empty() { request } else { request.body(self.body.clone()) };
        request.send().await.map_err(|error| request_error(&error))
    }

    /// Turns to a redirect's target, with only what may be sent there.
    fn redirect_to(&mut self, next: Url, status: StatusCode, grants: &Grants) {
        let see_other = status == StatusCode::SEE_OTHER && self.method != Method::HEAD;
        let moved = matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND) && self.method == Method::POST;
        if see_other || moved {
            self.method = Method::GET;
            self.body = Bytes::new();
            self.headers.remove(CONTENT_TYPE);
        }
        if next.origin() != self.url.origin() {
            remove_credentials(&mut self.headers);
        }
        self.url = next;
        // Removed for all later redirects: the redirecting host must not choose where a secret is sent.
        let (method, url) = (self.method.as_str(), &self.url);
        self.secret_headers.retain(|header| grants.may_send_secret(method, url, &header.secret));
    }
}

/// Checks whether a request may be sent to the address that is the value of a secret.
pub(crate) fn require_secret_address_grant(grants: &Grants, method: &Method, secret: &str) -> Result<(), Error> {
    match grants.may_send_to_secret(method.as_str(), secret) {
        true => Ok(()),
        false => Err(denied_error(format!(
            "{method} to the address in the secret {secret:?} is not granted: plugin.toml needs a [[grant]] with use = \"http\" that names \
             it (\"secret:{secret}\")"
        ))),
    }
}

fn require_send_grant(grants: &Grants, method: &Method, url: &Url) -> Result<(), Error> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err(denied_error(
            "the address must not contain a user name or a password: send a secret header instead",
        ));
    }
    match grants.may_send(method.as_str(), url) {
        true => Ok(()),
        false => Err(denied_error(format!(
            "{method} {}{} is not granted: plugin.toml needs a [[grant]] with use = \"http\" that names it",
            url.origin().ascii_serialization(),
            url.path()
        ))),
    }
}

/// The target of a redirect; `None` where the response is none, or has an invalid target.
fn redirect_target(from: &Url, status: StatusCode, headers: &HeaderMap) -> Option<Url> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = headers.get(LOCATION)?.to_str().ok()?;
    let mut next = from.join(location).ok()?;
    next.set_fragment(None);
    Some(next)
}

#[cfg(test)]
mod tests;
