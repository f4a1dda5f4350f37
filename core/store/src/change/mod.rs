//! Changes of the schema, applied to a database: [`cairn_model::change`] plans them, this module applies them.
//!
//! The applied shape is stored in the database (`cairn_schema`). Opening a database compares it with the files: if they are equal, there is
//! nothing to do. What may be applied at a start is applied then; for the rest there is [`crate::Database::schema_apply`]. A plan is
//! applied in one transaction, together with the record that it was applied.

mod applied;
mod apply;
mod carry;
mod follow;
mod history;
mod layout;
mod names;
mod restore;
mod rights;
mod rows;
mod rules;
mod start;
mod tables;
mod trash;
mod tx;

pub use apply::Outcome;
pub use restore::Restored;
pub use start::{AppliedChange, SchemaPlan};
pub(crate) use start::{GUARD, Opened, ensure, generation};
pub use trash::{Times, TrashEntry, TrashKind};
#[doc(hidden)]
pub use tx::failpoint;
