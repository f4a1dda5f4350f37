//! `sort`: keys in order, each a path to a scalar with a direction.

use crate::brackets::QueryTree;
use crate::context::{PlanningContext, ResolvedName, RowView, join_path};
use crate::error::ParamError;
use crate::plan::{PathStep, Sort};

/// Parses the sort keys of a node. The error of an invalid direction is stored in the context, to be reported later.
pub(crate) fn parse<'a>(
    cx: &mut PlanningContext<'a>,
    view: RowView<'a>,
    tree: Option<&QueryTree>,
    param: &'static str,
) -> Result<Vec<Sort>, ParamError> {
    let mut sorts = SortPlanner { cx, view, param, keys: Vec::new() };
    if let Some(tree) = tree {
        sorts.add_keys(tree)?;
    }
    Ok(sorts.keys)
}

struct SortPlanner<'c, 'a> {
    cx: &'c mut PlanningContext<'a>,
    view: RowView<'a>,
    param: &'static str,
    keys: Vec<Sort>,
}

impl<'a> SortPlanner<'_, 'a> {
    fn add_keys(&mut self, tree: &QueryTree) -> Result<(), ParamError> {
        match tree {
            QueryTree::Text(text) => self.add_text(text),
            QueryTree::List(items) => items.iter().try_for_each(|item| match item {
                QueryTree::Text(text) => self.add_text(text),
                QueryTree::Map(entries) => self.add_map(entries, "", &mut SortPath::default(), self.view),
                QueryTree::List(_) => Err(not_a_sort()),
            }),
            QueryTree::Map(entries) => self.add_map(entries, "", &mut SortPath::default(), self.view),
        }
    }

    /// Parses `title:asc,genre.name:desc`.
    fn add_text(&mut self, text: &str) -> Result<(), ParamError> {
        if text.is_empty() {
            return Ok(());
        }
        for key in text.split(',').map(str::trim) {
            let mut parts = key.split(':');
            let (path, order) = (parts.next().unwrap_or_default(), parts.next());
            let (mut walk, mut view, mut at) = (SortPath::default(), self.view, String::new());
            let mut names = path.split('.').peekable();
            while let Some(name) = names.next() {
                if names.peek().is_some() {
                    match self.step_into(view, &at, name, &mut walk)? {
                        Some(next_place) => (view, at) = next_place,
                        None => break,
                    }
                } else {
                    self.add_scalar(view, &at, name, walk.clone(), order)?;
                }
            }
        }
        Ok(())
    }

    /// Parses `sort[genre][name]=desc`.
    fn add_map(
        &mut self,
        entries: &[(String, QueryTree)],
        at: &str,
        walk: &mut SortPath,
        view: RowView<'a>,
    ) -> Result<(), ParamError> {
        for (name, value) in entries {
            match value {
                QueryTree::Text(order) => self.add_scalar(view, at, name, walk.clone(), Some(order))?,
                QueryTree::Map(inner) => {
                    let mut walk = walk.clone();
                    if let Some((view, at)) = self.step_into(view, at, name, &mut walk)? {
                        self.add_map(inner, &at, &mut walk, view)?;
                    }
                }
                QueryTree::List(_) => self.add_scalar(view, at, name, walk.clone(), Some(""))?,
            }
        }
        Ok(())
    }

    /// Goes through a relation or component; `None` if it has no target, so that it orders nothing.
    fn step_into(
        &mut self,
        view: RowView<'a>,
        at: &str,
        name: &str,
        walk: &mut SortPath,
    ) -> Result<Option<(RowView<'a>, String)>, ParamError> {
        if walk.0.len() >= self.cx.limits.filter_depth {
            let levels = self.cx.limits.filter_depth;
            return Err(ParamError::too_complex(format_args!("a sort key has more than {levels} levels")));
        }
        let path = join_path(at, name);
        match view.resolve_name(self.cx.registry, name) {
            ResolvedName::Unknown => Err(ParamError::unknown_key(name, at, self.param)),
            ResolvedName::Link { attribute, target, .. } if self.cx.can_read(target) => {
                self.cx.touched.insert(target);
                let guard = self.cx.related_condition(view, target);
                walk.0.push(PathStep::Related { attribute, target, guard, versions: self.cx.related_versions(view) });
                Ok(Some((self.cx.related_view(view, target), path)))
            }
            ResolvedName::Component { attribute, component, .. } => {
                walk.0.push(PathStep::Component { attribute, component });
                Ok(Some((self.cx.component_view(view, component), path)))
            }
            ResolvedName::Localizations => match self.cx.localizations_target(view, at) {
                Some((content_type, guard)) => {
                    walk.0.push(PathStep::Localizations { content_type, guard });
                    Ok(Some((self.cx.related_view(view, content_type), path)))
                }
                None => Err(ParamError::refused_key(name, &path, self.param)),
            },
            ResolvedName::Unlinked { shown: false, .. } => Ok(None),
            ResolvedName::Link { .. }
            | ResolvedName::Scalar(..)
            | ResolvedName::Morph { .. }
            | ResolvedName::Zone { .. }
            | ResolvedName::Usages
            | ResolvedName::Unlinked { .. }
            | ResolvedName::Refused => Err(ParamError::refused_key(name, &path, self.param)),
        }
    }

    fn add_scalar(
        &mut self,
        view: RowView<'a>,
        at: &str,
        name: &str,
        walk: SortPath,
        order: Option<&str>,
    ) -> Result<(), ParamError> {
        let field = match view.resolve_name(self.cx.registry, name) {
            ResolvedName::Scalar(field, _) => field,
            ResolvedName::Unknown => return Err(ParamError::unknown_key(name, at, self.param)),
            ResolvedName::Link { .. }
            | ResolvedName::Component { .. }
            | ResolvedName::Morph { .. }
            | ResolvedName::Zone { .. }
            | ResolvedName::Localizations
            | ResolvedName::Usages
            | ResolvedName::Unlinked { .. }
            | ResolvedName::Refused => return Err(ParamError::refused_key(name, &join_path(at, name), self.param)),
        };
        if self.keys.len() >= self.cx.limits.sort_keys {
            let keys = self.cx.limits.sort_keys;
            return Err(ParamError::too_complex(format_args!("sort has more than {keys} keys")));
        }
        let descending = match order {
            None | Some("asc" | "ASC") => false,
            Some("desc" | "DESC") => true,
            Some(_) => {
                self.cx.sort_order_error.get_or_insert_with(|| {
                    ParamError::validation("Invalid order. order can only be one of asc|desc|ASC|DESC")
                });
                false
            }
        };
        self.keys.push(Sort { path: walk.0, field, descending });
        Ok(())
    }
}

/// The steps so far.
#[derive(Clone, Default)]
struct SortPath(Vec<PathStep>);

fn not_a_sort() -> ParamError {
    ParamError::validation(
        "Invalid sort parameter. Expected a string, an array of strings, a sort object or an array of sort objects",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Field, PublicationState, Versions};
    use crate::testing::{plan_articles, refusal_message, sample_registry};

    fn sorts(raw_query: &str) -> Vec<Sort> {
        let planned = plan_articles(raw_query).expect(raw_query);
        assert_eq!(planned.deferred, None, "{raw_query}");
        planned.plan.sort
    }

    fn attribute(route: &str, name: &str) -> usize {
        sample_registry().by_route(route).expect(route).attributes.get(name).expect(name).0
    }

    fn key(name: &str, descending: bool) -> Sort {
        Sort { path: vec![], field: Field::Attribute(attribute("articles", name)), descending }
    }

    #[test]
    fn sort_syntaxes_are_equivalent() {
        let expected = [key("views", false), key("title", true)];
        for query in [
            "sort=views,title:desc",
            "sort=views:asc, title:DESC",
            "sort[0]=views&sort[1]=title:desc",
            "sort=views&sort=title:desc:ignored",
            "sort[views]=asc&sort[title]=desc",
            "sort[0][views]=ASC&sort[1][title]=desc",
            "sort[150]=views&sort[151]=title:desc",
        ] {
            assert_eq!(sorts(query), expected, "{query}");
        }
        assert_eq!(sorts("sort="), []);
        assert_eq!(sorts("sort=id:desc"), [Sort { path: vec![], field: Field::Id, descending: true }]);
    }

    #[test]
    fn sort_follows_relations_and_components() {
        let by_name = Sort {
            path: vec![PathStep::Related {
                attribute: attribute("articles", "category"),
                target: sample_registry().by_route("categories").expect("categories").id,
                guard: None,
                versions: Versions::Only(PublicationState::Published),
            }],
            field: Field::Attribute(attribute("categories", "name")),
            descending: true,
        };
        for query in ["sort=category.name:desc", "sort[category][name]=desc"] {
            assert_eq!(sorts(query), std::slice::from_ref(&by_name), "{query}");
        }
        assert!(matches!(sorts("sort=seo.metaTitle")[0].path[..], [PathStep::Component { .. }]));
    }

    #[test]
    fn invalid_sort_keys_are_reported() {
        for (query, message) in [
            ("sort=nothing", "Invalid key nothing"),
            ("sort=category", "Invalid key category"),
            ("sort=category.nothing", "Invalid key nothing at category"),
            ("sort[category][parent]=asc", "Invalid key parent at category.parent"),
            ("sort=title.x", "Invalid key title"),
            ("sort=note", "Invalid key note"),
            ("sort=pin:up", "Invalid key pin"),
            ("sort=authors.salary", "Invalid key salary at authors.salary"),
            ("sort=sections.heading", "Invalid key sections"),
            ("sort=id);DROP TABLE", "Invalid key id);DROP TABLE"),
            ("sort=title,", "Invalid key "),
        ] {
            assert_eq!(refusal_message(query), message, "{query}");
        }
        let long = format!("sort=category.{}name", "parent.".repeat(10));
        assert_eq!(refusal_message(&long), "Query too complex: a sort key has more than 10 levels");
        let many = format!("sort={}", vec!["title"; 21].join(","));
        assert_eq!(refusal_message(&many), "Query too complex: sort has more than 20 keys");
    }

    #[test]
    fn invalid_sort_order_is_a_deferred_error() {
        for query in ["sort=title:up", "sort[title]=up", "sort=title:", "sort=title:Asc", "sort[title][]=asc"] {
            let deferred = plan_articles(query).expect(query).deferred.expect(query);
            assert_eq!(deferred.message, "Invalid order. order can only be one of asc|desc|ASC|DESC");
        }
    }
}
