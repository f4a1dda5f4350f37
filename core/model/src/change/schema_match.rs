//! Finds the origin of everything in the new model: by name, by what the files say, by answers. Nothing is guessed.

use super::answers::{Answers, AttributePath, Decision};
use super::kind_conversion::{KindFit, kind_fit};
use super::snapshot::*;
use super::step::{ChangeProblem, Question, StepOrigin};
use std::collections::{BTreeMap, BTreeSet};

/// New name to old name, and the origin of that mapping.
pub(super) type NameSources = BTreeMap<String, (String, StepOrigin)>;

/// A move into a component, or out of one. Names on the database's side are old, the others new.
#[derive(Debug, Clone)]
pub(super) struct AttributeMove {
    /// Uid of the type, new.
    pub(super) uid: String,
    pub(super) origin: StepOrigin,
    pub(super) way: MoveDirection,
}

#[derive(Debug, Clone)]
pub(super) enum MoveDirection {
    /// The old attribute `from` becomes `to` of the new component attribute.
    In { from: String, component: String, to: String },
    /// The old component attribute's `from` becomes the new attribute `to`.
    Out { component: String, from: String, to: String },
}

/// Everything that was matched.
#[derive(Debug, Default)]
pub(super) struct SchemaMatch {
    pub(super) types: NameSources,
    pub(super) components: NameSources,
    /// Sources by new uid of the owner, for owners that existed before.
    pub(super) attributes: BTreeMap<String, NameSources>,
    pub(super) moves: Vec<AttributeMove>,
    pub(super) questions: Vec<Question>,
    pub(super) problems: Vec<ChangeProblem>,
    pub(super) warnings: Vec<ChangeProblem>,
    /// Keys of the decisions that were used.
    pub(super) decided: BTreeSet<String>,
}

/// A thing that can be renamed.
struct RenameCandidate<'a> {
    name: &'a str,
    hint: Option<&'a str>,
}

pub(super) fn change_problem(place: impl Into<String>, message: impl Into<String>) -> ChangeProblem {
    ChangeProblem { place: place.into(), message: message.into() }
}

/// Matches two models.
pub(super) fn match_snapshots(before: &Snapshot, after: &Snapshot, answers: &Answers) -> SchemaMatch {
    let mut m = SchemaMatch::default();
    let collect_renames = |components: bool| {
        let of_kind = |old: &&String| {
            is_type(old) != components && AttributePath::parse(old).is_ok_and(|p| p.attribute.is_none())
        };
        let of_kind = answers.renames.iter().filter(move |(old, _)| of_kind(old));
        of_kind.map(|(old, new)| (old.as_str(), new.as_deref())).collect::<BTreeMap<_, _>>()
    };
    let types = |s: &'_ Snapshot| -> Vec<(String, Option<String>)> {
        s.types.iter().map(|t| (t.uid.clone(), t.renamed_from.clone())).collect()
    };
    let components = |s: &'_ Snapshot| -> Vec<(String, Option<String>)> {
        s.components.iter().map(|c| (c.uid.clone(), c.renamed_from.clone())).collect()
    };
    m.types = resolve_sources(
        "",
        &rename_candidates(&types(before)),
        &rename_candidates(&types(after)),
        &collect_renames(false),
        &mut m,
    );
    m.components = resolve_sources(
        "",
        &rename_candidates(&components(before)),
        &rename_candidates(&components(after)),
        &collect_renames(true),
        &mut m,
    );
    for (new, (old, _)) in &m.types {
        let kind = |s: &Snapshot, uid: &str| s.content_type(uid).map(|t| t.kind);
        if kind(before, old) != kind(after, new) {
            m.problems.push(change_problem(
                new,
                "a collection type cannot become a single type, or the other way round: leave `kind` unchanged, or \
                 create a second type under another name and move the entries with the API",
            ));
        }
    }
    let owners: Vec<(String, String)> =
        m.types.iter().chain(&m.components).map(|(new, (old, _))| (new.clone(), old.clone())).collect();
    for (new, old) in &owners {
        match_attributes(before, after, new, old, answers, &mut m);
    }
    check_unused_answers(before, answers, &owners, &mut m);
    decide_conversions(before, after, answers, &mut m);
    check_moves(before, after, &mut m);
    find_questions(before, after, answers, &mut m);
    m
}

fn rename_candidates(list: &[(String, Option<String>)]) -> Vec<RenameCandidate<'_>> {
    list.iter().map(|(name, hint)| RenameCandidate { name, hint: hint.as_deref() }).collect()
}

/// Explicit statements about which thing takes whose content.
#[derive(Default)]
struct NameClaims<'a> {
    /// New name to old name.
    sources: BTreeMap<&'a str, (&'a str, StepOrigin)>,
    /// Old name to new name.
    claimed: BTreeMap<&'a str, &'a str>,
    /// Two new things that claim one old thing: (old, first, second).
    twice: Vec<(&'a str, &'a str, &'a str)>,
    /// New things whose hint refers to nothing.
    lost: Vec<(&'a str, &'a str)>,
}

impl<'a> NameClaims<'a> {
    /// Evaluates statements and hints. A hint that a thing had when it was last applied is used up, unless it is `awake`.
    fn from_hints(
        before: &[RenameCandidate<'a>],
        after: &[RenameCandidate<'a>],
        renames: &BTreeMap<&'a str, Option<&'a str>>,
        awake: &BTreeSet<&'a str>,
    ) -> Self {
        let mut claims = Self::default();
        let was = |name: &str| before.iter().find(|item| item.name == name);
        for new in after {
            let rename = renames.iter().find(|(old, to)| **to == Some(new.name) && was(old).is_some());
            let used_up = |hint| was(new.name).is_some_and(|b| b.hint == Some(hint)) && !awake.contains(new.name);
            let (old, origin) = match (rename, new.hint) {
                (Some((old, _)), _) => (*old, StepOrigin::Answer),
                (None, Some(hint)) if !renames.contains_key(hint) && !used_up(hint) => {
                    // The item may have been renamed twice since, with its first name in the files all along.
                    let matches_hint =
                        |b: &&RenameCandidate<'_>| b.hint == Some(hint) && !after.iter().any(|a| a.name == b.name);
                    match was(hint).or_else(|| before.iter().find(matches_hint)) {
                        Some(old) => (old.name, StepOrigin::Files),
                        None => {
                            claims.lost.push((new.name, hint));
                            continue;
                        }
                    }
                }
                _ => continue,
            };
            if old == new.name {
                continue;
            }
            match claims.claimed.get(old) {
                Some(first) => claims.twice.push((old, first, new.name)),
                None => {
                    claims.claimed.insert(old, new.name);
                    claims.sources.insert(new.name, (old, origin));
                }
            }
        }
        claims
    }

    /// A thing that takes the name of another one which moves elsewhere: its hint, though it was read before, applies again if the old
    /// name's content has no other destination.
    fn next_reawakened(&self, before: &[RenameCandidate<'a>], after: &[RenameCandidate<'a>]) -> Option<&'a str> {
        let homeless = |old: &str| {
            let is_unclaimed = before.iter().any(|b| b.name == old) && !self.claimed.contains_key(old);
            is_unclaimed && (self.sources.contains_key(old) || !after.iter().any(|a| a.name == old))
        };
        let wakes = |new: &&RenameCandidate<'_>| {
            self.claimed.contains_key(new.name)
                && !self.sources.contains_key(new.name)
                && new.hint.is_some_and(homeless)
        };
        after.iter().find(wakes).map(|new| new.name)
    }
}

/// Resolves new names to old ones.
fn resolve_sources(
    owner: &str,
    before: &[RenameCandidate<'_>],
    after: &[RenameCandidate<'_>],
    renames: &BTreeMap<&str, Option<&str>>,
    m: &mut SchemaMatch,
) -> NameSources {
    let mut awake = BTreeSet::new();
    let claims = loop {
        let claims = NameClaims::from_hints(before, after, renames, &awake);
        match claims.next_reawakened(before, after) {
            Some(name) if awake.insert(name) => {}
            _ => break claims,
        }
    };
    let place = |name: &str| if owner.is_empty() { name.to_owned() } else { format!("{owner}.{name}") };
    for (new, hint) in &claims.lost {
        let message = format!("`renamedFrom` names `{hint}`, which the database does not have; nothing is renamed");
        m.warnings.push(change_problem(place(new), message));
    }
    for (old, first, second) in &claims.twice {
        let message = format!("`{old}` cannot become both `{first}` and `{second}`: choose one of them");
        m.problems.push(change_problem(place(second), message));
    }
    let was = |name: &str| before.iter().any(|item| item.name == name);
    for (old, new) in renames {
        if let Some(new) = new
            && was(old)
            && !after.iter().any(|a| a.name == *new)
        {
            m.problems
                .push(change_problem(place(old), format!("cannot become `{new}`: the files do not contain `{new}`")));
        }
    }
    let mut sources: NameSources =
        claims.sources.iter().map(|(new, (old, origin))| ((*new).to_owned(), ((*old).to_owned(), *origin))).collect();
    for new in after.iter().filter(|new| was(new.name)) {
        let message = match (claims.claimed.get(new.name), claims.sources.get(new.name)) {
            (None, None) => {
                sources.insert(new.name.to_owned(), (new.name.to_owned(), StepOrigin::Files));
                continue;
            }
            (None, Some((old, _))) => format!("takes the content of `{old}`; its current content is dropped"),
            (Some(to), None) => format!("starts empty: its content becomes `{to}`"),
            (Some(_), Some(_)) => continue,
        };
        m.warnings.push(change_problem(place(new.name), message));
    }
    sources
}

/// The attributes of one owner: moves first, then names.
fn match_attributes(before: &Snapshot, after: &Snapshot, new: &str, old: &str, answers: &Answers, m: &mut SchemaMatch) {
    let (Some(was), Some(is)) = (before.attributes(old), after.attributes(new)) else { return };
    let mut moves: Vec<AttributeMove> = Vec::new();
    let mut push = |origin, way| moves.push(AttributeMove { uid: new.to_owned(), origin, way });
    let about_us =
        |place: &AttributePath<'_>| place.owner == old || place.owner == new && before.attributes(new).is_none();
    let mut renames: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for (key, to) in &answers.renames {
        if let Ok(place @ AttributePath { attribute: Some(attribute), inner: None, .. }) = AttributePath::parse(key)
            && about_us(&place)
        {
            renames.insert(attribute, to.as_deref());
        }
    }
    for (key, to) in &answers.moves {
        let Ok(place) = AttributePath::parse(key) else { continue };
        if !about_us(&place) || !was.iter().any(|a| Some(a.name.as_str()) == place.attribute) {
            continue;
        }
        match (place.attribute, place.inner, to.split_once('.')) {
            (Some(from), None, Some((component, to))) => {
                push(
                    StepOrigin::Answer,
                    MoveDirection::In { from: from.into(), component: component.into(), to: to.into() },
                );
            }
            (Some(component), Some(from), None) => {
                push(
                    StepOrigin::Answer,
                    MoveDirection::Out { component: component.into(), from: from.into(), to: to.clone() },
                );
            }
            _ => m.problems.push(change_problem(
                key,
                format!("cannot be moved to `{to}`: one of the two must be inside a component"),
            )),
        }
    }
    let had = |name: &str| was.iter().find(|a| a.name == name);
    for attribute in is {
        let place = format!("{new}.{}", attribute.name);
        let used_up =
            |inner: &String, from: &String| had(&attribute.name).is_some_and(|a| a.moved_into.get(inner) == Some(from));
        for (inner, from) in attribute.moved_into.iter().filter(|(inner, from)| !used_up(inner, from)) {
            if answers.moves.contains_key(&format!("{old}.{from}")) || renames.contains_key(from.as_str()) {
                continue;
            }
            match had(from) {
                Some(_) => push(
                    StepOrigin::Files,
                    MoveDirection::In { from: from.clone(), component: attribute.name.clone(), to: inner.clone() },
                ),
                None => m.warnings.push(change_problem(
                    &place,
                    format!("`movedInto` names `{from}`, which the database does not have; nothing is moved"),
                )),
            }
        }
        let Some((component, from)) = attribute.renamed_from.as_deref().and_then(|hint| hint.split_once('.')) else {
            continue;
        };
        if had(&attribute.name).is_some_and(|a| a.renamed_from == attribute.renamed_from)
            || answers.moves.contains_key(&format!("{old}.{component}.{from}"))
        {
            continue;
        }
        match had(component) {
            Some(_) => push(
                StepOrigin::Files,
                MoveDirection::Out { component: component.into(), from: from.into(), to: attribute.name.clone() },
            ),
            None => m.warnings.push(change_problem(
                &place,
                format!("`renamedFrom` names `{component}.{from}`, which the database does not have; nothing is moved"),
            )),
        }
    }
    let moved_in: BTreeSet<String> = moves
        .iter()
        .filter_map(|m| if let MoveDirection::In { from, .. } = &m.way { Some(from.clone()) } else { None })
        .collect();
    let moved_out: BTreeSet<String> = moves
        .iter()
        .filter_map(|m| if let MoveDirection::Out { to, .. } = &m.way { Some(to.clone()) } else { None })
        .collect();
    let item = |a: &'_ AttributeShape| (a.name.clone(), a.renamed_from.clone().filter(|hint| !hint.contains('.')));
    let old_items: Vec<_> = was.iter().filter(|a| !moved_in.contains(&a.name)).map(item).collect();
    let new_items: Vec<_> = is.iter().filter(|a| !moved_out.contains(&a.name)).map(item).collect();
    let sources = resolve_sources(new, &rename_candidates(&old_items), &rename_candidates(&new_items), &renames, m);
    m.attributes.insert(new.to_owned(), sources);
    m.moves.extend(moves);
}

/// Reports answers about things that do not exist; answers that were carried out before are accepted.
fn check_unused_answers(before: &Snapshot, answers: &Answers, owners: &[(String, String)], m: &mut SchemaMatch) {
    for key in answers.renames.keys().chain(answers.moves.keys()) {
        let known = match AttributePath::parse(key) {
            Ok(AttributePath { owner, attribute: None, .. }) => before.attributes(owner).is_some(),
            Ok(AttributePath { owner, attribute: Some(attribute), .. }) => {
                let owner = match owners.iter().find(|(new, _)| new == owner) {
                    Some((_, old)) if before.attributes(owner).is_none() => old,
                    _ => owner,
                };
                before.attribute(owner, attribute).is_some()
            }
            Err(_) => false,
        };
        if !known {
            m.warnings.push(change_problem(key, "the database has nothing with this name; ignoring the answer"));
        }
    }
}

impl SchemaMatch {
    fn new_uid(&self, old: &str) -> Option<&str> {
        let sources = if is_type(old) { &self.types } else { &self.components };
        sources.iter().find(|(_, (from, _))| from == old).map(|(new, _)| new.as_str())
    }

    fn new_uid_or_gone(&self, old: &str) -> String {
        self.new_uid(old).map_or_else(|| format!("{old} (dropped)"), str::to_owned)
    }

    /// An old attribute with the names of the new model in its kind.
    pub(super) fn map_attribute(&self, attribute: &AttributeShape) -> AttributeShape {
        let mut attribute = attribute.clone();
        match &mut attribute.kind {
            KindShape::Component { component, .. } => *component = self.new_uid_or_gone(component),
            KindShape::DynamicZone { components } => {
                components.iter_mut().for_each(|component| *component = self.new_uid_or_gone(component));
            }
            KindShape::Relation(relation) => {
                if let Some(target) = &mut relation.target {
                    *target = self.new_uid_or_gone(target);
                    if let SideShape::Owner(across) | SideShape::Inverse(across) = &mut relation.side
                        && let Some(sources) = self.attributes.get(target)
                        && let Some((new, _)) = sources.iter().find(|(_, (old, _))| old == across)
                    {
                        across.clone_from(new);
                    }
                }
            }
            _ => {}
        }
        attribute
    }
}

/// Decides about kinds without a conversion: a drop and an addition if that was answered, else a problem.
fn decide_conversions(before: &Snapshot, after: &Snapshot, answers: &Answers, m: &mut SchemaMatch) {
    let mut parted: Vec<(String, String)> = Vec::new();
    let mut used = BTreeSet::new();
    let mut problems = Vec::new();
    for (owner, sources) in &m.attributes {
        let Some(old_owner) = m.types.get(owner).or_else(|| m.components.get(owner)).map(|(old, _)| old) else {
            continue;
        };
        for (new, (old, _)) in sources {
            let (Some(was), Some(is)) = (before.attribute(old_owner, old), after.attribute(owner, new)) else {
                continue;
            };
            let place = format!("{owner}.{new}");
            let old_place = format!("{old_owner}.{old}");
            let (key, decision) = find_decision(answers, &place, &old_place);
            match kind_fit(&m.map_attribute(was), is) {
                KindFit::Same => {}
                _ if decision == Decision::Drop => {
                    used.insert(key.to_owned());
                    parted.push((owner.clone(), new.clone()));
                }
                KindFit::Impossible(why) => problems.push(change_problem(
                    &place,
                    format!(
                        "{why}. Keep its kind, give it another name, or let its content go to the trash (decision \
                         `{place}=drop`)"
                    ),
                )),
                KindFit::Lossless | KindFit::Tried => {}
            }
        }
    }
    m.problems.extend(problems);
    m.decided = used;
    for (owner, new) in parted {
        if let Some(sources) = m.attributes.get_mut(&owner) {
            sources.remove(&new);
        }
    }
}

/// The decision for the new path, or for the old one, whichever is present.
pub(super) fn find_decision<'a>(answers: &Answers, new: &'a str, old: &'a str) -> (&'a str, Decision) {
    match answers.decisions.get(new) {
        Some(decision) => (new, *decision),
        None => (old, answers.decisions.get(old).copied().unwrap_or_default()),
    }
}

/// Reports moves that are impossible as problems.
fn check_moves(before: &Snapshot, after: &Snapshot, m: &mut SchemaMatch) {
    let mut claimed: BTreeSet<(String, String)> = BTreeSet::new();
    let mut moves = Vec::new();
    let mut all = std::mem::take(&mut m.moves);
    // Out first: what comes out may be a component that something else goes into.
    all.sort_by_key(|moved| matches!(moved.way, MoveDirection::In { .. }));
    for moved in all.clone() {
        let (place, old, new) = match &moved.way {
            MoveDirection::In { from, component, to } => {
                (format!("{}.{component}.{to}", moved.uid), from.clone(), format!("{component}.{to}"))
            }
            MoveDirection::Out { component, from, to } => {
                (format!("{}.{to}", moved.uid), format!("{component}.{from}"), to.clone())
            }
        };
        let twice = !claimed.insert((moved.uid.clone(), format!("from {old}")))
            | !claimed.insert((moved.uid.clone(), format!("to {new}")));
        let refused = if twice {
            Err("is moved twice, or is the target of two moves".to_owned())
        } else {
            check_move(before, after, m, &all, &moved)
        };
        match refused {
            Ok(()) => moves.push(moved),
            Err(message) => m.problems.push(change_problem(place, message)),
        }
    }
    m.moves = moves;
}

fn check_move(
    before: &Snapshot,
    after: &Snapshot,
    m: &SchemaMatch,
    all: &[AttributeMove],
    moved: &AttributeMove,
) -> Result<(), String> {
    let uid = &moved.uid;
    if !is_type(uid) {
        return Err(
            "values can only be moved into and out of the components of a content type, not those of a component: \
             move them in two steps, through the content type"
                .to_owned(),
        );
    }
    let old_uid = m.types.get(uid).map(|(old, _)| old.as_str()).unwrap_or_default();
    let repeatable = |name: &str| {
        Err(format!(
            "`{name}` is a list, so values cannot be moved to or from a single component in it; make it a single \
             component first"
        ))
    };
    let (was, is) = match &moved.way {
        MoveDirection::In { from, component, to } => {
            let attribute = after
                .attribute(uid, component)
                .ok_or_else(|| format!("component attribute `{component}` not found"))?;
            let inside = match &attribute.kind {
                KindShape::Component { component, repeatable: false } => component,
                KindShape::Component { .. } | KindShape::DynamicZone { .. } => return repeatable(component),
                _ => return Err(format!("`{component}` is not a component attribute")),
            };
            let is = after.attribute(inside, to).ok_or_else(|| format!("the component `{inside}` has no `{to}`"))?;
            let creates_component =
                |m: &AttributeMove| m.uid == *uid && matches!(&m.way, MoveDirection::Out { to, .. } if to == component);
            let known =
                m.attributes.get(uid).is_some_and(|s| s.contains_key(component)) || all.iter().any(creates_component);
            if known && m.attributes.get(inside).is_some_and(|s| s.contains_key(to)) {
                return Err(format!(
                    "`{component}.{to}` has values of its own, which would be overwritten: move into a new attribute"
                ));
            }
            let was = before.attribute(old_uid, from).ok_or_else(|| format!("`{from}` not found"))?;
            (was, is)
        }
        MoveDirection::Out { component, from, to } => {
            let attribute =
                before.attribute(old_uid, component).ok_or_else(|| format!("`{component}` did not exist"))?;
            let inside = match &attribute.kind {
                KindShape::Component { component, repeatable: false } => component,
                KindShape::Component { .. } | KindShape::DynamicZone { .. } => return repeatable(component),
                _ => return Err(format!("`{component}` was not a component attribute")),
            };
            let now = m.attributes.get(uid).and_then(|s| s.iter().find(|(_, (old, _))| old == component));
            if let Some((now, _)) = now
                && !matches!(
                    after.attribute(uid, now).map(|a| &a.kind),
                    Some(KindShape::Component { repeatable: false, .. })
                )
            {
                return Err(format!("`{component}` becomes a list in the same change: make two separate changes"));
            }
            let was =
                before.attribute(inside, from).ok_or_else(|| format!("the component `{inside}` had no `{from}`"))?;
            let is = after.attribute(uid, to).ok_or_else(|| format!("attribute `{to}` not found"))?;
            (was, is)
        }
    };
    // An inverse that goes in the same change leaves the relation one-way.
    let two_sided = |kind: &KindShape, is_dropped: &dyn Fn(&str, &str) -> bool| match kind {
        KindShape::Relation(RelationShape { side: SideShape::Inverse(_), .. }) => true,
        KindShape::Relation(RelationShape { side: SideShape::Owner(across), target: Some(target), .. }) => {
            !is_dropped(target, across)
        }
        _ => false,
    };
    let inverse_dropped = |target: &str, across: &str| {
        let sources = m.new_uid(target).and_then(|target| m.attributes.get(target));
        sources.is_none_or(|sources| !sources.values().any(|(old, _)| old == across))
    };
    if two_sided(&was.kind, &inverse_dropped) || two_sided(&is.kind, &|_, _| false) {
        return Err("a relation inside a component can only have one side: make it one-way first".to_owned());
    }
    match kind_fit(&m.map_attribute(was), is) {
        KindFit::Impossible(why) => Err(why),
        _ => Ok(()),
    }
}

/// Asks about removed and added things of which one may be the other.
fn find_questions(before: &Snapshot, after: &Snapshot, answers: &Answers, m: &mut SchemaMatch) {
    let mut questions = Vec::new();
    let is_answered = |place: &str| answers.renames.contains_key(place);
    for components in [false, true] {
        let sources = if components { &m.components } else { &m.types };
        let uids = |s: &Snapshot| -> Vec<String> {
            if components {
                s.components.iter().map(|c| c.uid.clone()).collect()
            } else {
                s.types.iter().map(|t| t.uid.clone()).collect()
            }
        };
        for old in uids(before).iter().filter(|old| m.new_uid(old).is_none() && !is_answered(old)) {
            let fresh = uids(after).into_iter().filter(|new| !sources.contains_key(new));
            let kind = |s: &Snapshot, uid: &str| s.content_type(uid).map(|t| t.kind);
            let mut alike: Vec<(usize, String)> = fresh
                .filter(|new| kind(before, old) == kind(after, new))
                .map(|new| (count_shared(before.attributes(old), after.attributes(&new)), new))
                .filter(|(shared, new)| {
                    let limit =
                        before.attributes(old).map_or(0, <[_]>::len).max(after.attributes(new).map_or(0, <[_]>::len));
                    shared * 2 >= limit && limit > 0
                })
                .collect();
            alike.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
            let candidates: Vec<String> = alike.into_iter().map(|(_, new)| new).collect();
            if let Some(first) = candidates.first() {
                let subject = if components { "component" } else { "content type" };
                let sentence = format!("Is the {subject} `{first}` the old `{old}`?");
                questions.push(Question { old: old.clone(), candidates, sentence });
            }
        }
    }
    for (owner, sources) in &m.attributes {
        let Some(old_owner) = m.types.get(owner).or_else(|| m.components.get(owner)).map(|(old, _)| old) else {
            continue;
        };
        let (was, is) = (before.attributes(old_owner).unwrap_or_default(), after.attributes(owner).unwrap_or_default());
        let moved = |name: &str| {
            m.moves.iter().any(|m| m.uid == *owner && matches!(&m.way, MoveDirection::In { from, .. } if from == name))
        };
        let is_moved_out = |name: &str| {
            m.moves.iter().any(|m| m.uid == *owner && matches!(&m.way, MoveDirection::Out { to, .. } if to == name))
        };
        let is_dropped = |a: &&AttributeShape| !sources.values().any(|(old, _)| *old == a.name) && !moved(&a.name);
        for old in was.iter().filter(is_dropped).filter(|a| !is_answered(&format!("{old_owner}.{}", a.name))) {
            let fresh =
                is.iter().filter(|a| !sources.contains_key(&a.name) && !is_moved_out(&a.name) && a.name != old.name);
            let rank = |a: &AttributeShape| match kind_fit(&m.map_attribute(old), a) {
                KindFit::Same => Some(0),
                KindFit::Lossless => Some(1),
                KindFit::Tried => Some(2),
                KindFit::Impossible(_) => None,
            };
            let mut alike: Vec<_> = fresh.filter_map(|a| Some((rank(a)?, a.name.clone()))).collect();
            alike.sort();
            let candidates: Vec<String> = alike.into_iter().map(|(_, name)| name).collect();
            if let Some(first) = candidates.first() {
                let sentence = format!("In `{owner}`: is `{first}` the old `{}`?", old.name);
                questions.push(Question { old: format!("{old_owner}.{}", old.name), candidates, sentence });
            }
        }
    }
    m.questions = questions;
}

/// Number of attributes that two lists have in common, by name and kind.
fn count_shared(a: Option<&[AttributeShape]>, b: Option<&[AttributeShape]>) -> usize {
    let b = b.unwrap_or_default();
    a.unwrap_or_default()
        .iter()
        .filter(|a| b.iter().any(|b| a.name == b.name && a.kind.display_name() == b.kind.display_name()))
        .count()
}
