//! The frame of pages that browsers get.

use crate::colours::{parse_colour, readable_on, text_colour_on};
use crate::html::escape_html;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cairn_plugin::{Response, look, translate};
use sha2::{Digest, Sha256};

/// Value of `cache-control` for what nobody keeps.
pub const NO_STORE: &str = "no-store";
/// Background of a page by day and by night, in the style below.
const BACKGROUNDS: [&str; 2] = ["#ffffff", "#16181b"];
/// Style sheet of the typeface that the admin has, which the server hands out; without it, pages have that of the reader's machine.
pub const TYPEFACE_SHEET: &str = "/cairn/typeface/inter.css";
/// How all pages look, by day and by night.
const STYLE: &str = "\
:root{color-scheme:light dark;--text:#1c1e21;--back:#fff;--soft:#565b62;--line:#d9dce1;--edge:#7a7f87;--field:#fff;--problem:#b3261e}\
@media(prefers-color-scheme:dark){:root{--text:#e8eaed;--back:#16181b;--soft:#b1b7c0;--line:#3a3f46;--edge:#8b919a;--field:#1f2226;\
--problem:#ff8a80}.owner img{background:#fff;padding:.3rem .5rem;border-radius:.3rem}}\
*{box-sizing:border-box}\
body{font:1.05rem/1.5 'Inter Variable','Inter Fallback',system-ui,sans-serif;color:var(--text);background:var(--back);max-width:46rem;margin:1.5rem auto 4rem;padding:0 1rem;\
overflow-wrap:break-word}\
h1{font-size:clamp(1.3rem,5.5vw,2rem);line-height:1.25;hyphens:auto}a{color:var(--link)}\
.owner{margin:0 0 1.25rem;font-weight:700}.owner a{color:inherit;text-decoration:none}.owner img{display:block;max-height:3rem;max-width:100%}\
.button{display:inline-block;font-weight:600;text-decoration:none;padding:.75rem 1.3rem;border-radius:.4rem;\
background:var(--accent);color:var(--on-accent)}\
a:focus-visible,button:focus-visible,input:focus-visible,textarea:focus-visible,summary:focus-visible,canvas:focus-visible\
{outline:3px solid var(--edge);outline-offset:2px}";

/// Owner of a page, who is named at its top.
#[derive(Debug, Clone, Copy, Default)]
pub struct PageOwner<'a> {
    /// Their name; empty for none.
    pub name: &'a str,
    /// Address of their site, to which their name leads; empty for none, and anything but a web address counts as none.
    pub home: &'a str,
    /// Their colour as `#rrggbb`; anything else counts as none, and the page has that of the site.
    pub accent: &'a str,
}

impl PageOwner<'_> {
    /// A link back to their site, that says so with a text of the package; empty where they have none.
    #[must_use]
    pub fn render_way_back(&self, label: &str) -> String {
        match self.find_home() {
            Some(home) => {
                format!("<p><a class=\"button\" href=\"{}\">{}</a></p>", escape_html(home), escape_html(label))
            }
            None => String::new(),
        }
    }

    fn find_home(&self) -> Option<&str> {
        let is_web = ["https://", "http://"].iter().any(|scheme| self.home.starts_with(scheme));
        Some(self.home).filter(|_| is_web)
    }

    /// The head of a page: their logo or their name.
    fn render_head(&self, logo: Option<&str>) -> String {
        let name = escape_html(self.name.trim());
        let content = match logo {
            Some(logo) => format!("<img src=\"{}\" alt=\"{name}\">", escape_html(logo)),
            None if name.is_empty() => return String::new(),
            None => name,
        };
        match self.find_home() {
            Some(home) => format!("<header class=\"owner\"><a href=\"{}\">{content}</a></header>", escape_html(home)),
            None => format!("<header class=\"owner\">{content}</header>"),
        }
    }
}

/// How the site looks, as far as pages show it.
struct PageLook {
    accent: String,
    logo: Option<String>,
}

impl PageLook {
    fn load() -> Self {
        let look = look();
        Self { accent: look.accent, logo: look.logo }
    }

    /// Colours of a page: of its owner or else of the site, for texts on it, and for links, which are read by day and by night.
    fn describe_colours(&self, owner: PageOwner<'_>) -> String {
        // A setting that is no colour must not get into the style, where it could be other CSS.
        let colours = [owner.accent, self.accent.as_str()];
        let accent = colours.into_iter().find(|colour| parse_colour(colour).is_some()).unwrap_or("#1f4b99");
        let [day, night] = BACKGROUNDS.map(|background| readable_on(accent, background));
        let on_accent = text_colour_on(accent);
        format!(
            ":root{{--accent:{accent};--on-accent:{on_accent};--link:{day}}}\
             @media(prefers-color-scheme:dark){{:root{{--link:{night}}}}}"
        )
    }

    /// The address of the logo and its origin, for the policy of a page; none for an address that could say more than that.
    fn find_logo(&self) -> Option<(&str, &str)> {
        let logo = self.logo.as_deref()?;
        let (scheme, rest) = logo.split_once("://")?;
        let host = rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty())?;
        let is_plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
        let origin = logo.get(..scheme.len() + 3 + host.len())?;
        Some((logo, origin)).filter(|_| is_plain && matches!(scheme, "https" | "http"))
    }
}

/// A page that needs nothing but itself and, where it says so, pictures of its own site; a policy tells the browser.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// Of its texts; those that begin with `nl` are Dutch, all others English.
    pub language: &'a str,
    /// Its title, as text.
    pub title: &'a str,
    /// The company or person behind it.
    pub owner: PageOwner<'a>,
    /// Style of its own, after that of all pages.
    pub style: &'a str,
    /// Its content, as HTML.
    pub body: &'a str,
    /// Its script; empty for none.
    pub script: &'a str,
    /// True if it shows pictures of its own site.
    pub pictures: bool,
}

impl Page<'_> {
    /// The page, with that status. Nobody keeps it, no search engine lists it, and its address goes nowhere.
    #[must_use]
    pub fn render(&self, status: u16) -> Response {
        self.render_as(&PageLook::load(), status)
    }

    fn render_as(&self, look: &PageLook, status: u16) -> Response {
        let Self { language, title, owner, style, body, script, pictures } = self;
        let language = if language.to_lowercase().starts_with("nl") { "nl" } else { "en" };
        let (script, allowed) = match *script {
            "" => (String::new(), String::new()),
            script => {
                let hash = STANDARD.encode(Sha256::digest(script));
                (format!("<script>{script}</script>"), format!("script-src 'sha256-{hash}'; "))
            }
        };
        let logo = look.find_logo();
        let own = if *pictures { " 'self' data:" } else { "" };
        let images = match (logo, own) {
            (None, "") => String::new(),
            (logo, own) => format!("img-src{own} {}; ", logo.map_or("", |(_, origin)| origin)),
        };
        let (colours, head) = (look.describe_colours(*owner), owner.render_head(logo.map(|(address, _)| address)));
        let policy = format!(
            "default-src 'none'; {images}style-src 'self' 'unsafe-inline'; font-src 'self'; {allowed}form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'"
        );
        let html = format!(
            "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"robots\" content=\"noindex\">\
             <meta name=\"referrer\" content=\"no-referrer\"><title>{}</title>\
             <link rel=\"stylesheet\" href=\"{TYPEFACE_SHEET}\"><style>{STYLE}{colours}{style}</style></head>\
             <body>{head}{body}{script}</body></html>",
            escape_html(title)
        );
        Response::bytes(status, "text/html; charset=utf-8", html.into_bytes())
            .header("cache-control", NO_STORE)
            .header("content-security-policy", &policy)
            .header("x-robots-tag", "noindex")
    }
}

/// A page that says one thing: `key` names its text, and `<key>.title` its title. `way_back`: the text of the link to the owner's site.
#[must_use]
pub fn render_message_page(
    status: u16,
    language: &str,
    key: &str,
    owner: PageOwner<'_>,
    way_back: Option<&str>,
) -> Response {
    let title = translate(&format!("{key}.title"), language, None);
    let text = translate(key, language, None);
    let back = way_back.map(|label| owner.render_way_back(label)).unwrap_or_default();
    let body = format!("<main><h1>{}</h1><p>{}</p>{back}</main>", escape_html(&title), escape_html(&text));
    Page { language, title: &title, owner, style: "", body: &body, script: "", pictures: false }.render(status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_plugin::Body;

    const OWNER: PageOwner<'_> = PageOwner { name: "Ann & Co", home: "https://site.test/", accent: "" };

    fn render(owner: PageOwner<'_>, script: &str, look: &PageLook) -> (String, String) {
        let page = Page { language: "nl", title: "<T>", owner, style: "", body: "", script, pictures: false };
        let response = page.render_as(look, 200);
        let policy = response.headers.iter().find(|(name, _)| name == "content-security-policy").unwrap().1.clone();
        let Body::Bytes(body) = response.body else { panic!("a page is bytes") };
        (String::from_utf8(body).unwrap(), policy)
    }

    fn look(accent: &str, logo: Option<&str>) -> PageLook {
        PageLook { accent: accent.to_owned(), logo: logo.map(str::to_owned) }
    }

    #[test]
    fn only_the_pages_own_script_runs() {
        let policy = |script| render(OWNER, script, &look("#a3360f", None)).1;
        assert!(!policy("").contains("script-src") && !policy("").contains("img-src"));
        let with = policy("alert(1)");
        assert!(with.contains("script-src 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"), "{with}");
    }

    #[test]
    fn a_page_has_the_typeface_of_the_admin_and_asks_for_nothing_elsewhere() {
        let (html, policy) = render(OWNER, "", &look("#a3360f", None));
        assert!(html.contains("<link rel=\"stylesheet\" href=\"/cairn/typeface/inter.css\">"), "{html}");
        assert!(
            policy.contains("style-src 'self' 'unsafe-inline'; font-src 'self';") && !policy.contains("http"),
            "{policy}"
        );
    }

    #[test]
    fn a_page_has_the_colours_of_the_site() {
        let (html, _) = render(OWNER, "", &look("#ffd400", None));
        assert!(html.contains("--accent:#ffd400;--on-accent:#000000;"), "{html}");
        assert!(!html.contains("--link:#ffd400}@media"), "yellow links on white: {html}");
        let (html, _) = render(PageOwner { accent: "#c8102e", ..OWNER }, "", &look("#ffd400", None));
        assert!(html.contains("--accent:#c8102e;--on-accent:#ffffff;--link:#c8102e}"), "{html}");
        let (html, _) = render(OWNER, "", &look("red}body{display:none}", None));
        assert!(html.contains("--accent:#1f4b99;") && !html.contains("display:none"), "{html}");
    }

    #[test]
    fn the_owner_is_named_at_the_top_or_has_a_logo_there() {
        let (html, _) = render(OWNER, "", &look("#a3360f", None));
        assert!(
            html.contains(r#"<header class="owner"><a href="https://site.test/">Ann &amp; Co</a></header>"#),
            "{html}"
        );
        let (html, policy) = render(OWNER, "", &look("#a3360f", Some("https://files.test:8443/uploads/l.svg?v=1")));
        assert!(html.contains(r#"<img src="https://files.test:8443/uploads/l.svg?v=1" alt="Ann &amp; Co">"#), "{html}");
        assert!(policy.contains("img-src https://files.test:8443; "), "{policy}");
        let nobody = PageOwner::default();
        assert!(!render(nobody, "", &look("#a3360f", None)).0.contains("<header"));
    }

    #[test]
    fn addresses_that_are_none_of_the_web_lead_nowhere() {
        for home in ["", "javascript:alert(1)", "//other.test", "data:text/html,x"] {
            let owner = PageOwner { name: "Ann", home, accent: "" };
            assert_eq!(owner.render_way_back("Back"), "", "{home}");
            assert!(!render(owner, "", &look("#a3360f", None)).0.contains("<a "), "{home}");
        }
        for logo in ["javascript:x", "https://", "https://a;script-src *", "/uploads/l.svg", "https://a b/"] {
            let (html, policy) = render(OWNER, "", &look("#a3360f", Some(logo)));
            assert!(!html.contains("<img") && !policy.contains("img-src"), "{logo}: {policy}");
        }
    }
}
