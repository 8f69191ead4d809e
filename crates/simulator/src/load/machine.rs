//! Facts about the machine and the server's process, from `/proc`; empty elsewhere.

use serde::Serialize;
use std::fs::read_to_string;

/// Clock ticks per second in `/proc/*/stat`, fixed at 100 for user space on Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// What the figures were measured on.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Machine {
    /// Model of the processor.
    pub cpu: String,
    /// Processors available to this process.
    pub cores: usize,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// Release of the kernel.
    pub kernel: String,
    /// Load average of the last minute, before the measurement.
    pub load_average: String,
}

/// What the server's process used.
#[derive(Debug, Clone, Copy, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerProcess {
    /// Resident memory in MiB.
    pub resident_mib: u64,
    /// Highest resident memory so far in MiB.
    pub peak_mib: u64,
    /// CPU seconds used since it started.
    pub cpu_seconds: f64,
}

impl Machine {
    /// This machine, now.
    pub fn read() -> Self {
        let cpuinfo = read_to_string("/proc/cpuinfo").unwrap_or_default();
        let meminfo = read_to_string("/proc/meminfo").unwrap_or_default();
        let load = read_to_string("/proc/loadavg").unwrap_or_default();
        Self {
            cpu: field(&cpuinfo, "model name").unwrap_or_default(),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            memory_mib: kilobytes(&meminfo, "MemTotal") / 1_024,
            kernel: read_to_string("/proc/sys/kernel/osrelease")
                .unwrap_or_default()
                .trim()
                .to_owned(),
            load_average: load.split(' ').next().unwrap_or_default().to_owned(),
        }
    }
}

impl ServerProcess {
    /// The process of that number; `None` when there is none or `/proc` is not readable.
    pub fn read(pid: u32) -> Option<Self> {
        let status = read_to_string(format!("/proc/{pid}/status")).ok()?;
        let stat = read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name in parentheses may hold blanks; fields are counted after it (utime is 14, stime 15 of all).
        let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
        let ticks: f64 =
            fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
        Some(Self {
            resident_mib: kilobytes(&status, "VmRSS") / 1_024,
            peak_mib: kilobytes(&status, "VmHWM") / 1_024,
            cpu_seconds: ticks / TICKS_PER_SECOND,
        })
    }
}

fn field(text: &str, name: &str) -> Option<String> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn kilobytes(text: &str, name: &str) -> u64 {
    field(text, name)
        .and_then(|value| value.split(' ').next()?.parse().ok())
        .unwrap_or(0)
}
