//! Changes of the schema, applied to a database: [`cairn_model::change`] plans them, this module applies them.
//!
//! The applied shape is stored in the database (`cairn_schema`). Opening a database compares it with the files: if they are equal, there is
//! nothing to do. What may be applied at a start is applied then; for the rest there is [`crate::Database::schema_apply`]. A plan is
//! applied in one transaction, together with the record that it was applied.

mod apply;
mod collation;
mod commands;
mod history;
mod layout;
mod permissions;
mod restore;
mod rows;
mod rules;
mod run;
mod schema_row;
mod start;
mod subjects;
mod tables;
mod trash;
mod tx;
mod type_migration;
mod type_uids;
mod unique_indexes;

pub use commands::{AppliedChange, SchemaPlan};
pub use restore::RestoreOutcome;
pub use run::ChangeOutcome;
pub(crate) use schema_row::{GENERATION_GUARD_SQL, read_generation};
pub(crate) use start::ensure_schema;
pub use trash::{ChangeTimes, TrashEntry, TrashKind};
#[doc(hidden)]
pub use tx::failpoint;
