//! Users that others create, change and delete: the writes of any content, and what is special about users.

use super::account_changes::EMAIL_VERIFIED;
use super::register::USER_NAMES_LOCK;
use crate::body::{CastInput, CastOptions};
use crate::document_event::{DocumentEvent, VersionRef, emit_event};
use crate::history::record_deletion;
use crate::hooks::HookAction;
use crate::plan_cache::CompiledQuery;
use crate::read_scope::ReadScope;
use crate::save::{CheckedSave, DocumentWrite, SaveStep, WriteTarget};
use crate::{Content, ContentError, Precondition, RefusalKind, RequestContext, Result, WriteResponse};
use cairn_access::auth::user_deleted;
use cairn_model::validate::{CastMode, CastRules, FieldError};
use cairn_model::{Connect, ContentType, LinkChange, LinkTarget, Value};
use cairn_query::{Action, Query, QueryBuilder};
use cairn_store::events::ActorKind;
use cairn_store::history::HistoryStatus;
use cairn_store::system::UserRow;
use cairn_store::{LockMode, Reader, WriteTx};
use serde_json::{Map, Value as Json, json};
use std::sync::{Arc, LazyLock};

/// The query that shapes the responses of POST and PUT, whatever was requested: the role is left out if the caller may not read roles.
static ROLE_QUERY: LazyLock<Query> = LazyLock::new(|| QueryBuilder::new().with("populate", "role").build());

/// Attributes that nobody can set: codes are stored elsewhere.
const NOT_SETTABLE: [&str; 2] = ["resetPasswordToken", "confirmationToken"];

impl Content {
    /// Creates a user (provider `local`). Callers who may not read roles cannot give one: the user gets the default role. The query string is
    /// ignored.
    pub async fn create_user(&self, context: RequestContext<'_>, data: Map<String, Json>) -> Result<WriteResponse> {
        self.create_selected_user(RequestContext { query: &ROLE_QUERY, ..context }, data).await
    }

    /// Does the same as [`Self::create_user`], and returns of the user what the query selects.
    pub async fn create_selected_user(
        &self,
        context: RequestContext<'_>,
        mut data: Map<String, Json>,
    ) -> Result<WriteResponse> {
        let registry = self.registry().clone();
        let ct = registry.user_type();
        let request_context = RequestContext { content_type: ct.id, ..context };
        let compiled_query = self.compile_query(&request_context, Action::Create, true)?;
        let gives_role = context.access.allows_action(registry.role_type().id, Action::Find);
        check_user_form(&data, true, gives_role)?;
        self.check_user_keys(&request_context, Action::Create, &data)?;
        lower_case_email(&mut data);
        data.insert("provider".to_owned(), "local".into());
        let mut cast_input = self.user_values(&request_context, &data, true, "").await?;
        if !gives_role {
            self.set_new_role(ReadScope::Snapshot(&self.store), ct, &mut cast_input.values, None)?;
        }
        let hook = user_transaction_step(ct, &cast_input.values);
        let save = new_user_save(cast_input, request_context.default_locale);
        let saved = self.save(&request_context, save, Some(hook)).await?;
        self.user_response(&compiled_query, saved.document_id)
    }

    /// Changes a user: the sent attributes. A new password ends all their sessions; it, another address or block invalidates their codes.
    /// A new address is not verified, unless the same change says so, which visitors cannot. The query string is ignored.
    pub async fn update_user(
        &self,
        context: RequestContext<'_>,
        id: &str,
        data: Map<String, Json>,
    ) -> Result<WriteResponse> {
        self.update_selected_user(RequestContext { query: &ROLE_QUERY, ..context }, id, data).await
    }

    /// Does the same as [`Self::update_user`], and returns of the user what the query selects.
    pub async fn update_selected_user(
        &self,
        context: RequestContext<'_>,
        id: &str,
        mut data: Map<String, Json>,
    ) -> Result<WriteResponse> {
        let registry = self.registry().clone();
        let ct = registry.user_type();
        let request_context = RequestContext { content_type: ct.id, ..context };
        let compiled_query = self.compile_query(&request_context, Action::Update, true)?;
        let document_id = self.resolve_document(ct.id, id)?.ok_or_else(no_such_user)?;
        // A user whom the caller may not see is not found, whatever else is wrong with the request.
        if let Some(guard) = self.compile_guard(&request_context, Action::Update)?
            && !self.store.read(|r| guard.matches_version(r, &document_id, ""))?
        {
            return Err(no_such_user());
        }
        check_user_form(&data, false, false)?;
        self.check_user_keys(&request_context, Action::Update, &data)?;
        lower_case_email(&mut data);
        let cast_input = self.user_values(&request_context, &data, false, &document_id).await?;
        let hook = user_transaction_step(ct, &cast_input.values);
        let write_target = WriteTarget::Document { id: document_id.clone(), make_locale: false };
        let link_locale = request_context.default_locale.to_owned();
        let save = CheckedSave {
            target: write_target,
            action: Action::Update,
            locale: String::new(),
            link_locale,
            publish: true,
            input: cast_input,
            precondition: Precondition::None,
        };
        match self.save(&request_context, save, Some(hook)).await {
            // Deleted meanwhile, or hidden from the caller: the response is the same.
            Err(ContentError::Changed) => return Err(no_such_user()),
            Err(ContentError::Refused(r)) if r.kind == RefusalKind::NotFound => return Err(no_such_user()),
            done => done?,
        };
        self.user_response(&compiled_query, document_id)
    }

    /// Deletes a user with their sessions and codes, and returns the deleted user; `None` if there is no such user. The query string is
    /// ignored.
    pub async fn delete_user(&self, context: RequestContext<'_>, id: &str) -> Result<Option<WriteResponse>> {
        self.delete_selected_user(RequestContext { query: Query::empty(), ..context }, id).await
    }

    /// Does the same as [`Self::delete_user`], and returns of the user what the query selects.
    pub async fn delete_selected_user(&self, context: RequestContext<'_>, id: &str) -> Result<Option<WriteResponse>> {
        let user = self.registry().user_type().id;
        let request_context = RequestContext { content_type: user, ..context };
        let compiled_query = self.compile_query(&request_context, Action::Delete, true)?;
        let guard = self.compile_guard(&request_context, Action::Delete)?.map(Arc::new);
        let Some(document_id) = self.resolve_document(user, id)? else { return Ok(None) };
        let (by, hooks) = (self.write_author(&request_context), self.hooks.clone());
        self.store
            .write(move |tx| {
                if !tx.lock_document(user, &document_id, LockMode::Delete)? {
                    return Ok(None);
                }
                if let Some(guard) = &guard
                    && !guard.matches_version(&tx.reader(), &document_id, "")?
                {
                    return Err(no_such_user());
                }
                let mut body = Vec::with_capacity(1_024);
                if !tx.reader().entries().write_one(&compiled_query.prepared, &document_id, &mut body)? {
                    body.extend_from_slice(b"null");
                }
                let registry = tx.registry();
                let ct = registry.user_type();
                let author_and_hooks = (by.clone(), hooks.clone());
                let mut write = DocumentWrite::for_version(&registry, ct, tx, "", String::new(), author_and_hooks);
                if write.has_hooks(HookAction::Delete) {
                    let (_, row) = write.load_versions(&document_id)?;
                    write.run_step_hooks(HookAction::Delete, &document_id, row.as_ref(), None)?;
                }
                record_deletion(
                    tx,
                    user,
                    &document_id,
                    None,
                    &by.history_info(DocumentEvent::Deleted, HistoryStatus::Published),
                )?;
                tx.documents().delete_versions(user, &document_id, None)?;
                let version = VersionRef { ct, document_id: &document_id, locale: "", published: true };
                emit_event(tx, &by, DocumentEvent::Deleted, version, json!({}))?;
                user_deleted(tx, &document_id)?;
                Ok(Some(WriteResponse { body, document_id, version: 0, problems: Vec::new() }))
            })
            .await
    }

    fn check_user_keys(&self, context: &RequestContext<'_>, action: Action, data: &Map<String, Json>) -> Result<()> {
        // Administrators and programs with a token may know whose address it is; visitors cannot vouch for themselves.
        let is_visitor = matches!(context.actor.kind, ActorKind::Public | ActorKind::User);
        let denied_to_visitors = is_visitor.then_some(EMAIL_VERIFIED);
        if let Some(key) = NOT_SETTABLE.into_iter().chain(denied_to_visitors).find(|key| data.contains_key(*key)) {
            let details = json!({ "key": key, "path": key, "source": "body" });
            return Err(ContentError::refuse(RefusalKind::Validation, format!("Invalid key {key}"), details));
        }
        self.check_body_keys(context, action, data)
    }

    /// The validated values of a body, with the password hashed. `own` is the user's document id, empty for a new one.
    async fn user_values(
        &self,
        context: &RequestContext<'_>,
        data: &Map<String, Json>,
        create: bool,
        own: &str,
    ) -> Result<CastInput> {
        let found = self.resolve_related(ReadScope::Snapshot(&self.store), context, data, context.default_locale)?;
        let mode = CastMode { rules: CastRules::All, create };
        let casting = CastOptions { mode, references: &found, unique_in: Some((own, "")), inherits: false };
        let input = self.cast_body(context.content_type, data, casting).await?;
        check_role(self.registry().user_type(), &input.values, create)?;
        Ok(input)
    }

    /// Gives a new user the role of a type; `None`: the default role.
    pub(super) fn set_new_role(
        &self,
        reads: ReadScope<'_>,
        ct: &ContentType,
        values: &mut [Value],
        role: Option<&str>,
    ) -> Result<()> {
        let Some((attribute, _)) = ct.attributes.get("role") else { return Ok(()) };
        let Some(value) = values.get_mut(attribute) else { return Ok(()) };
        let settings = self.access.auth_settings();
        let found = reads.read(|r| r.roles().get_by_type(role.unwrap_or(&settings.default_role)))?;
        let role = found.ok_or_else(|| match role {
            Some(_) => unknown_role_error(),
            None => ContentError::application("Impossible to find the default role"),
        })?;
        let target = LinkTarget { content_type: self.registry().role_type().id, document_id: role.document_id };
        let connect = vec![Connect { target, position: None }];
        *value = Value::Change(LinkChange { replace: true, connect, disconnect: Vec::new() });
        Ok(())
    }

    fn user_response(&self, query: &CompiledQuery, document_id: String) -> Result<WriteResponse> {
        let mut body = Vec::with_capacity(1_024);
        if !self.store.read(|r| r.entries().write_one(&query.prepared, &document_id, &mut body))? {
            // Deleted by another meanwhile: the write stands, there is nothing to show.
            body.extend_from_slice(b"null");
        }
        Ok(WriteResponse { body, document_id, version: 0, problems: Vec::new() })
    }
}

/// The write of a new user with these values.
pub(super) fn new_user_save(input: CastInput, default_locale: &str) -> CheckedSave {
    CheckedSave {
        target: WriteTarget::New,
        action: Action::Create,
        locale: String::new(),
        link_locale: default_locale.to_owned(),
        publish: true,
        input,
        precondition: Precondition::None,
    }
}

/// The error for a role that is not there.
pub(super) fn unknown_role_error() -> ContentError {
    ContentError::field_errors(vec![FieldError {
        path: vec!["role".to_owned()],
        message: "role must be the type of a role that exists".to_owned(),
        value: None,
    }])
}

fn no_such_user() -> ContentError {
    ContentError::refuse(RefusalKind::NotFound, "User not found", json!({}))
}

/// Checks that address, name and password are present (for a new user) and valid, and that a role is there if it has to be: returns all
/// problems at once. A sent password is not part of any response.
fn check_user_form(data: &Map<String, Json>, new: bool, needs_role: bool) -> Result<()> {
    let mut errors = Vec::new();
    for name in ["email", "username", "password"] {
        let input = data.get(name);
        let value = input.filter(|_| name != "password");
        let mut add_error = |rule: String| {
            errors.push(FieldError {
                path: vec![name.to_owned()],
                message: format!("{name} {rule}"),
                value: value.cloned(),
            });
        };
        match input {
            None | Some(Json::Null) if new => add_error("is a required field".to_owned()),
            None => {}
            Some(Json::String(text)) if text.is_empty() => {
                if name != "email" || !new {
                    add_error("must be at least 1 characters".to_owned());
                }
                if new {
                    add_error("is a required field".to_owned());
                }
            }
            Some(Json::String(text)) if name == "email" && !is_address(text) => {
                add_error("must be a valid email".to_owned());
            }
            Some(Json::String(_)) => {}
            Some(_) if name == "password" => add_error("must be a `string` type".to_owned()),
            Some(other) => add_error(format!("must be a `string` type, but the final value was: `{other}`.")),
        }
    }
    if needs_role && data.get("role").is_none_or(Json::is_null) {
        errors.push(FieldError {
            path: vec!["role".to_owned()],
            message: "role is a required field".to_owned(),
            value: data.get("role").cloned(),
        });
    }
    if errors.is_empty() { Ok(()) } else { Err(ContentError::field_errors(errors)) }
}

/// True for an address that shows in the order that it has.
pub(super) fn is_address(text: &str) -> bool {
    cairn_model::fields::is_email(text) && !text.contains(cairn_contact_details::invisible::overrides_direction)
}

/// Stores an address in lower case, without spaces around it and without characters that nobody sees.
fn lower_case_email(data: &mut Map<String, Json>) {
    if let Some(Json::String(email)) = data.get_mut("email") {
        *email = cairn_contact_details::email::clean_email(email).to_lowercase();
    }
}

/// Refuses to remove a role, which may only be replaced, and a new user without one: they might do nothing.
fn check_role(ct: &ContentType, values: &[Value], new: bool) -> Result<()> {
    let role = ct.attributes.get("role").and_then(|(id, _)| values.get(id));
    match role {
        Some(Value::Change(c)) if c.connect.is_empty() && (new || c.replace || !c.disconnect.is_empty()) => {
            Err(ContentError::validation("Users must have a role"))
        }
        _ => Ok(()),
    }
}

/// Runs in the transaction of a user's write: no other write can come between check and row.
pub(super) fn user_transaction_step(ct: &ContentType, values: &[Value]) -> SaveStep {
    let [username, email] = ["username", "email"].map(|name| text_value(ct, values, name));
    Arc::new(move |tx: &mut WriteTx<'_>, document_id: &str| {
        if username.is_some() || email.is_some() {
            tx.lock_name(USER_NAMES_LOCK)?;
        }
        check_name_free(&tx.reader(), username.as_deref(), email.as_deref(), document_id)
    })
}

/// Refuses name and address of another user; neither may equal the other of another user. Where name and address are the same text, it is the
/// address that is taken if it is somebody's address. Unchanged values are not checked: imported users may share an address.
fn check_name_free(reader: &Reader<'_>, username: Option<&str>, email: Option<&str>, document_id: &str) -> Result<()> {
    let row = reader.users().get_by_document(document_id)?;
    let username = username.filter(|name| row.as_ref().is_none_or(|own| own.username != *name));
    let email = email.filter(|email| row.as_ref().is_none_or(|own| own.email != *email));
    let users = reader.users();
    let is_taken = |found: Option<UserRow>| found.is_some_and(|user| user.document_id != document_id);
    let name_error = || Err(ContentError::application("Username already taken"));
    let email_error = || Err(ContentError::application("Email already taken"));
    if let Some(name) = username
        && is_taken(users.get_by_username(name)?)
    {
        return name_error();
    }
    if let Some(email) = email
        && (is_taken(users.get_by_email(email)?) || is_taken(users.get_by_username(email)?))
    {
        return email_error();
    }
    if let Some(name) = username
        && is_taken(users.get_by_email(name)?)
    {
        return name_error();
    }
    Ok(())
}

fn text_value(ct: &ContentType, values: &[Value], name: &str) -> Option<String> {
    match values.get(ct.attributes.get(name)?.0)? {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(json: Json) -> Map<String, Json> {
        json.as_object().cloned().unwrap()
    }

    fn refusal(result: Result<()>) -> (String, Json) {
        match result {
            Err(ContentError::Refused(r)) => (r.message, r.details),
            other => panic!("{other:?}"),
        }
    }

    fn check(data: Json, new: bool) -> Result<()> {
        check_user_form(&object(data), new, new)
    }

    fn error_messages(result: Result<()>) -> Vec<String> {
        let (message, details) = refusal(result);
        let errors = details["errors"].as_array().unwrap();
        assert!(message == format!("{} errors occurred", errors.len()) || errors.len() == 1, "{message}");
        errors.iter().map(|e| e["message"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn user_form_errors_are_reported_together() {
        let missing = ["email", "username", "password", "role"].map(|name| format!("{name} is a required field"));
        assert_eq!(error_messages(check(json!({}), true)), missing);
        let empty = json!({ "email": null, "username": null, "password": null, "role": null });
        assert_eq!(error_messages(check(empty, true)), missing);
        assert_eq!(
            error_messages(check(json!({ "email": "bad", "username": "", "password": 7 }), true)),
            [
                "email must be a valid email",
                "username must be at least 1 characters",
                "username is a required field",
                "password must be a `string` type",
                "role is a required field",
            ]
        );
        assert_eq!(
            error_messages(check(json!({ "email": "", "username": 7, "password": "" }), false)),
            [
                "email must be at least 1 characters",
                "username must be a `string` type, but the final value was: `7`.",
                "password must be at least 1 characters",
            ]
        );
        assert!(check(json!({ "username": "x", "email": "y@example.com", "password": "1", "role": 1 }), true).is_ok());
        assert!(check(json!({}), false).is_ok());
        // A caller who may not read roles cannot name one.
        let without = json!({ "username": "x", "email": "y@example.com", "password": "1" });
        assert!(check_user_form(&object(without), true, false).is_ok());
    }

    #[test]
    fn errors_never_contain_submitted_passwords() {
        for input in [json!(null), json!(""), json!(4711), json!(["4711"]), json!({ "$ne": "4711" })] {
            let (message, details) = refusal(check(json!({ "password": input }), false));
            assert!(!format!("{message}{details}").contains("4711"), "{input}");
        }
    }

    #[test]
    fn email_addresses_are_lowercased() {
        let mut data = object(json!({ "email": "Ann@Example.COM", "username": "Ann" }));
        lower_case_email(&mut data);
        assert_eq!(Json::Object(data), json!({ "email": "ann@example.com", "username": "Ann" }));
        let mut data = object(json!({ "email": "\u{202a}info@Bücher.example\u{202c} " }));
        lower_case_email(&mut data);
        assert_eq!(Json::Object(data), json!({ "email": "info@bücher.example" }));
        let mut data = object(json!({ "email": 7 }));
        lower_case_email(&mut data);
        assert_eq!(data["email"], 7);
    }
}
