//! Compiles plugins to WebAssembly components. `cairn plugin build` and `cargo xtask wasm` are the two that use it.
//!
//! Of Rust: [`toolchain`] finds a compiler on this machine, [`guests`] runs it, [`sources`] says when that is not needed. Of TypeScript and
//! Python: [`npm`] and [`python`] see to it that the tools of their libraries have what they need; [`tools`] says what is missing.
//! [`frames`] bundles the scripts of a plugin's pages in the admin, whatever the plugin is written in.

pub mod frames;
pub mod guests;
pub mod npm;
pub mod python;
pub mod sources;
pub mod toolchain;
pub mod tools;

pub use toolchain::{WasmToolchain, WasmToolchainSearch};
