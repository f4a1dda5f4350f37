//! `/uploads/<file>`: nothing outside the folder of files is ever served.

use cairn_testkit::TestServer;

#[tokio::test(flavor = "multi_thread")]
async fn file_paths_cannot_escape_the_upload_folder() {
    let server = TestServer::start().await;
    let test_answer = server.upload_file("a.txt", "text/plain", b"open").await.expect_status(201);
    let url = test_answer.body[0]["url"].as_str().unwrap().to_owned();
    let file = url.strip_prefix("/uploads/").unwrap();
    // The canary is beside the folder, hidden in it, behind a link and in a folder: none of it may be served.
    let canary = "canary-outside-4d2e";
    let tenant = server.project.path().join("data/tenants/default");
    std::fs::write(tenant.join("outside.txt"), canary).unwrap();
    std::fs::write(tenant.join("uploads").join(".hidden"), canary).unwrap();
    std::os::unix::fs::symlink(tenant.join("outside.txt"), tenant.join("uploads").join("link.txt")).unwrap();
    std::fs::create_dir(tenant.join("uploads").join("folder")).unwrap();
    std::fs::write(tenant.join("uploads/folder/inner.txt"), canary).unwrap();
    let absolute = tenant.join("outside.txt");
    for path in [
        "/uploads/../outside.txt",
        "/uploads/..%2foutside.txt",
        "/uploads/..%2Foutside.txt",
        "/uploads/%2e%2e/outside.txt",
        "/uploads/%2e%2e%2foutside.txt",
        "/uploads/.%2e/outside.txt",
        "/uploads/..\\outside.txt",
        "/uploads/..%5coutside.txt",
        "/uploads/..%252foutside.txt",
        "/uploads/....//outside.txt",
        "/uploads//outside.txt",
        "/uploads/./../outside.txt",
        "/uploads/folder/../../outside.txt",
        "/uploads/folder/inner.txt",
        "/uploads/folder%2finner.txt",
        "/uploads/folder",
        "/uploads/.hidden",
        "/uploads/%2ehidden",
        "/uploads/link.txt",
        "/uploads/..%c0%afoutside.txt",
        "/uploads/%ff",
        "/uploads/%00",
        &format!("{url}%00.html"),
        &format!("{url}/../../outside.txt"),
        &format!("{url}."),
        &format!("{url}%20"),
        &format!("/uploads/{}", absolute.display()),
        &format!("/uploads/%2f{}", absolute.display()),
        "/uploads/",
        "/uploads",
        "/uploads/~",
        "/uploads/CON",
        &format!("/uploads/{}", "a".repeat(300)),
        "/uploads/../../../secret.key",
        "/uploads/../cairn.db",
        "/../../../../etc/passwd",
        "/data/secret.key",
        "/cairn.toml",
        "/.git/config",
        "//uploads/../outside.txt",
        "http://x/uploads/../outside.txt",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let answer = server.send_raw(request).await;
        assert!(matches!(answer.status(), 400 | 404 | 405), "{path}: {}", answer.text);
        assert!(!answer.text.contains(canary) && !answer.text.contains("SQLite"), "{path}: {}", answer.text);
    }
    let upper = file.to_uppercase();
    server.public_client().get(&format!("/uploads/{upper}")).await.expect_status(404);
    assert_eq!(server.public_client().get(&url).await.expect_status(200).bytes, b"open");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_served_with_their_type_and_cache_headers() {
    let server = TestServer::start().await;
    let answer = server.upload_file("pic.png", "image/png", &crate::pictures::png(300, 200)).await.expect_status(201);
    let file = &answer.body[0];
    let public = server.public_client();
    let url = file["url"].as_str().unwrap();
    let served = public.get(url).await.expect_status(200);
    assert_eq!((served.header("content-type"), served.header("content-disposition")), ("image/png", ""));
    assert_eq!(served.header("cache-control"), "public, max-age=60");
    assert_eq!(served.header("content-length"), served.bytes.len().to_string());
    let etag = served.header("etag").to_owned();
    let test_answer = public.get_with(url, ("if-none-match", &etag)).await;
    assert_eq!((test_answer.status, test_answer.bytes.len()), (304, 0));
    let small = file["formats"]["thumbnail"]["url"].as_str().unwrap();
    assert_eq!(public.get(small).await.expect_status(200).header("content-type"), "image/png");
    let head = public.send(public.request("HEAD", url)).await;
    assert_eq!(
        (head.status, head.bytes.len(), head.header("content-length")),
        (200, 0, served.header("content-length"))
    );
}
