//! Titles of documents, and the phase they are in: one look-up per type and locale, not per document.

use crate::EditorialService;
use cairn_content::{RequestContext, Result};
use cairn_model::ContentType;
use cairn_query::{Access, QueryBuilder, QueryTree};
use cairn_store::editorial::DocumentKey;
use cairn_store::events::Actor;
use serde_json::Value as Json;
use std::collections::HashMap;
use std::sync::Arc;

/// Documents that are looked up at a time.
const LABEL_BATCH_SIZE: usize = 50;
/// Longest title that is shown, in characters.
const MAX_TITLE_CHARS: usize = 120;

/// Title and phase of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentLabel {
    /// Title of the document.
    pub title: Option<String>,
    /// Its phase, if the owners of its type name the attribute that holds it.
    pub phase: Option<String>,
}

/// The attributes that hold a type's titles: the first with a value counts.
fn title_attributes(ct: &ContentType) -> Vec<&str> {
    ct.title_attributes().map(|id| ct.attributes[id].name.as_str()).collect()
}

impl EditorialService {
    /// The labels of some documents. `phases`: by type the path of the attribute that holds the phase.
    pub(crate) async fn load_labels(
        &self,
        documents: &[&DocumentKey],
        phases: &HashMap<String, String>,
    ) -> Result<HashMap<DocumentKey, DocumentLabel>> {
        let mut by_place: HashMap<(&str, &str), Vec<&str>> = HashMap::new();
        for d in documents {
            let ids = by_place.entry((&d.content_type, &d.locale)).or_default();
            if !ids.contains(&d.document_id.as_str()) {
                ids.push(&d.document_id);
            }
        }
        let mut found = HashMap::new();
        for ((uid, locale), ids) in by_place {
            let Some(ct) = self.registry().by_uid(uid).filter(|t| t.is_api()) else { continue };
            for ids in ids.chunks(LABEL_BATCH_SIZE) {
                self.load_type_labels(ct, locale, ids, phases.get(uid).map(String::as_str), &mut found).await?;
            }
        }
        Ok(found)
    }

    async fn load_type_labels(
        &self,
        ct: &ContentType,
        locale: &str,
        ids: &[&str],
        phase: Option<&str>,
        found: &mut HashMap<DocumentKey, DocumentLabel>,
    ) -> Result<()> {
        let titles = title_attributes(ct);
        // An attribute may have gone since its owner was written.
        let phase = phase.filter(|path| crate::owners::check_field(self.registry(), ct, path).is_ok());
        let mut fields = vec![QueryTree::from("documentId")];
        fields.extend(titles.iter().copied().map(QueryTree::from));
        let ids: Vec<QueryTree> = ids.iter().map(|id| QueryTree::from(*id)).collect();
        let mut query = QueryBuilder::new()
            .with("filters", [("documentId", QueryTree::from([("$in", ids)]))])
            .with("pagination", [("pageSize", (LABEL_BATCH_SIZE * 2).to_string())]);
        match phase.map(|p| p.split_once('.').unwrap_or((p, ""))) {
            None => {}
            Some((attribute, "")) => fields.push(attribute.into()),
            Some((relation, attribute)) => {
                let shape = QueryTree::from([("fields", vec![QueryTree::from(attribute)])]);
                query.set("populate", [(relation, shape)]);
            }
        }
        query.set("fields", fields);
        if ct.draft_publish {
            query.set("status", "draft");
        }
        if !locale.is_empty() {
            query.set("locale", locale);
        }
        let query = query.build();
        let (access, actor) = (Arc::new(Access::full()), Arc::new(Actor::system("desk")));
        let context = RequestContext {
            access: &access,
            content_type: ct.id,
            query: &query,
            default_locale: locale,
            actor: &actor,
        };
        let answer = self.content.find(context).await?;
        let body: Json = serde_json::from_slice(&answer.body).unwrap_or_default();
        for entry in body["data"].as_array().into_iter().flatten() {
            let Some(id) = entry["documentId"].as_str() else { continue };
            let key =
                DocumentKey { content_type: ct.uid.clone(), document_id: id.to_owned(), locale: locale.to_owned() };
            let label = DocumentLabel {
                title: titles
                    .iter()
                    .find_map(|title| to_text(&entry[title]))
                    .or_else(|| ct.single_title().map(str::to_owned)),
                phase: phase.and_then(|p| p.split('.').try_fold(entry, |at, part| at.get(part)).and_then(to_text)),
            };
            found.insert(key, label);
        }
        Ok(())
    }
}

pub(crate) fn to_text(json: &Json) -> Option<String> {
    let text = match json {
        Json::String(text) => text.clone(),
        Json::Number(n) => n.to_string(),
        Json::Bool(b) => b.to_string(),
        _ => return None,
    };
    Some(text.chars().take(MAX_TITLE_CHARS).collect::<String>()).filter(|t| !t.is_empty())
}
