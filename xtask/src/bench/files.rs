//! `cargo xtask bench --files`: small pictures served beside a static file server, and large uploads beside `cp` and fsync, in turns.

use crate::api::{Api, FileUpload};
use crate::build::Profile;
use crate::process::{root_command, run_output};
use crate::server::{ServerCommand, ServerProcess, free_address};
use crate::{build, paths, prerequisites};
use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Pictures that are asked for in turns.
const PICTURE_COUNT: usize = 1_000;
/// Bytes of a large upload.
const LARGE_FILE_BYTES: u64 = 512 << 20;
/// Turns of each side; the median counts.
const TURNS_PER_SIDE: usize = 6;
/// The token of the server that is started here, on a scratch project.
const SCRATCH_TOKEN: &str = "bench-0123456789abcdef0123456789abcdef";

/// A program that is ended with its value.
struct PeerProcess(Child);

impl Drop for PeerProcess {
    fn drop(&mut self) {
        // An orderly end: killed, it would leave its workers behind.
        if let Ok(pid) = i32::try_from(self.0.id()) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
        let _ = self.0.wait();
    }
}

/// Measures both. Returns an error if a tool is missing or a server does not start.
pub(super) fn run() -> Result<()> {
    prerequisites::require_tools(&[prerequisites::CURL])?;
    let project = paths::scratch_folder("bench-files")?;
    fs::write(project.join("cairn.toml"), format!("[assets]\nmax_bytes = {}\n", LARGE_FILE_BYTES * 2))?;
    let settings = project.join("settings.json");
    let token =
        serde_json::json!({ "apiTokens": [{ "name": "bench", "type": "full-access", "token": SCRATCH_TOKEN }] });
    fs::write(&settings, token.to_string())?;
    let log = Some(project.join("cairn.log"));
    let boot = ServerCommand {
        binary: build::build_server(Profile::Release)?,
        project: project.clone(),
        listen: free_address()?,
        env: Vec::new(),
        log,
    };
    boot.apply_settings(&settings)?;
    let server = boot.start()?;
    if prerequisites::is_in_path("wrk") && prerequisites::is_in_path("nginx") {
        bench_pictures(&server, &project)?;
    } else {
        println!("left out: small pictures compared with nginx (requires wrk and nginx-light from Debian)");
    }
    bench_uploads(&server, &project)?;
    server.stop()?;
    Ok(())
}

/// A thousand files of some kilobytes, of bytes that cannot be compressed.
fn bench_pictures(server: &ServerProcess, project: &Path) -> Result<()> {
    let api = Api::new(&server.base, Some(SCRATCH_TOKEN));
    let folder = project.join("static");
    fs::create_dir(&folder)?;
    let mut names = Vec::new();
    for n in 0..PICTURE_COUNT {
        // Sixteen by sixteen pixels, as far as its header goes.
        let mut bytes = b"GIF89a\x10\0\x10\0".to_vec();
        bytes.extend((0..8_000).map(|_| rand::random::<u8>()));
        let name = format!("p{n}.gif");
        let created = api.upload_file(&FileUpload { name: &name, mime: "image/gif", bytes: &bytes })?;
        let url = created["url"].as_str().context("a file has no address")?.to_owned();
        fs::write(folder.join(url.trim_start_matches("/uploads/")), &bytes)?;
        names.push(url.trim_start_matches("/uploads/").to_owned());
    }
    let list: String = names.iter().map(|name| format!("\"{name}\",")).collect();
    let script = project.join("turns.lua");
    fs::write(
        &script,
        format!(
            "local names = {{{list}}}\nlocal n = 0\nlocal prefix = os.getenv('PREFIX')\n\
             request = function() n = n % #names + 1 return wrk.format('GET', prefix .. names[n]) end\n"
        ),
    )?;
    let (address, _nginx) = start_nginx(project, &folder)?;
    let (mut cairn_rates, mut nginx_rates) = (Vec::new(), Vec::new());
    for _ in 0..TURNS_PER_SIDE {
        cairn_rates.push(run_wrk(&script, &server.base, "/uploads/")?);
        nginx_rates.push(run_wrk(&script, &format!("http://{address}"), "/")?);
    }
    let (cairn_rate, nginx_rate) = (median_of(cairn_rates), median_of(nginx_rates));
    println!(
        "1,000 pictures of 8 KB, 16 connections, {TURNS_PER_SIDE} turns: Cairn {cairn_rate:.0}/s, nginx {nginx_rate:.0}/s, {:.2}x",
        cairn_rate / nginx_rate
    );
    Ok(())
}

/// nginx on a folder, two workers, no log.
fn start_nginx(project: &Path, folder: &Path) -> Result<(String, PeerProcess)> {
    let address = free_address()?;
    let conf = project.join("nginx.conf");
    let text = format!(
        "worker_processes 2; pid {0}/nginx.pid; error_log /dev/null; daemon off; master_process on; user root;\n\
         events {{ worker_connections 512; }}\n\
         http {{ access_log off; sendfile on; types {{ image/gif gif; }} \n\
           client_body_temp_path {0}/n1; proxy_temp_path {0}/n2; fastcgi_temp_path {0}/n3; uwsgi_temp_path {0}/n4; scgi_temp_path {0}/n5;\n\
           server {{ listen {address}; root {1}; keepalive_requests 1000000; }} }}\n",
        project.display(),
        folder.display()
    );
    fs::write(&conf, text)?;
    let child =
        Command::new("nginx").arg("-c").arg(&conf).stderr(Stdio::null()).spawn().context("cannot start nginx")?;
    let peer = PeerProcess(child);
    for _ in 0..100 {
        if std::net::TcpStream::connect(&address).is_ok() {
            return Ok((address, peer));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    bail!("nginx does not accept connections");
}

/// Requests per second; refused where one was not answered with 200.
fn run_wrk(script: &Path, base: &str, prefix: &str) -> Result<f64> {
    let mut run = root_command("wrk");
    run.args(["-t1", "-c16", "-d5s", "-s"]).arg(script).arg(base).env("PREFIX", prefix);
    let text = run_output(&mut run)?;
    if text.contains("Non-2xx") {
        bail!("{base} did not answer every request:\n{text}");
    }
    let line = text.lines().find_map(|line| line.trim().strip_prefix("Requests/sec:"));
    line.and_then(|n| n.trim().parse().ok()).with_context(|| format!("wrk reported no requests:\n{text}"))
}

/// One large file, new bytes each time: by HTTP, and by `cp` with an fsync on the same disk.
fn bench_uploads(server: &ServerProcess, project: &Path) -> Result<()> {
    let source = project.join("large.bin");
    let (mut cairn_speeds, mut copy_speeds) = (Vec::new(), Vec::new());
    for turn in 0..TURNS_PER_SIDE {
        write_unique(&source, turn as u8)?;
        // The second of two writes finds the disk busy with the first, so the order alternates.
        if turn % 2 == 0 {
            cairn_speeds.push(time_upload(server, &source)?);
            copy_speeds.push(time_copy(&source, &project.join("copy.bin"))?);
        } else {
            copy_speeds.push(time_copy(&source, &project.join("copy.bin"))?);
            cairn_speeds.push(time_upload(server, &source)?);
        }
    }
    let (cairn_speed, copy_speed) = (median_of(cairn_speeds) / 1e6, median_of(copy_speeds) / 1e6);
    println!(
        "uploads of 512 MiB, {TURNS_PER_SIDE} turns: Cairn {cairn_speed:.0} MB/s, cp and fsync {copy_speed:.0} MB/s, {:.2}x",
        cairn_speed / copy_speed
    );
    Ok(())
}

/// Bytes per second of an upload.
fn time_upload(server: &ServerProcess, source: &Path) -> Result<f64> {
    let form = format!("files=@{};type=application/octet-stream", source.display());
    let mut curl = root_command("curl");
    curl.args([
        "-sS",
        "--fail",
        "-o",
        "/dev/null",
        "-H",
        &format!("authorization: Bearer {SCRATCH_TOKEN}"),
        "-F",
        &form,
    ]);
    let started = Instant::now();
    let status = curl.arg(format!("{}/api/upload", server.base)).status().context("cannot start curl")?;
    if !status.success() {
        bail!("the upload failed with {status}");
    }
    Ok(LARGE_FILE_BYTES as f64 / started.elapsed().as_secs_f64())
}

/// Bytes per second of a copy that is on disk.
fn time_copy(source: &Path, copy: &Path) -> Result<f64> {
    let started = Instant::now();
    let status = Command::new("cp").arg(source).arg(copy).status()?;
    if !status.success() {
        bail!("cp failed with {status}");
    }
    File::open(copy)?.sync_all()?;
    let speed = LARGE_FILE_BYTES as f64 / started.elapsed().as_secs_f64();
    fs::remove_file(copy)?;
    Ok(speed)
}

/// Bytes that no other turn has, on disk.
fn write_unique(path: &Path, turn: u8) -> Result<()> {
    let mut file = File::create(path)?;
    let mut block: Vec<u8> = (0..1 << 20).map(|_| rand::random()).collect();
    for n in 0..(LARGE_FILE_BYTES >> 20) {
        block[..8].copy_from_slice(&(n << 8 | u64::from(turn)).to_le_bytes());
        file.write_all(&block)?;
    }
    Ok(file.sync_all()?)
}

fn median_of(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
