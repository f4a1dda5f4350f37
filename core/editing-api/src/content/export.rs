//! Lists as files: CSV for spreadsheets, JSON and lines of JSON for programs. Page by page, so that a list of any length takes
//! the memory of one page.

use super::answer::parse_answer;
use super::csv::EntryTable;
use super::list_params::EntryListFilter;
use super::queries::{WriteQuery, collection_type, content_query, query_parameters};
use axum::body::{Body, Bytes};
use axum::http::{Response, Uri, header};
use axum::response::IntoResponse;
use cairn_app::Tenant;
use cairn_http::content_caller::ContentCaller;
use cairn_http::error::WireError;
use cairn_http::extract::require::{AnyAdmin, RecentSignIn, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Path;
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_query::{Action, Field, Filter, Operator, Query, QueryBuilder, QueryTree, Scalar};
use futures_util::stream;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema};
use utoipa::openapi::{ContentBuilder, RefOr, ResponseBuilder};
use utoipa::{IntoParams, IntoResponses, PartialSchema, ToSchema};

/// Entries that are read at a time: the most that a page may have.
const EXPORT_PAGE_SIZE: usize = 100;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(export))
}

/// How the file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "lowercase")]
enum Format {
    /// A table, in UTF-8 with a byte order mark, as spreadsheets need it.
    Csv,
    /// One JSON array of entries.
    Json,
    /// An entry a line.
    Ndjson,
}

/// The parameters beside those of lists.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "`given` reads it; this describes it")]
struct ExportParams {
    #[param(inline)]
    format: Format,
}

/// The file on its way.
struct EntriesDownload(Response<Body>);

impl IntoResponse for EntriesDownload {
    fn into_response(self) -> Response<Body> {
        self.0
    }
}

impl IntoResponses for EntriesDownload {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let content = |schema: RefOr<Schema>| ContentBuilder::new().schema(Some(schema)).build();
        let entries = ArrayBuilder::new().items(ObjectBuilder::new()).build();
        let response = ResponseBuilder::new()
            .content("text/csv", content(String::schema()))
            .content("application/json", content(Schema::from(entries).into()))
            .content("application/x-ndjson", content(String::schema()))
            .build();
        BTreeMap::from([("200".to_owned(), response.into())])
    }
}

/// Exports the entries of a list as a file.
///
/// Takes what the list takes; pages are left out. Entries without `sort` come by their number.
#[utoipa::path(
    get,
    path = "/admin/api/content/{uid}/export",
    params(ExportParams, super::list_params::EntryListParams)
)]
async fn export(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<AnyAdmin>>,
    Path(uid): Path<String>,
    uri: Uri,
) -> Result<EntriesDownload, WireError> {
    let (ct, asking) = (collection_type(&tenant, &uid)?, ContentCaller::for_admin(&tenant, &admin));
    asking.require(ct, Action::Find)?;
    let mut parameters = query_parameters(&uri)?;
    let format = take_format(&mut parameters)?;
    let filter = EntryListFilter::take_from(&mut parameters)?.to_filter(&tenant, &admin, ct)?;
    let sorted = parameters.get("sort").is_some();
    let page = QueryTree::from([("limit", EXPORT_PAGE_SIZE.to_string()), ("withCount", "false".to_owned())]);
    parameters.set("pagination", page);
    let query = content_query(&asking, ct, parameters, WriteQuery::No)?;
    let name = format!("{}-{}.{}", ct.plural, tenant.access.now().format("%Y-%m-%d"), format.extension());
    let next = match sorted {
        false => ExportCursor::After(i64::MIN),
        true => {
            let all = filter.clone().unwrap_or_else(|| Filter::And(Vec::new()));
            ExportCursor::These(tenant.content.find_ids_among(asking.request_context(ct, &query), all).await?.into())
        }
    };
    let table = EntryTable::default();
    let mut export = EntryExport { tenant, asking, uid, query, filter, format, next, begun: false, written: 0, table };
    // The first page is read before the response begins, so that a bad request gets its own status.
    let first = export.next_page().await?;
    let rest = stream::try_unfold((export, Some(first)), |(mut export, first)| async move {
        let page = match first {
            Some(page) => page,
            None => export.next_page().await.map_err(|e| std::io::Error::other(format!("{e:?}")))?,
        };
        Ok::<_, std::io::Error>(page.map(|bytes| (bytes, (export, None))))
    });
    let mut response = Response::new(Body::from_stream(rest));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, format.media_type().parse().map_err(WireError::internal)?);
    let disposition = format!("attachment; filename=\"{name}\"");
    headers.insert(header::CONTENT_DISPOSITION, disposition.parse().map_err(WireError::internal)?);
    Ok(EntriesDownload(response))
}

impl Format {
    fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
            Self::Ndjson => "application/x-ndjson",
        }
    }
}

/// Takes the format out of the parameters of a request.
fn take_format(parameters: &mut QueryBuilder) -> Result<Format, WireError> {
    match parameters.take("format").as_ref().and_then(QueryTree::as_text) {
        Some("csv") => Ok(Format::Csv),
        Some("json") => Ok(Format::Json),
        Some("ndjson") => Ok(Format::Ndjson),
        _ => Err(WireError::validation("format: expected csv, json or ndjson")),
    }
}

/// Entries that come next.
enum ExportCursor {
    /// Those after the one of that number: what is in front costs nothing.
    After(i64),
    /// These: an order of the request's is made once, not for every page.
    These(VecDeque<i64>),
    /// None: all is written.
    End,
}

/// An export on its way.
struct EntryExport {
    tenant: Arc<Tenant>,
    asking: ContentCaller,
    uid: String,
    query: Query,
    filter: Option<Filter>,
    format: Format,
    next: ExportCursor,
    begun: bool,
    written: usize,
    table: EntryTable,
}

/// Of an entry its number.
#[derive(Deserialize)]
struct EntryNumber {
    id: i64,
}

fn entry_number(entry: &RawValue) -> Result<i64, WireError> {
    Ok(serde_json::from_str::<EntryNumber>(entry.get()).map_err(WireError::internal)?.id)
}

impl EntryExport {
    /// The next piece of the file; `None`: that was all.
    async fn next_page(&mut self) -> Result<Option<Bytes>, WireError> {
        let ct = collection_type(&self.tenant, &self.uid)?;
        // Entries that were deleted since the order was made are left out; the request's `sort` orders each page.
        let (op, ids) = match &mut self.next {
            ExportCursor::End => return Ok(None),
            ExportCursor::After(id) => (Operator::Gt, vec![*id]),
            ExportCursor::These(left) => (Operator::In, left.drain(..left.len().min(EXPORT_PAGE_SIZE)).collect()),
        };
        let among = Filter::Leaf { field: Field::Id, op, values: ids.into_iter().map(Scalar::Int).collect() };
        let among = Filter::And(self.filter.iter().cloned().chain([among]).collect());
        let found = self.tenant.content.find_among(self.asking.request_context(ct, &self.query), among).await?.body;
        let data = parse_answer(&found)?.data;
        let entries: Vec<&RawValue> = serde_json::from_str(data.get()).map_err(WireError::internal)?;
        self.next = match std::mem::replace(&mut self.next, ExportCursor::End) {
            ExportCursor::These(left) if !left.is_empty() => ExportCursor::These(left),
            ExportCursor::After(_) if entries.len() == EXPORT_PAGE_SIZE => match entries.last() {
                Some(last_entry) => ExportCursor::After(entry_number(last_entry)?),
                None => ExportCursor::End,
            },
            _ => ExportCursor::End,
        };
        let mut out = Vec::with_capacity(data.get().len() + 8);
        match self.format {
            Format::Csv => self.table.append_entries(self.tenant.content.registry(), ct, &entries, &mut out)?,
            Format::Json => {
                out.extend_from_slice(if self.begun { b"" } else { b"[" });
                for (i, entry) in entries.iter().enumerate() {
                    out.extend_from_slice(if self.written + i == 0 { b"\n" } else { b",\n" });
                    out.extend_from_slice(entry.get().as_bytes());
                }
            }
            Format::Ndjson => {
                for entry in &entries {
                    out.extend_from_slice(entry.get().as_bytes());
                    out.push(b'\n');
                }
            }
        }
        self.begun = true;
        self.written += entries.len();
        if matches!((self.format, &self.next), (Format::Json, ExportCursor::End)) {
            out.extend_from_slice(b"\n]\n");
        }
        Ok(Some(out.into()))
    }
}
