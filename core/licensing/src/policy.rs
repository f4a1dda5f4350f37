//! The policy of a tenant: files without records, and when people are notified of the end of a licence.

use crate::service::{LicensingService, emit_event, invalid_at, lock_licensing};
use crate::usage_timeline::UnlinkedPolicy;
use cairn_content::Result;
use cairn_store::StoreError;
use cairn_store::events::Actor;
use cairn_store::licensing::{LicensingFact, POLICY_SETTING};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A day, in milliseconds.
pub(crate) const DAY_MS: i64 = 86_400_000;
/// Default number of days before the end of a licence at which people are notified.
const DEFAULT_NOTICE_DAYS: i64 = 30;
/// Largest number of such days.
const MAX_NOTICE_DAYS: i64 = 366;
/// Largest number of folders with rules of their own.
const MAX_FOLDERS: usize = 500;
/// Kinds of files.
const FILE_KINDS: [&str; 6] = ["image", "video", "audio", "document", "model", "other"];

/// The policy of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, rename_all = "camelCase")]
#[schema(as = RightsPolicy)]
pub struct LicensingPolicy {
    /// Policy for files that nothing is linked to.
    pub unknown: UnlinkedPolicy,
    /// The same in these folders and those in them, in the place of that.
    pub folders: BTreeMap<i64, UnlinkedPolicy>,
    /// The same for files of these kinds.
    pub kinds: BTreeMap<String, UnlinkedPolicy>,
    /// Days before the end of a licence at which people are told.
    pub expiring_days: i64,
}

impl Default for LicensingPolicy {
    fn default() -> Self {
        Self {
            unknown: UnlinkedPolicy::Ignore,
            folders: BTreeMap::new(),
            kinds: BTreeMap::new(),
            expiring_days: DEFAULT_NOTICE_DAYS,
        }
    }
}

impl LicensingPolicy {
    /// Parses the stored policy. One that cannot be parsed is an error, so that nothing is published by mistake.
    pub(crate) fn from_stored(text: Option<&str>) -> Result<Self, StoreError> {
        let Some(text) = text else { return Ok(Self::default()) };
        serde_json::from_str(text).map_err(|e| StoreError::Corrupt {
            place: format!("cairn_settings {POLICY_SETTING}"),
            message: e.to_string(),
        })
    }

    pub(crate) fn notice_window_ms(&self) -> i64 {
        self.expiring_days.clamp(0, MAX_NOTICE_DAYS) * DAY_MS
    }

    /// The rule for a file: its own, else that of its folder, else of its kind, else the general one.
    pub(crate) fn rule_for(&self, facts: &[LicensingFact], parents: &HashMap<i64, i64>) -> UnlinkedPolicy {
        let own = facts.iter().find_map(|f| match f {
            LicensingFact::Settings { policy: Some(policy), distance: 0, .. } => UnlinkedPolicy::from_stored(policy),
            _ => None,
        });
        let asset = facts.iter().find_map(|f| match f {
            LicensingFact::Asset { folder, kind } => Some((*folder, kind)),
            _ => None,
        });
        let by_place = |(folder, kind): (i64, &String)| {
            let mut at = folder;
            // The walk takes no more steps than there are folders, so that a cycle ends.
            for _ in 0..=parents.len() {
                if let Some(unlinked_policy) = self.folders.get(&at) {
                    return Some(*unlinked_policy);
                }
                match parents.get(&at) {
                    Some(parent) => at = *parent,
                    None => break,
                }
            }
            self.kinds.get(kind).copied()
        };
        own.or_else(|| asset.and_then(by_place)).unwrap_or(self.unknown)
    }
}

/// A policy as it comes in: what is not named stays.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = RightsPolicyInput)]
pub struct LicensingPolicyInput {
    /// `ignore`, `warn` or `block`.
    pub unknown: Option<String>,
    /// By number of a folder; 0 is the root.
    pub folders: Option<BTreeMap<String, String>>,
    /// By `image`, `video`, `audio`, `document`, `model`, `other`.
    pub kinds: Option<BTreeMap<String, String>>,
    /// Days before the end of a licence at which people are notified, 0 to 366.
    pub expiring_days: Option<i64>,
}

pub(crate) fn parse_unlinked(path: &str, text: &str) -> Result<UnlinkedPolicy> {
    UnlinkedPolicy::from_stored(text).ok_or_else(|| invalid_at(path, format!("{path} must be ignore, warn or block")))
}

impl LicensingPolicyInput {
    fn apply_to(&self, mut policy: LicensingPolicy) -> Result<LicensingPolicy> {
        if let Some(unknown) = &self.unknown {
            policy.unknown = parse_unlinked("unknown", unknown)?;
        }
        if let Some(folders) = &self.folders {
            if folders.len() > MAX_FOLDERS {
                return Err(invalid_at("folders", format!("At most {MAX_FOLDERS} folders can be listed")));
            }
            let read = |(id, text): (&String, &String)| {
                let number = id.parse::<i64>().ok().filter(|n| *n >= 0);
                let number = number.ok_or_else(|| invalid_at("folders", "Folders must be listed by their ids"))?;
                Ok((number, parse_unlinked("folders", text)?))
            };
            policy.folders = folders.iter().map(read).collect::<Result<_>>()?;
        }
        if let Some(kinds) = &self.kinds {
            let read = |(kind, rule): (&String, &String)| {
                if !FILE_KINDS.contains(&kind.as_str()) {
                    return Err(invalid_at(
                        "kinds",
                        format!("Unknown kind of file; expected {}", FILE_KINDS.join(", ")),
                    ));
                }
                Ok((kind.clone(), parse_unlinked("kinds", rule)?))
            };
            policy.kinds = kinds.iter().map(read).collect::<Result<_>>()?;
        }
        if let Some(days) = self.expiring_days {
            if !(0..=MAX_NOTICE_DAYS).contains(&days) {
                let message = format!("expiringDays must be a whole number from 0 to {MAX_NOTICE_DAYS}");
                return Err(invalid_at("expiringDays", message));
            }
            policy.expiring_days = days;
        }
        Ok(policy)
    }
}

impl LicensingService {
    /// The policy of the tenant. Returns an error if the store fails.
    pub fn get_policy(&self) -> Result<LicensingPolicy> {
        Ok(self.store().read(load_policy)?)
    }

    /// Changes the policy of the tenant. Fails with 400, stating what is invalid.
    pub async fn set_policy(&self, actor: &Arc<Actor>, input: LicensingPolicyInput) -> Result<LicensingPolicy> {
        let (actor, now) = (actor.clone(), self.now());
        self.store()
            .write(move |tx| {
                lock_licensing(tx)?;
                let before = load_policy(&tx.reader())?;
                let after = input.apply_to(before.clone())?;
                if after != before {
                    tx.licensing().set_policy(&json!(after))?;
                    emit_event(tx, &actor, "cairn.asset-policy.changed", "asset-policy".into(), json!(after), now)?;
                }
                if after.expiring_days != before.expiring_days {
                    // The sweep looks at all of them again: there may be many.
                    tx.usage_statuses().mark_all_due(now)?;
                }
                Ok(after)
            })
            .await
    }
}

fn load_policy(r: &cairn_store::Reader<'_>) -> Result<LicensingPolicy, StoreError> {
    match r.settings().get(POLICY_SETTING)? {
        None => Ok(LicensingPolicy::default()),
        Some(json) => LicensingPolicy::from_stored(Some(&json.to_string())),
    }
}
