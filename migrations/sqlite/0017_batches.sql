-- What was done in one go and may go on. batch: as the actor of its events has it. actor: JSON of who does it. first_pos, last_pos: the
-- places of the first and the last of its events, of which there were so many, at these times (milliseconds).
CREATE TABLE cairn_batches (
  batch TEXT PRIMARY KEY, actor TEXT NOT NULL, first_pos INTEGER NOT NULL, last_pos INTEGER NOT NULL, events INTEGER NOT NULL,
  first_at INTEGER NOT NULL, last_at INTEGER NOT NULL
) WITHOUT ROWID;

-- The same in the audit log: null for what was done by itself.
ALTER TABLE cairn_audit ADD COLUMN batch TEXT;
CREATE INDEX cairn_audit_batch ON cairn_audit (batch, n) WHERE batch IS NOT NULL;
