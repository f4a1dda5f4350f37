//! The location of a PostgreSQL database: its URL, and the connection pools that all its schemas share.

use super::connector::{Role, server_place};
use super::fresh::Freshness;
use super::notices::Notices;
use super::pool::Pool;
use super::replica::Replica;
use super::runtime::blocking;
use super::tls::read_authorities;
use crate::Result;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The schema of the default tenant if the URL names none; other tenants have `<schema>_<tenant>`.
const SCHEMA: &str = "cairn";
/// Default number of connections of each kind (reading, writing).
const CONNECTIONS: usize = 8;
/// Expected form of a URL, for messages.
const EXPECTED: &str = "expected postgres://user:password@host:port/database?schema=name";
/// URL parameters that the driver understands. It would log others with their values, and ignore them.
const DRIVER_PARAMETERS: [&str; 10] =
    ["application_name", "dbname", "host", "hostaddr", "options", "password", "port", "sslcert", "sslkey", "user"];
/// Parameters of libpq that have no effect here: a connection attempt always ends after five seconds, and a standby is refused.
const IGNORED_PARAMETERS: [&str; 8] = [
    "connect_timeout",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "target_session_attrs",
    "tcp_user_timeout",
];
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
                Ok::<_, String>(Arc::new(Replica::new(Pool::new(config, Role::Reader, size))))
            })
            .transpose()?;
        let server = Server {
            readers: Arc::new(Pool::new(config.clone(), Role::Reader, size)),
            writers: Arc::new(Pool::new(config, Role::Writer, size)),
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

    /// True if the schema exists. Blocks.
    pub(crate) fn exists(&self) -> Result<bool> {
        blocking(|| {
            let lease = self.server.readers.get(&self.schema)?;
            lease.exists("finding a schema", "SELECT 1 FROM pg_namespace WHERE nspname = ?1", [&self.schema])
        })
    }

    /// Drops the schema with everything in it. Blocks.
    pub(crate) fn erase(&self) -> Result<()> {
        blocking(|| {
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
pub(super) fn parse_url(url: &str) -> Result<(PgConnectOptions, String), String> {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let mut schema = SCHEMA.to_owned();
    let (mut encrypt, mut root) = (false, None);
    let (mut rest, mut names_host, mut names_database) = (Vec::new(), false, false);
    for pair in query.split('&').filter(|p| !p.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = || {
            percent_encoding::percent_decode_str(value).decode_utf8().map_err(|_| format!("{key} is not valid UTF-8"))
        };
        match key {
            "schema" => schema = value()?.into_owned(),
            "sslmode" => encrypt = parse_ssl_mode(&value()?)?,
            "sslrootcert" => root = Some(value()?.into_owned()),
            key if IGNORED_PARAMETERS.contains(&key) => {}
            key if DRIVER_PARAMETERS.contains(&key) => {
                names_host |= matches!(key, "host" | "hostaddr");
                names_database |= key == "dbname";
                rest.push(pair);
            }
            _ => return Err(format!("{EXPECTED} (unknown parameter {key})")),
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
    let base = with_host(base, names_host)?;
    let url = if rest.is_empty() { base.into_owned() } else { format!("{base}?{}", rest.join("&")) };
    // The driver's causes hold no part of the URL; what it says itself may.
    let options = PgConnectOptions::from_str(&url).map_err(|e| {
        let cause = std::error::Error::source(&e).map_or_else(String::new, |s| format!(" ({s})"));
        format!("{EXPECTED}{cause}")
    })?;
    // The URL must name the database: `PGDATABASE` does not count.
    let path = url.split_once("://").and_then(|(_, rest)| rest.split('?').next()?.split_once('/'));
    if !names_database && path.is_none_or(|(_, database)| database.is_empty()) {
        return Err(format!("{EXPECTED}; the database is missing"));
    }
    let mut options = options.application_name("cairn").extra_float_digits(None);
    if let Some(address) = options.get_host().strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        options = options.clone().host(address);
    }
    options = options.ssl_mode(if encrypt { PgSslMode::VerifyFull } else { PgSslMode::Disable });
    if encrypt {
        options = options.ssl_root_cert_from_pem(read_authorities(root.as_deref())?);
    }
    Ok((options, schema))
}

/// The part of a URL before the parameters. The driver takes no URL without a host, even if a parameter names one, and would look for one
/// in the environment.
fn with_host(base: &str, is_named: bool) -> Result<Cow<'_, str>, String> {
    let Some((scheme, rest)) = base.split_once("://") else { return Err(EXPECTED.to_owned()) };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (user, host) = authority.rsplit_once('@').map_or(("", authority), |(user, host)| (user, host));
    match (host.is_empty() || host.starts_with(':'), is_named) {
        (false, _) => Ok(base.into()),
        (true, false) => Err(format!("{EXPECTED}; the host is missing")),
        (true, true) if user.is_empty() => Ok(format!("{scheme}://localhost{host}{path}").into()),
        (true, true) => Ok(format!("{scheme}://{user}@localhost{host}{path}").into()),
    }
}

/// Parses `sslmode`: true if connections must be encrypted. The server's certificate is always checked on encrypted connections.
fn parse_ssl_mode(text: &str) -> Result<bool, String> {
    match text {
        "disable" | "allow" | "prefer" => Ok(false),
        "require" | "verify-ca" | "verify-full" => Ok(true),
        _ => Err("sslmode: expected disable, prefer, require or verify-full".to_owned()),
    }
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
