//! Colours that texts can be read in and on: contrast as the Web Content Accessibility Guidelines (WCAG 2) define it.

/// Least contrast of texts with what is behind them, at level AA.
const MIN_CONTRAST: f64 = 4.5;
/// Steps in which a colour goes to white or black, until texts in it can be read.
const MIX_STEPS: u8 = 20;
const WHITE: &str = "#ffffff";
const BLACK: &str = "#000000";

/// The red, green and blue of a colour as `#rrggbb`; `None` for anything else.
#[must_use]
pub fn parse_colour(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#')?;
    if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some([part(0)?, part(2)?, part(4)?])
}

/// The colour of text that is read more easily on a background: white or black.
#[must_use]
pub fn text_colour_on(background: &str) -> &'static str {
    let luminance = parse_colour(background).map_or(0.0, relative_luminance);
    if contrast(1.0, luminance) >= contrast(luminance, 0.0) { WHITE } else { BLACK }
}

/// A colour for texts on a background: the given one if they can be read in it, else the nearest to it, lighter or darker, in which they can.
/// Colours that are not `#rrggbb` count as black.
#[must_use]
pub fn readable_on(colour: &str, background: &str) -> String {
    let behind = parse_colour(background).map_or(0.0, relative_luminance);
    let end = if text_colour_on(background) == WHITE { u8::MAX } else { 0 };
    let given = parse_colour(colour).unwrap_or_default();
    let mixed = (0..=MIX_STEPS).map(|step| given.map(|part| mix(part, end, step)));
    let readable = mixed.into_iter().find(|parts| contrast(relative_luminance(*parts), behind) >= MIN_CONTRAST);
    let [red, green, blue] = readable.unwrap_or([end; 3]);
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// A part of a colour, that many steps on its way to another.
fn mix(from: u8, to: u8, step: u8) -> u8 {
    let (from, to, step, steps) = (u32::from(from), u32::from(to), u32::from(step), u32::from(MIX_STEPS));
    u8::try_from((from * (steps - step) + to * step) / steps).unwrap_or(u8::MAX)
}

/// The ratio of two colours' luminance, the lighter one first: 1 to 21.
fn contrast(one: f64, other: f64) -> f64 {
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
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
    fn texts_keep_a_colour_that_can_be_read_and_get_the_nearest_otherwise() {
        assert_eq!(readable_on("#a3360f", WHITE), "#a3360f");
        assert_eq!(readable_on("#ffd400", BLACK), "#ffd400");
        for (colour, background) in
            [("#ffd400", WHITE), ("#a3360f", "#16181b"), ("#16181b", "#16181b"), ("red", BLACK), ("#777777", "#777777")]
        {
            let text = readable_on(colour, background);
            let [text, behind] = [text.as_str(), background].map(|c| relative_luminance(parse_colour(c).unwrap()));
            assert!(contrast(text, behind) >= MIN_CONTRAST, "{colour} on {background}");
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
