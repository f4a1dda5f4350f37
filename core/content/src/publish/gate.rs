//! Gates that have to agree before something is published.

use crate::{ContentError, Refusal, Result};
use cairn_model::TypeId;
use cairn_store::WriteTx;
use cairn_store::events::Actor;
use std::sync::Arc;

/// A rule for everything that is published, in addition to validation: approvals, for example. It runs in the transaction that publishes,
/// whatever the route: a request with `status=published`, an action, a release, a schedule.
pub trait PublishGate: Send + Sync {
    /// Refuses with [`ContentError::Refused`], whose details say what is missing. The draft has the values that will be published. It only
    /// reads; the document is locked.
    ///
    /// # Errors
    /// Returns the refusal, or errors of the database.
    fn check(&self, tx: &mut WriteTx<'_>, ct: TypeId, document_id: &str, locale: &str, actor: &Actor) -> Result<()>;
}

/// The gates of a tenant.
#[derive(Clone, Default)]
pub(crate) struct PublishGates(Arc<[Arc<dyn PublishGate>]>);

impl PublishGates {
    pub(crate) fn new(gates: Vec<Arc<dyn PublishGate>>) -> Self {
        Self(gates.into())
    }

    /// The refusals of all gates.
    pub(crate) fn collect_refusals(
        &self,
        tx: &mut WriteTx<'_>,
        ct: TypeId,
        document_id: &str,
        locale: &str,
        actor: &Actor,
    ) -> Result<Vec<Refusal>> {
        let mut refusals = Vec::new();
        for gate in self.0.iter() {
            match gate.check(tx, ct, document_id, locale, actor) {
                Ok(()) => {}
                Err(ContentError::Refused(refusal)) => refusals.push(refusal),
                Err(other) => return Err(other),
            }
        }
        Ok(refusals)
    }

    /// The first refusal.
    pub(crate) fn check(
        &self,
        tx: &mut WriteTx<'_>,
        ct: TypeId,
        document_id: &str,
        locale: &str,
        actor: &Actor,
    ) -> Result<()> {
        self.0.iter().try_for_each(|gate| gate.check(tx, ct, document_id, locale, actor))
    }
}
