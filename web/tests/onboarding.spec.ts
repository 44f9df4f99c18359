// A new client from its name to its first ticket, step by step; left in the middle and taken up again.
import { expect, logIn, test } from "./desk";
import { isSound } from "./sound";

test.use({ deskOf: "onboarding" });

test("from nothing to the first ticket", async ({ page, desk }) => {
  // Axe looks at each step in both themes.
  test.setTimeout(240_000);
  const began = Date.now();
  await logIn(page, desk, undefined, "workflows");
  await page.getByRole("link", { name: "New client step by step" }).click();
  await isSound(page);
  await page.getByLabel("Name", { exact: true }).fill("Northern Bank");
  await page.getByLabel("Key", { exact: true }).fill("northern-bank");
  await page.getByLabel(/prefix/i).fill("NOR");
  await page.getByRole("button", { name: /create/i }).click();

  await expect(page).toHaveURL(/start\?step=pack/);
  await isSound(page);
  await page.getByRole("listitem").filter({ hasText: "it-desk" }).getByRole("button").click();
  await expect(page.getByRole("heading", { name: "Names" })).toBeVisible();
  const status = page.getByRole("group", { name: "active", exact: true });
  await status.getByLabel("English").fill("Being worked on");
  await isSound(page);
  await page.getByRole("button", { name: "Save the names" }).click();

  // Left here: the desk knows where it stood.
  await expect(page.getByRole("heading", { name: "What is needed" })).toBeVisible();
  await page.goto(`${desk.url}workflows`);
  await page.getByRole("listitem").filter({ hasText: "Northern Bank" }).getByRole("link", { name: "Go on setting up" }).click();
  await expect(page.getByRole("group", { name: "active", exact: true }).getByLabel("English")).toHaveValue("Being worked on");
  await page.getByRole("link", { name: /What is needed/ }).click();
  await expect(page.getByText("missing").first()).toBeVisible();
  await isSound(page);
  await page.getByRole("button", { name: /^Go on/ }).click();

  await expect(page.getByText(/it can be published/i)).toBeVisible();
  await isSound(page);
  await page.getByRole("button", { name: "Publish the workflow" }).click();
  await page.getByLabel("What it is about").fill("The printer is out of paper");
  await page.getByRole("button", { name: "Open the ticket" }).click();
  await expect(page.getByRole("link", { name: "NOR-1" })).toBeVisible();
  await expect(page.getByText("on_opened")).toBeVisible();
  await isSound(page);
  // A person takes longer; the desk itself must not be what takes the fifteen minutes.
  expect(Date.now() - began).toBeLessThan(230_000);
});

test("an empty one can be published as it is", async ({ page, desk }) => {
  const { id: client } = await desk.admin.call("POST", "clients", {
    key: "plain", name: "Plain \"Ltd\"", prefix: "PLA", colour: "#7d2f5b", language: "en", is_active: true,
  });
  await page.setViewportSize({ width: 390, height: 800 });
  await logIn(page, desk, undefined, `workflows/${client}/start`);
  await page.getByRole("button", { name: "Start with an empty one" }).click();
  await page.getByRole("group", { name: "waiting_for_client" }).getByLabel("English").fill("Waits");
  await page.getByRole("button", { name: "Save the names" }).click();
  await page.getByRole("button", { name: /^Go on/ }).click();
  await expect(page.getByText(/it can be published/i)).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  await page.getByRole("button", { name: "Publish the workflow" }).click();
  await expect(page.getByRole("heading", { name: "First ticket" })).toBeVisible();
});
