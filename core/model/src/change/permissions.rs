//! Takes permissions through a change: a permission names types and attributes, and must neither widen nor vanish without
//! notice when these are renamed.
//!
//! What cannot be expressed in the new names is forbidden, not left unchanged: an old name may mean something else one day.

use super::convert::Conversion;
use super::snapshot::{KindShape, RelationShape, Snapshot};
use super::step::ChangeStep;
use super::trace::{AttributeFate, NameTrace, TracedAttribute};
use crate::registry::{FILE_UID, USER_UID};
use serde_json::{Map, Value as Json, json};

/// A permission, by names.
#[derive(Debug, Clone, PartialEq)]
pub struct Permission {
    /// Uid of the content type, or of a subject that is not content.
    pub subject: String,
    /// `find`, `update` …
    pub action: String,
    /// Restricts it to rows that match: a filter in the query language.
    pub condition: Option<Json>,
    /// Restricts it to these attributes.
    pub fields: Option<Vec<String>>,
}

/// The result of rewriting a permission.
#[derive(Debug, Clone, PartialEq)]
pub struct RewrittenPermission {
    /// The new permission; `None`: it is to be deleted, because its subject does not exist any more.
    pub permission: Option<Permission>,
    /// Restrictions that the change adds, as sentences; empty if nothing changes.
    pub notes: Vec<String>,
}

/// Rewrites permissions.
#[derive(Debug)]
pub struct PermissionRewriter<'a> {
    before: &'a Snapshot,
    after: Snapshot,
    trace: NameTrace,
}

/// Fields that every row has.
const SYSTEM_FIELDS: [&str; 8] =
    ["id", "documentId", "createdAt", "updatedAt", "publishedAt", "locale", "createdBy", "updatedBy"];

/// A condition that no row satisfies.
pub fn never_condition() -> Json {
    json!({ "$or": [] })
}

/// Depth up to which conditions are rewritten: the query language allows less.
const MAX_CONDITION_DEPTH: usize = 64;

impl<'a> PermissionRewriter<'a> {
    /// Prepares rewriting for the steps from `before` on.
    pub fn new(before: &'a Snapshot, steps: &[ChangeStep]) -> Self {
        let mut after = before.clone();
        for step in steps {
            after.apply(&step.change);
        }
        Self { before, after, trace: NameTrace::follow_steps(before, steps) }
    }

    /// Rewrites a permission to the new names.
    pub fn rewrite(&self, old: &Permission) -> RewrittenPermission {
        let subject = &old.subject;
        if self.before.content_type(subject).is_none() {
            // Subjects that are not content stay: `plugin::i18n.locale` and its like. A project's type that did not exist means nothing now, and must
            // mean nothing when one of that name is added.
            let stale = subject.starts_with("api::");
            let note = || format!("`{}` on `{subject}` is deleted: the content type did not exist", old.action);
            return RewrittenPermission {
                permission: (!stale).then(|| old.clone()),
                notes: if stale { vec![note()] } else { Vec::new() },
            };
        }
        let Some(uid) = self.trace.new_owner(subject) else {
            let note = format!("`{}` on `{subject}` is deleted with the content type", old.action);
            return RewrittenPermission { permission: None, notes: vec![note] };
        };
        let mut notes = Vec::new();
        let condition = old.condition.as_ref().map(|condition| {
            self.rewrite_filter(subject, condition, MAX_CONDITION_DEPTH).unwrap_or_else(|why| {
                notes.push(format!(
                    "`{}` on `{uid}` no longer matches anything: its condition {why}; the condition was {condition}",
                    old.action
                ));
                never_condition()
            })
        });
        let fields =
            old.fields.as_ref().map(|fields| self.rewrite_fields(subject, uid, &old.action, fields, &mut notes));
        let permission = Permission { subject: uid.to_owned(), action: old.action.clone(), condition, fields };
        RewrittenPermission { permission: Some(permission), notes }
    }

    /// Rewrites a list of fields. Never `None`: that would permit every field.
    fn rewrite_fields(
        &self,
        old_uid: &str,
        uid: &str,
        action: &str,
        fields: &[String],
        notes: &mut Vec<String>,
    ) -> Vec<String> {
        let mut rewritten: Vec<String> = Vec::new();
        let mut add = |name: &str| {
            if !rewritten.iter().any(|k| k == name) {
                rewritten.push(name.to_owned());
            }
        };
        for field in fields {
            match self.trace.attribute_fate(old_uid, field) {
                Some(AttributeFate::As(to)) => add(&to.name),
                Some(AttributeFate::Inside { component, kept }) => {
                    if self.is_fully_covered(old_uid, uid, component, fields) {
                        add(component);
                    } else {
                        notes.push(format!(
                            "`{action}` on `{uid}` no longer covers `{field}`: it is now `{component}.{}`, and a \
                             permission can only cover whole components; grant `{component}` to restore it",
                            kept.name
                        ));
                    }
                }
                Some(AttributeFate::Gone) if self.trace.is_opened(old_uid, field) => {}
                Some(AttributeFate::Gone) => {
                    notes.push(format!("`{action}` on `{uid}` no longer names `{field}`: it was dropped"))
                }
                None if SYSTEM_FIELDS.contains(&field.as_str()) => add(field),
                None => {
                    notes.push(format!("`{action}` on `{uid}` no longer names `{field}`: the attribute did not exist"))
                }
            }
            let Some(KindShape::Component { component, .. }) = self.before.attribute(old_uid, field).map(|a| &a.kind)
            else {
                continue;
            };
            for inner in self.before.attributes(component).unwrap_or_default() {
                if let Some(out) = self.trace.moved_out(old_uid, field, &inner.name) {
                    add(&out.name);
                }
            }
        }
        rewritten
    }

    /// True if everything in a new component attribute was moved there from attributes in `fields`.
    fn is_fully_covered(&self, old_uid: &str, uid: &str, component: &str, fields: &[String]) -> bool {
        let old = self.before.content_type(old_uid).map(|t| t.attributes.as_slice()).unwrap_or_default();
        let was_there = old
            .iter()
            .find(|a| matches!(self.trace.attribute_fate(old_uid, &a.name), Some(AttributeFate::As(attribute)) if attribute.name == component));
        if let Some(was_there) = was_there {
            return fields.contains(&was_there.name);
        }
        let Some(KindShape::Component { component: inside, .. }) =
            self.after.attribute(uid, component).map(|a| &a.kind)
        else {
            return false;
        };
        let from_listed = |inner: &str| {
            old.iter().filter(|a| fields.contains(&a.name)).any(|a| {
                matches!(self.trace.attribute_fate(old_uid, &a.name),
                    Some(AttributeFate::Inside { component: c, kept }) if c == component && kept.name == inner)
            })
        };
        self.after.attributes(inside).unwrap_or_default().iter().all(|a| from_listed(&a.name))
    }

    /// Rewrites a filter on rows of a type or instances of a component (old uid). `Err` says, after "its condition", what
    /// cannot be expressed any more.
    fn rewrite_filter(&self, owner: &str, json: &Json, depth: usize) -> Result<Json, String> {
        let Some(depth) = depth.checked_sub(1) else { return Err("is nested too deeply".to_owned()) };
        match json {
            Json::Array(items) => items.iter().map(|item| self.rewrite_filter(owner, item, depth)).collect(),
            Json::Object(map) => {
                let mut all = Conjunction::default();
                for (key, value) in map {
                    match key.as_str() {
                        "$and" | "$or" | "$not" => all.add(key, self.rewrite_filter(owner, value, depth)?),
                        _ if key.starts_with('$') => all.add(key, self.rewrite_value(value, depth)?),
                        _ => self.rewrite_attribute(owner, key, value, depth, &mut all)?,
                    }
                }
                Ok(all.into_json())
            }
            value => self.rewrite_value(value, depth),
        }
    }

    fn rewrite_attribute(
        &self,
        owner: &str,
        name: &str,
        json: &Json,
        depth: usize,
        all: &mut Conjunction,
    ) -> Result<(), String> {
        let Some(attribute) = self.before.attribute(owner, name) else {
            if SYSTEM_FIELDS.contains(&name) || name == "localizations" {
                all.add(name, self.rewrite_value(json, depth)?);
                return Ok(());
            }
            return Err(format!("names `{name}`, which `{owner}` did not have"));
        };
        if let KindShape::Component { component, .. } = &attribute.kind
            && self.trace.is_opened(owner, name)
        {
            return self.rewrite_opened_component(owner, name, component, json, depth, all);
        }
        let (component, traced_attribute) = match self.trace.attribute_fate(owner, name) {
            Some(AttributeFate::As(traced)) => (None, traced),
            Some(AttributeFate::Inside { component, kept }) => (Some(component), kept),
            Some(AttributeFate::Gone) | None => return Err(format!("names `{name}` of `{owner}`, which was dropped")),
        };
        check_comparable(owner, name, traced_attribute)?;
        let inner = match &attribute.kind {
            KindShape::Relation(RelationShape { target: Some(target), .. }) => {
                self.rewrite_filter(target, json, depth)?
            }
            KindShape::Media { .. } => self.rewrite_filter(FILE_UID, json, depth)?,
            KindShape::Component { component, .. } => self.rewrite_filter(component, json, depth)?,
            KindShape::Relation(_) | KindShape::DynamicZone { .. } => {
                return Err(format!("looks inside `{name}` of `{owner}`, which has no attributes"));
            }
            _ => self.rewrite_value(json, depth)?,
        };
        match component {
            None => all.add(&traced_attribute.name, inner),
            Some(component) => all.add(component, json!({ traced_attribute.name.as_str(): inner })),
        }
        Ok(())
    }

    /// Rewrites a filter on the single component `name` of a type, some of whose attributes have become the type's. There is one instance
    /// or none, so the filter can be split into parts.
    fn rewrite_opened_component(
        &self,
        uid: &str,
        name: &str,
        component: &str,
        json: &Json,
        depth: usize,
        all: &mut Conjunction,
    ) -> Result<(), String> {
        let Some(depth) = depth.checked_sub(1) else { return Err("is nested too deeply".to_owned()) };
        let holder = || match self.trace.attribute_fate(uid, name) {
            Some(AttributeFate::As(attribute)) => {
                check_comparable(uid, name, attribute).map(|()| attribute.name.clone())
            }
            _ => Err(format!("names `{name}` of `{uid}`, which was dropped")),
        };
        let piece = |json: &Json| {
            let mut piece = Conjunction::default();
            self.rewrite_opened_component(uid, name, component, json, depth, &mut piece).map(|()| piece.into_json())
        };
        match json {
            Json::Object(map) => {
                for (key, value) in map {
                    match (key.as_str(), value) {
                        ("$and" | "$or", Json::Array(items)) => {
                            let items: Vec<Json> = items.iter().map(piece).collect::<Result<_, _>>()?;
                            all.add(key, items.into());
                        }
                        ("$and" | "$or" | "$not", value) => all.add(key, piece(value)?),
                        _ => match self.trace.moved_out(uid, name, key) {
                            Some(out) => {
                                check_comparable(component, key, out)?;
                                let mut inner = Conjunction::default();
                                self.rewrite_inner_attribute(component, key, value, depth, &mut inner)?;
                                all.add(&out.name, inner.into_single());
                            }
                            None => {
                                let entry = Json::Object(Map::from_iter([(key.clone(), value.clone())]));
                                let entry = self.rewrite_filter(component, &entry, depth)?;
                                all.add(&holder()?, entry);
                            }
                        },
                    }
                }
            }
            Json::Array(items) if items.iter().all(Json::is_object) => {
                let items: Vec<Json> = items.iter().map(piece).collect::<Result<_, _>>()?;
                all.add("$and", items.into());
            }
            value => all.add(&holder()?, self.rewrite_value(value, depth)?),
        }
        Ok(())
    }

    /// Rewrites a filter on an attribute inside a component, whatever its new name there.
    fn rewrite_inner_attribute(
        &self,
        component: &str,
        name: &str,
        json: &Json,
        depth: usize,
        all: &mut Conjunction,
    ) -> Result<(), String> {
        let rewritten = match self.before.attribute(component, name).map(|a| &a.kind) {
            Some(KindShape::Relation(RelationShape { target: Some(target), .. })) => {
                self.rewrite_filter(target, json, depth)?
            }
            Some(KindShape::Media { .. }) => self.rewrite_filter(FILE_UID, json, depth)?,
            Some(KindShape::Component { component, .. }) => self.rewrite_filter(component, json, depth)?,
            Some(kind) if kind.is_scalar() => self.rewrite_value(json, depth)?,
            _ => return Err(format!("looks inside `{name}` of `{component}`, which has no attributes")),
        };
        all.add(name, rewritten);
        Ok(())
    }

    /// Rewrites values, lists and operators of a comparison: only variables contain names.
    fn rewrite_value(&self, json: &Json, depth: usize) -> Result<Json, String> {
        let Some(depth) = depth.checked_sub(1) else { return Err("is nested too deeply".to_owned()) };
        Ok(match json {
            Json::String(text) => match text.strip_prefix("$user.") {
                // Groups that plugins gave, whatever attributes the user has.
                Some("groups") => json.clone(),
                Some(path) => format!("$user.{}", self.rewrite_user_path(path)?).into(),
                None => json.clone(),
            },
            Json::Array(items) => items.iter().map(|item| self.rewrite_value(item, depth)).collect::<Result<_, _>>()?,
            Json::Object(map) => {
                let entries = map.iter().map(|(key, value)| Ok((key.clone(), self.rewrite_value(value, depth)?)));
                Json::Object(entries.collect::<Result<_, String>>()?)
            }
            other => other.clone(),
        })
    }

    /// Rewrites a path such as `customer.documentId`: relations of the user, then a value.
    fn rewrite_user_path(&self, path: &str) -> Result<String, String> {
        let mut owner = USER_UID;
        let mut names = Vec::new();
        let mut parts = path.split('.').peekable();
        while let Some(name) = parts.next() {
            let Some(attribute) = self.before.attribute(owner, name) else {
                if SYSTEM_FIELDS.contains(&name) && parts.peek().is_none() {
                    names.push(name.to_owned());
                    break;
                }
                return Err(format!("uses `$user.{path}`, but `{owner}` did not have `{name}`"));
            };
            let traced_attribute = match self.trace.attribute_fate(owner, name) {
                Some(AttributeFate::As(traced)) => traced,
                Some(AttributeFate::Inside { component, .. }) => {
                    return Err(format!(
                        "uses `$user.{path}`, but `{name}` is inside `{component}` now, which variables cannot reach"
                    ));
                }
                Some(AttributeFate::Gone) | None => {
                    return Err(format!("uses `$user.{path}`, but `{name}` was dropped"));
                }
            };
            check_comparable(owner, name, traced_attribute)?;
            names.push(traced_attribute.name.clone());
            match &attribute.kind {
                KindShape::Relation(RelationShape { target: Some(target), .. }) => owner = target,
                KindShape::Media { .. } => owner = FILE_UID,
                _ if parts.peek().is_some() => {
                    return Err(format!("uses `$user.{path}`, but `{name}` of `{owner}` cannot be followed"));
                }
                _ => {}
            }
        }
        Ok(names.join("."))
    }
}

/// Checks that a comparison still finds the same rows: texts with texts, numbers with numbers, no lost values.
fn check_comparable(owner: &str, name: &str, attribute: &TracedAttribute) -> Result<(), String> {
    use KindShape::*;
    let text = |kind: &KindShape| matches!(kind, String | Text | RichText | Email | Uid | Enumeration { .. });
    let number = |kind: &KindShape| matches!(kind, Integer | BigInteger | Float | Decimal);
    let same = |Conversion { from, to, .. }: &Conversion| {
        text(from) && text(to)
            || number(from) && number(to)
            || from.is_link() && to.is_link()
            || matches!((from, to), (Component { .. }, Component { .. }))
    };
    match attribute.conversions.iter().find(|conversion| attribute.lossy || !same(conversion)) {
        None => Ok(()),
        Some(Conversion { from, to, .. }) => Err(format!(
            "compares `{name}` of `{owner}`, which changes from {} to {}, so comparisons no longer mean the same",
            from.display_name(),
            to.display_name()
        )),
    }
}

/// Conditions that all have to hold: an object, with `$and` if a key occurs twice.
#[derive(Default)]
struct Conjunction {
    map: Map<String, Json>,
    more: Vec<Json>,
}

impl Conjunction {
    fn add(&mut self, key: &str, value: Json) {
        if self.map.contains_key(key) {
            self.more.push(json!({ key: value }));
        } else {
            self.map.insert(key.to_owned(), value);
        }
    }

    /// The value of the only key.
    fn into_single(self) -> Json {
        self.map.into_iter().next().map(|(_, value)| value).unwrap_or_default()
    }

    fn into_json(mut self) -> Json {
        if !self.more.is_empty() {
            let mut list = match self.map.remove("$and") {
                Some(Json::Array(list)) => list,
                Some(one) => vec![one],
                None => Vec::new(),
            };
            list.append(&mut self.more);
            self.map.insert("$and".to_owned(), list.into());
        }
        Json::Object(self.map)
    }
}
