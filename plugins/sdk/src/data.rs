//! Documents: of the plugin's own types and of those granted to it, in the language of the REST API.
//!
//! Calls use the plugin's rights, which are its grants, unless they say `as_caller`: then they are cut down to what the actor of
//! the call may do. Hooks, event handlers and lifecycle steps are in a transaction already; elsewhere [`transaction`] opens one.

mod batch;
mod find;
mod new_documents;
mod row;
mod scan;
mod transaction;

pub use crate::bindings::data::{Measure, Transition, Written};
pub use batch::{Batch, create, delete, update, upsert};
pub use find::{Find, Page, find, get, get_many};
pub use new_documents::{NewDocument, create_with_ids, new_id};
pub use row::{AllFields, Document, Link, Row, or_default};
pub use scan::Scan;
pub use transaction::{run_transaction, transaction};
