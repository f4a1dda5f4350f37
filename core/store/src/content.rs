//! Documents: plans compiled to SQL and run into JSON bytes; rows, links and references written.

mod aggregate;
mod bulk;
mod component_clashes;
mod components;
mod document_locks;
pub mod document_status;
mod execution;
mod file_urls;
mod groups;
mod incoming_links;
mod json_writer;
mod last_action;
mod link_owners;
pub mod links;
pub mod lookup;
pub mod read;
mod row_links;
pub mod rows;
mod sql;
mod usages;

pub use crate::state::FileUrlSigner;
pub use bulk::{BulkDocument, BulkVersion};
pub use document_locks::LockMode;
pub use document_status::DocumentStatusRow;
pub use execution::MAX_RESPONSE_BYTES;
pub use incoming_links::IncomingLink;
pub use last_action::LastActionOrder;
pub use link_owners::LinkOwner;
pub use read::{CompiledPlan, PageSummary, PlanShape};
pub use rows::{DocumentRow, NewDocumentRow};
pub(crate) use sql::reference_name;
pub use usages::Usage;
pub(crate) use usages::is_component;
