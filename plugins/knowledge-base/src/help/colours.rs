//! The site's colour on the pages: its settings have one, and texts on it and in it must be readable.

/// The colour of the help centre where the settings have none that can be read.
const DEFAULT_ACCENT: &str = "#0b57b0";
/// Least contrast of texts with what is behind them, by WCAG 2.
const MIN_CONTRAST: f64 = 4.5;

/// Style with the accent colour of the settings (`#rrggbb`): of the head and of buttons, and of links where they can be read in it.
pub(super) fn accent_style(colour: &str) -> String {
    let accent = if is_colour(colour) { colour } else { DEFAULT_ACCENT };
    let luminance = find_luminance(accent);
    let on_accent = if contrast(luminance, 1.0) >= contrast(luminance, 0.0) { "#ffffff" } else { "#000000" };
    let link = if contrast(luminance, 1.0) >= MIN_CONTRAST { accent } else { DEFAULT_ACCENT };
    // In the dark, links keep the light colour of the style sheet.
    format!(
        ":root{{--accent:{accent};--on-accent:{on_accent}}}@media not (prefers-color-scheme:dark){{:root{{--link:{link}}}}}"
    )
}

/// True for `#` and six hexadecimal digits: nothing else may get into a style.
fn is_colour(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Relative luminance of a colour, by WCAG 2.
fn find_luminance(colour: &str) -> f64 {
    let part = |at: usize| {
        let value = colour.get(at..at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or_default();
        let value = f64::from(value) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

fn contrast(one: f64, other: f64) -> f64 {
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_on_the_accent_can_be_read() {
        for (colour, on_accent, link) in [
            ("#7a0019", "#ffffff", "#7a0019"),
            ("#ffcc00", "#000000", DEFAULT_ACCENT),
            ("#FFFFFF", "#000000", DEFAULT_ACCENT),
        ] {
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
