// A client without a workflow starts from a pack: chosen by what it says, made a draft, mended, published.
import { expect, logIn, test } from "./desk";
import { isSound } from "./sound";

test.use({ deskOf: "packs" });

test("start a client's workflow from a pack and publish it", async ({ page, desk }) => {
  const { id: client } = await desk.admin.call("POST", "clients", {
    key: "fresh", name: "Fresh Ltd", prefix: "FRE", colour: "#7d2f5b", language: "en", is_active: true,
  });
  await logIn(page, desk, undefined, `workflows/${client}`);
  const pack = page.getByRole("listitem").filter({ hasText: "Support of a sales-force system" });
  await expect(pack).toContainText("am-2026");
  await expect(page.getByRole("listitem").filter({ hasText: "atm-service" })).toContainText("parts-stock");
  await isSound(page);
  await pack.getByRole("button", { name: "Start from this pack" }).click();

  await expect(page.getByRole("textbox", { name: "Script" })).toContainText("fn line_for");
  await expect(page.getByText(/it can be published/i)).toBeVisible();
  await page.getByRole("tab", { name: "client.toml" }).click();
  await expect(page.getByRole("textbox", { name: "client.toml" })).toContainText("sfa-support");

  // Another one replaces the draft, and says so first.
  await page.getByRole("button", { name: "Start from a pack…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("The draft is replaced");
  await dialog.getByRole("listitem").filter({ hasText: "it-desk" }).getByRole("button").click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("textbox", { name: "Script" })).toContainText("service_desk");
  await expect(page.getByText(/it can be published/i)).toBeVisible();

  await page.getByRole("button", { name: "Publish…" }).click();
  await page.getByLabel("What changes and why").fill("The IT desk as it comes");
  await page.getByRole("button", { name: "Publish the workflow" }).click();
  await expect(page.getByText("Version 1 · Same as the published version")).toBeVisible();
  await expect(page.getByRole("button", { name: "Start from a pack…" })).toBeHidden();
});
