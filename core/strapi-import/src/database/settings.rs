//! The settings that Strapi stores in its database, the content types among them.

use super::connection::{Cell, RowFilter, RowReader, Selection, Tables};
use super::entities::{BEFORE_FIRST, next_id};
use super::layout::SETTINGS_TABLE;
use crate::error::ImportError;
use serde_json::{Map, Value as Json, json};
use std::ops::ControlFlow;

const WEBHOOKS_TABLE: &str = "strapi_webhooks";
/// The setting with the content types as Strapi last started with them: those that the tables belong to, whatever schema files say since.
const SCHEMAS_KEY: &str = "strapi_content_types_schema";
/// Members of schemas that archives have, in their order. Others belong to Strapi's code.
const ARCHIVED_MEMBERS: [&str; 11] = [
    "collectionName",
    "info",
    "options",
    "pluginOptions",
    "attributes",
    "kind",
    "modelType",
    "modelName",
    "uid",
    "plugin",
    "globalId",
];
/// Settings that are imported. Others have secrets, of providers that people sign in with.
const IMPORTED_KEYS: [&str; 2] = ["plugin_i18n_default_locale", "plugin_users-permissions_advanced"];
const IMPORTED_PREFIX: &str = "plugin_content_manager_configuration_";
/// Number of settings read at a time.
const BATCH_ROWS: usize = 100;

/// The settings of a Strapi project.
pub(super) struct StrapiSettings {
    /// Content types, those of Strapi and its plugins included.
    pub(super) schemas: Vec<Map<String, Json>>,
    /// Lines of `configuration/`.
    pub(super) lines: Vec<Json>,
}

impl StrapiSettings {
    /// Reads the settings. Returns an error if there are no content types among them.
    pub(super) fn read(rows: &mut dyn RowReader, tables: &Tables) -> Result<Self, ImportError> {
        tables.require("Strapi's settings", SETTINGS_TABLE, &["id", "key", "value"])?;
        let mut settings = Self { schemas: Vec::new(), lines: Vec::new() };
        visit_all(rows, SETTINGS_TABLE, &["id", "key", "value"], &mut |row| {
            let text = |index: usize| row.get(index).and_then(Cell::as_text).unwrap_or_default();
            let (key, value) = (text(1), text(2));
            if key == SCHEMAS_KEY {
                settings.schemas = read_schemas(&value)?;
            } else if IMPORTED_KEYS.contains(&&*key) || key.starts_with(IMPORTED_PREFIX) {
                let value: Json = serde_json::from_str(&value).unwrap_or_else(|_| value.into());
                settings.lines.push(json!({"type": "core-store", "value": {"key": key, "value": value}}));
            }
            Ok(())
        })?;
        if settings.schemas.is_empty() {
            return Err(ImportError::Database(format!(
                "table {SETTINGS_TABLE}: there are no content types ({SCHEMAS_KEY}): start Strapi once with this database, so that it stores them"
            )));
        }
        if tables.has_column(WEBHOOKS_TABLE, "id") {
            visit_all(rows, WEBHOOKS_TABLE, &["id"], &mut |_| {
                settings.lines.push(json!({"type": "webhook", "value": {}}));
                Ok(())
            })?;
        }
        Ok(settings)
    }
}

fn visit_all(
    rows: &mut dyn RowReader,
    table: &str,
    columns: &[&str],
    visit: &mut dyn FnMut(&[Cell<'_>]) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let mut last = BEFORE_FIRST;
    loop {
        let before = last;
        let selection = Selection {
            table,
            columns: columns.to_vec(),
            rows: RowFilter::After(last),
            order: &["id"],
            limit: Some(BATCH_ROWS),
        };
        rows.read_rows(&selection, &mut |row| {
            last = next_id(table, row.first().and_then(Cell::as_int), last)?;
            visit(row)?;
            Ok(ControlFlow::Continue(()))
        })?;
        if last == before {
            return Ok(());
        }
    }
}

fn read_schemas(text: &str) -> Result<Vec<Map<String, Json>>, ImportError> {
    let schemas: Map<String, Json> = serde_json::from_str(text).map_err(|e| {
        ImportError::Database(format!("table {SETTINGS_TABLE}: {SCHEMAS_KEY} is not a JSON object: {e}"))
    })?;
    let mut read = Vec::new();
    for (uid, schema) in schemas {
        let Json::Object(mut schema) = schema else { continue };
        schema.insert("uid".into(), uid.into());
        read.push(archived_schema(schema));
    }
    Ok(read)
}

/// A schema as archives have it.
pub(super) fn archived_schema(mut schema: Map<String, Json>) -> Map<String, Json> {
    let members = ARCHIVED_MEMBERS.iter().filter_map(|member| Some(((*member).to_owned(), schema.remove(*member)?)));
    members.collect()
}
