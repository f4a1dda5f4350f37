//! Time stamps of an authority (RFC 3161) over HTTP. The operator says which authority, so requests may go to any address.

use crate::services::sealer::PdfSealError;
use cairn_events::outbound::tls_config;
use cairn_pades::{SignedMessage, TimeStampError};
use rand::RngCore;
use reqwest::{Client, StatusCode, header};
use std::time::Duration;
use url::Url;

/// Time limits: to connect, and for all of it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);
/// Largest response, in bytes.
const MAX_RESPONSE_BYTES: usize = 64 << 10;
/// Time after which a plugin may try again.
const RETRY_AFTER: Duration = Duration::from_secs(60);

/// An authority that stamps the times of signatures. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct TimeStampAuthority {
    client: Client,
    url: Url,
}

impl TimeStampAuthority {
    /// `url`: where requests are sent. The error says why requests cannot be sent there.
    pub fn new(url: &str) -> Result<Self, String> {
        let url = Url::parse(url).map_err(|e| e.to_string())?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err("expected the address of a time-stamp authority: https://tsa.example.com/".to_owned());
        }
        let client = Client::builder()
            .use_preconfigured_tls(tls_config()?)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            .referer(false)
            .user_agent(concat!("Cairn/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|e| e.to_string())?;
        Ok(Self { client, url })
    }

    /// A time stamp of a signature, and its time in milliseconds since 1970. An authority that cannot be reached or is busy is asked again
    /// later.
    pub(crate) async fn request_time_stamp(&self, message: &SignedMessage) -> Result<(Vec<u8>, i64), PdfSealError> {
        let mut nonce = [0; 16];
        rand::rng().fill_bytes(&mut nonce);
        let request = message.request_time_stamp(nonce);
        let later = |why: &dyn std::fmt::Display| {
            tracing::warn!(host = self.url.host_str(), "no time stamp: {why}");
            PdfSealError::Later(Some(RETRY_AFTER))
        };
        let fault = |why: &dyn std::fmt::Display| PdfSealError::Fault(format!("time-stamp authority: {why}"));
        let sent = self
            .client
            .post(self.url.clone())
            .header(header::CONTENT_TYPE, "application/timestamp-query")
            .header(header::ACCEPT, "application/timestamp-reply")
            .body(request.to_der())
            .send();
        let mut response = sent.await.map_err(|e| later(&e.without_url()))?;
        match response.status() {
            StatusCode::OK => {}
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                return Err(later(&status));
            }
            status => return Err(fault(&status)),
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| later(&e.without_url()))? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_RESPONSE_BYTES {
                return Err(fault(&"its response is too large"));
            }
        }
        match request.read_response(&body) {
            Ok(stamped) => Ok(stamped),
            Err(error @ TimeStampError::Refused(_)) => Err(later(&error)),
            Err(error) => Err(fault(&error)),
        }
    }
}
