//! `cairn plugin build`.

use crate::commands::say;
use crate::wiring::Failure;
use cairn_plugin_author::{Language, sdk};
use cairn_plugin_build::guests::{self, Options};
use cairn_plugin_build::python::{self, Environment};
use cairn_plugin_build::route::WHAT_TO_TYPE;
use cairn_plugin_build::tools::Tools;
use cairn_plugin_build::{Found, Route, npm, route};
use cairn_plugin_package::component::COMPONENT;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// The Python that has the packages of the library's requirements.txt, in place of one in the plugin's folder.
const PYTHON: &str = "CAIRN_PLUGIN_PYTHON";

#[derive(Debug, clap::Args)]
pub(super) struct Build {
    /// The folder with plugin.toml
    #[arg(value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
}

impl Build {
    pub(super) fn run(self) -> Result<(), Failure> {
        let builder = Builder::of(&self.folder)?;
        say(format_args!("building {}", builder.describe()));
        let component = builder.build(false)?;
        let bytes = std::fs::metadata(&component).map_err(|e| Failure(format!("{}: {e}", component.display())))?.len();
        say(format_args!("{}: {} KiB", component.display(), bytes.div_ceil(1024)));
        super::author::check(&self.folder)
    }
}

/// How the plugin of a folder is built on this machine.
pub(super) struct Builder {
    folder: PathBuf,
    how: How,
}

enum How {
    /// By cargo, with a compiler that makes components.
    Rust(Route),
    /// By the script `build` of its package.json.
    Npm,
    /// By the tool of its library, with a Python of its own.
    Python,
}

impl Builder {
    /// Looks at what the plugin is written in and which compiler there is.
    pub(super) fn of(folder: &Path) -> Result<Self, Failure> {
        // Compilers run in it.
        let folder = folder.canonicalize().map_err(|e| Failure(format!("{}: {e}", folder.display())))?;
        let shown = folder.display();
        if !folder.join("plugin.toml").is_file() {
            return Err(Failure(format!(
                "{shown} has no plugin.toml: use the folder of a plugin, or create one with `cairn plugin new`"
            )));
        }
        let how = match Language::of(&folder) {
            Some(Language::Rust) => How::Rust(rust_route()?),
            Some(Language::TypeScript) => {
                here(npm::tools().map_err(|e| Failure(format!("{e:#}")))?)?;
                How::Npm
            }
            Some(Language::Python) => How::Python,
            None => {
                return Err(Failure(format!(
                    "{shown} has no Cargo.toml, package.json or src/main.py: nothing to compile"
                )));
            }
        };
        Ok(Self { folder, how })
    }

    /// In words, for the person who waits.
    pub(super) fn describe(&self) -> String {
        match &self.how {
            How::Rust(route) => route.describe(),
            How::Npm => "using `npm run build`".to_owned(),
            How::Python => "using componentize-py".to_owned(),
        }
    }

    /// Builds it to `plugin.wasm` beside `plugin.toml`. What the compiler complains of goes to standard error as it comes.
    pub(super) fn build(&self, quiet: bool) -> Result<PathBuf, Failure> {
        match &self.how {
            How::Rust(route) => self.cargo(route, quiet),
            How::Npm => self.npm(),
            How::Python => self.python(),
        }
    }

    fn cargo(&self, route: &Route, quiet: bool) -> Result<PathBuf, Failure> {
        sdk::refresh(&self.folder, Language::Rust).map_err(|e| Failure(e.to_string()))?;
        let options = Options { target: None, workspace: false, locked: false, quiet };
        let made = guests::compile(&self.folder, route, options).map_err(|e| Failure(format!("{e:#}")))?;
        // Of several crates that are plugins, that of the folder.
        let own = made.iter().find(|made| made.folder == self.folder).ok_or_else(|| {
            Failure(format!(
                "{} did not produce a component: its Cargo.toml needs `crate-type = [\"cdylib\"]` in the section [lib]",
                self.folder.display()
            ))
        })?;
        guests::take(&own.wasm, &self.folder.join(COMPONENT)).map_err(|e| Failure(format!("{e:#}")))
    }

    fn npm(&self) -> Result<PathBuf, Failure> {
        let package = self.folder.join("package.json");
        let text = std::fs::read_to_string(&package).map_err(|e| Failure(format!("{}: {e}", package.display())))?;
        let library = sdk::library(&self.folder, Language::TypeScript).join("package.json");
        // A plugin that is not of `cairn plugin new` may have the library from elsewhere.
        let ours = text.contains(&format!("{}/sdk-js", sdk::FOLDER));
        if ours {
            sdk::refresh(&self.folder, Language::TypeScript).map_err(|e| Failure(e.to_string()))?;
        }
        let also = [library.as_path()];
        npm::install(&self.folder, if ours { &also } else { &[] })
            .and_then(|()| npm::script(&self.folder, "build"))
            .map_err(|e| Failure(format!("{e:#}")))?;
        let component = self.folder.join(COMPONENT);
        match component.is_file() {
            true => Ok(component),
            false => Err(Failure(format!("`npm run build` did not write {}", component.display()))),
        }
    }

    fn python(&self) -> Result<PathBuf, Failure> {
        let failed = |e: &dyn std::fmt::Display| Failure(format!("{e:#}"));
        sdk::refresh(&self.folder, Language::Python).map_err(|e| Failure(e.to_string()))?;
        let library = sdk::library(&self.folder, Language::Python);
        let python = match std::env::var_os(PYTHON).filter(|given| !given.is_empty()) {
            Some(given) => PathBuf::from(given),
            None => {
                let place = self.folder.join(sdk::FOLDER).join("venv");
                let requirements = library.join("requirements.txt");
                match python::environment(&requirements, &place).map_err(|e| failed(&e))? {
                    Environment::Ready(python) => python,
                    Environment::Missing(tools) => return Err(Failure(tools.missing().unwrap_or_default())),
                }
            }
        };
        let component = self.folder.join(COMPONENT);
        let mut build = python::tool(&python, &library);
        build.arg("build").arg(&self.folder).arg("--out").arg(&component).stdin(Stdio::null());
        match build.status() {
            Ok(status) if status.success() => Ok(component),
            Ok(status) => Err(Failure(format!("building {} failed ({status})", self.folder.display()))),
            Err(e) => Err(Failure(format!("{}: {e}; set {PYTHON} to a working Python", python.display()))),
        }
    }
}

/// Complains where a tool is not here.
fn here(tools: Tools) -> Result<(), Failure> {
    tools.missing().map_or(Ok(()), |missing| Err(Failure(missing)))
}

fn rust_route() -> Result<Route, Failure> {
    let rustc = std::env::var_os("RUSTC").map_or_else(|| PathBuf::from("rustc"), PathBuf::from);
    let found = route::find(&rustc).map_err(|e| {
        Failure(format!("{e:#}\nplugins in Rust need rustc and cargo; install them from https://rustup.rs"))
    })?;
    match found {
        Found::Route(route) => Ok(route),
        Found::Nothing { why } => {
            Err(Failure(format!("no installed compiler can compile to WebAssembly: {why}\n{WHAT_TO_TYPE}")))
        }
    }
}
