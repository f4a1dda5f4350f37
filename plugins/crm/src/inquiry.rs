//! Inquiry of a visitor: the fields of a form, checked and in the forms in which they are stored and compared. It knows no host.

use crate::form_fields::FormFields;
use cairn_contact_details::email::{clean_email, is_email};
use cairn_contact_details::invisible::{has_visible, is_break, overrides_direction, remove_invisible};
use cairn_contact_details::person_name::{clean_name, has_link};
use cairn_contact_details::phone::normalise_phone;
use chrono::{Datelike, NaiveDate};
use serde_json::{Map, Value, json};

/// The field that people do not see: whoever fills it in is a program.
pub(crate) const TRAP_FIELD: &str = "company_site";
/// The field that names the package somebody wishes for.
pub(crate) const PACKAGE_FIELD: &str = "packageWish";
/// Fields that have a place of their own.
const KNOWN_FIELDS: [&str; 18] = [
    "name",
    "email",
    "phone",
    "company",
    "message",
    "eventDate",
    "eventVenue",
    "guests",
    PACKAGE_FIELD,
    "locale",
    "consent",
    "consentText",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_term",
    "utm_content",
    TRAP_FIELD,
];
const UTM_FIELDS: [&str; 5] = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"];

const MAX_NAME: usize = 120;
const MAX_VENUE: usize = 200;
const MAX_PHONE: usize = 40;
const MAX_EMAIL: usize = 254;
const MAX_MESSAGE: usize = 5_000;
const MAX_CONSENT_TEXT: usize = 1_000;
const MAX_UTM: usize = 200;
const MAX_GUESTS: u64 = 1_000_000;
/// Fields without a place of their own: how many, and how long their names and values.
const MAX_EXTRA: usize = 30;
const MAX_EXTRA_NAME: usize = 60;
const MAX_EXTRA_VALUE: usize = 500;

/// Inputs of the rules, beside the form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InquiryRules<'a> {
    /// Today where the company is.
    pub(crate) today: NaiveDate,
    /// True if the event may have been.
    pub(crate) allow_past: bool,
    /// The stored key of the package that the form wishes for; none where it wishes for none, or for one that is not stored.
    pub(crate) package: Option<&'a str>,
    /// Of phone numbers without one.
    pub(crate) country_code: &'a str,
    /// The language of those who name none.
    pub(crate) language: &'a str,
}

/// An inquiry that can be stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Inquiry {
    pub(crate) name: String,
    /// As it was typed.
    pub(crate) email: Option<String>,
    /// In E.164.
    pub(crate) phone: Option<String>,
    pub(crate) company: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) event_date: Option<NaiveDate>,
    pub(crate) event_venue: Option<String>,
    pub(crate) guests: Option<u32>,
    pub(crate) package_wish: Option<String>,
    /// `en` or `nl`.
    pub(crate) language: String,
    pub(crate) consent: bool,
    pub(crate) consent_text: Option<String>,
    pub(crate) utm: Map<String, Value>,
    /// Fields of the form that have no place of their own.
    pub(crate) extra: Map<String, Value>,
    /// True if the field that people do not see was filled in.
    pub(crate) trapped: bool,
}

/// Problem of a field: its name, a key of the texts, and the number that the text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldProblem {
    pub(crate) field: String,
    pub(crate) code: &'static str,
    pub(crate) most: usize,
}

/// Checks a form.
///
/// # Errors
/// Everything that is wrong with it.
pub(crate) fn read_inquiry(form: &FormFields, rules: InquiryRules<'_>) -> Result<Inquiry, Vec<FieldProblem>> {
    let mut check = Checker { form, problems: Vec::new() };
    let name = check.read_name("name");
    match &name {
        None => check.refuse("name", "required"),
        // A link in the name is spam: the sender wants our mail to carry it to somebody else.
        Some(name) if has_link(name) => check.refuse("name", "link"),
        Some(_) => {}
    }
    let email = check.read_line("email", MAX_EMAIL, clean_email);
    if email.as_deref().is_some_and(|email| !is_email(email)) {
        check.refuse("email", "email");
    }
    let typed_phone = check.read_line("phone", MAX_PHONE, |text| remove_invisible(text).trim().to_owned());
    if email.is_none() && typed_phone.is_none() {
        check.refuse("email", "emailOrPhone");
    }
    let phone = typed_phone.and_then(|text| check.read_phone(&text, rules.country_code));
    let company = check.read_name("company");
    let message = check.read_text("message", MAX_MESSAGE);
    let event_date = check.read_date(rules);
    let event_venue = check.read_line("eventVenue", MAX_VENUE, str::to_owned);
    let guests = check.read_guests();
    let consent = check.read_consent();
    let consent_text = check.read_text("consentText", MAX_CONSENT_TEXT);
    let utm = UTM_FIELDS.into_iter().filter_map(|field| Some((field, check.read_line(field, MAX_UTM, str::to_owned)?)));
    let utm = utm.map(|(field, value)| (field.trim_start_matches("utm_").to_owned(), json!(value))).collect();
    let mut extra = check.read_extra();
    let package_wish = rules.package.map(str::to_owned);
    if package_wish.is_none()
        && let Some(wish) = check.read_unknown_package()
    {
        extra.insert(PACKAGE_FIELD.to_owned(), json!(wish));
    }
    let language = form.text("locale").and_then(|locale| read_language(&locale)).unwrap_or(rules.language).to_owned();
    let problems = check.problems;
    match name {
        Some(name) if problems.is_empty() => Ok(Inquiry {
            name,
            email,
            phone,
            company,
            message,
            event_date,
            event_venue,
            guests,
            package_wish,
            language,
            consent,
            consent_text,
            utm,
            extra,
            trapped: form.text(TRAP_FIELD).is_some(),
        }),
        _ => Err(problems),
    }
}

struct Checker<'a> {
    form: &'a FormFields,
    problems: Vec<FieldProblem>,
}

impl Checker<'_> {
    fn refuse(&mut self, field: &str, code: &'static str) {
        self.refuse_beyond(field, code, 0);
    }

    fn refuse_beyond(&mut self, field: &str, code: &'static str, most: usize) {
        // The first problem of a field is enough to correct it.
        if !self.problems.iter().any(|problem| problem.field == field) {
            self.problems.push(FieldProblem { field: field.to_owned(), code, most });
        }
    }

    /// A text of one line; none where nothing of it is left.
    fn read_line(&mut self, field: &str, most: usize, clean: fn(&str) -> String) -> Option<String> {
        let text = self.form.text(field)?;
        if text.contains(is_break) {
            self.refuse(field, "line");
        }
        let text = clean(&text);
        if count_units(&text) > most {
            self.refuse_beyond(field, "long", most);
        }
        Some(text).filter(|text| !text.is_empty())
    }

    /// The name of a person or company; none where nothing of it is seen.
    fn read_name(&mut self, field: &str) -> Option<String> {
        let name = self.read_line(field, MAX_NAME, clean_name).filter(|name| has_visible(name))?;
        if name.contains(overrides_direction) {
            self.refuse(field, "direction");
        }
        Some(name)
    }

    /// A text of several lines. What neither prints nor breaks a line is left out.
    fn read_text(&mut self, field: &str, most: usize) -> Option<String> {
        let text: String = self
            .form
            .text(field)?
            .replace("\r\n", "\n")
            .chars()
            .filter(|c| !c.is_control() || "\n\t".contains(*c))
            .collect();
        if count_units(&text) > most {
            self.refuse_beyond(field, "long", most);
        }
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    fn read_phone(&mut self, text: &str, country_code: &str) -> Option<String> {
        let phone = normalise_phone(text, country_code);
        if phone.is_none() {
            self.refuse("phone", "phone");
        }
        phone
    }

    fn read_date(&mut self, rules: InquiryRules<'_>) -> Option<NaiveDate> {
        let text = self.form.text("eventDate")?;
        // The form of date inputs, and nothing that merely begins like it; years that every database knows.
        let is_plain = |date: &NaiveDate| date.to_string() == text && (1..=9_999).contains(&date.year());
        let date = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok().filter(is_plain);
        match date {
            None => self.refuse("eventDate", "date"),
            Some(date) if date < rules.today && !rules.allow_past => self.refuse("eventDate", "past"),
            Some(_) => {}
        }
        date
    }

    /// A wish for a package that is not stored, as it was typed. A page that names packages of last year costs nobody a lead: somebody of the
    /// team reads what was meant.
    fn read_unknown_package(&mut self) -> Option<String> {
        let wish = self.form.text(PACKAGE_FIELD)?;
        if wish.chars().count() > MAX_EXTRA_VALUE {
            self.refuse_beyond(PACKAGE_FIELD, "long", MAX_EXTRA_VALUE);
        }
        let wish: String = wish.chars().filter(|c| !c.is_control()).collect();
        Some(wish.trim().to_owned()).filter(|wish| !wish.is_empty())
    }

    fn read_guests(&mut self) -> Option<u32> {
        let number = match self.form.value("guests")? {
            Value::Number(number) => number.as_u64(),
            Value::String(text) if text.trim().bytes().all(|b| b.is_ascii_digit()) => text.trim().parse().ok(),
            _ => None,
        };
        match number.filter(|number| *number <= MAX_GUESTS) {
            Some(number) => u32::try_from(number).ok(),
            None => {
                self.refuse("guests", "guests");
                None
            }
        }
    }

    fn read_consent(&mut self) -> bool {
        match self.form.text("consent").map(|text| text.to_lowercase()).as_deref() {
            None | Some("false" | "off" | "no" | "nee" | "0") => false,
            Some("true" | "on" | "yes" | "ja" | "1") => true,
            Some(_) => {
                self.refuse("consent", "consent");
                false
            }
        }
    }

    fn read_extra(&mut self) -> Map<String, Value> {
        let form = self.form;
        let mut extra = Map::new();
        for (name, value) in form.others(&KNOWN_FIELDS) {
            if name.chars().count() > MAX_EXTRA_NAME || name.chars().any(char::is_control) {
                let start: String = name.chars().filter(|c| !c.is_control()).take(MAX_EXTRA_NAME).collect();
                self.refuse(&start, "fieldName");
            } else if value.chars().count() > MAX_EXTRA_VALUE {
                self.refuse_beyond(name, "long", MAX_EXTRA_VALUE);
            } else if extra.len() >= MAX_EXTRA {
                self.refuse_beyond(name, "tooManyFields", MAX_EXTRA);
            } else {
                let value: String = value.chars().filter(|c| !c.is_control() || *c == '\n').collect();
                extra.insert(name.to_owned(), json!(value));
            }
        }
        extra
    }
}

/// The language of a locale, where mails are written in it.
pub(crate) fn read_language(locale: &str) -> Option<&'static str> {
    match locale.split(['-', '_']).next().unwrap_or_default().to_lowercase().as_str() {
        "nl" => Some("nl"),
        "en" => Some("en"),
        _ => None,
    }
}

/// The length of a text as content types count it: in units of UTF-16, of which an emoji has two.
pub(crate) fn count_units(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> InquiryRules<'static> {
        let today = NaiveDate::from_ymd_opt(2027, 2, 5).unwrap();
        InquiryRules { today, allow_past: false, package: None, country_code: "31", language: "nl" }
    }

    fn read(form: Value) -> Result<Inquiry, Vec<FieldProblem>> {
        let form = FormFields::parse("application/json", form.to_string().as_bytes()).unwrap();
        read_inquiry(&form, rules())
    }

    #[test]
    fn a_package_that_is_not_stored_costs_no_lead() {
        let wish = |key: &str, package: Option<&'static str>| {
            let form = json!({ "name": "S", "phone": "0612345678", "packageWish": key });
            let form = FormFields::parse("application/json", form.to_string().as_bytes()).unwrap();
            read_inquiry(&form, InquiryRules { package, ..rules() })
        };
        let known = wish("GOLD", Some("gold")).unwrap();
        assert_eq!((known.package_wish.as_deref(), known.extra.is_empty()), (Some("gold"), true));
        let unknown = wish(" Zilver\u{0} 2025 ", None).unwrap();
        assert_eq!(unknown.package_wish, None);
        assert_eq!(Value::from(unknown.extra), json!({ "packageWish": "Zilver 2025" }));
        assert!(wish("\u{0}", None).unwrap().extra.is_empty());
        let long = wish(&"x".repeat(501), None).unwrap_err();
        assert_eq!(long, [FieldProblem { field: "packageWish".into(), code: "long", most: 500 }]);
    }

    #[test]
    fn a_good_form_is_read_in_full() {
        let inquiry = read(json!({
            "name": " Sanne de Vries ", "email": "Sanne@Example.nl", "phone": "06 12345678", "company": "",
            "message": "Hoi!\r\nTot dan.\u{0}", "eventDate": "2027-03-28", "eventVenue": "Kasteel", "guests": "80",
            "consent": true, "locale": "en-GB", "utm_source": "google", "heardOf": "a friend",
        }))
        .unwrap();
        assert_eq!(inquiry.name, "Sanne de Vries");
        assert_eq!(inquiry.email.as_deref(), Some("Sanne@Example.nl"));
        assert_eq!(inquiry.phone.as_deref(), Some("+31612345678"));
        assert_eq!((inquiry.company.as_deref(), inquiry.message.as_deref()), (None, Some("Hoi!\nTot dan.")));
        assert_eq!((inquiry.guests, inquiry.package_wish.as_deref()), (Some(80), None));
        assert_eq!((inquiry.language.as_str(), inquiry.consent, inquiry.trapped), ("en", true, false));
        assert_eq!(Value::from(inquiry.utm), json!({ "source": "google" }));
        assert_eq!(Value::from(inquiry.extra), json!({ "heardOf": "a friend" }));
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let problems = read(json!({
            "email": "nobody", "phone": "06", "eventDate": "2027-02-29", "guests": "-3",
            "consent": "perhaps", "message": "x".repeat(5_001), "company": "a\nb",
        }));
        let problems: Vec<_> = problems.unwrap_err().into_iter().map(|p| (p.field, p.code)).collect();
        let expected = [
            ("name", "required"),
            ("email", "email"),
            ("phone", "phone"),
            ("company", "line"),
            ("message", "long"),
            ("eventDate", "date"),
            ("guests", "guests"),
            ("consent", "consent"),
        ];
        assert_eq!(problems, expected.map(|(field, code)| (field.to_owned(), code)));
    }

    #[test]
    fn bad_input_is_told_by_its_field() {
        let long = "x".repeat(200_000);
        for (field, value, code) in [
            ("name", json!("   "), "required"),
            ("name", json!("a\r\nBcc: b@c.nl"), "line"),
            ("name", json!("Win now https://spam.example"), "link"),
            ("name", json!("WWW.spam.example"), "link"),
            ("name", json!("Win now: Spam.com!"), "link"),
            ("name", json!("spam.com/win"), "link"),
            ("name", json!("prijs.ai"), "link"),
            ("name", json!("evil\u{3002}com"), "link"),
            ("name", json!("//evil.com"), "link"),
            ("name", json!("\u{200b}\u{feff}"), "required"),
            ("name", json!("\u{202e}gnp.exe"), "direction"),
            ("company", json!("a\u{202e}b"), "direction"),
            ("email", json!("\u{202e}sanne@example.nl"), "email"),
            ("name", json!(long), "long"),
            ("name", json!("😀".repeat(61)), "long"),
            ("message", json!("😀".repeat(2_501)), "long"),
            ("email", json!("a@b"), "email"),
            ("email", json!(long), "long"),
            ("email", json!(7), "email"),
            ("phone", json!("not a number"), "phone"),
            ("eventDate", json!("28-03-2027"), "date"),
            ("eventDate", json!("2027-3-28"), "date"),
            ("eventDate", json!("2027-13-01"), "date"),
            ("eventDate", json!("2027-03-28T10:00"), "date"),
            ("eventDate", json!("+2027-03-8"), "date"),
            ("eventDate", json!("+12027-03-28"), "date"),
            ("eventDate", json!("0000-03-28"), "date"),
            ("eventDate", json!("2027-02-04"), "past"),
            ("guests", json!(-1), "guests"),
            ("guests", json!(1.5), "guests"),
            ("guests", json!("1e3"), "guests"),
            ("guests", json!("99999999999999999999"), "guests"),
            ("guests", json!(true), "guests"),
            ("packageWish", json!(long), "long"),
            ("message", json!(long), "long"),
            ("eventVenue", json!(long), "long"),
            ("utm_source", json!(long), "long"),
            ("consentText", json!(long), "long"),
            ("anything", json!(long), "long"),
            (long.as_str(), json!("x"), "fieldName"),
        ] {
            let mut form = json!({ "name": "Sanne", "email": "sanne@example.nl" });
            form[field] = value;
            let problems = read(form).unwrap_err();
            assert_eq!(problems.len(), 1, "{field:.60}: {problems:?}");
            assert_eq!(problems[0].code, code, "{field:.60}: {problems:?}");
            assert!(problems[0].field.len() <= 60, "{}", problems[0].field.len());
        }
        assert_eq!(read(json!({ "name": "Sanne" })).unwrap_err()[0].code, "emailOrPhone");
        let many: Map<String, Value> = (0..40).map(|n| (format!("f{n}"), json!("x"))).collect();
        let mut form = json!({ "name": "Sanne", "email": "sanne@example.nl" });
        form.as_object_mut().unwrap().extend(many);
        assert_eq!(read(form).unwrap_err()[0].code, "tooManyFields");
    }

    #[test]
    fn what_nobody_sees_is_neither_stored_nor_in_the_way() {
        let inquiry = read(json!({
            "name": "\u{feff}Sanne\u{200b} de Vries", "email": "\u{202a}Sanne@Bücher.example\u{202c}",
            "phone": "\u{202a}+49 (0711) 22\u{2010}93\u{200b}90\u{202c}", "company": "\u{200b}",
        }));
        let inquiry = inquiry.unwrap();
        assert_eq!((inquiry.name.as_str(), inquiry.company), ("Sanne de Vries", None));
        assert_eq!(inquiry.email.as_deref(), Some("Sanne@Bücher.example"));
        assert_eq!(inquiry.phone.as_deref(), Some("+49711229390"));
        let only = json!({ "name": "Sanne", "email": "\u{200b}", "phone": "\u{feff}" });
        assert_eq!(read(only).unwrap_err()[0].code, "emailOrPhone");
        let half = json!({ "name": "Sanne", "email": "\u{200b}", "phone": "tel:+31612345678" });
        assert_eq!(read(half).unwrap().phone.as_deref(), Some("+31612345678"));
    }

    #[test]
    fn names_with_points_are_names() {
        for name in [
            "J.P.de Vries",
            "Th.de Boer",
            "J.P. Bakker",
            "drs.Bakker",
            "J.de Vries",
            "Sanne/Tim",
            "A.B.C.",
            "A.B.C.Janssen",
            "St. John",
            "Jan Jansen jr.",
        ] {
            assert!(read(json!({ "name": name, "email": "a@example.nl" })).is_ok(), "{name}");
        }
    }

    #[test]
    fn today_is_not_past_and_a_form_may_allow_the_past() {
        let form = |date: &str| json!({ "name": "Sanne", "phone": "0612345678", "eventDate": date });
        assert!(read(form("2027-02-05")).is_ok());
        let past = FormFields::parse("application/json", form("2027-02-04").to_string().as_bytes()).unwrap();
        assert!(read_inquiry(&past, InquiryRules { allow_past: true, ..rules() }).is_ok());
    }

    #[test]
    fn who_fills_in_the_hidden_field_is_noticed() {
        let form = json!({ "name": "Bot", "email": "bot@example.com", "company_site": "https://spam.example" });
        assert!(read(form).unwrap().trapped);
    }
}
