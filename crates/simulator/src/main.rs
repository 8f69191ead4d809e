//! `mandate-sim`.
fn main() {}
