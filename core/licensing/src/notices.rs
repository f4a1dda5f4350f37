//! Notifications that a licence ends: to the owners of the file, else to the person who uploaded it, else to super admins. Each person gets
//! one notification for each end of a licence, however many files it covers.

use crate::usage_timeline::{UsageReason, UsageReasonKind};
use cairn_access::SUPER_ADMIN_ROLE;
use cairn_content::view::Time;
use cairn_model::registry::FILE_UID;
use cairn_notify::{Kind, Notification, NotificationTarget, notify};
use cairn_store::events::ActorKind;
use cairn_store::licensing::RecordKind;
use cairn_store::{StoreError, WriteTx};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

/// The end of a licence of a file, past or to come.
pub(crate) struct LicenceEnd<'a> {
    /// Document id of the file.
    pub(crate) document: &'a str,
    /// The licence that ends, as a reason.
    pub(crate) reason: UsageReason,
    /// Number of entries that use the file.
    pub(crate) entries: usize,
}

/// The files of one end of a licence, for the same people.
struct NoticeGroup<'a> {
    reason: &'a UsageReason,
    documents: Vec<&'a str>,
    entries: usize,
}

/// Licence, end, whether it has passed, recipients.
type NoticeCause = (i64, i64, bool, Vec<i64>);

pub(crate) fn notify_ends(
    tx: &mut WriteTx<'_>,
    all: &[LicenceEnd<'_>],
    names: &HashMap<String, String>,
    now: i64,
) -> Result<(), StoreError> {
    if all.is_empty() {
        return Ok(());
    }
    let users = tx.reader().admin_users().list()?;
    let supers: Vec<i64> =
        users.iter().filter(|u| u.roles.iter().any(|r| r == SUPER_ADMIN_ROLE)).map(|u| u.id).collect();
    let mut owners: HashMap<String, i64> = HashMap::new();
    let documents: Vec<&str> = all.iter().map(|e| e.document).collect();
    for asset in tx.reader().assets().get_many(&documents)? {
        let by = asset.added_by;
        if let (ActorKind::Admin, Some(id)) = (by.kind, by.id.and_then(|id| id.parse().ok())) {
            owners.insert(asset.document_id, id);
        }
    }
    owners.extend(tx.reader().licensing().find_file_owners(&documents)?);
    // By licence and end, in one order; who is told of which of its files.
    let mut groups: BTreeMap<NoticeCause, NoticeGroup<'_>> = BTreeMap::new();
    for end in all {
        let (Some(right), over) = (end.reason.right, end.reason.why == UsageReasonKind::LicenceExpired) else {
            continue;
        };
        let at = if over { end.reason.since } else { end.reason.until };
        let owner = owners.get(end.document).filter(|id| users.iter().any(|u| u.id == **id));
        let to = owner.map_or_else(|| supers.clone(), |id| vec![*id]);
        let new = NoticeGroup { reason: &end.reason, documents: Vec::new(), entries: 0 };
        let group = groups.entry((right, at.unwrap_or(0), over, to)).or_insert(new);
        group.documents.push(end.document);
        group.entries += end.entries;
    }
    for ((right, at, over, to), group) in groups {
        let count = tx
            .reader()
            .licensing()
            .count_files_of_record(RecordKind::Licence, right)?
            .max(group.documents.len() as i64);
        let first = group.documents.first().copied().unwrap_or_default();
        let name = names.get(first).cloned().unwrap_or_else(|| first.to_owned());
        let end = match &group.reason.end {
            Some((local, Some(zone))) => json!(format!("{} {zone}", local.replace('T', " "))),
            Some((local, None)) => json!(local),
            None => json!(Time(at)),
        };
        let subject = if over { "expired" } else { "expiring" };
        let notification = Notification {
            kind: if over { Kind::LicenceExpired } else { Kind::LicenceExpiring },
            to,
            data: json!({
                "title": name, "holder": group.reason.who, "at": end, "count": (count > 1).then_some(count - 1), "entries": (group.entries > 0).then_some(group.entries),
            }),
            once_key: format!("asset-rights:{right}:{at}:{subject}"),
            link: Some(NotificationTarget::Document {
                content_type: FILE_UID.to_owned(),
                document_id: first.to_owned(),
                locale: None,
            }),
        };
        notify(tx, &notification, now)?;
    }
    Ok(())
}
