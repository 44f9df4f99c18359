// Where the rail and the palette lead, by what the person may see.
import BookUser from "@lucide/svelte/icons/book-user";
import Bell from "@lucide/svelte/icons/bell";
import Boxes from "@lucide/svelte/icons/boxes";
import Building2 from "@lucide/svelte/icons/building-2";
import Inbox from "@lucide/svelte/icons/inbox";
import ListChecks from "@lucide/svelte/icons/list-checks";
import MapPin from "@lucide/svelte/icons/map-pin";
import Plug from "@lucide/svelte/icons/plug";
import Workflow from "@lucide/svelte/icons/workflow";
import UserRound from "@lucide/svelte/icons/user-round";
import type { Component } from "svelte";
import { m } from "$m";
import { session } from "./session.svelte";

export interface Destination {
  path: string;
  label: () => string;
  icon: Component<{ size?: number }>;
  /** Shown to those who run the desk, not to those who only work its tickets. */
  forRunning?: true;
}

const ALL: Destination[] = [
  { path: "/inbox", label: m.shell_inbox, icon: Inbox },
  { path: "/clients", label: m.shell_clients, icon: Building2 },
  { path: "/assets", label: m.shell_assets, icon: Boxes },
  { path: "/sites", label: m.shell_sites, icon: MapPin },
  { path: "/people", label: m.shell_people, icon: BookUser },
  { path: "/workflows", label: m.shell_workflows, icon: Workflow, forRunning: true },
  { path: "/jobs", label: m.shell_jobs, icon: ListChecks, forRunning: true },
  { path: "/plugins", label: m.shell_plugins, icon: Plug, forRunning: true },
];

/** A person's own places: in the rail's foot on a wide screen, in the menu on a phone. */
export const ownPlaces: Destination[] = [
  { path: "/notifications", label: m.shell_notifications, icon: Bell },
  { path: "/account", label: m.shell_account, icon: UserRound },
];

export function destinations(): Destination[] {
  return ALL.filter((one) => !one.forRunning || session.runsTheDesk);
}
