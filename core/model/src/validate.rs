//! Validation of values: request JSON to typed values ([`cast_attributes`]), the rules of a schema on typed values ([`check_values`]), and the values that an
//! update leaves out ([`merge_value`]), once ids of the published version's components are the draft's ([`resolve_published_ids`]). Unique
//! values inside components are collected by [`collect_unique_values`]. Messages and their order are those of the contract (CONTRACT.md, 13 and 14).

mod cast;
mod check;
mod condition;
mod error;
mod merge;
mod published_ids;
mod unique_values;

pub use cast::{CastMode, CastResult, CastRules, cast_attributes};
pub use check::{check_values, unique_error};
pub(crate) use condition::{check_rule, rule_variables};
pub use error::FieldError;
pub(crate) use error::{ValuePath, float_json, print_float, print_number};
pub use merge::{ForeignComponent, merge_value};
pub use published_ids::{names_unknown_instances, resolve_published_ids};
pub use unique_values::{UniquePlace, UniqueValue, UniqueValues, collect_unique_values};
