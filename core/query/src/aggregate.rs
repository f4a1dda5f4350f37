//! Aggregates of groups of rows, validated like a list. Names are resolved like those of `sort`, so that nobody groups by, adds up or
//! orders by what they may not see.

use crate::brackets::QueryTree;
use crate::context::PlanningContext;
use crate::error::ParamError;
use crate::params::sort;
use crate::plan::{Field, PathStep, Plan};
use crate::{Query, QueryRequest, plan_query};
use cairn_model::{ColumnType, Registry, TypeId};
use chrono_tz::Tz;

/// Largest number of names to group by, and of measures.
const MAX_NAMES: usize = 10;
/// Largest number of groups in one response.
const MAX_GROUPS: u32 = 1_000;

/// A measure of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Number of rows.
    Count,
    /// Exact sum of the values; null if there are none.
    Sum,
    /// Mean of the values; null if there are none.
    Average,
    /// The middle one of the values in order, or the mean of the two middle ones; null if there are none.
    Median,
    /// The least value, in the order of `sort`.
    Minimum,
    /// The greatest value, in the order of `sort`.
    Maximum,
}

impl Measure {
    /// Every measure.
    pub const ALL: [Self; 6] = [Self::Count, Self::Sum, Self::Average, Self::Median, Self::Minimum, Self::Maximum];

    /// The name in responses and sort keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Sum => "sum",
            Self::Average => "average",
            Self::Median => "median",
            Self::Minimum => "minimum",
            Self::Maximum => "maximum",
        }
    }

    /// Parses `count`, or a measure and the path that it applies to, such as `sum.amount`.
    ///
    /// # Errors
    /// A text of another form.
    pub fn parse_with_path(text: &str) -> Result<(Self, String), ParamError> {
        let (name, path) = text.split_once('.').unwrap_or((text, ""));
        let measure = Self::ALL.into_iter().find(|measure| measure.as_str() == name);
        measure
            .filter(|measure| (*measure == Self::Count) != text.contains('.') && !text.ends_with('.'))
            .map(|measure| (measure, path.to_owned()))
            .ok_or_else(|| {
                ParamError::validation(
                    "measures: expected count, or sum, average, median, minimum or maximum of a field, as in sum.amount",
                )
            })
    }
}

/// Calendar period that dates are grouped by. Weeks begin on Monday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Period {
    /// A day.
    Day,
    /// Seven days from a Monday on.
    Week,
    /// A month.
    Month,
    /// Three months from January, April, July or October on.
    Quarter,
    /// A year.
    Year,
}

impl Period {
    /// Every period, from the shortest on.
    pub const ALL: [Self; 5] = [Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year];

    /// The name in requests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }
}

/// The calendar period by which the values of a date or instant are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeriodGrouping {
    /// The period; groups are named by its first day.
    pub period: Period,
    /// Zone in whose days an instant falls; `None` for dates, which are days already.
    pub zone: Option<Tz>,
}

/// The requested aggregates.
#[derive(Debug, Clone, Copy)]
pub struct AggregateQuery<'a> {
    /// Paths to scalars, as in `sort`; empty: all rows are one group. Dates and instants can be grouped by calendar period: `due@month`,
    /// `createdAt@week@Europe/Amsterdam` (without a zone, in UTC).
    pub group_by: &'a [String],
    /// Measures with the path that each applies to, which is ignored for [`Measure::Count`].
    pub measures: &'a [(Measure, String)],
    /// Order of the groups: names of `group_by`, `count`, or a measure and its path (`sum.amount`), each with `:asc` or `:desc`. Remaining
    /// ties are broken by the groups' values.
    pub order: &'a [String],
    /// Largest number of groups.
    pub limit: u32,
}

/// A validated request for aggregates.
#[derive(Debug, Clone, PartialEq)]
pub struct AggregatePlan {
    /// Selection of the rows to aggregate: everything of this plan applies except its sort, page and node.
    pub rows: Plan,
    /// Groupings of the rows.
    pub groups: Vec<AggregateGroup>,
    /// Measures; all except counts have an operand.
    pub measures: Vec<(Measure, Option<AggregateOperand>)>,
    /// Order of the groups.
    pub order: Vec<GroupOrder>,
    /// Largest number of groups.
    pub limit: u32,
}

/// A grouping of rows: by the values of a scalar, or by the periods that these fall into.
#[derive(Debug, Clone, PartialEq)]
pub struct AggregateGroup {
    /// The grouping as requested, such as `createdAt@month`.
    pub name: String,
    /// The scalar.
    pub operand: AggregateOperand,
    /// The period; `None` to group by the values themselves.
    pub period: Option<PeriodGrouping>,
}

impl AggregateGroup {
    /// Type of the groups' values.
    pub fn column(&self) -> ColumnType {
        if self.period.is_some() { ColumnType::Date } else { self.operand.column }
    }
}

/// A scalar of a row, or of a related one: of several the first decides, as in `sort`.
#[derive(Debug, Clone, PartialEq)]
pub struct AggregateOperand {
    /// The path in the request.
    pub name: String,
    /// Relations and components to go through.
    pub path: Vec<PathStep>,
    /// The scalar at the end.
    pub field: Field,
    /// Type of its column.
    pub column: ColumnType,
}

/// A sort key of groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupOrder {
    /// Group or measure that groups are sorted by.
    pub by: GroupOrderKey,
    /// True if the order is descending.
    pub descending: bool,
}

/// Key that groups are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupOrderKey {
    /// A position in [`AggregatePlan::groups`].
    Group(usize),
    /// A position in [`AggregatePlan::measures`].
    Measure(usize),
}

/// Plans aggregates of the rows that a query selects. `query`: without a sort.
///
/// # Errors
/// The same errors as [`plan_query()`]; a name that does not exist or may not be seen, a measure that its field does not support, an order by
/// something not requested.
pub fn plan_aggregate(
    request: &QueryRequest<'_>,
    query: &Query,
    figures: &AggregateQuery<'_>,
) -> Result<(AggregatePlan, Option<ParamError>), ParamError> {
    let planned = plan_query(request, query)?;
    let AggregateQuery { group_by, measures, order, limit } = *figures;
    if group_by.len() > MAX_NAMES || measures.len() > MAX_NAMES {
        return Err(ParamError::too_complex(format_args!("more than {MAX_NAMES} groupings or figures")));
    }
    if measures.is_empty() {
        return Err(ParamError::validation("measures: at least one measure is required, such as count"));
    }
    if limit == 0 || limit > MAX_GROUPS {
        return Err(ParamError::validation(format!("limit: must be between 1 and {MAX_GROUPS} groups, not {limit}")));
    }
    let mut names = OperandResolver { request, cx: planning_context(request, &planned.plan) };
    let groups = group_by.iter().map(|name| names.resolve_group(name)).collect::<Result<Vec<_>, _>>()?;
    if let Some(json) = groups.iter().find(|group| group.column() == ColumnType::Json) {
        return Err(ParamError::validation(format!("groupBy: {} is JSON and cannot be grouped", json.name)));
    }
    let measures =
        measures.iter().map(|(measure, name)| names.resolve_measure(*measure, name)).collect::<Result<Vec<_>, _>>()?;
    let order = order.iter().map(|key| parse_group_order(key, &groups, &measures)).collect::<Result<Vec<_>, _>>()?;
    names.cx.require_evaluated_policies()?;
    Ok((AggregatePlan { rows: planned.plan, groups, measures, order, limit }, planned.deferred))
}

fn planning_context<'a>(request: &QueryRequest<'a>, plan: &Plan) -> PlanningContext<'a> {
    PlanningContext::new(request.registry, request.access, request.limits, plan.status)
}

struct OperandResolver<'r, 'a> {
    request: &'r QueryRequest<'a>,
    cx: PlanningContext<'a>,
}

impl OperandResolver<'_, '_> {
    fn resolve_group(&mut self, name: &str) -> Result<AggregateGroup, ParamError> {
        let mut parts = name.split('@');
        let operand = self.resolve_operand(parts.next().unwrap_or_default(), "groupBy")?;
        let (period, zone) = (parts.next(), parts.next());
        if parts.next().is_some() {
            return Err(ParamError::validation(format!(
                "groupBy: {name:?} is not valid; expected the form createdAt@month@Europe/Amsterdam"
            )));
        }
        let period = period.map(|period| parse_period(&operand, period, zone)).transpose()?;
        Ok(AggregateGroup { name: name.to_owned(), operand, period })
    }

    fn resolve_operand(&mut self, name: &str, param: &'static str) -> Result<AggregateOperand, ParamError> {
        // The words of a sort key are not for here: neither lists nor directions.
        if name.contains([',', ':']) || name.trim() != name || name.is_empty() {
            return Err(ParamError::validation(format!("{param}: {name:?} is not a valid path")));
        }
        let view = self.cx.root_view(self.request.content_type, self.request.action);
        let found = sort::parse(&mut self.cx, view, Some(&QueryTree::Text(name.to_owned())), param)?.pop();
        let found = found.ok_or_else(|| ParamError::unknown_key(name, "", param))?;
        let column = path_column_type(self.request.registry, self.request.content_type, &found.path, found.field);
        Ok(AggregateOperand { name: name.to_owned(), path: found.path, field: found.field, column })
    }

    fn resolve_measure(
        &mut self,
        measure: Measure,
        name: &str,
    ) -> Result<(Measure, Option<AggregateOperand>), ParamError> {
        if measure == Measure::Count {
            return Ok((measure, None));
        }
        let operand = self.resolve_operand(name, "measures")?;
        let fits = match (measure, operand.column) {
            (_, ColumnType::Json) => false,
            (Measure::Sum | Measure::Average | Measure::Median, column) => {
                matches!(column, ColumnType::Integer | ColumnType::BigInteger | ColumnType::Float | ColumnType::Decimal)
            }
            (_, column) => column != ColumnType::Boolean,
        };
        if !fits {
            let subject = measure.as_str();
            return Err(ParamError::validation(format!(
                "measures: {name} cannot be used with {subject}: its type does not support it"
            )));
        }
        Ok((measure, Some(operand)))
    }
}

/// The column type at the end of a path.
fn path_column_type(registry: &Registry, content_type: TypeId, path: &[PathStep], field: Field) -> ColumnType {
    let attributes = match path.last() {
        Some(PathStep::Related { target, .. } | PathStep::Localizations { content_type: target, .. }) => {
            &registry.get(*target).attributes
        }
        Some(PathStep::Component { component, .. }) => &registry.component(*component).attributes,
        None => &registry.get(content_type).attributes,
    };
    match field {
        Field::Id | Field::Version => ColumnType::Integer,
        Field::DocumentId | Field::Locale => ColumnType::Text,
        Field::CreatedAt | Field::UpdatedAt | Field::PublishedAt => ColumnType::DateTime,
        Field::Attribute(a) => attributes[a].kind.column_type().unwrap_or(ColumnType::Text),
    }
}

fn parse_period(operand: &AggregateOperand, name: &str, zone: Option<&str>) -> Result<PeriodGrouping, ParamError> {
    let Some(period) = Period::ALL.into_iter().find(|period| period.as_str() == name) else {
        let known: Vec<&str> = Period::ALL.iter().map(|period| period.as_str()).collect();
        let message = format!("groupBy: {name:?} is not a period; use one of {}", known.join(", "));
        return Err(ParamError::validation(message));
    };
    let zone = match (operand.column, zone) {
        (ColumnType::DateTime, None) => Some(Tz::UTC),
        (ColumnType::DateTime, Some(zone)) => Some(zone.parse().map_err(|_| {
            let shown: String = zone.chars().take(64).collect();
            ParamError::validation(format!(
                "groupBy: unknown time zone {shown:?}; expected a name such as Europe/Amsterdam"
            ))
        })?),
        (ColumnType::Date, None) => None,
        (ColumnType::Date, Some(_)) => {
            return Err(ParamError::validation(format!("groupBy: {} is a date, which has no time zone", operand.name)));
        }
        _ => {
            let message = format!("groupBy: {} is neither a date nor an instant and has no {name}", operand.name);
            return Err(ParamError::validation(message));
        }
    };
    Ok(PeriodGrouping { period, zone })
}

fn parse_group_order(
    key: &str,
    groups: &[AggregateGroup],
    measures: &[(Measure, Option<AggregateOperand>)],
) -> Result<GroupOrder, ParamError> {
    let (name, direction) = key.split_once(':').unwrap_or((key, "asc"));
    let descending = match direction {
        "asc" | "ASC" => false,
        "desc" | "DESC" => true,
        _ => return Err(ParamError::validation("Invalid order. order can only be one of asc|desc|ASC|DESC")),
    };
    let group = groups.iter().position(|group| group.name == name).map(GroupOrderKey::Group);
    let by =
        group.or_else(|| measures.iter().position(|measure| measure_name(measure) == name).map(GroupOrderKey::Measure));
    let by = by.ok_or_else(|| {
        let known: Vec<String> =
            groups.iter().map(|g| g.name.clone()).chain(measures.iter().map(measure_name)).collect();
        ParamError::validation(format!("sort: {name} is not part of the query; use one of {}", known.join(", ")))
    })?;
    Ok(GroupOrder { by, descending })
}

/// Name of a measure: `count`, `sum.amount`.
fn measure_name((measure, operand): &(Measure, Option<AggregateOperand>)) -> String {
    match operand {
        Some(operand) => format!("{}.{}", measure.as_str(), operand.name),
        None => measure.as_str().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::sample_registry;
    use crate::{Access, Action, QueryLimits};

    fn plan_figures(
        group_by: &[&str],
        measures: &[(Measure, &str)],
        order: &[&str],
        limit: u32,
    ) -> Result<AggregatePlan, String> {
        let registry = sample_registry();
        let content_type = registry.by_route("articles").expect("articles").id;
        let access = Access::full();
        let request = QueryRequest {
            registry,
            access: &access,
            content_type,
            action: Action::Find,
            default_locale: "en",
            limits: QueryLimits::default(),
            lenient: false,
        };
        let owned = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let measures: Vec<_> = measures.iter().map(|&(measure, name)| (measure, name.to_owned())).collect();
        let figures = AggregateQuery { group_by: &owned(group_by), measures: &measures, order: &owned(order), limit };
        let query = Query::from_text("filters[views][$gt]=3");
        plan_aggregate(&request, &query, &figures).map(|(aggregate, _)| aggregate).map_err(|e| e.message)
    }

    #[test]
    fn groups_span_relations_in_the_requested_order() {
        let measures = [(Measure::Count, ""), (Measure::Sum, "views")];
        let plan =
            plan_figures(&["category.name"], &measures, &["sum.views:desc", "category.name"], 10).expect("figures");
        assert!(plan.rows.filter.is_some());
        assert!(matches!(&plan.groups[..], [one] if one.operand.path.len() == 1 && one.column() == ColumnType::Text));
        let order: Vec<_> = plan.order.iter().map(|o| (o.by, o.descending)).collect();
        assert_eq!(order, [(GroupOrderKey::Measure(1), true), (GroupOrderKey::Group(0), false)]);
    }

    #[test]
    fn measures_are_parsed_with_their_paths() {
        for measure in Measure::ALL {
            let (text, path) = match measure {
                Measure::Count => ("count".to_owned(), ""),
                _ => (format!("{}.size.width", measure.as_str()), "size.width"),
            };
            assert_eq!(Measure::parse_with_path(&text), Ok((measure, path.to_owned())));
        }
        for wrong in ["", "sum", "sum.", "median", "median.size.", "count.views", "count.", "mode.views", ".views"] {
            assert!(Measure::parse_with_path(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn dates_and_instants_are_grouped_by_periods() {
        let groups = ["createdAt@week@Europe/Amsterdam", "issuedOn@quarter", "updatedAt@year"];
        let count = [(Measure::Count, "")];
        let plan = plan_figures(&groups, &count, &["issuedOn@quarter:desc"], 10).expect("figures");
        let periods: Vec<_> = plan.groups.iter().map(|group| (group.name.as_str(), group.period)).collect();
        let grouping = |period, zone| Some(PeriodGrouping { period, zone });
        assert_eq!(
            periods,
            [
                (groups[0], grouping(Period::Week, Some(Tz::Europe__Amsterdam))),
                (groups[1], grouping(Period::Quarter, None)),
                (groups[2], grouping(Period::Year, Some(Tz::UTC))),
            ]
        );
        assert!(plan.groups.iter().all(|group| group.column() == ColumnType::Date));
        assert_eq!(plan.order, [GroupOrder { by: GroupOrderKey::Group(1), descending: true }]);
    }

    #[test]
    fn invalid_aggregates_are_reported() {
        let count = [(Measure::Count, "")];
        for (result, text) in [
            (
                plan_figures(&["createdAt@decade"], &count, &[], 10),
                "groupBy: \"decade\" is not a period; use one of day, week, month, quarter, year",
            ),
            (
                plan_figures(&["createdAt@"], &count, &[], 10),
                "groupBy: \"\" is not a period; use one of day, week, month, quarter, year",
            ),
            (
                plan_figures(&["createdAt@day@Mars/Olympus"], &count, &[], 10),
                "groupBy: unknown time zone \"Mars/Olympus\"; expected a name such as Europe/Amsterdam",
            ),
            (
                plan_figures(&["createdAt@day@UTC@x"], &count, &[], 10),
                "groupBy: \"createdAt@day@UTC@x\" is not valid; expected the form createdAt@month@Europe/Amsterdam",
            ),
            (
                plan_figures(&["issuedOn@day@UTC"], &count, &[], 10),
                "groupBy: issuedOn is a date, which has no time zone",
            ),
            (
                plan_figures(&["title@day"], &count, &[], 10),
                "groupBy: title is neither a date nor an instant and has no day",
            ),
            (plan_figures(&["nothing"], &count, &[], 10), "Invalid key nothing"),
            (plan_figures(&["note"], &count, &[], 10), "Invalid key note"),
            (plan_figures(&["authors.salary"], &count, &[], 10), "Invalid key salary at authors.salary"),
            (plan_figures(&["title:desc"], &count, &[], 10), "groupBy: \"title:desc\" is not a valid path"),
            (plan_figures(&["title,views"], &count, &[], 10), "groupBy: \"title,views\" is not a valid path"),
            (plan_figures(&[""], &count, &[], 10), "groupBy: \"\" is not a valid path"),
            (
                plan_figures(&[], &[(Measure::Sum, "title")], &[], 10),
                "measures: title cannot be used with sum: its type does not support it",
            ),
            (
                plan_figures(&[], &[(Measure::Median, "issuedOn")], &[], 10),
                "measures: issuedOn cannot be used with median: its type does not support it",
            ),
            (plan_figures(&[], &[(Measure::Maximum, "note")], &[], 10), "Invalid key note"),
            (plan_figures(&[], &[], &[], 10), "measures: at least one measure is required, such as count"),
            (
                plan_figures(&[], &count, &["sum.views"], 10),
                "sort: sum.views is not part of the query; use one of count",
            ),
            (
                plan_figures(&["title"], &count, &["title:up"], 10),
                "Invalid order. order can only be one of asc|desc|ASC|DESC",
            ),
            (plan_figures(&[], &count, &[], 0), "limit: must be between 1 and 1000 groups, not 0"),
            (plan_figures(&["title"; 11], &count, &[], 10), "Query too complex: more than 10 groupings or figures"),
        ] {
            assert_eq!(result.expect_err(text), text);
        }
    }
}
