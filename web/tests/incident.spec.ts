// A major incident from its declaration to its end, and duplicates suggested while a ticket is written down.
import { type Desk, OPERATOR, expect, logIn, test } from "./desk";
import { fits, isAccessible, NARROW_PX } from "./sound";

test.use({ deskOf: "incident" });

const WORDS = "The bank's line is cut; we are on it.";

async function declared(desk: Desk, subject: string, words: string[]): Promise<{ id: string; number: string }> {
  const number = await desk.open(subject, "network_down");
  const { ticket } = await desk.admin.call<{ ticket: { id: string } }>("GET", `tickets/${number}`);
  await desk.admin.call("POST", "incidents", { ticket: ticket.id, rule: { words }, texts: { en: WORDS, ru: "Обрыв линии; чиним." } });
  return { id: ticket.id, number };
}

test("an incident is declared on a ticket, reaches those attached, and its end closes them", async ({ page, desk }) => {
  const parent = await desk.open("Line to the bank is cut", "network_down");
  await logIn(page, desk, undefined, `tickets/${parent}`);
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Declare a major incident…" }).click();
  const dialog = page.getByRole("dialog", { name: "Declare a major incident" });
  await dialog.getByLabel("Text for the client's people, in English").fill(WORDS);
  await dialog.getByLabel("Words of the subject").fill("bank line, offline");
  for (const box of await dialog.getByRole("checkbox").all()) await box.setChecked(false);
  await isAccessible(page);
  await dialog.getByRole("button", { name: "Declare a major incident" }).click();
  await expect(page.getByRole("heading", { name: new RegExp(parent) })).toBeVisible();
  await expect(page.getByText("No ticket is attached")).toBeVisible();

  const attached = await desk.open("Machine is offline", "network_down");
  await expect(page.getByRole("link", { name: attached })).toBeVisible();
  await page.getByLabel("What is new").fill("Two hours more.");
  await page.getByRole("button", { name: "Send to 1 ticket" }).click();
  await expect(page.getByText("Update sent to 1 ticket.")).toBeVisible();
  await isAccessible(page);

  await page.getByRole("link", { name: attached }).click();
  await expect(page.getByText("A known fault: it is in work.")).toBeVisible();
  await expect(page.getByText(WORDS)).toBeVisible();
  await expect(page.getByRole("article").filter({ hasText: "Two hours more." })).toContainText("update of the major incident");
  await page.getByRole("link", { name: "Open the incident" }).click();
  await page.getByRole("button", { name: "End the incident…" }).click();
  const end = page.getByRole("dialog", { name: "End the incident" });
  await end.getByLabel("Resolution").selectOption("repaired");
  await end.getByLabel(/attached ticket that is not closed/).selectOption("close_untouched");
  await end.getByRole("button", { name: "End the incident" }).click();
  await expect(page.getByText("1 ticket closed.")).toBeVisible();
  await expect(page.getByText("The major incident is over.")).toBeVisible();
});

test("an operator is told in the inbox and offered to attach and to see the same fault before saving", async ({ page, desk }) => {
  const { number } = await declared(desk, "Host does not answer", ["host silent"]);
  const same = await desk.open("Receipt paper torn inside the presenter", "receipt_jam");
  await logIn(page, desk, OPERATOR);
  await expect(page.getByText("A major incident is going on")).toBeVisible();
  await isAccessible(page);
  await page.getByRole("link", { name: "New ticket" }).click();
  await page.getByLabel("Subject").fill("Host silent: receipt paper torn inside presenter");
  await expect(page.getByText("This fits a major incident:")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Possibly the same" })).toBeVisible();
  await expect(page.getByRole("link", { name: same })).toBeVisible();
  await isAccessible(page);
  await page.getByLabel("Attach the new ticket").check();
  await page.getByRole("button", { name: "Open the ticket" }).click();
  await expect(page.getByText("A known fault: it is in work.")).toBeVisible();
  await page.getByRole("button", { name: "Take off the incident" }).click();
  await expect(page.getByText("A known fault: it is in work.")).toBeHidden();
  await page.getByRole("tab", { name: "Context" }).click();
  await page.getByRole("button", { name: `Duplicate of ${same}` }).first().click();
  await expect(page.getByText("Closed").first()).toBeVisible();
  expect(number).toMatch(/^ATM-/);
});

test("the pages read well at 320 px, in Russian and in the dark", async ({ page, desk }) => {
  const { id } = await declared(desk, "Network of the mall is down", ["mall"]);
  await logIn(page, desk);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: NARROW_PX, height: 700 });
  for (const path of ["incidents", `incidents/${id}`]) {
    await page.goto(desk.url + path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await isAccessible(page);
    await fits(page);
  }
});
