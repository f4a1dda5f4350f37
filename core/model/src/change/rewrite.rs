//! Values through a change: what a step does to one row.
//!
//! A row is its attributes by name in their stored form ([`crate::stored`]); links are lists where the host has them
//! there, and left alone where it has not. What concerns several rows at once (unique values, locales, drafts) is the
//! store's.

use super::answers::Decision;
use super::convert::{Conversion, Why, convert, cut};
use super::snapshot::{KindShape, Snapshot, is_type};
use super::step::{Change, Class, Step};
use serde_json::{Map, Value as Json};

/// A row's attributes by name.
pub type Row = Map<String, Json>;

/// What a row needs from outside, and what it has to tell.
pub trait Host {
    /// The id of a new instance, unique in the database.
    fn instance_id(&mut self) -> i64;
    /// A value that goes: for the trash. `place` is `uid.attribute`; of a component instance the id is given too.
    fn gone(&mut self, step: &Step, place: &str, instance: Option<i64>, value: &Json);
    /// A value that does not fit. The value stays; the change must not be committed.
    fn refused(&mut self, step: &Step, place: &str, instance: Option<i64>, why: &Why);
}

/// The steps of a plan, with the shape that each of them finds.
#[derive(Debug)]
pub struct Rewriter<'a> {
    steps: Vec<(&'a Step, Snapshot)>,
    last: Snapshot,
}

impl<'a> Rewriter<'a> {
    /// Of the steps from `before` on.
    pub fn new(before: &Snapshot, steps: &'a [Step]) -> Self {
        let mut state = before.clone();
        let mut list = Vec::new();
        for step in steps {
            if !is_silent(&step.change) {
                list.push((step, state.clone()));
            }
            state.apply(&step.change);
        }
        Self { steps: list, last: state }
    }

    /// Whether a row of that type (old uid) can come out of [`Self::row`] otherwise than with other names of its own
    /// attributes, or without some: whether the store has to look at every row.
    pub fn looks_at_rows(&self, uid: &str) -> bool {
        self.uids(uid).any(|(step, state, uid)| match &step.change {
            Change::Convert { owner, conversion, .. } if owner == uid => changes_values(conversion),
            Change::MoveIn { uid: owner, .. } | Change::MoveOut { uid: owner, .. } => owner == uid,
            Change::DropZoneComponent { owner, .. } => owner == uid,
            Change::RenameComponent { from, .. } => reaches(state, uid, from),
            Change::RenameAttribute { owner, .. }
            | Change::DropAttribute { owner, .. }
            | Change::Convert { owner, .. } => !is_type(owner) && reaches(state, uid, owner),
            _ => false,
        })
    }

    /// Takes a row of a type (old uid) through all steps.
    pub fn row(&self, uid: &str, row: &mut Row, host: &mut dyn Host) {
        let mut now = uid;
        for (step, state, uid) in self.uids(uid) {
            step_row(state, step, uid, row, host);
            now = uid;
        }
        if let Some((last, _)) = self.steps.last()
            && let Change::RenameType { from, to } = &last.change
            && from == now
        {
            now = to;
        }
        in_order(&self.last, now, row);
    }

    /// The steps, with the uid that an old type has at each.
    fn uids<'s>(&'s self, old: &'s str) -> impl Iterator<Item = (&'a Step, &'s Snapshot, &'s str)> {
        let mut uid: &'s str = old;
        self.steps.iter().map(move |(step, state)| {
            let step: &'a Step = step;
            let at = uid;
            if let Change::RenameType { from, to } = &step.change
                && from == uid
            {
                uid = to;
            }
            (step, state, at)
        })
    }
}

/// What changes no row.
fn is_silent(change: &Change) -> bool {
    matches!(
        change,
        Change::AddType { .. }
            | Change::AddComponent { .. }
            | Change::AddAttribute { .. }
            | Change::DropComponent { .. }
            | Change::RenameTable { .. }
            | Change::Required { .. }
            | Change::Unique { .. }
            | Change::Localized { .. }
            | Change::Index { .. }
            | Change::Indexes { .. }
            | Change::DraftPublish { .. }
            | Change::TypeLocalized { .. }
    )
}

/// Whether stored values are written anew. False where only the rules differ, or where links are kept (the store moves
/// those as a whole).
pub fn changes_values(conversion: &Conversion) -> bool {
    use KindShape::*;
    let text = |kind: &KindShape| matches!(kind, String | Text | RichText | Email | Uid | Enumeration { .. });
    match (&conversion.from, &conversion.to) {
        (a, b) if a == b || a.is_link() || b.is_link() => false,
        (DynamicZone { .. }, DynamicZone { .. }) => false,
        (Blocks, Json) => false,
        // What is too long, or none of the values, has to be found.
        (a, b) if text(a) && text(b) => {
            conversion.max_length.is_some() || matches!(b, Email | Uid | Enumeration { .. })
        }
        _ => true,
    }
}

fn reaches(state: &Snapshot, uid: &str, component: &str) -> bool {
    let prefix = format!("{uid}.");
    state.used_in(component).iter().any(|place| place.starts_with(&prefix))
}

/// Does one step to a row of the type `uid`, in the shape that the step finds.
fn step_row(state: &Snapshot, step: &Step, uid: &str, row: &mut Row, host: &mut dyn Host) {
    match &step.change {
        Change::RenameAttribute { owner, from, to } => {
            let mut rename = |map: &mut Row, _: Option<i64>, _: &mut dyn Host| {
                if let Some(value) = map.shift_remove(&from.name) {
                    map.insert(to.name.clone(), value);
                }
            };
            in_owner(state, owner, uid, row, host, &mut rename);
        }
        Change::DropAttribute { owner, attribute, original } => {
            let name = original.as_deref().unwrap_or(&attribute.name);
            let mut remove = |map: &mut Row, instance: Option<i64>, host: &mut dyn Host| {
                // What a move emptied has nothing but ids left.
                let gone =
                    |value: &Json| if step.class == Class::Move { has_values(value) } else { !is_nothing(value) };
                if let Some(value) = map.shift_remove(&attribute.name)
                    && gone(&value)
                {
                    host.gone(step, &format!("{owner}.{name}"), instance, &value);
                }
            };
            in_owner(state, owner, uid, row, host, &mut remove);
        }
        Change::DropZoneComponent { owner, attribute, component } if owner == uid => {
            if let Some(Json::Array(list)) = row.get_mut(attribute) {
                list.retain(|instance| {
                    let goes = instance.get("__component").and_then(Json::as_str) == Some(component);
                    if goes {
                        host.gone(step, &format!("{owner}.{attribute}"), id_of(instance), instance);
                    }
                    !goes
                });
            }
        }
        Change::RenameComponent { from, to } => {
            for zone in state.attributes(uid).unwrap_or_default() {
                let KindShape::DynamicZone { .. } = zone.kind else { continue };
                let Some(Json::Array(list)) = row.get_mut(&zone.name) else { continue };
                let named = list.iter_mut().filter_map(|instance| instance.get_mut("__component"));
                named.filter(|name| name.as_str() == Some(from)).for_each(|name| *name = to.as_str().into());
            }
        }
        Change::Convert { owner, attribute, conversion, decision } => {
            let mut to_kind = |map: &mut Row, instance: Option<i64>, host: &mut dyn Host| {
                if let Some(value) = map.get_mut(attribute) {
                    let place = format!("{owner}.{attribute}");
                    decided(step, &place, instance, conversion, *decision, value, host);
                }
            };
            in_owner(state, owner, uid, row, host, &mut to_kind);
        }
        Change::MoveIn { uid: owner, from, component, to } if owner == uid => {
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
        Change::MoveOut { uid: owner, component, from, attribute } if owner == uid => {
            let inside = row.get_mut(component).and_then(Json::as_object_mut).and_then(|map| map.shift_remove(from));
            row.insert(attribute.name.clone(), inside.unwrap_or(Json::Null));
        }
        _ => {}
    }
}

/// Null, or an empty list: nothing that could be lost.
fn is_nothing(value: &Json) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

/// Whether there is anything but ids in it.
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

fn id_of(instance: &Json) -> Option<i64> {
    instance.get("id").and_then(Json::as_i64)
}

fn decided(
    step: &Step,
    place: &str,
    instance: Option<i64>,
    conversion: &Conversion,
    decision: Decision,
    value: &mut Json,
    host: &mut dyn Host,
) {
    let why = match convert(conversion, value) {
        Ok(fits) => {
            *value = fits;
            return;
        }
        Err(why) => why,
    };
    let instead = match decision {
        Decision::Cut => cut(conversion, value),
        Decision::Null => Ok(Json::Null),
        Decision::Fail | Decision::Keep | Decision::Drop => Err(why),
    };
    match instead {
        Ok(instead) => {
            host.gone(step, place, instance, value);
            *value = match instead {
                Json::Null if is_list(&conversion.to) => Json::Array(Vec::new()),
                other => other,
            };
        }
        Err(why) => host.refused(step, place, instance, &why),
    }
}

/// Whether nothing is an empty list.
fn is_list(kind: &KindShape) -> bool {
    kind.is_link() || matches!(kind, KindShape::Component { repeatable: true, .. } | KindShape::DynamicZone { .. })
}

type Visit<'v> = dyn FnMut(&mut Row, Option<i64>, &mut dyn Host) + 'v;

/// Shows `visit` the row itself, or every instance of the component in it.
fn in_owner(state: &Snapshot, owner: &str, uid: &str, row: &mut Row, host: &mut dyn Host, visit: &mut Visit<'_>) {
    if is_type(owner) {
        if owner == uid {
            visit(row, None, host);
        }
        return;
    }
    if reaches(state, uid, owner) {
        instances(state, uid, row, owner, host, visit);
    }
}

/// Nested as deep as components may be: the loader sees to that.
fn instances(state: &Snapshot, within: &str, map: &mut Row, wanted: &str, host: &mut dyn Host, visit: &mut Visit<'_>) {
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
            instances(state, &component, instance, wanted, host, visit);
            if component == wanted {
                let id = instance.get("id").and_then(Json::as_i64);
                visit(instance, id, host);
            }
        }
    }
}

/// Keys of instances as [`crate::stored`] writes them: `__component`, `id`, then in the order of the schema.
fn in_order(state: &Snapshot, within: &str, map: &mut Row) {
    for attribute in state.attributes(within).unwrap_or_default() {
        let Some(value) = map.get_mut(&attribute.name) else { continue };
        let list: &mut [Json] = match value {
            Json::Array(list) => list,
            one => std::slice::from_mut(one),
        };
        for value in list {
            let Json::Object(instance) = value else { continue };
            let component = match &attribute.kind {
                KindShape::Component { component, .. } => component.clone(),
                KindShape::DynamicZone { .. } => {
                    instance.get("__component").and_then(Json::as_str).unwrap_or_default().to_owned()
                }
                _ => continue,
            };
            in_order(state, &component, instance);
            let mut ordered = Map::new();
            let names = state.attributes(&component).unwrap_or_default();
            for key in ["__component", "id"].into_iter().chain(names.iter().map(|a| a.name.as_str())) {
                if let Some(value) = instance.shift_remove(key) {
                    ordered.insert(key.to_owned(), value);
                }
            }
            ordered.append(instance);
            *instance = ordered;
        }
    }
}
