//! What answers look like that other crates write as JSON. The tests compare every answer with it; see `openapi::answers::As`.

#![expect(dead_code, reason = "they describe JSON and are never made")]

pub(super) mod history;
pub(super) mod permissions;
pub(super) mod presence;
pub(super) mod preview;
