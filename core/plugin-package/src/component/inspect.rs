//! Imports and exports of a component.

use semver::Version;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use wasmparser::component_types::ComponentEntityType;
use wasmparser::{Encoding, Parser, Payload, ValidPayload, Validator, WasmFeatures};

/// Largest component that is inspected, in bytes: one with a Python inside has 18 MB.
pub const MAX_COMPONENT: usize = 64 << 20;
/// Largest number of modules and components within it, and of sections: real ones have dozens.
const MAX_SECTIONS: usize = 20_000;
/// Largest number of imports, and of exports.
const MAX_NAMES: usize = 1_000;

/// Why these bytes are not a component of a plugin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComponentProblem {
    /// It is larger than [`MAX_COMPONENT`].
    #[error("plugin.wasm has {0} bytes; the limit is {MAX_COMPONENT}")]
    TooLarge(usize),
    /// It is not WebAssembly.
    #[error("plugin.wasm is not a WebAssembly file")]
    NotWasm,
    /// It is a module of WebAssembly, as compilers produce without the component model.
    #[error("plugin.wasm is a core module, not a component; build it for the target wasm32-wasip2")]
    CoreModule,
    /// It is malformed, or cut off.
    #[error("plugin.wasm is malformed at byte {offset}: {message}")]
    Malformed {
        /// Offset in the file, in bytes.
        offset: u64,
        /// Description of the error.
        message: String,
    },
    /// It has far more parts than any real component.
    #[error("plugin.wasm has more than {MAX_SECTIONS} sections, or more than {MAX_NAMES} imports or exports")]
    TooComplex,
}

/// The name of an interface: `cairn:plugin/data@0.1.0`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interface {
    /// Package, such as `cairn:plugin`; empty for a name that is not of this form.
    pub package: String,
    /// Name within the package, such as `data`; the whole name where it is not of this form.
    pub name: String,
    /// Version, such as `0.1.0`; `None` where the name has none.
    pub version: Option<Version>,
}

impl Interface {
    fn parse(text: &str) -> Self {
        let plain = || Self { package: String::new(), name: text.to_owned(), version: None };
        let Some((package, rest)) = text.split_once('/') else { return plain() };
        match rest.split_once('@') {
            None => Self { package: package.to_owned(), name: rest.to_owned(), version: None },
            Some((name, version)) => match Version::parse(version) {
                Ok(version) => Self { package: package.to_owned(), name: name.to_owned(), version: Some(version) },
                Err(_) => plain(),
            },
        }
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.package.is_empty() {
            return f.write_str(&self.name);
        }
        write!(f, "{}/{}", self.package, self.name)?;
        self.version.as_ref().map_or(Ok(()), |version| write!(f, "@{version}"))
    }
}

/// Kind of an import or export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InterfaceItem {
    /// An interface, with the names of its functions; methods as `[method]scan.next`. Without functions it only names types.
    Interface(BTreeSet<String>),
    /// A type by itself.
    Type,
    /// A function, module, component or value by itself; the contract has none.
    Other,
}

/// The imports and exports of a component.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ComponentInterfaces {
    /// Imports by interface.
    pub imports: BTreeMap<Interface, InterfaceItem>,
    /// Exports by interface.
    pub exports: BTreeMap<Interface, InterfaceItem>,
}

/// Inspects a component. Its types are validated, the bodies of its functions are not: the host does so when it compiles them. Returns an
/// error if it is not a component, or too large.
pub fn inspect_component(wasm: &[u8]) -> Result<ComponentInterfaces, ComponentProblem> {
    if wasm.len() > MAX_COMPONENT {
        return Err(ComponentProblem::TooLarge(wasm.len()));
    }
    if !wasm.starts_with(b"\0asm") {
        return Err(ComponentProblem::NotWasm);
    }
    let mut validator = Validator::new_with_features(WasmFeatures::default());
    let (mut imports, mut exports) = (Vec::new(), Vec::new());
    let (mut depth, mut sections) = (0_usize, 0_usize);
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.map_err(malformed_error)?;
        match &payload {
            Payload::Version { encoding, .. } => {
                if depth == 0 && *encoding == Encoding::Module {
                    return Err(ComponentProblem::CoreModule);
                }
                depth += 1;
            }
            // Function bodies are many, and read without being validated.
            Payload::CodeSectionEntry(_) => {}
            Payload::ComponentImportSection(section) if depth == 1 => {
                for import in section.clone().into_iter().take(MAX_NAMES + 1) {
                    imports.push(import.map_err(malformed_error)?.name.name);
                }
            }
            Payload::ComponentExportSection(section) if depth == 1 => {
                for export in section.clone().into_iter().take(MAX_NAMES + 1) {
                    exports.push(export.map_err(malformed_error)?.name.name);
                }
            }
            _ => {}
        }
        if !matches!(payload, Payload::CodeSectionEntry(_)) {
            sections += 1;
        }
        if sections > MAX_SECTIONS || imports.len().max(exports.len()) > MAX_NAMES {
            return Err(ComponentProblem::TooComplex);
        }
        if let ValidPayload::End(types) = validator.payload(&payload).map_err(malformed_error)? {
            depth = depth.saturating_sub(1);
            if depth > 0 {
                continue;
            }
            let types = types.as_ref();
            let item = |entity: Option<ComponentEntityType>| match entity {
                Some(ComponentEntityType::Instance(id)) => {
                    let exports = types.get(id).map(|instance| &instance.exports);
                    let functions = exports.into_iter().flatten();
                    let functions = functions.filter(|(_, item)| matches!(item.ty, ComponentEntityType::Func(_)));
                    InterfaceItem::Interface(functions.map(|(name, _)| name.clone()).collect())
                }
                Some(ComponentEntityType::Type { .. }) => InterfaceItem::Type,
                _ => InterfaceItem::Other,
            };
            let import = |name: &&str| item(types.component_item_for_import(name).map(|i| i.ty));
            let export = |name: &&str| item(types.component_item_for_export(name).map(|i| i.ty));
            return Ok(ComponentInterfaces {
                imports: imports.iter().map(|name| (Interface::parse(name), import(name))).collect(),
                exports: exports.iter().map(|name| (Interface::parse(name), export(name))).collect(),
            });
        }
    }
    Err(ComponentProblem::Malformed { offset: wasm.len() as u64, message: "unexpected end of file".into() })
}

fn malformed_error(error: wasmparser::BinaryReaderError) -> ComponentProblem {
    // Names out of the file can be long.
    let message: String = error.message().chars().take(200).collect();
    ComponentProblem::Malformed { offset: error.offset() as u64, message }
}
