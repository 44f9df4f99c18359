// A hand-over that asks for what the next line needs, a gate at closing, acceptance, and the report of what was left.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Desk, OPERATOR, expect, logIn, test } from "./desk";
import { fits, isAccessible, NARROW_PX } from "./sound";

test.use({ deskOf: "hand_over" });

const PACK = join(import.meta.dirname, "../../workflows/retail-first-line");
// Wide enough for the context to stand beside the ticket.
test.use({ viewport: { width: 1440, height: 900 } });

interface Shop {
  client: string;
  contact: string;
  boris: string;
}
let made: Shop | undefined;

async function shop(desk: Desk): Promise<Shop> {
  if (made) return made;
  const { id: client } = await desk.admin.call("POST", "clients", {
    key: "shops", name: "Shop Chain", prefix: "SHP", colour: "#7a4b12", language: "en", is_active: true,
  });
  const settings = readFileSync(join(PACK, "client.toml"), "utf8")
    .replace('required_certificates = ["retail-attestation"]', "required_certificates = []")
    // Whatever the hour of the test, the shops are open.
    .replace(/hours = \[\{ days = \["mon", "tue", "wed", "thu", "fri", "sat", "sun"\].*\]/, "");
  await desk.admin.call("POST", `clients/${client}/workflow/publish`, {
    // The pack's own tests play its script; here a busy machine must not fail it.
    message: "First", script: "", settings,
  });
  const { id: contact } = await desk.admin.call("POST", "contacts", { client, name: "Maria Ivanova", phone: "+7 900 000 00 00" });
  const people = await desk.admin.call<{ items: { id: string; login: string }[] }>("GET", "people");
  const boris = people.items.find((one) => one.login === OPERATOR.login)!.id;
  return (made = { client, contact, boris });
}

const opened = async (desk: Desk, body: Record<string, unknown>) => {
  const { client } = await shop(desk);
  const { id, number } = await desk.admin.call("POST", "tickets", { client, description: "", ...body });
  return { id, number };
};
const password = async (desk: Desk, subject: string) => {
  const { contact } = await shop(desk);
  return opened(desk, { subject, category: "password", contact, fields: { login: "ivanova" } });
};

const given = async (desk: Desk, id: string) => {
  const { boris } = await shop(desk);
  await desk.admin.call("POST", `tickets/${id}/queue`, { queue: "line_1" });
  await desk.admin.call("POST", `tickets/${id}/assign`, { to: { how: "person", person: boris } });
};

test("the dialog asks for what the next line needs and keeps what was typed", async ({ page, desk }) => {
  const { number } = await password(desk, "Password forgotten");
  await logIn(page, desk, undefined, `tickets/${number}`);
  await page.getByRole("button", { name: "Line 0: intake" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel("What was tried (required)")).toHaveCount(0);
  await dialog.getByLabel("Hand over to").selectOption({ label: "Line 2: engineers" });
  await expect(dialog.getByLabel("Log-in (required)")).toHaveValue("ivanova");
  await expect(dialog.getByRole("combobox", { name: "Contact (required)" })).toHaveValue("Maria Ivanova");
  await expect(dialog.getByText("what the operator did and what came of it")).toBeVisible();
  const reason = dialog.locator("textarea");
  await reason.fill("Needs other rights");
  const submit = dialog.locator('button[type="submit"]');
  await submit.click();
  await expect(dialog, "nothing is sent while a required field is empty").toBeVisible();
  // Spaces are an answer for the browser, not for the desk.
  await dialog.getByLabel("What was tried (required)").fill("   ");
  await submit.click();
  await expect(dialog.getByText("Fill this in: the step needs it.")).toBeVisible();
  await expect(dialog.getByText("Some information is missing before this step. What was tried")).toBeVisible();
  await expect(reason).toHaveValue("Needs other rights");
  await dialog.getByLabel("What was tried (required)").fill("Reset twice");
  await submit.click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Line 2: engineers" })).toBeVisible();
  const told = page.locator(".event dl");
  await expect(told).toContainText("What was tried");
  await expect(told).toContainText("Reset twice");
  await expect(told).toContainText("ivanova");
});

test("several tickets at once are asked the same, and those that refuse can be tried again", async ({ page, desk }) => {
  const { client } = await shop(desk);
  await password(desk, "Bulk one");
  await password(desk, "Bulk two");
  await logIn(page, desk, undefined, `inbox?client=${client}&q=Bulk`);
  for (const subject of ["Bulk one", "Bulk two"]) {
    await page.getByRole("listitem").filter({ hasText: subject }).getByRole("checkbox").check();
  }
  await page.getByRole("button", { name: /Hand over/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Hand over to").selectOption({ label: "Line 2: engineers" });
  await dialog.locator('button[type="submit"]').click();
  await expect(dialog.getByRole("listitem")).toHaveCount(2);
  await expect(dialog.getByRole("listitem").first()).toContainText("What was tried");
  await dialog.getByRole("button", { name: "Fill in and try these again" }).click();
  await dialog.getByLabel("What was tried (required)").fill("Reset twice");
  await dialog.locator('button[type="submit"]').click();
  await expect(dialog).toHaveCount(0);
});

test("a gate asks for the category at closing, in the same step", async ({ page, desk }) => {
  const { number } = await opened(desk, { subject: "Something is wrong" });
  await logIn(page, desk, undefined, `tickets/${number}`);
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: /^Close/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Resolution").selectOption({ label: "Explained" });
  await dialog.getByLabel("Category (required)").selectOption({ label: "Balance, account status" });
  await dialog.getByRole("combobox", { name: "Contact (required)" }).fill("Maria");
  await page.getByRole("option", { name: /Maria Ivanova/ }).click();
  await dialog.locator('button[type="submit"]').click();
  await expect(dialog).toHaveCount(0);
  const sent = await desk.admin.call<{ ticket: { category: string; is_unclassified: boolean } }>("GET", `tickets/${number}`);
  expect([sent.ticket.category, sent.ticket.is_unclassified]).toEqual(["balance", false]);
});

test("who was given a ticket accepts it, and who took an unclassified one is asked what it is about", async ({ page, desk }) => {
  const { id, number } = await password(desk, "Give me");
  await given(desk, id);
  await logIn(page, desk, OPERATOR, `tickets/${number}`);
  await expect(page.getByText(/The ticket was given to you\. Accept it until .* left\)/)).toBeVisible();
  await page.getByRole("button", { name: "Accept the ticket" }).click();
  await expect(page.getByRole("button", { name: "Accept the ticket" })).toHaveCount(0);
  await expect(page.getByText("accepted the ticket")).toBeVisible();

  const loose = await opened(desk, { subject: "Not sorted yet" });
  await page.goto(`${desk.url}tickets/${loose.number}`);
  await expect(page.getByText("This ticket is not classified yet.")).toHaveCount(0);
  await page.getByRole("button", { name: "Assignee: no assignee" }).click();
  await page.getByRole("menuitem", { name: "Assign to me" }).click();
  await expect(page.getByText("This ticket is not classified yet. What is it about?")).toBeVisible();
  await page.getByLabel("Category (if known)").selectOption({ label: "Outage in the area" });
  await expect(page.getByLabel("Category (if known)")).toHaveCount(0);
});

test("the report's numbers open their tickets", async ({ page, desk }) => {
  const number = await desk.open("Left as it came", "unknown");
  const { ticket } = await desk.admin.call<{ ticket: { id: string } }>("GET", `tickets/${number}`);
  await desk.admin.call("POST", `tickets/${ticket.id}/close`, { resolution: "repaired" });
  await logIn(page, desk, undefined, "reports/classification");
  const row = page.getByRole("row").filter({ hasText: "Cash Machines Ltd" }).first();
  await expect(row.getByRole("link").last()).toHaveText("1");
  await row.getByRole("link").last().click();
  await expect(page.getByText("Left as it came")).toBeVisible();
  await expect(page.locator("[data-ticket]")).toHaveCount(1);
});

for (const { theme, language, width } of [
  { theme: "light", language: "ru", width: 1440 }, { theme: "dark", language: "en", width: 390 },
  { theme: "light", language: "ru", width: NARROW_PX },
] as const) {
  test(`hand-over, notices and report are accessible and fit: ${theme}, ${language}, ${width} px`, async ({ browser, desk }) => {
    const { id, number } = await password(desk, `Fits ${theme} ${language} ${width}`);
    await given(desk, id);
    const context = await browser.newContext({ colorScheme: theme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    await logIn(page, desk);
    await page.evaluate((chosen) => localStorage.setItem("naryad.language", chosen), language);
    const check = async (name: string) => {
      if (process.env.TEST_SHOTS) await page.screenshot({ path: join(process.env.TEST_SHOTS, `${name}-${theme}-${language}-${width}.png`) });
      await isAccessible(page);
      await fits(page);
    };
    await page.goto(`${desk.url}tickets/${number}`);
    await page.locator("button.queue").click();
    await page.getByRole("dialog").locator("select").first().selectOption("line_2");
    await expect(page.getByRole("dialog").locator("input").first()).toBeVisible();
    await check("hand-over");
    await page.goto(`${desk.url}reports/classification`);
    await expect(page.locator("h1")).toBeVisible();
    await check("report");
    await context.close();
  });
}
