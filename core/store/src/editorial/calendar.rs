//! `cairn_slots` and `cairn_slot_rules`: what is planned; and, from the history, what was published.

use super::reviews::push_condition;
use crate::connection::{Row, Value};
use crate::events::Actor;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};

/// A slot to write.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NewSlot {
    /// The rule and the local time of the occurrence that it replaces.
    pub of: Option<(i64, String)>,
    /// Title of the planned entry.
    pub title: String,
    /// Uid of a content type.
    pub content_type: Option<String>,
    /// Locale of the planned entry.
    pub locale: Option<String>,
    /// Phase of the journey, free text.
    pub phase: Option<String>,
    /// Number of an admin user.
    pub owner: Option<i64>,
    /// Name of the team, free text.
    pub team: Option<String>,
    /// Name of the channel, free text.
    pub channel: Option<String>,
    /// A note for editors, free text.
    pub note: Option<String>,
    /// `planned`, `assigned`, `done`, `cancelled`.
    pub status: String,
    /// The document that fulfils it.
    pub document_id: Option<String>,
    /// When it is planned, in milliseconds since 1970.
    pub at: i64,
    /// The local time as it was entered.
    pub local: String,
    /// Time zone of `local`.
    pub zone: String,
}

/// A slot of the calendar, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct SlotRow {
    /// Numeric id of the slot.
    pub id: i64,
    /// The fields that callers write.
    pub slot: NewSlot,
    /// Time of creation.
    pub created_at: i64,
    /// Time of the last change.
    pub updated_at: i64,
}

/// A rule to write.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NewSlotRule {
    /// Title of the planned entries.
    pub title: String,
    /// Uid of a content type.
    pub content_type: Option<String>,
    /// Locale of the planned entries.
    pub locale: Option<String>,
    /// Phase of the journey, free text.
    pub phase: Option<String>,
    /// Number of an admin user.
    pub owner: Option<i64>,
    /// Name of the team, free text.
    pub team: Option<String>,
    /// Name of the channel, free text.
    pub channel: Option<String>,
    /// A note for editors, free text.
    pub note: Option<String>,
    /// The recurrence, as an RRULE.
    pub rule: String,
    /// The first local time.
    pub start: String,
    /// Time zone of `start` and `until`.
    pub zone: String,
    /// The last local time; `None`: without end.
    pub until: Option<String>,
}

/// A recurring slot, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct SlotRuleRow {
    /// Numeric id of the rule.
    pub id: i64,
    /// The fields that callers write.
    pub rule: NewSlotRule,
    /// Time of creation.
    pub created_at: i64,
    /// Time of the last change.
    pub updated_at: i64,
}

/// Selects publications to list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PublicationFilter {
    /// Published at or after, in milliseconds since 1970.
    pub from: i64,
    /// Published before.
    pub to: i64,
    /// Uids of content types; `None`: of every type.
    pub content_types: Option<Vec<String>>,
    /// Of this locale.
    pub locale: Option<String>,
    /// Those before this one, of the page before: its time and its id in the history.
    pub before: Option<(i64, i64)>,
}

/// The publication of a version of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedRow {
    /// Numeric id in the history.
    pub id: i64,
    /// Uid of its type.
    pub content_type: String,
    /// Id of the document.
    pub document_id: String,
    /// Its locale; empty if its type is not localised.
    pub locale: String,
    /// Time of publication.
    pub at: i64,
    /// Actor who published it.
    pub actor: Actor,
}

const SLOT_COLUMNS: &str = "id, rule, occurrence, title, type, locale, phase, owner, team, channel, note, status, document_id, at, local, zone, created_at, updated_at";
const RULE_COLUMNS: &str =
    "id, title, type, locale, phase, owner, team, channel, note, rule, start, zone, until, created_at, updated_at";

fn read_slot(r: &Row<'_>) -> Result<SlotRow> {
    let of = r.get::<Option<i64>>(1)?.zip(r.get::<Option<String>>(2)?);
    let slot = NewSlot {
        of,
        title: r.get(3)?,
        content_type: r.get(4)?,
        locale: r.get(5)?,
        phase: r.get(6)?,
        owner: r.get(7)?,
        team: r.get(8)?,
        channel: r.get(9)?,
        note: r.get(10)?,
        status: r.get(11)?,
        document_id: r.get(12)?,
        at: r.get(13)?,
        local: r.get(14)?,
        zone: r.get(15)?,
    };
    Ok(SlotRow { id: r.get(0)?, slot, created_at: r.get(16)?, updated_at: r.get(17)? })
}

fn read_rule(r: &Row<'_>) -> Result<SlotRuleRow> {
    let rule = NewSlotRule {
        title: r.get(1)?,
        content_type: r.get(2)?,
        locale: r.get(3)?,
        phase: r.get(4)?,
        owner: r.get(5)?,
        team: r.get(6)?,
        channel: r.get(7)?,
        note: r.get(8)?,
        rule: r.get(9)?,
        start: r.get(10)?,
        zone: r.get(11)?,
        until: r.get(12)?,
    };
    Ok(SlotRuleRow { id: r.get(0)?, rule, created_at: r.get(13)?, updated_at: r.get(14)? })
}

fn slot_values(s: &NewSlot) -> Vec<Value> {
    let (rule, occurrence) = s.of.clone().unzip();
    vec![
        rule.into(),
        occurrence.into(),
        s.title.clone().into(),
        s.content_type.clone().into(),
        s.locale.clone().into(),
        s.phase.clone().into(),
        s.owner.into(),
        s.team.clone().into(),
        s.channel.clone().into(),
        s.note.clone().into(),
        s.status.clone().into(),
        s.document_id.clone().into(),
        s.at.into(),
        s.local.clone().into(),
        s.zone.clone().into(),
    ]
}

fn rule_values(r: &NewSlotRule) -> Vec<Value> {
    vec![
        r.title.clone().into(),
        r.content_type.clone().into(),
        r.locale.clone().into(),
        r.phase.clone().into(),
        r.owner.into(),
        r.team.clone().into(),
        r.channel.clone().into(),
        r.note.clone().into(),
        r.rule.clone().into(),
        r.start.clone().into(),
        r.zone.clone().into(),
        r.until.clone().into(),
    ]
}

impl namespaces::Calendar<Reader<'_>> {
    /// Gets the slot with that id.
    pub fn get_slot(&self, id: i64) -> Result<Option<SlotRow>> {
        self.tx.conn.query_first(
            "reading a slot",
            &format!("SELECT {SLOT_COLUMNS} FROM cairn_slots WHERE id = ?1"),
            [id],
            read_slot,
        )
    }

    /// Gets the slot that replaces an occurrence of a rule.
    pub fn get_replacement(&self, rule: i64, occurrence: &str) -> Result<Option<SlotRow>> {
        let sql = format!("SELECT {SLOT_COLUMNS} FROM cairn_slots WHERE rule = ?1 AND occurrence = ?2");
        self.tx.conn.query_first("reading a slot", &sql, (rule, occurrence), read_slot)
    }

    /// Slots from one time to before another, in order of time; cancelled ones too.
    pub fn list_slots_between(&self, from: i64, to: i64, limit: i64) -> Result<Vec<SlotRow>> {
        let sql = format!("SELECT {SLOT_COLUMNS} FROM cairn_slots WHERE at >= ?1 AND at < ?2 ORDER BY at, id LIMIT ?3");
        self.tx.conn.query_all("reading slots", &sql, (from, to, limit), read_slot)
    }

    /// Slots, newest first.
    pub fn list_slots(&self, before: Option<i64>, limit: i64) -> Result<Vec<SlotRow>> {
        let sql = format!("SELECT {SLOT_COLUMNS} FROM cairn_slots WHERE id < ?1 ORDER BY id DESC LIMIT ?2");
        self.tx.conn.query_all("reading slots", &sql, (before.unwrap_or(i64::MAX), limit), read_slot)
    }

    /// The occurrences (their local times by the rule) that slots replace, of every rule.
    pub fn list_replaced_occurrences(&self) -> Result<Vec<(i64, String)>> {
        let sql = "SELECT rule, occurrence FROM cairn_slots WHERE rule IS NOT NULL AND occurrence IS NOT NULL";
        self.tx.conn.query_all("reading slots", sql, (), |r| Ok((r.get(0)?, r.get(1)?)))
    }

    /// Lists every rule, oldest first.
    pub fn list_rules(&self) -> Result<Vec<SlotRuleRow>> {
        self.tx.conn.query_all(
            "reading rules",
            &format!("SELECT {RULE_COLUMNS} FROM cairn_slot_rules ORDER BY id"),
            (),
            read_rule,
        )
    }

    /// Gets the rule with that id.
    pub fn get_rule(&self, id: i64) -> Result<Option<SlotRuleRow>> {
        let sql = format!("SELECT {RULE_COLUMNS} FROM cairn_slot_rules WHERE id = ?1");
        self.tx.conn.query_first("reading a rule", &sql, [id], read_rule)
    }
}

impl namespaces::History<Reader<'_>> {
    /// Lists what was published, by the history, newest first: where there is more than `limit`, the oldest is left out.
    pub fn list_publications(&self, filter: &PublicationFilter, limit: i64) -> Result<Vec<PublishedRow>> {
        let mut values: Vec<Value> = vec![filter.from.into(), filter.to.into(), limit.into()];
        let mut sql = "SELECT id, type, document_id, locale, at, actor FROM cairn_history
                       WHERE at >= ?1 AND at < ?2 AND status = 'published' AND action <> 'deleted' AND action <> 'unpublished'"
            .to_owned();
        if let Some(types) = &filter.content_types {
            if types.is_empty() {
                return Ok(Vec::new());
            }
            let first = values.len() + 1;
            let places: Vec<String> = (first..first + types.len()).map(|n| format!("?{n}")).collect();
            // An expression, so that no index of types is used: the rows are read by time, until there are enough.
            sql.push_str(&format!(" AND (type || '') IN ({})", places.join(", ")));
            values.extend(types.iter().map(|uid| Value::from(uid.as_str())));
        }
        if let Some(locale) = &filter.locale {
            push_condition(&mut sql, &mut values, " AND locale = #", locale.as_str().into());
        }
        if let Some((at, id)) = filter.before {
            let (at_place, id_place) = (values.len() + 1, values.len() + 2);
            sql.push_str(&format!(" AND (at, id) < (?{at_place}, ?{id_place})"));
            values.extend([at.into(), id.into()]);
        }
        sql.push_str(" ORDER BY at DESC, id DESC LIMIT ?3");
        self.tx.conn.query_all("reading publications", &sql, &values[..], |r| {
            let actor: String = r.get(5)?;
            Ok(PublishedRow {
                id: r.get(0)?,
                content_type: r.get(1)?,
                document_id: r.get(2)?,
                locale: r.get(3)?,
                at: r.get(4)?,
                actor: Actor::from_json(&actor),
            })
        })
    }
}

impl namespaces::Calendar<&mut WriteTx<'_>> {
    /// Adds a slot; returns its id. [`crate::StoreError::Unique`] if another one replaces that occurrence.
    pub fn create_slot(&mut self, s: &NewSlot, now: i64) -> Result<i64> {
        let mut values = slot_values(s);
        values.push(now.into());
        self.tx.conn.insert(
            "adding a slot",
            "INSERT INTO cairn_slots (rule, occurrence, title, type, locale, phase, owner, team, channel, note, status,
               document_id, at, local, zone, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?16)",
            &values[..],
            true,
        )
    }

    /// Changes a slot. Returns `false` if it does not exist.
    pub fn update_slot(&mut self, id: i64, s: &NewSlot, now: i64) -> Result<bool> {
        let mut values = slot_values(s);
        values.extend([now.into(), id.into()]);
        let sql = "UPDATE cairn_slots SET rule = ?1, occurrence = ?2, title = ?3, type = ?4, locale = ?5, phase = ?6, owner = ?7,
                     team = ?8, channel = ?9, note = ?10, status = ?11, document_id = ?12, at = ?13, local = ?14, zone = ?15,
                     updated_at = ?16 WHERE id = ?17";
        Ok(self.tx.conn.execute("changing a slot", sql, &values[..])? > 0)
    }

    /// Deletes a slot; an occurrence that it replaced is back at the time of its rule. Returns `false` if it does not exist.
    pub fn delete_slot(&mut self, id: i64) -> Result<bool> {
        Ok(self.tx.conn.execute("removing a slot", "DELETE FROM cairn_slots WHERE id = ?1", [id])? > 0)
    }

    /// Adds a rule; returns its id.
    pub fn create_rule(&mut self, r: &NewSlotRule, now: i64) -> Result<i64> {
        let mut values = rule_values(r);
        values.push(now.into());
        self.tx.conn.insert(
            "adding a rule",
            "INSERT INTO cairn_slot_rules (title, type, locale, phase, owner, team, channel, note, rule, start, zone, until,
               created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13)",
            &values[..],
            false,
        )
    }

    /// Changes a rule. Returns `false` if it does not exist.
    pub fn update_rule(&mut self, id: i64, r: &NewSlotRule, now: i64) -> Result<bool> {
        let mut values = rule_values(r);
        values.extend([now.into(), id.into()]);
        let sql = "UPDATE cairn_slot_rules SET title = ?1, type = ?2, locale = ?3, phase = ?4, owner = ?5, team = ?6, channel = ?7,
                     note = ?8, rule = ?9, start = ?10, zone = ?11, until = ?12, updated_at = ?13 WHERE id = ?14";
        Ok(self.tx.conn.execute("changing a rule", sql, &values[..])? > 0)
    }

    /// Deletes a rule and its slots, except those that are in progress or done. Returns `false` if it does not exist.
    pub fn delete_rule(&mut self, id: i64) -> Result<bool> {
        let doing = "removing a rule";
        if self.tx.conn.execute(doing, "DELETE FROM cairn_slot_rules WHERE id = ?1", [id])? == 0 {
            return Ok(false);
        }
        let sql = "DELETE FROM cairn_slots WHERE rule = ?1 AND status NOT IN ('assigned', 'done')";
        self.tx.conn.execute(doing, sql, [id])?;
        self.tx.conn.execute(doing, "UPDATE cairn_slots SET rule = NULL, occurrence = NULL WHERE rule = ?1", [id])?;
        Ok(true)
    }
}
