//! `cairn.toml` under `CAIRN_…` variables. One file per section; an unknown key is an error with its name.

mod assets;
mod cache;
mod database;
mod error;
mod graphql;
mod history;
mod live;
mod log;
mod mail;
mod paths;
mod plugins;
mod rest;
mod schema;
mod seals;
mod server;
mod tenants;
mod webhooks;

pub use assets::AssetsConfig;
pub use cache::CacheConfig;
pub use database::TenantDatabases;
pub use error::ConfigError;
pub use graphql::GraphqlConfig;
pub use history::HistoryConfig;
pub use live::LiveConfig;
pub use log::LogConfig;
pub use mail::{MailConfig, MailConfigMode};
pub use plugins::PluginsConfig;
pub use rest::RestConfig;
pub use schema::SchemaConfig;
pub use seals::SealsConfig;
pub use server::ServerConfig;
pub use tenants::TenantsConfig;
pub use webhooks::WebhooksConfig;

use cairn_store::PostgresOptions;
use paths::{tenant_folder, tenant_place};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The configuration of a process.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Section `[server]`.
    pub server: ServerConfig,
    /// Section `[database]`.
    pub database: database::DatabaseConfig,
    /// Section `[assets]`.
    pub assets: AssetsConfig,
    /// Section `[cache]`.
    pub cache: CacheConfig,
    /// Section `[history]`.
    pub history: HistoryConfig,
    /// Section `[schema]`.
    pub schema: SchemaConfig,
    /// Section `[log]`.
    pub log: LogConfig,
    /// Section `[tenants]`.
    pub tenants: TenantsConfig,
    /// Section `[mail]`.
    pub mail: MailConfig,
    /// Section `[live]`.
    pub live: LiveConfig,
    /// Section `[webhooks]`.
    pub webhooks: WebhooksConfig,
    /// Section `[plugins]`.
    pub plugins: PluginsConfig,
    /// Section `[seals]`.
    pub seals: SealsConfig,
    /// Section `[rest]`.
    pub rest: RestConfig,
    /// Section `[graphql]`.
    pub graphql: GraphqlConfig,
    /// Folder of the project; not a key of the file.
    #[serde(skip)]
    pub project: PathBuf,
}

impl Config {
    /// Loads the configuration of a project folder: `cairn.toml` where there is one, then the environment, in which an empty variable counts
    /// as not set: container files and CI often pass on what nobody has set.
    pub fn load(project: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        if !project.is_dir() {
            return Err(ConfigError(format!("{}: folder not found (--project)", project.display())));
        }
        let file = project.join("cairn.toml");
        let mut config: Config = match std::fs::read_to_string(&file) {
            Ok(text) => toml::from_str(&text).map_err(|e| ConfigError(format!("{}: {e}", file.display())))?,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Config::default(),
            Err(e) => return Err(ConfigError(format!("{}: {e}", file.display()))),
        };
        config.project = project.to_owned();
        // Strapi's own files read an empty variable as an empty text.
        config.rest.complete_from_strapi(project, env)?;
        let env: &dyn Fn(&str) -> Option<String> = &|name: &str| env(name).filter(|value| !value.is_empty());
        config.server.apply_environment(env)?;
        config.database.apply_environment(env)?;
        config.assets.apply_environment(env)?;
        config.cache.apply_environment(env)?;
        config.log.apply_environment(env)?;
        config.schema.apply_environment(env)?;
        config.mail.apply_environment(env)?;
        config.webhooks.apply_environment(env)?;
        config.plugins.apply_environment(env)?;
        config.seals.apply_environment(env)?;
        config.graphql.check()?;
        Ok(config)
    }

    /// The folder of a tenant's data.
    pub fn tenant_folder(&self, tenant: &str) -> PathBuf {
        tenant_folder(&self.project, tenant)
    }

    /// The folder `data/` of the project.
    pub fn data_folder(&self) -> PathBuf {
        self.project.join("data")
    }

    /// The folder of a tenant's own content types, relative to the project.
    pub fn own_types_folder(tenant: &str) -> String {
        format!("tenants/{tenant}/content-types")
    }

    /// The databases of all tenants.
    pub fn resolve_databases(&self) -> Result<TenantDatabases, ConfigError> {
        let config_error = |e: String| ConfigError(format!("database.url (CAIRN_DATABASE_URL): {e}"));
        match self.database.url.as_deref() {
            Some(url) if url.starts_with("postgres:") || url.starts_with("postgresql:") => {
                PostgresOptions::parse(url, self.database.replica_url.as_deref(), self.database.connections)
                    .map(TenantDatabases::Postgres)
                    .map_err(config_error)
            }
            _ if self.database.replica_url.is_some() => {
                Err(ConfigError("database.replica_url: read replicas require PostgreSQL".into()))
            }
            None => Ok(TenantDatabases::Files { project: self.project.clone(), path: None }),
            Some(url) => match url.strip_prefix("sqlite:") {
                Some(path) if !path.is_empty() => {
                    Ok(TenantDatabases::Files { project: self.project.clone(), path: Some(path.to_owned()) })
                }
                _ => Err(config_error(format!(
                    "expected sqlite:<path> or postgres://user:password@host:port/database, not {:?}",
                    url.split(':').next().unwrap_or_default()
                ))),
            },
        }
    }

    /// The path of a tenant's uploaded files.
    pub fn tenant_assets_path(&self, tenant: &str) -> Result<PathBuf, ConfigError> {
        let own = self.tenant_folder(tenant).join("uploads");
        let Some(url) = self.assets.url.as_deref() else { return Ok(own) };
        match url.strip_prefix("file:") {
            Some(path) if !path.is_empty() => Ok(self.tenant_path(path, tenant).unwrap_or(own)),
            _ => Err(ConfigError(format!(
                "assets.url (CAIRN_ASSETS_URL): expected file:<path> or s3://<bucket>/<prefix>, not {:?}",
                url.split(':').next().unwrap_or_default()
            ))),
        }
    }

    /// The database of a tenant.
    pub fn tenant_database(&self, tenant: &str) -> Result<cairn_store::Database, ConfigError> {
        self.resolve_databases()?.for_tenant(tenant)
    }

    /// The configured path of a tenant: see [`tenant_place`].
    fn tenant_path(&self, path: &str, tenant: &str) -> Option<PathBuf> {
        tenant_place(&self.project, path, tenant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_store::Database;

    fn load(toml: &str, env: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("cairn.toml"), toml).unwrap();
        let find = |name: &str| env.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        Config::load(dir.path(), &find)
    }

    #[test]
    fn empty_project_uses_the_default_configuration() {
        let dir = tempfile::tempdir().unwrap();
        let config = Config::load(dir.path(), &|_| None).unwrap();
        let path = dir.path().join("data/tenants/default/cairn.db");
        assert!(matches!(config.tenant_database("default"), Ok(Database::Sqlite(p)) if p == path));
        assert_eq!(config.cache.response_mib, 16);
    }

    #[test]
    fn environment_variables_override_cairn_toml() {
        let config = load(
            "[cache]\nresponse_mib = 5\n[database]\nurl = \"sqlite:a.db\"",
            &[("CAIRN_RESPONSE_CACHE", "off"), ("CAIRN_DATABASE_URL", "sqlite:b.db")],
        )
        .unwrap();
        assert_eq!(config.cache.response_mib, 0);
        assert!(matches!(config.tenant_database("default"), Ok(Database::Sqlite(p)) if p.ends_with("b.db")));
    }

    #[test]
    fn the_collation_of_content_types_is_a_text() {
        let config = load("[schema]\ncollation = \"nl\"", &[]).unwrap();
        assert_eq!(config.schema.collation.as_deref(), Some("nl"));
        assert_eq!(load("", &[]).unwrap().schema.collation, None);
        assert!(load("[schema]\ncollation = 1", &[]).unwrap_err().to_string().contains("collation"));
    }

    #[test]
    fn the_schema_of_graphql_is_shown_unless_content_types_are_locked() {
        let limits = |toml: &str| load(toml, &[]).unwrap().graphql_limits();
        let default = limits("");
        assert_eq!((default.depth, default.default_page_size, default.max_page_size), (10, 10, 100));
        assert!(default.introspection && !limits("[schema]\nlocked = true").introspection);
        assert!(limits("[schema]\nlocked = true\n[graphql]\nintrospection = true").introspection);
        assert!(!limits("[graphql]\nintrospection = false").introspection);
        assert_eq!(limits("[rest]\nmax_limit = 5").default_page_size, 5);
        assert!(load("", &[]).unwrap().graphql.enabled);
    }

    #[test]
    fn any_origin_may_use_the_content_api_unless_configured() {
        let origins = |toml: &str, env: &[(&str, &str)]| load(toml, env).unwrap().server;
        assert!(origins("", &[]).allows_any_origin());
        let closed = "[server]\ncors_origins = []";
        for server in [origins(closed, &[]), origins("", &[("CAIRN_CORS_ORIGINS", "none")])] {
            assert!(!server.allows_any_origin() && server.cors_origins.is_empty());
        }
        assert!(origins(closed, &[("CAIRN_CORS_ORIGINS", "*")]).allows_any_origin());
        let listed = origins("", &[("CAIRN_CORS_ORIGINS", "https://a.example, https://b.example")]);
        assert_eq!(listed.cors_origins, ["https://a.example", "https://b.example"]);
    }

    #[test]
    fn empty_environment_variables_count_as_not_set() {
        const VARIABLES: [&str; 24] = [
            "CAIRN_LISTEN",
            "CAIRN_PUBLIC_URL",
            "CAIRN_TRUSTED_PROXIES",
            "CAIRN_CORS_ORIGINS",
            "CAIRN_ADMIN_UI",
            "CAIRN_DATABASE_URL",
            "CAIRN_DATABASE_REPLICA_URL",
            "CAIRN_DATABASE_CONNECTIONS",
            "CAIRN_ASSETS_URL",
            "CAIRN_ASSETS_S3_ACCESS_KEY_ID",
            "CAIRN_ASSETS_KEYS",
            "CAIRN_FFMPEG",
            "CAIRN_SCHEMA_LOCKED",
            "CAIRN_RESPONSE_CACHE",
            "CAIRN_WEBHOOKS_ALLOW_PRIVATE",
            "CAIRN_PLUGINS_ALLOW_PRIVATE",
            "CAIRN_PLUGINS_PDF",
            "CAIRN_SEALS_TIME_STAMPS",
            "CAIRN_SEALS_TRUST",
            "CAIRN_SMTP_URL",
            "CAIRN_MAIL_FROM",
            "CAIRN_MAIL_MODE",
            "CAIRN_SMTP_CA_FILE",
            "CAIRN_LOG",
        ];
        let file = "[server]\nlisten = \"0.0.0.0:80\"\ncors_origins = [\"https://example.com\"]\n[cache]\nresponse_mib = 5\n\
                    [assets]\nffmpeg = \"own\"\n[schema]\nlocked = true\n[plugins]\nallow_private = [\"10.0.0.1:80\"]";
        let empty: Vec<(&str, &str)> = VARIABLES.into_iter().map(|name| (name, "")).collect();
        let config = load(file, &empty).unwrap();
        assert_eq!((config.server.listen.as_str(), config.cache.response_mib), ("0.0.0.0:80", 5));
        assert_eq!(config.server.cors_origins, ["https://example.com"]);
        assert_eq!((config.assets.ffmpeg.as_deref(), config.schema.locked), (Some("own"), true));
        assert_eq!(config.plugins.allow_private, ["10.0.0.1:80"]);
        assert_eq!(config.plugins.pdf, None);
        let off = load(file, &[("CAIRN_FFMPEG", "off"), ("CAIRN_PLUGINS_PDF", "off")]).unwrap();
        assert_eq!((off.assets.film_program(), off.plugins.pdf_program(Path::new("data")).is_none()), (None, true));
    }

    #[test]
    fn each_tenant_has_its_own_database_and_assets_path() {
        let config =
            load("[database]\nurl = \"sqlite:a.db\"", &[("CAIRN_ASSETS_URL", "file:files/{tenant}/up")]).unwrap();
        let below = |path: PathBuf| path.strip_prefix(&config.project).unwrap().display().to_string();
        let database = |tenant| match config.tenant_database(tenant).unwrap() {
            Database::Sqlite(path) => below(path),
            other => panic!("{other:?}"),
        };
        let assets = |tenant| below(config.tenant_assets_path(tenant).unwrap());
        assert_eq!((database("default"), assets("default")), ("a.db".into(), "files/default/up".into()));
        assert_eq!((database("mrdj"), assets("mrdj")), ("data/tenants/mrdj/cairn.db".into(), "files/mrdj/up".into()));
    }

    #[test]
    fn bucket_credentials_are_read_and_omitted_from_debug_output() {
        let aws = ("AWS_SECRET_ACCESS_KEY", "everybodys");
        let key = format!("a:{}", "A".repeat(43) + "=");
        let config = load(
            "[assets]\nurl = \"s3://files/a\"\ns3_access_key_id = \"me\"",
            &[("CAIRN_ASSETS_S3_SECRET_ACCESS_KEY", "cairns-own"), aws, ("CAIRN_ASSETS_KEYS", &key)],
        )
        .unwrap();
        let bucket = config.assets.s3_options().unwrap().unwrap();
        assert_eq!((bucket.access_key_id.as_str(), bucket.secret_access_key.as_str()), ("me", "cairns-own"));
        assert!(config.assets.encryption_keys().unwrap().is_some());
        let text = format!("{config:?}");
        assert!(!text.contains("cairns-own") && !text.contains("AAAA"), "{text}");
    }

    #[test]
    fn trusted_certificates_are_read_from_a_file_or_a_folder() {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::default().self_signed(&key).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("trust");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("one.der"), certificate.der()).unwrap();
        std::fs::write(folder.join(".hidden"), "no certificate").unwrap();
        let read = |trust: &str| load("", &[("CAIRN_SEALS_TRUST", trust)]).unwrap().seals.trust_anchors(dir.path());
        assert!(load("", &[]).unwrap().seals.trust_anchors(dir.path()).unwrap().is_empty());
        assert!(!read("trust").unwrap().is_empty());
        assert!(!read("trust/one.der").unwrap().is_empty());
        for (trust, part) in [("trust/.hidden", "no certificate"), ("missing.pem", "missing.pem")] {
            let error = read(trust).unwrap_err().to_string();
            assert!(error.starts_with("seals.trust (CAIRN_SEALS_TRUST)") && error.contains(part), "{error}");
        }
    }

    #[test]
    fn config_errors_name_the_invalid_key() {
        for (toml, env, part) in [
            ("[server]\nlissten = \"x\"", vec![], "lissten"),
            ("[server]\nlisten = 7", vec![], "listen"),
            ("[nothing]", vec![], "nothing"),
            ("[cache", vec![], "cairn.toml"),
            ("[webhooks]\nallow_private = [\"10.0.0.0/99\"]", vec![], "allow_private"),
            ("[plugins]\nallow_private = [\"http://x\"]", vec![], "plugins.allow_private"),
            ("", vec![("CAIRN_PLUGINS_ALLOW_PRIVATE", "10.0.0.1:x")], "CAIRN_PLUGINS_ALLOW_PRIVATE"),
            ("", vec![("CAIRN_RESPONSE_CACHE", "many")], "CAIRN_RESPONSE_CACHE"),
            ("[server]\npublic_url = \"ftp://x\"", vec![], "public_url"),
            ("[server]\ncors_origins = [\"example.com\"]", vec![], "server.cors_origins"),
            ("[server]\ncors_origins = [\"*\", \"https://example.com\"]", vec![], "\"*\" stands alone"),
            ("[assets]\nurl = \"s3://files\"", vec![], "assets.s3_access_key_id"),
            ("[assets]\nurl = \"s3://files\"", vec![("AWS_ACCESS_KEY_ID", "x")], "assets.s3_secret_access_key"),
            (
                "[assets]\nurl = \"s3://files?regoin=x\"\ns3_access_key_id = \"x\"\ns3_secret_access_key = \"x\"",
                vec![],
                "assets.url (CAIRN_ASSETS_URL): unknown parameter \"regoin\"",
            ),
            ("[assets.encryption]\nkeys = [\"x\"]", vec![], "assets.encryption.keys (CAIRN_ASSETS_KEYS): keys[0]"),
            ("", vec![("CAIRN_ASSETS_KEYS", "a:AAAA")], "CAIRN_ASSETS_KEYS"),
            ("[seals]\ntime_stamps = \"ftp://x\"", vec![], "seals.time_stamps"),
            ("", vec![("CAIRN_SEALS_TIME_STAMPS", "x")], "CAIRN_SEALS_TIME_STAMPS"),
            ("[graphql]\ndepth_limit = 21", vec![], "graphql.depth_limit"),
            ("[graphql]\ndefault_limit = 0", vec![], "graphql.default_limit"),
            ("[mail]\nsmtp = \"x\"", vec![], "smtp"),
            ("[mail]\nmode = \"loud\"", vec![], "mode"),
            ("", vec![("CAIRN_MAIL_MODE", "loud")], "CAIRN_MAIL_MODE"),
        ] {
            let e = load(toml, &env).unwrap_err().to_string();
            assert!(e.contains(part), "{e}");
        }
        let e = load("[database]\nurl = \"postgres://user:secret@host:x/db\"", &[])
            .unwrap()
            .tenant_database("default")
            .unwrap_err()
            .to_string();
        assert!(!e.contains("secret"), "{e}");
    }
}
