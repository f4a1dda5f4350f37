//! Real components, made of the contract's own WIT, whole and broken.

use super::*;
use crate::manifest::Manifest;
use crate::problem::Severity;
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{ManglingAndAbi, Resolve};

/// A component that imports and exports what a world says. Every function does nothing.
fn build_component(world: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins/wit/v0.1");
    resolve.push_dir(folder).unwrap();
    resolve.push_source("wasi.wit", "package wasi:filesystem@0.2.6; interface types { stat: func() -> u32; }").unwrap();
    resolve.push_source("cli.wit", "package wasi:cli@0.2.6; interface environment { get: func() -> u32; }").unwrap();
    let source = format!("package test:test;\nworld test {{ {world} }}");
    let package = resolve.push_source("test.wit", &source).unwrap();
    let world = resolve.select_world(&[package], Some("test")).unwrap();
    let mut module = dummy_module(&resolve, world, ManglingAndAbi::Standard32);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().validate(true).encode().unwrap()
}

fn parse_manifest(extra_toml: &str) -> Manifest {
    let text = format!(
        "[plugin]\nid = \"crm\"\nversion = \"1.0.0\"\napi = \"0.1\"\nname = \"CRM\"\nlicense = \"MIT\"\n{extra_toml}"
    );
    Manifest::parse(&text).unwrap_or_else(|p| panic!("{p:?}"))
}

fn find_problems(extra_toml: &str, world: &str) -> Vec<String> {
    let shape = inspect_component(&build_component(world)).unwrap();
    check_component(&parse_manifest(extra_toml), &shape).iter().map(ToString::to_string).collect()
}

#[test]
fn imports_and_exports_are_listed() {
    let shape =
        inspect_component(&build_component("import cairn:plugin/kv@0.1.0; export cairn:plugin/http-handler@0.1.0;"))
            .unwrap();
    let imports: Vec<String> = shape.imports.keys().map(ToString::to_string).collect();
    assert_eq!(imports, ["cairn:plugin/kv@0.1.0", "cairn:plugin/types@0.1.0"]);
    let Some((_, InterfaceItem::Interface(functions))) = shape.imports.iter().find(|(i, _)| i.name == "kv") else {
        panic!()
    };
    assert!(functions.contains("increment"));
    assert!(shape.exports.keys().any(|i| i.name == "http-handler"));
}

#[test]
fn full_component_reports_only_missing_grants() {
    let all = "include cairn:plugin/plugin@0.1.0;";
    let found = find_problems(&crate::manifest::tests::full_sections(), all);
    let grants = [
        "kv",
        "policies",
        "jobs",
        "files.read",
        "secrets",
        "signing",
        "templates",
        "pdf.render",
        "audit",
        "calendar",
        "groups",
        "people",
    ];
    assert!(found.iter().all(|p| p.contains("which requires a grant")), "{found:#?}");
    // The manifest has mail and sealing, which import templates and pdf.
    assert_eq!(found.len(), grants.len() - 2, "{found:#?}");
}

#[test]
fn imports_and_grants_must_correspond() {
    let kv = "import cairn:plugin/kv@0.1.0;";
    assert_eq!(
        find_problems("", kv),
        [
            "plugin.toml: plugin.wasm imports cairn:plugin/kv@0.1.0, which requires a grant; add:\n[[grant]]\nuse = \"kv\""
        ]
    );
    assert_eq!(find_problems("[[grant]]\nuse = \"kv\"", kv), [""; 0]);
    let unused = find_problems("[[grant]]\nuse = \"jobs\"\n[[grant]]\nuse = \"kv\"", kv);
    assert_eq!(unused.len(), 1);
    assert!(unused[0].starts_with("plugin.toml:7: warning: the grant \"jobs\" is not used"), "{unused:?}");
    // Imports of types alone need no grant: `mail` names a type of templates.
    assert_eq!(find_problems("[[grant]]\nuse = \"notify\"", "import cairn:plugin/mail@0.1.0;"), [""; 0]);
    assert_eq!(find_problems("[content-types]", "import cairn:plugin/data@0.1.0;"), [""; 0]);
    assert!(find_problems("", "import cairn:plugin/data@0.1.0;")[0].contains("use = \"data.read\"\ntypes = "));
    assert_eq!(find_problems("", "import cairn:plugin/clock@0.1.0; import cairn:plugin/log@0.1.0;"), [""; 0]);
}

#[test]
fn exports_and_sections_must_correspond() {
    let handler = "export cairn:plugin/job-handler@0.1.0;";
    let found = find_problems("", handler);
    assert_eq!(
        found,
        [
            "plugin.toml: plugin.wasm exports cairn:plugin/job-handler@0.1.0, but plugin.toml has no [[job]]; add:\n[[job]]\nname = \"send-reminder\""
        ]
    );
    assert_eq!(find_problems("[[job]]\nname = \"x\"", handler), [""; 0]);
    let found = find_problems("[[job]]\nname = \"x\"", "export cairn:plugin/lifecycle@0.1.0;");
    assert_eq!(
        found,
        [
            "plugin.toml:7: [[job]] requires the export cairn:plugin/job-handler, which plugin.wasm does not have; export it, or remove what requires it"
        ]
    );
    let (batched, both) =
        ("[[job]]\nname = \"x\"\nbatch = 9", format!("{handler} export cairn:plugin/batch-job-handler@0.1.0;"));
    assert_eq!(find_problems(batched, &both), [""; 0]);
    let found = find_problems("[[job]]\nname = \"x\"", &both);
    assert_eq!(
        found,
        [
            "plugin.toml: plugin.wasm exports cairn:plugin/batch-job-handler@0.1.0, but plugin.toml has no [[job]] with `batch`; add:\n[[job]]\nname = \"send-reminder\"\nbatch = 200"
        ]
    );
    let found = find_problems(batched, handler);
    assert_eq!(
        found,
        [
            "plugin.toml:7: [[job]] with `batch` requires the export cairn:plugin/batch-job-handler, which plugin.wasm does not have; export it, or remove what requires it"
        ]
    );
    let frame = "[[admin.view]]\nname = \"x\"\nkind = \"widget\"\nframe = \"admin/x.html\"";
    assert_eq!(find_problems(frame, "export cairn:plugin/lifecycle@0.1.0;"), [""; 0]);
    assert_eq!(find_problems("", "export cairn:plugin/privacy@0.1.0;"), [""; 0]);
}

#[test]
fn unsupported_imports_are_refused_by_name() {
    let found = find_problems("", "import wasi:filesystem/types@0.2.6;");
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with(
        "plugin.wasm: imports \"wasi:filesystem/types@0.2.6\", which Cairn does not provide; plugins have no file system"
    ));
    assert_eq!(find_problems("", "import wasi:cli/environment@0.2.6;"), [""; 0]);
    let found = find_problems("", "import mine: func();");
    assert!(found[0].contains("which Cairn does not provide"), "{found:?}");
}

#[test]
fn imports_of_another_api_version_are_refused() {
    let mut shape = inspect_component(&build_component("import cairn:plugin/clock@0.1.0;")).unwrap();
    shape.imports = shape
        .imports
        .into_iter()
        .map(|(i, item)| (Interface { version: Some("0.2.0".parse().unwrap()), ..i }, item))
        .collect();
    let problems = check_component(&parse_manifest(""), &shape);
    assert!(
        problems[0].to_string().contains("but plugin.toml says api = \"0.1\"; build it against cairn:plugin@0.1"),
        "{problems:?}"
    );
    assert!(problems.iter().all(|p| p.severity == Severity::Error));
}

#[test]
fn files_that_are_not_components_are_refused() {
    assert_eq!(inspect_component(b""), Err(ComponentProblem::NotWasm));
    assert_eq!(inspect_component(b"MZ\0\0"), Err(ComponentProblem::NotWasm));
    assert_eq!(inspect_component(b"\0asm\x01\0\0\0"), Err(ComponentProblem::CoreModule));
    assert!(matches!(inspect_component(b"\0asm"), Err(ComponentProblem::Malformed { .. })));
    assert!(matches!(inspect_component(&vec![0; MAX_COMPONENT + 1]), Err(ComponentProblem::TooLarge(_))));
    assert_eq!(inspect_component(b"\0asm\x0d\0\x01\0"), Ok(ComponentInterfaces::default()));
}

#[test]
fn contract_lists_every_interface_of_the_wit() {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins/wit/v0.1")).unwrap();
    let names = |items: Vec<&wit_parser::WorldKey>| {
        let ids = items.into_iter().filter_map(|key| match key {
            wit_parser::WorldKey::Interface(id) => resolve.interfaces[*id].name.clone(),
            wit_parser::WorldKey::Name(_) => None,
        });
        ids.collect::<std::collections::BTreeSet<String>>()
    };
    let imports = &resolve.worlds[resolve.select_world(&[package], Some("imports")).unwrap()];
    let known = contract::IMPORTS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names(imports.imports.keys().collect()), known);
    let plugin = &resolve.worlds[resolve.select_world(&[package], Some("plugin")).unwrap()];
    let known = contract::EXPORTS
        .iter()
        .map(|export| export.name)
        .chain(contract::WITHOUT_SECTION)
        .map(str::to_owned)
        .collect();
    assert_eq!(names(plugin.exports.keys().collect()), known);
}

#[test]
fn deep_and_wide_components_terminate() {
    // A component in a component, and so on; sizes as LEB128.
    let leb = |mut n: usize| {
        let mut bytes = Vec::new();
        loop {
            let byte = (n & 0x7f) as u8;
            n >>= 7;
            bytes.push(if n > 0 { byte | 0x80 } else { byte });
            if n == 0 {
                return bytes;
            }
        }
    };
    let mut nested = b"\0asm\x0d\0\x01\0".to_vec();
    for _ in 0..3_000 {
        let mut outer = b"\0asm\x0d\0\x01\0\x04".to_vec();
        outer.extend(leb(nested.len()));
        outer.extend(&nested);
        nested = outer;
    }
    let _ = inspect_component(&nested);
    let sections = [&b"\0asm\x0d\0\x01\0"[..], &b"\0\x02\x01a".repeat(30_000)].concat();
    assert_eq!(inspect_component(&sections), Err(ComponentProblem::TooComplex));
}

#[test]
fn damaged_components_never_panic() {
    let wasm = build_component("include cairn:plugin/plugin@0.1.0;");
    for end in (0..wasm.len()).step_by(97) {
        // A component cut off between two sections is still one, so whether this is an error is not asked here: digests tell.
        let _ = inspect_component(&wasm[..end]);
    }
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed >> 16).unwrap()
    };
    for _ in 0..300 {
        let mut broken = wasm.clone();
        for _ in 0..=random() % 4 {
            let at = random() % broken.len();
            broken[at] ^= 1 << (random() % 8);
        }
        if let Ok(shape) = inspect_component(&broken) {
            check_component(&parse_manifest(""), &shape);
        }
    }
    for _ in 0..500 {
        let mut noise: Vec<u8> = (0..random() % 300).map(|_| random() as u8).collect();
        noise.splice(0..0, *b"\0asm\x0d\0\x01\0");
        let _ = inspect_component(&noise);
    }
}
