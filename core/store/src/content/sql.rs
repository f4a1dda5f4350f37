//! Plans → SQL text and binds. One file per part: `joins` (how links are followed), `filters`, `sort`, `level` (select lists), `populate`
//! (populated relations), `components`, `file_usages` (the entries that show a file).

mod components;
mod editorial;
mod file_usages;
mod filters;
mod joins;
mod level;
mod null_rows;
mod populate;
mod sort;

#[cfg(test)]
pub(crate) use components::ShapeField;
pub(crate) use components::{ComponentShape, ComponentsShape, ShapeFormat};
pub(crate) use joins::reference_name;
pub(crate) use level::{ColumnFormat, ExtraColumns, Level, SelectedLevel, SqlContext, UrlFormat, column_format};
pub(crate) use populate::{KeyFrom, PopulatePart, RelationPart};

use crate::ChangeCounters;
use crate::connection::Value;
use crate::dialect::Dialect;
use crate::ident::Ident;
use cairn_model::{Component, ContentType, Registry};
use cairn_query::{Locales, Plan, PublicationFilter, PublicationState, Scalar};

/// A compiled statement: its text, and what to bind at ?1, ?2, …
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Statement {
    pub(crate) text: String,
    pub(crate) binds: Vec<Bind>,
}

/// A value for one placeholder.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Bind {
    /// A value from the plan.
    Value(Value),
    /// A list from the plan.
    List(Vec<Value>),
    /// A value that was taken out of the plan, by its position.
    Slot(usize),
    /// A list that was taken out of the plan, by its position.
    SlotList(usize),
    /// The ids of the level above, once it has run.
    Keys,
    /// The requested document.
    Document,
    /// Page size from the plan.
    Limit,
    /// Number of entries before the page.
    Offset,
}

/// Collects binds while parts of a statement are composed; placeholders are numbered, so the order in which parts are
/// composed does not matter.
pub(crate) struct Sql<'a> {
    pub(crate) registry: &'a Registry,
    pub(crate) counters: &'a ChangeCounters,
    pub(crate) dialect: &'static dyn Dialect,
    /// The locale of a localised target if the row that links to it has none.
    pub(crate) request_locale: &'a str,
    binds: Vec<Bind>,
    aliases: usize,
}

impl<'a> Sql<'a> {
    pub(crate) fn new(
        registry: &'a Registry,
        counters: &'a ChangeCounters,
        dialect: &'static dyn Dialect,
        request_locale: &'a str,
    ) -> Self {
        Self { registry, counters, dialect, request_locale, binds: Vec::new(), aliases: 0 }
    }

    /// Binds a value; returns its placeholder.
    pub(crate) fn bind_value(&mut self, bind: Bind) -> String {
        format!("?{}", self.bind_number(bind))
    }

    /// Binds a value; returns its number.
    pub(crate) fn bind_number(&mut self, bind: Bind) -> usize {
        self.binds.push(bind);
        self.binds.len()
    }

    pub(crate) fn bind_text(&mut self, text: &str) -> String {
        self.bind_value(Bind::Value(text.into()))
    }

    pub(crate) fn new_alias(&mut self, prefix: &str) -> String {
        self.aliases += 1;
        format!("{prefix}{}", self.aliases)
    }

    pub(crate) fn into_statement(self, text: String) -> Statement {
        Statement { text, binds: self.binds }
    }
}

/// Converts a scalar of a plan. Booleans and numbers are distinguished by their column.
pub(crate) fn to_sql_value(scalar: &Scalar) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Bool(b) => Value::Bool(*b),
        Scalar::Int(i) => Value::Integer(*i),
        Scalar::Float(f) => Value::Real(*f),
        Scalar::Text(t) => Value::Text(t.clone()),
        // Compared by a condition of its own, and never a value in a list of others.
        Scalar::Slot(_) => Value::Null,
    }
}

/// Scope that names in a filter or sort are relative to.
#[derive(Clone)]
pub(crate) enum Scope<'a> {
    /// A row of a content type, by its alias.
    Row { alias: String, ct: &'a ContentType },
    /// A component instance: a JSON expression, in a row of a content type.
    Instance { json: String, component: &'a Component, row: String, ct: &'a ContentType },
}

impl<'a> Scope<'a> {
    pub(crate) fn enclosing_row(&self) -> (&str, &'a ContentType) {
        match self {
            Scope::Row { alias, ct } => (alias, ct),
            Scope::Instance { row, ct, .. } => (row, ct),
        }
    }
}

/// 0 for drafts, 1 for published rows; types without draft & publish have published rows only.
pub(crate) fn status_number(ct: &ContentType, status: PublicationState) -> u8 {
    u8::from(!ct.draft_publish || status == PublicationState::Published)
}

/// The conditions of a plan's list statement, shared by page, single and count statements.
pub(crate) fn plan_conditions(sql: &mut Sql<'_>, plan: &Plan, alias: &str) -> String {
    let ct = sql.registry.get(plan.content_type);
    let mut parts = vec![format!("{alias}._status = {}", status_number(ct, plan.status))];
    if !ct.localized {
        parts.push(format!("{alias}.locale = ''"));
    } else {
        match &plan.locale {
            Locales::One(l) => {
                let l = sql.bind_text(l);
                parts.push(format!("{alias}.locale = {l}"));
            }
            Locales::Many(list) => {
                let n = sql.bind_number(Bind::List(list.iter().map(|l| l.as_str().into()).collect()));
                parts.push(sql.dialect.in_list(&format!("{alias}.locale"), n));
            }
            Locales::All => {}
        }
    }
    if let Some(published) = plan.has_published
        && ct.draft_publish
    {
        let p = sql.new_alias("p");
        let not = if published { "" } else { "NOT " };
        parts.push(format!(
            "{not}EXISTS (SELECT 1 FROM {t} {p} WHERE {p}.document_id = {alias}.document_id AND {p}.locale = {alias}.locale AND {p}._status = 1)",
            t = Ident::table(ct)
        ));
    }
    if let Some(publication) = plan.publication
        && ct.draft_publish
    {
        parts.push(versions_relate(sql, ct, publication, plan.status, alias));
    }
    if let Some(filter) = &plan.filter {
        let scope = Scope::Row { alias: alias.to_owned(), ct };
        parts.push(sql.filter_condition(filter, false, &scope));
    }
    parts.join(" AND ")
}

/// The condition on the other version of a row's document: on the published one of a draft, on the draft of a published one.
fn versions_relate(
    sql: &mut Sql<'_>,
    ct: &ContentType,
    publication: PublicationFilter,
    status: PublicationState,
    alias: &str,
) -> String {
    use PublicationFilter::*;
    let o = sql.new_alias("o");
    let table = Ident::table(ct);
    let other = i32::from(status == PublicationState::Draft);
    let of_document =
        format!("SELECT 1 FROM {table} {o} WHERE {o}.document_id = {alias}.document_id AND {o}._status = {other}");
    let of_locale = format!("{of_document} AND {o}.locale = {alias}.locale");
    let (draft, published) = match status {
        PublicationState::Draft => (alias, o.as_str()),
        PublicationState::Published => (o.as_str(), alias),
    };
    match (publication, status) {
        (NeverPublished, PublicationState::Draft) | (PublishedWithoutDraft, PublicationState::Published) => {
            format!("NOT EXISTS ({of_locale})")
        }
        (NeverPublishedDocument, PublicationState::Draft) => format!("NOT EXISTS ({of_document})"),
        (HasPublishedVersion, _) | (PublishedWithDraft, PublicationState::Published) => format!("EXISTS ({of_locale})"),
        (HasPublishedVersionDocument, _) => format!("EXISTS ({of_document})"),
        (Modified, _) => format!("EXISTS ({of_locale} AND {draft}.updated_at > {published}.updated_at)"),
        (Unmodified, _) => format!("EXISTS ({of_locale} AND {draft}.updated_at <= {published}.updated_at)"),
        // A state that the condition rules out matches no row.
        (NeverPublished | NeverPublishedDocument, PublicationState::Published)
        | (PublishedWithoutDraft | PublishedWithDraft, PublicationState::Draft) => "1 = 0".to_owned(),
    }
}
