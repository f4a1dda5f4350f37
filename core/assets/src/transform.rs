//! How a picture is transformed, as a URL says: `w=800&h=600&fit=cover&fx=0.3&fy=0.4&format=avif`.
//!
//! [`Transform::parse`] reads what a client wrote, [`Transform::to_query`] returns one text for each transform: a parameter without
//! effect (a focal point where nothing is cut off, the quality of a PNG) is neither stored nor written. That text is what to sign and
//! what to name a cached result by.

use percent_encoding::percent_decode_str;
use std::fmt;

/// Longest side of a rendition, in pixels.
pub const MAX_SIDE: u32 = 4096;

/// Steps of a [`Fraction`] from 0 to 1.
const FRACTION_STEPS: u16 = 10_000;

/// Widths that are worth a file of their own: common screens and columns, no two closer than a fifth.
const LISTED_WIDTHS: [u32; 10] = [320, 480, 640, 768, 960, 1280, 1600, 1920, 2560, 3840];

/// A fraction of one side of a picture: 0 to 1 in steps of a ten-thousandth, so that equal texts mean equal pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fraction(u16);

impl Fraction {
    /// The left or upper edge.
    pub const ZERO: Fraction = Fraction(0);
    /// The middle of the side.
    pub const HALF: Fraction = Fraction(FRACTION_STEPS / 2);
    /// The right or lower edge.
    pub const ONE: Fraction = Fraction(FRACTION_STEPS);

    /// Rounds to the nearest step; `None` for what is not a number from 0 to 1.
    pub fn new(number: f64) -> Option<Fraction> {
        (0.0..=1.0).contains(&number).then(|| Fraction((number * f64::from(FRACTION_STEPS)).round() as u16))
    }

    /// The number from 0 to 1.
    pub fn get(self) -> f64 {
        f64::from(self.0) / f64::from(FRACTION_STEPS)
    }
}

impl fmt::Display for Fraction {
    /// The shortest form: `0`, `0.25`, `0.3333`, `1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.get())
    }
}

/// The focal point, which stays in view when edges are cut off. Measured on the whole picture as seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FocusPoint {
    /// Distance from the left edge.
    pub x: Fraction,
    /// Distance from the top edge.
    pub y: Fraction,
}

impl Default for FocusPoint {
    fn default() -> FocusPoint {
        FocusPoint { x: Fraction::HALF, y: Fraction::HALF }
    }
}

/// A rectangle of a picture as seen; not empty, and within the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Crop {
    x: Fraction,
    y: Fraction,
    width: Fraction,
    height: Fraction,
}

impl Crop {
    /// A rectangle by its upper left corner and its size; `None` where it is empty or leaves the picture.
    pub fn new(x: Fraction, y: Fraction, width: Fraction, height: Fraction) -> Option<Crop> {
        let within = |from: Fraction, size: Fraction| size.0 > 0 && from.0 + size.0 <= FRACTION_STEPS;
        (within(x, width) && within(y, height)).then_some(Crop { x, y, width, height })
    }

    /// Left edge, upper edge, width and height, each as a fraction of the picture's side.
    pub(crate) fn to_fractions(self) -> [f64; 4] {
        [self.x, self.y, self.width, self.height].map(Fraction::get)
    }
}

/// How a picture is fitted into the box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Fit {
    /// The whole picture, within the box, never enlarged. A side that is missing is [`MAX_SIDE`].
    #[default]
    Contain,
    /// Fills the box, which needs both sides: what protrudes is cut off around the focal point. A small picture is enlarged.
    Cover,
}

/// The format a picture is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Format {
    /// Without transparency: the background is white.
    Jpeg,
    /// Lossless: it has no quality.
    Png,
    /// Lossy, with transparency; every browser shows it.
    #[default]
    WebP,
    /// Lossy, with transparency; smaller than the others, and slower to write.
    Avif,
    /// Up to 256 colours, some of them transparent: for animations where there is no WebP. It has no quality.
    Gif,
}

impl Format {
    /// Name in a URL.
    pub fn name(self) -> &'static str {
        match self {
            Format::Jpeg => "jpeg",
            Format::Png => "png",
            Format::WebP => "webp",
            Format::Avif => "avif",
            Format::Gif => "gif",
        }
    }

    /// MIME type of the format.
    pub fn content_type(self) -> &'static str {
        match self {
            Format::Jpeg => "image/jpeg",
            Format::Png => "image/png",
            Format::WebP => "image/webp",
            Format::Avif => "image/avif",
            Format::Gif => "image/gif",
        }
    }

    /// True if animations are written in it; others show their first frame.
    pub fn moves(self) -> bool {
        matches!(self, Format::WebP | Format::Gif)
    }

    /// True if a quality can be chosen.
    fn has_quality(self) -> bool {
        !matches!(self, Format::Png | Format::Gif)
    }

    /// The default quality: losses are invisible at the size the picture is shown in. The scales of the encoders differ.
    pub(crate) fn usual_quality(self) -> u8 {
        match self {
            Format::Jpeg | Format::WebP => 80,
            Format::Avif => 70,
            Format::Png | Format::Gif => 100,
        }
    }

    fn parse(text: &str) -> Option<Format> {
        [Format::Jpeg, Format::Png, Format::WebP, Format::Avif, Format::Gif]
            .into_iter()
            .find(|format| format.name() == text)
    }
}

/// How a picture is transformed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Transform {
    /// Width of the box in pixels, 1 to [`MAX_SIDE`].
    pub width: Option<u32>,
    /// Height of the box in pixels, 1 to [`MAX_SIDE`].
    pub height: Option<u32>,
    /// How the picture is fitted into the box.
    pub fit: Fit,
    /// Point that stays in view when [`Fit::Cover`] cuts something off.
    pub focal: FocusPoint,
    /// Part that is cut out before anything else.
    pub crop: Option<Crop>,
    /// Format of the result.
    pub format: Format,
    /// Quality from 1 to 100, on the scale of the format's encoder; [`Format::Png`] and [`Format::Gif`] have none.
    pub quality: u8,
}

/// Why a query is not a transform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransformError {
    /// The parameter does not exist.
    #[error("unknown picture parameter {0:?}; use w, h, fit, fx, fy, crop, format or q")]
    Unknown(String),
    /// The parameter occurs twice, so that it is unclear which value counts.
    #[error("{0} is given more than once")]
    Repeated(&'static str),
    /// The value is not allowed.
    #[error("{parameter} must be {allowed}")]
    Value {
        /// Name of the parameter in a URL.
        parameter: &'static str,
        /// Description of the allowed values.
        allowed: &'static str,
    },
}

/// The parameters of the query, each at most once.
#[derive(Default)]
struct TransformParams {
    width: Option<u32>,
    height: Option<u32>,
    fit: Option<Fit>,
    x: Option<Fraction>,
    y: Option<Fraction>,
    crop: Option<Crop>,
    format: Option<Format>,
    quality: Option<u8>,
}

impl Transform {
    /// Parses the query of a URL (without `?`): `w` and `h` (pixels), `fit` (`contain`, `cover`), `fx` and `fy` (the focal point, 0 to
    /// 1), `crop` (`x,y,width,height`, each 0 to 1), `format` (`jpeg`, `png`, `webp`, `avif`, `gif`), `q` (1 to 100). Without parameters it
    /// is a WebP of the whole picture.
    ///
    /// # Errors
    /// The first parameter that is unknown, repeated or has a value that is not allowed.
    pub fn parse(query: &str) -> Result<Transform, TransformError> {
        let mut params = TransformParams::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            // Writers of URLs encode the commas of `crop`.
            let value = percent_decode_str(value).decode_utf8_lossy();
            params.set_param(name, &value)?;
        }
        params.into_transform()
    }

    /// The transform as a query, the same text for the same transform.
    pub fn to_query(&self) -> String {
        let mut pairs = Vec::new();
        pairs.extend(self.width.map(|width| format!("w={width}")));
        pairs.extend(self.height.map(|height| format!("h={height}")));
        if self.fit == Fit::Cover {
            pairs.push("fit=cover".to_owned());
            if self.focal != FocusPoint::default() {
                pairs.push(format!("fx={}&fy={}", self.focal.x, self.focal.y));
            }
        }
        pairs.extend(self.crop.map(|Crop { x, y, width, height }| format!("crop={x},{y},{width},{height}")));
        pairs.push(format!("format={}", self.format.name()));
        if self.format.has_quality() {
            // Also the usual one: a later version may have another.
            pairs.push(format!("q={}", self.quality));
        }
        pairs.join("&")
    }
}

impl TransformParams {
    fn set_param(&mut self, name: &str, value: &str) -> Result<(), TransformError> {
        const SIDE: &str = "a whole number from 1 to 4096";
        const PART: &str = "a number from 0 to 1";
        const CROP: &str =
            "x,y,width,height, each a number from 0 to 1, with an area that is not empty and within the picture";
        match name {
            "w" => set_once("w", &mut self.width, parse_side(value), SIDE),
            "h" => set_once("h", &mut self.height, parse_side(value), SIDE),
            "fit" => set_once("fit", &mut self.fit, parse_fit(value), "contain or cover"),
            "fx" => set_once("fx", &mut self.x, parse_fraction(value), PART),
            "fy" => set_once("fy", &mut self.y, parse_fraction(value), PART),
            "crop" => set_once("crop", &mut self.crop, parse_crop(value), CROP),
            "format" => set_once("format", &mut self.format, Format::parse(value), "jpeg, png, webp, avif or gif"),
            "q" => set_once("q", &mut self.quality, parse_quality(value), "a whole number from 1 to 100"),
            other => Err(TransformError::Unknown(other.to_owned())),
        }
    }

    fn into_transform(self) -> Result<Transform, TransformError> {
        let TransformParams { width, height, fit, x, y, crop, format, quality } = self;
        let (fit, format) = (fit.unwrap_or_default(), format.unwrap_or_default());
        if fit == Fit::Cover && (width.is_none() || height.is_none()) {
            return Err(TransformError::Value {
                parameter: "fit",
                allowed: "contain when only one of w and h is given",
            });
        }
        let focal = match fit {
            Fit::Cover => FocusPoint { x: x.unwrap_or(Fraction::HALF), y: y.unwrap_or(Fraction::HALF) },
            Fit::Contain => FocusPoint::default(),
        };
        let quality = quality.filter(|_| format.has_quality()).unwrap_or(format.usual_quality());
        Ok(Transform { width, height, fit, focal, crop, format, quality })
    }
}

fn set_once<T>(
    parameter: &'static str,
    place: &mut Option<T>,
    value: Option<T>,
    allowed: &'static str,
) -> Result<(), TransformError> {
    let value = value.ok_or(TransformError::Value { parameter, allowed })?;
    if place.replace(value).is_some() { Err(TransformError::Repeated(parameter)) } else { Ok(()) }
}

/// Parses digits only: Rust's own parsers also accept `+5`.
fn parse_whole(text: &str) -> Option<u32> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

fn parse_side(text: &str) -> Option<u32> {
    parse_whole(text).filter(|side| (1..=MAX_SIDE).contains(side))
}

fn parse_quality(text: &str) -> Option<u8> {
    parse_whole(text).filter(|quality| (1..=100).contains(quality)).and_then(|quality| u8::try_from(quality).ok())
}

fn parse_fit(text: &str) -> Option<Fit> {
    match text {
        "contain" => Some(Fit::Contain),
        "cover" => Some(Fit::Cover),
        _ => None,
    }
}

fn parse_fraction(text: &str) -> Option<Fraction> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    plain.then(|| text.parse().ok())?.and_then(Fraction::new)
}

fn parse_crop(text: &str) -> Option<Crop> {
    let parts: Vec<_> = text.split(',').map(parse_fraction).collect::<Option<_>>()?;
    let [x, y, width, height] = parts[..] else { return None };
    Crop::new(x, y, width, height)
}

impl Transform {
    /// True if anybody may request it: the whole picture, in one of the widths of [`srcset_widths`] and in the default quality. There are
    /// so few of these that nobody can fill a disk with them; others need a signature.
    pub fn is_listed(&self) -> bool {
        let Transform { width, height, fit, focal: _, crop, format, quality } = self;
        let listed = width.is_some_and(|width| LISTED_WIDTHS.contains(&width));
        listed && height.is_none() && *fit == Fit::Contain && crop.is_none() && *quality == format.usual_quality()
    }
}

/// The widths to offer in a `srcset` for a picture of this width: the common ones below it, and its own.
pub fn srcset_widths(original_width: u32) -> Vec<u32> {
    let own = original_width.min(MAX_SIDE);
    LISTED_WIDTHS.into_iter().filter(|width| *width < own).chain((own > 0).then_some(own)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn queries_normalise_to_one_canonical_form() {
        for (query, expected) in [
            ("", "format=webp&q=80"),
            ("w=800", "w=800&format=webp&q=80"),
            ("q=05&format=jpeg&h=0600", "h=600&format=jpeg&q=5"),
            ("w=8&h=6&fit=cover", "w=8&h=6&fit=cover&format=webp&q=80"),
            ("w=8&h=6&fit=cover&fx=0.5&fy=.50", "w=8&h=6&fit=cover&format=webp&q=80"),
            ("w=8&h=6&fit=cover&fx=0.33333", "w=8&h=6&fit=cover&fx=0.3333&fy=0.5&format=webp&q=80"),
            ("w=8&fx=0.1&fy=1", "w=8&format=webp&q=80"),
            ("crop=0,0.25,1,0.75&format=avif", "crop=0,0.25,1,0.75&format=avif&q=70"),
            ("crop=0%2C0%2C.5%2C1", "crop=0,0,0.5,1&format=webp&q=80"),
            ("format=png&q=7&", "format=png"),
            ("w=8&format=gif&q=7", "w=8&format=gif"),
        ] {
            let transform = Transform::parse(query).unwrap();
            assert_eq!(transform.to_query(), expected, "{query}");
            assert_eq!(Transform::parse(expected).unwrap(), transform, "{query}");
        }
    }

    #[test]
    fn errors_name_the_parameter_and_its_valid_values() {
        for (query, message) in [
            ("w=0", "w must be a whole number from 1 to 4096"),
            ("w=4097", "w must be a whole number from 1 to 4096"),
            ("w=+5", "w must be a whole number from 1 to 4096"),
            ("w", "w must be a whole number from 1 to 4096"),
            ("h=99999999999999999999", "h must be a whole number from 1 to 4096"),
            ("h=5&h=5", "h is given more than once"),
            ("fit=fill", "fit must be contain or cover"),
            ("fit=cover&w=5", "fit must be contain when only one of w and h is given"),
            ("fx=1.01", "fx must be a number from 0 to 1"),
            ("fy=NaN", "fy must be a number from 0 to 1"),
            ("fy=1e-3", "fy must be a number from 0 to 1"),
            ("format=jpg", "format must be jpeg, png, webp, avif or gif"),
            ("q=101", "q must be a whole number from 1 to 100"),
            ("q=", "q must be a whole number from 1 to 100"),
            ("W=5", "unknown picture parameter \"W\"; use w, h, fit, fx, fy, crop, format or q"),
        ] {
            assert_eq!(Transform::parse(query).unwrap_err().to_string(), message, "{query}");
        }
        for crop in ["", "0,0,1", "0,0,1,1,1", "0,0,0,1", "0,0,1,0.00001", "0.5,0,0.5001,1", "-0,0,1,1", "0,1,1,1"] {
            let error = Transform::parse(&format!("crop={crop}")).unwrap_err();
            assert!(matches!(error, TransformError::Value { parameter: "crop", .. }), "{crop}");
        }
    }

    #[test]
    fn srcset_widths_end_with_the_picture_width() {
        assert!(srcset_widths(0).is_empty());
        assert_eq!(srcset_widths(200), [200]);
        assert_eq!(srcset_widths(640), [320, 480, 640]);
        assert_eq!(srcset_widths(1000), [320, 480, 640, 768, 960, 1000]);
        assert_eq!(srcset_widths(9000).last(), Some(&MAX_SIDE));
    }

    fn any_fraction() -> impl Strategy<Value = Fraction> {
        (0..=FRACTION_STEPS).prop_map(Fraction)
    }

    fn any_crop() -> impl Strategy<Value = Crop> {
        (0..FRACTION_STEPS, 0..FRACTION_STEPS)
            .prop_flat_map(|(x, y)| (Just(x), Just(y), 1..=FRACTION_STEPS - x, 1..=FRACTION_STEPS - y))
            .prop_map(|(x, y, w, h)| Crop::new(Fraction(x), Fraction(y), Fraction(w), Fraction(h)).unwrap())
    }

    proptest! {
        #[test]
        fn transforms_survive_a_query_round_trip(
            sides in (1..=MAX_SIDE, 1..=MAX_SIDE),
            given in (any::<bool>(), any::<bool>()),
            cover in any::<bool>(),
            focal in (any_fraction(), any_fraction()),
            crop in proptest::option::of(any_crop()),
            format in prop_oneof![Just(Format::Jpeg), Just(Format::Png), Just(Format::WebP), Just(Format::Avif)],
            quality in 1u8..=100,
        ) {
            let transform = Transform {
                width: (given.0 || cover).then_some(sides.0),
                height: (given.1 || cover).then_some(sides.1),
                fit: if cover { Fit::Cover } else { Fit::Contain },
                focal: if cover { FocusPoint { x: focal.0, y: focal.1 } } else { FocusPoint::default() },
                crop,
                format,
                quality: if format == Format::Png { 100 } else { quality },
            };
            let text = transform.to_query();
            prop_assert_eq!(Transform::parse(&text).unwrap(), transform);
        }

        #[test]
        fn any_accepted_query_round_trips(query in "\\PC{0,60}|((w|h|fit|fx|fy|crop|format|q)=[0-9.,%a-z]{0,8}&?){0,6}") {
            if let Ok(transform) = Transform::parse(&query) {
                prop_assert_eq!(Transform::parse(&transform.to_query()).unwrap(), transform);
            }
        }
    }
}
