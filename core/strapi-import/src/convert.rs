//! The second reading of an archive: its content as rows of the store.

mod files;
mod text_repair;
mod users;
mod values;

pub use files::{ImportedFile, read_assets};
pub use text_repair::TextRepair;

use crate::archive::{Archive, MemberKind, visit_lines};
use crate::entity::{EntityLine, parse_line};
use crate::error::ImportError;
use crate::links::{IndexedLink, position_at};
use crate::report::ImportReport;
use crate::row_index::Symbol;
use crate::schemas::USER_UID;
use crate::survey::{FILE_UID, FOLDER_UID, LOCALE_UID, Survey, is_content};
use cairn_model::fields::{Operand, parse_operand};
use cairn_model::{AttributeId, ColumnType, ContentType, LinkStorage, LinkTarget, ROLE_UID, Registry, TypeId};
use cairn_store::content::links::PositionedLink;
use cairn_store::content::{BulkVersion, DocumentRow};
use files::ServedNames;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, HashMap, HashSet};
use text_repair::EncodingFinding;

/// Number of rows handed over at a time.
const MAX_BATCH_ROWS: usize = 500;
/// Bytes of lines after which rows are handed over.
const MAX_BATCH_BYTES: usize = 4 << 20;
/// Members of a row that are not attributes of the project.
const SYSTEM_MEMBERS: [&str; 6] = ["documentId", "createdAt", "updatedAt", "publishedAt", "locale", "folderPath"];

/// The receiver of an archive's content.
pub trait ImportSink {
    /// Takes versions of documents of a type, with their ids. Returns an error if they cannot be stored.
    fn add_versions(&mut self, ct: TypeId, versions: Vec<BulkVersion>) -> Result<(), ImportError>;

    /// Takes what the media library knows of a file beside its row. Returns an error if it cannot be stored.
    fn add_file(&mut self, file: ImportedFile) -> Result<(), ImportError>;
}

/// Reads an archive's content, hands it to `sink`, and adds counts, differences and problems to the report. `roles` has the document ids of roles
/// by their ids in Strapi. If the report has problems afterwards, what the sink received must not be stored.
pub fn convert_archive(
    archive: &Archive,
    survey: &Survey,
    registry: &Registry,
    roles: &HashMap<i64, String>,
    repair: TextRepair,
    sink: &mut dyn ImportSink,
    report: &mut ImportReport,
) -> Result<(), ImportError> {
    let mut converter = Converter {
        survey,
        registry,
        roles,
        repair,
        report,
        encoding_findings: BTreeMap::new(),
        used_links: vec![false; survey.links.len()],
        served_names: ServedNames::default(),
        used_assets: HashSet::new(),
        noted: HashSet::new(),
        batch: Vec::new(),
        batch_type: None,
        batch_bytes: 0,
    };
    archive.walk(&mut |member| match member.kind {
        MemberKind::Entities => visit_lines(member, &mut |line, place| converter.convert_line(line, place, sink)),
        _ => Ok(()),
    })?;
    converter.hand_over(sink)?;
    converter.report_rest();
    Ok(())
}

struct Converter<'a> {
    survey: &'a Survey,
    registry: &'a Registry,
    roles: &'a HashMap<i64, String>,
    repair: TextRepair,
    report: &'a mut ImportReport,
    /// By type and attribute.
    encoding_findings: BTreeMap<String, EncodingFinding>,
    /// By the position of a link in the index: true once its owner was found.
    used_links: Vec<bool>,
    served_names: ServedNames,
    used_assets: HashSet<String>,
    /// Findings that many rows have, each reported once.
    noted: HashSet<String>,
    batch: Vec<BulkVersion>,
    batch_type: Option<TypeId>,
    batch_bytes: usize,
}

impl Converter<'_> {
    fn convert_line(
        &mut self,
        line: &[u8],
        place: &dyn Fn() -> String,
        sink: &mut dyn ImportSink,
    ) -> Result<(), ImportError> {
        let entity: EntityLine<'_> = parse_line(line, place)?;
        if !is_content(&entity.uid) {
            return Ok(());
        }
        let registry = self.registry;
        let Some(ct) = registry.by_uid(&entity.uid) else {
            let message = "the archive has rows of this type, but not its schema: export it again".to_owned();
            if self.noted.insert(entity.uid.to_string()) {
                self.report.add_problem(&*entity.uid, message);
            }
            return Ok(());
        };
        let data: Map<String, Json> = parse_line(entity.data.get().as_bytes(), place)?;
        let Some((version, file)) = self.convert_row(ct, entity.id, data) else { return Ok(()) };
        if self.batch_type != Some(ct.id) || self.batch.len() >= MAX_BATCH_ROWS || self.batch_bytes > MAX_BATCH_BYTES {
            self.hand_over(sink)?;
        }
        self.batch_type = Some(ct.id);
        self.batch_bytes += line.len();
        self.batch.push(version);
        self.report.types.entry(ct.uid.clone()).or_default().imported += 1;
        file.map_or(Ok(()), |file| sink.add_file(file))
    }

    fn hand_over(&mut self, sink: &mut dyn ImportSink) -> Result<(), ImportError> {
        self.batch_bytes = 0;
        match self.batch_type.take() {
            Some(ct) if !self.batch.is_empty() => sink.add_versions(ct, std::mem::take(&mut self.batch)),
            _ => Ok(()),
        }
    }

    /// Converts a row to a version of its document; `None` if it is left out, for a reason that the report has.
    fn convert_row(
        &mut self,
        ct: &ContentType,
        id: i64,
        mut data: Map<String, Json>,
    ) -> Option<(BulkVersion, Option<ImportedFile>)> {
        let place = format!("{} {id}", ct.uid);
        let text = |name: &str| data.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
        let document_id = text("documentId")?.to_owned();
        let locale = match (ct.localized, text("locale")) {
            (true, Some(locale)) => {
                if !self.survey.locales.iter().any(|known| known.code == locale) {
                    self.report.add_problem(
                        place,
                        format!("there is no locale {locale:?}: add it in Strapi, and {}", self.survey.source.retry()),
                    );
                    return None;
                }
                locale.to_owned()
            }
            (true, None) => {
                self.note(&ct.uid, "rows without a locale are imported in the default locale");
                self.survey.default_locale().to_owned()
            }
            (false, Some(locale)) if locale != self.survey.default_locale() => {
                let message = format!("left out: it is in the locale {locale:?}, but its type is no longer localised");
                self.report.add_difference(place, message);
                return None;
            }
            (false, _) => String::new(),
        };
        let time = |name: &str| match parse_operand(ColumnType::DateTime, text(name)?) {
            Ok(Operand::Text(moment)) => Some(moment),
            _ => None,
        };
        let (created_at, updated_at, published_at) = (time("createdAt"), time("updatedAt"), time("publishedAt"));
        let updated_at = updated_at.or_else(|| created_at.clone()).unwrap_or_else(|| self.survey.created_at.clone());
        let created_at = created_at.unwrap_or_else(|| updated_at.clone());
        let published = !ct.draft_publish || published_at.is_some();
        let published_at = published.then(|| published_at.unwrap_or_else(|| updated_at.clone()));
        let file = (ct.uid == FILE_UID).then(|| self.take_file(id, &document_id, &mut data)).flatten();
        if ct.uid == USER_UID {
            self.leave_out_secrets(&place, &mut data);
        }
        self.note_unknown_members(ct, &data);
        self.check_encoding(&ct.uid, &mut data);
        let values = self.cast_values(ct, &place, data);
        let mut row = DocumentRow {
            id,
            document_id,
            locale,
            published,
            created_at,
            updated_at,
            version: 1,
            published_at,
            values,
            to_one: HashMap::new(),
        };
        let links = self.attach_links(ct, &place, &mut row);
        Some((BulkVersion { row, links }, file))
    }

    /// Stores the links that a row has in columns in it, and returns the others.
    fn attach_links(
        &mut self,
        ct: &ContentType,
        place: &str,
        row: &mut DocumentRow,
    ) -> Vec<(AttributeId, Vec<PositionedLink>)> {
        let (registry, mut others) = (self.registry, Vec::new());
        let Some(uid) = self.survey.symbols.find(&ct.uid) else { return others };
        for (attribute, a) in ct.attributes.iter() {
            let Some(link) = registry.attribute_link(a).filter(|link| link.storage != LinkStorage::Inverse) else {
                continue;
            };
            let found = self.find_targets(uid, row.id, &a.name, link.target, place);
            if !link.many && found.len() > 1 {
                self.report.add_difference(
                    format!("{place}, {}", a.name),
                    "only the first of its links is imported: it holds one",
                );
            }
            if link.storage == LinkStorage::Column {
                if let Some((target, inverse)) = found.into_iter().next() {
                    row.to_one.insert(attribute, (target.document_id, inverse));
                }
                continue;
            }
            let kept = if link.many { usize::MAX } else { 1 };
            let found: Vec<PositionedLink> = found
                .into_iter()
                .take(kept)
                .enumerate()
                .map(|(i, (target, inverse))| PositionedLink { target, position: Some(position_at(i)), inverse })
                .collect();
            if !found.is_empty() {
                others.push((attribute, found));
            }
        }
        others
    }

    /// Finds the documents that an attribute links to: in order, once each, with the link's position on their side.
    fn find_targets(
        &mut self,
        owner: Symbol,
        id: i64,
        attribute: &str,
        expected: Option<TypeId>,
        place: &str,
    ) -> Vec<(LinkTarget, i64)> {
        let Some(symbol) = self.survey.symbols.find(attribute) else { return Vec::new() };
        let mut found: Vec<(LinkTarget, i64)> = Vec::new();
        let mut seen: HashSet<LinkTarget> = HashSet::new();
        for index in self.survey.links.range(owner, id, symbol) {
            let Some(link) = self.survey.links.get(index) else { continue };
            self.used_links[index] = true;
            match self.resolve_target(link) {
                Some(target) if expected.is_none_or(|expected| expected == target.content_type) => {
                    self.report.links.imported += 1;
                    // Strapi links to the draft and to the published version; in Cairn both links lead to the document.
                    if seen.insert(target.clone()) {
                        found.push((target, link.inverse_position()));
                    }
                }
                _ => {
                    let (uid, id) = (self.survey.symbols.name(link.target), link.target_id);
                    let source = self.survey.source.noun();
                    let message = format!("a link is left out: {uid} {id} is not in the {source}");
                    self.report.add_difference(format!("{place}, {attribute}"), message);
                }
            }
        }
        found
    }

    fn resolve_target(&self, link: &IndexedLink) -> Option<LinkTarget> {
        let uid = self.survey.symbols.name(link.target);
        let content_type = self.registry.by_uid(uid)?.id;
        let document_id = match uid {
            ROLE_UID => self.roles.get(&link.target_id)?,
            _ => self.survey.rows.document_id(link.target, link.target_id)?,
        };
        Some(LinkTarget { content_type, document_id: document_id.to_owned() })
    }

    fn note_unknown_members(&mut self, ct: &ContentType, data: &Map<String, Json>) {
        for (name, value) in data {
            let known = ct.attributes.get(name).is_some() || SYSTEM_MEMBERS.contains(&name.as_str());
            if !known && !value.is_null() {
                let place = format!("{}, {name}", ct.uid);
                self.note(&place, "its values are left out: the schema has no such attribute");
            }
        }
    }

    /// Adds a difference that many rows have.
    fn note(&mut self, place: &str, message: &str) {
        if self.noted.insert(format!("{place}: {message}")) {
            self.report.add_difference(place, message);
        }
    }

    /// Reports what no row had: types that are left out, links without an owner, bytes without a file.
    fn report_rest(&mut self) {
        self.report_encoding();
        for (uid, count) in &self.survey.row_counts {
            let of_type = self.report.types.entry(uid.clone()).or_default();
            of_type.in_archive = *count;
            if matches!(uid.as_str(), LOCALE_UID | FOLDER_UID | ROLE_UID) {
                of_type.imported = *count;
            }
        }
        let unused = self.used_links.iter().enumerate().filter(|(_, used)| !**used);
        let unused: Vec<&IndexedLink> = unused.filter_map(|(index, _)| self.survey.links.get(index)).collect();
        for link in unused {
            let name = |symbol| self.survey.symbols.name(symbol);
            let place = format!("{} {}, {}", name(link.owner), link.owner_id, name(link.attribute));
            let message = format!(
                "a link to {} {} is left out: the {} does not have its owner",
                name(link.target),
                link.target_id,
                self.survey.source.noun()
            );
            self.report.add_difference(place, message);
        }
        self.report.links.in_archive = self.used_links.len() as u64;
        self.report.assets.in_archive = self.survey.assets.len() as u64;
        let mut unused: Vec<&String> =
            self.survey.assets.keys().filter(|name| !self.used_assets.contains(*name)).collect();
        unused.sort();
        for name in unused {
            self.report.add_difference(
                format!("assets/uploads/{name}"),
                "left out: it belongs to no file of the media library",
            );
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
