//! Public pages of plugins: their frame, colours, texts as HTML, and links of which only a hash is kept.

pub mod colours;
pub mod html;
pub mod link_token;
mod page;

pub use html::escape_html;
pub use page::{NO_STORE, Page, PageOwner, TYPEFACE_SHEET, render_message_page};
