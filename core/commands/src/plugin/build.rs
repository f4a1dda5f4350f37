//! `cairn plugin build`.

use crate::print_line;
use cairn_app::OperatorError;
use cairn_plugin_author::{Language, sdk};
use cairn_plugin_build::guests::{self, BuildOptions, BuiltCrates};
use cairn_plugin_build::python::{self, Environment};
use cairn_plugin_build::toolchain::INSTALL_HINT;
use cairn_plugin_build::tools::ToolStatus;
use cairn_plugin_build::{WasmToolchain, WasmToolchainSearch, frames, npm, toolchain};
use cairn_plugin_package::component::COMPONENT;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// The Python that has the packages of the library's requirements.txt, in place of one in the plugin's folder.
const PYTHON_VARIABLE: &str = "CAIRN_PLUGIN_PYTHON";

#[derive(Debug, clap::Args)]
pub(super) struct BuildArgs {
    /// The folder with plugin.toml
    #[arg(value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
}

impl BuildArgs {
    pub(super) fn run(self) -> Result<(), OperatorError> {
        let builder = PluginBuilder::for_folder(&self.folder)?;
        print_line(format_args!("building {}", builder.describe()));
        let component = builder.build(false)?;
        let bytes =
            std::fs::metadata(&component).map_err(|e| OperatorError(format!("{}: {e}", component.display())))?.len();
        print_line(format_args!("{}: {} KiB", component.display(), bytes.div_ceil(1024)));
        super::author::check_package(&self.folder)
    }
}

/// How the plugin of a folder is built on this machine.
pub(super) struct PluginBuilder {
    folder: PathBuf,
    toolchain: Toolchain,
}

enum Toolchain {
    /// By cargo, with a compiler that makes components.
    Rust(WasmToolchain),
    /// By the script `build` of its package.json.
    Npm,
    /// By the tool of its library, with a Python of its own.
    Python,
}

impl PluginBuilder {
    /// Looks at what the plugin is written in and which compiler there is.
    pub(super) fn for_folder(folder: &Path) -> Result<Self, OperatorError> {
        // Compilers run in it.
        let folder = folder.canonicalize().map_err(|e| OperatorError(format!("{}: {e}", folder.display())))?;
        let shown_path = folder.display();
        if !folder.join("plugin.toml").is_file() {
            return Err(OperatorError(format!(
                "{shown_path} has no plugin.toml: use the folder of a plugin, or create one with `cairn plugin new`"
            )));
        }
        let toolchain = match Language::detect_in(&folder) {
            Some(Language::Rust) => Toolchain::Rust(rust_route()?),
            Some(Language::TypeScript) => {
                require_tools(npm::check_tools().map_err(|e| OperatorError(format!("{e:#}")))?)?;
                Toolchain::Npm
            }
            Some(Language::Python) => Toolchain::Python,
            None => {
                return Err(OperatorError(format!(
                    "{shown_path} has no Cargo.toml, package.json or src/main.py: nothing to compile"
                )));
            }
        };
        Ok(Self { folder, toolchain })
    }

    /// In words, for the person who waits.
    pub(super) fn describe(&self) -> String {
        match &self.toolchain {
            Toolchain::Rust(rust) => rust.describe(),
            Toolchain::Npm => "using `npm run build`".to_owned(),
            Toolchain::Python => "using componentize-py".to_owned(),
        }
    }

    /// Builds it to `plugin.wasm` beside `plugin.toml`. What the compiler complains of goes to standard error as it comes.
    pub(super) fn build(&self, quiet: bool) -> Result<PathBuf, OperatorError> {
        let component = match &self.toolchain {
            Toolchain::Rust(rust) => self.build_with_cargo(rust, quiet)?,
            // The npm build bundles the frames too.
            Toolchain::Npm => return self.build_with_npm(),
            Toolchain::Python => self.build_with_python()?,
        };
        if frames::has_sources(&self.folder) {
            self.bundle_frames()?;
        }
        Ok(component)
    }

    fn bundle_frames(&self) -> Result<(), OperatorError> {
        sdk::refresh_sdk(&self.folder, Language::TypeScript).map_err(|e| OperatorError(e.to_string()))?;
        let library = sdk::library_path(&self.folder, Language::TypeScript);
        require_tools(frames::bundle_frames(&self.folder, &library).map_err(|e| OperatorError(format!("{e:#}")))?)
    }

    fn build_with_cargo(&self, rust: &WasmToolchain, quiet: bool) -> Result<PathBuf, OperatorError> {
        sdk::refresh_sdk(&self.folder, Language::Rust).map_err(|e| OperatorError(e.to_string()))?;
        let options = BuildOptions { target: None, crates: BuiltCrates::Folder, locked: false, quiet };
        let components =
            guests::compile_plugins(&self.folder, rust, options).map_err(|e| OperatorError(format!("{e:#}")))?;
        // Of several crates that are plugins, that of the folder.
        let own = components.iter().find(|component| component.folder == self.folder).ok_or_else(|| {
            OperatorError(format!(
                "{} did not produce a component: its Cargo.toml needs `crate-type = [\"cdylib\"]` in the section [lib]",
                self.folder.display()
            ))
        })?;
        guests::copy_component(&own.wasm, &self.folder.join(COMPONENT)).map_err(|e| OperatorError(format!("{e:#}")))
    }

    fn build_with_npm(&self) -> Result<PathBuf, OperatorError> {
        let package = self.folder.join("package.json");
        let text =
            std::fs::read_to_string(&package).map_err(|e| OperatorError(format!("{}: {e}", package.display())))?;
        let library = sdk::library_path(&self.folder, Language::TypeScript).join("package.json");
        // A plugin that is not of `cairn plugin new` may have the library from elsewhere.
        let has_bundled_sdk = text.contains(&format!("{}/sdk-js", sdk::SDK_FOLDER));
        if has_bundled_sdk {
            sdk::refresh_sdk(&self.folder, Language::TypeScript).map_err(|e| OperatorError(e.to_string()))?;
        }
        let also = [library.as_path()];
        npm::install_packages(&self.folder, if has_bundled_sdk { &also } else { &[] })
            .and_then(|()| npm::run_script(&self.folder, "build"))
            .map_err(|e| OperatorError(format!("{e:#}")))?;
        let component = self.folder.join(COMPONENT);
        match component.is_file() {
            true => Ok(component),
            false => Err(OperatorError(format!("`npm run build` did not write {}", component.display()))),
        }
    }

    fn build_with_python(&self) -> Result<PathBuf, OperatorError> {
        let failed = |e: &dyn std::fmt::Display| OperatorError(format!("{e:#}"));
        sdk::refresh_sdk(&self.folder, Language::Python).map_err(|e| OperatorError(e.to_string()))?;
        let library = sdk::library_path(&self.folder, Language::Python);
        let python = match std::env::var_os(PYTHON_VARIABLE).filter(|value| !value.is_empty()) {
            Some(path) => PathBuf::from(path),
            None => {
                let place = self.folder.join(sdk::SDK_FOLDER).join("venv");
                let requirements = library.join("requirements.txt");
                match python::ensure_environment(&requirements, &place).map_err(|e| failed(&e))? {
                    Environment::Ready(python) => python,
                    Environment::Missing(tools) => {
                        return Err(OperatorError(tools.missing_message().unwrap_or_default()));
                    }
                }
            }
        };
        let component = self.folder.join(COMPONENT);
        let mut build = python::tool_command(&python, &library);
        build.arg("build").arg(&self.folder).arg("--out").arg(&component).stdin(Stdio::null());
        match build.status() {
            Ok(status) if status.success() => Ok(component),
            Ok(status) => Err(OperatorError(format!("building {} failed ({status})", self.folder.display()))),
            Err(e) => {
                Err(OperatorError(format!("{}: {e}; set {PYTHON_VARIABLE} to a working Python", python.display())))
            }
        }
    }
}

/// Complains where a tool is not here.
fn require_tools(tools: ToolStatus) -> Result<(), OperatorError> {
    tools.missing_message().map_or(Ok(()), |missing| Err(OperatorError(missing)))
}

fn rust_route() -> Result<WasmToolchain, OperatorError> {
    let rustc = std::env::var_os("RUSTC").map_or_else(|| PathBuf::from("rustc"), PathBuf::from);
    let search = toolchain::find_toolchain(&rustc).map_err(|e| {
        OperatorError(format!("{e:#}\nplugins in Rust need rustc and cargo; install them from https://rustup.rs"))
    })?;
    match search {
        WasmToolchainSearch::Route(rust) => Ok(rust),
        WasmToolchainSearch::Nothing { why } => {
            Err(OperatorError(format!("no installed compiler can compile to WebAssembly: {why}\n{INSTALL_HINT}")))
        }
    }
}
