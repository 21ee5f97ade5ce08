-- Something that is to be done, kept in its own words: a line of a superior's text (`notice`, `line` from 1), or what a
-- meeting, the day's session or an office itself decided. `tasks` counts the tasks that were made of it.
create table measure (
    bucket bigint not null,
    operation bigint not null,
    id text not null,
    n bigint not null,
    unit bigint not null,
    source text not null,
    notice text,
    line bigint,
    words text not null,
    tasks bigint not null,
    actor text not null,
    at bigint not null,
    lane bigint not null,
    no bigint not null,
    constraint measure_pkey primary key (bucket, operation, id),
    constraint measure_n_key unique (bucket, operation, n)
);
-- A measure in the hands of one unit: of the unit as a whole (`post` null), of one of its posts, or of who holds it
-- (`person`, a reference). `n` counts within the measure. `set_at` is the unit whose office set it; `parent` the task that it
-- is a part of. `is_open` is 1 until it is struck off or withdrawn.
create table task (
    bucket bigint not null,
    operation bigint not null,
    id text not null,
    measure text not null,
    n bigint not null,
    parent text,
    unit bigint not null,
    post bigint,
    person text,
    set_at bigint not null,
    words text not null,
    weight bigint not null,
    state text not null,
    is_open bigint not null,
    due_at bigint not null,
    assigned_at bigint not null,
    signed_at bigint,
    started_at bigint,
    reported_at bigint,
    ended_at bigint,
    rev bigint not null,
    lane bigint not null,
    no bigint not null,
    constraint task_pkey primary key (bucket, operation, id),
    constraint task_n_key unique (bucket, operation, measure, n)
);
create index task_due on task (operation, is_open, due_at, id);
create index task_unit on task (operation, unit, is_open, due_at, id);
create index task_set_at on task (operation, set_at, state, due_at, id);
create index task_measure on task (operation, measure, unit);
create index task_parent on task (parent, id);
-- Each step of a task, in order: rows are added and never changed.
create table task_step (
    bucket bigint not null,
    task text not null,
    rev bigint not null,
    action text not null,
    words text not null,
    evidence text not null,
    due_at bigint,
    actor text not null,
    at bigint not null,
    lane bigint not null,
    no bigint not null,
    constraint task_step_pkey primary key (bucket, task, rev)
);
