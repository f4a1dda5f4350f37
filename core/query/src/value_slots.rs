//! Values that a plan is not compiled for: plans that differ in nothing else compile to the same statements.

use crate::plan::{
    ComponentNode, EntryNode, Filter, Operator, PathStep, Plan, Populate, PopulatedRelation, Scalar, Sort,
};

/// A place in a plan for one of the values taken out of it, or a list of them if its operator compares with a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValueSlot {
    /// Position among the values.
    pub position: usize,
    /// Kind of the value, or of all values of the list.
    pub kind: SlotKind,
}

/// The knowledge about the value of a slot that a plan depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SlotKind {
    /// A text that is not empty.
    FilledText,
    /// A whole number.
    Integer,
}

impl SlotKind {
    fn of_values(values: &[Scalar]) -> Option<Self> {
        let is_filled = |value: &Scalar| matches!(value, Scalar::Text(text) if !text.is_empty());
        match values {
            [] => None,
            values if values.iter().all(is_filled) => Some(Self::FilledText),
            values if values.iter().all(|value| matches!(value, Scalar::Int(_))) => Some(Self::Integer),
            _ => None,
        }
    }
}

impl Plan {
    /// Takes the values that statements bind as they are out of the plan's conditions, those of the caller's permissions included. Returns
    /// them in the order of their [`ValueSlot::position`]: one, or those of a list. Values that decide what a statement looks like stay, such
    /// as nulls, empty texts, patterns, and those inside components, which an index may look up as JSON.
    pub fn take_values(&mut self) -> Vec<Vec<Scalar>> {
        let mut taken = TakenValues::default();
        // The pattern has no `..`, so a new part does not compile until its values are considered.
        let Self {
            content_type: _,
            status: _,
            locale: _,
            filter,
            has_published: _,
            publication: _,
            sort,
            page: _,
            node,
        } = self;
        taken.take_from_condition(filter.as_mut());
        taken.take_from_sort(sort);
        taken.take_from_entry(node);
        taken.0
    }
}

#[derive(Default)]
struct TakenValues(Vec<Vec<Scalar>>);

impl TakenValues {
    fn take_from_condition(&mut self, filter: Option<&mut Filter>) {
        match filter {
            None | Some(Filter::RowId { .. } | Filter::Editorial(_) | Filter::Component { .. }) => {}
            Some(Filter::And(parts) | Filter::Or(parts)) => {
                parts.iter_mut().for_each(|part| self.take_from_condition(Some(part)));
            }
            Some(Filter::Not(inner) | Filter::Complement(inner)) => self.take_from_condition(Some(inner)),
            Some(Filter::Leaf { field: _, op, values }) => self.take_from_comparison(*op, values),
            Some(Filter::Related { guard, filter, .. } | Filter::Localizations { guard, filter, .. }) => {
                self.take_from_condition(guard.as_deref_mut());
                self.take_from_condition(Some(filter));
            }
        }
    }

    fn take_from_comparison(&mut self, op: Operator, values: &mut Vec<Scalar>) {
        use Operator::*;
        let is_bound_alone = match op {
            Eq | Ne | Lt | Lte | Gt | Gte => values.len() == 1,
            In | NotIn => true,
            Eqi | Nei | Contains | NotContains | Containsi | NotContainsi | StartsWith | EndsWith | StartsWithi
            | EndsWithi | Null | NotNull | Between => false,
        };
        if let Some(kind) = SlotKind::of_values(values)
            && is_bound_alone
        {
            let slot = ValueSlot { position: self.0.len(), kind };
            self.0.push(std::mem::replace(values, vec![Scalar::Slot(slot)]));
        }
    }

    fn take_from_sort(&mut self, sort: &mut [Sort]) {
        for step in sort.iter_mut().flat_map(|key| &mut key.path) {
            match step {
                PathStep::Related { guard, .. } | PathStep::Localizations { guard, .. } => {
                    self.take_from_condition(guard.as_mut());
                }
                PathStep::Component { .. } => {}
            }
        }
    }

    fn take_from_entry(&mut self, node: &mut EntryNode) {
        self.take_from_populate(&mut node.populate);
    }

    fn take_from_relation(&mut self, relation: &mut PopulatedRelation) {
        self.take_from_condition(relation.filter.as_mut());
        self.take_from_sort(&mut relation.sort);
        self.take_from_entry(&mut relation.node);
    }

    fn take_from_populate(&mut self, populated: &mut [Populate]) {
        let instances = |taken: &mut Self, node: &mut ComponentNode| taken.take_from_populate(&mut node.populate);
        for populate in populated {
            match populate {
                Populate::Related(relation) => self.take_from_relation(relation),
                Populate::Morph { targets, .. } => {
                    targets.iter_mut().for_each(|relation| self.take_from_relation(relation));
                }
                Populate::Component { node, .. } => instances(self, node),
                Populate::Zone { nodes, .. } => nodes.iter_mut().for_each(|node| instances(self, node)),
                Populate::Localizations(others) => {
                    self.take_from_condition(others.filter.as_mut());
                    self.take_from_sort(&mut others.sort);
                    self.take_from_entry(&mut others.node);
                }
                Populate::Usages { by, .. } => {
                    for usage in by {
                        self.take_from_condition(usage.filter.as_mut());
                        self.take_from_sort(&mut usage.sort);
                        self.take_from_entry(&mut usage.node);
                    }
                }
                Populate::Nothing { .. } => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{plan_as, sample_registry};
    use crate::{Access, AccessRule, Action};
    use serde_json::json;
    use std::sync::Arc;

    /// Plans a list as a user of those groups, whose role has a condition on articles and one on categories.
    fn plan_for(groups: &[&str], query: &str) -> Plan {
        let registry = sample_registry();
        let mut access = Access::none();
        for (route, condition) in [
            ("articles", json!({ "title": { "$in": "$user.groups" }, "body": { "$contains": "$user.name" } })),
            ("categories", json!({ "name": "$user.name" })),
        ] {
            let rule = AccessRule { condition: Some(Arc::new(condition)), fields: None };
            let id = registry.by_route(route).expect("a route").id;
            Arc::make_mut(&mut access.rules).insert((id, Action::Find), rule);
        }
        access.variables = [("user.groups".to_owned(), json!(groups)), ("user.name".to_owned(), json!("Ann"))].into();
        plan_as(&access, Action::Find, "articles", query).expect("a plan").plan
    }

    fn text(text: &str) -> Scalar {
        Scalar::Text(text.to_owned())
    }

    #[test]
    fn plans_of_callers_with_other_values_are_the_same_without_them() {
        let query = |views| format!("filters[views][$gt]={views}&populate=category&sort=category.name");
        let (mut one, mut other) = (plan_for(&["a"], &query(3)), plan_for(&["b", "c"], &query(9)));
        assert!(one != other);
        let (of_one, of_other) = (one.take_values(), other.take_values());
        assert_eq!(one, other);
        let ann = || vec![text("Ann")];
        assert_eq!(of_one, [vec![text("a")], vec![Scalar::Int(3)], ann(), ann()]);
        assert_eq!(of_other, [vec![text("b"), text("c")], vec![Scalar::Int(9)], ann(), ann()]);
        assert_eq!(one.take_values(), [] as [Vec<Scalar>; 0], "there is nothing more to take");
    }

    #[test]
    fn values_that_decide_about_statements_stay() {
        for (one, other) in [
            (plan_for(&["a"], ""), plan_for(&[], "")),
            (plan_for(&["a"], ""), plan_for(&["a", ""], "")),
            (plan_for(&["a"], "filters[title][$containsi]=a"), plan_for(&["a"], "filters[title][$containsi]=b")),
            (plan_for(&["a"], "filters[title][$ne]="), plan_for(&["a"], "filters[title][$ne]=b")),
            (plan_for(&["a"], "filters[seo][metaTitle]=a"), plan_for(&["a"], "filters[seo][metaTitle]=b")),
            (plan_for(&["a"], "filters[featured]=true"), plan_for(&["a"], "filters[featured]=false")),
            (plan_for(&["a"], "filters[title]=a"), plan_for(&["a"], "filters[views]=1")),
        ] {
            let (mut shape, mut other_shape) = (one.clone(), other.clone());
            shape.take_values();
            other_shape.take_values();
            assert!(shape != other_shape, "{one:?}\n{other:?}");
        }
    }
}
