//! Writes while another process has changed the content types: they wait until this process has loaded them. The first one that comes is
//! refused by the database, since nobody knew of the change yet; it is run again, where that stores nothing twice.

use crate::content_types::find_type_by_path;
use crate::extract::tenant::TenantSource;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use cairn_app::Tenant;
use http_body_util::BodyExt;
use hyper::body::{Body as _, Frame};
use parking_lot::Mutex;
use std::sync::Arc;

/// Longest body that is kept for another run, in bytes: enough for an entry.
const MAX_KEPT_BYTES: u64 = 256 << 10;

/// Most runs of a write: the content types may change once more while it waits for the last change.
const MAX_RUNS: usize = 5;

/// Paths of sign-ins.
const SIGN_IN_PATHS: [&str; 2] = ["/admin/api/login", "/api/auth/local"];

/// Runs the handler of a request that may write.
pub async fn run_write(source: &TenantSource, request: Request, next: Next) -> Response {
    source.wait_while_outdated().await;
    let length = request.body().size_hint().exact().filter(|length| *length <= MAX_KEPT_BYTES);
    let path = request.uri().path();
    let can_run_again =
        source.find_open().is_some_and(|tenant| is_sign_in(path) || changes_content_alone(&tenant, path));
    let Some(length) = length.filter(|_| can_run_again) else {
        return source.run_request(request, next).await;
    };
    let (head, mut body) = request.into_parts();
    let kept = KeptBody::default();
    let mut run = 1;
    loop {
        let request = Request::from_parts(head.clone(), kept.record(body));
        let Some(tenant) = source.find_open() else { return source.run_request(request, next).await };
        let running = source.run_request(request, next.clone());
        let (response, has_stored) = tenant.content.store().detect_commits(running).await;
        if response.status() != StatusCode::SERVICE_UNAVAILABLE || !may_run_again(&tenant, run, has_stored, &head) {
            return response;
        }
        let Some(whole) = kept.whole(length) else { return response };
        drop(tenant);
        source.wait_while_outdated().await;
        body = whole;
        run += 1;
    }
}

/// True if a write was refused because the content types have changed, and can be run again. One that changes content must have stored
/// nothing. A sign-in counts its attempt before it is refused, so it is run again only once; at worst it leaves behind a session that nobody uses.
fn may_run_again(tenant: &Tenant, run: usize, has_stored: bool, head: &Parts) -> bool {
    let path = head.uri.path();
    let may =
        if is_sign_in(path) { run == 1 } else { run < MAX_RUNS && !has_stored && changes_content_alone(tenant, path) };
    may && tenant.content.store().is_outdated()
}

fn is_sign_in(path: &str) -> bool {
    SIGN_IN_PATHS.contains(&path)
}

/// True if a path is that of entries of a content type. What plugins' routes and uploads do outside of the database cannot be undone.
fn changes_content_alone(tenant: &Tenant, path: &str) -> bool {
    path.starts_with("/admin/api/content/") || find_type_by_path(&tenant.content, path).is_some()
}

/// The parts of a body that a handler has read.
#[derive(Clone, Default)]
struct KeptBody(Arc<Mutex<Vec<Bytes>>>);

impl KeptBody {
    /// A body that notes here what is read of it.
    fn record(&self, body: Body) -> Body {
        let kept = self.0.clone();
        Body::new(body.map_frame(move |frame: Frame<Bytes>| {
            kept.lock().extend(frame.data_ref().cloned());
            frame
        }))
    }

    /// The body once more; `None` if less than its length was read.
    fn whole(&self, length: u64) -> Option<Body> {
        let bytes = std::mem::take(&mut *self.0.lock()).concat();
        (u64::try_from(bytes.len()) == Ok(length)).then(|| Body::from(bytes))
    }
}
