//! Lists of files by the state of their licensing, computed from the records: nothing stored can be stale.

use super::MAX_ANCESTOR_DEPTH;
use crate::ident::Ident;
use crate::namespaces;
use crate::{Reader, Result};

impl namespaces::Licensing<Reader<'_>> {
    /// Files with a licence that ends after `now` and at `until` at the latest, own or inherited, in the order of their documents.
    pub fn list_expiring_files(&self, now: i64, until: i64, after: &str, limit: i64) -> Result<Vec<String>> {
        let first = "SELECT k.document_id, CAST(0 AS bigint) FROM cairn_asset_rights r
                     JOIN cairn_asset_right_links k ON k.right_id = r.id WHERE r.ends_at > ?1 AND r.ends_at <= ?2";
        self.list_files_under(first, (now, until, after, limit))
    }

    /// Files with a consent that was withdrawn by `now`, own or inherited, in the order of their documents.
    pub fn list_withdrawn_files(&self, now: i64, after: &str, limit: i64) -> Result<Vec<String>> {
        let first = "SELECT k.document_id, CAST(0 AS bigint) FROM cairn_asset_consents c
                     JOIN cairn_asset_consent_links k ON k.consent_id = c.id WHERE c.withdrawn_at <= ?1 AND ?1 <= CAST(?2 AS bigint)";
        self.list_files_under(first, (now, now, after, limit))
    }

    /// The files that `first` selects, which binds ?1 and ?2, and all that are derived from them.
    fn list_files_under(&self, first: &str, values: (i64, i64, &str, i64)) -> Result<Vec<String>> {
        let sql = format!(
            "WITH RECURSIVE under (document_id, distance) AS (
               {first}
               UNION SELECT a.document_id, u.distance + 1 FROM under u JOIN cairn_assets a ON a.derived_from = u.document_id
               WHERE u.distance < {MAX_ANCESTOR_DEPTH})
             SELECT DISTINCT f.document_id FROM {} f WHERE f.document_id > ?3 AND f.document_id IN (SELECT document_id FROM under)
             ORDER BY f.document_id LIMIT ?4",
            Ident::table(self.tx.store.registry.file_type())
        );
        self.tx.conn.query_all("reading a licensing report", &sql, values, |r| r.get(0))
    }

    /// Files without any linked record, in the order of their documents; records of files that they derive from do not count.
    pub fn list_unlinked_files(&self, after: &str, limit: i64) -> Result<Vec<String>> {
        let sql = format!(
            "SELECT f.document_id FROM {} f WHERE f.document_id > ?1
               AND NOT EXISTS (SELECT 1 FROM cairn_asset_right_links k WHERE k.document_id = f.document_id)
               AND NOT EXISTS (SELECT 1 FROM cairn_asset_consent_links k WHERE k.document_id = f.document_id)
             ORDER BY f.document_id LIMIT ?2",
            Ident::table(self.tx.store.registry.file_type())
        );
        self.tx.conn.query_all("reading a licensing report", &sql, (after, limit), |r| r.get(0))
    }
}
