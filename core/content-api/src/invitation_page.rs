//! `/invitation`: the page behind the link of an invitation, for sites without one of their own. Somebody chooses their first password there, or
//! asks for another link. It works without scripts and loads nothing.
//!
//! Looking at the page uses nothing up: programs that look into mails follow links.

mod page;
mod texts;

use axum::body::Body;
use axum::extract::Extension;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Response, StatusCode};
use cairn_access::{AuthError, PluginAction};
use cairn_app::Tenant;
use cairn_http::error::WireError;
use cairn_http::extract::actor::with_request;
use cairn_http::extract::body::read_bytes;
use cairn_http::extract::client_address::ClientAddress;
use cairn_http::extract::locale::accepted_language;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_store::events::Actor;
use page::{InvitationPage, PageContent, PasswordProblem};
use serde_json::json;
use std::collections::HashMap;
use std::net::IpAddr;
use texts::PageTexts;

/// Largest form, in bytes.
const MAX_FORM_BYTES: usize = 16 << 10;

type PageResult = Result<Response<Body>, WireError>;

/// `GET /invitation?code=…`: the form for a password, or the one for another link if the code is not valid.
pub(crate) async fn show_page(
    CurrentTenant(tenant): CurrentTenant,
    Extension(client): ClientAddress,
    head: Parts,
) -> PageResult {
    require_invitations(&tenant)?;
    let query = parse_form(head.uri.query().unwrap_or_default().as_bytes());
    let code = query.get("code").map(String::as_str).unwrap_or_default();
    let content = match code {
        "" => PageContent::Request { expired: false, wrong_address: None },
        code => match tenant.access.is_invitation_valid(code, client.0) {
            Ok(true) => password_form(&tenant, code, None),
            Ok(false) => PageContent::Request { expired: true, wrong_address: None },
            Err(error) => return refuse(&tenant, &head.headers, error),
        },
    };
    Ok(respond(&tenant, &head.headers, StatusCode::OK, content))
}

/// `POST /invitation`: a password with its code, or the address for another link.
pub(crate) async fn submit_page(
    CurrentTenant(tenant): CurrentTenant,
    Extension(client): ClientAddress,
    head: Parts,
    body: Body,
) -> PageResult {
    require_invitations(&tenant)?;
    let form = parse_form(&read_bytes(body, MAX_FORM_BYTES).await?);
    match (form.get("code"), form.get("email")) {
        (Some(code), _) => accept(&tenant, &head, client.0, code, &form).await,
        (None, Some(email)) => request_another(&tenant, &head.headers, client.0, email).await,
        (None, None) => {
            let content = PageContent::Request { expired: false, wrong_address: None };
            Ok(respond(&tenant, &head.headers, StatusCode::BAD_REQUEST, content))
        }
    }
}

async fn accept(
    tenant: &Tenant,
    head: &Parts,
    client: IpAddr,
    code: &str,
    form: &HashMap<String, String>,
) -> PageResult {
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let (password, repeated) = (field("password"), field("passwordConfirmation"));
    if let Some(problem) = find_password_problem(tenant, password, repeated) {
        let content = password_form(tenant, code, Some(problem));
        return Ok(respond(tenant, &head.headers, StatusCode::BAD_REQUEST, content));
    }
    let body = json!({ "code": code, "password": password });
    let actor = with_request(Actor::public(), head);
    // The user is not signed in: this page has no use for a session.
    match tenant.access.take_user_invitation(&body, client, actor).await {
        Ok(_) => {
            let site = tenant.access.auth_settings().confirmed_url.clone();
            Ok(respond(tenant, &head.headers, StatusCode::OK, PageContent::Done { site }))
        }
        Err(AuthError::Refused(_)) => {
            let content = PageContent::Request { expired: true, wrong_address: None };
            Ok(respond(tenant, &head.headers, StatusCode::BAD_REQUEST, content))
        }
        Err(AuthError::Fields(_)) => {
            let content = password_form(tenant, code, Some(PasswordProblem::NotAcceptable));
            Ok(respond(tenant, &head.headers, StatusCode::BAD_REQUEST, content))
        }
        Err(error) => refuse(tenant, &head.headers, error),
    }
}

async fn request_another(tenant: &Tenant, headers: &HeaderMap, client: IpAddr, email: &str) -> PageResult {
    require_requests(tenant)?;
    let language = find_texts(tenant, headers).lang;
    match tenant.access.request_invitation(&json!({ "email": email, "language": language }), client).await {
        Ok(()) => Ok(respond(tenant, headers, StatusCode::OK, PageContent::Requested)),
        Err(AuthError::Fields(_)) => {
            let content = PageContent::Request { expired: false, wrong_address: Some(email.to_owned()) };
            Ok(respond(tenant, headers, StatusCode::BAD_REQUEST, content))
        }
        Err(error) => refuse(tenant, headers, error),
    }
}

/// The page has the permissions of the routes that it stands for.
fn require_invitations(tenant: &Tenant) -> Result<(), WireError> {
    Ok(tenant.access.public_caller().require(PluginAction::ResetPassword)?)
}

fn require_requests(tenant: &Tenant) -> Result<(), WireError> {
    Ok(tenant.access.public_caller().require(PluginAction::ForgotPassword)?)
}

fn find_password_problem(tenant: &Tenant, password: &str, repeated: &str) -> Option<PasswordProblem> {
    let rule = tenant.access.password_rule();
    if password.chars().count() < rule.min_chars() {
        Some(PasswordProblem::TooShort)
    } else if rule.find_problem(password).is_some() {
        Some(PasswordProblem::NotAcceptable)
    } else if password != repeated {
        Some(PasswordProblem::Different)
    } else {
        None
    }
}

fn password_form(tenant: &Tenant, code: &str, problem: Option<PasswordProblem>) -> PageContent {
    PageContent::Password { code: code.to_owned(), min_chars: tenant.access.password_rule().min_chars(), problem }
}

/// Too many requests are told on a page; other errors as everywhere.
fn refuse(tenant: &Tenant, headers: &HeaderMap, error: AuthError) -> PageResult {
    let AuthError::TooMany { retry_after_s } = error else { return Err(error.into()) };
    let content = PageContent::TooMany { retry_after_s };
    Ok(respond(tenant, headers, StatusCode::TOO_MANY_REQUESTS, content))
}

fn respond(tenant: &Tenant, headers: &HeaderMap, status: StatusCode, content: PageContent) -> Response<Body> {
    let site = tenant.notifier.site();
    let theme = cairn_settings::theme(&tenant.access);
    let page = InvitationPage {
        texts: find_texts(tenant, headers),
        site: &site.name,
        accent: theme.accent.as_deref(),
        content: &content,
        may_request: require_requests(tenant).is_ok(),
    };
    page.to_response(status)
}

fn find_texts(tenant: &Tenant, headers: &HeaderMap) -> &'static PageTexts {
    match accepted_language(headers) {
        Some(language) => PageTexts::for_language(language),
        None => PageTexts::for_language(&tenant.access.locales().default),
    }
}

/// The fields of a form; of several with one name the first.
fn parse_form(bytes: &[u8]) -> HashMap<String, String> {
    let mut fields = HashMap::new();
    for (name, value) in url::form_urlencoded::parse(bytes) {
        fields.entry(name.into_owned()).or_insert_with(|| value.into_owned());
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_field_of_a_name_counts() {
        let form = parse_form(b"code=a%26b&password=x+y&code=other&empty=&%ff");
        assert_eq!((form["code"].as_str(), form["password"].as_str()), ("a&b", "x y"));
        assert_eq!(form["empty"], "");
        assert!(parse_form(b"").is_empty());
    }
}
