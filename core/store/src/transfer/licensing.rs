//! System tables of licensing that are transferred.

use super::CellKind::{Boolean, Integer, Text};
use super::SystemTable;

pub(super) const LICENSING_TABLES: [SystemTable; 6] = [
    (
        "cairn_asset_rights",
        &[
            ("id", Integer),
            ("holder", Text),
            ("licence", Text),
            ("channels", Text),
            ("territories", Text),
            ("products", Text),
            ("start_local", Text),
            ("end_local", Text),
            ("zone", Text),
            ("starts_at", Integer),
            ("ends_at", Integer),
            ("evidence", Text),
            ("cost", Text),
            ("currency", Text),
            ("notes", Text),
            ("version", Integer),
            ("created_at", Integer),
            ("created_by", Text),
            ("updated_at", Integer),
            ("updated_by", Text),
        ],
        1,
    ),
    ("cairn_asset_right_links", &[("document_id", Text), ("right_id", Integer)], 2),
    (
        "cairn_asset_consents",
        &[
            ("id", Integer),
            ("person", Text),
            ("kind", Text),
            ("given_at", Integer),
            ("withdrawn_at", Integer),
            ("evidence", Text),
            ("notes", Text),
            ("version", Integer),
            ("created_at", Integer),
            ("created_by", Text),
            ("updated_at", Integer),
            ("updated_by", Text),
        ],
        1,
    ),
    ("cairn_asset_consent_links", &[("document_id", Text), ("consent_id", Integer)], 2),
    (
        "cairn_asset_settings",
        &[
            ("document_id", Text),
            ("embargo_local", Text),
            ("embargo_zone", Text),
            ("embargo_until", Integer),
            ("fallback", Text),
            ("owner", Integer),
            ("policy", Text),
            ("updated_at", Integer),
            ("updated_by", Text),
        ],
        1,
    ),
    // A copy does not repeat notifications that were sent.
    (
        "cairn_asset_standings",
        &[
            ("document_id", Text),
            ("state", Text),
            ("delivered", Boolean),
            ("next_change", Integer),
            ("told_at", Integer),
        ],
        1,
    ),
];
