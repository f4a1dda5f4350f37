//! `cairn.toml` under `CAIRN_…` variables. One file per section; an unknown key is an error with its name.

mod assets;
mod cache;
mod database;
mod log;
mod server;

pub use assets::Assets;
pub use cache::Cache;
pub use log::Log;
pub use server::Server;

use cairn_store::{Database, PostgresOptions};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// All settings of a process.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// `[server]`
    pub server: Server,
    /// `[database]`
    pub database: database::Database,
    /// `[assets]`
    pub assets: Assets,
    /// `[cache]`
    pub cache: Cache,
    /// `[log]`
    pub log: Log,
    /// The project's folder; not a key of the file.
    #[serde(skip)]
    pub project: PathBuf,
}

/// What is wrong with the configuration; names the file or variable and the key.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub(crate) String);

impl Config {
    /// Of a project folder: `cairn.toml` where there is one, then the environment.
    pub fn load(project: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        if !project.is_dir() {
            return Err(ConfigError(format!("{}: there is no such folder (--project)", project.display())));
        }
        let file = project.join("cairn.toml");
        let mut config: Config = match std::fs::read_to_string(&file) {
            Ok(text) => toml::from_str(&text).map_err(|e| ConfigError(format!("{}: {e}", file.display())))?,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Config::default(),
            Err(e) => return Err(ConfigError(format!("{}: {e}", file.display()))),
        };
        config.project = project.to_owned();
        config.server.env(env)?;
        config.database.env(env)?;
        config.assets.env(env)?;
        config.cache.env(env)?;
        config.log.env(env)?;
        Ok(config)
    }

    /// The folder of the default tenant's data.
    pub fn tenant(&self) -> PathBuf {
        self.data().join("tenants").join("default")
    }

    /// `data/` of the project.
    pub fn data(&self) -> PathBuf {
        self.project.join("data")
    }

    /// Where the database is.
    pub fn database(&self) -> Result<Database, ConfigError> {
        let told = |e: String| ConfigError(format!("database.url (CAIRN_DATABASE_URL): {e}"));
        match self.database.url.as_deref() {
            None => Ok(Database::Sqlite(self.tenant().join("cairn.db"))),
            Some(url) if url.starts_with("postgres") => {
                PostgresOptions::parse(url, self.database.replica_url.as_deref(), self.database.connections)
                    .map(Database::Postgres)
                    .map_err(told)
            }
            Some(url) => Database::parse(url, &self.project).map_err(told),
        }
    }

    /// Where uploaded files are.
    pub fn assets_path(&self) -> Result<PathBuf, ConfigError> {
        match self.assets.url.as_deref() {
            None => Ok(self.tenant().join("uploads")),
            Some(url) => match url.strip_prefix("file:") {
                Some(path) if !path.is_empty() => Ok(self.project.join(path)),
                _ => Err(ConfigError(format!(
                    "assets.url (CAIRN_ASSETS_URL): expected file:<path>, not {:?}; S3 is not supported by this version",
                    url.split(':').next().unwrap_or_default()
                ))),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(toml: &str, env: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("cairn.toml"), toml).unwrap();
        let find = |name: &str| env.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        Config::load(dir.path(), &find)
    }

    #[test]
    fn an_empty_folder_works() {
        let dir = tempfile::tempdir().unwrap();
        let config = Config::load(dir.path(), &|_| None).unwrap();
        assert!(
            matches!(config.database(), Ok(Database::Sqlite(p)) if p == dir.path().join("data/tenants/default/cairn.db"))
        );
        assert_eq!(config.cache.response_mib, 16);
    }

    #[test]
    fn the_environment_wins() {
        let config = load(
            "[cache]\nresponse_mib = 5\n[database]\nurl = \"sqlite:a.db\"",
            &[("CAIRN_RESPONSE_CACHE", "off"), ("CAIRN_DATABASE_URL", "sqlite:b.db")],
        )
        .unwrap();
        assert_eq!(config.cache.response_mib, 0);
        assert!(matches!(config.database(), Ok(Database::Sqlite(p)) if p.ends_with("b.db")));
    }

    #[test]
    fn mistakes_are_named() {
        for (toml, env, part) in [
            ("[server]\nlissten = \"x\"", vec![], "lissten"),
            ("[server]\nlisten = 7", vec![], "listen"),
            ("[nothing]", vec![], "nothing"),
            ("[cache", vec![], "cairn.toml"),
            ("", vec![("CAIRN_RESPONSE_CACHE", "many")], "CAIRN_RESPONSE_CACHE"),
            ("[server]\npublic_url = \"ftp://x\"", vec![], "public_url"),
        ] {
            let e = load(toml, &env).unwrap_err().to_string();
            assert!(e.contains(part), "{e}");
        }
        let e = load("[database]\nurl = \"postgres://user:secret@host:x/db\"", &[])
            .unwrap()
            .database()
            .unwrap_err()
            .to_string();
        assert!(!e.contains("secret"), "{e}");
    }
}
