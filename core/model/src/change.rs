//! Changes of the schema: from the model that a database was made from ([`Snapshot`]) to the one in the files, as a reviewed [`ChangePlan`] in
//! which no content is lost without notice.
//!
//! [`plan_change()`] compares two snapshots. It learns of renames and moves from the files (`renamedFrom`, `movedInto`) and from [`Answers`];
//! it never guesses, it asks ([`Question`]). A [`ChangeStep`] uses the names that things have when the step runs: [`Snapshot::apply`] takes
//! the shape through the steps, and the planner checks that the last one arrives at the files. Values are carried by [`rewrite`],
//! permissions by [`permissions`].

mod answers;
mod convert;
mod kind_conversion;
pub mod permissions;
mod planner;
mod replay;
pub mod rewrite;
mod schema_match;
mod sentence;
mod snapshot;
mod step;
mod trace;

pub use answers::{AnswerError, Answers, Decision};
pub use convert::{Conversion, ConversionError, convert_value, cut_value};
pub use kind_conversion::{KindFit, kind_fit};
pub use planner::plan_change;
pub use snapshot::*;
pub use step::*;
pub use trace::{AttributeFate, NameTrace};

use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// JSON without blanks, keys in the order of the structs: equal values have equal texts.
fn canonical_json(value: &impl Serialize) -> String {
    // The types here have no maps with keys other than strings, nor anything else that could fail.
    serde_json::to_string(value).unwrap_or_default()
}

/// SHA-256 of texts, in hexadecimal; where one ends and the next begins counts.
fn hash_texts(texts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update((text.len() as u64).to_be_bytes());
        hasher.update(text);
    }
    hasher.finalize().iter().fold(String::with_capacity(64), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
