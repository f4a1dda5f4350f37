//! `data`: documents of the plugin's own types and of those granted to it, by the query language of REST and through the same checks.

mod query;
mod read;
pub(crate) mod scan;
pub(crate) mod transaction;
mod write;

use crate::bindings::host::data::{Authority, Found, Host, ReadOp, WriteOp, Written};
use crate::bindings::types::Error;
use crate::faults::{denied, invalid};
use crate::policies::CallerAccess;
use crate::rights::of_both;
use crate::state::{State, charged};
use cairn_content::Ask;
use cairn_model::change::Snapshot;
use cairn_model::{ContentType, TypeId};
use cairn_query::{Access, Action};
use cairn_store::events::Actor;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Largest number of reads, and of writes, of one call.
const MOST: usize = 1_000;

impl Host for State {
    async fn read(&mut self, reads: Vec<ReadOp>, rights: Authority) -> wasmtime::Result<Vec<Result<Found, Error>>> {
        if let Err(error) = self.host_call()? {
            return Ok(reads.iter().map(|_| Err(error.clone())).collect());
        }
        if reads.len() > MOST {
            let error = invalid("reads", "too-many", format!("{} reads in one call; the limit is {MOST}", reads.len()));
            return Ok(reads.iter().map(|_| Err(error.clone())).collect());
        }
        let mut all = Vec::with_capacity(reads.len());
        for op in reads {
            all.push(self.read_one(op, rights).await?);
        }
        Ok(all)
    }

    async fn write(
        &mut self,
        writes: Vec<WriteOp>,
        rights: Authority,
    ) -> wasmtime::Result<Result<Vec<Written>, Error>> {
        if let Err(error) = self.host_call()? {
            return Ok(Err(error));
        }
        if writes.len() > MOST {
            return Ok(Err(invalid(
                "writes",
                "too-many",
                format!("{} writes in one call; the limit is {MOST}", writes.len()),
            )));
        }
        if let Err(error) = charged(self.budget.write(writes.len()))? {
            return Ok(Err(error));
        }
        self.write_all(writes, rights).await
    }

    async fn describe(&mut self, content_type: String) -> wasmtime::Result<Result<String, Error>> {
        if let Err(error) = self.host_call()? {
            return Ok(Err(error));
        }
        let ct = match self.seen_type(&content_type, &self.generation.rights) {
            Ok(ct) => ct,
            Err(error) => return Ok(Err(error)),
        };
        let shape = Snapshot::of(self.content().registry()).types.into_iter().find(|shape| shape.uid == ct.uid);
        let mut shape = shape.map(|shape| json!(shape)).unwrap_or_default();
        if let Some(attributes) = shape["attributes"].as_array_mut() {
            let seen = |name: &str| ct.attributes.get(name).map(|(id, _)| id);
            attributes.retain(|a| {
                let id = a["name"].as_str().and_then(seen);
                id.is_some_and(|id| self.generation.rights.may_attribute(ct, id, Action::Find))
            });
        }
        Ok(Ok(shape.to_string()))
    }
}

/// The caller with the access to use, in a form that can be sent to another thread.
#[derive(Clone)]
pub(crate) struct Asking {
    access: Arc<Access>,
    actor: Arc<Actor>,
    default_locale: String,
}

impl Asking {
    pub(crate) fn ask<'a>(&'a self, ct: &ContentType, query: &'a str) -> Ask<'a> {
        Ask {
            access: &self.access,
            content_type: ct.id,
            query,
            default_locale: &self.default_locale,
            actor: &self.actor,
        }
    }
}

impl State {
    /// The access with which a call is made.
    ///
    /// `uids`: the types that it reads or writes, so that policies of other types are not evaluated.
    async fn asking(&mut self, rights: Authority, uids: &[&str]) -> Result<Asking, Error> {
        let (generation, caller) = (self.generation.clone(), self.asked.access.clone());
        let access = match (rights, &caller) {
            (Authority::Plugin, _) => generation.rights.clone(),
            (Authority::Caller, Some(CallerAccess::Ready(caller))) => Arc::new(of_both(caller, &generation.rights)),
            (Authority::Caller, Some(CallerAccess::Limited(caller))) => {
                let registry = generation.content().registry();
                let types: BTreeSet<TypeId> =
                    uids.iter().filter_map(|uid| registry.by_uid(uid)).map(|ct| ct.id).collect();
                let types: Vec<TypeId> = types.into_iter().collect();
                // Boxed: to ask a policy is to call a plugin, which can read as well.
                let access = Box::pin(caller.to(&types)).await;
                let access = access
                    .ok_or_else(|| denied("the plugins that decide what the caller may read are not available"))?;
                Arc::new(of_both(&access, &generation.rights))
            }
            (Authority::Caller, None) => {
                return Err(denied(
                    "this call has no caller whose permissions could be used: use the plugin's own instead",
                ));
            }
        };
        let default_locale = generation.access().locales().default.to_string();
        Ok(Asking { access, actor: generation.actor.clone(), default_locale })
    }

    /// A type that may be read. One without a grant is answered like one that does not exist.
    fn seen_type(&self, uid: &str, access: &Access) -> Result<&ContentType, Error> {
        let found = self.generation.content().registry().by_uid(uid);
        found.filter(|ct| access.may(ct.id, Action::Find)).ok_or_else(|| {
            denied(format!(
                "{uid} is not granted: plugin.toml needs a [[grant]] with use = \"data.read\" and types = [{uid:?}]"
            ))
        })
    }
}
