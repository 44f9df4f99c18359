// The administrator's whole way in the browser alone, on a real log: a rule, a typo explained, a test, a back-test on the
// month that was imported, its difference read, published to new tickets, rolled back.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Page } from "@playwright/test";
import { ADMIN, Caller, expect, logIn, test } from "./desk";
import { isSound } from "./sound";

// A desk of its own: the set-up's tests want one that nobody has set up.
test.use({ deskOf: "month" });

const PACK = join(import.meta.dirname, "../../workflows/it-desk");
const text = (file: string) => readFileSync(join(PACK, file), "utf8");
/** Stands first in `on_opened`; the shipped rule sends this category to its group. */
const TYPO = '    if ticket.category == "category_26" { ticket.qeue("service_desk", #{ reason: "Tried" }); return; }\n';
const RULE = TYPO.replace("qeue", "queue");
const LINE_OF_RULE = text("workflow.rhai").split("\n").findIndex((line) => line.startsWith("fn on_opened")) + 2;

/** Puts the text before the line, by keyboard alone. */
async function insert(page: Page, line: number, words: string) {
  await page.getByRole("textbox", { name: "Script" }).focus();
  await page.keyboard.press("Control+Home");
  for (let at = 1; at < line; at += 1) await page.keyboard.press("ArrowDown");
  await page.keyboard.insertText(words);
}

test("a rule is written, tested, tried on the imported month, published and rolled back", async ({ page, fresh }) => {
  test.setTimeout(240_000);
  const setUp = { token: fresh.setUpToken, ...ADMIN, language: "en", time_zone: "Europe/Moscow" };
  const first = new Caller(fresh.url);
  await first.call("POST", "setup", setUp);
  const admin = await first.withToken();
  const { id: client } = await admin.call("POST", "clients", {
    key: "it-desk", name: "IT desk", prefix: "IT", colour: "#2f5b7d", language: "en", is_active: true,
  });
  await admin.call("POST", `clients/${client}/workflow/publish`, { message: "First", script: text("workflow.rhai"), settings: text("client.toml") });
  const said = await fresh.command("import", "servicenow", join(PACK, "demo/incidents.csv"), "--client", "it-desk");
  expect(said).toContain("534");

  await logIn(page, fresh, ADMIN, `workflows/${client}`);
  const findings = page.getByRole("region", { name: "Findings" });
  await expect(page.getByText(/it can be published/i)).toBeVisible();
  await insert(page, LINE_OF_RULE, TYPO);
  await expect(findings.getByRole("button").first()).toContainText("queue");
  await expect(findings.getByRole("button").first()).toContainText(`line ${LINE_OF_RULE}`);
  await page.keyboard.press("Control+z");
  await insert(page, LINE_OF_RULE, RULE);
  await expect(page.getByText(/it can be published/i)).toBeVisible();

  await page.getByRole("tab", { name: /^Tests/ }).click();
  await page.getByRole("button", { name: "Add a test file" }).click();
  const tests = page.getByRole("textbox", { name: "tests/first.rhai" });
  await tests.focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(
    'fn test_category_26_stays_with_the_service_desk() {\n    let ticket = open(#{ subject: "Mail", category: "category_26" });\n    assert_eq(ticket.queue, "service_desk");\n}\n',
  );
  await page.getByRole("button", { name: "Run the tests" }).click();
  await expect(page.getByRole("region", { name: "Results of the tests" })).toContainText("1 test passed", { timeout: 30_000 });
  await page.getByRole("button", { name: "Save the tests" }).click();

  await page.getByRole("button", { name: "Back-test", exact: true }).press("Enter");
  await page.getByRole("button", { name: "Whole history" }).click();
  await expect(page.getByText("Tickets in this time: 534")).toBeVisible();
  await page.getByRole("button", { name: "Start the back-test" }).press("Enter");
  const row = page.getByRole("list", { name: "Tickets that differ" }).getByRole("button");
  await expect(row.first()).toBeVisible({ timeout: 120_000 });
  // Exactly the month's tickets that were opened in the category, counted from the log itself.
  const opened = new Map<string, string>();
  for (const line of text("demo/incidents.csv").trim().split("\n").slice(1)) {
    const [number, ...columns] = line.split(",");
    if (!opened.has(number!)) opened.set(number!, columns[8]!);
  }
  const concerned = [...opened.values()].filter((category) => category === "Category 26").length;
  const { last } = await admin.call<{ last: { report: { totals: { tickets: number; route: number } } } }>("GET", `clients/${client}/workflow/backtest`);
  expect(last.report.totals).toMatchObject({ tickets: concerned, route: concerned });
  await row.first().press("Enter");
  const sides = page.getByRole("dialog");
  await expect(sides.getByText("First difference")).toBeVisible();
  await expect(sides.getByRole("row").filter({ hasText: "Tried" }).first()).toBeVisible();
  await isSound(page);
  await page.keyboard.press("Escape");

  await page.getByRole("link", { name: "To the workflow" }).press("Enter");
  await page.getByRole("button", { name: "Publish…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("Back-tested:");
  await dialog.getByRole("radio", { name: /new tickets only/i }).check();
  await dialog.getByLabel("What changes and why").fill("The service desk keeps category 26");
  await page.getByRole("button", { name: "Publish the workflow" }).click();
  await expect(dialog).toHaveCount(0);
  const queueOfNew = async () => {
    const { number } = await admin.call("POST", "tickets", { client, subject: "Mail", category: "category_26" });
    return (await admin.call<{ ticket: { queue: string } }>("GET", `tickets/${number}`)).ticket.queue;
  };
  expect(await queueOfNew()).toBe("service_desk");

  await page.getByRole("tab", { name: /Versions/ }).click();
  await page.getByRole("listitem").filter({ hasText: "Version 1" }).getByRole("button", { name: "Roll back to this version" }).click();
  await page.getByLabel("What changes and why").fill("Back to the first");
  await page.getByRole("button", { name: "Roll back", exact: true }).click();
  await expect(page.getByRole("listitem").filter({ hasText: "Back to the first" })).toContainText("in force");
  expect(await queueOfNew()).toBe("group_70");
});
