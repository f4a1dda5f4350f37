//! The values that operators chose for `[[choice]]` sections of a manifest.
//!
//! In a manifest `choice:<name>` stands for values. [`Manifest::resolve`] puts those of an operator in its place; grants, reach and the host
//! only ever see a resolved manifest. A reference that was not resolved names no content type and no origin, and so permits nothing.

use crate::address::AddressPattern;
use crate::grants::Scope;
use crate::manifest::{
    ChoiceKind, HookTarget, Manifest, ManifestChoice, ReadPolicy, Subscription, SubscriptionTarget, choice_reference,
};
use crate::names;
use crate::words::{nearest_word, quote_input};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Most values of one choice.
pub const MAX_CHOSEN: usize = 200;
/// Longest value, in bytes.
const MAX_VALUE_BYTES: usize = 500;

/// The values of choices, by the name of the choice.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Choices(BTreeMap<String, BTreeSet<String>>);

/// The attributes of a content type: their types (`string`, `relation`) by name.
pub type AttributeKinds = BTreeMap<String, &'static str>;

/// A chosen content type that cannot be worked on at present.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnfitType {
    /// Name of the choice.
    pub choice: String,
    /// Uid of the content type.
    pub uid: String,
    /// Reason why the type does not fit.
    pub reason: UnfitReason,
}

/// Why a content type cannot be chosen, or no longer fits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnfitReason {
    /// The project does not have it.
    Missing,
    /// It lacks a needed attribute.
    NoAttribute {
        /// Name of the attribute.
        name: String,
    },
    /// A needed attribute has another type.
    OtherKind {
        /// Name of the attribute.
        name: String,
        /// The type that is needed.
        needed: String,
        /// The type that it has.
        found: &'static str,
    },
}

impl UnfitReason {
    /// In English, to follow the content type in a sentence.
    pub fn english(&self) -> String {
        match self {
            Self::Missing => "is not a content type of this project".to_owned(),
            Self::NoAttribute { name } => format!("has no attribute {name}"),
            Self::OtherKind { name, needed, found } => {
                format!("has the attribute {name} of type {found}, where {needed} is needed")
            }
        }
    }

    /// In Dutch, likewise.
    pub fn dutch(&self) -> String {
        match self {
            Self::Missing => "is geen inhoudstype van dit project".to_owned(),
            Self::NoAttribute { name } => format!("heeft geen veld {name}"),
            Self::OtherKind { name, needed, found } => {
                format!("heeft het veld {name} van het soort {found}, waar {needed} nodig is")
            }
        }
    }
}

impl Choices {
    /// The values of a choice; none where nothing was chosen.
    pub fn values(&self, choice: &str) -> impl Iterator<Item = &str> {
        self.0.get(choice).into_iter().flatten().map(String::as_str)
    }

    /// True where a value is chosen.
    pub fn has(&self, choice: &str, value: &str) -> bool {
        self.0.get(choice).is_some_and(|values| values.contains(value))
    }

    /// Replaces the values of a choice.
    pub fn set(&mut self, choice: &str, values: impl IntoIterator<Item = String>) {
        self.0.insert(choice.to_owned(), values.into_iter().collect());
    }

    /// These, with those of `over` in place of the choices that it names.
    #[must_use]
    pub fn overlaid_with(mut self, over: Self) -> Self {
        self.0.extend(over.0);
        self
    }

    /// Those of a manifest: without choices that it does not have, and without values that its kind of choice cannot have.
    #[must_use]
    pub fn known_to(&self, manifest: &Manifest) -> Self {
        let known = manifest.choices.iter().filter_map(|choice| {
            let values = self.0.get(&choice.name)?;
            let values = values.iter().filter(|value| check_value(choice.kind, value).is_ok()).cloned().collect();
            Some((choice.name.clone(), values))
        });
        Self(known.collect())
    }

    /// Checks that a manifest has these choices, and that each value is of the kind that is chosen.
    ///
    /// # Errors
    /// Path and message of each problem.
    pub fn check(&self, manifest: &Manifest) -> Result<(), Vec<(String, String)>> {
        let mut problems = Vec::new();
        for (name, values) in &self.0 {
            let path = format!("choices.{name}");
            let Some(choice) = manifest.choices.iter().find(|choice| choice.name == *name) else {
                let hint = match nearest_word(name, manifest.choices.iter().map(|choice| choice.name.as_str())) {
                    Some(near) => format!("; did you mean \"{near}\"?"),
                    None => String::new(),
                };
                let message = format!("the plugin has no choice {}{hint}", quote_input(name));
                problems.push(("choices".to_owned(), message));
                continue;
            };
            if values.len() > MAX_CHOSEN {
                problems.push((path, format!("at most {MAX_CHOSEN} can be chosen")));
                continue;
            }
            let invalid = values.iter().filter_map(|value| check_value(choice.kind, value).err());
            problems.extend(invalid.map(|message| (path.clone(), message)));
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// Those content types that fit, and those that do not. `attributes`: those of a content type of the project; `None` where it has no
    /// such type.
    pub fn split_unfit(
        &self,
        manifest: &Manifest,
        attributes: &dyn Fn(&str) -> Option<AttributeKinds>,
    ) -> (Self, Vec<UnfitType>) {
        let (mut fitting, mut unfit) = (self.known_to(manifest), Vec::new());
        for choice in manifest.choices.iter().filter(|choice| choice.kind == ChoiceKind::ContentTypes) {
            let Some(values) = fitting.0.get_mut(&choice.name) else { continue };
            values.retain(|uid| match choice.unfit_reason(attributes(uid).as_ref()) {
                None => true,
                Some(reason) => {
                    unfit.push(UnfitType { choice: choice.name.clone(), uid: uid.clone(), reason });
                    false
                }
            });
        }
        (fitting, unfit)
    }
}

impl ManifestChoice {
    /// Why a content type with these attributes cannot be chosen; `None`: it can. Without attributes there is no such type.
    pub fn unfit_reason(&self, attributes: Option<&AttributeKinds>) -> Option<UnfitReason> {
        let Some(attributes) = attributes else { return Some(UnfitReason::Missing) };
        self.needs.iter().find_map(|needed| {
            let name = needed.name.clone();
            match (attributes.get(&needed.name), &needed.kind) {
                (None, _) => Some(UnfitReason::NoAttribute { name }),
                (Some(found), Some(kind)) if found != kind => {
                    Some(UnfitReason::OtherKind { name, needed: kind.clone(), found })
                }
                (Some(_), _) => None,
            }
        })
    }
}

/// Only the project's own content types can be chosen: those of the core and of other plugins have to be named in the manifest.
fn check_value(kind: ChoiceKind, value: &str) -> Result<(), String> {
    if value.len() > MAX_VALUE_BYTES {
        return Err(format!("{} is longer than {MAX_VALUE_BYTES} characters", quote_input(value)));
    }
    let expected = match kind {
        ChoiceKind::ContentTypes if names::uid_owner(value) == Some("") => return Ok(()),
        ChoiceKind::ContentTypes => "a content type of the project; write its uid, such as \"api::article.article\"",
        ChoiceKind::Origins if names::is_origin(value) => return Ok(()),
        ChoiceKind::Origins => "an origin; write it in full, such as \"https://www.example.com\"",
        ChoiceKind::Addresses => match value.parse::<AddressPattern>() {
            Ok(address) if !address.is_reference() => return Ok(()),
            Ok(_) => "an address; write it in full, such as \"https://api.example.com/v1/*\"",
            Err(problem) => return Err(format!("{} {problem}", quote_input(value))),
        },
    };
    Err(format!("{} is not {expected}", quote_input(value)))
}

impl Manifest {
    /// The manifest with the values that were chosen in place of each `choice:<name>`; nothing stands where nothing was chosen.
    #[must_use]
    pub fn resolve(&self, choices: &Choices) -> Self {
        self.resolve_with(|name| choices.values(name).map(str::to_owned).collect())
    }

    /// The same for people who read it: where nothing was chosen, the reference stays.
    #[must_use]
    pub fn resolve_for_display(&self, choices: &Choices) -> Self {
        self.resolve_with(|name| {
            let values: Vec<String> = choices.values(name).map(str::to_owned).collect();
            if values.is_empty() { vec![format!("choice:{name}")] } else { values }
        })
    }

    fn resolve_with(&self, values: impl Fn(&str) -> Vec<String>) -> Self {
        let mut resolved = self.clone();
        if self.choices.is_empty() {
            return resolved;
        }
        for grant in &mut resolved.grants {
            resolve_scope(&mut grant.scope, &values);
        }
        for hook in &mut resolved.hooks {
            hook.on = resolve_each(
                &hook.on,
                |target| choice_reference(&target.uid),
                &values,
                |target, uid| HookTarget { uid, ..target.clone() },
            );
        }
        for subscription in &mut resolved.subscriptions {
            resolve_subscription(subscription, &values);
        }
        if let Some(ReadPolicy { types, at: _ }) = &mut resolved.read_policy {
            *types = resolve_each(types, |uid| choice_reference(uid), &values, |_, uid| uid);
        }
        for cors in resolved.routes.iter_mut().filter_map(|route| route.cors.as_mut()) {
            resolve_set(&mut cors.origins, &values);
        }
        resolved
    }

    /// The choices whose content types have a read policy: a document of such a type that does not fit any more stays hidden.
    pub fn policy_choices(&self) -> impl Iterator<Item = &str> {
        self.read_policy.iter().flat_map(|policy| &policy.types).filter_map(|uid| choice_reference(uid))
    }
}

fn resolve_subscription(subscription: &mut Subscription, values: &impl Fn(&str) -> Vec<String>) {
    let reference = |(target, _): &(SubscriptionTarget, _)| match target {
        SubscriptionTarget::Documents { uid, .. } => choice_reference(uid).map(str::to_owned),
        SubscriptionTarget::Event(_) => None,
    };
    let mut to = Vec::with_capacity(subscription.to.len());
    for entry in &subscription.to {
        match (reference(entry), &entry.0) {
            (Some(name), SubscriptionTarget::Documents { action, .. }) => to.extend(
                values(&name).into_iter().map(|uid| (SubscriptionTarget::Documents { uid, action: *action }, entry.1)),
            ),
            _ => to.push(entry.clone()),
        }
    }
    subscription.to = to;
}

/// Resolves references in a grant's content types or addresses.
pub(crate) fn resolve_scope(scope: &mut Scope, values: &impl Fn(&str) -> Vec<String>) {
    match scope {
        Scope::DataRead { types, .. } | Scope::DataWrite { types, .. } => resolve_set(types, values),
        Scope::Http { to, .. } => {
            let resolved = to.iter().flat_map(|address| match address.choice() {
                // Addresses were validated when they were chosen.
                Some(name) => values(name).iter().filter_map(|value| value.parse().ok()).collect(),
                None => vec![address.clone()],
            });
            *to = resolved.collect();
        }
        _ => {}
    }
}

fn resolve_set(set: &mut BTreeSet<String>, values: &impl Fn(&str) -> Vec<String>) {
    let resolved = set.iter().flat_map(|one| match choice_reference(one) {
        Some(name) => values(name),
        None => vec![one.clone()],
    });
    *set = resolved.collect();
}

fn resolve_each<T: Clone + PartialEq>(
    list: &[T],
    reference: impl Fn(&T) -> Option<&str>,
    values: &impl Fn(&str) -> Vec<String>,
    replace: impl Fn(&T, String) -> T,
) -> Vec<T> {
    let mut resolved: Vec<T> = Vec::with_capacity(list.len());
    for entry in list {
        let entries = match reference(entry) {
            Some(name) => values(name).into_iter().map(|value| replace(entry, value)).collect(),
            None => vec![entry.clone()],
        };
        for one in entries {
            if !resolved.contains(&one) {
                resolved.push(one);
            }
        }
    }
    resolved
}
