//! System tables of files that are transferred. The blobs themselves are transferred separately.

use super::CellKind::{Boolean, Integer, Text};
use super::SystemTable;

pub(super) const ASSET_TABLES: [SystemTable; 6] = [
    (
        "cairn_assets",
        &[
            ("document_id", Text),
            ("number", Integer),
            ("sha256", Text),
            ("bytes", Integer),
            ("kind", Text),
            ("folder", Integer),
            ("private", Boolean),
            ("derived_from", Text),
            ("placeholder", Text),
            ("colour", Text),
            ("animated", Boolean),
            ("alpha", Boolean),
            ("facts", Text),
            ("added_at", Integer),
            ("added_by", Text),
            ("deleted_at", Integer),
            ("deleted_by", Text),
            ("trash", Text),
        ],
        1,
    ),
    (
        "cairn_asset_blobs",
        &[
            ("document_id", Text),
            ("number", Integer),
            ("variant", Text),
            ("name", Text),
            ("blob", Text),
            ("mime", Text),
            ("length", Integer),
            ("serving", Boolean),
        ],
        3,
    ),
    (
        "cairn_asset_versions",
        &[("document_id", Text), ("number", Integer), ("file", Text), ("replaced_at", Integer), ("replaced_by", Text)],
        2,
    ),
    (
        "cairn_asset_folders",
        &[
            ("id", Integer),
            ("parent", Integer),
            ("name", Text),
            ("private", Boolean),
            ("created_at", Integer),
            ("updated_at", Integer),
            ("keeps_metadata", Boolean),
        ],
        1,
    ),
    ("cairn_asset_tags", &[("document_id", Text), ("tag", Text)], 2),
    ("cairn_asset_texts", &[("document_id", Text), ("locale", Text), ("alternative_text", Text), ("caption", Text)], 2),
];
