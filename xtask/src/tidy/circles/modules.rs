//! The modules of a crate: the names that each of them has, and the paths that its code contains. Reads tokens, not syntax trees: `mod`,
//! `use` and `a::b` look the same wherever they are. Code that only tests have is left out.

use anyhow::{Context, Result};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Segments of a path, such as `crate`, `params` and `Filter`.
pub(super) type NamePath = Vec<String>;
/// Reads a source file, or `None` if there is none of that name.
pub(super) type SourceReader<'a> = &'a dyn Fn(&Path) -> Option<String>;

/// A name that a `use` brings into a module.
#[derive(Debug)]
pub(super) struct Import {
    pub(super) name: String,
    pub(super) path: NamePath,
    /// True for `pub use`, also with a scope: the module may pass the name on without using it.
    pub(super) is_export: bool,
}

/// A module and what its code says.
#[derive(Debug, Default)]
pub(super) struct Module {
    pub(super) file: PathBuf,
    pub(super) path: NamePath,
    pub(super) children: BTreeSet<String>,
    /// Items that are defined in the module itself.
    pub(super) definitions: BTreeSet<String>,
    pub(super) imports: Vec<Import>,
    /// Paths before `::*`.
    pub(super) globs: Vec<NamePath>,
    /// Paths and single names in code, whatever they mean.
    pub(super) references: Vec<NamePath>,
}

/// The modules of a crate by their paths; that of the root is empty.
pub(super) type ModuleTree = BTreeMap<NamePath, Module>;

/// Keywords before the name of an item.
const ITEM_KEYWORDS: [&str; 9] = ["const", "enum", "fn", "macro_rules", "static", "struct", "trait", "type", "union"];
/// Keywords between another keyword and the name of an item, where no name follows at once.
const QUALIFIERS: [&str; 4] = ["async", "extern", "fn", "unsafe"];

/// Reads the modules of the crate with that root file. Returns an error if a file is not Rust or a module has no file.
pub(super) fn read_modules(root: &Path, read: SourceReader<'_>) -> Result<ModuleTree> {
    let mut reader = ModuleReader { modules: BTreeMap::new(), read };
    let folder = root.parent().unwrap_or(Path::new(""));
    reader.read_file(Vec::new(), root, folder)?;
    Ok(reader.modules)
}

/// Reads modules, and those that they declare.
struct ModuleReader<'a> {
    modules: ModuleTree,
    read: SourceReader<'a>,
}

impl ModuleReader<'_> {
    /// Reads a file; `folder` is that of its child modules.
    fn read_file(&mut self, path: NamePath, file: &Path, folder: &Path) -> Result<()> {
        let source = (self.read)(file).with_context(|| format!("{}: no such file", file.display()))?;
        let tokens =
            TokenStream::from_str(&source).ok().with_context(|| format!("{}: not valid Rust", file.display()))?;
        self.read_module(path, file, folder, tokens)
    }

    fn read_module(&mut self, path: NamePath, file: &Path, folder: &Path, tokens: TokenStream) -> Result<()> {
        let mut module = Module { file: file.to_owned(), path, ..Module::default() };
        self.read_tokens(&mut module, &tokens_outside_tests(tokens), folder, true)?;
        self.modules.insert(module.path.clone(), module);
        Ok(())
    }

    /// Reads tokens into a module; `has_items` is false inside of functions and other groups.
    fn read_tokens(&mut self, module: &mut Module, tokens: &[TokenTree], folder: &Path, has_items: bool) -> Result<()> {
        let mut is_public = false;
        let mut i = 0;
        while i < tokens.len() {
            let word = match &tokens[i] {
                TokenTree::Ident(word) => word.to_string(),
                TokenTree::Group(group) => {
                    self.read_tokens(module, &tokens_outside_tests(group.stream()), folder, false)?;
                    is_public &= group.delimiter() != Delimiter::Brace;
                    i += 1;
                    continue;
                }
                token => {
                    is_public &= !is_punct(Some(token), ';');
                    i += 1;
                    continue;
                }
            };
            if word == "pub" {
                is_public = true;
                let has_scope = group_at(tokens, i + 1).is_some_and(|g| g.delimiter() == Delimiter::Parenthesis);
                i += 1 + usize::from(has_scope);
                continue;
            }
            let is_export = std::mem::take(&mut is_public);
            if word == "use" && !is_punct(tokens.get(i + 1), '<') {
                let length = tokens[i..].iter().position(|token| is_punct(Some(token), ';'));
                let end = length.map_or(tokens.len(), |length| i + length);
                read_use(module, &tokens[i + 1..end], &[], is_export);
                i = end;
            } else if word == "mod" && has_items && self.read_child(module, &tokens[i + 1..], folder)? {
                i += 3;
            } else if has_items
                && ITEM_KEYWORDS.contains(&word.as_str())
                && !is_punct(i.checked_sub(1).map(|b| &tokens[b]), '\'')
            {
                i += 1;
                while is_punct(tokens.get(i), '!') || ident_at(tokens, i).is_some_and(|word| word == "mut") {
                    i += 1;
                }
                if let Some(name) = ident_at(tokens, i).filter(|name| !QUALIFIERS.contains(&name.as_str())) {
                    module.definitions.insert(name);
                    i += 1;
                }
            } else {
                i = read_reference(module, tokens, i);
            }
        }
        Ok(())
    }

    /// Reads what follows `mod`. False if that is no module.
    fn read_child(&mut self, module: &mut Module, rest: &[TokenTree], folder: &Path) -> Result<bool> {
        let Some(name) = ident_at(rest, 0) else { return Ok(false) };
        let path: NamePath = module.path.iter().cloned().chain([name.clone()]).collect();
        let own_folder = folder.join(&name);
        if is_punct(rest.get(1), ';') {
            let candidates = [folder.join(format!("{name}.rs")), own_folder.join("mod.rs")];
            let file = candidates.iter().find(|file| (self.read)(file).is_some());
            let file = file.with_context(|| format!("{}: no file for mod {name}", module.file.display()))?;
            self.read_file(path, file, &own_folder)?;
        } else if let Some(group) = group_at(rest, 1) {
            self.read_module(path, &module.file, &own_folder, group.stream())?;
        } else {
            return Ok(false);
        }
        module.children.insert(name);
        Ok(true)
    }
}

/// Reads the tree behind `use`, or a part of it behind `prefix`.
fn read_use(module: &mut Module, tree: &[TokenTree], prefix: &[String], is_export: bool) {
    // Nothing follows a comma at the end.
    for branch in tree.split(|token| is_punct(Some(token), ',')).filter(|branch| !branch.is_empty()) {
        let mut path = prefix.to_vec();
        let mut alias = None;
        let mut is_leaf = true;
        for (i, token) in branch.iter().enumerate() {
            match token {
                TokenTree::Ident(word) if *word == "as" => {
                    alias = ident_at(branch, i + 1);
                    break;
                }
                TokenTree::Ident(word) => path.push(word.to_string()),
                TokenTree::Punct(punct) if punct.as_char() == '*' => {
                    module.globs.push(path.clone());
                    is_leaf = false;
                }
                TokenTree::Group(group) => {
                    let tree: Vec<TokenTree> = group.stream().into_iter().collect();
                    read_use(module, &tree, &path, is_export);
                    is_leaf = false;
                }
                _ => {}
            }
        }
        if path.len() > 1 {
            path.pop_if(|last| *last == "self");
        }
        if let Some(name) = alias.or_else(|| path.last().cloned()).filter(|_| is_leaf) {
            module.imports.push(Import { name, path, is_export });
        }
    }
}

/// Reads the path or name that begins at a token, unless it is a member, a label, a binding or the rest of a path. Returns the index of
/// the token after it.
fn read_reference(module: &mut Module, tokens: &[TokenTree], start: usize) -> usize {
    let before = start.checked_sub(1).map(|i| &tokens[i]);
    let continues = is_separator(tokens, start.wrapping_sub(2)) || is_punct(before, '.') || is_punct(before, '\'');
    let mut path: NamePath = ident_at(tokens, start).into_iter().collect();
    let mut end = start + 1;
    if continues {
        return end;
    }
    while is_separator(tokens, end)
        && let Some(segment) = ident_at(tokens, end + 2)
    {
        path.push(segment);
        end += 3;
    }
    let is_label = is_punct(tokens.get(end), ':') && !is_separator(tokens, end);
    let is_binding =
        matches!(before, Some(TokenTree::Ident(word)) if ["fn", "let", "mut"].iter().any(|known| word == known));
    let is_lower = path[0].starts_with(|c: char| c.is_lowercase());
    if path.len() > 1 || !(is_binding || is_label && is_lower) {
        module.references.push(path);
    }
    end
}

/// Tokens without attributes and without what `#[cfg(test)]` and its like stand before.
fn tokens_outside_tests(tokens: TokenStream) -> Vec<TokenTree> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut outside = Vec::with_capacity(tokens.len());
    let mut i = 0;
    while i < tokens.len() {
        let attribute = is_punct(tokens.get(i), '#').then(|| i + 1 + usize::from(is_punct(tokens.get(i + 1), '!')));
        match attribute.and_then(|at| Some((at, group_at(&tokens, at)?))) {
            Some((at, group)) if group.delimiter() == Delimiter::Bracket => {
                i = at + 1;
                if is_test_condition(group) {
                    i += item_length(&tokens[i..]);
                }
            }
            _ => {
                outside.push(tokens[i].clone());
                i += 1;
            }
        }
    }
    outside
}

/// True for the inside of `#[test]`, `#[cfg(test)]`, `#[cfg(all(test, …))]`.
fn is_test_condition(attribute: &Group) -> bool {
    let text = attribute.stream().to_string().replace(' ', "");
    let has_word = |known: &str| text.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == known);
    text == "test" || text.starts_with("cfg(") && has_word("test") && !has_word("not")
}

/// Number of tokens of the item, member or statement at the beginning.
fn item_length(tokens: &[TokenTree]) -> usize {
    let mut has_block = None;
    for (i, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(word) => {
                let word = word.to_string();
                match word.as_str() {
                    "const" | "let" | "static" | "type" | "use" if has_block.is_none() => has_block = Some(false),
                    "fn" | "macro_rules" | "enum" | "extern" | "impl" | "mod" | "struct" | "trait" | "union" => {
                        has_block = Some(true);
                    }
                    _ => {}
                }
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && has_block != Some(false) => {
                return i + 1;
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => return i + 1,
            TokenTree::Punct(punct) if punct.as_char() == ',' && has_block.is_none() => return i + 1,
            _ => {}
        }
    }
    tokens.len()
}

fn is_punct(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

/// True if `::` begins at a token.
fn is_separator(tokens: &[TokenTree], i: usize) -> bool {
    is_punct(tokens.get(i), ':') && is_punct(tokens.get(i.wrapping_add(1)), ':')
}

fn ident_at(tokens: &[TokenTree], i: usize) -> Option<String> {
    match tokens.get(i) {
        Some(TokenTree::Ident(word)) => Some(word.to_string()),
        _ => None,
    }
}

fn group_at(tokens: &[TokenTree], i: usize) -> Option<&Group> {
    match tokens.get(i) {
        Some(TokenTree::Group(group)) => Some(group),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The root module of a crate of one file.
    fn read_root(source: &str) -> Module {
        let read = |file: &Path| (file == Path::new("lib.rs")).then(|| source.to_owned());
        read_modules(Path::new("lib.rs"), &read).unwrap().remove(&NamePath::new()).unwrap()
    }

    fn joined(paths: &[NamePath]) -> Vec<String> {
        paths.iter().map(|path| path.join("::")).collect()
    }

    #[test]
    fn use_trees_are_taken_apart() {
        let root = read_root("use a::{self, b::{C, D as E,}, f::*};\npub(crate) use g::H;\nfn i() { use j::K; }");
        let imports: Vec<(String, String, bool)> =
            root.imports.into_iter().map(|i| (i.name, i.path.join("::"), i.is_export)).collect();
        let expected = [
            ("a", "a", false),
            ("C", "a::b::C", false),
            ("E", "a::b::D", false),
            ("H", "g::H", true),
            ("K", "j::K", false),
        ];
        assert_eq!(imports, expected.map(|(name, path, export)| (name.to_owned(), path.to_owned(), export)));
        assert_eq!(joined(&root.globs), ["a::f"]);
    }

    #[test]
    fn paths_are_found_in_code_and_not_in_members() {
        let root = read_root("fn f<'a>(x: a::B) -> C { let d = e(); g.h::<I>(); J { k: crate::l::M } }");
        let found = joined(&root.references);
        for path in ["a::B", "C", "e", "g", "I", "J", "crate::l::M"] {
            assert!(found.iter().any(|known| known == path), "{path} is not in {found:?}");
        }
        for name in ["f", "a", "x", "d", "h", "k"] {
            assert!(found.iter().all(|known| known != name), "{name} is in {found:?}");
        }
        assert_eq!(root.definitions.into_iter().collect::<Vec<_>>(), ["f"]);
    }

    #[test]
    fn code_of_tests_is_left_out() {
        let root = read_root(
            "#[cfg(test)] mod tests;\n#[cfg(test)] use a::{B, C};\n#[cfg(all(test, unix))] fn f<D, E>() { g(); }\n\
             struct H { #[cfg(test)] i: J, k: L }\n#[cfg(not(test))] use m::N;",
        );
        assert!(root.children.is_empty() && root.imports.len() == 1, "{root:?}");
        assert_eq!(joined(&root.references), ["L"]);
    }

    #[test]
    fn modules_are_read_from_their_files() {
        let files = [("src/lib.rs", "mod a; mod b { mod c; }"), ("src/a.rs", "mod d;")];
        let more = [("src/a/d/mod.rs", "mod e;"), ("src/a/d/e.rs", ""), ("src/b/c.rs", "")];
        let files: BTreeMap<&str, &str> = files.into_iter().chain(more).collect();
        let read = |file: &Path| files.get(file.to_str()?).map(|source| (*source).to_owned());
        let modules = read_modules(Path::new("src/lib.rs"), &read).unwrap();
        let found: Vec<String> =
            modules.values().map(|m| format!("{} {}", m.path.join("::"), m.file.display())).collect();
        assert_eq!(
            found,
            [
                " src/lib.rs",
                "a src/a.rs",
                "a::d src/a/d/mod.rs",
                "a::d::e src/a/d/e.rs",
                "b src/lib.rs",
                "b::c src/b/c.rs"
            ]
        );
        let alone = |file: &Path| (file == Path::new("lib.rs")).then(|| "mod x;".to_owned());
        let error = read_modules(Path::new("lib.rs"), &alone).unwrap_err();
        assert_eq!(error.to_string(), "lib.rs: no file for mod x");
    }
}
