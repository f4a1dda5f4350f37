//! Documents: plans compiled to SQL and run into JSON bytes; rows, links and references written.

mod aggregate;
mod bulk;
mod components;
mod groups;
mod incoming;
mod json_writer;
pub mod links;
pub mod lookup;
mod private;
pub mod read;
pub mod rows;
mod run;
mod sql;
pub mod standing;
mod usages;

pub use bulk::BulkDocument;
pub(crate) use bulk::tables;
pub use incoming::IncomingLink;
pub use private::FileLinks;
pub use read::{Found, Prepared};
pub(crate) use rows::RowSql;
pub use rows::{NewRow, Row};
pub use run::LARGEST_ANSWER;
pub(crate) use sql::reference_name;
pub use standing::Standing;
pub use usages::Usage;
pub(crate) use usages::is_component;
