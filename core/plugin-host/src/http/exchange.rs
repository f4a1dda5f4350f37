//! One request with its redirects: every hop is checked like the first.

use super::answer::{Room, read, shown};
use super::headers::{SecretHeader, forget_credentials};
use super::{Outbound, Scrub};
use crate::bindings::types::Error;
use crate::faults::denied;
use bytes::Bytes;
use cairn_events::outbound::Refused;
use cairn_plugin_package::Grants;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Method, StatusCode};
use std::error::Error as _;
use std::time::Duration;
use url::Url;

/// Largest number of redirects that are followed, whatever was asked for.
const HOPS: u8 = 10;

/// Why there is no response.
#[derive(Debug)]
pub(crate) enum NotSent {
    /// The request was refused, with an error for the plugin.
    Refused(Error),
    /// There was no valid response; the reason is for the plugin's log. Trying again later may help.
    Failed(String),
}

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
    pub(crate) most: usize,
}

/// The response of the last hop.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// URL that it came from in the end.
    pub(crate) url: Url,
}

impl Exchange {
    /// Checks whether it may be sent at all.
    ///
    /// # Errors
    /// Names the missing grant.
    pub(crate) fn check(&self, grants: &Grants) -> Result<(), Error> {
        may_go(grants, &self.method, &self.url)
    }

    /// Sends it. Whatever the other side does, it ends within its time and reads no more than permitted.
    pub(crate) async fn send(
        mut self,
        out: &Outbound,
        grants: &Grants,
        scrub: &Scrub,
        room: &Room,
    ) -> Result<Answer, NotSent> {
        let timeout = self.timeout;
        let answer = tokio::time::timeout(timeout, self.hops(out, grants, room)).await;
        let late = || NotSent::Failed(format!("no complete response within {} ms", timeout.as_millis()));
        let mut answer = answer.unwrap_or_else(|_| Err(late()))?;
        scrub.bytes(&mut answer.body);
        for (_, value) in &mut answer.headers {
            *value = scrub.text(value);
        }
        Ok(answer)
    }

    async fn hops(&mut self, out: &Outbound, grants: &Grants, room: &Room) -> Result<Answer, NotSent> {
        let mut left = self.redirects.min(HOPS);
        may_go(grants, &self.method, &self.url).map_err(NotSent::Refused)?;
        loop {
            let response = self.hop(out).await?;
            if left > 0
                && let Some(next) = redirect(&self.url, response.status(), response.headers())
            {
                left -= 1;
                self.turn_to(next, response.status(), grants);
                // Not where to: whoever sent us there may have put into it what they were sent.
                let elsewhere = || denied("the response redirects to an address that is not granted");
                may_go(grants, &self.method, &self.url).map_err(|_| NotSent::Refused(elsewhere()))?;
                continue;
            }
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let (body, decoded) = read(response, self.most, room).await?;
            return Ok(Answer { status, headers: shown(&headers, decoded)?, body, url: self.url.clone() });
        }
    }

    async fn hop(&self, out: &Outbound) -> Result<reqwest::Response, NotSent> {
        out.guard().check_url(&self.url).map_err(|refused| NotSent::Refused(denied(refused.to_string())))?;
        let mut headers = self.headers.clone();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        for header in &self.secret_headers {
            header.put_into(&mut headers);
        }
        let client = out.client(&self.url).map_err(NotSent::Failed)?;
        let request = client.request(self.method.clone(), self.url.clone()).headers(headers);
        let request = if self.body.is_empty() { request } else { request.body(self.body.clone()) };
        request.send().await.map_err(|error| failed(&error))
    }

    /// Turns to a redirect's target, with only what may be sent there.
    fn turn_to(&mut self, next: Url, status: StatusCode, grants: &Grants) {
        let see_other = status == StatusCode::SEE_OTHER && self.method != Method::HEAD;
        let moved = matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND) && self.method == Method::POST;
        if see_other || moved {
            self.method = Method::GET;
            self.body = Bytes::new();
            self.headers.remove(CONTENT_TYPE);
        }
        if next.origin() != self.url.origin() {
            forget_credentials(&mut self.headers);
        }
        self.url = next;
        // For good: whoever sent us here does not get to choose where a secret goes after that.
        let (method, url) = (self.method.as_str(), &self.url);
        self.secret_headers.retain(|header| grants.may_send_secret(method, url, &header.secret));
    }
}

fn may_go(grants: &Grants, method: &Method, url: &Url) -> Result<(), Error> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err(denied("the address must not contain a user name or a password: send a secret header instead"));
    }
    match grants.may_send(method.as_str(), url) {
        true => Ok(()),
        false => Err(denied(format!(
            "{method} {}{} is not granted: plugin.toml needs a [[grant]] with use = \"http\" that names it",
            url.origin().ascii_serialization(),
            url.path()
        ))),
    }
}

/// The target of a redirect; `None` where the response is none, or has an invalid target.
fn redirect(from: &Url, status: StatusCode, headers: &HeaderMap) -> Option<Url> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = headers.get(LOCATION)?.to_str().ok()?;
    let mut next = from.join(location).ok()?;
    next.set_fragment(None);
    Some(next)
}

/// Describes a failure without the address, which may contain a secret.
pub(super) fn failed(error: &reqwest::Error) -> NotSent {
    let mut cause = error.source();
    let mut last = None;
    while let Some(e) = cause {
        if let Some(refused) = e.downcast_ref::<Refused>() {
            return NotSent::Refused(denied(refused.to_string()));
        }
        last = Some(e.to_string());
        cause = e.source();
    }
    let what = match error {
        e if e.is_timeout() => return NotSent::Failed("the connection timed out".to_owned()),
        e if e.is_connect() => "cannot connect",
        _ => "no response",
    };
    NotSent::Failed(last.map_or_else(|| what.to_owned(), |last| format!("{what}: {last}")))
}

#[cfg(test)]
mod tests;
