//! What content is: content types, components, field kinds, and checked values. Pure: no I/O but reading
//! schema files in [`load`], no async, no SQL.

pub mod body;
pub mod content_type;
pub mod fields;
pub mod links;
pub mod load;
pub mod registry;
pub mod stored;
pub mod validate;
pub mod value;

pub use content_type::*;
pub use registry::*;
pub use value::*;
