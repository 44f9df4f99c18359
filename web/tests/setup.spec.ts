// The first run: a link from the console makes the administrator, who then logs out and in.
import { ADMIN, expect, test } from "./desk";

test("the console's link sets the desk up once, and the administrator logs in again", async ({ page, fresh }) => {
  await page.goto(`${fresh.url}setup#${fresh.setUpToken}`);
  await expect(page.getByRole("heading", { name: "Set up the desk" })).toBeVisible();
  await page.getByLabel("Your name").fill(ADMIN.name);
  await page.getByLabel("Login", { exact: true }).fill(ADMIN.login);
  await page.getByLabel("Password", { exact: true }).fill(ADMIN.password);
  await page.getByLabel("Password again").fill("something else");
  await expect(page.getByText("The passwords differ.")).toBeVisible();
  await page.getByLabel("Password again").fill(ADMIN.password);
  await page.getByRole("button", { name: "Create the administrator" }).click();
  await expect(page).toHaveURL(/\/inbox$/);

  await page.getByRole("button", { name: ADMIN.name }).click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await page.getByLabel("Login", { exact: true }).fill(ADMIN.login);
  await page.getByLabel("Password", { exact: true }).fill("wrong password");
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("alert")).toContainText("Login or password is wrong.");
  await page.getByLabel("Password", { exact: true }).fill(ADMIN.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("navigation", { name: "Main navigation" })).toBeVisible();
});

test("a used set-up link is refused in words", async ({ page, fresh }) => {
  await page.goto(`${fresh.url}setup#${fresh.setUpToken}`);
  await page.getByLabel("Your name").fill("Somebody");
  await page.getByLabel("Login", { exact: true }).fill("somebody");
  await page.getByLabel("Password", { exact: true }).fill("another password");
  await page.getByLabel("Password again").fill("another password");
  await page.getByRole("button", { name: "Create the administrator" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await expect(page.getByRole("navigation", { name: "Main navigation" })).toHaveCount(0);
});
