//! Official holidays of countries, by the rules that calendars have.

use super::rules::{DateRule, RuleYears, YearlyDate};

/// The official holidays of a country.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// The Netherlands.
    Nl,
}

/// A holiday of a preset; it is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresetHoliday {
    /// Its name in the country's language.
    pub name: &'static str,
    /// Its date in each year.
    pub rule: DateRule,
}

impl Preset {
    /// Every preset that exists.
    pub const ALL: [Self; 1] = [Self::Nl];

    /// The name in a settings file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nl => "nl",
        }
    }

    /// Parses the name in a settings file.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.as_str() == name)
    }

    /// Its holidays. Of two on one day the first counts.
    pub const fn holidays(self) -> &'static [PresetHoliday] {
        match self {
            Self::Nl => NL,
        }
    }
}

const fn yearly(name: &'static str, date: YearlyDate) -> PresetHoliday {
    PresetHoliday { name, rule: DateRule::every_year(date) }
}

/// The Netherlands. Good Friday is among the public holidays, although many businesses are open: one that is has an entry of its own for it.
const NL: &[PresetHoliday] = &[
    yearly("Nieuwjaarsdag", YearlyDate::MonthDay(1, 1)),
    yearly("Goede Vrijdag", YearlyDate::Easter(-2)),
    yearly("Eerste Paasdag", YearlyDate::Easter(0)),
    yearly("Tweede Paasdag", YearlyDate::Easter(1)),
    PresetHoliday {
        name: "Koningsdag",
        rule: DateRule {
            date: YearlyDate::MonthDay(4, 27),
            // From Sunday to the Saturday before.
            moved: [0, 0, 0, 0, 0, 0, -1],
            years: RuleYears { from: Some(2014), ..RuleYears::ALL },
        },
    },
    PresetHoliday {
        name: "Bevrijdingsdag",
        rule: DateRule {
            date: YearlyDate::MonthDay(5, 5),
            moved: [0; 7],
            years: RuleYears { interval: 5, from: Some(1990), until: None },
        },
    },
    yearly("Hemelvaartsdag", YearlyDate::Easter(39)),
    yearly("Eerste Pinksterdag", YearlyDate::Easter(49)),
    yearly("Tweede Pinksterdag", YearlyDate::Easter(50)),
    yearly("Eerste Kerstdag", YearlyDate::MonthDay(12, 25)),
    yearly("Tweede Kerstdag", YearlyDate::MonthDay(12, 26)),
];
