// The checker's findings in words: a code and its values make a sentence. A code that is not known keeps the server's.
import { m } from "$m";
import type { TestFailure } from "../api/scriptTests";
import type { Finding } from "../api/workflow";
import { faultWord } from "./faultWords";
import { kindWord, setWord } from "./kindWords";
import { BY_SYNTAX } from "./syntaxWords";

export const BY_CODE: Record<string, (values: Readonly<Record<string, string>>) => string> = {
  ...BY_SYNTAX,
  script_too_long: ({ bytes = "", bytes_max = "" }) => m.finding_script_too_long({ bytes, bytes_max }),
  given_up: ({ seconds = "" }) => m.finding_given_up({ seconds }),
  syntax: ({ detail = "" }) => m.finding_syntax({ detail }),
  never_closed: ({ opened = "" }) => m.finding_never_closed({ opened }),
  never_opened: ({ closed = "" }) => m.finding_never_opened({ closed }),
  would_change: () => m.finding_would_change(),
  // The values of a fault come numbered.
  settings: ({ detail = "", fault = "", ...values }) =>
    m.finding_settings({ detail: faultWord({ code: fault, values: Object.values(values), message: detail }, (scope) => scope) }),
  unknown_variable: ({ name = "" }) => m.finding_unknown_variable({ name }),
  missing_token: ({ token = "" }) => m.finding_missing_token({ token }),
  ends_too_early: () => m.finding_ends_too_early(),
  defined_twice: ({ name = "" }) => m.finding_defined_twice({ name }),
  reserved_word: ({ name = "" }) => m.finding_reserved_word({ name }),
  key_twice: ({ name = "" }) => m.finding_key_twice({ name }),
  import_circle: ({ path = "" }) => m.finding_import_circle({ path }),
  no_module: ({ path = "" }) => m.finding_no_module({ path }),
  handler_takes: ({ name = "", params = "", given = "" }) => m.finding_handler_takes({ name, params, given }),
  no_handler: ({ name = "" }) => m.finding_no_handler({ name }),
  no_key: ({ what = "", given = "" }) => m.finding_no_key({ what: setWord(what), given }),
  condition_kind: ({ kind = "" }) => m.finding_condition_kind({ kind: kindWord(kind) }),
  forbidden_word: ({ name = "" }) => m.finding_forbidden_word({ name }),
  takes: ({ name = "", needed = "", most = "", given = "" }) =>
    m.finding_takes({ name, count: needed === most ? most : m.finding_range({ needed, most }), given }),
  no_function: ({ name = "" }) => m.finding_no_function({ name }),
  continuation_takes: ({ name = "", signature = "", count = "" }) => m.finding_continuation_takes({ name, signature, count }),
  ladder_circle: ({ from = "", to = "" }) => m.finding_ladder_circle({ from, to }),
  is_method: ({ name = "" }) => m.finding_is_method({ name }),
  is_property: ({ name = "" }) => m.finding_is_property({ name }),
  no_property: ({ owner = "", name = "" }) => m.finding_no_property({ owner, name }),
  no_method: ({ owner = "", name = "" }) => m.finding_no_method({ owner, name }),
  no_method_anywhere: ({ name = "" }) => m.finding_no_method_anywhere({ name }),
  cannot_be_set: ({ owner = "", name = "" }) => m.finding_cannot_be_set({ owner, name }),
  set_by_method: ({ owner = "", name = "" }) => m.finding_set_by_method({ owner, name }),
  no_plugin_function: ({ plugin = "", function: called = "" }) => m.finding_no_plugin_function({ plugin, function: called }),
  kind_wanted: ({ wanted = "", found = "" }) => m.finding_kind_wanted({ wanted: kindWord(wanted), found: kindWord(found) }),
  span_wanted: ({ wanted = "", found = "" }) => m.finding_span_wanted({ wanted: kindWord(wanted), found: kindWord(found) }),
  no_option: ({ name = "" }) => m.finding_no_option({ name }),
  goes_as_field: ({ name = "" }) => m.finding_goes_as_field({ name }),
  sub_client_setting: ({ sub_client = "", name = "" }) => m.finding_sub_client_setting({ sub_client, name }),
  sub_client_setting_type: ({ sub_client = "", name = "", found = "", usual = "" }) => m.finding_sub_client_setting_type({ sub_client, name, found, usual }),
  endless_loop: () => m.finding_endless_loop(),
  guard_asks: ({ guard = "", what = "" }) => m.finding_guard_asks({ guard, what }),
  guard_leads: ({ guard = "", called = "", what = "", line = "" }) => m.finding_guard_leads({ guard, called, what, line }),
  nothing_to_refuse: ({ name = "", guards = "" }) => m.finding_nothing_to_refuse({ name, guards }),
  recipient_kind: ({ place = "", kind = "" }) => m.finding_recipient_kind({ place, kind }),
  no_recipient: ({ place = "", given = "" }) => m.finding_no_recipient({ place, given }),
  only_login: ({ place = "", given = "" }) => m.finding_only_login({ place, given }),
  choice_without_choices: ({ field = "" }) => m.finding_choice_without_choices({ field }),
  setting_names: ({ place = "", what = "", given = "" }) => m.finding_setting_names({ place, what: setWord(what), given }),
  person_left: ({ login = "" }) => m.finding_person_left({ login }),
  queue_of_nobody: ({ queue = "" }) => m.finding_queue_of_nobody({ queue }),
  queues_of_nobody: () => m.finding_queues_of_nobody(),
  role_of_nobody: ({ role = "" }) => m.finding_role_of_nobody({ role }),
  plugin_missing: ({ plugin = "" }) => m.finding_plugin_missing({ plugin }),
  plugin_off: ({ plugin = "" }) => m.finding_plugin_off({ plugin }),
  nobody_suits: ({ what = "", given = "" }) => m.finding_nobody_suits({ what: setWord(what), given }),
  not_there: ({ place = "", what = "", given = "" }) => m.finding_not_there({ place, what: setWord(what), given }),
  label_given: ({ what = "", given = "", key = "" }) => m.finding_label_given({ what: setWord(what), given, key }),
  quotes_missing: ({ name = "" }) => m.finding_quotes_missing({ name }),
  number_in_quotes: ({ given = "" }) => m.finding_number_in_quotes({ given }),
  never_reached: ({ word = "" }) => m.finding_never_reached({ word }),
  never_equal: ({ one = "", other = "" }) => m.finding_never_equal({ one: kindWord(one), other: kindWord(other) }),
  other_language: ({ word = "", right = "" }) => m.finding_other_language({ word, right }),
  single_quotes: ({ text = "" }) => m.finding_single_quotes({ text }),
};

/** What is wrong, without what was probably meant. */
export const findingWords = ({ code, values, message }: Finding): string => BY_CODE[code]?.(values) ?? message;

const LIMITS: Record<string, (values: { max: string }) => string> = {
  test_operations: m.test_operations,
  test_time: m.test_time,
  test_depth: m.test_depth,
  test_size: m.test_size,
};

/** Why a test failed: a limit in the reader's language, anything else as the server says it. */
export const failureWords = ({ code = "", values, message }: Pick<TestFailure, "code" | "values" | "message">): string =>
  LIMITS[code]?.({ max: values?.["max"] ?? "" }) ?? message;
