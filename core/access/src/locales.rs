//! The configured locales, and the display names of locales.

use cairn_store::system::LocaleRow;

/// The locale of a new project.
pub(crate) const FIRST_LOCALE: &str = "en";

/// A snapshot of the configured locales.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locales {
    /// Code of the locale that applies to requests without one.
    pub default: String,
    /// All configured locales in order of creation.
    pub available: Vec<LocaleRow>,
}

impl Locales {
    pub(crate) fn new(available: Vec<LocaleRow>) -> Self {
        let default = available.iter().find(|l| l.is_default).or(available.first());
        Self { default: default.map_or(FIRST_LOCALE, |l| &l.code).to_owned(), available }
    }
}

/// True if a text can be a locale's code: letters, then parts of letters and digits joined by `-`.
pub fn is_code(code: &str) -> bool {
    let mut parts = code.split('-');
    let language = parts.next().unwrap_or_default();
    code.len() <= 35
        && (2..=8).contains(&language.len())
        && language.bytes().all(|b| b.is_ascii_alphabetic())
        && parts.all(|p| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// The display name: `nl` → `Dutch (nl)`, `en-GB` → `English (United Kingdom) (en-GB)`; the code itself if it is unknown.
pub fn language_name(code: &str) -> String {
    let (language, region) = code.split_once('-').map_or((code, None), |(l, r)| (l, Some(r)));
    let find = |table: &[(&str, &'static str)], key: &str| table.iter().find(|(c, _)| *c == key).map(|(_, name)| *name);
    match (find(LANGUAGE_NAMES, language), region) {
        (Some(name), None) => format!("{name} ({code})"),
        (Some(name), Some(region)) => match find(REGION_NAMES, region) {
            Some(region) => format!("{name} ({region}) ({code})"),
            None => code.to_owned(),
        },
        (None, _) => code.to_owned(),
    }
}

const LANGUAGE_NAMES: &[(&str, &str)] = &[
    ("af", "Afrikaans"),
    ("am", "Amharic"),
    ("ar", "Arabic"),
    ("az", "Azerbaijani"),
    ("be", "Belarusian"),
    ("bg", "Bulgarian"),
    ("bn", "Bangla"),
    ("bs", "Bosnian"),
    ("ca", "Catalan"),
    ("cs", "Czech"),
    ("cy", "Welsh"),
    ("da", "Danish"),
    ("de", "German"),
    ("el", "Greek"),
    ("en", "English"),
    ("eo", "Esperanto"),
    ("es", "Spanish"),
    ("et", "Estonian"),
    ("eu", "Basque"),
    ("fa", "Persian"),
    ("fi", "Finnish"),
    ("fil", "Filipino"),
    ("fo", "Faroese"),
    ("fr", "French"),
    ("fy", "Western Frisian"),
    ("ga", "Irish"),
    ("gl", "Galician"),
    ("gu", "Gujarati"),
    ("he", "Hebrew"),
    ("hi", "Hindi"),
    ("hr", "Croatian"),
    ("hu", "Hungarian"),
    ("hy", "Armenian"),
    ("id", "Indonesian"),
    ("is", "Icelandic"),
    ("it", "Italian"),
    ("ja", "Japanese"),
    ("ka", "Georgian"),
    ("kk", "Kazakh"),
    ("km", "Khmer"),
    ("kn", "Kannada"),
    ("ko", "Korean"),
    ("lb", "Luxembourgish"),
    ("lo", "Lao"),
    ("lt", "Lithuanian"),
    ("lv", "Latvian"),
    ("mk", "Macedonian"),
    ("ml", "Malayalam"),
    ("mn", "Mongolian"),
    ("mr", "Marathi"),
    ("ms", "Malay"),
    ("mt", "Maltese"),
    ("my", "Burmese"),
    ("nb", "Norwegian Bokmål"),
    ("ne", "Nepali"),
    ("nl", "Dutch"),
    ("nn", "Norwegian Nynorsk"),
    ("no", "Norwegian"),
    ("pa", "Punjabi"),
    ("pl", "Polish"),
    ("pt", "Portuguese"),
    ("ro", "Romanian"),
    ("ru", "Russian"),
    ("si", "Sinhala"),
    ("sk", "Slovak"),
    ("sl", "Slovenian"),
    ("sq", "Albanian"),
    ("sr", "Serbian"),
    ("sv", "Swedish"),
    ("sw", "Swahili"),
    ("ta", "Tamil"),
    ("te", "Telugu"),
    ("th", "Thai"),
    ("tr", "Turkish"),
    ("uk", "Ukrainian"),
    ("ur", "Urdu"),
    ("uz", "Uzbek"),
    ("vi", "Vietnamese"),
    ("zh", "Chinese"),
    ("zu", "Zulu"),
];

const REGION_NAMES: &[(&str, &str)] = &[
    ("AT", "Austria"),
    ("AU", "Australia"),
    ("BE", "Belgium"),
    ("BR", "Brazil"),
    ("CA", "Canada"),
    ("CH", "Switzerland"),
    ("CN", "China"),
    ("DE", "Germany"),
    ("ES", "Spain"),
    ("FR", "France"),
    ("GB", "United Kingdom"),
    ("HK", "Hong Kong"),
    ("Hans", "Simplified"),
    ("Hant", "Traditional"),
    ("IE", "Ireland"),
    ("IN", "India"),
    ("IT", "Italy"),
    ("LU", "Luxembourg"),
    ("MX", "Mexico"),
    ("NL", "Netherlands"),
    ("NZ", "New Zealand"),
    ("PT", "Portugal"),
    ("TW", "Taiwan"),
    ("US", "United States"),
    ("ZA", "South Africa"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_names_match_strapi() {
        for (code, name) in [
            ("en", "English (en)"),
            ("nl", "Dutch (nl)"),
            ("en-GB", "English (United Kingdom) (en-GB)"),
            ("en-XX", "en-XX"),
            ("tlh", "tlh"),
        ] {
            assert_eq!(language_name(code), name);
        }
    }

    #[test]
    fn locale_codes_are_validated() {
        for good in ["en", "nl-BE", "zh-Hans-CN", "fil", "es-419"] {
            assert!(is_code(good), "{good}");
        }
        for bad in ["", "e", "*", "en_GB", "en-", "-en", "en--GB", "e1", "nl BE", "en-abcdefghi", "en\0"] {
            assert!(!is_code(bad), "{bad}");
        }
    }
}
