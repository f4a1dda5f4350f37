//! `cairn plugin new`.

use crate::commands::say;
use crate::wiring::Failure;
use cairn_plugin_author::Language;
use cairn_plugin_author::new::{Kind, new};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct New {
    /// The folder to create; its name is the plugin's id
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// The plugin's id, if it differs from the folder's name
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// The language
    #[arg(long, value_enum, default_value = "rust")]
    lang: Lang,
    /// The parts that the plugin starts with
    #[arg(long, value_enum, default_value = "full")]
    kind: What,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Lang {
    /// Rust: small and fast; recommended for hooks that run for many requests
    Rust,
    /// TypeScript
    Ts,
    /// Python: subscriptions, jobs and routes, but no hooks
    Python,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum What {
    /// A hook that checks documents before they are stored
    Hook,
    /// A route that responds to requests
    Route,
    /// A subscription to stored documents, and a background job
    Jobs,
    /// All of these; in Python, all but hooks
    Full,
}

impl New {
    pub(super) fn run(self) -> Result<(), Failure> {
        let name = self.folder.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        let id = self.id.or(name).ok_or_else(|| {
            Failure(format!(
                "{} has no name that can be used as the plugin's id: set the id with --id",
                self.folder.display()
            ))
        })?;
        let language = match self.lang {
            Lang::Rust => Language::Rust,
            Lang::Ts => Language::TypeScript,
            Lang::Python => Language::Python,
        };
        let kind = match self.kind {
            What::Hook => Kind::Hook,
            What::Route => Kind::Route,
            What::Jobs => Kind::Jobs,
            What::Full => Kind::Full,
        };
        new(&self.folder, &id, language, kind).map_err(|e| Failure(e.to_string()))?;
        let folder = self.folder.display();
        say(format_args!("{folder}: the plugin {id}\n\n  cd {folder}\n  cairn plugin build\n  cairn plugin test"));
        Ok(())
    }
}
