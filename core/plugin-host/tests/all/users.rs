//! Invitations of users by the guests `teller` and `hostile`: within what is granted, once, and undone with the transaction.

use crate::host_functions::call_teller;
use crate::hostile::trial_report;
use crate::test_project::{TestProject, installed_guest};
use cairn_access::auth::MAIL_JOB;
use cairn_plugin_host::InstalledPlugin;
use cairn_plugin_host::routes::RouteError;
use cairn_plugin_package::{Grants, InvitedRoles, Scope};
use cairn_store::events::JobFilter;
use cairn_store::system::UserRow;
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

fn find_user(project: &TestProject, email: &str) -> Option<UserRow> {
    project.content.store().read(|r| r.users().get_by_email(email)).unwrap()
}

/// Payloads of the mails that are on their way.
fn mail_jobs(project: &TestProject) -> Vec<Json> {
    let filter = JobFilter { name: Some(MAIL_JOB.to_owned()), ..JobFilter::default() };
    let jobs = project.content.store().read(|r| r.jobs().list(&filter, 100)).unwrap();
    jobs.into_iter().map(|job| job.payload).collect()
}

async fn invite(project: &TestProject, mut invitation: Json) -> Result<(String, String), (u16, String)> {
    invitation["do"] = json!("invite-user");
    match call_teller(project, invitation).await {
        Ok(said) => Ok((said["user"].as_str().unwrap().to_owned(), said["outcome"].as_str().unwrap().to_owned())),
        Err(RouteError::Refused(no)) => Err((no.kind.status(), format!("{} {}", no.message, no.details))),
        Err(other) => panic!("{other:?}"),
    }
}

/// Replaces the grants of `teller` to invite people by these.
fn grant(project: &TestProject, number: i64, scopes: &[Scope]) {
    let installed = installed_guest("teller");
    let others = installed.grants.list().iter().filter(|granted| !matches!(granted.scope, Scope::UsersInvite { .. }));
    let mut list: Vec<_> = others.cloned().collect();
    let like = list[0].clone();
    list.extend(scopes.iter().map(|scope| cairn_plugin_package::GrantedScope { scope: scope.clone(), ..like.clone() }));
    for answer in
        project.plugins.replace_running(vec![InstalledPlugin { grants: Grants::from(list), number, ..installed }])
    {
        answer.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_invited_once_and_only_as_often_as_granted() {
    let project = TestProject::with_guests(&["teller"]).await;
    let ann = json!({ "email": " Ann@Example.com", "name": "Ann", "language": "nl" });
    let (id, outcome) = invite(&project, ann.clone()).await.unwrap();
    assert_eq!(outcome, "created");
    let user = find_user(&project, "ann@example.com").unwrap();
    assert_eq!((&user.document_id, user.username.as_str(), user.confirmed, user.blocked), (&id, "Ann", false, false));
    assert_eq!(mail_jobs(&project), [json!({ "purpose": "invitation", "user": id, "language": "nl" })]);
    for _ in 0..2 {
        assert_eq!(
            invite(&project, json!({ "email": "ann@example.com" })).await.unwrap(),
            (id.clone(), "already-sent".into())
        );
    }
    assert_eq!(mail_jobs(&project).len(), 1);
    // An invitation that is rolled back leaves neither a user nor a mail, and does not count.
    for _ in 0..9 {
        let undone = json!({ "email": "bob@example.com", "undone": true });
        assert_eq!(invite(&project, undone).await.unwrap().1, "created");
    }
    assert!(find_user(&project, "bob@example.com").is_none());
    // Many at once make one.
    let all = join_all((0..8).map(|_| invite(&project, json!({ "email": "carl@example.com" })))).await;
    let outcomes: Vec<String> = all.into_iter().map(|one| one.unwrap().1).collect();
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "created").count(), 1, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "already-sent").count(), 7, "{outcomes:?}");
    // The guest may invite four an hour.
    for name in ["dora", "eva"] {
        invite(&project, json!({ "email": format!("{name}@example.com") })).await.unwrap();
    }
    assert_eq!(invite(&project, json!({ "email": "fred@example.com" })).await.unwrap_err().0, 503);
    assert!(find_user(&project, "fred@example.com").is_none());
    assert_eq!(mail_jobs(&project).len(), 4);
    project.clock.advance(TimeDelta::hours(1));
    assert_eq!(invite(&project, json!({ "email": "fred@example.com" })).await.unwrap().1, "created");
}

#[tokio::test(flavor = "multi_thread")]
async fn invitations_need_valid_arguments_and_the_grant() {
    let project = TestProject::with_guests(&["teller"]).await;
    let long = format!("{}@example.com", "x".repeat(2_000));
    for (invitation, status, expected) in [
        (json!({ "email": "" }), 400, r#""path":["email"]"#),
        (json!({ "email": "nobody" }), 400, r#""path":["email"]"#),
        (json!({ "email": "a@example.com\nBcc: b@example.com" }), 400, r#""path":["email"]"#),
        (json!({ "email": "a@example.com,b@example.com" }), 400, r#""path":["email"]"#),
        (json!({ "email": "a\u{202e}b@example.com" }), 400, r#""path":["email"]"#),
        (json!({ "email": "a\u{0}b@example.com" }), 400, r#""path":["email"]"#),
        (json!({ "email": long }), 400, r#""path":["email"]"#),
        (json!({ "email": "ann@example.com", "name": "See www.evil.example" }), 400, r#""path":["name"]"#),
        (json!({ "email": "ann@example.com", "name": "Ann\r\nBcc: x" }), 400, r#""path":["name"]"#),
        (json!({ "email": "ann@example.com", "language": "Dutch, please" }), 400, r#""path":["language"]"#),
        (json!({ "email": "ann@example.com", "role": "public" }), 403, ""),
        (json!({ "email": "ann@example.com", "role": "no-such-role" }), 403, ""),
        (json!({ "email": "ann@example.com", "role": "super-admin" }), 403, ""),
    ] {
        let (got, message) = invite(&project, invitation.clone()).await.unwrap_err();
        assert!(got == status && message.contains(expected), "{invitation}: {got} {message}");
    }
    assert!(find_user(&project, "ann@example.com").is_none());
    assert_eq!(mail_jobs(&project), Vec::<Json>::new());
    // Characters that nobody sees make no second person.
    let (id, _) = invite(&project, json!({ "email": "\u{200b}ann@example.com\u{feff}" })).await.unwrap();
    assert_eq!(invite(&project, json!({ "email": "ann@example.com" })).await.unwrap(), (id, "already-sent".into()));

    // A name that is somebody's.
    let (status, message) =
        invite(&project, json!({ "email": "b@example.com", "name": "ann@example.com" })).await.unwrap_err();
    assert!(status == 400 && message.contains(r#""path":["name"]"#), "{message}");

    // A grant with named roles permits these only, and the role of new users is not among them.
    let roles = InvitedRoles::Only(BTreeSet::from(["other".to_owned()]));
    grant(&project, 2, &[Scope::UsersInvite { roles, max_per_hour: 9 }]);
    for role in [json!(null), json!("authenticated")] {
        let refused = invite(&project, json!({ "email": "carl@example.com", "role": role })).await.unwrap_err();
        assert_eq!(refused.0, 403, "{role}: {}", refused.1);
    }
    // An existing user without a password has a role too.
    let (status, message) = invite(&project, json!({ "email": "ann@example.com", "role": "other" })).await.unwrap_err();
    assert_eq!(status, 400, "there is no such role: {message}");
    let roles = InvitedRoles::Only(BTreeSet::from(["authenticated".to_owned()]));
    grant(&project, 3, &[Scope::UsersInvite { roles, max_per_hour: 9 }]);
    assert_eq!(invite(&project, json!({ "email": "carl@example.com" })).await.unwrap().1, "created");
    grant(&project, 4, &[]);
    assert_eq!(invite(&project, json!({ "email": "dora@example.com" })).await.unwrap_err().0, 403);
    assert!(find_user(&project, "dora@example.com").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_plugins_invite_nobody_beyond_their_grant() {
    let project = TestProject::with_guests(&["hostile"]).await;
    for trial in ["invite-admin", "invite-public", "invite-editor", "invite-by-address"] {
        let report = trial_report(&project, trial).await;
        assert!(report.starts_with("denied: ") || report.starts_with("invalid: "), "{trial}: {report}");
    }
    assert_eq!(trial_report(&project, "invite-flood").await, "after 3: exhausted: exhausted: invitations-per-hour");
    let count = project.content.store().read(|r| r.jobs().list(&JobFilter::default(), 100)).unwrap();
    assert_eq!(count.iter().filter(|job| job.name == MAIL_JOB).count(), 3);
}
