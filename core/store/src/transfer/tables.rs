//! Tables and columns that are transferred.

use super::assets::ASSET_TABLES;
use super::editorial::EDITORIAL_TABLES;
use super::erasures::ERASURE_TABLES;
use super::licensing::LICENSING_TABLES;
use super::plugins::PLUGIN_TABLES;
use super::{CellKind, DumpColumn, DumpOutline, DumpTable, SystemTable};
use crate::connection::Connection;
use crate::ident::Ident;
use crate::namespaces;
use crate::schema::{Catalogue, WriteSchema};
use crate::{Reader, Result, migrations};
use cairn_model::*;

/// System tables that are transferred.
const SYSTEM_TABLES: [SystemTable; 27] = {
    use CellKind::*;
    [
        (
            "cairn_locales",
            &[
                ("id", Integer),
                ("document_id", Text),
                ("code", Text),
                ("name", Text),
                ("is_default", Boolean),
                ("created_at", Text),
                ("updated_at", Text),
            ],
            1,
        ),
        ("cairn_settings", &[("key", Text), ("value", Text)], 1),
        // Keys are sealed: they open where the secret key is the same only.
        ("cairn_seal_profiles", &[("name", Text), ("certificates", Text), ("key", Text), ("changed_at", Integer)], 1),
        (
            "cairn_permissions",
            &[("role", Text), ("subject", Text), ("action", Text), ("condition", Text), ("fields", Text)],
            3,
        ),
        ("cairn_role_options", &[("role", Text), ("read_drafts", Boolean)], 1),
        (
            "cairn_api_tokens",
            &[
                ("id", Integer),
                ("name", Text),
                ("description", Text),
                ("type", Text),
                ("hash", Bytes),
                ("permissions", Text),
                ("read_drafts", Boolean),
                ("expires_at", Text),
                ("created_at", Text),
            ],
            1,
        ),
        (
            "cairn_admin_users",
            &[
                ("id", Integer),
                ("email", Text),
                ("password_hash", Text),
                ("roles", Text),
                ("created_at", Text),
                ("updated_at", Text),
                ("first_name", Text),
                ("last_name", Text),
                ("language", Text),
                ("active", Boolean),
                ("totp", Text),
                ("totp_used", Integer),
                ("signed_in_at", Text),
            ],
            1,
        ),
        ("cairn_admin_preferences", &[("admin_user", Integer), ("value", Text)], 1),
        (
            "cairn_admin_roles",
            &[
                ("code", Text),
                ("name", Text),
                ("description", Text),
                ("actions", Text),
                ("permissions", Text),
                ("created_at", Text),
                ("updated_at", Text),
            ],
            1,
        ),
        (
            "cairn_admin_views",
            &[
                ("id", Integer),
                ("type", Text),
                ("name", Text),
                ("owner", Integer),
                ("shared", Boolean),
                ("definition", Text),
                ("created_at", Integer),
                ("updated_at", Integer),
            ],
            1,
        ),
        ("cairn_admin_recovery_codes", &[("admin_user", Integer), ("hash", Bytes)], 2),
        (
            "cairn_admin_passkeys",
            &[
                ("id", Integer),
                ("admin_user", Integer),
                ("credential_id", Text),
                ("credential", Text),
                ("name", Text),
                ("created_at", Text),
                ("used_at", Text),
            ],
            1,
        ),
        (
            "cairn_tenants",
            &[
                ("id", Integer),
                ("name", Text),
                ("display_name", Text),
                ("state", Text),
                ("created_at", Text),
                ("updated_at", Text),
            ],
            1,
        ),
        ("cairn_tenant_hosts", &[("host", Text), ("tenant", Text), ("position", Integer)], 1),
        (
            "cairn_jobs",
            &[
                ("id", Integer),
                ("name", Text),
                ("unique_key", Text),
                ("lane", Text),
                ("payload", Text),
                ("checkpoint", Text),
                ("state", Text),
                ("due", Integer),
                ("attempt", Integer),
                ("holder", Text),
                ("fence", Integer),
                ("leased_until", Integer),
                ("error", Text),
                ("created_at", Integer),
                ("ended_at", Integer),
                ("depth", Integer),
            ],
            1,
        ),
        (
            "cairn_cron",
            &[
                ("name", Text),
                ("job", Text),
                ("payload", Text),
                ("cron", Text),
                ("zone", Text),
                ("missed", Text),
                ("next", Integer),
                ("last", Integer),
                ("paused", Boolean),
                ("delay", Integer),
            ],
            1,
        ),
        (
            "cairn_webhooks",
            &[
                ("id", Integer),
                ("name", Text),
                ("url", Text),
                ("events", Text),
                ("types", Text),
                ("condition", Text),
                ("headers", Text),
                ("secrets", Text),
                ("enabled", Boolean),
                ("disabled_reason", Text),
                ("revision", Integer),
                ("failing_since", Integer),
                ("created_at", Integer),
                ("updated_at", Integer),
            ],
            1,
        ),
        (
            "cairn_history",
            &[
                ("id", Integer),
                ("type", Text),
                ("document_id", Text),
                ("locale", Text),
                ("action", Text),
                ("status", Text),
                ("version", Integer),
                ("autosave", Boolean),
                ("at", Integer),
                ("actor", Text),
                ("actor_key", Text),
                ("changed", Text),
                ("note", Text),
                ("snapshot", Text),
                ("began", Integer),
            ],
            1,
        ),
        (
            "cairn_history_names",
            &[("id", Integer), ("upto", Integer), ("owner", Text), ("old_name", Text), ("new_name", Text)],
            1,
        ),
        (
            "cairn_audit",
            &[
                ("n", Integer),
                ("event_id", Text),
                ("at", Integer),
                ("action", Text),
                ("actor", Text),
                ("actor_key", Text),
                ("type", Text),
                ("document_id", Text),
                ("locale", Text),
                ("details", Text),
                ("previous", Text),
                ("hash", Text),
                ("batch", Text),
            ],
            1,
        ),
        (
            "cairn_mails",
            &[
                ("id", Integer),
                ("once_key", Text),
                ("template", Text),
                ("locale", Text),
                ("to_address", Text),
                ("to_name", Text),
                ("reply_to", Text),
                ("data", Text),
                ("admin_user", Integer),
                ("topic", Text),
                ("state", Text),
                ("attempts", Integer),
                ("error", Text),
                ("message_id", Text),
                ("subject", Text),
                ("body_text", Text),
                ("body_html", Text),
                ("headers", Text),
                ("created_at", Integer),
                ("ended_at", Integer),
            ],
            1,
        ),
        (
            "cairn_suppressions",
            &[("address", Text), ("reason", Text), ("detail", Text), ("mail", Integer), ("at", Integer)],
            1,
        ),
        (
            "cairn_mail_templates",
            &[
                ("name", Text),
                ("locale", Text),
                ("subject", Text),
                ("body_text", Text),
                ("body_html", Text),
                ("updated_at", Integer),
                ("updated_by", Text),
            ],
            2,
        ),
        (
            "cairn_notifications",
            &[
                ("id", Integer),
                ("admin_user", Integer),
                ("kind", Text),
                ("once_key", Text),
                ("data", Text),
                ("link", Text),
                ("at", Integer),
                ("read_at", Integer),
            ],
            1,
        ),
        (
            "cairn_digest_entries",
            &[
                ("id", Integer),
                ("admin_user", Integer),
                ("kind", Text),
                ("once_key", Text),
                ("data", Text),
                ("link", Text),
                ("at", Integer),
                ("sent_at", Integer),
            ],
            1,
        ),
        (
            "cairn_notification_preferences",
            &[("admin_user", Integer), ("kind", Text), ("channel", Text), ("level", Text)],
            3,
        ),
        ("cairn_notification_people", &[("admin_user", Integer), ("zone", Text), ("locale", Text)], 1),
    ]
};

/// System tables that are not transferred, with the reason.
pub(super) const EXCLUDED_TABLES: [(&str, &str); 28] = [
    ("cairn_migrations", "part of the outline"),
    ("cairn_sequences", "part of the outline"),
    ("cairn_counts", "counted again after a restore"),
    ("cairn_plugin_usage", "counted again after a restore"),
    ("cairn_changes", "only meaningful in its own database"),
    ("cairn_locks", "only meaningful in its own database"),
    ("cairn_sessions", "the holder of a copy must not be signed in by it"),
    ("cairn_schema", "the target database has the schema of its own files"),
    ("cairn_schema_changes", "the history of that database only"),
    ("cairn_outbox", "consumers of its events run where the events happened"),
    ("cairn_outbox_place", "belongs to the outbox"),
    ("cairn_consumers", "positions in the outbox"),
    ("cairn_deliveries", "belongs to the outbox"),
    ("cairn_batches", "positions in the outbox"),
    ("cairn_webhook_attempts", "consumers of its events run where the events happened"),
    ("cairn_admin_sessions", "the holder of a copy must not be signed in by it"),
    ("cairn_admin_codes", "the holder of a copy must not be able to use them"),
    ("cairn_admin_tokens", "the holder of a copy must not be able to use them or bring back removed ones"),
    ("cairn_admin_token_uses", "records their use on that database"),
    ("cairn_api_token_uses", "records their use on that database"),
    ("cairn_presence", "records who is online now"),
    ("cairn_preview_links", "the holder of a copy must not be able to use them"),
    ("cairn_one_time_codes", "the holder of a copy must not be able to use them"),
    ("cairn_blobs", "lists the objects in that database's file storage"),
    ("cairn_mail_secrets", "the holder of a copy must not be able to use them"),
    ("cairn_plugin_calls", "made on that database, with its data at the time"),
    ("cairn_plugin_logs", "logged on that machine"),
    ("cairn_resumable", "the received parts are on that machine only"),
];

/// True if that system table is not transferred.
pub fn is_excluded(table: &str) -> bool {
    EXCLUDED_TABLES.iter().any(|(name, _)| *name == table) || table.starts_with("cairn_trash")
}

impl DumpTable {
    /// True if it belongs to the installation, not to one tenant: the list of tenants. Only the default tenant's has rows.
    pub fn is_of_installation(&self) -> bool {
        matches!(self.name.as_str(), "cairn_tenants" | "cairn_tenant_hosts")
    }

    pub(super) fn ident(&self) -> Ident {
        Ident::quote(&self.name)
    }

    pub(super) fn is_numbered(&self) -> bool {
        self.columns.first().is_some_and(|c| c.name == "id" && c.kind == CellKind::Integer)
    }
}

/// A table of the database with its key, which is its first columns.
pub(super) struct KnownTable {
    pub(super) table: DumpTable,
    pub(super) key: usize,
}

/// Every table that is transferred, content first, in a fixed order.
pub(super) fn known_tables(registry: &Registry, schema: &WriteSchema) -> Vec<KnownTable> {
    let mut all = Vec::new();
    let mut types: Vec<&ContentType> = registry.types().iter().collect();
    types.sort_by(|a, b| a.uid.cmp(&b.uid));
    for ct in types {
        push_type_tables(registry, ct, schema.references[ct.id.0 as usize], &mut all);
    }
    for (name, columns, key) in SYSTEM_TABLES
        .into_iter()
        .chain(EDITORIAL_TABLES)
        .chain(ASSET_TABLES)
        .chain(LICENSING_TABLES)
        .chain(PLUGIN_TABLES)
        .chain(ERASURE_TABLES)
    {
        all.push(known_table(name.to_owned(), columns.iter().map(|(n, k)| ((*n).to_owned(), *k)).collect(), key));
    }
    all
}

fn known_table(name: String, columns: Vec<(String, CellKind)>, key: usize) -> KnownTable {
    let columns = columns.into_iter().map(|(name, kind)| DumpColumn { name, kind }).collect();
    KnownTable { table: DumpTable { name, columns, next: None }, key }
}

fn push_type_tables(registry: &Registry, ct: &ContentType, references: bool, all: &mut Vec<KnownTable>) {
    let fixed = [
        ("id", CellKind::Integer),
        ("document_id", CellKind::Text),
        ("locale", CellKind::Text),
        ("_status", CellKind::Integer),
        ("created_at", CellKind::DateTime),
        ("updated_at", CellKind::DateTime),
        ("published_at", CellKind::DateTime),
        ("_version", CellKind::Integer),
    ];
    let mut columns: Vec<(String, CellKind)> = fixed.map(|(n, k)| (n.to_owned(), k)).to_vec();
    let mut links = Vec::new();
    for (_, a) in ct.attributes.iter() {
        let column = Ident::column(a).unquoted_name();
        if let Some(t) = a.kind.column_type() {
            columns.push((column, cell_kind(t)));
        } else if let Some(link) = registry.attribute_link(a) {
            match link.storage {
                LinkStorage::Column => {
                    columns.push((column, CellKind::Text));
                    if matches!(link.side, RelationSide::Owner { .. }) {
                        columns.push((Ident::position(a).unquoted_name(), CellKind::Integer));
                    }
                }
                LinkStorage::Table => links.push(Ident::links(ct, a).unquoted_name()),
                _ => {}
            }
        } else if !a.is_unlinked() {
            columns.push((column, CellKind::Components));
        }
    }
    let list = |columns: &[(&str, CellKind)]| columns.iter().map(|(n, k)| ((*n).to_owned(), *k)).collect();
    all.push(known_table(Ident::table(ct).unquoted_name(), columns, 1));
    for name in links {
        let columns = [
            ("owner_id", CellKind::Integer),
            ("target", CellKind::Text),
            ("pos", CellKind::Integer),
            ("inv_pos", CellKind::Integer),
        ];
        all.push(known_table(name, list(&columns), 2));
    }
    if references {
        let columns = [
            ("owner_id", CellKind::Integer),
            ("instance", CellKind::Integer),
            ("attribute", CellKind::Text),
            ("target_type", CellKind::Text),
            ("target", CellKind::Text),
            ("pos", CellKind::Integer),
        ];
        all.push(known_table(Ident::references(ct).unquoted_name(), list(&columns), 5));
    }
}

fn cell_kind(t: ColumnType) -> CellKind {
    match t {
        ColumnType::Text => CellKind::Text,
        ColumnType::Integer | ColumnType::BigInteger => CellKind::Integer,
        ColumnType::Float => CellKind::Float,
        ColumnType::Boolean => CellKind::Boolean,
        ColumnType::Date => CellKind::Date,
        ColumnType::DateTime => CellKind::DateTime,
        ColumnType::Time => CellKind::Time,
        ColumnType::Decimal => CellKind::Decimal,
        ColumnType::Json => CellKind::Json,
    }
}

impl namespaces::Transfer<Reader<'_>> {
    /// Describes what is to be transferred. Must be the first read: what is dumped afterwards is of the same moment. Returns an error if
    /// the database cannot be read.
    pub fn describe(&self) -> Result<DumpOutline> {
        let catalogue = Catalogue::load(self.tx.conn)?;
        let mut tables = Vec::new();
        for KnownTable { mut table, .. } in known_tables(&self.tx.store.registry, &self.tx.store.schema) {
            if table.is_numbered() {
                table.next = Some(next_number(self.tx.conn, &table)?);
            }
            tables.push(table);
        }
        let find_table = |name: &str| tables.iter().find(|t| t.name == name);
        let mut left_out: Vec<String> = Vec::new();
        // Computed anew where they are loaded.
        let registry = &self.tx.store.registry;
        let key_columns: Vec<(String, String)> = registry
            .types()
            .iter()
            .flat_map(|ct| ct.keyed_attributes().map(move |(_, a)| (Ident::table(ct), Ident::collation_key(a))))
            .map(|(table, column)| (table.unquoted_name(), column.unquoted_name()))
            .collect();
        for (table, column) in catalogue.all_columns() {
            match find_table(table) {
                _ if key_columns.iter().any(|(t, c)| t == table && c == column) => {}
                Some(known_table) if known_table.columns.iter().any(|c| c.name == column) => {}
                Some(_) => left_out.push(format!("{table}.{column}")),
                None if is_excluded(table) || table.starts_with("sqlite_") => {}
                None => left_out.push(table.to_owned()),
            }
        }
        left_out.sort();
        left_out.dedup();
        let sql = "SELECT name FROM cairn_migrations WHERE name <> ?1 ORDER BY name";
        let migrations =
            self.tx.conn.query_all("reading the migrations", sql, [migrations::LOCK_FILE], |r| r.get(0))?;
        Ok(DumpOutline { tables, next_instance: next_instance(self.tx.conn)?, migrations, left_out })
    }
}

/// The id of the next row of a table.
pub(super) fn next_number(conn: &Connection, table: &DumpTable) -> Result<i64> {
    let doing = "reading a sequence";
    let next = match conn {
        Connection::Sqlite(_) => {
            let sql = "SELECT max(seq) + 1 FROM sqlite_sequence WHERE name = ?1";
            conn.query_first::<Option<i64>>(doing, sql, [&table.name], |r| r.get(0))?.flatten()
        }
        Connection::Postgres(_) => match sequence_name(conn, table)? {
            // Named by the database itself, quoted where that is needed.
            Some(name) => {
                let sql = format!("SELECT CASE WHEN is_called THEN last_value + 1 ELSE last_value END FROM {name}");
                conn.query_first(doing, &sql, (), |r| r.get(0))?
            }
            None => None,
        },
    };
    Ok(next.unwrap_or(1))
}

/// The sequence of a table's ids, on PostgreSQL.
pub(super) fn sequence_name(conn: &Connection, table: &DumpTable) -> Result<Option<String>> {
    let sql = "SELECT pg_get_serial_sequence(?1, 'id')";
    let name =
        conn.query_first::<Option<String>>("looking for a sequence", sql, [table.ident().to_string()], |r| r.get(0))?;
    Ok(name.flatten())
}

/// The id of the next component instance.
pub(super) fn next_instance(conn: &Connection) -> Result<i64> {
    let sql = match conn {
        Connection::Sqlite(_) => "SELECT coalesce(max(next), 1) FROM cairn_sequences WHERE name = 'instance'",
        // PostgreSQL assigns instance ids in blocks of 1000.
        Connection::Postgres(_) => {
            "SELECT CASE WHEN is_called THEN last_value + 1000 ELSE last_value END FROM cairn_instances"
        }
    };
    Ok(conn.query_first("reading the sequences", sql, (), |r| r.get(0))?.unwrap_or(1))
}
