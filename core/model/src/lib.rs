//! The content model: content types, components, field kinds, and validated values. Pure: no I/O but reading project files in
//! [`load`], no async, no SQL.
//!
//! A write goes through [`body::check_keys`], [`body::find_references`], [`validate::cast_attributes`], [`validate::merge_value`] and, to be
//! published, [`validate::check_values`]; [`stored_values`] writes its components. To add a field kind, see [`fields`].

pub mod body;
pub mod case_fold;
pub mod change;
pub mod collation;
pub mod content_type;
mod error_kind;
pub mod fields;
pub mod file_lock;
mod ids;
pub mod links;
pub mod load;
pub mod presentation;
pub mod registry;
pub mod source_text;
pub mod stored_values;
pub mod validate;
pub mod value;
pub mod workflow;

pub use collation::Collation;
pub use content_type::*;
pub use error_kind::ErrorKind;
pub use file_lock::FileLock;
pub use registry::*;
pub use value::*;
