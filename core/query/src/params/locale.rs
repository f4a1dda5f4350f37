//! `locale`: one, a list, or `*`. A locale that is not configured is accepted as well.

use crate::brackets::QueryTree;
use crate::error::ParamError;
use crate::limits::QueryLimits;
use crate::plan::Locales;

/// Parses the parameter; `None` if it is absent or empty: the default locale applies, or a filter on `locale`.
pub(crate) fn parse(tree: Option<&QueryTree>, limits: &QueryLimits) -> Result<Option<Locales>, ParamError> {
    match tree {
        None => Ok(None),
        Some(QueryTree::Text(text)) if text.is_empty() => Ok(None),
        Some(QueryTree::Text(text)) if text == "*" => Ok(Some(Locales::All)),
        Some(QueryTree::Text(text)) => Ok(Some(Locales::One(text.clone()))),
        Some(QueryTree::List(items)) if items.len() > limits.in_values => {
            Err(ParamError::too_complex(format_args!("a list has more than {} values", limits.in_values)))
        }
        Some(QueryTree::List(items)) => {
            let texts: Option<Vec<&str>> = items.iter().map(QueryTree::as_text).collect();
            match texts.ok_or_else(not_a_locale)?.as_slice() {
                [] => Ok(None),
                texts => Ok(Some(Locales::Many(texts.iter().map(|&text| text.to_owned()).collect()))),
            }
        }
        Some(QueryTree::Map(_)) => Err(not_a_locale()),
    }
}

/// The locale that a write applies to; `*` for all.
pub(crate) fn for_write(requested: Option<&Locales>, default: &str) -> String {
    match requested {
        None => default.to_owned(),
        Some(Locales::One(locale)) => locale.clone(),
        Some(Locales::Many(locales)) => locales.first().map_or(default, String::as_str).to_owned(),
        Some(Locales::All) => "*".to_owned(),
    }
}

/// The error for a write to a list of locales.
pub(crate) fn not_one() -> ParamError {
    ParamError::validation("Invalid parameter at 'locale'. Expected one locale")
}

fn not_a_locale() -> ParamError {
    ParamError::validation("Invalid parameter at 'locale'. Expected a string or an array of strings")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brackets;

    fn parse_raw(raw: &str) -> Result<Option<Locales>, ParamError> {
        parse(brackets::parse_query(raw).expect(raw).get("locale"), &QueryLimits::default())
    }

    #[test]
    fn locale_parameter_names_one_many_or_all() {
        assert_eq!(parse_raw(""), Ok(None));
        assert_eq!(parse_raw("locale="), Ok(None));
        assert_eq!(parse_raw("locale=nl"), Ok(Some(Locales::One("nl".into()))));
        assert_eq!(parse_raw("locale=*"), Ok(Some(Locales::All)));
        assert_eq!(parse_raw("locale[0]=en&locale[1]=nl"), Ok(Some(Locales::Many(vec!["en".into(), "nl".into()]))));
        assert_eq!(parse_raw("locale[a]=nl"), Err(not_a_locale()));
    }

    #[test]
    fn writes_use_the_default_locale_if_none_is_given() {
        assert_eq!(for_write(None, "en"), "en");
        assert_eq!(for_write(Some(&Locales::One("nl".into())), "en"), "nl");
        assert_eq!(for_write(Some(&Locales::All), "en"), "*");
    }
}
