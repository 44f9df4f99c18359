// The script API: found on its page, explained in the editor beside the word, downloaded for other editors.
import { expect, logIn, test } from "./desk";
import { isSound } from "./sound";

test.use({ deskOf: "script_api" });

const SHOTS = process.env.TEST_SHOTS;

test("the reference is searched, linked and downloaded", async ({ page, desk }) => {
  await logIn(page, desk, undefined, "workflows/script-api");
  await page.getByRole("link", { name: "WorkOrder", exact: true }).click();
  await expect(page.getByRole("heading", { name: "WorkOrder", exact: true })).toBeInViewport();
  await page.getByRole("searchbox", { name: "Find a word" }).fill("ticket.dispatch");
  const dispatch = page.getByRole("article").filter({ hasText: ".dispatch(requirements?)" });
  await expect(dispatch).toContainText("Asks for an engineer on site");
  await expect(dispatch.getByText(/fn on_opened\(ticket\) \{/)).toBeVisible();
  await expect(page).toHaveURL(/q=ticket\.dispatch/);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: /naryad\.d\.rhai/ }).click();
  expect((await download).suggestedFilename()).toBe("naryad.d.rhai");
  await isSound(page);
  await page.getByRole("searchbox", { name: "Find a word" }).fill("no such thing");
  await expect(page.getByText("No such word")).toBeVisible();
});

test("F1 explains the word at the cursor, Escape takes it away", async ({ page, desk }) => {
  await logIn(page, desk, undefined, `workflows/${desk.client}`);
  const editor = page.getByRole("textbox", { name: "Script" });
  await editor.click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("fn on_comment(ticket, comment) { ticket.assign");
  await page.keyboard.press("F1");
  const meaning = page.getByRole("note").filter({ hasText: "Ticket.assign(to)" });
  await expect(meaning).toContainText("Gives the ticket to a person");
  await expect(meaning).toContainText("fn on_opened(ticket)");
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/script-hover.png` });
  await page.keyboard.press("Escape");
  await expect(meaning).toBeHidden();
  await editor.getByText("on_comment").first().hover();
  await expect(page.getByRole("note").filter({ hasText: "fn on_comment(ticket, comment)" })).toBeVisible();
});

for (const { theme, language, width } of [
  { theme: "light", language: "ru", width: 1440 }, { theme: "dark", language: "en", width: 390 },
] as const) {
  test(`the reference looks right: ${theme}, ${language}, ${width}`, async ({ page, desk }) => {
    test.skip(!SHOTS, "only for looking at");
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height: 900 });
    await logIn(page, desk);
    await page.evaluate((tag) => localStorage.setItem("naryad.language", tag), language);
    await page.goto(`${desk.url}workflows/script-api`);
    await page.getByRole("article").first().waitFor();
    await page.screenshot({ path: `${SHOTS}/script-${theme}-${language}-${width}.png` });
  });
}
