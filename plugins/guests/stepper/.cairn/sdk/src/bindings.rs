//! The contract as `wit-bindgen` spells it, for what the friendlier modules do not cover. Only the interfaces a plugin really
//! calls end up as imports of its component.
#![allow(missing_docs, clippy::all, reason = "generated")]

wit_bindgen::generate!({
    world: "imports",
    path: "../wit/v0.1",
    additional_derives: [PartialEq, Clone],
    generate_all,
});

pub use cairn::plugin::*;
