//! Names of recipients: something that people can read, on one line. It knows no host.

use cairn_contact_details::invisible::{is_break, turns_direction};

/// Returns what is wrong with a name, as a key of the texts; none where it can be read.
pub(crate) fn find_name_problem(name: &str) -> Option<&'static str> {
    let name = name.trim();
    if name.is_empty() {
        Some("name")
    } else if name.contains(is_break) {
        Some("nameLine")
    } else if name.contains(turns_direction) {
        Some("nameDirection")
    } else if name.chars().any(char::is_alphanumeric) {
        None
    } else {
        Some("nameInvisible")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_people_are_taken() {
        for name in ["Ann", " J.P. de Vries ", "Ann <b>Jansen</b>", "王小明", "محمد", "O\u{2019}Neil", "Zoë", "Team 7"]
        {
            assert_eq!(find_name_problem(name), None, "{name:?}");
        }
    }

    #[test]
    fn names_that_nobody_can_read_are_not() {
        for (name, problem) in [
            ("", "name"),
            ("  ", "name"),
            ("Ann\nBart", "nameLine"),
            ("Ann\u{2028}Bart", "nameLine"),
            ("Ann\u{0}", "nameLine"),
            ("Ann \u{202e}traB", "nameDirection"),
            ("\u{2066}Ann", "nameDirection"),
            ("\u{200b}\u{200b}", "nameInvisible"),
            ("\u{feff}", "nameInvisible"),
            ("\u{2800}", "nameInvisible"),
            ("...", "nameInvisible"),
        ] {
            assert_eq!(find_name_problem(name), Some(problem), "{name:?}");
        }
    }
}
