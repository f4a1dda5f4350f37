//! All SQL: the tables of a model, documents and their links, system tables, transactions.
//!
//! Reads run on the thread that calls ([`Store::read`]). Writes ([`Store::write`]) run on SQLite one after the other on the writer's thread
//! and share a commit if several wait; on PostgreSQL side by side, each locking what it changes. Nothing outside this crate sees SQL text,
//! and nothing in SQL text comes from a request: identifiers are made from the registry alone ([`ident`]), values are bound.

pub mod assets;
pub mod change;
mod change_counters;
mod collation_keys;
mod connection;
pub mod content;
pub mod database;
mod dialect;
pub mod editorial;
mod error;
pub mod events;
pub mod history;
pub mod ident;
mod instance_numbers;
pub mod library;
pub mod licensing;
mod long_reads;
mod migrations;
pub mod namespaces;
pub mod notify;
pub mod plugins;
mod position;
mod postgres;
pub mod presence;
pub mod previews;
mod reader;
pub mod schema;
mod sqlite;
mod state;
mod statement_limit;
mod store;
pub mod system;
#[cfg(test)]
mod testing;
mod transaction;
pub mod transfer;

pub use change_counters::ChangeCounters;
pub use content::LockMode;
pub use database::Database;
pub use error::{Result, StoreError};
pub use postgres::PostgresOptions;
pub use reader::Reader;
pub use store::{Store, StoreOptions};
pub use transaction::{Savepoint, WriteTx, cause_depth, with_cause_depth};
