//! Facts about a film, a sound or a document, and the forms in which they are taken from a file.

use serde::{Deserialize, Serialize};

/// Longest title that is kept, in characters.
const MAX_TITLE_CHARS: usize = 200;

/// Facts about a film, a sound or a document. Unknown ones are `None`, and left out of JSON.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MediaFacts {
    /// How long it plays, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// Width in pixels as seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height in pixels as seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// `h264`, `hevc`, `av1`, `vp9` and the like; of a codec without a common name what the file calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video_codec: Option<String>,
    /// `aac`, `opus`, `mp3` and the like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio_codec: Option<String>,
    /// Pictures in a second, on average, to a thousandth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame_rate: Option<f64>,
    /// How many channels the sound has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channels: Option<u32>,
    /// Samples of sound in a second, in each channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample_rate: Option<u32>,
    /// How many pages a document has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages: Option<u32>,
    /// The title that is written in the file; at most 200 characters, none of them a control character.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// A title as it may be shown; `None` where nothing is left.
pub(super) fn clean_title(text: &str) -> Option<String> {
    let title: String = text.chars().filter(|c| !c.is_control()).take(MAX_TITLE_CHARS).collect();
    let title = title.trim();
    (!title.is_empty()).then(|| title.to_owned())
}

/// Normalizes a file's own name of a codec that has no common name: at most 32 plain characters, in lower case.
pub(super) fn codec_name(text: &str) -> Option<String> {
    let plain = text.chars().filter(|c| c.is_ascii_alphanumeric() || "-_./".contains(*c));
    let name: String = plain.take(32).collect::<String>().to_ascii_lowercase();
    (!name.is_empty()).then_some(name)
}

/// A rate that a film may have, to a thousandth.
pub(super) fn frame_rate(rate: f64) -> Option<f64> {
    (rate.is_finite() && (0.01..=1000.0).contains(&rate)).then(|| (rate * 1000.0).round() / 1000.0)
}

/// A number of something in a second, or of channels, as a container tells it: nought is as good as not told.
pub(super) fn nonzero_fact(number: u32) -> Option<u32> {
    (number > 0).then_some(number)
}

/// A duration in milliseconds. What a file tells may be anything; a film is no longer than a year.
pub(super) fn to_milliseconds(seconds: f64) -> Option<u64> {
    (seconds.is_finite() && seconds > 0.0 && seconds < 366.0 * 86_400.0).then(|| (seconds * 1000.0).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_and_codec_names_are_sanitised() {
        assert_eq!(clean_title(" a\u{0}b\r\n\u{1b}c "), Some("abc".to_owned()));
        assert_eq!(clean_title(" \n"), None);
        assert_eq!(clean_title(&"é".repeat(1000)).unwrap().chars().count(), 200);
        assert_eq!(codec_name("<b>A_X/y"), Some("ba_x/y".to_owned()));
        assert_eq!(codec_name("\u{0} é"), None);
    }

    #[test]
    fn impossible_frame_rates_and_durations_are_ignored() {
        assert_eq!(frame_rate(29.970_029), Some(29.97));
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e9] {
            assert_eq!(frame_rate(rate), None);
        }
        assert_eq!(to_milliseconds(1.2345), Some(1235));
        for seconds in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e9] {
            assert_eq!(to_milliseconds(seconds), None);
        }
    }

    #[test]
    fn media_facts_serialise_only_known_values() {
        let facts = MediaFacts { duration_ms: Some(5), frame_rate: Some(25.0), ..MediaFacts::default() };
        let json = serde_json::to_string(&facts).unwrap();
        assert_eq!(json, r#"{"durationMs":5,"frameRate":25.0}"#);
        assert_eq!(serde_json::from_str::<MediaFacts>(&json).unwrap(), facts);
    }
}
