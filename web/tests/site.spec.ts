// A site's calendar is kept when somebody saves the form, and a key that the client does not have is refused.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, logIn, test } from "./desk";

test.use({ deskOf: "site" });

const OFFICE = '\n[[calendars]]\nkey = "office"\nlabel = { en = "Office", ru = "Офис" }\ntime_zone = "site"\n';

test("a site keeps its calendar through the form", async ({ page, desk }) => {
  const settings = readFileSync(join(import.meta.dirname, "../../workflows/atm-service/client.toml"), "utf8");
  const { id: client } = await desk.admin.call("POST", "clients", {
    key: "atm-office", name: "Office Bank", prefix: "OFB", colour: "#7a4b12", language: "en", is_active: true,
  });
  await desk.admin.call("POST", `clients/${client}/workflow/publish`, {
    message: "With an office calendar", script: readFileSync(join(import.meta.dirname, "pack/workflow.rhai"), "utf8"),
    settings: settings.replace('key = "atm-service"', 'key = "atm-office"') + OFFICE,
  });
  const { id } = await desk.admin.call("POST", "sites", {
    client, name: "Branch 7", address: "1 Abay Ave", city: "Almaty", country: "KZ", time_zone: "Asia/Almaty", calendar: "office",
  });
  await logIn(page, desk, undefined, `sites/${id}`);
  await expect(page.getByRole("textbox", { name: "Calendar" })).toHaveValue("office");
  await page.getByRole("textbox", { name: "Name" }).fill("Branch 8");
  await page.getByRole("button", { name: "Save" }).click();
  const read = () => desk.admin.call<{ name: string; calendar: string | null }>("GET", `sites/${id}`);
  await expect.poll(read).toMatchObject({ name: "Branch 8", calendar: "office" });

  await page.goto(`${desk.url}sites/${id}`);
  await page.getByRole("textbox", { name: "Calendar" }).fill("ofice");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("textbox", { name: "Calendar" })).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByText(/office/).first()).toBeVisible();
  expect((await read()).calendar).toBe("office");
});
