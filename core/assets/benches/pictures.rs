//! How long the variants of a photograph take, and what else is made of pictures: `cargo bench -p cairn-assets`.
//!
//! With `SHARP_DIR` set to a folder where `npm install sharp` has run, sharp makes the same variants of the same file,
//! taking turns in every round. Prints medians, on the clock and on all processors together, and the peak memory of each
//! process.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a program for one who watches it")]

use cairn_assets::{IncomingFile, MediaTools, MetadataPolicy, Transform, UploadLimits, prepare_file, render_picture};
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use nix::time::{ClockId, clock_gettime};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;
use std::{fmt, fs};

const ROUNDS: usize = 21;

/// Twelve megapixels with what photographs have: gradients, edges, and the noise of a sensor.
fn photograph() -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    let mut noise = move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state % 13) as f32 - 6.0
    };
    let picture = RgbImage::from_fn(4000, 3000, |x, y| {
        let (u, v) = (x as f32 / 4000.0, y as f32 / 3000.0);
        let sky = [90.0 + 90.0 * v, 140.0 + 70.0 * v, 230.0 - 60.0 * v];
        let waves = ((u * 90.0).sin() * (v * 70.0).cos() + (u * 311.0 + v * 173.0).sin() * 0.4) * 28.0;
        let disc = (u - 0.3).hypot((v - 0.4) * 0.75) < 0.14;
        let wall = u > 0.55 && v > 0.45 && ((x / 60 + y / 45) % 2 == 0);
        let base = if disc {
            [230.0, 190.0, 40.0]
        } else if wall {
            [150.0, 70.0, 50.0]
        } else {
            sky
        };
        let grain = noise();
        Rgb(base.map(|part| (part + waves + grain + noise() * 0.5) as u8))
    });
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(&picture).unwrap();
    bytes
}

/// Milliseconds that something took.
#[derive(Clone, Copy)]
struct Took {
    clock: f64,
    /// Of all threads together; the smaller the less others are kept waiting.
    processors: f64,
}

impl fmt::Display for Took {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0} ms ({:.0} ms of processors)", self.clock, self.processors)
    }
}

fn median(times: &[Took]) -> Took {
    let middle = |figure: fn(&Took) -> f64| {
        let mut figures: Vec<_> = times.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    };
    Took { clock: middle(|took| took.clock), processors: middle(|took| took.processors) }
}

/// Milliseconds that all threads of this process have run, those that ended included.
fn processors() -> f64 {
    let time = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).unwrap();
    time.tv_sec() as f64 * 1e3 + time.tv_nsec() as f64 / 1e6
}

fn timed(run: impl FnOnce()) -> Took {
    let (start, before) = (Instant::now(), processors());
    run();
    Took { clock: start.elapsed().as_secs_f64() * 1e3, processors: processors() - before }
}

/// Peak memory of this process in kB, since it was last reset.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn reset_peak() {
    fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// The variants of a picture, the rest of an upload included.
fn variants(picture: &[u8]) -> Took {
    let mut temp = tempfile::NamedTempFile::new().unwrap();
    temp.write_all(picture).unwrap();
    let incoming = IncomingFile {
        file_name: "photograph.jpg".into(),
        given_name: None,
        declared_mime: None,
        temp: temp.into_temp_path(),
        sha256: None,
        replaces: None,
    };
    timed(|| {
        let prepared =
            prepare_file(incoming, &UploadLimits { max_bytes: 1 << 30 }, &MediaTools::default(), MetadataPolicy::Strip)
                .unwrap();
        assert_eq!(prepared.objects.len(), 5);
    })
}

/// sharp in a process of its own, which waits for its turns.
struct Sharp {
    child: Child,
    turns: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Sharp {
    fn start(picture: &Path) -> Option<Sharp> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/sharp.mjs");
        let mut child = Command::new("node")
            .args([Path::new(script), picture])
            .current_dir(std::env::var_os("SHARP_DIR")?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (turns, answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Some(Sharp { child, turns, answers })
    }

    fn turn(&mut self, way: &str) -> Took {
        writeln!(self.turns, "{way}").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        let (clock, processors) = line.trim().split_once(' ').unwrap();
        Took { clock: clock.parse().unwrap(), processors: processors.parse().unwrap() }
    }

    /// Its peak memory in kB.
    fn finish(self) -> u64 {
        let Sharp { mut child, turns, mut answers } = self;
        drop(turns);
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        child.wait().unwrap();
        line.trim().parse().unwrap()
    }
}

fn compare(picture: &[u8], path: &Path) {
    reset_peak();
    let (mut cairn_times, mut separate, mut cascade) = (Vec::new(), Vec::new(), Vec::new());
    let mut sharp = Sharp::start(path);
    for round in 0..=ROUNDS {
        let own = variants(picture);
        let sharp_times = sharp.as_mut().map(|sharp| (sharp.turn("separate"), sharp.turn("cascade")));
        // The first round warms up.
        if round > 0 {
            cairn_times.push(own);
            separate.extend(sharp_times.map(|times| times.0));
            cascade.extend(sharp_times.map(|times| times.1));
        }
    }
    println!("four variants, whole upload: {}, peak {} MB", median(&cairn_times), peak() / 1000);
    if let Some(sharp) = sharp {
        println!("sharp, each from the original: {}; from the largest: {}", median(&separate), median(&cascade));
        println!("sharp and node: peak {} MB", sharp.finish() / 1000);
    }
}

fn transforms(path: &Path) {
    let small = tempfile::NamedTempFile::new().unwrap();
    let query = "w=1000&format=png";
    let picture = render_picture(path, "image/jpeg", &Transform::parse(query).unwrap()).unwrap().unwrap();
    fs::write(&small, picture.bytes).unwrap();
    for query in [
        "w=1000&format=jpeg",
        "w=1000&format=webp",
        "w=1000&format=avif",
        "w=300&h=300&fit=cover&format=webp",
        "w=1000&format=png",
        "format=avif&w=4096",
    ] {
        let transform = Transform::parse(query).unwrap();
        reset_peak();
        let mut bytes = 0;
        let run = |source: &Path, mime: &str, bytes: &mut usize| {
            let times = (0..5)
                .map(|_| timed(|| *bytes = render_picture(source, mime, &transform).unwrap().unwrap().bytes.len()));
            median(&times.collect::<Vec<_>>())
        };
        let took = run(path, "image/jpeg", &mut bytes);
        let peak = peak() / 1000;
        let from_small = run(small.path(), "image/png", &mut 0);
        println!("{query}: {took} of the photograph ({peak} MB, {bytes} bytes), {from_small} of 1000 px");
    }
}

fn main() {
    let picture = photograph();
    let path = tempfile::Builder::new().suffix(".jpg").tempfile().unwrap().into_temp_path();
    fs::write(&path, &picture).unwrap();
    println!("a photograph of 4000×3000 pixels, {:.1} MB", picture.len() as f64 / 1e6);
    compare(&picture, &path);
    transforms(&path);
}
