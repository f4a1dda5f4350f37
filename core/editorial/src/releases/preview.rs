//! Preview of a release: what would happen if it were published now, and what it lacks.

use super::run::{ItemAttempt, apply_items, content_type};
use super::{Releases, load_items, open_release};
use cairn_content::{ContentError, DraftState, LocaleChange, Publisher, Refusal, Result};
use cairn_model::TypeId;
use cairn_store::editorial::{ReleaseItemRow, ReleaseRow};
use cairn_store::events::Actor;
use cairn_store::{StoreError, WriteTx};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Largest number of suggestions in one preview.
const MAX_SUGGESTIONS: usize = 100;

/// The result of a preview.
#[derive(Debug, Clone, PartialEq)]
pub struct ReleaseTrial {
    /// The release that was tried.
    pub release: ReleaseRow,
    /// Its items, in the order in which they were added.
    pub items: Vec<ItemPreview>,
    /// Documents that its documents link to, and that readers would not see in the state of the drafts.
    pub suggestions: Vec<Suggestion>,
}

impl ReleaseTrial {
    /// True if the release could be published.
    pub fn is_fit(&self) -> bool {
        !self.items.is_empty() && self.items.iter().all(|item| item.problems.is_empty())
    }
}

/// The result of a preview for an item.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemPreview {
    /// The item that was tried.
    pub item: ReleaseItemRow,
    /// Why it cannot be applied.
    pub problems: Vec<Refusal>,
    /// True if it would change nothing.
    pub unchanged: bool,
    /// Other releases that have not ended with the same document: id and name.
    pub also_in: Vec<(i64, String)>,
}

/// A document that should perhaps be in the release as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// Uid of its type.
    pub content_type: String,
    /// Id of the document.
    pub document_id: String,
    /// Empty if its type is not localised.
    pub locale: String,
    /// State of its draft: never published, or changed since.
    pub state: DraftState,
    /// The item that links to it.
    pub item: i64,
    /// The attribute that holds the link.
    pub attribute: String,
}

/// Ends the transaction of a trial with its result.
enum TrialEnd {
    Found(Box<ReleaseTrial>),
    Failed(ContentError),
}

impl From<StoreError> for TrialEnd {
    fn from(e: StoreError) -> Self {
        Self::Failed(e.into())
    }
}

impl From<ContentError> for TrialEnd {
    fn from(e: ContentError) -> Self {
        Self::Failed(e)
    }
}

impl Releases {
    /// Tries the release on behalf of that actor, and rolls back. Returns an error for a release that has ended or does not exist.
    pub async fn preview(&self, id: i64, actor: &Arc<Actor>) -> Result<ReleaseTrial> {
        let publisher = self.content.publisher(actor);
        let tried = self
            .content
            .store()
            .write(move |tx| -> Result<(), TrialEnd> {
                let preview = preview_in(tx, &publisher, id)?;
                Err(TrialEnd::Found(Box::new(preview)))
            })
            .await;
        match tried {
            Err(TrialEnd::Found(preview)) => Ok(*preview),
            Err(TrialEnd::Failed(error)) => Err(error),
            Ok(()) => Err(ContentError::not_found()),
        }
    }
}

impl Releases {
    /// Applies, in a rehearsal, those items of a release that can be applied: content is then as readers find it after the release. Nothing is left
    /// to apply of a release that has ended, or that has been deleted meanwhile.
    ///
    /// # Errors
    /// Returns errors of the database, among them that it took too long.
    pub fn rehearse_in(&self, tx: &mut WriteTx<'_>, id: i64, at: i64) -> Result<()> {
        let Some(release) = tx.releases().lock(id)?.filter(|release| !release.state.is_over()) else {
            return Ok(());
        };
        let publisher = self.content.publisher(&Arc::new(release.actor)).at_time(at);
        let items = load_items(&tx.reader(), id)?;
        apply_items(tx, &publisher, items).map(drop)
    }
}

fn preview_in(tx: &mut WriteTx<'_>, publisher: &Publisher, id: i64) -> Result<ReleaseTrial> {
    let release = open_release(tx, id)?;
    let rows = load_items(&tx.reader(), id)?;
    let mut others: HashMap<i64, Vec<(i64, String)>> = HashMap::new();
    for (item, release, name) in tx.reader().releases().find_conflicts(id)? {
        others.entry(item).or_default().push((release, name));
    }
    // Suggestions are made before the trial, which would publish what they depend on.
    let suggestions = find_suggestions(tx, publisher, &rows)?;
    let tried = apply_items(tx, publisher, rows)?;
    let preview = |ItemAttempt { mut item, result }: ItemAttempt| {
        let unchanged = result.as_ref().is_ok_and(|changes: &Vec<LocaleChange>| changes.iter().all(|c| !c.changed));
        item.before = None;
        let also_in = others.remove(&item.id).unwrap_or_default();
        ItemPreview { item, problems: result.err().unwrap_or_default(), unchanged, also_in }
    };
    Ok(ReleaseTrial { release, items: tried.into_iter().map(preview).collect(), suggestions })
}

fn find_suggestions(tx: &mut WriteTx<'_>, publisher: &Publisher, items: &[ReleaseItemRow]) -> Result<Vec<Suggestion>> {
    let registry = tx.registry();
    let mut known: HashSet<(TypeId, String, String)> = items
        .iter()
        .filter_map(|i| Some((content_type(&registry, i)?, i.item.document_id.clone(), i.item.locale.clone())))
        .collect();
    let mut suggested = Vec::new();
    for item in items.iter().filter(|item| item.item.action == "publish") {
        let Some(ct) = content_type(&registry, item) else { continue };
        for linked in publisher.draft_links_in(tx, ct, &item.item.document_id, &item.item.locale)? {
            let target = registry.get(linked.content_type);
            // From a document without locales to one with them: which one is shown is not known.
            if !target.draft_publish || (target.localized && item.item.locale.is_empty()) {
                continue;
            }
            let locale = if target.localized { item.item.locale.clone() } else { String::new() };
            if !known.insert((target.id, linked.document_id.clone(), locale.clone())) {
                continue;
            }
            let state = publisher.draft_state_in(tx, target.id, &linked.document_id, &locale)?;
            let Some(state @ (DraftState::Unpublished | DraftState::Modified)) = state else { continue };
            suggested.push(Suggestion {
                content_type: target.uid.clone(),
                document_id: linked.document_id,
                locale,
                state,
                item: item.id,
                attribute: linked.attribute,
            });
            if suggested.len() >= MAX_SUGGESTIONS {
                return Ok(suggested);
            }
        }
    }
    Ok(suggested)
}
