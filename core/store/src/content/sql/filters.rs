//! Filters → SQL. `Not` is carried down to the leaves, so that under a relation it means "a related row for which
//! it does not hold"; a relation without rows stands for one row of nulls, whose truth is known when compiling. `Complement` stays where
//! it is, and takes unknown for false.

use super::joins::LinkJoin;
use super::null_rows::{is_absence, null_truth};
use super::{Bind, Scope, Sql, to_sql_value};
use crate::connection::Value;
use crate::content::lookup::unique_index_condition;
use crate::dialect::escape_like;
use crate::ident::Ident;
use cairn_model::case_fold::fold_case;
use cairn_model::*;
use cairn_query::{Field, Filter, Operator, Scalar, SlotKind, ValueSlot};

/// Rows that link to the same document, on average, up to which they are looked up by it.
const MAX_ROWS_PER_TARGET: i64 = 100;

impl Sql<'_> {
    /// An SQL condition over the row in scope.
    pub(crate) fn filter_condition(&mut self, filter: &Filter, negate: bool, scope: &Scope<'_>) -> String {
        match filter {
            Filter::And(parts) => self.join_filters(parts, negate, !negate, scope),
            Filter::Or(parts) => self.join_filters(parts, negate, negate, scope),
            Filter::Not(inner) => self.filter_condition(inner, !negate, scope),
            Filter::Complement(inner) => self.complement_condition(inner, negate, scope),
            Filter::Leaf { field, op, values } => {
                let (expr, t) = self.field_expression(*field, scope);
                let text = self.leaf_condition(&expr, t, *op, values);
                let text = match (scope, field) {
                    (Scope::Row { ct, .. }, Field::Attribute(a)) if is_filled_equality(*op, values) => {
                        match unique_index_condition(&ct.attributes[*a], &expr) {
                            filled if filled.is_empty() => text,
                            filled => format!("({text}{filled})"),
                        }
                    }
                    _ => text,
                };
                if negate { format!("NOT ({text})") } else { text }
            }
            Filter::RowId { op, values } => {
                let (row, ct) = scope.enclosing_row();
                let list = Bind::List(values.iter().map(|&v| Value::Integer(v)).collect());
                let n = self.bind_number(list);
                let i = self.new_alias("i");
                let inside = self.dialect.in_list(&format!("{i}.id"), n);
                let not = match op {
                    Operator::Ne | Operator::NotIn | Operator::Nei => !negate,
                    _ => negate,
                };
                format!(
                    "{row}.document_id {}IN (SELECT {i}.document_id FROM {} {i} WHERE {inside})",
                    if not { "NOT " } else { "" },
                    Ident::table(ct)
                )
            }
            Filter::Editorial(editorial) => {
                let (row, ct) = scope.enclosing_row();
                let text = self.editorial_condition(editorial, row, ct);
                if negate { format!("NOT ({text})") } else { text }
            }
            Filter::Related { attribute, target, guard, versions, filter } => {
                let linked = if negate { None } else { self.link_condition(*attribute, filter, scope) };
                let join = self.join_target(scope, *attribute, *target, *versions);
                let joined = self.joined_condition(join, *target, guard.as_deref(), filter, negate);
                match linked {
                    Some(linked) => format!("({linked} AND {joined})"),
                    None => joined,
                }
            }
            Filter::Localizations { content_type, guard, filter } => {
                let (row, ct) = scope.enclosing_row();
                let join = self.join_localizations(row, ct);
                self.joined_condition(join, *content_type, guard.as_deref(), filter, negate)
            }
            Filter::Component { attribute, component, filter } => {
                let (json, repeatable) = self.component_json(*attribute, scope);
                let (row, ct) = scope.enclosing_row();
                let component = self.registry.component(*component);
                let indexed = matches!(scope, Scope::Row { ct, .. } if ct.attributes[*attribute].index);
                let found = if indexed && !negate {
                    self.containment_condition(&json, component, repeatable, filter)
                } else {
                    None
                };
                let narrowed = |test: String| match &found {
                    Some(found) => format!("({found} AND {test})"),
                    None => test,
                };
                if !repeatable {
                    let inner = Scope::Instance { json, component, row: row.to_owned(), ct };
                    return narrowed(self.filter_condition(filter, negate, &inner));
                }
                let j = self.new_alias("j");
                let elements = self.dialect.json_elements(&json, &j);
                let inner = Scope::Instance { json: format!("{j}.value"), component, row: row.to_owned(), ct };
                let test = self.filter_condition(filter, negate, &inner);
                let some = format!("EXISTS (SELECT 1 FROM {elements} WHERE {test})");
                if null_truth(filter, negate) == Some(true) {
                    format!("({some} OR NOT EXISTS (SELECT 1 FROM {elements}))")
                } else {
                    narrowed(some)
                }
            }
        }
    }

    /// A condition that holds exactly where a filter does not, or (`negate`) where it does; never unknown.
    fn complement_condition(&mut self, inner: &Filter, negate: bool, scope: &Scope<'_>) -> String {
        let holds = self.filter_condition(inner, false, scope);
        match (inner, negate) {
            // `EXISTS` is never unknown, and as a plain negation it is one that databases plan as a join.
            (Filter::Related { .. } | Filter::Localizations { .. }, false) => format!("NOT ({holds})"),
            (_, false) => format!("({holds}) IS NOT TRUE"),
            (_, true) => format!("({holds}) IS TRUE"),
        }
    }

    /// Condition on the column of the row itself that a filter on the document of its relation implies, so that the column's index finds the rows where
    /// the database does not derive it from inside the join. `None` if the filter does not name documents, the relation is not stored in a
    /// column, or so many rows link to each target that reading them all and sorting them takes longer than looking at rows in the order
    /// of the list until its page is full; unless a compound index begins with the relation, which has them in an order.
    fn link_condition(&mut self, attribute: AttributeId, filter: &Filter, scope: &Scope<'_>) -> Option<String> {
        let Scope::Row { alias, ct } = scope else { return None };
        let (id, attribute) = (attribute, &ct.attributes[attribute]);
        let link = self.registry.attribute_link(attribute)?;
        let (rows, targets) = (self.counters.row_count(ct.id), self.counters.row_count(link.target?));
        let is_rare = rows <= MAX_ROWS_PER_TARGET * targets.max(1);
        if link.storage != LinkStorage::Column
            || self.dialect.plans_into_exists()
            || !(is_rare || ct.has_index_beginning_with(id))
        {
            return None;
        }
        let (op, documents) = find_required_documents(filter)?;
        Some(self.leaf_condition(&format!("{alias}.{}", Ident::column(attribute)), ColumnType::Text, op, documents))
    }

    /// Condition that a filter holds for a joined row, or for one row of nulls if there is none.
    fn joined_condition(
        &mut self,
        join: LinkJoin,
        target: TypeId,
        guard: Option<&Filter>,
        filter: &Filter,
        negate: bool,
    ) -> String {
        let LinkJoin { alias, from, mut on, order: _ } = join;
        let inner = Scope::Row { alias, ct: self.registry.get(target) };
        if let Some(guard) = guard {
            on.push_str(&format!(" AND {}", self.filter_condition(guard, false, &inner)));
        }
        if is_absence(filter, negate) {
            return format!("NOT EXISTS (SELECT 1 FROM {from} WHERE {on})");
        }
        let test = self.filter_condition(filter, negate, &inner);
        let some = format!("EXISTS (SELECT 1 FROM {from} WHERE {on} AND {test})");
        if null_truth(filter, negate) == Some(true) {
            format!("({some} OR NOT EXISTS (SELECT 1 FROM {from} WHERE {on}))")
        } else {
            some
        }
    }

    /// The condition that an index over components can answer for a filter: the instances with the values it requires. `None` if it
    /// requires no value, or the database has no such index.
    fn containment_condition(
        &mut self,
        json: &str,
        component: &Component,
        repeatable: bool,
        filter: &Filter,
    ) -> Option<String> {
        let mut expected = serde_json::Map::new();
        collect_equalities(component, filter, &mut expected);
        if expected.is_empty() {
            return None;
        }
        let expected = serde_json::Value::Object(expected);
        let expected = if repeatable { serde_json::Value::Array(vec![expected]) } else { expected };
        // Checked first, so that nothing is bound if there is no such operator.
        self.dialect.json_contains(json, "")?;
        let n = self.bind_value(Bind::Value(Value::Text(expected.to_string())));
        self.dialect.json_contains(json, &n)
    }

    fn join_filters(&mut self, parts: &[Filter], negate: bool, and: bool, scope: &Scope<'_>) -> String {
        match parts {
            [] => String::from(if and { "TRUE" } else { "FALSE" }),
            [one] => self.filter_condition(one, negate, scope),
            _ => {
                let parts: Vec<String> = parts.iter().map(|p| self.filter_condition(p, negate, scope)).collect();
                format!("({})", parts.join(if and { " AND " } else { " OR " }))
            }
        }
    }

    /// A scalar of the row or instance in scope, and its column type.
    pub(crate) fn field_expression(&mut self, field: Field, scope: &Scope<'_>) -> (String, ColumnType) {
        match scope {
            Scope::Row { alias, ct } => {
                let (name, t) = match field {
                    Field::Id => ("id".to_owned(), ColumnType::Integer),
                    Field::DocumentId => ("document_id".to_owned(), ColumnType::Text),
                    Field::CreatedAt => ("created_at".to_owned(), ColumnType::DateTime),
                    Field::UpdatedAt => ("updated_at".to_owned(), ColumnType::DateTime),
                    Field::PublishedAt => ("published_at".to_owned(), ColumnType::DateTime),
                    Field::Locale => ("locale".to_owned(), ColumnType::Text),
                    Field::Version => ("_version".to_owned(), ColumnType::Integer),
                    Field::Attribute(a) => {
                        let a = &ct.attributes[a];
                        (Ident::column(a).to_string(), a.kind.column_type().unwrap_or(ColumnType::Text))
                    }
                };
                (format!("{alias}.{name}"), t)
            }
            Scope::Instance { json, component, .. } => match field {
                Field::Attribute(a) => {
                    let a = &component.attributes[a];
                    // Dates and times compare as the text they are.
                    let t = match a.kind.column_type() {
                        None | Some(ColumnType::Date | ColumnType::DateTime | ColumnType::Time) => ColumnType::Text,
                        Some(t) => t,
                    };
                    (self.dialect.json_field(json, &a.name, t), t)
                }
                _ => (self.dialect.json_field(json, "id", ColumnType::Integer), ColumnType::Integer),
            },
        }
    }

    /// The JSON of a component attribute in scope, and whether it is a list.
    pub(crate) fn component_json(&mut self, attribute: AttributeId, scope: &Scope<'_>) -> (String, bool) {
        let (json, a) = match scope {
            Scope::Row { alias, ct } => {
                let a = &ct.attributes[attribute];
                (format!("{alias}.{}", Ident::column(a)), a)
            }
            Scope::Instance { json, component, .. } => {
                let a = &component.attributes[attribute];
                (self.dialect.json_child(json, &a.name), a)
            }
        };
        (json, matches!(a.kind, FieldKind::Component { repeatable: true, .. } | FieldKind::DynamicZone { .. }))
    }

    /// A comparison with a value, or a list of values, that was taken out of the plan.
    fn slot_condition(&mut self, expr: &str, t: ColumnType, op: Operator, slot: ValueSlot) -> String {
        let column = self.dialect.comparable_expression(expr, t);
        let sign = match op {
            Operator::In | Operator::NotIn => {
                let n = self.bind_number(Bind::SlotList(slot.position));
                let text = self.dialect.in_list(&column, n);
                return if op == Operator::In { text } else { format!("NOT ({text})") };
            }
            Operator::Ne => "<>",
            Operator::Lt => "<",
            Operator::Lte => "<=",
            Operator::Gt => ">",
            Operator::Gte => ">=",
            _ => "=",
        };
        format!("{column} {sign} {}", self.bind_value(Bind::Slot(slot.position)))
    }

    /// The text of a column as it is compared with a folded text.
    fn folded_expression(&mut self, expr: &str, t: ColumnType, folded: &str) -> String {
        let letters = self.dialect.folding_letters(t, folded).bind(|text| self.bind_text(&text));
        self.dialect.folded_expression(expr, t, &letters)
    }

    fn leaf_condition(&mut self, expr: &str, t: ColumnType, op: Operator, values: &[Scalar]) -> String {
        use Operator::*;
        if let [Scalar::Slot(slot)] = values {
            return self.slot_condition(expr, t, op, *slot);
        }
        let value = |i: usize| values.get(i).cloned().unwrap_or(Scalar::Null);
        let operand = |sql: &mut Self, i: usize| {
            let v = value(i);
            let placeholder = sql.bind_value(Bind::Value(to_sql_value(&v)));
            let is_integer = matches!(t, ColumnType::Integer | ColumnType::BigInteger);
            if is_integer && matches!(v, Scalar::Float(_)) {
                sql.dialect.fraction_placeholder(&placeholder)
            } else {
                placeholder
            }
        };
        let column = self.dialect.comparable_expression(expr, t);
        let compare = |sql: &mut Self, sign: &str| format!("{column} {sign} {}", operand(sql, 0));
        let text = match value(0) {
            Scalar::Null => None,
            other => Some(fold_case(&scalar_text(&other))),
        };
        let folded = |sql: &mut Self, sign: &str| {
            let column = sql.folded_expression(expr, t, text.as_deref().unwrap_or_default());
            let v = sql.bind_value(Bind::Value(text.clone().map_or(Value::Null, Value::Text)));
            format!("{column} {sign} {v}")
        };
        let like = |sql: &mut Self, before: &str, after: &str, not: &str| {
            let column = sql.folded_expression(expr, t, text.as_deref().unwrap_or_default());
            let pattern = text.as_deref().map(|text| format!("{before}{}{after}", escape_like(text)));
            let v = sql.bind_value(Bind::Value(pattern.map_or(Value::Null, Value::Text)));
            let condition = format!("{column} LIKE {v} ESCAPE '\\'");
            if not.is_empty() { condition } else { format!("NOT ({condition})") }
        };
        match op {
            Eq => compare(self, "="),
            Ne => compare(self, "<>"),
            Lt => compare(self, "<"),
            Lte => compare(self, "<="),
            Gt => compare(self, ">"),
            Gte => compare(self, ">="),
            // How a double is spelled is each database's own: it is compared as the number that the text means, if any.
            Eqi | Nei if t == ColumnType::Float => {
                let number = scalar_text(&value(0)).trim().parse::<f64>().ok().filter(|f| f.is_finite());
                match (number, op) {
                    (Some(f), Eqi) => format!("{column} = {}", self.bind_value(Bind::Value(Value::Real(f)))),
                    (Some(f), _) => format!("{column} <> {}", self.bind_value(Bind::Value(Value::Real(f)))),
                    (None, Eqi) => format!("{column} <> {column}"),
                    (None, _) => format!("{column} = {column}"),
                }
            }
            Eqi => folded(self, "="),
            Nei => folded(self, "<>"),
            In | NotIn => {
                // Values that an integer column cannot hold are left out: they equal none of its values.
                let is_integer = matches!(t, ColumnType::Integer | ColumnType::BigInteger);
                let possible = |v: &&Scalar| **v != Scalar::Null && !(is_integer && matches!(v, Scalar::Float(_)));
                let list: Vec<Value> = values.iter().filter(possible).map(to_sql_value).collect();
                let text = if is_integer && list.is_empty() && values.iter().any(|v| *v != Scalar::Null) {
                    // False, but for nulls unknown, as a list of fractions has it.
                    format!("{column} <> {column}")
                } else {
                    let n = self.bind_number(Bind::List(list));
                    self.dialect.in_list(&column, n)
                };
                if op == In { text } else { format!("NOT ({text})") }
            }
            Contains | Containsi => like(self, "%", "%", ""),
            NotContains | NotContainsi => like(self, "%", "%", "not"),
            StartsWith | StartsWithi => like(self, "", "%", ""),
            EndsWith | EndsWithi => like(self, "%", "", ""),
            // JSON null is stored as SQL null at the top level.
            Null => format!("{expr} IS NULL"),
            NotNull => format!("{expr} IS NOT NULL"),
            Between => {
                let (low, high) = (operand(self, 0), operand(self, 1));
                format!("{column} BETWEEN {low} AND {high}")
            }
        }
    }
}

/// The attributes of an instance that a filter wants to have a certain value, in the form they are stored in.
fn collect_equalities(
    component: &Component,
    filter: &Filter,
    expected: &mut serde_json::Map<String, serde_json::Value>,
) {
    match filter {
        Filter::And(parts) => parts.iter().for_each(|p| collect_equalities(component, p, expected)),
        Filter::Leaf { field: Field::Attribute(a), op: Operator::Eq, values } => {
            let a = &component.attributes[*a];
            let value = match (a.kind.column_type(), values.first()) {
                (Some(ColumnType::BigInteger), Some(Scalar::Int(i))) => i.to_string().into(),
                (Some(ColumnType::Integer), Some(Scalar::Int(i))) => (*i).into(),
                (Some(ColumnType::Boolean), Some(Scalar::Bool(b))) => (*b).into(),
                (Some(ColumnType::Json) | None, _) => return,
                (_, Some(Scalar::Text(t))) => t.as_str().into(),
                _ => return,
            };
            expected.insert(a.name.clone(), value);
        }
        _ => {}
    }
}

/// The comparison of its document that a filter requires a row to meet, if it requires one.
fn find_required_documents(filter: &Filter) -> Option<(Operator, &[Scalar])> {
    match filter {
        Filter::Leaf { field: Field::DocumentId, op, values } if is_filled_equality(*op, values) => {
            Some((*op, values.as_slice()))
        }
        Filter::And(parts) => parts.iter().find_map(find_required_documents),
        Filter::Or(parts) => match parts.as_slice() {
            [one] => find_required_documents(one),
            _ => None,
        },
        _ => None,
    }
}

/// True if a comparison holds for none but some texts that are not empty.
fn is_filled_equality(op: Operator, values: &[Scalar]) -> bool {
    let is_filled = |value: &Scalar| match value {
        Scalar::Text(text) => !text.is_empty(),
        Scalar::Slot(slot) => slot.kind == SlotKind::FilledText,
        _ => false,
    };
    matches!(op, Operator::Eq | Operator::In) && !values.is_empty() && values.iter().all(is_filled)
}

fn scalar_text(v: &Scalar) -> String {
    match v {
        // Values that were taken out of the plan are never compared as text.
        Scalar::Null | Scalar::Slot(_) => String::new(),
        Scalar::Bool(b) => i64::from(*b).to_string(),
        Scalar::Int(i) => i.to_string(),
        Scalar::Float(f) => f.to_string(),
        Scalar::Text(t) => t.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(op: Operator) -> Filter {
        Filter::Leaf { field: Field::Id, op, values: vec![] }
    }

    #[test]
    fn documents_are_required_by_what_has_to_hold() {
        let document = |op| Filter::Leaf { field: Field::DocumentId, op, values: vec![Scalar::Text("a".into())] };
        let empty = Filter::Leaf { field: Field::DocumentId, op: Operator::In, values: vec![] };
        let found = |filter: Filter| find_required_documents(&filter).map(|(op, _)| op);
        assert_eq!(found(document(Operator::Eq)), Some(Operator::Eq));
        assert_eq!(found(Filter::And(vec![leaf(Operator::Gt), document(Operator::In)])), Some(Operator::In));
        assert_eq!(found(Filter::Or(vec![document(Operator::Eq)])), Some(Operator::Eq));
        assert_eq!(found(Filter::Or(vec![document(Operator::Eq), leaf(Operator::Gt)])), None);
        assert_eq!(found(Filter::Not(Box::new(document(Operator::Eq)))), None);
        assert_eq!(found(document(Operator::Ne)), None);
        assert_eq!(found(empty), None);
    }
}
