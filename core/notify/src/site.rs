//! A tenant's site as people know it: its name and address, its look, and the time zone and locale in which it is at home.

use crate::digest::schedule::DEFAULT_ZONE;
use cairn_access::AccessControl;
use serde_json::{Value as Json, json};

/// Accent colour of sites that have chosen none.
const DEFAULT_ACCENT: &str = "#1f4b99";

/// Name and address of a tenant's site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Display name of the site.
    pub name: String,
    /// True if somebody has given it that name; mails are signed with no other.
    pub is_named: bool,
    /// Its address in browsers, without a slash at the end.
    pub url: String,
}

/// Look of a tenant's site, its time zone and its locale; with defaults for everything that nobody has chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteLook {
    /// A colour as `#rrggbb`, in lower case.
    pub accent: String,
    /// The colour of text on the accent.
    pub on_accent: &'static str,
    /// The address of the logo: `https://…`.
    pub logo: Option<String>,
    /// Name of the time zone.
    pub zone: String,
    /// The default locale.
    pub locale: String,
}

impl SiteLook {
    /// The present look of a tenant's site. `site`: where it is; without that, pictures of its library have no address.
    pub fn load(access: &AccessControl, site: Option<&Site>) -> Self {
        let theme = cairn_settings::theme(access);
        let accent = theme.accent.clone().unwrap_or_else(|| DEFAULT_ACCENT.to_owned());
        let logo = theme.logo.as_deref().and_then(|logo| match logo.starts_with('/') {
            true => site.map(|site| format!("{}{logo}", site.url)),
            false => Some(logo.to_owned()),
        });
        let zone = theme.zone.clone().unwrap_or_else(|| DEFAULT_ZONE.to_owned());
        Self { on_accent: text_colour_on(&accent), accent, logo, zone, locale: access.locales().default.to_string() }
    }
}

/// `site` as templates name it.
pub fn site_values(access: &AccessControl, site: Option<&Site>) -> Json {
    let SiteLook { accent, on_accent, logo, zone, locale } = SiteLook::load(access, site);
    let (name, url) = site.map(|site| (&*site.name, &*site.url)).unzip();
    let signature = site.filter(|site| site.is_named).map(|site| &*site.name);
    json!({
        "name": name, "signature": signature, "url": url, "accent": accent, "onAccent": on_accent, "logo": logo, "zone": zone, "locale": locale,
    })
}

/// The text colour on a background: white, or black if white would be hard to read.
fn text_colour_on(colour: &str) -> &'static str {
    let part = |i: usize| colour.get(i..i + 2).and_then(|t| u32::from_str_radix(t, 16).ok()).unwrap_or(0);
    // Brightness as the eye perceives it (ITU-R BT.601).
    let brightness = (part(1) * 299 + part(3) * 587 + part(5) * 114) / 1_000;
    if brightness > 150 { "#000000" } else { "#ffffff" }
}

#[cfg(test)]
mod tests {
    #[test]
    fn text_colour_contrasts_with_the_background() {
        for (colour, text) in [("#1f4b99", "#ffffff"), ("#ffd400", "#000000"), ("#000000", "#ffffff"), ("x", "#ffffff")]
        {
            assert_eq!(super::text_colour_on(colour), text, "{colour}");
        }
    }
}
