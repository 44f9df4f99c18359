// Script tests in the editor with coverage beside the lines; on a ticket, why not, and a test made from it.
import { expect, logIn, test } from "./desk";
import { isSound } from "./sound";

test.use({ deskOf: "script-tests" });

test("write a test, run it, read its failure and what of the script ran", async ({ page, desk }) => {
  await logIn(page, desk, undefined, `workflows/${desk.client}`);
  await page.getByRole("tab", { name: /^Tests/ }).click();
  await page.getByRole("button", { name: "Add a test file" }).click();
  await expect(page.getByRole("textbox", { name: "tests/first.rhai" })).toContainText("fn test_it()");
  await page.getByRole("button", { name: "Run the tests" }).click();
  const results = page.getByRole("region", { name: "Results of the tests" });
  await expect(results).toContainText("1 test passed", { timeout: 30_000 });
  await expect(page.getByText(/Coverage of the workflow: \d+ % of lines/)).toBeVisible();

  const editor = page.getByRole("textbox", { name: "tests/first.rhai" });
  await editor.click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type('fn test_fails() { assert_eq(open(#{ subject: "x" }).is_closed, true); ');
  await page.getByRole("button", { name: "Run the tests" }).click();
  await expect(results).toContainText("Expected: true");
  await expect(results).toContainText("Actual: false");
  await results.getByRole("button", { name: /test_fails/ }).click();
  await expect(editor).toBeFocused();
  await isSound(page);
  await page.getByRole("button", { name: "Save the tests" }).click();
  await expect(page.getByRole("button", { name: "Save the tests" })).toBeDisabled();

  await page.getByRole("tab", { name: /^Script/ }).click();
  await expect(page.locator(".cm-ran-not_run").first()).toHaveText("–");
  await expect(page.locator(".cm-ran-ran, .cm-ran-partly").first()).toBeVisible();
  await isSound(page);
});

test("ask why not, and make a test from the ticket", async ({ page, desk }) => {
  const number = await desk.open("Smashed screen, ask Mr Ivanov", "vandalism");
  await logIn(page, desk, undefined, `tickets/${number}?tab=why`);
  const wanted = page.getByLabel("What you expected");
  await wanted.selectOption({ index: 1 });
  await expect(page.getByText(/stopped by a condition|left before|the run did ask for it/).first()).toBeVisible();
  await isSound(page);
  await page.getByRole("button", { name: "Make a test from this ticket" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText(/It passes, with \d+ assertions/, { timeout: 30_000 });
  await expect(dialog).toContainText("fn test_from_");
  await expect(dialog).not.toContainText("Ivanov");
  await isSound(page);
  await dialog.getByRole("button", { name: "Add the test to the draft" }).click();
  await dialog.getByRole("link", { name: "Open the tests" }).click();
  await expect(page.getByRole("tab", { name: /^Tests/ })).toHaveAttribute("aria-selected", "true");
  await expect(page.getByLabel("Test file")).toBeVisible();
});
