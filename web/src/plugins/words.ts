// What a plugin asks for, what became of it and what its signature is worth, in plain words.
import { m } from "$m";
import type { Asked, Package, PluginChange } from "../api/plugins";
import type { Tone } from "../kit/tone";

type Word = () => string;

const EVENTS: Record<string, Word> = {
  ticket_opened: m.plugins_event_ticket_opened, status_changed: m.plugins_event_status_changed, priority_changed: m.plugins_event_priority_changed,
  category_changed: m.plugins_event_category_changed, subject_changed: m.plugins_event_subject_changed, field_changed: m.plugins_event_field_changed,
  comment_added: m.plugins_event_comment_added, attachment_added: m.plugins_event_attachment_added, assigned: m.plugins_event_assigned,
  queued: m.plugins_event_queued, resolved: m.plugins_event_resolved, closed: m.plugins_event_closed, reopened: m.plugins_event_reopened,
  tagged: m.plugins_event_tagged, work_order_changed: m.plugins_event_work_order_changed, rated: m.plugins_event_rated,
};
const FIELDS: Record<string, Word> = {
  id: m.plugins_field_id, number: m.plugins_field_number, subject: m.plugins_field_subject, description: m.plugins_field_description,
  status: m.plugins_field_status, category: m.plugins_field_category, impact: m.plugins_field_impact, urgency: m.plugins_field_urgency,
  priority: m.plugins_field_priority, queue: m.plugins_field_queue, assignee: m.plugins_field_assignee, site: m.plugins_field_site,
  asset: m.plugins_field_asset, contact: m.plugins_field_contact, fields: m.plugins_field_fields, tags: m.plugins_field_tags,
  created_at: m.plugins_field_created_at, resolved_at: m.plugins_field_resolved_at, closed_at: m.plugins_field_closed_at,
  url: m.plugins_field_url, external: m.plugins_field_external, comments: m.plugins_field_comments,
  internal_comments: m.plugins_field_internal_comments, files: m.plugins_field_files,
};
const COMMANDS: Record<string, Word> = {
  upsert: m.plugins_command_upsert, comment: m.plugins_command_comment, status: m.plugins_command_status, resolve: m.plugins_command_resolve,
  close: m.plugins_command_close, reopen: m.plugins_command_reopen, fields: m.plugins_command_fields, priority: m.plugins_command_priority,
  tags: m.plugins_command_tags, queue: m.plugins_command_queue, link: m.plugins_command_link, unlink: m.plugins_command_unlink,
  attach: m.plugins_command_attach, notice: m.plugins_command_notice, rate: m.plugins_command_rate,
};
const word = (words: Record<string, Word>, key: string) => words[key]?.() ?? key;

/** One ability as a sentence; `host` overrides what a setting that is being typed says. */
export function askedWords(one: Asked, host = one.value): string {
  switch (one.kind) {
    case "host":
      if (!one.setting) return m.plugins_can_host({ host });
      return host ? m.plugins_can_host_setting({ host, setting: one.setting }) : m.plugins_can_host_open({ setting: one.setting });
    case "event": return m.plugins_can_event({ what: word(EVENTS, one.value) });
    case "field": return m.plugins_can_field({ what: word(FIELDS, one.value) });
    case "command": return m.plugins_can_command({ what: word(COMMANDS, one.value) });
    case "webhook": return m.plugins_can_webhook({ path: one.value });
    case "poll": return m.plugins_can_poll({ every: one.value });
    case "kv": return m.plugins_can_kv();
    case "blob": return m.plugins_can_blob();
  }
}

const GROUPS: [Word, Asked["kind"][]][] = [
  [m.plugins_group_network, ["host", "webhook", "poll"]], [m.plugins_group_events, ["event"]], [m.plugins_group_data, ["field", "blob"]],
  [m.plugins_group_changes, ["command"]], [m.plugins_group_own, ["kv"]],
];

/** What is asked for, group by group; empty groups are left out. */
export function grouped(asked: Asked[]): { title: string; all: Asked[] }[] {
  const groups = GROUPS.map(([title, kinds]) => ({ title: title(), all: asked.filter((one) => kinds.includes(one.kind)) }));
  return groups.filter((group) => group.all.length > 0);
}

const SIGNATURES: Record<string, [Word, Tone]> = {
  trusted: [m.plugins_signed, "on-time"], unsigned: [m.plugins_unsigned, "at-risk"], unknown_key: [m.plugins_unknown_key, "at-risk"],
  modified: [m.plugins_modified, "overdue"], unreadable: [m.plugins_unreadable, "overdue"],
};

export function signatureWord(one: Pick<Package, "signature"> & Partial<Pick<Package, "key_name">>): string {
  if (one.signature === "trusted" && one.key_name) return m.plugins_signed_by({ name: one.key_name });
  return (SIGNATURES[one.signature] ?? SIGNATURES.unsigned!)[0]();
}
export const signatureTone = (one: Pick<Package, "signature">): Tone => (SIGNATURES[one.signature] ?? SIGNATURES.unsigned!)[1];
/** Whether a person has to say that they know. */
export const needsWord = (one: Pick<Package, "signature">) => one.signature !== "trusted";

const CHANGES: Record<string, (of: { version: string }) => string> = {
  installed: m.plugins_kind_installed, changed: m.plugins_kind_changed, updated: m.plugins_kind_updated, update_asked: m.plugins_kind_update_asked,
  update_approved: m.plugins_kind_update_approved, update_rejected: m.plugins_kind_update_rejected, rolled_back: m.plugins_kind_rolled_back,
  switched_on: m.plugins_kind_switched_on, switched_off: m.plugins_kind_switched_off, uninstalled: m.plugins_kind_uninstalled,
};
export const changeWord = (one: PluginChange) => CHANGES[one.kind]?.({ version: one.package_version }) ?? one.kind;
