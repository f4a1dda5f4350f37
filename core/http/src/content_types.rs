//! Content types that requests name, by a path or by their uid.

use crate::error::WireError;
use cairn_app::Tenant;
use cairn_content::Content;
use cairn_model::ContentType;
use cairn_model::ErrorKind;

/// The content type that a path below `/api/` is at, and the entry's id in it; `None` where a plugin's route may be.
pub fn find_type_by_path<'t, 'p>(content: &'t Content, path: &'p str) -> Option<(&'t ContentType, Option<&'p str>)> {
    let mut segments = path.strip_prefix("/api/")?.split('/');
    let (route, id, third_segment) = (segments.next()?, segments.next(), segments.next());
    if let Some(ct) = content.by_route(route) {
        return third_segment.is_none().then_some((ct, id));
    }
    // A type of a plugin.
    let ct = content.by_route(&format!("{route}/{}", id?))?;
    segments.next().is_none().then_some((ct, third_segment))
}

/// The content type of the project with a uid.
///
/// # Errors
/// 404 if there is none; types of the core and of plugins count as none.
pub fn find_type_by_uid<'t>(tenant: &'t Tenant, uid: &str) -> Result<&'t ContentType, WireError> {
    let found = tenant.content.registry().by_uid(uid).filter(|ct| ct.is_api());
    found.ok_or_else(|| {
        let message = format!("Content type {uid:?} not found");
        WireError::new(ErrorKind::NotFound, message)
    })
}

/// The content type with a uid, for lists of its documents: of the project, or that of site users or their roles, which entries refer to.
///
/// # Errors
/// As [`find_type_by_uid`].
pub fn find_listed_type<'t>(tenant: &'t Tenant, uid: &str) -> Result<&'t ContentType, WireError> {
    let registry = tenant.content.registry();
    let listed = [registry.user_type(), registry.role_type()].into_iter().find(|ct| ct.uid == uid);
    listed.map_or_else(|| find_type_by_uid(tenant, uid), Ok)
}
