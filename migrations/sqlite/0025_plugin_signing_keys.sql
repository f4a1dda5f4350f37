-- Private keys that plugins sign with by name, and the public halves of those before them. private_key: PKCS#8, encrypted; null once another
-- key of the name took its place. public_key: a JSON Web Key. kid: its thumbprint. Times: milliseconds.
CREATE TABLE cairn_plugin_signing_keys (
  plugin TEXT NOT NULL, name TEXT NOT NULL, kid TEXT NOT NULL, public_key TEXT NOT NULL, private_key TEXT, created_at INTEGER NOT NULL,
  retired_at INTEGER, PRIMARY KEY (plugin, name, kid)
) WITHOUT ROWID;
-- One of a name signs.
CREATE UNIQUE INDEX cairn_plugin_signing_keys_current ON cairn_plugin_signing_keys (plugin, name) WHERE retired_at IS NULL;
