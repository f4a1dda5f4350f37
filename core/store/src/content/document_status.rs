//! How drafts relate to what is published, for lists: one statement for a page of documents.

use crate::Reader;
use crate::Result;
use crate::connection::Param;
use crate::ident::Ident;
use crate::namespaces;
use cairn_model::TypeId;

/// The publication state of one locale of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentStatusRow {
    /// Id of the document.
    pub document_id: String,
    /// Empty if the type is not localised.
    pub locale: String,
    /// True if a draft exists.
    pub draft: bool,
    /// True if a published version exists.
    pub published: bool,
    /// True if both exist and the draft was saved after publication.
    pub modified: bool,
    /// Version token of what is edited: of the draft, or of the published version if there is no draft.
    pub version: i64,
}

impl namespaces::Documents<Reader<'_>> {
    /// The publication state of each locale of these documents; those that do not exist are left out. Returns an error if the
    /// database cannot be read.
    pub fn list_statuses(&self, ct: TypeId, documents: &[&str]) -> Result<Vec<DocumentStatusRow>> {
        if documents.is_empty() {
            return Ok(Vec::new());
        }
        let t = Ident::table(self.tx.store.registry.get(ct));
        let sql = format!(
            "SELECT document_id, locale, MAX(CASE WHEN _status = 0 THEN 1 ELSE 0 END),
                MAX(CASE WHEN _status = 1 THEN 1 ELSE 0 END),
                CASE WHEN MAX(CASE WHEN _status = 0 THEN updated_at END) > MAX(CASE WHEN _status = 1 THEN updated_at END)
                    THEN 1 ELSE 0 END,
                COALESCE(MAX(CASE WHEN _status = 0 THEN _version END), MAX(_version))
             FROM {t} WHERE {} GROUP BY document_id, locale ORDER BY document_id, locale",
            self.tx.conn.dialect().in_list("document_id", 1)
        );
        let mut rows = Vec::with_capacity(documents.len());
        self.tx.conn.query("reading the states of drafts", &sql, &[Param::Texts(documents)][..], |r| {
            let flag = |n: i64| n != 0;
            rows.push(DocumentStatusRow {
                document_id: r.get(0)?,
                locale: r.get(1)?,
                draft: flag(r.get(2)?),
                published: flag(r.get(3)?),
                modified: flag(r.get(4)?),
                version: r.get(5)?,
            });
            Ok(())
        })?;
        Ok(rows)
    }
}
