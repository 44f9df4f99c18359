// The state graph of a workflow: its edges open the lines of the script and the tickets that went that way.
import { expect, logIn, test } from "./desk";
import { isSound } from "./sound";

test.use({ deskOf: "graph" });

test("from an edge to the line and to the tickets", async ({ page, desk }) => {
  await desk.open("Card reader is dark", "card_reader_fault");
  await logIn(page, desk, undefined, `workflows/${desk.client}?tab=graph`);
  const drawing = page.getByRole("group", { name: /Ways of tickets/ });
  await expect(drawing).toBeVisible();
  await isSound(page);

  // By the keyboard alone: to the first way, on to the next, and open it.
  const first = drawing.getByRole("button").first();
  await first.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await expect(drawing.getByRole("button").nth(1)).toHaveAttribute("aria-pressed", "true");

  await page.getByLabel("As", { exact: true }).selectOption("table");
  const table = page.getByRole("region", { name: "State graph" });
  await expect(table.getByRole("row").nth(1)).toBeVisible();
  await isSound(page);
  const scripted = table.getByRole("button", { name: /^Open \([1-9]/ }).first();
  await scripted.click();
  await page.getByRole("button", { name: /^line \d+$/ }).first().click();
  await expect(page.getByRole("textbox", { name: "Script" })).toBeFocused();

  await page.setViewportSize({ width: 390, height: 800 });
  await page.goto(`${desk.url}workflows/${desk.client}?tab=graph`);
  await expect(drawing).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
});
