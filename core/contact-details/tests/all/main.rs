//! Tests of the crate from the outside: properties, and its list of endings against the public suffix list.

mod endings;
mod properties;
