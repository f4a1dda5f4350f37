-- What was done in one go and may go on. batch: as the actor of its events has it. actor: JSON of who does it. first_pos, last_pos: the
-- places of the first and the last of its events, of which there were so many, at these times (milliseconds).
CREATE TABLE cairn_batches (
  batch TEXT COLLATE "C" PRIMARY KEY, actor TEXT COLLATE "C" NOT NULL, first_pos BIGINT NOT NULL, last_pos BIGINT NOT NULL, events BIGINT NOT NULL,
  first_at BIGINT NOT NULL, last_at BIGINT NOT NULL
);

-- The same in the audit log: null for what was done by itself.
ALTER TABLE cairn_audit ADD COLUMN batch TEXT COLLATE "C";
CREATE INDEX cairn_audit_batch ON cairn_audit (batch, n) WHERE batch IS NOT NULL;
