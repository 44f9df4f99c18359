//! Every route of the server, as one list.

use axum::Router;
use axum::routing::get;
use serde_json::Value;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

use super::api::{Api, Operation, Repeat};
use super::app::App;
use super::reference::{self, Reference};
use super::{
    account, assets, attachments, auth, backtest, classification, contract, editing, foreign_logins, headers,
    holds, incidents, live, login, metrics, onboarding, operations, people, personal, plugin_desk,
    plugin_hooks, plugins, publish, ratings, ready_packs, records, roster, runs, script_api, script_tests,
    setup, shadow, state_graph, status, swaps, ticket_steps, tickets, time, time_entries, time_settings,
    watch, work, workflow,
};
use crate::commands::version_preview::MovePreview;
use crate::domain::client::{Client, Contact, Site, SubClient};
use crate::domain::command::{
    ApplyShiftPattern, ChangeRoster, CopyRoster, HandOver, ImportRoster, ImportRosterCalendar,
    MapForeignLogin, NameSpecialist, OfferSwap, OpenTicket, PutAbsence, PutAsset, PutClient, PutContact,
    PutPerson, PutShift, PutShiftPattern, PutSite, PutSubClient, SwapShifts,
};
use crate::domain::person::{Partner, Person};
use crate::rehearsal::backtest::{BacktestPage, Survey, WholeBacktest};
use crate::views;

/// Answers shorter than this are sent as they are.
const PACKED_BYTES_MIN: u16 = 1_024;

// A request that holds a password leaves no trace, not even its hash; so its key cannot be remembered.
const HARMLESS_LINK: Repeat =
    Repeat::Harmless("The token works once: a second time it is answered 404 and changes nothing.");
const HARMLESS_LOGIN: Repeat =
    Repeat::Harmless("A second time it starts one more session of the same person.");
const HARMLESS_PASSWORD: Repeat = Repeat::Harmless(
    "A second time it is answered 422 `wrong_password`, because the new password is the present one by then.",
);
const HARMLESS_BACKTEST: Repeat = Repeat::Harmless(
    "It saves nothing. While one runs a second is answered 409 `backtest_running`; later it is played again.",
);
const HARMLESS_CANCEL: Repeat = Repeat::Harmless("What has ended stays as it is.");
const HARMLESS_CHECK: Repeat = Repeat::Harmless("It saves nothing.");

const HARMLESS_INSTALL: Repeat = Repeat::Harmless(
    "It may hold secrets, of which nothing is remembered. A second time it is answered 409 `already_exists`.",
);
const HARMLESS_SETTINGS: Repeat = Repeat::Harmless(
    "It may hold secrets, of which nothing is remembered. A second time it is answered 409 `stale_version`.",
);
const HARMLESS_TRIAL: Repeat =
    Repeat::Harmless("It changes nothing here; what the plugin asks of the other side, it asks again.");

/// All routes, ready to serve.
pub fn routes(app: App) -> Router {
    let (api, operations, document) = api().into_parts();
    let reference = Reference::new(&operations, &document);
    let packed = SizeAbove::new(PACKED_BYTES_MIN)
        .and(NotForContentType::SSE)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::const_new("application/octet-stream"));
    api.merge(around(reference))
        .fallback(assets::serve)
        .method_not_allowed_fallback(assets::not_allowed)
        .layer(axum::middleware::from_fn_with_state(app.clone(), auth::recognise))
        .layer(CompressionLayer::new().compress_when(packed))
        .layer(axum::middleware::from_fn_with_state(app.clone(), headers::protect))
        .layer(axum::middleware::from_fn_with_state(app.clone(), metrics::count))
        .with_state(app)
}

/// The OpenAPI document, for tools that generate clients.
#[must_use]
pub fn openapi() -> Value {
    api().into_parts().2
}

/// Every operation, for tests that walk through all of them.
#[must_use]
pub fn operations() -> Vec<(&'static str, &'static str)> {
    let operations: Vec<Operation> = api().into_parts().1;
    operations.iter().map(|operation| (operation.method, operation.path)).collect()
}

fn around(reference: Reference) -> Router<App> {
    let Reference { document, page } = reference;
    Router::new()
        .route("/api", get(|| async move { reference::show_page(page) }))
        .route("/api/reference.css", get(|| async { reference::show_style() }))
        .route("/api/openapi.json", get(|| async move { reference::show_document(document) }))
        .route(script_api::DEFINITIONS_PATH, get(script_api::definitions))
        .route("/healthz", get(status::health))
        .route("/readyz", get(status::readiness))
        .route(auth::METRICS_PATH, get(metrics::show))
        .route(
            "/api/v1/plugin-hooks/{installation}/{token}/{path}",
            get(plugin_hooks::receive).post(plugin_hooks::receive).put(plugin_hooks::receive),
        )
}

// The lists below are kept one route a line, so that they can be read as lists.
fn api() -> Api {
    let mut api = Api::default();
    account_routes(&mut api);
    ticket_routes(&mut api);
    step_routes(&mut api);
    work_routes(&mut api);
    watch_routes(&mut api);
    record_routes(&mut api);
    people_routes(&mut api);
    roster_routes(&mut api);
    workflow_routes(&mut api);
    plugin_routes(&mut api);
    operation_routes(&mut api);
    personal_routes(&mut api);
    report_routes(&mut api);
    time_routes(&mut api);
    incident_routes(&mut api);
    handover_routes(&mut api);
    api
}

#[rustfmt::skip]
fn account_routes(api: &mut Api) {
    api.section("Set-up and account");
    api.get("/setup", "Whether nobody can log in yet.", setup::state).open().answers::<setup::SetupState>();
    api.post("/setup", "Makes the first administrator and logs in; with the token that the console printed, from the machine itself.", setup::set_up).open().repeats(HARMLESS_LINK).body::<setup::Setup>().answers::<views::me::Me>();
    api.post("/session", "Logs in and sets the session cookie.", login::log_in).open().repeats(HARMLESS_LOGIN).body::<login::Login>().answers::<views::me::Me>();
    api.get("/session", "Who is logged in and what the screens may offer.", login::me).answers::<views::me::Me>();
    api.delete("/session", "Logs out.", login::log_out);
    api.get("/sessions", "The caller's sessions.", account::sessions).gives_all::<views::session::SessionLine>();
    api.post("/sessions/{id}/revoke", "Ends one of the caller's sessions.", account::revoke_session);
    api.post("/password", "Changes the caller's password; other sessions end.", account::change_password).repeats(HARMLESS_PASSWORD).body::<account::ChangePassword>();
    api.get("/reset/{token}", "Whom a reset link is for.", login::reset_for).open().answers::<views::session::ResetFor>();
    api.post("/reset", "Chooses a password with a reset link and logs in.", login::reset).open().repeats(HARMLESS_LINK).body::<login::Reset>().answers::<views::me::Me>();
    api.get("/tokens", "The caller's API tokens.", account::tokens).gives_all::<views::session::TokenLine>();
    api.post("/tokens", "Makes an API token; its secret is shown once. Only for a session: a token cannot make another.", account::make_token).repeats(Repeat::SecretOnce).body::<account::MakeToken>().answers::<account::TokenMade>();
    api.post("/tokens/{id}/revoke", "Revokes one of the caller's API tokens.", account::revoke_token);
    api.post("/me", "Changes the caller's own language, time zone, or whether they are on duty.", account::change_own).does::<account::OwnSettings>();
}

#[rustfmt::skip]
fn ticket_routes(api: &mut Api) {
    api.section("Tickets");
    api.get("/tickets", "Tickets that the caller may see.", tickets::list).query::<super::query::TicketListQuery>().lists::<views::ticket_row::TicketRow>();
    api.post("/tickets", "Opens a ticket.", tickets::open).does::<OpenTicket>();
    api.get("/counts", "Numbers for the rail; each stops at 1,000.", tickets::counts).query::<tickets::CountsQuery>().answers::<views::ticket_list::Counts>();
    api.get("/tickets/{id}", "A ticket's page, by id or by number such as BANK-1042.", tickets::page).answers::<views::ticket_page::TicketPage>();
    api.get("/tickets/{id}/timeline", "What happened, the newest page first.", tickets::timeline).query::<super::query::PageQuery>().lists::<views::timeline::TimelineEvent>();
    api.get("/tickets/{id}/script-test", "A script test written from the ticket's history, with made-up people and words, that passes with the version that the ticket is on; saves nothing. For who administers the client.", script_tests::write).answers::<crate::rehearsal::written_test::WrittenTest>();
    api.get("/tickets/{id}/ledger", "Where the ticket's time went: pieces, sums, and the clock of each target.", time::ledger).answers::<views::ledger::LedgerPage>();
    api.get("/tickets/{id}/recompute", "What counting the ticket's time anew would change; saves nothing.", time::compare).query::<time::RecountQuery>().answers::<crate::commands::recount::Recount>();
    api.get("/tickets/{id}/candidates", "Engineers for a visit, ranked, each with the reason; without a query, what the site and the asset ask for.", tickets::engineers).query::<tickets::EngineerQuery>().gives_all::<views::candidates::CandidateLine>();
    api.get("/tickets/{id}/assignees", "Members of a queue for an assignment, ranked.", tickets::assignees).query::<tickets::AssigneeListQuery>().gives_all::<views::candidates::CandidateLine>();
    api.get("/tickets/{id}/coverage", "What the contract says of the ticket, and how the month stands; for staff and the client's own people.", contract::coverage).answers::<views::contract::CoverageLine>();
    api.get("/tickets/{id}/runs", "Runs of the client's script on the ticket.", tickets::runs).gives_all::<views::run::RunSummary>();
    api.get("/tickets/{id}/draft", "The caller's unsent reply.", tickets::draft).answers::<tickets::DraftAnswer>();
    api.put("/tickets/{id}/draft", "Keeps the caller's unsent reply.", tickets::save_draft).body::<tickets::SaveReplyDraft>();
    api.delete("/tickets/{id}/draft", "Forgets the caller's unsent reply.", tickets::remove_draft);
    api.post("/attachments", "Uploads a file: the body is its bytes, Content-Type its type. A command must name it within a day.", attachments::put).query::<attachments::UploadQuery>().answers::<views::attachment::AttachmentLine>();
    api.get("/attachments/{id}", "The bytes of a file.", attachments::get).query::<attachments::DownloadQuery>();
    api.get("/runs/{id}", "A run of a client's script: what it read and asked for.", runs::get).answers::<views::run::RunDetail>();
    api.get("/runs/{id}/explain", "Why the script did what it did: branches, what decided them, and the values they saw.", runs::explain);
    api.get("/runs/{id}/outcomes", "What the run's handler could have asked for.", runs::outcomes).answers::<runs::Outcomes>();
    api.get("/runs/{id}/why-not", "What stopped the run on the way to one of its outcomes: the conditions, the first that was not as it had to be, and the values that it saw.", runs::why_not).query::<runs::WhyNotQuery>().answers::<crate::commands::why::WhyNot>();
    api.get("/live", "Changes as they happen (server-sent events); Last-Event-ID brings what was missed.", live::listen).query::<live::LiveQuery>();
}

#[rustfmt::skip]
fn incident_routes(api: &mut Api) {
    use crate::domain::command::{ChangeIncident, DeclareIncident, EndIncident};
    api.section("Major incidents and duplicates");
    api.get("/incidents", "Major incidents of the clients whose tickets the caller reads, the latest first.", incidents::list).query::<incidents::IncidentListQuery>().lists::<views::incident::IncidentLine>();
    api.get("/incidents/matching", "Open incidents whose rule a request that is being written down fits.", incidents::matching).query::<incidents::RequestQuery>().gives_all::<views::incident::IncidentLine>();
    api.get("/incidents/{id}", "A major incident, by its parent ticket; its tickets are the ticket list with `incident`.", incidents::page).answers::<views::incident::IncidentPage>();
    api.post("/incidents", "Declares a ticket a major incident.", incidents::declare).does::<DeclareIncident>();
    api.post("/incidents/change", "Changes the rule or the texts of an incident.", incidents::change).does::<ChangeIncident>();
    api.post("/incidents/end", "Ends an incident; says what becomes of the attached tickets.", incidents::end).does::<EndIncident>();
    api.post("/incidents/{id}/updates", "One update for every attached ticket that is not closed.", incidents::send_update).does::<incidents::SendIncidentUpdate>();
    api.post("/incidents/{id}/gather", "Attaches tickets that were open before and that the rule fits.", incidents::gather).does::<ticket_steps::Nothing>();
    api.post("/tickets/{id}/incident", "Attaches the ticket to a major incident.", incidents::attach).does::<incidents::AttachToIncident>();
    api.post("/tickets/{id}/incident/remove", "Takes the ticket off its major incident; the rule leaves it alone from then on.", incidents::detach).does::<ticket_steps::Nothing>();
    api.get("/tickets/{id}/similar", "Open tickets of the client that may be about the same, the likeliest first, with the reasons.", incidents::similar).gives_all::<views::similar::SimilarLine>();
    api.get("/similar", "The same for a request that is being written down.", incidents::similar_to_request).query::<incidents::RequestQuery>().gives_all::<views::similar::SimilarLine>();
}

#[rustfmt::skip]
fn step_routes(api: &mut Api) {
    use ticket_steps as steps;
    api.section("Steps on a ticket");
    api.post("/tickets/{id}/changes", "Changes fields of the ticket.", steps::change).does::<steps::ChangeTicket>();
    api.post("/tickets/{id}/raise-priority", "Raises the priority on the terms of the client's package; what is not free must have been agreed to.", contract::raise).does::<contract::RaisePriorityHere>();
    api.post("/tickets/{id}/comments", "A public reply or an internal note.", steps::comment).does::<steps::AddComment>();
    api.post("/tickets/{id}/rating", "The ticket's contact answers the question how it was dealt with; again within ten minutes replaces the answer, later it stands.", steps::rate).does::<steps::RateTicketHere>();
    api.post("/tickets/{id}/attachments", "Hangs uploaded files on the ticket.", steps::attach).does::<steps::AddAttachments>();
    api.post("/tickets/{id}/assign", "Gives the ticket to a person.", steps::assign).does::<steps::AssignTicket>();
    api.post("/tickets/{id}/accept", "The assignee accepts the ticket.", steps::accept).does::<steps::AcceptTicket>();
    api.post("/tickets/{id}/unassign", "Takes the ticket from its assignee.", steps::unassign).does::<steps::UnassignTicket>();
    api.post("/tickets/{id}/queue", "Hands the ticket over to a support line or a department.", steps::queue).does::<steps::QueueTicket>();
    api.post("/tickets/{id}/resolve", "The request is met.", steps::resolve).does::<steps::ResolveTicket>();
    api.post("/tickets/{id}/close", "The ticket is over.", steps::close).does::<steps::CloseTicket>();
    api.post("/tickets/{id}/reopen", "Work goes on.", steps::reopen).does::<steps::ReopenTicket>();
    api.post("/tickets/{id}/tags", "Adds and removes tags.", steps::change_tags).does::<steps::ChangeTags>();
    api.post("/tickets/{id}/links", "Links the ticket to another.", steps::link).does::<steps::LinkTickets>();
    api.post("/tickets/{id}/links/remove", "Removes a link.", steps::unlink).does::<steps::UnlinkTickets>();
    api.post("/tickets/{id}/duplicate", "Closes the ticket as a duplicate of another.", steps::mark_duplicate).does::<steps::MarkDuplicate>();
    api.post("/tickets/{id}/watchers", "Adds a watcher.", steps::add_watcher).does::<steps::AddWatcher>();
    api.post("/tickets/{id}/watchers/remove", "Removes a watcher.", steps::remove_watcher).does::<steps::RemoveWatcher>();
    api.post("/tickets/{id}/clear-mark", "Somebody has dealt with the failed script.", steps::clear_mark).does::<steps::ClearMark>();
    api.post("/tickets/{id}/tasks", "Opens a task for a department.", steps::open_task).does::<steps::OpenTaskHere>();
    api.post("/tickets/{id}/dispatch", "Offers a work order to the engineer who suits best.", steps::dispatch).does::<steps::Dispatch>();
    api.post("/tickets/{id}/work-orders", "Offers a work order to an engineer.", steps::open_work_order).does::<steps::OpenWorkOrder>();
    api.post("/tickets/{id}/timers", "Starts a timer.", steps::start_timer).does::<steps::StartTimer>();
    api.post("/tickets/{id}/timers/{name}/cancel", "Stops a timer.", steps::cancel_timer).does::<steps::Nothing>();
    api.post("/tickets/{id}/recompute", "Moves the ticket to a version of its pack and to its place as it is now, and counts its time anew.", super::time::recompute).does::<super::time::Recompute>();
    api.post("/tickets/{id}/notify", "Notifies somebody about the ticket.", steps::notify).does::<steps::Notify>();
}

#[rustfmt::skip]
fn work_routes(api: &mut Api) {
    api.section("Tasks and work orders");
    api.get("/tasks", "Tasks of the caller's departments or organisation; of clients seen whole, all.", work::tasks).query::<work::TaskListQuery>().lists::<views::work::TaskLine>();
    api.get("/tasks/{id}", "One task.", work::task).answers::<views::work::TaskLine>();
    api.post("/tasks/{id}/take", "Takes a task.", work::take_task).does::<ticket_steps::Nothing>();
    api.post("/tasks/{id}/finish", "Ends a task with an outcome.", work::finish_task).does::<work::FinishTask>();
    api.post("/tasks/{id}/cancel", "Cancels a task.", work::cancel_task).does::<work::CancelTask>();
    api.get("/work-orders", "The caller's work orders; of clients seen whole, all.", work::work_orders).query::<work::OrderListQuery>().lists::<views::work::WorkOrderLine>();
    api.get("/work-orders/{id}", "One work order.", work::work_order).answers::<views::work::WorkOrderLine>();
    api.post("/work-orders/{id}/advance", "Moves a work order to its next stage.", work::advance).does::<work::Advance>();
    api.post("/work-orders/{id}/notes", "A word for the engineer on the way.", work::send_note).does::<work::SendOrderNote>();
    api.post("/work-orders/{id}/reports", "Hands in what the visit left: photos, documents, signed acts.", work::hand_in_report).does::<work::HandIn>();
    api.post("/work-orders/{id}/verdict", "Accepts the report of a visit, returns it with its defects, or lets the ticket go on without one.", work::judge_report).does::<work::Judge>();
}

#[rustfmt::skip]
fn watch_routes(api: &mut Api) {
    api.section("Queues and alarms");
    api.get("/supervision", "Queues, who is there, arrivals against their norm, and alarms that stand; of clients seen whole.", watch::supervisor).query::<watch::WatchQuery>().answers::<views::watch::SupervisorPage>();
    api.get("/board", "A column for each queue with its most pressing tickets; of clients seen whole.", watch::board).query::<watch::WatchQuery>().answers::<views::board::Board>();
    api.get("/clients/{id}/alarms", "A client's latest alarms, those that ended too.", watch::alarms).gives_all::<views::watch::AlarmLine>();
    api.post("/alarms/{id}/acknowledge", "A supervisor has seen an alarm and deals with it.", watch::acknowledge).does::<watch::AcknowledgeAlarm>();
    api.get("/holds", "Messages of scripts beyond their budget, of clients whom the caller supervises: what waits with its count and samples, then what was decided last of each client.", holds::list).query::<watch::WatchQuery>().gives_all::<views::hold::HoldLine>();
    api.get("/holds/{id}/messages", "All messages of a hold that are left, the oldest first.", holds::messages).query::<super::query::PageQuery>().lists::<views::hold::HeldLine>();
    api.post("/holds/{id}/approve", "Lets the messages of a hold go out, in turns; a message to somebody who was deactivated since is left out. The hour of its handler begins anew, so that the next message is not held at once.", holds::approve).does::<holds::ApproveHere>();
    api.post("/holds/{id}/discard", "Discards the messages of a hold, in turns; each ticket's story says so.", holds::discard).does::<holds::DiscardHere>();
    api.post("/next-ticket", "Gives the caller the ticket that is best taken now, of the queues that they are a member of; `note` says why.", watch::take_next).does::<watch::TakeNext>();
}

#[rustfmt::skip]
fn record_routes(api: &mut Api) {
    use records as of;
    api.section("Clients and their records");
    api.get("/clients", "Clients whom the caller meets.", of::clients).query::<super::query::SearchQuery>().lists::<Client>();
    api.post("/clients", "Makes a client.", of::make_client).does::<PutClient>();
    api.get("/clients/{id}", "One client.", of::client).answers::<Client>();
    api.post("/clients/{id}", "Changes a client.", of::change_client).does::<PutClient>();
    api.get("/vocabularies", "Labels of every client whom the caller meets.", of::vocabularies).gives_all::<views::vocabulary::Vocabulary>();
    api.get("/clients/{id}/vocabulary", "Labels of one client.", of::vocabulary).answers::<views::vocabulary::Vocabulary>();
    api.get("/clients/{id}/holidays", "Holiday lists of a client, the newest import of each.", super::time::holidays).gives_all::<views::holidays::HolidayListLine>();
    api.post("/clients/{id}/holidays", "Imports a holiday list from an iCalendar file.", super::time::put_holidays).does::<super::time::PutHolidays>();
    api.get("/clients/{id}/contract", "The contract of a client or a sub-client: package, matrix, named contacts, how a month stands. Staff who read the client whole, and its own people.", contract::show).query::<contract::ContractQuery>().answers::<views::contract::ContractPage>();
    api.post("/clients/{id}/named-contacts", "Names a contact as one who may ask, or takes the name away.", contract::name_contact).does::<contract::NameContact>();
    api.post("/clients/{id}/balance", "Adds to the balance of a month, or takes from it.", contract::adjust).does::<contract::AdjustBalanceHere>();
    api.get("/sub-clients", "Sub-clients.", of::sub_clients).query::<of::RecordListQuery>().lists::<SubClient>();
    api.post("/sub-clients", "Makes a sub-client.", of::make_sub_client).does::<PutSubClient>();
    api.get("/sub-clients/{id}", "One sub-client.", of::sub_client).answers::<SubClient>();
    api.post("/sub-clients/{id}", "Changes a sub-client.", of::change_sub_client).does::<PutSubClient>();
    api.get("/sites", "Sites.", of::sites).query::<of::RecordListQuery>().lists::<Site>();
    api.post("/sites", "Makes a site.", of::make_site).does::<PutSite>();
    api.get("/sites/{id}", "One site.", of::site).answers::<Site>();
    api.post("/sites/{id}", "Changes a site.", of::change_site).does::<PutSite>();
    api.get("/assets", "Assets.", of::assets).query::<of::RecordListQuery>().lists::<views::places::AssetLine>();
    api.post("/assets", "Makes an asset.", of::make_asset).does::<PutAsset>();
    api.get("/assets/{id}", "One asset.", of::asset).answers::<views::places::AssetLine>();
    api.post("/assets/{id}", "Changes an asset.", of::change_asset).does::<PutAsset>();
    api.get("/contacts", "Contacts.", of::contacts).query::<of::RecordListQuery>().lists::<Contact>();
    api.post("/contacts", "Makes a contact.", of::make_contact).does::<PutContact>();
    api.get("/contacts/{id}", "One contact.", of::contact).answers::<Contact>();
    api.post("/contacts/{id}", "Changes a contact.", of::change_contact).does::<PutContact>();
}

#[rustfmt::skip]
fn people_routes(api: &mut Api) {
    api.section("People and partners");
    api.get("/people", "Administrators see everybody, other staff the active staff.", people::list).query::<people::PersonListQuery>().lists::<Person>();
    api.post("/people", "Makes a person.", people::make).does::<PutPerson>();
    api.get("/people/{id}", "One person.", people::get).answers::<Person>();
    api.post("/people/{id}", "Changes a person.", people::change).does::<PutPerson>();
    api.get("/people/{id}/access", "Roles and memberships.", people::access).answers::<views::person_list::AccessLine>();
    api.post("/people/{id}/access", "Sets roles and memberships, whole.", people::set_access).does::<people::SetAccess>();
    api.post("/people/{id}/reset-link", "Makes the person's only link for choosing a password.", login::make_reset_link).repeats(Repeat::SecretOnce).answers::<login::ResetLinkMade>();
    api.get("/territories", "Countries, cities and districts that have sites, as a person's territories are written; for staff.", people::territories).gives_all::<views::territory::TerritoryLine>();
    api.get("/specialists", "Specialists and technical managers of a client, or what a person is a specialist of.", people::specialists).query::<people::SpecialistListQuery>().gives_all::<views::specialist::SpecialistLine>();
    api.post("/specialists", "Names a person a specialist of a client, a model or a category, or a client's technical manager.", people::name_specialist).does::<NameSpecialist>();
    api.post("/specialists/{id}/end", "Ends what somebody is a specialist of; the past stays as it was.", people::end_specialist).does::<people::EndSpeciality>();
    api.get("/foreign-logins", "Whose the log-ins of a client's own desk are.", foreign_logins::list).query::<foreign_logins::ForeignLoginQuery>().gives_all::<views::foreign_login::ForeignLoginLine>();
    api.post("/foreign-logins", "Says whose a log-in of a client's own desk is; an import gives that person the tickets that are assigned to it.", foreign_logins::map).does::<MapForeignLogin>();
    api.post("/foreign-logins/{id}/end", "Ends that a log-in is somebody's; what was imported stays as it was.", foreign_logins::end).does::<foreign_logins::EndForeignLogin>();
    api.get("/partners", "Partner organisations.", records::partners).query::<records::PartnerQuery>().gives_all::<Partner>();
    api.post("/partners", "Makes a partner organisation.", records::make_partner).does::<records::PutPartner>();
    api.get("/partners/{id}", "One partner organisation.", records::partner).answers::<Partner>();
    api.post("/partners/{id}", "Changes a partner organisation.", records::change_partner).does::<records::PutPartner>();
}

#[rustfmt::skip]
fn roster_routes(api: &mut Api) {
    api.section("Rosters");
    api.get("/roster", "Shifts and absences of a period; staff see everybody's, others their own.", roster::show).query::<roster::RosterListQuery>().answers::<views::roster::RosterPage>();
    api.get("/roster.csv", "The shifts that the caller keeps, as a table that can be imported again.", roster::table).query::<roster::RosterListQuery>();
    api.get("/roster/gaps", "Stretches of a queue's period in which fewer people are on shift than wanted.", roster::gaps).query::<roster::RosterGapQuery>().gives_all::<crate::domain::roster::Gap>();
    api.get("/roster/unrested", "Who is planned in the period for too long without a rest (`[roster] rest_hours` of the clients' packs), as far as the caller sees the shifts.", roster::unrested).query::<roster::RosterListQuery>().gives_all::<views::roster::UnrestedLine>();
    api.get("/roster/closed-days", "Days on which the calendars of the clients whom the caller meets are closed.", roster::closed_days).query::<roster::ClosedDaysQuery>().gives_all::<views::roster::ClosedDay>();
    api.post("/roster/change", "Makes, changes and removes shifts and absences. All of it, or none: every conflict is named.", roster::change).does::<ChangeRoster>();
    api.post("/roster/copy", "Copies shifts to another day on; local hours stay. All of them, or none.", roster::copy).does::<CopyRoster>();
    api.post("/roster/import", "Takes shifts from a table. All of them, or none: every wrong row is named.", roster::import).does::<ImportRoster>();
    api.get("/roster.ics", "The roster that the caller sees, as an iCalendar file; for who keeps everybody's, it can be imported again.", roster::calendar).query::<roster::RosterListQuery>();
    api.post("/roster/import-calendar", "Takes shifts and absences from an iCalendar file. All of them, or none: every wrong event is named.", roster::import_calendar).does::<ImportRosterCalendar>();
    api.get("/roster/patterns", "Shift patterns, by name.", roster::patterns).gives_all::<crate::domain::roster::ShiftPattern>();
    api.post("/roster/patterns", "Makes a shift pattern.", roster::make_pattern).does::<PutShiftPattern>();
    api.post("/roster/patterns/{id}", "Changes a shift pattern; shifts that were made by it stay.", roster::change_pattern).does::<PutShiftPattern>();
    api.post("/roster/patterns/{id}/remove", "Removes a shift pattern; shifts that were made by it stay.", roster::remove_pattern).does::<roster::RemoveFromRoster>();
    api.post("/roster/apply-pattern", "Makes the shifts of a pattern over a period. All of them, or none: every conflict is named.", roster::apply_pattern).does::<ApplyShiftPattern>();
    api.post("/shifts", "Makes a shift.", roster::make_shift).does::<PutShift>();
    api.post("/shifts/swap", "Two people take each other's shift.", roster::swap).does::<SwapShifts>();
    api.post("/shifts/{id}", "Changes a shift.", roster::change_shift).does::<PutShift>();
    api.post("/shifts/{id}/remove", "Removes a shift.", roster::remove_shift).does::<roster::RemoveFromRoster>();
    api.get("/swaps", "Shifts that the caller offered or was offered, open or over for at most a week, and those that wait for the caller's word as a supervisor; `answers` says what the caller can say to each.", swaps::list).gives_all::<views::swap::SwapLine>();
    api.post("/swaps", "Offers one's own shift to a colleague, with or without one of theirs in return.", swaps::offer).does::<OfferSwap>();
    api.post("/swaps/{id}/answer", "Accepts, declines or withdraws an offer, or approves or refuses it where a client wants a supervisor's word (`[roster] swaps` of its pack). The roster changes with the last yes; other offers of the same shifts lapse.", swaps::answer).does::<swaps::SayToSwap>();
    api.post("/absences", "Makes an absence.", roster::make_absence).does::<PutAbsence>();
    api.post("/absences/{id}", "Changes an absence.", roster::change_absence).does::<PutAbsence>();
    api.post("/absences/{id}/remove", "Removes an absence.", roster::remove_absence).does::<roster::RemoveFromRoster>();
}

#[rustfmt::skip]
fn workflow_routes(api: &mut Api) {
    use views::workflow_page as shown;
    api.section("Workflow of a client");
    api.get("/script-api", "What workflow scripts can say: handlers, functions, types, each with an example; descriptions in English or, with `?language=ru`, in Russian.", script_api::show).query::<script_api::ReferenceQuery>().answers::<crate::commands::script_api::Reference>();
    api.get("/clients/{id}/workflow", "What is published, the draft, and how the script fares.", workflow::page).answers::<shown::WorkflowPage>();
    api.get("/clients/{id}/workflow/versions", "Published versions, newest first.", workflow::versions).query::<super::query::PageQuery>().lists::<shown::VersionLine>();
    api.get("/clients/{id}/workflow/versions/{version}", "A version with its texts.", workflow::version).answers::<shown::VersionTexts>();
    api.post("/clients/{id}/workflow/check", "Checks texts and saves nothing.", workflow::check).repeats(HARMLESS_CHECK).body::<workflow::PackTexts>().answers::<workflow::Findings>();
    api.get("/clients/{id}/workflow/references", "What the published version names and the desk does not have any more: people who left, queues and roles of nobody, plugins.", workflow::references).answers::<workflow::DeadReferences>();
    api.post("/clients/{id}/workflow/complete", "What can stand at the cursor of texts that are being typed, also where they have mistakes: members of what stands before the dot, keys of the client's own, options, names. Nothing in comments. Saves nothing.", editing::complete).repeats(HARMLESS_CHECK).body::<editing::TypedTexts>().answers::<crate::commands::pack_editing::Completion>();
    api.post("/clients/{id}/workflow/signature", "The call between whose brackets the cursor stands, and at which of its parameters; saves nothing.", editing::signature).repeats(HARMLESS_CHECK).body::<editing::TypedTexts>().answers::<editing::SignatureAnswer>();
    api.post("/clients/{id}/workflow/definition", "Where that is defined on which the cursor stands: a line of the texts, a shared module, or an entry of the script API; saves nothing.", editing::definition).repeats(HARMLESS_CHECK).body::<editing::TypedTexts>().answers::<editing::DefinitionAnswer>();
    api.post("/clients/{id}/workflow/format", "A script in its usual form: only white space changes, comments and texts stay. A script with brackets that do not fit is left as it is, with a finding. Saves nothing.", editing::format).repeats(HARMLESS_CHECK).body::<editing::ScriptText>().answers::<crate::commands::pack_editing::Formatted>();
    api.post("/clients/{id}/workflow/draft", "Saves the draft.", workflow::save_draft).does::<workflow::PackTexts>();
    api.get("/clients/{id}/workflow/tests", "The script tests that are kept beside the draft.", script_tests::get).answers::<views::pack_tests::KeptTests>();
    api.post("/clients/{id}/workflow/tests", "Puts these script tests in place of those that are kept.", script_tests::save).does::<script_tests::TestTexts>();
    api.post("/clients/{id}/workflow/tests/run", "Runs script tests against these texts on a desk of their own, and counts what of the script ran; saves nothing. Bounded to 15 seconds.", script_tests::run).repeats(HARMLESS_CHECK).body::<script_tests::RunTests>().answers::<crate::rehearsal::script_tests::Report>();
    api.get("/clients/{id}/workflow/packs", "Packs that come with the desk and what each needs, to start the workflow from.", ready_packs::list).answers::<ready_packs::ReadyPacks>();
    api.post("/clients/{id}/workflow/start", "Makes the texts of a pack the draft, keeps its holiday lists, and its tests in place of those that are kept; publishes nothing. A draft that is not the one that `replaces` names, or tests that are not those of `replaces_tests`, stay: 409 `draft_changed`.", ready_packs::start).does::<ready_packs::StartWorkflow>();
    api.get("/clients/{id}/workflow/words", "Zone, language, and what statuses and queues of the draft are called.", onboarding::words).answers::<views::onboarding::WordsPage>();
    api.post("/clients/{id}/workflow/words", "Writes zone, language and the names of statuses and queues into the draft, whose other lines and comments stay as they are. A status or queue that is not named is left out; what the settings need stays: 422 `invalid`.", onboarding::change).does::<onboarding::ChangeWords>();
    api.get("/clients/{id}/workflow/prerequisites", "What the draft needs beside its texts, counted now: people in its queues, partners, certificates, plugins, places.", onboarding::prerequisites).gives_all::<views::onboarding::Prerequisite>();
    api.get("/clients/{id}/workflow/time", "Calendars, targets and stages of the draft and of the published version.", time_settings::show).answers::<views::time_settings::TimePage>();
    api.post("/clients/{id}/workflow/time", "Writes calendars, targets and stages into the draft, whose other lines stay as they are. What is wrong is named by its way, such as `time.sla.2.priority`.", time_settings::change).does::<time_settings::ChangeTimeSettings>();
    api.post("/clients/{id}/workflow/time/preview", "When each target of a ticket would be due, and by what row, calendar and days; saves nothing.", time_settings::preview).repeats(HARMLESS_CHECK).body::<crate::commands::time_preview::AskPreview>().answers::<crate::commands::time_preview::PreviewAnswer>();
    api.post("/clients/{id}/workflow/time/month", "The days of a month of a calendar: open minutes, hours, and why; saves nothing.", time_settings::month).repeats(HARMLESS_CHECK).body::<crate::commands::time_preview::AskMonth>().answers::<crate::commands::time_preview::MonthAnswer>();
    api.get("/clients/{id}/recompute", "How many open tickets are counted by other rules than those that are published; for supervisors.", time::recount_offer).answers::<views::recount::RecountOffer>();
    api.get("/clients/{id}/recompute/tickets", "What counting the client's open tickets anew would change, a page at a time; saves nothing. Each is recomputed with POST /tickets/{id}/recompute.", time::compare_client).query::<time::ClientRecountQuery>().answers::<crate::commands::recount_client::ClientRecount>();
    api.post("/clients/{id}/workflow/backtest", "Replays a window of the client's past with the draft, or the texts that are sent along, and with the published version; answers at once. Nothing of the desk is changed. One at a time; the result is kept for 12 hours or until a restart.", backtest::start).repeats(HARMLESS_BACKTEST).body::<backtest::StartBacktest>().answers::<BacktestPage>();
    api.get("/clients/{id}/workflow/backtest", "How far the client's last back-test is, and what it found.", backtest::page).answers::<backtest::LastBacktest>();
    api.post("/clients/{id}/workflow/backtest/cancel", "Ends the back-test that runs.", backtest::cancel).repeats(HARMLESS_CANCEL).body::<ticket_steps::Nothing>().answers::<BacktestPage>();
    api.get("/clients/{id}/workflow/backtest/window", "How many commands about how many tickets the client has between two moments, and since when; to choose a window by.", backtest::window).query::<backtest::BacktestWindowQuery>().answers::<Survey>();
    api.get("/clients/{id}/workflow/backtest/report", "The last back-test's report with both timelines of the first 1,000 tickets that differ, as a file.", backtest::report).answers::<WholeBacktest<'static>>();
    api.get("/clients/{id}/workflow/backtest/tickets", "Tickets of which the last back-test found a difference.", backtest::tickets).query::<backtest::BacktestTicketsQuery>().lists::<backtest::BacktestTicket>();
    api.get("/clients/{id}/workflow/backtest/tickets/{ticket}", "What happened on a ticket in both runs of the last back-test.", backtest::timelines).answers::<backtest::BacktestTimelines>();
    api.post("/clients/{id}/workflow/shadow", "Lets the saved draft, as it is now, decide beside the published version for so many hours: on each event of a ticket that follows the published version both are asked over the same facts, and only what the published one wants is done. One of a client at a time; it ends by itself, when something is published, when the draft fails 20 times, or when it takes too much time. What an earlier one found is forgotten.", shadow::start).does::<shadow::StartShadowHere>();
    api.get("/clients/{id}/workflow/shadow", "The client's last shadow: until when, why it ended, and how its runs compare.", shadow::page).answers::<views::shadow::ShadowPage>();
    api.post("/clients/{id}/workflow/shadow/stop", "Ends the client's shadow; what it found stays to be read.", shadow::stop).does::<ticket_steps::Nothing>();
    api.get("/clients/{id}/workflow/shadow/differences", "Runs in which the draft wanted something else, newest first. The same is: the same commands in the same order, the same no of a guard, or the same failure. What would have followed from the draft's commands nobody knows: the ticket goes the published version's way.", shadow::differences).query::<super::query::PageQuery>().lists::<views::shadow::DifferenceLine>();
    api.get("/clients/{id}/workflow/rates", "Runs and failures of the client's script by handler, of the last hour, 24 hours and 30 days.", shadow::rates).gives_all::<views::script_rates::HandlerRates>();
    api.get("/clients/{id}/workflow/graph", "Where the script can lead a ticket and where tickets really went in the last 30 days: between statuses, between queues, to departments and on from their answers. What the script computes only when it runs is shown as unknown.", state_graph::page).query::<state_graph::GraphQuery>().answers::<state_graph::GraphPage>();
    api.get("/clients/{id}/workflow/graph/tickets", "The tickets behind a number of the graph, latest first.", state_graph::tickets).query::<state_graph::MovedQuery>().lists::<views::traffic::MovedTicket>();
    api.post("/clients/{id}/workflow/publish", "Publishes the draft, or the texts that are sent along: for new tickets, or with `reach` for open ones too.", publish::publish).does::<publish::Publish>();
    api.post("/clients/{id}/workflow/roll-back", "Publishes an older version once more.", publish::roll_back).does::<publish::RollBack>();
    api.post("/clients/{id}/workflow/open-tickets/preview", "What publishing for open tickets too would do to each of them, a page at a time; saves nothing.", publish::preview).repeats(HARMLESS_CHECK).body::<publish::AskMove>().answers::<MovePreview>();
    api.get("/clients/{id}/workflow/open-tickets", "How far the last move of the client's open tickets to another version is.", publish::stand).answers::<views::version_move::MovePage>();
    api.get("/clients/{id}/workflow/open-tickets/stayed", "Tickets that the last move left on their version, and why.", publish::stays).query::<super::query::PageQuery>().lists::<views::version_move::StayLine>();
    api.post("/clients/{id}/workflow/release", "Lets a quarantined script run again.", workflow::release).does::<ticket_steps::Nothing>();
}

#[rustfmt::skip]
fn operation_routes(api: &mut Api) {
    use views::operations as shown;
    api.section("Jobs, outbox");
    api.get("/jobs", "Outside work: dead jobs unless the query says otherwise.", operations::jobs).query::<operations::JobListQuery>().lists::<shown::JobLine>();
    api.post("/jobs/{id}/replay", "Runs a dead job once more.", operations::replay).does::<ticket_steps::Nothing>();
    api.post("/jobs/{id}/drop", "Gives a dead job up.", operations::drop_job).does::<operations::DropJob>();
    api.get("/outbox", "Whether nothing goes out until a person lets it.", operations::outbox).answers::<operations::Outbox>();
    api.post("/outbox/release", "Lets the outbox of a restored desk go out.", operations::release_outbox).does::<ticket_steps::Nothing>();
}

#[rustfmt::skip]
fn plugin_routes(api: &mut Api) {
    use plugin_desk as order;
    use views::plugin as shown;
    api.section("Plugins");
    api.get("/plugin-packages", "Packages that are stored here, for administrators of any client.", plugins::packages).gives_all::<shown::PackageLine>();
    api.post("/plugin-packages", "Keeps a package: the body is the component, Content-Type application/wasm. It is judged and compiled, and runs for nobody until it is installed. Refused with the reason: no component, damaged, an unknown import, a manifest that is wrong, a signature that is not of this package, another key than the publisher's.", plugins::keep).query::<plugins::KeepQuery>().answers::<crate::commands::Done>();
    api.get("/plugin-packages/{sha256}", "A package and what it asks for.", plugins::package).answers::<plugins::PackagePage>();
    api.post("/plugin-packages/{sha256}/forget", "Removes a package that was never installed.", plugins::forget).does::<ticket_steps::Nothing>();
    api.get("/plugin-keys", "Publishers' keys that the desk trusts; the operator's settings may name more.", plugins::keys).gives_all::<shown::KeyLine>();
    api.post("/plugin-keys", "Trusts a publisher's minisign key; stored packages are judged anew.", plugins::trust).does::<order::TrustOrder>();
    api.post("/plugin-keys/{id}/remove", "Trusts a key no more; what is installed goes on and is shown for what it is.", plugins::distrust).does::<ticket_steps::Nothing>();
    api.get("/plugin-publishers", "With which key each publisher's packages are signed: the first one that was installed.", plugins::publishers).gives_all::<shown::PublisherLine>();
    api.post("/plugin-publishers/{publisher}/pin", "Takes another key for the publisher's, on purpose.", plugins::pin).does::<plugins::PinOrder>();
    api.get("/plugin-installations", "Plugins that work for clients.", plugins::installations).query::<plugins::InstallationQuery>().gives_all::<shown::InstallationLine>();
    api.post("/plugin-installations", "Installs a stored package for a client, with settings, secrets and what is granted of that which it asks for.", plugins::install).repeats(HARMLESS_INSTALL).does::<order::InstallOrder>();
    api.get("/plugin-installations/{id}", "An installation: what its package asks for and what is granted, its history, the update that waits.", plugins::installation).answers::<plugins::InstallationDetail>();
    api.post("/plugin-installations/{id}/state", "Switches a plugin on or off.", plugins::set_state).does::<plugins::SetState>();
    api.post("/plugin-installations/{id}/settings", "Changes settings, secrets and grants.", plugins::change).repeats(HARMLESS_SETTINGS).does::<order::ChangeOrder>();
    api.post("/plugin-installations/{id}/update", "Goes over to another package. One that asks for more than the package that runs waits for approval; until then the other runs on.", plugins::update).does::<order::UpdateOrder>();
    api.post("/plugin-installations/{id}/update/approve", "Approves the update that waits, with what is granted of that which it asks for.", plugins::approve).repeats(HARMLESS_SETTINGS).does::<order::ApproveOrder>();
    api.post("/plugin-installations/{id}/update/reject", "Rejects the update that waits.", plugins::reject).does::<ticket_steps::Nothing>();
    api.post("/plugin-installations/{id}/roll-back", "Goes back to a package that ran before, with the settings and the grant that it had; secrets stay as they are.", plugins::roll_back).does::<order::RollBackOrder>();
    api.post("/plugin-installations/{id}/hook-token", "Makes a new address for requests from outside to a plugin (its webhooks) and answers it, this once: `url`, after which the path of a webhook goes. An older address is worth nothing any more.", plugin_hooks::renew).repeats(Repeat::SecretOnce).body::<ticket_steps::Nothing>().answers::<plugin_hooks::HookTokenMade>();
    api.post("/plugin-installations/{id}/uninstall", "Uninstalls a plugin: settings, secrets and grant are erased.", plugins::uninstall).does::<plugins::Uninstall>();
    api.post("/plugin-installations/{id}/try", "Calls a function for a test; nothing of the desk is changed.", plugins::try_out).repeats(HARMLESS_TRIAL).body::<order::Trial>().answers::<order::TrialResult>();
}

#[rustfmt::skip]
fn report_routes(api: &mut Api) {
    api.section("Reports");
    api.get("/reports/time", "Minutes of a period by client, kind, queue, person and partner, as JSON or CSV; adds up with the tickets' ledgers.", time::report).query::<time::TimeReportQuery>().answers::<views::time_report::TimeReport>();
    api.get("/reports/entries", "Recorded work of a period by client, sub-client, person and kind, as JSON or CSV; for clients whom the caller supervises.", time_entries::report).query::<time_entries::EntriesReportQuery>().answers::<views::time_entries::EntriesReport>();
}

#[rustfmt::skip]
fn handover_routes(api: &mut Api) {
    api.section("Handover");
    api.get("/handover", "Open tickets of a person (without one, of the caller), and who would get each by the clients' rules as things stand now.", roster::handover).query::<roster::HandoverQuery>().gives_all::<views::handover::HandoverLine>();
    api.post("/handover", "Hands open tickets over, each as its client's rule says, with a summary and a note. Each goes or is refused alone: `handed_over` says in the order asked where it is now (`person`, `queue`, `kept`) or, as `refused`, the error that it would have been answered alone; nothing of a refused one is changed.", roster::hand_over).does::<HandOver>();
}

#[rustfmt::skip]
fn time_routes(api: &mut Api) {
    use views::time_entries as shown;
    api.section("Recorded time");
    api.get("/tickets/{id}/time", "Work that people recorded on a ticket, and the timers that run on it; for staff.", time_entries::of_ticket).answers::<shown::TicketTime>();
    api.post("/tickets/{id}/time", "Records work on a ticket. An entry that overlaps with another one of the person is taken, with a warning; the same one again is refused.", time_entries::record).does::<time_entries::RecordTicketTime>();
    api.post("/tickets/{id}/timer", "Starts the caller's timer on a ticket; one that runs elsewhere is stopped and recorded.", time_entries::start_timer).does::<ticket_steps::Nothing>();
    api.get("/time", "The caller's entries that began in a period.", time_entries::own).query::<time_entries::TimeSheetQuery>().answers::<shown::TimeSheet>();
    api.post("/time/{id}", "Changes an entry; what it said before stays in the ticket's history.", time_entries::change).does::<time_entries::ChangeTimeEntry>();
    api.post("/time/{id}/take-back", "Takes an entry back: it counts nothing and stays to be read.", time_entries::take_back).does::<time_entries::TakeTimeBack>();
    api.get("/timer", "The caller's timer.", time_entries::own_timer).answers::<shown::OwnTimer>();
    api.post("/timer/stop", "Stops the caller's timer and records it, or discards it. One that ran for more than 720 minutes needs the minutes.", time_entries::stop_timer).does::<crate::domain::command::StopwatchEnd>();
    api.get("/reports/ratings", "Ratings that were asked for in a period, by client and person, as JSON or CSV; CSAT is the share of scores 4 and 5. For clients whom the caller supervises.", ratings::report).query::<time::TimeReportQuery>().answers::<views::rating::RatingReport>();
    api.get("/reports/classification", "Tickets closed in a period and how many of them were left at the defaults, by client, queue and person, as JSON or CSV; the ticket list with `is_unclassified`, `closed_from` and `closed_to` shows them.", classification::report).query::<time::TimeReportQuery>().answers::<views::classification_report::ClassificationReport>();
}

#[rustfmt::skip]
fn personal_routes(api: &mut Api) {
    api.section("Notifications and saved views");
    api.get("/notifications", "The caller's notifications, newest first.", personal::notifications).query::<personal::NotificationQuery>().lists::<views::me::NotificationLine>();
    api.post("/notifications/read", "Marks notifications as read.", personal::read_notifications).does::<personal::ReadNotifications>();
    api.get("/views", "The caller's saved views.", personal::views).gives_all::<views::me::SavedViewLine>();
    api.post("/views", "Saves a view.", personal::make_view).body::<personal::PutView>().answers::<views::me::SavedViewLine>();
    api.put("/views/{id}", "Changes a saved view.", personal::change_view).body::<personal::PutView>().answers::<views::me::SavedViewLine>();
    api.delete("/views/{id}", "Removes a saved view.", personal::remove_view);
}
