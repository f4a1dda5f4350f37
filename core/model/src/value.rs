//! Checked values: what a document's attributes hold between validation and storage.

use crate::content_type::{ComponentId, TypeId};
use serde_json::Value as Json;

/// A checked value of one attribute, in the canonical form of its column type.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// Not given: an update keeps what is there.
    #[default]
    Absent,
    /// Null.
    Null,
    /// `Boolean`.
    Bool(bool),
    /// `Integer` and `BigInteger`.
    Int(i64),
    /// `Float`.
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
    Links(Vec<Target>),
    /// Relations and media as a writer sent them: what to do to the stored targets.
    Change(LinkChange),
}

impl Value {
    /// Null or not given.
    pub fn is_empty(&self) -> bool {
        matches!(self, Value::Absent | Value::Null)
    }
}

/// One component instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// Which component.
    pub component: ComponentId,
    /// Its id: `None` until one is given out; on input the id the writer named.
    pub id: Option<i64>,
    /// By attribute position.
    pub values: Vec<Value>,
}

/// What a link points at: a document.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    /// Its type.
    pub content_type: TypeId,
    /// Its document id.
    pub document_id: String,
}

/// A write to a relation or media attribute: `set` (or an array, a single value, null) replaces, `connect` and
/// `disconnect` change what is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LinkChange {
    /// The targets connected before are all removed first.
    pub replace: bool,
    /// In the order given.
    pub connect: Vec<Connect>,
    /// Not connected is no error.
    pub disconnect: Vec<Target>,
}

/// One target to connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connect {
    /// The document.
    pub target: Target,
    /// `None`: the end.
    pub position: Option<Position>,
}

/// `position` of a connected target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    /// Before all others.
    Start,
    /// After all others.
    End,
    /// Before that one.
    Before(Target),
    /// After that one.
    After(Target),
}

/// A document as a client names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TargetRef {
    /// By its document id.
    Document(String),
    /// By the numeric id of one of its rows.
    Row(i64),
}
