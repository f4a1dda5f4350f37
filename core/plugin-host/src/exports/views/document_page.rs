//! The document of a page for one document: of a type that the page shows, there, and visible to who looks.

use super::{FieldProblem, ViewContext, ViewError};
use crate::services::host_context::HostContext;
use cairn_content::CallerContext;
use cairn_model::ContentType;
use cairn_plugin_package::manifest::AdminView;

/// Checks the document of a request for such a page.
///
/// # Errors
/// 400 if no document is named, or one of another type; 404 if it does not exist or the person may not see it, which are told alike.
pub(super) fn check_document(host: &HostContext, view: &AdminView, look: &ViewContext) -> Result<(), ViewError> {
    let Some(document) = &look.document else {
        return Err(invalid("document", format!("document is required: the view {:?} shows one", view.name)));
    };
    if !view.types.contains(&document.content_type) {
        let types = view.types.join(", ");
        let message = format!("document.contentType must be one of the view {:?}: {types}", view.name);
        return Err(invalid("document.contentType", message));
    }
    match host.content.registry().by_uid(&document.content_type) {
        Some(ct) if is_visible(host, ct, &document.document_id, look)? => Ok(()),
        _ => Err(ViewError::Refused { status: 404, message: "Not Found".to_owned(), fields: Vec::new() }),
    }
}

fn is_visible(host: &HostContext, ct: &ContentType, document_id: &str, look: &ViewContext) -> Result<bool, ViewError> {
    let failed = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, view = look.view, "the document of a view cannot be looked up");
        ViewError::Failed
    };
    let locales = host.access.locales();
    let caller = CallerContext { access: &look.access, actor: &look.actor, default_locale: &locales.default };
    // For callers with all rights, `can_read` is true of documents that do not exist as well.
    let exists =
        host.content.store().read(|r| r.documents().exists(ct.id, document_id, None)).map_err(|e| failed(&e))?;
    Ok(exists && host.content.can_read(&caller, ct.id, document_id).map_err(|e| failed(&e))?)
}

fn invalid(path: &str, message: String) -> ViewError {
    let fields = vec![FieldProblem { path: path.to_owned(), message: message.clone() }];
    ViewError::Refused { status: 400, message, fields }
}
