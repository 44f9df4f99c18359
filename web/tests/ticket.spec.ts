// A ticket's day: opened in the browser, routed by the script, answered, approved, explained.
import { expect, logIn, test } from "./desk";

test.use({ deskOf: "ticket" });

test("a vandalism ticket goes to the commercial department, is answered and approved, and says why", async ({ page, desk }) => {
  await logIn(page, desk, undefined, "new-ticket");
  await page.getByLabel("Subject").fill("Panel smashed");
  await page.getByLabel("Description").fill("The guard found the front panel broken.");
  await page.getByRole("combobox", { name: "Asset" }).fill("ATM-004");
  await page.getByRole("option", { name: /ATM-00421/ }).click();
  await expect(page.getByRole("combobox", { name: "Site" })).toHaveValue("Almaty, Mega mall");
  await page.getByLabel("Category").selectOption({ label: "Vandalism" });
  await page.getByRole("button", { name: "Open the ticket" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Panel smashed" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Status: Awaiting approval" })).toBeVisible();

  await page.getByRole("textbox", { name: "Public reply" }).fill("We are agreeing the price.");
  await page.getByRole("button", { name: "Send reply" }).click();
  await page.getByRole("button", { name: "Send now" }).click();
  await expect(page.getByRole("article").filter({ hasText: "We are agreeing the price." })).toContainText("Public reply");

  await page.getByRole("button", { name: "Internal note" }).click();
  await page.getByRole("textbox", { name: "Internal note" }).fill("The key is with the guard.");
  await page.getByRole("button", { name: "Add note" }).click();
  await page.getByRole("button", { name: "Send now" }).click();
  await expect(page.getByRole("article").filter({ hasText: "The key is with the guard." })).toContainText("Internal note");

  await page.getByRole("tab", { name: /Tasks and work orders/ }).click();
  await page.getByRole("button", { name: "Record the outcome" }).click();
  await page.getByRole("radio").first().check();
  await page.getByLabel("Comment").fill("Agreed by telephone.");
  await page.getByRole("button", { name: "Record the outcome" }).click();
  await expect(page.getByText("Agreed by telephone.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Record the outcome" })).toHaveCount(0);

  await page.getByRole("tab", { name: "Why" }).click();
  await page.getByRole("button", { name: /on_opened/ }).click();
  await expect(page.getByRole("heading", { name: "on_opened" })).toBeVisible();
  await expect(page.getByText("give a task")).toBeVisible();
  await expect(page.getByText(/line \d+/).first()).toBeVisible();
});

test("a reply that is taken back comes back as a draft and is kept", async ({ page, desk }) => {
  const number = await desk.open("Receipt jam at the entrance", "receipt_jam");
  await logIn(page, desk, undefined, `tickets/${number}`);
  const reply = page.getByRole("textbox", { name: "Public reply" });
  await reply.fill("Too early");
  await page.getByRole("button", { name: "Send reply" }).click();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(reply).toHaveValue("Too early");
  await expect(page.getByText("Draft kept")).toBeVisible();
  await page.reload();
  await expect(reply).toHaveValue("Too early");
  await expect(page.getByRole("article").filter({ hasText: "Too early" })).toHaveCount(0);
});

test("a file travels with a note and comes back byte for byte", async ({ page, desk }) => {
  const number = await desk.open("Photo of the panel", "screen_fault");
  await logIn(page, desk, undefined, `tickets/${number}`);
  await page.getByRole("button", { name: "Internal note" }).click();
  await page.locator("form input[type=file]").setInputFiles({ name: "log.txt", mimeType: "text/plain", buffer: Buffer.from("code 17") });
  await expect(page.getByText("log.txt")).toBeVisible();
  await page.getByRole("textbox", { name: "Internal note" }).fill("The log of the machine");
  await page.getByRole("button", { name: "Add note" }).click();
  await page.getByRole("button", { name: "Send now" }).click();
  const link = page.getByRole("article").getByRole("link", { name: "Download log.txt" });
  await expect(link).toBeVisible();
  const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString()).toBe("code 17");
});
