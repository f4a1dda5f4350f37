//! Installation and activation.

use crate::KnowledgeBase;
use crate::jobs::{enqueue_rebuild, enqueue_synonyms};
use crate::model::{Language, Settings, Space, Visibility};
use crate::queries::delete_early_queries;
use crate::slug::is_slug;
use crate::text::parse_email;
use cairn_plugin::prelude::*;
use cairn_plugin::{Migration, Progress};
use serde_json::{Value, json};

impl Lifecycle for KnowledgeBase {
    /// One public space, where there is none: there is a place for the first article.
    fn install(call: &Call) -> Result<()> {
        if data::find::<Space>().count()? > 0 {
            return Ok(());
        }
        let settings: Settings = cairn_plugin::settings()?;
        let title = translate("seed.space", &call.locale, None);
        let space = json!({
            "key": settings.default_space,
            "title": title,
            "visibility": Visibility::Public,
            "defaultLanguage": settings.default_language,
        });
        data::create::<Space>(&space).map(drop)
    }

    fn migrate(_call: &Call, migration: &Migration) -> Result<Progress> {
        delete_early_queries(migration)
    }

    /// While the plugin was off, nothing kept the index up to date.
    fn enable(_call: &Call) -> Result<()> {
        enqueue_rebuild()?;
        enqueue_synonyms(&[Language::Nl, Language::En])
    }

    fn check_settings(call: &Call, proposed: &Value) -> Result<()> {
        let text = |name: &str| proposed[name].as_str().unwrap_or_default();
        let refuse = |field: &str, code: &str| {
            Err(Error::field(field, code, translate(&format!("refused.{code}"), &call.locale, None)))
        };
        if !text("supportAddress").is_empty() && parse_email(text("supportAddress")).is_none() {
            return refuse("supportAddress", "email");
        }
        if !is_slug(text("defaultSpace")) {
            return refuse("defaultSpace", "space-key");
        }
        Ok(())
    }
}
