//! `related` of a file → SQL: one statement for each type whose media may hold it, whatever the number of files.

use super::level::SqlContext;
use super::populate::RelationSource;
use super::{Bind, Scope, Sql, status_number};
use crate::ident::Ident;
use cairn_model::{AttributeId, ContentType, LinkStorage};
use cairn_query::{FileUsage, Versions};

impl SqlContext<'_> {
    /// Selects the entries of one type that show the files of the level above, or counts them.
    pub(super) fn usage_source(&self, usage: &FileUsage, count: bool) -> RelationSource {
        // The pattern has no `..`, so a new part does not compile until it is used.
        let FileUsage { media, versions, filter, sort, node } = usage;
        let ct = self.registry.get(node.content_type);
        let mut sql = self.new_sql();
        // Entries of all locales are selected, and what they populate is in their own locale.
        let inner = SqlContext { many_locales: true, ..self.clone() };
        let mut selected = inner.build_level(&mut sql, node, "t");
        selected.level.head = format!("\"__type\":\"{}\",", ct.uid).into_bytes();
        let from =
            format!("({}) l JOIN {} t ON t.id = l.owner_id", usage_places(&mut sql, ct, media), Ident::table(ct));
        let scope = Scope::Row { alias: "t".into(), ct };
        let mut on: Vec<String> = Vec::new();
        match versions {
            Versions::Only(status) => on.push(format!("t._status = {}", status_number(ct, *status))),
            Versions::Any => {}
        }
        on.extend(filter.as_ref().map(|filter| sql.filter_condition(filter, false, &scope)));
        let on = if on.is_empty() { "TRUE".to_owned() } else { on.join(" AND ") };
        let text = if count {
            format!("SELECT l.target, count(*) FROM {from} WHERE {on} GROUP BY l.target")
        } else {
            selected.add_key("l.target".into());
            let order = if sort.is_empty() { "t.id".to_owned() } else { sql.order_by(sort, &scope) };
            format!("SELECT {} FROM {from} WHERE {on} ORDER BY {order}", selected.select_list())
        };
        RelationSource { statement: sql.into_statement(text), level: selected.level, by_locale: false }
    }
}

/// Selects the rows that hold one of the files, once for each attribute that does, like Strapi.
fn usage_places(sql: &mut Sql<'_>, ct: &ContentType, media: &[AttributeId]) -> String {
    let keys = sql.bind_number(Bind::Keys);
    let select_usages = |id: &AttributeId| {
        let attribute = &ct.attributes[*id];
        let stored = sql.registry.attribute_link(attribute).map(|link| link.storage);
        if stored == Some(LinkStorage::Table) {
            let inside = sql.dialect.in_list("k.target", keys);
            return format!("SELECT k.owner_id, k.target FROM {} k WHERE {inside}", Ident::links(ct, attribute));
        }
        let column = Ident::column(attribute);
        let inside = sql.dialect.in_list(&format!("k.{column}"), keys);
        format!("SELECT k.id AS owner_id, k.{column} AS target FROM {} k WHERE {inside}", Ident::table(ct))
    };
    media.iter().map(select_usages).collect::<Vec<_>>().join(" UNION ALL ")
}
