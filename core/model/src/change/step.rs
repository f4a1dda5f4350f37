//! The parts of a plan.

use super::answers::{Answers, Decision};
use super::convert::Conversion;
use super::snapshot::{AttributeShape, CollationShape, ComponentShape, TypeShape};
use serde::{Deserialize, Serialize};

/// The steps from one snapshot to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangePlan {
    /// [`super::Snapshot::hash`] of the snapshot it starts from.
    pub before: String,
    /// Hash of the snapshot that it leads to.
    pub after: String,
    /// Steps in the order in which they are applied.
    pub steps: Vec<ChangeStep>,
    /// Possible renames that nobody has confirmed. Until somebody does, each is a drop and an addition.
    pub questions: Vec<Question>,
    /// Reasons why it cannot be applied. With any of these the steps are incomplete, and none may be applied.
    pub problems: Vec<ChangeProblem>,
    /// Parts of the change that were accepted although they may be unintended.
    pub warnings: Vec<ChangeProblem>,
}

/// A problem of a change, and how to solve it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeProblem {
    /// `uid` or `uid.attribute`.
    pub place: String,
    /// Description in one or two sentences.
    pub message: String,
}

/// Question whether a removed thing is the same as an added one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The removed thing: `uid`, or `uid.attribute`, as in the database. The key for [`Answers::renames`].
    pub old: String,
    /// Its possible new names, the likeliest first: a uid or the name of an attribute.
    pub candidates: Vec<String>,
    /// The question for people.
    pub sentence: String,
}

/// Class of a step, by its effect on content: it determines what the step requires of the caller who applies it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ChangeClass {
    /// Adds something; existing content is not touched.
    Add,
    /// Gives the same content another name.
    Rename,
    /// Moves the same content to another place.
    Move,
    /// Adds a rule that existing content must satisfy; checked first.
    Check,
    /// Converts content; tried on the data.
    Convert,
    /// Moves content to the trash.
    Drop,
}

/// Origin of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StepOrigin {
    /// The files require it by themselves.
    Files,
    /// A person decided it in [`Answers`].
    Answer,
}

/// When a step may be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepTiming {
    /// At the start of a server, without asking.
    Start,
    /// At the start of a server, if the data allow it.
    StartIfItHolds,
    /// By `cairn schema apply`.
    Apply,
    /// By `cairn schema apply`, with consent to the plan's hash.
    Consent,
}

/// One step of a plan. It uses the names that things have when it runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeStep {
    /// Unique in its plan, and the same whenever the plan is computed.
    pub id: String,
    /// Class of the step: determines what it requires of the caller.
    pub class: ChangeClass,
    /// Origin of the step.
    pub origin: StepOrigin,
    /// The description for people.
    pub sentence: String,
    /// The change that it makes.
    #[serde(flatten)]
    pub change: SchemaChange,
}

/// The change that a step makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum SchemaChange {
    /// Adds a content type with its attributes and indexes.
    AddType {
        /// The type as in the files.
        content_type: TypeShape,
    },
    /// Adds a component, which has no table.
    AddComponent {
        /// The component as in the files.
        component: ComponentShape,
    },
    /// Adds an attribute. In a component it is a key that existing instances lack, which reads as null.
    AddAttribute {
        /// Uid of the type or component.
        owner: String,
        /// The attribute as in the files.
        attribute: AttributeShape,
    },
    /// Changes the uid of a type: in reference tables, counts, permissions.
    RenameType {
        /// Uid before the step.
        from: String,
        /// Uid after the step.
        to: String,
    },
    /// Renames a table, with its link tables, reference table and indexes.
    RenameTable {
        /// Uid of the type.
        uid: String,
        /// `collectionName` before the step.
        from: String,
        /// `collectionName` after the step.
        to: String,
    },
    /// Changes the uid of a component: in `__component` of zones, in reference tables.
    RenameComponent {
        /// Uid before the step.
        from: String,
        /// Uid after the step.
        to: String,
    },
    /// Renames an attribute: its column, position column, link table, indexes; its name in the reference table; for a component
    /// its key in every instance.
    RenameAttribute {
        /// Uid of the type or component.
        owner: String,
        /// Name and column before the step.
        from: AttributeName,
        /// Name and column after the step.
        to: AttributeName,
    },
    /// Drops an attribute and its content.
    DropAttribute {
        /// Uid of the type or component.
        owner: String,
        /// The attribute, with its name at the step; see `original`.
        attribute: AttributeShape,
        /// Its name in the database, if it was set aside.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        original: Option<String>,
    },
    /// Drops the instances of a component in a zone that does not allow it any more.
    DropZoneComponent {
        /// Uid of the type.
        owner: String,
        /// Name of the zone attribute.
        attribute: String,
        /// Uid of the component.
        component: String,
    },
    /// Drops a content type and all its documents.
    DropType {
        /// The type before the step.
        content_type: TypeShape,
    },
    /// Drops a component that no attribute uses any more.
    DropComponent {
        /// The component before the step.
        component: ComponentShape,
    },
    /// Moves an attribute of a type into a component in the same row. If the row has no instance yet, and the value is
    /// not null, one is created.
    MoveIn {
        /// Uid of the type.
        uid: String,
        /// The attribute, whose column is dropped.
        from: AttributeName,
        /// The component attribute.
        component: String,
        /// The attribute of the component.
        to: String,
    },
    /// Moves an attribute of a component to the type, in the same row. The instance is left with null.
    MoveOut {
        /// Uid of the type.
        uid: String,
        /// The component attribute.
        component: String,
        /// The attribute of the component.
        from: String,
        /// The new attribute, of the kind that it had in the component.
        attribute: AttributeShape,
    },
    /// Converts an attribute's values to another kind.
    Convert {
        /// Uid of the type or component.
        owner: String,
        /// Name of the attribute.
        attribute: String,
        /// The old and the new kind.
        conversion: Conversion,
        /// Decision about values that do not fit.
        decision: Decision,
    },
    /// Changes `required` of an attribute.
    Required {
        /// Uid of the type or component.
        owner: String,
        /// Name of the attribute.
        attribute: String,
        /// True if it is turned on, false if it is turned off.
        on: bool,
        /// Decision about entries without a value (`fail` or `keep`).
        decision: Decision,
    },
    /// Changes `unique` of an attribute of a type.
    Unique {
        /// Uid of the type.
        owner: String,
        /// Name of the attribute.
        attribute: String,
        /// True if it is turned on, false if it is turned off.
        on: bool,
    },
    /// Changes whether an attribute has a value per locale.
    Localized {
        /// Uid of the type.
        owner: String,
        /// Name of the attribute.
        attribute: String,
        /// True if it is turned on, false if it is turned off.
        on: bool,
        /// When turned off: what to do with documents whose locales differ (`fail`, or `cut`: the default locale's value stays).
        decision: Decision,
    },
    /// Changes `index` of an attribute.
    Index {
        /// Uid of the type.
        owner: String,
        /// Name of the attribute.
        attribute: String,
        /// True if it is turned on, false if it is turned off.
        on: bool,
    },
    /// Changes the compound indexes of a type.
    Indexes {
        /// Uid of the type.
        owner: String,
        /// The new indexes, by names of attributes.
        indexes: Vec<Vec<String>>,
    },
    /// Changes the unique keys of a type.
    UniqueKeys {
        /// Uid of the type.
        owner: String,
        /// The new keys, by names of attributes.
        keys: Vec<Vec<String>>,
    },
    /// Changes the order of a type's short texts, or computes its collation keys anew for a new version.
    Collation {
        /// Uid of the type.
        owner: String,
        /// The new order; `None`: that of code points.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        collation: Option<CollationShape>,
    },
    /// Changes draft & publish of a type.
    DraftPublish {
        /// Uid of the type.
        uid: String,
        /// On: every entry gets a draft. Off: published versions stay.
        on: bool,
    },
    /// Changes whether a type is localised.
    TypeLocalized {
        /// Uid of the type.
        uid: String,
        /// On: every entry becomes one in the default locale. Off: one version of each stays.
        on: bool,
        /// The attributes that are localised afterwards.
        attributes: Vec<String>,
    },
}

/// An attribute's name and column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttributeName {
    /// Name of the attribute in JSON.
    pub name: String,
    /// Name of the column.
    pub column: String,
}

impl AttributeName {
    pub(super) fn from_attribute(attribute: &AttributeShape) -> Self {
        Self { name: attribute.name.clone(), column: attribute.column.clone() }
    }
}

/// Prefix of temporary names, for things whose name another one takes.
pub(super) const ASIDE_PREFIX: &str = "_aside";

impl SchemaChange {
    /// Uid of the type or component that it changes, before the step.
    pub fn owner(&self) -> &str {
        match self {
            Self::AddType { content_type } | Self::DropType { content_type } => &content_type.uid,
            Self::AddComponent { component } | Self::DropComponent { component } => &component.uid,
            Self::RenameType { from, .. } | Self::RenameComponent { from, .. } => from,
            Self::AddAttribute { owner, .. }
            | Self::RenameAttribute { owner, .. }
            | Self::DropAttribute { owner, .. }
            | Self::DropZoneComponent { owner, .. }
            | Self::Convert { owner, .. }
            | Self::Required { owner, .. }
            | Self::Unique { owner, .. }
            | Self::Localized { owner, .. }
            | Self::Index { owner, .. }
            | Self::Indexes { owner, .. }
            | Self::UniqueKeys { owner, .. }
            | Self::Collation { owner, .. } => owner,
            Self::RenameTable { uid, .. }
            | Self::MoveIn { uid, .. }
            | Self::MoveOut { uid, .. }
            | Self::DraftPublish { uid, .. }
            | Self::TypeLocalized { uid, .. } => uid,
        }
    }
}

impl ChangeStep {
    /// When the step may be applied.
    pub fn timing(&self) -> StepTiming {
        let decision = match &self.change {
            SchemaChange::Convert { decision, .. }
            | SchemaChange::Required { decision, .. }
            | SchemaChange::Localized { decision, .. } => *decision,
            _ => Decision::Fail,
        };
        match (self.class, self.origin) {
            (ChangeClass::Drop, _) => StepTiming::Consent,
            _ if decision.loses_content() => StepTiming::Consent,
            (ChangeClass::Add, _) => StepTiming::Start,
            (ChangeClass::Rename | ChangeClass::Move, StepOrigin::Files) => StepTiming::Start,
            (ChangeClass::Check, _) if decision == Decision::Fail => StepTiming::StartIfItHolds,
            _ => StepTiming::Apply,
        }
    }
}

/// Why a plan cannot be applied (yet).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotReady {
    /// It has problems; see [`ChangePlan::problems`].
    #[error("the change is not possible: {0}")]
    Problems(String),
    /// It has losses that nobody agreed to.
    #[error(
        "the change drops content: review it with `cairn schema plan`, then run `cairn schema apply --consent {0}`"
    )]
    Consent(String),
    /// The consent was given to another plan.
    #[error(
        "the consent is for a different plan ({given}): the files, the database or the answers have changed since \
         then; the current plan is {hash}"
    )]
    OtherPlan {
        /// The hash in the consent.
        given: String,
        /// The hash of the plan.
        hash: String,
    },
}

impl ChangePlan {
    /// Hash over start, end and every step with its decision. Consent to losses refers to it.
    pub fn hash(&self) -> String {
        super::hash_texts(&[&self.before, &self.after, &super::canonical_json(&self.steps)])
    }

    /// True if there is nothing to do. The snapshots may differ all the same, in what no table depends on.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.problems.is_empty()
    }

    /// When the whole plan may be applied: the latest of its steps.
    pub fn latest_timing(&self) -> StepTiming {
        self.steps.iter().map(ChangeStep::timing).max().unwrap_or(StepTiming::Start)
    }

    /// Checks that every required decision and consent is present.
    ///
    /// # Errors
    /// Returns what is missing.
    pub fn check_ready(&self, answers: &Answers) -> Result<(), NotReady> {
        if !self.problems.is_empty() {
            let all: Vec<String> = self.problems.iter().map(|p| format!("{}: {}", p.place, p.message)).collect();
            return Err(NotReady::Problems(all.join("; ")));
        }
        let hash = self.hash();
        match &answers.consent {
            _ if self.latest_timing() < StepTiming::Consent => Ok(()),
            Some(input) if *input == hash => Ok(()),
            Some(consent) => Err(NotReady::OtherPlan { given: consent.clone(), hash }),
            None => Err(NotReady::Consent(hash)),
        }
    }
}
