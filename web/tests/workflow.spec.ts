// A script is edited, its mistake is found and named, mended, published, and rolled back.
import { expect, logIn, test } from "./desk";

test.use({ deskOf: "workflow" });

test("edit, check, publish and roll back a script", async ({ page, desk }) => {
  await logIn(page, desk, undefined, `workflows/${desk.client}`);
  const editor = page.getByRole("textbox", { name: "Script" });
  await expect(editor).toContainText("fn grade_for");
  await editor.click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("fn on_comment(ticket, comment) { ticket.categry = \"vandalism\"; }\n");
  const finding = page.getByRole("region", { name: "Findings" }).getByRole("button").first();
  await expect(finding).toContainText("line 1, column");
  await expect(finding).toContainText("category");
  await expect(page.getByRole("button", { name: "Publish…" })).toBeDisabled();

  await editor.click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Delete");
  await expect(editor).not.toContainText("categry");
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("// Reviewed.\n");
  await expect(page.getByText(/it can be published/i)).toBeVisible();
  await page.getByRole("button", { name: "Publish…" }).click();
  await page.getByLabel("What changes and why").fill("Say that it was reviewed");
  await page.getByRole("button", { name: "Publish the workflow" }).click();

  await page.getByRole("tab", { name: /Versions/ }).click();
  const second = page.getByRole("listitem").filter({ hasText: "Version 2" });
  await expect(second).toContainText("Say that it was reviewed");
  await expect(second).toContainText("in force");
  await second.getByRole("button", { name: "Show what it changed" }).click();
  await expect(second.getByRole("textbox")).toContainText("Reviewed.");

  await page.getByRole("listitem").filter({ hasText: "Version 1" }).getByRole("button", { name: "Roll back to this version" }).click();
  await page.getByLabel("What changes and why").fill("Back to the first");
  await page.getByRole("button", { name: "Roll back", exact: true }).click();
  await expect(page.getByRole("listitem").filter({ hasText: "Back to the first" })).toContainText("in force");
});
