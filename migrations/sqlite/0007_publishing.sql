-- What is published or unpublished at a time. locale: * for all, empty where the type is not localised. local_time, zone: the time as it was
-- asked for; due: that moment in milliseconds. state: waiting, done, failed, cancelled. problem: why it failed, as JSON.
CREATE TABLE cairn_schedules (
  id INTEGER PRIMARY KEY AUTOINCREMENT, type TEXT NOT NULL, document_id TEXT NOT NULL, locale TEXT NOT NULL, action TEXT NOT NULL,
  local_time TEXT NOT NULL, zone TEXT NOT NULL, due INTEGER NOT NULL, state TEXT NOT NULL, problem TEXT, created_at INTEGER NOT NULL,
  actor TEXT NOT NULL, ended_at INTEGER
);
CREATE UNIQUE INDEX cairn_schedules_waiting ON cairn_schedules (type, document_id, locale, action, due) WHERE state = 'waiting';
CREATE INDEX cairn_schedules_document ON cairn_schedules (type, document_id, id);
CREATE INDEX cairn_schedules_due ON cairn_schedules (due, id);

-- Documents that are published or unpublished together. state: open, scheduled, done, failed, rolled-back. local_time, zone, due: where it is
-- scheduled. problem: why it failed, as JSON. actor: who made it; ended_by: who had it done.
CREATE TABLE cairn_releases (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, note TEXT, state TEXT NOT NULL, local_time TEXT, zone TEXT, due INTEGER,
  problem TEXT, created_at INTEGER NOT NULL, actor TEXT NOT NULL, ended_at INTEGER, ended_by TEXT, rolled_back_at INTEGER
);
CREATE INDEX cairn_releases_state ON cairn_releases (state, id);
CREATE INDEX cairn_releases_due ON cairn_releases (due, id) WHERE due IS NOT NULL;

-- What is in a release. outcome: published, unpublished, unchanged; null until it is done. problem: why its release failed at it, as JSON.
-- before_version: what was published before, as JSON; null where nothing was. after_version: which published row there was afterwards.
CREATE TABLE cairn_release_items (
  id INTEGER PRIMARY KEY AUTOINCREMENT, release_id INTEGER NOT NULL, type TEXT NOT NULL, document_id TEXT NOT NULL, locale TEXT NOT NULL,
  action TEXT NOT NULL, outcome TEXT, problem TEXT, before_version TEXT, after_version TEXT, UNIQUE (release_id, type, document_id, locale)
);
CREATE INDEX cairn_release_items_document ON cairn_release_items (type, document_id, locale);
