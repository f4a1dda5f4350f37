//! `[schema]`.

use super::error::ConfigError;
use serde::Deserialize;

/// `[schema]`: who may change the content types, and what holds for all of them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SchemaConfig {
    /// `locked` (`CAIRN_SCHEMA_LOCKED=true|false`): the admin shows the content types and changes none; the files come with a
    /// deployment. Default false.
    pub locked: bool,
    /// `collation`: the order of texts of content types that state none in `options.cairn.collation`. Not set: that of code points. It is part
    /// of the model, so `cairn_model::load` reads and checks it, for whoever loads the model; no variable replaces it.
    pub collation: Option<String>,
}

impl SchemaConfig {
    pub(super) fn apply_environment(&mut self, env: &dyn Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
        match env("CAIRN_SCHEMA_LOCKED").as_deref() {
            None | Some("") => Ok(()),
            Some("true") => {
                self.locked = true;
                Ok(())
            }
            Some("false") => {
                self.locked = false;
                Ok(())
            }
            Some(_) => Err(ConfigError("CAIRN_SCHEMA_LOCKED: expected true or false".into())),
        }
    }
}
