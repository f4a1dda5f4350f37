//! Takes values through a change: what a step does to one row.
//!
//! A row consists of its attributes by name in their stored form ([`crate::stored_values`]); links are lists if the host provides them, and
//! left alone otherwise. A host that moves links into a component puts them into the row, so that a row without other values gets
//! its instance, and takes them out with [`Rewriter::take_links`]. What concerns several rows at once (unique values, locales,
//! drafts) is left to the store.

use super::answers::Decision;
use super::convert::{Conversion, ConversionError, convert_value, cut_value};
use super::snapshot::{KindShape, Snapshot, is_type};
use super::step::{ChangeClass, ChangeStep, SchemaChange};
use crate::stored_values::ORIGIN_KEY;
use serde_json::{Map, Value as Json};

/// A row's attributes by name.
pub type StoredRow = Map<String, Json>;

/// Host of a rewrite: assigns ids of new instances, and receives reports of values that were dropped or do not fit.
pub trait RewriteHost {
    /// Assigns the id of a new instance, unique in the database.
    fn instance_id(&mut self) -> i64;
    /// Reports a dropped value, for the trash. `place` is `uid.attribute`; for a component instance its id is given too.
    fn on_dropped(&mut self, step: &ChangeStep, place: &str, instance: Option<i64>, value: &Json);
    /// Reports a value that does not fit. The value stays; the change must not be committed.
    fn on_refused(&mut self, step: &ChangeStep, place: &str, instance: Option<i64>, why: &ConversionError);
}

/// The links of one attribute of one component instance.
#[derive(Debug, Clone, PartialEq)]
pub struct InstanceLinks {
    /// Id of the instance.
    pub instance: i64,
    /// Uid of its component.
    pub component: String,
    /// Name of the attribute.
    pub attribute: String,
    /// In order, as the host provided them.
    pub targets: Vec<Json>,
}

/// The steps of a plan that concern the rows of one type, with the shape at each of them.
#[derive(Debug)]
pub struct Rewriter<'a> {
    /// The type's uid at the step, and the shape: of that type and the components alone.
    steps: Vec<(&'a ChangeStep, String, Snapshot)>,
    uid: String,
    last: Snapshot,
}

impl<'a> Rewriter<'a> {
    /// Prepares the steps for the rows of the type that has that uid in `before`.
    pub fn new(before: &Snapshot, steps: &'a [ChangeStep], uid: &str) -> Self {
        let mut state = Snapshot {
            format: before.format,
            types: before.content_type(uid).cloned().into_iter().collect(),
            components: before.components.clone(),
        };
        let mut uid = uid.to_owned();
        let mut list = Vec::new();
        for step in steps {
            if touches_type(&state, &uid, &step.change) {
                list.push((step, uid.clone(), state.clone()));
            }
            if matches!(step.change, SchemaChange::AddType { .. }) {
                continue;
            }
            state.apply(&step.change);
            if let SchemaChange::RenameType { from, to } = &step.change
                && *from == uid
            {
                uid.clone_from(to);
            }
        }
        Self { steps: list, uid, last: state }
    }

    /// The type's uid after all steps.
    pub fn uid(&self) -> &str {
        &self.uid
    }

    /// True if [`Self::rewrite_row`] can do more to a row than rename or drop attributes: then the store has to read every row.
    pub fn looks_at_rows(&self) -> bool {
        self.steps.iter().any(|(step, ..)| match &step.change {
            SchemaChange::RenameAttribute { owner, .. } | SchemaChange::DropAttribute { owner, .. } => !is_type(owner),
            SchemaChange::Convert { conversion, .. } => changes_values(conversion),
            _ => true,
        })
    }

    /// Takes a row through all steps.
    pub fn rewrite_row(&self, row: &mut StoredRow, host: &mut dyn RewriteHost) {
        for (step, uid, state) in &self.steps {
            step_row(state, step, uid, row, host);
        }
        sort_keys(&self.last, &self.uid, row);
    }

    /// Takes the links out of the component instances of a row after [`Self::rewrite_row`]: they are not part of the stored form.
    pub fn take_links(&self, row: &mut StoredRow) -> Vec<InstanceLinks> {
        let mut found_links = Vec::new();
        collect_links(&self.last, &self.uid, row, &mut found_links);
        found_links
    }
}

/// True if a change can affect a row of that type. Components are searched once here, not once per row.
fn touches_type(state: &Snapshot, uid: &str, change: &SchemaChange) -> bool {
    match change {
        SchemaChange::RenameAttribute { owner, .. }
        | SchemaChange::DropAttribute { owner, .. }
        | SchemaChange::Convert { owner, .. } => owner == uid || !is_type(owner) && holds_component(state, owner),
        SchemaChange::RenameComponent { from, .. } => holds_component(state, from),
        SchemaChange::DropZoneComponent { owner, .. } => owner == uid,
        SchemaChange::MoveIn { uid: owner, .. } | SchemaChange::MoveOut { uid: owner, .. } => owner == uid,
        _ => false,
    }
}

/// True if the one type of that shape contains the component at any depth.
fn holds_component(state: &Snapshot, component: &str) -> bool {
    !state.used_in(component).is_empty()
}

/// True if stored values are rewritten. False if only the rules differ, or if links stay (the store moves those as a whole).
pub fn changes_values(conversion: &Conversion) -> bool {
    use KindShape::*;
    let text = |kind: &KindShape| matches!(kind, String | Text | RichText | Email | Uid | Enumeration { .. });
    match (&conversion.from, &conversion.to) {
        (a, b) if a == b || a.is_link() || b.is_link() => false,
        (DynamicZone { .. }, DynamicZone { .. }) => false,
        (Blocks, Json) => false,
        // Values that are too long, or not in the enumeration, have to be found.
        (a, b) if text(a) && text(b) => {
            conversion.max_length.is_some() || matches!(b, Email | Uid | Enumeration { .. })
        }
        _ => true,
    }
}

/// Applies one step to a row of the type `uid`, in the shape at that step.
fn step_row(state: &Snapshot, step: &ChangeStep, uid: &str, row: &mut StoredRow, host: &mut dyn RewriteHost) {
    match &step.change {
        SchemaChange::RenameAttribute { owner, from, to } => {
            let mut rename = |map: &mut StoredRow, _: Option<i64>, _: &mut dyn RewriteHost| {
                if let Some(value) = map.shift_remove(&from.name) {
                    map.insert(to.name.clone(), value);
                }
            };
            visit_owner(state, owner, uid, row, host, &mut rename);
        }
        SchemaChange::DropAttribute { owner, attribute, original } => {
            let name = original.as_deref().unwrap_or(&attribute.name);
            let mut remove = |map: &mut StoredRow, instance: Option<i64>, host: &mut dyn RewriteHost| {
                // A value that a move emptied has nothing left but ids.
                let is_lost =
                    |value: &Json| if step.class == ChangeClass::Move { has_values(value) } else { !is_nothing(value) };
                if let Some(value) = map.shift_remove(&attribute.name)
                    && is_lost(&value)
                {
                    host.on_dropped(step, &format!("{owner}.{name}"), instance, &value);
                }
            };
            visit_owner(state, owner, uid, row, host, &mut remove);
        }
        SchemaChange::DropZoneComponent { owner, attribute, component } => {
            if let Some(Json::Array(list)) = row.get_mut(attribute) {
                list.retain(|instance| {
                    let is_dropped = instance.get("__component").and_then(Json::as_str) == Some(component);
                    if is_dropped {
                        host.on_dropped(step, &format!("{owner}.{attribute}"), instance_id(instance), instance);
                    }
                    !is_dropped
                });
            }
        }
        SchemaChange::RenameComponent { from, to } => {
            for zone in state.attributes(uid).unwrap_or_default() {
                let KindShape::DynamicZone { .. } = zone.kind else { continue };
                let Some(Json::Array(list)) = row.get_mut(&zone.name) else { continue };
                let component_names = list.iter_mut().filter_map(|instance| instance.get_mut("__component"));
                component_names.filter(|name| name.as_str() == Some(from)).for_each(|name| *name = to.as_str().into());
            }
        }
        SchemaChange::Convert { owner, attribute, conversion, decision } => {
            let mut to_kind = |map: &mut StoredRow, instance: Option<i64>, host: &mut dyn RewriteHost| {
                if let Some(value) = map.get_mut(attribute) {
                    let place = format!("{owner}.{attribute}");
                    apply_decision(step, &place, instance, conversion, *decision, value, host);
                }
            };
            visit_owner(state, owner, uid, row, host, &mut to_kind);
        }
        SchemaChange::MoveIn { from, component, to, .. } => {
            let Some(value) = row.shift_remove(&from.name) else { return };
            let holder = row.entry(component.clone()).or_insert(Json::Null);
            if holder.is_null() && !is_nothing(&value) {
                let mut instance = Map::new();
                instance.insert("id".into(), host.instance_id().into());
                *holder = Json::Object(instance);
            }
            if let Json::Object(instance) = holder {
                instance.insert(to.clone(), value);
            }
        }
        SchemaChange::MoveOut { component, from, attribute, .. } => {
            let inside = row.get_mut(component).and_then(Json::as_object_mut).and_then(|map| map.shift_remove(from));
            row.insert(attribute.name.clone(), inside.unwrap_or(Json::Null));
        }
        _ => {}
    }
}

/// True if a value is null or an empty list: nothing that could be lost.
fn is_nothing(value: &Json) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

/// True if an instance contains anything but ids.
fn has_values(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::Array(list) => list.iter().any(has_values),
        Json::Object(map) => {
            map.iter().any(|(key, value)| !matches!(key.as_str(), "id" | "__component") && has_values(value))
        }
        _ => true,
    }
}

fn instance_id(instance: &Json) -> Option<i64> {
    instance.get("id").and_then(Json::as_i64)
}

fn apply_decision(
    step: &ChangeStep,
    place: &str,
    instance: Option<i64>,
    conversion: &Conversion,
    decision: Decision,
    value: &mut Json,
    host: &mut dyn RewriteHost,
) {
    let why = match convert_value(conversion, value) {
        Ok(fits) => {
            *value = fits;
            return;
        }
        Err(why) => why,
    };
    let instead = match decision {
        Decision::Cut => cut_value(conversion, value),
        Decision::Null => Ok(Json::Null),
        Decision::Fail | Decision::Keep | Decision::Drop => Err(why),
    };
    match instead {
        Ok(instead) => {
            host.on_dropped(step, place, instance, value);
            *value = match instead {
                Json::Null if is_list(&conversion.to) => Json::Array(Vec::new()),
                other => other,
            };
        }
        Err(why) => host.on_refused(step, place, instance, &why),
    }
}

/// True if the empty value of a kind is a list.
fn is_list(kind: &KindShape) -> bool {
    kind.is_link() || matches!(kind, KindShape::Component { repeatable: true, .. } | KindShape::DynamicZone { .. })
}

type VisitRow<'v> = dyn FnMut(&mut StoredRow, Option<i64>, &mut dyn RewriteHost) + 'v;

/// Calls `visit` with the row itself, or with every instance of the component in it.
fn visit_owner(
    state: &Snapshot,
    owner: &str,
    uid: &str,
    row: &mut StoredRow,
    host: &mut dyn RewriteHost,
    visit: &mut VisitRow<'_>,
) {
    if owner == uid {
        return visit(row, None, host);
    }
    visit_instances(state, uid, row, &mut |component, instance, id| {
        if component == owner {
            visit(instance, Some(id), host);
        }
    });
}

/// Calls `visit` with every instance in a row or instance, the inner ones first, with its component and id. The loader bounds how
/// deep components are nested.
fn visit_instances(
    state: &Snapshot,
    within: &str,
    map: &mut StoredRow,
    visit: &mut dyn FnMut(&str, &mut StoredRow, i64),
) {
    for attribute in state.attributes(within).unwrap_or_default() {
        let Some(value) = map.get_mut(&attribute.name) else { continue };
        let list: &mut [Json] = match value {
            Json::Array(list) => list,
            one => std::slice::from_mut(one),
        };
        for instance in list {
            let Json::Object(instance) = instance else { continue };
            let component = match &attribute.kind {
                KindShape::Component { component, .. } => component.clone(),
                KindShape::DynamicZone { .. } => {
                    instance.get("__component").and_then(Json::as_str).unwrap_or_default().to_owned()
                }
                _ => continue,
            };
            visit_instances(state, &component, instance, visit);
            let id = instance.get("id").and_then(Json::as_i64).unwrap_or_default();
            visit(&component, instance, id);
        }
    }
}

/// Orders the keys of instances as [`crate::stored_values`] writes them: `__component`, `id`, `__origin`, then in the order of the
/// schema; missing ones are null.
fn sort_keys(state: &Snapshot, within: &str, map: &mut StoredRow) {
    visit_instances(state, within, map, &mut |component, instance, _| {
        let mut ordered = Map::new();
        for key in ["__component", "id", ORIGIN_KEY] {
            if let Some(value) = instance.shift_remove(key) {
                ordered.insert(key.to_owned(), value);
            }
        }
        for attribute in state.attributes(component).unwrap_or_default() {
            match instance.shift_remove(&attribute.name) {
                Some(value) => drop(ordered.insert(attribute.name.clone(), value)),
                None if attribute.kind.is_link() => {}
                None if is_list(&attribute.kind) => {
                    drop(ordered.insert(attribute.name.clone(), Json::Array(Vec::new())))
                }
                None => drop(ordered.insert(attribute.name.clone(), Json::Null)),
            }
        }
        ordered.append(instance);
        *instance = ordered;
    });
}

fn collect_links(state: &Snapshot, within: &str, map: &mut StoredRow, found_links: &mut Vec<InstanceLinks>) {
    let mut each = |component: &str, instance: &mut StoredRow, id: i64| {
        for attribute in state.attributes(component).unwrap_or_default().iter().filter(|a| a.kind.is_link()) {
            if let Some(Json::Array(targets)) = instance.shift_remove(&attribute.name)
                && !targets.is_empty()
            {
                let (component, attribute) = (component.to_owned(), attribute.name.clone());
                found_links.push(InstanceLinks { instance: id, component, attribute, targets });
            }
        }
    };
    visit_instances(state, within, map, &mut each);
}
