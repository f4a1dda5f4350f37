//! Admin views, as the server asks for them and the admin draws them.

use super::World;
use crate::broken::{Broken, broken};
use cairn_access::{AdminRights, settings};
use cairn_plugin_host::views::{self, Acted, Document, NoView, ViewProblem, content_problems};
use cairn_store::events::{Actor, ActorKind};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// Who looks at a view, and at what.
#[derive(Debug, Clone, Default)]
pub struct Look {
    /// The address of an admin user; `None`: somebody who may do everything.
    pub by: Option<String>,
    /// Their language; the default where nothing is said.
    pub locale: Option<String>,
    /// The document that it is beside.
    pub document: Option<Document>,
}

impl World {
    /// Adds roles of admin users, as `adminRoles` of a settings file has them.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub async fn set_roles(&self, roles: &Map<String, Json>) -> Result<(), Broken> {
        let file = json!({ "adminRoles": roles }).to_string();
        let parsed = settings::parse(&file, self.content.registry(), &|_| None);
        let parsed = parsed.map_err(|problems| {
            let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
            Broken(format!("[roles]: {}", all.join("; ")))
        })?;
        settings::apply(&self.access, parsed).await.map(drop).map_err(broken)
    }

    /// What a view shows, or why it shows nothing.
    ///
    /// # Errors
    /// An admin user that there is not.
    pub async fn view(
        &self,
        view: &str,
        look: &Look,
        parameters: Vec<(String, String)>,
    ) -> Result<Result<Json, NoView>, Broken> {
        match self.looking(view, look, parameters)? {
            Ok(look) => Ok(self.plugins.view(&self.id, look).await),
            Err(refused) => Ok(Err(refused)),
        }
    }

    /// Has the plugin do what a button of a view calls.
    ///
    /// # Errors
    /// An admin user that there is not.
    pub async fn act(
        &self,
        view: &str,
        look: &Look,
        action: &str,
        values: &Json,
    ) -> Result<Result<Acted, NoView>, Broken> {
        match self.looking(view, look, Vec::new())? {
            Ok(look) => Ok(self.plugins.act(&self.id, look, action, values).await),
            Err(refused) => Ok(Err(refused)),
        }
    }

    /// What of a view names content types or fields that are not there, or are of another kind.
    pub fn misfits(&self, view: &Json) -> Vec<ViewProblem> {
        content_problems(view, self.content.registry())
    }

    /// As the server lets somebody look, by the permission of the view.
    fn looking(
        &self,
        view: &str,
        look: &Look,
        parameters: Vec<(String, String)>,
    ) -> Result<Result<views::Look, NoView>, Broken> {
        let (actor, rights) = self.person(look.by.as_deref())?;
        let locale = look.locale.clone().unwrap_or_else(|| self.access.locales().default.to_string());
        let Some(known) = self.plugins.view_of(&self.id, view, &locale) else {
            let all: Vec<String> = self.plugins.views(&locale).into_iter().map(|view| view.name).collect();
            return Err(Broken(format!("the plugin has no view {view:?}; it has {}", all.join(", "))));
        };
        if known.permission.is_some_and(|permission| !rights.may_plugin(&self.id, &permission)) {
            let message = "Forbidden".to_owned();
            return Ok(Err(NoView::Refused { status: 403, message, fields: Vec::new() }));
        }
        Ok(Ok(views::Look {
            view: view.to_owned(),
            document: look.document.clone(),
            parameters,
            actor: Arc::new(actor),
            access: rights.access().clone(),
            locale,
        }))
    }

    fn person(&self, email: Option<&str>) -> Result<(Actor, Arc<AdminRights>), Broken> {
        let Some(email) = email else {
            let actor = Actor { kind: ActorKind::Admin, id: Some("1".to_owned()), ..Actor::public() };
            return Ok((actor, Arc::new(AdminRights::everything())));
        };
        let users = self.content.store().read(|r| r.admin_users()).map_err(broken)?;
        let user = users.iter().find(|user| user.email.eq_ignore_ascii_case(email)).ok_or_else(|| {
            Broken(format!("there is no admin user {email}: add one with [[admin]] email = {email:?}"))
        })?;
        let rights = self.access.admin_rights(&user.roles, Some(user.id), &user.email);
        let name = Some(user.email.clone());
        Ok((Actor { kind: ActorKind::Admin, id: Some(user.id.to_string()), name, ..Actor::public() }, rights))
    }
}
