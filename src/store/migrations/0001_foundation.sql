-- The first schema. `bigint` is mapped to `integer`, and `strict` is appended, by the SQLite driver.
-- Moments are UTC milliseconds, truths are 0 and 1, documents are JSON text that SQL never looks into.

create table desk (
    name text not null primary key,
    value text not null
);

create table client (
    id bigint not null primary key,
    key text not null unique,
    name text not null,
    prefix text not null unique,
    colour text not null,
    language text not null,
    pack_version bigint,
    is_active bigint not null,
    last_number bigint not null,
    version bigint not null
);

create table pack_version (
    id bigint not null primary key,
    client bigint not null references client (id),
    ordinal bigint not null,
    script text not null,
    settings text not null,
    -- The shared modules that the script imports, by path.
    modules text not null,
    -- The holiday lists that its calendars name, by key: the row that stood when it was published.
    holidays text not null,
    message text not null,
    author text not null,
    published_at bigint not null,
    unique (client, ordinal)
);

-- Holiday lists as they were imported; a newer one of the same key is another row.
create table holiday_list (
    id bigint not null primary key,
    client bigint not null references client (id),
    key text not null,
    ordinal bigint not null,
    -- The iCalendar file.
    source text not null,
    author text not null,
    imported_at bigint not null,
    unique (client, key, ordinal)
);

create table pack_draft (
    client bigint not null primary key references client (id),
    script text not null,
    settings text not null,
    -- The shared modules by path, when they came with it; null: those of the published version.
    modules text,
    message text not null,
    author text not null,
    saved_at bigint not null
);

-- Open tickets that are moved to another version of their pack, in turns; `after` is the last one that was looked at.
create table version_move (
    id bigint not null primary key,
    client bigint not null references client (id),
    version bigint not null references pack_version (id),
    actor text not null,
    after bigint not null,
    total bigint not null,
    moved bigint not null,
    stayed bigint not null,
    started_at bigint not null,
    -- null: it goes on.
    finished_at bigint,
    is_replaced bigint not null
);
create unique index version_move_running on version_move (client) where finished_at is null;
create index version_move_by_client on version_move (client, id);

-- Tickets that a move left on their version, and why (JSON).
create table version_stay (
    moving bigint not null references version_move (id),
    ticket bigint not null,
    obstacles text not null,
    primary key (moving, ticket)
);

-- Script tests that are kept beside the draft: `tests/visits.rhai` and its text.
create table pack_test (
    client bigint not null references client (id),
    file text not null,
    source text not null,
    author text not null,
    saved_at bigint not null,
    primary key (client, file)
);

-- How a client's script fares: failures in a row put it in quarantine.
create table script_health (
    client bigint not null primary key references client (id),
    failures_in_row bigint not null,
    slow_in_row bigint not null,
    quarantined_at bigint
);

-- A client's last shadow: a draft that decides beside the published version, and what became of it.
create table shadow (
    client bigint not null primary key references client (id),
    id bigint not null,
    -- The published version that it stands beside.
    pack_version bigint not null,
    script text not null,
    settings text not null,
    modules text not null,
    holidays text not null,
    author text not null,
    -- When its texts were saved as a draft.
    saved_at bigint not null,
    started_at bigint not null,
    until bigint not null,
    ended_at bigint,
    ending text,
    runs bigint not null,
    different bigint not null,
    failures bigint not null,
    kept bigint not null,
    older bigint not null,
    micros bigint not null
);
create table shadow_difference (
    id bigint not null primary key,
    client bigint not null,
    -- null: of a schedule, about the client as a whole.
    ticket bigint,
    -- The run of the published version; null where it has no function for the event.
    run bigint,
    handler text not null,
    published text not null,
    draft text not null,
    at bigint not null
);
create index shadow_difference_by_client on shadow_difference (client, id);

-- Messages of one handler of a client's script beyond its budget, of which a person decides together.
create table message_hold (
    id bigint not null primary key,
    client bigint not null references client (id),
    handler text not null,
    -- The limit that the first message would have gone beyond, and what it was.
    why text not null,
    limit_count bigint not null,
    state text not null,
    opened_at bigint not null,
    last_at bigint not null,
    -- All that were ever in it; those that went out and those that were discarded since.
    held bigint not null,
    sent bigint not null,
    discarded bigint not null,
    decided_by text,
    decided_at bigint,
    is_without_stale bigint not null,
    reason bigint,
    finished_at bigint,
    version bigint not null
);
create unique index message_hold_open on message_hold (client, handler) where state = 'open';
create index message_hold_by_client on message_hold (client, id);
create index message_hold_finished on message_hold (finished_at);
-- Only what neither went out nor was discarded yet.
create table held_message (
    id bigint not null primary key,
    hold bigint not null references message_hold (id),
    client bigint not null,
    ticket bigint not null,
    kind text not null,
    -- null: a reply, to the client.
    person bigint,
    template text,
    text bigint,
    work_order bigint,
    -- Ids of attachments, as JSON.
    files text not null,
    run bigint not null,
    at bigint not null
);
create index held_message_by_hold on held_message (hold, id);
create index held_message_by_ticket on held_message (ticket, id);
-- Messages that scripts sent without a person's word, of the last hour.
create table message_minute (
    client bigint not null,
    handler text not null,
    minute bigint not null,
    sent bigint not null,
    primary key (client, handler, minute)
);

create table sub_client (
    id bigint not null primary key,
    client bigint not null references client (id),
    key text not null,
    name text not null,
    support text,
    version bigint not null,
    unique (client, key)
);

create table site (
    id bigint not null primary key,
    client bigint not null references client (id),
    sub_client bigint references sub_client (id),
    name text not null,
    address text not null,
    city text not null,
    country text not null,
    time_zone text not null,
    -- A calendar of the client's pack, by key.
    calendar text,
    district text,
    -- Degrees, as JSON.
    location text,
    folded text not null,
    version bigint not null
);
create index site_by_client on site (client, name, id);

create table asset (
    id bigint not null primary key,
    client bigint not null references client (id),
    site bigint references site (id),
    tag text not null,
    serial text not null,
    model text not null,
    certificates text not null,
    is_active bigint not null,
    folded text not null,
    version bigint not null,
    unique (client, tag)
);
create index asset_by_site on asset (site);

create table contact (
    id bigint not null primary key,
    client bigint not null references client (id),
    sub_client bigint references sub_client (id),
    name text not null,
    email text,
    phone text,
    folded text not null,
    version bigint not null
);
create index contact_by_client on contact (client, name, id);
create index contact_by_phone on contact (client, phone) where phone is not null;
create index contact_by_email on contact (client, email) where email is not null;

-- Who may ask where the package of the client names who may.
create table named_contact (
    id bigint not null primary key,
    client bigint not null references client (id),
    contact bigint not null references contact (id),
    valid_from bigint not null,
    valid_until bigint,
    author text not null,
    recorded_at bigint not null
);
create index named_contact_by_contact on named_contact (contact, valid_from, id);
create index named_contact_by_client on named_contact (client, valid_from, id);

-- What people added to the balance of a month or took from it. sub_client 0: the client's own balance.
create table balance_adjustment (
    id bigint not null primary key,
    client bigint not null references client (id),
    sub_client bigint not null,
    -- It counts in the month of this moment.
    valid_from bigint not null,
    unit text not null,
    amount bigint not null,
    kind text not null,
    reason bigint not null,
    author text not null,
    recorded_at bigint not null
);
create index balance_adjustment_by_holder on balance_adjustment (client, sub_client, valid_from, id);

create table partner (
    id bigint not null primary key,
    key text not null unique,
    name text not null,
    version bigint not null
);

create table person (
    id bigint not null primary key,
    login text not null unique,
    name text not null,
    email text,
    phone text,
    language text not null,
    time_zone text not null,
    affiliation text not null,
    partner bigint references partner (id),
    client bigint references client (id),
    contact bigint references contact (id),
    engineer text,
    certificates text not null,
    languages text not null,
    -- Coordinates and territories.
    service_area text not null,
    capacity bigint not null,
    is_on_duty bigint not null,
    is_active bigint not null,
    password_hash text,
    folded text not null,
    version bigint not null
);

create index person_by_contact on person (contact) where contact is not null;

-- client 0: every client. (A null would escape the primary key.)
create table access_grant (
    person bigint not null references person (id),
    role text not null,
    client bigint not null,
    primary key (person, role, client)
);
create index access_grant_by_role on access_grant (role, client);

create table membership (
    person bigint not null references person (id),
    queue text not null,
    client bigint not null,
    primary key (person, queue, client)
);
create index membership_by_queue on membership (queue, client);

-- The roster. Those of one person never overlap, so their order by end is their order by beginning.
create table shift (
    id bigint not null primary key,
    person bigint not null references person (id),
    from_at bigint not null,
    to_at bigint not null,
    kind text not null,
    rate_percent bigint,
    queue text,
    client bigint references client (id),
    note text,
    series bigint,
    version bigint not null,
    changed_by bigint references person (id),
    changed_at bigint
);
create index shift_by_person on shift (person, to_at, id);
create index shift_by_end on shift (to_at, id);

create table absence (
    id bigint not null primary key,
    person bigint not null references person (id),
    from_at bigint not null,
    to_at bigint not null,
    kind text not null,
    version bigint not null
);
create index absence_by_person on absence (person, to_at, id);
create index absence_by_end on absence (to_at, id);

-- Shifts that people offer each other. A shift may go while its offers stay, so that it is named without a reference.
create table swap_offer (
    id bigint not null primary key,
    person bigint not null references person (id),
    to_person bigint not null references person (id),
    shift bigint not null,
    in_return bigint,
    -- The shifts as they were when it was made: JSON text.
    shift_then text not null,
    return_then text,
    note text,
    state text not null,
    -- When the first of its shifts begins: then it lapses by itself, whatever the state says.
    begins_at bigint not null,
    offered_at bigint not null,
    answered_at bigint,
    decided_by bigint references person (id),
    ended_at bigint,
    version bigint not null
);
create index swap_offer_by_person on swap_offer (person, id);
create index swap_offer_by_colleague on swap_offer (to_person, id);
create index swap_offer_by_shift on swap_offer (shift, state);
create index swap_offer_by_return on swap_offer (in_return, state);
create index swap_offer_by_state on swap_offer (state, id);

-- Which event of an iCalendar file a shift or an absence came from, so that the next file changes it.
create table roster_source (
    uid text not null,
    -- 0, or the client that it was imported for: another client's file changes nothing here.
    client bigint not null,
    -- A shift's or an absence's.
    entry bigint not null,
    primary key (uid, client, entry)
);

create table shift_pattern (
    id bigint not null primary key,
    name text not null unique,
    cycle_days bigint not null,
    starts_on text,
    slots text not null,
    version bigint not null
);

-- Specialists of clients, models and categories, and technical managers. client 0: of every client's; sub_client 0: of
-- the client as a whole. A row never changes but for its end.
create table specialist (
    id bigint not null primary key,
    person bigint not null references person (id),
    kind text not null,
    client bigint not null,
    sub_client bigint not null,
    -- The model or the category.
    topic text not null,
    valid_from bigint not null,
    valid_to bigint,
    version bigint not null
);
create index specialist_by_person on specialist (person, id);
create index specialist_by_client on specialist (client, id);

create table foreign_login (
    id bigint not null primary key,
    client bigint not null references client (id),
    system text not null,
    login text not null,
    -- The log-in as it is compared.
    folded text not null,
    person bigint not null references person (id),
    valid_from bigint not null,
    valid_to bigint,
    version bigint not null
);
create index foreign_login_by_login on foreign_login (client, system, folded, id);

-- The event by which somebody was last given a ticket: whose turn it is.
create table last_assigned (
    person bigint not null primary key references person (id),
    seq bigint not null
);

create table ticket (
    id bigint not null primary key,
    client bigint not null references client (id),
    number bigint not null,
    sub_client bigint,
    site bigint,
    asset bigint,
    contact bigint,
    subject bigint not null,
    status text not null,
    phase text not null,
    waits_for text,
    category text,
    impact text not null,
    urgency text not null,
    priority bigint not null,
    is_urgent bigint not null,
    queue text,
    assignee bigint,
    -- Until when the assignee must accept it; how many in a row did not, and who.
    accept_until bigint,
    return_count bigint not null,
    unaccepted_by text not null,
    channel text not null,
    fields text not null,
    tags text not null,
    watchers text not null,
    counters text not null,
    resolution text,
    -- The major incident that it is attached to: the parent ticket.
    incident bigint,
    reopen_count bigint not null,
    handover_count bigint not null,
    pack_version bigint,
    opened_at bigint not null,
    updated_at bigint not null,
    -- By public events alone: what outsiders see and sort by.
    public_updated_at bigint not null,
    resolved_at bigint,
    closed_at bigint,
    is_marked bigint not null,
    version bigint not null,
    -- What of its place its calendar and its targets go by.
    terms text not null,
    -- When its time last began to count differently.
    turned_at bigint not null,
    -- Derived from the SLA clocks: when the nearest unmet target is due; null while they stand still.
    due_at bigint,
    -- Derived from the pack: left at its defaults.
    is_unclassified bigint not null,
    unique (client, number)
);
create index ticket_open_by_client on ticket (client, id) where phase <> 'closed';
create index ticket_by_status on ticket (client, status, id);
create index ticket_by_queue on ticket (queue, id) where phase <> 'closed';
create index ticket_by_queue_updated on ticket (queue, updated_at, id) where phase <> 'closed';
create index ticket_by_assignee on ticket (assignee, id) where phase <> 'closed';
-- What a person carries: counted for each member of a queue at each assignment.
create index ticket_carried on ticket (assignee) where phase <> 'closed' and phase <> 'resolved';
create index ticket_by_asset on ticket (asset, id);
create index ticket_by_contact on ticket (contact, id);
create index ticket_by_due on ticket (due_at, id) where due_at is not null;
create index ticket_open on ticket (id) where phase <> 'closed';
create index ticket_by_priority on ticket (priority, id) where phase <> 'closed';
create index ticket_by_updated on ticket (updated_at, id);
create index ticket_by_client on ticket (client, id);
create index ticket_by_client_updated on ticket (client, updated_at, id);
create index ticket_by_client_public on ticket (client, public_updated_at, id);
create index ticket_by_category on ticket (category, id) where phase <> 'closed';
create index ticket_waiting on ticket (waits_for, id) where waits_for is not null;
create index ticket_by_incident on ticket (incident, id) where incident is not null;
create index ticket_by_closing on ticket (client, closed_at) where closed_at is not null;
create index ticket_awaiting on ticket (id) where accept_until is not null;
create index ticket_marked on ticket (id) where is_marked = 1;

-- Words that can be erased: erased_at says when, and the words are gone.
create table text_body (
    id bigint not null primary key,
    words text not null,
    erased_at bigint
);

create table event (
    id bigint not null primary key,
    seq bigint not null unique,
    client bigint not null,
    ticket bigint not null references ticket (id),
    kind text not null,
    body text not null,
    actor text not null,
    -- The outside command, and the script run if any, that led to it.
    journal bigint not null,
    run bigint,
    occurred_at bigint not null,
    recorded_at bigint not null
);
create index event_by_ticket on event (ticket, id);

-- Every outside command as it was applied.
create table journal (
    id bigint not null primary key,
    ticket bigint,
    command text not null,
    actor text not null,
    occurred_at bigint not null,
    recorded_at bigint not null
);
create index journal_by_time on journal (recorded_at);

create table task (
    id bigint not null primary key,
    ticket bigint not null references ticket (id),
    client bigint not null,
    department text not null,
    title bigint not null,
    due_at bigint,
    outcomes text not null,
    partner bigint,
    fields text not null,
    state text not null,
    opened_at bigint not null,
    taken_by bigint,
    finished_at bigint,
    outcome text,
    comment bigint,
    ordinal bigint not null,
    -- Attachments that came back with the outcome.
    files text not null
);
create index task_by_ticket on task (ticket, id);
create index task_open_by_department on task (client, department, id) where state = 'open';
create index task_by_department on task (department, client, ticket);
create index task_by_partner on task (partner, id) where partner is not null;

create table work_order (
    id bigint not null primary key,
    ticket bigint not null references ticket (id),
    client bigint not null,
    engineer bigint not null references person (id),
    stage text not null,
    is_open bigint not null,
    note bigint,
    due_at bigint,
    planned_at bigint,
    opened_at bigint not null,
    arrived_at bigint,
    finished_at bigint,
    outcome text,
    comment bigint,
    parts_needed text not null,
    ordinal bigint not null,
    -- What its report must hold; null: nobody asked for one.
    report_wanted text,
    report_state text not null
);
create index work_order_by_ticket on work_order (ticket, id);
create index work_order_by_engineer on work_order (engineer, is_open, id);
create index work_order_report_waits on work_order (client, id) where report_state = 'handed_in';

-- What was handed in about a visit. One that was returned stays, the next has the next number.
create table work_report (
    id bigint not null primary key,
    ticket bigint not null references ticket (id),
    client bigint not null,
    work_order bigint not null references work_order (id),
    number bigint not null,
    handed_in_by bigint,
    handed_in_at bigint not null,
    comment bigint,
    -- Attachments with what each is.
    papers text not null,
    verdict text,
    defects bigint,
    judged_by bigint,
    judged_at bigint
);
create unique index work_report_by_order on work_report (work_order, number);
create index work_report_by_ticket on work_report (ticket, id);

-- Minutes that people say to have worked. Those taken back stay.
create table time_entry (
    id bigint not null primary key,
    ticket bigint not null references ticket (id),
    client bigint not null,
    -- The ticket's when it was recorded.
    sub_client bigint,
    person bigint not null references person (id),
    began_at bigint not null,
    minutes bigint not null,
    kind text,
    note bigint,
    recorded_by bigint,
    recorded_at bigint not null,
    taken_back_at bigint,
    version bigint not null
);
create index time_entry_by_ticket on time_entry (ticket, began_at, id);
create index time_entry_by_client on time_entry (client, began_at, id);
create index time_entry_by_person on time_entry (person, began_at, id);

-- What the contract said of a ticket when it was last looked at. sub_client 0: it concerns the client's own balance.
create table ticket_coverage (
    ticket bigint not null primary key references ticket (id),
    client bigint not null,
    sub_client bigint not null,
    coverage text not null,
    -- Whether the ticket, or the work on it, uses up the balance.
    draws bigint not null,
    asked_at bigint not null
);
create index ticket_coverage_drawing on ticket_coverage (client, sub_client, asked_at, ticket) where draws = 1;

-- Priorities that were raised on the terms of a package.
create table priority_raise (
    id bigint not null primary key,
    ticket bigint not null references ticket (id),
    client bigint not null,
    sub_client bigint not null,
    raised_at bigint not null,
    from_priority bigint not null,
    to_priority bigint not null,
    charge text not null,
    amount bigint not null,
    unit text,
    package text not null,
    agreed_by bigint,
    author text not null
);
create index priority_raise_by_holder on priority_raise (client, sub_client, raised_at, id);
create index priority_raise_by_ticket on priority_raise (ticket, raised_at);

-- The one timer of a person that runs.
create table stopwatch (
    person bigint not null primary key references person (id),
    ticket bigint not null references ticket (id),
    started_at bigint not null
);
create index stopwatch_by_ticket on stopwatch (ticket);

create table sla_clock (
    ticket bigint not null references ticket (id),
    target text not null,
    limit_ms bigint not null,
    used_ms bigint not null,
    running_since bigint,
    met_at bigint,
    is_unneeded bigint not null,
    warned_percent bigint not null,
    overdue_minutes bigint not null,
    primary key (ticket, target)
);

create table ticket_link (
    ticket bigint not null references ticket (id),
    other bigint not null references ticket (id),
    kind text not null,
    primary key (ticket, other, kind)
);
create index ticket_link_by_other on ticket_link (other, kind);

-- Major incidents, by the ticket that was declared one.
create table incident (
    ticket bigint not null primary key references ticket (id),
    client bigint not null references client (id),
    is_open bigint not null,
    rule text not null,
    texts text not null,
    last_update bigint,
    last_update_at bigint,
    declared_at bigint not null,
    ended_at bigint,
    version bigint not null
);
create index incident_open_by_client on incident (client, ticket) where is_open = 1;
create index incident_by_state on incident (is_open, ticket);

-- Questions how a ticket was dealt with, and the answers; made by the ticket's events.
create table rating (
    ticket bigint not null references ticket (id),
    ordinal bigint not null,
    client bigint not null references client (id),
    contact bigint references contact (id),
    -- Who had the ticket when it was asked.
    person bigint references person (id),
    ask_at bigint not null,
    asked_at bigint,
    score bigint,
    comment bigint,
    rated_by bigint references person (id),
    rated_at bigint,
    settled_at bigint,
    primary key (ticket, ordinal)
);
create index rating_by_client on rating (client, asked_at) where asked_at is not null;

-- Tickets that a person took off an incident: its rule leaves them alone.
create table incident_detached (
    incident bigint not null references incident (ticket),
    ticket bigint not null references ticket (id),
    primary key (incident, ticket)
);

-- Work over many tickets of an incident; `after` is the last one that was looked at.
create table incident_round (
    id bigint not null primary key,
    incident bigint not null references incident (ticket),
    kind text not null,
    actor text not null,
    text bigint,
    resolution text,
    after bigint not null,
    reached bigint not null,
    passed_over bigint not null,
    started_at bigint not null,
    finished_at bigint
);
create index incident_round_by_incident on incident_round (incident, id);

-- Who was told of an update, so that each is told once.
create table incident_told (
    round bigint not null references incident_round (id),
    person bigint not null references person (id),
    primary key (round, person)
);

create table attachment (
    id bigint not null primary key,
    sha256 text not null,
    name text not null,
    media_type text not null,
    bytes bigint not null,
    uploaded_by text not null,
    uploaded_at bigint not null,
    -- null until a command names it; then who may read the ticket may read it.
    ticket bigint references ticket (id),
    visibility text
);
create index attachment_by_ticket on attachment (ticket, id);
create index attachment_by_hash on attachment (sha256);

-- Timers and deadlines: what becomes a command at its time.
create table due (
    id bigint not null primary key,
    -- 0: of no client.
    client bigint not null,
    -- null: about the client as a whole, or about a person's shifts or offers.
    ticket bigint references ticket (id),
    person bigint references person (id),
    kind text not null,
    name text not null,
    percent bigint not null,
    overdue_minutes bigint not null,
    run_at bigint not null,
    unique (ticket, kind, name)
);
create index due_by_person on due (person) where person is not null;
create index due_by_time on due (run_at, id);
create unique index due_of_client on due (client, kind, name) where ticket is null and person is null;

-- Ladders and expectations that stand; the due row of the same name is the next rung.
create table ladder (
    ticket bigint not null references ticket (id),
    name text not null,
    -- JSON.
    body text not null,
    -- From 1.
    next_rung bigint not null,
    started_at bigint not null,
    primary key (ticket, name)
);

-- How many tickets of a client were opened in an hour (its number, in UTC): what the norm is learned from.
create table arrival (
    client bigint not null references client (id),
    hour bigint not null,
    count bigint not null,
    primary key (client, hour)
);

-- The same of a queue or a category: tickets that stood in it within an hour of their opening.
create table arrival_part (
    client bigint not null references client (id),
    kind text not null,
    name text not null,
    hour bigint not null,
    count bigint not null,
    -- The latest opening among them.
    last_at bigint not null,
    primary key (client, kind, name, hour)
);

-- Each way that a ticket went, as its event says it: between statuses, between queues, to a department (from the status
-- that it had then), from a department with an outcome: the tickets behind the numbers of the state graph. Kept for 30
-- days; each new row lets go of older ones of the same way.
create table ticket_move (
    client bigint not null references client (id),
    kind text not null,
    origin text not null,
    target text not null,
    at bigint not null,
    ticket bigint not null references ticket (id)
);
create index ticket_move_by_way on ticket_move (client, kind, origin, target, at, ticket);

-- How many of them there were in a day (its beginning, in UTC): the numbers themselves.
create table ticket_move_day (
    client bigint not null references client (id),
    kind text not null,
    origin text not null,
    target text not null,
    -- Who: `script`, `person` or `desk`.
    cause text not null,
    day bigint not null,
    count bigint not null,
    primary key (client, kind, origin, target, cause, day)
);

-- Alarms of the queue watch.
create table watch_alarm (
    id bigint not null primary key,
    client bigint not null references client (id),
    kind text not null,
    queue text,
    category text,
    since bigint not null,
    raised_at bigint not null,
    observed bigint not null,
    peak bigint not null,
    -- In thousandths.
    expected bigint not null,
    ended_at bigint,
    acknowledged_at bigint,
    acknowledged_by bigint references person (id),
    version bigint not null
);
create index watch_alarm_open on watch_alarm (client, id) where ended_at is null;
create index watch_alarm_by_client on watch_alarm (client, id);

-- The outbox: work outside the desk.
create table job (
    id bigint not null primary key,
    kind text not null,
    client bigint,
    ticket bigint,
    body text not null,
    state text not null,
    run_at bigint not null,
    attempts bigint not null,
    lease_until bigint,
    last_error text,
    created_at bigint not null,
    finished_at bigint,
    -- Jobs of one lane are done one after another, in the order of their ids.
    lane text
);
create index job_waiting on job (run_at, id) where state = 'waiting';
create index job_of_lane on job (lane, id) where state in ('waiting', 'leased', 'behind') and lane is not null;
create index job_leased on job (lease_until) where state = 'leased';
create index job_by_state on job (state, id);
create index job_by_ticket on job (ticket, id) where ticket is not null;

-- One run of a client's script, with what it read and what it asked for.
create table run (
    id bigint not null primary key,
    client bigint not null,
    -- null: of a schedule, about the client as a whole.
    ticket bigint,
    pack_version bigint not null,
    handler text not null,
    occasion text not null,
    facts text not null,
    commands text not null,
    state text not null,
    failure text,
    operations bigint not null,
    micros bigint not null,
    at bigint not null
);
create index run_by_ticket on run (ticket, id);
create index run_failed on run (client, id) where state = 'failed';
-- Covers the rates of a client's page: the documents of the row are not read for them.
create index run_by_client on run (client, id, handler, state);

-- Runs of whole hours, counted by the clean-up; `hour` is hours since 1970.
create table run_hour (
    client bigint not null,
    hour bigint not null,
    handler text not null,
    runs bigint not null,
    failures bigint not null,
    primary key (client, hour, handler)
);

create table notification (
    id bigint not null primary key,
    person bigint not null references person (id),
    ticket bigint,
    template text,
    text bigint,
    -- A report that it leads to, as JSON.
    report text,
    at bigint not null,
    read_at bigint
);
create index notification_by_person on notification (person, id);
create index notification_unread on notification (person, id) where read_at is null;

-- Answers kept for a day by Idempotency-Key.
create table idempotency (
    actor text not null,
    key text not null,
    request_sha256 text not null,
    answer text not null,
    at bigint not null,
    primary key (actor, key)
);
create index idempotency_by_time on idempotency (at);

-- Foreign things that were copied here, so that they are copied once.
create table external_ticket (
    source text not null,
    external text not null,
    ticket bigint not null references ticket (id),
    primary key (source, external)
);
create index external_ticket_by_ticket on external_ticket (ticket);
create table external_item (
    source text not null,
    item text not null,
    at bigint not null,
    primary key (source, item)
);

create table plugin_package (
    sha256 text not null primary key,
    plugin text not null,
    version text not null,
    publisher text not null,
    title text not null,
    manifest text not null,
    signature_state text not null,
    bytes bigint not null,
    stored_at bigint not null,
    -- The `.minisig` file with the key that it names and the one it was verified with; null: unsigned.
    signed text
);

create table plugin_installation (
    id bigint not null primary key,
    client bigint not null references client (id),
    plugin text not null,
    package_sha256 text not null references plugin_package (sha256),
    configuration text not null,
    grants text not null,
    secrets text not null,
    is_enabled bigint not null,
    version bigint not null,
    -- Uninstalled: nothing of it is left but its history.
    removed_at bigint,
    unique (client, plugin)
);

-- How far an installation has been polled.
create table plugin_cursor (
    installation bigint not null primary key,
    cursor text,
    -- What the administrator set instead of the manifest's interval.
    every_ms bigint,
    polled_at bigint,
    failures bigint not null,
    last_error text
);

-- What an installation keeps for itself; values in Base64.
create table plugin_kv (
    installation bigint not null,
    key text not null,
    value text not null,
    bytes bigint not null,
    primary key (installation, key)
);

-- Keys of items that were taken.
create table plugin_seen (
    installation bigint not null,
    key text not null,
    at bigint not null,
    primary key (installation, key)
);
create index plugin_seen_by_time on plugin_seen (at);

-- What an installation brought last for a part of a ticket, as a hash.
create table plugin_value (
    installation bigint not null,
    ticket bigint not null references ticket (id),
    field text not null,
    sha256 text not null,
    primary key (installation, ticket, field)
);

-- Items that were refused, until a person decides.
create table plugin_item (
    id bigint not null primary key,
    installation bigint not null,
    client bigint not null,
    ticket bigint,
    external text,
    key text,
    item text not null,
    refusal text not null,
    state text not null,
    at bigint not null,
    decided_at bigint,
    -- Attachments by the handles of the call that brought them.
    files text not null
);
create index plugin_item_of_installation on plugin_item (installation, id);
create index plugin_item_by_key on plugin_item (installation, key) where key is not null;
create index plugin_item_parked on plugin_item (client, id) where state = 'parked';

-- What was changed on both sides of a mirror.
create table plugin_conflict (
    id bigint not null primary key,
    installation bigint not null,
    client bigint not null,
    ticket bigint not null references ticket (id),
    field text not null,
    ours text not null,
    theirs text not null,
    won text not null,
    why text not null,
    at bigint not null
);
create index plugin_conflict_of_installation on plugin_conflict (installation, id);

-- The log of calls.
create table plugin_call (
    id bigint not null primary key,
    installation bigint not null,
    client bigint not null,
    entry text not null,
    name text,
    job bigint,
    ticket bigint,
    attempt bigint not null,
    started_at bigint not null,
    outcome text not null,
    message text,
    is_retryable bigint not null,
    guest_us bigint not null,
    wall_ms bigint not null,
    memory_bytes bigint not null,
    log text not null,
    requests text not null,
    input text
);
create index plugin_call_of_installation on plugin_call (installation, id);

-- The proof that a request from outside may reach the installation; only its hash.
create table plugin_hook (
    installation bigint not null primary key,
    token_sha256 text not null,
    made_at bigint not null
);

-- What became of an installation, each time with what it was after that; never the secrets.
create table plugin_change (
    id bigint not null primary key,
    installation bigint not null references plugin_installation (id),
    version bigint not null,
    kind text not null,
    package_sha256 text not null references plugin_package (sha256),
    configuration text not null,
    grants text not null,
    secret_names text not null,
    actor text not null,
    at bigint not null
);
create index plugin_change_by_installation on plugin_change (installation, id);
create index plugin_change_by_package on plugin_change (package_sha256);

-- An update that asks for more than the running package, until somebody approves or rejects it.
create table plugin_update (
    installation bigint not null primary key references plugin_installation (id),
    package_sha256 text not null references plugin_package (sha256),
    actor text not null,
    asked_at bigint not null
);

-- Publishers' keys that are trusted; one that is trusted no more stays to be read.
create table plugin_key (
    id bigint not null primary key,
    name text not null,
    public_key text not null,
    key_id text not null,
    added_by text not null,
    added_at bigint not null,
    removed_by text,
    removed_at bigint
);

-- With which key a publisher's packages are signed.
create table plugin_publisher (
    publisher text not null primary key,
    public_key text not null,
    key_id text not null,
    pinned_by text not null,
    pinned_at bigint not null
);

-- Sessions, tokens and reset links: only hashes.
create table session (
    id bigint not null primary key,
    person bigint not null references person (id),
    token_sha256 text not null unique,
    -- The one before the last rotation, taken for a short while so that parallel requests do not fail.
    previous_sha256 text,
    rotated_at bigint not null,
    created_at bigint not null,
    seen_at bigint not null,
    expires_at bigint not null,
    address text not null,
    agent text not null
);
create index session_by_person on session (person, id);
create index session_by_previous on session (previous_sha256) where previous_sha256 is not null;

create table api_token (
    id bigint not null primary key,
    person bigint not null references person (id),
    token_sha256 text not null unique,
    name text not null,
    created_at bigint not null,
    seen_at bigint,
    expires_at bigint
);

create table reset_link (
    token_sha256 text not null primary key,
    person bigint references person (id),
    created_at bigint not null,
    expires_at bigint not null
);

create table reply_draft (
    person bigint not null references person (id),
    ticket bigint not null references ticket (id),
    body text not null,
    visibility text not null,
    saved_at bigint not null,
    primary key (person, ticket)
);

create table saved_view (
    id bigint not null primary key,
    person bigint not null references person (id),
    name text not null,
    query text not null,
    position bigint not null
);
create index saved_view_by_person on saved_view (person, position, id);
