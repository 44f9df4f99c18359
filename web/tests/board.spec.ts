// The queue board, the supervisor's view and its wallboard, and the next best ticket.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Desk, OPERATOR, expect, logIn, test } from "./desk";
import { fits, isAccessible, NARROW_PX } from "./sound";

test.use({ deskOf: "board" });

const SETTINGS = join(import.meta.dirname, "../../workflows/atm-service/client.toml");
/** The pack's script would hand tickets over by itself. */
const QUIET_SCRIPT = "fn on_opened(ticket) {}\n";

interface Listed {
  items: { id: string; login: string }[];
}

/** A quiet script, a first queue in which one ticket is too many, and Boris in that queue. */
async function arranged(desk: Desk): Promise<string> {
  const settings = readFileSync(SETTINGS, "utf8");
  const first = /\[\[queues\]\]\nkey = "([^"]+)"/.exec(settings)![1]!;
  await desk.admin.call("POST", `clients/${desk.client}/workflow/publish`, {
    message: "Watched", script: QUIET_SCRIPT, settings: `${settings}\n[watch.queues.${first}]\ndepth_max = 1\n`,
  });
  const boris = (await desk.admin.call<Listed>("GET", "people")).items.find((one) => one.login === OPERATOR.login)!.id;
  await desk.admin.call("POST", `people/${boris}/access`, {
    grants: [{ role: "operator", client: null }], memberships: [{ queue: first, client: null }],
  });
  return first;
}

async function queued(desk: Desk, subject: string, queue: string): Promise<string> {
  const number = await desk.open(subject, "receipt_jam");
  const { ticket } = await desk.admin.call<{ ticket: { id: string } }>("GET", `tickets/${number}`);
  await desk.admin.call("POST", `tickets/${ticket.id}/queue`, { queue });
  return number;
}

test("a card is handed over from its menu by keys, and by dragging", async ({ page, desk }) => {
  const queue = await arranged(desk);
  const number = await queued(desk, "Card to move", queue);
  const other = await queued(desk, "Card to drag", queue);
  await logIn(page, desk, undefined, "board");
  const columns = page.getByRole("region", { name: "Board" }).locator("section");
  const target = columns.nth(1);
  const name = await target.locator("h2 span").first().innerText();
  await page.getByRole("button", { name: `Hand over ${number}` }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name, exact: true }).focus();
  await page.keyboard.press("Enter");
  await expect(target.getByRole("link", { name: number })).toBeVisible();
  await expect(page.getByRole("status").filter({ hasText: `${number} was handed over` })).toBeAttached();
  await page.locator("li", { hasText: "Card to drag" }).dragTo(target);
  await expect(target.getByRole("link", { name: other })).toBeVisible();
});

test("what cannot be handed over says why on its card", async ({ page, desk }) => {
  const queue = await arranged(desk);
  const number = await queued(desk, "Changed meanwhile", queue);
  await logIn(page, desk, undefined, "board");
  await page.route("**/queue", (route) =>
    route.fulfill({ status: 422, json: { error: {
      code: "information_missing", message: "the next line needs: cash_inside", field: "fields.cash_inside",
      missing: [{ key: "cash_inside", label: { en: "Cash is inside" }, hint: null }],
    } } }),
  );
  await page.getByRole("button", { name: `Hand over ${number}` }).click();
  await page.getByRole("menuitem").first().click();
  await expect(page.locator("li", { hasText: number }).getByRole("alert")).toContainText("Some information is missing before this step. Cash is inside");
});

test("every number of the supervisor's view opens its rows, and the wallboard shows the same", async ({ page, desk }) => {
  const queue = await arranged(desk);
  await queued(desk, "Waits one", queue);
  await queued(desk, "Waits two", queue);
  await logIn(page, desk, undefined, "supervision");
  const row = page.getByRole("row").filter({ hasText: "Cash Machines Ltd" }).first();
  await expect(row).toBeVisible();
  await expect(page.getByText(/the norm is being learned/)).toBeVisible();
  await page.getByRole("button", { name: "Wallboard" }).click();
  await expect(page.locator(".wall .tile").first()).toContainText(/\d+/);
  await page.keyboard.press("Escape");
  // All, unassigned, at risk, overdue: as many rows as were counted.
  for (const which of [0, 1, 2, 3]) {
    const link = row.getByRole("link").nth(which);
    const count = Number(await link.textContent());
    await link.click();
    await expect(page).toHaveURL(/inbox\?phase=active&client=\d+/);
    if (count) await expect(page.locator("[data-ticket]")).toHaveCount(count);
    else await expect(page.getByText("No ticket fits", { exact: true })).toBeVisible();
    await page.goBack();
    await expect(row).toBeVisible();
  }
});

test("data that grow old are called stale", async ({ page, desk }) => {
  await page.clock.install();
  await logIn(page, desk, undefined, "supervision");
  await expect(page.getByRole("heading", { name: "Queues" })).toBeVisible();
  await page.route("**/api/v1/supervision**", (route) => route.abort());
  await page.clock.runFor(130_000);
  await expect(page.getByRole("alert").filter({ hasText: "Stale" })).toBeVisible();
});

test("the next ticket is taken, opened and explained; without one it says why", async ({ page, desk }) => {
  const queue = await arranged(desk);
  await queued(desk, "Take me", queue);
  await logIn(page, desk, OPERATOR, "inbox");
  await page.getByRole("button", { name: "Take the next ticket" }).click();
  await expect(page).toHaveURL(/tickets\/ATM-\d+/);
  await expect(page.getByRole("status").filter({ hasText: /ATM-\d+\. Next best:/ })).toBeVisible();
  const { items } = await desk.admin.call<{ items: { id: string }[] }>("GET", "tickets?phase=active&assignee=none");
  const boris = (await desk.admin.call<Listed>("GET", "people")).items.find((one) => one.login === OPERATOR.login)!.id;
  for (const { id } of items) await desk.admin.call("POST", `tickets/${id}/assign`, { to: { how: "person", person: boris } });
  await page.goto(`${desk.url}inbox`);
  await page.locator("body").press("KeyG");
  await expect(page.getByRole("status").filter({ hasText: "Nothing waits in your queues." })).toBeVisible();
});

for (const theme of ["light", "dark"] as const) {
  for (const path of ["board", "supervision", "supervision?mode=wallboard"]) {
    test(`${path} in ${theme}: no violation, and 320 px are enough`, async ({ page, desk }) => {
      const queue = await arranged(desk);
      await queued(desk, "Seen in every theme", queue);
      await page.emulateMedia({ colorScheme: theme });
      await logIn(page, desk, undefined, path);
      await expect(page.getByText("Cash Machines Ltd").first()).toBeAttached();
      await isAccessible(page);
      await page.setViewportSize({ width: NARROW_PX, height: 640 });
      await fits(page);
    });
  }
}
