//! The query language: REST parameters and row conditions → validated [`Plan`]s. Owns [`Access`]. Pure: it has no access to a database or
//! HTTP, and fails only because of an error in the request.
//!
//! [`plan_query()`] is the entry point. A new parameter is one file in `params/`, one line in [`PARAMETERS`], and a field in [`Plan`]; `store`
//! destructures that and does not compile until the field is used.
//!
//! Two invariants hold for every plan and every caller: each name in it was resolved against the model, and no attribute that is private or
//! a password is in it (a role's condition may use private ones). Both are enforced in one place, the views of `context`.

pub mod access;
mod aggregate;
mod brackets;
mod caller;
mod condition;
mod context;
mod error;
mod input;
mod limits;
mod negation;
mod params;
pub mod plan;
mod query;
#[cfg(test)]
mod testing;
mod value_slots;

pub use access::*;
pub use aggregate::{
    AggregateGroup, AggregateOperand, AggregatePlan, AggregateQuery, GroupOrder, GroupOrderKey, Measure, Period,
    PeriodGrouping, plan_aggregate,
};
pub use brackets::{BracketsError, MAX_BRACKET_DEPTH, MAX_PARAMETERS, MAX_QUERY_BYTES, QueryTree, parse_form};
pub use caller::{CallerPermissions, ReadPolicies};
pub use condition::{check_condition, check_limit, condition_variables, contains_negation};
pub use error::{ParamError, ParamErrorKind};
pub use limits::QueryLimits;
pub use negation::Negation;
pub use params::status::StatusParam;
pub use plan::*;
pub use query::{Query, QueryBuilder};
pub use value_slots::{SlotKind, ValueSlot};

use cairn_model::{Registry, TypeId};
use context::PlanningContext;
use input::FilterInput;
use params::{
    fields, filters, has_published_version, locale, pagination, populate, publication_filter, search, sort, status,
};
use std::collections::BTreeSet;

/// A query parameter of content routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// Its name; brackets may follow.
    pub name: &'static str,
    /// Summary for the OpenAPI description.
    pub summary: &'static str,
}

/// All parameters; any other is refused.
pub const PARAMETERS: &[Parameter] = &[
    Parameter { name: "filters", summary: "Only entries for which these conditions hold" },
    Parameter { name: "sort", summary: "Order of a list: paths to attributes, each with asc or desc" },
    Parameter { name: "fields", summary: "Scalar attributes to show; all by default" },
    Parameter { name: "populate", summary: "Relations, media, components and dynamic zones to show" },
    Parameter { name: "pagination", summary: "Part of a list: page and pageSize, or start and limit; withCount" },
    Parameter { name: "status", summary: "Version of documents with draft & publish: published (default) or draft" },
    Parameter { name: "locale", summary: "Locale of localized documents: one, a list, or * for all" },
    Parameter { name: "_q", summary: "Only entries with this text in a text attribute" },
    Parameter {
        name: "hasPublishedVersion",
        summary: "Only drafts that have (true) or lack (false) a published version",
    },
    Parameter {
        name: "publicationFilter",
        summary: "Only documents whose draft and published version relate like this: never-published, has-published-version, modified, \
                  unmodified, never-published-document, has-published-version-document, published-without-draft, published-with-draft",
    },
    Parameter { name: "page", summary: "Use pagination[page]; users and files take both" },
    Parameter { name: "pageSize", summary: "Use pagination[pageSize]; users and files take both" },
    Parameter { name: "start", summary: "Ignored, as in Strapi: use pagination[start]; users and files take both" },
    Parameter { name: "limit", summary: "Ignored, as in Strapi: use pagination[limit]; users and files take both" },
];

/// The request that a query is planned for.
#[derive(Debug, Clone, Copy)]
pub struct QueryRequest<'a> {
    /// The model of the tenant.
    pub registry: &'a Registry,
    /// Permissions of the caller.
    pub access: &'a Access,
    /// The requested type.
    pub content_type: TypeId,
    /// The action. On writes the plan shapes the response: it has no filter but the caller's condition.
    pub action: Action,
    /// The locale that applies to requests without one.
    pub default_locale: &'a str,
    /// Limits on the cost of the query.
    pub limits: QueryLimits,
    /// For the routes of users and files, which have no drafts and no pages of their own: `status`, `hasPublishedVersion` and
    /// `publicationFilter` are ignored. A list has everything, or the part that `pagination`, or `start` and `limit`, ask for.
    pub lenient: bool,
}

/// A planned query.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedQuery {
    /// The plan that the store compiles.
    pub plan: Plan,
    /// The first error in the *values* of `status`, `hasPublishedVersion`, `publicationFilter`, `locale` (a list, on a write),
    /// `pagination`, and the directions of `sort`. Reads return it at once, writes after checking the keys of the body.
    pub deferred: Option<ParamError>,
    /// Value of `status` in the request.
    pub status_given: StatusParam,
    /// The one locale that a write applies to, or `*`. Ignored by types that are not localized.
    pub locale: String,
    /// Every type that is read: the entry's, those populated, filtered and sorted through, and those of conditions. Sorted, without
    /// duplicates. A cached response is stale when one of them changes.
    pub touched: Vec<TypeId>,
    /// The types among them whose documents are shown or decide what is shown, under the caller's permissions: those whose read policies have
    /// to be evaluated. The types that only the conditions of administrators and policies lead to are not among them. Sorted, without
    /// duplicates.
    pub reached: Vec<TypeId>,
    /// The variables of the conditions that were used, by their path without the `$`: the response is for callers with their values alone.
    pub variables: BTreeSet<String>,
}

/// Plans the query of a request.
///
/// Errors are in the order of the contract: 403, unknown parameter, filters, sort, fields, populate. Errors in mere values are
/// in [`PlannedQuery::deferred`]. A plan that reaches a type whose read policies should have been evaluated, and were not, is refused whatever
/// else it is.
pub fn plan_query(request: &QueryRequest<'_>, query: &Query) -> Result<PlannedQuery, ParamError> {
    // 403 comes before everything that is wrong with the query.
    check_action(request)?;
    let query = query.parameters()?;
    let QueryRequest { registry, access, content_type, action, default_locale, limits, lenient } = *request;
    let model = registry.get(content_type);
    let reads = matches!(action, Action::Find | Action::FindOne);

    let (status_given, status_error) =
        if lenient { (StatusParam::Absent, None) } else { status::parse(query.get("status")) };
    check_drafts(request, query, status_given)?;
    // Writes of users and files have parameters of their own, such as `id`.
    if reads || !lenient {
        check_names(query)?;
    }

    let mut cx = PlanningContext::new(registry, access, limits, status_given.status());
    cx.lenient = lenient;
    cx.touched.insert(content_type);
    let view = cx.root_view(content_type, action);

    let mut conditions = Vec::new();
    if action != Action::Create {
        conditions.extend(cx.row_condition(content_type, action));
    }
    if let Some(tree) = query.get("filters") {
        let mut planner = filters::FilterPlanner { cx: &mut cx, param: "filters", negation: access.negation };
        let filter = planner.plan_root(view, &FilterInput::from_tree(tree))?;
        conditions.extend(reads.then_some(filter));
    }
    let sort = sort::parse(&mut cx, view, query.get("sort"), "sort")?;
    let selected = fields::parse(&cx, view, query.get("fields"), "fields")?;
    let populated = populate::parse(&mut cx, view, query.get("populate"))?;
    let found = search::parse(view, query.get("_q"), access.searches_digits)?;
    conditions.extend(found.filter(|_| reads));
    let locales = locale::parse(query.get("locale"), &limits)?;

    let mut deferred = status_error;
    let has_published = match query.get("hasPublishedVersion").filter(|_| !lenient) {
        Some(tree) => has_published_version::parse(Some(tree)).unwrap_or_else(|error| {
            deferred.get_or_insert(error);
            None
        }),
        None => None,
    };
    let publication = match query.get("publicationFilter").filter(|_| !lenient) {
        Some(tree) => publication_filter::parse(Some(tree)).unwrap_or_else(|error| {
            deferred.get_or_insert(error);
            None
        }),
        None => None,
    };
    if !reads && matches!(locales, Some(Locales::Many(_))) && model.localized {
        deferred.get_or_insert_with(locale::not_one);
    }
    // A write that a condition was meant to prevent must not happen because the condition was ignored.
    if !reads && let Some(name) = ["filters", "_q"].into_iter().find(|name| query.get(name).is_some()) {
        deferred.get_or_insert_with(|| ParamError::only_in_reads(name));
    }
    let is_list = action == Action::Find && model.kind == cairn_model::ContentTypeKind::Collection;
    let page = if lenient && is_list {
        pagination::parse_part(query, &limits)?
    } else if lenient {
        pagination::unlimited_page()
    } else if is_list {
        pagination::parse(query, &limits).unwrap_or_else(|error| {
            deferred.get_or_insert(error);
            pagination::single_page(&limits)
        })
    } else {
        pagination::single_page(&limits)
    };
    if let Some(error) = cx.sort_order_error.take() {
        deferred.get_or_insert(error);
    }

    cx.require_evaluated_policies()?;
    let write_locale = locale::for_write(locales.as_ref(), default_locale);
    // A filter on the locale takes the place of the default locale.
    let by_filter = cx.locale_filtered && reads;
    let default = || if by_filter { Locales::All } else { Locales::One(default_locale.to_owned()) };
    let plan = Plan {
        content_type,
        status: cx.status,
        locale: locales.unwrap_or_else(default),
        filter: (!conditions.is_empty()).then(|| filters::all_of(conditions)),
        has_published: has_published.filter(|_| reads && model.draft_publish),
        publication: publication.filter(|_| reads && model.draft_publish),
        sort,
        page,
        node: EntryNode { content_type, fields: selected, populate: populated },
    };
    Ok(PlannedQuery {
        plan,
        deferred,
        status_given,
        locale: write_locale,
        touched: cx.touched.into_iter().collect(),
        reached: cx.reached.into_iter().collect(),
        variables: cx.variables,
    })
}

/// The caller's condition for the request's action on its type, compiled: for checking a row that a write created or changed.
/// `None` if the role has none.
///
/// # Errors
/// The read policies of the type should have been evaluated, and were not.
pub fn condition_filter(request: &QueryRequest<'_>) -> Result<Option<Filter>, ParamError> {
    let mut cx = PlanningContext::new(request.registry, request.access, request.limits, PublicationState::Draft);
    let filter = cx.row_condition(request.content_type, request.action);
    cx.require_evaluated_policies()?;
    Ok(filter)
}

fn check_action(request: &QueryRequest<'_>) -> Result<(), ParamError> {
    if request.access.allows_action(request.content_type, request.action) {
        Ok(())
    } else {
        Err(ParamError::forbidden())
    }
}

/// Checks the permission for drafts. A caller who may create may create a draft, whose response contains nothing else.
fn check_drafts(request: &QueryRequest<'_>, query: &QueryTree, status: StatusParam) -> Result<(), ParamError> {
    let asks = match request.action {
        Action::Find | Action::FindOne => {
            let by_published =
                ["hasPublishedVersion", "publicationFilter"].iter().any(|name| query.get(name).is_some())
                    && !request.lenient;
            status.status() == PublicationState::Draft || by_published
        }
        Action::Update => status.status() == PublicationState::Draft,
        Action::Create | Action::Delete => false,
    };
    if asks && !request.access.read_drafts { Err(ParamError::forbidden()) } else { Ok(()) }
}

fn check_names(query: &QueryTree) -> Result<(), ParamError> {
    let QueryTree::Map(entries) = query else { return Ok(()) };
    match entries.iter().find(|(name, _)| !PARAMETERS.iter().any(|known| known.name == name)) {
        Some((name, _)) => Err(ParamError::unknown_key(name, "", name)),
        None => Ok(()),
    }
}
