//! `/`: the page for people who open the server's address in a browser. It says what is running and how to query it, in the reader's
//! language, and links to the admin: the types that the public may read with requests to try, the number of the others alone.
//!
//! The page shows no content and loads nothing from elsewhere.

mod examples;
mod page;
mod texts;

use axum::body::Body;
use axum::http::Response;
use axum::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName,
    HeaderValue, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use cairn_access::DEFAULT_TENANT;
use cairn_app::Tenant;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_query::Action;
use examples::BaseUrls;
use page::{PublicType, StartPage};
use texts::PageTexts;

/// Answers `GET /` with the page, in a language that the browser accepts.
pub(crate) async fn serve_start_page(CurrentTenant(tenant): CurrentTenant, headers: HeaderMap) -> Response<Body> {
    let text = PageTexts::for_language(headers.get(ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default());
    let nonce = format!("{:032x}", rand::random::<u128>());
    let rights = tenant.access.public_caller().permissions;
    let locales = tenant.access.locales();
    let other_locale = locales.available.iter().map(|l| l.code.as_str()).find(|code| *code != locales.default);
    let registry = tenant.content.registry();
    let types = || registry.types().iter().filter(|ct| ct.is_api());
    let public = types().filter(|ct| rights.allows_action(ct.id, Action::Find)).map(|ct| PublicType {
        name: &ct.display_name,
        description: &ct.description,
        requests: examples::example_requests(registry, ct, rights.before_policies(), other_locale),
    });
    let address = tenant.address();
    let html = StartPage {
        text,
        nonce: &nonce,
        project: &tenant_title(&tenant),
        accent: cairn_settings::theme(&tenant.access).accent.as_deref(),
        version: env!("CARGO_PKG_VERSION"),
        types: types().count(),
        components: registry.components().len(),
        base: BaseUrls::from_addresses(address.public_url.as_deref(), &address.listen),
        public: public.collect(),
    }
    .to_html();
    page_response(html, text, &nonce)
}

/// The tenant's display name; else the name of the project's folder for the default tenant, or the tenant's own.
fn tenant_title(tenant: &Tenant) -> String {
    if let Some(name) = tenant.declared.get().display_name {
        return name.to_string();
    }
    if *tenant.name != *DEFAULT_TENANT {
        return tenant.name.to_string();
    }
    let folder = tenant.config.project.canonicalize().unwrap_or_else(|_| tenant.config.project.clone());
    folder.file_name().map_or_else(|| "Cairn".into(), |name| name.to_string_lossy().into_owned())
}

fn page_response(html: String, text: &PageTexts, nonce: &str) -> Response<Body> {
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; font-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let mut response = Response::new(Body::from(html));
    let fixed = HeaderValue::from_static;
    response.headers_mut().extend([
        (CONTENT_TYPE, fixed("text/html; charset=utf-8")),
        // Hexadecimal digits are legal header text.
        (CONTENT_SECURITY_POLICY, HeaderValue::try_from(policy).unwrap_or_else(|_| fixed("default-src 'none'"))),
        (CONTENT_LANGUAGE, fixed(text.lang)),
        (VARY, fixed("Accept-Language")),
        // Rights and types may be others the next time.
        (CACHE_CONTROL, fixed("no-store")),
        (X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        (REFERRER_POLICY, fixed("no-referrer")),
        (HeaderName::from_static("x-frame-options"), fixed("DENY")),
    ]);
    response
}
