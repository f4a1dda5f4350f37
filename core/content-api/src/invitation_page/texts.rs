//! Texts of the page, in the languages that it has.

/// The texts in one language. None of them has a character that HTML reads as its own.
pub(super) struct PageTexts {
    pub(super) lang: &'static str,
    pub(super) choose: &'static str,
    pub(super) choose_explained: &'static str,
    pub(super) password: &'static str,
    /// Text before and after the number.
    pub(super) hint: (&'static str, &'static str),
    pub(super) again: &'static str,
    pub(super) save: &'static str,
    /// Text before and after the number.
    pub(super) too_short: (&'static str, &'static str),
    pub(super) not_acceptable: &'static str,
    pub(super) different: &'static str,
    pub(super) expired: &'static str,
    pub(super) expired_explained: &'static str,
    pub(super) request: &'static str,
    pub(super) request_explained: &'static str,
    /// Where nobody can ask for a link here.
    pub(super) no_request_explained: &'static str,
    pub(super) email: &'static str,
    pub(super) wrong_address: &'static str,
    pub(super) send: &'static str,
    pub(super) requested: &'static str,
    pub(super) requested_explained: &'static str,
    pub(super) done: &'static str,
    pub(super) done_explained: &'static str,
    pub(super) to_site: &'static str,
    pub(super) too_many: &'static str,
    pub(super) too_many_soon: &'static str,
    /// Text before and after the number.
    pub(super) too_many_minutes: (&'static str, &'static str),
    pub(super) error: &'static str,
}

const ENGLISH: PageTexts = PageTexts {
    lang: "en",
    choose: "Choose your password",
    choose_explained: "You have been invited. Choose a password, and your account is ready.",
    password: "Password",
    hint: ("At least ", " characters. A sentence is easy to remember and hard to guess."),
    again: "The same password again",
    save: "Save password",
    too_short: ("This password is too short: choose one of at least ", " characters."),
    not_acceptable: "This password is too long. Choose a shorter one.",
    different: "The two passwords are not the same. Type both again.",
    expired: "This link is not valid any more",
    expired_explained: "It was used, it has expired, or a newer one was sent. If you have chosen a password already, sign in with it. If you have not, \
                        ask for a new link here.",
    request: "Ask for a new invitation",
    request_explained: "Type the address at which you were invited. You get a mail with a link.",
    no_request_explained: "If you have chosen a password already, sign in with it. If you have not, ask whoever invited you for a new link.",
    email: "E-mail address",
    wrong_address: "This is not an e-mail address. It looks like name@example.com.",
    send: "Send me a new link",
    requested: "Check your mailbox",
    requested_explained: "If an invitation is waiting for this address, a new link is on its way. If nothing comes within a few minutes, check the \
                          spam folder, or ask whoever invited you.",
    done: "Your account is ready",
    done_explained: "Your password is saved. From now on you can sign in with your e-mail address and this password.",
    to_site: "Go to the site",
    too_many: "Too many attempts",
    too_many_soon: "Try again in a minute.",
    too_many_minutes: ("Try again in ", " minutes."),
    error: "Error",
};

const DUTCH: PageTexts = PageTexts {
    lang: "nl",
    choose: "Kies je wachtwoord",
    choose_explained: "Je bent uitgenodigd. Kies een wachtwoord en je account is klaar.",
    password: "Wachtwoord",
    hint: ("Minstens ", " tekens. Een zin is makkelijk te onthouden en moeilijk te raden."),
    again: "Nog een keer hetzelfde wachtwoord",
    save: "Wachtwoord opslaan",
    too_short: ("Dit wachtwoord is te kort: kies er een van minstens ", " tekens."),
    not_acceptable: "Dit wachtwoord is te lang. Kies een korter wachtwoord.",
    different: "De twee wachtwoorden zijn niet gelijk. Typ ze allebei opnieuw.",
    expired: "Deze link is niet meer geldig",
    expired_explained: "De link is gebruikt of verlopen, of er is een nieuwere verstuurd. Heb je al een wachtwoord gekozen? Log daar dan mee in. Heb je dat nog \
                        niet? Vraag dan hier een nieuwe link aan.",
    request: "Een nieuwe uitnodiging aanvragen",
    request_explained: "Vul het adres in waarop je bent uitgenodigd. Je krijgt een mail met een link.",
    no_request_explained: "Heb je al een wachtwoord gekozen? Log daar dan mee in. Heb je dat nog niet? Vraag dan een nieuwe link aan wie je heeft uitgenodigd.",
    email: "E-mailadres",
    wrong_address: "Dit is geen e-mailadres. Het ziet eruit als naam@example.com.",
    send: "Stuur me een nieuwe link",
    requested: "Kijk in je mailbox",
    requested_explained: "Wacht er een uitnodiging voor dit adres, dan is er een nieuwe link onderweg. Komt er binnen een paar minuten niets? Kijk dan bij de \
                          ongewenste mail, of vraag het aan wie je heeft uitgenodigd.",
    done: "Je account is klaar",
    done_explained: "Je wachtwoord is opgeslagen. Vanaf nu kun je inloggen met je e-mailadres en dit wachtwoord.",
    to_site: "Naar de site",
    too_many: "Te veel pogingen",
    too_many_soon: "Probeer het over een minuut opnieuw.",
    too_many_minutes: ("Probeer het over ", " minuten opnieuw."),
    error: "Fout",
};

impl PageTexts {
    /// The texts in a language such as `nl-BE`; in English where there are none.
    pub(super) fn for_language(language: &str) -> &'static Self {
        let primary = language.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("nl") { &DUTCH } else { &ENGLISH }
    }
}
