//! Progress: a count, a bar, and what is left.

use std::sync::Arc;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use mandate_simulator::fleet::Progress;

use crate::output;

/// A bar on standard error; where that is no terminal, one line at the end.
pub(super) struct Bar {
    bar: ProgressBar,
    what: &'static str,
}

impl Bar {
    pub(super) fn new(what: &'static str, total: usize) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
        if let Ok(style) =
            ProgressStyle::with_template("{msg:<16} {wide_bar} {pos}/{len} phones, {eta} left")
        {
            bar.set_style(style);
        }
        bar.set_message(what);
        Self { bar, what }
    }

    /// For work that reports how much of it is done.
    pub(super) fn progress(&self) -> Progress {
        let bar = self.bar.clone();
        Arc::new(move |done, _total| bar.set_position(done as u64))
    }

    pub(super) fn set(&self, done: usize) {
        self.bar.set_position(done as u64);
    }

    pub(super) fn finish(self) {
        let (done, total) = (self.bar.position(), self.bar.length().unwrap_or_default());
        self.bar.finish_and_clear();
        output::note(&format!("{}: {done} of {total} phones", self.what));
    }
}
