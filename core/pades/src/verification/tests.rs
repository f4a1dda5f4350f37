use super::*;
use crate::testing::{NOW, SERVERS_ONLY, TestSigner, trust};
use crate::{SignatureAlgorithm, TimeStampError};
use base64::Engine;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rcgen::date_time_ymd;

const DOCUMENT: &[u8] = b"%PDF-1.7 a document";

fn verify(contents: &[u8], document: &[u8], anchors: &TrustAnchors, at: i64) -> SignatureReport {
    let (one, other) = document.split_at(document.len() / 2);
    verify_signature(SignatureKind::Pades, contents, &[one, other], anchors, at)
}

#[test]
fn signatures_of_all_curves_verify_with_their_root() {
    let root = TestSigner::root("Root");
    for algorithm in [SignatureAlgorithm::EcdsaSha256, SignatureAlgorithm::EcdsaSha384] {
        let signer = root.issue("Seals", algorithm, |_| {});
        let mut contents = signer.sign(algorithm, DOCUMENT, &[&root]).to_der();
        contents.resize(contents.len() + 500, 0);
        let report = verify(&contents, DOCUMENT, &trust(&[&root]), NOW);
        assert_eq!((report.verdict, report.level), (Verdict::Valid, Some(SignatureLevel::BB)), "{report:?}");
        assert_eq!((report.signer.as_str(), report.stamped_at), ("CN=Seals", None));
        // The signer itself may be trusted, and nobody else is.
        assert_eq!(verify(&contents, DOCUMENT, &trust(&[&signer]), NOW).verdict, Verdict::Valid);
        for anchors in [trust(&[]), trust(&[&TestSigner::root("Root")]), trust(&[&root.issue_signer("Seals")])] {
            let report = verify(&contents, DOCUMENT, &anchors, NOW);
            assert_eq!(report.verdict, Verdict::Unknown, "{report:?}");
        }
        let changed = verify(&contents, b"%PDF-1.7 a documenu", &trust(&[&root]), NOW);
        assert_eq!((changed.verdict, changed.notes[0].as_str()), (Verdict::Invalid, "the signed content was changed"));
        *contents.last_mut().unwrap() = 1;
        assert_eq!(verify(&contents, DOCUMENT, &trust(&[&root]), NOW).verdict, Verdict::Invalid);
    }
}

#[test]
fn certificates_must_be_valid_and_meant_for_signing() {
    let root = TestSigner::root("Root");
    let expired = |params: &mut rcgen::CertificateParams| params.not_after = date_time_ymd(2025, 1, 1);
    let algorithm = SignatureAlgorithm::EcdsaSha256;
    let signer = root.issue("Seals", algorithm, expired);
    let contents = signer.sign(algorithm, DOCUMENT, &[]).to_der();
    let report = verify(&contents, DOCUMENT, &trust(&[&root]), NOW);
    assert!(report.verdict == Verdict::Unknown && report.notes[0].contains("expired at 2025-01-01"), "{report:?}");
    assert_eq!(verify(&contents, DOCUMENT, &trust(&[&root]), NOW - 86_400_000).verdict, Verdict::Valid);
    let server = root.issue("Server", algorithm, |params| params.extended_key_usages = vec![SERVERS_ONLY]);
    let report = verify(&server.sign(algorithm, DOCUMENT, &[]).to_der(), DOCUMENT, &trust(&[&root]), NOW);
    assert!(report.verdict == Verdict::Unknown && report.notes[0].contains("not one to sign documents"), "{report:?}");
    // A signer is no authority.
    let below = signer.issue("Below", algorithm, |_| {});
    let contents = below.sign(algorithm, DOCUMENT, &[&signer, &root]).to_der();
    let report = verify(&contents, DOCUMENT, &trust(&[&root]), NOW - 86_400_000);
    assert_eq!(report.verdict, Verdict::Unknown, "{report:?}");
}

#[test]
fn keys_must_match_their_certificates() {
    let root = TestSigner::root("Root");
    let (one, other) = (root.issue_signer("One"), root.issue_signer("Other"));
    let algorithm = SignatureAlgorithm::EcdsaSha256;
    let digest = algorithm.digest().digest(&[DOCUMENT]);
    let pending = crate::PendingSignature::new(&digest, std::slice::from_ref(&one.der), algorithm).unwrap();
    let signature = rcgen::SigningKey::sign(&other.key, pending.message()).unwrap();
    assert_eq!(pending.with_signature(signature).unwrap_err(), crate::SigningError::Key);
    assert!(crate::PendingSignature::new(&digest, &[], algorithm).is_err());
    assert!(crate::PendingSignature::new(&digest, &[vec![0; 20]], algorithm).is_err());
}

#[test]
fn time_stamps_say_when_the_certificate_was_valid() {
    let (root, stamps) = (TestSigner::root("Root"), TestSigner::root("Stamps"));
    let algorithm = SignatureAlgorithm::EcdsaSha256;
    let signer = root.issue("Seals", algorithm, |params| params.not_after = date_time_ymd(2025, 1, 1));
    let authority = stamps.issue_authority("Authority");
    let message = signer.sign(algorithm, DOCUMENT, &[&root]);
    let request = message.request_time_stamp([9; 16]);
    let imprint = DigestAlgorithm::Sha256.digest(&[message.signature()]);
    let time = "20241231235959.5Z";
    let (token, at) = request.read_response(&authority.stamp(&imprint, &[9; 16], time)).unwrap();
    assert_eq!(at, 1_735_689_599_500);
    let contents = message.clone().with_time_stamp(token.clone()).to_der();
    let report = verify(&contents, DOCUMENT, &trust(&[&root, &stamps]), NOW);
    assert_eq!((report.verdict, report.level), (Verdict::Valid, Some(SignatureLevel::BT)), "{report:?}");
    assert_eq!(report.stamped_at, Some(at));
    // The time of a stamp by an authority that is not trusted proves nothing.
    let report = verify(&contents, DOCUMENT, &trust(&[&root]), NOW);
    assert_eq!((report.verdict, report.level), (Verdict::Unknown, Some(SignatureLevel::BB)), "{report:?}");
    // A stamp of another signature.
    let other = signer.sign(algorithm, b"another", &[&root]).with_time_stamp(token).to_der();
    assert_eq!(verify(&other, b"another", &trust(&[&root, &stamps]), NOW).verdict, Verdict::Invalid);
    let wrong = |response: &[u8]| match request.read_response(response) {
        Err(TimeStampError::Wrong(why)) => why,
        other => panic!("{other:?}"),
    };
    assert!(wrong(&authority.stamp(&imprint, &[8; 16], time)).contains("nonce"));
    assert!(wrong(&authority.stamp(&[0; 32], &[9; 16], time)).contains("stamps something else"));
    assert!(wrong(&signer.stamp(&imprint, &[9; 16], time)).contains("timeStamping"));
    let mut broken = authority.stamp(&imprint, &[9; 16], time);
    *broken.last_mut().unwrap() ^= 1;
    assert!(request.read_response(&broken).is_err());
}

#[test]
fn document_time_stamps_cover_the_document() {
    let stamps = TestSigner::root("Stamps");
    let authority = stamps.issue_authority("Authority");
    let response = authority.stamp(&DigestAlgorithm::Sha256.digest(&[DOCUMENT]), &[1; 16], "20250101000000Z");
    // The token follows the status, which has five bytes, behind a header of four.
    let token = &response[9..];
    let verify = |document: &[u8], anchors: &TrustAnchors| {
        verify_signature(SignatureKind::DocumentTimeStamp, token, &[document], anchors, NOW).verdict
    };
    assert_eq!(verify(DOCUMENT, &trust(&[&stamps])), Verdict::Valid);
    assert_eq!(verify(DOCUMENT, &trust(&[])), Verdict::Unknown);
    assert_eq!(verify(b"another", &trust(&[&stamps])), Verdict::Invalid);
}

#[test]
fn pem_and_der_files_are_trusted() {
    let root = TestSigner::root("Root");
    let encoded = pem(&root.der);
    let mut anchors = TrustAnchors::default();
    anchors.add_file(&root.der).unwrap();
    anchors.add_file(format!("a comment\n{encoded}{encoded}").as_bytes()).unwrap();
    let contents = root.issue_signer("Seals").sign(SignatureAlgorithm::EcdsaSha256, DOCUMENT, &[]).to_der();
    assert_eq!(verify(&contents, DOCUMENT, &anchors, NOW).verdict, Verdict::Valid);
    for wrong in [&b""[..], b"nothing", pem(b"nothing").as_bytes(), &root.der[1..]] {
        assert!(TrustAnchors::default().add_file(wrong).is_err());
    }
}

fn pem(der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
}

/// Changes bytes of a signature with a time stamp at random: it is never valid where its own part was changed, and nothing panics.
fn mutate_signatures(rounds: u32) {
    let (root, stamps) = (TestSigner::root("Root"), TestSigner::root("Stamps"));
    let algorithm = SignatureAlgorithm::EcdsaSha256;
    let message = root.issue_signer("Seals").sign(algorithm, DOCUMENT, &[&root]);
    let imprint = DigestAlgorithm::Sha256.digest(&[message.signature()]);
    let response = stamps.issue_authority("Authority").stamp(&imprint, &[9; 16], "20250101000000Z");
    let request = message.request_time_stamp([9; 16]);
    let (token, _) = request.read_response(&response).unwrap();
    let contents = message.with_time_stamp(token).to_der();
    let anchors = trust(&[&root, &stamps]);
    assert_eq!(verify(&contents, DOCUMENT, &anchors, NOW).level, Some(SignatureLevel::BT));
    let mut random = StdRng::seed_from_u64(7);
    let change = |random: &mut StdRng, bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        for _ in 0..random.random_range(1..4) {
            let at = random.random_range(0..bytes.len());
            match random.random_range(0..4) {
                0 => bytes[at] ^= 1 << random.random_range(0..8),
                1 => bytes[at] = random.random(),
                2 => drop(bytes.remove(at)),
                _ => bytes.truncate(at.max(1)),
            }
        }
        bytes
    };
    for _ in 0..rounds {
        let changed = change(&mut random, &contents);
        for kind in [SignatureKind::Pades, SignatureKind::Pkcs7, SignatureKind::DocumentTimeStamp] {
            verify_signature(kind, &changed, &[DOCUMENT], &anchors, NOW);
        }
        let _ = request.read_response(&change(&mut random, &response));
        // A changed document is broken, whatever the signature.
        let mut document = DOCUMENT.to_vec();
        let at = random.random_range(0..document.len());
        document[at] ^= 1 << random.random_range(0..8);
        assert_eq!(verify(&contents, &document, &anchors, NOW).verdict, Verdict::Invalid);
    }
}

#[test]
fn some_changed_signatures_do_not_panic() {
    mutate_signatures(40);
}

/// Slow tests: `cargo xtask test --full`.
mod full {
    #[test]
    fn ten_thousand_changed_signatures_do_not_panic() {
        super::mutate_signatures(10_000);
    }
}
