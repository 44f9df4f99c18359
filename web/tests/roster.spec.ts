// The roster planner: a month for 64 people by keyboard alone, drags and their conflicts, others' changes, a phone.
import { type Page } from "@playwright/test";
import { type Caller, type Desk, OPERATOR, expect, logIn, test } from "./desk";
import { fits, isAccessible } from "./sound";

test.use({ deskOf: "roster" });

/** What a planner may need for a month of so many people, and how long one step may take to show. */
const PEOPLE = 64;
const MONTH_MS_MAX = 10 * 60_000;
const KEYS_MAX = 200;
const MONTH = "2027-01-01";

async function operators(admin: Caller, count: number) {
  for (let number = 1; number <= count; number += 1) {
    const login = `o${String(number).padStart(2, "0")}`;
    const { id } = await admin.call("POST", "people", {
      login, name: `Operator ${String(number).padStart(2, "0")}`, language: "en", time_zone: "Europe/Moscow",
      affiliation: { kind: "staff" }, capacity: 5, is_on_duty: true, is_active: true,
    });
    await admin.call("POST", `people/${id}/access`, { grants: [{ role: "operator", client: null }], memberships: [{ queue: "line_1", client: null }] });
  }
}

interface Roster {
  shifts: { id: string; person: string; from: string; to: string; version: number; kind: { is: string } }[];
  absences: { person: string; kind: string }[];
  workers: { id: string; name: string }[];
}
const month = (desk: Desk, first = MONTH) => {
  const to = new Date(Date.parse(first) + 31 * 86_400_000).toISOString();
  return desk.admin.call<Roster>("GET", `roster?from=${new Date(Date.parse(first) - 3 * 3_600_000).toISOString()}&to=${to}`);
};
const said = (page: Page) => page.locator("footer [role=status]");

test.beforeAll(async ({ desk }) => {
  test.setTimeout(120_000);
  await operators(desk.admin, PEOPLE);
});

test("a month for 64 people is planned by keyboard alone", async ({ page, desk }) => {
  test.setTimeout(180_000);
  await logIn(page, desk, undefined, `roster?day=${MONTH}&view=month`);
  const grid = page.getByRole("grid", { name: /Roster/ });
  await expect(grid).toHaveAttribute("aria-rowcount", String(PEOPLE + 1));
  await page.evaluate(() => {
    // A pointer would be cheating.
    for (const kind of ["pointerdown", "mousedown"]) addEventListener(kind, () => document.body.setAttribute("data-pointer", kind), true);
  });
  const began = Date.now();
  let keys = 0;
  const press = async (...pressed: string[]) => {
    for (const key of pressed) {
      await page.keyboard.press(key);
      keys += 1;
    }
  };
  const idle = () => expect(said(page)).toHaveAttribute("aria-busy", "false");
  // By Tab into the grid: one stop.
  while (!(await page.evaluate(() => document.activeElement?.getAttribute("role") === "gridcell"))) await press("Tab");
  const tabs = keys;

  // Day, night, two off, each next person a day later: everybody's month at once.
  await press("Control+a", "p");
  await expect(page.getByRole("dialog")).toContainText(`People: ${PEOPLE}, days: 31`);
  await expect(page.getByLabel("Pattern", { exact: true })).toBeFocused();
  await press("Tab", "Enter");
  await expect(said(page)).toHaveText(/Shifts placed: 992/, { timeout: 30_000 });
  // The first week of the first person again: Monday to Friday, to the end of the month.
  await press("Control+Home", "Shift+Space", "Delete");
  await expect(said(page)).toHaveText(/Removed: /);
  await press("Home", "ArrowRight", "ArrowRight", "ArrowRight", "3", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "Enter");
  await expect(said(page)).toHaveText("Shifts placed: 5.");
  await press("Home", "ArrowRight", "ArrowRight", "ArrowRight", ...Array<string>(6).fill("Shift+ArrowRight"), "Control+r");
  await expect(said(page)).toHaveText("Shifts placed: 15.");
  // A person's month to three others.
  await press("Home", "Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown", "Control+d");
  await expect(said(page)).toHaveText("Shifts placed: 60.");
  // A vacation, an extra shift, a longer shift, two that change places; and a mistake that is taken back.
  await press("Control+Home", "ArrowDown", "a");
  await expect(page.getByRole("dialog")).toContainText("Operator 0");
  await press("Enter");
  await expect(said(page)).toHaveText("Absence marked: vacation.");
  await press("ArrowRight", "5", "Enter");
  await expect(said(page)).toHaveText("Shifts placed: 1.");
  await press("BracketRight");
  await expect(said(page)).toHaveText("Shifts changed: 1.");
  await press("Delete");
  await expect(said(page)).toHaveText("Removed: 1.");
  await press("Control+z");
  await expect(said(page)).toHaveText("Taken back: Removed: 1.");
  await idle();
  const planningMs = Date.now() - began;

  const { shifts, absences } = await month(desk);
  const people = new Set(shifts.map((shift) => shift.person));
  console.log(`${shifts.length} shifts of ${people.size} people: ${keys} keystrokes (${tabs} to reach the grid), ${(planningMs / 1000).toFixed(1)} s`);
  expect(people.size).toBe(PEOPLE);
  // Sixty on day, night and two days off (15 or 16 of 31 days); four on weekdays; one extra.
  expect(shifts.length).toBeGreaterThan(60 * 15 + 4 * 20);
  expect(absences.map((one) => one.kind)).toEqual(["vacation"]);
  const extra = shifts.find((shift) => shift.kind.is === "extra")!;
  expect([extra.from, extra.to]).toEqual(["2027-01-02T05:00:00.000Z", "2027-01-02T18:00:00.000Z"]);
  expect(await page.evaluate(() => document.body.getAttribute("data-pointer"))).toBe(null);
  expect(planningMs).toBeLessThan(MONTH_MS_MAX);
  expect(keys).toBeLessThan(KEYS_MAX);
  await isAccessible(page);
});

test("one key shows its answer within a tenth of a second, and scrolling keeps few rows", async ({ page, desk }) => {
  await logIn(page, desk, undefined, `roster?day=${MONTH}&view=month`);
  const cell = page.locator('[data-row="0"] [data-column="0"]');
  await cell.click();
  const ms = await page.evaluate(async () => {
    const times: number[] = [];
    for (let step = 0; step < 20; step += 1) {
      const began = performance.now();
      document.activeElement!.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", code: "ArrowDown", bubbles: true, cancelable: true }));
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      times.push(performance.now() - began);
    }
    return times.sort((one, other) => one - other)[10]!;
  });
  console.log(`arrow down to the next frame: ${ms.toFixed(0)} ms (the middle of 20)`);
  expect(ms).toBeLessThan(100);
  expect(await page.locator("[data-row]").count()).toBeLessThan(45);
  await expect(page.locator('[data-row="20"] [data-column="0"]')).toBeFocused();
});

test("a drag shows its conflict before the drop, and what others do does not take it away", async ({ page, desk }) => {
  const { workers } = await month(desk, "2027-03-01");
  const [first, second] = workers.filter((one) => one.name.startsWith("Operator"));
  const put = (person: string, day: string, from = "05", to = "17") =>
    desk.admin.call("POST", "shifts", { person, from: `2027-03-${day}T${from}:00:00Z`, to: `2027-03-${day}T${to}:00:00Z`, kind: { is: "regular" } });
  await put(first!.id, "01");
  await put(second!.id, "02");
  await logIn(page, desk, undefined, "roster?day=2027-03-01&view=month");
  const at = async (row: number, column: number) => {
    const found = (await page.locator(`[data-row="${row}"] [data-column="${column}"]`).boundingBox())!;
    return [found.x + found.width / 2, found.y + 10] as const;
  };
  await expect(page.locator('[data-row="0"] [data-column="0"] [data-shift]')).toHaveText("8–20");
  await page.mouse.move(...(await at(0, 0)));
  await page.mouse.down();
  await page.mouse.move(...(await at(1, 1)), { steps: 4 });
  await expect(page.getByText("Conflicts: 1", { exact: true })).toBeVisible();
  // Somebody else plans meanwhile; the drag goes on.
  await put(second!.id, "05");
  await page.waitForTimeout(500);
  await page.mouse.move(...(await at(1, 2)), { steps: 4 });
  await expect(page.getByText("Operator 02, Wed, Mar 3, 8–20")).toBeVisible();
  await page.mouse.up();
  await expect(said(page)).toHaveText("Shifts moved: 1.");
  await expect(page.locator('[data-row="1"] [data-column="2"] [data-shift]')).toHaveText("8–20");
  await expect(page.locator('[data-row="1"] [data-column="4"] [data-shift]')).toHaveText("8–20");
  // With Ctrl it stays where it was, too.
  await page.mouse.move(...(await at(1, 4)));
  await page.mouse.down();
  await page.keyboard.down("Control");
  await page.mouse.move(...(await at(0, 4)), { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up("Control");
  await expect(page.locator('[data-row="0"] [data-column="4"] [data-shift]')).toHaveText("8–20");
  await expect(page.locator('[data-row="1"] [data-column="4"] [data-shift]')).toHaveText("8–20");
  // Dropped on a shift, it says so at the cell.
  await page.mouse.move(...(await at(0, 4)));
  await page.mouse.down();
  await page.mouse.move(...(await at(1, 4)), { steps: 4 });
  await page.mouse.up();
  await expect(said(page)).toHaveText("Nothing was changed. Conflicts: 1.");
  await expect(page.locator('[data-row="1"] [data-column="4"]')).toHaveAccessibleName(/overlaps with the shift 08:00–20:00/);
  await isAccessible(page);
});

test("a template is painted over days, and an edge is stretched", async ({ page, desk }) => {
  await logIn(page, desk, undefined, "roster?day=2027-08-02&view=week");
  const cell = (row: number, column: number) => page.locator(`[data-row="${row}"] [data-column="${column}"]`);
  const middle = async (row: number, column: number) => {
    const found = (await cell(row, column).boundingBox())!;
    return [found.x + found.width / 2, found.y + found.height / 2] as const;
  };
  await page.getByRole("button", { name: /^2 ?20–8/ }).click();
  await page.mouse.move(...(await middle(2, 0)));
  await page.mouse.down();
  await page.mouse.move(...(await middle(3, 2)), { steps: 5 });
  await expect(page.getByText("Shifts: 6", { exact: true })).toBeVisible();
  await page.mouse.up();
  await expect(said(page)).toHaveText("Shifts placed: 6.");
  await page.getByRole("button", { name: "Select" }).click();
  const shift = (await cell(2, 1).locator("[data-shift]").boundingBox())!;
  const hour = (await cell(2, 1).boundingBox())!.width / 24;
  await page.mouse.move(shift.x + shift.width - 2, shift.y + 6);
  await page.mouse.down();
  await page.mouse.move(shift.x + shift.width - 2 - 2 * hour, shift.y + 6, { steps: 4 });
  await page.mouse.up();
  await expect(said(page)).toHaveText("Shifts changed: 1.");
  await expect(cell(2, 1).locator("[data-shift]")).toHaveText("20:00–06:00");
  // The menu's twin of the same.
  await page.getByRole("button", { name: "Cell actions" }).click();
  await page.getByRole("menuitem", { name: "End an hour later" }).click();
  await expect(cell(2, 1).locator("[data-shift]")).toHaveText("20:00–07:00");
  await page.keyboard.press("Control+z");
  await expect(cell(2, 1).locator("[data-shift]")).toHaveText("20:00–06:00");
});

test("who was faster is named", async ({ page, desk }) => {
  const { workers } = await month(desk, "2027-05-01");
  const person = workers.find((one) => one.name === "Operator 01")!.id;
  const hours = { person, from: "2027-05-03T05:00:00Z", to: "2027-05-03T17:00:00Z", kind: { is: "regular" } };
  const { id } = await desk.admin.call("POST", "shifts", hours);
  await logIn(page, desk, undefined, "roster?day=2027-05-01&view=month");
  const cell = page.locator('[data-row="0"] [data-column="2"]');
  await expect(cell.locator("[data-shift]")).toHaveText("8–20");
  // The news of the change comes too late.
  await page.route("**/api/v1/roster?*", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await route.continue();
  });
  await desk.admin.call("POST", `shifts/${id}`, { ...hours, to: "2027-05-03T18:00:00Z", version: 1 });
  await cell.click();
  await page.keyboard.press("Delete");
  await expect(page.getByRole("list", { name: "Conflicts" })).toContainText("changed by Anna Petrova at");
  await expect(page.getByRole("list", { name: "Conflicts" })).toContainText("was 08:00–20:00, is 08:00–21:00");
});

test("the board is ten stops away or one link, and the shifts of one day stand apart", async ({ page, desk }) => {
  const worker = (await month(desk, "2027-08-01")).workers.find((one) => one.name === "Operator 01")!;
  for (const [from, to] of [["05", "08"], ["10", "13"], ["15", "17"]] as const) {
    await desk.admin.call("POST", "shifts", { person: worker.id, from: `2027-08-02T${from}:00:00Z`, to: `2027-08-02T${to}:00:00Z`, kind: { is: "regular" } });
    if (from === "15") continue;
    await desk.admin.call("POST", "shifts", { person: worker.id, from: `2027-08-03T${from}:00:00Z`, to: `2027-08-03T${to}:00:00Z`, kind: { is: "regular" } });
  }
  await logIn(page, desk, undefined, "roster?day=2027-08-01&view=month");
  const cell = (column: number) => page.locator(`[data-row="0"] [data-column="${column}"]`);
  await expect(cell(2).locator("[data-shift]")).toHaveText(["8–11", "13–16"]);
  await expect(cell(1)).toHaveText(/^\s*8–11\s*\+2\s*$/);
  await expect(cell(1)).toHaveAccessibleName(/18:00–20:00/);
  const box = (await cell(2).boundingBox())!;
  const parts = await cell(2).locator("[data-shift]").evaluateAll((all) => all.map((one) => one.getBoundingClientRect().toJSON() as DOMRect));
  expect(parts[0]!.bottom).toBeLessThanOrEqual(parts[1]!.top);
  expect(parts[1]!.bottom).toBeLessThanOrEqual(box.y + box.height);

  const isInGrid = () => page.evaluate(() => document.activeElement?.getAttribute("role") === "gridcell");
  await page.locator("#main").focus();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "To the shifts" })).toBeFocused();
  let stops = 1;
  for (; stops < 30 && !(await isInGrid()); stops += 1) await page.keyboard.press("Tab");
  expect(stops).toBeLessThanOrEqual(10);
  await page.locator("#main").focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect.poll(isInGrid).toBe(true);
});

test("a table is imported and its wrong lines are shown", async ({ page, desk }) => {
  await logIn(page, desk, undefined, "roster?day=2027-06-01&view=month");
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: "Import a table" }).click();
  const dialog = page.getByRole("dialog", { name: "Import shifts from a table" });
  await dialog.getByLabel("Table").fill("login,from,to,kind\no01,2027-06-01 08:00,2027-06-01 20:00,regular\nnobody,2027-06-01 08:00,2027-06-01 20:00,regular\n");
  await dialog.getByRole("button", { name: "Import shifts: 2" }).click();
  await expect(dialog.getByRole("alert")).toHaveText("Nothing was taken. Wrong lines: 1.");
  await expect(dialog).toContainText("There is no person with the login “nobody”");
  await isAccessible(page);
  await dialog.getByLabel("Table").fill("login,from,to,kind\no01,2027-06-01 08:00,2027-06-01 20:00,regular\n");
  await dialog.getByRole("button", { name: "Import shifts: 1" }).click();
  await expect(page.locator('[data-row="0"] [data-column="0"] [data-shift]')).toHaveText("8–20");
});

test("an operator reads the roster and sees the own shifts on a phone of 320 pixels", async ({ page, desk }) => {
  const { workers } = await month(desk);
  const boris = workers.find((one) => one.name === OPERATOR.name)!.id;
  const from = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3_600_000);
  await desk.admin.call("POST", "shifts", { person: boris, from: from.toISOString(), to: new Date(from.getTime() + 8 * 3_600_000).toISOString(), kind: { is: "regular" } });
  await page.setViewportSize({ width: 1280, height: 800 });
  await logIn(page, desk, OPERATOR, `roster?day=${MONTH}&view=month`);
  await expect(page.getByRole("grid")).toHaveAttribute("aria-readonly", "true");
  await expect(page.getByRole("button", { name: "Pattern" })).toHaveCount(0);
  await page.setViewportSize({ width: 320, height: 640 });
  await expect(page.getByRole("heading", { name: "On shift now" })).toBeVisible();
  await isAccessible(page);
  await page.getByRole("tab", { name: "Day" }).click();
  await page.getByRole("button", { name: "Today" }).click();
  await expect(page.getByText(OPERATOR.name)).toBeVisible();
  await fits(page);
  await isAccessible(page);
});
