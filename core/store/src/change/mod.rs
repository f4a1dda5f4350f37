//! Changes of the schema, done to a database: [`cairn_model::change`] plans them, this applies them.
//!
//! What was applied is kept in the database (`cairn_schema`). Whoever opens it compares that with the files: equal, and
//! there is nothing to do. What may be done at a start is done then; for the rest there is [`crate::Database::schema_apply`].
//! A plan is one transaction together with the note that it was applied.

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
