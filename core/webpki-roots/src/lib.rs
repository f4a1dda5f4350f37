//! No certificate authorities, in place of those that the crate of this name holds.
//!
//! sqlx always trusts either the system's authorities or that crate's, and adds those that a URL names. With this one it trusts only
//! those that it is given, so that a URL can pin a private authority. Whatever else came to use the crate would trust nobody, and say so.

use rustls_pki_types::TrustAnchor;

/// The authorities that are trusted without being named: none.
pub const TLS_SERVER_ROOTS: &[TrustAnchor<'static>] = &[];
