//! From a request's body to validated values: keys, related documents, the first pass of validation.

use crate::read_scope::ReadScope;
use crate::{Content, ContentError, RefusalKind, RequestContext, Result, secrets};
use cairn_model::body::{DocumentReference, check_keys, find_references};
use cairn_model::validate::{CastMode, cast_attributes};
use cairn_model::{AttributeId, ContentType, Registry, RelationSide, TargetRef, TypeId, Value};
use cairn_query::{Access, Action, EntryNode, Field, Locales, Plan, Query, QueryBuilder};
use cairn_store::content::CompiledPlan;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The related documents of a body, by the reference that the client sent.
pub(crate) type ResolvedReferences = HashMap<(TypeId, TargetRef), String>;

/// The values of a body.
#[derive(Clone)]
pub(crate) struct CastInput {
    /// By attribute: `Absent` if nothing was sent and no default applies.
    pub(crate) values: Vec<Value>,
    /// By attribute: whether the client sent it. A default does not count.
    pub(crate) named: Vec<bool>,
}

impl Content {
    /// The `data` object of a body.
    pub(crate) fn extract_data(body: Option<Json>) -> Result<Map<String, Json>> {
        match body {
            Some(Json::Object(mut o)) => match o.remove("data") {
                Some(Json::Object(data)) => Ok(data),
                Some(Json::Array(_)) => Err(ContentError::invalid_entry(
                    "this must be a `object` type, but the final value was: `null` (cast from the value `[]`).",
                )),
                _ => Err(ContentError::validation("Missing \"data\" payload in the request body")),
            },
            _ => Err(ContentError::validation("Missing \"data\" payload in the request body")),
        }
    }

    /// Refuses the first key that is unknown or that the caller may not set.
    pub(crate) fn check_body_keys(
        &self,
        context: &RequestContext<'_>,
        action: Action,
        data: &Map<String, Json>,
    ) -> Result<()> {
        let registry = self.registry();
        let ct = registry.get(context.content_type);
        let access: &Access = context.access;
        let may_read = |t: TypeId| t == registry.file_type().id || access.allows_action(t, Action::Find);
        let may_write = |a: AttributeId| access.allows_attribute(ct, a, action);
        check_keys(registry, ct, data, &may_read, &may_write).map_err(|e| {
            let mut details = json!({ "key": e.key, "source": "body" });
            if let Some(path) = e.path {
                details["path"] = path.map_or(Json::Null, Json::String);
            }
            ContentError::refuse(RefusalKind::Validation, e.message, details)
        })?;
        // The inverse side of a relation changes rows of the other type: that is an update there.
        for name in data.keys() {
            if let Some((_, a)) = ct.attributes.get(name)
                && let Some(link) = registry.attribute_link(a)
                && let (Some(target), RelationSide::Inverse { owner }) = (link.target, link.side)
                && !access.allows_attribute(registry.get(target), owner, Action::Update)
            {
                return Err(ContentError::forbidden());
            }
        }
        Ok(())
    }

    /// Looks up every related document in one read. The first that does not exist is the error; documents that the caller may not see count
    /// as missing, whatever the form of the reference.
    pub(crate) fn resolve_related(
        &self,
        reads: ReadScope<'_>,
        ask: &RequestContext<'_>,
        data: &Map<String, Json>,
        locale: &str,
    ) -> Result<ResolvedReferences> {
        let registry = self.registry();
        let references = named_references(registry, registry.get(ask.content_type), data)?;
        let mut found = load_references(registry, reads, &references, locale)?;
        let hidden = self.hidden_documents(reads, ask, &found, locale)?;
        found.retain(|(t, _), document| !hidden.contains(&(*t, document.clone())));
        let withheld = self.withheld_files(reads, ask, &references, &found)?;
        let is_there = |key: &ReferenceKey| found.get(key).is_some_and(|document| !withheld.contains(document));
        require_all_found(registry, &references, is_there, locale)?;
        Ok(found)
    }

    /// Those of the found documents that the caller's row condition hides.
    fn hidden_documents(
        &self,
        reads: ReadScope<'_>,
        ask: &RequestContext<'_>,
        found: &ResolvedReferences,
        locale: &str,
    ) -> Result<HashSet<(TypeId, String)>> {
        let mut compiled: HashMap<TypeId, Vec<CompiledPlan>> = HashMap::new();
        let mut hidden = HashSet::new();
        for ((t, _), document) in found {
            if !ask.access.is_limited(*t, Action::Find) {
                continue;
            }
            let versions = compiled.entry(*t).or_insert_with(|| self.compile_visibility_queries(ask, *t, locale));
            let is_visible = reads.read(|r| {
                for version in versions.iter() {
                    if r.entries().write_one(version, document, &mut Vec::new())? {
                        return Ok::<_, ContentError>(true);
                    }
                }
                Ok(false)
            })?;
            if !is_visible {
                hidden.insert((*t, document.clone()));
            }
        }
        Ok(hidden)
    }

    /// Those of the files for the document that the caller may not use there. The transaction checks again.
    fn withheld_files(
        &self,
        reads: ReadScope<'_>,
        ask: &RequestContext<'_>,
        references: &[DocumentReference],
        found: &ResolvedReferences,
    ) -> Result<HashSet<String>> {
        let file = self.registry().file_type().id;
        let keys = references.iter().filter(|r| r.must_exist && r.content_type == file).map(reference_key);
        let files: Vec<&str> = keys.filter_map(|key| found.get(&key)).map(String::as_str).collect();
        if files.is_empty() {
            return Ok(HashSet::new());
        }
        reads.read(|r| self.file_viewer(ask).withheld_files(r, ask.actor, &files))
    }

    /// Reads of a document of a type as the caller may see it in that locale. Any version will do: what a role may see of a type does
    /// not depend on its state.
    fn compile_visibility_queries(
        &self,
        request_context: &RequestContext<'_>,
        content_type: TypeId,
        locale: &str,
    ) -> Vec<CompiledPlan> {
        let context = RequestContext { content_type, ..*request_context };
        // The second query is refused to a caller who may not read drafts.
        let drafts = QueryBuilder::new().with("status", "draft").build();
        let plans = [Query::empty(), &drafts].into_iter().filter_map(|query| {
            let plan = cairn_query::plan_query(&self.query_request(&context, Action::Find), query).ok()?.plan;
            let node = EntryNode { content_type, fields: vec![Field::Id], populate: Vec::new() };
            Some(Plan { locale: Locales::One(locale.to_owned()), node, ..plan })
        });
        plans.map(|plan| self.store.compile_plan(&plan, context.default_locale)).collect()
    }

    /// Runs the first pass of validation: returns values by attribute, or all errors.
    pub(crate) async fn cast_body(
        &self,
        content_type: TypeId,
        data: &Map<String, Json>,
        casting: CastOptions<'_>,
    ) -> Result<CastInput> {
        let mut input = self.cast_body_unhashed(ReadScope::Snapshot(&self.store), content_type, data, casting)?;
        self.hash_passwords(self.registry().get(content_type), &mut input.values).await?;
        Ok(input)
    }

    /// Does the same as [`Self::cast_body`], but leaves passwords unhashed: the caller has to hash them.
    pub(crate) fn cast_body_unhashed(
        &self,
        reads: ReadScope<'_>,
        content_type: TypeId,
        data: &Map<String, Json>,
        casting: CastOptions<'_>,
    ) -> Result<CastInput> {
        cast_values(self.registry(), reads, content_type, data, casting)
    }
}

/// How values of a body are cast.
#[derive(Clone, Copy)]
pub(crate) struct CastOptions<'a> {
    pub(crate) mode: CastMode,
    /// The related documents that it refers to.
    pub(crate) references: &'a ResolvedReferences,
    /// If the row is published directly: the document and locale among whose others values have to be unique.
    pub(crate) unique_in: Option<(&'a str, &'a str)>,
    /// True if values that all locales share and the client does not send are taken from another locale.
    pub(crate) inherits: bool,
}

/// Looks up every related document of a body in one read; the first that does not exist is the error. Whether the caller may see
/// them is checked elsewhere.
pub(crate) fn resolve_references(
    registry: &Registry,
    reads: ReadScope<'_>,
    ct: &ContentType,
    data: &Map<String, Json>,
    locale: &str,
) -> Result<ResolvedReferences> {
    let references = named_references(registry, ct, data)?;
    let found = load_references(registry, reads, &references, locale)?;
    require_all_found(registry, &references, |key| found.contains_key(key), locale)?;
    Ok(found)
}

/// A related document, by the reference that the client sent.
type ReferenceKey = (TypeId, TargetRef);

fn reference_key(reference: &DocumentReference) -> ReferenceKey {
    (reference.content_type, reference.target.clone())
}

/// The documents that a body refers to.
fn named_references(registry: &Registry, ct: &ContentType, data: &Map<String, Json>) -> Result<Vec<DocumentReference>> {
    find_references(registry, ct, data).map_err(|e| ContentError::invalid_entry(e.message))
}

/// Those of the references that exist.
fn load_references(
    registry: &Registry,
    reads: ReadScope<'_>,
    references: &[DocumentReference],
    locale: &str,
) -> Result<ResolvedReferences> {
    let mut found = ResolvedReferences::new();
    if references.is_empty() {
        return Ok(found);
    }
    let mut by_type: BTreeMap<TypeId, Vec<&TargetRef>> = BTreeMap::new();
    for reference in references {
        by_type.entry(reference.content_type).or_default().push(&reference.target);
    }
    reads.read(|r| {
        for (t, targets) in &by_type {
            let in_locale = Some(locale).filter(|_| registry.get(*t).localized);
            let resolved = r.documents().resolve_all(*t, targets, in_locale)?;
            found.extend(resolved.into_iter().map(|(target, document)| ((*t, target), document)));
        }
        Ok::<_, ContentError>(())
    })?;
    Ok(found)
}

/// Refuses the first reference that does not exist. References by numeric id are counted, as in Strapi.
fn require_all_found(
    registry: &Registry,
    references: &[DocumentReference],
    is_there: impl Fn(&ReferenceKey) -> bool,
    locale: &str,
) -> Result<()> {
    let keys = references.iter().filter(|r| r.must_exist).map(reference_key);
    let missing: Vec<ReferenceKey> = keys.filter(|key| !is_there(key)).collect();
    for (t, target) in &missing {
        if let TargetRef::Document(id) = target {
            return Err(reference_not_found(registry, *t, id, locale));
        }
    }
    let Some((t, _)) = missing.first() else { return Ok(()) };
    let n = missing.iter().filter(|(other, _)| other == t).count();
    let uid = &registry.get(*t).uid;
    Err(ContentError::invalid_entry(format!("{n} relation(s) of type {uid} associated with this entity do not exist")))
}

fn reference_not_found(registry: &Registry, t: TypeId, id: &str, locale: &str) -> ContentError {
    let locale = if registry.get(t).localized { locale } else { "null" };
    ContentError::target_not_found(id, locale)
}

/// Runs the first pass of validation; see [`Content::cast_body_unhashed`].
pub(crate) fn cast_values(
    registry: &Registry,
    reads: ReadScope<'_>,
    content_type: TypeId,
    data: &Map<String, Json>,
    CastOptions { mode, references: found, unique_in, inherits }: CastOptions<'_>,
) -> Result<CastInput> {
    let ct = registry.get(content_type);
    let resolve = |t: TypeId, target: &TargetRef| found.get(&(t, target.clone())).cloned();
    let mut cast = cast_attributes(registry, &ct.attributes, data, mode, &resolve);
    let inherited = |name: &str| !data.contains_key(name) && ct.attributes.get(name).is_some_and(|(_, a)| !a.localized);
    if inherits {
        cast.errors.retain(|e| !e.path.first().is_some_and(|name| inherited(name)));
    }
    if !cast.errors.is_empty() {
        secrets::hide_secrets(registry, &ct.attributes, data, &mut cast.errors);
        if let Some((document, locale)) = unique_in {
            let clashes =
                reads.read(|r| r.documents().find_unique_clashes(content_type, document, locale, &cast.values))?;
            cast.errors.extend(clashes.iter().map(|&a| secrets::taken_error(&ct.attributes[a], &cast.values[a])));
        }
        return Err(ContentError::field_errors(cast.errors));
    }
    if let Some(message) = cast.format {
        return Err(ContentError::validation(message));
    }
    let named = ct.attributes.iter().map(|(_, a)| data.contains_key(&a.name)).collect();
    Ok(CastInput { values: cast.values, named })
}
