//! The words of the page, and which language a reader wants. Plain text, but for the backticks around what is code.

use super::examples::ExampleKind;
use crate::reader_language::ReaderLanguage;

/// The page's words in one language.
#[derive(Debug)]
pub(super) struct PageTexts {
    /// As in `<html lang>`.
    pub(super) lang: &'static str,
    /// After the name of the project.
    pub(super) running: &'static str,
    /// Of the link to the admin.
    pub(super) open_admin: &'static str,
    /// Of the link to the page that describes the API.
    pub(super) try_api: &'static str,
    pub(super) version: &'static str,
    pub(super) content_types: &'static str,
    pub(super) components: &'static str,
    pub(super) open: &'static str,
    pub(super) reading: &'static str,
    pub(super) more: &'static str,
    pub(super) nothing_public: &'static str,
    /// Notes on types that are not public: for one type, and for several (after their number).
    pub(super) one_hidden: &'static str,
    pub(super) many_hidden: &'static str,
    pub(super) no_types: &'static str,
    pub(super) token: &'static str,
    pub(super) token_file: &'static str,
    pub(super) token_use: &'static str,
    pub(super) public: &'static str,
    pub(super) public_file: &'static str,
    pub(super) documentation: &'static str,
    pub(super) dialect: &'static str,
    pub(super) rest_reference: &'static str,
    pub(super) in_repository: &'static str,
    pub(super) front_end: &'static str,
    pub(super) operators: &'static str,
    list: &'static str,
    document: &'static str,
    related: &'static str,
    matching: &'static str,
    newest: &'static str,
    locale: &'static str,
    draft: &'static str,
}

static ENGLISH: PageTexts = PageTexts {
    lang: "en",
    running: "Cairn is running",
    open_admin: "Open the admin",
    try_api: "Try the API",
    version: "Version",
    content_types: "Content types",
    components: "Components",
    open: "Readable without signing in",
    reading: "Requests to try",
    more: "More requests",
    nothing_public: "Nothing can be read without signing in yet. Use a token, or let the public read a type: both are below.",
    one_hidden: "One more content type is not public, and not named here.",
    many_hidden: "more content types are not public, and not named here.",
    no_types: "This project has no content types yet. Create the first one in the admin, or put its file into `content-types/` and restart Cairn.",
    token: "Getting a token",
    token_file: "Name one in a settings file, and apply it in the project's folder. A running server takes it up within a second.",
    token_use: "Send it with every request:",
    public: "Letting the public read",
    public_file: "In the same file, name a content type by its uid and what everybody may do with it:",
    documentation: "Documentation",
    dialect: "The API speaks Strapi v5's REST dialect:",
    rest_reference: "Strapi's REST API reference",
    in_repository: "In Cairn's repository:",
    front_end: "pointing a Strapi client at Cairn, and what differs",
    operators: "configuration, settings as code, backup, limits",
    list: "Everything, by pages",
    document: "The document",
    related: "With what it relates to",
    matching: "Only what matches",
    newest: "The newest three",
    locale: "In another language",
    draft: "Drafts",
};

static DUTCH: PageTexts = PageTexts {
    lang: "nl",
    running: "Cairn draait",
    open_admin: "Open de beheeromgeving",
    try_api: "Probeer de API",
    version: "Versie",
    content_types: "Contenttypes",
    components: "Componenten",
    open: "Leesbaar zonder aanmelden",
    reading: "Verzoeken om te proberen",
    more: "Meer verzoeken",
    nothing_public: "Er is nog niets leesbaar zonder aanmelden. Gebruik een token, of maak een type openbaar: beide staan hieronder.",
    one_hidden: "Nog één contenttype is niet openbaar en wordt hier niet genoemd.",
    many_hidden: "andere contenttypes zijn niet openbaar en worden hier niet genoemd.",
    no_types: "Dit project heeft nog geen contenttypes. Maak het eerste in de beheeromgeving, of zet het bestand ervan in `content-types/` en start Cairn opnieuw.",
    token: "Een token krijgen",
    token_file: "Noem er een in een instellingenbestand en pas dat toe in de map van het project. Een draaiende server neemt het binnen een seconde over.",
    token_use: "Stuur het met elk verzoek mee:",
    public: "Iets openbaar maken",
    public_file: "Noem in hetzelfde bestand een contenttype bij zijn uid, en wat iedereen ermee mag:",
    documentation: "Documentatie",
    dialect: "De API spreekt het REST-dialect van Strapi v5:",
    rest_reference: "Strapi’s naslag van de REST-API (Engels)",
    in_repository: "In de repository van Cairn:",
    front_end: "een Strapi-client op Cairn aansluiten, en wat er anders is (Engels)",
    operators: "configuratie, instellingen als code, back-up, grenzen (Engels)",
    list: "Alles, per pagina",
    document: "Het document",
    related: "Met wat erbij hoort",
    matching: "Alleen wat voldoet",
    newest: "De nieuwste drie",
    locale: "In een andere taal",
    draft: "Concepten",
};

impl PageTexts {
    /// In the language that an `Accept-Language` header likes best; English where it likes neither.
    pub(super) fn for_language(accept_language: &str) -> &'static Self {
        match ReaderLanguage::from_header(accept_language) {
            ReaderLanguage::English => &ENGLISH,
            ReaderLanguage::Dutch => &DUTCH,
        }
    }

    /// Describes an example request by its kind.
    pub(super) fn describe_example(&self, shows: ExampleKind) -> &'static str {
        match shows {
            ExampleKind::List => self.list,
            ExampleKind::Document => self.document,
            ExampleKind::Related => self.related,
            ExampleKind::Matching => self.matching,
            ExampleKind::Newest => self.newest,
            ExampleKind::Locale => self.locale,
            ExampleKind::Draft => self.draft,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_with_the_highest_quality_is_chosen() {
        for (header, lang) in [
            ("", "en"),
            ("nl", "nl"),
            ("nl-NL,nl;q=0.9,en;q=0.8", "nl"),
            ("en-GB,nl;q=0.9", "en"),
            ("en;q=0.2, nl;q=0.7", "nl"),
            ("de, fr;q=0.9, nl;q=0.1", "nl"),
            ("nl;q=0, en;q=0.1", "en"),
            ("de", "en"),
            ("nl;q=much", "en"),
            ("NL-be", "nl"),
        ] {
            assert_eq!(PageTexts::for_language(header).lang, lang, "{header}");
        }
    }
}
