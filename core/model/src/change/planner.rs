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
use super::kind_conversion::{KindFit, kind_fit};
use super::schema_match::{AttributeMove, MoveDirection, SchemaMatch, change_problem, find_decision, match_snapshots};
use super::sentence::describe_change;
use super::snapshot::*;
use super::step::*;
use std::collections::{BTreeMap, BTreeSet};

/// The steps from one model to another.
///
/// The result depends only on the three values: equal values have the same plan, with the same hash.
pub fn plan_change(before: &Snapshot, after: &Snapshot, answers: &Answers) -> ChangePlan {
    // The common case, at every start.
    let same = before == after && *answers == Answers::default();
    let mut m = if same { SchemaMatch::default() } else { match_snapshots(before, after, answers) };
    let mut plan = ChangePlan {
        before: before.hash(),
        after: after.hash(),
        steps: Vec::new(),
        questions: std::mem::take(&mut m.questions),
        problems: std::mem::take(&mut m.problems),
        warnings: std::mem::take(&mut m.warnings),
    };
    if answers.before.as_ref().is_some_and(|hash| *hash != plan.before) {
        let message = "the answers belong to an earlier plan, and the database has changed since then: review the plan and \
             answer again";
        plan.problems.push(change_problem("the answers", message));
    }
    if plan.problems.is_empty() && !same {
        let mut planner = Planner::new(before, after, answers, &m);
        planner.plan_all();
        let idle = answers.decisions.keys().filter(|key| !planner.decided.contains(*key));
        let idle = idle.map(|key| change_problem(key, "this change needs no decision here; ignoring the decision"));
        plan.warnings.extend(idle);
        plan.steps = planner.steps;
        plan.problems = planner.problems;
        planner.state.adopt_metadata(after);
        let mut goal = after.clone();
        goal.sort_by_uid();
        // Better no change than one that ends elsewhere.
        if plan.problems.is_empty() && planner.state != goal {
            plan.problems.push(change_problem(
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
    m: &'a SchemaMatch,
    state: Snapshot,
    steps: Vec<ChangeStep>,
    problems: Vec<ChangeProblem>,
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
    fn new(before: &'a Snapshot, after: &'a Snapshot, answers: &'a Answers, m: &'a SchemaMatch) -> Self {
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

    fn plan_all(&mut self) {
        self.plan_drops();
        self.rename_types();
        self.rename_tables();
        self.rename_components();
        for (new, _) in self.kept_owners() {
            self.rename_attributes(&new);
        }
        self.plan_additions();
        self.plan_conversions();
        for moved in &self.m.moves {
            self.move_values(moved);
        }
        self.plan_leftovers();
        self.plan_rules();
    }

    fn push_step(&mut self, class: ChangeClass, origin: StepOrigin, change: SchemaChange) {
        let base = super::sentence::change_id(&change);
        let mut id = base.clone();
        let mut n = 2;
        while !self.ids.insert(id.clone()) {
            id = format!("{base}#{n}");
            n += 1;
        }
        let sentence = describe_change(&change, class);
        self.state.apply(&change);
        self.steps.push(ChangeStep { id, class, origin, sentence, change });
    }

    fn push_file_step(&mut self, class: ChangeClass, change: SchemaChange) {
        self.push_step(class, StepOrigin::Files, change);
    }

    /// Owners that stay, as (new uid, old uid): types first.
    fn kept_owners(&self) -> Vec<(String, String)> {
        self.m.types.iter().chain(&self.m.components).map(|(new, (old, _))| (new.clone(), old.clone())).collect()
    }

    fn is_kept(&self, old: &str) -> bool {
        let sources = if is_type(old) { &self.m.types } else { &self.m.components };
        sources.values().any(|(from, _)| from == old)
    }

    fn is_source(&self, owner: &str, old: &str) -> bool {
        self.m.attributes.get(owner).is_some_and(|sources| sources.values().any(|(from, _)| from == old))
    }

    /// True if values of an attribute still have to be moved: the attribute itself into a component, or something out of the component
    /// that it holds or belongs to.
    fn is_awaited(&self, owner: &str, old_owner: &str, old: &str) -> bool {
        self.m.moves.iter().any(|moved| match &moved.way {
            MoveDirection::In { from, .. } => moved.uid == owner && from == old,
            MoveDirection::Out { component, from, .. } if is_type(owner) => {
                moved.uid == owner && component == old && !from.is_empty()
            }
            MoveDirection::Out { component, from, .. } => {
                from == old && self.held_component(&moved.uid, component).as_deref() == Some(old_owner)
            }
        })
    }

    /// The component (old uid) that the old attribute of a type (new uid) holds.
    fn held_component(&self, uid: &str, attribute: &str) -> Option<String> {
        let (old, _) = self.m.types.get(uid)?;
        match &self.before.attribute(old, attribute)?.kind {
            KindShape::Component { component, .. } => Some(component.clone()),
            _ => None,
        }
    }

    // 1 -------------------------------------------------------------------------------------------------------------

    fn plan_drops(&mut self) {
        let mut owners = self.kept_owners();
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
                        self.push_file_step(
                            ChangeClass::Drop,
                            SchemaChange::DropZoneComponent { owner, attribute, component },
                        );
                    }
                }
            }
        }
        for ty in &self.before.types {
            if !self.is_kept(&ty.uid) {
                let content_type = self.state.content_type(&ty.uid).unwrap_or(ty).clone();
                self.push_file_step(ChangeClass::Drop, SchemaChange::DropType { content_type });
            }
        }
        // Components that nothing holds any more; each may free another that it held.
        while let Some(shape) = self.before.components.iter().find(|c| self.is_free(&c.uid)) {
            self.forget_component(&shape.uid.clone());
        }
    }

    /// True if a component without a destination still exists, and nothing holds it.
    fn is_free(&self, uid: &str) -> bool {
        !self.is_kept(uid) && self.state.component(uid).is_some() && self.state.attributes_holding(uid).is_empty()
    }

    fn forget_component(&mut self, uid: &str) {
        if let Some(component) = self.state.component(uid).cloned() {
            self.push_file_step(ChangeClass::Add, SchemaChange::DropComponent { component });
        }
    }

    fn drop_attribute(&mut self, owner: &str, name: &str, original: Option<String>) {
        let Some(attribute) = self.state.attribute(owner, name).cloned() else { return };
        let class =
            if !is_type(owner) && self.state.used_in(owner).is_empty() { ChangeClass::Add } else { ChangeClass::Drop };
        self.push_file_step(class, SchemaChange::DropAttribute { owner: owner.to_owned(), attribute, original });
    }

    // 2 -------------------------------------------------------------------------------------------------------------

    fn rename_types(&mut self) {
        let pairs = self.m.types.iter().filter(|(new, (old, _))| *new != old);
        let pairs = pairs.map(|(new, (old, origin))| (old.clone(), new.clone(), *origin)).collect();
        let is_taken = |s: &Self, name: &str| s.state.content_type(name).is_some();
        self.rename_in_order(
            pairs,
            is_taken,
            |n| format!("{ASIDE_PREFIX}::{n}.{n}"),
            |from, to| SchemaChange::RenameType { from, to },
        );
    }

    fn rename_components(&mut self) {
        // Components whose values are still to be moved out must not stand in the way of new ones.
        for component in &self.before.components {
            let uid = &component.uid;
            if !self.is_kept(uid) && self.state.component(uid).is_some() && self.after.component(uid).is_some() {
                self.asides += 1;
                let to = format!("{ASIDE_PREFIX}.{}", self.asides);
                self.push_file_step(
                    ChangeClass::Rename,
                    SchemaChange::RenameComponent { from: uid.clone(), to: to.clone() },
                );
                self.component_aside.insert(uid.clone(), to);
            }
        }
        let pairs = self.m.components.iter().filter(|(new, (old, _))| *new != old);
        let pairs = pairs.map(|(new, (old, origin))| (old.clone(), new.clone(), *origin)).collect();
        let is_taken = |s: &Self, name: &str| s.state.component(name).is_some();
        self.rename_in_order(
            pairs,
            is_taken,
            |n| format!("{ASIDE_PREFIX}.{n}"),
            |from, to| SchemaChange::RenameComponent { from, to },
        );
    }

    /// Renames tables. Case makes no difference to their names.
    fn rename_tables(&mut self) {
        let mut uids = BTreeMap::new();
        let mut pairs = Vec::new();
        for uid in self.m.types.keys() {
            let (Some(was), Some(is)) = (self.state.content_type(uid), self.after.content_type(uid)) else { continue };
            if was.table != is.table {
                uids.insert(was.table.clone(), uid.clone());
                pairs.push((was.table.clone(), is.table.clone(), StepOrigin::Files));
            }
        }
        let is_taken = |s: &Self, name: &str| s.state.types.iter().any(|t| t.table.eq_ignore_ascii_case(name));
        let make = |from: String, to: String| {
            let uid = uids.get(&from).cloned().unwrap_or_default();
            if to.starts_with("cairn_aside") {
                uids.insert(to.clone(), uid.clone());
            }
            SchemaChange::RenameTable { uid, from, to }
        };
        self.rename_in_order(pairs, is_taken, |n| format!("cairn_aside_{n}"), make);
    }

    /// Renames each thing when its new name is free; if none is, sets one aside.
    fn rename_in_order(
        &mut self,
        mut pairs: Vec<(String, String, StepOrigin)>,
        is_taken: impl Fn(&Self, &str) -> bool,
        aside: impl Fn(usize) -> String,
        mut change: impl FnMut(String, String) -> SchemaChange,
    ) {
        while !pairs.is_empty() {
            if let Some(free) = pairs.iter().position(|(_, to, _)| !is_taken(self, to)) {
                let (from, to, origin) = pairs.remove(free);
                self.push_step(ChangeClass::Rename, origin, change(from, to));
                continue;
            }
            // The item that has the wanted name moves aside first; it is one of these, as dropped ones are gone already.
            let target = pairs[0].1.clone();
            let in_the_way = pairs.iter().position(|(from, ..)| from.eq_ignore_ascii_case(&target));
            let Some(i) = in_the_way else {
                let (from, to, _) = pairs.remove(0);
                self.problems.push(change_problem(from, format!("cannot become `{to}`: this name is already taken")));
                continue;
            };
            self.asides += 1;
            let name = aside(self.asides);
            let from = std::mem::replace(&mut pairs[i].0, name.clone());
            let origin = pairs[i].2;
            self.push_step(ChangeClass::Rename, origin, change(from, name));
        }
    }

    // 3 -------------------------------------------------------------------------------------------------------------

    fn rename_attributes(&mut self, owner: &str) {
        let (Some(sources), Some(is)) = (self.m.attributes.get(owner), self.after.attributes(owner)) else { return };
        let find_name = |name: &str| is.iter().find(|a| a.name == name).map(AttributeName::from_attribute);
        let mut pairs: Vec<(String, AttributeName, StepOrigin)> = sources
            .iter()
            .filter(|(new, (old, _))| *new != old)
            .filter_map(|(new, (old, origin))| Some((old.clone(), find_name(new)?, *origin)))
            .collect();
        // Attributes that a move still needs, or that are dropped later, must not stand in the way of new ones.
        for attribute in self.state.attributes(owner).unwrap_or_default().to_vec() {
            let name = &attribute.name;
            let is_retained = sources.values().any(|(old, _)| old == name);
            let is_claimed = is.iter().any(|a| a.name == *name || a.column == attribute.column);
            if !is_retained && is_claimed {
                let to = self.set_aside(owner, name, StepOrigin::Files);
                self.aside.insert((owner.to_owned(), name.clone()), to);
            }
        }
        while !pairs.is_empty() {
            let free = |(from, to, _): &(String, AttributeName, StepOrigin)| {
                let others = self.state.attributes(owner).unwrap_or_default().iter().filter(|a| a.name != *from);
                others.clone().all(|a| a.name != to.name && a.column != to.column)
            };
            if let Some(i) = pairs.iter().position(free) {
                let (from, to, origin) = pairs.remove(i);
                let Some(from) = self.state.attribute(owner, &from).map(AttributeName::from_attribute) else {
                    continue;
                };
                self.push_step(
                    ChangeClass::Rename,
                    origin,
                    SchemaChange::RenameAttribute { owner: owner.to_owned(), from, to },
                );
                continue;
            }
            let attribute_name = pairs[0].1.clone();
            let blocks = |from: &String| {
                let at = self.state.attribute(owner, from);
                at.is_some_and(|a| a.name == attribute_name.name || a.column == attribute_name.column)
            };
            let first = pairs[0].0.clone();
            let Some(i) = pairs.iter().position(|(from, ..)| *from != first && blocks(from)) else {
                let (from, to, _) = pairs.remove(0);
                let place = format!("{owner}.{from}");
                self.problems
                    .push(change_problem(place, format!("cannot become `{}`: this name is already taken", to.name)));
                continue;
            };
            let (from, origin) = (pairs[i].0.clone(), pairs[i].2);
            pairs[i].0 = self.set_aside(owner, &from, origin);
        }
    }

    fn set_aside(&mut self, owner: &str, name: &str, origin: StepOrigin) -> String {
        self.asides += 1;
        let to = format!("{ASIDE_PREFIX}{}", self.asides);
        if let Some(from) = self.state.attribute(owner, name).map(AttributeName::from_attribute) {
            let aside_name = AttributeName { name: to.clone(), column: format!("{ASIDE_PREFIX}_{}", self.asides) };
            self.push_step(
                ChangeClass::Rename,
                origin,
                SchemaChange::RenameAttribute { owner: owner.to_owned(), from, to: aside_name },
            );
        }
        to
    }

    // 4 -------------------------------------------------------------------------------------------------------------

    fn plan_additions(&mut self) {
        for component in &self.after.components {
            if !self.m.components.contains_key(&component.uid) {
                self.push_file_step(ChangeClass::Add, SchemaChange::AddComponent { component: component.clone() });
            }
        }
        for content_type in &self.after.types {
            if !self.m.types.contains_key(&content_type.uid) {
                self.push_file_step(ChangeClass::Add, SchemaChange::AddType { content_type: content_type.clone() });
            }
        }
        for (owner, _) in self.kept_owners() {
            let Some(sources) = self.m.attributes.get(&owner) else { continue };
            for attribute in self.after.attributes(&owner).unwrap_or_default() {
                let moved = |m: &AttributeMove| {
                    m.uid == owner && matches!(&m.way, MoveDirection::Out { to, .. } if *to == attribute.name)
                };
                if !sources.contains_key(&attribute.name) && !self.m.moves.iter().any(moved) {
                    let attribute = self.attribute_to_add(&owner, attribute);
                    self.push_file_step(
                        ChangeClass::Add,
                        SchemaChange::AddAttribute { owner: owner.clone(), attribute },
                    );
                }
            }
        }
    }

    /// An attribute as it is when it is added: one value for all locales if its type has no locales yet.
    fn attribute_to_add(&self, owner: &str, attribute: &AttributeShape) -> AttributeShape {
        let localized = |s: &Snapshot| s.content_type(owner).is_some_and(|t| t.localized);
        let toggled = localized(&self.state) != localized(self.after);
        AttributeShape { localized: attribute.localized && !toggled, ..attribute.clone() }
    }

    // 5 -------------------------------------------------------------------------------------------------------------

    fn plan_conversions(&mut self) {
        for (owner, old_owner) in self.kept_owners() {
            let Some(sources) = self.m.attributes.get(&owner) else { continue };
            for (new, (old, _)) in sources {
                if let Some(is) = self.after.attribute(&owner, new) {
                    self.plan_conversion(&owner, new, is, &format!("{old_owner}.{old}"));
                }
            }
        }
    }

    /// Converts an attribute, given by its present name, to the kind of `like`.
    fn plan_conversion(&mut self, owner: &str, name: &str, like: &AttributeShape, old_place: &str) {
        let Some(was) = self.state.attribute(owner, name) else { return };
        if was.kind == like.kind {
            return;
        }
        let place = format!("{owner}.{}", like.name);
        let (key, decision) = find_decision(self.answers, &place, old_place);
        self.decided.insert(key.to_owned());
        let class = match kind_fit(was, like) {
            KindFit::Same => ChangeClass::Add,
            KindFit::Lossless | KindFit::Tried => ChangeClass::Convert,
            KindFit::Impossible(why) => return self.problems.push(change_problem(place, why)),
        };
        if !matches!(decision, Decision::Fail | Decision::Null | Decision::Cut) && class == ChangeClass::Convert {
            return self.problems.push(refused_decision(place, decision, "fail, null, cut, drop"));
        }
        let decision = if class == ChangeClass::Add { Decision::Fail } else { decision };
        let conversion = Conversion { from: was.kind.clone(), to: like.kind.clone(), max_length: like.max_length };
        let (owner, attribute) = (owner.to_owned(), name.to_owned());
        let origin = if decision == Decision::Fail { StepOrigin::Files } else { StepOrigin::Answer };
        self.push_step(class, origin, SchemaChange::Convert { owner, attribute, conversion, decision });
    }

    // 6 -------------------------------------------------------------------------------------------------------------

    /// Present name of an old attribute of an owner (new uid).
    fn current_name(&self, owner: &str, old: &str) -> String {
        if let Some(aside) = self.aside.get(&(owner.to_owned(), old.to_owned())) {
            return aside.clone();
        }
        let renamed = self.m.attributes.get(owner).and_then(|s| s.iter().find(|(_, (from, _))| from == old));
        renamed.map_or_else(|| old.to_owned(), |(new, _)| new.clone())
    }

    fn move_values(&mut self, moved: &AttributeMove) {
        let uid = &moved.uid;
        let Some((old_uid, _)) = self.m.types.get(uid).cloned() else { return };
        match &moved.way {
            MoveDirection::In { from: old, component, to } => {
                let from = self.current_name(uid, old);
                let Some(holder) = self.state.attribute(uid, component).cloned() else { return };
                let KindShape::Component { component: inside, .. } = &holder.kind else { return };
                let Some(like) = self.state.attribute(inside, to).cloned() else { return };
                let one_for_all = self.state.attribute(uid, &from).is_some_and(|a| a.localized) && !holder.localized;
                let is_localized = |s: &Snapshot| s.content_type(uid).is_some_and(|t| t.localized);
                if one_for_all && is_localized(&self.state) && is_localized(self.after) {
                    self.plan_localized(uid, &from, false, &format!("{old_uid}.{old}"));
                }
                let renamed = AttributeShape { name: format!("{component}.{to}"), ..like };
                self.plan_conversion(uid, &from, &renamed, &format!("{old_uid}.{old}"));
                let Some(from) = self.state.attribute(uid, &from).map(AttributeName::from_attribute) else { return };
                let (uid, component, to) = (uid.clone(), component.clone(), to.clone());
                self.push_step(ChangeClass::Move, moved.origin, SchemaChange::MoveIn { uid, from, component, to });
            }
            MoveDirection::Out { component: old, from: inner, to } => {
                let component = self.current_name(uid, old);
                let Some(holder) = self.state.attribute(uid, &component) else { return };
                let KindShape::Component { component: inside, .. } = &holder.kind else { return };
                let from = self.current_name(inside, inner);
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
                let change = SchemaChange::MoveOut { uid: uid.clone(), component, from, attribute };
                self.push_step(ChangeClass::Move, moved.origin, change);
                self.plan_conversion(uid, to, is, &format!("{old_uid}.{old}.{inner}"));
            }
        }
    }

    // 7 -------------------------------------------------------------------------------------------------------------

    fn plan_leftovers(&mut self) {
        for (new, old) in self.kept_owners() {
            for attribute in self.before.attributes(&old).unwrap_or_default() {
                let name = &attribute.name;
                if self.is_source(&new, name) || !self.is_awaited(&new, &old, name) {
                    continue;
                }
                let now = self.current_name(&new, name);
                let Some(shape) = self.state.attribute(&new, &now).cloned() else { continue };
                let original = (now != *name).then(|| name.clone());
                if self.is_emptied(&new, &old, name) {
                    let change = SchemaChange::DropAttribute { owner: new.clone(), attribute: shape, original };
                    self.push_file_step(ChangeClass::Move, change);
                } else {
                    self.drop_attribute(&new, &now, original);
                }
            }
        }
        for component in &self.before.components {
            if !self.is_kept(&component.uid) {
                let now = self.component_aside.get(&component.uid).unwrap_or(&component.uid).clone();
                self.forget_component(&now);
            }
        }
    }

    /// True if everything that an old attribute held has been moved: for a component attribute, everything inside; for an attribute of a
    /// component, wherever the component is used.
    fn is_emptied(&self, owner: &str, old_owner: &str, name: &str) -> bool {
        let moved = |uid: &str, holder: &str, inner: &str| {
            self.m.moves.iter().any(|m| {
                m.uid == uid
                    && matches!(&m.way, MoveDirection::Out { component, from, .. } if component == holder && from == inner)
            })
        };
        if is_type(owner) {
            let Some(inside) = self.held_component(owner, name) else { return false };
            return self.before.attributes(&inside).unwrap_or_default().iter().all(|a| moved(owner, name, &a.name));
        }
        self.before.attributes_holding(old_owner).into_iter().all(|(holder, attribute)| {
            let uid = self.m.types.iter().find(|(_, (old, _))| old == holder).map(|(new, _)| new);
            uid.is_some_and(|uid| moved(uid, &attribute.name, name))
        })
    }

    // 8 -------------------------------------------------------------------------------------------------------------

    fn plan_rules(&mut self) {
        for (uid, (old_uid, _)) in &self.m.types {
            let (Some(was), Some(is)) = (self.state.content_type(uid).cloned(), self.after.content_type(uid)) else {
                continue;
            };
            if was.draft_publish != is.draft_publish {
                let class = if is.draft_publish { ChangeClass::Convert } else { ChangeClass::Drop };
                self.push_file_step(class, SchemaChange::DraftPublish { uid: uid.clone(), on: is.draft_publish });
            }
            if was.localized != is.localized {
                let class = if is.localized { ChangeClass::Convert } else { ChangeClass::Drop };
                let attributes = is.attributes.iter().filter(|a| a.localized).map(|a| a.name.clone()).collect();
                self.push_file_step(
                    class,
                    SchemaChange::TypeLocalized { uid: uid.clone(), on: is.localized, attributes },
                );
            }
            for attribute in &is.attributes {
                self.plan_attribute_rules(uid, old_uid, attribute);
            }
            let indexes = self.state.content_type(uid).map(|t| t.indexes.clone()).unwrap_or_default();
            if indexes != is.indexes {
                self.push_file_step(
                    ChangeClass::Add,
                    SchemaChange::Indexes { owner: uid.clone(), indexes: is.indexes.clone() },
                );
            }
            let keys = self.state.content_type(uid).map(|t| t.unique_keys.clone()).unwrap_or_default();
            if keys != is.unique_keys {
                let is_new = is.unique_keys.iter().any(|key| !keys.contains(key));
                let class = if is_new { ChangeClass::Check } else { ChangeClass::Add };
                self.push_file_step(
                    class,
                    SchemaChange::UniqueKeys { owner: uid.clone(), keys: is.unique_keys.clone() },
                );
            }
            if was.collation != is.collation {
                self.push_file_step(
                    ChangeClass::Add,
                    SchemaChange::Collation { owner: uid.clone(), collation: is.collation.clone() },
                );
            }
        }
        for (uid, (old_uid, _)) in &self.m.components {
            for attribute in self.after.attributes(uid).unwrap_or_default() {
                self.plan_required(uid, old_uid, attribute);
            }
        }
    }

    fn plan_attribute_rules(&mut self, uid: &str, old_uid: &str, is: &AttributeShape) {
        let Some(was) = self.state.attribute(uid, &is.name).cloned() else { return };
        let old_place = self.old_place(uid, old_uid, &is.name);
        let (owner, attribute) = (uid.to_owned(), is.name.clone());
        // Inverse relations have no values of their own.
        if was.localized != is.localized && !is.is_inverse() {
            self.plan_localized(uid, &is.name, is.localized, &old_place);
        }
        self.plan_required(uid, old_uid, is);
        if was.unique != is.unique {
            let class = if is.unique { ChangeClass::Check } else { ChangeClass::Add };
            self.push_file_step(
                class,
                SchemaChange::Unique { owner: owner.clone(), attribute: attribute.clone(), on: is.unique },
            );
        }
        if was.index != is.index {
            self.push_file_step(ChangeClass::Add, SchemaChange::Index { owner, attribute, on: is.index });
        }
    }

    fn old_place(&self, uid: &str, old_uid: &str, name: &str) -> String {
        let old = self.m.attributes.get(uid).and_then(|s| s.get(name)).map_or(name, |(old, _)| old);
        format!("{old_uid}.{old}")
    }

    fn plan_required(&mut self, uid: &str, old_uid: &str, is: &AttributeShape) {
        if self.state.attribute(uid, &is.name).is_none_or(|was| was.required == is.required) {
            return;
        }
        let place = format!("{uid}.{}", is.name);
        // The place's decision may be one about its kind, which says nothing here.
        let old_place = self.old_place(uid, old_uid, &is.name);
        let decision = match find_decision(self.answers, &place, &old_place) {
            (key, Decision::Keep) if is.required => {
                self.decided.insert(key.to_owned());
                Decision::Keep
            }
            _ => Decision::Fail,
        };
        let class = if is.required { ChangeClass::Check } else { ChangeClass::Add };
        let origin = if decision == Decision::Keep { StepOrigin::Answer } else { StepOrigin::Files };
        let (owner, attribute, on) = (uid.to_owned(), is.name.clone(), is.required);
        self.push_step(class, origin, SchemaChange::Required { owner, attribute, on, decision });
    }

    fn plan_localized(&mut self, uid: &str, name: &str, on: bool, old_place: &str) {
        let decision = match find_decision(self.answers, &format!("{uid}.{name}"), old_place) {
            (key, Decision::Cut) if !on => {
                self.decided.insert(key.to_owned());
                Decision::Cut
            }
            _ => Decision::Fail,
        };
        let class = if on { ChangeClass::Add } else { ChangeClass::Check };
        let origin = if decision == Decision::Cut { StepOrigin::Answer } else { StepOrigin::Files };
        let (owner, attribute) = (uid.to_owned(), name.to_owned());
        self.push_step(class, origin, SchemaChange::Localized { owner, attribute, on, decision });
    }
}

fn refused_decision(place: String, decision: Decision, possible: &str) -> ChangeProblem {
    let message = format!("`{}` is not a decision for a change of kind; use one of {possible}", decision.as_str());
    change_problem(place, message)
}
