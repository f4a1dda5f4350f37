//! Invitations in a transaction of the caller: how far they go, and that they are rolled back with it.

use super::*;
use cairn_query::Query;
use cairn_store::WriteTx;
use cairn_store::events::Actor;
use std::collections::BTreeSet;

fn these(roles: &[&str]) -> InvitableRoles {
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    InvitableRoles::Limited { with_default: false, roles }
}

fn default_role() -> InvitableRoles {
    InvitableRoles::Limited { with_default: true, roles: BTreeSet::new() }
}

/// Runs an invitation in a transaction, as a plugin does.
async fn invite_in(
    project: &UsersFixture,
    email: &str,
    role: Option<&str>,
    roles: InvitableRoles,
) -> Result<(String, InvitationOutcome)> {
    let (content, access, actor) = (project.content.clone(), full_access(), Arc::new(Actor::public()));
    let invitation =
        UserInvitation { email: email.to_owned(), username: None, role: role.map(str::to_owned), language: None };
    let invite = move |tx: &mut WriteTx<'_>| {
        let context = RequestContext {
            access: &access,
            content_type: content.registry().user_type().id,
            query: Query::empty(),
            default_locale: "en",
            actor: &actor,
        };
        content.invite_user_in(tx, context, &invitation, &roles)
    };
    project.content.store().write(invite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn invitations_go_no_further_than_the_roles_that_they_are_limited_to() {
    let project = UsersFixture::new().await;
    for (role, roles) in [
        (Some("public"), default_role()),
        (Some("no-such-role"), default_role()),
        (Some("authenticated"), these(&["public"])),
        (None, these(&["public"])),
        (None, these(&[])),
    ] {
        let (kind, message) = expect_refused(invite_in(&project, "ann@example.com", role, roles).await);
        assert!(kind == RefusalKind::Forbidden && message.contains("invited with the role"), "{kind:?} {message}");
    }
    assert_eq!(project.mail_jobs(), Vec::<Json>::new());
    assert_eq!(project.content.count_users(project.request_context(&full_access(), "")).await.unwrap(), 0);

    let (ann, outcome) = invite_in(&project, "ann@example.com", None, default_role()).await.unwrap();
    assert_eq!(
        (outcome, &project.find(&ann).unwrap()["role"]["type"]),
        (InvitationOutcome::Created, &json!("authenticated"))
    );
    let named = invite_in(&project, "bob@example.com", Some("authenticated"), these(&["authenticated"])).await.unwrap();
    assert_eq!(named.1, InvitationOutcome::Created);

    // A user with another role gets no link, and none is drawn for them.
    let public = project.content.store().read(|r| r.roles().get_by_type("public")).unwrap().unwrap();
    project.update(&full_access(), &ann, json!({ "role": public.id })).await.unwrap();
    let jobs = project.mail_jobs().len();
    let refused = expect_refused(invite_in(&project, "ann@example.com", None, default_role()).await);
    assert!(refused.0 == RefusalKind::Conflict && refused.1.contains("nothing was sent"), "{refused:?}");
    assert_eq!(project.mail_jobs().len(), jobs);
    // A user who has chosen a password through a mailed link gets none in any case.
    project.update(&full_access(), &ann, json!({ "password": PASSWORD })).await.unwrap();
    project.verify_email(&ann).await;
    let outcome = invite_in(&project, "ANN@example.com", None, default_role()).await.unwrap();
    assert_eq!(outcome, (ann, InvitationOutcome::HasPassword));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_that_is_rolled_back_leaves_no_user_and_no_mail() {
    let project = UsersFixture::new().await;
    let (content, access, actor) = (project.content.clone(), full_access(), Arc::new(Actor::public()));
    let undone = move |tx: &mut WriteTx<'_>| -> Result<()> {
        let context = RequestContext {
            access: &access,
            content_type: content.registry().user_type().id,
            query: Query::empty(),
            default_locale: "en",
            actor: &actor,
        };
        let invitation = UserInvitation {
            email: "ann@example.com".to_owned(),
            username: Some("Ann".to_owned()),
            role: None,
            language: None,
        };
        let first = content.invite_user_in(tx, context, &invitation, &default_role())?;
        let again = content.invite_user_in(tx, context, &invitation, &default_role())?;
        assert_eq!((first.1, again), (InvitationOutcome::Created, (first.0, InvitationOutcome::AlreadySent)));
        Err(ContentError::Changed)
    };
    assert!(matches!(project.content.store().write(undone).await, Err(ContentError::Changed)));
    assert_eq!(project.mail_jobs(), Vec::<Json>::new());
    assert_eq!(project.content.count_users(project.request_context(&full_access(), "")).await.unwrap(), 0);
}
