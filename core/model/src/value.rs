//! Validated values: the values of a document's attributes between validation and storage.

use crate::content_type::{ComponentId, TypeId};
use serde_json::Value as Json;

/// A validated value of one attribute, in the canonical form of its column type.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// Not sent: an update leaves the value unchanged.
    #[default]
    Absent,
    /// Null, or cleared.
    Null,
    /// Value of a `Boolean` column.
    Bool(bool),
    /// `Integer` and `BigInteger`.
    Int(i64),
    /// Value of a `Float` column.
    Float(f64),
    /// Text kinds; `Decimal` (plain digits, no exponent, no trailing zeros), `Date`, `Time`, `DateTime` in their canonical text.
    Text(String),
    /// `Json` (JSON and blocks).
    Json(Json),
    /// A single component.
    Instance(Box<Instance>),
    /// A list of components, or a zone.
    Instances(Vec<Instance>),
    /// Relations and media *inside components*, as stored: the targets in order.
    Links(Vec<LinkTarget>),
    /// Relations and media as a writer sent them: the change of the stored targets.
    Change(LinkChange),
}

impl Value {
    /// True if it is null or was not sent.
    pub fn is_empty(&self) -> bool {
        matches!(self, Value::Absent | Value::Null)
    }

    /// True if two values are equal: ids of component instances, which differ between versions, are ignored.
    pub fn has_same_content(&self, other: &Self) -> bool {
        match (self, other) {
            (Value::Instance(a), Value::Instance(b)) => a.has_same_content(b),
            (Value::Instances(a), Value::Instances(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.has_same_content(b))
            }
            _ => self == other,
        }
    }

    /// The component instances directly in it.
    pub fn instances(&self) -> &[Instance] {
        match self {
            Value::Instance(instance) => std::slice::from_ref(&**instance),
            Value::Instances(list) => list,
            _ => &[],
        }
    }

    /// Does the same as [`Self::instances`], to change them.
    pub fn instances_mut(&mut self) -> &mut [Instance] {
        match self {
            Value::Instance(instance) => std::slice::from_mut(&mut **instance),
            Value::Instances(list) => list,
            _ => &mut [],
        }
    }
}

/// One component instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// The component that it is an instance of.
    pub component: ComponentId,
    /// Its id: `None` until one is assigned; on input the id that the writer sent.
    pub id: Option<i64>,
    /// If it is a copy: the id of the first instance that it comes from, in another version of the document. See [`Self::lineage`].
    pub origin: Option<i64>,
    /// Values by attribute position.
    pub values: Vec<Value>,
}

impl Instance {
    /// The id that it shares with all copies of it in other versions of the document, draft and published, in all locales.
    pub fn lineage(&self) -> Option<i64> {
        self.origin.or(self.id)
    }

    /// True if it has the same component and values as another, whatever their ids.
    pub fn has_same_content(&self, other: &Self) -> bool {
        self.component == other.component
            && self.values.len() == other.values.len()
            && self.values.iter().zip(&other.values).all(|(a, b)| a.has_same_content(b))
    }
}

/// The target of a link: a document.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LinkTarget {
    /// Type of the document.
    pub content_type: TypeId,
    /// Id of the document.
    pub document_id: String,
}

/// A write to a relation or media attribute: `set` (or an array, a single value, null) replaces, `connect` and `disconnect`
/// change the stored links.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LinkChange {
    /// True if all previous targets are removed first.
    pub replace: bool,
    /// Targets to connect, in the given order.
    pub connect: Vec<Connect>,
    /// Targets to disconnect; one that is not connected is not an error.
    pub disconnect: Vec<LinkTarget>,
}

/// One target to connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connect {
    /// The document to connect.
    pub target: LinkTarget,
    /// Where to insert it; `None`: at the end.
    pub position: Option<Position>,
}

/// `position` of a connected target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    /// Before all others.
    Start,
    /// After all others.
    End,
    /// Before that target.
    Before(LinkTarget),
    /// After that target.
    After(LinkTarget),
}

/// A document in the form that a client refers to it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TargetRef {
    /// By its document id.
    Document(String),
    /// By the numeric id of one of its rows.
    Row(i64),
}
