//! A database of Strapi 4 or 5 and its uploads folder, in the form of an archive of `strapi export`.
//!
//! Rows, relations and settings are read in one transaction and written to a temporary file, so that the database may change while the
//! import goes on: it reads that file, as often as it would read an archive. Files of the media library stay where they are.

mod components;
mod connection;
mod entities;
mod layout;
mod link_lines;
mod model;
mod names;
mod postgres;
mod project;
mod settings;
mod sqlite;
mod values;

pub use postgres::PostgresLocation;
pub use project::StrapiProject;

use crate::archive::Archive;
use crate::error::ImportError;
use crate::member_writer::MemberWriter;
use crate::strapi4::upgrade_archive;
use crate::survey::{FILE_UID, FOLDER_UID, LOCALE_UID, PERMISSION_UID, is_content};
use crate::uploads::Uploads;
use cairn_model::ROLE_UID;
use components::read_components;
use connection::{RowReader, Tables};
use entities::EntityReader;
use layout::{SETTINGS_TABLE, detect_layout};
use link_lines::LinkReader;
use model::{StoredModel, StoredType};
use serde_json::{Map, Value as Json, json};
use settings::StrapiSettings;
use std::fmt;
use std::path::{Path, PathBuf};

/// Longest name of a table or column in PostgreSQL, which cuts longer ones.
const MAX_POSTGRES_NAME_BYTES: usize = 63;

/// The location of a database of Strapi.
#[derive(Debug, Clone)]
pub enum StrapiDatabase {
    /// A file.
    Sqlite(PathBuf),
    /// A schema of a PostgreSQL database.
    Postgres(PostgresLocation),
}

impl StrapiDatabase {
    /// True if a file is a database. Fails if it cannot be read.
    pub fn is_database_file(path: &Path) -> std::io::Result<bool> {
        sqlite::is_sqlite_file(path)
    }

    /// True for the address of a PostgreSQL database.
    pub fn is_url(text: &str) -> bool {
        ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme))
    }

    /// Parses the path of a file or a URL. Returns an error without user and password.
    pub fn parse(text: &str) -> Result<Self, ImportError> {
        if Self::is_url(text) {
            return Ok(Self::Postgres(PostgresLocation::parse(text)?));
        }
        Ok(Self::Sqlite(text.into()))
    }

    /// The number of bytes that names of tables and columns have at most.
    fn longest_name(&self) -> usize {
        match self {
            Self::Sqlite(_) => usize::MAX,
            Self::Postgres(_) => MAX_POSTGRES_NAME_BYTES,
        }
    }

    fn open(&self) -> Result<Box<dyn RowReader>, ImportError> {
        match self {
            Self::Sqlite(path) => Ok(Box::new(sqlite::SqliteReader::open(path)?)),
            Self::Postgres(location) => Ok(Box::new(postgres::PostgresReader::open(location)?)),
        }
    }
}

/// Shows the location without user and password.
impl fmt::Display for StrapiDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "{}", path.display()),
            Self::Postgres(location) => write!(f, "{location}"),
        }
    }
}

/// A database of Strapi, and what belongs to it on disk.
#[derive(Debug, Clone)]
pub struct DatabaseSource {
    /// The database.
    pub database: StrapiDatabase,
    /// The folder of a project, of Strapi or of Cairn, that has the schema files of components.
    pub components: Option<PathBuf>,
    /// The uploads folder.
    pub uploads: Option<PathBuf>,
    /// The version of Strapi as its project has it; empty if nothing says.
    pub version: String,
    /// The time of reading: ISO 8601.
    pub read_at: String,
}

/// Reads a database, and returns an archive with its content, in the form of Strapi 5. Returns an error if it is not of Strapi 4 or 5, or not as
/// its content types say.
pub fn read_database(source: &DatabaseSource) -> Result<Archive, ImportError> {
    let mut rows = source.database.open()?;
    let tables = rows.read_tables()?;
    let layout = detect_layout(&tables, source.database.longest_name())?;
    let settings = StrapiSettings::read(&mut *rows, &tables)?;
    let components = source.components.as_deref().map(read_components).transpose()?.unwrap_or_default();
    let mut schemas = settings.schemas;
    schemas.extend(components.into_values());
    let model = StoredModel::new(&schemas, &*layout)?;
    let mut members = MemberWriter::new()?;
    members.begin("schemas")?;
    for schema in &schemas {
        members.write_line(schema, &|| format!("schema of {}", schema["uid"]))?;
    }
    let uploads = write_entities(source, &mut *rows, &tables, &model, &mut members)?;
    let notes = write_links(&mut *rows, &tables, &model, &mut members)?;
    members.begin("configuration")?;
    for line in &settings.lines {
        members.write_line(line, &|| format!("table {}", SETTINGS_TABLE))?;
    }
    rows.finish()?;
    // The tables decide: a project that was upgraded, but not started since, still has those of the version before.
    let is_exact = source.version.split('.').next() == Some(layout.major());
    let version = if is_exact { source.version.as_str() } else { layout.major() };
    let file = members.finish(&json!({"createdAt": source.read_at, "strapi": {"version": version}}))?;
    let archive = Archive::of_database(file, uploads, notes);
    if layout.has_documents() { Ok(archive) } else { upgrade_archive(&archive) }
}

/// True for the types of Strapi's own whose rows are read.
fn is_system(uid: &str) -> bool {
    matches!(uid, LOCALE_UID | FOLDER_UID | ROLE_UID | PERMISSION_UID)
}

/// Writes the rows of all content types. Those of plugins are only counted, and archives do not have administrators at all. Returns the files
/// of the media library.
fn write_entities(
    source: &DatabaseSource,
    rows: &mut dyn RowReader,
    tables: &Tables,
    model: &StoredModel,
    members: &mut MemberWriter,
) -> Result<Uploads, ImportError> {
    let mut uploads = source.uploads.as_deref().map(Uploads::open).transpose()?;
    let mut reader = EntityReader { rows, tables, model, components: 0 };
    members.begin("entities")?;
    let of_content = |stored: &&StoredType| !stored.is_component && !stored.uid.starts_with("admin::");
    for stored in model.types().iter().filter(of_content) {
        if !is_content(&stored.uid) && !is_system(&stored.uid) {
            reader.write_ids(stored, members)?;
            continue;
        }
        let is_file = stored.uid == FILE_UID;
        reader.write_rows(stored, members, &mut |id, data| match &mut uploads {
            _ if !is_file => Ok(()),
            Some(uploads) => add_uploads(uploads, id, data),
            None => Err(ImportError::Database(
                "the media library has files: name the folder with the uploads of the Strapi project with --uploads; it is public/uploads there"
                    .into(),
            )),
        })?;
    }
    Ok(uploads.unwrap_or_default())
}

/// Adds the files of a row of the media library: the file, and its formats.
fn add_uploads(uploads: &mut Uploads, id: i64, data: &Map<String, Json>) -> Result<(), ImportError> {
    let mut add = |of: &Map<String, Json>| {
        let text = |member: &str| of.get(member).and_then(Json::as_str).unwrap_or_default();
        uploads.add(&format!("{}{}", text("hash"), text("ext")), &|| format!("table files, row {id}"))
    };
    add(data)?;
    let formats = data.get("formats").and_then(Json::as_object).into_iter().flat_map(Map::values);
    formats.filter_map(Json::as_object).try_for_each(add)
}

/// Writes the links of everything that is imported. Returns what the report says of those that are left out, with its places.
fn write_links(
    rows: &mut dyn RowReader,
    tables: &Tables,
    model: &StoredModel,
    members: &mut MemberWriter,
) -> Result<Vec<(String, String)>, ImportError> {
    let mut reader = LinkReader { rows, tables, incomplete: Vec::new() };
    members.begin("links")?;
    let has_links = |stored: &&StoredType| stored.is_component || is_content(&stored.uid) || is_system(&stored.uid);
    for stored in model.types().iter().filter(has_links) {
        reader.write_links(stored, members)?;
    }
    let describe = |(table, count): (String, u64)| {
        let message = format!("links are left out, since they do not name the rows that they link: {count}");
        (format!("table {table}"), message)
    };
    Ok(reader.incomplete.into_iter().map(describe).collect())
}

#[cfg(test)]
mod strapi4_tests;
#[cfg(test)]
mod tests;
