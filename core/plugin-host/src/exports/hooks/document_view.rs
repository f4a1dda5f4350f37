//! Documents as hooks are shown them.

use crate::tenant::hook_index::ActiveHook;
use cairn_content::{Content, ListRange, RequestContext, Result};
use cairn_model::{ContentType, FieldKind, RelationKind, TypeId};
use cairn_query::{Action, QueryBuilder, QueryTree};
use cairn_store::{Reader, StoreError, WriteTx};
use serde_json::{Map, Value as Json, json};
use std::borrow::Cow;

/// Fields of a content type that a hook's plugin may read: of its own all, of others what it was granted, and of those nothing private.
pub(super) struct ReadableFields<'a> {
    hook: &'a ActiveHook,
    ct: &'a ContentType,
}

impl<'a> ReadableFields<'a> {
    pub(super) fn new(hook: &'a ActiveHook, ct: &'a ContentType) -> Self {
        Self { hook, ct }
    }

    /// True if the plugin may read a field: an attribute, or else what every document has.
    pub(super) fn has_field(&self, name: &str) -> bool {
        let rights = &self.hook.generation.content_access;
        match self.ct.attributes.get(name) {
            Some((attribute, _)) => rights.allows_attribute(self.ct, attribute, Action::Find),
            None => rights.allows_action(self.ct.id, Action::Find),
        }
    }

    /// A document without the rest.
    pub(super) fn filter_document<'d>(&self, document: &'d Map<String, Json>) -> Cow<'d, Map<String, Json>> {
        if document.keys().all(|name| self.has_field(name)) {
            return Cow::Borrowed(document);
        }
        let filter = document.iter().filter(|(name, _)| self.has_field(name));
        Cow::Owned(filter.map(|(name, value)| (name.clone(), value.clone())).collect())
    }
}

/// A document cut down to what a hook selects, of what its plugin may read.
pub(super) struct DocumentView<'a, 'b, 'tx> {
    hook: &'a ActiveHook,
    ct: &'a ContentType,
    locale: &'a str,
    tx: Option<&'b mut WriteTx<'tx>>,
}

impl<'a, 'b, 'tx> DocumentView<'a, 'b, 'tx> {
    pub(super) fn new(
        hook: &'a ActiveHook,
        ct: &'a ContentType,
        locale: &'a str,
        tx: Option<&'b mut WriteTx<'tx>>,
    ) -> Self {
        Self { hook, ct, locale, tx }
    }

    pub(super) fn render_json(&mut self, document: &Map<String, Json>) -> Result<String> {
        let document = ReadableFields::new(self.hook, self.ct).filter_document(document);
        let mut view = Map::new();
        match self.hook.select.clone() {
            None => {
                for (name, value) in &*document {
                    view.insert(name.clone(), self.link_json(name, value));
                }
            }
            Some(select) => {
                for selected in select.iter() {
                    let value = document.get(&selected.name).unwrap_or(&Json::Null);
                    let value = match selected.of_related.as_deref() {
                        None | Some("documentId") => self.link_json(&selected.name, value),
                        Some(field) => self.related_field(&selected.name, field, value)?,
                    };
                    merge_selected(&mut view, &selected.name, value);
                }
            }
        }
        Ok(Json::Object(view).to_string())
    }

    /// Relations as `{documentId}`, or a list of such.
    fn link_json(&self, name: &str, value: &Json) -> Json {
        let Some(many) = self.relation_target(name).map(|(_, many)| many) else { return value.clone() };
        let one = |id: &Json| match id {
            Json::String(id) => json!({ "documentId": id }),
            other => other.clone(),
        };
        let list: Vec<Json> = value.as_array().map_or(&[][..], Vec::as_slice).iter().map(one).collect();
        if many { list.into() } else { list.into_iter().next().unwrap_or_default() }
    }

    fn relation_target(&self, name: &str) -> Option<(Option<TypeId>, bool)> {
        let (_, attribute) = self.ct.attributes.get(name)?;
        match &attribute.kind {
            FieldKind::Relation(relation) => {
                let many = !matches!(relation.kind, RelationKind::OneToOne | RelationKind::ManyToOne);
                Some((relation.target, many))
            }
            FieldKind::Media { multiple, .. } => Some((None, *multiple)),
            _ => None,
        }
    }

    /// A field of what a relation leads to, by the plugin's own rights.
    fn related_field(&mut self, name: &str, field: &str, value: &Json) -> Result<Json> {
        let ids: Vec<&str> = value.as_array().map_or(&[][..], Vec::as_slice).iter().filter_map(Json::as_str).collect();
        let (Some((Some(target), many)), Some(tx)) = (self.relation_target(name), &self.tx) else {
            return Ok(Json::Null);
        };
        let rows = match ids.is_empty() {
            true => Vec::new(),
            false => load_related(self.hook, &tx.reader(), target, field, &ids, self.locale)?,
        };
        Ok(if many { rows.into() } else { rows.into_iter().next().unwrap_or_default() })
    }
}

fn load_related(
    hook: &ActiveHook,
    reader: &Reader<'_>,
    target: TypeId,
    field: &str,
    ids: &[&str],
    locale: &str,
) -> Result<Vec<Json>> {
    let generation = &hook.generation;
    let content: &Content = generation.content();
    let ids_tree: Vec<QueryTree> = ids.iter().map(|id| QueryTree::from(&**id)).collect();
    let mut query = QueryBuilder::new()
        .with("filters", [("documentId", QueryTree::from([("$in", ids_tree)]))])
        .with("fields", vec![field.into()])
        .with("status", "draft");
    if !locale.is_empty() && content.registry().get(target).localized {
        query.set("locale", locale);
    }
    let query = query.build();
    let default_locale = generation.access().locales().default.to_string();
    let context = RequestContext {
        access: &generation.content_access,
        content_type: target,
        query: &query,
        default_locale: &default_locale,
        actor: &generation.actor,
    };
    let part = ListRange::Window { start: 0, limit: u32::try_from(ids.len()).unwrap_or(u32::MAX) };
    let array = content.rows_in(reader, context, part)?;
    let rows: Vec<Json> = serde_json::from_slice(&array)
        .map_err(|e| StoreError::Corrupt { place: "related documents".into(), message: e.to_string() })?;
    // In the order of the relation.
    Ok(ids.iter().filter_map(|id| rows.iter().find(|row| row["documentId"] == **id)).cloned().collect())
}

/// Two selected fields of one relation are one object.
fn merge_selected(view: &mut Map<String, Json>, name: &str, value: Json) {
    match (view.get_mut(name), value) {
        (Some(Json::Object(fields)), Json::Object(new_fields)) => fields.extend(new_fields),
        (Some(Json::Array(items)), Json::Array(new_items)) => {
            for (item, new_item) in items.iter_mut().zip(new_items) {
                if let (Json::Object(item_fields), Json::Object(new_fields)) = (item, new_item) {
                    item_fields.extend(new_fields);
                }
            }
        }
        (_, value) => {
            view.insert(name.to_owned(), value);
        }
    }
}
