// What a settings file has wrong, in words: the code of a fault and its values make a sentence.
import { m } from "$m";
import { kindWord, setWord } from "./kindWords";

/** A fault as the server sends it: what its sentence speaks of stands in its order. */
export interface SettingsFault {
  code: string;
  values: string[];
  message: string;
}

type Words = (values: string[]) => string;
const FAULTS: Record<string, Words> = {
  no_such_zone: ([zone = ""]) => m.fault_no_such_zone({ zone }),
  default_of_site: m.fault_default_of_site as Words,
  not_a_time: ([given = ""]) => m.fault_not_a_time({ given }),
  not_a_date: ([given = ""]) => m.fault_not_a_date({ given }),
  end_before_start: ([from = "", to = ""]) => m.fault_end_before_start({ from, to }),
  last_before_first: ([from = "", to = ""]) => m.fault_last_before_first({ from, to }),
  hours_overlap: ([, one = "", other = ""]) => m.fault_hours_overlap({ one, other }),
  hours_overlap_on_date: ([date = ""]) => m.fault_hours_overlap_on_date({ date }),
  exception_twice: ([date = ""]) => m.fault_exception_twice({ date }),
  exception_too_long: ([days = ""]) => m.fault_exception_too_long({ days }),
  no_day: m.fault_no_day as Words,
  no_open_hour: m.fault_no_open_hour as Words,
  not_a_holiday_key: ([given = ""]) => m.fault_not_a_holiday_key({ given }),
  no_such_holidays: ([given = ""]) => m.fault_no_such_holidays({ given }),
  holidays_twice: ([given = ""]) => m.fault_holidays_twice({ given }),
  calendar_twice: ([given = ""]) => m.fault_twice({ given }),
  no_such_calendar: ([given = ""]) => m.fault_no_such_calendar({ given }),
  stage_twice: ([given = ""]) => m.fault_twice({ given }),
  statuses_or_phase: m.fault_statuses_or_phase as Words,
  phase_too_late: m.fault_too_late as Words,
  status_too_late: m.fault_too_late as Words,
  no_target: m.fault_no_target as Words,
  no_such_stage: ([given = ""]) => m.fault_no_such_stage({ given }),
  not_a_country: m.fault_not_a_country as Words,
  site_and_country: m.fault_site_and_country as Words,
  minutes_out_of_range: ([min = "", max = ""]) => m.fault_minutes({ min, max }),
  response_after_resolution: ([first = "", resolution = ""]) => m.fault_response_after_resolution({ first, resolution }),
  levels_must_rise: ([count = "", percent = ""]) => m.fault_levels({ count, percent }),
  defined_again: ([what = "", given = ""]) => m.fault_defined_again({ what: setWord(what), given }),
  not_among: ([what = "", given = "", known = ""]) => m.fault_not_among({ what: setWord(what), given, known }),
  out_of_range: ([min = "", max = ""]) => m.fault_out_of_range({ min, max }),
  too_many: ([count = "", max = ""]) => m.fault_too_many({ count, max }),
  settings_too_long: ([bytes = "", max = ""]) => m.fault_settings_too_long({ bytes, max }),
  unknown_mark: ([template = "", mark = "", known = ""]) => m.fault_unknown_mark({ template, mark, known }),
  no_status_of_phase: ([phase = ""]) => m.fault_no_status_of_phase({ phase }),
  no_resolution: m.fault_no_resolution as Words,
  no_default_queue: m.fault_no_default_queue as Words,
  named_again: ([given = ""]) => m.fault_named_again({ given }),
  gate_without_default: m.fault_gate_without_default as Words,
  asked_again: ([given = ""]) => m.fault_asked_again({ given }),
  form_asks_nothing: m.fault_form_asks_nothing as Words,
  form_of_one_queue: m.fault_form_of_one_queue as Words,
  form_of_lowest_line: m.fault_form_of_lowest_line as Words,
  form_of_default_category: m.fault_form_of_default_category as Words,
  forms_contradict: ([one = "", other = "", given = ""]) => m.fault_forms_contradict({ one, other, given }),
  hints_differ: ([one = "", other = "", given = ""]) => m.fault_hints_differ({ one, other, given }),
  category_of_two_services: ([category = "", service = ""]) => m.fault_category_of_two_services({ category, service }),
  nobody_has_a_package: m.fault_nobody_has_a_package as Words,
  anybody_may_ask: m.fault_anybody_may_ask as Words,
  channels_of_ours: m.fault_channels_of_ours as Words,
  service_not_said: ([bought = "", service = ""]) => m.fault_service_not_said({ package: bought, service }),
  hours_or_requests: m.fault_hours_or_requests as Words,
  not_included: ([given = ""]) => m.fault_not_included({ given }),
  no_monthly_pack: m.fault_no_monthly_pack as Words,
  amount_missing: m.fault_amount_missing as Words,
  amount_without_balance: m.fault_amount_without_balance as Words,
  price_missing: m.fault_price_missing as Words,
  price_of_nothing: m.fault_price_of_nothing as Words,
  cannot_lead: ([role = ""]) => m.fault_cannot_lead({ role }),
  not_of_phase_open: ([given = "", known = ""]) => m.fault_not_of_phase_open({ given, known }),
  role_outside: ([role = ""]) => m.fault_role_outside({ role }),
  cron_fields: ([cron = ""]) => m.fault_cron_fields({ cron }),
  cron_weekday: ([given = ""]) => m.fault_cron_weekday({ given }),
  cron_unreadable: ([cron = ""]) => m.fault_cron_unreadable({ cron }),
  cron_never: ([cron = ""]) => m.fault_cron_never({ cron }),
  cron_dense: ([cron = "", minutes = ""]) => m.fault_cron_dense({ cron, minutes }),
  package_of_sub_client: ([sub_client = "", bought = ""]) => m.fault_package_of_sub_client({ sub_client, package: bought }),
  unknown_member: ([given = "", known = "", near = ""]) => (near ? m.fault_meant({ given, near }) : m.fault_unknown_member({ given, known })),
  unknown_word: ([given = "", known = "", near = ""]) => (near ? m.fault_meant({ given, near }) : m.fault_unknown_word({ given, known })),
  member_missing: ([name = ""]) => m.fault_member_missing({ name }),
  wrong_type: ([found = "", wanted = ""]) => m.fault_wrong_type({ found: kindWord(found), wanted: kindWord(wanted) }),
  wrong_length: m.fault_wrong_length as Words,
  no_key: ([given = ""]) => m.fault_no_key({ given }),
  toml_text_in_quotes: m.fault_toml_text_in_quotes as Words,
  toml_unexpected: m.fault_toml_unexpected as Words,
  toml_no_value: m.fault_toml_no_value as Words,
  toml_no_equals: m.fault_toml_no_equals as Words,
  toml_equals_again: m.fault_toml_equals_again as Words,
  toml_no_comma: m.fault_toml_no_comma as Words,
  toml_comma_again: m.fault_toml_comma_again as Words,
  toml_not_closed: m.fault_toml_not_closed as Words,
  toml_bad_text: m.fault_toml_bad_text as Words,
  toml_bad_name: m.fault_toml_bad_name as Words,
  toml_bad_number: m.fault_toml_bad_number as Words,
  toml_bad_time: m.fault_toml_bad_time as Words,
  toml_too_deep: m.fault_toml_too_deep as Words,
  toml_line_end: m.fault_toml_line_end as Words,
  toml_name_again: m.fault_toml_name_again as Words,
  toml_unreadable: m.fault_toml_unreadable as Words,
};

/** Codes that have words; two more are about rows of targets. */
export const FAULT_CODES = [...Object.keys(FAULTS), "same_scope", "no_closer_row"];

/** What is wrong, in the reader's language; the server's own sentence where it has no code that we know. `scopeWord` says for
    which tickets a row of targets is. */
export function faultWord(fault: SettingsFault, scopeWord: (criteria: string) => string): string {
  const [one = "", other = "", scope = ""] = fault.values;
  if (fault.code === "same_scope") return m.fault_same_scope({ one, other, scope: scopeWord(scope) });
  if (fault.code === "no_closer_row") return m.fault_no_closer_row({ one, other, scope: scopeWord(scope) });
  return FAULTS[fault.code]?.(fault.values) ?? fault.message;
}
