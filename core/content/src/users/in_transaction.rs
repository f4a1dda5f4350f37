//! Reads of users inside a transaction.

use super::{count_access, own_access, parse_target};
use crate::in_transaction::unshared_stamp;
use crate::{Content, RequestContext, Result};
use cairn_query::Action;
use cairn_store::Reader;
use std::sync::Arc;

/// Users that a route of the content API reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserRead {
    /// A bare list: [`Content::find_bare`].
    List,
    /// A bare number: [`Content::count_users`].
    Count,
    /// One user, by numeric id or document id: [`Content::find_user`].
    One(String),
    /// The caller, by document id: [`Content::own_user`].
    Own(String),
}

impl Content {
    /// Returns the body of the response of a route inside a transaction, what that has written included; `None` if there is no such user.
    /// Nothing of it is cached.
    ///
    /// # Errors
    /// The same errors as those of the functions that [`UserRead`] names.
    pub fn read_users_in(
        &self,
        reader: &Reader<'_>,
        context: RequestContext<'_>,
        read: &UserRead,
    ) -> Result<Option<Vec<u8>>> {
        let user = self.registry().user_type().id;
        let document = match read {
            UserRead::List | UserRead::Count => None,
            UserRead::Own(id) => Some(id.clone()),
            UserRead::One(id) => {
                let found =
                    parse_target(id).map(|target| reader.documents().resolve(user, &target, None)).transpose()?;
                match found.flatten() {
                    Some(document) => Some(document),
                    None => return Ok(None),
                }
            }
        };
        let (action, access) = match read {
            UserRead::List => (Action::Find, Arc::clone(context.access)),
            UserRead::Count => (Action::Find, count_access(context.access, user)),
            UserRead::One(_) => (Action::FindOne, Arc::clone(context.access)),
            UserRead::Own(id) => (Action::FindOne, own_access(context.access, user, id)),
        };
        let context = RequestContext { access: &access, content_type: user, ..context };
        if *read == UserRead::Count {
            let compiled = self.compile_bare_read(reader, &context, action)?;
            return Ok(Some(reader.entries().count(&compiled, unshared_stamp())?.to_string().into_bytes()));
        }
        self.read_bare_in(reader, &context, action, document.as_deref())
    }
}
