//! `cairn plugin new`.

use crate::commands::say;
use crate::wiring::Failure;
use cairn_plugin_author::Language;
use cairn_plugin_author::new::{Kind, new};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct New {
    /// The folder to make; its name is the plugin's id
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// The id, where it is not the folder's name
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// The language
    #[arg(long, value_enum, default_value = "rust")]
    lang: Lang,
    /// What it does to begin with
    #[arg(long, value_enum, default_value = "full")]
    kind: What,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Lang {
    /// Rust: small and fast, the only one for hooks that many requests pass
    Rust,
    /// TypeScript
    Ts,
    /// Python: subscriptions, jobs and routes, no hooks
    Python,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum What {
    /// Decides before a document is stored
    Hook,
    /// Answers a request
    Route,
    /// Hears of documents that were stored, and works in the background
    Jobs,
    /// All of these; in Python all but hooks
    Full,
}

impl New {
    pub(super) fn run(self) -> Result<(), Failure> {
        let name = self.folder.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        let id = self.id.or(name).ok_or_else(|| {
            Failure(format!("{} has no name that could be the plugin's id: give one with --id", self.folder.display()))
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
