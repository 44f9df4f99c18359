// People from outside: partner organisations are kept, and a client's contact sees their own side only.
import { CONTACT, addContact, expect, logIn, test } from "./desk";

test.use({ deskOf: "outside" });

// Wide enough for the context to stand beside the ticket.
test.use({ viewport: { width: 1440, height: 900 } });

test("a partner organisation is added and changed", async ({ page, desk }) => {
  await logIn(page, desk, undefined, "partners");
  await page.getByRole("button", { name: "New partner organisation" }).click();
  await page.getByLabel("Name").fill("Mountain Nets");
  await page.getByLabel("Key").fill("local-service");
  await page.getByRole("button", { name: "Add the organisation" }).click();
  const row = page.getByRole("row").filter({ hasText: "Mountain Nets" });
  await expect(row).toContainText("Local service company");
  await row.getByRole("link").click();
  await page.getByLabel("Name").fill("Mountain Networks");
  await page.getByRole("button", { name: "Save the organisation" }).click();
  await expect(page.getByRole("link", { name: "Mountain Networks" })).toBeVisible();
});

test("a contact opens a ticket with a photo and sees nothing of the staff", async ({ page, desk }) => {
  await addContact(desk);
  await logIn(page, desk, CONTACT, "inbox");
  const rail = page.getByRole("navigation", { name: "Main navigation" });
  for (const place of ["My work", "Clients", "People", "Jobs"]) await expect(rail.getByRole("link", { name: place })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Assignee" })).toHaveCount(0);
  await expect(page.getByRole("checkbox")).toHaveCount(0);

  await page.getByRole("link", { name: "New ticket" }).click();
  await expect(page.getByLabel("Subject")).toBeVisible();
  await expect(page.getByRole("combobox", { name: "Asset" })).toBeVisible();
  for (const field of ["Client", "How it came in", "Contact"]) await expect(page.getByLabel(field, { exact: true })).toHaveCount(0);
  await page.getByLabel("Subject").fill("The screen is cracked");
  await page.getByLabel("Description").fill("Since this morning.");
  await page.locator("form input[type=file]").setInputFiles({ name: "crack.txt", mimeType: "text/plain", buffer: Buffer.from("photo") });
  await expect(page.getByRole("button", { name: "Take crack.txt off" })).toBeVisible();
  await page.getByRole("combobox", { name: "Asset" }).fill("ATM-004");
  await page.getByRole("option", { name: /ATM-00421/ }).click();
  await expect(page.getByRole("combobox", { name: "Site" })).toHaveValue(/Mega mall/);
  await page.getByRole("button", { name: "Open the ticket" }).click();

  await expect(page.getByRole("heading", { level: 1, name: "The screen is cracked" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Download crack.txt" }).first()).toBeVisible();
  await expect(page.getByRole("tab")).toHaveText([/Timeline/, /Files/]);
  await expect(page.getByRole("region", { name: "Context" })).toContainText("Dinara Abaeva");
  for (const word of ["Watchers", "Tags", "Timers", "SLA targets", "no assignee"]) await expect(page.getByText(word, { exact: true })).toHaveCount(0);
  await page.getByRole("textbox", { name: "Message" }).fill("It got worse.");
  await page.getByRole("button", { name: "Send reply" }).click();
  await page.getByRole("button", { name: "Send now" }).click();
  await expect(page.getByRole("article").filter({ hasText: "It got worse." })).toBeVisible();
});
