//! `sort`: keys in order, each a path to a scalar with a direction.

use crate::brackets::Tree;
use crate::context::{Context, Found, View, join};
use crate::error::ParamError;
use crate::plan::{Sort, Step};

/// Parses the sort keys of a node. The error of an invalid direction is stored in the context, to be reported later.
pub(crate) fn parse<'a>(
    cx: &mut Context<'a>,
    view: View<'a>,
    tree: Option<&Tree>,
    param: &'static str,
) -> Result<Vec<Sort>, ParamError> {
    let mut sorts = Sorts { cx, view, param, keys: Vec::new() };
    if let Some(tree) = tree {
        sorts.keys(tree)?;
    }
    Ok(sorts.keys)
}

struct Sorts<'c, 'a> {
    cx: &'c mut Context<'a>,
    view: View<'a>,
    param: &'static str,
    keys: Vec<Sort>,
}

impl<'a> Sorts<'_, 'a> {
    fn keys(&mut self, tree: &Tree) -> Result<(), ParamError> {
        match tree {
            Tree::Text(text) => self.text(text),
            Tree::List(items) => items.iter().try_for_each(|item| match item {
                Tree::Text(text) => self.text(text),
                Tree::Map(entries) => self.map(entries, "", &mut Walk::default(), self.view),
                Tree::List(_) => Err(not_a_sort()),
            }),
            Tree::Map(entries) => self.map(entries, "", &mut Walk::default(), self.view),
        }
    }

    /// Parses `title:asc,genre.name:desc`.
    fn text(&mut self, text: &str) -> Result<(), ParamError> {
        if text.is_empty() {
            return Ok(());
        }
        for key in text.split(',').map(str::trim) {
            let mut parts = key.split(':');
            let (path, order) = (parts.next().unwrap_or_default(), parts.next());
            let (mut walk, mut view, mut at) = (Walk::default(), self.view, String::new());
            let mut names = path.split('.').peekable();
            while let Some(name) = names.next() {
                if names.peek().is_some() {
                    match self.step(view, &at, name, &mut walk)? {
                        Some(further) => (view, at) = further,
                        None => break,
                    }
                } else {
                    self.scalar(view, &at, name, walk.clone(), order)?;
                }
            }
        }
        Ok(())
    }

    /// Parses `sort[genre][name]=desc`.
    fn map(&mut self, entries: &[(String, Tree)], at: &str, walk: &mut Walk, view: View<'a>) -> Result<(), ParamError> {
        for (name, value) in entries {
            match value {
                Tree::Text(order) => self.scalar(view, at, name, walk.clone(), Some(order))?,
                Tree::Map(inner) => {
                    let mut walk = walk.clone();
                    if let Some((view, at)) = self.step(view, at, name, &mut walk)? {
                        self.map(inner, &at, &mut walk, view)?;
                    }
                }
                Tree::List(_) => self.scalar(view, at, name, walk.clone(), Some(""))?,
            }
        }
        Ok(())
    }

    /// Goes through a relation or component; `None` if it has no target, so that it orders nothing.
    fn step(
        &mut self,
        view: View<'a>,
        at: &str,
        name: &str,
        walk: &mut Walk,
    ) -> Result<Option<(View<'a>, String)>, ParamError> {
        if walk.0.len() >= self.cx.limits.filter_depth {
            let levels = self.cx.limits.filter_depth;
            return Err(ParamError::too_complex(format_args!("a sort key has more than {levels} levels")));
        }
        let path = join(at, name);
        match view.find(self.cx.registry, name) {
            Found::Unknown => Err(ParamError::unknown_key(name, at, self.param)),
            Found::Link { attribute, target, .. } if self.cx.readable(target) => {
                self.cx.touched.insert(target);
                let guard = self.cx.guard(view, target);
                walk.0.push(Step::Related { attribute, target, guard, versions: self.cx.versions(view) });
                Ok(Some((self.cx.related_view(view, target), path)))
            }
            Found::Component { attribute, component, .. } => {
                walk.0.push(Step::Component { attribute, component });
                Ok(Some((self.cx.component_view(view, component), path)))
            }
            Found::Unlinked { shown: false, .. } => Ok(None),
            Found::Link { .. }
            | Found::Scalar(..)
            | Found::Morph { .. }
            | Found::Zone { .. }
            | Found::Localizations
            | Found::Usages
            | Found::Unlinked { .. }
            | Found::Refused => Err(ParamError::refused_key(name, &path, self.param)),
        }
    }

    fn scalar(
        &mut self,
        view: View<'a>,
        at: &str,
        name: &str,
        walk: Walk,
        order: Option<&str>,
    ) -> Result<(), ParamError> {
        let field = match view.find(self.cx.registry, name) {
            Found::Scalar(field, _) => field,
            Found::Unknown => return Err(ParamError::unknown_key(name, at, self.param)),
            Found::Link { .. }
            | Found::Component { .. }
            | Found::Morph { .. }
            | Found::Zone { .. }
            | Found::Localizations
            | Found::Usages
            | Found::Unlinked { .. }
            | Found::Refused => return Err(ParamError::refused_key(name, &join(at, name), self.param)),
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
struct Walk(Vec<Step>);

fn not_a_sort() -> ParamError {
    ParamError::validation(
        "Invalid sort parameter. Expected a string, an array of strings, a sort object or an array of sort objects",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Field, Status, Versions};
    use crate::testing::{articles, refusal, registry};

    fn sorts(raw_query: &str) -> Vec<Sort> {
        let planned = articles(raw_query).expect(raw_query);
        assert_eq!(planned.deferred, None, "{raw_query}");
        planned.plan.sort
    }

    fn attribute(route: &str, name: &str) -> usize {
        registry().by_route(route).expect(route).attributes.get(name).expect(name).0
    }

    fn key(name: &str, descending: bool) -> Sort {
        Sort { path: vec![], field: Field::Attribute(attribute("articles", name)), descending }
    }

    #[test]
    fn all_spellings_mean_the_same() {
        let expected = [key("views", false), key("title", true)];
        for query in [
            "sort=views,title:desc",
            "sort=views:asc, title:DESC",
            "sort[0]=views&sort[1]=title:desc",
            "sort=views&sort=title:desc:ignored",
            "sort[views]=asc&sort[title]=desc",
            "sort[0][views]=ASC&sort[1][title]=desc",
        ] {
            assert_eq!(sorts(query), expected, "{query}");
        }
        assert_eq!(sorts("sort="), []);
        assert_eq!(sorts("sort=id:desc"), [Sort { path: vec![], field: Field::Id, descending: true }]);
    }

    #[test]
    fn goes_through_relations_and_components() {
        let by_name = Sort {
            path: vec![Step::Related {
                attribute: attribute("articles", "category"),
                target: registry().by_route("categories").expect("categories").id,
                guard: None,
                versions: Versions::Only(Status::Published),
            }],
            field: Field::Attribute(attribute("categories", "name")),
            descending: true,
        };
        for query in ["sort=category.name:desc", "sort[category][name]=desc"] {
            assert_eq!(sorts(query), std::slice::from_ref(&by_name), "{query}");
        }
        assert!(matches!(sorts("sort=seo.metaTitle")[0].path[..], [Step::Component { .. }]));
    }

    #[test]
    fn mistakes_are_named() {
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
            assert_eq!(refusal(query), message, "{query}");
        }
        let long = format!("sort=category.{}name", "parent.".repeat(10));
        assert_eq!(refusal(&long), "Query too complex: a sort key has more than 10 levels");
        let many = format!("sort={}", vec!["title"; 21].join(","));
        assert_eq!(refusal(&many), "Query too complex: sort has more than 20 keys");
    }

    #[test]
    fn a_wrong_direction_waits_for_its_turn() {
        for query in ["sort=title:up", "sort[title]=up", "sort=title:", "sort=title:Asc", "sort[title][]=asc"] {
            let deferred = articles(query).expect(query).deferred.expect(query);
            assert_eq!(deferred.message, "Invalid order. order can only be one of asc|desc|ASC|DESC");
        }
    }
}
