//! Random models whose parts have identities apart from their names, edits of them, and what rows must become: found
//! through the identities, without a plan.

use cairn_model::change::*;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) type Id = u32;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    String,
    Text,
    Integer,
    BigInteger,
    Boolean,
    Json,
    RichText,
    Email,
    Uid,
    Password,
    Float,
    Decimal,
    Date,
    DateTime,
    Time,
    Enumeration,
    Blocks,
    Media(bool),
    /// Target, and whether to many. With an inverse: the id of the attribute across.
    Relation {
        target: Id,
        many: bool,
        inverse: Option<Id>,
    },
    /// Target, and the id of the attribute there that keeps the links.
    Inverse {
        target: Id,
        owner: Id,
        many: bool,
    },
    Component {
        component: Id,
        list: bool,
    },
    Zone(Vec<Id>),
}

#[derive(Debug, Clone)]
pub(crate) struct Attribute {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) hint: Option<String>,
    pub(crate) moved_into: BTreeMap<String, String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Owner {
    pub(crate) id: Id,
    pub(crate) uid: String,
    pub(crate) table: Option<String>,
    pub(crate) hint: Option<String>,
    pub(crate) attributes: Vec<Attribute>,
}

#[derive(Debug, Clone)]
pub(crate) struct Model {
    pub(crate) types: Vec<Owner>,
    pub(crate) components: Vec<Owner>,
}

/// (type, attribute, component attribute, attribute inside), by identity.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ValueMove {
    In { ty: Id, from: Id, holder: Id, inner: Id },
    Out { ty: Id, holder: Id, inner: Id, to: Id },
}

pub(crate) struct Case {
    pub(crate) before: Model,
    pub(crate) after: Model,
    pub(crate) moves: Vec<ValueMove>,
    pub(crate) answers: Answers,
    /// Nothing but names changed.
    pub(crate) names_only: bool,
}

pub(crate) const ENUMERATION: [&str; 2] = ["one", "two"];
const NAMES: [&str; 14] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n"];

pub(crate) struct ModelGenerator {
    pub(crate) rng: StdRng,
    next: Id,
}

impl ModelGenerator {
    pub(crate) fn new(seed: u64) -> Self {
        Self { rng: StdRng::seed_from_u64(seed), next: 0 }
    }

    fn next_id(&mut self) -> Id {
        self.next += 1;
        self.next
    }

    fn free_name(&mut self, used: &BTreeSet<String>) -> Option<String> {
        let free: Vec<&&str> = NAMES.iter().filter(|n| !used.contains(**n)).collect();
        free.choose(&mut self.rng).map(|n| (**n).to_owned())
    }

    fn attribute(&mut self, name: String, kind: Kind) -> Attribute {
        // A hint of long ago, used up.
        let hint =
            self.rng.random_bool(0.2).then(|| NAMES.choose(&mut self.rng).unwrap().to_string()).filter(|h| *h != name);
        Attribute { id: self.next_id(), name, kind, hint, moved_into: BTreeMap::new() }
    }

    fn scalar(&mut self) -> Kind {
        use Kind::*;
        let often = [String, Text, Integer, BigInteger, Boolean, Json, Media(false), Media(true)];
        let seldom = [RichText, Email, Uid, Password, Float, Decimal, Date, DateTime, Time, Enumeration, Blocks];
        if self.rng.random_bool(0.3) { seldom.as_slice() } else { &often }.choose(&mut self.rng).unwrap().clone()
    }

    pub(crate) fn model(&mut self) -> Model {
        let mut components: Vec<Owner> = Vec::new();
        // A component may hold those made before it.
        let count = self.rng.random_range(1..5);
        for letter in NAMES.iter().take(count) {
            let mut used = BTreeSet::new();
            let mut attributes = Vec::new();
            for _ in 0..self.rng.random_range(1..5) {
                let name = self.free_name(&used).unwrap();
                used.insert(name.clone());
                let nested = components.choose(&mut self.rng).map(|c| c.id).filter(|_| self.rng.random_bool(0.3));
                let kind = match nested {
                    Some(component) => Kind::Component { component, list: self.rng.random_bool(0.5) },
                    None => self.scalar(),
                };
                attributes.push(self.attribute(name, kind));
            }
            components.push(Owner {
                id: self.next_id(),
                uid: format!("c.{letter}"),
                table: None,
                hint: None,
                attributes,
            });
        }
        let mut types: Vec<Owner> = Vec::new();
        let count = self.rng.random_range(1..4);
        let ids: Vec<Id> = (0..count).map(|_| self.next_id()).collect();
        for (i, &id) in ids.iter().enumerate() {
            let mut used = BTreeSet::new();
            let mut attributes = Vec::new();
            for _ in 0..self.rng.random_range(2..7) {
                let name = self.free_name(&used).unwrap();
                used.insert(name.clone());
                let component = components.choose(&mut self.rng).unwrap().id;
                let kind = match self.rng.random_range(0..10) {
                    0..2 => Kind::Component { component, list: false },
                    2 => Kind::Component { component, list: true },
                    3 => {
                        let mut zone: Vec<Id> =
                            components.iter().map(|c| c.id).filter(|_| self.rng.random_bool(0.6)).collect();
                        zone.push(component);
                        zone.sort_unstable();
                        zone.dedup();
                        Kind::Zone(zone)
                    }
                    4 => Kind::Relation {
                        target: *ids.choose(&mut self.rng).unwrap(),
                        many: self.rng.random_bool(0.5),
                        inverse: None,
                    },
                    _ => self.scalar(),
                };
                attributes.push(self.attribute(name, kind));
            }
            let (uid, table) = (format!("api::{0}.{0}", NAMES[i]), Some(format!("t_{}", NAMES[i])));
            types.push(Owner { id, uid, table, hint: None, attributes });
        }
        let mut model = Model { types, components };
        // About half of the relations get another side.
        for t in 0..model.types.len() {
            for a in 0..model.types[t].attributes.len() {
                let (owner, ty) = (model.types[t].attributes[a].id, model.types[t].id);
                let Kind::Relation { target, many, .. } = model.types[t].attributes[a].kind else { continue };
                if self.rng.random_bool(0.5) {
                    continue;
                }
                let across = model.types.iter().position(|x| x.id == target).unwrap();
                let used = model.types[across].attributes.iter().map(|a| a.name.clone()).collect();
                let Some(name) = self.free_name(&used) else { continue };
                let attribute = self.attribute(name, Kind::Inverse { target: ty, owner, many });
                model.types[t].attributes[a].kind = Kind::Relation { target, many, inverse: Some(attribute.id) };
                model.types[across].attributes.push(attribute);
            }
        }
        model
    }

    /// A model and an edit of it.
    pub(crate) fn case(&mut self) -> Case {
        let before = self.model();
        let mut after = before.clone();
        let names_only = self.rng.random_bool(0.25);
        let mut moves = Vec::new();
        if !names_only {
            for _ in 0..self.rng.random_range(0..4) {
                self.drop_random_part(&mut after);
            }
            for _ in 0..self.rng.random_range(0..3) {
                self.convert_random_attribute(&mut after);
            }
            for _ in 0..self.rng.random_range(0..3) {
                self.move_random_attribute(&before, &mut after, &mut moves);
            }
            for _ in 0..self.rng.random_range(0..4) {
                self.add_random_attribute(&before, &mut after);
            }
        }
        let mut answers = Answers::default();
        self.rename_randomly(&before, &mut after, &mut answers);
        self.record_moves(&before, &mut after, &moves, &mut answers);
        Case { before, after, moves, answers, names_only }
    }

    fn drop_random_part(&mut self, model: &mut Model) {
        if self.rng.random_bool(0.1) && model.types.len() > 1 {
            let removed = model.types.remove(self.rng.random_range(0..model.types.len()));
            let points = |k: &Kind| matches!(k, Kind::Relation { target, .. } | Kind::Inverse { target, .. } if *target == removed.id);
            for ty in &mut model.types {
                ty.attributes.retain(|a| !points(&a.kind));
            }
            return;
        }
        if self.rng.random_bool(0.2) {
            // A component, and all that holds it.
            let removed = model.components.choose(&mut self.rng).map(|c| c.id);
            if let Some(removed) = removed.filter(|_| model.components.len() > 1) {
                model.components.retain(|c| c.id != removed);
                for owner in model.types.iter_mut().chain(&mut model.components) {
                    owner
                        .attributes
                        .retain(|a| !matches!(a.kind, Kind::Component { component, .. } if component == removed));
                    for attribute in &mut owner.attributes {
                        if let Kind::Zone(list) = &mut attribute.kind {
                            list.retain(|c| *c != removed);
                        }
                    }
                }
            }
            return;
        }
        let owners = model.types.len() + model.components.len();
        let i = self.rng.random_range(0..owners);
        let owner = model.types.iter_mut().chain(&mut model.components).nth(i).unwrap();
        if owner.attributes.is_empty() {
            return;
        }
        let removed = owner.attributes.remove(self.rng.random_range(0..owner.attributes.len()));
        for ty in &mut model.types {
            ty.attributes.retain(|a| !matches!(a.kind, Kind::Inverse { owner, .. } if owner == removed.id));
            for attribute in &mut ty.attributes {
                if let Kind::Relation { inverse, .. } = &mut attribute.kind
                    && *inverse == Some(removed.id)
                {
                    *inverse = None;
                }
            }
        }
    }

    fn convert_random_attribute(&mut self, model: &mut Model) {
        let owners = model.types.len() + model.components.len();
        let i = self.rng.random_range(0..owners);
        let owner = model.types.iter_mut().chain(&mut model.components).nth(i).unwrap();
        let Some(i) = (0..owner.attributes.len()).collect::<Vec<_>>().choose(&mut self.rng).copied() else { return };
        let kind = &mut owner.attributes[i].kind;
        *kind = match kind.clone() {
            Kind::String => Kind::Text,
            Kind::Integer => Kind::String,
            Kind::BigInteger => Kind::Text,
            Kind::Boolean => Kind::Integer,
            Kind::Text => Kind::Json,
            Kind::Media(false) => Kind::Media(true),
            Kind::Relation { target, many: false, inverse: None } => {
                Kind::Relation { target, many: true, inverse: None }
            }
            Kind::Component { component, list: false } => Kind::Component { component, list: true },
            other => other,
        };
    }

    fn move_random_attribute(&mut self, before: &Model, model: &mut Model, moves: &mut Vec<ValueMove>) {
        let Some(t) = (0..model.types.len()).collect::<Vec<_>>().choose(&mut self.rng).copied() else { return };
        let ty = model.types[t].id;
        let Some(was) = before.types.iter().find(|b| b.id == ty) else { return };
        let moved = |id: Id| {
            moves.iter().any(|m| match m {
                ValueMove::In { from, inner, .. } => *from == id || *inner == id,
                ValueMove::Out { ty: of, inner, to, .. } => *of == ty && *inner == id || *to == id,
            })
        };
        let holders: Vec<(Id, Id)> = model.types[t]
            .attributes
            .iter()
            .filter_map(|a| match a.kind {
                Kind::Component { component, list: false } => Some((a.id, component)),
                _ => None,
            })
            .collect();
        let Some(&(holder, component)) = holders.choose(&mut self.rng) else { return };
        if self.rng.random_bool(0.5) {
            // Into the component. Only what was there before can be moved.
            let plain = |a: &&Attribute| {
                let link = matches!(a.kind, Kind::Inverse { .. } | Kind::Zone(_) | Kind::Component { .. });
                !link && !matches!(a.kind, Kind::Relation { inverse: Some(_), .. })
            };
            let candidates: Vec<Id> = model.types[t]
                .attributes
                .iter()
                .filter(plain)
                .filter(|a| was.attributes.iter().any(|w| w.id == a.id) && !moved(a.id))
                .map(|a| a.id)
                .collect();
            let Some(&from) = candidates.choose(&mut self.rng) else { return };
            let at = model.types[t].attributes.iter().position(|a| a.id == from).unwrap();
            let inside = model.components.iter_mut().find(|c| c.id == component).unwrap();
            let used: BTreeSet<String> = self.reserved(before.components.iter().find(|c| c.id == component), inside);
            let Some(name) = self.free_name(&used) else { return };
            let removed = model.types[t].attributes.remove(at);
            let added =
                Attribute { id: self.next_id(), name, kind: removed.kind, hint: None, moved_into: BTreeMap::new() };
            moves.push(ValueMove::In { ty, from, holder, inner: added.id });
            inside.attributes.push(added);
        } else {
            // Out of it: what the component had before, and which the type held before.
            let is_holder = |w: &&Attribute| w.id == holder && matches!(w.kind, Kind::Component { list: false, .. });
            if was.attributes.iter().find(is_holder).is_none() {
                return;
            }
            let inside = before.components.iter().find(|c| c.id == component).unwrap();
            let candidates: Vec<&Attribute> = inside.attributes.iter().filter(|a| !moved(a.id)).collect();
            let Some(&inner) = candidates.choose(&mut self.rng) else { return };
            let exists = |id: Id| model.components.iter().any(|c| c.id == id);
            if matches!(inner.kind, Kind::Component { component, .. } if !exists(component)) {
                return;
            }
            let used = self.reserved(Some(was), &model.types[t]);
            let Some(name) = self.free_name(&used) else { return };
            let added = Attribute {
                id: self.next_id(),
                name,
                kind: inner.kind.clone(),
                hint: None,
                moved_into: BTreeMap::new(),
            };
            moves.push(ValueMove::Out { ty, holder, inner: inner.id, to: added.id });
            model.types[t].attributes.push(added);
            let (drops_holder, rest) = (self.rng.random_bool(0.3), self.rng.random_bool(0.5));
            if drops_holder {
                // The component attribute itself goes; nobody may move into it then.
                if !moves.iter().any(|m| matches!(m, ValueMove::In { holder: h, .. } if *h == holder)) {
                    model.types[t].attributes.retain(|a| a.id != holder);
                }
            } else if rest {
                let inside = model.components.iter_mut().find(|c| c.id == component).unwrap();
                inside.attributes.retain(|a| a.id != inner.id);
            }
        }
    }

    /// Names that a new attribute may not take: it would be taken for the old one.
    fn reserved(&self, before: Option<&Owner>, after: &Owner) -> BTreeSet<String> {
        let all = before.into_iter().chain([after]).flat_map(|o| o.attributes.iter());
        all.map(|a| a.name.clone()).collect()
    }

    fn add_random_attribute(&mut self, before: &Model, model: &mut Model) {
        let owners = model.types.len() + model.components.len();
        let i = self.rng.random_range(0..owners);
        let kind = self.scalar();
        let components: Vec<Id> = model.components.iter().map(|c| c.id).collect();
        let is_type = i < model.types.len();
        let owner = model.types.iter_mut().chain(&mut model.components).nth(i).unwrap();
        let was = before.types.iter().chain(&before.components).find(|b| b.id == owner.id);
        let used = self.reserved(was, owner);
        let Some(name) = self.free_name(&used) else { return };
        let kind = match components.choose(&mut self.rng) {
            Some(&component) if is_type && self.rng.random_bool(0.4) => Kind::Component { component, list: false },
            _ => kind,
        };
        let added = Attribute { id: self.next_id(), name, kind, hint: None, moved_into: BTreeMap::new() };
        owner.attributes.push(added);
        for attribute in &mut owner.attributes {
            if let Kind::Zone(list) = &mut attribute.kind
                && self.rng.random_bool(0.3)
            {
                list.extend(components.choose(&mut self.rng));
                list.sort_unstable();
                list.dedup();
            }
        }
    }

    /// Shuffles some names of what was there before, among themselves and with fresh ones.
    fn rename_randomly(&mut self, before: &Model, model: &mut Model, answers: &mut Answers) {
        let (types, components) = (model.types.len(), model.components.len());
        let shuffled = |rng: &mut StdRng, mut names: Vec<String>, fresh: Vec<String>| {
            names.extend(fresh);
            names.shuffle(rng);
            names
        };
        if self.rng.random_bool(0.4) && types > 0 {
            let uids = model.types.iter().map(|t| t.uid.clone()).collect();
            let tables = model.types.iter().map(|t| t.table.clone().unwrap()).collect();
            let uids = shuffled(&mut self.rng, uids, vec!["api::x.x".into(), "api::y.y".into()]);
            let tables = shuffled(&mut self.rng, tables, vec!["t_x".into()]);
            for ((ty, uid), table) in model.types.iter_mut().zip(uids).zip(tables) {
                ty.uid = uid;
                ty.table = Some(table);
            }
        }
        if self.rng.random_bool(0.4) && components > 0 {
            let uids = model.components.iter().map(|c| c.uid.clone()).collect();
            let uids = shuffled(&mut self.rng, uids, vec!["c.x".into(), "c.y".into()]);
            for (component, uid) in model.components.iter_mut().zip(uids) {
                component.uid = uid;
            }
        }
        for owner in model.types.iter_mut().chain(&mut model.components) {
            let Some(was) = before.types.iter().chain(&before.components).find(|b| b.id == owner.id) else { continue };
            let old: Vec<usize> = (0..owner.attributes.len())
                .filter(|&i| was.attributes.iter().any(|w| w.id == owner.attributes[i].id))
                .filter(|_| self.rng.random_bool(0.4))
                .collect();
            let used: BTreeSet<String> = owner.attributes.iter().map(|a| a.name.clone()).collect();
            let mut names: Vec<String> = old.iter().map(|&i| owner.attributes[i].name.clone()).collect();
            // Names of dropped ones are among the fresh.
            names.extend(self.free_name(&used));
            names.shuffle(&mut self.rng);
            for (&i, name) in old.iter().zip(names) {
                owner.attributes[i].name = name;
            }
        }
        for owner in model.types.iter_mut().chain(&mut model.components) {
            let Some(was) = before.types.iter().chain(&before.components).find(|b| b.id == owner.id) else { continue };
            if was.uid != owner.uid {
                if self.rng.random_bool(0.5) {
                    owner.hint = Some(was.uid.clone());
                } else {
                    answers.renames.insert(was.uid.clone(), Some(owner.uid.clone()));
                }
            }
            for attribute in &mut owner.attributes {
                let Some(old) = was.attributes.iter().find(|w| w.id == attribute.id) else { continue };
                if old.name == attribute.name {
                    continue;
                }
                // In files alone it could not be told from a hint that is used up.
                let stale =
                    was.attributes.iter().any(|w| w.name == attribute.name && w.hint.as_ref() == Some(&old.name));
                if self.rng.random_bool(0.5) && !stale {
                    attribute.hint = Some(old.name.clone());
                } else {
                    answers.renames.insert(format!("{}.{}", was.uid, old.name), Some(attribute.name.clone()));
                }
            }
        }
    }

    /// Says the moves: in the files or in answers.
    fn record_moves(&mut self, before: &Model, after: &mut Model, moves: &[ValueMove], answers: &mut Answers) {
        let name = |owners: &[Owner], id: Id| {
            owners.iter().flat_map(|o| &o.attributes).find(|a| a.id == id).map(|a| a.name.clone())
        };
        for moved in moves {
            let in_files = self.rng.random_bool(0.5);
            let (ValueMove::In { ty, .. } | ValueMove::Out { ty, .. }) = moved;
            let uid = before.types.iter().find(|t| t.id == *ty).unwrap().uid.clone();
            match *moved {
                ValueMove::In { from, holder, inner, .. } => {
                    let from = name(&before.types, from).unwrap();
                    let inner = name(&after.components, inner).unwrap();
                    let holder =
                        after.types.iter_mut().flat_map(|t| &mut t.attributes).find(|a| a.id == holder).unwrap();
                    if in_files {
                        holder.moved_into.insert(inner, from);
                    } else {
                        answers.moves.insert(format!("{uid}.{from}"), format!("{}.{inner}", holder.name));
                    }
                }
                ValueMove::Out { holder, inner, to, .. } => {
                    let holder = name(&before.types, holder).unwrap();
                    let inner = name(&before.components, inner).unwrap();
                    let to = after.types.iter_mut().flat_map(|t| &mut t.attributes).find(|a| a.id == to).unwrap();
                    if in_files {
                        to.hint = Some(format!("{holder}.{inner}"));
                    } else {
                        answers.moves.insert(format!("{uid}.{holder}.{inner}"), to.name.clone());
                    }
                }
            }
        }
    }

    /// A row of a type with values that occur nowhere else.
    pub(crate) fn row(&mut self, model: &Model, ty: &Owner) -> Map<String, Json> {
        let mut row = Map::new();
        for attribute in &ty.attributes {
            let value = self.value(model, &attribute.kind);
            row.insert(attribute.name.clone(), value);
        }
        row
    }

    fn value(&mut self, model: &Model, kind: &Kind) -> Json {
        let id = self.next_id();
        let none = self.rng.random_bool(0.15);
        let links =
            |n: Id| Json::Array((0..n).map(|i| json!({"type": "x", "documentId": format!("d{id}-{i}")})).collect());
        let many = self.rng.random_range(0..3);
        match kind {
            Kind::Inverse { .. } => Json::Array(Vec::new()),
            Kind::Media(list) | Kind::Relation { many: list, .. } => links(if none {
                0
            } else if *list {
                many
            } else {
                1
            }),
            Kind::Component { component, list: true } => {
                Json::Array((0..many).map(|_| self.instance(model, *component, false)).collect())
            }
            Kind::Zone(components) if components.is_empty() => json!([]),
            Kind::Zone(components) => {
                let picks: Vec<Id> = (0..many).map(|_| *components.choose(&mut self.rng).unwrap()).collect();
                Json::Array(picks.into_iter().map(|c| self.instance(model, c, true)).collect())
            }
            _ if none => Json::Null,
            Kind::Component { component, .. } => self.instance(model, *component, false),
            Kind::String | Kind::Text => json!(format!("s{id}")),
            Kind::Integer => json!(id),
            Kind::BigInteger => json!(id.to_string()),
            Kind::Boolean => json!(id.is_multiple_of(2)),
            Kind::Json => json!({ "j": id }),
            Kind::RichText | Kind::Password => json!(format!("s{id}")),
            Kind::Email => json!(format!("s{id}@b.co")),
            Kind::Uid => json!(format!("u-{id}")),
            Kind::Float => json!(f64::from(id) + 0.5),
            Kind::Decimal => json!(format!("{id}.25")),
            Kind::Date => json!(format!("2{:03}-01-02", id % 1000)),
            Kind::DateTime => json!(format!("2{:03}-01-02T03:04:05.678Z", id % 1000)),
            Kind::Time => json!(format!("{:02}:{:02}:05.678", id % 24, id % 60)),
            Kind::Enumeration => json!(ENUMERATION[id as usize % 2]),
            Kind::Blocks => json!([{"type": "paragraph", "children": [{"type": "text", "text": format!("s{id}")}]}]),
        }
    }

    fn instance(&mut self, model: &Model, component: Id, zone: bool) -> Json {
        let component = model.components.iter().find(|c| c.id == component).unwrap();
        let mut map = Map::new();
        if zone {
            map.insert("__component".into(), component.uid.clone().into());
        }
        map.insert("id".into(), self.next_id().into());
        for attribute in &component.attributes {
            let value = self.value(model, &attribute.kind);
            map.insert(attribute.name.clone(), value);
        }
        Json::Object(map)
    }
}

impl Model {
    pub(crate) fn snapshot(&self) -> Snapshot {
        let uid =
            |id: Id| self.types.iter().chain(&self.components).find(|o| o.id == id).map(|o| o.uid.clone()).unwrap();
        let across = |id: Id| {
            self.types.iter().flat_map(|t| &t.attributes).find(|a| a.id == id).map(|a| a.name.clone()).unwrap()
        };
        let kind = |kind: &Kind| match kind {
            Kind::String => KindShape::String,
            Kind::Text => KindShape::Text,
            Kind::Integer => KindShape::Integer,
            Kind::BigInteger => KindShape::BigInteger,
            Kind::Boolean => KindShape::Boolean,
            Kind::Json => KindShape::Json,
            Kind::RichText => KindShape::RichText,
            Kind::Email => KindShape::Email,
            Kind::Uid => KindShape::Uid,
            Kind::Password => KindShape::Password,
            Kind::Float => KindShape::Float,
            Kind::Decimal => KindShape::Decimal,
            Kind::Date => KindShape::Date,
            Kind::DateTime => KindShape::DateTime,
            Kind::Time => KindShape::Time,
            Kind::Enumeration => KindShape::Enumeration { values: ENUMERATION.map(Into::into).to_vec() },
            Kind::Blocks => KindShape::Blocks,
            Kind::Media(multiple) => KindShape::Media { multiple: *multiple },
            Kind::Relation { target, many, inverse } => KindShape::Relation(RelationShape {
                relation: match (many, inverse) {
                    (false, _) => RelationWord::ManyToOne,
                    (true, None) => RelationWord::OneToMany,
                    (true, Some(_)) => RelationWord::ManyToMany,
                },
                target: Some(uid(*target)),
                side: inverse.map_or(SideShape::OneWay, |id| SideShape::Owner(across(id))),
            }),
            Kind::Inverse { target, owner, many } => KindShape::Relation(RelationShape {
                relation: if *many { RelationWord::ManyToMany } else { RelationWord::OneToMany },
                target: Some(uid(*target)),
                side: SideShape::Inverse(across(*owner)),
            }),
            Kind::Component { component, list } => {
                KindShape::Component { component: uid(*component), repeatable: *list }
            }
            Kind::Zone(list) => KindShape::DynamicZone { components: list.iter().map(|c| uid(*c)).collect() },
        };
        let attribute = |a: &Attribute| AttributeShape {
            name: a.name.clone(),
            column: a.name.clone(),
            kind: kind(&a.kind),
            required: false,
            unique: false,
            localized: false,
            index: false,
            private: false,
            max_length: None,
            renamed_from: a.hint.clone(),
            moved_into: a.moved_into.clone(),
        };
        let mut types: Vec<TypeShape> = self
            .types
            .iter()
            .map(|t| TypeShape {
                uid: t.uid.clone(),
                kind: TypeKind::CollectionType,
                table: t.table.clone().unwrap(),
                singular: t.uid.clone(),
                plural: t.uid.clone(),
                draft_publish: false,
                localized: false,
                attributes: t.attributes.iter().map(attribute).collect(),
                indexes: Vec::new(),
                unique_keys: Vec::new(),
                collation: (t.attributes.len() % 3 == 1)
                    .then(|| CollationShape { order: "sv".into(), version: t.attributes.len().to_string() }),
                renamed_from: t.hint.clone(),
            })
            .collect();
        let mut components: Vec<ComponentShape> = self
            .components
            .iter()
            .map(|c| ComponentShape {
                uid: c.uid.clone(),
                attributes: c.attributes.iter().map(attribute).collect(),
                renamed_from: c.hint.clone(),
            })
            .collect();
        types.sort_by(|a, b| a.uid.cmp(&b.uid));
        components.sort_by(|a, b| a.uid.cmp(&b.uid));
        Snapshot { format: SNAPSHOT_FORMAT, types, components }
    }
}
