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
    /// URL that it came from in the end.
    pub(crate) url: Url,
}

impl Exchange {
    /// Checks whether it may be sent at all. The error names the missing grant.
    pub(crate) fn check_grants(&self, grants: &Grants) -> Result<(), Error> {
        require_send_grant(grants, &self.method, &self.url)
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
        let mut answer = answer.unwrap_or_else(|_| Err(late()))?;
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
        require_send_grant(grants, &self.method, &self.url).map_err(ExchangeError::Refused)?;
        loop {
            let response = self.send_once(out).await?;
            if left > 0
                && let Some(next) = redirect_target(&self.url, response.status(), response.headers())
            {
                left -= 1;
                self.redirect_to(next, response.status(), grants);
                // The error does not name the address: the redirecting host may have put what it received into it.
                let elsewhere = || denied_error("the response redirects to an address that is not granted");
                require_send_grant(grants, &self.method, &self.url).map_err(|_| ExchangeError::Refused(elsewhere()))?;
                continue;
            }
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let (body, decoded) = read_body(response, self.max_body_bytes, room).await?;
            return Ok(ExchangeResponse {
                status,
                headers: header_pairs(&headers, decoded)?,
                body,
                url: self.url.clone(),
            });
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
