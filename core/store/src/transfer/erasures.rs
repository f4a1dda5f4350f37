//! System tables about erasures of personal data that are transferred: what stayed of whom, and why, has to be known afterwards.

use super::CellKind::{Integer, Text};
use super::SystemTable;

pub(super) const ERASURE_TABLES: [SystemTable; 2] = [
    (
        "cairn_erasures",
        &[
            ("id", Integer),
            ("subject", Text),
            ("person", Text),
            ("locale", Text),
            ("state", Text),
            ("sources", Text),
            ("revision", Integer),
            ("started_at", Integer),
            ("started_by", Text),
            ("updated_at", Integer),
            ("finished_at", Integer),
        ],
        1,
    ),
    (
        "cairn_retained_records",
        &[
            ("erasure", Integer),
            ("n", Integer),
            ("source", Text),
            ("kind", Text),
            ("title", Text),
            ("reason", Text),
            ("until", Integer),
        ],
        2,
    ),
];
