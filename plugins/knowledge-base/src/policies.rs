//! Which articles, sections and spaces callers of the API see.

use crate::KnowledgeBase;
use crate::audience::AccessLevel;
use crate::model::Space;
use cairn_plugin::prelude::*;
use serde_json::json;
use std::time::Duration;

/// How long the host remembers a policy: it names visibilities and no spaces, so it never changes.
const VALID_FOR: Duration = Duration::from_secs(24 * 3_600);

impl Policies for KnowledgeBase {
    fn evaluate(call: &Call, content_types: &[String]) -> Result<Vec<cairn_plugin::Policy>> {
        let level = AccessLevel::of(call);
        let policy = |uid: &String| {
            if level == AccessLevel::Staff {
                return Ok(cairn_plugin::Policy::open(VALID_FOR));
            }
            let visible = json!({ "visibility": { "$in": level.visibilities() } });
            let filter = if uid == Space::TYPE { visible } else { json!({ "space": visible }) };
            cairn_plugin::Policy::only(&filter, level.as_str(), VALID_FOR)
        };
        content_types.iter().map(policy).collect()
    }
}
