//! The pages in a real browser: Chromium does what people do, phones of the simulator follow what the pages say, and
//! axe-core looks at every page. Without Chromium or axe-core the tests that need them are skipped, and say so.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod chromium;
mod company;
mod everywhere;
mod first_day;
mod hostile;
#[expect(
    dead_code,
    unused_imports,
    reason = "the house of the stories, in which other tests use other rooms"
)]
#[path = "../stories/house/mod.rs"]
mod house;
mod office;
mod portal;
mod scoped;
mod screenshots;
mod settings_form;
mod walk;
mod without_scripts;
