//! `cairn_mail_templates`: a tenant's own templates, in place of the built-in ones.

use super::RenderedMail;
use crate::connection::Row;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};

/// A mail template that a tenant has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateRow {
    /// Name of the built-in template that it replaces.
    pub name: String,
    /// Locale of the template.
    pub locale: String,
    /// Its three parts, unrendered.
    pub parts: RenderedMail,
    /// Time of the last change, in milliseconds.
    pub updated_at: i64,
    /// Name of the actor who changed it last, or their key.
    pub updated_by: String,
}

const COLUMNS: &str = "name, locale, subject, body_text, body_html, updated_at, updated_by";

fn read_template(r: &Row<'_>) -> Result<TemplateRow> {
    Ok(TemplateRow {
        name: r.get(0)?,
        locale: r.get(1)?,
        parts: RenderedMail { subject: r.get(2)?, text: r.get(3)?, html: r.get(4)? },
        updated_at: r.get(5)?,
        updated_by: r.get(6)?,
    })
}

impl namespaces::MailTemplates<Reader<'_>> {
    /// Lists the tenant's templates, by name and locale.
    pub fn list(&self) -> Result<Vec<TemplateRow>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_mail_templates ORDER BY name, locale");
        self.tx.conn.query_all("reading mail templates", &sql, (), read_template)
    }

    /// Gets one of the tenant's templates.
    pub fn get(&self, name: &str, locale: &str) -> Result<Option<TemplateRow>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_mail_templates WHERE name = ?1 AND locale = ?2");
        self.tx.conn.query_first("reading a mail template", &sql, (name, locale), read_template)
    }
}

impl namespaces::MailTemplates<&mut WriteTx<'_>> {
    /// Adds or replaces a template of the tenant.
    pub fn save(&mut self, t: &TemplateRow) -> Result<()> {
        self.tx
            .conn
            .execute(
                "writing a mail template",
                "INSERT INTO cairn_mail_templates (name, locale, subject, body_text, body_html, updated_at, updated_by)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (name, locale) DO UPDATE SET subject = excluded.subject, body_text = excluded.body_text,
                   body_html = excluded.body_html, updated_at = excluded.updated_at, updated_by = excluded.updated_by",
                (&t.name, &t.locale, &t.parts.subject, &t.parts.text, &t.parts.html, t.updated_at, &t.updated_by),
            )
            .map(drop)
    }

    /// Deletes a template of the tenant, so that the built-in one applies again. Returns whether there was one.
    pub fn delete(&mut self, name: &str, locale: &str) -> Result<bool> {
        let sql = "DELETE FROM cairn_mail_templates WHERE name = ?1 AND locale = ?2";
        Ok(self.tx.conn.execute("removing a mail template", sql, (name, locale))? > 0)
    }
}
