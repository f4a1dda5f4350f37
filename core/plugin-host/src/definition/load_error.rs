//! Why a plugin cannot be loaded.

/// Why a plugin cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The machine cannot run plugins at all.
    #[error("plugins cannot run on this machine: {0}")]
    Engine(String),
    /// The component is larger than the limit.
    #[error("the component has {bytes} bytes; the limit is {most}")]
    TooLarge {
        /// Size of the component, in bytes.
        bytes: usize,
        /// Largest permitted size, in bytes.
        most: usize,
    },
    /// The file is not a component, or a broken one.
    #[error("plugin.wasm is not a component that this version of Cairn can run: {0}")]
    NoComponent(String),
    /// It imports what the host does not offer.
    #[error("plugin.wasm imports interfaces that Cairn does not provide: {0}")]
    Imports(String),
    /// The manifest declares an export that the component lacks.
    #[error("plugin.toml has {section}, but plugin.wasm does not export {export}: {why}")]
    Export {
        /// Section of the manifest.
        section: &'static str,
        /// Name of the missing interface.
        export: String,
        /// The reason for it.
        why: String,
    },
    /// A text or a template of the package is invalid.
    #[error("{file}: {problem}")]
    Words {
        /// Path in the package.
        file: String,
        /// Description of the problem.
        problem: String,
    },
    /// The manifest does not fit the content types.
    #[error("plugin.toml:{line}: {message}")]
    Manifest {
        /// Line of the manifest, from 1.
        line: u32,
        /// Description of the problem, with what to write instead.
        message: String,
    },
}

impl LoadError {
    pub(crate) fn from_engine_error(error: wasmtime::Error) -> Self {
        Self::Engine(format!("{error:#}"))
    }
}
