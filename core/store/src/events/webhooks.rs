//! `cairn_webhooks`: external receivers of events, each a consumer (`webhook:<id>`); and `cairn_webhook_attempts`: the requests to
//! them and their responses.

use super::ConsumerState;
use crate::connection::{Row, Value};
use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx};
use serde_json::Value as Json;

/// A webhook to write. Headers and secrets are encrypted by the caller; here they are text.
#[derive(Debug, Clone, PartialEq)]
pub struct NewWebhook {
    /// Display name, unique per tenant.
    pub name: String,
    /// Address that events are sent to.
    pub url: String,
    /// Names of events in the form that receivers see: `entry.create`.
    pub events: Vec<String>,
    /// Uids of content types; `None` for all types.
    pub types: Option<Vec<String>>,
    /// A filter in the query language; only matching entries are sent.
    pub condition: Option<Json>,
    /// Encrypted JSON: additional headers.
    pub headers: Option<String>,
    /// Encrypted JSON: the secrets that requests are signed with.
    pub secrets: String,
    /// True if events are sent to it.
    pub enabled: bool,
    /// Why Cairn disabled it.
    pub disabled_reason: Option<String>,
}

/// A webhook, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct WebhookRow {
    /// Numeric id of the webhook.
    pub id: i64,
    /// The fields that callers write.
    pub webhook: NewWebhook,
    /// Counter of its changes.
    pub revision: i64,
    /// Time of the first failure since its last success, in milliseconds.
    pub failing_since: Option<i64>,
    /// Time of creation, in milliseconds.
    pub created_at: i64,
    /// Time of the last change, in milliseconds.
    pub updated_at: i64,
}

impl WebhookRow {
    /// The name of its consumer.
    pub fn consumer_name(&self) -> String {
        webhook_consumer(self.id)
    }
}

/// An attempt to deliver to a webhook.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAttempt {
    /// Numeric id of the webhook.
    pub webhook: i64,
    /// Id of the event.
    pub event_id: String,
    /// Position of the event; `None` for a test.
    pub pos: Option<i64>,
    /// Name of the event in the form that receivers see.
    pub event: String,
    /// Uid of the content type.
    pub content_type: Option<String>,
    /// Id of the document.
    pub document_id: Option<String>,
    /// Number of the attempt, from 1.
    pub attempt: i64,
    /// Time in milliseconds since 1970.
    pub at: i64,
    /// Duration in milliseconds.
    pub duration: i64,
    /// True if the receiver accepted it.
    pub ok: bool,
    /// HTTP status of the response.
    pub status: Option<i64>,
    /// Error of the attempt.
    pub error: Option<String>,
    /// The request: headers and body.
    pub request: Json,
    /// The response: headers and body.
    pub response: Option<Json>,
}

/// An attempt, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptRow {
    /// Numeric id of the attempt.
    pub id: i64,
    /// The fields that callers write.
    pub attempt: NewAttempt,
}

fn webhook_consumer(id: i64) -> String {
    format!("webhook:{id}")
}

const COLUMNS: &str = "id, name, url, events, types, condition, headers, secrets, enabled, disabled_reason, revision, failing_since, created_at, updated_at";

fn read_webhook(r: &Row<'_>) -> Result<WebhookRow> {
    let id = r.get(0)?;
    let corrupt =
        |e: serde_json::Error| StoreError::Corrupt { place: format!("cairn_webhooks {id}"), message: e.to_string() };
    let (events, types, condition): (String, Option<String>, Option<String>) = (r.get(3)?, r.get(4)?, r.get(5)?);
    let webhook = NewWebhook {
        name: r.get(1)?,
        url: r.get(2)?,
        events: serde_json::from_str(&events).map_err(corrupt)?,
        types: types.map(|t| serde_json::from_str(&t)).transpose().map_err(corrupt)?,
        condition: condition.map(|c| serde_json::from_str(&c)).transpose().map_err(corrupt)?,
        headers: r.get(6)?,
        secrets: r.get(7)?,
        enabled: r.get(8)?,
        disabled_reason: r.get(9)?,
    };
    Ok(WebhookRow {
        id,
        webhook,
        revision: r.get(10)?,
        failing_since: r.get(11)?,
        created_at: r.get(12)?,
        updated_at: r.get(13)?,
    })
}

const ATTEMPT_COLUMNS: &str =
    "id, webhook, event_id, pos, event, type, document_id, attempt, at, duration, ok, status, error, request, response";

fn read_attempt(r: &Row<'_>) -> Result<AttemptRow> {
    let id = r.get(0)?;
    let json = |text: String| {
        serde_json::from_str(&text)
            .map_err(|e| StoreError::Corrupt { place: format!("cairn_webhook_attempts {id}"), message: e.to_string() })
    };
    let attempt = NewAttempt {
        webhook: r.get(1)?,
        event_id: r.get(2)?,
        pos: r.get(3)?,
        event: r.get(4)?,
        content_type: r.get(5)?,
        document_id: r.get(6)?,
        attempt: r.get(7)?,
        at: r.get(8)?,
        duration: r.get(9)?,
        ok: r.get(10)?,
        status: r.get(11)?,
        error: r.get(12)?,
        request: json(r.get(13)?)?,
        response: r.get::<Option<String>>(14)?.map(json).transpose()?,
    };
    Ok(AttemptRow { id, attempt })
}

impl namespaces::Webhooks<Reader<'_>> {
    /// Lists all webhooks, by id.
    pub fn list(&self) -> Result<Vec<WebhookRow>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_webhooks ORDER BY id");
        self.tx.conn.query_all("reading the webhooks", &sql, (), read_webhook)
    }

    /// Gets the webhook with that id.
    pub fn get(&self, id: i64) -> Result<Option<WebhookRow>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_webhooks WHERE id = ?1");
        self.tx.conn.query_first("reading a webhook", &sql, [id], read_webhook)
    }

    /// A value that changes whenever any webhook is added, changed or deleted.
    pub fn get_stamp(&self) -> Result<(i64, i64, i64)> {
        let sql =
            "SELECT count(*), CAST(coalesce(sum(revision), 0) AS BIGINT), coalesce(max(id), 0) FROM cairn_webhooks";
        let stamp =
            self.tx.conn.query_first("checking the webhooks", sql, (), |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
        Ok(stamp.unwrap_or_default())
    }

    /// Lists attempts of a webhook, newest first, before an id (`None`: from the newest on). `ok` selects successful or failed ones.
    pub fn list_attempts(
        &self,
        webhook: i64,
        ok: Option<bool>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<AttemptRow>> {
        let mut values: Vec<Value> = vec![webhook.into(), before.unwrap_or(i64::MAX).into(), limit.into()];
        let mut sql = format!("SELECT {ATTEMPT_COLUMNS} FROM cairn_webhook_attempts WHERE webhook = ?1 AND id < ?2");
        if let Some(ok) = ok {
            values.push(ok.into());
            sql.push_str(" AND ok = ?4");
        }
        sql.push_str(" ORDER BY id DESC LIMIT ?3");
        self.tx.conn.query_all("reading attempts", &sql, &values[..], read_attempt)
    }

    /// Gets an attempt of a webhook.
    pub fn get_attempt(&self, webhook: i64, id: i64) -> Result<Option<AttemptRow>> {
        let sql = format!("SELECT {ATTEMPT_COLUMNS} FROM cairn_webhook_attempts WHERE webhook = ?1 AND id = ?2");
        self.tx.conn.query_first("reading an attempt", &sql, (webhook, id), read_attempt)
    }
}

impl namespaces::Webhooks<&mut WriteTx<'_>> {
    /// Adds a webhook with its consumer, which receives later events. Returns its id. [`StoreError::Unique`] if its name is taken.
    pub fn create(&mut self, w: &NewWebhook, now: i64) -> Result<i64> {
        if self.tx.conn.exists("finding a webhook", "SELECT 1 FROM cairn_webhooks WHERE name = ?1", [&w.name])? {
            return Err(StoreError::Unique);
        }
        let sql = "INSERT INTO cairn_webhooks
                     (name, url, events, types, condition, headers, secrets, enabled, disabled_reason, revision, created_at, updated_at)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1, ?10, ?10) RETURNING id";
        let id: Option<i64> =
            self.tx.conn.query_first("adding a webhook", sql, &webhook_values(w, now)[..], |r| r.get(0))?;
        let id = id.ok_or(StoreError::Unique)?;
        self.tx.consumers().ensure(&webhook_consumer(id), false, now)?;
        self.update_consumer_state(id, w)?;
        Ok(id)
    }

    /// Changes a webhook, and stops or resumes its consumer accordingly. [`StoreError::Unique`] if another one has its name.
    pub fn update(&mut self, id: i64, w: &NewWebhook, now: i64) -> Result<()> {
        let conflict_sql = "SELECT 1 FROM cairn_webhooks WHERE name = ?1 AND id <> ?2";
        if self.tx.conn.exists("finding a webhook", conflict_sql, (&w.name, id))? {
            return Err(StoreError::Unique);
        }
        let sql = "UPDATE cairn_webhooks
                   SET name = ?1, url = ?2, events = ?3, types = ?4, condition = ?5, headers = ?6, secrets = ?7, enabled = ?8,
                       disabled_reason = ?9, updated_at = ?10, revision = revision + 1,
                       failing_since = CASE WHEN ?8 THEN failing_since END
                   WHERE id = ?11";
        let mut values = webhook_values(w, now);
        values.push(id.into());
        self.tx.conn.execute("changing a webhook", sql, &values[..])?;
        self.update_consumer_state(id, w)
    }

    fn update_consumer_state(&mut self, id: i64, w: &NewWebhook) -> Result<()> {
        let (state, reason) = match (w.enabled, w.disabled_reason.as_deref()) {
            (true, _) => (ConsumerState::Active, None),
            (false, None) => (ConsumerState::Paused, Some("the webhook is disabled")),
            (false, reason) => (ConsumerState::Disabled, reason),
        };
        self.tx.consumers().set_state(&webhook_consumer(id), state, reason).map(drop)
    }

    /// Deletes a webhook with its consumer, its deliveries and its attempts. Returns `false` if it does not exist.
    pub fn delete(&mut self, id: i64) -> Result<bool> {
        self.tx.consumers().delete(&webhook_consumer(id))?;
        self.tx.conn.execute("removing attempts", "DELETE FROM cairn_webhook_attempts WHERE webhook = ?1", [id])?;
        Ok(self.tx.conn.execute("removing a webhook", "DELETE FROM cairn_webhooks WHERE id = ?1", [id])? > 0)
    }

    /// Records an attempt, unless the webhook was deleted.
    ///
    /// Returns the time since when the webhook has been failing: `None` if this attempt succeeded or was a test.
    pub fn record_attempt(&mut self, a: &NewAttempt) -> Result<Option<i64>> {
        let added = self.tx.conn.execute(
            "recording an attempt",
            "INSERT INTO cairn_webhook_attempts
               (webhook, event_id, pos, event, type, document_id, attempt, at, duration, ok, status, error, request, response)
             SELECT id, ?2, CAST(?3 AS BIGINT), ?4, ?5, ?6, CAST(?7 AS BIGINT), CAST(?8 AS BIGINT), CAST(?9 AS BIGINT), CAST(?10 AS BOOLEAN),
                    CAST(?11 AS BIGINT), ?12, ?13, ?14
             FROM cairn_webhooks WHERE id = ?1",
            &[
                Value::from(a.webhook),
                a.event_id.as_str().into(),
                a.pos.into(),
                a.event.as_str().into(),
                a.content_type.as_deref().into(),
                a.document_id.as_deref().into(),
                a.attempt.into(),
                a.at.into(),
                a.duration.into(),
                a.ok.into(),
                a.status.into(),
                a.error.as_deref().into(),
                a.request.to_string().into(),
                a.response.as_ref().map(Json::to_string).into(),
            ][..],
        )?;
        // A test says nothing of the deliveries.
        if added == 0 || a.pos.is_none() {
            return Ok(None);
        }
        if a.ok {
            let sql = "UPDATE cairn_webhooks SET failing_since = NULL WHERE id = ?1 AND failing_since IS NOT NULL";
            self.tx.conn.execute("recording a webhook's success", sql, [a.webhook])?;
            return Ok(None);
        }
        let sql = "UPDATE cairn_webhooks SET failing_since = coalesce(failing_since, ?2) WHERE id = ?1 RETURNING failing_since";
        Ok(self.tx.conn.query_first("recording a webhook's failure", sql, (a.webhook, a.at), |r| r.get(0))?.flatten())
    }

    /// Disables a webhook that fails repeatedly. Returns `false` if it was disabled already.
    pub fn disable(&mut self, id: i64, reason: &str, now: i64) -> Result<bool> {
        let sql =
            "UPDATE cairn_webhooks SET enabled = FALSE, disabled_reason = ?2, revision = revision + 1, updated_at = ?3
                   WHERE id = ?1 AND enabled";
        if self.tx.conn.execute("disabling a webhook", sql, (id, reason, now))? == 0 {
            return Ok(false);
        }
        self.tx.consumers().set_state(&webhook_consumer(id), ConsumerState::Disabled, Some(reason))?;
        Ok(true)
    }

    /// Delivers an event to a webhook once more. Returns `false` if it is no longer retained, or will be delivered anyway.
    pub fn redeliver(&mut self, webhook: i64, pos: i64, now: i64) -> Result<bool> {
        self.tx.changes.events = true;
        let consumer = webhook_consumer(webhook);
        // A delivery that is not due yet, or was given up, is tried now, with all attempts again. A due one may be running: it may succeed and be
        // deleted before this statement sees it.
        let sql = "UPDATE cairn_deliveries SET state = 'waiting', attempt = 0, due = ?3
                   WHERE consumer = ?1 AND pos = ?2 AND (state = 'dead' OR (state = 'waiting' AND due > ?3))";
        if self.tx.conn.execute("delivering again", sql, (&consumer, pos, now))? > 0 {
            return Ok(true);
        }
        let sql = "INSERT INTO cairn_deliveries (consumer, pos, key, state, attempt, due, replayed, at)
                   SELECT c.name, o.pos, o.key, 'waiting', 0, CAST(?3 AS BIGINT), TRUE, CAST(?3 AS BIGINT)
                   FROM cairn_outbox o JOIN cairn_consumers c ON c.name = ?1 WHERE o.pos = ?2 AND o.pos <= c.position";
        Ok(self.tx.conn.execute("delivering again", sql, (&consumer, pos, now))? > 0)
    }

    /// Deletes attempts from before `before`. At most `limit`.
    pub fn purge_attempts(&mut self, before: i64, limit: i64) -> Result<usize> {
        self.tx.conn.execute(
            "removing old attempts",
            "DELETE FROM cairn_webhook_attempts WHERE id IN (SELECT id FROM cairn_webhook_attempts WHERE at < ?1 ORDER BY at LIMIT ?2)",
            (before, limit),
        )
    }
}

impl namespaces::Consumers<&mut WriteTx<'_>> {
    /// Skips waiting events of a consumer: it continues behind the last event, and its parked deliveries are discarded.
    /// Returns the number of these.
    pub fn skip_waiting(&mut self, consumer: &str, reason: &str) -> Result<usize> {
        let position = super::outbox::last_position(self.tx.conn)?;
        // A new fence number: the process that drives it now can write nothing more.
        let sql = "UPDATE cairn_consumers SET position = ?2, fence = fence + 1 WHERE name = ?1 AND position < ?2";
        self.tx.conn.execute("skipping events", sql, (consumer, position))?;
        let sql = "UPDATE cairn_deliveries SET state = 'discarded', reason = ?2 WHERE consumer = ?1 AND state IN ('waiting', 'dead')";
        self.tx.conn.execute("skipping deliveries", sql, (consumer, reason))
    }
}

fn webhook_values(w: &NewWebhook, now: i64) -> Vec<Value> {
    let list = |texts: &[String]| Json::from(texts).to_string();
    vec![
        w.name.as_str().into(),
        w.url.as_str().into(),
        list(&w.events).into(),
        w.types.as_deref().map(list).into(),
        w.condition.as_ref().map(Json::to_string).into(),
        w.headers.as_deref().into(),
        w.secrets.as_str().into(),
        w.enabled.into(),
        w.disabled_reason.as_deref().into(),
        now.into(),
    ]
}

impl namespaces::History<Reader<'_>> {
    /// The last snapshot in the history for a document in a locale (empty if it is not localised).
    pub fn get_last_snapshot(&self, content_type: &str, document_id: &str, locale: &str) -> Result<Option<Json>> {
        let sql = "SELECT snapshot FROM cairn_history
                   WHERE type = ?1 AND document_id = ?2 AND locale = ?3 AND snapshot IS NOT NULL ORDER BY id DESC LIMIT 1";
        let text: Option<String> =
            self.tx.conn.query_first("reading the history", sql, (content_type, document_id, locale), |r| r.get(0))?;
        text.map(|text| serde_json::from_str(&text)).transpose().map_err(|e| StoreError::Corrupt {
            place: format!("cairn_history of {document_id}"),
            message: e.to_string(),
        })
    }
}
