//! Positions of content types, components and attributes.

/// A content type's position in its registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(pub u16);

/// A component's position in its registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ComponentId(pub u16);

/// An attribute's position in its content type or component, in the order of the schema file.
pub type AttributeId = usize;
