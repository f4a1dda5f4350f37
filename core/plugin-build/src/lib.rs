//! Compiles plugins to WebAssembly components. `cairn plugin build` and `cargo xtask wasm` are the two that use it.
//!
//! [`route`] finds a compiler on this machine, [`guests`] runs it, [`sources`] says when that is not needed.

pub mod guests;
pub mod route;
pub mod sources;

pub use route::{Found, Route};
