//! The first reading of an archive: everything but the content.

use crate::archive::{Archive, MemberKind, visit_lines};
use crate::entity::{ConfigurationLine, EntityLine, LinkEnd, LinkLine, RowHead, parse_line};
use crate::error::ImportError;
use crate::links::LinkIndex;
use crate::report::ImportReport;
use crate::row_index::{RowIndex, Symbol, Symbols};
use crate::schemas::USER_UID;
use crate::source::ImportSource;
use cairn_model::ROLE_UID;
pub(crate) use cairn_model::{FILE_UID, LOCALE_UID};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, Read};

/// Largest `metadata.json`, in bytes.
const MAX_METADATA_BYTES: u64 = 1 << 20;
pub(crate) const FOLDER_UID: &str = "plugin::upload.folder";
pub(crate) const PERMISSION_UID: &str = "plugin::users-permissions.permission";
/// Largest id of a row: numbers of JavaScript end there, and rows that are added later have larger ones.
const MAX_ROW_ID: i64 = 1 << 53;
/// The version of Strapi whose archives are read as they are, and the one before, whose archives are upgraded first.
const STRAPI_MAJOR: &str = "5";
const FORMER_MAJOR: &str = "4";
/// Largest number of rows without a document id that are listed.
const MAX_ROWS_LISTED: u64 = 1_000;
/// The attribute of files that links to what uses them.
pub(crate) const USES_OF_FILES: &str = "related";
/// The links between the locales of a document.
pub(crate) const LOCALIZATIONS: &str = "localizations";
/// Links that Strapi makes itself: to people of its admin, and between the locales of a document.
pub(crate) const SYSTEM_FIELDS: [&str; 3] = ["createdBy", "updatedBy", LOCALIZATIONS];

/// The work that an import of Strapi 4 leaves to front ends.
const FORMER_CLIENTS: &str = "front ends written for Strapi 4: send the header `Strapi-Response-Format: v4`, and put document ids in place of row ids in addresses (/api/articles/<documentId>)";

/// A locale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locale {
    /// Code: `en`, `pt-BR`.
    pub code: String,
    /// Name for people.
    pub name: String,
}

/// A folder of the media library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Row id in Strapi.
    pub id: i64,
    /// Name for people.
    pub name: String,
    /// Id of the folder that it is in; `None`: the root.
    pub parent: Option<i64>,
}

/// A role of site users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteRole {
    /// Row id in Strapi.
    pub id: i64,
    /// Type: `public`, `authenticated`, or another of the project.
    pub kind: String,
    /// Name for people.
    pub name: String,
    /// Description for people.
    pub description: String,
    /// Names of permissions: `api::article.article.find`.
    pub actions: Vec<String>,
}

/// How new site users come in: `plugin_users-permissions_advanced` of Strapi.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationRules {
    /// Anybody may register.
    pub open: bool,
    /// New users have to confirm their address.
    pub confirm_by_mail: bool,
    /// `type` of the role of new users.
    pub default_role: String,
}

/// Size and hash of the bytes of a file or format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AssetBytes {
    pub(crate) sha256: String,
    pub(crate) length: u64,
}

/// Everything in an archive except its content.
#[derive(Debug, Default)]
pub struct Survey {
    /// The kind of source.
    pub source: ImportSource,
    /// The version of Strapi that wrote it.
    pub strapi: String,
    /// When it was written; when a database was read.
    pub created_at: String,
    /// Content types and components as Strapi had them.
    pub schemas: Vec<Map<String, Json>>,
    /// Settings of Strapi's *Configure the view*, by uid of the type or component.
    pub views: BTreeMap<String, Json>,
    /// Locales, the default one first.
    pub locales: Vec<Locale>,
    /// Folders of the media library, parents before what is in them.
    pub folders: Vec<Folder>,
    /// Roles of site users.
    pub roles: Vec<SiteRole>,
    /// How new site users come in; `None` if the archive does not say.
    pub registration: Option<RegistrationRules>,
    pub(crate) symbols: Symbols,
    pub(crate) rows: RowIndex,
    pub(crate) links: LinkIndex,
    /// By the name of the member.
    pub(crate) assets: HashMap<String, AssetBytes>,
    /// Ids of folders by the id of the file.
    pub(crate) file_folders: HashMap<i64, i64>,
    pub(crate) row_counts: BTreeMap<String, u64>,
    pub(crate) webhook_count: u64,
    /// Findings of the survey: true if it is a problem, its place, its message.
    findings: Vec<(bool, String, String)>,
}

impl Survey {
    /// Begins the report, with the findings of the survey.
    pub fn begin_report(&self) -> ImportReport {
        let mut report = ImportReport {
            source: self.source,
            strapi: self.strapi.clone(),
            archived_at: self.created_at.clone(),
            locales: self.locales.iter().map(|locale| locale.code.clone()).collect(),
            ..ImportReport::default()
        };
        if self.strapi.split('.').next() == Some(FORMER_MAJOR) {
            report.left_to_do.push(FORMER_CLIENTS.into());
        }
        for (is_problem, place, message) in &self.findings {
            match is_problem {
                true => report.add_problem(place, message),
                false => report.add_difference(place, message),
            }
        }
        report
    }

    /// The code of the default locale.
    pub fn default_locale(&self) -> &str {
        self.locales.first().map_or("en", |locale| &locale.code)
    }

    /// The number of webhooks.
    pub fn webhooks(&self) -> u64 {
        self.webhook_count
    }

    /// The largest row id of a type.
    pub fn largest_id(&self, uid: &str) -> Option<i64> {
        self.rows.largest_id(self.symbols.find(uid)?)
    }

    /// SHA-256 and length of every object that the media library needs, once each.
    pub fn asset_objects(&self) -> BTreeMap<&str, u64> {
        self.assets.values().map(|asset| (asset.sha256.as_str(), asset.length)).collect()
    }
}

/// Reads a whole archive in the form of Strapi 5. Returns an error if it is not complete, or not of Strapi; [`ImportError::FormerVersion`] if it is of
/// Strapi 4.
pub fn survey_archive(archive: &Archive) -> Result<Survey, ImportError> {
    let mut reader = SurveyReader::default();
    reader.survey.source = archive.source();
    reader.major = if archive.is_upgraded() { FORMER_MAJOR } else { STRAPI_MAJOR };
    for (place, message) in archive.notes() {
        reader.add_difference(place.clone(), message);
    }
    archive.walk(&mut |member| {
        match member.kind {
            MemberKind::Metadata => return reader.read_metadata(&member.read_bytes(MAX_METADATA_BYTES)?),
            MemberKind::Schemas => return visit_lines(member, &mut |line, place| reader.read_schema(line, place)),
            MemberKind::Entities => return visit_lines(member, &mut |line, place| reader.read_entity(line, place)),
            MemberKind::Links => return visit_lines(member, &mut |line, place| reader.read_link(line, place)),
            MemberKind::Configuration => {
                return visit_lines(member, &mut |line, place| reader.read_configuration(line, place));
            }
            MemberKind::Asset(name) => {
                let (path, source) = (member.path, member.source);
                let asset = hash_asset(member.body).map_err(|e| ImportError::in_file(source, path, e))?;
                if reader.survey.assets.insert(name.to_owned(), asset).is_some() {
                    return Err(ImportError::in_file(source, path, "it occurs twice: export it again"));
                }
            }
            MemberKind::AssetMetadata => {}
        }
        Ok(())
    })?;
    reader.finish()
}

fn hash_asset(body: &mut dyn Read) -> io::Result<AssetBytes> {
    let mut hash = Sha256::new();
    let length = io::copy(body, &mut hash)?;
    Ok(AssetBytes { sha256: to_hex(&hash.finalize()), length })
}

pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[derive(Default)]
struct SurveyReader {
    survey: Survey,
    /// The first number of the version that wrote what is read.
    major: &'static str,
    has_metadata: bool,
    rows_without_document: u64,
    default_locale: Option<String>,
    /// Types that have drafts, and localised types.
    drafts: HashSet<String>,
    localized: HashSet<String>,
    components: HashSet<String>,
    actions: HashMap<i64, String>,
    action_roles: Vec<(i64, i64)>,
    folder_parents: HashMap<i64, i64>,
}

impl SurveyReader {
    fn read_metadata(&mut self, bytes: &[u8]) -> Result<(), ImportError> {
        let metadata: Json = serde_json::from_slice(bytes).map_err(|e| ImportError::in_member("metadata.json", e))?;
        let version = metadata["strapi"]["version"].as_str().unwrap_or_default();
        let major = version.split('.').next();
        if major == Some(FORMER_MAJOR) && self.major == STRAPI_MAJOR {
            return Err(ImportError::FormerVersion(version.to_owned()));
        }
        if major != Some(self.major) {
            return Err(ImportError::Archive(format!(
                "the {} is of Strapi {version:?}, and only Strapi {FORMER_MAJOR} and {STRAPI_MAJOR} can be imported. Upgrade the project with Strapi's own tools, and {}",
                self.survey.source.noun(),
                self.survey.source.retry(),
            )));
        }
        self.survey.strapi = version.to_owned();
        self.survey.created_at = metadata["createdAt"].as_str().unwrap_or_default().to_owned();
        self.has_metadata = true;
        Ok(())
    }

    fn read_schema(&mut self, line: &[u8], place: &dyn Fn() -> String) -> Result<(), ImportError> {
        let schema: Map<String, Json> = parse_line(line, place)?;
        let uid = schema.get("uid").and_then(Json::as_str).unwrap_or_default().to_owned();
        if schema.get("modelType").and_then(Json::as_str) == Some("component") {
            self.components.insert(uid);
        } else {
            let option = |path: &[&str]| {
                let mut at = schema.get(*path.first()?)?;
                for key in &path[1..] {
                    at = at.get(*key)?;
                }
                at.as_bool()
            };
            if option(&["options", "draftAndPublish"]) == Some(true) {
                self.drafts.insert(uid.clone());
            }
            if option(&["pluginOptions", "i18n", "localized"]) == Some(true) {
                self.localized.insert(uid);
            }
        }
        self.survey.schemas.push(schema);
        Ok(())
    }

    fn read_entity(&mut self, line: &[u8], place: &dyn Fn() -> String) -> Result<(), ImportError> {
        let entity: EntityLine<'_> = parse_line(line, place)?;
        let uid: &str = &entity.uid;
        if !(1..=MAX_ROW_ID).contains(&entity.id) {
            return Err(ImportError::Archive(format!(
                "{} in the archive: {} is not a valid row id",
                place(),
                entity.id
            )));
        }
        match self.survey.row_counts.get_mut(uid) {
            Some(count) => *count += 1,
            None => {
                self.survey.row_counts.insert(uid.to_owned(), 1);
            }
        }
        let is_system = matches!(uid, LOCALE_UID | FOLDER_UID | ROLE_UID | PERMISSION_UID);
        if is_system {
            let data: Json = parse_line(entity.data.get().as_bytes(), place)?;
            self.read_system_row(uid, entity.id, &data);
        }
        if is_content(uid) || uid == ROLE_UID {
            let head: RowHead<'_> = parse_line(entity.data.get().as_bytes(), place)?;
            let Some(document_id) = head.document_id.filter(|id| is_document_id(id)) else {
                self.rows_without_document += 1;
                if self.rows_without_document <= MAX_ROWS_LISTED {
                    self.add_problem(
                        format!("{uid} {}", entity.id),
                        &format!(
                            "its documentId is missing or not valid: correct it in Strapi's database, and {}",
                            self.survey.source.retry()
                        ),
                    );
                }
                return Ok(());
            };
            let has_date = head.published_at.is_some_and(|at| at.get() != "null");
            let published = has_date || !self.drafts.contains(uid);
            let locale = if self.localized.contains(uid) { head.locale.unwrap_or_default() } else { "".into() };
            let (uid, locale) = (self.survey.symbols.add(uid), self.survey.symbols.add(&locale));
            self.survey.rows.add(uid, entity.id, locale, published, &document_id);
        }
        Ok(())
    }

    /// Keeps a row that is not content; there are few of them.
    fn read_system_row(&mut self, uid: &str, id: i64, data: &Json) {
        let text = |name: &str| data[name].as_str().unwrap_or_default().to_owned();
        match uid {
            LOCALE_UID => self.survey.locales.push(Locale { code: text("code"), name: text("name") }),
            FOLDER_UID => self.survey.folders.push(Folder { id, name: text("name"), parent: None }),
            ROLE_UID => self.survey.roles.push(SiteRole {
                id,
                kind: text("type"),
                name: text("name"),
                description: text("description"),
                actions: Vec::new(),
            }),
            _ => {
                self.actions.insert(id, text("action"));
            }
        }
    }

    fn read_link(&mut self, line: &[u8], place: &dyn Fn() -> String) -> Result<(), ImportError> {
        let LinkLine { kind, left, right } = parse_line(line, place)?;
        let field = left.field.as_deref().unwrap_or_default();
        if SYSTEM_FIELDS.contains(&field) {
            return Ok(());
        }
        let (Some(from), Some(to)) = (left.row.as_i64(), right.row.as_i64()) else {
            let place = place();
            self.add_difference(place, "a link is left out: it does not name the rows that it links");
            return Ok(());
        };
        match (&*left.uid, field) {
            (FILE_UID, "folder") => {
                self.survey.file_folders.insert(from, to);
            }
            (FOLDER_UID, "parent") => {
                self.folder_parents.insert(from, to);
            }
            (PERMISSION_UID, "role") => self.action_roles.push((from, to)),
            (FILE_UID, USES_OF_FILES) if kind == "relation.morph" => {
                let attribute = right.field.as_deref().unwrap_or_default();
                self.add_link((&right, to, attribute), (FILE_UID, from), (right.pos, None));
            }
            _ => self.add_link(
                (&left, from, field),
                (&right.uid, to),
                (left.pos.or(morph_position(&kind, &right)), right.pos),
            ),
        }
        Ok(())
    }

    fn add_link(
        &mut self,
        (owner, owner_id, attribute): (&LinkEnd<'_>, i64, &str),
        (target, target_id): (&str, i64),
        positions: (Option<f64>, Option<f64>),
    ) {
        // The types of plugins are left out, and their links with them.
        if !is_content(&owner.uid) && !self.components.contains(&*owner.uid) {
            return;
        }
        let symbols = &mut self.survey.symbols;
        let owner: (Symbol, i64, Symbol) = (symbols.add(&owner.uid), owner_id, symbols.add(attribute));
        self.survey.links.add(owner, (symbols.add(target), target_id), positions);
    }

    fn read_configuration(&mut self, line: &[u8], place: &dyn Fn() -> String) -> Result<(), ImportError> {
        let ConfigurationLine { kind, value } = parse_line(line, place)?;
        if kind == "webhook" {
            self.survey.webhook_count += 1;
        } else if let Some(uid) = value["key"].as_str().and_then(view_owner) {
            self.survey.views.insert(uid.to_owned(), value["value"].clone());
        } else if value["key"] == "plugin_i18n_default_locale" {
            self.default_locale = value["value"].as_str().map(str::to_owned);
        } else if value["key"] == "plugin_users-permissions_advanced" {
            self.survey.registration = Some(read_registration(&value["value"]));
        }
        Ok(())
    }

    fn add_problem(&mut self, place: String, message: &str) {
        self.survey.findings.push((true, place, message.to_owned()));
    }

    fn add_difference(&mut self, place: String, message: &str) {
        self.survey.findings.push((false, place, message.to_owned()));
    }

    fn finish(mut self) -> Result<Survey, ImportError> {
        if !self.has_metadata {
            let message = "metadata.json, the last member of an archive, is missing: the archive is incomplete, or not of `strapi export`. Copy or export it again";
            return Err(ImportError::Archive(message.into()));
        }
        if self.survey.schemas.is_empty() {
            return Err(ImportError::Archive(
                "the archive has no schemas: export it again, without --only and without --exclude content".into(),
            ));
        }
        if let Some((uid, one, other)) = self.survey.rows.sort() {
            let place = self.survey.symbols.name(uid).to_owned();
            self.add_problem(
                format!("{place} {one} and {other}"),
                &format!(
                    "they are the same version of one document, or have the same id: delete one of them in Strapi, and {}",
                    self.survey.source.retry()
                ),
            );
        }
        if self.rows_without_document > MAX_ROWS_LISTED {
            let more = self.rows_without_document - MAX_ROWS_LISTED;
            self.add_problem("documentId".into(), &format!("further rows without a valid one: {more}"));
        }
        self.survey.links.sort();
        self.finish_locales();
        self.finish_folders();
        for (permission, role) in std::mem::take(&mut self.action_roles) {
            let action = self.actions.get(&permission).cloned();
            let role = self.survey.roles.iter_mut().find(|known| known.id == role);
            if let (Some(action), Some(role)) = (action, role) {
                role.actions.push(action);
            }
        }
        self.survey.roles.iter_mut().for_each(|role| role.actions.sort());
        Ok(self.survey)
    }

    fn finish_locales(&mut self) {
        let locales = &mut self.survey.locales;
        locales.retain(|locale| !locale.code.is_empty());
        let default = self.default_locale.take().or_else(|| locales.first().map(|locale| locale.code.clone()));
        let default = default.unwrap_or_else(|| "en".into());
        if !locales.iter().any(|locale| locale.code == default) {
            locales.push(Locale { name: default.clone(), code: default.clone() });
        }
        locales.sort_by_key(|locale| locale.code != default);
        locales.dedup_by(|a, b| a.code == b.code);
    }

    /// Sorts folders so that parents come first. A folder whose parent does not exist, or is inside it, is moved to the root.
    fn finish_folders(&mut self) {
        let mut waiting = std::mem::take(&mut self.survey.folders);
        let mut placed: HashSet<i64> = HashSet::new();
        for folder in &mut waiting {
            folder.parent = self.folder_parents.get(&folder.id).copied();
        }
        while !waiting.is_empty() {
            let (ready, rest): (Vec<Folder>, Vec<Folder>) =
                waiting.into_iter().partition(|folder| folder.parent.is_none_or(|parent| placed.contains(&parent)));
            waiting = rest;
            if ready.is_empty() {
                for folder in &mut waiting {
                    folder.parent = None;
                    let place = format!("{FOLDER_UID} {}", folder.id);
                    self.survey.findings.push((
                        false,
                        place,
                        "moved to the root: the folder that it was in does not exist".into(),
                    ));
                }
                continue;
            }
            placed.extend(ready.iter().map(|folder| folder.id));
            self.survey.folders.extend(ready);
        }
    }
}

/// The uid of the type or component whose views a key of Strapi's settings configures.
fn view_owner(key: &str) -> Option<&str> {
    let rest = key.strip_prefix("plugin_content_manager_configuration_")?;
    rest.strip_prefix("content_types::").or_else(|| rest.strip_prefix("components::"))
}

/// Rules for new site users, as Strapi has them. What Strapi does not say is refused.
fn read_registration(value: &Json) -> RegistrationRules {
    RegistrationRules {
        open: value["allow_register"] == true,
        confirm_by_mail: value["email_confirmation"] == true,
        default_role: value["default_role"].as_str().unwrap_or_default().to_owned(),
    }
}

/// The position of a link to any type, which Strapi stores on the side of its target.
fn morph_position(kind: &str, right: &LinkEnd<'_>) -> Option<f64> {
    right.pos.filter(|_| kind == "relation.morph")
}

/// True for the types whose rows are imported as content.
pub(crate) fn is_content(uid: &str) -> bool {
    uid.starts_with("api::") || uid == USER_UID || uid == FILE_UID
}

fn is_document_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}
