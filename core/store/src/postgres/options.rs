//! The location of a PostgreSQL database: its URL, and the connection pools that all its schemas share.

use super::fresh::Freshness;
use super::notices::Notices;
use super::pool::{Pool, Role};
use super::replica::Replica;
use super::tls;
use crate::Result;
use std::fmt;
use std::sync::Arc;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

/// The schema of the default tenant if the URL names none; other tenants have `<schema>_<tenant>`.
const SCHEMA: &str = "cairn";
/// Default number of connections of each kind (reading, writing).
const CONNECTIONS: usize = 8;
/// Longest name that PostgreSQL does not truncate, in bytes.
const LONGEST: usize = 63;

/// One schema of a PostgreSQL database, and the connections to it.
#[derive(Clone)]
pub struct PostgresOptions {
    pub(super) server: Arc<Server>,
    pub(super) schema: String,
}

/// The connections of a process to one database.
pub(crate) struct Server {
    pub(super) readers: Arc<Pool>,
    pub(super) writers: Arc<Pool>,
    /// The read replica, if there is one.
    pub(super) replica: Option<Arc<Replica>>,
    /// Host, port and database, without user and password.
    pub(super) place: String,
    pub(super) notices: Notices,
    pub(super) freshness: Freshness,
}

impl fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgreSQL {} schema {}", self.server.place, self.schema)
    }
}

impl PostgresOptions {
    /// Parses `postgres://user:password@host:port/database?schema=name&sslmode=…`; `replica` is the URL of a read replica of the same
    /// database. Opens no connection yet.
    ///
    /// # Errors
    /// Says what is wrong with the URL, without its user and password.
    pub fn parse(url: &str, replica: Option<&str>, connections: Option<usize>) -> Result<Self, String> {
        let (config, schema) = parse_url(url)?;
        let size = connections.unwrap_or(CONNECTIONS).clamp(1, 1_000);
        let place = server_place(&config);
        let replica = replica
            .map(|url| {
                let (config, _) = parse_url(url).map_err(|e| format!("replica: {e}"))?;
                Pool::new(config, Role::Reader, size).map(|pool| Arc::new(Replica::new(pool)))
            })
            .transpose()?;
        let server = Server {
            readers: Arc::new(Pool::new(config.clone(), Role::Reader, size)?),
            writers: Arc::new(Pool::new(config, Role::Writer, size)?),
            replica,
            place,
            notices: Notices::new(),
            freshness: Freshness::default(),
        };
        Ok(Self { server: Arc::new(server), schema })
    }

    /// The location of another tenant in the same database: `default` has the URL's schema. Returns an error if the name is too long for
    /// PostgreSQL together with the schema's.
    pub fn tenant(&self, name: &str) -> Result<Self, String> {
        if name == "default" {
            return Ok(self.clone());
        }
        let schema = format!("{}_{}", self.schema, name);
        if schema.len() > LONGEST {
            return Err(format!("the schema name {schema} of tenant {name} would be longer than {LONGEST} bytes"));
        }
        Ok(Self { schema, ..self.clone() })
    }

    /// Whether the schema exists. Blocks.
    pub(crate) fn exists(&self) -> Result<bool> {
        super::blocking(|| {
            let lease = self.server.readers.get(&self.schema)?;
            lease.exists("finding a schema", "SELECT 1 FROM pg_namespace WHERE nspname = ?1", [&self.schema])
        })
    }

    /// Drops the schema with everything in it. Blocks.
    pub(crate) fn erase(&self) -> Result<()> {
        super::blocking(|| {
            let lease = self.server.writers.get(&self.schema)?;
            let schema = crate::ident::Ident::quote(&self.schema);
            let sql =
                format!("SET lock_timeout = 0; SET statement_timeout = 0; DROP SCHEMA IF EXISTS {schema} CASCADE");
            lease.execute_batch("dropping a schema", &sql)
        })
    }

    /// Name of the schema in the database.
    pub fn schema(&self) -> &str {
        &self.schema
    }
}

/// The driver's configuration and the schema. Parameters of our own are removed from the URL first.
fn parse_url(url: &str) -> Result<(tls::ConnectionConfig, String), String> {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let mut schema = SCHEMA.to_owned();
    let mut options = tls::TlsOptions::default();
    let mut rest = Vec::new();
    for pair in query.split('&').filter(|p| !p.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = || {
            percent_encoding::percent_decode_str(value).decode_utf8().map_err(|_| format!("{key} is not valid UTF-8"))
        };
        match key {
            "schema" => schema = value()?.into_owned(),
            "sslmode" => options.mode = value()?.parse()?,
            "sslrootcert" => options.root = Some(value()?.into_owned().into()),
            _ => rest.push(pair),
        }
    }
    if schema.is_empty()
        || schema.len() > LONGEST
        || schema.starts_with("pg_")
        || !schema.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    {
        return Err(format!(
            "schema={schema}: expected at most {LONGEST} letters, digits, - and _, not starting with pg_"
        ));
    }
    let url = if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
    // The driver's message may hold parts of the URL; its cause does not.
    let mut config: Config = url.parse().map_err(|e: tokio_postgres::Error| {
        let cause = std::error::Error::source(&e).map_or_else(String::new, |s| format!(" ({s})"));
        format!("expected postgres://user:password@host:port/database?schema=name{cause}")
    })?;
    if config.get_hosts().is_empty() {
        return Err("expected postgres://user:password@host:port/database?schema=name; the host is missing".into());
    }
    if config.get_dbname().is_none() {
        return Err("expected postgres://user:password@host:port/database?schema=name; the database is missing".into());
    }
    config.application_name("cairn").connect_timeout(std::time::Duration::from_secs(5));
    config.ssl_mode(if options.encrypts() { SslMode::Require } else { SslMode::Disable });
    Ok((tls::ConnectionConfig { config, options }, schema))
}

pub(super) fn server_place(configured: &tls::ConnectionConfig) -> String {
    let config = &configured.config;
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(name)) => name.clone(),
        #[cfg(unix)]
        Some(Host::Unix(path)) => path.display().to_string(),
        _ => "?".to_owned(),
    };
    format!("{host}:{port}/{}", config.get_dbname().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postgres_urls_are_parsed() {
        let options = PostgresOptions::parse("postgres://u:geheim@h:5433/db?schema=t_1", None, None).unwrap();
        assert_eq!(options.schema(), "t_1");
        assert_eq!(format!("{options:?}"), "PostgreSQL h:5433/db schema t_1");
        assert_eq!(options.tenant("mrdj").unwrap().schema(), "t_1_mrdj");
        assert_eq!(options.tenant("default").unwrap().schema(), "t_1");
        assert!(options.tenant(&"x".repeat(60)).is_err());
        let socket = PostgresOptions::parse("postgres://u@/db?host=/run/pg&schema=x", None, None).unwrap();
        assert_eq!(socket.schema(), "x");
    }

    #[test]
    fn invalid_urls_are_reported_without_the_password() {
        for url in [
            "postgres://u:geheim@h:x/db",
            "postgres://u:geheim@h/db?schema=a;b",
            "postgres://u:geheim@h/db?schema=pg_x",
            "postgres://u:geheim@h/db?nonsense=geheim",
            "postgres://u:geheim@h/db?sslmode=sometimes",
            "postgres://u:geheim@h",
            "postgres://",
        ] {
            let e = PostgresOptions::parse(url, None, None).unwrap_err();
            assert!(!e.contains("geheim") && !e.is_empty(), "{url}: {e}");
        }
    }
}
