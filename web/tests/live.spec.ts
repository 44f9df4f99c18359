// What one person does, another sees without doing anything.
import { OPERATOR, expect, logIn, test } from "./desk";

test.use({ deskOf: "live" });

test("two browsers see each other's changes", async ({ browser, desk }) => {
  const watcher = await (await browser.newContext()).newPage();
  const worker = await (await browser.newContext()).newPage();
  await logIn(watcher, desk, undefined, "inbox");
  await logIn(worker, desk, OPERATOR, "inbox");

  const number = await desk.open("No connection since the storm", "network_down");
  await expect(watcher.getByRole("link", { name: new RegExp(number) })).toBeVisible();
  await expect(worker.getByRole("link", { name: new RegExp(number) })).toBeVisible();

  await watcher.getByRole("link", { name: new RegExp(number) }).click();
  await worker.getByRole("link", { name: new RegExp(number) }).click();
  await worker.getByRole("textbox", { name: "Public reply" }).fill("An engineer is on the way.");
  await worker.getByRole("button", { name: "Send reply" }).click();
  await worker.getByRole("button", { name: "Send now" }).click();
  await expect(watcher.getByRole("article").filter({ hasText: "An engineer is on the way." })).toContainText(OPERATOR.name);

  await worker.getByRole("button", { name: "Edit the subject" }).click();
  await worker.getByRole("textbox", { name: "Subject" }).fill("No connection: modem burnt");
  await worker.getByRole("button", { name: "Save" }).click();
  await expect(watcher.getByRole("heading", { level: 1, name: "No connection: modem burnt" })).toBeVisible();
  await watcher.context().close();
  await worker.context().close();
});
