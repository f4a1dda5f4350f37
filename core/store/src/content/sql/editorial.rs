//! Conditions on the editorial state of a document → SQL: what is published of it, and its review.

use super::{Bind, Sql};
use crate::connection::Value;
use crate::ident::Ident;
use cairn_model::ContentType;
use cairn_query::{DocumentStatus, EditorialFilter, StageFilter};

impl Sql<'_> {
    /// A condition over a row of a content type.
    pub(super) fn editorial_condition(&mut self, editorial: &EditorialFilter, row: &str, ct: &ContentType) -> String {
        match editorial {
            EditorialFilter::Status(status) => self.status_condition(*status, row, ct),
            EditorialFilter::Stage(stage) => self.stage_condition(stage, row, ct),
            EditorialFilter::Assignee(Some(user)) => {
                let user = self.bind_value(Bind::Value(Value::Integer(*user)));
                self.review_condition(row, ct, |_, r| format!("{} AND a.admin_user = {user})", assigned_condition(r)))
            }
            EditorialFilter::Assignee(None) => {
                format!("NOT {}", self.review_condition(row, ct, |_, r| format!("{})", assigned_condition(r))))
            }
            EditorialFilter::Due { from, before } => {
                let (from, before) = (Value::Integer(*from), Value::Integer(*before));
                let (from, before) = (self.bind_value(Bind::Value(from)), self.bind_value(Bind::Value(before)));
                self.review_condition(row, ct, |_, r| {
                    format!("{r}.done_at IS NULL AND {r}.due >= {from} AND {r}.due < {before}")
                })
            }
        }
    }

    fn status_condition(&mut self, status: DocumentStatus, row: &str, ct: &ContentType) -> String {
        if !ct.draft_publish {
            return if status == DocumentStatus::Published { "TRUE" } else { "FALSE" }.to_owned();
        }
        let p = self.new_alias("p");
        let published = |extra_condition: &str| {
            format!(
                "EXISTS (SELECT 1 FROM {} {p} WHERE {p}.document_id = {row}.document_id AND {p}.locale = {row}.locale
                   AND {p}._status = 1{extra_condition})",
                Ident::table(ct)
            )
        };
        match status {
            DocumentStatus::Draft => format!("NOT {}", published("")),
            DocumentStatus::Modified => published(&format!(" AND {p}.updated_at < {row}.updated_at")),
            DocumentStatus::Published => published(&format!(" AND {p}.updated_at >= {row}.updated_at")),
        }
    }

    fn stage_condition(&mut self, stage: &StageFilter, row: &str, ct: &ContentType) -> String {
        let same = |r: &str| format!("{r}.draft = {row}.id AND {r}.version = {row}._version");
        let StageFilter { moved, unchanged, changed, not_moved } = stage;
        let in_stages = self.review_condition(row, ct, |sql, r| {
            let mut within = |stages: &[String]| {
                let n = sql.bind_number(Bind::List(stages.iter().map(|s| s.as_str().into()).collect()));
                sql.dialect.in_list(&format!("{r}.stage"), n)
            };
            let (moved, unchanged, changed) = (within(moved), within(unchanged), within(changed));
            let same = same(r);
            format!("({moved} OR ({unchanged} AND {same}) OR ({changed} AND NOT ({same})))")
        });
        let Some(others) = not_moved else { return in_stages };
        let elsewhere = self.review_condition(row, ct, |sql, r| {
            let n = sql.bind_number(Bind::List(others.iter().map(|s| s.as_str().into()).collect()));
            sql.dialect.in_list(&format!("{r}.stage"), n)
        });
        format!("({in_stages} OR NOT {elsewhere})")
    }

    /// A condition: the row's document has a review for which `holds` is true.
    fn review_condition(
        &mut self,
        row: &str,
        ct: &ContentType,
        holds: impl FnOnce(&mut Self, &str) -> String,
    ) -> String {
        let r = self.new_alias("r");
        let uid = self.bind_text(&ct.uid);
        let holds = holds(self, &r);
        format!(
            "EXISTS (SELECT 1 FROM cairn_reviews {r} WHERE {r}.type = {uid} AND {r}.document_id = {row}.document_id
               AND {r}.locale = {row}.locale AND {holds})"
        )
    }
}

/// The beginning of a condition: the review has assignees.
fn assigned_condition(review: &str) -> String {
    format!("EXISTS (SELECT 1 FROM cairn_review_assignees a WHERE a.review = {review}.id")
}
