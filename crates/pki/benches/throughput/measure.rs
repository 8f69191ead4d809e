use std::{
    hint::black_box,
    time::{Duration, Instant},
};

/// Prints a row for each operation that is measured.
pub(crate) struct Table {
    chosen: Vec<String>,
    /// Without it, as `cargo test` runs benches, each operation is only done once, to see that it works.
    measuring: bool,
}

const SLICE: Duration = Duration::from_millis(200);
const SLICES: u32 = 15;

impl Table {
    /// A table as the command line asks for.
    pub(crate) fn new() -> Self {
        let words: Vec<String> = std::env::args().skip(1).collect();
        let measuring = words.iter().any(|word| word == "--bench");
        let chosen = words
            .into_iter()
            .filter(|word| !word.starts_with("--"))
            .collect();
        println!("{:<46}{:>12}{:>12}", "on one core", "µs", "per second");
        Self { chosen, measuring }
    }

    pub(crate) fn is_measuring(&self) -> bool {
        self.measuring
    }

    /// Measures an operation and returns how often a second it is done; `None` where the row was not chosen.
    pub(crate) fn row<T>(&mut self, name: &str, operation: impl Fn() -> T) -> Option<f64> {
        let wanted = self.chosen.is_empty() || self.chosen.iter().any(|word| name.contains(word));
        if !wanted {
            return None;
        }
        black_box(operation());
        if !self.measuring {
            println!("{name:<46}{:>12}", "works");
            return None;
        }
        let best = (0..SLICES).map(|_| slice(&operation)).min()?;
        let seconds = best.as_secs_f64();
        println!("{name:<46}{:>12.1}{:>12.0}", seconds * 1e6, 1.0 / seconds);
        Some(1.0 / seconds)
    }
}

/// The mean time of an operation within a slice.
fn slice<T>(operation: &impl Fn() -> T) -> Duration {
    let (slice, begin, mut count) = (Instant::now(), Stopwatch::start(), 0);
    while slice.elapsed() < SLICE {
        black_box(operation());
        count += 1;
    }
    begin.elapsed() / count
}

/// Counts the time that this thread was on a core, as `openssl speed` does, so that other work on the machine hardly matters;
/// where Linux does not tell, the time that passed.
struct Stopwatch {
    begin: Instant,
    on_core: Option<u64>,
}

impl Stopwatch {
    fn start() -> Self {
        Self {
            begin: Instant::now(),
            on_core: on_core(),
        }
    }

    fn elapsed(&self) -> Duration {
        match (self.on_core, on_core()) {
            (Some(begin), Some(end)) => Duration::from_nanos(end - begin),
            _ => self.begin.elapsed(),
        }
    }
}

/// Nanoseconds on a core. The kernel brings the number up to date when the thread yields.
fn on_core() -> Option<u64> {
    std::thread::yield_now();
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok()
}
