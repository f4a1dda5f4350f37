//! Applies a plan to a database, inside the transaction that the caller has begun: renames tables, carries rows over, checks rules and
//! moves what is dropped to the trash. An error leaves everything to be rolled back.
//!
//! The order is not that of the steps: every table and column is renamed once, to its last name, and every row is
//! written once, by all steps together. Steps that look at several rows at once come after that, in their order.

use super::layout::{self, AttributeStorage, attribute_storage};
use super::run::{ChangeOutcome, ChangeRun};
use super::{collation, history, permissions, rules, schema_row, tables, trash, type_migration, type_uids};
use crate::Result;
use crate::events::Actor;
use crate::ident::Ident;
use crate::schema::Catalogue;
use cairn_model::change::SchemaChange;

impl ChangeRun<'_> {
    /// Runs all steps.
    pub(super) fn apply_all(mut self, by: &Actor) -> Result<ChangeOutcome> {
        if !self.plan.steps.is_empty() {
            let catalogue = Catalogue::load(self.tx.conn)?;
            trash::rename_owners(self.tx, &self.renamed_owners())?;
            let indexes = tables::IndexChanges::for_change(&self, &catalogue);
            rules::before_moves(&mut self)?;
            indexes.drop(self.tx)?;
            self.drop_types()?;
            let pairs = self.type_pairs();
            let mut carried = tables::move_tables(&self, &pairs, &catalogue)?;
            for ty in &self.after.types {
                if !pairs.iter().any(|pair| pair.new.uid == ty.uid) {
                    tables::create_type(&self, ty)?;
                }
            }
            permissions::rename_links(&self)?;
            type_uids::rename_types(&self)?;
            for carry in &mut carried {
                type_migration::migrate_rows(&mut self, carry)?;
            }
            for carry in &carried {
                carry.drop_leftovers(self.tx)?;
            }
            indexes.create_first(self.tx)?;
            self.check_rejected()?;
            rules::after_moves(&mut self)?;
            self.check_rejected()?;
            collation::fill_changed(&self)?;
            permissions::recount_rows(&self)?;
            rules::check_unique_clashes(&mut self, &indexes)?;
            self.check_rejected()?;
            indexes.create_remaining(self.tx)?;
            self.outcome.notes = permissions::rewrite_permissions(&self)?;
            history::rename_in_history(&self)?;
        }
        self.outcome.generation = schema_row::write_applied(self.tx, self.after, self.plan, by, &self.times.now)?;
        Ok(self.outcome)
    }

    fn drop_types(&mut self) -> Result<()> {
        for step in &self.plan.steps {
            let SchemaChange::DropType { content_type } = &step.change else { continue };
            let Some(t) = self.before.content_type(&content_type.uid) else { continue };
            let id = self.trash_entry(step)?;
            let names = trash::trashed_tables(self.before, t, id);
            let sql = format!("SELECT count(*) FROM {}", layout::table_name(t));
            let n: i64 = self.tx.query_first("counting rows", &sql, (), |r| r.get(0))?.unwrap_or(0);
            let rename =
                |from: Ident, to: &str| self.tx.run(&format!("ALTER TABLE {from} RENAME TO {}", Ident::quote(to)));
            rename(layout::table_name(t), &names.table)?;
            for a in t.attributes.iter().filter(|a| attribute_storage(&a.kind) == AttributeStorage::Links) {
                if let Some(to) = names.links.get(&a.name) {
                    rename(layout::link_table(t, a), to)?;
                }
            }
            if let Some(to) = &names.references {
                rename(layout::reference_table(t), to)?;
            }
            trash::set_tables(self.tx, id, &names, n)?;
        }
        Ok(())
    }
}
