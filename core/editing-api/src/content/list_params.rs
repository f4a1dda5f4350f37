//! Filters of the admin's lists beside the query language: how drafts stand, and their reviews.

use super::entry_status::EntryStatus;
use super::queries::requested_locale;
use crate::review::editorial_service;
use cairn_app::Tenant;
use cairn_editorial::review::{EntryReview, EntryReviewFilter};
use cairn_http::error::WireError;
use cairn_http::extract::admin::Admin;
use cairn_model::ContentType;
use cairn_query::{DocumentStatus, EditorialFilter, Filter, Query, QueryBuilder};
use std::collections::BTreeMap;
use utoipa::IntoParams;

/// The parameters of lists that the query language does not have.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "`Listed` reads them; this describes them")]
pub(super) struct EntryListParams {
    /// How the draft stands to what is published.
    #[param(inline)]
    standing: Option<EntryStatus>,
    /// The stage of the review workflow that they are in.
    stage: Option<String>,
    /// Number of an admin user who is to see to it, `me`, or `none`.
    assignee: Option<String>,
    /// `overdue`, or `week`: within seven days from now.
    due: Option<String>,
}

/// Those of them that a request gives.
#[derive(Debug, Default)]
pub(super) struct EntryListFilter {
    standing: Option<DocumentStatus>,
    review: EntryReviewFilter,
}

impl EntryListFilter {
    /// Takes them out of the parameters of a request. Fails with 400 for a standing that there is not, and for more than one value.
    pub(super) fn take_from(parameters: &mut QueryBuilder) -> Result<Self, WireError> {
        let mut take = |name: &str| {
            let one_value = |_| WireError::validation(format!("{name}: expected one value"));
            parameters.take_text(name).map_err(one_value)
        };
        let standing = take("standing")?.as_deref().map(parse_publication_state).transpose()?;
        let review = EntryReviewFilter { stage: take("stage")?, assignee: take("assignee")?, due: take("due")? };
        Ok(Self { standing, review })
    }

    /// As a condition; `None`: nothing is asked for.
    pub(super) fn to_filter(
        &self,
        tenant: &Tenant,
        admin: &Admin,
        ct: &ContentType,
    ) -> Result<Option<Filter>, WireError> {
        let filter = self.standing.map(|standing| Filter::Editorial(EditorialFilter::Status(standing)));
        let review = editorial_service(tenant).in_review(admin, &ct.uid, &self.review)?;
        let all: Vec<Filter> = filter.into_iter().chain(review).collect();
        Ok((!all.is_empty()).then_some(Filter::And(all)))
    }
}

fn parse_publication_state(text: &str) -> Result<DocumentStatus, WireError> {
    match text {
        "draft" => Ok(DocumentStatus::Draft),
        "modified" => Ok(DocumentStatus::Modified),
        "published" => Ok(DocumentStatus::Published),
        _ => Err(WireError::validation("standing: expected draft, modified or published")),
    }
}

/// Where listed entries are in review; `None` where their type has no workflow.
pub(super) fn review_states(
    tenant: &Tenant,
    ct: &ContentType,
    documents: &[&str],
    query: &Query,
) -> Result<Option<BTreeMap<String, EntryReview>>, WireError> {
    let locale = match ct.localized {
        true => requested_locale(tenant, query),
        false => String::new(),
    };
    Ok(editorial_service(tenant).reviews_beside(&ct.uid, documents, &locale)?)
}
