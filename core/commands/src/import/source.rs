//! The source of an import: an archive, the folder of a Strapi project, or its database.

use cairn_access::{Clock, SystemClock, format_iso};
use cairn_app::OperatorError;
use cairn_strapi_import::{Archive, DatabaseSource, ImportError, StrapiDatabase, StrapiProject, read_database};
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Arguments that name the source.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct SourceArgs {
    /// An archive (.tar, .tar.gz or .tar.gz.enc), the folder of a Strapi project, a SQLite database, or postgres://user@host/database
    #[arg(value_name = "SOURCE")]
    source: String,
    /// The key of an encrypted archive (`strapi export --key`)
    #[arg(long, value_name = "KEY", env = "CAIRN_STRAPI_KEY", hide_env_values = true)]
    key: Option<String>,
    /// The database of the Strapi project, if it is not .tmp/data.db in its folder: a SQLite file, or postgres://user@host/database
    #[arg(long, value_name = "FILE-OR-URL", env = "CAIRN_STRAPI_DATABASE", hide_env_values = true)]
    database: Option<String>,
    /// The folder of the Strapi project that a database belongs to: it has the schema files of components
    #[arg(long, value_name = "DIR")]
    schemas: Option<PathBuf>,
    /// The folder with the uploads of the Strapi project, if it is not public/uploads in its folder
    #[arg(long, value_name = "DIR")]
    uploads: Option<PathBuf>,
}

/// The kind of a source, by what is there.
enum SourceKind {
    Archive(PathBuf),
    Database { location: StrapiDatabase, strapi: Option<StrapiProject> },
}

/// Shows the source without a password.
impl fmt::Display for SourceArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(shown(&self.source))
    }
}

fn shown(source: &str) -> &str {
    if StrapiDatabase::is_url(source) { "PostgreSQL" } else { source }
}

impl SourceArgs {
    /// Opens the source. A database is read: what it has now is imported. `project` is the folder of the Cairn project. Blocks.
    pub(super) fn open(&self, project: &Path) -> Result<Archive, OperatorError> {
        match self.find_kind()? {
            SourceKind::Archive(file) => self.open_archive(&file),
            SourceKind::Database { location, strapi } => self.read_database(location, strapi, project),
        }
    }

    /// An error with the source that it is about.
    pub(super) fn error(&self, e: impl fmt::Display) -> OperatorError {
        OperatorError(format!("{self}: {e}"))
    }

    fn find_kind(&self) -> Result<SourceKind, OperatorError> {
        let is_folder = !StrapiDatabase::is_url(&self.source) && Path::new(&self.source).is_dir();
        if is_folder {
            let strapi = StrapiProject::open(Path::new(&self.source)).map_err(|e| self.error(e))?;
            let location = match &self.database {
                Some(database) => parse_location(database)?,
                None => StrapiDatabase::Sqlite(strapi.default_database()),
            };
            if let StrapiDatabase::Sqlite(file) = &location
                && !file.exists()
            {
                let message = "there is no such database: name it with --database, as config/database or the variables of the environment (.env) have it";
                return Err(OperatorError(format!("{}: {message}", file.display())));
            }
            return Ok(SourceKind::Database { location, strapi: Some(strapi) });
        }
        let is_url = StrapiDatabase::is_url(&self.source);
        let path = Path::new(&self.source);
        if is_url || StrapiDatabase::is_database_file(path).map_err(|e| self.error(e))? {
            if let Some(database) = &self.database {
                let message = format!("this is a database, and --database names {}: name one", shown(database));
                return Err(self.error(message));
            }
            // A folder of Cairn has schema files, too.
            let strapi = self.schemas.as_deref().and_then(|folder| StrapiProject::open(folder).ok());
            return Ok(SourceKind::Database { location: parse_location(&self.source)?, strapi });
        }
        if self.schemas.is_some() || self.uploads.is_some() {
            return Err(self.error("an archive has schemas and uploads in it: leave out --schemas and --uploads"));
        }
        Ok(SourceKind::Archive(path.to_owned()))
    }

    /// Opens the archive; each reading opens it anew.
    fn open_archive(&self, file: &Path) -> Result<Archive, OperatorError> {
        File::open(file).map_err(|e| self.error(e))?;
        let path = file.to_owned();
        let source = move || Ok(Box::new(File::open(&path)?) as Box<dyn std::io::Read + Send>);
        Archive::new(Arc::new(source), self.key.as_deref()).map_err(|e| self.error(e))
    }

    fn read_database(
        &self,
        database: StrapiDatabase,
        strapi: Option<StrapiProject>,
        project: &Path,
    ) -> Result<Archive, OperatorError> {
        if let Some(folder) = self.schemas.as_deref().filter(|folder| !folder.is_dir()) {
            return Err(OperatorError(format!("--schemas {}: there is no such folder", folder.display())));
        }
        let schemas = self.schemas.clone().or_else(|| strapi.as_ref().map(|strapi| strapi.folder().to_owned()));
        // An existing folder only: a project without files needs none.
        let default_uploads = || strapi.as_ref().map(StrapiProject::default_uploads).filter(|folder| folder.is_dir());
        let shown = database.to_string();
        let source = DatabaseSource {
            database,
            components: Some(schemas.unwrap_or_else(|| project.to_owned())),
            uploads: self.uploads.clone().or_else(default_uploads),
            version: strapi.as_ref().map(|strapi| strapi.version().to_owned()).unwrap_or_default(),
            read_at: format_iso(SystemClock.now()),
        };
        read_database(&source).map_err(|e: ImportError| OperatorError(format!("{shown}: {e}; nothing was imported")))
    }
}

fn parse_location(text: &str) -> Result<StrapiDatabase, OperatorError> {
    StrapiDatabase::parse(text).map_err(|e| OperatorError(format!("{}: {e}", shown(text))))
}
