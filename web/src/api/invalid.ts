// The server's sentences about a value that does not fit, in the language of the page. What is not among them is shown as it is.
import { m } from "$m";
import { language } from "../kit/language.svelte";
import { moment } from "../kit/time";

/** A moment of the server in the reader's own zone; anything else as it is. */
export function local(text: string): string {
  return Number.isNaN(Date.parse(text)) || !text.includes("T") ? text : moment(text, Date.now(), language.current);
}
const SHIFT_KINDS: Record<string, () => string> = { regular: m.roster_regular, on_call: m.roster_on_call, extra: m.roster_extra };
const shiftKind = (word: string) => SHIFT_KINDS[word]?.() ?? word;

/** What a schema expects of a value. */
function shouldBe(what: string): string {
  const [, bound, count] = /^of at (least|most) (\d+) characters$/.exec(what) ?? [];
  if (count) return bound === "least" ? m.invalid_characters_least({ count }) : m.invalid_characters_most({ count });
  const [, known] = /^one of (.+)$/s.exec(what) ?? [];
  return known ? m.invalid_one_of({ known }) : m.invalid_should_be({ what });
}

/** As the server writes it, `{}` in place of each value. Of two that fit, the first counts. */
export const SENTENCES: [said: string, words: (...values: string[]) => string][] = [
  ["must not be empty", () => m.invalid_empty()],
  ["is empty", () => m.invalid_is_empty()],
  ["is needed", () => m.invalid_needed()],
  ["the plugin needs this secret", () => m.invalid_secret_needed()],
  ["a secret has {} to {} bytes", (least = "", most = "") => m.invalid_secret_length({ least, most })],
  ["is switched off: nothing of it runs", () => m.invalid_plugin_off()],
  ["no update to this package waits; read the page again", () => m.invalid_no_update()],
  ["is no minisign public key: one starts with RW and has 56 characters", () => m.invalid_public_key()],
  ["should be {}", (what = "") => shouldBe(what)],
  ["must not contain the character U+0000", () => m.invalid_no_zero()],
  ["must be one line without control characters", () => m.invalid_one_line()],
  ["is not an e-mail address, such as name@example.org", () => m.invalid_email()],
  ["must be 1 to 8 Latin capitals, such as BANK", () => m.invalid_prefix()],
  ["must be #rrggbb, such as #2f6f4f", () => m.invalid_colour()],
  ["must be two capitals (ISO 3166-1), such as KZ", () => m.invalid_country()],
  ["must be without capitals and spaces", () => m.invalid_login()],
  ["a password has at least {} characters", (count = "") => m.invalid_password({ count })],
  ["must come after `from`, which is {}", (from = "") => m.invalid_after({ from: local(from) })],
  ["must come after `from`", () => m.invalid_after_plain()],
  ["must come after `valid_from`, which is {}", (from = "") => m.invalid_after_valid({ from: local(from) })],
  ["lies in the past", () => m.invalid_past()],
  ["must not lie in the future; it is {} now", (now = "") => m.invalid_not_future({ now: local(now) })],
  ["a {} shift lasts at most {} hours", (kind = "", hours = "") => m.invalid_shift_hours({ kind: shiftKind(kind), hours })],
  ["an absence lasts at most {} days", (days = "") => m.invalid_absence_days({ days })],
  ["an extra shift needs a rate_percent, such as 150", () => m.invalid_rate_needed()],
  ["a {} shift has no rate_percent", (kind = "") => m.invalid_rate_refused({ kind: shiftKind(kind) })],
  ["there is no kind `{}`; known: regular, on_call, extra", (given = "") => m.invalid_shift_kind({ given })],
  ["`{}` is not a whole number", (given = "") => m.invalid_whole_number({ given })],
  ["`{}` is not a time: write 2026-12-01 08:00", (given = "") => m.invalid_time({ given })],
  ["`{}` is not a time of day: write 08:00", (given = "") => m.invalid_time_of_day({ given })],
  ["`{}` is not a day of the years {} to {}: write 2026-12-31", (given = "", first = "", last = "") => m.invalid_day({ given, first, last })],
  ["there is no time zone `{}`{}: write an IANA name such as Asia/Almaty", (given = "", hint = "") => {
    const near = /`(.+)`/.exec(hint)?.[1];
    return near ? m.invalid_zone_meant({ given, near }) : m.invalid_zone({ given });
  }],
  ["the head line has no column `{}`", (column = "") => m.invalid_no_column({ column })],
  ["the column `{}` is there twice", (column = "") => m.invalid_two_columns({ column })],
  ["has no row below its head line", () => m.invalid_no_rows()],
  ["is no table: {}", (detail = "") => m.invalid_not_table({ detail })],
  ["{} is not active", (name = "") => m.invalid_inactive_person({ name })],
  ["is a client's person: staff and partners' people have rosters", () => m.invalid_client_person()],
  ["is a shift of the same person; name one of another", () => m.invalid_same_person()],
  ["name at least one shift or absence", () => m.invalid_one_change()],
  ["must be another day than `first_day`", () => m.invalid_same_day()],
  ["nobody of these has a shift that begins in this period", () => m.invalid_nobody_copied()],
  ["no slot of the pattern falls into this period", () => m.invalid_no_slot()],
  ["must be from 0 to {} days after `first_day`", (days = "") => m.invalid_period({ days })],
  ["is there twice in this file", () => m.invalid_twice_in_file()],
  ["there is no kind `{}` of absence; known: vacation, sick, training, other", (given = "") => m.invalid_file_kind({ given })],
  ["must be from 1 to {}; write longer work as several entries", (most = "") => m.invalid_entry_minutes({ most })],
  ["the work would end at {}, which lies in the future", (at = "") => m.invalid_entry_future({ at: local(at) })],
  ["began more than {} days ago: such time is settled", (days = "") => m.invalid_entry_old({ days })],
  ["the timer ran for {} minutes; say less, or add an entry by hand", (minutes = "") => m.invalid_timer_less({ minutes })],
  ["write something or attach a file", () => m.invalid_text_or_file()],
  ["write what those who wait are told", () => m.invalid_inform()],
  ["a ticket cannot be linked to itself", () => m.invalid_link_itself()],
  ["both tickets must be of one client", () => m.invalid_link_client()],
  ["the ticket is a major incident already", () => m.invalid_incident_already()],
  ["the ticket is attached to a major incident; take it off that one first", () => m.invalid_incident_attached()],
  ["the ticket is attached to another major incident; take it off that one first", () => m.invalid_incident_other()],
  ["the ticket and the incident must be of one client", () => m.invalid_incident_client()],
  ["the last active administrator must stay one", () => m.invalid_last_admin()],
  ["it is over already", () => m.invalid_already_over()],
  ["is a named one already", () => m.invalid_contact_named()],
  ["is not a named one", () => m.invalid_contact_not_named()],
  ["the contact is of another sub-client than the ticket; name one of its own, or one of none", () => m.invalid_contact_other_sub()],
  ["the package allows {} named contacts and has {}; take one away first", (most = "", count = "") => m.invalid_names_full({ most, count })],
  ["raise to a smaller number than {}, at least 1", (priority = "") => m.invalid_raise_smaller({ priority })],
  ["the package raises up to priority {}", (priority = "") => m.invalid_raise_most({ priority })],
  ["say which contact of the client agreed to the price", () => m.invalid_agreed_by()],
  ["only a dead job can be replayed", () => m.invalid_job_dead()],
  ["there is no saved draft", () => m.invalid_no_draft()],
  ["{} is not with this person any more; read the list again", (number = "") => m.invalid_not_with_person({ number })],
  ["has an offer of this shift from you already; withdraw that one first", () => m.invalid_swap_already()],
  ["`{}` is mapped already, to {}", (login = "", rest = "") => m.invalid_mapped({ login, rest })],
  ["must be from 1 to {}, the days of the cycle", (most = "") => m.invalid_cycle_day({ most })],
  ["must be from 0 to {}", (most = "") => m.invalid_from_to({ least: "0", most })],
  ["must be from 1 to {}", (most = "") => m.invalid_from_to({ least: "1", most })],
];

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Finds the first sentence that fits, and answers its words; nothing where none does. */
export function shaped(sentences: typeof SENTENCES): (message: string) => string | null {
  const shapes = sentences.map(([said, words]) => ({ shape: new RegExp(`^${said.split("{}").map(escaped).join("(.+)")}$`, "s"), words }));
  return (message) => {
    for (const { shape, words } of shapes) {
      const found = shape.exec(message);
      if (found) return words(...found.slice(1));
    }
    return null;
  };
}

const known = shaped(SENTENCES);

/** The words for what a value must be. */
export const invalidWords = (message: string): string => known(message) ?? localMoments(message);

/** A text with the server's moments in the reader's own zone. */
export const localMoments = (text: string): string => text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, local);

const THINGS: Record<string, () => string> = {
  client: m.thing_client,
  person: m.thing_person,
  ticket: m.thing_ticket,
  contact: m.thing_contact,
  "sub-client": m.thing_sub_client,
  site: m.thing_site,
  asset: m.thing_asset,
  shift: m.thing_shift,
  absence: m.thing_absence,
  queue: m.thing_queue,
  "work order": m.thing_work_order,
  task: m.thing_task,
  pattern: m.thing_pattern,
  offer: m.thing_offer,
  "person with the login": m.thing_person_with_the_login,
  "person with the address": m.thing_person_with_the_address,
  "person who works for the client": m.thing_person_who_works_for_the_client,
  "queue of this person": m.thing_queue_of_this_person,
  calendar: m.thing_calendar,
  status: m.thing_status,
  category: m.thing_category,
  template: m.thing_template,
  resolution: m.thing_resolution,
  outcome: m.thing_outcome,
  service: m.thing_service,
  package: m.thing_package,
  stage: m.thing_stage,
  field: m.thing_field,
  pack: m.thing_pack,
};

/** What a sentence speaks of, after "there is no". */
export const thing = (what: string): string => THINGS[what]?.() ?? what;
