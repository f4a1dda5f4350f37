//! Texts of the page, in the languages that it has.

/// Longest wait that counts as a moment, in seconds.
const MOMENT_SECONDS: u64 = 30;

/// Time after which somebody should try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    Seconds,
    /// So many minutes, at least one.
    Minutes(u64),
}

impl Wait {
    pub(super) fn from_seconds(seconds: u64) -> Self {
        match seconds {
            0..=MOMENT_SECONDS => Self::Seconds,
            more => Self::Minutes(more.div_ceil(60)),
        }
    }
}

/// The texts in one language. None of them has a character that HTML reads as its own.
pub(super) struct RefusalTexts {
    pub(super) lang: &'static str,
    pub(super) title: &'static str,
    pub(super) title_failed: &'static str,
    pub(super) failed: &'static str,
    pub(super) busy: &'static str,
    pub(super) away: &'static str,
    pub(super) too_many: &'static str,
    in_seconds: &'static str,
    in_a_minute: &'static str,
    /// Text before and after the number.
    in_minutes: (&'static str, &'static str),
    pub(super) kept: &'static str,
    pub(super) kept_without_files: &'static str,
    pub(super) not_kept: &'static str,
    pub(super) send: &'static str,
    pub(super) send_without_files: &'static str,
}

const ENGLISH: RefusalTexts = RefusalTexts {
    lang: "en",
    title: "Not sent yet",
    title_failed: "Something went wrong",
    failed: "Your form could not be handled completely, and it may not have arrived.",
    busy: "The site is very busy at the moment.",
    away: "This form cannot be submitted right now.",
    too_many: "Too many forms were sent from your network.",
    in_seconds: "Try again in a few seconds.",
    in_a_minute: "Try again in a minute.",
    in_minutes: ("Try again in ", " minutes."),
    kept: "Nothing you typed is lost: this page still has it, and the button sends it again.",
    kept_without_files: "What you typed is still on this page, but the files are not. To choose them again, go back to the form.",
    not_kept: "Go back to the form to send it again.",
    send: "Send again",
    send_without_files: "Send again without files",
};

const DUTCH: RefusalTexts = RefusalTexts {
    lang: "nl",
    title: "Nog niet verstuurd",
    title_failed: "Er is iets misgegaan",
    failed: "Je formulier kon niet helemaal worden verwerkt en is misschien niet aangekomen.",
    busy: "Het is op dit moment erg druk op de site.",
    away: "Dit formulier kan op dit moment niet worden verwerkt.",
    too_many: "Er zijn te veel formulieren verstuurd vanaf jouw netwerk.",
    in_seconds: "Probeer het over een paar seconden opnieuw.",
    in_a_minute: "Probeer het over een minuut opnieuw.",
    in_minutes: ("Probeer het over ", " minuten opnieuw."),
    kept: "Wat je hebt ingevuld, is niet weg: het staat nog op deze pagina en met de knop verstuur je het opnieuw.",
    kept_without_files: "Wat je hebt ingevuld, staat nog op deze pagina, maar de bestanden niet. Ga terug naar het formulier om ze opnieuw te kiezen.",
    not_kept: "Ga terug naar het formulier om het opnieuw te versturen.",
    send: "Opnieuw versturen",
    send_without_files: "Opnieuw versturen zonder bestanden",
};

impl RefusalTexts {
    /// The texts in a language such as `nl-BE`; in English where there are none.
    pub(super) fn for_language(language: &str) -> &'static Self {
        let primary = language.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("nl") { &DUTCH } else { &ENGLISH }
    }

    /// The sentence that says when to try again.
    pub(super) fn tell_wait(&self, wait: Wait) -> String {
        match wait {
            Wait::Seconds => self.in_seconds.to_owned(),
            Wait::Minutes(1) => self.in_a_minute.to_owned(),
            Wait::Minutes(minutes) => format!("{}{minutes}{}", self.in_minutes.0, self.in_minutes.1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_told_in_seconds_and_minutes() {
        let tell =
            |language: &str, seconds| RefusalTexts::for_language(language).tell_wait(Wait::from_seconds(seconds));
        assert_eq!(tell("nl-BE", 1), "Probeer het over een paar seconden opnieuw.");
        assert_eq!(tell("NL", 60), "Probeer het over een minuut opnieuw.");
        assert_eq!(tell("de", 61), "Try again in 2 minutes.");
    }
}
