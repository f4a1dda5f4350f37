//! `cairn plugin types`.

use crate::commands::say;
use crate::wiring::Failure;
use cairn_plugin_author::types::{file, refresh};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Types {
    /// The folder with plugin.toml
    #[arg(value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
    /// The project whose content types the plugin uses, in addition to its own
    #[arg(long, value_name = "DIR", env = "CAIRN_PROJECT")]
    project: Option<PathBuf>,
}

impl Types {
    pub(super) fn run(self) -> Result<(), Failure> {
        let types = refresh(&self.folder, self.project.as_deref()).map_err(|e| Failure(e.to_string()))?;
        for uid in types {
            say(uid);
        }
        say(self.folder.join(file(&self.folder)).display());
        Ok(())
    }
}
