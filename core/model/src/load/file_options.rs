//! Options of a content type about the files that its entries use: `pluginOptions.upload`.

use super::report::SchemaSite;
use crate::content_type::{Attributes, FieldKind};
use crate::file_lock::FileLock;
use serde_json::{Map, Value as Json};

/// Reads `pluginOptions.upload.private`.
pub(super) fn read_private_files(site: &SchemaSite<'_>, schema: &Map<String, Json>) -> Option<bool> {
    let plugins = site.object_option(schema, "pluginOptions")?;
    let site = site.at_key("pluginOptions");
    site.at_key("upload").bool_option(site.object_option(plugins, "upload")?, "private")
}

/// Reads `pluginOptions.upload.lockedWhile`: an enumeration of the type and those of its values with which files are locked.
pub(super) fn read_file_lock(
    site: &SchemaSite<'_>,
    schema: &Map<String, Json>,
    attributes: &Attributes,
) -> Option<FileLock> {
    let upload = schema.get("pluginOptions")?.get("upload")?.as_object()?;
    let site = site.at_key("pluginOptions").at_key("upload");
    let lock = site.object_option(upload, "lockedWhile")?;
    let site = site.at_key("lockedWhile");
    let mut names = lock.keys();
    let (Some(name), None) = (names.next(), names.next()) else {
        site.report_problem("must name one enumeration of this type");
        return None;
    };
    let Some((attribute, FieldKind::Enumeration { values: known })) =
        attributes.get(name).map(|(position, attribute)| (position, &attribute.kind))
    else {
        site.at_key(name).report_problem("is not an enumeration of this type");
        return None;
    };
    let values = site.text_list_option(lock, name)?;
    if let Some(unknown) = values.iter().find(|value| !known.contains(value)) {
        site.at_key(name).report_problem(format!("`{unknown}` is not a value of the enumeration"));
        return None;
    }
    Some(FileLock { attribute, values })
}
