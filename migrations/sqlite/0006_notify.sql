-- Mails: asked for in the transaction of what they tell, sent by the job cairn.mail.send. once_key: the same mail is never asked for
-- twice. data: what the template is filled with (JSON), without secrets. admin_user, topic: for mails that somebody may unsubscribe
-- from. state: waiting, sent, test (kept, not sent), bounced, suppressed, failed. subject, body_text, body_html, headers: as they
-- went out, secrets blotted out. at: milliseconds.
CREATE TABLE cairn_mails (
  id INTEGER PRIMARY KEY AUTOINCREMENT, once_key TEXT NOT NULL UNIQUE, template TEXT NOT NULL, locale TEXT NOT NULL,
  to_address TEXT NOT NULL, to_name TEXT, reply_to TEXT, data TEXT NOT NULL, admin_user INTEGER, topic TEXT,
  state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, error TEXT, message_id TEXT, subject TEXT, body_text TEXT,
  body_html TEXT, headers TEXT, created_at INTEGER NOT NULL, ended_at INTEGER
);
CREATE INDEX cairn_mails_state ON cairn_mails (state, id);
CREATE INDEX cairn_mails_address ON cairn_mails (to_address, id);
CREATE INDEX cairn_mails_message ON cairn_mails (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX cairn_mails_created ON cairn_mails (created_at);

-- What a mail is filled with and nobody else may read (a one-time code): until it is sent.
CREATE TABLE cairn_mail_secrets (mail INTEGER PRIMARY KEY, data TEXT NOT NULL);

-- Addresses that get no mail until somebody clears them. reason: bounce, complaint, manual. address: lower-case.
CREATE TABLE cairn_suppressions (
  address TEXT PRIMARY KEY, reason TEXT NOT NULL, detail TEXT, mail INTEGER, at INTEGER NOT NULL
) WITHOUT ROWID;

-- Templates in place of the built-in ones.
CREATE TABLE cairn_mail_templates (
  name TEXT NOT NULL, locale TEXT NOT NULL, subject TEXT NOT NULL, body_text TEXT NOT NULL, body_html TEXT NOT NULL,
  updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL, PRIMARY KEY (name, locale)
) WITHOUT ROWID;

-- What admin users are told in the admin. data: fills the title (JSON). link: what it is about (JSON). once_key: nobody is told
-- the same twice. at, read_at: milliseconds.
CREATE TABLE cairn_notifications (
  id INTEGER PRIMARY KEY AUTOINCREMENT, admin_user INTEGER NOT NULL, kind TEXT NOT NULL, once_key TEXT NOT NULL,
  data TEXT NOT NULL, link TEXT, at INTEGER NOT NULL, read_at INTEGER
);
CREATE UNIQUE INDEX cairn_notifications_once ON cairn_notifications (admin_user, once_key);
CREATE INDEX cairn_notifications_user ON cairn_notifications (admin_user, id);
CREATE INDEX cairn_notifications_unread ON cairn_notifications (admin_user, id) WHERE read_at IS NULL;
CREATE INDEX cairn_notifications_at ON cairn_notifications (at);

-- What waits for a user's next digest. sent_at: milliseconds; null until then.
CREATE TABLE cairn_digest_entries (
  id INTEGER PRIMARY KEY AUTOINCREMENT, admin_user INTEGER NOT NULL, kind TEXT NOT NULL, once_key TEXT NOT NULL,
  data TEXT NOT NULL, link TEXT, at INTEGER NOT NULL, sent_at INTEGER
);
CREATE UNIQUE INDEX cairn_digest_entries_once ON cairn_digest_entries (admin_user, once_key);
CREATE INDEX cairn_digest_entries_waiting ON cairn_digest_entries (admin_user, id) WHERE sent_at IS NULL;

-- What an admin user wants to hear how, where it is not the default. level: off, now, digest.
CREATE TABLE cairn_notification_preferences (
  admin_user INTEGER NOT NULL, kind TEXT NOT NULL, channel TEXT NOT NULL, level TEXT NOT NULL,
  PRIMARY KEY (admin_user, kind, channel)
) WITHOUT ROWID;

-- In which zone and language.
CREATE TABLE cairn_notification_people (admin_user INTEGER PRIMARY KEY, zone TEXT, locale TEXT);
