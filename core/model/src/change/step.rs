//! The parts of a plan.

use super::answers::{Answers, Decision};
use super::convert::Conversion;
use super::snapshot::{AttributeShape, ComponentShape, TypeShape};
use serde::{Deserialize, Serialize};

/// What leads from one snapshot to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// [`super::Snapshot::hash`] of the snapshot it starts from.
    pub before: String,
    /// Of the one it leads to.
    pub after: String,
    /// In the order they are done.
    pub steps: Vec<Step>,
    /// What may be a rename and is not said to be one. As long as nobody says, it is a drop and an addition.
    pub questions: Vec<Question>,
    /// What cannot be done. With any of these the steps are incomplete, and none may be done.
    pub problems: Vec<Problem>,
    /// What was accepted though it may not be meant so.
    pub warnings: Vec<Problem>,
}

/// Something wrong with a change, and the way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// `uid` or `uid.attribute`.
    pub place: String,
    /// One or two sentences.
    pub message: String,
}

/// Whether something that is gone is something that is new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// What is gone: `uid`, or `uid.attribute`, as in the database. The key for [`Answers::renames`].
    pub old: String,
    /// What may be its new name, the likeliest first: a uid or the name of an attribute.
    pub candidates: Vec<String>,
    /// As a person is asked.
    pub sentence: String,
}

/// What a step asks of whoever applies it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Class {
    /// Nothing that is there is touched.
    Add,
    /// The same content under another name.
    Rename,
    /// The same content in another place.
    Move,
    /// A rule that the content there is must keep; looked at first.
    Check,
    /// Content in another form; tried on the data.
    Convert,
    /// Content goes to the trash.
    Drop,
}

/// Who said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Origin {
    /// The files do, by themselves.
    Files,
    /// [`Answers`].
    Answer,
}

/// When a step may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// When a server starts, without asking.
    Start,
    /// When a server starts, if the data allow it.
    StartIfItHolds,
    /// By `cairn schema apply`.
    Apply,
    /// By `cairn schema apply`, with consent to the plan's hash.
    Consent,
}

/// One step. Names are those that things have when its turn comes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// Unique in its plan, and the same whenever the plan is made.
    pub id: String,
    /// What it asks.
    pub class: Class,
    /// Who said so.
    pub origin: Origin,
    /// As a person reads it.
    pub sentence: String,
    /// What is done.
    #[serde(flatten)]
    pub change: Change,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Change {
    /// A content type with its attributes and indexes.
    AddType {
        /// As in the files.
        content_type: TypeShape,
    },
    /// A component. Has no table.
    AddComponent {
        /// As in the files.
        component: ComponentShape,
    },
    /// An attribute. Of a component: a key that its instances lack, which reads as null.
    AddAttribute {
        /// Uid of the type or component.
        owner: String,
        /// As in the files.
        attribute: AttributeShape,
    },
    /// The uid of a type: in reference tables, counts, rights.
    RenameType {
        /// Its uid.
        from: String,
        /// Its new one.
        to: String,
    },
    /// A table, with its link tables, reference table and indexes.
    RenameTable {
        /// Uid of the type.
        uid: String,
        /// `collectionName`.
        from: String,
        /// The new one.
        to: String,
    },
    /// The uid of a component: in `__component` of zones, in reference tables.
    RenameComponent {
        /// Its uid.
        from: String,
        /// Its new one.
        to: String,
    },
    /// An attribute: its column, position column, link table, indexes; its name in the reference table; of a component
    /// its key in every instance.
    RenameAttribute {
        /// Uid of the type or component.
        owner: String,
        /// Name and column.
        from: Named,
        /// Name and column.
        to: Named,
    },
    /// An attribute and its content.
    DropAttribute {
        /// Uid of the type or component.
        owner: String,
        /// As it was. Its name is that of the moment; see `original`.
        attribute: AttributeShape,
        /// Its name in the database, where it was set aside.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        original: Option<String>,
    },
    /// The instances of a component in a zone that no longer takes them.
    DropZoneComponent {
        /// Uid of the type.
        owner: String,
        /// The zone.
        attribute: String,
        /// Uid of the component.
        component: String,
    },
    /// A content type and all its documents.
    DropType {
        /// As it was.
        content_type: TypeShape,
    },
    /// A component that no attribute holds any more.
    DropComponent {
        /// As it was.
        component: ComponentShape,
    },
    /// An attribute of a type becomes one of a component in the same row. Where the row has no instance yet, and the
    /// value is not null, one is made.
    MoveIn {
        /// Uid of the type.
        uid: String,
        /// The attribute; its column goes.
        from: Named,
        /// The component attribute.
        component: String,
        /// The attribute of the component.
        to: String,
    },
    /// An attribute of a component becomes one of the type, in the same row. The instance keeps null.
    MoveOut {
        /// Uid of the type.
        uid: String,
        /// The component attribute.
        component: String,
        /// The attribute of the component.
        from: String,
        /// The new attribute, of the kind it had in the component.
        attribute: AttributeShape,
    },
    /// An attribute's values become those of another kind.
    Convert {
        /// Uid of the type or component.
        owner: String,
        /// Its name.
        attribute: String,
        /// From what to what.
        conversion: Conversion,
        /// About values that do not fit.
        decision: Decision,
    },
    /// `required` of an attribute.
    Required {
        /// Uid of the type or component.
        owner: String,
        /// Its name.
        attribute: String,
        /// Turned on, or off.
        on: bool,
        /// About entries without a value (`fail` or `keep`).
        decision: Decision,
    },
    /// `unique` of an attribute of a type.
    Unique {
        /// Uid of the type.
        owner: String,
        /// Its name.
        attribute: String,
        /// Turned on, or off.
        on: bool,
    },
    /// Whether an attribute has a value per locale.
    Localized {
        /// Uid of the type.
        owner: String,
        /// Its name.
        attribute: String,
        /// Turned on, or off.
        on: bool,
        /// Turned off, about documents whose locales differ (`fail`, or `cut`: the default locale's value stays).
        decision: Decision,
    },
    /// `index` of an attribute.
    Index {
        /// Uid of the type.
        owner: String,
        /// Its name.
        attribute: String,
        /// Turned on, or off.
        on: bool,
    },
    /// The compound indexes of a type.
    Indexes {
        /// Uid of the type.
        owner: String,
        /// Those to be there, by names of attributes.
        indexes: Vec<Vec<String>>,
    },
    /// The unique keys of a type.
    UniqueKeys {
        /// Uid of the type.
        owner: String,
        /// Those to be there, by names of attributes.
        keys: Vec<Vec<String>>,
    },
    /// Draft & publish of a type.
    DraftPublish {
        /// Its uid.
        uid: String,
        /// Turned on: every entry gets a draft. Turned off: published versions stay.
        on: bool,
    },
    /// Locales of a type.
    TypeLocalized {
        /// Its uid.
        uid: String,
        /// Turned on: every entry becomes one in the default locale. Turned off: one version of each stays.
        on: bool,
        /// The attributes that are localised afterwards.
        attributes: Vec<String>,
    },
}

/// An attribute's name and column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// In JSON.
    pub name: String,
    /// In the table.
    pub column: String,
}

impl Named {
    pub(super) fn of(attribute: &AttributeShape) -> Self {
        Self { name: attribute.name.clone(), column: attribute.column.clone() }
    }
}

/// Begins every name that a thing has only while another takes its name.
pub(super) const ASIDE: &str = "_aside";

impl Change {
    /// Uid of the type or component that it is about, as it is called before it.
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
            | Self::UniqueKeys { owner, .. } => owner,
            Self::RenameTable { uid, .. }
            | Self::MoveIn { uid, .. }
            | Self::MoveOut { uid, .. }
            | Self::DraftPublish { uid, .. }
            | Self::TypeLocalized { uid, .. } => uid,
        }
    }
}

impl Step {
    /// When it may be done.
    pub fn when(&self) -> When {
        let decision = match &self.change {
            Change::Convert { decision, .. }
            | Change::Required { decision, .. }
            | Change::Localized { decision, .. } => *decision,
            _ => Decision::Fail,
        };
        match (self.class, self.origin) {
            (Class::Drop, _) => When::Consent,
            _ if decision.loses() => When::Consent,
            (Class::Add, _) => When::Start,
            (Class::Rename | Class::Move, Origin::Files) => When::Start,
            (Class::Check, _) if decision == Decision::Fail => When::StartIfItHolds,
            _ => When::Apply,
        }
    }
}

/// Why a plan cannot be done (yet).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotReady {
    /// See [`Plan::problems`].
    #[error("the change cannot be done: {0}")]
    Problems(String),
    /// Losses that nobody agreed to.
    #[error("the change drops content: look at it with `cairn schema plan`, then `cairn schema apply --consent {0}`")]
    Consent(String),
    /// Consent to another plan.
    #[error(
        "the consent is to another plan ({given}): the files, the database or the answers have changed since; this one is {hash}"
    )]
    OtherPlan {
        /// The hash consented to.
        given: String,
        /// The plan's.
        hash: String,
    },
}

impl Plan {
    /// Names this plan: start, end and every step with its decision. Consent to losses names it.
    pub fn hash(&self) -> String {
        super::hash(&[&self.before, &self.after, &super::canonical(&self.steps)])
    }

    /// Nothing to do. The snapshot may differ all the same, in what no table depends on.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.problems.is_empty()
    }

    /// When the whole of it may be done: the latest of its steps.
    pub fn when(&self) -> When {
        self.steps.iter().map(Step::when).max().unwrap_or(When::Start)
    }

    /// Whether all that has to be said is said.
    ///
    /// # Errors
    /// What is missing.
    pub fn ready(&self, answers: &Answers) -> Result<(), NotReady> {
        if !self.problems.is_empty() {
            let all: Vec<String> = self.problems.iter().map(|p| format!("{}: {}", p.place, p.message)).collect();
            return Err(NotReady::Problems(all.join("; ")));
        }
        let hash = self.hash();
        match &answers.consent {
            _ if self.when() < When::Consent => Ok(()),
            Some(given) if *given == hash => Ok(()),
            Some(given) => Err(NotReady::OtherPlan { given: given.clone(), hash }),
            None => Err(NotReady::Consent(hash)),
        }
    }
}
