// Every screen, both themes and both languages: no axe violation, no error in the console, no sideways scroll at 320 px.
import { type Page } from "@playwright/test";
import { type Desk, expect, logIn, test } from "./desk";
import { fits, isAccessible, NARROW_PX } from "./sound";

test.use({ deskOf: "screens" });

const SCREENS = (desk: Desk, number: string) => [
  "inbox", `tickets/${number}`, `tickets/${number}?tab=work`, `tickets/${number}?tab=files`, `tickets/${number}?tab=ledger`, `tickets/${number}?tab=why`,
  "new-ticket", "work", "clients", `clients/${desk.client}`, `clients/${desk.client}?tab=contacts`, "sites", "sites/new", "assets",
  `assets/${desk.asset}`, "roster", "roster/mine", "time", "people", "people/new", "partners", "partners/new", "workflows", `workflows/${desk.client}`, "jobs", "plugins", "notifications", "account",
];
const VARIANTS = [
  { theme: "light", locale: "ru-RU" }, { theme: "dark", locale: "en-GB" }, { theme: "light", locale: "en-GB" }, { theme: "dark", locale: "ru-RU" },
] as const;

function complaints(page: Page): string[] {
  const heard: string[] = [];
  page.on("pageerror", (error) => heard.push(String(error)));
  page.on("console", (message) => message.type() === "error" && heard.push(message.text()));
  return heard;
}
async function settled(page: Page) {
  await expect(page.locator("#main")).toBeVisible();
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  // An address that leads nowhere also shows an accessible screen.
  await expect(page.getByText(/^(There is no such page|Такой страницы нет)/)).toHaveCount(0);
}

for (const { theme, locale } of VARIANTS) {
  test(`every screen is accessible: ${theme}, ${locale}`, async ({ browser, desk }) => {
    test.setTimeout(240_000);
    const number = await desk.open(`Shown in ${theme} ${locale}`, "vandalism");
    const context = await browser.newContext({ colorScheme: theme, locale: "en-GB", viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    await logIn(page, desk);
    await page.evaluate((language) => localStorage.setItem("naryad.language", language), locale.slice(0, 2));
    const heard = complaints(page);
    for (const path of SCREENS(desk, number)) {
      await page.goto(desk.url + path);
      await settled(page);
      await isAccessible(page, path);
      expect(heard, path).toEqual([]);
    }
    await context.close();
  });
}

for (const theme of ["light", "dark"] as const) {
  test(`forms over the screens are accessible: ${theme}`, async ({ browser, desk }) => {
    await desk.open(`Another in ${theme}`, "screen_fault");
    const number = await desk.open(`Formed in ${theme}`, "keypad_fault");
    const context = await browser.newContext({ colorScheme: theme, locale: "en-GB", viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    await logIn(page, desk, undefined, `inbox?q=${theme}`);
    await page.getByRole("checkbox", { name: `Pick ${number}` }).click();
    await isAccessible(page, "picked rows");
    for (const action of ["Assign…", "Hand over…", "Change status…", "Tags…"]) {
      await page.getByRole("button", { name: action }).click();
      await isAccessible(page, action);
      await page.keyboard.press("Escape");
      await expect(page.getByRole("dialog")).toHaveCount(0);
    }
    await page.goto(`${desk.url}tickets/${number}?tab=work`);
    await page.getByRole("button", { name: "Start a timer" }).click();
    await page.getByRole("button", { name: "Link a ticket" }).click();
    for (const form of ["New task", "New work order"]) {
      await page.getByRole("button", { name: form }).click();
      await settled(page);
      await isAccessible(page, form);
    }
    await page.getByRole("button", { name: "More actions" }).first().click();
    await page.getByRole("menuitem", { name: "Mark as a duplicate…" }).click();
    await page.getByRole("dialog").getByRole("combobox").click();
    await expect(page.getByRole("dialog").getByRole("option").first()).toBeVisible();
    await isAccessible(page, "duplicate");
    await context.close();
  });
}

for (const path of ["setup", "reset", ""]) {
  test(`the door is accessible: /${path}`, async ({ page, desk }) => {
    await page.goto(desk.url + path);
    await expect(page.getByRole("main")).toBeVisible();
    await isAccessible(page);
  });
}

test("320 px are enough for every screen", async ({ browser, desk }) => {
  test.setTimeout(120_000);
  const number = await desk.open("Очень длинная тема заявки, которая не помещается в одну строку на узком экране телефона", "vandalism");
  const context = await browser.newContext({ viewport: { width: NARROW_PX, height: 640 }, hasTouch: true });
  const page = await context.newPage();
  await logIn(page, desk);
  await page.evaluate(() => localStorage.setItem("naryad.language", "ru"));
  for (const path of [...SCREENS(desk, number), `tickets/${number}?tab=context`]) {
    await page.goto(desk.url + path);
    await settled(page);
    await fits(page, path);
  }
  await context.close();
});
