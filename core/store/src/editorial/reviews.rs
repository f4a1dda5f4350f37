//! `cairn_reviews` and what belongs to a review: assignees, approvals, moves.

use crate::connection::{Param, Row, Value};
use crate::events::Actor;
use crate::ident::Ident;
use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx};
use cairn_model::TypeId;
use std::collections::HashMap;

/// Identifies a document in one locale.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DocumentKey {
    /// Uid of its type.
    pub content_type: String,
    /// Id of the document.
    pub document_id: String,
    /// Empty if its type is not localised.
    pub locale: String,
}

/// Identifies the content of a draft at one moment: its row (no other draft ever has the same) and its version token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DraftToken {
    /// Numeric id of the draft's row.
    pub draft: i64,
    /// Its version token.
    pub version: i64,
}

/// An existing version of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRow {
    /// Id of the document.
    pub document_id: String,
    /// Empty if its type is not localised.
    pub locale: String,
    /// True if it is the published version; `false` for the draft.
    pub published: bool,
    /// Its row and token.
    pub token: DraftToken,
}

/// When a review is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueDate {
    /// The moment in milliseconds since 1970.
    pub at: i64,
    /// The local time as it was entered.
    pub local: String,
    /// Time zone of `local`.
    pub zone: String,
}

/// A review, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct ReviewRow {
    /// Numeric id of the review.
    pub id: i64,
    /// The document under review.
    pub document: DocumentKey,
    /// The stage that it was moved to last.
    pub stage: String,
    /// When it was moved there.
    pub since: i64,
    /// The content at that time.
    pub token: DraftToken,
    /// When it is due; `None`: no due date.
    pub due: Option<DueDate>,
    /// When it was noticed that everything is published and nothing has changed since.
    pub done_at: Option<i64>,
    /// Time of the last change.
    pub updated_at: i64,
}

/// An approval to add.
#[derive(Debug, Clone, PartialEq)]
pub struct NewApproval {
    /// Numeric id of the review.
    pub review: i64,
    /// Code of the role in which it is given.
    pub role: String,
    /// Number of the admin user.
    pub admin_user: i64,
    /// The approver, as recorded at that time.
    pub actor: Actor,
    /// The approved content.
    pub token: DraftToken,
    /// The approver's comment.
    pub comment: Option<String>,
}

/// An approval, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct ApprovalRow {
    /// Numeric id of the approval.
    pub id: i64,
    /// The fields that callers write.
    pub approval: NewApproval,
    /// When it was given.
    pub at: i64,
    /// When it was withdrawn.
    pub withdrawn_at: Option<i64>,
    /// When it was noticed that the content had changed after the approval.
    pub fell_at: Option<i64>,
}

/// A move from stage to stage.
#[derive(Debug, Clone, PartialEq)]
pub struct MoveRow {
    /// Numeric id of the move.
    pub id: i64,
    /// The stage before the move.
    pub from: String,
    /// The stage after the move.
    pub to: String,
    /// Time of the move.
    pub at: i64,
    /// Actor who moved the review.
    pub actor: Actor,
    /// The comment given with the move.
    pub comment: Option<String>,
}

/// Selects reviews.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReviewFilter {
    /// Only reviews assigned to this admin user.
    pub assignee: Option<i64>,
    /// Only documents of this content type.
    pub content_type: Option<String>,
    /// Only reviews in this stage.
    pub stage: Option<String>,
    /// Only reviews due before this time, in milliseconds.
    pub due_before: Option<i64>,
    /// True if finished reviews are included.
    pub done: bool,
    /// Only those with a smaller id.
    pub before: Option<i64>,
}

const COLUMNS: &str = "r.id, r.type, r.document_id, r.locale, r.stage, r.since, r.draft, r.version, r.due, r.due_local, r.due_zone, r.done_at, r.updated_at";

fn read_review(r: &Row<'_>) -> Result<ReviewRow> {
    let due = match (r.get::<Option<i64>>(8)?, r.get::<Option<String>>(9)?, r.get::<Option<String>>(10)?) {
        (Some(at), Some(local), Some(zone)) => Some(DueDate { at, local, zone }),
        _ => None,
    };
    Ok(ReviewRow {
        id: r.get(0)?,
        document: DocumentKey { content_type: r.get(1)?, document_id: r.get(2)?, locale: r.get(3)? },
        stage: r.get(4)?,
        since: r.get(5)?,
        token: DraftToken { draft: r.get(6)?, version: r.get(7)? },
        due,
        done_at: r.get(11)?,
        updated_at: r.get(12)?,
    })
}

fn read_approval(r: &Row<'_>) -> Result<ApprovalRow> {
    let actor: String = r.get(4)?;
    let approval = NewApproval {
        review: r.get(1)?,
        role: r.get(2)?,
        admin_user: r.get(3)?,
        actor: Actor::from_json(&actor),
        token: DraftToken { draft: r.get(6)?, version: r.get(7)? },
        comment: r.get(8)?,
    };
    Ok(ApprovalRow { id: r.get(0)?, approval, at: r.get(5)?, withdrawn_at: r.get(9)?, fell_at: r.get(10)? })
}

const APPROVAL_COLUMNS: &str =
    "id, review, role, admin_user, actor, at, draft, version, comment, withdrawn_at, fell_at";

/// Appends a condition with one value to a statement.
pub(super) fn push_condition(sql: &mut String, values: &mut Vec<Value>, text: &str, value: Value) {
    values.push(value);
    sql.push_str(&text.replace('#', &format!("?{}", values.len())));
}

impl namespaces::Reviews<Reader<'_>> {
    /// Gets the review of a document.
    pub fn get(&self, d: &DocumentKey) -> Result<Option<ReviewRow>> {
        let sql =
            format!("SELECT {COLUMNS} FROM cairn_reviews r WHERE r.type = ?1 AND r.document_id = ?2 AND r.locale = ?3");
        self.tx.conn.query_first("reading a review", &sql, (&d.content_type, &d.document_id, &d.locale), read_review)
    }

    /// Those of the documents of a type that have a review or comments, in any locale.
    pub fn find_documents_with_review_or_comments(
        &self,
        content_type: &str,
        documents: &[&str],
    ) -> Result<Vec<String>> {
        let inside = self.tx.conn.dialect().in_list("document_id", 2);
        let sql = format!(
            "SELECT document_id FROM cairn_reviews WHERE type = ?1 AND {inside}
             UNION SELECT document_id FROM cairn_comments WHERE type = ?1 AND {inside}"
        );
        let values = [Param::Text(content_type), Param::Texts(documents)];
        self.tx.conn.query_all("finding reviews and comments", &sql, values, |r| r.get(0))
    }

    /// Lists the reviews of a filter, newest first.
    pub fn list(&self, filter: &ReviewFilter, limit: i64) -> Result<Vec<ReviewRow>> {
        let mut values: Vec<Value> = vec![filter.before.unwrap_or(i64::MAX).into(), limit.into()];
        let mut sql = format!("SELECT {COLUMNS} FROM cairn_reviews r WHERE r.id < ?1");
        if !filter.done {
            sql.push_str(" AND r.done_at IS NULL");
        }
        if let Some(user) = filter.assignee {
            let text =
                " AND EXISTS (SELECT 1 FROM cairn_review_assignees a WHERE a.review = r.id AND a.admin_user = #)";
            push_condition(&mut sql, &mut values, text, user.into());
        }
        for (column, value) in [("type", &filter.content_type), ("stage", &filter.stage)] {
            if let Some(value) = value {
                push_condition(&mut sql, &mut values, &format!(" AND r.{column} = #"), value.as_str().into());
            }
        }
        if let Some(due) = filter.due_before {
            push_condition(&mut sql, &mut values, " AND r.due < #", due.into());
        }
        sql.push_str(" ORDER BY r.id DESC LIMIT ?2");
        self.tx.conn.query_all("reading the reviews", &sql, &values[..], read_review)
    }

    /// The assignees of some reviews, by review.
    pub fn find_assignees(&self, reviews: &[i64]) -> Result<HashMap<i64, Vec<i64>>> {
        let inside = self.tx.conn.dialect().in_list("review", 1);
        let sql =
            format!("SELECT review, admin_user FROM cairn_review_assignees WHERE {inside} ORDER BY review, admin_user");
        let mut found: HashMap<i64, Vec<i64>> = HashMap::new();
        self.tx.conn.query("reading assignees", &sql, [Param::Integers(reviews)], |r| {
            found.entry(r.get(0)?).or_default().push(r.get(1)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Lists the approvals of some reviews, oldest first, withdrawn ones included: the last `limit` of all.
    pub fn list_approvals(&self, reviews: &[i64], limit: i64) -> Result<Vec<ApprovalRow>> {
        let inside = self.tx.conn.dialect().in_list("review", 1);
        let sql = format!("SELECT {APPROVAL_COLUMNS} FROM cairn_approvals WHERE {inside} ORDER BY id DESC LIMIT ?2");
        let mut all = self.tx.conn.query_all(
            "reading approvals",
            &sql,
            [Param::Integers(reviews), Param::Integer(limit)],
            read_approval,
        )?;
        all.reverse();
        Ok(all)
    }

    /// Lists all approvals of a review that were not withdrawn and apply to that content: those that count for publishing.
    pub fn list_valid_approvals(&self, review: i64, token: DraftToken) -> Result<Vec<ApprovalRow>> {
        let sql = format!(
            "SELECT {APPROVAL_COLUMNS} FROM cairn_approvals
             WHERE review = ?1 AND draft = ?2 AND version = ?3 AND withdrawn_at IS NULL ORDER BY id"
        );
        self.tx.conn.query_all("reading approvals", &sql, (review, token.draft, token.version), read_approval)
    }

    /// Lists moves of a review, newest first, before an id (`None`: from the newest on).
    pub fn list_moves(&self, review: i64, before: Option<i64>, limit: i64) -> Result<Vec<MoveRow>> {
        let sql = "SELECT id, from_stage, to_stage, at, actor, comment FROM cairn_review_moves
                   WHERE review = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";
        self.tx.conn.query_all("reading stage changes", sql, (review, before.unwrap_or(i64::MAX), limit), |r| {
            let actor: String = r.get(4)?;
            Ok(MoveRow {
                id: r.get(0)?,
                from: r.get(1)?,
                to: r.get(2)?,
                at: r.get(3)?,
                actor: Actor::from_json(&actor),
                comment: r.get(5)?,
            })
        })
    }

    /// The reviews of some documents of a type in one locale (empty if it is not localised).
    pub fn find_for_documents(&self, content_type: &str, documents: &[&str], locale: &str) -> Result<Vec<ReviewRow>> {
        if documents.is_empty() {
            return Ok(Vec::new());
        }
        let inside = self.tx.conn.dialect().in_list("r.document_id", 3);
        let sql = format!("SELECT {COLUMNS} FROM cairn_reviews r WHERE r.type = ?1 AND r.locale = ?2 AND {inside}");
        let values = [Param::Text(content_type), Param::Text(locale), Param::Texts(documents)];
        self.tx.conn.query_all("reading reviews", &sql, values, read_review)
    }
}

impl namespaces::Documents<Reader<'_>> {
    /// The existing versions of some documents of a type, drafts and published ones.
    pub fn list_versions(&self, ct: TypeId, documents: &[&str]) -> Result<Vec<VersionRow>> {
        let t = Ident::table(self.tx.store.registry.get(ct));
        let inside = self.tx.conn.dialect().in_list("document_id", 1);
        let sql = format!("SELECT document_id, locale, _status, id, _version FROM {t} WHERE {inside} ORDER BY id");
        self.tx.conn.query_all("reading versions", &sql, [Param::Texts(documents)], |r| {
            Ok(VersionRow {
                document_id: r.get(0)?,
                locale: r.get(1)?,
                published: r.get::<i64>(2)? == 1,
                token: DraftToken { draft: r.get(3)?, version: r.get(4)? },
            })
        })
    }
}

impl namespaces::History<Reader<'_>> {
    /// True if an actor ([`Actor::key`]) has changed a document after a version token (0: ever), by its history.
    pub fn has_change_by(&self, d: &DocumentKey, actor_key: &str, after: i64) -> Result<bool> {
        let sql = "SELECT 1 FROM cairn_history WHERE type = ?1 AND document_id = ?2 AND locale = ?3 AND version > ?4
                     AND actor_key = ?5 AND changed <> '[]' LIMIT 1";
        let values = (&d.content_type, &d.document_id, &d.locale, after, actor_key);
        self.tx.conn.exists("finding changes", sql, values)
    }

    /// The first change of a document after a version token: when, by whom, which attributes (a JSON list), to which token.
    pub fn get_first_change_after(&self, d: &DocumentKey, after: i64) -> Result<Option<(i64, Actor, String, i64)>> {
        let sql = "SELECT at, actor, changed, version FROM cairn_history
                   WHERE type = ?1 AND document_id = ?2 AND locale = ?3 AND version > ?4 ORDER BY id LIMIT 1";
        self.tx.conn.query_first("finding changes", sql, (&d.content_type, &d.document_id, &d.locale, after), |r| {
            let actor: String = r.get(1)?;
            Ok((r.get(0)?, Actor::from_json(&actor), r.get(2)?, r.get(3)?))
        })
    }
}

impl namespaces::Documents<Reader<'_>> {
    /// The draft of a document as it is now, writes of this transaction included; for a type without drafts the document.
    pub fn get_draft_token(&self, ct: TypeId, document_id: &str, locale: &str) -> Result<Option<DraftToken>> {
        let content_type = self.tx.store.registry.get(ct);
        let sql = format!(
            "SELECT id, _version FROM {} WHERE document_id = ?1 AND locale = ?2 AND _status = ?3",
            Ident::table(content_type)
        );
        let status = i64::from(!content_type.draft_publish);
        self.tx.conn.query_first("reading a draft's version", &sql, (document_id, locale, status), |r| {
            Ok(DraftToken { draft: r.get(0)?, version: r.get(1)? })
        })
    }
}

impl namespaces::Reviews<&mut WriteTx<'_>> {
    /// Gets the review of a document, or creates it in its first stage.
    pub fn ensure(&mut self, d: &DocumentKey, stage: &str, token: DraftToken, now: i64) -> Result<ReviewRow> {
        self.tx.conn.execute(
            "creating a review",
            "INSERT INTO cairn_reviews (type, document_id, locale, stage, since, draft, version, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?5) ON CONFLICT (type, document_id, locale) DO NOTHING",
            (&d.content_type, &d.document_id, &d.locale, stage, now, token.draft, token.version),
        )?;
        self.tx.reader().reviews().get(d)?.ok_or_else(|| StoreError::Corrupt {
            place: "cairn_reviews".into(),
            message: "the review that was just created cannot be found".into(),
        })
    }

    /// Moves a review to a stage and records the move.
    pub fn move_to_stage(
        &mut self,
        review: i64,
        (from, to): (&str, &str),
        token: DraftToken,
        (actor, comment): (&Actor, Option<&str>),
        now: i64,
    ) -> Result<()> {
        let sql = "UPDATE cairn_reviews SET stage = ?2, since = ?3, draft = ?4, version = ?5, updated_at = ?3, done_at = NULL WHERE id = ?1";
        self.tx.conn.execute("moving a review", sql, (review, to, now, token.draft, token.version))?;
        let sql = "INSERT INTO cairn_review_moves (review, from_stage, to_stage, at, actor, comment) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        self.tx
            .conn
            .execute("recording a stage change", sql, (review, from, to, now, actor.to_json(), comment))
            .map(drop)
    }

    /// Sets or clears the due date of a review.
    pub fn set_due(&mut self, review: i64, due: Option<&DueDate>, now: i64) -> Result<()> {
        let sql = "UPDATE cairn_reviews SET due = ?2, due_local = ?3, due_zone = ?4, updated_at = ?5 WHERE id = ?1";
        let (at, local, zone) = (due.map(|d| d.at), due.map(|d| d.local.clone()), due.map(|d| d.zone.clone()));
        self.tx.conn.execute("setting a due date", sql, (review, at, local, zone, now)).map(drop)
    }

    /// Replaces the assignees of a review.
    pub fn set_assignees(&mut self, review: i64, users: &[i64], now: i64) -> Result<()> {
        let doing = "assigning a review";
        self.tx.conn.execute(doing, "DELETE FROM cairn_review_assignees WHERE review = ?1", [review])?;
        for user in users {
            let sql = "INSERT INTO cairn_review_assignees (review, admin_user) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
            self.tx.conn.execute(doing, sql, (review, *user))?;
        }
        self.tx.conn.execute(doing, "UPDATE cairn_reviews SET updated_at = ?2 WHERE id = ?1", (review, now)).map(drop)
    }

    /// Adds an approval; returns its id.
    pub fn create_approval(&mut self, a: &NewApproval, now: i64) -> Result<i64> {
        self.tx.conn.insert(
            "adding an approval",
            "INSERT INTO cairn_approvals (review, role, admin_user, actor, at, draft, version, comment)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            (a.review, &a.role, a.admin_user, a.actor.to_json(), now, a.token.draft, a.token.version, &a.comment),
            false,
        )
    }

    /// Withdraws an approval. Returns `false` if it does not exist, or was withdrawn before.
    pub fn withdraw_approval(&mut self, review: i64, id: i64, now: i64) -> Result<bool> {
        let sql = "UPDATE cairn_approvals SET withdrawn_at = ?3 WHERE id = ?2 AND review = ?1 AND withdrawn_at IS NULL";
        Ok(self.tx.conn.execute("withdrawing an approval", sql, (review, id, now))? > 0)
    }

    /// Marks the approvals of a review that apply to other content than the present one; returns those that were not marked before.
    pub fn mark_fallen_approvals(&mut self, review: i64, token: DraftToken, now: i64) -> Result<Vec<ApprovalRow>> {
        let sql = format!(
            "UPDATE cairn_approvals SET fell_at = ?4
             WHERE review = ?1 AND (draft <> ?2 OR version <> ?3) AND withdrawn_at IS NULL AND fell_at IS NULL RETURNING {APPROVAL_COLUMNS}"
        );
        self.tx.conn.query_all(
            "recording lost approvals",
            &sql,
            (review, token.draft, token.version, now),
            read_approval,
        )
    }

    /// Records that a review is done, or that there are new changes (`None`).
    pub fn set_done(&mut self, review: i64, done_at: Option<i64>) -> Result<()> {
        let sql = "UPDATE cairn_reviews SET done_at = ?2 WHERE id = ?1";
        self.tx.conn.execute("recording the end of a review", sql, (review, done_at)).map(drop)
    }

    /// Deletes the review of a document, with everything that belongs to it.
    pub fn delete(&mut self, d: &DocumentKey) -> Result<()> {
        let Some(review) = self.tx.reader().reviews().get(d)? else { return Ok(()) };
        for table in ["cairn_review_assignees", "cairn_approvals", "cairn_review_moves"] {
            self.tx.conn.execute(
                "removing a review",
                &format!("DELETE FROM {table} WHERE review = ?1"),
                [review.id],
            )?;
        }
        self.tx.conn.execute("removing a review", "DELETE FROM cairn_reviews WHERE id = ?1", [review.id]).map(drop)
    }
}
