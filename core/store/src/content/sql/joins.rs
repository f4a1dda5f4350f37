//! How a link is followed: from a row (or a component instance in it) to the rows of the target type.

use super::{Scope, Sql, status_number};
use crate::ident::Ident;
use cairn_model::*;
use cairn_query::{PublicationState, Versions};

/// `FROM … WHERE …` over the related rows.
pub(crate) struct LinkJoin {
    /// The alias of the target's row.
    pub(crate) alias: String,
    /// The joined tables, as SQL after `FROM`.
    pub(crate) from: String,
    /// How they relate to the row in scope, version and locale included.
    pub(crate) on: String,
    /// The order of the relation.
    pub(crate) order: String,
}

impl Sql<'_> {
    /// Joins the target of `attribute` of the type or component in scope.
    pub(crate) fn join_target(
        &mut self,
        scope: &Scope<'_>,
        attribute: AttributeId,
        target: TypeId,
        versions: Versions,
    ) -> LinkJoin {
        let registry = self.registry;
        let (row, owner) = scope.enclosing_row();
        let tt = registry.get(target);
        let (t, l) = (self.new_alias("t"), self.new_alias("l"));
        let table = Ident::table(tt);
        let (from, on, order) = match scope {
            Scope::Row { .. } => {
                let a = &owner.attributes[attribute];
                match registry.attribute_link(a).map(|k| (k.storage, k.side)) {
                    Some((LinkStorage::Column, _)) => (
                        format!("{table} {t}"),
                        format!("{t}.document_id = {row}.{}", Ident::column(a)),
                        format!("{t}.id"),
                    ),
                    Some((LinkStorage::Table, _)) => (
                        format!("{} {l} JOIN {table} {t} ON {t}.document_id = {l}.target", Ident::links(owner, a)),
                        format!("{l}.owner_id = {row}.id"),
                        format!("{l}.pos"),
                    ),
                    Some((LinkStorage::Inverse, RelationSide::Inverse { owner: inverse })) => {
                        let oa = &tt.attributes[inverse];
                        match registry.attribute_link(oa).map(|k| k.storage) {
                            Some(LinkStorage::Table) => (
                                format!("{} {l} JOIN {table} {t} ON {t}.id = {l}.owner_id", Ident::links(tt, oa)),
                                format!("{l}.target = {row}.document_id"),
                                format!("{l}.inv_pos"),
                            ),
                            Some(LinkStorage::References) => {
                                let ty = self.bind_text(&owner.uid);
                                let name = self.bind_text(&oa.name);
                                (
                                    format!("{} {l} JOIN {table} {t} ON {t}.id = {l}.owner_id", Ident::references(tt)),
                                    format!(
                                        "{l}.target = {row}.document_id AND {l}.target_type = {ty} AND {l}.attribute = {name} AND {l}.instance = 0"
                                    ),
                                    format!("{t}.id"),
                                )
                            }
                            _ => (
                                format!("{table} {t}"),
                                format!("{t}.{} = {row}.document_id", Ident::column(oa)),
                                format!("{t}.{}, {t}.id", Ident::position(oa)),
                            ),
                        }
                    }
                    _ => self.references_join(owner, &a.name, "0", row, tt, &t, &l),
                }
            }
            Scope::Instance { json, component, .. } => {
                let name = reference_name(component, &component.attributes[attribute]);
                self.references_join(
                    owner,
                    &name,
                    &self.dialect.json_field(json, "id", ColumnType::Integer),
                    row,
                    tt,
                    &t,
                    &l,
                )
            }
        };
        let mut on = on;
        match versions {
            Versions::Only(status) => on.push_str(&format!(" AND {t}._status = {}", status_number(tt, status))),
            Versions::Any if tt.draft_publish => {}
            Versions::Any => {
                on.push_str(&format!(" AND {t}._status = {}", status_number(tt, PublicationState::Published)))
            }
        }
        if !tt.localized {
            on.push_str(&format!(" AND {t}.locale = ''"));
        } else if owner.localized {
            on.push_str(&format!(" AND {t}.locale = {row}.locale"));
        } else {
            let l = self.bind_text(self.request_locale);
            on.push_str(&format!(" AND {t}.locale = {l}"));
        }
        LinkJoin { alias: t, from, on, order }
    }

    /// Joins the other locales' entries of the document of a row of `ct`, in the version of that row.
    pub(crate) fn join_localizations(&mut self, row: &str, ct: &ContentType) -> LinkJoin {
        let t = self.new_alias("t");
        LinkJoin {
            from: format!("{} {t}", Ident::table(ct)),
            on: localizations_condition(&t, row),
            order: format!("{t}.id"),
            alias: t,
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one private composition, called from two arms")]
    fn references_join(
        &mut self,
        owner: &ContentType,
        name: &str,
        instance: &str,
        row: &str,
        target: &ContentType,
        t: &str,
        l: &str,
    ) -> (String, String, String) {
        let ty = self.bind_text(&target.uid);
        let name = self.bind_text(name);
        (
            format!(
                "{} {l} JOIN {} {t} ON {t}.document_id = {l}.target",
                Ident::references(owner),
                Ident::table(target)
            ),
            format!(
                "{l}.owner_id = {row}.id AND {l}.instance = {instance} AND {l}.attribute = {name} AND {l}.target_type = {ty}"
            ),
            format!("{l}.pos"),
        )
    }
}

/// Condition that `t` is an entry of another locale of the document of `row`, in the version of `row`.
pub(super) fn localizations_condition(t: &str, row: &str) -> String {
    format!("{t}.document_id = {row}.document_id AND {t}._status = {row}._status AND {t}.locale <> {row}.locale")
}

/// How the reference table names an attribute of a component.
pub(crate) fn reference_name(component: &Component, a: &Attribute) -> String {
    format!("{}#{}", component.uid, a.name)
}
