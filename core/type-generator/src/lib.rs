//! Content types as types of programming languages: of front ends in TypeScript, and the names and comments that generated code of every language has.

mod front_end;
pub mod names;
pub mod source_text;

pub use front_end::{FRONT_END_MARK, render_front_end_types};
