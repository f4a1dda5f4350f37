//! Sealed documents, judged by programs of others: pages that are turned, seals with a time stamp, and a second signature on top.

/// Tests that take long: `cargo xtask test --full`.
mod full {
    use crate::applications::esign::{SigningStory, StorySetup, build_pdf, name_signers, run_program, write_pdf};
    use crate::applications::killed_server::repository;
    use serde_json::{Value as Json, json};
    use std::path::{Path, PathBuf};
    use std::process::Command;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    /// Where on each page a text stands, in points from the upper left corner of what is seen: left, upper edge, width and height.
    const PLACE: [f64; 4] = [120.0, 200.0, 220.0, 40.0];

    /// An envelope of one signer, who has signed it.
    async fn seal_envelope(document: Vec<u8>, texts_on: &[u32], authority: Option<String>) -> SigningStory {
        let setup = StorySetup { seed: None, signers: name_signers(&["ann"], false), document, authority };
        let mut story = SigningStory::start(setup).await;
        let mut fields = story.list_signature_fields();
        for page in texts_on {
            let [x, y, width, height] = PLACE;
            fields.push(json!({
                "recipient": story.recipients[0], "type": "text", "page": page, "x": x, "y": y, "width": width, "height": height,
                "label": format!("Number {page}"),
            }));
        }
        story.place_fields(fields).await;
        story.send().await;
        let mut answers = json!({ "typed": "Ann" });
        for field in story.server.rows("plugin::esign.field", "filters[type]=text").await {
            answers[format!("field-{}", field["documentId"].as_str().unwrap())] = json!(format!("SN{}", field["page"]));
        }
        story.sign(0, answers).await;
        story.server.settle(async || story.tell_end().await).await;
        let envelope = story.find_envelope().await;
        assert_eq!((&envelope["status"], &envelope["problem"]), (&json!("completed"), &Json::Null), "{envelope}");
        story.check_sealed().await;
        story
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn texts_stand_upright_in_their_place_on_turned_pages() {
        let turns = [0, 90, 180, 270];
        let story = seal_envelope(build_pdf(&turns), &[1, 2, 3, 4], None).await;
        let file = write_pdf(&story.find_sealed().await);
        for (n, turn) in turns.iter().enumerate() {
            let page = (n + 1).to_string();
            let path = file.path().to_str().unwrap();
            let words = run_program("pdftotext", &["-f", &page, "-l", &page, "-bbox", path, "-"]);
            let line = words.lines().find(|line| line.contains(&format!(">SN{page}<")));
            let line = line.unwrap_or_else(|| panic!("SN{page} is not on page {page}: {words}"));
            let edge = |name: &str| -> f64 {
                let value = line.split(&format!("{name}=\"")).nth(1).unwrap();
                value.split('"').next().unwrap().parse().unwrap()
            };
            let [x, y, width, height] = PLACE;
            let [left, top, right, bottom] = ["xMin", "yMin", "xMax", "yMax"].map(edge);
            let inside = left >= x - 1.0 && top >= y - 1.0 && right <= x + width + 1.0 && bottom <= y + height + 1.0;
            assert!(inside, "turned by {turn}: {line}");
            // Three letters on one line are wider than they are high.
            assert!(right - left > bottom - top, "turned by {turn}: {line}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn authority_stamps_the_seal() {
        let folder = tempfile::tempdir().unwrap();
        let (address, certificate) = start_authority(folder.path()).await;
        let story = seal_envelope(build_pdf(&[0]), &[], Some(address)).await;
        let file = write_pdf(&story.find_sealed().await);
        let path = file.path().to_str().unwrap();
        let own = export_certificate(folder.path());
        let trust = [own.to_str().unwrap(), certificate.to_str().unwrap()];
        let said =
            story.server.run_command(&["seal", "verify", "--json", "--trust", trust[0], "--trust", trust[1], path], "");
        let finding: Json = serde_json::from_str(said.trim()).unwrap();
        assert!(said.contains("B-T"), "{finding}");
        assert_eq!(judge_with_pyhanko(path, &trust), ["The signature is judged VALID."]);
        let audit = story.tell_end().await;
        assert_eq!(audit["status"], "completed");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn second_signature_leaves_the_seal_valid() {
        let story = seal_envelope(build_pdf(&[0, 90]), &[2], None).await;
        let folder = tempfile::tempdir().unwrap();
        let own = export_certificate(folder.path());
        let sealed = write_pdf(&story.find_sealed().await);
        let signed = folder.path().join("signed.pdf");
        let key = repository().join("core/seals/tests/openssl/rsa");
        let mut sign = pyhanko();
        sign.args(["sign", "addsig", "--field", "Buyer", "--use-pades", "pemder", "--no-pass", "--key"]);
        sign.arg(key.join("key.pem")).arg("--cert").arg(key.join("certificate.pem")).arg(sealed.path()).arg(&signed);
        let ran = sign.output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        let path = signed.to_str().unwrap();
        let (own, other) = (own.to_str().unwrap(), key.join("certificate.pem").display().to_string());
        let said = story.server.run_command(&["seal", "verify", "--json", "--trust", own, "--trust", &other, path], "");
        assert_eq!(said.lines().count(), 2, "{said}");
        assert_eq!(judge_with_pyhanko(path, &[own, &other]), ["The signature is judged VALID."; 2]);
        let said = run_program("pdfsig", &["-nocert", path]);
        assert_eq!(said.matches("Signature is Valid.").count(), 2, "{said}");
        // The second signature was appended: the sealed document is unchanged byte by byte.
        let (before, after) = (std::fs::read(sealed.path()).unwrap(), std::fs::read(&signed).unwrap());
        assert!(after.starts_with(&before) && after.len() > before.len());
    }

    /// The certificate of the sealing profile, in PEM.
    fn export_certificate(folder: &Path) -> PathBuf {
        let file = folder.join("own.pem");
        let mut openssl = Command::new("openssl");
        openssl.args(["pkcs12", "-nokeys", "-passin", "pass:geheim", "-in"]);
        openssl.arg(repository().join("core/seals/tests/openssl/modern.p12")).arg("-out").arg(&file);
        assert!(openssl.output().unwrap().status.success());
        file
    }

    fn pyhanko() -> Command {
        let mut python = Command::new("python3");
        python.env("PYTHONPATH", repository().join("target/tools/pyhanko")).args(["-m", "pyhanko"]);
        python
    }

    /// The verdicts of pyHanko on the signatures of a PDF, by these certificates. `cargo xtask test --full` fetches it.
    fn judge_with_pyhanko(pdf: &str, trusted: &[&str]) -> Vec<String> {
        let mut validate = pyhanko();
        validate.args(["sign", "validate", "--pretty-print", "--trust-replace"]);
        for file in trusted {
            validate.args(["--trust", file]);
        }
        let ran = validate.arg(pdf).output().unwrap();
        let text = String::from_utf8_lossy(&ran.stdout).into_owned();
        let verdicts: Vec<String> = text.lines().filter(|line| line.contains("is judged")).map(str::to_owned).collect();
        assert!(!verdicts.is_empty(), "{text} {}", String::from_utf8_lossy(&ran.stderr));
        verdicts
    }

    fn run_openssl(folder: &Path, arguments: &[&str]) {
        let ran = Command::new("openssl").current_dir(folder).args(arguments).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    }

    /// A time-stamp authority, `openssl ts` behind HTTP: its address and its certificate.
    async fn start_authority(folder: &Path) -> (String, PathBuf) {
        let certificate = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=Stamps"];
        let purpose = ["-addext", "extendedKeyUsage=critical,timeStamping", "-keyout", "tsa.key", "-out", "tsa.pem"];
        run_openssl(folder, &[&certificate[..], &purpose].concat());
        std::fs::write(folder.join("serial"), "01\n").unwrap();
        let config = "[tsa]\ndefault_policy = 1.2.3.4\ndigests = sha256\nsigner_digest = sha256\ness_cert_id_alg = sha256\n\
                      serial = serial\ncrypto_device = builtin\n";
        std::fs::write(folder.join("tsa.cnf"), config).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let place = folder.to_owned();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                // Connections are handled one by one, because they share the files.
                let _ = answer_query(connection, &place).await;
            }
        });
        (address, folder.join("tsa.pem"))
    }

    /// Reads a query from an HTTP request, and answers it.
    async fn answer_query(mut connection: TcpStream, folder: &Path) -> std::io::Result<()> {
        let mut request = Vec::new();
        let body = loop {
            let mut buffer = [0; 4_096];
            let read = connection.read(&mut buffer).await?;
            request.extend_from_slice(&buffer[..read]);
            let head = request.windows(4).position(|bytes| bytes == b"\r\n\r\n");
            let Some(head) = head else { continue };
            let text = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
            let length = text.lines().find_map(|line| line.strip_prefix("content-length:")).unwrap();
            let length: usize = length.trim().parse().unwrap();
            if request.len() >= head + 4 + length {
                break request[head + 4..head + 4 + length].to_vec();
            }
        };
        std::fs::write(folder.join("query"), body)?;
        let reply =
            ["ts", "-reply", "-config", "tsa.cnf", "-section", "tsa", "-signer", "tsa.pem", "-inkey", "tsa.key"];
        run_openssl(folder, &[&reply[..], &["-queryfile", "query", "-out", "reply"]].concat());
        let stamp = std::fs::read(folder.join("reply"))?;
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            stamp.len()
        );
        connection.write_all(head.as_bytes()).await?;
        connection.write_all(&stamp).await
    }
}
