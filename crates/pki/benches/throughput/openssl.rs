use std::process::Command;

use crate::measure::Table;

/// The best of what `openssl speed` says on one core, since ours are the best of many slices too; nothing where there is no such
/// command.
pub(crate) fn rsa_2048_signs_per_second(table: &Table) -> Option<f64> {
    if !table.is_measuring() {
        return None;
    }
    (0..RUNS).filter_map(|_| speed()).reduce(f64::max)
}

const RUNS: u32 = 4;

fn speed() -> Option<f64> {
    let output = Command::new("openssl")
        .args(["speed", "-mr", "-seconds", "1", "rsa2048"])
        .output()
        .ok()?;
    // `+F2:index:bits:signatures per second:verifications per second`
    let text = String::from_utf8(output.stdout).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("+F2:"))?;
    line.split(':').nth(2)?.parse().ok()
}

/// Prints which share of the private operations that OpenSSL does in the same time went into `per_second` results of ours.
pub(crate) fn compare(name: &str, per_second: Option<f64>, private_operations: f64, raw: f64) {
    if let Some(per_second) = per_second {
        let share = per_second * private_operations / raw * 100.0;
        println!("{name}: {share:.0} % of that throughput");
    }
}
