// A desk for browser tests: set up, with one client, its machine and its people; and how a person logs in.
import { type Page, test as base, expect } from "@playwright/test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Running, start } from "./binary";

export { expect };
export const ADMIN = { login: "anna", name: "Anna Petrova", password: "correct horse battery" };
export const OPERATOR = { login: "boris", name: "Boris Orlov", password: "staple battery horse" };
/** The client's person who logs in as the contact Dinara. */
export const CONTACT = { login: "dinara", password: "a contact's long password" };
/** The shipped pack's words with a script of our own, which needs no plugin. */
const SCRIPT = join(import.meta.dirname, "pack/workflow.rhai");
const SETTINGS = join(import.meta.dirname, "../../workflows/atm-service/client.toml");
/** The shipped pack names no timer; a key of the whole file stands before its tables. */
const TIMERS = 'timers = [{ key = "call_back", label = { en = "Call the client back", ru = "Перезвонить клиенту" } }]\n';

type Json = Record<string, unknown>;
interface Done {
  id: string;
  ticket: string;
  number: string;
}

/** Speaks to the API as a logged-in person, the way a browser does; with a token of its own, as a program does. */
export class Caller {
  constructor(readonly url: string, private cookie = "", private token = "") {}

  /** Outlives the sessions: of the many that the files' tests begin, the oldest ends. */
  async withToken(): Promise<Caller> {
    const { token } = await this.call<{ token: string }>("POST", "tokens", { name: "tests" });
    return new Caller(this.url, "", token);
  }

  async call<T = Done>(method: string, path: string, body?: Json): Promise<T> {
    const headers: Record<string, string> = this.token
      ? { Authorization: `Bearer ${this.token}` }
      : { Origin: this.url.replace(/\/$/, ""), Cookie: this.cookie };
    if (body) headers["Content-Type"] = "application/json";
    if (method === "POST") headers["Idempotency-Key"] = crypto.randomUUID();
    const answer = await fetch(`${this.url}api/v1/${path}`, { method, headers, body: body ? JSON.stringify(body) : undefined });
    const fresh = answer.headers.getSetCookie().map((one) => one.split(";")[0]!);
    if (fresh.length) this.cookie = fresh.join("; ");
    const text = await answer.text();
    expect(answer.ok, `${method} ${path}: ${answer.status} ${text}`).toBe(true);
    return (text ? JSON.parse(text) : undefined) as T;
  }
}

export interface Desk extends Running {
  admin: Caller;
  client: string;
  asset: string;
  /** Opens a ticket about the machine; answers its number. */
  open: (subject: string, category: string) => Promise<string>;
}

async function seeded(running: Running): Promise<Desk> {
  const first = new Caller(running.url);
  await first.call("POST", "setup", {
    token: running.setUpToken, login: ADMIN.login, name: ADMIN.name, password: ADMIN.password, language: "en", time_zone: "Europe/Moscow",
  });
  const admin = await first.withToken();
  const { id: client } = await admin.call("POST", "clients", {
    key: "atm-service", name: "Cash Machines Ltd", prefix: "ATM", colour: "#2f7d5b", language: "en", is_active: true,
  });
  await admin.call("POST", `clients/${client}/workflow/publish`, {
    message: "First version", script: readFileSync(SCRIPT, "utf8"), settings: TIMERS + readFileSync(SETTINGS, "utf8"),
  });
  const { id: site } = await admin.call("POST", "sites", {
    client, name: "Mega mall", address: "247 Rozybakiev St", city: "Almaty", country: "KZ", time_zone: "Asia/Almaty",
  });
  const { id: asset } = await admin.call("POST", "assets", {
    client, site, tag: "ATM-00421", serial: "NCR-884-112-07", model: "NCR 6622", certificates: [], is_active: true,
  });
  await admin.call("POST", "contacts", { client, name: "Dinara Abaeva", phone: "+7 727 555 12 34" });
  await addOperator(running.url, admin);
  const open = async (subject: string, category: string) =>
    (await admin.call("POST", "tickets", { client, subject, description: `About: ${subject}`, asset, site, category })).number;
  return { ...running, admin, client, asset, open };
}

async function addOperator(url: string, admin: Caller) {
  const { id } = await admin.call("POST", "people", {
    login: OPERATOR.login, name: OPERATOR.name, language: "en", time_zone: "Europe/Moscow", affiliation: { kind: "staff" },
    capacity: 5, is_on_duty: true, is_active: true,
  });
  await admin.call("POST", `people/${id}/access`, { grants: [{ role: "operator", client: null }], memberships: [] });
  const { token } = await admin.call<{ token: string }>("POST", `people/${id}/reset-link`, {});
  await new Caller(url).call("POST", "reset", { token, password: OPERATOR.password });
}

/** Lets the desk's contact log in. */
export async function addContact(desk: Desk) {
  const { items } = await desk.admin.call<{ items: { id: string }[] }>("GET", `contacts?client=${desk.client}`);
  const { id } = await desk.admin.call("POST", "people", {
    login: CONTACT.login, name: "Dinara Abaeva", language: "en", time_zone: "Asia/Almaty", capacity: 5, is_on_duty: true, is_active: true,
    affiliation: { kind: "contact", client: desk.client, contact: items[0]!.id },
  });
  await desk.admin.call("POST", `people/${id}/access`, { grants: [{ role: "client_contact", client: desk.client }], memberships: [] });
  const { token } = await desk.admin.call<{ token: string }>("POST", `people/${id}/reset-link`, {});
  // Choosing a password logs in: the administrator must not become the contact.
  await new Caller(desk.url).call("POST", "reset", { token, password: CONTACT.password });
}

/** `desk` is made once for a file's tests; `fresh` is a desk without anybody, for the set-up itself. */
export const test = base.extend<object, { deskOf: string; desk: Desk; fresh: Running }>({
  /** Whose desk: each file names its own with `test.use`, so that none meets what another has made. */
  deskOf: ["all", { option: true, scope: "worker" }],
  desk: [
    async ({ deskOf: _ }, use) => {
      const running = await start();
      try {
        await use(await seeded(running));
      } finally {
        await running.stop();
      }
    },
    { scope: "worker", timeout: 60_000 },
  ],
  fresh: [
    async ({}, use) => {
      const running = await start();
      try {
        await use(running);
      } finally {
        await running.stop();
      }
    },
    { scope: "worker", timeout: 60_000 },
  ],
});

export async function logIn(page: Page, desk: Running, person: { login: string; password: string } = ADMIN, path = "") {
  await page.goto(desk.url + path);
  await page.getByLabel("Login", { exact: true }).fill(person.login);
  await page.getByLabel("Password", { exact: true }).fill(person.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("navigation", { name: "Main navigation" })).toBeVisible();
}
