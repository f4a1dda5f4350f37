//! The first reading of an archive of Strapi 4: ids, locales and states of its rows, which of them are localizations of one another, and what
//! components the published ones have. It keeps no content.

use crate::archive::{Archive, MemberKind, visit_lines};
use crate::entity::{ConfigurationLine, EntityLine, LinkLine, parse_line};
use crate::error::ImportError;
use crate::row_index::{Symbol, Symbols};
use crate::survey::{LOCALIZATIONS, is_content};
use cairn_model::ROLE_UID;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Largest `metadata.json`, in bytes.
const MAX_METADATA_BYTES: u64 = 1 << 20;
/// Largest id of a row that links are believed: ids behind it are still numbers of JavaScript.
const MAX_LINKED_ID: i64 = 1 << 52;
/// The attribute that Strapi 5 has in every type: a project of Strapi 4 may have one of its own with that name.
pub(super) const DOCUMENT_ID: &str = "documentId";

/// A row that belongs to a document.
#[derive(Debug, Clone, Copy)]
pub(super) struct FormerRow {
    pub(super) id: i64,
    /// `None` if it has none.
    pub(super) locale: Option<Symbol>,
    /// True if it is published and its type has drafts: it gets a draft beside it.
    pub(super) has_draft_beside: bool,
}

/// The members of a row that say what it is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FormerHead<'a> {
    #[serde(borrow, default)]
    locale: Option<&'a RawValue>,
    #[serde(borrow, default)]
    published_at: Option<&'a RawValue>,
}

/// An attribute with components: of one kind, or a dynamic zone.
struct PartAttribute {
    name: String,
    component: Option<String>,
}

/// Facts that a schema has of a content type or component.
#[derive(Default)]
struct FormerType {
    has_drafts: bool,
    is_single: bool,
    has_own_document_id: bool,
    parts: Vec<PartAttribute>,
}

/// Facts of an archive that have to be known before its rows are written anew.
#[derive(Default)]
pub(super) struct Inventory {
    pub(super) metadata: Json,
    pub(super) symbols: Symbols,
    /// The default locale, if the archive says.
    pub(super) default_locale: Option<Symbol>,
    /// Rows that belong to documents, by type, sorted by id.
    pub(super) rows: BTreeMap<String, Vec<FormerRow>>,
    /// Pairs of rows that are localizations of one another, by type.
    pub(super) localizations: HashMap<String, Vec<(i64, i64)>>,
    types: HashMap<String, FormerType>,
    /// The largest id of each type and component.
    largest_ids: HashMap<String, i64>,
    /// Components that belong to rows which get a draft beside them.
    copied_components: HashSet<(Symbol, i64)>,
    incomplete_localizations: BTreeMap<String, u64>,
}

impl Inventory {
    /// Reads an archive. Returns an error if a line cannot be read.
    pub(super) fn read(archive: &Archive) -> Result<Self, ImportError> {
        let mut inventory = Self::default();
        archive.walk(&mut |member| {
            match member.kind {
                MemberKind::Metadata => {
                    let bytes = member.read_bytes(MAX_METADATA_BYTES)?;
                    inventory.metadata = parse_line(&bytes, &|| "metadata.json".to_owned())?;
                }
                MemberKind::Schemas => {
                    return visit_lines(member, &mut |line, place| {
                        inventory.read_schema(&parse_line(line, place)?);
                        Ok(())
                    });
                }
                MemberKind::Entities => {
                    return visit_lines(member, &mut |line, place| inventory.read_row(line, place));
                }
                MemberKind::Links => {
                    return visit_lines(member, &mut |line, place| {
                        inventory.read_link(&parse_line(line, place)?);
                        Ok(())
                    });
                }
                MemberKind::Configuration => {
                    return visit_lines(member, &mut |line, place| {
                        inventory.read_setting(&parse_line(line, place)?);
                        Ok(())
                    });
                }
                MemberKind::Asset(_) | MemberKind::AssetMetadata => {}
            }
            Ok(())
        })?;
        for rows in inventory.rows.values_mut() {
            rows.sort_unstable_by_key(|row| row.id);
        }
        Ok(inventory)
    }

    fn read_schema(&mut self, schema: &Map<String, Json>) {
        let uid = schema.get("uid").and_then(Json::as_str).unwrap_or_default();
        let attributes = schema.get("attributes").and_then(Json::as_object);
        let mut found = FormerType {
            has_drafts: schema.get("options").is_some_and(|options| options["draftAndPublish"] == true),
            is_single: schema.get("kind").and_then(Json::as_str) == Some("singleType"),
            has_own_document_id: attributes.is_some_and(|attributes| attributes.contains_key(DOCUMENT_ID)),
            parts: Vec::new(),
        };
        for (name, attribute) in attributes.into_iter().flatten() {
            let component = match attribute["type"].as_str() {
                Some("component") => attribute["component"].as_str().map(str::to_owned),
                Some("dynamiczone") => None,
                _ => continue,
            };
            found.parts.push(PartAttribute { name: name.clone(), component });
        }
        self.types.insert(uid.to_owned(), found);
    }

    fn read_row(&mut self, line: &[u8], place: &dyn Fn() -> String) -> Result<(), ImportError> {
        let entity: EntityLine<'_> = parse_line(line, place)?;
        let uid: &str = &entity.uid;
        if !has_document(uid) {
            return Ok(());
        }
        let head: FormerHead<'_> = parse_line(entity.data.get().as_bytes(), place)?;
        let is_published = head.published_at.is_some_and(|at| at.get() != "null");
        let has_draft_beside = is_published && self.types.get(uid).is_some_and(|found| found.has_drafts);
        let locale: Option<String> = head.locale.and_then(|locale| serde_json::from_str(locale.get()).ok());
        let locale = locale.filter(|locale| !locale.is_empty()).map(|locale| self.symbols.add(&locale));
        self.raise_largest_id(uid, entity.id);
        self.rows.entry(uid.to_owned()).or_default().push(FormerRow { id: entity.id, locale, has_draft_beside });
        if self.types.get(uid).is_some_and(|found| !found.parts.is_empty()) {
            let mut data: Map<String, Json> = parse_line(entity.data.get().as_bytes(), place)?;
            let mut components = Vec::new();
            self.visit_components(uid, &mut data, &mut |component, instance| {
                components.extend(instance.get("id").and_then(Json::as_i64).map(|id| (component.to_owned(), id)));
            });
            for (component, id) in components {
                self.raise_largest_id(&component, id);
                if has_draft_beside {
                    let component = self.symbols.add(&component);
                    self.copied_components.insert((component, id));
                }
            }
        }
        Ok(())
    }

    fn raise_largest_id(&mut self, uid: &str, id: i64) {
        match self.largest_ids.get_mut(uid) {
            Some(largest) => *largest = id.max(*largest),
            None => {
                self.largest_ids.insert(uid.to_owned(), id);
            }
        }
    }

    fn read_link(&mut self, link: &LinkLine<'_>) {
        // Rows and components that are gone keep their ids, so that no draft is taken for them.
        for end in [&link.left, &link.right] {
            if let Some(id) = end.row.as_i64().filter(|id| *id <= MAX_LINKED_ID) {
                self.raise_largest_id(&end.uid, id);
            }
        }
        if link.left.field.as_deref() == Some(LOCALIZATIONS) && has_document(&link.left.uid) {
            let uid = link.left.uid.to_string();
            match (link.left.row.as_i64(), link.right.row.as_i64()) {
                (Some(from), Some(to)) => self.localizations.entry(uid).or_default().push((from, to)),
                _ => *self.incomplete_localizations.entry(uid).or_default() += 1,
            }
        }
    }

    fn read_setting(&mut self, setting: &ConfigurationLine) {
        if setting.value["key"] == "plugin_i18n_default_locale" {
            self.default_locale = setting.value["value"].as_str().map(|code| self.symbols.add(code));
        }
    }

    /// True for a type of which there is one document.
    pub(super) fn is_single(&self, uid: &str) -> bool {
        self.types.get(uid).is_some_and(|found| found.is_single)
    }

    /// Calls `visit` with the uid and the values of every component in a row or component, those inside others too.
    pub(super) fn visit_components(
        &self,
        uid: &str,
        data: &mut Map<String, Json>,
        visit: &mut dyn FnMut(&str, &mut Map<String, Json>),
    ) {
        let Some(found) = self.types.get(uid) else { return };
        for part in &found.parts {
            let instances = match data.get_mut(&part.name) {
                Some(Json::Array(list)) => list.as_mut_slice(),
                Some(one) => std::slice::from_mut(one),
                None => continue,
            };
            for instance in instances.iter_mut().filter_map(Json::as_object_mut) {
                let uid = match &part.component {
                    Some(uid) => uid.clone(),
                    None => instance.get("__component").and_then(Json::as_str).unwrap_or_default().to_owned(),
                };
                visit(&uid, instance);
                self.visit_components(&uid, instance, visit);
            }
        }
    }

    /// The id that the draft beside a row has, or its copy of a component; `None` for what has no draft beside it.
    pub(super) fn draft_id(&self, uid: &str, id: i64) -> Option<i64> {
        let is_copied = match self.rows.get(uid) {
            Some(rows) => {
                let found = rows.binary_search_by_key(&id, |row| row.id).ok();
                found.and_then(|at| rows.get(at)).is_some_and(|row| row.has_draft_beside)
            }
            None => self.symbols.find(uid).is_some_and(|symbol| self.copied_components.contains(&(symbol, id))),
        };
        is_copied.then(|| self.id_behind(uid, id))
    }

    /// An id of the same type, behind all that it has.
    pub(super) fn id_behind(&self, uid: &str, id: i64) -> i64 {
        self.largest_ids.get(uid).copied().unwrap_or_default().saturating_add(id)
    }

    /// Findings that the report has of the archive's version, with their places.
    pub(super) fn describe(&self) -> Vec<(String, String)> {
        let version = self.metadata["strapi"]["version"].as_str().unwrap_or_default();
        let mut notes = vec![(
            format!("Strapi {version}"),
            "it has no documents: rows that are localizations of one another are read as one, whose document id follows from the type and the lowest of their row ids. A published row keeps its id"
                .to_owned(),
        )];
        for (uid, rows) in &self.rows {
            let copied = rows.iter().filter(|row| row.has_draft_beside).count();
            if copied > 0 {
                let message = format!(
                    "published rows have a draft beside them, as in Strapi 5, which the counts contain: {copied}"
                );
                notes.push((uid.clone(), message));
            }
            if self.types.get(uid).is_some_and(|found| found.has_own_document_id) {
                let message = "its values are left out: every type has an attribute with that name. Rename it in Strapi to keep them";
                notes.push((format!("{uid}, {DOCUMENT_ID}"), message.to_owned()));
            }
        }
        for (uid, count) in &self.incomplete_localizations {
            let message = format!("links are left out, since they do not name the rows that they link: {count}");
            notes.push((format!("{uid}, {LOCALIZATIONS}"), message));
        }
        notes
    }
}

/// True for types whose rows belong to documents.
pub(super) fn has_document(uid: &str) -> bool {
    is_content(uid) || uid == ROLE_UID
}
