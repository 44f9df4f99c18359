// What checks speak of: sets of keys and kinds of values, in words.
import { m } from "$m";

const SETS: Record<string, () => string> = {
  status: m.set_status,
  category: m.set_category,
  queue: m.set_queue,
  department: m.set_department,
  "support line": m.set_support_line,
  resolution: m.set_resolution,
  "work order outcome": m.set_work_order_outcome,
  "task outcome": m.set_task_outcome,
  template: m.set_template,
  timer: m.set_timer,
  schedule: m.set_schedule,
  phase: m.set_phase,
  field: m.set_field,
  "work order stage": m.set_work_order_stage,
  level: m.set_level,
  "SLA target": m.set_sla_target,
  "status or milestone": m.set_status_or_milestone,
  "expectable stage": m.set_expectable_stage,
  "stage of a task": m.set_stage_of_a_task,
  service: m.set_service,
  package: m.set_package,
  reason: m.set_reason,
  strategy: m.set_strategy,
  "changeable thing": m.set_changeable_thing,
  attempt: m.set_attempt,
  channel: m.set_channel,
  setting: m.set_setting,
  plugin: m.set_plugin,
  "function of the plugin": m.set_function_of_the_plugin,
  key: m.set_key,
  "queue, role or person": m.set_queue_role_or_person,
  "person with the login": m.set_person_with_the_login,
  "state of time": m.set_state_of_time,
  certificate: m.set_certificate,
  language: m.set_language,
  city: m.set_city,
  grade: m.set_grade,
  "partner organisation": m.set_partner_organisation,
  "sub-client": m.set_sub_client,
  site: m.set_site,
  calendar: m.set_calendar,
  "kind of work": m.set_kind_of_work,
  "kind of document": m.set_kind_of_document,
  "field of this form": m.set_field_of_this_form,
};
const KINDS: Record<string, () => string> = {
  any: m.kind_any,
  "true or false": m.kind_true_or_false,
  number: m.kind_number,
  text: m.kind_text,
  map: m.kind_map,
  array: m.kind_array,
  list: m.kind_list,
  table: m.kind_table,
  time: m.kind_time,
  flag: m.kind_true_or_false,
  "something else": m.kind_something_else,
  options: m.kind_options,
  "Moment, Span or WorkingSpan": m.kind_moment_span_or_workingspan,
  "Person or login": m.kind_person_or_login,
  "key of your own": m.kind_key_of_your_own,
};

/** What a set of keys holds. */
export const setWord = (what: string): string => SETS[what]?.() ?? what;

/** What a value is; types of the script API keep their names. */
export function kindWord(kind: string): string {
  const keyOf = /^key of an? (.+)$/.exec(kind)?.[1];
  if (keyOf) return m.kind_key_of({ what: setWord(keyOf) });
  const listOf = /^(?:list|array) of (.+)$/.exec(kind)?.[1];
  if (listOf) return m.kind_list_of({ of: kindWord(listOf) });
  return KINDS[kind]?.() ?? SETS[kind]?.() ?? kind;
}
