//! `[schema]`.

use super::ConfigError;
use serde::Deserialize;

/// `[schema]`: who may change the content types.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SchemaConfig {
    /// `locked` (`CAIRN_SCHEMA_LOCKED=true|false`): the admin shows the content types and changes none; the files come with a
    /// deployment. Default false.
    pub locked: bool,
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
