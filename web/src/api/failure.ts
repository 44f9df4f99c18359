// What can go wrong between desk and server, and the words a person reads about it.
import { m } from "$m";
import { language } from "../kit/language.svelte";
import type { Asked } from "./clients";
import { invalidWords, local, thing } from "./invalid";

/** One of several things that are wrong with a request. */
export interface Problem {
  /** "line 7", "put_shifts[3]". */
  at: string;
  code: string;
  message: string;
  /** The part of it that is wrong, such as a column. */
  field?: string | null;
  values?: Record<string, string>;
}

export class ApiFailure extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field: string | null,
    readonly retryAfterSeconds: number | null,
    readonly problems: Problem[] = [],
    /** With `information_missing`: what the step asks for. */
    readonly missing: Asked[] = [],
    /** What the sentence speaks of, by name. */
    readonly values: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

export class OfflineFailure extends Error {
  constructor() {
    super("The server did not answer");
  }
}

type Words = () => string;
const BY_CODE: Record<string, Words> = {
  stale_version: m.error_stale_version,
  draft_changed: m.error_draft_changed,
  shadow_runs: m.error_shadow_runs,
  changed_meanwhile: m.error_changed_meanwhile,
  forbidden: m.error_forbidden,
  other_client: m.error_forbidden,
  not_logged_in: m.error_unauthorized,
  wrong_login: m.error_wrong_login,
  too_many_attempts: m.error_too_many,
  body_too_large: m.error_too_large,
  busy: m.error_busy,
  storage_full: m.error_full,
  setup_is_local: m.error_setup_is_local,
  foreign_origin: m.error_foreign_origin,
  ticket_is_closed: m.error_ticket_is_closed,
  ticket_is_open: m.error_ticket_is_open,
  task_is_over: m.error_task_is_over,
  nothing_to_report: m.error_nothing_to_report,
  report_is_settled: m.error_report_is_settled,
  no_report_waits: m.error_no_report_waits,
  report_is_older: m.error_report_is_older,
  own_report: m.error_own_report,
  rating_not_asked: m.error_rating_not_asked,
  rating_open_again: m.error_rating_open_again,
  rating_lapsed: m.error_rating_lapsed,
  rating_stands: m.error_rating_stands,
  incident_is_over: m.error_incident_is_over,
  hold_is_decided: m.error_hold_is_decided,
  package_in_use: m.error_package_in_use,
  no_timer_runs: m.error_no_timer_runs,
  information_missing: m.error_information_missing,
  workflow_has_errors: m.error_workflow_has_errors,
  nothing_published: m.error_nothing_published,
  nothing_to_take: m.error_nothing_to_take,
  no_queues: m.error_no_queues,
  not_attested: m.error_not_attested,
  client_is_inactive: m.error_client_is_inactive,
  cannot_explain: m.error_cannot_explain,
  not_coordinates: m.error_not_coordinates,
  idempotency_key_reused: m.error_repeat_mixed_up,
  bad_idempotency_key: m.error_repeat_mixed_up,
  wrong_password: m.error_wrong_password,
  bad_token: m.error_bad_token,
  secret_shown_once: m.error_secret_shown_once,
  backtest_running: m.error_backtest_running,
  too_slow: m.error_too_slow,
  broken_body: m.error_upload_broke,
  too_many_uploads_at_once: m.error_uploads_at_once,
  too_many_listeners: m.error_too_many_tabs,
  internal: m.error_internal,
  no_ui: m.error_not_found,
  bad_id: m.error_not_found,
  bad_json: m.error_not_understood,
  bad_query: m.error_not_understood,
  wrong_media_type: m.error_not_understood,
};

/** Somebody was faster: what is shown now is newer than what the change was made from. */
const STALE = ["stale_version", "changed_meanwhile", "draft_changed"];

const askedWord = ({ label, key }: Asked) => (label as Record<string, string>)[language.current] ?? key;

/** Codes whose words speak of the values that the server sends along. */
const BY_VALUES: Record<string, (values: Readonly<Record<string, string>>) => string> = {
  invalid: ({ message = "" }) => m.error_invalid({ message: invalidWords(message) }),
  not_found: ({ what = "", id = "" }) => (what && id ? m.error_not_found_thing({ what: thing(what), id }) : m.error_not_found()),
  already_exists: ({ key = "" }) => (key ? m.error_key_exists({ key }) : m.error_already_exists()),
  person_is_off_duty: ({ name = "" }) => (name ? m.error_named_off_duty({ name }) : m.error_person_is_off_duty()),
  person_cannot_serve: ({ name = "" }) => (name ? m.error_named_cannot_serve({ name }) : m.error_person_cannot_serve()),
  engineer_already_has_order: ({ name = "" }) => (name ? m.error_named_has_order({ name }) : m.error_engineer_already_has_order()),
  shift_overlaps: ({ name = "", from = "", to = "" }) =>
    from ? m.error_shift_overlaps_at({ name, from: local(from), to: local(to) }) : m.error_shift_overlaps(),
  time_is_recorded: ({ from = "", minutes = "" }) => (from ? m.error_time_is_recorded_at({ from: local(from), minutes }) : m.error_time_is_recorded()),
  timer_forgotten: ({ number = "", from = "" }) => (number ? m.error_timer_forgotten_on({ number, from: local(from) }) : m.error_timer_forgotten()),
  agreement_needed: ({ price = "" }) => (price ? m.error_agreement_needed_price({ price }) : m.error_agreement_needed()),
  balance_too_small: ({ needed = "", left = "" }) => (needed ? m.error_balance_too_small_by({ needed, left }) : m.error_balance_too_small()),
  roster_conflicts: ({ count = "" }) => m.error_roster_conflicts({ count }),
  too_many_commands: ({ count_max = "" }) => m.error_too_many_commands({ count_max }),
  unknown_key: ({ given = "", nearest = "" }) => (nearest ? m.error_unknown_key_near({ given, nearest }) : m.error_unknown_key({ given })),
  too_long: ({ bytes = "", bytes_max = "" }) => m.error_too_long({ bytes, bytes_max }),
  too_many: ({ count = "", count_max = "" }) => m.error_too_many_entries({ count, count_max }),
  outcome_not_allowed: ({ allowed = "" }) => m.error_outcome_not_allowed({ allowed }),
  stage_not_next: () => m.error_stage_not_next(),
  report_incomplete: ({ photos = "", documents = "", signatures = "" }) =>
    m.error_report_incomplete({ photos, documents: documents || "—", signatures }),
  report_not_accepted: ({ order = "" }) => m.error_report_not_accepted({ order }),
  roster_has_errors: ({ count = "" }) => m.error_roster_has_errors({ count }),
  in_the_future: ({ at = "" }) => (at ? m.error_in_the_future_at({ at: local(at) }) : m.error_in_the_future()),
  contact_on_tickets: ({ numbers = "" }) => m.error_contact_on_tickets({ numbers }),
  refused_by_workflow: ({ message = "" }) => m.error_refused_by_workflow({ message }),
  too_many_uploads: () => m.error_too_many_uploads(),
  certificate_missing: ({ name = "", certificate = "" }) => m.error_certificate_missing({ name, certificate }),
  package_not_trusted: () => m.error_package_not_trusted(),
  publisher_key_differs: ({ publisher = "", pinned = "", given = "" }) =>
    /^[0-9A-F]+$/.test(given) ? m.error_publisher_key_differs({ publisher, pinned, given }) : m.error_publisher_key_none({ publisher, pinned }),
  plugin_not_installed: ({ plugin = "" }) => m.error_plugin_not_installed({ plugin }),
  plugin_is_off: ({ plugin = "" }) => m.error_plugin_is_off({ plugin }),
  item_is_decided: () => m.error_item_is_decided(),
  person_is_away: ({ name = "", from = "", to = "" }) => m.error_person_is_away({ name, from: local(from), to: local(to) }),
  swap_is_over: () => m.error_swap_is_over(),
  messages_used_up: ({ limit = "" }) => m.error_messages_used_up({ limit }),
  hold_has_grown: ({ count = "", seen = "" }) => m.error_hold_has_grown({ count, seen }),
  version_does_not_fit: () => m.error_version_does_not_fit(),
  draft_unreadable: ({ line = "" }) => m.error_draft_unreadable({ line }),
};

/** Said without values too: an older answer may lack them. */
const WORDS_ALONE = [
  "not_found", "already_exists", "person_is_off_duty", "person_cannot_serve", "engineer_already_has_order", "shift_overlaps",
  "time_is_recorded", "timer_forgotten", "agreement_needed", "balance_too_small", "in_the_future",
];

/** One sentence: what is wrong with one of several; with its column where it has one. */
export function problemWords({ code, message, field = null, values = {} }: Problem): string {
  const words = wordsFor(new ApiFailure(422, code, message, field, null, [], [], values));
  return code === "invalid" && field ? `${field}: ${invalidWords(values.message ?? message)}` : words;
}

/** One sentence: what happened. An unknown code falls back to the server's own (English) sentence. */
export function wordsFor(error: unknown): string {
  if (error instanceof OfflineFailure) return m.error_offline();
  if (error instanceof ApiFailure) {
    const words = BY_CODE[error.code];
    if (words) return [words(), error.missing.map(askedWord).join(", ")].filter(Boolean).join(" ");
    const spoken = BY_VALUES[error.code];
    if (spoken && (Object.keys(error.values).length || WORDS_ALONE.includes(error.code))) return spoken(error.values);
    // What is wrong with a package is told by many codes; each sentence names the place.
    if (error.status === 422 && error.code.startsWith("package_")) return m.error_package_refused({ message: error.values.message ?? error.message });
    if (error.status === 401) return m.error_unauthorized();
    if (error.status === 403) return m.error_forbidden();
    if (error.status === 404) return m.error_not_found();
    if (error.status === 507) return m.error_full();
    if (error.status === 503) return m.error_busy();
    return error.message;
  }
  return m.error_unknown({ detail: error instanceof Error ? error.message : String(error) });
}

/** One sentence: what the person can do now. */
export function adviceFor(error: unknown): string {
  if (error instanceof OfflineFailure) return m.advice_offline();
  if (!(error instanceof ApiFailure)) return m.advice_reload();
  if (error.code === "balance_too_small") return m.advice_add_balance();
  if (error.code === "nothing_published") return m.advice_publish();
  if (error.status === 409) return STALE.includes(error.code) ? m.advice_stale() : m.advice_correct();
  if (error.status === 401) return m.advice_log_in();
  if (error.status === 403) return m.advice_ask_administrator();
  if (error.status === 404) return m.advice_check_link();
  if (error.status === 507) return m.advice_full();
  if (error.status === 429 || error.status === 503) {
    return error.retryAfterSeconds ? m.advice_wait({ seconds: error.retryAfterSeconds }) : m.advice_try_later();
  }
  if (error.status >= 500) return m.advice_try_later();
  return m.advice_correct();
}

/** The words for one form field, when the failure names it. */
export function fieldError(error: unknown, ...fields: string[]): string | null {
  return error instanceof ApiFailure && error.field !== null && fields.includes(error.field) ? wordsFor(error) : null;
}

/** Words for a failure that belongs to none of the fields a form shows. */
export function formError(error: unknown, fields: readonly string[] = []): string | null {
  if (!error) return null;
  if (error instanceof ApiFailure && error.field !== null && fields.includes(error.field)) return null;
  return wordsFor(error);
}
