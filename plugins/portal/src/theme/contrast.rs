//! Contrast of colours, as the Web Content Accessibility Guidelines define it.

const WHITE: &str = "#ffffff";
const BLACK: &str = "#000000";

/// The red, green and blue of a colour as `#rrggbb`; `None` for anything else.
pub(super) fn parse_colour(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#')?;
    if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some([part(0)?, part(2)?, part(4)?])
}

/// The colour of text that is read more easily on a background: white or black.
pub(super) fn text_colour_on(background: &str) -> &'static str {
    let luminance = parse_colour(background).map_or(0.0, relative_luminance);
    if contrast(1.0, luminance) >= contrast(luminance, 0.0) { WHITE } else { BLACK }
}

/// The ratio of a lighter colour to a darker one: 1 to 21.
fn contrast(lighter: f64, darker: f64) -> f64 {
    (lighter + 0.05) / (darker + 0.05)
}

fn relative_luminance([red, green, blue]: [u8; 3]) -> f64 {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_have_six_digits() {
        assert_eq!(parse_colour("#1F4b99"), Some([0x1f, 0x4b, 0x99]));
        for wrong in ["", "#", "1f4b99", "#fff", "#12345g", "#1234567", "#+1+1+1", "#é1234", "red"] {
            assert_eq!(parse_colour(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn text_on_a_colour_has_the_higher_contrast() {
        for (colour, text) in [
            ("#1f4b99", WHITE),
            ("#000000", WHITE),
            ("#c8102e", WHITE),
            ("#ffd400", BLACK),
            ("#ffffff", BLACK),
            // Beside the middle: 4.69 with black, and 4.61 with white.
            ("#777777", BLACK),
            ("#757575", WHITE),
            ("#00a651", BLACK),
        ] {
            assert_eq!(text_colour_on(colour), text, "{colour}");
        }
    }

    #[test]
    fn every_colour_has_a_text_that_meets_level_aa() {
        for step in 0..=255_u8 {
            let luminance = relative_luminance([step, step, step]);
            assert!(contrast(1.0, luminance).max(contrast(luminance, 0.0)) >= 4.5, "{step}");
        }
    }
}
