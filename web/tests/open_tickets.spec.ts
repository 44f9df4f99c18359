// Publishing for open tickets too: the preview comes first, then the move and those that stay behind; rolling back asks the same.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, logIn, test } from "./desk";
import { fits, isAccessible, NARROW_PX } from "./sound";

test.use({ deskOf: "open tickets" });

const SHOTS = process.env.TEST_SHOTS;
const SETTINGS = readFileSync(join(import.meta.dirname, "../../workflows/atm-service/client.toml"), "utf8");
const SCRIPT = readFileSync(join(import.meta.dirname, "pack/workflow.rhai"), "utf8");
const TIMERS = 'timers = [{ key = "call_back", label = { en = "Call the client back", ru = "Перезвонить клиенту" } }]\n';
/** Other targets, and a category less by its key. */
const CHANGED = TIMERS + SETTINGS.replace(/first_response_minutes = \d+/g, "first_response_minutes = 5")
  .replace(/resolution_minutes = \d+/g, "resolution_minutes = 41").replaceAll('"card_reader_fault"', '"reader_fault"');

test.beforeEach(async ({ desk }) => {
  await desk.admin.call("POST", `clients/${desk.client}/workflow/draft`, { script: SCRIPT, settings: CHANGED });
});

test.describe("how it looks", () => {
  test.beforeAll(async ({ desk }) => {
    await desk.open("Screen is dark", "screen_fault");
    await desk.open("Card reader swallows the cards of two banks since this morning", "card_reader_fault");
  });
  for (const { theme, language, width } of [
    { theme: "light", language: "ru", width: 1440 }, { theme: "dark", language: "en", width: 1440 },
    { theme: "light", language: "en", width: 390 }, { theme: "dark", language: "ru", width: NARROW_PX },
  ] as const) {
    test(`the preview is accessible and fits: ${theme}, ${language}, ${width} px`, async ({ browser, desk }) => {
      const context = await browser.newContext({ colorScheme: theme, viewport: { width, height: 900 } });
      const page = await context.newPage();
      await logIn(page, desk);
      await page.evaluate((chosen) => localStorage.setItem("naryad.language", chosen), language);
      await page.goto(`${desk.url}workflows/${desk.client}`);
      await page.getByRole("button", { name: /^(Publish…|Опубликовать…)$/ }).click();
      await page.getByRole("radio", { name: /Open tickets too|И открытые заявки/ }).check();
      await expect(page.getByText(/no category|нет категории/)).toBeVisible();
      if (SHOTS) await page.screenshot({ path: `${SHOTS}/open-tickets-${theme}-${language}-${width}.png` });
      await isAccessible(page);
      await fits(page);
      await context.close();
    });
  }
});

test("the preview is shown, the move is made by the keyboard alone, and who stays is named", async ({ page, desk }) => {
  await logIn(page, desk, undefined, `workflows/${desk.client}`);
  const opens = page.getByRole("button", { name: "Publish…" });
  await expect(opens).toBeEnabled();
  await opens.press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "What changes and why" }).fill("Faster");
  await dialog.getByRole("radio", { name: "New tickets only" }).focus();
  await page.keyboard.press("ArrowDown");
  const submit = dialog.getByRole("button", { name: "Publish the workflow" });
  const preview = dialog.getByRole("region", { name: "What would become of the open tickets" });
  await expect(preview.getByText("no category", { exact: false })).toBeVisible();
  await expect(dialog.getByRole("table", { name: "What changes" })).toContainText("limit 41 min");
  await expect(submit).toBeEnabled();
  await submit.press("Enter");
  await expect(page.getByText(/Open tickets on version 2: 1\. Stayed on their own: 1\./)).toBeVisible();
  await page.getByRole("button", { name: "Show those that stayed" }).press("Enter");
  await expect(page.getByText("no category", { exact: false })).toBeVisible();
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/open-tickets-moved.png` });
  await isAccessible(page);
});

test("rolling back offers the same choice", async ({ page, desk }) => {
  await logIn(page, desk, undefined, `workflows/${desk.client}`);
  await page.getByRole("tab", { name: /Versions/ }).click();
  await page.getByRole("button", { name: "Roll back to this version" }).last().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "What changes and why" }).fill("Back");
  await dialog.getByRole("radio", { name: "Open tickets too" }).check();
  await expect(dialog.getByText("Stay on their own", { exact: true })).toBeVisible();
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/open-tickets-roll-back.png` });
  await dialog.getByRole("button", { name: "Roll back", exact: true }).click();
  await expect(page.getByText(/Open tickets moved to version 3: 2\./)).toBeVisible();
});
