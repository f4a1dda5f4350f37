//! `cairn plugin new`.

use crate::print_line;
use cairn_app::OperatorError;
use cairn_plugin_author::Language;
use cairn_plugin_author::new::{StarterKind, create_plugin};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct NewArgs {
    /// The folder to create; its name is the plugin's id
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// The plugin's id, if it differs from the folder's name
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// The programming language of the plugin
    #[arg(long, value_enum, default_value = "rust")]
    lang: PluginLanguage,
    /// The parts that the plugin starts with
    #[arg(long, value_enum, default_value = "full")]
    kind: PluginTemplate,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum PluginLanguage {
    /// Rust: small and fast; recommended for hooks that run for many requests
    Rust,
    /// TypeScript: all parts of a plugin
    Ts,
    /// Python: subscriptions, jobs and routes, but no hooks
    Python,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum PluginTemplate {
    /// A hook that checks documents before they are stored
    Hook,
    /// A route that responds to requests
    Route,
    /// A subscription to stored documents, and a background job
    Jobs,
    /// All of these; in Python, all but hooks
    Full,
}

impl NewArgs {
    pub(super) fn run(self) -> Result<(), OperatorError> {
        let name = self.folder.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        let id = self.id.or(name).ok_or_else(|| {
            OperatorError(format!(
                "{} has no name that can be used as the plugin's id: set the id with --id",
                self.folder.display()
            ))
        })?;
        let language = match self.lang {
            PluginLanguage::Rust => Language::Rust,
            PluginLanguage::Ts => Language::TypeScript,
            PluginLanguage::Python => Language::Python,
        };
        let kind = match self.kind {
            PluginTemplate::Hook => StarterKind::Hook,
            PluginTemplate::Route => StarterKind::Route,
            PluginTemplate::Jobs => StarterKind::Jobs,
            PluginTemplate::Full => StarterKind::Full,
        };
        create_plugin(&self.folder, &id, language, kind).map_err(|e| OperatorError(e.to_string()))?;
        let folder = self.folder.display();
        print_line(format_args!(
            "{folder}: the plugin {id}\n\n  cd {folder}\n  cairn plugin build\n  cairn plugin test"
        ));
        Ok(())
    }
}
