//! Read policies: the articles, sections and spaces that callers of the API see.

use crate::KnowledgeBase;
use crate::audience::AccessLevel;
use crate::groups::CallerGroups;
use crate::model::{Article, Space};
use cairn_plugin::prelude::*;
use serde_json::json;
use std::time::Duration;

/// How long the host remembers a policy for a caller with these groups: it names visibilities and no spaces, so it never changes.
const VALID_FOR: Duration = Duration::from_secs(24 * 3_600);

impl Policies for KnowledgeBase {
    fn evaluate(call: &Call, content_types: &[String]) -> Result<Vec<cairn_plugin::Policy>> {
        let (level, groups) = (AccessLevel::of(call), CallerGroups::of(call));
        let policy = |uid: &String| {
            if level == AccessLevel::Staff {
                return Ok(cairn_plugin::Policy::open(VALID_FOR));
            }
            let visible = json!({ "visibility": { "$in": level.visibilities() } });
            let filter = match (uid.as_str(), groups.article_filter()) {
                (Space::TYPE, _) => visible,
                (Article::TYPE, Some(own)) => json!({ "$and": [{ "space": visible }, own] }),
                _ => json!({ "space": visible }),
            };
            cairn_plugin::Policy::only(&filter, level.as_str(), VALID_FOR)
        };
        content_types.iter().map(policy).collect()
    }
}
