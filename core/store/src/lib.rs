//! All SQL: the tables of a model, documents and their links, system tables, transactions.
//!
//! Reads run on the thread that calls ([`Store::read`]); writes run one after the other on the writer's thread and
//! share a commit where several wait ([`Store::write`]). Nothing outside this crate sees SQL text, and nothing in
//! SQL text comes from a request: identifiers are made from the registry alone ([`ident`]), values are bound.

mod check;
pub mod content;
pub mod database;
mod dialect;
mod error;
pub mod ident;
mod long_reads;
mod migrations;
mod position;
pub mod schema;
mod statistics;
pub mod system;
mod versions;
mod writer;

pub use database::{Options, Reader, Store};
pub use error::StoreError;
pub use versions::ChangeCounters;
pub use writer::WriteTx;

/// The result of everything here.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
