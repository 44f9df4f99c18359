// The script editor helps while somebody types: completion, parameters, definitions, the usual form, replacements.
import { type Page } from "@playwright/test";
import { expect, logIn, test } from "./desk";
import { isSound } from "./sound";

test.use({ deskOf: "editing" });

const SHOTS = process.env.TEST_SHOTS;

/** The editor with a script of its own; the cursor stands at its end. */
async function written(page: Page, script: string) {
  const editor = page.getByRole("textbox", { name: "Script" });
  await editor.click();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(script);
  return editor;
}

/** Takes what is selected. The list takes no Enter in its first moments, so that none is meant for the text. */
async function take(page: Page) {
  await page.waitForTimeout(200);
  await page.keyboard.press("Enter");
}

test("completion offers what can stand there and writes it", async ({ page, desk }) => {
  await logIn(page, desk, undefined, `workflows/${desk.client}`);
  const editor = await written(page, "fn on_opened(ticket) { ");
  await page.keyboard.type("ticket.");
  const list = page.getByRole("listbox", { name: "Completions" });
  await expect(list.getByRole("option").filter({ hasText: "site" }).first()).toBeVisible();
  await page.keyboard.type("disp");
  await expect(list.getByRole("option", { selected: true })).toContainText("dispatch(requirements?)");
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/editing-completion.png` });
  await isSound(page);
  await take(page);
  await expect(editor).toContainText("ticket.dispatch()");
  await expect(page.getByRole("status", { name: "Parameters" })).toContainText("dispatch(");
  await page.keyboard.press("Escape");

  await written(page, "fn on_opened(ticket) { ticket.status = ");
  await page.keyboard.type('"');
  await expect(list.getByRole("option").filter({ hasText: "awaiting_approval" })).toBeVisible();
  await page.keyboard.type("awai");
  await take(page);
  await expect(editor).toContainText('ticket.status = "awaiting_approval"');

  await written(page, "");
  await page.keyboard.type("on_tim");
  await expect(list.getByRole("option", { selected: true })).toContainText("on_timer");
  await take(page);
  await expect(editor).toContainText("fn on_timer(ticket, name) {");
});

test("parameters are shown between brackets and go with Escape", async ({ page, desk }) => {
  await logIn(page, desk, undefined, `workflows/${desk.client}`);
  await written(page, "fn on_opened(ticket) { ");
  await page.keyboard.type("ticket.queue(");
  const shown = page.getByRole("status", { name: "Parameters" });
  await expect(shown).toContainText("Ticket.queue(");
  const first = await shown.locator("[aria-current]").textContent();
  await page.keyboard.type('"dispatchers", ');
  await expect(shown.locator("[aria-current]")).not.toHaveText(first!);
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/editing-parameters.png` });
  await isSound(page);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(shown).toBeHidden();
  await page.keyboard.press("Control+Shift+Space");
  await expect(shown).toBeVisible();
});

test("a word leads to its definition", async ({ page, desk }) => {
  await logIn(page, desk, undefined, `workflows/${desk.client}`);
  const editor = await written(page, 'fn late(ticket) {}\n\n\nfn on_opened(ticket) { ticket.status = "in_work"; late(ticket); }');
  // The closing brackets that the editor adds are not asked for; the cursor goes to the call.
  for (let step = 0; step < " }".length + "(ticket);".length; step += 1) await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("F12");
  await expect(page.locator(".cm-lineNumbers .cm-activeLineGutter")).toHaveText("1");
  await editor.getByText('"in_work"').click({ modifiers: ["Control"] });
  const settings = page.getByRole("textbox", { name: "client.toml" });
  await expect(settings).toBeVisible();
  await expect(page.locator(".cm-activeLine")).toContainText("in_work");
});

test("a script gets its usual form by key, on any layout, and by button; brackets that do not fit are named", async ({ page, desk }) => {
  await logIn(page, desk, undefined, `workflows/${desk.client}`);
  const editor = await written(page, "fn  on_opened( ticket ){ticket.close( 1 );");
  await page.keyboard.insertText("}");
  await editor.dispatchEvent("keydown", { key: "А", code: "KeyF", keyCode: 70, shiftKey: true, altKey: true, bubbles: true });
  await expect(editor).toContainText("fn on_opened(ticket) { ticket.close(1); }");
  await expect(page.getByText("The script is in its usual form.")).toBeVisible();
  await written(page, "fn on_opened(ticket) { x(; }");
  await page.getByRole("button", { name: "Format" }).click();
  await expect(page.getByText(/is never closed; close it/)).toBeVisible();
});

test("a wrong word is replaced by what was meant", async ({ page, desk }) => {
  await logIn(page, desk, undefined, `workflows/${desk.client}`);
  const editor = await written(page, "fn on_opened(ticket) { ticket.categry = 1; }");
  const mark = editor.locator(".cm-lintRange-error").filter({ hasText: "categry" });
  await mark.hover();
  const fix = page.getByRole("button", { name: "Replace by category" });
  await expect(fix).toBeVisible();
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/editing-fix.png` });
  await fix.click();
  await expect(editor).toContainText("ticket.category");
  await written(page, "fn on_opened(ticket) { ticket.categry = 1; }");
  await expect(mark).toBeVisible();
  for (let step = 0; step < " = 1; }".length; step += 1) await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Control+.");
  await expect(editor).toContainText("ticket.category = 1");
});

for (const { theme, language, width } of [
  { theme: "light", language: "ru", width: 1440 }, { theme: "dark", language: "en", width: 1440 }, { theme: "dark", language: "ru", width: 390 },
] as const) {
  test(`the help looks right: ${theme}, ${language}, ${width}`, async ({ page, desk }) => {
    test.skip(!SHOTS, "only for looking at");
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height: 900 });
    await logIn(page, desk);
    await page.evaluate((tag) => localStorage.setItem("naryad.language", tag), language);
    await page.goto(`${desk.url}workflows/${desk.client}`);
    const editor = page.locator(".cm-content");
    await editor.click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("fn on_comment(ticket, comment) { ticket.queue(");
    await page.locator(".cm-signature").waitFor();
    await page.screenshot({ path: `${SHOTS}/editing-call-${theme}-${language}-${width}.png` });
    await page.keyboard.type('"dispatchers"); ticket.');
    await page.locator(".cm-tooltip-autocomplete").waitFor();
    await page.screenshot({ path: `${SHOTS}/editing-list-${theme}-${language}-${width}.png` });
    await isSound(page);
  });
}
