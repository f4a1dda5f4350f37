//! Applies a step to the shape: the one place that knows which other names follow.

use super::snapshot::*;
use super::step::SchemaChange;

impl Snapshot {
    /// Applies one change to the shape. A change that refers to something missing has no effect.
    pub fn apply(&mut self, change: &SchemaChange) {
        match change {
            SchemaChange::AddType { content_type } => self.types.push(content_type.clone()),
            SchemaChange::AddComponent { component } => self.components.push(component.clone()),
            SchemaChange::AddAttribute { owner, attribute } => {
                if let Some(list) = self.attributes_mut(owner) {
                    list.push(attribute.clone());
                }
            }
            SchemaChange::RenameType { from, to } => self.rename_type(from, to),
            SchemaChange::RenameTable { uid, to, .. } => {
                if let Some(ty) = self.type_mut(uid) {
                    ty.table.clone_from(to);
                }
            }
            SchemaChange::RenameComponent { from, to } => self.rename_component(from, to),
            SchemaChange::RenameAttribute { owner, from, to } => {
                if let Some(attribute) = self.attribute_mut(owner, &from.name) {
                    attribute.name.clone_from(&to.name);
                    attribute.column.clone_from(&to.column);
                }
                self.follow_attribute(owner, &from.name, Some(&to.name));
            }
            SchemaChange::DropAttribute { owner, attribute, .. } => self.remove_attribute(owner, &attribute.name),
            SchemaChange::DropZoneComponent { owner, attribute, component } => {
                if let Some(KindShape::DynamicZone { components }) =
                    self.attribute_mut(owner, attribute).map(|a| &mut a.kind)
                {
                    components.retain(|c| c != component);
                }
            }
            SchemaChange::DropType { content_type } => self.types.retain(|t| t.uid != content_type.uid),
            SchemaChange::DropComponent { component } => self.components.retain(|c| c.uid != component.uid),
            SchemaChange::MoveIn { uid, from, .. } => self.remove_attribute(uid, &from.name),
            SchemaChange::MoveOut { uid, attribute, .. } => {
                if let Some(list) = self.attributes_mut(uid) {
                    list.push(attribute.clone());
                }
            }
            SchemaChange::Convert { owner, attribute, conversion, .. } => {
                if let Some(attribute) = self.attribute_mut(owner, attribute) {
                    attribute.kind = conversion.to.clone();
                    attribute.max_length = conversion.max_length;
                }
            }
            SchemaChange::Required { owner, attribute, on, .. } => {
                self.set_flag(owner, attribute, |a| a.required = *on)
            }
            SchemaChange::Unique { owner, attribute, on } => self.set_flag(owner, attribute, |a| a.unique = *on),
            SchemaChange::Localized { owner, attribute, on, .. } => {
                self.set_flag(owner, attribute, |a| a.localized = *on)
            }
            SchemaChange::Index { owner, attribute, on } => self.set_flag(owner, attribute, |a| a.index = *on),
            SchemaChange::Indexes { owner, indexes } => {
                if let Some(ty) = self.type_mut(owner) {
                    ty.indexes.clone_from(indexes);
                }
            }
            SchemaChange::UniqueKeys { owner, keys } => {
                if let Some(ty) = self.type_mut(owner) {
                    ty.unique_keys.clone_from(keys);
                }
            }
            SchemaChange::Collation { owner, collation } => {
                if let Some(ty) = self.type_mut(owner) {
                    ty.collation.clone_from(collation);
                }
            }
            SchemaChange::DraftPublish { uid, on } => {
                if let Some(ty) = self.type_mut(uid) {
                    ty.draft_publish = *on;
                }
            }
            SchemaChange::TypeLocalized { uid, on, attributes } => {
                if let Some(ty) = self.type_mut(uid) {
                    ty.localized = *on;
                    for attribute in &mut ty.attributes {
                        attribute.localized = attributes.contains(&attribute.name);
                    }
                }
            }
        }
    }

    /// Takes over from `after` what no table depends on: order, hints, `private`, names of routes and the like.
    pub(super) fn adopt_metadata(&mut self, after: &Snapshot) {
        let settle = |list: &mut Vec<AttributeShape>, like: &[AttributeShape], component: bool| {
            for attribute in list.iter_mut() {
                let Some(new) = like.iter().find(|a| a.name == attribute.name) else { continue };
                attribute.private = new.private;
                attribute.renamed_from.clone_from(&new.renamed_from);
                attribute.moved_into.clone_from(&new.moved_into);
                attribute.max_length = new.max_length;
                if component {
                    // Keys of JSON have no index.
                    attribute.unique = new.unique;
                    attribute.index = new.index;
                }
                if component || attribute.is_inverse() {
                    attribute.localized = new.localized;
                }
            }
            list.sort_by_key(|a| like.iter().position(|new| new.name == a.name));
        };
        for ty in &mut self.types {
            let Some(new) = after.content_type(&ty.uid) else { continue };
            ty.singular.clone_from(&new.singular);
            ty.plural.clone_from(&new.plural);
            ty.renamed_from.clone_from(&new.renamed_from);
            settle(&mut ty.attributes, &new.attributes, false);
        }
        for component in &mut self.components {
            let Some(new) = after.component(&component.uid) else { continue };
            component.renamed_from.clone_from(&new.renamed_from);
            settle(&mut component.attributes, &new.attributes, true);
        }
        self.format = after.format;
        self.sort_by_uid();
    }

    fn type_mut(&mut self, uid: &str) -> Option<&mut TypeShape> {
        self.types.iter_mut().find(|t| t.uid == uid)
    }

    fn attributes_mut(&mut self, owner: &str) -> Option<&mut Vec<AttributeShape>> {
        if is_type(owner) {
            self.type_mut(owner).map(|t| &mut t.attributes)
        } else {
            self.components.iter_mut().find(|c| c.uid == owner).map(|c| &mut c.attributes)
        }
    }

    fn attribute_mut(&mut self, owner: &str, name: &str) -> Option<&mut AttributeShape> {
        self.attributes_mut(owner)?.iter_mut().find(|a| a.name == name)
    }

    fn set_flag(&mut self, owner: &str, name: &str, set: impl FnOnce(&mut AttributeShape)) {
        if let Some(attribute) = self.attribute_mut(owner, name) {
            set(attribute);
        }
    }

    fn all_attributes_mut(&mut self) -> impl Iterator<Item = &mut AttributeShape> {
        let of_types = self.types.iter_mut().flat_map(|t| t.attributes.iter_mut());
        of_types.chain(self.components.iter_mut().flat_map(|c| c.attributes.iter_mut()))
    }

    fn remove_attribute(&mut self, owner: &str, name: &str) {
        self.follow_attribute(owner, name, None);
        if let Some(list) = self.attributes_mut(owner) {
            list.retain(|a| a.name != name);
        }
    }

    fn rename_type(&mut self, from: &str, to: &str) {
        if let Some(ty) = self.type_mut(from) {
            ty.uid = to.to_owned();
        }
        for attribute in self.all_attributes_mut() {
            if let KindShape::Relation(RelationShape { target: Some(target), .. }) = &mut attribute.kind
                && target == from
            {
                *target = to.to_owned();
            }
        }
    }

    fn rename_component(&mut self, from: &str, to: &str) {
        for component in self.components.iter_mut().filter(|c| c.uid == from) {
            component.uid = to.to_owned();
        }
        for attribute in self.all_attributes_mut() {
            match &mut attribute.kind {
                KindShape::Component { component, .. } if component == from => *component = to.to_owned(),
                KindShape::DynamicZone { components } => {
                    components.iter_mut().filter(|c| *c == from).for_each(|c| *c = to.to_owned());
                }
                _ => {}
            }
        }
    }

    /// Renames an attribute in indexes, unique keys, and the relation on the other side. `None`: it is dropped, and indexes and keys with
    /// it; the other side's relation becomes one-way if that stores the links.
    fn follow_attribute(&mut self, owner: &str, from: &str, to: Option<&str>) {
        let Some(ty) = self.type_mut(owner) else { return };
        for lists in [&mut ty.indexes, &mut ty.unique_keys] {
            match to {
                Some(to) => {
                    lists.iter_mut().flatten().filter(|name| *name == from).for_each(|name| *name = to.to_owned());
                }
                None => lists.retain(|names| !names.iter().any(|name| name == from)),
            }
        }
        // Of a morph relation the inverse names the owner, the owner names nothing.
        for attribute in self.all_attributes_mut() {
            let KindShape::Relation(relation) = &mut attribute.kind else { continue };
            if relation.target.as_deref() != Some(owner) {
                continue;
            }
            match (&mut relation.side, to) {
                (SideShape::Owner(across) | SideShape::Inverse(across), Some(to)) if across == from => {
                    *across = to.to_owned();
                }
                (SideShape::Owner(across), None) if across == from => relation.side = SideShape::OneWay,
                _ => {}
            }
        }
    }
}
