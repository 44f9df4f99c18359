// Every screen of the desk and its address, readable as one list; all but the inbox load when first opened.
import type { Component } from "svelte";
import Desk from "../inbox/Desk.svelte";
import { loadPart } from "../kit/messages";
import { match } from "./router.svelte";

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each screen takes the parameters its own pattern names
type Loader = () => Promise<{ default: Component<any> }>;

/** A screen on which scripts are written, with the words that only these need. */
const workshop = (load: Loader): Loader => async () => (await Promise.all([load(), loadPart("workshop")]))[0];
const plugins = (load: Loader): Loader => async () => (await Promise.all([load(), loadPart("plugins")]))[0];
const desk: Loader = () => Promise.resolve({ default: Desk });

const SCREENS: [pattern: string, load: Loader][] = [
  ["/", desk],
  ["/inbox", desk],
  ["/tickets/:number", desk],
  ["/new-ticket", () => import("../ticket/NewTicket.svelte")],
  ["/board", () => import("../board/Board.svelte")],
  ["/supervision", () => import("../watch/Supervisor.svelte")],
  ["/work", () => import("../work/Work.svelte")],
  ["/clients", () => import("../clients/Clients.svelte")],
  ["/clients/:id", () => import("../clients/Client.svelte")],
  ["/clients/:id/contract", () => import("../contract/ContractScreen.svelte")],
  ["/sites", () => import("../sites/Sites.svelte")],
  ["/sites/:id", () => import("../sites/Sites.svelte")],
  ["/assets", () => import("../assets/Assets.svelte")],
  ["/assets/:id", () => import("../assets/Assets.svelte")],
  ["/roster", () => import("../roster/Roster.svelte")],
  ["/roster/mine", () => import("../roster/Mine.svelte")],
  ["/people", () => import("../people/People.svelte")],
  ["/people/:id", () => import("../people/People.svelte")],
  ["/partners", () => import("../partners/Partners.svelte")],
  ["/partners/:id", () => import("../partners/Partners.svelte")],
  ["/workflows", workshop(() => import("../workflow/Workflows.svelte"))],
  ["/workflows/script-api", workshop(() => import("../workflow/ScriptApi.svelte"))],
  ["/workflows/new", workshop(() => import("../onboarding/Onboarding.svelte"))],
  ["/workflows/:client/start", workshop(() => import("../onboarding/Onboarding.svelte"))],
  ["/workflows/:client/time", workshop(() => import("../hours/Hours.svelte"))],
  ["/workflows/:client/recompute", workshop(() => import("../recount/Recount.svelte"))],
  ["/workflows/:client/backtest", workshop(() => import("../backtest/Backtest.svelte"))],
  ["/workflows/:client", workshop(() => import("../workflow/Workflow.svelte"))],
  ["/incidents", () => import("../incidents/Incidents.svelte")],
  ["/incidents/:id", () => import("../incidents/Incident.svelte")],
  ["/reports/ratings", () => import("../rating/Report.svelte")],
  ["/reports/classification", () => import("../lines/Report.svelte")],
  ["/jobs", () => import("../jobs/Jobs.svelte")],
  ["/plugins", plugins(() => import("../plugins/Plugins.svelte"))],
  ["/plugins/:id", plugins(() => import("../plugins/Installation.svelte"))],
  ["/notifications", () => import("../notifications/Notifications.svelte")],
  ["/time", () => import("../recorded/MyTime.svelte")],
  ["/account", () => import("../account/Account.svelte")],
];

export interface Screen {
  load: Loader;
  params: Record<string, string>;
}

export function screenFor(path: string): Screen | null {
  for (const [pattern, load] of SCREENS) {
    const params = match(pattern, path);
    if (params) return { load, params };
  }
  return null;
}
