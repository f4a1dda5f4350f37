//! Fuel that the calls of a plugin may take, kept in `budgets.lock` beside `plugin.toml`: a change of more than 5 % is reported.

use crate::TestError;
use cairn_plugin_host::CallFuel;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The file, in the plugin's folder.
pub const BUDGETS_FILE: &str = "budgets.lock";
/// How far a call may be from what is kept, in hundredths of it.
const TOLERANCE_PERCENT: u64 = 5;
/// Calls that take less than this may change as they like: a few instructions more would be many hundredths.
const MIN_COMPARED_FUEL: u64 = 20_000;

/// Most instructions that calls took, by the names of the calls: `before:seats`.
pub type Budgets = BTreeMap<String, u64>;

/// Of what an engine has measured of a plugin.
pub fn from_measurements(used: &[CallFuel], plugin: &str) -> Budgets {
    used.iter()
        // How many jobs are in a batch depends on the machine.
        .filter(|one| one.plugin == plugin && one.export != "job-batch")
        .map(|one| (format!("{}:{}", one.export, one.name), one.fuel))
        .collect()
}

/// Reads what is kept in a folder; `None`: nothing is yet. Fails for a file that cannot be read, with its line.
pub fn read_budgets(folder: &Path) -> Result<Option<Budgets>, TestError> {
    let place = folder.join(BUDGETS_FILE);
    let at = |e: &dyn std::fmt::Display| TestError(format!("{}: {e}", place.display()));
    let text = match std::fs::read_to_string(&place) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(at(&e)),
    };
    toml::from_str(&text).map(Some).map_err(|e| at(&e))
}

/// Keeps them, and says where. Fails for a file that cannot be written.
pub fn write_budgets(folder: &Path, budgets: &Budgets) -> Result<PathBuf, TestError> {
    let mut text =
        "# What calls took at most in `cairn plugin test`, in instructions; `--budgets` keeps what they take now.\n"
            .to_owned();
    for (name, fuel) in budgets {
        let _ = writeln!(text, "{name:?} = {fuel}");
    }
    let place = folder.join(BUDGETS_FILE);
    std::fs::write(&place, text).map_err(|e| TestError(format!("{}: {e}", place.display())))?;
    Ok(place)
}

/// Every call that takes more or less than is kept, in words. What was not called now, or is not kept yet, is not compared.
pub fn compare_budgets(recorded: &Budgets, now: &Budgets) -> Vec<String> {
    let one = |(name, before): (&String, &u64)| {
        let (before, now) = (*before, *now.get(name)?);
        let apart = now.abs_diff(before);
        let far = before.max(now) >= MIN_COMPARED_FUEL
            && u128::from(apart) * 100 > u128::from(before) * u128::from(TOLERANCE_PERCENT);
        let direction = if now > before { "more" } else { "less" };
        far.then(|| {
            let percent = u128::from(apart) * 100 / u128::from(before.max(1));
            format!("{name} uses {percent} % {direction} than recorded in {BUDGETS_FILE}: {now} instead of {before}")
        })
    };
    recorded.iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budgets(all: &[(&str, u64)]) -> Budgets {
        all.iter().map(|(name, fuel)| ((*name).to_owned(), *fuel)).collect()
    }

    #[test]
    fn changes_above_five_percent_are_reported() {
        let recorded =
            budgets(&[("before:a", 100_000), ("job:b", 100_000), ("route:c", 100), ("route:gone", 1_000_000)]);
        assert!(
            compare_budgets(&recorded, &budgets(&[("before:a", 105_000), ("job:b", 95_000), ("route:c", 5_000)]))
                .is_empty()
        );
        let messages =
            compare_budgets(&recorded, &budgets(&[("before:a", 106_000), ("job:b", 94_000), ("route:new", 1)]));
        assert_eq!(
            messages,
            [
                "before:a uses 6 % more than recorded in budgets.lock: 106000 instead of 100000",
                "job:b uses 6 % less than recorded in budgets.lock: 94000 instead of 100000",
            ]
        );
        assert_eq!(
            compare_budgets(&budgets(&[("a", 0), ("b", u64::MAX)]), &budgets(&[("a", u64::MAX), ("b", 0)])).len(),
            2
        );
    }

    #[test]
    fn budgets_round_trip_and_invalid_files_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read_budgets(dir.path()), Ok(None));
        let recorded = budgets(&[("before:a", 1), ("job:b-c", 2)]);
        write_budgets(dir.path(), &recorded).unwrap();
        assert_eq!(read_budgets(dir.path()), Ok(Some(recorded)));
        for nonsense in ["a", "\"a\" = -1", "\"a\" = \"b\"", "[a]\nb = 1"] {
            std::fs::write(dir.path().join(BUDGETS_FILE), nonsense).unwrap();
            assert!(read_budgets(dir.path()).unwrap_err().0.contains(BUDGETS_FILE), "{nonsense}");
        }
    }
}
