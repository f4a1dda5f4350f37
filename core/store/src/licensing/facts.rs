//! Facts about the licensing of files, of each with all that it is derived from: one statement for any number of files.

use super::{MAX_ANCESTOR_DEPTH, parse_list};
use crate::connection::{Param, Row};
use crate::ident::Ident;
use crate::namespaces;
use crate::{Reader, Result};
use std::collections::HashMap;

/// The setting that holds the policy of a tenant.
pub const POLICY_SETTING: &str = "rights";

/// A fact about the licensing of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum LicensingFact {
    /// A licence or release that is linked to the file, or to one it is derived from.
    Licence {
        /// Numeric id of the record.
        id: i64,
        /// Name of the rights holder.
        holder: String,
        /// Kind of licence.
        licence: String,
        /// When it begins, in milliseconds since 1970.
        starts_at: Option<i64>,
        /// When it ends, in milliseconds since 1970.
        ends_at: Option<i64>,
        /// Its end as entered.
        end_local: Option<String>,
        /// Time zone of its end.
        zone: Option<String>,
        /// Channels it covers; empty: all.
        channels: Vec<String>,
        /// The file that it is linked to.
        source: String,
    },
    /// A consent that is linked to the file, or to one it is derived from.
    Consent {
        /// Numeric id of the consent.
        id: i64,
        /// Name of the person.
        person: String,
        /// Subject of the consent.
        kind: String,
        /// When it was given.
        given_at: Option<i64>,
        /// When it ended because it was withdrawn.
        withdrawn_at: Option<i64>,
        /// The file that it is linked to.
        source: String,
    },
    /// Settings of the file, or of one it is derived from; the nearest first.
    Settings {
        /// The file must not be shown before.
        embargo_until: Option<i64>,
        /// The file that is shown instead.
        fallback: Option<String>,
        /// Permitted use of the file if it has no records.
        policy: Option<String>,
        /// The file that the settings are stored for.
        source: String,
        /// Number of derivations between the file and that one.
        distance: i64,
    },
    /// Folder and kind of the file.
    Asset {
        /// Numeric id of the folder; 0 is the root.
        folder: i64,
        /// `image`, `video`, ….
        kind: String,
    },
}

/// Facts by document.
pub type LicensingFacts = HashMap<String, Vec<LicensingFact>>;

impl namespaces::Licensing<Reader<'_>> {
    /// The facts about each of these files, by document, and the policy of the tenant as it is stored. One statement; files that
    /// do not exist are left out.
    pub fn get_facts(&self, documents: &[&str]) -> Result<(LicensingFacts, Option<String>)> {
        let file = Ident::table(self.tx.store.registry.file_type());
        let inside = self.tx.conn.dialect().in_list("f.document_id", 1);
        // A file is derived from another, that one from a third. Over other rows `UNION` ends a cycle; the distance does so here.
        let sql = format!(
            "WITH RECURSIVE line (root, document_id, distance) AS (
               SELECT f.document_id, f.document_id, CAST(0 AS bigint) FROM {file} f WHERE {inside}
               UNION
               SELECT l.root, a.derived_from, l.distance + 1 FROM line l JOIN cairn_assets a ON a.document_id = l.document_id
               WHERE a.derived_from IS NOT NULL AND l.distance < {MAX_ANCESTOR_DEPTH})
             SELECT 'right', l.root, l.document_id, l.distance, r.id, r.holder, r.licence, r.starts_at, r.ends_at, r.end_local, r.zone, r.channels
               FROM line l JOIN cairn_asset_right_links k ON k.document_id = l.document_id JOIN cairn_asset_rights r ON r.id = k.right_id
             UNION ALL
             SELECT 'consent', l.root, l.document_id, l.distance, c.id, c.person, c.kind, c.given_at, c.withdrawn_at, NULL, NULL, NULL
               FROM line l JOIN cairn_asset_consent_links k ON k.document_id = l.document_id JOIN cairn_asset_consents c ON c.id = k.consent_id
             UNION ALL
             SELECT 'settings', l.root, l.document_id, l.distance, s.owner, s.fallback, s.policy, s.embargo_until, NULL, NULL, NULL, NULL
               FROM line l JOIN cairn_asset_settings s ON s.document_id = l.document_id
             UNION ALL
             SELECT 'asset', l.root, l.document_id, l.distance, a.folder, NULL, a.kind, NULL, NULL, NULL, NULL, NULL
               FROM line l JOIN cairn_assets a ON a.document_id = l.document_id WHERE l.distance = 0
             UNION ALL
             SELECT 'file', l.root, l.document_id, l.distance, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM line l WHERE l.distance = 0
             UNION ALL
             SELECT 'policy', NULL, NULL, NULL, NULL, value, NULL, NULL, NULL, NULL, NULL, NULL FROM cairn_settings WHERE key = '{POLICY_SETTING}'
             ORDER BY 4, 1, 5"
        );
        let mut found = LicensingFacts::new();
        let mut policy = None;
        self.tx.conn.query("reading the licensing of files", &sql, [Param::Texts(documents)], |r| {
            let subject: String = r.get(0)?;
            if subject == "policy" {
                policy = r.get(5)?;
                return Ok(());
            }
            let facts = found.entry(r.get(1)?).or_default();
            if let Some(fact) = read_fact(&subject, r)?
                && !facts.iter().any(|known| is_known(known, &fact))
            {
                facts.push(fact);
            }
            Ok(())
        })?;
        Ok((found, policy))
    }

    /// True if any licensing record or setting exists: if none does, callers can skip further checks.
    pub fn has_records(&self) -> Result<bool> {
        let sql = format!(
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM cairn_asset_right_links) OR EXISTS (SELECT 1 FROM cairn_asset_consent_links)
               OR EXISTS (SELECT 1 FROM cairn_asset_settings) OR EXISTS (SELECT 1 FROM cairn_settings WHERE key = '{POLICY_SETTING}')"
        );
        self.tx.conn.exists("checking for licences", &sql, ())
    }
}

impl namespaces::Assets<Reader<'_>> {
    /// These files and all that are derived from them.
    pub fn find_derived(&self, documents: &[&str]) -> Result<Vec<String>> {
        let file = Ident::table(self.tx.store.registry.file_type());
        let dialect = self.tx.conn.dialect();
        // Over single columns `UNION` ends every cycle.
        let sql = format!(
            "WITH RECURSIVE under (document_id) AS (
               SELECT f.document_id FROM {file} f WHERE {}
               UNION SELECT a.document_id FROM cairn_assets a WHERE {}
               UNION SELECT a.document_id FROM under u JOIN cairn_assets a ON a.derived_from = u.document_id)
             SELECT document_id FROM under ORDER BY document_id",
            dialect.in_list("f.document_id", 1),
            dialect.in_list("a.derived_from", 1),
        );
        self.tx.conn.query_all("finding derived files", &sql, [Param::Texts(documents)], |r| r.get(0))
    }
}

impl namespaces::Folders<Reader<'_>> {
    /// Folders of the library with their parents.
    pub fn list_parents(&self) -> Result<HashMap<i64, i64>> {
        let sql = "SELECT id, parent FROM cairn_asset_folders";
        let all: Vec<(i64, i64)> =
            self.tx.conn.query_all("reading folders", sql, (), |r| Ok((r.get(0)?, r.get(1)?)))?;
        Ok(all.into_iter().collect())
    }
}

fn read_fact(subject: &str, r: &Row<'_>) -> Result<Option<LicensingFact>> {
    let text = |column: usize| -> Result<String> { Ok(r.get::<Option<String>>(column)?.unwrap_or_default()) };
    Ok(match subject {
        "right" => Some(LicensingFact::Licence {
            id: r.get(4)?,
            holder: text(5)?,
            licence: text(6)?,
            starts_at: r.get(7)?,
            ends_at: r.get(8)?,
            end_local: r.get(9)?,
            zone: r.get(10)?,
            channels: parse_list(&text(11)?),
            source: r.get(2)?,
        }),
        "consent" => Some(LicensingFact::Consent {
            id: r.get(4)?,
            person: text(5)?,
            kind: text(6)?,
            given_at: r.get(7)?,
            withdrawn_at: r.get(8)?,
            source: r.get(2)?,
        }),
        "settings" => Some(LicensingFact::Settings {
            embargo_until: r.get(7)?,
            fallback: r.get(5)?,
            policy: r.get(6)?,
            source: r.get(2)?,
            distance: r.get(3)?,
        }),
        "asset" => Some(LicensingFact::Asset { folder: r.get(4)?, kind: text(6)? }),
        _ => None,
    })
}

/// True if a nearer file has the same fact already: derivations may branch or form a cycle.
fn is_known(licensing_fact: &LicensingFact, fact: &LicensingFact) -> bool {
    use LicensingFact::{Asset, Consent, Licence, Settings};
    match (licensing_fact, fact) {
        (Licence { id, .. }, Licence { id: other, .. }) | (Consent { id, .. }, Consent { id: other, .. }) => {
            id == other
        }
        (Settings { source, .. }, Settings { source: other, .. }) => source == other,
        (Asset { .. }, Asset { .. }) => true,
        _ => false,
    }
}
