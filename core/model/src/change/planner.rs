//! Turns a matching into steps, in an order in which every name is free when it is taken.
//!
//! 1. Content without a destination is moved to the trash.
//! 2. Types, tables and components get their new names.
//! 3. So do attributes; one that is in the way of another, and cannot be dropped yet, is set aside.
//! 4. New things are added.
//! 5. Kinds are converted.
//! 6. Values are moved.
//! 7. Their old attributes are dropped.
//! 8. Rules and indexes are changed.

use super::answers::{Answers, Decision};
use super::convert::Conversion;
use super::kinds::{Fit, fit};
use super::matching::{Matching, Move, Way, decision, matching, problem};
use super::sentence::sentence;
use super::snapshot::*;
use super::step::*;
use std::collections::{BTreeMap, BTreeSet};

/// The steps from one model to another.
///
/// The result depends only on the three values: equal values have the same plan, with the same hash.
pub fn plan(before: &Snapshot, after: &Snapshot, answers: &Answers) -> Plan {
    // The common case, at every start.
    let same = before == after && *answers == Answers::default();
    let mut m = if same { Matching::default() } else { matching(before, after, answers) };
    let mut plan = Plan {
        before: before.hash(),
        after: after.hash(),
        steps: Vec::new(),
        questions: std::mem::take(&mut m.questions),
        problems: std::mem::take(&mut m.problems),
        warnings: std::mem::take(&mut m.warnings),
    };
    if answers.before.as_ref().is_some_and(|given| *given != plan.before) {
        let message = "the answers belong to an earlier plan, and the database has changed since then: review the plan and \
             answer again";
        plan.problems.push(problem("the answers", message));
    }
    if plan.problems.is_empty() && !same {
        let mut planner = Planner::new(before, after, answers, &m);
        planner.all();
        let idle = answers.decisions.keys().filter(|key| !planner.decided.contains(*key));
        let idle = idle.map(|key| problem(key, "this change needs no decision here; ignoring the decision"));
        plan.warnings.extend(idle);
        plan.steps = planner.steps;
        plan.problems = planner.problems;
        planner.state.settle(after);
        let mut goal = after.clone();
        goal.sort();
        // Better no change than one that ends elsewhere.
        if plan.problems.is_empty() && planner.state != goal {
            plan.problems.push(problem(
                "the plan",
                "the steps do not lead to the schema in the files; this is a bug in Cairn, please report it",
            ));
        }
    }
    plan
}

struct Planner<'a> {
    before: &'a Snapshot,
    after: &'a Snapshot,
    answers: &'a Answers,
    m: &'a Matching,
    state: Snapshot,
    steps: Vec<Step>,
    problems: Vec<Problem>,
    ids: BTreeSet<String>,
    asides: usize,
    /// Present name of an old attribute, if that is neither its old nor its new name: (new owner, old name).
    aside: BTreeMap<(String, String), String>,
    /// The same for components without a destination, by old uid.
    component_aside: BTreeMap<String, String>,
    /// Keys of the decisions that were used.
    decided: BTreeSet<String>,
}

impl<'a> Planner<'a> {
    fn new(before: &'a Snapshot, after: &'a Snapshot, answers: &'a Answers, m: &'a Matching) -> Self {
        Self {
            before,
            after,
            answers,
            m,
            state: before.clone(),
            steps: Vec::new(),
            problems: Vec::new(),
            ids: BTreeSet::new(),
            asides: 0,
            aside: BTreeMap::new(),
            component_aside: BTreeMap::new(),
            decided: m.decided.clone(),
        }
    }

    fn all(&mut self) {
        self.drops();
        self.rename_types();
        self.rename_tables();
        self.rename_components();
        for (new, _) in self.owners() {
            self.rename_attributes(&new);
        }
        self.additions();
        self.conversions();
        for moved in &self.m.moves {
            self.move_values(moved);
        }
        self.leftovers();
        self.rules();
    }

    fn emit(&mut self, class: Class, origin: Origin, change: Change) {
        let base = super::sentence::id(&change);
        let mut id = base.clone();
        let mut n = 2;
        while !self.ids.insert(id.clone()) {
            id = format!("{base}#{n}");
            n += 1;
        }
        let sentence = sentence(&change, class);
        self.state.apply(&change);
        self.steps.push(Step { id, class, origin, sentence, change });
    }

    fn files(&mut self, class: Class, change: Change) {
        self.emit(class, Origin::Files, change);
    }

    /// Owners that stay, as (new uid, old uid): types first.
    fn owners(&self) -> Vec<(String, String)> {
        self.m.types.iter().chain(&self.m.components).map(|(new, (old, _))| (new.clone(), old.clone())).collect()
    }

    fn is_kept(&self, old: &str) -> bool {
        let sources = if is_type(old) { &self.m.types } else { &self.m.components };
        sources.values().any(|(from, _)| from == old)
    }

    fn is_source(&self, owner: &str, old: &str) -> bool {
        self.m.attributes.get(owner).is_some_and(|sources| sources.values().any(|(from, _)| from == old))
    }

    /// Whether values of an attribute still have to be moved: the attribute itself into a component, or something out of the component
    /// that it holds or belongs to.
    fn is_awaited(&self, owner: &str, old_owner: &str, old: &str) -> bool {
        self.m.moves.iter().any(|moved| match &moved.way {
            Way::In { from, .. } => moved.uid == owner && from == old,
            Way::Out { component, from, .. } if is_type(owner) => {
                moved.uid == owner && component == old && !from.is_empty()
            }
            Way::Out { component, from, .. } => {
                from == old && self.holds(&moved.uid, component).as_deref() == Some(old_owner)
            }
        })
    }

    /// The component (old uid) that the old attribute of a type (new uid) holds.
    fn holds(&self, uid: &str, attribute: &str) -> Option<String> {
        let (old, _) = self.m.types.get(uid)?;
        match &self.before.attribute(old, attribute)?.kind {
            KindShape::Component { component, .. } => Some(component.clone()),
            _ => None,
        }
    }

    // 1 -------------------------------------------------------------------------------------------------------------

    fn drops(&mut self) {
        let mut owners = self.owners();
        owners.sort_by_key(|(_, old)| !is_type(old));
        for (new, old) in owners {
            for attribute in self.before.attributes(&old).unwrap_or_default() {
                if !self.is_source(&new, &attribute.name) && !self.is_awaited(&new, &old, &attribute.name) {
                    self.drop_attribute(&old, &attribute.name, None);
                }
            }
            let Some(sources) = self.m.attributes.get(&new) else { continue };
            for (new_name, (old_name, _)) in sources {
                let (Some(was), Some(is)) =
                    (self.before.attribute(&old, old_name), self.after.attribute(&new, new_name))
                else {
                    continue;
                };
                let (KindShape::DynamicZone { components: held }, KindShape::DynamicZone { components: takes }) =
                    (&was.kind, &is.kind)
                else {
                    continue;
                };
                for component in held {
                    let to = self.m.components.iter().find(|(_, (from, _))| from == component).map(|(new, _)| new);
                    if to.is_none_or(|to| !takes.contains(to)) {
                        let (owner, attribute, component) = (old.clone(), old_name.clone(), component.clone());
                        self.files(Class::Drop, Change::DropZoneComponent { owner, attribute, component });
                    }
                }
            }
        }
        for ty in &self.before.types {
            if !self.is_kept(&ty.uid) {
                let content_type = self.state.content_type(&ty.uid).unwrap_or(ty).clone();
                self.files(Class::Drop, Change::DropType { content_type });
            }
        }
        // Components that nothing holds any more; each may free another that it held.
        while let Some(gone) = self.before.components.iter().find(|c| self.is_free(&c.uid)) {
            self.forget(&gone.uid.clone());
        }
    }

    /// Whether a component without a destination still exists, and nothing holds it.
    fn is_free(&self, uid: &str) -> bool {
        !self.is_kept(uid) && self.state.component(uid).is_some() && self.state.holders(uid).is_empty()
    }

    fn forget(&mut self, uid: &str) {
        if let Some(component) = self.state.component(uid).cloned() {
            self.files(Class::Add, Change::DropComponent { component });
        }
    }

    fn drop_attribute(&mut self, owner: &str, name: &str, original: Option<String>) {
        let Some(attribute) = self.state.attribute(owner, name).cloned() else { return };
        let class = if !is_type(owner) && self.state.used_in(owner).is_empty() { Class::Add } else { Class::Drop };
        self.files(class, Change::DropAttribute { owner: owner.to_owned(), attribute, original });
    }

    // 2 -------------------------------------------------------------------------------------------------------------

    fn rename_types(&mut self) {
        let pairs = self.m.types.iter().filter(|(new, (old, _))| *new != old);
        let pairs = pairs.map(|(new, (old, origin))| (old.clone(), new.clone(), *origin)).collect();
        let taken = |s: &Self, name: &str| s.state.content_type(name).is_some();
        self.rename_in_order(pairs, taken, |n| format!("{ASIDE}::{n}.{n}"), |from, to| Change::RenameType { from, to });
    }

    fn rename_components(&mut self) {
        // Those whose values are still to be moved out must not stand in the way of new ones.
        for component in &self.before.components {
            let uid = &component.uid;
            if !self.is_kept(uid) && self.state.component(uid).is_some() && self.after.component(uid).is_some() {
                self.asides += 1;
                let to = format!("{ASIDE}.{}", self.asides);
                self.files(Class::Rename, Change::RenameComponent { from: uid.clone(), to: to.clone() });
                self.component_aside.insert(uid.clone(), to);
            }
        }
        let pairs = self.m.components.iter().filter(|(new, (old, _))| *new != old);
        let pairs = pairs.map(|(new, (old, origin))| (old.clone(), new.clone(), *origin)).collect();
        let taken = |s: &Self, name: &str| s.state.component(name).is_some();
        self.rename_in_order(pairs, taken, |n| format!("{ASIDE}.{n}"), |from, to| Change::RenameComponent { from, to });
    }

    /// Renames tables. Case makes no difference to their names.
    fn rename_tables(&mut self) {
        let mut uids = BTreeMap::new();
        let mut pairs = Vec::new();
        for uid in self.m.types.keys() {
            let (Some(was), Some(is)) = (self.state.content_type(uid), self.after.content_type(uid)) else { continue };
            if was.table != is.table {
                uids.insert(was.table.clone(), uid.clone());
                pairs.push((was.table.clone(), is.table.clone(), Origin::Files));
            }
        }
        let taken = |s: &Self, name: &str| s.state.types.iter().any(|t| t.table.eq_ignore_ascii_case(name));
        let make = |from: String, to: String| {
            let uid = uids.get(&from).cloned().unwrap_or_default();
            if to.starts_with("cairn_aside") {
                uids.insert(to.clone(), uid.clone());
            }
            Change::RenameTable { uid, from, to }
        };
        self.rename_in_order(pairs, taken, |n| format!("cairn_aside_{n}"), make);
    }

    /// Renames each thing when its new name is free; if none is, sets one aside.
    fn rename_in_order(
        &mut self,
        mut pairs: Vec<(String, String, Origin)>,
        taken: impl Fn(&Self, &str) -> bool,
        aside: impl Fn(usize) -> String,
        mut change: impl FnMut(String, String) -> Change,
    ) {
        while !pairs.is_empty() {
            if let Some(free) = pairs.iter().position(|(_, to, _)| !taken(self, to)) {
                let (from, to, origin) = pairs.remove(free);
                self.emit(Class::Rename, origin, change(from, to));
                continue;
            }
            // Whose place is wanted goes first; it is one of them, for what is dropped is gone already.
            let wanted = pairs[0].1.clone();
            let in_the_way = pairs.iter().position(|(from, ..)| from.eq_ignore_ascii_case(&wanted));
            let Some(i) = in_the_way else {
                let (from, to, _) = pairs.remove(0);
                self.problems.push(problem(from, format!("cannot become `{to}`: this name is already taken")));
                continue;
            };
            self.asides += 1;
            let name = aside(self.asides);
            let from = std::mem::replace(&mut pairs[i].0, name.clone());
            let origin = pairs[i].2;
            self.emit(Class::Rename, origin, change(from, name));
        }
    }

    // 3 -------------------------------------------------------------------------------------------------------------

    fn rename_attributes(&mut self, owner: &str) {
        let (Some(sources), Some(is)) = (self.m.attributes.get(owner), self.after.attributes(owner)) else { return };
        let named = |name: &str| is.iter().find(|a| a.name == name).map(Named::of);
        let mut pairs: Vec<(String, Named, Origin)> = sources
            .iter()
            .filter(|(new, (old, _))| *new != old)
            .filter_map(|(new, (old, origin))| Some((old.clone(), named(new)?, *origin)))
            .collect();
        // What is still awaited by a move, or goes afterwards, must not stand in the way of anything new.
        for attribute in self.state.attributes(owner).unwrap_or_default().to_vec() {
            let name = &attribute.name;
            let stays = sources.values().any(|(old, _)| old == name);
            let wanted = is.iter().any(|a| a.name == *name || a.column == attribute.column);
            if !stays && wanted {
                let to = self.set_aside(owner, name, Origin::Files);
                self.aside.insert((owner.to_owned(), name.clone()), to);
            }
        }
        while !pairs.is_empty() {
            let free = |(from, to, _): &(String, Named, Origin)| {
                let others = self.state.attributes(owner).unwrap_or_default().iter().filter(|a| a.name != *from);
                others.clone().all(|a| a.name != to.name && a.column != to.column)
            };
            if let Some(i) = pairs.iter().position(free) {
                let (from, to, origin) = pairs.remove(i);
                let Some(from) = self.state.attribute(owner, &from).map(Named::of) else { continue };
                self.emit(Class::Rename, origin, Change::RenameAttribute { owner: owner.to_owned(), from, to });
                continue;
            }
            let wanted = pairs[0].1.clone();
            let blocks = |from: &String| {
                let at = self.state.attribute(owner, from);
                at.is_some_and(|a| a.name == wanted.name || a.column == wanted.column)
            };
            let first = pairs[0].0.clone();
            let Some(i) = pairs.iter().position(|(from, ..)| *from != first && blocks(from)) else {
                let (from, to, _) = pairs.remove(0);
                let place = format!("{owner}.{from}");
                self.problems.push(problem(place, format!("cannot become `{}`: this name is already taken", to.name)));
                continue;
            };
            let (from, origin) = (pairs[i].0.clone(), pairs[i].2);
            pairs[i].0 = self.set_aside(owner, &from, origin);
        }
    }

    fn set_aside(&mut self, owner: &str, name: &str, origin: Origin) -> String {
        self.asides += 1;
        let to = format!("{ASIDE}{}", self.asides);
        if let Some(from) = self.state.attribute(owner, name).map(Named::of) {
            let named = Named { name: to.clone(), column: format!("{ASIDE}_{}", self.asides) };
            self.emit(Class::Rename, origin, Change::RenameAttribute { owner: owner.to_owned(), from, to: named });
        }
        to
    }

    // 4 -------------------------------------------------------------------------------------------------------------

    fn additions(&mut self) {
        for component in &self.after.components {
            if !self.m.components.contains_key(&component.uid) {
                self.files(Class::Add, Change::AddComponent { component: component.clone() });
            }
        }
        for content_type in &self.after.types {
            if !self.m.types.contains_key(&content_type.uid) {
                self.files(Class::Add, Change::AddType { content_type: content_type.clone() });
            }
        }
        for (owner, _) in self.owners() {
            let Some(sources) = self.m.attributes.get(&owner) else { continue };
            for attribute in self.after.attributes(&owner).unwrap_or_default() {
                let moved = |m: &Move| m.uid == owner && matches!(&m.way, Way::Out { to, .. } if *to == attribute.name);
                if !sources.contains_key(&attribute.name) && !self.m.moves.iter().any(moved) {
                    let attribute = self.added(&owner, attribute);
                    self.files(Class::Add, Change::AddAttribute { owner: owner.clone(), attribute });
                }
            }
        }
    }

    /// An attribute as it is when it is added: one value for all locales if its type has no locales yet.
    fn added(&self, owner: &str, attribute: &AttributeShape) -> AttributeShape {
        let localized = |s: &Snapshot| s.content_type(owner).is_some_and(|t| t.localized);
        let toggled = localized(&self.state) != localized(self.after);
        AttributeShape { localized: attribute.localized && !toggled, ..attribute.clone() }
    }

    // 5 -------------------------------------------------------------------------------------------------------------

    fn conversions(&mut self) {
        for (owner, old_owner) in self.owners() {
            let Some(sources) = self.m.attributes.get(&owner) else { continue };
            for (new, (old, _)) in sources {
                if let Some(is) = self.after.attribute(&owner, new) {
                    self.convert(&owner, new, is, &format!("{old_owner}.{old}"));
                }
            }
        }
    }

    /// Converts an attribute, given by its present name, to the kind of `like`.
    fn convert(&mut self, owner: &str, name: &str, like: &AttributeShape, old_place: &str) {
        let Some(was) = self.state.attribute(owner, name) else { return };
        if was.kind == like.kind {
            return;
        }
        let place = format!("{owner}.{}", like.name);
        let (key, decision) = decision(self.answers, &place, old_place);
        self.decided.insert(key.to_owned());
        let class = match fit(was, like) {
            Fit::Same => Class::Add,
            Fit::Lossless | Fit::Tried => Class::Convert,
            Fit::Impossible(why) => return self.problems.push(problem(place, why)),
        };
        if !matches!(decision, Decision::Fail | Decision::Null | Decision::Cut) && class == Class::Convert {
            return self.problems.push(refused(place, decision, "fail, null, cut, drop"));
        }
        let decision = if class == Class::Add { Decision::Fail } else { decision };
        let conversion = Conversion { from: was.kind.clone(), to: like.kind.clone(), max_length: like.max_length };
        let (owner, attribute) = (owner.to_owned(), name.to_owned());
        let origin = if decision == Decision::Fail { Origin::Files } else { Origin::Answer };
        self.emit(class, origin, Change::Convert { owner, attribute, conversion, decision });
    }

    // 6 -------------------------------------------------------------------------------------------------------------

    /// Present name of an old attribute of an owner (new uid).
    fn now(&self, owner: &str, old: &str) -> String {
        if let Some(aside) = self.aside.get(&(owner.to_owned(), old.to_owned())) {
            return aside.clone();
        }
        let renamed = self.m.attributes.get(owner).and_then(|s| s.iter().find(|(_, (from, _))| from == old));
        renamed.map_or_else(|| old.to_owned(), |(new, _)| new.clone())
    }

    fn move_values(&mut self, moved: &Move) {
        let uid = &moved.uid;
        let Some((old_uid, _)) = self.m.types.get(uid).cloned() else { return };
        match &moved.way {
            Way::In { from: old, component, to } => {
                let from = self.now(uid, old);
                let Some(holder) = self.state.attribute(uid, component).cloned() else { return };
                let KindShape::Component { component: inside, .. } = &holder.kind else { return };
                let Some(like) = self.state.attribute(inside, to).cloned() else { return };
                let one_for_all = self.state.attribute(uid, &from).is_some_and(|a| a.localized) && !holder.localized;
                let stays = |s: &Snapshot| s.content_type(uid).is_some_and(|t| t.localized);
                if one_for_all && stays(&self.state) && stays(self.after) {
                    self.localized(uid, &from, false, &format!("{old_uid}.{old}"));
                }
                let named = AttributeShape { name: format!("{component}.{to}"), ..like };
                self.convert(uid, &from, &named, &format!("{old_uid}.{old}"));
                let Some(from) = self.state.attribute(uid, &from).map(Named::of) else { return };
                let (uid, component, to) = (uid.clone(), component.clone(), to.clone());
                self.emit(Class::Move, moved.origin, Change::MoveIn { uid, from, component, to });
            }
            Way::Out { component: old, from: inner, to } => {
                let component = self.now(uid, old);
                let Some(holder) = self.state.attribute(uid, &component) else { return };
                let KindShape::Component { component: inside, .. } = &holder.kind else { return };
                let from = self.now(inside, inner);
                let Some(is) = self.after.attribute(uid, to) else { return };
                let Some(was) = self.state.attribute(inside, &from) else { return };
                let attribute = AttributeShape {
                    name: is.name.clone(),
                    column: is.column.clone(),
                    kind: was.kind.clone(),
                    required: false,
                    unique: false,
                    localized: holder.localized,
                    index: false,
                    private: is.private,
                    max_length: was.max_length,
                    renamed_from: None,
                    moved_into: BTreeMap::new(),
                };
                let change = Change::MoveOut { uid: uid.clone(), component, from, attribute };
                self.emit(Class::Move, moved.origin, change);
                self.convert(uid, to, is, &format!("{old_uid}.{old}.{inner}"));
            }
        }
    }

    // 7 -------------------------------------------------------------------------------------------------------------

    fn leftovers(&mut self) {
        for (new, old) in self.owners() {
            for attribute in self.before.attributes(&old).unwrap_or_default() {
                let name = &attribute.name;
                if self.is_source(&new, name) || !self.is_awaited(&new, &old, name) {
                    continue;
                }
                let now = self.now(&new, name);
                let Some(left) = self.state.attribute(&new, &now).cloned() else { continue };
                let original = (now != *name).then(|| name.clone());
                if self.is_emptied(&new, &old, name) {
                    let change = Change::DropAttribute { owner: new.clone(), attribute: left, original };
                    self.files(Class::Move, change);
                } else {
                    self.drop_attribute(&new, &now, original);
                }
            }
        }
        for component in &self.before.components {
            if !self.is_kept(&component.uid) {
                let now = self.component_aside.get(&component.uid).unwrap_or(&component.uid).clone();
                self.forget(&now);
            }
        }
    }

    /// Whether everything that an old attribute held has been moved: for a component attribute, everything inside; for an attribute of a
    /// component, wherever the component is used.
    fn is_emptied(&self, owner: &str, old_owner: &str, name: &str) -> bool {
        let moved = |uid: &str, holder: &str, inner: &str| {
            self.m.moves.iter().any(|m| {
                m.uid == uid
                    && matches!(&m.way, Way::Out { component, from, .. } if component == holder && from == inner)
            })
        };
        if is_type(owner) {
            let Some(inside) = self.holds(owner, name) else { return false };
            return self.before.attributes(&inside).unwrap_or_default().iter().all(|a| moved(owner, name, &a.name));
        }
        self.before.holders(old_owner).into_iter().all(|(holder, attribute)| {
            let uid = self.m.types.iter().find(|(_, (old, _))| old == holder).map(|(new, _)| new);
            uid.is_some_and(|uid| moved(uid, &attribute.name, name))
        })
    }

    // 8 -------------------------------------------------------------------------------------------------------------

    fn rules(&mut self) {
        for (uid, (old_uid, _)) in &self.m.types {
            let (Some(was), Some(is)) = (self.state.content_type(uid).cloned(), self.after.content_type(uid)) else {
                continue;
            };
            if was.draft_publish != is.draft_publish {
                let class = if is.draft_publish { Class::Convert } else { Class::Drop };
                self.files(class, Change::DraftPublish { uid: uid.clone(), on: is.draft_publish });
            }
            if was.localized != is.localized {
                let class = if is.localized { Class::Convert } else { Class::Drop };
                let attributes = is.attributes.iter().filter(|a| a.localized).map(|a| a.name.clone()).collect();
                self.files(class, Change::TypeLocalized { uid: uid.clone(), on: is.localized, attributes });
            }
            for attribute in &is.attributes {
                self.attribute_rules(uid, old_uid, attribute);
            }
            let indexes = self.state.content_type(uid).map(|t| t.indexes.clone()).unwrap_or_default();
            if indexes != is.indexes {
                self.files(Class::Add, Change::Indexes { owner: uid.clone(), indexes: is.indexes.clone() });
            }
            let keys = self.state.content_type(uid).map(|t| t.unique_keys.clone()).unwrap_or_default();
            if keys != is.unique_keys {
                let is_new = is.unique_keys.iter().any(|key| !keys.contains(key));
                let class = if is_new { Class::Check } else { Class::Add };
                self.files(class, Change::UniqueKeys { owner: uid.clone(), keys: is.unique_keys.clone() });
            }
        }
        for (uid, (old_uid, _)) in &self.m.components {
            for attribute in self.after.attributes(uid).unwrap_or_default() {
                self.required(uid, old_uid, attribute);
            }
        }
    }

    fn attribute_rules(&mut self, uid: &str, old_uid: &str, is: &AttributeShape) {
        let Some(was) = self.state.attribute(uid, &is.name).cloned() else { return };
        let old_place = self.old_place(uid, old_uid, &is.name);
        let (owner, attribute) = (uid.to_owned(), is.name.clone());
        // Inverse relations have no values of their own.
        if was.localized != is.localized && !is.is_inverse() {
            self.localized(uid, &is.name, is.localized, &old_place);
        }
        self.required(uid, old_uid, is);
        if was.unique != is.unique {
            let class = if is.unique { Class::Check } else { Class::Add };
            self.files(class, Change::Unique { owner: owner.clone(), attribute: attribute.clone(), on: is.unique });
        }
        if was.index != is.index {
            self.files(Class::Add, Change::Index { owner, attribute, on: is.index });
        }
    }

    fn old_place(&self, uid: &str, old_uid: &str, name: &str) -> String {
        let old = self.m.attributes.get(uid).and_then(|s| s.get(name)).map_or(name, |(old, _)| old);
        format!("{old_uid}.{old}")
    }

    fn required(&mut self, uid: &str, old_uid: &str, is: &AttributeShape) {
        if self.state.attribute(uid, &is.name).is_none_or(|was| was.required == is.required) {
            return;
        }
        let place = format!("{uid}.{}", is.name);
        // The place's decision may be one about its kind, which says nothing here.
        let old_place = self.old_place(uid, old_uid, &is.name);
        let decision = match decision(self.answers, &place, &old_place) {
            (key, Decision::Keep) if is.required => {
                self.decided.insert(key.to_owned());
                Decision::Keep
            }
            _ => Decision::Fail,
        };
        let class = if is.required { Class::Check } else { Class::Add };
        let origin = if decision == Decision::Keep { Origin::Answer } else { Origin::Files };
        let (owner, attribute, on) = (uid.to_owned(), is.name.clone(), is.required);
        self.emit(class, origin, Change::Required { owner, attribute, on, decision });
    }

    fn localized(&mut self, uid: &str, name: &str, on: bool, old_place: &str) {
        let decision = match decision(self.answers, &format!("{uid}.{name}"), old_place) {
            (key, Decision::Cut) if !on => {
                self.decided.insert(key.to_owned());
                Decision::Cut
            }
            _ => Decision::Fail,
        };
        let class = if on { Class::Add } else { Class::Check };
        let origin = if decision == Decision::Cut { Origin::Answer } else { Origin::Files };
        let (owner, attribute) = (uid.to_owned(), name.to_owned());
        self.emit(class, origin, Change::Localized { owner, attribute, on, decision });
    }
}

fn refused(place: String, decision: Decision, possible: &str) -> Problem {
    let message = format!("`{}` is not a decision for a change of kind; use one of {possible}", decision.name());
    problem(place, message)
}
