//! Changes of the schema, applied to a database: [`cairn_model::change`] plans them, this module applies them.
//!
//! The applied shape is stored in the database (`cairn_schema`). Opening a database compares it with the files: if they are equal, there is
//! nothing to do. What may be applied at a start is applied then; for the rest there is [`crate::Database::schema_apply`]. A plan is
//! applied in one transaction, together with the record that it was applied.

mod apply;
mod collation;
mod history;
mod layout;
mod permissions;
mod restore;
mod rows;
mod rules;
mod schema_row;
mod start;
mod subjects;
mod tables;
mod trash;
mod tx;
mod type_migration;
mod type_uids;
mod unique_indexes;

pub use apply::ChangeOutcome;
pub use restore::RestoreOutcome;
pub use start::{AppliedChange, SchemaPlan};
pub(crate) use start::{CurrentSchema, GENERATION_GUARD_SQL, ensure_schema, read_generation};
pub use trash::{ChangeTimes, TrashEntry, TrashKind};
#[doc(hidden)]
pub use tx::failpoint;
