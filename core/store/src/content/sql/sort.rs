//! Sort keys → `ORDER BY` expressions. Through a relation the first related value decides.

use super::joins::LinkJoin;
use super::{Scope, Sql};
use cairn_model::{ColumnType, TypeId};
use cairn_query::{Field, Filter, PathStep, Sort};

impl Sql<'_> {
    /// `ORDER BY` without the words; ends with the row's id, so that pages never overlap. The id runs in the direction of
    /// the last key, as an index over that key does.
    pub(crate) fn order_by(&mut self, sort: &[Sort], scope: &Scope<'_>) -> String {
        let (row, _) = scope.enclosing_row();
        let row = row.to_owned();
        let mut keys: Vec<String> = sort
            .iter()
            .map(|s| {
                let expr = self.value_at(&s.path, s.field, scope);
                // A subquery's value has lost its column's collation.
                let t = self.sorted_type(s, scope);
                let expr = if s.path.is_empty() {
                    self.dialect.comparable_expression(&expr, t)
                } else {
                    self.dialect.collated_expression(&expr, t)
                };
                self.dialect.sort_key(&expr, s.descending)
            })
            .collect();
        let sorts_by_id = sort.iter().any(|s| s.path.is_empty() && s.field == cairn_query::Field::Id);
        if !sorts_by_id {
            keys.push(format!("{row}.id{}", if sort.last().is_some_and(|s| s.descending) { " DESC" } else { "" }));
        }
        keys.join(", ")
    }

    /// The column type of the scalar at the end of a sort path.
    fn sorted_type(&self, sort: &Sort, scope: &Scope<'_>) -> ColumnType {
        let Field::Attribute(a) = sort.field else { return ColumnType::Text };
        let attributes = match sort.path.last() {
            Some(PathStep::Related { target, .. } | PathStep::Localizations { content_type: target, .. }) => {
                &self.registry.get(*target).attributes
            }
            Some(PathStep::Component { component, .. }) => &self.registry.component(*component).attributes,
            None => &scope.enclosing_row().1.attributes,
        };
        attributes[a].kind.column_type().unwrap_or(ColumnType::Text)
    }

    /// The scalar at the end of a path.
    pub(crate) fn value_at(&mut self, path: &[PathStep], field: Field, scope: &Scope<'_>) -> String {
        let Some((step, rest)) = path.split_first() else {
            return self.field_expression(field, scope).0;
        };
        match step {
            PathStep::Related { attribute, target, guard, versions } => {
                let join = self.join_target(scope, *attribute, *target, *versions);
                self.first_joined_value(join, *target, guard.as_ref(), rest, field)
            }
            PathStep::Localizations { content_type, guard } => {
                let (row, ct) = scope.enclosing_row();
                let join = self.join_localizations(row, ct);
                self.first_joined_value(join, *content_type, guard.as_ref(), rest, field)
            }
            PathStep::Component { attribute, component } => {
                let (json, repeatable) = self.component_json(*attribute, scope);
                let (row, ct) = scope.enclosing_row();
                let component = self.registry.component(*component);
                if !repeatable {
                    let inner = Scope::Instance { json, component, row: row.to_owned(), ct };
                    return self.value_at(rest, field, &inner);
                }
                let j = self.new_alias("j");
                let elements = self.dialect.json_elements(&json, &j);
                let inner = Scope::Instance { json: format!("{j}.value"), component, row: row.to_owned(), ct };
                let value = self.value_at(rest, field, &inner);
                format!("(SELECT {value} FROM {elements} ORDER BY {j}.key LIMIT 1)")
            }
        }
    }

    /// The scalar at the end of a path from the first of the joined rows.
    fn first_joined_value(
        &mut self,
        join: LinkJoin,
        target: TypeId,
        guard: Option<&Filter>,
        rest: &[PathStep],
        field: Field,
    ) -> String {
        let LinkJoin { alias, from, mut on, order } = join;
        let inner = Scope::Row { alias, ct: self.registry.get(target) };
        if let Some(guard) = guard {
            on.push_str(&format!(" AND {}", self.filter_condition(guard, false, &inner)));
        }
        let value = self.value_at(rest, field, &inner);
        format!("(SELECT {value} FROM {from} WHERE {on} ORDER BY {order} LIMIT 1)")
    }
}
