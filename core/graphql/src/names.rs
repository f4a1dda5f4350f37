//! Names of the schema, made from those of the model as Strapi makes them.
//!
//! All names are given at once, for every type and component, whatever the caller may see: what one caller calls `Article`, no other calls
//! `Article2`. A name that is taken gets a number; the project's own types come first.

use cairn_model::content_type::{Attributes, ContentType, FieldKind};
use cairn_model::{AttributeId, ComponentId, Registry, TypeId};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Input of the argument that chooses a page.
pub(crate) const PAGE_INPUT: &str = "PaginationArg";
/// Types that every schema may have.
const FIXED_TYPES: [&str; 41] = [
    "Query",
    "Mutation",
    "Subscription",
    "Int",
    "Float",
    "String",
    "Boolean",
    "ID",
    "DateTime",
    "Date",
    "Time",
    "JSON",
    "Long",
    "I18NLocaleCode",
    "Pagination",
    PAGE_INPUT,
    "PublicationStatus",
    "PublicationFilter",
    "Error",
    "DeleteMutationResponse",
    "I18NLocale",
    "I18NLocaleEntityResponseCollection",
    "I18NLocaleFiltersInput",
    "FileInfoInput",
    "UsersPermissionsMe",
    "UsersPermissionsMeRole",
    "UsersPermissionsLoginPayload",
    "UsersPermissionsLoginInput",
    "UsersPermissionsPasswordPayload",
    "UsersPermissionsRegisterInput",
    "GenericMorph",
    "IDFilterInput",
    "StringFilterInput",
    "IntFilterInput",
    "LongFilterInput",
    "FloatFilterInput",
    "BooleanFilterInput",
    "DateFilterInput",
    "TimeFilterInput",
    "DateTimeFilterInput",
    "JSONFilterInput",
];
/// Root fields that belong to no type.
const FIXED_FIELDS: [&str; 5] = ["me", "login", "i18NLocale", "i18NLocales", "i18NLocales_connection"];
/// Endings of the names of types that belong to another type.
const DERIVED: [&str; 6] =
    ["", "EntityResponse", "EntityResponseCollection", "RelationResponseCollection", "FiltersInput", "Input"];

/// The owner of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Holder {
    Type(TypeId),
    Component(ComponentId),
}

impl Holder {
    pub(crate) fn attributes(self, registry: &Registry) -> &Attributes {
        match self {
            Self::Type(id) => &registry.get(id).attributes,
            Self::Component(id) => &registry.component(id).attributes,
        }
    }
}

/// The names of a content type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TypeNames {
    /// `Article`.
    pub(crate) base: String,
    /// `article`, the root field of one entry.
    pub(crate) one: String,
    /// `articles`, the root field of a list.
    pub(crate) many: String,
}

/// The names of a schema.
pub(crate) struct Names {
    types: HashMap<TypeId, TypeNames>,
    components: HashMap<ComponentId, String>,
    /// Enumerations, and unions of dynamic zones.
    attributes: HashMap<(Holder, AttributeId), String>,
    taken: HashSet<String>,
    fields: HashSet<String>,
    /// Names that are otherwise than one would expect, for people.
    pub(crate) notes: Vec<String>,
}

impl Names {
    pub(crate) fn new(registry: &Registry) -> Self {
        let mut names = Self {
            types: HashMap::new(),
            components: HashMap::new(),
            attributes: HashMap::new(),
            taken: FIXED_TYPES.map(str::to_owned).into(),
            fields: FIXED_FIELDS.map(str::to_owned).into(),
            notes: Vec::new(),
        };
        let mut types: Vec<&ContentType> = registry.types().iter().collect();
        types.sort_by(|a, b| (!a.uid.starts_with("api::"), &a.uid).cmp(&(!b.uid.starts_with("api::"), &b.uid)));
        for content_type in types {
            let type_names = names.take_type(content_type);
            names.types.insert(content_type.id, type_names);
        }
        let components: BTreeMap<&str, ComponentId> =
            registry.components().iter().map(|component| (component.uid.as_str(), component.id)).collect();
        for (uid, id) in components {
            let expected = pascal_case(&format!("component_{uid}"));
            let name = names.take(&expected, &["", "FiltersInput", "Input"]);
            names.note(uid, &expected, &name);
            names.components.insert(id, name);
        }
        let owners: BTreeMap<String, Holder> = names
            .types
            .iter()
            .map(|(id, type_names)| (type_names.base.clone(), Holder::Type(*id)))
            .chain(names.components.iter().map(|(id, name)| (name.clone(), Holder::Component(*id))))
            .collect();
        for (owner, holder) in owners {
            names.take_attributes(registry, &owner, holder);
        }
        names
    }

    fn take_attributes(&mut self, registry: &Registry, owner: &str, holder: Holder) {
        for (id, attribute) in holder.attributes(registry).iter() {
            let name = match &attribute.kind {
                FieldKind::Enumeration { .. } => {
                    let expected = format!("ENUM_{}_{}", owner.to_uppercase(), to_name(&attribute.name).to_uppercase());
                    self.take(&expected, &[""])
                }
                FieldKind::DynamicZone { .. } => {
                    let expected = format!("{owner}{}DynamicZone", pascal_case(&attribute.name));
                    self.take(&expected, &["", "Input"])
                }
                _ => continue,
            };
            self.attributes.insert((holder, id), name);
        }
    }

    pub(crate) fn of_type(&self, id: TypeId) -> &TypeNames {
        &self.types[&id]
    }

    pub(crate) fn of_component(&self, id: ComponentId) -> &str {
        &self.components[&id]
    }

    /// The name of an enumeration, or of the union of a dynamic zone.
    pub(crate) fn of_attribute(&self, holder: Holder, attribute: AttributeId) -> &str {
        self.attributes.get(&(holder, attribute)).map_or("", String::as_str)
    }

    fn take_type(&mut self, content_type: &ContentType) -> TypeNames {
        let plugin = content_type
            .uid
            .strip_prefix("plugin::")
            .and_then(|rest| rest.split('.').next())
            .map(pascal_case)
            .unwrap_or_default();
        let base = to_name(&format!("{plugin}{}", pascal_case(&content_type.singular)));
        let mut many = lower_first(&to_name(&format!("{plugin}{}", pascal_case(&content_type.plural))));
        if many == lower_first(&base) {
            many.push_str("List");
        }
        for number in 1_u32.. {
            let suffix = if number == 1 { String::new() } else { number.to_string() };
            let names = TypeNames {
                base: format!("{base}{suffix}"),
                one: format!("{}{suffix}", lower_first(&base)),
                many: format!("{many}{suffix}"),
            };
            let fields = [names.one.clone(), names.many.clone(), format!("{}_connection", names.many)];
            let is_free = DERIVED.iter().all(|end| !self.taken.contains(&format!("{}{end}", names.base)))
                && fields.iter().all(|field| !self.fields.contains(field));
            if is_free {
                self.taken.extend(DERIVED.iter().map(|end| format!("{}{end}", names.base)));
                self.fields.extend(fields);
                self.note(&content_type.uid, &base, &names.base);
                return names;
            }
        }
        unreachable!("numbers do not run out")
    }

    /// The first free name: as expected, or with a number.
    fn take(&mut self, expected: &str, ends: &[&str]) -> String {
        let expected = to_name(expected);
        let mut name = expected.clone();
        let mut number = 2_u32;
        while ends.iter().any(|end| self.taken.contains(&format!("{name}{end}"))) {
            name = format!("{expected}{number}");
            number += 1;
        }
        self.taken.extend(ends.iter().map(|end| format!("{name}{end}")));
        name
    }

    fn note(&mut self, uid: &str, expected: &str, name: &str) {
        if expected != name {
            self.notes.push(format!("{uid} is called {name} in GraphQL: {expected} is taken, or is no name there"));
        }
    }
}

/// True if GraphQL can use a text as the name of something of ours.
pub(crate) fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !text.starts_with("__")
}

/// A text as a name: what cannot be part of one is replaced.
fn to_name(text: &str) -> String {
    let mut name: String = text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect();
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    while name.starts_with("__") {
        name.remove(0);
    }
    name
}

/// The names of the values of an enumeration, each distinct.
pub(crate) fn value_names(values: &[String]) -> Vec<String> {
    let mut taken: HashSet<String> = ["true", "false", "null"].map(str::to_owned).into();
    let name_value = |value: &String| {
        // Runs of other characters are one underscore, and none at the ends.
        let words: Vec<&str> =
            value.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
        let expected = if words.is_empty() { "value".to_owned() } else { to_name(&words.join("_")) };
        let mut name = expected.clone();
        let mut number = 2_u32;
        while !taken.insert(name.clone()) {
            name = format!("{expected}_{number}");
            number += 1;
        }
        name
    };
    values.iter().map(name_value).collect()
}

/// The words of a name: parted by what is no letter or digit, by capitals, and between letters and digits.
fn words(text: &str) -> Vec<String> {
    #[derive(PartialEq, Clone, Copy)]
    enum Class {
        Upper,
        Lower,
        Digit,
        Other,
    }
    let class = |c: char| match c {
        c if c.is_uppercase() => Class::Upper,
        c if c.is_alphabetic() => Class::Lower,
        c if c.is_ascii_digit() => Class::Digit,
        _ => Class::Other,
    };
    let letters: Vec<char> = text.chars().collect();
    let mut found: Vec<String> = Vec::new();
    let mut before = Class::Other;
    for (i, &letter) in letters.iter().enumerate() {
        let now = class(letter);
        let next = letters.get(i + 1).map_or(Class::Other, |&c| class(c));
        let begins = match (before, now) {
            (_, Class::Other) => false,
            (Class::Upper, Class::Upper) => next == Class::Lower,
            (Class::Upper, Class::Lower) => false,
            (before, now) => before != now,
        };
        if begins {
            found.push(String::new());
        }
        if now != Class::Other
            && let Some(word) = found.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
        before = now;
    }
    found
}

/// `shared.seo` → `SharedSeo`.
fn pascal_case(text: &str) -> String {
    let capital = |word: String| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    words(text).into_iter().map(capital).collect()
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_strapi() {
        for (text, expected) in [
            ("article", "Article"),
            ("blog-post", "BlogPost"),
            ("component_shared.seo", "ComponentSharedSeo"),
            ("users-permissions", "UsersPermissions"),
            ("i18n", "I18N"),
            ("newsItem2b", "NewsItem2B"),
            ("URLOfPage", "UrlOfPage"),
        ] {
            assert_eq!(pascal_case(text), expected, "{text}");
        }
        assert_eq!(
            (to_name("2fa"), to_name("__x"), to_name("a b"), to_name("")),
            ("_2fa".into(), "_x".into(), "a_b".into(), "_".into())
        );
        assert!(
            is_name("_a1") && !is_name("1a") && !is_name("__a") && !is_name("a-b") && !is_name("") && !is_name("é")
        );
    }

    #[test]
    fn values_of_enumerations_are_distinct_names() {
        let values = ["new", "in progress", "in-progress", "2 weeks", "true", "", "!"].map(str::to_owned);
        let names = ["new", "in_progress", "in_progress_2", "_2_weeks", "true_2", "value", "value_2"];
        assert_eq!(value_names(&values), names);
        assert!(names.iter().all(|name| is_name(name)));
    }
}
