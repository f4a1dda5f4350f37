//! Keys, rotations and trust.

use super::*;
use semver::Version;

fn version(text: &str) -> Version {
    Version::parse(text).unwrap()
}

#[test]
fn keys_round_trip_through_text() {
    let pair = KeyPair::generate();
    let text = pair.public().to_string();
    assert!(text.starts_with("ed25519:") && text.len() == 51, "{text}");
    assert_eq!(text.parse::<PublicKey>().unwrap(), pair.public());
    let line = pair.secret_line();
    assert!(line.starts_with("cairn-plugin-secret-key:ed25519:") && line.ends_with('\n'));
    assert_eq!(KeyPair::from_secret_line(&line).unwrap().public(), pair.public());
    assert!(!format!("{pair:?}").contains(&line[32..60]), "a secret is never shown");
    assert_ne!(KeyPair::generate().public(), pair.public());
}

#[test]
fn invalid_keys_are_refused() {
    let weak = format!("ed25519:{}", "A".repeat(43));
    for bad in [
        "",
        "ed25519:",
        "ed25519:9f2c",
        "rsa:x",
        &weak,
        "ed25519:11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        "ed25519:////",
    ] {
        assert!(bad.parse::<PublicKey>().is_err(), "{bad}");
    }
    let pair = KeyPair::generate();
    assert!(KeyPair::from_secret_line(&pair.public().to_string()).is_err());
    assert!(KeyPair::from_secret_line("").is_err());
}

#[test]
fn rotations_are_signed_by_the_old_key() {
    let (old, new, other) = (KeyPair::generate(), KeyPair::generate(), KeyPair::generate());
    let rotation = Rotation::sign(&old, new.public());
    let line = rotation.to_string();
    assert_eq!(line.parse::<Rotation>().unwrap(), rotation);
    let forged = line.replace(&new.public().to_string(), &other.public().to_string());
    assert_eq!(forged.parse::<Rotation>(), Err(KeyProblem::NotSigned));
    for bad in ["", "cairn-plugin-key-rotation", &line.replace("rotation", "rota"), &format!("{line} x")] {
        assert_eq!(bad.parse::<Rotation>(), Err(KeyProblem::Rotation), "{bad}");
    }
}

#[test]
fn trust_depends_on_policy_signature_and_rotations() {
    use TrustDecision::{Refused, Trusted};
    let (a, b, c) = (KeyPair::generate(), KeyPair::generate(), KeyPair::generate());
    let (one, two) = (version("1.0.0"), version("2.0.0"));
    let candidate = |signed| TrustCandidate { version: &two, signed, publisher: None };
    let by = |pair: &KeyPair| candidate(SignatureStatus::By(pair.public()));
    let pin = TrustPolicy::PinOnFirstUse;
    let list = TrustPolicy::List(vec![a.public()]);
    let was = |pair: &KeyPair| Some(InstalledVersion { version: &one, pinned: Some(pair.public()) });
    let plain = Some(InstalledVersion { version: &one, pinned: None });

    assert_eq!(decide_trust(&pin, false, by(&a), None, &[], false), Trusted(Some(a.public())));
    assert_eq!(decide_trust(&pin, false, by(&a), was(&a), &[], false), Trusted(Some(a.public())));
    assert_eq!(decide_trust(&pin, false, by(&a), plain, &[], false), Trusted(Some(a.public())));
    assert_eq!(decide_trust(&list, false, by(&a), None, &[], false), Trusted(Some(a.public())));
    assert_eq!(decide_trust(&pin, true, candidate(SignatureStatus::Unsigned), None, &[], false), Trusted(None));
    assert_eq!(decide_trust(&list, true, candidate(SignatureStatus::Unsigned), plain, &[], false), Trusted(None));

    assert_eq!(
        decide_trust(&pin, true, candidate(SignatureStatus::Wrong), None, &[], true),
        Refused(TrustRefusal::WrongSignature)
    );
    assert_eq!(
        decide_trust(&pin, false, candidate(SignatureStatus::Unsigned), None, &[], false),
        Refused(TrustRefusal::Unsigned)
    );
    let Refused(TrustRefusal::NoLongerSigned { pinned }) =
        decide_trust(&pin, true, candidate(SignatureStatus::Unsigned), was(&a), &[], true)
    else {
        panic!("an unsigned package took the place of a signed one")
    };
    assert_eq!(pinned, a.public());
    let other = TrustRefusal::OtherPublisher { signer: b.public(), pinned: a.public() };
    assert_eq!(decide_trust(&pin, true, by(&b), was(&a), &[], true), Refused(other.clone()));
    assert_eq!(
        decide_trust(&list, false, by(&b), None, &[], false),
        Refused(TrustRefusal::NotListed { signer: b.public() })
    );
    let with_publisher = TrustCandidate { publisher: Some(a.public()), ..by(&b) };
    let not = TrustRefusal::NotThePublisher { signer: b.public(), publisher: a.public() };
    assert_eq!(decide_trust(&pin, false, with_publisher, None, &[], false), Refused(not));

    // Rotations follow each other whatever the order of the list, but never backwards.
    let rotations = [Rotation::sign(&b, c.public()), Rotation::sign(&a, b.public())];
    assert_eq!(decide_trust(&pin, false, by(&c), was(&a), &rotations, false), Trusted(Some(c.public())));
    assert_eq!(decide_trust(&list, false, by(&c), was(&a), &rotations, false), Trusted(Some(c.public())));
    assert!(matches!(
        decide_trust(&pin, false, by(&a), was(&c), &rotations, false),
        Refused(TrustRefusal::OtherPublisher { .. })
    ));
    let circle = [Rotation::sign(&a, b.public()), Rotation::sign(&b, a.public())];
    assert!(matches!(
        decide_trust(&pin, false, by(&c), was(&a), &circle, false),
        Refused(TrustRefusal::OtherPublisher { .. })
    ));
}

#[test]
fn downgrades_require_explicit_confirmation() {
    let key = KeyPair::generate().public();
    let (old, new, pre) = (version("1.9.0"), version("2.0.0"), version("2.0.0-rc.1"));
    let go = |version: &Version, installed: &Version, go_back| {
        let candidate = TrustCandidate { version, signed: SignatureStatus::By(key), publisher: Some(key) };
        let installed = Some(InstalledVersion { version: installed, pinned: Some(key) });
        decide_trust(&TrustPolicy::PinOnFirstUse, false, candidate, installed, &[], go_back)
    };
    assert!(matches!(go(&old, &new, false), TrustDecision::Refused(TrustRefusal::Lower { .. })));
    assert!(matches!(go(&pre, &new, false), TrustDecision::Refused(TrustRefusal::Lower { .. })));
    assert!(matches!(go(&old, &new, true), TrustDecision::Trusted(_)));
    assert!(matches!(go(&new, &new, false), TrustDecision::Trusted(_)));
    let TrustDecision::Refused(refusal) = go(&old, &new, false) else { panic!() };
    assert_eq!(
        refusal.to_string(),
        "version 1.9.0 is lower than the installed version 2.0.0; confirm the downgrade explicitly"
    );
}
