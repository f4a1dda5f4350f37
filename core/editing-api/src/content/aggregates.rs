//! Figures of a list: entries counted and added up by group.

use super::list_params::EntryListFilter;
use super::queries::{WriteQuery, collection_type, content_query, query_parameters};
use axum::http::Uri;
use cairn_content::ContentError;
use cairn_http::content_caller::ContentCaller;
use cairn_http::error::WireError;
use cairn_http::extract::require::{AnyAdmin, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Path;
use cairn_http::openapi::response_types::{Data, RawDescribedAs};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_query::{Action, AggregateQuery, Measure, QueryBuilder};
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
    let mut parameters = query_parameters(&uri)?;
    let figures = Figures::take_from(&mut parameters)?;
    let among = EntryListFilter::take_from(&mut parameters)?.to_filter(&tenant, &admin, ct)?;
    let query = content_query(&asking, ct, parameters, WriteQuery::No)?;
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
    /// Takes them out of the parameters of a request.
    ///
    /// # Errors
    /// 400 for a measure or a limit that there is not.
    fn take_from(parameters: &mut QueryBuilder) -> Result<Self, WireError> {
        let mut take = |name: &str| {
            let texts = |_| WireError::validation(format!("{name}: expected a list of texts"));
            parameters.take_texts(name).map_err(texts)
        };
        let (group_by, measures, order) = (take("groupBy")?, take("measures")?, take("order")?);
        let measures = measures.iter().map(|text| Measure::parse_with_path(text)).collect::<Result<_, _>>();
        let limit = match parameters.take("limit") {
            None => Ok(DEFAULT_GROUPS),
            Some(limit) => limit.as_text().and_then(|text| text.parse().ok()).ok_or(()),
        };
        let limit = limit.map_err(|()| WireError::validation("limit: expected a whole number"))?;
        Ok(Self { group_by, measures: measures.map_err(ContentError::from)?, order, limit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_query::Query;

    #[test]
    fn figures_are_taken_out_of_a_query() {
        let query = "groupBy[0]=stage.documentId&filters[a][$eq]=1&measures[]=count&measures[]=sum.price.amount&order=count%3Adesc&limit=7";
        let take = |query: &str| {
            let mut parameters = Query::from_text(query).to_builder().unwrap();
            Figures::take_from(&mut parameters).map(|figures| (figures, parameters.build()))
        };
        let (figures, rest) = take(query).unwrap();
        assert_eq!(
            figures,
            Figures {
                group_by: vec!["stage.documentId".into()],
                measures: vec![(Measure::Count, String::new()), (Measure::Sum, "price.amount".into())],
                order: vec!["count:desc".into()],
                limit: 7,
            }
        );
        assert_eq!(rest.parameters(), Query::from_text("filters[a][$eq]=1").parameters());
        assert_eq!(take("sort=a").unwrap().0.limit, DEFAULT_GROUPS);
        for wrong in
            ["measures=sum", "measures=count.a", "measures=mode.a", "measures=", "limit=many", "limit=-1", "order[a]=b"]
        {
            assert!(take(wrong).is_err(), "{wrong}");
        }
    }
}
