//! Slugs that no other article of a space and language has: one that is made of a title gets a number where it is taken, one that a person
//! typed is refused.

use crate::model::{Article, Language};
use crate::slug::with_number;
use cairn_plugin::bindings::kv as raw_kv;
use cairn_plugin::{Result, data};
use serde_json::json;
use std::collections::BTreeSet;

/// Numbers that are looked at with one question, and how many such questions there are.
const NUMBERS_AT_ONCE: u32 = 50;
const QUESTIONS: u32 = 20;
/// How long the mark stays by which articles of one title wait for each other, in milliseconds.
const WAIT_MS: u64 = 60_000;

/// Place in which slugs are unique, and the article that looks for one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SlugPlace<'a> {
    pub(crate) space: &'a str,
    pub(crate) language: Language,
    pub(crate) article: &'a str,
}

impl SlugPlace<'_> {
    /// The first free slug of `base`, `base-2`, `base-3` …; none where all that are looked at are taken. `given`: those that other articles of
    /// the same call get.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn find_free(&self, base: &str, given: &BTreeSet<String>) -> Result<Option<String>> {
        // Two articles of one title at the same moment: the second waits here until the first is stored.
        let key = format!("slug/{}/{}/{base}", self.space, self.language.as_str());
        raw_kv::increment(&key, 1, Some(WAIT_MS))?;
        for question in 0..QUESTIONS {
            let numbers = question * NUMBERS_AT_ONCE + 1..=(question + 1) * NUMBERS_AT_ONCE;
            let wanted: Vec<String> = numbers.map(|number| with_number(base, number)).collect();
            let taken = self.find_taken(&wanted)?;
            let is_free = |slug: &String| !taken.contains(slug) && !given.contains(slug);
            if let Some(free) = wanted.into_iter().find(is_free) {
                return Ok(Some(free));
            }
        }
        Ok(None)
    }

    /// True if another article has the slug, as a draft or published.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn is_taken(&self, slug: &str) -> Result<bool> {
        Ok(!self.find_taken(&[slug.to_owned()])?.is_empty())
    }

    fn find_taken(&self, slugs: &[String]) -> Result<BTreeSet<String>> {
        let others = json!({
            "space": { "documentId": self.space }, "language": self.language, "slug": { "$in": slugs },
            "documentId": { "$ne": self.article },
        });
        let query = || data::find::<Article>().filter(others.clone()).fields(&["slug"]);
        // A draft may have another slug than what is published of it: neither address is free.
        let mut found = query().drafts().all(NUMBERS_AT_ONCE)?;
        found.extend(query().all(NUMBERS_AT_ONCE)?);
        Ok(found.into_iter().map(|article| article.fields.slug).collect())
    }
}
