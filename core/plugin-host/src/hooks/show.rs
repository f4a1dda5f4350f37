//! Documents as hooks are shown them.

use super::Listening;
use cairn_content::{Ask, Content, Part, Result};
use cairn_model::{ContentType, FieldKind, RelationKind, TypeId};
use cairn_query::{Action, Tree};
use cairn_store::{Reader, StoreError, WriteTx};
use serde_json::{Map, Value as Json, json};
use std::borrow::Cow;

/// What of a content type a hook's plugin may read: of its own all, of others what it was granted, and of those nothing private.
pub(super) struct Readable<'a> {
    hook: &'a Listening,
    ct: &'a ContentType,
}

impl<'a> Readable<'a> {
    pub(super) fn of(hook: &'a Listening, ct: &'a ContentType) -> Self {
        Self { hook, ct }
    }

    /// Whether an attribute, or what every document has, is among it.
    pub(super) fn has(&self, name: &str) -> bool {
        let rights = &self.hook.generation.rights;
        match self.ct.attributes.get(name) {
            Some((attribute, _)) => rights.may_attribute(self.ct, attribute, Action::Find),
            None => rights.may(self.ct.id, Action::Find),
        }
    }

    /// A document without the rest.
    pub(super) fn cut<'d>(&self, document: &'d Map<String, Json>) -> Cow<'d, Map<String, Json>> {
        if document.keys().all(|name| self.has(name)) {
            return Cow::Borrowed(document);
        }
        let kept = document.iter().filter(|(name, _)| self.has(name));
        Cow::Owned(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
    }
}

/// A document cut down to what a hook selects, of what its plugin may read.
pub(super) struct Show<'a, 'b, 'tx> {
    hook: &'a Listening,
    ct: &'a ContentType,
    locale: &'a str,
    tx: Option<&'b mut WriteTx<'tx>>,
}

impl<'a, 'b, 'tx> Show<'a, 'b, 'tx> {
    pub(super) fn new(
        hook: &'a Listening,
        ct: &'a ContentType,
        locale: &'a str,
        tx: Option<&'b mut WriteTx<'tx>>,
    ) -> Self {
        Self { hook, ct, locale, tx }
    }

    pub(super) fn json(&mut self, document: &Map<String, Json>) -> Result<String> {
        let document = Readable::of(self.hook, self.ct).cut(document);
        let mut shown = Map::new();
        match self.hook.select.clone() {
            None => {
                for (name, value) in &*document {
                    shown.insert(name.clone(), self.plain(name, value));
                }
            }
            Some(select) => {
                for selected in select.iter() {
                    let value = document.get(&selected.name).unwrap_or(&Json::Null);
                    let value = match selected.of_related.as_deref() {
                        None | Some("documentId") => self.plain(&selected.name, value),
                        Some(of) => self.related(&selected.name, of, value)?,
                    };
                    merge(&mut shown, &selected.name, value);
                }
            }
        }
        Ok(Json::Object(shown).to_string())
    }

    /// Relations as `{documentId}`, or a list of such.
    fn plain(&self, name: &str, value: &Json) -> Json {
        let Some(many) = self.leads_to(name).map(|(_, many)| many) else { return value.clone() };
        let one = |id: &Json| match id {
            Json::String(id) => json!({ "documentId": id }),
            other => other.clone(),
        };
        let list: Vec<Json> = value.as_array().map_or(&[][..], Vec::as_slice).iter().map(one).collect();
        if many { list.into() } else { list.into_iter().next().unwrap_or_default() }
    }

    fn leads_to(&self, name: &str) -> Option<(Option<TypeId>, bool)> {
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
    fn related(&mut self, name: &str, of: &str, value: &Json) -> Result<Json> {
        let ids: Vec<&str> = value.as_array().map_or(&[][..], Vec::as_slice).iter().filter_map(Json::as_str).collect();
        let (Some((Some(target), many)), Some(tx)) = (self.leads_to(name), &self.tx) else { return Ok(Json::Null) };
        let rows = match ids.is_empty() {
            true => Vec::new(),
            false => look_up(self.hook, &tx.reader(), target, of, &ids, self.locale)?,
        };
        Ok(if many { rows.into() } else { rows.into_iter().next().unwrap_or_default() })
    }
}

fn look_up(
    hook: &Listening,
    reader: &Reader<'_>,
    target: TypeId,
    of: &str,
    ids: &[&str],
    locale: &str,
) -> Result<Vec<Json>> {
    let text = |text: &str| Tree::Text(text.to_owned());
    let generation = &hook.generation;
    let content: &Content = generation.content();
    let among = Tree::Map(vec![("$in".to_owned(), Tree::List(ids.iter().map(|id| text(id)).collect()))]);
    let mut entries = vec![
        ("filters".to_owned(), Tree::Map(vec![("documentId".to_owned(), among)])),
        ("fields".to_owned(), Tree::List(vec![text(of)])),
        ("status".to_owned(), text("draft")),
    ];
    if !locale.is_empty() && content.registry().get(target).localized {
        entries.push(("locale".to_owned(), text(locale)));
    }
    let default_locale = generation.access().locales().default.to_string();
    let ask = Ask {
        access: &generation.rights,
        content_type: target,
        query: "",
        default_locale: &default_locale,
        actor: &generation.actor,
    };
    let part = Part::Window { start: 0, limit: u32::try_from(ids.len()).unwrap_or(u32::MAX) };
    let array = content.rows_in(reader, ask, &Tree::Map(entries), part)?;
    let rows: Vec<Json> = serde_json::from_slice(&array)
        .map_err(|e| StoreError::Corrupt { place: "related documents".into(), message: e.to_string() })?;
    // In the order of the relation.
    Ok(ids.iter().filter_map(|id| rows.iter().find(|row| row["documentId"] == **id)).cloned().collect())
}

/// Two selected fields of one relation are one object.
fn merge(shown: &mut Map<String, Json>, name: &str, value: Json) {
    match (shown.get_mut(name), value) {
        (Some(Json::Object(held)), Json::Object(more)) => held.extend(more),
        (Some(Json::Array(held)), Json::Array(more)) => {
            for (held, more) in held.iter_mut().zip(more) {
                if let (Json::Object(held), Json::Object(more)) = (held, more) {
                    held.extend(more);
                }
            }
        }
        (_, value) => {
            shown.insert(name.to_owned(), value);
        }
    }
}
