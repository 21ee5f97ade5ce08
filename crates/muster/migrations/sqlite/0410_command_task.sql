-- Something that is to be done, kept in its own words: a line of a superior's text (`notice`, `line` from 1), or what a
-- meeting, the day's session or an office itself decided. `tasks` counts the tasks that were made of it.
create table measure (
    bucket integer not null,
    operation integer not null,
    id text not null,
    n integer not null,
    unit integer not null,
    source text not null,
    notice text,
    line integer,
    words text not null,
    tasks integer not null,
    actor text not null,
    at integer not null,
    lane integer not null,
    no integer not null,
    constraint measure_pkey primary key (bucket, operation, id),
    constraint measure_n_key unique (bucket, operation, n)
) strict;
-- A measure in the hands of one unit: of the unit as a whole (`post` null), of one of its posts, or of who holds it
-- (`person`, a reference). `n` counts within the measure. `set_at` is the unit whose office set it; `parent` the task that it
-- is a part of. `is_open` is 1 until it is struck off or withdrawn.
create table task (
    bucket integer not null,
    operation integer not null,
    id text not null,
    measure text not null,
    n integer not null,
    parent text,
    unit integer not null,
    post integer,
    person text,
    set_at integer not null,
    words text not null,
    weight integer not null,
    state text not null,
    is_open integer not null,
    due_at integer not null,
    assigned_at integer not null,
    signed_at integer,
    started_at integer,
    reported_at integer,
    ended_at integer,
    rev integer not null,
    lane integer not null,
    no integer not null,
    constraint task_pkey primary key (bucket, operation, id),
    constraint task_n_key unique (bucket, operation, measure, n)
) strict;
create index task_due on task (operation, is_open, due_at, id);
create index task_unit on task (operation, unit, is_open, due_at, id);
create index task_set_at on task (operation, set_at, state, due_at, id);
create index task_measure on task (operation, measure, unit);
create index task_parent on task (parent, id);
-- Each step of a task, in order: rows are added and never changed.
create table task_step (
    bucket integer not null,
    task text not null,
    rev integer not null,
    action text not null,
    words text not null,
    evidence text not null,
    due_at integer,
    actor text not null,
    at integer not null,
    lane integer not null,
    no integer not null,
    constraint task_step_pkey primary key (bucket, task, rev)
) strict;
