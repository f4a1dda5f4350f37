//! The id of a request: `X-Request-Id`, from the client where it is well-formed, else a new one. `tower-http` copies it to the response.

use axum::http::{HeaderValue, Request};
use tower_http::request_id::{MakeRequestId, RequestId};

/// Name of the header.
pub const REQUEST_ID_HEADER: &str = "x-request-id";
/// Longest id that is taken from a client, in bytes.
const MAX_ID_BYTES: usize = 128;

/// Makes ids of 16 hexadecimal digits.
#[derive(Clone, Copy)]
pub struct RandomRequestId;

impl MakeRequestId for RandomRequestId {
    fn make_request_id<B>(&mut self, _: &Request<B>) -> Option<RequestId> {
        HeaderValue::from_str(&format!("{:016x}", rand::random::<u64>())).ok().map(RequestId::new)
    }
}

/// Marks a request whose id is the client's.
#[derive(Clone, Copy)]
struct ClientRequestId;

/// Removes an id that could break a log line or is too long, so that a new one is made.
pub fn remove_malformed_id<B>(mut request: Request<B>) -> Request<B> {
    let Some(id) = request.headers().get(REQUEST_ID_HEADER) else { return request };
    let bytes = id.as_bytes();
    let good = (1..=MAX_ID_BYTES).contains(&bytes.len())
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b));
    if good {
        request.extensions_mut().insert(ClientRequestId);
    } else {
        request.headers_mut().remove(REQUEST_ID_HEADER);
    }
    request
}

/// Takes an id that was made here out of the headers again: plugins see what the client sent.
pub fn hide_generated_id<B>(request: &mut Request<B>) {
    if request.extensions().get::<ClientRequestId>().is_none() {
        request.headers_mut().remove(REQUEST_ID_HEADER);
    }
}
