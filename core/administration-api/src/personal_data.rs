//! `/admin/api/personal-data`: what is stored about a person, as an archive and as counts, and its erasure. Addresses are in bodies, never in
//! paths, which are logged.

mod archive;

use cairn_access::action_types::SettingsPersonalData;
use cairn_app::Tenant;
use cairn_app::personal_data::{
    ErasureView, PersonalDataError, SourceProgress, SourceState, SourceSummary, source_name,
};
use cairn_http::error::WireError;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{RecentSignIn, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::{Path, Query};
use cairn_http::openapi::response_types::{AcceptedData, Before, Data, Page, Time};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::page_params::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, PageParams};
use cairn_http::routes;
use cairn_plugin_host::privacy::DataSubject;
use cairn_store::system::RetainedRecordRow;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default()
        .routes(routes!(summarise))
        .routes(routes!(archive::export))
        .routes(routes!(list, start))
        .routes(routes!(one))
        .routes(routes!(retained))
}

/// Person that is meant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PersonInput {
    /// E-mail address, in whatever case.
    address: String,
}

/// Summary of the personal data that is stored about somebody.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PersonSummary {
    /// The address in the form in which it is compared.
    address: String,
    /// How many records there are.
    records: u64,
    sources: Vec<SourceRecords>,
    /// The last erasure of this person.
    erasure: Option<Erasure>,
}

/// Records that one source has about a person, counted.
#[derive(Debug, Serialize, ToSchema)]
struct SourceRecords {
    /// `plugin:crm`, `core:account`.
    source: String,
    /// Display name of the source.
    name: String,
    /// `done`, `no-part` (it does not handle personal data), `off` or `failed`.
    state: &'static str,
    records: u64,
    kinds: Vec<KindCount>,
    /// Why its data are missing.
    problem: Option<String>,
}

/// How many records of a kind there are.
#[derive(Debug, Serialize, ToSchema)]
struct KindCount {
    kind: String,
    records: u64,
}

/// An erasure of a person's data.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Erasure {
    id: i64,
    /// Null once it is done.
    address: Option<String>,
    /// `running`; `incomplete`: some sources could not be asked, start it again; `done`.
    state: &'static str,
    sources: Vec<SourceErasure>,
    /// How many records stayed.
    retained: i64,
    /// Name of the person who began it.
    started_by: Option<String>,
    started_at: Time,
    finished_at: Option<Time>,
}

/// How far an erasure is at one source.
#[derive(Debug, Serialize, ToSchema)]
struct SourceErasure {
    source: String,
    /// Display name of the source.
    name: String,
    /// `waiting`, `done`, `no-part` (it does not handle personal data), `off` or `failed`.
    state: &'static str,
    /// How many records it has erased.
    erased: u64,
    /// Why it is off or failed.
    problem: Option<String>,
}

/// Something that stayed.
#[derive(Debug, Serialize, ToSchema)]
struct RetainedRecord {
    /// Its number within the erasure.
    n: i64,
    source: String,
    /// Display name of the source.
    name: String,
    kind: String,
    title: String,
    /// Reason for which it stays.
    reason: String,
    /// Until when; null where that is not known.
    until: Option<Time>,
}

/// Where the next page begins.
#[derive(Debug, Serialize, ToSchema)]
struct After {
    /// Give it as `after`. Null: this is the last page.
    after: Option<i64>,
}

/// Page of the retained records that is requested.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RetainedParams {
    /// Those behind this number only.
    after: Option<i64>,
    /// Records at most: 1 to 100, 50 where it is left out.
    limit: Option<i64>,
}

fn state_name(state: SourceState) -> &'static str {
    match state {
        SourceState::Waiting => "waiting",
        SourceState::Done => "done",
        SourceState::NoPart => "no-part",
        SourceState::Off => "off",
        SourceState::Failed => "failed",
    }
}

fn to_source_records(summary: SourceSummary, locale: &str) -> SourceRecords {
    SourceRecords {
        name: source_name(&summary.source, locale),
        state: state_name(summary.state),
        records: summary.records,
        kinds: summary.kinds.into_iter().map(|(kind, records)| KindCount { kind, records }).collect(),
        problem: summary.problem,
        source: summary.source,
    }
}

fn to_erasure(view: ErasureView, locale: &str) -> Erasure {
    let to_source = |progress: SourceProgress| SourceErasure {
        name: source_name(&progress.source, locale),
        state: state_name(progress.state),
        erased: progress.erased,
        problem: progress.problem,
        source: progress.source,
    };
    Erasure {
        id: view.id,
        address: view.address,
        state: view.state.as_str(),
        sources: view.sources.into_iter().map(to_source).collect(),
        retained: view.retained,
        started_by: view.started_by.name.or(view.started_by.id),
        started_at: Time(view.started_at),
        finished_at: view.finished_at.map(Time),
    }
}

fn to_retained(row: RetainedRecordRow, locale: &str) -> RetainedRecord {
    let record = row.record;
    RetainedRecord {
        n: row.n,
        name: source_name(&record.source, locale),
        source: record.source,
        kind: record.kind,
        title: record.title,
        reason: record.reason,
        until: record.until.map(Time),
    }
}

fn to_wire_error(error: PersonalDataError) -> WireError {
    match error {
        PersonalDataError::InvalidAddress(_) => WireError::for_field("address", "must be an e-mail address"),
        PersonalDataError::AlreadyRunning(id) => {
            WireError::conflict("The data of this person are being erased already")
                .with_details(serde_json::json!({ "erasure": id }))
        }
        PersonalDataError::Store(error) => error.into(),
        PersonalDataError::Archive(error) => WireError::internal(error),
    }
}

async fn read_person(tenant: &Tenant, body: Json<PersonInput>) -> Result<DataSubject, WireError> {
    let PersonInput { address } = body.read(tenant).await?;
    tenant.personal_data.find_person(&address).map_err(to_wire_error)
}

/// Counts what is stored about a person, by source and kind.
#[utoipa::path(post, path = "/admin/api/personal-data/summary", request_body = PersonInput)]
async fn summarise(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsPersonalData>,
    body: Json<PersonInput>,
) -> Result<Data<PersonSummary>, WireError> {
    let person = read_person(&tenant, body).await?;
    let locale = admin.language(&tenant);
    let sources = tenant.personal_data.summarise(&person, &locale).await.map_err(to_wire_error)?;
    let erasure = tenant.personal_data.find_last_erasure(&person)?;
    let data = PersonSummary {
        records: sources.iter().map(|source| source.records).sum(),
        sources: sources.into_iter().map(|source| to_source_records(source, &locale)).collect(),
        erasure: erasure.map(|view| to_erasure(view, &locale)),
        address: person.email,
    };
    Ok(Data { data })
}

/// Erasures, the newest first.
#[utoipa::path(get, path = "/admin/api/personal-data/erasures", params(PageParams))]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsPersonalData>,
    Query(page): Query<PageParams>,
) -> Result<Page<Erasure>, WireError> {
    let views = tenant.personal_data.list_erasures(page.before, page.limit())?;
    let locale = admin.language(&tenant);
    let before = page.next_before(&views, |view| view.id);
    let data = views.into_iter().map(|view| to_erasure(view, &locale)).collect();
    Ok(Page { data, meta: Before { before } })
}

/// Begins to erase what is stored about a person, or continues an erasure that is incomplete. A job does the work.
#[utoipa::path(post, path = "/admin/api/personal-data/erasures", request_body = PersonInput)]
async fn start(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<SettingsPersonalData>>,
    body: Json<PersonInput>,
) -> Result<AcceptedData<Erasure>, WireError> {
    let person = read_person(&tenant, body).await?;
    let locale = admin.language(&tenant);
    let started = tenant.personal_data.start_erasure(&person, &locale, admin.actor()).await.map_err(to_wire_error)?;
    Ok(AcceptedData { data: find_erasure(&tenant, started.id, &locale)? })
}

/// Returns one erasure.
#[utoipa::path(get, path = "/admin/api/personal-data/erasures/{id}", params(("id" = i64, Path)))]
async fn one(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsPersonalData>,
    Path(id): Path<i64>,
) -> Result<Data<Erasure>, WireError> {
    let locale = admin.language(&tenant);
    Ok(Data { data: find_erasure(&tenant, id, &locale)? })
}

fn find_erasure(tenant: &Tenant, id: i64, locale: &str) -> Result<Erasure, WireError> {
    let view = tenant.personal_data.find_erasure(id)?.ok_or_else(WireError::not_found)?;
    Ok(to_erasure(view, locale))
}

/// Lists the records that stayed, with the reasons.
#[utoipa::path(get, path = "/admin/api/personal-data/erasures/{id}/retained", params(("id" = i64, Path), RetainedParams))]
async fn retained(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsPersonalData>,
    Path(id): Path<i64>,
    Query(params): Query<RetainedParams>,
) -> Result<Page<RetainedRecord, After>, WireError> {
    let locale = admin.language(&tenant);
    find_erasure(&tenant, id, &locale)?;
    let limit = params.limit.unwrap_or(DEFAULT_PAGE_SIZE).clamp(1, MAX_PAGE_SIZE);
    let page = tenant.personal_data.list_retained(id, params.after.unwrap_or(0), limit)?;
    let data = page.records.into_iter().map(|row| to_retained(row, &locale)).collect();
    Ok(Page { data, meta: After { after: page.next } })
}
