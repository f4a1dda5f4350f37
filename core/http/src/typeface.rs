//! The typeface of pages for people: that of the admin, from this server (`core/router/src/typeface.rs`).

/// Folder of the typeface, for the policies of pages.
pub const TYPEFACE_FOLDER: &str = "/cairn/typeface/";

/// Style sheet of the typeface. Pages name it with their nonce, and give their policy `font-src 'self'`.
pub const TYPEFACE_SHEET: &str = "/cairn/typeface/inter.css";
