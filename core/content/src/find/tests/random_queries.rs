//! Random queries over the newsroom: every parameter, and `populate` with shapes of its own, down to a depth.

use cairn_query::{Query, QueryBuilder, QueryTree};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

/// The names of a kind of row: of a type, or of a component.
struct RowNames {
    /// The attributes that lead to other rows, with their kind.
    links: &'static [(&'static str, &'static str)],
    scalars: &'static [&'static str],
}

fn names_of(kind: &str) -> RowNames {
    let (links, scalars): (&[_], &[_]) = match kind {
        "article" => (
            &[
                ("author", "author"),
                ("tags", "tag"),
                ("owner", "user"),
                ("cover", "file"),
                ("gallery", "file"),
                ("seo", "seo"),
                ("parts", "zone"),
                ("localizations", "article"),
            ],
            &["title", "rank", "id", "documentId", "createdAt", "locale"],
        ),
        "author" => (&[("articles", "article"), ("photo", "file"), ("account", "user")], &["name", "id"]),
        "tag" => (&[("articles", "article"), ("parent", "tag"), ("children", "tag")], &["name", "documentId"]),
        "user" => (&[], &["username", "id"]),
        "file" => (&[("related", "usages")], &["name", "mime"]),
        "seo" => (&[("image", "file"), ("expert", "author")], &["title"]),
        _ => (&[], &["id"]),
    };
    RowNames { links, scalars }
}

/// Source of random queries.
pub(super) struct RandomQueries(StdRng);

impl RandomQueries {
    pub(super) fn from_seed(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    /// A query, with the route of the type that it is for.
    pub(super) fn next_query(&mut self) -> (&'static str, Query) {
        let (route, kind) = self.pick(&[("articles", "article"), ("authors", "author"), ("tags", "tag")]);
        let mut query = self.shape(kind, 3);
        for (percent, name, values) in [
            (20, "_q", &["concealed", "shown", "e"][..]),
            (25, "locale", &["*", "en", "nl"]),
            (25, "status", &["draft", "published"]),
            (10, "publicationFilter", &["modified", "has-published-version", "never-published"]),
            (8, "hasPublishedVersion", &["true", "false"]),
        ] {
            if self.chance(percent) {
                query.set(name, self.pick(values));
            }
        }
        if self.chance(15) {
            query.set("pagination", [("pageSize", "3")]);
        }
        (route, query.build())
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        *all.choose(&mut self.0).unwrap()
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.0.random_range(0..100) < percent
    }

    /// An attribute that filters and sorts go through.
    fn pick_step(&mut self, kind: &str) -> Option<(&'static str, &'static str)> {
        let links = names_of(kind).links.iter().copied();
        let links: Vec<_> = links.filter(|(_, to)| !matches!(*to, "zone" | "usages")).collect();
        links.choose(&mut self.0).copied()
    }

    fn condition(&mut self, kind: &str, depth: usize) -> QueryTree {
        if depth > 0 {
            match self.0.random_range(0..10) {
                0 | 1 => {
                    let parts = vec![self.condition(kind, depth - 1), self.condition(kind, depth - 1)];
                    return [(self.pick(&["$and", "$or"]), parts)].into();
                }
                2 => return [("$not", self.condition(kind, depth - 1))].into(),
                3..=7 => {
                    if let Some((name, to)) = self.pick_step(kind) {
                        return [(name, self.condition(to, depth - 1))].into();
                    }
                }
                _ => {}
            }
        }
        let operators = ["$eq", "$ne", "$containsi", "$notContains", "$gt", "$startsWith", "$endsWithi"];
        let (name, operator) = (self.pick(names_of(kind).scalars), self.pick(&operators));
        let value = match name {
            "id" | "rank" => self.pick(&["1", "2", "9"]),
            "createdAt" => "2025-01-01T00:00:00.000Z",
            _ => self.pick(&["concealed", "shown", "1", "e"]),
        };
        [(name, QueryTree::from([(operator, value)]))].into()
    }

    fn sort_key(&mut self, kind: &str) -> String {
        let (mut path, mut kind) = (Vec::new(), kind);
        while path.len() < 3 && self.chance(40) {
            let Some((name, to)) = self.pick_step(kind) else { break };
            path.push(name);
            kind = to;
        }
        path.push(self.pick(names_of(kind).scalars));
        format!("{}:{}", path.join("."), self.pick(&["asc", "desc"]))
    }

    /// The parameters for rows of a kind, at the top or inside `populate`.
    fn shape(&mut self, kind: &str, depth: usize) -> QueryBuilder {
        let mut shape = QueryBuilder::new();
        if self.chance(40) {
            shape.set("filters", self.condition(kind, 3));
        }
        if self.chance(30) {
            shape.set("sort", self.sort_key(kind));
        }
        if self.chance(15) {
            shape.set("fields", vec![self.pick(names_of(kind).scalars).into()]);
        }
        if depth > 0 && self.chance(75) {
            shape.set("populate", self.populate(kind, depth - 1));
        }
        shape
    }

    fn populate(&mut self, kind: &str, depth: usize) -> QueryTree {
        let links = names_of(kind).links;
        match self.0.random_range(0..6) {
            0 => "*".into(),
            1 if !links.is_empty() => {
                let (name, to) = self.pick(links);
                match names_of(to).links.choose(&mut self.0) {
                    Some((inner, _)) if self.chance(50) => format!("{name}.{inner}").into(),
                    _ => name.into(),
                }
            }
            2 => {
                let chosen = links.iter().filter(|_| self.chance(50));
                chosen.map(|(name, _)| QueryTree::from(*name)).collect::<Vec<_>>().into()
            }
            _ => {
                let chosen: Vec<_> = links.iter().filter(|_| self.chance(45)).collect();
                chosen.into_iter().map(|(name, to)| ((*name).to_owned(), self.populate_link(to, depth))).collect()
            }
        }
    }

    fn populate_link(&mut self, to: &str, depth: usize) -> QueryTree {
        match self.0.random_range(0..10) {
            0 | 1 => "true".into(),
            2 => [("count", "true")].into(),
            _ => match to {
                "zone" => {
                    let shape = |deep: bool| if deep { QueryTree::from([("populate", "*")]) } else { "true".into() };
                    let (note, link) = (shape(self.chance(60)), shape(self.chance(60)));
                    [("on", QueryTree::from([("block.note", note), ("block.link", link)]))].into()
                }
                "usages" if self.chance(40) => [("populate", "*")].into(),
                "usages" => {
                    let types = [("api::article.article", "article"), ("api::author.author", "author")];
                    let (uid, kind) = self.pick(&types);
                    [("on", QueryTree::from([(uid, self.shape_tree(kind, depth))]))].into()
                }
                kind => self.shape_tree(kind, depth),
            },
        }
    }

    fn shape_tree(&mut self, kind: &str, depth: usize) -> QueryTree {
        self.shape(kind, depth).build().parameters().unwrap().clone()
    }
}
