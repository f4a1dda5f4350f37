//! The checks of `cairn doctor` on a database: pages, links, counts, versions.

use crate::collation_keys::CollatedTable;
use crate::connection::Connection;
use crate::ident::Ident;
use crate::{Reader, Result, Store};
use cairn_model::*;

/// Findings reported per check at most.
const MAX_FINDINGS_PER_CHECK: usize = 20;

impl Reader<'_> {
    /// The size in bytes of the database file or, on PostgreSQL, of the tables of the tenant's schema; `None` if it is not reported.
    pub fn database_size(&self) -> Result<Option<i64>> {
        self.conn.query_first("measuring the size of the database", self.conn.dialect().size_query(), (), |r| r.get(0))
    }
}

impl Store {
    /// Checks a database on one snapshot; returns the problems found. Runs beside a live server.
    pub fn check_integrity(&self) -> Result<Vec<String>> {
        let registry = self.registry().clone();
        self.check_long(|r| {
            let mut findings = Vec::new();
            let strings = |text: &str| -> Result<Vec<String>> {
                let mut found = r.conn.query_all("checking the database", text, (), |row| row.get(0))?;
                found.truncate(MAX_FINDINGS_PER_CHECK);
                Ok(found)
            };
            if matches!(r.conn, Connection::Sqlite(_)) {
                let pages = strings("PRAGMA integrity_check")?;
                findings.extend(pages.into_iter().filter(|l| l != "ok").map(|l| format!("database file: {l}")));
            }
            for ct in registry.types() {
                let t = Ident::table(ct);
                if ct.draft_publish {
                    let text = format!(
                        "SELECT document_id FROM {t} p WHERE _status = 1 AND NOT EXISTS
                         (SELECT 1 FROM {t} d WHERE d.document_id = p.document_id AND d.locale = p.locale AND d._status = 0)"
                    );
                    findings.extend(strings(&text)?.into_iter().map(|d| format!("{}: {d} is published but has no draft", ct.uid)));
                }
                for (_, a) in ct.attributes.iter() {
                    if registry.attribute_link(a).is_some_and(|l| l.storage == LinkStorage::Table) {
                        let text = format!(
                            "SELECT CAST(owner_id AS TEXT) FROM {} l WHERE NOT EXISTS (SELECT 1 FROM {t} o WHERE o.id = l.owner_id)",
                            Ident::links(ct, a)
                        );
                        findings.extend(strings(&text)?.into_iter().map(|d| format!("{}.{}: links of row {d}, which no longer exists", ct.uid, a.name)));
                    }
                }
                if let Some(table) = CollatedTable::of_type(ct) {
                    let (mut last_id, mut documents) = (0, Vec::new());
                    while documents.len() < MAX_FINDINGS_PER_CHECK
                        && let Some(checked) = table.check_rows(r.conn, last_id)?
                    {
                        last_id = checked.last_id;
                        documents.extend(checked.stale.into_iter().map(|row| row.document_id));
                    }
                    documents.truncate(MAX_FINDINGS_PER_CHECK);
                    findings.extend(documents.into_iter().map(|d| format!("{}: {d} is not sorted by its texts", ct.uid)));
                }
                if self.inner.state.schema.references[ct.id.0 as usize] {
                    let text = format!(
                        "SELECT DISTINCT CAST(owner_id AS TEXT) FROM {} l WHERE NOT EXISTS (SELECT 1 FROM {t} o WHERE o.id = l.owner_id)",
                        Ident::references(ct)
                    );
                    findings.extend(strings(&text)?.into_iter().map(|d| format!("{}: references of row {d}, which no longer exists", ct.uid)));
                }
                let text = format!(
                    "SELECT coalesce(k.status, c.status) || '/' || coalesce(k.locale, c.locale) || ': stored ' || coalesce(c.n, 0) || ', counted ' || coalesce(k.n, 0)
                     FROM (SELECT _status AS status, locale, count(*) AS n FROM {t} GROUP BY 1, 2) k
                     FULL JOIN (SELECT status, locale, CAST(sum(n) AS bigint) AS n FROM cairn_counts WHERE type = '{}' GROUP BY 1, 2) c ON c.status = k.status AND c.locale = k.locale
                     WHERE coalesce(k.n, 0) <> coalesce(c.n, 0)",
                    ct.uid.replace('\'', "''")
                );
                findings.extend(strings(&text)?.into_iter().map(|d| format!("{}: wrong total for {d}", ct.uid)));
            }
            Ok(findings)
        })
    }
}
