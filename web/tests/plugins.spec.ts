// A partner's package in the browser: signed and checked, installed for one client with less than it asks for, and told so.
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ADMIN, expect, logIn, test } from "./desk";
import { fits, isAccessible, isSound, NARROW_PX, resize } from "./sound";

test.use({ deskOf: "plugins" });

const PACKAGE = join(import.meta.dirname, "../../plugins/built/parts-stock.wasm");
const KEY_NUMBER = Buffer.from([0xa1, 0, 0, 0, 0, 0, 0, 0]);

/** A publisher's key, and the signature of a package as minisign makes it. */
function publisher() {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const bytes = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const line = Buffer.concat([Buffer.from("Ed"), KEY_NUMBER, bytes]).toString("base64");
  const signed = (wasm: Buffer) => {
    const signature = sign(null, createHash("blake2b512").update(wasm).digest(), privateKey);
    const comment = "timestamp:1790000000\tfile:parts-stock.wasm\thashed";
    const whole = sign(null, Buffer.concat([signature, Buffer.from(comment)]), privateKey);
    const own = Buffer.concat([Buffer.from("ED"), KEY_NUMBER, signature]).toString("base64");
    return `untrusted comment: signature\n${own}\ntrusted comment: ${comment}\n${whole.toString("base64")}\n`;
  };
  return { line, signed };
}

test("install a package, grant less, see the denial", async ({ page, desk }) => {
  test.setTimeout(180_000);
  const { line, signed } = publisher();
  const wasm = readFileSync(PACKAGE);
  await logIn(page, desk, undefined, "plugins");

  // What was changed on the way is refused with the reason.
  await page.getByRole("button", { name: "Trust the key" }).click();
  await page.getByLabel("Whose key it is").fill("Parts Ltd");
  await page.getByLabel("Publisher's public key").fill(line);
  await page.getByRole("button", { name: "Trust the key" }).click();
  await expect(page.getByText("00000000000000A1")).toBeVisible();
  await page.getByRole("button", { name: "Add a package" }).click();
  const adding = page.getByRole("dialog", { name: "Add a package" });
  const broken = Buffer.from(wasm);
  await adding.getByLabel("Package (.wasm)").setInputFiles({ name: "broken.wasm", mimeType: "application/wasm", buffer: broken.subarray(0, 9_000) });
  await adding.getByRole("button", { name: "Check and keep the package" }).click();
  await expect(adding.getByRole("alert")).toContainText("cut off");
  await adding.getByLabel("Package (.wasm)").setInputFiles(PACKAGE);
  await adding.getByLabel("Signature beside it").setInputFiles({ name: "parts-stock.wasm.minisig", mimeType: "text/plain", buffer: Buffer.from(signed(broken.subarray(9))) });
  await adding.getByRole("button", { name: "Check and keep the package" }).click();
  await expect(adding.getByRole("alert")).toContainText("changed after it was signed");
  await adding.getByLabel("Signature beside it").setInputFiles({ name: "parts-stock.wasm.minisig", mimeType: "text/plain", buffer: Buffer.from(signed(wasm)) });
  await adding.getByRole("button", { name: "Check and keep the package" }).click();

  // Who made it, what it asks for in plain words; less is granted.
  const installing = page.getByRole("dialog", { name: "Install Parts stock 0.1.0" });
  await expect(installing.getByText("signed by the trusted key “Parts Ltd”")).toBeVisible();
  await installing.getByRole("textbox", { name: "base_url" }).fill("https://stock.example.com/api");
  await expect(installing.getByText("Connect to stock.example.com:443, the address in “base_url”")).toBeVisible();
  await isAccessible(page, "the install form");
  await installing.getByRole("switch").uncheck();
  await expect(installing.getByText("0 of 1 granted")).toBeVisible();
  await installing.getByRole("button", { name: "Add a row" }).click();
  await installing.getByLabel("Name 1").fill("Almaty");
  await installing.getByLabel("Value 1").fill("ALA-1");
  await installing.getByLabel("Token of the stock system").fill("very-secret-token");
  await installing.getByRole("button", { name: "Install the plugin" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Parts stock" })).toBeVisible();
  await expect(page.getByLabel("Token of the stock system")).toHaveValue("");
  await isSound(page);

  await page.getByRole("tab", { name: "Test call" }).click();
  await page.getByLabel("part", { exact: true }).fill("DISP-20/7");
  await page.getByLabel("city", { exact: true }).fill("Almaty");
  await page.getByRole("button", { name: "Call the function" }).click();
  await expect(page.getByRole("alert")).toContainText("Denied:");
  await expect(page.getByRole("alert")).toContainText("plugin_refused");
  await isSound(page);

  // Granted after all, turned off, and all of it is written down.
  await page.getByRole("tab", { name: "Rights and settings" }).click();
  await page.getByRole("switch").check();
  await page.getByRole("button", { name: "Save rights and settings" }).click();
  await page.getByRole("button", { name: "Turn the plugin off" }).click();
  await expect(page.getByText("The plugin is off")).toBeVisible();
  await page.getByRole("tab", { name: "History" }).click();
  await expect(page.getByRole("listitem").filter({ hasText: "rights or settings changed" })).toContainText("Anna Petrova");
  await expect(page.getByRole("listitem").filter({ hasText: "installed 0.1.0" })).toBeVisible();
  const { items } = await desk.admin.call<{ items: { configuration: { stores: object }; secret_names: string[] }[] }>("GET", "plugin-installations");
  expect(items[0]).toMatchObject({ configuration: { stores: { Almaty: "ALA-1" } }, secret_names: ["stock_token"], is_enabled: false });

  await page.getByRole("button", { name: "Uninstall the plugin" }).click();
  await expect(page.getByRole("dialog")).toContainText("its secrets (1)");
  await isAccessible(page, "before it is uninstalled");
  await page.getByRole("dialog").getByRole("button", { name: "Uninstall the plugin" }).click();
  await expect(page.getByText("No plugins installed")).toBeVisible();
  await resize(page, NARROW_PX);
  await fits(page, "the plugins");
});

test("a setting that does not fit is told at its own field", async ({ page, desk }) => {
  const wasm = readFileSync(PACKAGE);
  const sent = await fetch(`${desk.url}api/v1/session`, {
    method: "POST", headers: { "Content-Type": "application/json", Origin: desk.url.replace(/\/$/, "") },
    body: JSON.stringify({ login: ADMIN.login, password: ADMIN.password }),
  });
  const cookie = sent.headers.getSetCookie()[0]!.split(";")[0]!;
  const kept = await fetch(`${desk.url}api/v1/plugin-packages`, {
    method: "POST", headers: { Cookie: cookie, Origin: desk.url.replace(/\/$/, ""), "Content-Type": "application/wasm" }, body: new Uint8Array(wasm),
  });
  expect(kept.ok, await kept.clone().text()).toBe(true);
  await logIn(page, desk, undefined, "plugins");
  await page.getByRole("button", { name: "Install for a client" }).first().click();
  const form = page.getByRole("dialog");
  await form.getByRole("textbox", { name: "base_url" }).fill("short");
  const flag = form.getByLabel("Install it although no trusted key");
  if (await flag.count()) await flag.check();
  await form.getByRole("button", { name: "Install the plugin" }).click();
  await expect(form.getByRole("textbox", { name: "base_url" })).toHaveAttribute("aria-invalid", "true");
  await expect(form.getByRole("textbox", { name: "base_url" })).toHaveAccessibleDescription(/8/);
});
