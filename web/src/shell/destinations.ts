// Where the rail and the palette lead, by what the person may see.
import BookUser from "@lucide/svelte/icons/book-user";
import Bell from "@lucide/svelte/icons/bell";
import Boxes from "@lucide/svelte/icons/boxes";
import Building2 from "@lucide/svelte/icons/building-2";
import CalendarDays from "@lucide/svelte/icons/calendar-days";
import ClipboardList from "@lucide/svelte/icons/clipboard-list";
import Columns3 from "@lucide/svelte/icons/columns-3";
import Gauge from "@lucide/svelte/icons/gauge";
import Handshake from "@lucide/svelte/icons/handshake";
import Inbox from "@lucide/svelte/icons/inbox";
import ListChecks from "@lucide/svelte/icons/list-checks";
import MapPin from "@lucide/svelte/icons/map-pin";
import Siren from "@lucide/svelte/icons/siren";
import Timer from "@lucide/svelte/icons/timer";
import Star from "@lucide/svelte/icons/star";
import Tags from "@lucide/svelte/icons/tags";
import Plug from "@lucide/svelte/icons/plug";
import Workflow from "@lucide/svelte/icons/workflow";
import UserRound from "@lucide/svelte/icons/user-round";
import type { Component } from "svelte";
import { m } from "$m";
import type { Me } from "../api/session";
import { session } from "./session.svelte";

export interface Destination {
  path: string;
  label: () => string;
  icon: Component<{ size?: number }>;
  /** Who needs it; without it, everybody does. */
  isFor?: (may: Me["may"]) => boolean;
}

const isStaffWithLists = (may: Me["may"]) => session.isStaff && (may.keep_records || may.see_lists);

const ALL: Destination[] = [
  { path: "/inbox", label: m.shell_inbox, icon: Inbox, isFor: (may) => may.see_lists },
  { path: "/work", label: m.shell_work, icon: ClipboardList, isFor: () => !session.isContact },
  { path: "/board", label: m.shell_board, icon: Columns3, isFor: isStaffWithLists },
  { path: "/supervision", label: m.shell_supervisor, icon: Gauge, isFor: isStaffWithLists },
  { path: "/clients", label: m.shell_clients, icon: Building2, isFor: isStaffWithLists },
  { path: "/assets", label: m.shell_assets, icon: Boxes, isFor: (may) => may.keep_records || may.see_lists },
  { path: "/sites", label: m.shell_sites, icon: MapPin, isFor: (may) => may.keep_records || may.see_lists },
  { path: "/roster", label: m.roster_title, icon: CalendarDays, isFor: () => session.isStaff },
  { path: "/people", label: m.shell_people, icon: BookUser, isFor: (may) => isStaffWithLists(may) || may.administer },
  { path: "/partners", label: m.shell_partners, icon: Handshake, isFor: (may) => may.administer },
  { path: "/workflows", label: m.shell_workflows, icon: Workflow, isFor: (may) => may.administer },
  { path: "/incidents", label: m.shell_incidents, icon: Siren, isFor: (may) => session.isStaff && may.see_lists },
  { path: "/reports/classification", label: m.lines_report, icon: Tags, isFor: (may) => may.supervise },
  { path: "/reports/ratings", label: m.rating_report, icon: Star, isFor: (may) => may.supervise },
  { path: "/jobs", label: m.shell_jobs, icon: ListChecks, isFor: (may) => may.supervise },
  { path: "/plugins", label: m.shell_plugins, icon: Plug, isFor: (may) => may.administer },
];

/** A person's own places: in the rail's foot on a wide screen, in the menu on a phone. */
const OWN: Destination[] = [
  { path: "/time", label: m.recorded_mine, icon: Timer, isFor: () => session.isStaff },
  { path: "/notifications", label: m.shell_notifications, icon: Bell },
  { path: "/account", label: m.shell_account, icon: UserRound },
];

const open = (places: Destination[]): Destination[] => {
  const may = session.may;
  return places.filter((one) => !one.isFor || (may && one.isFor(may)));
};
export const destinations = () => (session.may ? open(ALL) : []);
export const ownPlaces = () => open(OWN);
