-- Where a version of a document is in the review workflow of its type; without a row it is in the first stage. draft, version: the
-- row of its draft and that row's version token when the stage was entered. done_at: published, with nothing new since.
-- Times are milliseconds; due_local, due_zone: the due date as it was given.
CREATE TABLE cairn_reviews (
  id INTEGER PRIMARY KEY AUTOINCREMENT, type TEXT NOT NULL, document_id TEXT NOT NULL, locale TEXT NOT NULL, stage TEXT NOT NULL,
  since INTEGER NOT NULL, draft INTEGER NOT NULL, version INTEGER NOT NULL, due INTEGER, due_local TEXT, due_zone TEXT,
  done_at INTEGER, updated_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX cairn_reviews_document ON cairn_reviews (type, document_id, locale);
CREATE INDEX cairn_reviews_due ON cairn_reviews (due) WHERE due IS NOT NULL AND done_at IS NULL;

-- Who is to see to it.
CREATE TABLE cairn_review_assignees (review INTEGER NOT NULL, admin_user INTEGER NOT NULL, PRIMARY KEY (review, admin_user)) WITHOUT ROWID;
CREATE INDEX cairn_review_assignees_user ON cairn_review_assignees (admin_user, review);

-- Who has approved which version (draft: the row, version: its token). One counts while it was not withdrawn and the draft is
-- still that version. fell_at: when it was noticed that it is not.
CREATE TABLE cairn_approvals (
  id INTEGER PRIMARY KEY AUTOINCREMENT, review INTEGER NOT NULL, role TEXT NOT NULL, admin_user INTEGER NOT NULL, actor TEXT NOT NULL,
  at INTEGER NOT NULL, draft INTEGER NOT NULL, version INTEGER NOT NULL, comment TEXT, withdrawn_at INTEGER, fell_at INTEGER
);
CREATE INDEX cairn_approvals_review ON cairn_approvals (review, id);

-- From which stage to which, by whom.
CREATE TABLE cairn_review_moves (
  id INTEGER PRIMARY KEY AUTOINCREMENT, review INTEGER NOT NULL, from_stage TEXT NOT NULL, to_stage TEXT NOT NULL, at INTEGER NOT NULL,
  actor TEXT NOT NULL, comment TEXT
);
CREATE INDEX cairn_review_moves_review ON cairn_review_moves (review, id);

-- Comments on a document, one of its attributes (path) or one component in it (instance). thread: the comment that this one
-- answers. A deleted one keeps its row while others answer it, without its text. mentions: numbers of admin users, a JSON list.
CREATE TABLE cairn_comments (
  id INTEGER PRIMARY KEY AUTOINCREMENT, type TEXT NOT NULL, document_id TEXT NOT NULL, locale TEXT NOT NULL, path TEXT, instance INTEGER,
  thread INTEGER, admin_user INTEGER NOT NULL, actor TEXT NOT NULL, text TEXT NOT NULL, mentions TEXT NOT NULL, created_at INTEGER NOT NULL,
  edited_at INTEGER, deleted_at INTEGER, resolved_at INTEGER, resolved_by TEXT
);
CREATE INDEX cairn_comments_document ON cairn_comments (type, document_id, locale, id);
CREATE INDEX cairn_comments_thread ON cairn_comments (thread, id) WHERE thread IS NOT NULL;

-- Slots of the content calendar that come again: an RRULE from a local start time in a zone.
CREATE TABLE cairn_slot_rules (
  id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, type TEXT, locale TEXT, phase TEXT, owner INTEGER, team TEXT, channel TEXT,
  note TEXT, rule TEXT NOT NULL, start TEXT NOT NULL, zone TEXT NOT NULL, until TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
);

-- Slots of the content calendar. rule, occurrence: it stands for that occurrence (its local time by the rule), moved, filled
-- or cancelled. status: planned, assigned, done, cancelled.
CREATE TABLE cairn_slots (
  id INTEGER PRIMARY KEY AUTOINCREMENT, rule INTEGER, occurrence TEXT, title TEXT NOT NULL, type TEXT, locale TEXT, phase TEXT, owner INTEGER,
  team TEXT, channel TEXT, note TEXT, status TEXT NOT NULL, document_id TEXT, at INTEGER NOT NULL, local TEXT NOT NULL, zone TEXT NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX cairn_slots_occurrence ON cairn_slots (rule, occurrence) WHERE rule IS NOT NULL;
CREATE INDEX cairn_slots_at ON cairn_slots (at);

-- Who owns the content of a type (empty: any) in a phase (empty: any), and to whom it is escalated when. phase_field: the
-- attribute that holds the phase, a path. overdue_after, unreviewed_after: milliseconds. escalate_users, escalate_roles: JSON.
CREATE TABLE cairn_content_owners (
  id INTEGER PRIMARY KEY AUTOINCREMENT, type TEXT NOT NULL, phase TEXT NOT NULL, phase_field TEXT, admin_user INTEGER, role TEXT, team TEXT,
  overdue_after INTEGER, unreviewed_after INTEGER, escalate_users TEXT NOT NULL, escalate_roles TEXT NOT NULL, created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX cairn_content_owners_of ON cairn_content_owners (type, phase);

-- What was escalated: each cause once.
CREATE TABLE cairn_escalations (
  id INTEGER PRIMARY KEY AUTOINCREMENT, cause TEXT NOT NULL, at INTEGER NOT NULL, data TEXT NOT NULL
);
CREATE UNIQUE INDEX cairn_escalations_cause ON cairn_escalations (cause);
