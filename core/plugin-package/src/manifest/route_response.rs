//! `responses` of a `[[route]]`: what a route answers, as those who call it may rely on.

use super::items::read_media_type;
use crate::names;
use crate::problem::SourceLocation;
use crate::strict_toml::{TomlItem, TomlSection};
use std::collections::BTreeSet;

/// Folder of the files with JSON Schemas of responses, with `/`.
pub(crate) const RESPONSES_FOLDER: &str = "responses/";
/// Media type of a response with a schema that names no other.
const JSON_TYPE: &str = "application/json";
/// Statuses of responses that have no body.
const STATUSES_WITHOUT_BODY: [u16; 3] = [204, 205, 304];
/// Largest number of responses of one route.
const MAX_RESPONSES: usize = 32;

/// One of the `responses`: a status, and the body that it comes with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestResponse {
    /// HTTP status.
    pub status: u16,
    /// Media type of the body, in small letters; `None`: there is no body.
    pub media_type: Option<String>,
    /// The file in the package with the JSON Schema of the body.
    pub schema: Option<String>,
    /// Meaning of the response, for readers of the description.
    pub description: Option<String>,
    /// Where the section begins.
    pub at: SourceLocation,
}

/// True for JSON, and for types that are JSON of a certain form.
pub(super) fn is_json_type(media_type: &str) -> bool {
    media_type == JSON_TYPE || media_type.ends_with("+json")
}

/// Responses of a route. Those that are declared twice are reported.
pub(super) fn read_responses(sections: &[TomlSection<'_>]) -> Vec<ManifestResponse> {
    if let Some(s) = sections.get(MAX_RESPONSES) {
        s.error(format!("exceeds the limit: a route can have at most {MAX_RESPONSES} responses"), "");
    }
    let responses: Vec<(&TomlSection<'_>, ManifestResponse)> =
        sections.iter().filter_map(|s| Some((s, read_response(s)?))).collect();
    let mut seen = BTreeSet::new();
    for (s, response) in &responses {
        if !seen.insert((response.status, response.media_type.as_deref())) {
            let body = response.media_type.as_deref().unwrap_or("no body");
            s.error(
                format!("has the status {} with {body} for the second time", response.status),
                "write one response for each status and media type; its schema can allow several forms with `anyOf`",
            );
        }
    }
    responses.into_iter().map(|(_, response)| response).collect()
}

fn read_response(s: &TomlSection<'_>) -> Option<ManifestResponse> {
    let status = s.required("status", "status = 200", |i| i.integer(200..=599));
    let media_type = s.optional("type", read_media_type);
    let schema = s.optional("schema", |i| {
        i.text_of("a file of the package, such as \"responses/lead.json\"", |path| {
            let name = path.strip_prefix(RESPONSES_FOLDER).and_then(|name| name.strip_suffix(".json"));
            name.is_some_and(names::is_dotted)
        })
    });
    let description = s.optional("description", TomlItem::text);
    if let Some(media_type) = media_type.as_deref().filter(|kind| schema.is_some() && !is_json_type(kind)) {
        s.error(
            format!("has a `schema`, which describes JSON, and the `type` \"{media_type}\""),
            "remove `schema`, or write type = \"application/json\"",
        );
    }
    let has_body = s.get("type").is_some() || s.get("schema").is_some();
    if let Some(status) = status.filter(|status| has_body && STATUSES_WITHOUT_BODY.contains(status)) {
        s.error(
            format!("describes a body, which responses with the status {status} do not have"),
            "remove `type` and `schema`",
        );
    }
    s.finish();
    let media_type = media_type.or_else(|| schema.as_ref().map(|_| JSON_TYPE.to_owned()));
    Some(ManifestResponse { status: status?, media_type, schema, description, at: s.at })
}
