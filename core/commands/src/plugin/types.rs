//! `cairn plugin types`.

use crate::print_line;
use cairn_app::OperatorError;
use cairn_plugin_author::types::{refresh_types, types_file};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct TypesArgs {
    /// The folder with plugin.toml
    #[arg(value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
    /// The project whose content types the plugin uses, in addition to its own
    #[arg(long, value_name = "DIR", env = "CAIRN_PROJECT")]
    project: Option<PathBuf>,
}

impl TypesArgs {
    pub(super) fn run(self) -> Result<(), OperatorError> {
        let types = refresh_types(&self.folder, self.project.as_deref()).map_err(|e| OperatorError(e.to_string()))?;
        for uid in types {
            print_line(uid);
        }
        print_line(self.folder.join(types_file(&self.folder)).display());
        Ok(())
    }
}
