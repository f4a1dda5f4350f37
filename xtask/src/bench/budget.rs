//! `cargo xtask bench --budget`: figures that grow a little with every change and that nobody looks at: what requests cost beside the shared
//! bench's floor, the size of the binary, its memory. Each run adds a line to [`FILE`] and says what has moved since the line before.

use super::peers::{ScriptRunner, StopGuard, peers_folder, read_word};
use super::table::markdown_table;
use crate::api::Api;
use crate::build::{self, Profile};
use crate::paths;
use crate::prerequisites;
use crate::process::{root_command, run_checked, run_output};
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The figures of earlier runs, one JSON object a line, below the repository's root.
const FILE: &str = "docs/performance-budget.jsonl";
/// Part of a figure by which it may move unnoticed.
const TOLERANCE: f64 = 0.03;
/// Where the scripts of the shared bench have the server listen.
const BASE: &str = "http://127.0.0.1:1338";
/// Cases of the server, and the floor's that each is compared with: by the processor time of a request.
const RATIOS: [(&str, &str, &str); 3] = [
    ("one by its id, against the floor", "a", "one"),
    ("a create, one connection, against the floor", "e1", "create-e1"),
    ("a create, eight connections, against the floor", "e8", "create-e8"),
];

/// How to measure.
pub(super) struct BudgetArgs {
    /// The server; `None` to build it.
    pub(super) binary: Option<PathBuf>,
    /// Turns of server and floor; the median counts.
    pub(super) repeat: u32,
    /// Seconds of each case.
    pub(super) duration: u32,
}

/// The figures of one run by their names; all are better when they are smaller.
type Figures = Vec<(String, f64)>;

/// Measures, prints a table and adds the figures to the file. The inner error says why it is left out. Returns an error if a tool is missing or
/// the bench fails.
pub(super) fn run(args: &BudgetArgs) -> Result<Result<(), String>> {
    let Some(bench) = paths::shared_folder("bench") else {
        return Ok(Err("bench/ is neither in $CAIRN_SHARED nor in ../shared".to_owned()));
    };
    prerequisites::require_tools(&[prerequisites::NODE, prerequisites::CURL, prerequisites::WRK])?;
    let binary = match &args.binary {
        Some(binary) => binary.canonicalize().with_context(|| binary.display().to_string())?,
        None => build::build_all(Profile::Release)?,
    };
    let figures = measure(args, &bench, &binary)?;
    let file = paths::repository_root().join(FILE);
    let before = read_last_figures(&file)?;
    let (rows, moved) = compare_figures(&figures, before.as_ref());
    print!("{}", markdown_table(&["figure", "before", "now", "change"], &rows));
    match (moved.is_empty(), before.is_some()) {
        (true, true) => println!("nothing has moved by more than {:.0} %", TOLERANCE * 100.0),
        (true, false) => println!("the first entry of {FILE}"),
        (false, _) => println!("moved by more than {:.0} %: {}", TOLERANCE * 100.0, moved.join("; ")),
    }
    append_figures(&file, &figures)?;
    Ok(Ok(()))
}

/// Runs server and floor in turns, so that whatever else the machine does meets both, then the load that the memory is measured after.
fn measure(args: &BudgetArgs, bench: &Path, binary: &Path) -> Result<Figures> {
    let peers = peers_folder()?;
    let uncached = ScriptRunner { script: bench.join("cairn.sh"), peers: &peers, cached: false };
    run_checked(uncached.verb_command("start").arg(binary))?;
    let stop = StopGuard(&uncached);
    run_checked(&mut uncached.verb_command("seed"))?;
    let floor = FloorSetup { bench, peers: &peers, page: save_list_page()? };
    let mut ratios: Vec<Vec<f64>> = vec![Vec::new(); RATIOS.len()];
    for _ in 0..args.repeat {
        let server = read_costs(&run_output(&mut load_command(args, bench, &peers, &["a", "e1", "e8"])?)?)?;
        let floor = read_costs(&run_output(&mut floor.command(args))?)?;
        for (all, (_, case, floor_case)) in ratios.iter_mut().zip(RATIOS) {
            all.push(find_cost(&server, case)? / find_cost(&floor, floor_case)?);
        }
    }
    drop(stop);
    let mut figures: Figures = RATIOS.iter().map(|(name, ..)| (*name).to_owned()).zip(medians(ratios)).collect();
    figures.push(("the binary in MB".to_owned(), fs::metadata(binary)?.len() as f64 / 1e6));

    let cached = ScriptRunner { script: bench.join("cairn.sh"), peers: &peers, cached: true };
    run_checked(cached.verb_command("restart").arg(binary))?;
    let stop = StopGuard(&cached);
    run_output(&mut load_command(args, bench, &peers, &["a", "b", "c", "d", "e1", "e8"])?)?;
    figures.push(("MiB in memory after the load".to_owned(), read_memory(&read_word(&peers.join("cairn.pid"))?)?));
    drop(stop);
    Ok(figures)
}

/// The floor of the shared bench on a copy of the server's database.
struct FloorSetup<'a> {
    bench: &'a Path,
    peers: &'a Path,
    /// A file with a list page of the server.
    page: PathBuf,
}

impl FloorSetup<'_> {
    fn command(&self, args: &BudgetArgs) -> Command {
        let mut command = Command::new(self.bench.join("floor.sh"));
        command
            .arg(self.peers.join("cairn/data/tenants/default/cairn.db"))
            .env("PEERS", self.peers)
            .env("FLOOR_BODY", &self.page)
            .env("REPEAT", "1")
            .env("DURATION", args.duration.to_string());
        command
    }
}

fn load_command(args: &BudgetArgs, bench: &Path, peers: &Path, cases: &[&str]) -> Result<Command> {
    let mut load = Command::new(bench.join("load.sh"));
    load.args(cases)
        .env("BASE", BASE)
        .env("TOKEN", read_word(&peers.join("cairn.token"))?)
        .env("SERVER_PID", read_word(&peers.join("cairn.pid"))?)
        .env("REPEAT", "1")
        .env("DURATION", args.duration.to_string());
    Ok(load)
}

fn save_list_page() -> Result<PathBuf> {
    let page = Api::new(BASE, None).get("/api/articles?pagination[pageSize]=25")?;
    let file = paths::scratch_folder("bench-budget")?.join("page.json");
    fs::write(&file, page.body.to_string())?;
    Ok(file)
}

/// Processor time of a request in milliseconds, by the name of the case.
type Costs = Vec<(String, f64)>;

fn read_costs(rows: &str) -> Result<Costs> {
    rows.lines()
        .map(|row| {
            let cells: Vec<&str> = row.split('\t').collect();
            let [case, _, _, _, cost] = cells[..] else { bail!("not a row of load.sh: {row}") };
            Ok((case.to_owned(), cost.parse().with_context(|| format!("no processor time: {row}"))?))
        })
        .collect()
}

fn find_cost(costs: &[(String, f64)], case: &str) -> Result<f64> {
    let cost = costs.iter().find(|(name, _)| name == case).with_context(|| format!("case {case} was not measured"))?.1;
    anyhow::ensure!(cost > 0.0, "case {case} took no processor time");
    Ok(cost)
}

fn medians(all: Vec<Vec<f64>>) -> impl Iterator<Item = f64> {
    all.into_iter().map(|mut values| {
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    })
}

/// Resident memory of a process in MiB.
fn read_memory(pid: &str) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib / 1024.0)
}

/// The last line of the file; `None` if there is none yet. Returns an error if it is not JSON.
fn read_last_figures(file: &Path) -> Result<Option<Map<String, Value>>> {
    if !file.exists() {
        return Ok(None);
    }
    let text = fs::read_to_string(file)?;
    let Some(line) = text.lines().rev().find(|line| !line.trim().is_empty()) else { return Ok(None) };
    let entry: Value = serde_json::from_str(line).with_context(|| format!("the last line of {}", file.display()))?;
    Ok(entry["figures"].as_object().cloned())
}

/// The rows of the table, and the names of figures that moved by more than [`TOLERANCE`] with their change.
fn compare_figures(figures: &[(String, f64)], before: Option<&Map<String, Value>>) -> (String, Vec<String>) {
    let (mut rows, mut moved) = (String::new(), Vec::new());
    for (name, now) in figures {
        match before.and_then(|before| before.get(name)).and_then(Value::as_f64) {
            Some(then) => {
                let change = now / then - 1.0;
                let percent = format!("{:+.1} %", change * 100.0);
                rows += &format!("{name}\t{then:.2}\t{now:.2}\t{percent}\n");
                if change.abs() > TOLERANCE {
                    moved.push(format!("{name} ({percent})"));
                }
            }
            None => rows += &format!("{name}\t\t{now:.2}\t\n"),
        }
    }
    (rows, moved)
}

fn append_figures(file: &Path, figures: &[(String, f64)]) -> Result<()> {
    let rounded = figures.iter().map(|(name, value)| (name.clone(), json!((value * 1000.0).round() / 1000.0)));
    let commit = run_output(root_command("git").args(["describe", "--always", "--dirty", "--exclude", "*"]))?;
    let date = run_output(root_command("date").arg("+%F"))?;
    let entry = json!({ "date": date.trim(), "commit": commit.trim(), "figures": rounded.collect::<Map<_, _>>() });
    let mut file = File::options().create(true).append(true).open(file)?;
    Ok(writeln!(file, "{entry}")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_that_moved_are_named() {
        let before = json!({ "size": 100.0, "memory": 60.0, "gone": 1.0 });
        let figures = vec![("size".to_owned(), 104.0), ("memory".to_owned(), 61.0), ("new".to_owned(), 2.0)];
        let (rows, moved) = compare_figures(&figures, before.as_object());
        assert_eq!(moved, ["size (+4.0 %)"]);
        assert_eq!(rows.lines().count(), 3);
        assert!(rows.contains("memory\t60.00\t61.00\t+1.7 %"), "{rows}");
        let smaller = vec![("size".to_owned(), 90.0)];
        assert_eq!(compare_figures(&smaller, before.as_object()).1, ["size (-10.0 %)"]);
        assert_eq!(compare_figures(&figures, None).1, [""; 0]);
    }

    #[test]
    fn last_entry_is_compared_and_broken_files_are_refused() {
        let file = paths::scratch_folder("budget-test").unwrap().join("figures.jsonl");
        assert_eq!(read_last_figures(&file).unwrap(), None);
        fs::write(&file, "{\"figures\":{\"a\":1}}\n{\"figures\":{\"a\":2}}\n\n").unwrap();
        assert_eq!(read_last_figures(&file).unwrap().unwrap()["a"], 2);
        fs::write(&file, "{\"figures\":").unwrap();
        assert!(read_last_figures(&file).is_err());
    }

    #[test]
    fn costs_are_read_from_rows_of_the_load() {
        let costs = read_costs("a\t49684.1\t0.6\t1.2\t0.0223\ne1\t1827\t0.5\t1\t0.3886\n").unwrap();
        assert_eq!(find_cost(&costs, "e1").unwrap(), 0.3886);
        assert!(find_cost(&costs, "e8").is_err());
        assert!(read_costs("a\t1\t1\t1\t-\n").is_err(), "without the server's process");
        assert!(read_costs("nothing\n").is_err());
    }
}
