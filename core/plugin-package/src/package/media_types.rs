//! Folders of a package that are used while the plugin runs; files that browsers load, and their media types.

use crate::manifest::{REQUESTS_FOLDER, RESPONSES_FOLDER};

/// Folder of the files that everybody may load, with `/`.
pub const PUBLIC_FOLDER: &str = "public/";

/// Folders of the files that a plugin needs while it runs.
pub const RUNTIME_FOLDERS: [&str; 6] =
    ["templates/", "locales/", "events/", REQUESTS_FOLDER, RESPONSES_FOLDER, PUBLIC_FOLDER];

/// Media type of a file in `public/`, by the ending of its name; `None` where no such files are served.
pub fn public_media_type(path: &str) -> Option<&'static str> {
    frame_media_type(path).or_else(|| match extension(path)? {
        "mjs" => Some("text/javascript; charset=utf-8"),
        "jpg" | "jpeg" => Some("image/jpeg"),
        "avif" => Some("image/avif"),
        "ico" => Some("image/x-icon"),
        "txt" => Some("text/plain; charset=utf-8"),
        _ => None,
    })
}

/// Media type of a file in `admin/`, by the ending of its name; `None` for those that a frame has no use for.
pub fn frame_media_type(path: &str) -> Option<&'static str> {
    match extension(path)? {
        "html" => Some("text/html; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "css" => Some("text/css; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        "png" => Some("image/png"),
        "webp" => Some("image/webp"),
        "woff2" => Some("font/woff2"),
        "json" => Some("application/json"),
        _ => None,
    }
}

fn extension(path: &str) -> Option<&str> {
    path.rsplit_once('.').map(|(_, extension)| extension)
}
