//! The transaction behind every write of a document: merge with what is there, check what will be published, write the
//! draft, its links on both sides, the published version, and what all locales share.

use crate::answer::{begin, end_one};
use crate::plans::Ready;
use crate::{Ask, Content, ContentError, RefusalKind, Result, WriteAnswer, secrets};
use cairn_model::validate::{check, merge};
use cairn_model::*;
use cairn_query::{Action, Field, Node, Status};
use cairn_store::content::links::{Inverse, LinkTo};
use cairn_store::content::{Prepared, Row};
use cairn_store::system::new_document_id;
use cairn_store::{StoreError, WriteTx};
use serde_json::json;
use std::collections::HashMap;

/// Which document a write is about.
pub(crate) enum Which {
    /// A new one.
    New,
    /// One that is there; `make_locale`: its version in this locale is not.
    Document { id: String, make_locale: bool },
}

/// A write whose values have passed the first checks.
pub(crate) struct Save {
    pub(crate) which: Which,
    pub(crate) action: Action,
    /// Empty for types that are not localised.
    pub(crate) locale: String,
    /// Also make the published version (always true for types without draft & publish).
    pub(crate) publish: bool,
    /// By attribute; `Absent` keeps.
    pub(crate) given: Vec<Value>,
}

/// What else happens in a write's transaction, before its rows: checks, and changes that stand or fall with it. Gets the
/// document id.
pub(crate) type Hook = Box<dyn FnOnce(&mut WriteTx<'_>, &str) -> Result<()> + Send>;

/// What a write left behind.
pub(crate) struct Saved {
    pub(crate) document_id: String,
}

/// A caller's row condition, compiled for checks inside a transaction.
pub(crate) struct Guard(Prepared);

impl Guard {
    /// Whether the document matches, as the transaction sees it.
    pub(crate) fn holds(&self, tx: &WriteTx<'_>, document_id: &str) -> Result<bool> {
        Ok(tx.reader().one(&self.0, document_id, &mut Vec::new())?)
    }
}

impl Content {
    /// The caller's condition for `action` on the version that is written first (the draft, where there are drafts).
    pub(crate) fn guard(&self, ask: &Ask<'_>, action: Action) -> Result<Option<Guard>> {
        if ask.access.condition(ask.content_type, action).is_none() {
            return Ok(None);
        }
        // Planned as an update, whose plan has the condition and nothing else; a create is checked after it was made.
        let registry = self.registry();
        let request = cairn_query::Request {
            registry,
            access: ask.access,
            content_type: ask.content_type,
            action,
            default_locale: ask.default_locale,
            limits: self.limits,
            lenient: false,
        };
        let mut plan = cairn_query::plan(&request, ask.query)?.plan;
        if plan.filter.is_none() {
            plan.filter = cairn_query::condition_filter(&request);
        }
        plan.status = Status::Draft;
        plan.sort = Vec::new();
        plan.node = Node { content_type: ask.content_type, fields: vec![Field::Id], populate: Vec::new() };
        Ok(Some(Guard(Prepared::compile(registry, &plan, ask.default_locale))))
    }

    /// Runs the write; answers after it is on disk.
    pub(crate) async fn save(&self, ask: &Ask<'_>, save: Save, hook: Option<Hook>) -> Result<Saved> {
        let guard = self.guard(ask, save.action)?;
        let content_type = ask.content_type;
        let now = self.now();
        self.store
            .write(move |tx| {
                let registry = tx.registry();
                let mut write = Write { registry: &registry, ct: registry.get(content_type), tx, now, save };
                write.run(guard.as_ref(), hook)
            })
            .await
    }

    /// The answer of a write: the version that was written, shaped by the request's `fields` and `populate`.
    pub(crate) fn written(&self, ready: &Ready, saved: Saved) -> Result<WriteAnswer> {
        let mut body = begin();
        // Without a status the plan shows the published version, which is what was written then.
        let shown = self.store.read(|r| r.one(&ready.prepared, &saved.document_id, &mut body))?;
        if !shown {
            // Deleted by another meanwhile, or out of the caller's sight: the write stands, there is nothing to show.
            body.extend_from_slice(b"null");
        }
        end_one(&mut body);
        Ok(WriteAnswer { body, document_id: saved.document_id })
    }
}

/// One write inside its transaction.
struct Write<'a, 'tx> {
    registry: &'a Registry,
    ct: &'a ContentType,
    tx: &'a mut WriteTx<'tx>,
    now: String,
    save: Save,
}

impl Write<'_, '_> {
    fn run(&mut self, guard: Option<&Guard>, hook: Option<Hook>) -> Result<Saved> {
        let drafts = self.ct.draft_publish;
        let fresh = matches!(self.save.which, Which::New);
        let (document_id, held) = match std::mem::replace(&mut self.save.which, Which::New) {
            Which::New => {
                // Two first writes of a single type: the second is an update.
                if self.ct.kind == Kind::Single && self.tx.any_document(self.ct.id)?.is_some() {
                    return Err(ContentError::Changed);
                }
                (new_document_id(), None)
            }
            Which::Document { id, make_locale } => {
                let held = match self.tx.row(self.ct.id, &id, &self.save.locale, !drafts)? {
                    // A type that had no drafts when the document was written: its published version is the draft.
                    None if drafts => self.adopt(&id)?,
                    held => held,
                };
                if held.is_some() == make_locale {
                    return Err(ContentError::Changed);
                }
                if held.is_none() && !self.tx.exists(self.ct.id, &id, None)? {
                    return Err(ContentError::not_found());
                }
                if let (Some(guard), Action::Update) = (guard, self.save.action)
                    && held.is_some()
                    && !guard.holds(self.tx, &id)?
                {
                    return Err(ContentError::not_found());
                }
                (id, held)
            }
        };
        if let Some(hook) = hook {
            hook(self.tx, &document_id)?;
        }
        let mut row = self.merged(&document_id, held.as_ref())?;
        let shared = self.inherit(&document_id, fresh, held.is_none(), &mut row)?;
        let mut links = self.owned(&held, &row)?;
        self.to_one(&mut row)?;
        if drafts && self.save.publish {
            self.check_published(&row)?;
        }
        let unique = |tx: &WriteTx<'_>, ct: &ContentType, row: &Row| -> Result<ContentError> {
            let clashes = tx.unique_clashes(ct.id, &row.document_id, &row.locale, &row.values)?;
            Ok(ContentError::fields(
                clashes.iter().map(|&a| secrets::taken(&ct.attributes[a], &row.values[a])).collect(),
            ))
        };
        let written = match held {
            None => self.tx.insert(self.ct.id, &row),
            Some(_) => self.tx.update(self.ct.id, &row).map(|()| row.id),
        };
        row.id = match written {
            Err(StoreError::Unique) => return Err(unique(self.tx, self.ct, &row)?),
            other => other?,
        };
        if let Some(from) = shared {
            let attributes = self.shared_attributes();
            self.tx.copy_links(self.ct.id, from, row.id, Some(&attributes))?;
        }
        for (attribute, before, after) in links.drain(..) {
            self.tx.set_owned_links(self.ct.id, attribute, row.id, &before, &after)?;
        }
        self.one_to_one(&row)?;
        self.inverse(&row)?;
        let published_row = if drafts && self.save.publish {
            match self.tx.publish(self.ct.id, &row, &self.now, fresh) {
                Err(StoreError::Unique) => return Err(unique(self.tx, self.ct, &row)?),
                other => Some(other?),
            }
        } else {
            None
        };
        if let Some(id) = published_row {
            self.one_to_one(&Row { id, published: true, ..row.clone() })?;
        }
        if self.ct.localized && !fresh {
            self.share(&row)?;
        }
        if let Some(guard) = guard
            && !guard.holds(self.tx, &document_id)?
        {
            return Err(ContentError::forbidden());
        }
        Ok(Saved { document_id })
    }

    /// Makes a draft of a published version that has none.
    fn adopt(&mut self, document_id: &str) -> Result<Option<Row>> {
        let Some(published) = self.tx.row(self.ct.id, document_id, &self.save.locale, true)? else { return Ok(None) };
        let from = published.id;
        let mut draft = Row { id: 0, published: false, published_at: None, ..published };
        draft.values.iter_mut().for_each(|v| self.tx.renumber(v));
        draft.id = self.tx.insert(self.ct.id, &draft)?;
        self.tx.copy_links(self.ct.id, from, draft.id, None)?;
        Ok(Some(draft))
    }

    /// The row as it will be: what is held, changed by what is given.
    fn merged(&mut self, document_id: &str, held: Option<&Row>) -> Result<Row> {
        let published = !self.ct.draft_publish;
        let mut row = held.cloned().unwrap_or_else(|| Row {
            id: 0,
            document_id: document_id.to_owned(),
            locale: self.save.locale.clone(),
            published,
            created_at: self.now.clone(),
            updated_at: String::new(),
            published_at: None,
            values: vec![Value::Null; self.ct.attributes.len()],
            to_one: HashMap::new(),
        });
        row.updated_at = self.now.clone();
        row.published_at = published.then(|| self.now.clone());
        for (id, a) in self.ct.attributes.iter() {
            let given = std::mem::take(&mut self.save.given[id]);
            match &a.kind {
                _ if given == Value::Absent => {}
                FieldKind::Component { .. } | FieldKind::DynamicZone { .. } => {
                    let mut value = merge(self.registry, a, &row.values[id], given)
                        .map_err(|e| ContentError::application(e.to_string()))?;
                    self.tx.number(&mut value);
                    row.values[id] = value;
                }
                FieldKind::Media { .. } | FieldKind::Relation(_) => self.save.given[id] = given,
                _ => row.values[id] = given,
            }
        }
        Ok(row)
    }

    /// Attributes with one value for all locales.
    fn shared_attributes(&self) -> Vec<AttributeId> {
        self.ct.attributes.iter().filter(|(_, a)| !a.localized).map(|(i, _)| i).collect()
    }

    /// A new locale version takes over what all locales share. Answers the row to copy shared links from.
    fn inherit(&mut self, document_id: &str, fresh: bool, new_row: bool, row: &mut Row) -> Result<Option<i64>> {
        if fresh || !new_row || !self.ct.localized {
            return Ok(None);
        }
        let Some(other) = self.tx.rows(self.ct.id, document_id, !self.ct.draft_publish)?.into_iter().next() else {
            return Ok(None);
        };
        row.created_at = self.now.clone();
        for a in self.shared_attributes() {
            let attribute = &self.ct.attributes[a];
            match self.registry.link(attribute).map(|l| l.storage) {
                Some(LinkStorage::Column) => {
                    if let Some(link) = other.to_one.get(&a) {
                        row.to_one.insert(a, link.clone());
                    }
                }
                Some(_) => {}
                // A default stands for "not given".
                None if self.given_shared(a, row) => {}
                None => {
                    row.values[a] = other.values[a].clone();
                    self.tx.renumber(&mut row.values[a]);
                }
            }
        }
        Ok(Some(other.id))
    }

    fn given_shared(&self, attribute: AttributeId, row: &Row) -> bool {
        let a = &self.ct.attributes[attribute];
        !row.values[attribute].is_empty()
            && a.default.is_none()
            && !matches!(&row.values[attribute], Value::Instances(l) if l.is_empty())
    }

    /// What happens to the link tables of this row: (attribute, before, after).
    fn owned(&mut self, held: &Option<Row>, row: &Row) -> Result<Vec<(AttributeId, Vec<LinkTo>, Vec<LinkTo>)>> {
        let mut all = Vec::new();
        for (id, a) in self.ct.attributes.iter() {
            let Value::Change(change) = &self.save.given[id] else { continue };
            let Some(link) = self.registry.link(a) else { continue };
            if !matches!(link.storage, LinkStorage::Table | LinkStorage::References) {
                continue;
            }
            let before = if held.is_some() { self.tx.owned_links(self.ct.id, id, row.id)? } else { Vec::new() };
            let after = self.changed(link.many, change, &before)?;
            all.push((id, before, after));
        }
        Ok(all)
    }

    /// The links after a change: those that stay keep their keys, moved and new ones have none yet.
    fn changed(&self, many: bool, change: &LinkChange, before: &[LinkTo]) -> Result<Vec<LinkTo>> {
        let current: Vec<Target> = before.iter().map(|l| l.target.clone()).collect();
        let mut targets = change.apply(&current).map_err(|e| ContentError::whole(e.to_string()))?;
        if !many && targets.len() > 1 {
            targets.drain(..targets.len() - 1);
        }
        let link = |target: Target| {
            let held = before.iter().find(|l| l.target == target);
            let moved = !change.replace && change.connect.iter().any(|c| c.target == target);
            LinkTo {
                position: held.filter(|_| !moved).and_then(|l| l.position),
                inverse: held.map_or_else(|| self.tx.end_position(), |l| l.inverse),
                target,
            }
        };
        Ok(targets.into_iter().map(link).collect())
    }

    /// Links kept in the row itself.
    fn to_one(&mut self, row: &mut Row) -> Result<()> {
        for (id, a) in self.ct.attributes.iter() {
            let Value::Change(change) = &self.save.given[id] else { continue };
            let Some(Link { storage: LinkStorage::Column, target: Some(t), .. }) = self.registry.link(a) else {
                continue;
            };
            let before: Vec<LinkTo> = row
                .to_one
                .get(&id)
                .map(|(d, p)| LinkTo {
                    target: Target { content_type: t, document_id: d.clone() },
                    position: Some(0),
                    inverse: *p,
                })
                .into_iter()
                .collect();
            match self.changed(false, change, &before)?.pop() {
                Some(link) => row.to_one.insert(id, (link.target.document_id, link.inverse)),
                None => row.to_one.remove(&id),
            };
        }
        Ok(())
    }

    /// A two-way one-to-one target leaves the row that had it.
    fn one_to_one(&mut self, row: &Row) -> Result<()> {
        for (id, a) in self.ct.attributes.iter() {
            if let FieldKind::Relation(Relation { kind: RelationKind::OneToOne, side: Side::Owner { .. }, .. }) =
                &a.kind
                && let Some((target, _)) = row.to_one.get(&id)
            {
                self.tx.take_one_to_one(self.ct.id, id, row, target)?;
            }
        }
        Ok(())
    }

    /// Links that the other side keeps.
    fn inverse(&mut self, row: &Row) -> Result<()> {
        let published_too = self.save.publish;
        for (id, a) in self.ct.attributes.iter() {
            let Value::Change(change) = &self.save.given[id] else { continue };
            let Some(link) = self.registry.link(a) else { continue };
            let Some(inverse) = Inverse::of(self.registry, self.ct, id, published_too, &self.save.locale) else {
                continue;
            };
            let before = self.tx.inverse_links(&inverse, &row.document_id)?;
            let after = self.changed(link.many, change, &before)?;
            self.tx.set_inverse_links(&inverse, &row.document_id, &before, &after)?;
        }
        Ok(())
    }

    /// The second pass: everything, on the whole version that is to be published.
    fn check_published(&self, row: &Row) -> Result<()> {
        // As in Strapi, `required` is not enforced on relations and media.
        let mut errors = check(self.registry, &self.ct.attributes, &row.values);
        if errors.is_empty() {
            return Ok(());
        }
        for a in self.tx.unique_clashes(self.ct.id, &row.document_id, &row.locale, &row.values)? {
            errors.push(secrets::taken(&self.ct.attributes[a], &row.values[a]));
        }
        Err(ContentError::fields(errors))
    }

    /// Sets what all locales share on the document's other versions: on every draft, and when publishing on the
    /// published ones. They keep their ids and times.
    fn share(&mut self, row: &Row) -> Result<()> {
        let shared = self.shared_attributes();
        if shared.is_empty() {
            return Ok(());
        }
        let mut others = self.tx.rows(self.ct.id, &row.document_id, !self.ct.draft_publish)?;
        if self.ct.draft_publish && self.save.publish {
            others.extend(self.tx.rows(self.ct.id, &row.document_id, true)?);
        }
        for mut other in others.into_iter().filter(|o| o.locale != row.locale) {
            for &a in &shared {
                match self.registry.link(&self.ct.attributes[a]).map(|l| l.storage) {
                    Some(LinkStorage::Column) => match row.to_one.get(&a) {
                        Some(link) => {
                            other.to_one.insert(a, link.clone());
                        }
                        None => {
                            other.to_one.remove(&a);
                        }
                    },
                    Some(_) => {}
                    None => {
                        other.values[a] = row.values[a].clone();
                        self.tx.renumber(&mut other.values[a]);
                    }
                }
            }
            match self.tx.update(self.ct.id, &other) {
                Err(StoreError::Unique) => {
                    let clashes =
                        self.tx.unique_clashes(self.ct.id, &other.document_id, &other.locale, &other.values)?;
                    let errors = clashes.iter().map(|&a| secrets::taken(&self.ct.attributes[a], &other.values[a]));
                    return Err(ContentError::fields(errors.collect()));
                }
                done => done?,
            }
            self.tx.clear_links(self.ct.id, other.id, &shared)?;
            self.tx.copy_links(self.ct.id, row.id, other.id, Some(&shared))?;
        }
        Ok(())
    }
}

impl From<cairn_access::PasswordError> for ContentError {
    fn from(e: cairn_access::PasswordError) -> Self {
        let kind = match e {
            cairn_access::PasswordError::Busy => RefusalKind::TooMany,
            _ => RefusalKind::Validation,
        };
        ContentError::refuse(kind, e.to_string(), json!({}))
    }
}
