// The inbox by keyboard alone, on any layout; both languages, remembered.
import { expect, logIn, test } from "./desk";

test.use({ deskOf: "keyboard" });

test("j, k, Enter, n, r, slash, the palette and the list of keys", async ({ page, desk }) => {
  const older = await desk.open("Keypad sticks", "keypad_fault");
  const newer = await desk.open("Screen flickers", "screen_fault");
  await logIn(page, desk, undefined, "inbox");
  await expect(page.getByRole("link", { name: new RegExp(newer) })).toBeVisible();
  // The key's place counts: on a Russian layout the same key gives another letter.
  await page.evaluate(() => dispatchEvent(new KeyboardEvent("keydown", { code: "KeyJ", key: "о" })));
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`/tickets/${older}`));
  await expect(page.getByRole("heading", { level: 1, name: "Keypad sticks" })).toBeVisible();
  await page.keyboard.press("n");
  await expect(page.getByRole("textbox", { name: "Internal note" })).toBeFocused();
  await page.keyboard.press("Escape");
  await page.keyboard.press("r");
  await expect(page.getByRole("textbox", { name: "Public reply" })).toBeFocused();
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  await expect(page.getByRole("searchbox", { name: "Search tickets" })).toBeFocused();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Shift+Slash");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toContainText("Next ticket");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: /Type a command/ }).fill(newer.toLowerCase());
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Screen flickers" })).toBeVisible();
});

test("the language is switched and remembered", async ({ page, desk }) => {
  await desk.open("Card stuck", "card_reader_fault");
  await logIn(page, desk, undefined, "inbox");
  await page.getByRole("button", { name: "Language" }).click();
  await page.getByRole("menuitemradio", { name: "Русский" }).click();
  await expect(page.getByRole("link", { name: "Входящие" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "ru");
  await page.reload();
  await expect(page.getByRole("link", { name: "Новая заявка" })).toBeVisible();
  await page.getByRole("button", { name: "Язык" }).click();
  await page.getByRole("menuitemradio", { name: "English" }).click();
  await expect(page.getByRole("link", { name: "Inbox" })).toBeVisible();
});
