// The contract of a client: package and matrix, the month's balance with each draw, names, and a ticket's coverage.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Desk, expect, logIn, test } from "./desk";
import { fits, isAccessible, NARROW_PX } from "./sound";

test.use({ deskOf: "contract" });

// Wide enough for the context beside the ticket.
test.use({ viewport: { width: 1440, height: 900 } });
const PACK = join(import.meta.dirname, "../../workflows/sfa-support");
const MINUTE_MS = 60_000;

interface Furnished {
  client: string;
  dairy: string;
  anna: string;
}
let made: Promise<Furnished> | undefined;

/** The shipped pack with its two packages; Anna of the dairy is named, Boris is not. */
async function furnish(desk: Desk): Promise<Furnished> {
  const call = desk.admin.call.bind(desk.admin);
  const { id: client } = await call("POST", "clients", {
    key: "sfa-support", name: "Field Sales", prefix: "SFA", colour: "#7a4b12", language: "en", is_active: true,
  });
  // The basic package is served at any hour here, so that the test may run on a Sunday.
  const settings = readFileSync(join(PACK, "client.toml"), "utf8").replace('hours = "working_hours"', 'hours = "round_the_clock"');
  const source = readFileSync(join(PACK, "holidays/am-2026.ics"), "utf8");
  await call("POST", `clients/${client}/holidays`, { key: "am-2026", source });
  await call("POST", `clients/${client}/workflow/publish`, {
    message: "First version", script: readFileSync(join(PACK, "workflow.rhai"), "utf8"), settings,
  });
  const { id: dairy } = await call("POST", "sub-clients", { client, key: "dairy", name: "Dairy" });
  const { id: anna } = await call("POST", "contacts", { client, sub_client: dairy, name: "Anna Reznik" });
  await call("POST", "contacts", { client, sub_client: dairy, name: "Boris Titov" });
  await call("POST", `clients/${client}/named-contacts`, { contact: anna, state: "on" });
  return { client, dairy, anna };
}
const furnished = (desk: Desk) => (made ??= furnish(desk));

async function opened(desk: Desk, { client, dairy, anna }: Furnished, category: string, contact: string | null = anna) {
  return desk.admin.call("POST", "tickets", {
    client, sub_client: dairy, contact, category, subject: `About ${category}`, description: "Help", channel: "email",
  });
}

test("the matrix says in words what is included, paid and excluded", async ({ page, desk }) => {
  const { client, dairy } = await furnished(desk);
  await logIn(page, desk, undefined, `clients/${client}?tab=contract&sub_client=${dairy}`);
  await expect(page.getByRole("heading", { name: "Package “Basic”" })).toBeVisible();
  const matrix = page.getByRole("region", { name: "Services" }).getByRole("row");
  await expect(matrix.filter({ hasText: "Help and failures" })).toContainText("included");
  await expect(matrix.filter({ hasText: "Training" })).toContainText("paid separately");
  await expect(matrix.filter({ hasText: "Central database" })).toContainText("excluded");
  await expect(matrix.filter({ hasText: "Bug fixes" })).toContainText("outside the balance");
  await expect(page.getByText("named contacts only")).toBeVisible();
});

test("work is drawn from the month, a draw opens its ticket, and an adjustment says why", async ({ page, desk }) => {
  const made = await furnished(desk);
  const { id, number } = await opened(desk, made, "how_to");
  const began_at = new Date(Date.now() - 30 * MINUTE_MS).toISOString();
  await desk.admin.call("POST", `tickets/${id}/time`, { began_at, minutes: 30 });
  await logIn(page, desk, undefined, `clients/${made.client}?tab=contract&sub_client=${made.dairy}`);
  await expect(page.getByText("4 hr 30 min left of 5 hr")).toBeVisible();
  await expect(page.getByRole("img", { name: "30 min drawn of 5 hr" })).toBeVisible();
  await page.getByRole("button", { name: "Adjust the balance" }).click();
  const dialog = page.getByRole("dialog", { name: "Adjust the balance" });
  await dialog.getByLabel("Hours").fill("1.5");
  await dialog.getByLabel("Reason").fill("An hour and a half more");
  await dialog.getByRole("button", { name: "Save the adjustment" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText("6 hr left of 6 hr 30 min")).toBeVisible();
  await expect(page.getByRole("table", { name: "Adjustments" })).toContainText("An hour and a half more");
  await page.getByRole("table", { name: "What was drawn" }).getByRole("link", { name: number }).click();
  await expect(page.getByRole("heading", { name: /About how_to/ })).toBeVisible();
});

test("names are given and taken by the keyboard", async ({ page, desk }) => {
  const { client, dairy } = await furnished(desk);
  await logIn(page, desk, undefined, `clients/${client}?tab=contract&sub_client=${dairy}`);
  const named = page.getByRole("region", { name: /Named contacts/ });
  await expect(named).toContainText("1 of 3");
  await named.getByRole("combobox", { name: "Contact" }).focus();
  await page.keyboard.type("Boris");
  await expect(page.getByRole("option", { name: "Boris Titov" })).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await named.getByRole("button", { name: "Name the contact" }).press("Enter");
  await expect(named).toContainText("2 of 3");
  await named.getByRole("button", { name: "Take the name away: Boris Titov" }).press("Enter");
  await expect(named).toContainText("1 of 3");
});

test("a ticket shows its coverage with the reason, and a raise asks who agreed", async ({ page, desk }) => {
  const made = await furnished(desk);
  const { number: base } = await opened(desk, made, "central_database");
  await logIn(page, desk, undefined, `tickets/${base}`);
  await expect(page.getByText("Not covered by the contract")).toBeVisible();
  await expect(page.getByText("the package excludes the service", { exact: true })).toBeVisible();
  const { number } = await opened(desk, made, "how_to");
  await page.goto(`${desk.url}tickets/${number}`);
  await expect(page.getByText("Covered by the contract", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Raise the priority" }).click();
  const dialog = page.getByRole("dialog", { name: "Raise the priority" });
  await expect(dialog).toContainText("1 hr of the month’s balance");
  const submit = dialog.getByRole("button", { name: "Raise the priority of the ticket" });
  await expect(submit).toBeDisabled();
  await dialog.getByLabel("The client has agreed to the price").check();
  await submit.click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText(/priority raised for the client/)).toBeVisible();
  await page.getByRole("link", { name: "Contract", exact: true }).click();
  await expect(page.getByRole("table", { name: "Raised priorities" })).toContainText("Anna Reznik");
});

for (const { theme, language, width } of [
  { theme: "light", language: "ru", width: 1440 }, { theme: "dark", language: "en", width: 1440 },
  { theme: "light", language: "en", width: 390 }, { theme: "dark", language: "ru", width: NARROW_PX },
] as const) {
  test(`the contract is accessible and fits: ${theme}, ${language}, ${width} px`, async ({ browser, desk }) => {
    const { client, dairy } = await furnished(desk);
    const context = await browser.newContext({ colorScheme: theme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    await logIn(page, desk);
    await page.evaluate((chosen) => localStorage.setItem("naryad.language", chosen), language);
    await page.goto(`${desk.url}clients/${client}?tab=contract&sub_client=${dairy}`);
    await expect(page.locator(".contract table").first()).toBeVisible();
    await isAccessible(page);
    await fits(page);
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/contract-${theme}-${language}-${width}.png`, fullPage: true });
    await context.close();
  });
}
