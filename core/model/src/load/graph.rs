//! Nesting of components: no cycles, and not too deep.

use super::raw_schema::RawSchema;
use super::report::LoadReport;
use crate::content_type::{Component, ComponentId, FieldKind};

/// Deepest nesting of components: bounds the depth of stored JSON and of every recursion over it.
const MAX_COMPONENT_DEPTH: usize = 10;

/// Reports components that contain themselves and those nested too deeply.
pub(super) fn check_nesting(components: &[Component], raws: &[RawSchema], report: &LoadReport) {
    let mut walk = DepthWalk { components, depths: vec![DepthState::Unknown; components.len()] };
    for (component, raw) in components.iter().zip(raws) {
        match walk.component_depth(component.id) {
            // A component that only leads to a cycle is not at fault.
            Err(cycle) if cycle.again != component.id => {}
            Err(cycle) => {
                let problem = format!("contains itself, through `{}`", cycle.through);
                report.file_site(&raw.file).at_key("attributes").report_problem(problem);
            }
            Ok(depth) if depth > MAX_COMPONENT_DEPTH => {
                report
                    .file_site(&raw.file)
                    .at_key("attributes")
                    .report_problem(format!("components are nested deeper than {MAX_COMPONENT_DEPTH} levels"));
            }
            Ok(_) => {}
        }
    }
}

/// A cycle: `through` contains `again`, which the walk is already in.
struct ComponentCycle {
    again: ComponentId,
    through: String,
}

#[derive(Clone, Copy)]
enum DepthState {
    Unknown,
    OnTheWay,
    Known(usize),
}

struct DepthWalk<'a> {
    components: &'a [Component],
    depths: Vec<DepthState>,
}

impl DepthWalk<'_> {
    /// Number of levels of a component, or a cycle below it.
    ///
    /// Walks with an explicit stack instead of recursing: a file may nest thousands of components.
    fn component_depth(&mut self, id: ComponentId) -> Result<usize, ComponentCycle> {
        let mut path = vec![(id, self.child_components(id), 1)];
        self.set_depth_state(id, DepthState::OnTheWay);
        loop {
            let Some((current, children, depth)) = path.last_mut() else { return Ok(0) };
            let current = *current;
            match children.pop() {
                Some(child) => match self.depth_state(child) {
                    DepthState::Known(below) => *depth = (*depth).max(below + 1),
                    DepthState::Unknown => {
                        self.set_depth_state(child, DepthState::OnTheWay);
                        let of_child = self.child_components(child);
                        path.push((child, of_child, 1));
                    }
                    DepthState::OnTheWay => {
                        let through = self.component_uid(current);
                        for (id, ..) in path {
                            self.set_depth_state(id, DepthState::Unknown);
                        }
                        return Err(ComponentCycle { again: child, through });
                    }
                },
                None => {
                    let own_depth = *depth;
                    self.set_depth_state(current, DepthState::Known(own_depth));
                    path.pop();
                    match path.last_mut() {
                        Some((_, _, above)) => *above = (*above).max(own_depth + 1),
                        None => return Ok(own_depth),
                    }
                }
            }
        }
    }

    fn child_components(&self, id: ComponentId) -> Vec<ComponentId> {
        let attributes = self.components.get(usize::from(id.0)).into_iter().flat_map(|c| c.attributes.iter());
        let mut children = Vec::new();
        for (_, attribute) in attributes {
            match &attribute.kind {
                FieldKind::Component { component, .. } => children.push(*component),
                FieldKind::DynamicZone { components } => children.extend(components),
                _ => {}
            }
        }
        children
    }

    fn component_uid(&self, id: ComponentId) -> String {
        self.components.get(usize::from(id.0)).map_or_else(String::new, |component| component.uid.clone())
    }

    fn depth_state(&self, id: ComponentId) -> DepthState {
        self.depths.get(usize::from(id.0)).copied().unwrap_or(DepthState::Known(0))
    }

    fn set_depth_state(&mut self, id: ComponentId, state: DepthState) {
        if let Some(depth) = self.depths.get_mut(usize::from(id.0)) {
            *depth = state;
        }
    }
}
