//! The report of the import that a project began with.

use cairn_access::action_types::SystemRead;
use cairn_http::error::WireError;
use cairn_http::extract::require::Require;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::openapi::response_types::{Data, Time};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_store::system::STRAPI_IMPORT_SETTING;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(report))
}

/// Outcome of `cairn import strapi`, and its time.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct StrapiImport {
    #[schema(value_type = Time)]
    imported_at: String,
    report: StrapiImportReport,
}

/// Counts on both sides, and every difference with its reason.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct StrapiImportReport {
    /// Version of Strapi that wrote it.
    strapi: String,
    /// Time when the archive was written, or the database read; as Strapi wrote it.
    archived_at: String,
    /// Rows by uid of their type: a document has one for each locale, draft and published.
    types: BTreeMap<String, ImportedCount>,
    /// SHA-256 of the content of each type, in hexadecimal; the database had the same at the end of the import. Empty for older imports.
    #[serde(default)]
    hashes: BTreeMap<String, String>,
    /// Relations and uses of files.
    links: ImportedCount,
    /// Files of the media library and their formats.
    assets: ImportedCount,
    /// Codes, the default one first.
    locales: Vec<String>,
    /// Permissions that were granted: role, subject and action.
    permissions: Vec<String>,
    /// How new site users come in; empty if Strapi did not say.
    registration: String,
    differences: Vec<ImportDifference>,
    /// Work that is left to people.
    left_to_do: Vec<String>,
    /// Differences beyond those that are listed.
    unlisted: u64,
}

/// Rows on both sides.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ImportedCount {
    in_archive: u64,
    imported: u64,
}

/// A difference between the content in Strapi and here.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct ImportDifference {
    /// Type, row and attribute.
    place: String,
    message: String,
}

/// The report of the import from Strapi that the project began with. 404 if it did not begin with one.
#[utoipa::path(get, path = "/admin/api/strapi-import")]
async fn report(CurrentTenant(tenant): CurrentTenant, _: Require<SystemRead>) -> Result<Data<StrapiImport>, WireError> {
    let stored = tenant.content.store().read(|r| r.settings().get(STRAPI_IMPORT_SETTING))?;
    let stored = stored.ok_or_else(WireError::not_found)?;
    Ok(Data { data: serde_json::from_value(stored).map_err(WireError::internal)? })
}
