// Where a ticket's time went: the bar by keys, the table behind it, the clocks, in both themes, languages and widths.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ADMIN, type Desk, OPERATOR, expect, logIn, test } from "./desk";
import { fits, isAccessible, NARROW_PX } from "./sound";

test.use({ deskOf: "ledger" });

const SETTINGS = join(import.meta.dirname, "../../workflows/atm-service/client.toml");
const HOUR_MS = 60 * 60 * 1000;

interface Listed {
  items: { id: string; login: string }[];
}
const personId = async (desk: Desk, login: string) =>
  (await desk.admin.call<Listed>("GET", "people")).items.find((one) => one.login === login)!.id;

/** A vandalism ticket that waited for the approval, was worked on by Boris, resolved and opened again. */
async function travelled(desk: Desk, subject: string): Promise<string> {
  const number = await desk.open(subject, "vandalism");
  const page = await desk.admin.call<{ ticket: { id: string }; tasks: { id: string }[] }>("GET", `tickets/${number}`);
  const { id } = page.ticket;
  await desk.admin.call("POST", `tasks/${page.tasks[0]!.id}/finish`, { outcome: "approved", comment: null });
  await desk.admin.call("POST", `tickets/${id}/assign`, { to: { how: "person", person: await personId(desk, OPERATOR.login) } });
  await desk.admin.call("POST", `tickets/${id}/resolve`, { resolution: "repaired" });
  await desk.admin.call("POST", `tickets/${id}/reopen`, {});
  return number;
}

test("every piece of a ticket's time stands in the bar and in the table, with whose it was and what began it", async ({ page, desk }) => {
  const number = await travelled(desk, "Panel bent");
  await logIn(page, desk, undefined, `tickets/${number}`);
  await page.getByRole("tab", { name: "SLA ledger" }).click();
  const pieces = page.getByRole("toolbar", { name: "The ticket’s time, piece by piece" }).getByRole("button");
  const rows = page.getByRole("table", { name: /Times of the site \(Asia\/Almaty\); yours \(Europe\/Moscow\)/ }).locator("tbody tr");
  const { ticket } = await desk.admin.call<{ ticket: { id: string } }>("GET", `tickets/${number}`);
  const sent = await desk.admin.call<{ pieces: { kind: string }[] }>("GET", `tickets/${ticket.id}/ledger`);
  expect(sent.pieces.map((one) => one.kind)).toContain("waiting_for_approval");
  await expect(pieces).toHaveCount(sent.pieces.length);
  await expect(rows).toHaveCount(sent.pieces.length);
  const waiting = rows.filter({ hasText: "waiting for approval" });
  await expect(waiting).toHaveCount(sent.pieces.filter((one) => one.kind === "waiting_for_approval").length);
  await expect(waiting.first()).toContainText("Your time:");
  await expect(rows.filter({ hasText: OPERATOR.name }).first()).toContainText(ADMIN.name);
  await expect(rows.filter({ hasText: "nobody’s" })).toHaveCount(sent.pieces.filter((one) => one.kind === "resolved").length);
  await expect(page.getByRole("list", { name: "Time by kind" })).toContainText("Ours");
  await expect(page.getByRole("tabpanel").getByText(/of .* used/).first()).toBeVisible();
  await expect(page.getByRole("table", { name: "Whose time it was" })).toContainText(OPERATOR.name);
});

test("arrow keys go from piece to piece, and the table follows", async ({ page, desk }) => {
  const number = await travelled(desk, "Panel torn");
  await logIn(page, desk, undefined, `tickets/${number}?tab=ledger`);
  const pieces = page.getByRole("toolbar", { name: "The ticket’s time, piece by piece" }).getByRole("button");
  const rows = page.getByRole("table", { name: /Times of the site/ }).locator("tbody tr");
  await pieces.first().focus();
  await page.keyboard.press("ArrowRight");
  await expect(pieces.nth(1)).toBeFocused();
  await expect(pieces.nth(1)).toHaveAttribute("aria-pressed", "true");
  await expect(rows.nth(1)).toHaveClass(/chosen/);
  await expect(page.locator(".told")).toHaveText(await pieces.nth(1).getAttribute("aria-label") ?? "");
  await page.keyboard.press("End");
  await expect(pieces.last()).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await expect(pieces.last()).toBeFocused();
  await expect(rows.last()).toHaveClass(/chosen/);
});

test("a piece outside the calendar says so, and that the clock stands", async ({ page, desk }) => {
  // Open for one hour of the week, which is far from now.
  const far = new Date(Date.now() + 84 * HOUR_MS);
  const day = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"][far.getUTCDay()]!;
  const settings = readFileSync(SETTINGS, "utf8").replace(
    '[calendar]\ntime_zone = "Europe/Moscow"', `[calendar]\ntime_zone = "UTC"\nhours = [{ days = ["${day}"], from = "12:00", to = "13:00" }]`,
  );
  const { id: client } = await desk.admin.call("POST", "clients", {
    key: "atm-hours", name: "Hourly Bank", prefix: "HRS", colour: "#7a4b12", language: "en", is_active: true,
  });
  await desk.admin.call("POST", `clients/${client}/workflow/publish`, {
    message: "With hours", script: readFileSync(join(import.meta.dirname, "pack/workflow.rhai"), "utf8"),
    settings: settings.replace('key = "atm-service"', 'key = "atm-hours"'),
  });
  const { number } = await desk.admin.call("POST", "tickets", { client, subject: "Closed now", description: "Later", category: "receipt_jam" });
  await logIn(page, desk, undefined, `tickets/${number}?tab=ledger`);
  await expect(page.getByRole("table", { name: "Times in Europe/Moscow." })).toContainText("Outside the calendar");
  await expect(page.getByRole("tabpanel").getByText(/^0 min of/).first()).toBeVisible();
});

for (const { theme, language, width } of [
  { theme: "light", language: "ru", width: 1440 }, { theme: "dark", language: "en", width: 1440 },
  { theme: "light", language: "en", width: 390 }, { theme: "dark", language: "ru", width: NARROW_PX },
] as const) {
  test(`the ledger is accessible and fits: ${theme}, ${language}, ${width} px`, async ({ browser, desk }) => {
    const number = await travelled(desk, `Panel ${theme} ${language} ${width}`);
    const context = await browser.newContext({ colorScheme: theme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    await logIn(page, desk);
    await page.evaluate((chosen) => localStorage.setItem("naryad.language", chosen), language);
    await page.goto(`${desk.url}tickets/${number}?tab=ledger`);
    await expect(page.locator(".ledger table").first()).toBeVisible();
    await isAccessible(page);
    await fits(page);
    await context.close();
  });
}
