-- What PDFs are sealed with. certificates: DER in base64, a line each, the key's own first. key: sealed with a key of the installation.
CREATE TABLE cairn_seal_profiles (
  name TEXT COLLATE "C" PRIMARY KEY, certificates TEXT COLLATE "C" NOT NULL, key TEXT COLLATE "C" NOT NULL, changed_at BIGINT NOT NULL
);
