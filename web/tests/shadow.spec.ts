// A draft runs as a shadow: started by the keyboard, its differences come as events happen, it is stopped.
import { expect, logIn, test } from "./desk";
import { isSound } from "./sound";

test.use({ deskOf: "shadow" });

test("start a shadow, watch its differences come, stop it", async ({ page, desk }) => {
  const { script, settings } = await desk.admin.call<{ script: string; settings: string }>("GET", `clients/${desk.client}/workflow`);
  await logIn(page, desk, undefined, `workflows/${desk.client}`);
  const tab = page.getByRole("tab", { name: "Shadow" });
  await tab.click();
  const begin = page.getByRole("button", { name: "Start the shadow" });
  await expect(begin).toBeDisabled();
  await expect(page.getByText("Save the draft first")).toBeVisible();

  const changed = script.replace("fn on_opened(ticket) {", 'fn on_opened(ticket) {\n    ticket.add_tag("only-in-the-draft");');
  expect(changed).not.toBe(script);
  await desk.admin.call("POST", `clients/${desk.client}/workflow/draft`, { script: changed, settings });
  await page.reload();
  await tab.focus();
  await page.keyboard.press("Enter");
  await page.getByLabel("For how long").selectOption({ label: "1 hour" });
  await begin.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByText("Shadow is running")).toBeVisible();
  await expect(page.getByText("No differences so far")).toBeVisible();

  const number = await desk.open("Screen is black", "vandalism");
  const row = page.getByRole("row").filter({ hasText: number });
  await expect(row).toContainText("only here");
  await expect(row).toContainText("only-in-the-draft");
  await expect(row.getByRole("link", { name: number })).toHaveAttribute("href", new RegExp(`tickets/${number}\\?tab=why&run=\\d+`));
  await expect(page.getByRole("group", { name: "Counts of the shadow" })).toContainText("Different1");
  await isSound(page);

  await page.getByRole("button", { name: "Stop the shadow" }).click();
  await expect(page.getByText("Stopped by hand")).toBeVisible();
  await expect(row).toBeVisible();
});

test("the page counts the script's runs by function", async ({ page, desk }) => {
  await desk.open("Card is stuck", "vandalism");
  await logIn(page, desk, undefined, `workflows/${desk.client}`);
  await page.getByRole("tab", { name: "Failed runs" }).click();
  const row = page.getByRole("region", { name: "Runs of the script" }).getByRole("row").filter({ hasText: "on_opened" });
  await expect(row.getByRole("cell").first()).toHaveText(/^[1-9]/);
  await isSound(page);
});
