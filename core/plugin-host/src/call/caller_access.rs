//! The access of the caller on whose behalf a plugin is called.

use crate::contract::bindings::types::Error;
use cairn_model::TypeId;
use cairn_query::Access;
use futures_util::future::BoxFuture;
use std::fmt::Debug;
use std::sync::Arc;

/// The access with which a plugin reads and writes on behalf of its caller.
#[derive(Debug, Clone)]
pub enum CallerAccess {
    /// A fixed access: of an admin user, whom no policy restricts, of a write, to which policies were applied before, or of nobody.
    Ready(Arc<Access>),
    /// Access of a caller of the content API: a policy is evaluated when a type from which its type can be reached is first used.
    Limited(Arc<dyn LimitedAccess>),
}

impl From<Arc<Access>> for CallerAccess {
    fn from(access: Arc<Access>) -> Self {
        Self::Ready(access)
    }
}

/// Access that depends on the types that are read.
pub trait LimitedAccess: Debug + Send + Sync {
    /// The access with the policies of what these types reach. Fails where the plugins are stopped, or the policies of one of the types were
    /// not answered: nothing may be read then.
    fn access_to<'a>(&'a self, types: &'a [TypeId]) -> BoxFuture<'a, Result<Arc<Access>, Error>>;
}
