// Why a run of a client's script failed, in the language of the page. What is not among these is shown as it is.
import { m } from "$m";
import { invalidWords, shaped } from "./invalid";

type Said = [said: string, words: (...values: string[]) => string];

/** As the server writes it, `{}` in place of each value. Of two that fit, the first counts. */
export const FAILURES: Said[] = [
  ["the script took more than {} operations; look for a loop that does not end", (count = "") => m.failure_operations({ count })],
  ["the script took more than {} operations", (count = "") => m.failure_operations_plain({ count })],
  ["the script took more than {} ms", (ms = "") => m.failure_slow({ ms })],
  ["the script held more than {} MiB", (mib = "") => m.failure_memory({ mib })],
  ["functions call one another more than {} deep", (depth = "") => m.failure_deep({ depth })],
  ["the script threw: {}", (said = "") => m.failure_threw({ said })],
  ["`.{}` of nothing: what stands before it is `()`; ask `if x != ()` first", (name = "") => m.failure_nothing({ name })],
  ["{} is wanted here, not {}", (wanted = "", found = "") => m.failure_wanted({ wanted, found })],
  ["a guard changes nothing: it may only `refuse`", () => m.failure_guard()],
  ["this works only while a handler runs", () => m.failure_running()],
  ["a message needs a template or a `text`", () => m.failure_message()],
  ["a priority is from 1 to 5, not {}", (given = "") => m.failure_priority({ given })],
  ["a level is `high`, `medium` or `low`, not `{}`", (given = "") => m.failure_level({ given })],
  ["a text is too large: at most {} bytes", (bytes = "") => m.failure_text({ bytes })],
  ["the number is too large", () => m.failure_number()],
  ["there is no option `{}`; known: {}", (name = "", known = "") => m.failure_option({ name, known })],
  ["there is no template `{}`; known: {}", (name = "", known = "") => m.failure_template({ name, known })],
  ["there is nobody with the login `{}`", (login = "") => m.failure_login({ login })],
  ["`{}` is neither a queue, a role, `assignee` nor anybody's login", (given = "") => m.failure_recipient({ given })],
  ["the ticket stands in no queue: name a `line` to choose among", () => m.failure_no_queue()],
  ["this version of the script has no function `{}`", (name = "") => m.failure_version_function({ name })],
  ["the handlers woke one another without end: stopped after {} runs and {}", (runs = "", time = "") => m.failure_without_end({ runs, time })],
  ["the ticket is closed; reopen it first", () => m.failure_closed()],
  ["the ticket is not closed or resolved, so there is nothing to reopen", () => m.failure_open()],
  ["the task is over; open a new one", () => m.failure_task_over()],
  ["the task may end with {}, not with `{}`", (allowed = "", given = "") => m.failure_outcome({ allowed, given })],
  ["{} is not on duty", (name = "") => m.failure_off_duty({ name })],
  ["{} already has open work order for this ticket", (name = "") => m.failure_has_order({ name })],
  ["{} cannot take tickets of this client without the certificate `{}`", (name = "", certificate = "") => m.failure_cannot_serve({ name, certificate })],
  ["{} cannot take tickets of this client", (name = "") => m.failure_cannot_serve_plain({ name })],
  ["a script may not touch another client's ticket", () => m.failure_foreign()],
  ["the script asked for more than {} commands in one run", (count = "") => m.failure_commands({ count })],
  ["the plugin `{}` is not installed for this client", (plugin = "") => m.failure_plugin({ plugin })],
  ["there is no {} `{}` that you can see", (what = "", id = "") => m.failure_not_seen({ what, id })],
  ["{} has {} bytes; at most {} are taken", (field = "", bytes = "", most = "") => m.failure_too_long({ field, bytes, most })],
  ["{} has {} entries; at most {} are taken", (field = "", count = "", most = "") => m.failure_too_many({ field, count, most })],
];
/** As the language of the scripts itself says it. */
const LANGUAGE: Said[] = [
  ["Variable not found: {}", (name = "") => m.failure_r_variable({ name })],
  ["Function not found: {}", (name = "") => m.failure_r_function({ name })],
  ["Unknown property '{}' for type '{}'", (name = "", kind = "") => m.failure_r_property({ name, kind })],
  ["Data type incorrect: {} (expecting {})", (found = "", wanted = "") => m.failure_r_type({ found, wanted })],
  ["Division by zero: {}", (what = "") => m.failure_r_zero({ what })],
  ["Array index {} out of bounds: only {} elements in array", (index = "", count = "") => m.failure_r_index({ index, count })],
  ["Array index {} out of bounds: array is empty", (index = "") => m.failure_r_empty({ index })],
];

const known = shaped([...FAILURES, ...LANGUAGE]);

function plain(said: string): string {
  const words = known(said);
  if (words !== null) return words;
  // A value of a command that does not fit stands behind its name.
  const [, field, message] = /^([a-z_.]+): (.+)$/s.exec(said) ?? [];
  return field && message ? `${field}: ${invalidWords(message)}` : invalidWords(said);
}

/** The server's sentence, with or without its place. */
export function failureWords(said: string): string {
  const [, line, refusal] = /^line (\d+): (.+)$/s.exec(said) ?? [];
  if (line && refusal) return m.failure_in_line({ line, said: plain(refusal) });
  const [, message, module, at, column] = /^(.+) \((?:([^()]+), )?line (\d+), column (\d+)\)$/s.exec(said) ?? [];
  if (!message || !at || !column) return plain(said);
  return module
    ? m.failure_in_module({ said: plain(message), module, line: at, column })
    : m.failure_at({ said: plain(message), line: at, column });
}
