// A changed script is played on the past before it is published: what would differ is read, ticket by ticket.
import { type Page } from "@playwright/test";
import { expect, logIn, test } from "./desk";
import { fits, isAccessible, isSound, resize, NARROW_PX } from "./sound";

test.use({ deskOf: "backtest" });

/** From the client's pack: everything but vandalism goes to the dispatchers. */
const RULE = '    if ticket.category == "receipt_jam" { ticket.queue("commercial", #{ reason: "Tried" }); return; }\n';

/** Writes the rule as the first of `on_opened`, by keyboard alone. */
async function write(page: Page, line: number, text: string) {
  await page.getByRole("textbox", { name: "Script" }).focus();
  await page.keyboard.press("Control+Home");
  for (let at = 1; at < line; at += 1) await page.keyboard.press("ArrowDown");
  await page.keyboard.insertText(text);
}
const steps = (page: Page) => page.getByRole("list", { name: "Way of this draft" }).first();

test("a draft is back-tested, the difference is read, and it is published", async ({ page, desk }) => {
  test.setTimeout(180_000);
  const jammed = await desk.open("Receipts jam again", "receipt_jam");
  await desk.open("No cash comes out", "cash_dispense_fault");
  await desk.open("Screen is broken", "vandalism");
  await logIn(page, desk, undefined, `workflows/${desk.client}`);
  await expect(steps(page)).toContainText("Not back-tested");
  await write(page, 11, RULE);
  await expect(page.getByText(/it can be published/i)).toBeVisible();
  await expect(steps(page)).toContainText("Draft not saved");
  // What is tried is saved first.
  const open = page.getByRole("button", { name: "Back-test", exact: true });
  await expect(open).toBeEnabled();
  await open.press("Enter");
  await expect(page.getByText("No back-test yet")).toBeVisible();
  await expect(page.getByText(/Tickets in this time: [1-9]/)).toBeVisible();
  await isSound(page);

  await page.getByRole("button", { name: "Whole history" }).press("Enter");
  await page.getByLabel("To", { exact: true }).fill("2020-01-01T00:00");
  await expect(page.getByText("The end must come after the beginning.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Start the back-test" })).toBeDisabled();
  await page.getByRole("button", { name: "Last 7 days" }).press("Enter");
  await page.getByRole("button", { name: "Start the back-test" }).press("Enter");
  const row = page.getByRole("list", { name: "Tickets that differ" }).getByRole("button");
  await expect(row).toHaveCount(1, { timeout: 60_000 });
  await expect(row).toContainText(jammed);
  await expect(row).toContainText("Way:");
  await expect(page.getByRole("row", { name: /^Script errors/ })).toHaveText(/Script errors\s*0\s*0\s*0/);
  await page.getByLabel("Kind of difference").selectOption({ label: "Way (1)" });
  await expect(row).toHaveCount(1);
  await isSound(page);

  const shot = async (name: string) => void (process.env.SHOTS && (await page.screenshot({ path: `${process.env.SHOTS}/backtest-${name}.png`, fullPage: true })));
  await shot("result");
  await row.press("Enter");
  const sides = page.getByRole("dialog");
  await expect(sides.getByText("First difference")).toBeVisible();
  await expect(sides.getByRole("row").filter({ hasText: "Tried" })).toHaveCount(1);
  await isSound(page);
  await shot("sides");
  await page.keyboard.press("Escape");

  await page.getByRole("link", { name: "To the workflow" }).press("Enter");
  await expect(steps(page)).toContainText("Draft saved");
  await expect(steps(page)).toContainText("Back-tested: 1 ticket differs");
  await isAccessible(page);
  // Other texts were not tried.
  await write(page, 1, "// One more line.\n");
  await expect(page.getByText(/it can be published/i)).toBeVisible();
  await expect(steps(page)).toContainText("Not back-tested");
  await page.keyboard.press("Control+z");
  await expect(steps(page)).toContainText("Back-tested: 1 ticket differs");
  await expect(page.getByRole("button", { name: "Publish…" })).toBeEnabled();
  await page.getByRole("button", { name: "Publish…" }).press("Enter");
  const dialog = page.getByRole("dialog");
  await expect(steps(page)).toContainText("Back-tested: 1 ticket differs");
  await isAccessible(page);
  await dialog.getByLabel("What changes and why").fill("Jams go to the commercial department");
  await page.keyboard.press("Enter");
  await expect(dialog).toHaveCount(0);
  await expect(steps(page)).toContainText("Published");
});

test("a back-test is cancelled, and earlier ones stay named", async ({ page, desk }) => {
  const way = `clients/${desk.client}/workflow`;
  const { script, settings } = await desk.admin.call<{ script: string; settings: string }>("GET", way);
  await desk.admin.call("POST", `${way}/draft`, { script: `// Tried again.\n${script}`, settings });
  await desk.open("Opened a moment ago", "receipt_jam");
  const now = Date.now();
  const window = { from: new Date(now - 3_600_000).toISOString(), to: new Date(now).toISOString() };
  await desk.admin.call("POST", `${way}/backtest`, window);
  await expect.poll(async () => (await desk.admin.call<{ last: { state: string } }>("GET", `${way}/backtest`)).last.state, { timeout: 30_000 }).toBe("done");
  await logIn(page, desk, undefined, `workflows/${desk.client}/backtest`);
  // The desk's own answer stays a moment before the end, as with a long window.
  await page.route("**/workflow/backtest", async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as Record<string, object>;
    const going = (of: object | undefined) => ({ ...of, state: "running", report: null, stand: { phase: "replaying", done: 3, total: 12 } });
    await route.fulfill({ response: answer, json: "last" in body ? { last: going(body.last) } : going(body) });
  });
  await page.getByRole("button", { name: "Start the back-test" }).press("Enter");
  await expect(page.getByText("Playing both versions…")).toBeVisible();
  await expect(page.getByRole("progressbar")).toHaveAttribute("value", "3");
  await isAccessible(page);
  await page.unroute("**/workflow/backtest");
  await page.getByRole("button", { name: "Cancel the back-test" }).press("Enter");
  await expect(page.getByRole("button", { name: "Cancel the back-test" })).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "Earlier back-tests" })).toBeVisible();
});

test("in Russian and on a narrow screen", async ({ page, desk }) => {
  await logIn(page, desk, undefined, `workflows/${desk.client}/backtest`);
  await page.evaluate(() => localStorage.setItem("naryad.language", "ru"));
  await page.reload();
  await resize(page, NARROW_PX);
  await fits(page);
  await isAccessible(page);
});
