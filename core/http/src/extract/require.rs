//! Requirements of the admin API's routes on their callers, declared in the handler's signature: `_: Require<SettingsWebhooks>` is the
//! second argument, after the tenant, and is checked before the handler runs and before the body is read.
//! [`routes!`](crate::openapi::router::routes) takes no handler without one. Permissions on content itself (which type, which entries,
//! which attributes) are checked where the entry is known.

use crate::error::WireError;
use crate::extract::admin::Admin;
use crate::extract::tenant::{CurrentTenant, TenantArgument};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use cairn_access::{AdminAction, AdminActionType};
use std::convert::Infallible;
use std::marker::PhantomData;
use std::ops::Deref;

/// Requirement of a route on its caller. Super admins may use every route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteRequirement {
    /// A signed-in person or an admin token.
    AnyAdmin,
    /// A signed-in person.
    AnyPerson,
    /// A signed-in person, or an admin token with that permission.
    PersonOr(AdminAction),
    /// A person or an admin token with that permission.
    May(AdminAction),
    /// Permission to read the document that the path names.
    ReadDocument,
    /// Permission to read the document that the path names, and that action.
    ReadDocumentAnd(AdminAction),
}

/// A type that stands for a requirement: an action of [`cairn_access::action_types`] for people and tokens with that permission, or one of
/// the types below.
pub trait Requirement: Send + Sync + 'static {
    /// The requirement as a value.
    const REQUIREMENT: RouteRequirement;
    /// True if the caller must have signed in recently.
    const RECENT_SIGN_IN: bool = false;
}

impl<A: AdminActionType> Requirement for A {
    const REQUIREMENT: RouteRequirement = RouteRequirement::May(A::ACTION);
}

/// A signed-in person or an admin token; the handler checks the rest.
pub enum AnyAdmin {}

impl Requirement for AnyAdmin {
    const REQUIREMENT: RouteRequirement = RouteRequirement::AnyAdmin;
}

/// A signed-in person and no admin token: the route is about themselves, or shows what everybody in the admin may see of others.
pub enum AnyPerson {}

impl Requirement for AnyPerson {
    const REQUIREMENT: RouteRequirement = RouteRequirement::AnyPerson;
}

/// A signed-in person, or an admin token with that permission.
pub struct PersonOr<A>(PhantomData<fn() -> A>);

impl<A: AdminActionType> Requirement for PersonOr<A> {
    const REQUIREMENT: RouteRequirement = RouteRequirement::PersonOr(A::ACTION);
}

/// Permission to read the document that the first two parameters of the path name.
pub enum ReadDocument {}

impl Requirement for ReadDocument {
    const REQUIREMENT: RouteRequirement = RouteRequirement::ReadDocument;
}

/// [`ReadDocument`], and the permission for an action.
pub struct ReadDocumentAnd<A>(PhantomData<fn() -> A>);

impl<A: AdminActionType> Requirement for ReadDocumentAnd<A> {
    const REQUIREMENT: RouteRequirement = RouteRequirement::ReadDocumentAnd(A::ACTION);
}

/// Another requirement, and a recent sign-in: for routes that grant permissions, return what a tenant has as a whole, or change the content
/// types. Nobody can do that in somebody else's open browser. An admin token cannot sign in again: the person who created it did, for the
/// permissions they chose, and no token grants permissions to others ([`AdminAction::is_for_people`]).
pub struct RecentSignIn<R>(PhantomData<fn() -> R>);

impl<R: Requirement> Requirement for RecentSignIn<R> {
    const REQUIREMENT: RouteRequirement = R::REQUIREMENT;
    const RECENT_SIGN_IN: bool = true;
}

/// The caller of a route, who meets the requirement `R`.
pub struct Require<R> {
    admin: Admin,
    requirement: PhantomData<fn() -> R>,
}

impl<R> Require<R> {
    /// The caller by value.
    pub fn into_admin(self) -> Admin {
        self.admin
    }
}

impl<R> Deref for Require<R> {
    type Target = Admin;
    fn deref(&self) -> &Admin {
        &self.admin
    }
}

impl<S: Sync, R: Requirement> FromRequestParts<S> for Require<R> {
    type Rejection = WireError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, WireError> {
        let CurrentTenant(tenant) = CurrentTenant::from_request_parts(parts, state).await?;
        let admin = Admin::authenticate_request::<R>(&tenant, parts).await?;
        Ok(Self { admin, requirement: PhantomData })
    }
}

/// Declares a route that asks nobody to be signed in: it begins a session, or checks by itself who is calling.
pub struct OpenToAll;

impl<S: Sync> FromRequestParts<S> for OpenToAll {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self)
    }
}

/// An argument that declares who may call its handler.
#[diagnostic::on_unimplemented(
    message = "a handler of the admin API declares its permission as its second argument",
    label = "this is neither `Require<…>` nor `OpenToAll`"
)]
pub trait AccessArgument {}

impl<R: Requirement> AccessArgument for Require<R> {}
impl AccessArgument for OpenToAll {}

/// The arguments of a handler of the admin API: the tenant, who may call it, and the rest.
#[diagnostic::on_unimplemented(
    message = "a handler of the admin API takes its tenant and its permission first",
    note = "for example `CurrentTenant(tenant): CurrentTenant, _: Require<SettingsWebhooks>`; see docs/recipes/permission.md"
)]
pub trait AdminHandlerArguments {
    /// True if the handler runs while no other request does.
    const EXCLUSIVE: bool;
}

macro_rules! admin_handler_arguments {
    ($($rest:ident),*) => {
        impl<M, T: TenantArgument, A: AccessArgument, $($rest),*> AdminHandlerArguments for (M, T, A, $($rest),*) {
            const EXCLUSIVE: bool = T::EXCLUSIVE;
        }
    };
}

admin_handler_arguments!();
admin_handler_arguments!(A1);
admin_handler_arguments!(A1, A2);
admin_handler_arguments!(A1, A2, A3);
admin_handler_arguments!(A1, A2, A3, A4);
admin_handler_arguments!(A1, A2, A3, A4, A5);
