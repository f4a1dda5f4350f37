//! The rows that store the links to a document, as a write to the other side of the relation changes them.

use super::links::InverseSide;
use crate::connection::{Param, Row};
use crate::ident::Ident;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};
use cairn_model::*;

/// A version of a document that may store a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkOwner {
    /// Numeric id of its row.
    pub row: i64,
    /// Id of the document.
    pub document_id: String,
    /// Empty if the type is not localised.
    pub locale: String,
    /// True if it is the published version.
    pub published: bool,
    /// True if it stores the link now.
    pub is_linked: bool,
}

impl namespaces::Links<Reader<'_>> {
    /// The versions of some documents that a write to an inverse attribute of `document_id` concerns: those of the locale of `side`, or with
    /// `all_locales` of every locale. One statement, whatever their number.
    pub fn find_owners(
        &self,
        side: &InverseSide<'_>,
        document_id: &str,
        documents: &[&str],
        all_locales: bool,
    ) -> Result<Vec<LinkOwner>> {
        if documents.is_empty() {
            return Ok(Vec::new());
        }
        let among = self.tx.conn.dialect().in_list("o.document_id", 3);
        let rows = if all_locales { side.status_condition("o") } else { side.row_condition("o") };
        let sql = format!(
            "SELECT o.id, o.document_id, o.locale, o._status, CAST(CASE WHEN {} THEN 1 ELSE 0 END AS bigint) FROM {} o
             WHERE {among} AND {rows} AND CAST(?2 AS text) IS NOT NULL ORDER BY o.document_id, o.id",
            side.link_condition("o"),
            Ident::table(side.owner()),
        );
        let values = [Param::Text(document_id), Param::Text(side.locale()), Param::Texts(documents)];
        self.tx.conn.query_all("reading links", &sql, values, read_owner)
    }

    /// The versions of other documents than that of `version` that link to the one-to-one target: of its status, in its locale, or with
    /// `all_locales` in every locale. `version`: document, locale and status.
    pub fn find_one_to_one_rivals(
        &self,
        ct: TypeId,
        attribute: AttributeId,
        (document_id, locale, published): (&str, &str, bool),
        target: &str,
        all_locales: bool,
    ) -> Result<Vec<LinkOwner>> {
        let registry = self.tx.registry();
        let content_type = registry.get(ct);
        let in_locale = if all_locales { "CAST(?4 AS text) IS NOT NULL" } else { "locale = ?4" };
        let sql = format!(
            "SELECT id, document_id, locale, _status, CAST(1 AS bigint) FROM {}
             WHERE {} = ?1 AND document_id <> ?2 AND _status = ?3 AND {in_locale} ORDER BY document_id, id",
            Ident::table(content_type),
            Ident::column(&content_type.attributes[attribute]),
        );
        let values = (target, document_id, i64::from(published), locale);
        self.tx.conn.query_all("reading links", &sql, values, read_owner)
    }
}

fn read_owner(r: &Row<'_>) -> Result<LinkOwner> {
    Ok(LinkOwner {
        row: r.get(0)?,
        document_id: r.get(1)?,
        locale: r.get(2)?,
        published: r.get::<i64>(3)? == 1,
        is_linked: r.get::<i64>(4)? == 1,
    })
}

impl namespaces::Links<&mut WriteTx<'_>> {
    /// Empties a to-one attribute of rows that store it themselves.
    pub fn clear_column(&mut self, ct: TypeId, attribute: AttributeId, rows: &[i64]) -> Result<()> {
        let registry = self.tx.registry();
        let content_type = registry.get(ct);
        let a = &content_type.attributes[attribute];
        let (t, c, p) = (Ident::table(content_type), Ident::column(a), Ident::position(a));
        let among = self.tx.conn.dialect().in_list("id", 1);
        let sql = format!("UPDATE {t} SET {c} = NULL, {p} = NULL WHERE {among}");
        self.tx.conn.execute("writing", &sql, [Param::Integers(rows)])?;
        self.tx.touch_type(ct);
        Ok(())
    }
}

impl namespaces::Documents<&mut WriteTx<'_>> {
    /// Increments the version tokens of rows whose links another write has changed.
    pub fn increment_versions(&mut self, ct: TypeId, rows: &[i64]) -> Result<()> {
        let registry = self.tx.registry();
        let sql = format!(
            "UPDATE {} SET _version = _version + 1 WHERE {}",
            Ident::table(registry.get(ct)),
            self.tx.conn.dialect().in_list("id", 1)
        );
        self.tx.conn.execute("writing", &sql, [Param::Integers(rows)])?;
        self.tx.touch_type(ct);
        Ok(())
    }
}
