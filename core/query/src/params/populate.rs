//! `populate`: which relations, media, components and zones are returned, and how each is shaped.
//!
//! Two spellings are supported: names (`populate=genre,writers.mentor`, `*`), collected into a tree of [`Names`], and objects
//! (`populate[genre][fields][0]=name`). What the caller may not read is left out without an error.

mod ask;
#[cfg(test)]
mod tests;
mod usages;

use self::ask::{Ask, At, Fragments, Inner, Missing, Names};
use super::{fields, filters::Filters, names, sort};
use crate::brackets::Tree;
use crate::context::{Context, Found, Owner, USAGES, View, join};
use crate::error::ParamError;
use crate::input::{Input, boolean};
use crate::params::filters::all;
use crate::plan::{ComponentNode, Field, Filter, Node, Populate, Related, Sort};
use cairn_model::{AttributeId, ComponentId, TypeId};

/// The parameter's name in errors, at any depth.
const PARAM: &str = "populate";

/// Plans the populated attributes of the entry itself.
pub(crate) fn parse<'a>(
    cx: &mut Context<'a>,
    view: View<'a>,
    tree: Option<&Tree>,
) -> Result<Vec<Populate>, ParamError> {
    match tree {
        Some(tree) => Populates { cx }.level(view, tree, 1),
        None => Ok(Vec::new()),
    }
}

struct Populates<'c, 'a> {
    cx: &'c mut Context<'a>,
}

impl<'a> Populates<'_, 'a> {
    /// Plans one `populate`, at the top or inside a node.
    fn level(&mut self, view: View<'a>, tree: &Tree, depth: usize) -> Result<Vec<Populate>, ParamError> {
        match tree {
            Tree::Map(entries) if !is_long_list(entries) => {
                let mut populates = Vec::new();
                for (name, value) in entries {
                    populates.extend(self.entry(view, name, value, depth)?);
                }
                Ok(populates)
            }
            Tree::Map(entries) => {
                let items = Tree::List(entries.iter().map(|(_, item)| item.clone()).collect());
                self.level(view, &items, depth)
            }
            Tree::Text(_) | Tree::List(_) => {
                let paths = names(tree).ok_or_else(invalid_populate)?;
                let wanted = self.gather(&paths)?;
                self.named(view, &wanted, depth, "")
            }
        }
    }

    /// Plans one entry: `populate[name]=value`.
    fn entry(
        &mut self,
        view: View<'a>,
        name: &str,
        value: &Tree,
        depth: usize,
    ) -> Result<Option<Populate>, ParamError> {
        let at = At { depth, path: "", by_key: true };
        match value {
            Tree::Map(entries) => self.attribute(view, name, Ask::Object(entries), at),
            Tree::Text(text) => match boolean(text) {
                Some(true) => self.attribute(view, name, Ask::Plain, at),
                Some(false) => self.nothing(view, name, at),
                None if text.is_empty() => self.nothing(view, name, at),
                None if text == "*" => self.star(view, name, at),
                None => {
                    self.nothing(view, name, at)?;
                    let inner = text.split([',', '.']).next().unwrap_or_default().trim();
                    Err(ParamError::refused_key(inner, &join(name, inner), PARAM))
                }
            },
            Tree::List(items) => {
                self.nothing(view, name, at)?;
                let inner = items.first().and_then(Tree::as_text).ok_or_else(invalid_populate)?;
                Err(ParamError::refused_key(inner, &join(name, inner), PARAM))
            }
        }
    }

    /// Handles a `false` value: the name must be one that could be populated.
    fn nothing(&mut self, view: View<'a>, name: &str, at: At<'_>) -> Result<Option<Populate>, ParamError> {
        match view.find(self.cx.registry, name) {
            found if found.is_populatable() => Ok(None),
            Found::Unknown => Err(at.unknown(name)),
            _ => Err(ParamError::refused_key(name, &join(at.path, name), PARAM)),
        }
    }

    /// Handles `populate[name]=*`: Strapi takes the attributes that `*` means for keys such as `fields`, and refuses the first. If there
    /// are none, it is equal to `true`.
    fn star(&mut self, view: View<'a>, name: &str, at: At<'_>) -> Result<Option<Populate>, ParamError> {
        let inner = match view.find(self.cx.registry, name) {
            Found::Zone { .. } | Found::Morph { .. } | Found::Usages => {
                return Err(no_fragment(view, name, r#""*""#));
            }
            Found::Link { target, .. } if self.cx.showable(target) => self.cx.related_view(view, target),
            Found::Component { component, .. } => self.cx.component_view(view, component),
            Found::Link { .. }
            | Found::Localizations
            | Found::Unlinked { .. }
            | Found::Scalar(..)
            | Found::Refused
            | Found::Unknown => {
                return self.attribute(view, name, Ask::Plain, at);
            }
        };
        match self.populatable(inner).first() {
            None => self.attribute(view, name, Ask::Plain, at),
            Some(key) => {
                let path = join(name, key);
                Err(ParamError {
                    details: serde_json::json!({ "key": key, "path": path }),
                    ..ParamError::validation(format!("Invalid key {key} at {path}"))
                })
            }
        }
    }

    /// Collects names with dots into a tree.
    fn gather<'t>(&self, paths: &[&'t str]) -> Result<Names<'t>, ParamError> {
        let mut wanted = Names::default();
        let mut size = 0;
        for path in paths.iter().filter(|path| !path.is_empty()) {
            if *path == "*" {
                wanted.all = true;
                continue;
            }
            let mut level = &mut wanted;
            for (depth, name) in path.split('.').enumerate() {
                self.check_depth(depth + 1)?;
                let at = match level.children.iter().position(|(known, _)| *known == name) {
                    Some(at) => at,
                    None => {
                        size += 1;
                        if size > self.cx.limits.populate_nodes {
                            return Err(ParamError::too_complex("populate names too many attributes"));
                        }
                        level.children.push((name, Names::default()));
                        level.children.len() - 1
                    }
                };
                level = &mut level.children[at].1;
            }
        }
        Ok(wanted)
    }

    /// Plans the attributes of a tree of names.
    fn named(
        &mut self,
        view: View<'a>,
        wanted: &Names<'_>,
        depth: usize,
        path: &str,
    ) -> Result<Vec<Populate>, ParamError> {
        let at = At { depth, path, by_key: false };
        let mut populates = Vec::new();
        if wanted.all {
            for name in self.populatable(view) {
                if !wanted.children.iter().any(|(known, _)| *known == name) {
                    populates.extend(self.attribute(view, name, Ask::Plain, at)?);
                }
            }
        }
        for (name, inner) in &wanted.children {
            populates.extend(self.attribute(view, name, Ask::of(inner), at)?);
        }
        Ok(populates)
    }

    /// Plans everything that `*` means.
    fn everything(&mut self, view: View<'a>, depth: usize) -> Result<Vec<Populate>, ParamError> {
        self.named(view, &Names { all: true, children: Vec::new() }, depth, "")
    }

    /// The names that can be populated, in schema order.
    fn populatable(&self, view: View<'a>) -> Vec<&'a str> {
        let attributes = view.attributes().filter(|(_, attribute)| !attribute.is_scalar());
        let localized = matches!(view.owner, Owner::Type(content_type) if content_type.localized);
        let others = [(localized, "localizations"), (view.shows_usages(), USAGES)];
        let others = others.into_iter().filter_map(|(there, name)| there.then_some(name));
        attributes.map(|(_, attribute)| attribute.name.as_str()).chain(others).collect()
    }

    /// Plans one attribute; `None` if the caller may not see its target.
    fn attribute(
        &mut self,
        view: View<'a>,
        name: &str,
        ask: Ask<'_, '_>,
        at: At<'_>,
    ) -> Result<Option<Populate>, ParamError> {
        self.check_depth(at.depth)?;
        let path = join(at.path, name);
        let inner = Inner { name, path: &path, depth: at.depth + 1 };
        match view.find(self.cx.registry, name) {
            Found::Unknown => Err(at.unknown(name)),
            Found::Scalar(..) | Found::Refused => Err(ParamError::refused_key(name, &path, PARAM)),
            Found::Link { attribute, target, link } => {
                if self.cx.showable(target) {
                    refuse_fragments(view, name, ask, RELATION_KEYS)?;
                }
                let link = Link { attribute, many: link.many };
                Ok(self.related(view, target, link, ask, RELATION_KEYS, inner)?.map(Populate::Related))
            }
            Found::Morph { attribute, many } => self.morph(view, Link { attribute, many }, ask, inner).map(Some),
            Found::Usages => self.usages(view, ask, inner).map(Some),
            Found::Component { attribute, component, repeatable } => {
                refuse_fragments(view, name, ask, RELATION_KEYS)?;
                self.component(view, attribute, component, repeatable, ask, inner).map(Some)
            }
            Found::Zone { attribute, components } => self.zone(view, attribute, components, ask, inner).map(Some),
            Found::Localizations => {
                refuse_fragments(view, name, ask, LOCALIZATION_KEYS)?;
                self.localizations(view, ask, inner)
            }
            Found::Unlinked { attribute, many, shown } => {
                // In a component's stored JSON there is no place for what is not kept.
                let shown = shown && matches!(view.owner, Owner::Type(_));
                Ok(shown.then_some(Populate::Nothing { attribute, many }))
            }
        }
    }

    fn related(
        &mut self,
        view: View<'a>,
        target: TypeId,
        link: Link,
        ask: Ask<'_, '_>,
        keys: &[&str],
        inner: Inner<'_>,
    ) -> Result<Option<Related>, ParamError> {
        if !self.cx.showable(target) {
            return Ok(None);
        }
        let Shape { count, filter, sort, fields, populate } = self.target(view, target, ask, keys, inner)?;
        let node = Node { content_type: target, fields, populate };
        let Link { attribute, many } = link;
        Ok(Some(Related { attribute, target, many, count, filter, sort, node }))
    }

    /// Plans the shape of related entries of a type, with the caller's condition on them.
    fn target(
        &mut self,
        view: View<'a>,
        target: TypeId,
        ask: Ask<'_, '_>,
        keys: &[&str],
        inner: Inner<'_>,
    ) -> Result<Shape, ParamError> {
        self.cx.count_node()?;
        self.cx.touched.insert(target);
        let shape = self.shape(self.cx.related_view(view, target), ask, keys, inner)?;
        let filter = match (self.cx.guard(view, target), shape.filter) {
            (Some(guard), Some(filter)) => Some(all(vec![guard, filter])),
            (guard, filter) => guard.or(filter),
        };
        Ok(Shape { filter, ..shape })
    }

    /// Plans each possible type at the other end of a link to any type: those of the fragments, or all, each with its shape and the
    /// permitted keys. Returns whether they are only counted.
    fn each_target(
        &mut self,
        view: View<'a>,
        ask: Ask<'_, '_>,
        inner: Inner<'_>,
        mut plan: impl FnMut(&mut Self, TypeId, Ask<'_, '_>, &[&str], Inner<'_>) -> Result<(), ParamError>,
    ) -> Result<bool, ParamError> {
        refuse_shapes(view, ask, inner)?;
        let asks = self.fragments(ask, inner)?;
        match asks.on {
            Some(fragments) => {
                for (uid, value) in fragments {
                    let path = format!("{}.on.{uid}", inner.name);
                    let Some(target) = self.cx.registry.by_uid(uid) else {
                        return Err(ParamError::refused_key(uid, &path, PARAM));
                    };
                    let Some(ask) = Ask::of_fragment(value)? else { continue };
                    let inner = Inner { name: &path, path: &path, depth: inner.depth };
                    plan(self, target.id, ask, FRAGMENT_KEYS, inner)?;
                }
            }
            None => {
                let mut missing = Missing::of(ask);
                for target in self.cx.registry.types() {
                    let known = missing.narrow(self.cx, self.cx.related_view(view, target.id));
                    let ask =
                        if asks.everything { Ask::Everything } else { known.as_ref().map_or(ask.plain(), Ask::of) };
                    plan(self, target.id, ask, &[], inner)?;
                }
                missing.finish(inner.path)?;
            }
        }
        Ok(asks.count)
    }

    fn morph(
        &mut self,
        view: View<'a>,
        link: Link,
        ask: Ask<'_, '_>,
        inner: Inner<'_>,
    ) -> Result<Populate, ParamError> {
        let mut targets = Vec::new();
        let count = self.each_target(view, ask, inner, |this, target, ask, keys, inner| {
            targets.extend(this.related(view, target, link, ask, keys, inner)?);
            Ok(())
        })?;
        for target in &mut targets {
            target.count = count;
        }
        Ok(Populate::Morph { attribute: link.attribute, many: link.many, count, targets })
    }

    fn component(
        &mut self,
        view: View<'a>,
        attribute: AttributeId,
        component: ComponentId,
        repeatable: bool,
        ask: Ask<'_, '_>,
        inner: Inner<'_>,
    ) -> Result<Populate, ParamError> {
        self.cx.count_node()?;
        let instance = self.cx.component_view(view, component);
        let shape = self.shape(instance, ask, RELATION_KEYS, inner)?;
        // Instances are sorted where they are: only by what they hold themselves.
        if let Some(step) = shape.sort.iter().find_map(|key| key.path.first()) {
            let (crate::plan::Step::Related { attribute, .. } | crate::plan::Step::Component { attribute, .. }) = step;
            let name = &instance.owner.attributes()[*attribute].name;
            return Err(ParamError::refused_key(name, name, PARAM));
        }
        let node = ComponentNode { component, fields: attributes_of(&shape.fields), populate: shape.populate };
        Ok(Populate::Component {
            attribute,
            repeatable,
            count: shape.count,
            filter: shape.filter,
            sort: shape.sort,
            node,
        })
    }

    fn zone(
        &mut self,
        view: View<'a>,
        attribute: AttributeId,
        components: &'a [ComponentId],
        ask: Ask<'_, '_>,
        inner: Inner<'_>,
    ) -> Result<Populate, ParamError> {
        let many_asks = self.fragments(ask, inner)?;
        let mut nodes = Vec::new();
        match many_asks.on {
            Some(fragments) => {
                for (uid, value) in fragments {
                    let path = format!("{}.on.{uid}", inner.name);
                    // Any component may be in a zone, also one it does not list.
                    let Some(component) = self.cx.registry.component_by_uid(uid) else {
                        return Err(ParamError::refused_key(uid, &path, PARAM));
                    };
                    let Some(ask) = Ask::of_fragment(value)? else { continue };
                    let inner = Inner { name: &path, path: &path, depth: inner.depth };
                    nodes.push(self.component_node(view, component.id, ask, inner)?);
                }
            }
            None => {
                let mut missing = Missing::of(ask);
                for &component in components {
                    let known = missing.narrow(self.cx, self.cx.component_view(view, component));
                    let ask = if many_asks.everything {
                        Ask::Everything
                    } else {
                        known.as_ref().map_or(ask.plain(), Ask::of)
                    };
                    nodes.push(self.component_node(view, component, ask, inner)?);
                }
                missing.finish(inner.path)?;
            }
        }
        Ok(Populate::Zone { attribute, count: many_asks.count, nodes })
    }

    fn component_node(
        &mut self,
        view: View<'a>,
        component: ComponentId,
        ask: Ask<'_, '_>,
        inner: Inner<'_>,
    ) -> Result<ComponentNode, ParamError> {
        self.cx.count_node()?;
        let shape = self.shape(self.cx.component_view(view, component), ask, COMPONENT_FRAGMENT_KEYS, inner)?;
        Ok(ComponentNode { component, fields: attributes_of(&shape.fields), populate: shape.populate })
    }

    /// Plans the other locales' versions, which are related entries of the same type. Their node cannot contain the caller's condition, so
    /// a caller who may see only some rows sees none of them.
    fn localizations(
        &mut self,
        view: View<'a>,
        ask: Ask<'_, '_>,
        inner: Inner<'_>,
    ) -> Result<Option<Populate>, ParamError> {
        let Owner::Type(content_type) = view.owner else { return Ok(None) };
        let target = content_type.id;
        if !self.cx.showable(target) || self.cx.guard(view, target).is_some() {
            return Ok(None);
        }
        self.cx.count_node()?;
        self.cx.touched.insert(target);
        let shape = self.shape(self.cx.related_view(view, target), ask, LOCALIZATION_KEYS, inner)?;
        Ok(Some(Populate::Localizations(Node { content_type: target, fields: shape.fields, populate: shape.populate })))
    }

    /// The shape that is requested for a relation to any type, or for a zone.
    fn fragments<'t>(&self, ask: Ask<'_, 't>, inner: Inner<'_>) -> Result<Fragments<'t>, ParamError> {
        let mut result = Fragments { on: None, count: false, everything: false };
        match ask {
            Ask::Object(entries) => {
                for (key, value) in entries {
                    match (key.as_str(), value) {
                        ("on", Tree::Map(fragments)) => result.on = Some(fragments),
                        ("on", Tree::Text(_) | Tree::List(_)) => return Err(invalid_populate()),
                        ("count", value) => result.count = count(value)?,
                        ("populate", Tree::Text(text)) if text == "*" => result.everything = true,
                        _ => return Err(ParamError::unknown_key(key, inner.name, PARAM)),
                    }
                }
            }
            Ask::Everything => result.everything = true,
            Ask::Plain | Ask::Names(_) => {}
        }
        Ok(result)
    }

    /// Plans the shape of one node.
    fn shape(
        &mut self,
        view: View<'a>,
        ask: Ask<'_, '_>,
        keys: &[&str],
        inner: Inner<'_>,
    ) -> Result<Shape, ParamError> {
        let mut shape =
            Shape { count: false, filter: None, sort: Vec::new(), fields: Vec::new(), populate: Vec::new() };
        match ask {
            Ask::Plain => shape.fields = view.scalars(),
            Ask::Everything => {
                shape.fields = view.scalars();
                shape.populate = self.everything(view, inner.depth)?;
            }
            Ask::Names(wanted) => {
                shape.fields = view.scalars();
                shape.populate = self.named(view, wanted, inner.depth, inner.path)?;
            }
            Ask::Object(entries) => {
                if let Some((unknown, _)) = entries.iter().find(|(key, _)| !keys.contains(&key.as_str())) {
                    return Err(ParamError::unknown_key(unknown, inner.name, PARAM));
                }
                let get = |key: &str| entries.iter().find(|(known, _)| known == key).map(|(_, value)| value);
                if let Some(tree) = get("filters") {
                    let input = Input::of_tree(tree);
                    shape.filter = Some(Filters { cx: self.cx, param: PARAM }.top(view, &input)?);
                }
                shape.sort = sort::parse(self.cx, view, get("sort"), PARAM)?;
                shape.fields = fields::parse(self.cx, view, get("fields"), PARAM)?;
                if let Some(tree) = get("populate") {
                    shape.populate = self.level(view, tree, inner.depth)?;
                }
                if let Some(tree) = get("count") {
                    shape.count = count(tree)?;
                }
            }
        }
        Ok(shape)
    }

    fn check_depth(&self, depth: usize) -> Result<(), ParamError> {
        let most = self.cx.limits.populate_depth;
        if depth > most {
            return Err(ParamError::too_complex(format_args!("populate has more than {most} levels")));
        }
        Ok(())
    }
}

/// Keys of a populated relation or component.
const RELATION_KEYS: &[&str] = &["fields", "filters", "sort", "populate", "count"];
/// Keys of a fragment of a relation to any type.
const FRAGMENT_KEYS: &[&str] = &["fields", "filters", "sort", "populate"];
/// Keys of a fragment of a zone.
const COMPONENT_FRAGMENT_KEYS: &[&str] = &["fields", "populate"];
/// Keys of `localizations`.
const LOCALIZATION_KEYS: &[&str] = &["fields", "populate"];

#[derive(Clone, Copy)]
struct Link {
    attribute: AttributeId,
    many: bool,
}

struct Shape {
    count: bool,
    filter: Option<Filter>,
    sort: Vec<Sort>,
    fields: Vec<Field>,
    populate: Vec<Populate>,
}

impl Found<'_> {
    fn is_populatable(&self) -> bool {
        match self {
            Found::Link { .. } | Found::Morph { .. } | Found::Component { .. } | Found::Zone { .. } => true,
            Found::Localizations | Found::Usages | Found::Unlinked { .. } => true,
            Found::Scalar(..) | Found::Refused | Found::Unknown => false,
        }
    }
}

fn attributes_of(fields: &[Field]) -> Vec<AttributeId> {
    fields
        .iter()
        .filter_map(|field| match field {
            Field::Attribute(id) => Some(*id),
            Field::Id
            | Field::DocumentId
            | Field::CreatedAt
            | Field::UpdatedAt
            | Field::PublishedAt
            | Field::Locale
            | Field::Version => None,
        })
        .collect()
}

/// The error for something that may have several types and is shaped otherwise than by fragments.
fn no_fragment(view: View<'_>, name: &str, found: &str) -> ParamError {
    let (owner, uid) = match view.owner {
        Owner::Type(content_type) => (&content_type.singular, &content_type.uid),
        Owner::Component(component) => (&component.uid, &component.uid),
    };
    ParamError::validation(format!(
        r#"Invalid nested populate for {owner}.{name} ({uid}). Expected a fragment ("on") or "count" but found {found}"#
    ))
}

/// Refuses `fields`, `filters` and `sort` outside of fragments for relations to any type.
fn refuse_shapes(view: View<'_>, ask: Ask<'_, '_>, inner: Inner<'_>) -> Result<(), ParamError> {
    let Ask::Object(entries) = ask else { return Ok(()) };
    if entries.iter().all(|(key, _)| ["populate", "on", "count"].contains(&key.as_str())) {
        return Ok(());
    }
    let found = Tree::Map(entries.to_vec()).into_json();
    Err(no_fragment(view, inner.name, &found.to_string()))
}

/// Refuses fragments (`on`) unless several types are possible. Unknown keys are reported first.
fn refuse_fragments(view: View<'_>, name: &str, ask: Ask<'_, '_>, keys: &[&str]) -> Result<(), ParamError> {
    let Ask::Object(entries) = ask else { return Ok(()) };
    let others_are_known = entries.iter().all(|(key, _)| key == "on" || keys.contains(&key.as_str()));
    if !others_are_known || !entries.iter().any(|(key, _)| key == "on") {
        return Ok(());
    }
    let uid = match view.owner {
        Owner::Type(content_type) => &content_type.uid,
        Owner::Component(component) => &component.uid,
    };
    Err(ParamError::validation(format!("Using fragments is not permitted to populate \"{name}\" in \"{uid}\"")))
}

/// Whether the entries are a list beyond the limit of lists, which is an object with indexes.
fn is_long_list(entries: &[(String, Tree)]) -> bool {
    entries.len() > 100 && entries.iter().all(|(key, _)| key.bytes().all(|b| b.is_ascii_digit()))
}

fn count(tree: &Tree) -> Result<bool, ParamError> {
    tree.as_text()
        .and_then(boolean)
        .ok_or_else(|| ParamError::validation(r#"Invalid count parameter. Expected "t","1","true","false","0","f""#))
}

fn invalid_populate() -> ParamError {
    ParamError::validation("Invalid populate parameter. Expected a string, an array of strings, a populate object")
}
