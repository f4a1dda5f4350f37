//! `fields`: which scalars are returned. `id` and `documentId` always are.

use super::parse_names;
use crate::brackets::QueryTree;
use crate::context::{AttributeHolder, PlanningContext, ResolvedName, RowView};
use crate::error::ParamError;
use crate::plan::Field;

/// Parses the fields of a node: those named, or all if the parameter is absent or `*`.
pub(crate) fn parse(
    cx: &PlanningContext<'_>,
    view: RowView<'_>,
    tree: Option<&QueryTree>,
    param: &'static str,
) -> Result<Vec<Field>, ParamError> {
    let Some(tree) = tree else { return Ok(view.visible_scalars()) };
    let names = parse_names(tree)
        .ok_or_else(|| ParamError::validation("Invalid fields parameter. Expected a string or an array of strings"))?;
    let mut fields = match view.owner {
        AttributeHolder::Type(_) => vec![Field::Id, Field::DocumentId],
        AttributeHolder::Component(_) => Vec::new(),
    };
    let mut distinct: std::collections::HashSet<Field> = fields.iter().copied().collect();
    let mut everything = false;
    for name in names {
        if name == "*" {
            everything = true;
            continue;
        }
        match view.resolve_name(cx.registry, name) {
            ResolvedName::Scalar(field, _) => {
                // The id of a component is written in any case.
                let implied = field == Field::Id && matches!(view.owner, AttributeHolder::Component(_));
                if !implied && distinct.insert(field) {
                    fields.push(field);
                }
            }
            ResolvedName::Unknown => return Err(ParamError::unknown_key(name, "", param)),
            ResolvedName::Link { .. }
            | ResolvedName::Morph { .. }
            | ResolvedName::Component { .. }
            | ResolvedName::Zone { .. }
            | ResolvedName::Localizations
            | ResolvedName::Usages
            | ResolvedName::Unlinked { .. }
            | ResolvedName::Refused => return Err(ParamError::refused_key(name, name, param)),
        }
    }
    if everything {
        // Fields that `*` does not include, and that the request names, come last.
        let all = view.visible_scalars();
        let explicit: Vec<Field> = fields.into_iter().filter(|field| !all.contains(field)).collect();
        return Ok(all.into_iter().chain(explicit).collect());
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use crate::plan::Field;
    use crate::testing::{plan_articles, refusal_message, sample_registry};

    fn fields(raw_query: &str) -> Vec<String> {
        let attributes = &sample_registry().by_route("articles").expect("articles").attributes;
        let name = |field: &Field| match field {
            Field::Attribute(id) => attributes[*id].name.clone(),
            other => format!("{other:?}"),
        };
        plan_articles(raw_query).expect(raw_query).plan.node.fields.iter().map(name).collect()
    }

    #[test]
    fn fields_follow_the_ids_in_request_order() {
        let expected = ["Id", "DocumentId", "views", "title"];
        assert_eq!(fields("fields=views,title"), expected);
        assert_eq!(fields("fields[0]=views&fields[1]=title&fields[2]=views&fields[3]=id"), expected);
        assert_eq!(fields("fields[]=views, title"), expected);
        assert_eq!(fields("fields[120]=views&fields[121]=title"), expected);
        assert_eq!(fields("fields=publishedAt"), ["Id", "DocumentId", "PublishedAt"]);
    }

    #[test]
    fn all_visible_fields_are_the_default() {
        let all = fields("");
        assert_eq!(all.first().map(String::as_str), Some("Id"));
        assert_eq!(all.last().map(String::as_str), Some("PublishedAt"));
        assert!(!all.iter().any(|name| name == "note" || name == "pin" || name == "Locale"), "{all:?}");
        assert_eq!(fields("fields=*"), all);
        assert_eq!(fields("fields[0]=*&fields[1]=title"), all);
    }

    #[test]
    fn invalid_fields_are_rejected() {
        assert_eq!(refusal_message("fields[]=nothing"), "Invalid key nothing");
        for name in ["note", "pin", "category", "cover", "seo", "sections", "locale", "createdBy"] {
            assert_eq!(refusal_message(&format!("fields={name}")), format!("Invalid key {name}"));
        }
        assert_eq!(refusal_message("fields="), "Invalid key ");
        assert_eq!(refusal_message("fields=title,"), "Invalid key ");
        assert_eq!(
            refusal_message("fields[a]=title"),
            "Invalid fields parameter. Expected a string or an array of strings"
        );
        assert_eq!(refusal_message("fields[]=*,pin"), "Invalid key pin");
        assert_eq!(refusal_message("fields=(select 1)"), "Invalid key (select 1)");
    }
}
