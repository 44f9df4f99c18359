// After a publication that changes targets, open tickets are compared, and counted anew or left.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Desk, OPERATOR, expect, logIn, test } from "./desk";
import { fits, isAccessible, NARROW_PX } from "./sound";

test.use({ deskOf: "recount" });

const SHOTS = process.env.TEST_SHOTS;
const SETTINGS = readFileSync(join(import.meta.dirname, "../../workflows/atm-service/client.toml"), "utf8");
const SCRIPT = readFileSync(join(import.meta.dirname, "pack/workflow.rhai"), "utf8");
const TIMERS = 'timers = [{ key = "call_back", label = { en = "Call the client back", ru = "Перезвонить клиенту" } }]\n';

/** The shipped pack with every resolution target at so many minutes. */
const publish = (desk: Desk, minutes: number) =>
  desk.admin.call("POST", `clients/${desk.client}/workflow/publish`, {
    message: `Resolution in ${minutes}`, script: SCRIPT, settings: TIMERS + targets(minutes),
  });
const targets = (minutes: number) => SETTINGS
  .replace(/first_response_minutes = \d+/g, "first_response_minutes = 5").replace(/resolution_minutes = \d+/g, `resolution_minutes = ${minutes}`);
const behind = async (desk: Desk) => (await desk.admin.call<{ behind: number }>("GET", `clients/${desk.client}/recompute`)).behind;

test("a publication offers a recompute; the difference is shown, left, and then applied", async ({ page, desk }) => {
  const number = await desk.open("Screen is dark", "screen_fault");
  await desk.open("No cash", "cash_dispense_fault");
  // The draft differs in its targets; it is published in the browser.
  await desk.admin.call("POST", `clients/${desk.client}/workflow/draft`, { script: SCRIPT, settings: TIMERS + targets(37) });
  await logIn(page, desk, undefined, `workflows/${desk.client}`);
  await expect(page.getByText(/still counted by other calendars/)).toBeHidden();
  await page.getByRole("button", { name: "Publish…" }).click();
  await page.getByRole("textbox", { name: "What changes and why" }).fill("Faster");
  await page.getByRole("button", { name: "Publish the workflow" }).click();
  await expect(page.getByText(/still counted by other calendars.*: 2\./)).toBeVisible();
  await page.getByRole("link", { name: "See what a recompute would change" }).click();
  const table = page.getByRole("table", { name: "What changes" });
  const row = table.getByRole("row").filter({ hasText: number });
  await expect(row).toContainText("Screen is dark");
  await expect(table).toContainText("limit 37 min");
  await page.getByRole("button", { name: "Leave them as they are" }).click();
  await expect(page).toHaveURL(/\/time$/);
  expect(await behind(desk)).toBe(2);
  // The hours offer the same.
  await page.getByRole("link", { name: "See what a recompute would change" }).click();
  await page.getByRole("button", { name: "Recompute the tickets (2)" }).click();
  await expect(page.getByText("Counted anew: 2.", { exact: false })).toBeVisible();
  expect(await behind(desk)).toBe(0);
  await page.reload();
  await expect(page.getByText("Nothing would change")).toBeVisible();
});

test("an operator is not offered a recompute and cannot open it", async ({ page, desk }) => {
  await logIn(page, desk, OPERATOR, `workflows/${desk.client}/recompute`);
  await expect(page.getByText("You may not do this.", { exact: false }).first()).toBeVisible();
  await expect(page.getByRole("button", { name: /Recompute/ })).toBeHidden();
});

test.describe("how it looks", () => {
  test.beforeAll(async ({ desk }) => {
    await desk.open("Card reader swallows the cards of two banks since this morning", "card_reader_fault");
    await publish(desk, 90);
  });
  for (const { theme, language, width } of [
    { theme: "light", language: "ru", width: 1440 }, { theme: "dark", language: "en", width: 1440 },
    { theme: "light", language: "en", width: 390 }, { theme: "dark", language: "ru", width: NARROW_PX },
  ] as const) {
    test(`the difference is accessible and fits: ${theme}, ${language}, ${width} px`, async ({ browser, desk }) => {
      const context = await browser.newContext({ colorScheme: theme, viewport: { width, height: 900 } });
      const page = await context.newPage();
      await logIn(page, desk);
      await page.evaluate((chosen) => localStorage.setItem("naryad.language", chosen), language);
      for (const [name, path, ready] of [
        ["recompute", `workflows/${desk.client}/recompute`, page.getByRole("button", { name: /Recompute the tickets|Пересчитать заявки/ })],
        ["offer", `workflows/${desk.client}/time`, page.getByRole("link", { name: /See what a recompute|Посмотреть, что изменит/ })],
      ] as const) {
        await page.goto(desk.url + path);
        await expect(ready).toBeVisible();
        if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}-${theme}-${language}-${width}.png`, fullPage: true });
        await isAccessible(page);
        await fits(page);
      }
      await context.close();
    });
  }
});
