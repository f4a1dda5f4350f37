//! How a front end of the portal looks: its name, colours and pictures, which everybody may know.

use crate::settings::{Settings, site_name};
use cairn_plugin::data::or_default;
use cairn_plugin::prelude::*;
use cairn_plugin::{files, look};
use cairn_plugin_pages::colours::{parse_colour, text_colour_on};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// Languages of the portal's texts.
const LOCALES: [&str; 2] = ["nl", "en"];
/// How long browsers and proxies may use a response without asking again.
const CACHE_CONTROL: &str = "public, max-age=300";
/// Lifetime that is asked for an address; that of a public file has no end.
const LINK_LIFETIME: Duration = Duration::from_secs(60);
/// Part of the address of a file that is not public.
const PRIVATE_PATH: &str = "/uploads/private/";
/// Name of a portal that has none, nor has its site: the same word in every language of the portal.
const DEFAULT_NAME: &str = "Portal";
/// Bytes of a digest in an ETag.
const ETAG_BYTES: usize = 16;

/// A file of the media library, as far as it matters to who shows it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LibraryFile {
    #[serde(default, deserialize_with = "or_default")]
    mime: String,
    #[serde(default)]
    width: Option<i64>,
    #[serde(default)]
    height: Option<i64>,
    #[serde(default, deserialize_with = "or_default")]
    alternative_text: String,
}

impl Document for LibraryFile {
    const TYPE: &'static str = "plugin::upload.file";
}

/// Responds with the theme, or with 304 to whoever has it.
///
/// # Errors
/// What the host says.
pub(crate) fn respond_theme(request: &Request) -> Result<Response> {
    let body = serde_json::to_vec(&describe_theme()?)?;
    let etag = format_etag(&body);
    let is_known = request.header("if-none-match").is_some_and(|known| names_etag(known, &etag));
    let response =
        if is_known { Response::empty(304) } else { Response::bytes(200, "application/json; charset=utf-8", body) };
    Ok(response.header("cache-control", CACHE_CONTROL).header("etag", &etag))
}

fn describe_theme() -> Result<Value> {
    let (settings, look) = (Settings::load()?, look());
    let name = choose_name(&settings.portal_name, site_name);
    let accent = if parse_colour(&settings.accent).is_some() { settings.accent.to_lowercase() } else { look.accent };
    let logo = match (describe_picture(&settings.logo)?, look.logo) {
        (Value::Null, Some(url)) => json!({ "url": url, "width": null, "height": null, "alt": name }),
        (logo, _) => logo,
    };
    Ok(json!({
        "name": name,
        "colors": { "accent": accent, "onAccent": text_colour_on(&accent) },
        "logo": logo,
        "picture": describe_picture(&settings.picture)?,
        "locales": list_locales(&settings.language),
        "timeZone": look.zone,
    }))
}

/// The name of the portal: that of the settings, or that of the site.
fn choose_name(set: &str, site_name: impl FnOnce() -> Option<String>) -> String {
    let set = Some(set.trim()).filter(|name| !name.is_empty()).map(str::to_owned);
    set.or_else(site_name).unwrap_or_else(|| DEFAULT_NAME.to_owned())
}

/// A picture of the media library; null for one that is not there, is no picture, or is not public.
fn describe_picture(id: &str) -> Result<Value> {
    if id.is_empty() {
        return Ok(Value::Null);
    }
    let found = data::find::<LibraryFile>().fields(&["mime", "width", "height", "alternativeText"]).by_ids(&[id])?;
    let Some(file) = found.into_iter().flatten().next().filter(|file| file.mime.starts_with("image/")) else {
        return Ok(Value::Null);
    };
    let url = match files::link(id, LINK_LIFETIME) {
        Err(Error::NotFound(_)) => return Ok(Value::Null),
        linked => linked?,
    };
    // The address of a private file works for a while, and is for those who may see it.
    if url.contains(PRIVATE_PATH) {
        return Ok(Value::Null);
    }
    Ok(json!({ "url": url, "width": file.width, "height": file.height, "alt": file.alternative_text }))
}

/// The languages of the portal, the one of the settings first.
fn list_locales(first: &str) -> Vec<&'static str> {
    let (mut locales, others): (Vec<_>, Vec<_>) = LOCALES.into_iter().partition(|locale| *locale == first);
    locales.extend(others);
    locales
}

fn format_etag(body: &[u8]) -> String {
    let digest: String = Sha256::digest(body).iter().take(ETAG_BYTES).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{digest}\"")
}

/// True if an `If-None-Match` names an ETag. The server weakens those of responses that it compresses.
fn names_etag(header: &str, etag: &str) -> bool {
    header.split(',').map(str::trim).any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portal_without_a_name_has_that_of_a_site_that_has_one() {
        assert_eq!(choose_name(" My car ", || Some("Donkervoort".to_owned())), "My car");
        assert_eq!(choose_name(" ", || Some("Donkervoort".to_owned())), "Donkervoort");
        assert_eq!(choose_name("", || None), "Portal");
    }

    #[test]
    fn the_language_of_the_settings_comes_first() {
        assert_eq!(list_locales("en"), ["en", "nl"]);
        assert_eq!(list_locales("nl"), ["nl", "en"]);
        assert_eq!(list_locales("fr"), ["nl", "en"]);
    }

    #[test]
    fn an_etag_changes_with_the_body_and_is_found_among_others() {
        let etag = format_etag(b"{}");
        assert_ne!(etag, format_etag(b"[]"));
        assert_eq!((etag.len(), etag.starts_with('"')), (2 + 2 * ETAG_BYTES, true));
        for header in [etag.clone(), format!("W/{etag}"), format!("\"other\", {etag}"), "*".to_owned()] {
            assert!(names_etag(&header, &etag), "{header}");
        }
        for header in ["", "\"other\"", etag.trim_matches('"')] {
            assert!(!names_etag(header, &etag), "{header}");
        }
    }
}
