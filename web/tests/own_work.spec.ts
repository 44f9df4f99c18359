// A person's own affairs: tickets handed over before leaving, shifts swapped, recorded time, log-ins in a client's desk.
import { ADMIN, type Desk, OPERATOR, expect, logIn, test } from "./desk";
import { isSound } from "./sound";

test.use({ deskOf: "own_work", viewport: { width: 1440, height: 900 } });
const PHONE = { width: 390, height: 844 };
const DAY_MS = 86_400_000;

interface Person {
  id: string;
  login: string;
}
const idOf = async (desk: Desk, login: string) =>
  (await desk.admin.call<{ items: Person[] }>("GET", "people")).items.find((one) => one.login === login)!.id;

async function ticketOf(desk: Desk, subject: string, person: string) {
  const number = await desk.open(subject, "cash_dispense_fault");
  const { ticket } = await desk.admin.call<{ ticket: { id: string } }>("GET", `tickets/${number}`);
  await desk.admin.call("POST", `tickets/${ticket.id}/assign`, { to: { how: "person", person } });
  return { number, id: ticket.id };
}

test("tickets are handed over by keyboard alone, and each is answered for itself", async ({ page, desk }) => {
  const boris = await idOf(desk, OPERATOR.login);
  const [kept, gone, closed] = [
    await ticketOf(desk, "Stays with me", boris), await ticketOf(desk, "Goes on", boris), await ticketOf(desk, "Closed meanwhile", boris),
  ];
  await logIn(page, desk, OPERATOR, "inbox?phase=active&assignee=me");
  await page.getByRole("button", { name: "Hand over my tickets" }).press("Enter");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("checkbox")).toHaveCount(3);
  await isSound(page);
  await desk.admin.call("POST", `tickets/${closed.id}/close`, { resolution: "repaired" });
  await dialog.getByRole("checkbox", { name: kept.number }).focus();
  await page.keyboard.press("Space");
  await dialog.getByRole("textbox", { name: `Note for ${gone.number}` }).focus();
  await page.keyboard.type("The key is at the door");
  await page.keyboard.press("Enter");
  await expect(dialog.getByText("1 of 2 could not be handed over")).toBeVisible();
  await expect(dialog.getByRole("listitem").filter({ hasText: gone.number })).toContainText("Stands in the queue");
  await expect(dialog.getByRole("listitem").filter({ hasText: closed.number })).toContainText("Not handed over");
  await isSound(page);
  await page.keyboard.press("Escape");
  const list = await desk.admin.call<{ items: { ticket: { number: string } }[] }>("GET", `handover?person=${boris}`);
  expect(list.items.map((one) => one.ticket.number)).toEqual([kept.number]);
});

test("a shift is offered on a phone and accepted on the board", async ({ page, browser, desk }) => {
  const [anna, boris] = [await idOf(desk, ADMIN.login), await idOf(desk, OPERATOR.login)];
  const noon = Math.floor(Date.now() / DAY_MS) * DAY_MS + DAY_MS;
  const shift = (person: string, days: number) => desk.admin.call("POST", "shifts", {
    person, from: new Date(noon + days * DAY_MS + 6 * 3_600_000).toISOString(), to: new Date(noon + days * DAY_MS + 14 * 3_600_000).toISOString(),
    kind: { is: "regular" },
  });
  await shift(boris, 0);
  const { id: theirs } = await shift(anna, 1);
  await page.setViewportSize(PHONE);
  await logIn(page, desk, OPERATOR, "roster/mine");
  await page.getByRole("button", { name: /^Offer to a colleague/ }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox", { name: "Colleague" }).fill("Anna");
  await page.getByRole("option", { name: ADMIN.name }).click();
  await dialog.getByLabel("In return for").selectOption(theirs);
  await dialog.getByLabel("Note").fill("My son's school play");
  await isSound(page);
  await dialog.getByRole("button", { name: "Offer the shift" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText(/You offer Anna Petrova/)).toBeVisible();
  await isSound(page);

  const other = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  await logIn(other, desk, ADMIN, "roster");
  await expect(other.getByText(/Boris Orlov offers you/)).toBeVisible();
  await isSound(other);
  await other.getByRole("button", { name: /^Accept/ }).press("Enter");
  await expect(other.getByText("Ended lately: 1")).toBeVisible();
  await other.context().close();
  const from = new Date(noon).toISOString();
  const to = new Date(noon + 3 * DAY_MS).toISOString();
  const roster = await desk.admin.call<{ shifts: { person: string }[] }>("GET", `roster?from=${from}&to=${to}`);
  expect(roster.shifts.map((one) => one.person)).toEqual([anna, boris]);
  await page.goto(`${desk.url}notifications`);
  await expect(page.getByText(/^The swap is made: /)).toBeVisible();
});

test("recorded time of a week is corrected where it stands", async ({ page, desk }) => {
  const boris = await idOf(desk, OPERATOR.login);
  const { number, id } = await ticketOf(desk, "A long job in the vault", boris);
  const began = new Date(Date.now() - 3 * 3_600_000).toISOString();
  await desk.admin.call("POST", `tickets/${id}/time`, { person: boris, began_at: began, minutes: 45, note: "Took the module out" });
  await logIn(page, desk, OPERATOR, "time");
  const entry = page.getByRole("listitem").filter({ hasText: "Took the module out" });
  await expect(entry).toContainText(number);
  await isSound(page);
  await entry.getByRole("button", { name: "Correct" }).click();
  await page.getByLabel("Minutes").fill("90");
  await isSound(page);
  await page.getByLabel("Minutes").press("Enter");
  await expect(entry.getByText("1 hr 30 min").or(entry.getByText("1 hr, 30 min"))).toBeVisible();
  await entry.getByRole("button", { name: "Take back" }).click();
  await expect(entry).toHaveCount(0);
});

test("log-ins of a client's desk are mapped and ended by who keeps the roster", async ({ page, browser, desk }) => {
  await logIn(page, desk, ADMIN, `clients/${desk.client}?tab=logins`);
  const add = async (login: string) => {
    await page.getByRole("button", { name: "Map a log-in" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Log-in").fill(login);
    await dialog.getByRole("combobox", { name: "Person" }).fill("Boris");
    await page.getByRole("option", { name: OPERATOR.name }).click();
    await isSound(page);
    await dialog.getByRole("button", { name: "Map the log-in" }).click();
    return dialog;
  };
  await expect(await add("Resolver 7")).toHaveCount(0);
  await expect(page.getByRole("cell", { name: "Resolver 7", exact: true })).toBeVisible();
  const again = await add("resolver 7");
  await expect(again.getByText(/is mapped already, to Boris Orlov/)).toBeVisible();
  await page.keyboard.press("Escape");
  await isSound(page);

  const other = await (await browser.newContext()).newPage();
  await logIn(other, desk, OPERATOR, `clients/${desk.client}?tab=logins`);
  await expect(other.getByRole("cell", { name: "Resolver 7", exact: true })).toBeVisible();
  await expect(other.getByRole("button", { name: "Map a log-in" })).toHaveCount(0);
  await expect(other.getByRole("button", { name: /End the mapping/ })).toHaveCount(0);
  await other.context().close();

  await page.getByRole("button", { name: "End the mapping of Resolver 7" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End the mapping" }).click();
  await expect(page.getByRole("cell", { name: "Resolver 7", exact: true })).toHaveCount(0);
  await page.getByLabel("Show those that are over").check();
  await expect(page.getByRole("cell", { name: "Resolver 7", exact: true })).toBeVisible();
});
