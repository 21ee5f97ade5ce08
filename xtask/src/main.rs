//! All automation of the project: set-up, demo, tests, checks, generated files.
fn main() {}
