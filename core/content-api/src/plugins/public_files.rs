//! `/plugins/{id}/{version}/…`: files in the `public/` of packages, which every visitor may load. They are the same for everybody: no cookie
//! is looked at and none is set.

use super::page_policy::{PluginSite, SEC_FETCH_SITE};
use super::response::{SEC_FETCH_DEST, refuse_workers, seal_off};
use axum::body::Body;
use axum::extract::RawQuery;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Response};
use cairn_http::byte_response::{SelectedBytes, ServedBytes, slice_bytes};
use cairn_http::error::WireError;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Path;

/// A file of a plugin that runs in this version.
pub(super) async fn serve_public_file(
    CurrentTenant(tenant): CurrentTenant,
    Path((id, version, path)): Path<(String, String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response<Body>, WireError> {
    refuse_workers(&headers)?;
    refuse_pages_with_an_origin(&headers)?;
    let file = tenant.plugins.plugins().find_public_file(&id, &version, &path).ok_or_else(WireError::not_found)?;
    let etag = HeaderValue::try_from(format!("\"{}\"", file.digest)).map_err(|_| WireError::not_found())?;
    let served = ServedBytes { etag, length: file.content.len() as u64, content_type: file.media_type };
    let mut response = match served.select(&headers) {
        SelectedBytes::Nothing(response) => *response,
        SelectedBytes::Send(range) => served.respond(range, Body::from(slice_bytes(&file.content, range))),
    };
    // An address without the digest is shared by all builds of a version.
    let names_content = query.as_deref().and_then(|query| query.strip_prefix("v=")) == Some(&file.digest);
    let cache_control = if names_content { "public, max-age=31536000, immutable" } else { "no-cache" };
    let out = response.headers_mut();
    seal_off(out, PluginSite::new(&tenant, &headers, &id).page_policy(false));
    out.extend([
        (CACHE_CONTROL, HeaderValue::from_static(cache_control)),
        // The pages that load it have no origin: for its scripts and fonts they are strangers.
        (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    ]);
    Ok(response)
}

/// Refuses to be a script or a style of a page that has this site's origin, such as one of the admin: plugins' own pages have none. Fails
/// with 403.
fn refuse_pages_with_an_origin(headers: &HeaderMap) -> Result<(), WireError> {
    let says = |name: &HeaderName, values: &[&str]| {
        headers.get(name).is_some_and(|sent| values.iter().any(|value| sent.as_bytes() == value.as_bytes()))
    };
    match says(&SEC_FETCH_SITE, &["same-origin"]) && says(&SEC_FETCH_DEST, &["script", "style", "object", "embed"]) {
        true => Err(WireError::forbidden_because("Files of plugins are for pages of plugins")),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_scripts_are_refused_to_pages_of_this_site() {
        let refuses = |site: &'static str, dest: &'static str| {
            let headers = [(SEC_FETCH_SITE, site), (SEC_FETCH_DEST, dest)];
            let headers = headers.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value)));
            refuse_pages_with_an_origin(&headers.collect()).is_err()
        };
        assert!(refuses("same-origin", "script") && refuses("same-origin", "style"));
        assert!(!refuses("cross-site", "script") && !refuses("same-origin", "document") && !refuses("none", "script"));
        assert!(refuse_pages_with_an_origin(&HeaderMap::new()).is_ok());
    }
}
