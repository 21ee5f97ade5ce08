//! What is said to PostgreSQL alone: the list that both stores prepare holds none of them.

use crate::Stmt;

/// Plans that look up rather than read through. Without `jit` and helpers: what cannot be planned so is priced so high
/// that it would be compiled, or shared among processes, each time.
pub(super) const ALONG_INDEXES: &str = "set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; \
     set jit = off; set max_parallel_workers_per_gather = 0";
/// Before a statement that may read through, and after it; a transaction that ends between them ends the first too.
pub(super) const READS_THROUGH: &str =
    "set local plan_cache_mode = force_custom_plan; set local enable_hashjoin = on";
pub(super) const LOOKS_UP: &str =
    "set local plan_cache_mode = force_generic_plan; set local enable_hashjoin = off";

/// The time of the database's machine.
pub(crate) const CLOCK: Stmt =
    Stmt::new("store.clock", "select cast(floor(extract(epoch from clock_timestamp()) * 1000) as bigint)");

/// What a database must have, or should.
pub(super) const SETTINGS: Stmt = Stmt::new(
    "store.settings",
    "select cast(current_setting('server_version_num') as bigint), \
     current_setting('server_encoding'), current_setting('fsync')",
);

/// The first lane that no other connection has for its own: for as long as this one lasts. `must` in ASCII tells our locks
/// from others'.
pub(super) const LANE_FREE: Stmt = Stmt::new(
    "store.lane_free",
    "select cast(l as bigint) from generate_series(0, $1 - 1) l where pg_try_advisory_lock(1836413812, cast(l as integer)) \
     limit 1",
);
