//! The page behind "no more mails like this". It asks first: programs that look into mails follow links. Mail programs that know
//! one-click unsubscribing (RFC 8058) post to it right away.

use super::UnsubscribeResult;
use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Response, StatusCode};
use cairn_http::error::WireError;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Path;
use cairn_http::typeface::TYPEFACE_SHEET;
use cairn_notify::UnsubscribeRequest;

/// `GET /admin/unsubscribe/{token}`.
pub(super) async fn show_unsubscribe_page(
    CurrentTenant(tenant): CurrentTenant,
    Path(token): Path<String>,
) -> UnsubscribeResult {
    let request = tenant.notifier.unsubscribe_page(&token)?.ok_or_else(WireError::not_found)?;
    Ok(render_page(&request))
}

/// `POST /admin/unsubscribe/{token}`: by the page's button, or by a mail program. The token says it all; the body is not read.
pub(super) async fn confirm_unsubscribe(
    CurrentTenant(tenant): CurrentTenant,
    Path(token): Path<String>,
) -> UnsubscribeResult {
    let request = tenant.notifier.unsubscribe_by_token(&token).await?.ok_or_else(WireError::not_found)?;
    Ok(render_page(&request))
}

/// Every text of it is one of ours.
fn render_page(request: &UnsubscribeRequest) -> Response<Body> {
    let dutch = request.language == "nl";
    let (title, text, button) = match (dutch, request.done) {
        (false, false) => (
            "No more mails like this?",
            "You can still read it in the admin, and change your mind there.",
            "Stop these mails",
        ),
        (false, true) => {
            ("Done", "You get no more mails of this kind. You can change that in the admin, under notifications.", "")
        }
        (true, false) => (
            "Geen mails zoals deze meer?",
            "In de admin kun je het nog lezen, en kun je je bedenken.",
            "Stop deze mails",
        ),
        (true, true) => {
            ("Gelukt", "Je krijgt geen mails van deze soort meer. Dat kun je in de admin wijzigen, bij meldingen.", "")
        }
    };
    let form = if button.is_empty() {
        String::new()
    } else {
        format!("<form method=\"post\"><button>{button}</button></form>")
    };
    let nonce = format!("{:032x}", rand::random::<u128>());
    let html = format!(
        "<!doctype html>\n<html lang=\"{lang}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex\"><title>{title}</title><link rel=\"stylesheet\" href=\"{TYPEFACE_SHEET}\" nonce=\"{nonce}\"><style nonce=\"{nonce}\">\
         body {{ font: 18px/1.5 \"Inter Variable\", \"Inter Fallback\", system-ui, sans-serif; max-width: 32rem; margin: 15vh auto; padding: 0 1rem; color: #1b1f24; background: #fff }}\
         button {{ font: inherit; padding: .5rem 1rem; cursor: pointer }}\
         @media (prefers-color-scheme: dark) {{ body {{ color: #e6e8ea; background: #16191d }} }}\
         </style></head><body><main><h1>{title}</h1><p>{text}</p>{form}</main></body></html>\n",
        lang = request.language,
    );
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = StatusCode::OK;
    let fixed = HeaderValue::from_static;
    response.headers_mut().extend([
        (CONTENT_TYPE, fixed("text/html; charset=utf-8")),
        (CONTENT_SECURITY_POLICY, HeaderValue::try_from(policy).unwrap_or_else(|_| fixed("default-src 'none'"))),
        (CONTENT_LANGUAGE, fixed(request.language)),
        (CACHE_CONTROL, fixed("no-store")),
        (X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        (REFERRER_POLICY, fixed("no-referrer")),
        (HeaderName::from_static("x-frame-options"), fixed("DENY")),
    ]);
    response
}
