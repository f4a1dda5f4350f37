//! Documents: plans compiled to SQL and run into JSON bytes; rows, links and references written.

mod components;
mod json_writer;
pub mod links;
pub mod lookup;
pub mod read;
pub mod rows;
mod sql;

pub use read::{Found, Prepared};
pub use rows::{NewRow, Row};
pub(crate) use rows::RowSql;
