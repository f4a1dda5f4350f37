//! Work for later: the synonyms of a language, and the whole index.

use crate::KnowledgeBase;
use crate::index::{INDEX, article_entry};
use crate::model::{Article, Language, Settings, SynonymGroup};
use crate::synonyms::parse_terms;
use cairn_plugin::jobs::job;
use cairn_plugin::prelude::*;
use cairn_plugin::{search, warn};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

/// Articles that are indexed in one slice of the rebuild.
const SLICE: u32 = 25;
/// Most synonym groups of a language that the host's search takes.
const MAX_GROUPS: u32 = 1_000;

impl Jobs for KnowledgeBase {
    fn run(_call: &Call, task: &Task) -> Result<Outcome> {
        match task.name.as_str() {
            "apply-synonyms" => apply_synonyms(task),
            "rebuild-index" => rebuild_index(task),
            other => Ok(Outcome::Dead(format!("no such job: {other}"))),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct SynonymsPayload {
    language: Language,
}

/// Has the synonyms of these languages applied, once what was changed is committed. The jobs of a language run one after another, and
/// each reads all groups: the last one knows the last change, also where two editors save at the same time.
pub(crate) fn enqueue_synonyms(languages: &[Language]) -> Result<()> {
    let ready = |&language: &Language| {
        let key = language.as_str();
        job("apply-synonyms").key(key).lane(format!("synonyms-{key}")).with(&SynonymsPayload { language })
    };
    let all: Result<Vec<_>> = languages.iter().map(ready).collect();
    jobs::set_all(&all?).map(drop)
}

fn apply_synonyms(task: &Task) -> Result<Outcome> {
    let SynonymsPayload { language } = task.payload()?;
    let groups =
        data::find::<SynonymGroup>().filter(json!({ "language": language })).sort("createdAt:asc").all(MAX_GROUPS)?;
    // Checked when they were stored; one that an import brought along is left out rather than all of them.
    let groups: Vec<Vec<String>> = groups.iter().filter_map(|group| parse_terms(&group.terms).ok()).collect();
    search::set_synonyms(INDEX, language.as_str(), &groups)?;
    Ok(Outcome::DONE)
}

/// Has the whole index built again.
pub(crate) fn enqueue_rebuild() -> Result<()> {
    job("rebuild-index").key("all").lane("rebuild-index").set(&()).map(drop)
}

/// How far a rebuild is.
#[derive(Serialize, Deserialize)]
struct RebuildProgress {
    /// The name of the copy that is being built.
    copy: String,
    /// The position of the scan; `None` before its first slice.
    position: Option<String>,
}

/// One slice: searches use the index as it was until the last one is done.
fn rebuild_index(task: &Task) -> Result<Outcome> {
    let Some(RebuildProgress { copy, position }) = task.checkpoint()? else {
        let copy = search::begin_rebuild(INDEX)?;
        return Outcome::again(&RebuildProgress { copy, position: None }, Duration::ZERO);
    };
    let query = data::find::<Article>().populate(json!({ "space": { "fields": ["key"] } }));
    let mut scan = match &position {
        None => query.scan()?,
        Some(position) => query.scan_from(position)?,
    };
    let Some(articles) = scan.next(SLICE)? else {
        return match search::finish_rebuild(INDEX) {
            // A run that was interrupted just before its end has finished it, or a later rebuild has taken its place.
            Err(error) if error.is_conflict("state") => Ok(Outcome::DONE),
            finished => finished.map(|()| Outcome::DONE),
        };
    };
    let (settings, now) = (cairn_plugin::settings::<Settings>()?, time::now());
    let entries: Result<Vec<_>> =
        articles.iter().map(|article| article_entry(&article.document_id, article, &settings, now)).collect();
    match search::put(&copy, entries?.into_iter().flatten()) {
        Err(error) if error.is_conflict("state") => {
            warn!("the rebuild of the index ended: another one was started meanwhile");
            Ok(Outcome::DONE)
        }
        put => put
            .and_then(|()| Outcome::again(&RebuildProgress { copy, position: Some(scan.position()) }, Duration::ZERO)),
    }
}
