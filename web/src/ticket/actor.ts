// What whoever acted is called.
import { m } from "$m";
import type { Actor } from "../api/tickets";

export function actorName(actor: Actor): string {
  switch (actor.kind) {
    case "person": return actor.name ?? m.kit_unknown();
    case "script": return m.ticket_by_script();
    case "clock": return m.ticket_by_clock();
    case "plugin": return m.ticket_by_plugin({ name: actor.name ?? "" });
    case "import": return m.ticket_by_import();
    default: return m.ticket_by_system();
  }
}
