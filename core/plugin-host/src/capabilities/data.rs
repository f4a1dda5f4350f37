//! `data`: documents of the plugin's own types and of those granted to it, by the query language of REST and through the same checks.

mod query;
mod read;
mod scan;
mod transaction;
mod write;

use crate::call::caller_access::CallerAccess;
use crate::call::state::{CallState, to_guest_charge};
use crate::contract::bindings::host::data::{
    Authority, Found, GroupMeasures, Host, IdentifiedCreate, ReadOp, Rows, WriteOp, Written,
};
use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::{denied_error, invalid_field};
use crate::contract::host_error::{HostError, HostResult, separate_trap};
use crate::definition::permissions::intersect_access;
use cairn_content::RequestContext;
use cairn_model::change::Snapshot;
use cairn_model::{ContentType, TypeId};
use cairn_query::{Access, Action, Query};
use cairn_store::events::Actor;
use cairn_store::plugins::LogLevel;
use serde_json::{Map, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Largest number of reads, and of writes, of one call.
const MAX_OPERATIONS: usize = 1_000;

impl Host for CallState {
    async fn read(&mut self, reads: Vec<ReadOp>, rights: Authority) -> wasmtime::Result<Vec<Result<Found, Error>>> {
        if let Err(error) = separate_trap(self.begin_operations("reads", "reads", reads.len()))? {
            return Ok(reads.iter().map(|_| Err(error.clone())).collect());
        }
        let mut all = Vec::with_capacity(reads.len());
        for op in reads {
            let found = self.read_one(op, rights).await;
            all.push(separate_trap(self.log_missing_grant(found, rights))?);
        }
        Ok(all)
    }

    async fn measure_groups(
        &mut self,
        requests: Vec<GroupMeasures>,
        rights: Authority,
    ) -> wasmtime::Result<Vec<Result<Rows, Error>>> {
        if let Err(error) = separate_trap(self.begin_operations("requests", "reads", requests.len()))? {
            return Ok(requests.iter().map(|_| Err(error.clone())).collect());
        }
        let mut all = Vec::with_capacity(requests.len());
        for request in requests {
            let found = self.measure_one(request, rights).await;
            all.push(separate_trap(self.log_missing_grant(found, rights))?);
        }
        Ok(all)
    }

    async fn write(&mut self, writes: Vec<WriteOp>, rights: Authority) -> HostResult<Vec<Written>> {
        self.charge_write_call("writes", writes.len())?;
        let written = self.write_all(writes, rights).await;
        self.log_missing_grant(written, rights)
    }

    async fn create_with_id(&mut self, creates: Vec<IdentifiedCreate>, rights: Authority) -> HostResult<Vec<Written>> {
        self.charge_write_call("creates", creates.len())?;
        let written = self.create_all_with_ids(creates, rights).await;
        self.log_missing_grant(written, rights)
    }

    async fn describe(&mut self, content_type: String) -> HostResult<String> {
        self.host_call()?;
        let ct = match self.readable_type(&content_type, &self.definition.content_access) {
            Ok(ct) => ct,
            Err(error) => return self.log_missing_grant(Err(error.into()), Authority::Plugin),
        };
        let shape =
            Snapshot::from_registry(self.content().registry()).types.into_iter().find(|shape| shape.uid == ct.uid);
        let mut shape = shape.map(|shape| json!(shape)).unwrap_or_default();
        if let Some(attributes) = shape["attributes"].as_array_mut() {
            let find_id = |name: &str| ct.attributes.get(name).map(|(id, _)| id);
            attributes.retain(|a| {
                let id = a["name"].as_str().and_then(find_id);
                id.is_some_and(|id| self.definition.content_access.allows_attribute(ct, id, Action::Find))
            });
        }
        Ok(shape.to_string())
    }
}

/// The caller with the access to use, in a form that can be sent to another thread.
#[derive(Clone)]
pub(crate) struct GuestCaller {
    access: Arc<Access>,
    actor: Arc<Actor>,
    default_locale: String,
}

impl GuestCaller {
    pub(crate) fn request_context<'a>(&'a self, ct: &ContentType, query: &'a Query) -> RequestContext<'a> {
        RequestContext {
            access: &self.access,
            content_type: ct.id,
            query,
            default_locale: &self.default_locale,
            actor: &self.actor,
        }
    }
}

impl CallState {
    /// The access with which a call is made.
    ///
    /// `uids`: the types that it reads or writes, so that policies of other types are not evaluated.
    async fn resolve_caller(&mut self, rights: Authority, uids: &[&str]) -> Result<GuestCaller, Error> {
        let (definition, caller) = (self.definition.clone(), self.context.access.clone());
        let access = match (rights, &caller) {
            (Authority::Plugin, _) => definition.content_access.clone(),
            (Authority::Caller, Some(CallerAccess::Ready(caller))) => {
                Arc::new(intersect_access(caller, &definition.content_access))
            }
            (Authority::Caller, Some(CallerAccess::Limited(caller))) => {
                let registry = definition.content().registry();
                let types: BTreeSet<TypeId> =
                    uids.iter().filter_map(|uid| registry.by_uid(uid)).map(|ct| ct.id).collect();
                let types: Vec<TypeId> = types.into_iter().collect();
                // Boxed: to ask a policy is to call a plugin, which can read as well.
                let access = Box::pin(caller.access_to(&types)).await?;
                Arc::new(intersect_access(&access, &definition.content_access))
            }
            (Authority::Caller, None) => {
                return Err(denied_error(
                    "this call has no caller whose permissions could be used: use the plugin's own instead",
                ));
            }
        };
        let default_locale = definition.access().locales().default.to_string();
        Ok(GuestCaller { access, actor: definition.actor.clone(), default_locale })
    }

    /// Begins a call with so many reads or writes (`kind`), which `argument` lists.
    fn begin_operations(&mut self, argument: &str, kind: &str, count: usize) -> HostResult<()> {
        self.host_call()?;
        if count > MAX_OPERATIONS {
            let message = format!("{count} {kind} in one call; the limit is {MAX_OPERATIONS}");
            return Err(invalid_field(argument, "too-many", message).into());
        }
        Ok(())
    }

    /// Begins a call with so many writes, which `argument` lists.
    fn charge_write_call(&mut self, argument: &str, count: usize) -> HostResult<()> {
        self.begin_operations(argument, "writes", count)?;
        to_guest_charge(self.budget.charge_writes(count))
    }

    /// A type that may be read. One without a grant is answered like one that does not exist.
    fn readable_type(&self, uid: &str, access: &Access) -> Result<&ContentType, Error> {
        let content_type = self.definition.content().registry().by_uid(uid);
        content_type.filter(|ct| access.allows_action(ct.id, Action::Find)).ok_or_else(|| {
            let own = &self.definition.content_access;
            if content_type.is_some_and(|ct| own.allows_action(ct.id, Action::Find)) {
                return denied_error(format!("the caller may not read {uid}"));
            }
            denied_error(format!(
                "the content type {uid:?} does not exist or is not granted: check the uid; for one that exists, plugin.toml needs a [[grant]] \
                 with use = \"data.read\" and types = [{uid:?}]"
            ))
        })
    }

    /// Writes to the plugin's log what it may not do with its own permissions: a mistake of its author, of whom its clients learn nothing but
    /// "Forbidden".
    fn log_missing_grant<T>(&mut self, result: HostResult<T>, rights: Authority) -> HostResult<T> {
        if let (Err(HostError::Told(Error::Denied(message))), Authority::Plugin) = (&result, rights) {
            self.log_line(LogLevel::Warn, format!("denied: {message}"), Map::new());
        }
        result
    }
}
