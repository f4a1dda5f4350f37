//! Properties that hold for every text: nothing panics, compared forms are stable, and spelling does not tell people apart.

use cairn_contact_details::{email, invisible, person_name, phone};
use proptest::prelude::*;

/// Characters that the rules treat in ways of their own, among others.
fn hostile_text() -> impl Strategy<Value = String> {
    let marks = "+-./()[]@:,;0123456789aZéßİ\u{200b}\u{202a}\u{202e}\u{feff}\u{2010}\u{3002}\u{ff0e}\u{301}\u{200d} \n";
    let marks: Vec<char> = marks.chars().collect();
    let char = prop_oneof![3 => prop::sample::select(marks), 1 => any::<char>()];
    prop::collection::vec(char, 0..60).prop_map(|chars| chars.into_iter().collect())
}

proptest! {
    #[test]
    fn any_text_is_read_and_compared_forms_stay(text in hostile_text(), country in "[0-9]{0,4}") {
        let address = email::normalise_email(&text);
        prop_assert_eq!(&email::normalise_email(&address), &address);
        let variants = email::list_variants(&text);
        prop_assert!(variants.contains(&address) && variants.len() <= 4);
        let cleaned = email::clean_email(&text);
        prop_assert_eq!(email::normalise_email(&cleaned), address);
        email::is_email(&cleaned);

        if let Some(number) = phone::normalise_phone(&text, &country) {
            prop_assert_eq!(phone::normalise_phone(&number, &country), Some(number.clone()));
            let variants = phone::list_variants(&number);
            prop_assert_eq!(variants.first(), Some(&number));
        }

        let name = person_name::clean_name(&text);
        prop_assert_eq!(person_name::clean_name(&name), name.clone());
        if person_name::check_name(&name).is_ok() {
            prop_assert!(invisible::has_visible(&name) && !name.contains(invisible::is_break));
        }
        person_name::has_link(&text);
    }

    /// Dutch numbers take a short way past the library, which may not differ from it.
    #[test]
    fn dutch_numbers_are_what_the_library_reads(national in "[1-9][0-9]{8}", form in 0..6_usize) {
        let written = match form {
            0 => format!("0{national}"),
            1 => format!("+31{national}"),
            2 => format!("0031{national}"),
            3 => format!("+31 (0){national}"),
            4 => format!("\u{202a}+31-{national}\u{202c}"),
            _ => national.clone(),
        };
        let number = phone::normalise_phone(&written, "31");
        let expected = format!("+31{national}");
        prop_assert_eq!(number.as_ref(), Some(&expected));
        let region = rlibphonenumber::Region::NL;
        let read = rlibphonenumber::PHONE_NUMBER_UTIL.parse(&expected, Some(region)).map(|number| {
            rlibphonenumber::PHONE_NUMBER_UTIL.format(&number, rlibphonenumber::PhoneNumberFormat::E164).into_owned()
        });
        prop_assert_eq!(read.ok(), number);
    }

    #[test]
    fn punctuation_and_what_nobody_sees_do_not_change_a_number(
        digits in "[1-9][0-9]{7,9}", marks in prop::collection::vec(prop::sample::select(vec![" ", "-", "\u{200b}", "\u{2010}", "/", "\u{feff}"]), 12),
    ) {
        let spread: String = digits.chars().zip(&marks).map(|(digit, mark)| format!("{digit}{mark}")).collect();
        for code in ["+49", "+44", "+32", "+31", "+39", "+1"] {
            let plain = phone::normalise_phone(&format!("{code}{digits}"), "31");
            prop_assert_eq!(phone::normalise_phone(&format!("{code} {spread}"), "31"), plain);
        }
    }

    #[test]
    fn spellings_of_a_domain_are_one_address(local in "[a-z]{1,8}", label in "[a-zà-öø-ÿ]{1,10}") {
        let ascii = idna::domain_to_ascii(&format!("{label}.example")).unwrap();
        let (one, other) = (format!("{local}@{label}.example"), format!("{}@{ascii}", local.to_uppercase()));
        prop_assert_eq!(email::normalise_email(&one), email::normalise_email(&other));
        let stored = format!("{local}@{ascii}");
        prop_assert!(email::list_variants(&one).contains(&stored));
    }
}
