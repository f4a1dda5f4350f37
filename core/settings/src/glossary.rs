//! The glossary of a site: the words of a term in each language, for people who write and translate. Read from JSON, for the settings file
//! and the admin alike, and stored as one setting, by key.

mod read;

pub(crate) use read::{TermInput, read_term};

use cairn_store::{Reader, StoreError, WriteTx};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The key of the setting.
const GLOSSARY_SETTING: &str = "glossary";

/// A term of the glossary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GlossaryTerm {
    /// The word in each language, by the code of its locale. Languages without one have no agreed word.
    pub words: BTreeMap<String, String>,
    /// Explanation for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub note: Option<String>,
    /// False: the word is the same in every language, such as the name of a product.
    pub translate: bool,
}

impl GlossaryTerm {
    /// The word in a language. What is not translated has the same word in all of them.
    pub fn word(&self, locale: &str) -> Option<&str> {
        let own = self.words.get(locale);
        own.or_else(|| self.words.values().next().filter(|_| !self.translate)).map(String::as_str)
    }
}

/// All terms of a tenant, by key.
pub type Glossary = BTreeMap<String, GlossaryTerm>;

/// Reads all terms. Returns an error if the stored value is invalid, so that no change replaces what cannot be read.
pub fn load_glossary(reader: &Reader<'_>) -> Result<Glossary, StoreError> {
    let Some(json) = reader.settings().get(GLOSSARY_SETTING)? else { return Ok(Glossary::new()) };
    serde_json::from_value(json).map_err(|error| StoreError::Corrupt {
        place: format!("cairn_settings {GLOSSARY_SETTING}"),
        message: error.to_string(),
    })
}

/// Replaces the stored terms. The caller holds the settings ([`lock_settings`](crate::workflows::lock_settings)).
pub(crate) fn store_glossary(tx: &mut WriteTx<'_>, glossary: &Glossary) -> Result<(), StoreError> {
    if glossary.is_empty() {
        return tx.settings().delete(GLOSSARY_SETTING);
    }
    tx.settings().set(GLOSSARY_SETTING, &serde_json::json!(glossary))
}
