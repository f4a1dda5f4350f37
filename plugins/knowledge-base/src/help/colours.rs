//! The site's colour on the pages: its settings have one, and texts on it and in it must be readable.

use cairn_plugin_pages::colours::{parse_colour, readable_on, text_colour_on};

/// The colour of the help centre where the settings have none that can be read.
const DEFAULT_ACCENT: &str = "#0b57b0";

/// Style with the accent colour of the settings (`#rrggbb`): of the head and of buttons, and of links, darker where they could not be read in it.
pub(super) fn accent_style(colour: &str) -> String {
    // A setting that is no colour must not get into the style, where it could be other CSS.
    let accent = if parse_colour(colour).is_some() { colour } else { DEFAULT_ACCENT };
    let (on_accent, link) = (text_colour_on(accent), readable_on(accent, "#ffffff"));
    // In the dark, links keep the light colour of the style sheet.
    format!(
        ":root{{--accent:{accent};--on-accent:{on_accent}}}@media not (prefers-color-scheme:dark){{:root{{--link:{link}}}}}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_on_the_accent_can_be_read() {
        for (colour, on_accent, link) in
            [("#7a0019", "#ffffff", "#7a0019"), ("#ffcc00", "#000000", "#8c7000"), ("#FFFFFF", "#000000", "#727272")]
        {
            let style = accent_style(colour);
            assert!(style.contains(&format!("--accent:{colour};--on-accent:{on_accent}")), "{style}");
            assert!(style.contains(&format!("--link:{link}")), "{style}");
        }
    }

    #[test]
    fn nothing_but_a_colour_gets_into_the_style() {
        for text in ["", "red", "#12345", "#1234567", "#12345g", "#fff}body{display:none}", "#ééé"] {
            assert_eq!(accent_style(text), accent_style(DEFAULT_ACCENT), "{text}");
        }
    }
}
