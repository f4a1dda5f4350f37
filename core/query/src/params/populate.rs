//! `populate`: which relations, media, components and zones are returned, and how each is shaped.
//!
//! Two spellings are supported: names (`populate=genre,writers.mentor`, `*`), collected into a tree of [`NameTree`], and objects
//! (`populate[genre][fields][0]=name`). What the caller may not read is left out without an error.

mod options;
#[cfg(test)]
mod tests;
mod usages;

use self::options::{Fragments, NamePosition, NameTree, NestedPosition, PopulateOptions, UnmatchedNames};
use super::{fields, filters::FilterPlanner, parse_names, sort};
use crate::brackets::QueryTree;
use crate::context::{
    AttributeHolder, LOCALIZATIONS_NAME, PlanningContext, ResolvedName, RowView, USAGES_NAME, join_path,
};
use crate::error::ParamError;
use crate::input::{FilterInput, parse_boolean};
use crate::params::filters::all_of;
use crate::plan::{
    ComponentNode, EntryNode, Field, Filter, PathStep, Populate, PopulatedLocalizations, PopulatedRelation, Sort,
};
use cairn_model::{AttributeId, ComponentId, TypeId};

/// The parameter's name in errors, at any depth.
const POPULATE_PARAM: &str = "populate";

/// Plans the populated attributes of the entry itself.
pub(crate) fn parse<'a>(
    cx: &mut PlanningContext<'a>,
    view: RowView<'a>,
    tree: Option<&QueryTree>,
) -> Result<Vec<Populate>, ParamError> {
    match tree {
        Some(tree) => PopulatePlanner { cx }.plan_level(view, tree, 1),
        None => Ok(Vec::new()),
    }
}

struct PopulatePlanner<'c, 'a> {
    cx: &'c mut PlanningContext<'a>,
}

impl<'a> PopulatePlanner<'_, 'a> {
    /// Plans one `populate`, at the top or inside a node.
    fn plan_level(&mut self, view: RowView<'a>, tree: &QueryTree, depth: usize) -> Result<Vec<Populate>, ParamError> {
        match tree {
            QueryTree::Map(entries) => {
                let mut populates = Vec::new();
                for (name, value) in entries {
                    populates.extend(self.plan_entry(view, name, value, depth)?);
                }
                Ok(populates)
            }
            QueryTree::Text(_) | QueryTree::List(_) => {
                let paths = parse_names(tree).ok_or_else(invalid_populate)?;
                let name_tree = self.gather_names(&paths)?;
                let name_tree = self.drop_hidden_paths(view, name_tree);
                self.plan_names(view, &name_tree, depth, "")
            }
        }
    }

    /// Plans one entry: `populate[name]=value`.
    fn plan_entry(
        &mut self,
        view: RowView<'a>,
        name: &str,
        value: &QueryTree,
        depth: usize,
    ) -> Result<Option<Populate>, ParamError> {
        let at = NamePosition { depth, path: "", by_key: true };
        match value {
            QueryTree::Map(entries) => self.plan_attribute(view, name, PopulateOptions::Object(entries), at),
            QueryTree::Text(text) => match parse_boolean(text) {
                Some(true) => self.plan_attribute(view, name, PopulateOptions::Plain, at),
                Some(false) => self.check_populatable(view, name, at),
                None if text.is_empty() => self.check_populatable(view, name, at),
                None if text == "*" => self.plan_star(view, name, at),
                None => {
                    self.check_populatable(view, name, at)?;
                    let inner = text.split([',', '.']).next().unwrap_or_default().trim();
                    Err(ParamError::refused_key(inner, &join_path(name, inner), POPULATE_PARAM))
                }
            },
            QueryTree::List(items) => {
                self.check_populatable(view, name, at)?;
                let inner = items.first().and_then(QueryTree::as_text).ok_or_else(invalid_populate)?;
                Err(ParamError::refused_key(inner, &join_path(name, inner), POPULATE_PARAM))
            }
        }
    }

    /// Handles a `false` value: the name must be one that could be populated.
    fn check_populatable(
        &mut self,
        view: RowView<'a>,
        name: &str,
        at: NamePosition<'_>,
    ) -> Result<Option<Populate>, ParamError> {
        match view.resolve_name(self.cx.registry, name) {
            found if found.is_populatable() => Ok(None),
            ResolvedName::Unknown => Err(at.unknown_name(name)),
            _ => Err(ParamError::refused_key(name, &join_path(at.path, name), POPULATE_PARAM)),
        }
    }

    /// Handles `populate[name]=*`: Strapi takes the attributes that `*` means for keys such as `fields`, and refuses the first. If there
    /// are none, it is equal to `true`.
    fn plan_star(
        &mut self,
        view: RowView<'a>,
        name: &str,
        at: NamePosition<'_>,
    ) -> Result<Option<Populate>, ParamError> {
        let inner = match view.resolve_name(self.cx.registry, name) {
            ResolvedName::Zone { .. } | ResolvedName::Morph { .. } | ResolvedName::Usages => {
                return Err(fragment_expected(view, name, r#""*""#));
            }
            ResolvedName::Link { target, .. } if self.cx.can_show(target) => self.cx.related_view(view, target),
            ResolvedName::Component { component, .. } => self.cx.component_view(view, component),
            ResolvedName::Link { .. }
            | ResolvedName::Localizations
            | ResolvedName::Unlinked { .. }
            | ResolvedName::Scalar(..)
            | ResolvedName::Refused
            | ResolvedName::Unknown => {
                return self.plan_attribute(view, name, PopulateOptions::Plain, at);
            }
        };
        match self.populatable_names(inner).first() {
            None => self.plan_attribute(view, name, PopulateOptions::Plain, at),
            Some(key) => {
                let path = join_path(name, key);
                Err(ParamError {
                    details: serde_json::json!({ "key": key, "path": path }),
                    ..ParamError::validation(format!("Invalid key {key} at {path}"))
                })
            }
        }
    }

    /// Collects names with dots into a tree.
    fn gather_names<'t>(&self, paths: &[&'t str]) -> Result<NameTree<'t>, ParamError> {
        let mut tree = NameTree::default();
        let mut size = 0;
        for path in paths.iter().filter(|path| !path.is_empty()) {
            if *path == "*" {
                tree.all = true;
                continue;
            }
            let mut level = &mut tree;
            for (depth, name) in path.split('.').enumerate() {
                self.check_depth(depth + 1)?;
                let at = match level.children.iter().position(|(known, _)| *known == name) {
                    Some(at) => at,
                    None => {
                        size += 1;
                        if size > self.cx.limits.populate_nodes {
                            return Err(ParamError::too_complex("populate names too many attributes"));
                        }
                        level.children.push((name, NameTree::default()));
                        level.children.len() - 1
                    }
                };
                level = &mut level.children[at].1;
            }
            level.is_end = true;
        }
        Ok(tree)
    }

    /// Drops the paths that lead to what the caller may not read, and with them what only they name: of `genre.books.writers`, nothing is
    /// returned without access to writers, as in Strapi.
    fn drop_hidden_paths<'t>(&self, view: RowView<'a>, tree: NameTree<'t>) -> NameTree<'t> {
        let visible = tree.children.into_iter().filter_map(|(name, names)| {
            let inside = match view.resolve_name(self.cx.registry, name) {
                ResolvedName::Link { target, .. } if !self.cx.can_show(target) => return None,
                ResolvedName::Link { target, .. } => self.cx.related_view(view, target),
                ResolvedName::Component { component, .. } => self.cx.component_view(view, component),
                _ => return Some((name, names)),
            };
            let names = self.drop_hidden_paths(inside, names);
            (names.is_end || !names.children.is_empty()).then_some((name, names))
        });
        NameTree { children: visible.collect(), ..tree }
    }

    /// Plans the attributes of a tree of names.
    fn plan_names(
        &mut self,
        view: RowView<'a>,
        requested: &NameTree<'_>,
        depth: usize,
        path: &str,
    ) -> Result<Vec<Populate>, ParamError> {
        let at = NamePosition { depth, path, by_key: false };
        let mut populates = Vec::new();
        if requested.all {
            for name in self.populatable_names(view) {
                if !requested.children.iter().any(|(known, _)| *known == name) {
                    populates.extend(self.plan_attribute(view, name, PopulateOptions::Plain, at)?);
                }
            }
        }
        for (name, inner) in &requested.children {
            populates.extend(self.plan_attribute(view, name, PopulateOptions::from_names(inner), at)?);
        }
        Ok(populates)
    }

    /// Plans everything that `*` means.
    fn plan_everything(&mut self, view: RowView<'a>, depth: usize) -> Result<Vec<Populate>, ParamError> {
        self.plan_names(view, &NameTree { all: true, ..NameTree::default() }, depth, "")
    }

    /// The names that can be populated, in schema order.
    fn populatable_names(&self, view: RowView<'a>) -> Vec<&'a str> {
        let attributes = view.visible_attributes().filter(|(_, attribute)| !attribute.is_scalar());
        let localized = matches!(view.owner, AttributeHolder::Type(content_type) if content_type.localized);
        let others = [(localized, LOCALIZATIONS_NAME), (view.shows_usages(), USAGES_NAME)];
        let others = others.into_iter().filter_map(|(is_available, name)| is_available.then_some(name));
        attributes.map(|(_, attribute)| attribute.name.as_str()).chain(others).collect()
    }

    /// Plans one attribute; `None` if the caller may not see its target.
    fn plan_attribute(
        &mut self,
        view: RowView<'a>,
        name: &str,
        options: PopulateOptions<'_, '_>,
        at: NamePosition<'_>,
    ) -> Result<Option<Populate>, ParamError> {
        self.check_depth(at.depth)?;
        let path = join_path(at.path, name);
        let inner = NestedPosition { name, path: &path, depth: at.depth + 1 };
        match view.resolve_name(self.cx.registry, name) {
            ResolvedName::Unknown => Err(at.unknown_name(name)),
            ResolvedName::Scalar(..) | ResolvedName::Refused => {
                Err(ParamError::refused_key(name, &path, POPULATE_PARAM))
            }
            ResolvedName::Link { attribute, target, link } => {
                if self.cx.can_show(target) {
                    refuse_fragments(view, name, options, RELATION_KEYS)?;
                }
                let link = LinkAttribute { attribute, many: link.many };
                Ok(self.plan_related(view, target, link, options, RELATION_KEYS, inner)?.map(Populate::Related))
            }
            ResolvedName::Morph { attribute, many } => {
                self.plan_morph(view, LinkAttribute { attribute, many }, options, inner).map(Some)
            }
            ResolvedName::Usages => self.plan_usages(view, options, inner).map(Some),
            ResolvedName::Component { attribute, component, repeatable } => {
                refuse_fragments(view, name, options, RELATION_KEYS)?;
                self.plan_component(view, attribute, component, repeatable, options, inner).map(Some)
            }
            ResolvedName::Zone { attribute, components } => {
                self.plan_zone(view, attribute, components, options, inner).map(Some)
            }
            ResolvedName::Localizations => {
                refuse_fragments(view, name, options, RELATION_KEYS)?;
                self.plan_localizations(view, options, inner)
            }
            ResolvedName::Unlinked { attribute, many, shown } => {
                // In a component's stored JSON there is no place for what is not kept.
                let is_returned = shown && matches!(view.owner, AttributeHolder::Type(_));
                Ok(is_returned.then_some(Populate::Nothing { attribute, many }))
            }
        }
    }

    fn plan_related(
        &mut self,
        view: RowView<'a>,
        target: TypeId,
        link: LinkAttribute,
        options: PopulateOptions<'_, '_>,
        keys: &[&str],
        inner: NestedPosition<'_>,
    ) -> Result<Option<PopulatedRelation>, ParamError> {
        if !self.cx.can_show(target) {
            return Ok(None);
        }
        let NodeShape { count, filter, sort, fields, populate } =
            self.plan_target(view, target, options, keys, inner)?;
        let node = EntryNode { content_type: target, fields, populate };
        let LinkAttribute { attribute, many } = link;
        Ok(Some(PopulatedRelation { attribute, target, many, count, filter, sort, node }))
    }

    /// Plans the shape of related entries of a type, with the caller's condition on them.
    fn plan_target(
        &mut self,
        view: RowView<'a>,
        target: TypeId,
        options: PopulateOptions<'_, '_>,
        keys: &[&str],
        inner: NestedPosition<'_>,
    ) -> Result<NodeShape, ParamError> {
        self.cx.count_node()?;
        self.cx.touched.insert(target);
        let shape = self.plan_shape(self.cx.related_view(view, target), options, keys, inner)?;
        let filter = match (self.cx.related_condition(view, target), shape.filter) {
            (Some(guard), Some(filter)) => Some(all_of(vec![guard, filter])),
            (guard, filter) => guard.or(filter),
        };
        Ok(NodeShape { filter, ..shape })
    }

    /// Plans each possible type at the other end of a link to any type: those of the fragments, or all, each with its shape and the
    /// permitted keys. Returns whether they are only counted.
    fn each_target(
        &mut self,
        view: RowView<'a>,
        ask: PopulateOptions<'_, '_>,
        inner: NestedPosition<'_>,
        mut plan: impl FnMut(
            &mut Self,
            TypeId,
            PopulateOptions<'_, '_>,
            &[&str],
            NestedPosition<'_>,
        ) -> Result<(), ParamError>,
    ) -> Result<bool, ParamError> {
        refuse_shapes(view, ask, inner)?;
        let asks = self.parse_fragments(ask, inner)?;
        match asks.on {
            Some(fragments) => {
                for (uid, value) in fragments {
                    let path = format!("{}.on.{uid}", inner.name);
                    let Some(target) = self.cx.registry.by_uid(uid) else {
                        return Err(ParamError::refused_key(uid, &path, POPULATE_PARAM));
                    };
                    let Some(options) = PopulateOptions::from_fragment(value)? else { continue };
                    let inner = NestedPosition { name: &path, path: &path, depth: inner.depth };
                    plan(self, target.id, options, FRAGMENT_KEYS, inner)?;
                }
            }
            None => {
                let mut missing = UnmatchedNames::from_options(ask);
                for target in self.cx.registry.types() {
                    let tree = missing.take_known(self.cx, self.cx.related_view(view, target.id));
                    let populate_options = if asks.everything {
                        PopulateOptions::Everything
                    } else {
                        tree.as_ref().map_or(ask.for_each_node(), PopulateOptions::from_names)
                    };
                    plan(self, target.id, populate_options, &[], inner)?;
                }
                missing.require_all_known(inner.path)?;
            }
        }
        Ok(asks.count)
    }

    fn plan_morph(
        &mut self,
        view: RowView<'a>,
        link: LinkAttribute,
        options: PopulateOptions<'_, '_>,
        inner: NestedPosition<'_>,
    ) -> Result<Populate, ParamError> {
        let mut targets = Vec::new();
        let count = self.each_target(view, options, inner, |this, target, populate_options, keys, inner| {
            targets.extend(this.plan_related(view, target, link, populate_options, keys, inner)?);
            Ok(())
        })?;
        for target in &mut targets {
            target.count = count;
        }
        Ok(Populate::Morph { attribute: link.attribute, many: link.many, count, targets })
    }

    fn plan_component(
        &mut self,
        view: RowView<'a>,
        attribute: AttributeId,
        component: ComponentId,
        repeatable: bool,
        options: PopulateOptions<'_, '_>,
        inner: NestedPosition<'_>,
    ) -> Result<Populate, ParamError> {
        self.cx.count_node()?;
        let instance = self.cx.component_view(view, component);
        let shape = self.plan_shape(instance, options, RELATION_KEYS, inner)?;
        // Instances are sorted where they are: only by what they hold themselves.
        if let Some(step) = shape.sort.iter().find_map(|key| key.path.first()) {
            let name = match step {
                PathStep::Related { attribute, .. } | PathStep::Component { attribute, .. } => {
                    instance.owner.attributes()[*attribute].name.as_str()
                }
                PathStep::Localizations { .. } => LOCALIZATIONS_NAME,
            };
            return Err(ParamError::refused_key(name, name, POPULATE_PARAM));
        }
        let node = ComponentNode { component, fields: attribute_ids(&shape.fields), populate: shape.populate };
        Ok(Populate::Component {
            attribute,
            repeatable,
            count: shape.count,
            filter: shape.filter,
            sort: shape.sort,
            node,
        })
    }

    fn plan_zone(
        &mut self,
        view: RowView<'a>,
        attribute: AttributeId,
        components: &'a [ComponentId],
        ask: PopulateOptions<'_, '_>,
        inner: NestedPosition<'_>,
    ) -> Result<Populate, ParamError> {
        let many_asks = self.parse_fragments(ask, inner)?;
        let mut nodes = Vec::new();
        match many_asks.on {
            Some(fragments) => {
                for (uid, value) in fragments {
                    let path = format!("{}.on.{uid}", inner.name);
                    // A zone may contain components that it does not list.
                    let Some(component) = self.cx.registry.component_by_uid(uid) else {
                        return Err(ParamError::refused_key(uid, &path, POPULATE_PARAM));
                    };
                    let Some(options) = PopulateOptions::from_fragment(value)? else { continue };
                    let inner = NestedPosition { name: &path, path: &path, depth: inner.depth };
                    nodes.push(self.plan_component_node(view, component.id, options, inner)?);
                }
            }
            None => {
                let mut missing = UnmatchedNames::from_options(ask);
                for &component in components {
                    let tree = missing.take_known(self.cx, self.cx.component_view(view, component));
                    let populate_options = if many_asks.everything {
                        PopulateOptions::Everything
                    } else {
                        tree.as_ref().map_or(ask.for_each_node(), PopulateOptions::from_names)
                    };
                    nodes.push(self.plan_component_node(view, component, populate_options, inner)?);
                }
                missing.require_all_known(inner.path)?;
            }
        }
        Ok(Populate::Zone { attribute, count: many_asks.count, nodes })
    }

    fn plan_component_node(
        &mut self,
        view: RowView<'a>,
        component: ComponentId,
        options: PopulateOptions<'_, '_>,
        inner: NestedPosition<'_>,
    ) -> Result<ComponentNode, ParamError> {
        self.cx.count_node()?;
        let shape =
            self.plan_shape(self.cx.component_view(view, component), options, COMPONENT_FRAGMENT_KEYS, inner)?;
        Ok(ComponentNode { component, fields: attribute_ids(&shape.fields), populate: shape.populate })
    }

    /// Plans the other locales' entries, as related entries of the same type; `None` if the caller may not see those.
    fn plan_localizations(
        &mut self,
        view: RowView<'a>,
        ask: PopulateOptions<'_, '_>,
        inner: NestedPosition<'_>,
    ) -> Result<Option<Populate>, ParamError> {
        let AttributeHolder::Type(content_type) = view.owner else { return Ok(None) };
        let target = content_type.id;
        if !self.cx.can_show(target) {
            return Ok(None);
        }
        let NodeShape { count, filter, sort, fields, populate } =
            self.plan_target(view, target, ask, RELATION_KEYS, inner)?;
        let node = EntryNode { content_type: target, fields, populate };
        Ok(Some(Populate::Localizations(PopulatedLocalizations { count, filter, sort, node })))
    }

    /// The shape that is requested for a relation to any type, or for a zone.
    fn parse_fragments<'t>(
        &self,
        options: PopulateOptions<'_, 't>,
        inner: NestedPosition<'_>,
    ) -> Result<Fragments<'t>, ParamError> {
        let mut result = Fragments { on: None, count: false, everything: false };
        match options {
            PopulateOptions::Object(entries) => {
                for (key, value) in entries {
                    match (key.as_str(), value) {
                        ("on", QueryTree::Map(fragments)) => result.on = Some(fragments),
                        ("on", QueryTree::Text(_) | QueryTree::List(_)) => return Err(invalid_populate()),
                        ("count", value) => result.count = parse_count(value)?,
                        ("populate", QueryTree::Text(text)) if text == "*" => result.everything = true,
                        _ => return Err(ParamError::unknown_key(key, inner.name, POPULATE_PARAM)),
                    }
                }
            }
            PopulateOptions::Everything => result.everything = true,
            PopulateOptions::Plain | PopulateOptions::Names(_) => {}
        }
        if result.everything && result.on.is_some() {
            let message = format!("Invalid populate at {}. Use either \"on\" or \"populate\"", inner.name);
            return Err(ParamError::validation(message));
        }
        Ok(result)
    }

    /// Plans the shape of one node.
    fn plan_shape(
        &mut self,
        view: RowView<'a>,
        ask: PopulateOptions<'_, '_>,
        keys: &[&str],
        inner: NestedPosition<'_>,
    ) -> Result<NodeShape, ParamError> {
        let mut shape =
            NodeShape { count: false, filter: None, sort: Vec::new(), fields: Vec::new(), populate: Vec::new() };
        match ask {
            PopulateOptions::Plain => shape.fields = view.visible_scalars(),
            PopulateOptions::Everything => {
                shape.fields = view.visible_scalars();
                shape.populate = self.plan_everything(view, inner.depth)?;
            }
            PopulateOptions::Names(name_tree) => {
                shape.fields = view.visible_scalars();
                shape.populate = self.plan_names(view, name_tree, inner.depth, inner.path)?;
            }
            PopulateOptions::Object(entries) => {
                if let Some((unknown, _)) = entries.iter().find(|(key, _)| !keys.contains(&key.as_str())) {
                    return Err(ParamError::unknown_key(unknown, inner.name, POPULATE_PARAM));
                }
                let get = |key: &str| entries.iter().find(|(known, _)| known == key).map(|(_, value)| value);
                if let Some(tree) = get("filters") {
                    let input = FilterInput::from_tree(tree);
                    let negation = self.cx.access.negation;
                    let mut planner = FilterPlanner { cx: self.cx, param: POPULATE_PARAM, negation };
                    shape.filter = Some(planner.plan_root(view, &input)?);
                }
                shape.sort = sort::parse(self.cx, view, get("sort"), POPULATE_PARAM)?;
                shape.fields = fields::parse(self.cx, view, get("fields"), POPULATE_PARAM)?;
                if let Some(tree) = get("populate") {
                    shape.populate = self.plan_level(view, tree, inner.depth)?;
                }
                if let Some(tree) = get("count") {
                    shape.count = parse_count(tree)?;
                }
            }
        }
        Ok(shape)
    }

    fn check_depth(&self, depth: usize) -> Result<(), ParamError> {
        let limit = self.cx.limits.populate_depth;
        if depth > limit {
            return Err(ParamError::too_complex(format_args!("populate has more than {limit} levels")));
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

#[derive(Clone, Copy)]
struct LinkAttribute {
    attribute: AttributeId,
    many: bool,
}

struct NodeShape {
    count: bool,
    filter: Option<Filter>,
    sort: Vec<Sort>,
    fields: Vec<Field>,
    populate: Vec<Populate>,
}

impl ResolvedName<'_> {
    fn is_populatable(&self) -> bool {
        match self {
            ResolvedName::Link { .. }
            | ResolvedName::Morph { .. }
            | ResolvedName::Component { .. }
            | ResolvedName::Zone { .. } => true,
            ResolvedName::Localizations | ResolvedName::Usages | ResolvedName::Unlinked { .. } => true,
            ResolvedName::Scalar(..) | ResolvedName::Refused | ResolvedName::Unknown => false,
        }
    }
}

fn attribute_ids(fields: &[Field]) -> Vec<AttributeId> {
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
fn fragment_expected(view: RowView<'_>, name: &str, found: &str) -> ParamError {
    let (owner, uid) = match view.owner {
        AttributeHolder::Type(content_type) => (&content_type.singular, &content_type.uid),
        AttributeHolder::Component(component) => (&component.uid, &component.uid),
    };
    ParamError::validation(format!(
        r#"Invalid nested populate for {owner}.{name} ({uid}). Expected a fragment ("on") or "count" but found {found}"#
    ))
}

/// Refuses `fields`, `filters` and `sort` outside of fragments for relations to any type.
fn refuse_shapes(view: RowView<'_>, ask: PopulateOptions<'_, '_>, inner: NestedPosition<'_>) -> Result<(), ParamError> {
    let PopulateOptions::Object(entries) = ask else { return Ok(()) };
    if entries.iter().all(|(key, _)| ["populate", "on", "count"].contains(&key.as_str())) {
        return Ok(());
    }
    let found = QueryTree::Map(entries.to_vec()).into_json();
    Err(fragment_expected(view, inner.name, &found.to_string()))
}

/// Refuses fragments (`on`) unless several types are possible. Unknown keys are reported first.
fn refuse_fragments(
    view: RowView<'_>,
    name: &str,
    options: PopulateOptions<'_, '_>,
    keys: &[&str],
) -> Result<(), ParamError> {
    let PopulateOptions::Object(entries) = options else { return Ok(()) };
    let others_are_known = entries.iter().all(|(key, _)| key == "on" || keys.contains(&key.as_str()));
    if !others_are_known || !entries.iter().any(|(key, _)| key == "on") {
        return Ok(());
    }
    let uid = match view.owner {
        AttributeHolder::Type(content_type) => &content_type.uid,
        AttributeHolder::Component(component) => &component.uid,
    };
    Err(ParamError::validation(format!("Using fragments is not permitted to populate \"{name}\" in \"{uid}\"")))
}

fn parse_count(tree: &QueryTree) -> Result<bool, ParamError> {
    tree.as_text()
        .and_then(parse_boolean)
        .ok_or_else(|| ParamError::validation(r#"Invalid count parameter. Expected "t","1","true","false","0","f""#))
}

fn invalid_populate() -> ParamError {
    ParamError::validation("Invalid populate parameter. Expected a string, an array of strings, a populate object")
}
