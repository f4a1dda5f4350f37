//! Reviews in lists of entries: the stage, assignees and due date; and filters on them.

use super::EntryReview;
use super::review_state::load_workflow;
use crate::EditorialService;
use crate::service::{EditorialCaller, invalid_at};
use cairn_access::AdminCaller;
use cairn_content::Result;
use cairn_content::view::Time;
use cairn_model::workflow::Workflow;
use cairn_query::{EditorialFilter, Filter, StageFilter};
use std::collections::BTreeMap;

/// Milliseconds of a week.
const WEEK_MS: i64 = 7 * 24 * 3_600_000;

/// Filter on the reviews of listed entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryReviewFilter {
    /// Name of the stage.
    pub stage: Option<String>,
    /// Numeric id of an admin user, `me`, or `none`.
    pub assignee: Option<String>,
    /// `overdue`, or `week`: within seven days from now.
    pub due: Option<String>,
}

impl EditorialService {
    /// The filter as a condition on entries of a type; `None` if it is empty. Fails with 400 for an invalid filter.
    pub fn in_review(
        &self,
        admin: &AdminCaller,
        uid: &str,
        entry_review_filter: &EntryReviewFilter,
    ) -> Result<Option<Filter>> {
        let mut all = Vec::new();
        if let Some(name) = &entry_review_filter.stage {
            let workflow = self.store().read(|r| load_workflow(r, uid))?;
            let filter = workflow.as_ref().and_then(|w| stored_stage(w, name));
            let none = || invalid_at("stage", format!("stage: the workflow of {uid} has no stage {name:?}"));
            all.push(EditorialFilter::Stage(filter.ok_or_else(none)?));
        }
        match entry_review_filter.assignee.as_deref() {
            None => {}
            Some("none") => all.push(EditorialFilter::Assignee(None)),
            Some("me") => {
                let caller = EditorialCaller::new(admin, &admin.actor.clone().into());
                all.push(EditorialFilter::Assignee(Some(caller.require_person()?)));
            }
            Some(id) => {
                let invalid_assignee =
                    || invalid_at("assignee", "assignee must be the id of an admin user, me or none");
                all.push(EditorialFilter::Assignee(Some(id.parse().map_err(|_| invalid_assignee())?)));
            }
        }
        let now = self.now();
        match entry_review_filter.due.as_deref() {
            None => {}
            Some("overdue") => all.push(EditorialFilter::Due { from: i64::MIN, before: now }),
            Some("week") => all.push(EditorialFilter::Due { from: now, before: now.saturating_add(WEEK_MS) }),
            Some(_) => return Err(invalid_at("due", "due must be overdue or week")),
        }
        let all: Vec<Filter> = all.into_iter().map(Filter::Editorial).collect();
        Ok((!all.is_empty()).then_some(Filter::And(all)))
    }

    /// The review state of some entries of a type, by document; `None` if the type has no workflow. Runs a few
    /// statements, whatever their number. Returns an error if the database fails.
    pub fn reviews_beside(
        &self,
        uid: &str,
        documents: &[&str],
        locale: &str,
    ) -> Result<Option<BTreeMap<String, EntryReview>>> {
        let Some(workflow) = self.store().read(|r| load_workflow(r, uid))? else { return Ok(None) };
        let first = workflow.stages.first().map(|stage| stage.name.clone());
        let none = EntryReview { stage: first, returned: false, assignees: Vec::new(), due: None };
        let mut all: BTreeMap<String, EntryReview> =
            documents.iter().map(|id| ((*id).to_owned(), none.clone())).collect();
        let rows = self.store().read(|r| r.reviews().find_for_documents(uid, documents, locale))?;
        if rows.is_empty() {
            return Ok(Some(all));
        }
        for (row, state, assignees) in self.review_states(rows, true)? {
            let due = row.due.as_ref().map(|due| Time(due.at));
            let review = EntryReview { stage: Some(state.stage), returned: state.returned, assignees, due };
            all.insert(row.document.document_id, review);
        }
        Ok(Some(all))
    }
}

/// The stored values of documents in a stage; decides like [`super::review_state::current_stage`] does for one.
fn stored_stage(workflow: &Workflow, name: &str) -> Option<StageFilter> {
    let target = workflow.find_stage(name)?;
    let mut stage = StageFilter::default();
    let own = if target.back_to.is_some() { &mut stage.unchanged } else { &mut stage.moved };
    own.push(name.to_owned());
    let falls_back = workflow.stages.iter().filter(|s| s.back_to.as_deref() == Some(name) && s.name != name);
    stage.changed = falls_back.map(|s| s.name.clone()).collect();
    if workflow.stages.first().is_some_and(|first| first.name == name) {
        stage.not_moved = Some(workflow.stages.iter().map(|s| s.name.clone()).collect());
    }
    Some(stage)
}
