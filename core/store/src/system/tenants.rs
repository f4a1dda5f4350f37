//! `cairn_tenants` and `cairn_tenant_hosts`: the tenants of an installation, and the hosts at which they are reached. In the
//! default tenant's database only.

use crate::namespaces;
use crate::{Reader, Result, WriteTx};

/// A declared tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantRow {
    /// Its id, never used twice: a tenant that is deleted and declared again is another one.
    pub id: i64,
    /// Name of the tenant, unique in the installation.
    pub name: String,
    /// Name for people, if it has one.
    pub display_name: Option<String>,
    /// True if it is in service; the data of a retired tenant stays.
    pub active: bool,
    /// Hosts at which it is reached, in the given order. None while it is out of service.
    pub hosts: Vec<String>,
}

/// `state` of a tenant in service, and out of it.
const ACTIVE_STATE: &str = "active";
const REMOVED_STATE: &str = "removed";

impl namespaces::Tenants<Reader<'_>> {
    /// Lists all tenants with a row, by name, those out of service included.
    pub fn list(&self) -> Result<Vec<TenantRow>> {
        let mut rows = self.tx.conn.query_all(
            "reading the tenants",
            "SELECT id, name, display_name, state FROM cairn_tenants ORDER BY name",
            (),
            |r| {
                Ok(TenantRow {
                    id: r.get(0)?,
                    name: r.get(1)?,
                    display_name: r.get(2)?,
                    active: r.get::<String>(3)? == ACTIVE_STATE,
                    hosts: Vec::new(),
                })
            },
        )?;
        let hosts: Vec<(String, String)> = self.tx.conn.query_all(
            "reading the hosts of tenants",
            "SELECT tenant, host FROM cairn_tenant_hosts ORDER BY tenant, position",
            (),
            |r| Ok((r.get(0)?, r.get(1)?)),
        )?;
        for (tenant, host) in hosts {
            // Rows are ordered by name.
            if let Ok(i) = rows.binary_search_by(|row| row.name.as_str().cmp(tenant.as_str())) {
                rows[i].hosts.push(host);
            }
        }
        Ok(rows)
    }
}

impl namespaces::Tenants<&mut WriteTx<'_>> {
    /// Adds a tenant, or changes it and puts it into service again. Its hosts stay.
    pub fn save(&mut self, name: &str, display_name: Option<&str>, now: &str) -> Result<()> {
        self.tx.touch_settings();
        self.tx.conn.execute("writing a tenant",
            "INSERT INTO cairn_tenants (name, display_name, state, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?4)
             ON CONFLICT (name) DO UPDATE SET display_name = excluded.display_name, state = excluded.state,
             updated_at = excluded.updated_at",
            (name, display_name, ACTIVE_STATE, now),
        )
        .map(drop)
    }

    /// Removes all hosts from a tenant, so that others may have them.
    pub fn clear_hosts(&mut self, name: &str) -> Result<()> {
        self.tx.touch_settings();
        self.tx.conn.execute("releasing hosts", "DELETE FROM cairn_tenant_hosts WHERE tenant = ?1", [name]).map(drop)
    }

    /// Adds a host to a tenant, at that position in its list. [`crate::StoreError::Unique`] if another has it.
    pub fn add_host(&mut self, name: &str, host: &str, position: usize) -> Result<()> {
        self.tx.touch_settings();
        self.tx
            .conn
            .execute_unique(
                "assigning a host to a tenant",
                "INSERT INTO cairn_tenant_hosts (host, tenant, position) VALUES (?1, ?2, ?3)",
                (host, name, i64::try_from(position).unwrap_or(i64::MAX)),
            )
            .map(drop)
    }

    /// Takes a tenant out of service: its hosts are free, its data stays. Returns whether it was in service.
    pub fn retire(&mut self, name: &str, now: &str) -> Result<bool> {
        self.tx.touch_settings();
        self.clear_hosts(name)?;
        let retired = self.tx.conn.execute(
            "disabling a tenant",
            "UPDATE cairn_tenants SET state = ?2, updated_at = ?3 WHERE name = ?1 AND state <> ?2",
            (name, REMOVED_STATE, now),
        )?;
        Ok(retired > 0)
    }

    /// Deletes the row of a tenant that is out of service. Returns whether there was one.
    pub fn delete(&mut self, name: &str) -> Result<bool> {
        self.tx.touch_settings();
        let forgotten = self.tx.conn.execute(
            "deleting a tenant",
            "DELETE FROM cairn_tenants WHERE name = ?1 AND state = ?2",
            (name, REMOVED_STATE),
        )?;
        Ok(forgotten > 0)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Database, Store, StoreError, StoreOptions};
    use std::sync::Arc;

    const NOW: &str = "2025-01-01T10:00:00.000Z";

    #[tokio::test(flavor = "multi_thread")]
    async fn tenants_can_be_retired_restored_and_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let registry = cairn_model::load::load_project(folder.path()).unwrap().registry;
        let store = Store::open(
            StoreOptions { database: Database::Sqlite(folder.path().join("cairn.db")) },
            Arc::new(registry),
        )
        .unwrap();
        let tenants = || store.read(|r| r.tenants().list()).unwrap();
        assert_eq!(tenants(), []);
        store
            .write(|tx| {
                for (name, display_name, hosts) in
                    [("b", Some("B"), ["b.example", "a.example"]), ("a", None, ["x", "y"])]
                {
                    tx.tenants().save(name, display_name, NOW)?;
                    for (i, host) in hosts.into_iter().enumerate() {
                        tx.tenants().add_host(name, host, i)?;
                    }
                }
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
        let stored: Vec<_> = tenants().into_iter().map(|t| (t.name, t.display_name, t.active, t.hosts)).collect();
        let (x, b) = (vec!["x".to_owned(), "y".into()], vec!["b.example".to_owned(), "a.example".into()]);
        assert_eq!(stored, [("a".into(), None, true, x), ("b".into(), Some("B".into()), true, b)]);
        let result = store.write(|tx| tx.tenants().add_host("a", "b.example", 2)).await;
        assert!(matches!(result, Err(StoreError::Unique)));
        let before = tenants()[1].id;
        assert!(!store.write(|tx| tx.tenants().delete("b")).await.unwrap(), "in service");
        assert!(store.write(|tx| tx.tenants().retire("b", NOW)).await.unwrap());
        assert!(!store.write(|tx| tx.tenants().retire("b", NOW)).await.unwrap(), "was out of service");
        assert_eq!((tenants()[1].active, tenants()[1].hosts.len()), (false, 0));
        store.write(|tx| tx.tenants().add_host("a", "b.example", 2)).await.unwrap();
        assert_eq!(tenants()[0].hosts, ["x", "y", "b.example"]);
        store.write(|tx| tx.tenants().save("b", None, NOW)).await.unwrap();
        assert_eq!((tenants()[1].id, tenants()[1].active), (before, true));
        store.write(|tx| tx.tenants().retire("b", NOW)).await.unwrap();
        assert!(store.write(|tx| tx.tenants().delete("b")).await.unwrap());
        store.write(|tx| tx.tenants().save("b", None, NOW)).await.unwrap();
        assert_ne!(tenants()[1].id, before, "deleted and declared again: another tenant");
    }
}
