//! Who has to agree before something becomes published.

use crate::{Content, ContentError, Refusal, Result};
use cairn_model::TypeId;
use cairn_store::WriteTx;
use cairn_store::events::Actor;
use std::sync::Arc;

/// A rule that what becomes published has to keep, beside validation: approvals, say. It is asked in the transaction that
/// publishes, whatever the way in: a request with `status=published`, an action, a release, a schedule.
pub trait PublishGate: Send + Sync {
    /// Refuses with [`ContentError::Refused`], whose details say what is missing. The draft is as it will be published. It
    /// only reads; the document is held.
    ///
    /// # Errors
    /// The refusal, or the database's.
    fn check(&self, tx: &mut WriteTx<'_>, ct: TypeId, document_id: &str, locale: &str, actor: &Actor) -> Result<()>;
}

/// All of them.
#[derive(Clone, Default)]
pub(crate) struct Gates(Arc<[Arc<dyn PublishGate>]>);

impl Gates {
    /// What each of them refuses.
    pub(crate) fn refusals(
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

impl Content {
    /// With rules that what becomes published has to keep.
    #[must_use]
    pub fn with_gates(self, gates: Vec<Arc<dyn PublishGate>>) -> Self {
        Self { gates: Gates(gates.into()), ..self }
    }
}
