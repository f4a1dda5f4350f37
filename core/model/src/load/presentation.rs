//! How the admin presents types and attributes: `pluginOptions.cairn`. A key that is not known is a problem; a name of an attribute that
//! is gone is a warning, for files that were edited by hand.

use super::report::SchemaSite;
use crate::content_type::{Attributes, FieldKind};
use crate::presentation::{
    ADMIN_LANGUAGES, AdminText, AttributePresentation, FieldGroup, FieldWidth, FormColumn, MAX_COLUMNS, MAX_HELP_CHARS,
    MAX_LABEL_CHARS, PLACEHOLDER_KINDS, SYSTEM_FIELDS, TITLE_KINDS, TypePresentation, check_icon, check_text,
};
use serde_json::{Map, Value as Json};
use std::collections::HashSet;

const MAX_GROUPS: usize = 50;

const ATTRIBUTE_KEYS: [&str; 5] = ["label", "help", "placeholder", "width", "column"];
const TYPE_KEYS: [&str; 7] = ["displayName", "description", "icon", "mainField", "columns", "sort", "groups"];
const COMPONENT_KEYS: [&str; 1] = ["displayName"];
const GROUP_KEYS: [&str; 3] = ["label", "fields", "tab"];

/// Columns of lists that show no field.
const STATE_COLUMNS: [&str; 2] = ["status", "languages"];

/// Reads the presentation of an attribute.
pub(super) fn read_attribute_presentation(
    kind: &FieldKind,
    raw: &Map<String, Json>,
    site: &SchemaSite<'_>,
) -> AttributePresentation {
    let Some((options, site)) = read_options(raw, &ATTRIBUTE_KEYS, site) else {
        return AttributePresentation::default();
    };
    if options.contains_key("placeholder") && !PLACEHOLDER_KINDS.contains(&kind.type_name()) {
        site.at_key("placeholder").report_warning(format!("the field of a {} shows none", kind.type_name()));
    }
    AttributePresentation {
        label: read_text(options, "label", MAX_LABEL_CHARS, &site),
        help: read_text(options, "help", MAX_HELP_CHARS, &site),
        placeholder: read_text(options, "placeholder", MAX_LABEL_CHARS, &site),
        width: read_word(
            options,
            "width",
            &[("full", FieldWidth::Full), ("half", FieldWidth::Half), ("third", FieldWidth::Third)],
            &site,
        ),
        column: read_word(options, "column", &[("main", FormColumn::Main), ("side", FormColumn::Side)], &site),
    }
}

/// Reads the presentation of a content type.
pub(super) fn read_type_presentation(
    schema: &Map<String, Json>,
    attributes: &Attributes,
    site: &SchemaSite<'_>,
) -> TypePresentation {
    let Some((options, site)) = read_options(schema, &TYPE_KEYS, site) else { return TypePresentation::default() };
    TypePresentation {
        display_name: read_text(options, "displayName", MAX_LABEL_CHARS, &site),
        description: read_text(options, "description", MAX_HELP_CHARS, &site),
        icon: read_icon(options, &site),
        title: read_title(options, attributes, &site),
        columns: read_columns(options, attributes, &site),
        sort: read_sort(options, attributes, &site),
        groups: read_groups(options, attributes, &site),
    }
}

/// Reads the presentation of a component: its name.
pub(super) fn read_component_presentation(schema: &Map<String, Json>, site: &SchemaSite<'_>) -> TypePresentation {
    let Some((options, site)) = read_options(schema, &COMPONENT_KEYS, site) else {
        return TypePresentation::default();
    };
    let display_name = read_text(options, "displayName", MAX_LABEL_CHARS, &site);
    TypePresentation { display_name, ..TypePresentation::default() }
}

/// Reads `pluginOptions.cairn`, and reports its unknown keys.
fn read_options<'m, 'a>(
    raw: &'m Map<String, Json>,
    keys: &[&str],
    site: &SchemaSite<'a>,
) -> Option<(&'m Map<String, Json>, SchemaSite<'a>)> {
    // Whether `pluginOptions` is an object is said where `i18n` is read.
    let plugins = raw.get("pluginOptions")?.as_object()?;
    let site = site.at_key("pluginOptions");
    let options = site.object_option(plugins, "cairn")?;
    let site = site.at_key("cairn");
    report_unknown_keys(options, keys, &site);
    Some((options, site))
}

fn report_unknown_keys(options: &Map<String, Json>, keys: &[&str], site: &SchemaSite<'_>) {
    for key in options.keys().filter(|key| !keys.contains(&key.as_str())) {
        site.at_key(key).report_problem(format!("is not an option: expected {}", list_words(keys)));
    }
}

fn list_words(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// Reads a text: a string, or an object of them by language.
fn read_text(options: &Map<String, Json>, key: &str, limit: usize, site: &SchemaSite<'_>) -> AdminText {
    let site = site.at_key(key);
    let mut text = AdminText::default();
    match options.get(key) {
        None | Some(Json::Null) => {}
        Some(Json::String(plain)) => text.any = read_line(plain, limit, &site),
        Some(Json::Object(by_language)) => {
            for (language, value) in by_language {
                let site = site.at_key(language);
                let Some(language) = ADMIN_LANGUAGES.into_iter().find(|known| known == language) else {
                    let languages = list_words(&ADMIN_LANGUAGES);
                    site.report_problem(format!("is not a language of the admin: expected {languages}"));
                    continue;
                };
                let Json::String(value) = value else {
                    site.report_problem("must be a string");
                    continue;
                };
                if let Some(checked) = read_line(value, limit, &site) {
                    text.by_language.insert(language, checked);
                }
            }
        }
        Some(_) => site.report_problem("must be a string, or an object with a string for each language"),
    }
    text
}

fn read_line(text: &str, limit: usize, site: &SchemaSite<'_>) -> Option<String> {
    check_text(text, limit).map(str::to_owned).map_err(|problem| site.report_problem(problem)).ok()
}

/// Reads a word of a closed list.
fn read_word<T: Copy>(options: &Map<String, Json>, key: &str, words: &[(&str, T)], site: &SchemaSite<'_>) -> Option<T> {
    let value = options.get(key).filter(|value| !value.is_null())?;
    let found = words.iter().find(|(word, _)| value.as_str() == Some(*word)).map(|(_, meaning)| *meaning);
    if found.is_none() {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        site.at_key(key).report_problem(format!("must be one of {}", list_words(&known)));
    }
    found
}

/// Reads `icon`.
fn read_icon(options: &Map<String, Json>, site: &SchemaSite<'_>) -> Option<String> {
    let name = site.text_option(options, "icon")?;
    check_icon(name).map(str::to_owned).map_err(|problem| site.at_key("icon").report_problem(problem)).ok()
}

/// Reads `mainField`: a text that everybody may see who may see the entry.
fn read_title(options: &Map<String, Json>, attributes: &Attributes, site: &SchemaSite<'_>) -> Option<usize> {
    let name = site.text_option(options, "mainField")?;
    let site = site.at_key("mainField");
    let Some((id, attribute)) = attributes.get(name) else {
        site.report_warning(format!(
            "there is no attribute `{name}`; the title is chosen by the names of the attributes"
        ));
        return None;
    };
    if attribute.is_hidden() {
        site.report_problem(format!("`{name}` is private: it cannot be the title"));
        return None;
    }
    let kind = attribute.kind.type_name();
    if !TITLE_KINDS.contains(&kind) {
        site.report_problem(format!("`{name}` is a {kind}: only string, text, email and uid can be the title"));
        return None;
    }
    Some(id)
}

/// Reads `columns`; those that are gone are left out.
fn read_columns(options: &Map<String, Json>, attributes: &Attributes, site: &SchemaSite<'_>) -> Vec<String> {
    let Some(columns) = site.text_list_option(options, "columns") else { return Vec::new() };
    let site = site.at_key("columns");
    if columns.len() > MAX_COLUMNS {
        site.report_problem(format!("has {} columns; the limit is {MAX_COLUMNS}", columns.len()));
        return Vec::new();
    }
    let mut seen = HashSet::new();
    let known = |name: &str| SYSTEM_FIELDS.contains(&name) || STATE_COLUMNS.contains(&name);
    let columns = columns.into_iter().filter(|name| {
        if !seen.insert(name.clone()) {
            site.report_problem(format!("`{name}` is there twice"));
            return false;
        }
        match attributes.get(name) {
            Some((_, attribute)) if matches!(attribute.kind, FieldKind::Password) => {
                site.report_problem(format!("`{name}` is a password: lists cannot show it"));
                false
            }
            None if !known(name) => {
                site.report_warning(format!("there is no field `{name}`; ignoring it"));
                false
            }
            _ => true,
        }
    });
    columns.collect()
}

/// Reads `sort`: a field with a direction.
fn read_sort(options: &Map<String, Json>, attributes: &Attributes, site: &SchemaSite<'_>) -> Option<String> {
    let sort = site.text_option(options, "sort")?;
    let site = site.at_key("sort");
    let (name, direction) = sort.split_once(':').unwrap_or((sort, "asc"));
    if !matches!(direction, "asc" | "desc") {
        site.report_problem(format!("`{sort}` must be a field, followed by `:asc` or `:desc`"));
        return None;
    }
    match attributes.get(name) {
        Some((_, attribute)) => {
            if attribute.is_hidden()
                || !attribute.is_scalar()
                || matches!(attribute.kind, FieldKind::Json | FieldKind::Blocks)
            {
                site.report_problem(format!("lists cannot be sorted by `{name}`"));
                return None;
            }
        }
        None if SYSTEM_FIELDS.contains(&name) => {}
        None => {
            site.report_warning(format!("there is no field `{name}`; ignoring it"));
            return None;
        }
    }
    Some(format!("{name}:{direction}"))
}

/// Reads `groups`; fields that are gone are left out, and with them groups without fields, except tabs: they have the groups after them.
fn read_groups(options: &Map<String, Json>, attributes: &Attributes, site: &SchemaSite<'_>) -> Vec<FieldGroup> {
    let groups = match options.get("groups") {
        None | Some(Json::Null) => return Vec::new(),
        Some(Json::Array(groups)) => groups,
        Some(_) => {
            site.at_key("groups").report_problem("must be a list");
            return Vec::new();
        }
    };
    let site = site.at_key("groups");
    if groups.len() > MAX_GROUPS {
        site.report_problem(format!("has {} groups; the limit is {MAX_GROUPS}", groups.len()));
        return Vec::new();
    }
    let mut seen = HashSet::new();
    let mut read = Vec::new();
    for (index, group) in groups.iter().enumerate() {
        let site = site.at_key(&index.to_string());
        let Json::Object(group) = group else {
            site.report_problem("must be an object");
            continue;
        };
        report_unknown_keys(group, &GROUP_KEYS, &site);
        let label = read_text(group, "label", MAX_LABEL_CHARS, &site);
        if group.get("label").is_none_or(Json::is_null) {
            site.at_key("label").report_problem("is missing");
        }
        let tab = site.checked_bool_option(group, "tab").unwrap_or(false);
        let names = site.text_list_option(group, "fields").unwrap_or_default();
        let site = site.at_key("fields");
        let fields: Vec<String> = names
            .into_iter()
            .filter(|name| {
                if !seen.insert(name.clone()) {
                    site.report_problem(format!("`{name}` is in a group already"));
                    return false;
                }
                let known = attributes.get(name).is_some();
                if !known {
                    site.report_warning(format!("there is no attribute `{name}`; ignoring it"));
                }
                known
            })
            .collect();
        if tab || !fields.is_empty() {
            read.push(FieldGroup { label, fields, tab });
        }
    }
    read
}
