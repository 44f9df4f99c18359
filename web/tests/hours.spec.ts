// Working hours and SLA targets: edited as forms, tried out beside, saved as a draft whose text keeps its comments.
import { ADMIN, type Desk, OPERATOR, expect, logIn, test } from "./desk";
import { fits, isAccessible, NARROW_PX } from "./sound";

test.use({ deskOf: "hours" });

const SHOTS = process.env.TEST_SHOTS;

interface Page {
  time: { calendar: { time_zone: string; hours: { days: string[]; from: string; to: string }[] }; sla: { priority: number; resolution_minutes: number }[] };
}
const read = (desk: Desk) => desk.admin.call<Page>("GET", `clients/${desk.client}/workflow/time`);

test("a Friday evening in Yerevan is due on Monday, and the draft keeps its comments", async ({ page, desk }) => {
  await logIn(page, desk, ADMIN, `workflows/${desk.client}/time`);
  await page.getByRole("combobox", { name: "Time zone", exact: true }).fill("Asia/Yerevan");
  await page.getByRole("option", { name: "Asia/Yerevan" }).click();
  await page.getByLabel("Around the clock").uncheck();
  const preview = page.getByRole("region", { name: "What it means for a ticket" });
  await preview.getByLabel("Opened at").fill("2027-01-29T17:55");
  await expect(preview.getByText(/Opened Fri.*17:55.*Asia\/Yerevan/)).toBeVisible();
  await expect(preview.getByText(/due Mon.*09:55/).first()).toBeVisible();
  await expect(preview.getByText(/Sat.*closed.*Sun.*closed/).first()).toBeVisible();
  // Saturday from ten to eleven by keys: the first response falls on it.
  await page.getByRole("gridcell", { name: "Saturday 10:00" }).focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Space");
  await expect(preview.getByText(/due Sat.*10:55/).first()).toBeVisible();
  await page.getByRole("button", { name: "Save the draft" }).click();
  await expect(page.getByText("The draft differs from the published version")).toBeVisible();
  const { time } = await read(desk);
  expect(time.calendar.time_zone).toBe("Asia/Yerevan");
  expect(time.calendar.hours).toContainEqual({ days: ["sat"], from: "10:00", to: "11:00" });
  const { draft } = await desk.admin.call<{ draft: { settings: string } }>("GET", `clients/${desk.client}/workflow`);
  expect(draft.settings).toContain("# In minutes, by priority.");
  await page.getByRole("link", { name: "Check and publish in the workflow" }).click();
  await expect(page.getByRole("button", { name: "Publish…" })).toBeEnabled();
});

test("what is wrong stands at its input, and nothing can be saved", async ({ page, desk }) => {
  await logIn(page, desk, ADMIN, `workflows/${desk.client}/time?tab=targets`);
  const first = page.getByRole("row").filter({ hasText: "Row 1" }).first();
  await first.getByLabel("First response, min").fill("9000");
  const said = page.getByRole("row").filter({ hasText: /First response, min: .*may not take longer than the resolution/ });
  await expect(said).toBeVisible();
  await expect(first.getByLabel("First response, min")).toHaveAccessibleDescription(/may not take longer than the resolution/);
  await expect(page.getByRole("button", { name: "Save the draft" })).toBeDisabled();
  await first.getByLabel("First response, min").fill("10");
  await expect(said).toBeHidden();
});

test("an operator is not shown the hours", async ({ page, desk }) => {
  await logIn(page, desk, OPERATOR, `workflows/${desk.client}/time`);
  await expect(page.getByRole("button", { name: "Save the draft" })).toBeHidden();
  await expect(page.getByRole("alert").or(page.getByText("You may not do this.")).first()).toBeVisible();
});

for (const { theme, language, width } of [
  { theme: "light", language: "ru", width: 1440 }, { theme: "dark", language: "en", width: 1440 },
  { theme: "light", language: "en", width: 390 }, { theme: "dark", language: "ru", width: NARROW_PX },
] as const) {
  for (const tab of ["hours", "targets"]) {
    test(`${tab} are accessible and fit: ${theme}, ${language}, ${width} px`, async ({ browser, desk }) => {
      const context = await browser.newContext({ colorScheme: theme, viewport: { width, height: 900 } });
      const page = await context.newPage();
      await logIn(page, desk);
      await page.evaluate((chosen) => localStorage.setItem("naryad.language", chosen), language);
      await page.goto(`${desk.url}workflows/${desk.client}/time?tab=${tab}`);
      await expect(page.locator("dl dt").first()).toBeVisible();
      if (SHOTS) await page.screenshot({ path: `${SHOTS}/${tab}-${theme}-${language}-${width}.png`, fullPage: true });
      await isAccessible(page);
      await fits(page);
      await context.close();
    });
  }
}
