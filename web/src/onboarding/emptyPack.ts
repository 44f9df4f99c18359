// The least that a pack must say, for who does not start from a ready one.
import type { Texts } from "../api/workflow";

export function emptyPack(key: string, name: string, language: string, zone: string): Texts {
  const title = JSON.stringify(name);
  const settings = `key = "${key}"
title = { en = ${title}, ru = ${title} }
language = "${language}"

# Around the clock: no hours.
[calendar]
time_zone = "${zone}"

# Where a ticket goes when the script fails.
[on_failure]
queue = "first_line"

# The first status of a phase is the one that the desk itself sets. In a status that waits, the clocks stand.
[[statuses]]
key = "new"
label = { en = "New", ru = "Новая" }
phase = "new"

[[statuses]]
key = "in_work"
label = { en = "In work", ru = "В работе" }
phase = "open"

[[statuses]]
key = "waiting_for_client"
label = { en = "Waiting for the client", ru = "Ждёт ответа клиента" }
phase = "open"
waits_for = "client"

[[statuses]]
key = "resolved"
label = { en = "Resolved", ru = "Решена" }
phase = "resolved"

[[statuses]]
key = "closed"
label = { en = "Closed", ru = "Закрыта" }
phase = "closed"

[[categories]]
key = "unknown"
label = { en = "Not classified", ru = "Не определена" }
is_default = true

[[queues]]
key = "first_line"
label = { en = "First line", ru = "Первая линия" }
kind = "line"
level = 1
is_default = true

[[resolutions]]
key = "done"
label = { en = "Done", ru = "Сделано" }
`;
  const script = `// What happens to the tickets of ${name.replaceAll("\n", " ")}.

fn on_opened(ticket) {
    ticket.queue("first_line", #{ reason: "New" });
}

fn on_comment(ticket, comment) {
    if comment.author.is_contact && ticket.status == "waiting_for_client" { ticket.status = "in_work"; }
}
`;
  return { script, settings };
}
