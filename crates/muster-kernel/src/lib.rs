//! The words every line shares: ids, clock, day, finding, problem, actor, hash. Pure; no input or output.
