-- Erasures of one person's data. subject: SHA-256 of the address, by which it is found again. person: who that is (JSON); null once it is done.
-- sources: how far each holder of data is (JSON). state: running, incomplete, done. Times: milliseconds.
CREATE TABLE cairn_erasures (
  id INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT NOT NULL, person TEXT, locale TEXT NOT NULL, state TEXT NOT NULL, sources TEXT NOT NULL,
  revision INTEGER NOT NULL, started_at INTEGER NOT NULL, started_by TEXT NOT NULL, updated_at INTEGER NOT NULL, finished_at INTEGER
);
CREATE INDEX cairn_erasures_subject ON cairn_erasures (subject, id);
-- One at a time for each person.
CREATE UNIQUE INDEX cairn_erasures_open ON cairn_erasures (subject) WHERE state <> 'done';

-- What stayed, and why. until: milliseconds; null where that is not known.
CREATE TABLE cairn_retained_records (
  erasure INTEGER NOT NULL, n INTEGER NOT NULL, source TEXT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL, reason TEXT NOT NULL, until INTEGER,
  PRIMARY KEY (erasure, n)
) WITHOUT ROWID;
