// What a dispatcher does by hand: an engineer by what is needed, timers, duplicates, several tickets at once.
import { type Caller, type Desk, expect, logIn, test } from "./desk";

test.use({ deskOf: "dispatch" });

// Wide enough for the context to stand beside the ticket.
test.use({ viewport: { width: 1440, height: 900 } });

const ENGINEERS = [
  { login: "zhanna", name: "Zhanna Akhmet", grade: 1, city: "Almaty", certificates: ["ncr"] },
  { login: "timur", name: "Timur Sadyk", grade: 2, city: "Almaty", certificates: ["ncr", "dn"] },
  { login: "gleb", name: "Gleb Orlov", grade: 2, city: "Kazan", certificates: ["ncr"] },
];
const DAY_MS = 24 * 60 * 60 * 1000;
let made = false;

async function engineers(desk: Desk) {
  if (made) return;
  made = true;
  for (const { login, name, ...profile } of ENGINEERS) await addEngineer(desk.admin, login, name, profile);
}
async function addEngineer(admin: Caller, login: string, name: string, profile: { grade: number; city: string; certificates: string[] }) {
  const { id } = await admin.call("POST", "people", {
    login, name, language: "en", time_zone: "Asia/Almaty", affiliation: { kind: "staff" }, capacity: 4, is_on_duty: true, is_active: true,
    engineer: { ...profile, languages: ["kk"], lead: null },
  });
  await admin.call("POST", `people/${id}/access`, { grants: [{ role: "engineer", client: null }], memberships: [] });
}

test("requirements rank the engineers anew, and the desk sends the best", async ({ page, desk }) => {
  await engineers(desk);
  const number = await desk.open("Keypad is dead", "keypad_fault");
  await logIn(page, desk, undefined, `tickets/${number}?tab=work`);
  await page.getByRole("button", { name: "New work order" }).click();
  await expect(page.getByRole("textbox", { name: "City" })).toHaveValue("Almaty");
  const row = (name: string) => page.getByRole("listitem").filter({ hasText: name }).filter({ has: page.getByRole("radio") });
  await expect(row("Zhanna Akhmet")).toContainText("suits");
  await expect(row("Gleb Orlov")).toContainText("Kazan");
  await expect(row("Gleb Orlov")).not.toContainText("suits");

  await page.getByRole("textbox", { name: "Certificates" }).fill("dn");
  await page.getByRole("textbox", { name: "Certificates" }).blur();
  await expect(row("Zhanna Akhmet")).not.toContainText("suits");
  await expect(row("Timur Sadyk")).toContainText("suits");
  await page.getByRole("button", { name: "Send whoever suits best" }).click();
  await expect(page.getByRole("article").filter({ hasText: "Timur Sadyk" })).toContainText("offered");
});

test("nobody suits is said in place, with the reasons in the timeline", async ({ page, desk }) => {
  await engineers(desk);
  const number = await desk.open("Screen is black", "screen_fault");
  await logIn(page, desk, undefined, `tickets/${number}?tab=work`);
  await page.getByRole("button", { name: "New work order" }).click();
  await page.getByRole("textbox", { name: "City" }).fill("Paris");
  await page.getByRole("button", { name: "Send whoever suits best" }).click();
  await expect(page.getByText("Nobody suits")).toBeVisible();
  await expect(page.getByRole("article")).toHaveCount(0);
  await page.getByRole("tab", { name: "Timeline" }).click();
  await page.getByText(/Candidates: 3/).click();
  await expect(page.getByText("Gleb Orlov — lives in Kazan")).toBeVisible();
});

test("a duplicate is closed and linked to the ticket that is found by words", async ({ page, desk }) => {
  const first = await desk.open("Printer grinds loudly", "receipt_jam");
  const second = await desk.open("Strange noise", "keypad_fault");
  await logIn(page, desk, undefined, `tickets/${second}`);
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Mark as a duplicate…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox").fill("grinds");
  await page.getByRole("option", { name: new RegExp(first) }).click();
  await dialog.getByRole("button", { name: "Close as a duplicate" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole("region", { name: "Context" }).getByText("duplicate of")).toBeVisible();
  await expect(page.getByRole("region", { name: "Context" }).getByRole("link", { name: first }).first()).toBeVisible();
  await page.getByRole("button", { name: "More actions" }).click();
  await expect(page.getByRole("menuitem", { name: "Reopen" })).toBeVisible();
});

test("a timer that the pack knows is started and stopped", async ({ page, desk }) => {
  const number = await desk.open("Call back about the lock", "cctv_setup");
  await logIn(page, desk, undefined, `tickets/${number}`);
  const context = page.getByRole("region", { name: "Context" });
  await context.getByRole("button", { name: "Start a timer" }).click();
  await context.getByLabel("Which timer").selectOption({ label: "Call the client back" });
  await context.getByLabel("When it fires").fill(new Date(Date.now() + 2 * DAY_MS).toISOString().slice(0, 16));
  await context.getByRole("button", { name: "Start a timer" }).click();
  await context.getByRole("button", { name: 'Stop the timer "Call the client back"' }).click();
  await expect(context.getByText("No timer is running.")).toBeVisible();
  await expect(page.getByText(/timer .*Call the client back/i).first()).toBeVisible();
});

test("several tickets are picked by box, by key and by range, and changed together", async ({ page, desk }) => {
  const numbers = [await desk.open("Bulk one", "receipt_jam"), await desk.open("Bulk two", "paper_roll"), await desk.open("Bulk three", "screen_fault")];
  await logIn(page, desk, undefined, "inbox?q=bulk");
  const box = (number: string) => page.getByRole("checkbox", { name: `Pick ${number}` });
  await box(numbers[2]!).click();
  await box(numbers[0]!).click({ modifiers: ["Shift"] });
  await expect(page.getByText("3 picked")).toBeVisible();
  // The box has the focus, and the keys of the list still work.
  await page.keyboard.press("x");
  await expect(page.getByText("2 picked")).toBeVisible();
  await page.keyboard.press("x");

  await page.getByRole("button", { name: "Tags…" }).click();
  await page.getByRole("dialog").getByRole("textbox", { name: "Add a tag" }).fill("audit");
  await page.getByRole("dialog").getByRole("button", { name: "Change 3 tickets" }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  const tagged = await desk.admin.call<{ items: { number: string; tags: string[] }[] }>("GET", "tickets?q=bulk");
  expect(tagged.items.map((one) => one.tags)).toEqual([["audit"], ["audit"], ["audit"]]);
});

test("what refuses a common change is named with its reason", async ({ page, desk }) => {
  const numbers = [await desk.open("Mixed one", "receipt_jam"), await desk.open("Mixed two", "receipt_jam")];
  const done = await desk.admin.call<{ ticket: { id: string } }>("GET", `tickets/${numbers[0]}`);
  await logIn(page, desk, undefined, "inbox?q=mixed&phase=all");
  await page.getByRole("checkbox", { name: "Pick all loaded tickets" }).click();
  await page.getByRole("button", { name: "Change status…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Status").selectOption({ label: "In work" });
  // Somebody else closes one of them while the dialog is open.
  await desk.admin.call("POST", `tickets/${done.ticket.id}/close`, { resolution: "refused" });
  await dialog.getByRole("button", { name: "Change 2 tickets" }).click();
  await expect(dialog.getByText("1 of 2 were changed")).toBeVisible();
  await expect(dialog.getByRole("listitem")).toContainText(numbers[0]!);
});

test("others are asked to watch a ticket, and are let go again", async ({ page, desk }) => {
  const number = await desk.open("Worth watching", "receipt_jam");
  await logIn(page, desk, undefined, `tickets/${number}`);
  const context = page.getByRole("region", { name: "Context" });
  await context.getByRole("combobox", { name: "Add a watcher" }).fill("boris");
  await context.getByRole("option", { name: "Boris Orlov" }).click();
  await context.getByRole("button", { name: "Boris Orlov watches no more" }).click();
  await expect(context.getByRole("button", { name: "Boris Orlov watches no more" })).toHaveCount(0);
  await expect(context.getByRole("combobox", { name: "Add a watcher" })).toHaveValue("");
});

test("who is off shift or absent is named with until when, who is on shift too", async ({ page, desk }) => {
  await engineers(desk);
  const { items } = await desk.admin.call<{ items: { id: string; login: string }[] }>("GET", "people");
  const id = (login: string) => items.find((one) => one.login === login)!.id;
  const at = (hours: number) => new Date(Date.now() + hours * 60 * 60 * 1000).toISOString();
  const shifts = [
    await desk.admin.call("POST", "shifts", { person: id("zhanna"), from: at(24), to: at(32), kind: { is: "regular" } }),
    await desk.admin.call("POST", "shifts", { person: id("timur"), from: at(-1), to: at(7), kind: { is: "regular" } }),
  ];
  const away = await desk.admin.call("POST", "absences", { person: id("gleb"), from: at(-1), to: at(48), kind: "sick" });
  const number = await desk.open("Camera is blind", "screen_fault");
  await logIn(page, desk, undefined, `tickets/${number}?tab=work`);
  await page.getByRole("button", { name: "New work order" }).click();
  const row = (name: string) => page.getByRole("listitem").filter({ hasText: name }).filter({ has: page.getByRole("radio") });
  await expect(row("Zhanna Akhmet")).toContainText(/off shift until \w+ \d+, \d\d:\d\d/);
  await expect(row("Timur Sadyk")).toContainText(/on shift until \w+ \d+, \d\d:\d\d/);
  await expect(row("Timur Sadyk")).toContainText("suits");
  await page.getByRole("textbox", { name: "City" }).fill("Kazan");
  await page.getByRole("textbox", { name: "City" }).blur();
  await expect(row("Gleb Orlov")).toContainText(/absent until \w+ \d+, \d\d:\d\d/);
  for (const one of shifts) await desk.admin.call("POST", `shifts/${one.id}/remove`, { version: 1 });
  await desk.admin.call("POST", `absences/${away.id}/remove`, { version: 1 });
});
