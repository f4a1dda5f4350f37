//! Documents of actors in the order of what each of them did last, as the audit log has it: site users by their last sign-in.

use super::execution::{LookupKeys, PlanExecution};
use super::sql::{Bind, Scope, SqlContext, Statement, plan_conditions};
use crate::Reader;
use crate::Result;
use crate::events::ActorKind;
use crate::ident::Ident;
use crate::namespaces;
use cairn_query::{Locales, Plan};

/// The order of documents by the time of the last entry of an action in the audit log, whose actor has the id of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastActionOrder<'a> {
    /// Name of the action: `login.succeeded`.
    pub action: &'a str,
    /// Kind of the actors.
    pub kind: ActorKind,
    /// True if the latest comes first. Actors without such an entry are last then, and else first.
    pub descending: bool,
}

impl namespaces::Entries<Reader<'_>> {
    /// Lists the document ids of a plan's page. The sort of the plan orders documents with the same time.
    pub fn list_by_last_action(
        &self,
        plan: &Plan,
        default_locale: &str,
        order: LastActionOrder<'_>,
    ) -> Result<Vec<String>> {
        let (offset, limit) = plan.page.row_window();
        let statement = self.compile_last_action(plan, default_locale, order);
        let run = PlanExecution::new(&self.tx, &[], None, limit, offset);
        let params = run.bind_params(&statement.binds, &LookupKeys::None);
        self.tx.conn.query_all("listing by the last action", &statement.text, &params[..], |r| r.get(0))
    }

    fn compile_last_action(&self, plan: &Plan, default_locale: &str, order: LastActionOrder<'_>) -> Statement {
        let (registry, dialect) = (self.tx.registry(), self.tx.conn.dialect());
        let ct = registry.get(plan.content_type);
        let (request_locale, many_locales) = match &plan.locale {
            Locales::One(locale) => (locale.as_str(), false),
            _ => (default_locale, true),
        };
        let context = SqlContext {
            registry,
            counters: &self.tx.store.counters,
            dialect,
            status: plan.status,
            request_locale,
            many_locales,
            file_texts: None,
        };
        let mut sql = context.new_sql();
        let action = sql.bind_text(order.action);
        let prefix = sql.bind_text(&format!("{}:", order.kind.as_str()));
        // The index over an actor's entries is read backwards, up to the first that is such an action.
        let last = format!(
            "(SELECT s.at FROM cairn_audit s WHERE s.actor_key = {prefix} || b.document_id AND s.action = {action}
              ORDER BY s.n DESC LIMIT 1)"
        );
        let time = dialect.sort_key(&last, order.descending);
        let conditions = plan_conditions(&mut sql, plan, "b");
        let rest = sql.order_by(&plan.sort, &Scope::Row { alias: "b".into(), ct });
        let (limit, offset) = (sql.bind_value(Bind::Limit), sql.bind_value(Bind::Offset));
        sql.into_statement(format!(
            "SELECT b.document_id FROM {} b WHERE {conditions} ORDER BY {time}, {rest} LIMIT {limit} OFFSET {offset}",
            Ident::table(ct)
        ))
    }
}
