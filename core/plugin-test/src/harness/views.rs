//! Admin views, as the server asks for them and the admin draws them.

use super::TestHarness;
use crate::error::{TestError, to_test_error};
use cairn_access::AdminPermissions;
use cairn_plugin_host::views::{self, ActionOutcome, ViewError, ViewProblem, ViewedDocument, content_problems};
use cairn_store::events::{Actor, ActorKind};
use serde_json::Value as Json;
use std::sync::Arc;

/// Request for a view: the person who looks, and the document that it is beside.
#[derive(Debug, Clone, Default)]
pub struct TestViewRequest {
    /// The address of an admin user; `None`: somebody who may do everything.
    pub by: Option<String>,
    /// Their language; the default where nothing is said.
    pub locale: Option<String>,
    /// The document that it is beside.
    pub document: Option<ViewedDocument>,
}

impl TestHarness {
    /// Renders a view, or returns why it shows nothing. Fails for an admin user that does not exist.
    pub async fn render_view(
        &self,
        view: &str,
        look: &TestViewRequest,
        parameters: Vec<(String, String)>,
    ) -> Result<Result<Json, ViewError>, TestError> {
        match self.view_context(view, look, parameters)? {
            Ok(look) => Ok(self.plugins.render_view(&self.id, look).await),
            Err(refused) => Ok(Err(refused)),
        }
    }

    /// Has the plugin do what a button of a view calls. Fails for an admin user that does not exist.
    pub async fn run_action(
        &self,
        view: &str,
        look: &TestViewRequest,
        action: &str,
        values: &Json,
    ) -> Result<Result<ActionOutcome, ViewError>, TestError> {
        match self.view_context(view, look, Vec::new())? {
            Ok(look) => Ok(self.plugins.run_action(&self.id, look, action, values).await),
            Err(refused) => Ok(Err(refused)),
        }
    }

    /// Finds the parts of a view that name content types or fields that are not there, or are of another kind.
    pub fn view_problems(&self, view: &Json) -> Vec<ViewProblem> {
        content_problems(view, self.content.registry())
    }

    /// As the server lets somebody look, by the permission of the view.
    fn view_context(
        &self,
        view: &str,
        look: &TestViewRequest,
        parameters: Vec<(String, String)>,
    ) -> Result<Result<views::ViewContext, ViewError>, TestError> {
        let (actor, rights) = self.find_person(look.by.as_deref())?;
        let locale = look.locale.clone().unwrap_or_else(|| self.access.locales().default.to_string());
        let Some(active_view) = self.plugins.find_view(&self.id, view, &locale) else {
            let all: Vec<String> = self.plugins.list_views(&locale).into_iter().map(|view| view.name).collect();
            return Err(TestError(format!("the plugin has no view {view:?}; it has {}", all.join(", "))));
        };
        if active_view.permission.is_some_and(|permission| !rights.allows_plugin_permission(&self.id, &permission)) {
            let message = "Forbidden".to_owned();
            return Ok(Err(ViewError::Refused { status: 403, message, fields: Vec::new() }));
        }
        Ok(Ok(views::ViewContext {
            view: view.to_owned(),
            document: look.document.clone(),
            parameters,
            actor: Arc::new(actor),
            access: rights.access().clone(),
            locale,
        }))
    }

    /// The admin user with that address, or one who may do everything, with their rights.
    pub(super) fn find_person(&self, email: Option<&str>) -> Result<(Actor, Arc<AdminPermissions>), TestError> {
        let Some(email) = email else {
            let actor = Actor { kind: ActorKind::Admin, id: Some("1".to_owned()), ..Actor::public() };
            return Ok((actor, Arc::new(AdminPermissions::full_access())));
        };
        let users = self.content.store().read(|r| r.admin_users().list()).map_err(to_test_error)?;
        let user = users.iter().find(|user| user.email.eq_ignore_ascii_case(email)).ok_or_else(|| {
            TestError(format!("there is no admin user {email}: add one with [[admin]] email = {email:?}"))
        })?;
        let rights = self.access.admin_rights(&user.roles, Some(user.id), &user.email);
        let (id, name, roles) = (Some(user.id.to_string()), Some(user.display_name()), user.roles.clone());
        Ok((Actor { kind: ActorKind::Admin, id, name, roles, ..Actor::public() }, rights))
    }
}
