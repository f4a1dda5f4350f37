//! The order of texts: `options.cairn.collation` of a content type, and `schema.collation` of `cairn.toml` for types that state none.

use super::raw_schema::RawSchema;
use super::report::{LoadReport, SchemaSite};
use crate::collation::Collation;
use crate::content_type::ContentType;
use serde_json::{Map, Value as Json};
use std::path::Path;

/// The option for the order of code points: that of a type without a collation, for types that differ from the project's default.
const CODE_POINTS_OPTION: &str = "code-points";
/// Configuration of the project.
const CONFIG_FILE: &str = "cairn.toml";

/// A collation that is stated; `None`: the order of code points.
pub(super) type CollationOption = Option<Collation>;

/// Reads the collation of all types of the project that state none. A file that is no TOML is a problem: taken for one without a collation, it
/// would have all keys dropped.
pub(super) fn read_default(project: &Path, report: &LoadReport) -> CollationOption {
    let text = std::fs::read_to_string(project.join(CONFIG_FILE)).ok()?;
    let config: toml::Table = match toml::from_str(&text) {
        Ok(config) => config,
        Err(error) => {
            report.file_site(CONFIG_FILE).report_problem(format!("it is not valid TOML: {}", error.message()));
            return None;
        }
    };
    let value = config.get("schema")?.get("collation")?;
    let site = report.file_site(CONFIG_FILE).at_key("schema").at_key("collation");
    parse_option(&site, value.as_str()).flatten()
}

/// Sets the collation of all types of the project and its plugins. Built-in types stay as they are: their rows are written by statements of
/// their own.
pub(super) fn resolve_collations(
    types: &mut [ContentType],
    raws: &[RawSchema],
    default: &CollationOption,
    report: &LoadReport,
) {
    for (ty, raw) in types.iter_mut().zip(raws).filter(|(ty, _)| ty.is_api()) {
        let options = raw.schema.get("options").and_then(Json::as_object);
        let stated =
            options.and_then(|options| read_collation(&report.file_site(&raw.file).at_key("options"), options));
        ty.collation = stated.unwrap_or_else(|| default.clone());
    }
}

fn read_collation(site: &SchemaSite<'_>, options: &Map<String, Json>) -> Option<CollationOption> {
    // `indexes` tells where `cairn` is no object.
    let value = options.get("cairn")?.as_object()?.get("collation").filter(|value| !value.is_null())?;
    parse_option(&site.at_key("cairn").at_key("collation"), value.as_str())
}

/// Parses the value of an option; `None`, with a problem reported, if it is not a collation.
fn parse_option(site: &SchemaSite<'_>, text: Option<&str>) -> Option<CollationOption> {
    if text == Some(CODE_POINTS_OPTION) {
        return Some(None);
    }
    match Collation::parse(text.unwrap_or_default()) {
        Ok(collation) => Some(Some(collation)),
        Err(problem) => {
            site.report_problem(problem);
            None
        }
    }
}
