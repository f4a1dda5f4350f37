//! Nesting of components: no cycles, and not too deep.

use super::report::Report;
use super::types::Raw;
use crate::content_type::{Component, ComponentId, FieldKind};

/// Deepest nesting of components: bounds the depth of stored JSON and of every recursion over it.
const MAX_DEPTH: usize = 10;

/// Reports components that contain themselves and those nested too deeply.
pub(super) fn check(components: &[Component], raws: &[Raw], report: &Report) {
    let mut walk = Walk { components, depths: vec![Depth::Unknown; components.len()] };
    for (component, raw) in components.iter().zip(raws) {
        match walk.depth(component.id) {
            // A component that only leads to a cycle is not at fault.
            Err(cycle) if cycle.again != component.id => {}
            Err(cycle) => {
                let problem = format!("contains itself, through `{}`", cycle.through);
                report.file(&raw.file).at("attributes").problem(problem);
            }
            Ok(depth) if depth > MAX_DEPTH => {
                report
                    .file(&raw.file)
                    .at("attributes")
                    .problem(format!("components are nested deeper than {MAX_DEPTH} levels"));
            }
            Ok(_) => {}
        }
    }
}

/// A cycle: `through` contains `again`, which the walk is already in.
struct Cycle {
    again: ComponentId,
    through: String,
}

#[derive(Clone, Copy)]
enum Depth {
    Unknown,
    OnTheWay,
    Known(usize),
}

struct Walk<'a> {
    components: &'a [Component],
    depths: Vec<Depth>,
}

impl Walk<'_> {
    /// Number of levels of a component, or a cycle below it.
    ///
    /// Walks with an explicit stack instead of recursing: a file may nest thousands of components.
    fn depth(&mut self, id: ComponentId) -> Result<usize, Cycle> {
        let mut path = vec![(id, self.children(id), 1)];
        self.mark(id, Depth::OnTheWay);
        loop {
            let Some((current, children, depth)) = path.last_mut() else { return Ok(0) };
            let current = *current;
            match children.pop() {
                Some(child) => match self.state(child) {
                    Depth::Known(below) => *depth = (*depth).max(below + 1),
                    Depth::Unknown => {
                        self.mark(child, Depth::OnTheWay);
                        let of_child = self.children(child);
                        path.push((child, of_child, 1));
                    }
                    Depth::OnTheWay => {
                        let through = self.name(current);
                        for (id, ..) in path {
                            self.mark(id, Depth::Unknown);
                        }
                        return Err(Cycle { again: child, through });
                    }
                },
                None => {
                    let done = *depth;
                    self.mark(current, Depth::Known(done));
                    path.pop();
                    match path.last_mut() {
                        Some((_, _, above)) => *above = (*above).max(done + 1),
                        None => return Ok(done),
                    }
                }
            }
        }
    }

    fn children(&self, id: ComponentId) -> Vec<ComponentId> {
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

    fn name(&self, id: ComponentId) -> String {
        self.components.get(usize::from(id.0)).map_or_else(String::new, |component| component.uid.clone())
    }

    fn state(&self, id: ComponentId) -> Depth {
        self.depths.get(usize::from(id.0)).copied().unwrap_or(Depth::Known(0))
    }

    fn mark(&mut self, id: ComponentId, state: Depth) {
        if let Some(depth) = self.depths.get_mut(usize::from(id.0)) {
            *depth = state;
        }
    }
}
