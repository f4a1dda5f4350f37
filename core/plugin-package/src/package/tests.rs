//! Whole packages, and hostile ones.

use super::*;
use proptest::prelude::*;
use std::time::Instant;
use tar::{Builder, EntryType, Header};

const TOML: &str =
    "[plugin]\nid = \"crm\"\nversion = \"1.2.3\"\napi = \"0.1\"\nname = \"t:plugin.name\"\nlicense = \"MIT\"\n";
/// A component with nothing in it.
const WASM: &[u8] = b"\0asm\x0d\0\x01\0";

fn sample_files(extra_files: &[(&str, &str)]) -> PackageFiles {
    let mut files = PackageFiles::new();
    files.add("plugin.toml", TOML.into()).unwrap();
    files.add("plugin.wasm", WASM.to_vec()).unwrap();
    files.add("locales/en.json", br#"{"plugin":{"name":"CRM"}}"#.to_vec()).unwrap();
    for (path, content) in extra_files {
        files.take(path);
        files.add(path, content.as_bytes().to_vec()).unwrap();
    }
    files
}

fn read_package(bytes: &[u8]) -> Result<Package, PackageProblem> {
    Package::read(bytes, &PackageLimits::default())
}

/// A tar as somebody else may have made it.
fn build_tar(entries: &[(&[u8], EntryType, &[u8])]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (path, kind, content) in entries {
        let mut header = Header::new_ustar();
        header.as_old_mut().name[..path.len()].copy_from_slice(path);
        header.set_size(content.len() as u64);
        header.set_entry_type(*kind);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_cksum();
        builder.append(&header, *content).unwrap();
    }
    builder.into_inner().unwrap()
}

fn compress_tar(tar: &[u8]) -> Vec<u8> {
    zstd::encode_all(tar, 3).unwrap()
}

fn decompress_tar(package: &[u8]) -> Vec<u8> {
    zstd::decode_all(package).unwrap()
}

/// A package of these paths, in this order, each with what it holds.
fn refusal_message(entries: &[(&[u8], EntryType, &[u8])]) -> String {
    read_package(&compress_tar(&build_tar(entries))).expect_err("is refused").to_string()
}

#[test]
fn packed_files_are_read_back() {
    let key = KeyPair::generate();
    let bytes = pack(&sample_files(&[]), Some(&key)).unwrap();
    let package = read_package(&bytes).unwrap();
    assert_eq!(package.file_name(), "crm-1.2.3.cairnplugin");
    assert_eq!(package.files(), &sample_files(&[]));
    assert_eq!(package.component(), WASM);
    assert_eq!(package.signature_status(), SignatureStatus::By(key.public()));
    assert_eq!(package.check(), []);
    assert_eq!(check_files(&sample_files(&[])), []);
    let unsigned = read_package(&pack(&sample_files(&[]), None).unwrap()).unwrap();
    assert_eq!(unsigned.signature_status(), SignatureStatus::Unsigned);
    assert_eq!(unsigned.digest(), package.digest());
}

#[test]
fn packing_is_deterministic() {
    let key = KeyPair::generate();
    let (a, b) = (
        sample_files(&[("LICENSE", "MIT"), ("admin/a.js", "1")]),
        sample_files(&[("admin/a.js", "1"), ("LICENSE", "MIT")]),
    );
    assert_eq!(pack(&a, Some(&key)).unwrap(), pack(&b, Some(&key)).unwrap());
    assert_ne!(pack(&a, None).unwrap(), pack(&sample_files(&[("LICENSE", "MIT")]), None).unwrap());
}

#[test]
fn invalid_files_cannot_be_packed() {
    let key = KeyPair::generate();
    let other = TOML.replace("license", &format!("publisher = \"{}\"\nlicense", KeyPair::generate().public()));
    let problem = pack(&sample_files(&[("plugin.toml", &other)]), Some(&key)).unwrap_err().to_string();
    assert!(problem.contains(&format!("write publisher = \"{}\"", key.public())), "{problem}");
    let mut no_component = sample_files(&[]);
    no_component.take("plugin.wasm");
    assert_eq!(pack(&no_component, None), Err(PackageProblem::Missing("plugin.wasm")));
    assert!(matches!(pack(&sample_files(&[("plugin.toml", "")]), None), Err(PackageProblem::Manifest(_))));
    let huge = "x".repeat(9 << 20);
    assert!(matches!(pack(&sample_files(&[("admin/x.js", &huge)]), None), Err(PackageProblem::TooLarge { .. })));
    assert!(PackageFiles::new().add("../x", Vec::new()).is_err());
    assert!(sample_files(&[]).add("LOCALES/en.json", Vec::new()).is_err());
    assert!(matches!(sample_files(&[("admin/a", "")]).add("admin/A", Vec::new()), Err(PackageProblem::Twice(_))));
}

#[test]
fn invalid_archives_are_refused() {
    let file = EntryType::Regular;
    for (path, expected) in [
        (&b"../plugin.toml"[..], "leads out"),
        (b"/etc/passwd", "absolute"),
        (b"admin/../../x", "leads out"),
        (b"C:\\x", "absolute"),
        (b"README.md", "a plugin has no file at this path"),
        (b"admin/\xff\xfe", "may contain only letters"),
    ] {
        let problem = refusal_message(&[(path, file, b"x")]);
        assert!(problem.contains(expected), "{problem}");
    }
    for (kind, expected) in [
        (EntryType::Symlink, "a symbolic link"),
        (EntryType::Link, "a hard link"),
        (EntryType::Char, "a device"),
        (EntryType::Block, "a device"),
        (EntryType::Fifo, "a pipe"),
        (EntryType::Directory, "a folder"),
        (EntryType::GNULongName, "an extension"),
        (EntryType::XHeader, "an extension"),
        (EntryType::XGlobalHeader, "an extension"),
        (EntryType::GNUSparse, "unknown kind"),
    ] {
        let problem = refusal_message(&[(b"admin/x", kind, b"")]);
        assert!(problem.contains(expected), "{problem}");
    }
    assert!(refusal_message(&[(b"admin/x", file, b"1"), (b"admin/x", file, b"2")]).contains("twice"));
    assert!(
        refusal_message(&[(b"admin/x", file, b"1"), (b"admin/X", file, b"2")])
            .contains("differs from another file only in upper and lower case")
    );
    assert!(refusal_message(&[(b"plugin.toml", file, b"1")]).contains("the package has no digests"));
    // In another order than packing has.
    assert!(
        refusal_message(&[(b"plugin.wasm", file, b"1"), (b"plugin.toml", file, b"1")]).contains("cairn plugin pack")
    );
    let digests: Vec<Vec<u8>> = (0..2_001).map(|i| format!("admin/{i:04}").into_bytes()).collect();
    let many: Vec<(&[u8], EntryType, &[u8])> = digests.iter().map(|path| (path.as_slice(), file, &b""[..])).collect();
    assert!(refusal_message(&many).contains("the number of files exceeds the limit of 2000"));
    for (bytes, expected) in [(&b""[..], "damaged"), (b"PK\x03\x04", "damaged"), (b"\x28\xb5\x2f\xfd", "damaged")] {
        assert!(read_package(bytes).unwrap_err().to_string().contains(expected));
    }
}

#[test]
fn non_canonical_archives_are_refused() {
    let package = pack(&sample_files(&[]), None).unwrap();
    let tar = decompress_tar(&package);
    assert!(read_package(&compress_tar(&tar)).is_ok(), "another compressor's work is the same package");
    let trailing = [package.as_slice(), b"x"].concat();
    assert_eq!(read_package(&trailing).unwrap_err(), PackageProblem::Trailing);
    let twice = [package.as_slice(), package.as_slice()].concat();
    assert_eq!(read_package(&twice).unwrap_err(), PackageProblem::Trailing);
    for garbage in [&b"x"[..], &[0; 512], &[b'x'; 512]] {
        let longer = compress_tar(&[tar.as_slice(), garbage].concat());
        assert!(matches!(read_package(&longer).unwrap_err(), PackageProblem::NotCanonical(_)));
    }
    // A header with a different time and a correct checksum is not canonical.
    let mut other = tar.clone();
    let mut header = Header::from_byte_slice(&tar[..512]).clone();
    header.set_mtime(1);
    header.set_cksum();
    other[..512].copy_from_slice(header.as_bytes());
    assert!(matches!(read_package(&compress_tar(&other)).unwrap_err(), PackageProblem::NotCanonical(_)));
    // A header that promises more than there is.
    let mut longer = tar.clone();
    let mut header = Header::from_byte_slice(&tar[..512]).clone();
    header.set_size(7 << 20);
    header.set_cksum();
    longer[..512].copy_from_slice(header.as_bytes());
    assert!(read_package(&compress_tar(&longer)).is_err());
}

#[test]
fn decompression_bombs_are_refused_quickly() {
    let start = Instant::now();
    let zeros = compress_tar(&vec![0; 256 << 20]);
    assert!(zeros.len() < 100 << 10);
    let problem = read_package(&zeros).unwrap_err();
    assert!(problem.to_string().contains("the compression ratio of the package"), "{problem}");
    // A frame that asks for a window of gigabytes.
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(27).unwrap();
    std::io::copy(&mut [0_u8; 64].repeat(3 << 20).as_slice(), &mut encoder).unwrap();
    assert!(read_package(&encoder.finish().unwrap()).is_err());
    assert!(start.elapsed().as_secs() < 10);
}

#[test]
fn changed_files_and_signatures_are_detected() {
    let key = KeyPair::generate();
    let tar = decompress_tar(&pack(&sample_files(&[]), Some(&key)).unwrap());
    let change = |from: &[u8], to: &[u8]| {
        let mut changed = tar.clone();
        let at = changed.windows(from.len()).position(|w| w == from).unwrap();
        changed[at..at + to.len()].copy_from_slice(to);
        read_package(&compress_tar(&changed))
    };
    assert_eq!(
        change(b"{\"plugin\"", b"{\"PLUGIN\"").unwrap_err().to_string(),
        "locales/en.json does not match the digest list"
    );
    assert!(matches!(change(b"  locales/en.json", b"  locales/nl.json"), Err(PackageProblem::Digest(_))));
    let text = key.public().to_string();
    let other = KeyPair::generate().public().to_string();
    assert_eq!(change(text.as_bytes(), other.as_bytes()).unwrap().signature_status(), SignatureStatus::Wrong);
    assert!(matches!(change(text.as_bytes(), b"rsa"), Err(PackageProblem::SignatureForm)));
    assert_eq!(change(text.as_bytes(), text.as_bytes()).unwrap().signature_status(), SignatureStatus::By(key.public()));
}

#[test]
fn damaged_packages_never_yield_other_files() {
    let package =
        pack(&sample_files(&[("LICENSE", "MIT"), ("admin/x.js", &"let a;".repeat(200))]), Some(&KeyPair::generate()))
            .unwrap();
    let tar = decompress_tar(&package);
    let original = read_package(&package).unwrap();
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed >> 20).unwrap() % below
    };
    for i in 0..10_000 {
        // Every second one below the compression, where its checksum does not help.
        let below = i % 2 == 0;
        let mut bytes = if below { tar.clone() } else { package.clone() };
        for _ in 0..=random(3) {
            let at = random(bytes.len());
            match random(5) {
                0 => bytes.truncate(at.max(1)),
                1 => bytes.insert(at, random(256) as u8),
                // The last byte stays: nothing can be damaged of what is empty.
                2 if bytes.len() > 1 => {
                    bytes.remove(at);
                }
                3 => bytes[at] = b'/',
                _ => bytes[at] ^= 1 << random(8),
            }
        }
        let bytes = if below { zstd::bulk::compress(&bytes, 1).unwrap() } else { bytes };
        if let Ok(read) = read_package(&bytes) {
            // A damaged package that is still read has the original files, and no signature by somebody else.
            assert_eq!(read.files(), original.files());
            assert!(
                read.signature_status() == original.signature_status()
                    || read.signature_status() == SignatureStatus::Wrong
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_files_round_trip(contents in proptest::collection::btree_map("[a-z]{1,8}(/[a-z]{1,8}){0,3}\\.[a-z]{1,3}", any::<Vec<u8>>(), 0..12)) {
        let mut all = sample_files(&[]);
        for (path, content) in &contents {
            let _ = all.add(&format!("templates/{path}"), content.clone());
        }
        let package = read_package(&pack(&all, None).unwrap()).unwrap();
        prop_assert_eq!(package.files(), &all);
    }

    #[test]
    fn random_bytes_are_refused(bytes in any::<Vec<u8>>()) {
        prop_assert!(read_package(&bytes).is_err());
        prop_assert!(read_package(&compress_tar(&bytes)).is_err());
    }
}

fn list_problems(extra_files: &[(&str, &str)]) -> Vec<String> {
    check_files(&sample_files(extra_files)).iter().map(ToString::to_string).collect()
}

/// The base manifest and more.
fn manifest_with(sections: &str) -> String {
    format!("{TOML}{sections}")
}

#[test]
fn problems_are_reported_before_the_component_is_built() {
    let unbuilt = |toml: &str| {
        let mut files = sample_files(&[("plugin.toml", toml), ("locales/en.json", "[")]);
        files.take("plugin.wasm");
        check_files(&files).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let messages = unbuilt(&TOML.replace("license", "licence"));
    assert_eq!(messages[0], "plugin.wasm: not found; run `cairn plugin build` to create it");
    assert!(messages[1..].iter().any(|problem| problem.contains("licence")), "{messages:#?}");
    let problems = unbuilt(&manifest_with("\n[content-types]\ndir = \"content-types\"\n"));
    assert!(problems.len() > 1 && problems.iter().any(|problem| problem.contains("locales/en.json")), "{problems:#?}");
    assert!(check_files(&PackageFiles::new()).iter().any(|problem| problem.message.contains("plugin.toml")));
}

#[test]
fn inconsistent_files_are_reported() {
    const DEAL: &str =
        r#"{"info":{"singularName":"deal","pluralName":"deals"},"attributes":{"stage":{"type":"string"}}}"#;
    const TAGGED: &str = r#"{"info":{"singularName":"deal","pluralName":"deals"},"attributes":{"stage":{"type":"string"},"tags":{"type":"json"},"lead":{"type":"relation","relation":"oneToOne","mappedBy":"deal"}}}"#;
    const DATED: &str = r#"{"info":{"singularName":"deal","pluralName":"deals"},"attributes":{"stage":{"type":"string"},"on":{"type":"date"},"at":{"type":"datetime"},"until":{"type":"datetime"}}}"#;
    let deal = "content-types/deal/schema.json";
    let types = "[content-types]\n[[grant]]\nuse = \"events.publish\"\n";
    for (sections, extra_files, expected) in [
        ("", &[("locales/en.json", "{}")][..], "plugin.toml:5: the text \"plugin.name\" is not in locales/en.json"),
        ("", &[("locales/en.json", r#"{"plugin.nam":"x"}"#)], "did you mean \"t:plugin.nam\"?"),
        ("", &[("locales/nl.json", "[]")], "locales/nl.json: is not a JSON object"),
        (
            "",
            &[("admin/board.json", r#"{"blocks":[{"title":"t:board.title"}]}"#)],
            "admin/board.json: the text \"board.title\" is not in",
        ),
        ("", &[("public/tool.exe", "MZ")], "public/tool.exe: is of no kind that browsers are served"),
        ("[content-types]", &[], "content-types/ contains no content types"),
        ("", &[(deal, DEAL)], "but plugin.toml has no section [content-types]; add:\n[content-types]"),
        ("[content-types]", &[(deal, "[")], "content-types/deal/schema.json: is not a JSON object"),
        ("[content-types.deals]\nunique = [[\"stage\"]]", &[(deal, DEAL)], "did you mean \"deal\"?"),
        (
            "[content-types.deal]\nunique = [[\"stages\"]]",
            &[(deal, DEAL)],
            "has no field \"stages\"; did you mean \"stage\"?",
        ),
        (
            "[content-types.deal]\nunique = [[\"stage\", \"tags\"]]",
            &[(deal, TAGGED)],
            "names \"tags\", which cannot be part of a key; a key can contain plain values",
        ),
        (
            "[content-types.deal]\nunique = [[\"stage\", \"lead\"]]",
            &[(deal, TAGGED)],
            "names \"lead\", which cannot be part of a key",
        ),
        (
            "[content-types.deal]\nunique = [[\"createdAt\"]]",
            &[(deal, DEAL)],
            "names \"createdAt\", which Cairn manages itself",
        ),
        (
            "[content-types]\n[[calendar]]\nname = \"c\"\ntype = \"plugin::crm.dael\"\nstart = \"at\"",
            &[(deal, DATED)],
            "[[calendar]] names the content type \"dael\", which is not in the package; did you mean \"deal\"?",
        ),
        (
            "[content-types]\n[[calendar]]\nname = \"c\"\ntype = \"plugin::crm.deal\"\nstart = \"untli\"",
            &[(deal, DATED)],
            "`start` of [[calendar]] \"c\" names \"untli\", which plugin::crm.deal does not have; did you mean \"until\"?",
        ),
        (
            "[content-types]\n[[calendar]]\nname = \"c\"\ntype = \"plugin::crm.deal\"\nstart = \"stage\"",
            &[(deal, DATED)],
            "names \"stage\", which is of the type \"string\", not \"date\" or \"datetime\"; write \"at\", \"on\" or \"until\"",
        ),
        (
            "[content-types]\n[[calendar]]\nname = \"c\"\ntype = \"plugin::crm.deal\"\nstart = \"on\"\nend = \"until\"",
            &[(deal, DATED)],
            "`end` of [[calendar]] \"c\" names \"until\", which is of the type \"datetime\", not \"date\"; write \"on\"",
        ),
        (
            "[content-types]\n[[calendar]]\nname = \"c\"\ntype = \"plugin::crm.deal\"\nstart = \"at\"\ntitle = \"on\"",
            &[(deal, DATED)],
            "`title` of [[calendar]] \"c\" names \"on\", which is of the type \"date\", not \"string\", \"text\"",
        ),
        (
            "[content-types]\n[[calendar]]\nname = \"c\"\ntype = \"plugin::crm.deal\"\nstart = \"at\"\nfilter = { stagee = \"won\" }",
            &[(deal, DATED)],
            "has no field \"stagee\"; did you mean \"stage\"?",
        ),
        (
            "[content-types]\n[[calendar]]\nname = \"c\"\ntype = \"plugin::crm.deal\"\nstart = \"at\"",
            &[(deal, DEAL)],
            "which plugin::crm.deal does not have; add a field of the type \"date\" or \"datetime\" to plugin::crm.deal",
        ),
        (
            "[[calendar]]\nname = \"c\"\ntype = \"api::article.article\"\nstart = \"at\"",
            &[],
            "[[calendar]] \"c\" refers to api::article.article, which is not the plugin's own; a calendar shows content types of the plugin",
        ),
        (
            "[[hook]]\nname = \"h\"\non = [\"plugin::crm.deal:update\"]\nselect = [\"stge.x\"]\n[content-types]",
            &[(deal, DEAL)],
            "has no field \"stge\"",
        ),
        (
            "[[hook]]\nname = \"h\"\non = [\"plugin::crm.lead:update\"]\n[content-types]",
            &[(deal, DEAL)],
            "[[hook]] names the content type \"lead\", which is not in the package",
        ),
        (
            "[[route]]\nname = \"r\"\nmethod = \"GET\"\npath = \"/deals/x\"\nauth = \"none\"\n[content-types]",
            &[(deal, DEAL)],
            "conflicts with the content API of \"deal\"",
        ),
        (
            "[content-types]\n[[grant]]\nuse = \"events.publish\"\n[[event]]\nname = \"crm.a\"\nschema = \"events/a.json\"",
            &[(deal, DEAL)],
            "the schema events/a.json is not in the package",
        ),
        (
            "[[grant]]\nuse = \"events.publish\"\n[[event]]\nname = \"crm.a\"\nschema = \"events/a.json\"",
            &[("events/a.json", r#"{"type":"strnig"}"#)],
            "events/a.json: is not a valid JSON Schema",
        ),
        (
            "[[route]]\nname = \"r\"\nmethod = \"GET\"\npath = \"/r\"\nauth = \"none\"\n[[route.responses]]\nstatus = 200\nschema = \"responses/a.json\"",
            &[],
            "plugin.toml:12: the schema responses/a.json is not in the package; add the file, or remove `schema`",
        ),
        (
            "[[route]]\nname = \"r\"\nmethod = \"GET\"\npath = \"/r\"\nauth = \"none\"\n[[route.responses]]\nstatus = 200\nschema = \"responses/a.json\"",
            &[("responses/a.json", r##"{"properties":{"a":{"$ref":"#/$defs/a"}}}"##)],
            "responses/a.json: has a `$ref`, which is not supported; write out the referenced schema instead",
        ),
        ("", &[("responses/a.json", "{}")], "responses/a.json: exists, but no route of the manifest names it"),
        (
            "[[route]]\nname = \"r\"\nmethod = \"PUT\"\npath = \"/r\"\nauth = \"none\"\nbody = { types = [\"application/json\"], schema = \"requests/a.json\" }",
            &[],
            "plugin.toml:7: the schema requests/a.json is not in the package; add the file, or remove `schema`",
        ),
        (
            "[[route]]\nname = \"r\"\nmethod = \"PUT\"\npath = \"/r\"\nauth = \"none\"\nbody = { types = [\"application/json\"], schema = \"requests/a.json\" }",
            &[("requests/a.json", r#"{"type":"strnig"}"#)],
            "requests/a.json: is not a valid JSON Schema",
        ),
        ("", &[("requests/a.json", "{}")], "requests/a.json: exists, but no route of the manifest names it"),
        (
            "[[admin.view]]\nname = \"v\"\nkind = \"widget\"\nframe = \"admin/v.html\"",
            &[],
            "the page admin/v.html is not in the package",
        ),
        ("[settings]\nschema = \"settings.schema.json\"", &[], "the file settings.schema.json is not in the package"),
        ("", &[("settings.schema.json", "{}")], "settings.schema.json exists, but the manifest does not name it"),
        (
            "[settings]\nschema = \"settings.schema.json\"",
            &[("settings.schema.json", r#"{"type":"object","properties":{"a":{"type":"string","title":"t:x.y"}}}"#)],
            "settings.schema.json: the text \"x.y\" is not in locales/en.json",
        ),
        (
            "[settings]\nschema = \"settings.schema.json\"\n[[job]]\nname = \"j\"\n[[schedule]]\njob = \"j\"\ncron = \"0 8 * * *\"\nzone = \"settings:tz\"",
            &[("settings.schema.json", r#"{"type":"object","properties":{}}"#)],
            "takes its time zone from \"tz\", which is not a setting",
        ),
    ] {
        let toml = manifest_with(sections);
        let extra_files: Vec<(&str, &str)> =
            extra_files.iter().copied().chain([("plugin.toml", toml.as_str())]).collect();
        let found = list_problems(&extra_files);
        assert!(found.iter().any(|p| p.contains(expected)), "{sections}\n{found:#?}");
    }
    let toml = manifest_with(types);
    let found = list_problems(&[("plugin.toml", &toml), (deal, DEAL)]);
    assert!(found.iter().all(|p| p.contains("warning: the grant") && p.contains("is not used")), "{found:?}");
    assert!(
        list_problems(&[("plugin.wasm", "no wasm")])[0].contains("plugin.wasm: plugin.wasm is not a WebAssembly file")
    );
}
