//! Sort keys → `ORDER BY` expressions. Through a relation the first related value decides.

use super::joins::LinkJoin;
use super::{Scope, Sql};
use crate::ident::Ident;
use cairn_model::{AttributeId, ColumnType, TypeId};
use cairn_query::{Field, Filter, PathStep, Sort};

/// The column selected at the end of a sort path.
#[derive(Clone, Copy)]
enum SortedColumn {
    /// The value itself.
    Value(Field),
    /// The collation key beside the value; the attribute has one.
    CollationKey(AttributeId),
}

impl Sql<'_> {
    /// `ORDER BY` without the words; ends with the row's id, so that pages never overlap. The id runs in the direction of
    /// the last key, as an index over that key does.
    pub(crate) fn order_by(&mut self, sort: &[Sort], scope: &Scope<'_>) -> String {
        let (row, _) = scope.enclosing_row();
        let row = row.to_owned();
        let mut keys: Vec<String> = sort
            .iter()
            .flat_map(|s| {
                let collation_key = self.collation_key_at(&s.path, s.field, scope);
                let expr = self.value_at(&s.path, s.field, scope);
                // A subquery's value has lost its column's collation.
                let t = self.sorted_type(s, scope);
                let expr = if s.path.is_empty() {
                    self.dialect.comparable_expression(&expr, t)
                } else {
                    self.dialect.collated_expression(&expr, t)
                };
                // Texts with the same key are in the order of code points.
                collation_key
                    .into_iter()
                    .chain([expr])
                    .map(|expr| self.dialect.sort_key(&expr, s.descending))
                    .collect::<Vec<_>>()
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

    /// The collation key of the text at the end of a path, if it has one. Texts inside components have none.
    fn collation_key_at(&mut self, path: &[PathStep], field: Field, scope: &Scope<'_>) -> Option<String> {
        let Field::Attribute(attribute) = field else { return None };
        let ct = match (path.last(), scope) {
            (Some(PathStep::Related { target, .. } | PathStep::Localizations { content_type: target, .. }), _) => {
                self.registry.get(*target)
            }
            (None, Scope::Row { ct, .. }) => ct,
            _ => return None,
        };
        ct.has_collation_key(attribute).then(|| self.column_at(path, SortedColumn::CollationKey(attribute), scope))
    }

    /// The scalar at the end of a path.
    pub(crate) fn value_at(&mut self, path: &[PathStep], field: Field, scope: &Scope<'_>) -> String {
        self.column_at(path, SortedColumn::Value(field), scope)
    }

    fn column_at(&mut self, path: &[PathStep], column: SortedColumn, scope: &Scope<'_>) -> String {
        let Some((step, rest)) = path.split_first() else {
            return match (column, scope) {
                (SortedColumn::CollationKey(attribute), Scope::Row { alias, ct }) => {
                    format!("{alias}.{}", Ident::collation_key(&ct.attributes[attribute]))
                }
                (SortedColumn::CollationKey(attribute), Scope::Instance { .. }) => {
                    self.field_expression(Field::Attribute(attribute), scope).0
                }
                (SortedColumn::Value(field), _) => self.field_expression(field, scope).0,
            };
        };
        match step {
            PathStep::Related { attribute, target, guard, versions } => {
                let join = self.join_target(scope, *attribute, *target, *versions);
                self.first_joined_value(join, *target, guard.as_ref(), rest, column)
            }
            PathStep::Localizations { content_type, guard } => {
                let (row, ct) = scope.enclosing_row();
                let join = self.join_localizations(row, ct);
                self.first_joined_value(join, *content_type, guard.as_ref(), rest, column)
            }
            PathStep::Component { attribute, component } => {
                let (json, repeatable) = self.component_json(*attribute, scope);
                let (row, ct) = scope.enclosing_row();
                let component = self.registry.component(*component);
                if !repeatable {
                    let inner = Scope::Instance { json, component, row: row.to_owned(), ct };
                    return self.column_at(rest, column, &inner);
                }
                let j = self.new_alias("j");
                let elements = self.dialect.json_elements(&json, &j);
                let inner = Scope::Instance { json: format!("{j}.value"), component, row: row.to_owned(), ct };
                let value = self.column_at(rest, column, &inner);
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
        column: SortedColumn,
    ) -> String {
        let LinkJoin { alias, from, mut on, order } = join;
        let inner = Scope::Row { alias, ct: self.registry.get(target) };
        if let Some(guard) = guard {
            on.push_str(&format!(" AND {}", self.filter_condition(guard, false, &inner)));
        }
        let value = self.column_at(rest, column, &inner);
        format!("(SELECT {value} FROM {from} WHERE {on} ORDER BY {order} LIMIT 1)")
    }
}
