-- Text is compared by code point in all system tables: the columns of this one were made with the database's own collation.
ALTER TABLE cairn_plugin_signing_keys
  ALTER COLUMN plugin TYPE TEXT COLLATE "C", ALTER COLUMN name TYPE TEXT COLLATE "C", ALTER COLUMN kid TYPE TEXT COLLATE "C",
  ALTER COLUMN public_key TYPE TEXT COLLATE "C", ALTER COLUMN private_key TYPE TEXT COLLATE "C";
