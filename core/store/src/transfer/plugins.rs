//! System tables of plugins that are transferred. Secrets are encrypted: they can be decrypted only with the same secret key.

use super::CellKind::{Bytes, Integer, Text};
use super::SystemTable;

pub(super) const PLUGIN_TABLES: [SystemTable; 7] = [
    (
        "cairn_plugins",
        &[
            ("id", Text),
            ("version", Text),
            ("digest", Text),
            ("publisher", Text),
            ("state", Text),
            ("grants", Text),
            ("settings", Text),
            ("checkpoint", Text),
            ("previous", Text),
            ("generation", Integer),
            ("reason", Text),
            ("installed_at", Integer),
            ("changed_at", Integer),
            ("changed_by", Text),
            ("choices", Text),
        ],
        1,
    ),
    ("cairn_plugin_secrets", &[("plugin", Text), ("name", Text), ("value", Text), ("changed_at", Integer)], 2),
    (
        "cairn_plugin_signing_keys",
        &[
            ("plugin", Text),
            ("name", Text),
            ("kid", Text),
            ("public_key", Text),
            ("private_key", Text),
            ("created_at", Integer),
            ("retired_at", Integer),
        ],
        3,
    ),
    (
        "cairn_plugin_kv",
        &[("plugin", Text), ("key", Text), ("value", Bytes), ("revision", Integer), ("expires_at", Integer)],
        2,
    ),
    (
        "cairn_plugin_indexes",
        &[
            ("plugin", Text),
            ("name", Text),
            ("seq", Integer),
            ("live", Integer),
            ("shadow", Integer),
            ("purged", Integer),
            ("synonyms", Text),
        ],
        2,
    ),
    (
        "cairn_plugin_search",
        &[
            ("plugin", Text),
            ("name", Text),
            ("copy", Integer),
            ("id", Text),
            ("seq", Integer),
            ("direct", Integer),
            ("locale", Text),
            ("audience", Text),
            ("document", Text),
        ],
        4,
    ),
    ("cairn_user_groups", &[("user_document_id", Text), ("plugin", Text), ("name", Text)], 3),
];
