//! References between the files of a crate: which file uses a name that another one defines. A module that only passes a name on is
//! passed by, so that a parent with `pub use` does not refer to each of its children.

use super::modules::{Module, ModuleTree, NamePath};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The names that a file uses from another one, by both files.
pub(super) type FileReferences = BTreeMap<(PathBuf, PathBuf), BTreeSet<String>>;

/// Item that a path leads to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Target<'a> {
    Module(&'a NamePath),
    /// A name that a file defines.
    Definition(&'a Path),
}

/// Names that are being resolved, which must not be resolved again on the way.
type PathTrail = BTreeSet<(NamePath, String)>;

/// Finds the references between the files of a crate.
pub(super) fn find_references(modules: &ModuleTree) -> FileReferences {
    let mut references = FileReferences::new();
    for module in modules.values() {
        let imports = module.imports.iter().filter(|import| !import.is_export).map(|import| &import.path);
        for path in imports.chain(&module.references) {
            for target in resolve(modules, module, path, &PathTrail::new()) {
                if let Target::Definition(file) = target
                    && file != module.file
                {
                    let files = (module.file.clone(), file.to_owned());
                    references.entry(files).or_default().extend(path.last().cloned());
                }
            }
        }
    }
    references
}

/// Resolves a path in a module; to nothing if it leads to another crate. A name may be both a module and something else.
fn resolve<'a>(
    modules: &'a ModuleTree,
    module: &'a Module,
    path: &[String],
    trail: &PathTrail,
) -> BTreeSet<Target<'a>> {
    let (base, rest) = split_base(&module.path, path);
    let is_relative = rest.len() == path.len();
    let Some((base, _)) = modules.get_key_value(base) else { return BTreeSet::new() };
    let mut targets = BTreeSet::from([Target::Module(base)]);
    for (i, name) in rest.iter().enumerate() {
        let mut next = BTreeSet::new();
        for target in &targets {
            if let Target::Module(path) = target {
                let mut found = resolve_name(modules, path, name, trail);
                // A name that a macro defines, say.
                if found.is_empty() && !(is_relative && i == 0) {
                    found.insert(Target::Definition(&modules[*path].file));
                }
                next.append(&mut found);
            }
        }
        if i + 1 < rest.len() {
            let (inner, definitions): (BTreeSet<_>, BTreeSet<_>) =
                next.into_iter().partition(|target| matches!(target, Target::Module(_)));
            if inner.is_empty() {
                // Members of a type, variants of an enum.
                return definitions;
            }
            next = inner;
        }
        targets = next;
    }
    targets
}

/// The module where a path begins, and its segments after `crate`, `self` and `super`.
fn split_base<'a>(module: &'a [String], path: &'a [String]) -> (&'a [String], &'a [String]) {
    let (mut base, mut rest) = match path.first().map(String::as_str) {
        Some("crate") => return (&[], &path[1..]),
        Some("self") => (module, &path[1..]),
        _ => (module, path),
    };
    while let Some((first, others)) = rest.split_first()
        && first == "super"
    {
        base = base.split_last().map_or(base, |(_, parent)| parent);
        rest = others;
    }
    (base, rest)
}

/// Resolves a name in a module.
fn resolve_name<'a>(modules: &'a ModuleTree, path: &NamePath, name: &str, trail: &PathTrail) -> BTreeSet<Target<'a>> {
    let step = (path.clone(), name.to_owned());
    let mut targets = BTreeSet::new();
    if trail.contains(&step) {
        return targets;
    }
    let mut trail = trail.clone();
    trail.insert(step);
    let module = &modules[path];
    if module.definitions.contains(name) {
        targets.insert(Target::Definition(&module.file));
    }
    if module.children.contains(name) {
        let child: NamePath = path.iter().cloned().chain([name.to_owned()]).collect();
        targets.extend(modules.get_key_value(&child).map(|(path, _)| Target::Module(path)));
    }
    for import in module.imports.iter().filter(|import| import.name == name) {
        targets.append(&mut resolve(modules, module, &import.path, &trail));
    }
    if targets.is_empty() {
        for glob in &module.globs {
            for target in resolve(modules, module, glob, &trail) {
                if let Target::Module(path) = target {
                    targets.append(&mut resolve_name(modules, path, name, &trail));
                }
            }
        }
    }
    targets
}

#[cfg(test)]
mod tests {
    use super::super::modules::read_modules;
    use super::*;

    /// References as `a.rs -> b.rs: names`.
    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let files: BTreeMap<&str, &str> = files.iter().copied().collect();
        let read = |file: &Path| files.get(file.to_str()?).map(|source| (*source).to_owned());
        let references = find_references(&read_modules(Path::new("lib.rs"), &read).unwrap());
        let line = |((from, to), names): (&(PathBuf, PathBuf), &BTreeSet<String>)| {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            format!("{} -> {}: {}", from.display(), to.display(), names.join(", "))
        };
        references.iter().map(line).collect()
    }

    #[test]
    fn parent_that_passes_names_on_refers_to_nothing() {
        let root = ("lib.rs", "mod a; mod b; pub use a::A; pub use b::{B, make as build};");
        let a = ("a.rs", "use crate::{B, build};\npub struct A(B);\nfn f() -> B { build() }");
        assert_eq!(found(&[root, a, ("b.rs", "pub struct B; pub fn make() -> B { B }")]), ["a.rs -> b.rs: B, build"]);
    }

    #[test]
    fn parent_that_uses_what_it_passes_on_refers_to_it() {
        let root = ("lib.rs", "mod a; pub use a::A; pub fn f(a: A) {}");
        assert_eq!(found(&[root, ("a.rs", "pub struct A;")]), ["lib.rs -> a.rs: A"]);
    }

    #[test]
    fn modules_are_not_what_their_names_are_used_for() {
        let root = ("lib.rs", "mod a; mod c;");
        let a = ("a.rs", "pub mod b; use b::B; fn f(b: B) {}");
        let c = ("c.rs", "use crate::a; use super::a::b as other; fn g() { a::b::make(); other::B::new(); }");
        let b = ("a/b.rs", "pub struct B; pub fn make() {}");
        assert_eq!(found(&[root, a, c, b]), ["a.rs -> a/b.rs: B", "c.rs -> a/b.rs: make, new"]);
    }

    #[test]
    fn names_behind_globs_are_found() {
        let root = ("lib.rs", "mod a; mod b; pub fn own() {}");
        let a = ("a.rs", "use super::*; use crate::b::*; fn f() { own(); B; String::new(); }");
        assert_eq!(found(&[root, a, ("b.rs", "pub struct B;")]), ["a.rs -> b.rs: B", "a.rs -> lib.rs: own"]);
    }

    #[test]
    fn imports_that_lead_to_each_other_end() {
        let root = ("lib.rs", "mod a; pub use a::*; fn f() { X; }");
        assert!(found(&[root, ("a.rs", "pub use super::*; pub use crate::a::Y as Z; fn g() { Z; X; }")]).len() < 3);
    }
}
