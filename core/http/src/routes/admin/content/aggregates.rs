//! Figures of a list: entries counted and added up by group.

use super::{EntryListFilter, WriteQuery, collection_type, content_query, query_pairs};
use crate::error::WireError;
use crate::extract::require::{AnyAdmin, Require};
use crate::extract::tenant::CurrentTenant;
use crate::extract::url_params::Path;
use crate::openapi::response_types::{Data, RawDescribedAs};
use crate::openapi::router::AreaRouter;
use crate::openapi::router::routes;
use crate::routes::admin::content_caller::ContentCaller;
use axum::http::Uri;
use cairn_content::ContentError;
use cairn_query::{Action, AggregateQuery, Measure};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

/// Groups of one response, unless the request says otherwise.
const DEFAULT_GROUPS: u32 = 100;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(aggregate))
}

/// The parameters beside those of lists. `groupBy`, `measures` and `order` can be given more than once, also as `groupBy[0]`.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "`Figures` reads them; this describes them")]
struct AggregateParams {
    /// Paths to values, as in `sort`: `stage`, `owner.documentId`. Dates and instants also by calendar period: `due@month`,
    /// `createdAt@week@Europe/Amsterdam`. Without it all entries are one group.
    #[param(rename = "groupBy")]
    group_by: Option<Vec<String>>,
    /// `count`, or `sum`, `average`, `median`, `minimum` or `maximum` of a field: `sum.amount`. At least one.
    measures: Vec<String>,
    /// Names of `groupBy` or `measures`, each with `:asc` or `:desc`. Remaining ties are broken by the groups' values.
    order: Option<Vec<String>>,
    /// Largest number of groups: 1 to 1,000, by default 100.
    limit: Option<u32>,
}

/// A group of entries with its figures.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the content core writes it; this describes it")]
struct EntryAggregate {
    /// The values that the entries of the group have in common, by the names in `groupBy`.
    group: Map<String, Value>,
    #[schema(nullable = false)]
    count: Option<u64>,
    /// Exact sums by field; null if no entry has a value.
    #[schema(nullable = false)]
    sum: Option<Map<String, Value>>,
    #[schema(nullable = false)]
    average: Option<Map<String, Value>>,
    /// The middle values by field, of an even number of values the mean of the two middle ones; null if no entry has a value.
    #[schema(nullable = false)]
    median: Option<Map<String, Value>>,
    #[schema(nullable = false)]
    minimum: Option<Map<String, Value>>,
    #[schema(nullable = false)]
    maximum: Option<Map<String, Value>>,
}

/// Groups in the order that was asked for.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the content core writes it; this describes it")]
struct EntryAggregates(Vec<EntryAggregate>);

/// Counts and adds up the entries of a list, by group.
///
/// Takes what the list takes; pages and the order of entries do not matter.
#[utoipa::path(
    get,
    path = "/admin/api/content/{uid}/aggregates",
    params(AggregateParams, super::list_params::EntryListParams)
)]
async fn aggregate(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    Path(uid): Path<String>,
    uri: Uri,
) -> Result<Data<RawDescribedAs<EntryAggregates>>, WireError> {
    let (ct, asking) = (collection_type(&tenant, &uid)?, ContentCaller::for_admin(&tenant, &admin));
    asking.require(ct, Action::Find)?;
    let (figures, input) = Figures::from_query(uri.query().unwrap_or_default())?;
    let (listed, remaining_query) = EntryListFilter::from_query(&input)?;
    let among = listed.to_filter(&tenant, &admin, ct)?;
    let query = content_query(&asking, ct, &remaining_query, WriteQuery::No)?;
    let figures = AggregateQuery {
        group_by: &figures.group_by,
        measures: &figures.measures,
        order: &figures.order,
        limit: figures.limit,
    };
    let array = tenant.content.aggregate(asking.request_context(ct, &query), among, &figures).await?;
    let array: Box<RawValue> = serde_json::from_slice(&array).map_err(WireError::internal)?;
    Ok(Data { data: array.into() })
}

/// The figures that a request asks for.
#[derive(Debug, PartialEq)]
struct Figures {
    group_by: Vec<String>,
    measures: Vec<(Measure, String)>,
    order: Vec<String>,
    limit: u32,
}

impl Figures {
    /// Takes them out of a query; the second value is what is left.
    ///
    /// # Errors
    /// 400 for a measure or a limit that there is not.
    fn from_query(query: &str) -> Result<(Self, String), WireError> {
        let mut figures = Self { group_by: Vec::new(), measures: Vec::new(), order: Vec::new(), limit: DEFAULT_GROUPS };
        let mut rest = Vec::new();
        for (part, key, value) in query_pairs(query) {
            let name = key.split_once('[').map_or(key.as_str(), |(name, _)| name);
            match name {
                "groupBy" => figures.group_by.push(value),
                "measures" => figures.measures.push(Measure::parse_with_path(&value).map_err(ContentError::from)?),
                "order" => figures.order.push(value),
                "limit" => {
                    figures.limit =
                        value.parse().map_err(|_| WireError::validation("limit: expected a whole number"))?;
                }
                _ => rest.push(part),
            }
        }
        Ok((figures, rest.join("&")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_taken_out_of_a_query() {
        let query = "groupBy[0]=stage.documentId&filters[a][$eq]=1&measures[]=count&measures[]=sum.price.amount&order=count%3Adesc&limit=7";
        let (figures, rest) = Figures::from_query(query).unwrap();
        assert_eq!(
            figures,
            Figures {
                group_by: vec!["stage.documentId".into()],
                measures: vec![(Measure::Count, String::new()), (Measure::Sum, "price.amount".into())],
                order: vec!["count:desc".into()],
                limit: 7,
            }
        );
        assert_eq!(rest, "filters[a][$eq]=1");
        assert_eq!(Figures::from_query("sort=a").unwrap().0.limit, DEFAULT_GROUPS);
        for wrong in ["measures=sum", "measures=count.a", "measures=mode.a", "measures=", "limit=many", "limit=-1"] {
            assert!(Figures::from_query(wrong).is_err(), "{wrong}");
        }
    }
}
