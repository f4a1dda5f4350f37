//! Settings of a plugin: a JSON Schema that a form can be drawn of, with defaults, and values that fit it. Secrets are named in the
//! manifest and never among the values.

mod schema;
pub(crate) mod values;

#[cfg(test)]
mod tests;

pub use values::SettingProblem;

use jsonschema::Validator;
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// The schema of a plugin's settings, checked and ready to check values.
#[derive(Debug, Clone)]
pub struct SettingsSchema {
    schema: Map<String, Json>,
    validator: Validator,
    secrets: BTreeSet<String>,
}

impl SettingsSchema {
    /// Reads `settings.schema.json`. `secrets`: the names in the manifest, which may be no settings. The error lists everything a form
    /// cannot be drawn of, with its place in the schema (`properties.hours.minimum`).
    pub fn parse(json: &[u8], secrets: &[String]) -> Result<Self, Vec<SettingProblem>> {
        let schema_problem =
            |message: String| vec![SettingProblem { path: String::new(), code: "schema".into(), message }];
        if json.len() > schema::MAX_SCHEMA_BYTES {
            return Err(schema_problem(format!("is larger than {} KiB", schema::MAX_SCHEMA_BYTES / 1024)));
        }
        let schema: Map<String, Json> =
            serde_json::from_slice(json).map_err(|e| schema_problem(format!("is not a JSON object: {e}")))?;
        let problems = schema::check_schema(&schema, secrets);
        if !problems.is_empty() {
            return Err(problems);
        }
        let validator = values::build_validator(&schema).map_err(|problem| vec![problem])?;
        let parsed = Self { schema, validator, secrets: secrets.iter().cloned().collect() };
        // A default that does not fit would be a setting nobody chose and nobody can keep.
        let invalid_defaults = parsed.check_values(&parsed.defaults());
        let invalid_defaults: Vec<_> =
            invalid_defaults.into_iter().filter(|problem| !values::is_missing(problem)).collect();
        if invalid_defaults.is_empty() { Ok(parsed) } else { Err(invalid_defaults) }
    }

    /// The schema itself, for the form.
    pub fn schema(&self) -> &Map<String, Json> {
        &self.schema
    }

    /// True if there is a setting of this name.
    pub fn has(&self, name: &str) -> bool {
        self.schema.get("properties").and_then(Json::as_object).is_some_and(|properties| properties.contains_key(name))
    }

    /// The keys of texts (`t:…`) in titles and descriptions, without the `t:`.
    pub fn text_keys(&self) -> BTreeSet<String> {
        schema::text_keys(&self.schema)
    }

    /// Default values, which apply where an operator chose nothing.
    pub fn defaults(&self) -> Map<String, Json> {
        values::fill_defaults(&self.schema, &Map::new())
    }

    /// An operator's values with defaults for what is absent, at every level: what the plugin is given. The error lists every value that
    /// does not fit, with its path.
    pub fn effective_values(&self, values: &Map<String, Json>) -> Result<Map<String, Json>, Vec<SettingProblem>> {
        let filled = values::fill_defaults(&self.schema, values);
        let problems = self.check_values(&filled);
        if problems.is_empty() { Ok(filled) } else { Err(problems) }
    }

    fn check_values(&self, values: &Map<String, Json>) -> Vec<SettingProblem> {
        let secrets = values.keys().filter(|name| self.secrets.contains(*name));
        let secrets = secrets.map(|name| SettingProblem {
            path: name.clone(),
            code: "secret".into(),
            message: "is a secret: set it separately, it is never stored with the settings".into(),
        });
        secrets.chain(values::find_problems(&self.validator, &Json::Object(values.clone()))).collect()
    }
}
