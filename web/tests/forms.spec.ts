// What assignment goes by, in the forms: coordinates, districts, territories, attestations, specialists.
import { type Desk, expect, logIn, test } from "./desk";
import { fits, isAccessible, NARROW_PX } from "./sound";

test.use({ deskOf: "forms" });

const SHOTS = process.env.TEST_SHOTS;

interface Site {
  id: string;
  district: string | null;
  location: { latitude: number; longitude: number } | null;
}
interface Person {
  id: string;
  certificates: string[];
  languages: string[];
  service_area: { location: { latitude: number; longitude: number } | null; territories: string[] };
}
const sites = async (desk: Desk) => (await desk.admin.call<{ items: Site[] }>("GET", `sites?client=${desk.client}`)).items;
const boris = async (desk: Desk) => (await desk.admin.call<{ items: Person[] }>("GET", "people?q=boris")).items[0]!;

test("a site gets its district and its coordinates, and what is no point is refused beside it", async ({ page, desk }) => {
  const [{ id }] = (await sites(desk)) as [Site];
  await logIn(page, desk, undefined, `sites/${id}`);
  const location = page.getByRole("textbox", { name: "Coordinates" });
  await page.getByRole("textbox", { name: "District" }).fill("Medeu");
  await location.fill("somewhere");
  await page.getByRole("button", { name: "Save the site" }).click();
  await expect(location).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByText(/These are no coordinates/)).toBeVisible();
  // The server is the judge of the range; its answer stands at the same place.
  await location.fill("143.2389, 76.8897");
  const refused = page.waitForResponse((answer) => answer.request().method() === "POST" && answer.url().endsWith(`/sites/${id}`));
  await page.getByRole("button", { name: "Save the site" }).click();
  expect((await refused).status()).toBe(422);
  await expect(location).toHaveAttribute("aria-invalid", "true");
  expect((await sites(desk))[0]!.location).toBeNull();
  await location.fill("43,2389; 76,8897");
  await page.getByRole("button", { name: "Save the site" }).click();
  await expect.poll(async () => (await sites(desk))[0]).toMatchObject({ district: "Medeu", location: { latitude: 43.2389, longitude: 76.8897 } });
  await page.goto(`${desk.url}sites/${id}`);
  await expect(location).toHaveValue("43.2389, 76.8897");
});

test("a person gets territories by keys alone, and a wrong one is named", async ({ page, desk }) => {
  const { id } = await boris(desk);
  await logIn(page, desk, undefined, `people/${id}`);
  await page.getByRole("textbox", { name: "Attestations" }).fill("bank-a, bank-b");
  await page.getByRole("textbox", { name: "Home coordinates" }).fill("43.25, 76.95");
  const territories = page.getByRole("combobox", { name: "Territories" });
  await territories.focus();
  await territories.fill("alma");
  await expect(page.getByRole("option", { name: /^KZ \/ Almaty \(sites: \d+\)/ })).toBeVisible();
  await page.keyboard.press("Enter");
  const chosen = page.getByRole("list", { name: "Territories" });
  await expect(chosen.getByText("KZ / Almaty")).toBeVisible();
  await territories.fill("Kazakhstan south");
  await page.getByRole("option", { name: /no site there yet/ }).click();
  await page.getByRole("button", { name: "Save the person" }).click();
  await expect(page.getByText("Kazakhstan south is no territory", { exact: false })).toBeVisible();
  await expect(territories).toHaveAttribute("aria-invalid", "true");
  await page.getByRole("button", { name: "Remove the territory Kazakhstan south" }).click();
  await page.getByRole("button", { name: "Save the person" }).click();
  await expect.poll(() => boris(desk)).toMatchObject({
    certificates: ["bank-a", "bank-b"], service_area: { territories: ["KZ/Almaty"], location: { latitude: 43.25, longitude: 76.95 } },
  });
});

test("a client's technical manager is named, refused twice, and ended", async ({ page, desk }) => {
  await logIn(page, desk, undefined, `clients/${desk.client}?tab=specialists`);
  const name = async () => {
    await page.getByRole("button", { name: "Name a specialist" }).click();
    await page.getByRole("combobox", { name: "Who" }).fill("Boris");
    await page.getByRole("option", { name: "Boris Orlov" }).click();
    await page.getByRole("combobox", { name: "Of what" }).selectOption("technical_manager");
    await page.getByRole("button", { name: "Name the specialist" }).click();
  };
  await name();
  const rows = page.getByRole("list", { name: "Specialists" }).getByRole("listitem");
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText("Boris Orlov");
  await expect(rows).toContainText("Technical manager");
  await name();
  await expect(page.getByText(/is that already/)).toBeVisible();
  await expect(page.getByRole("combobox", { name: "Of what" })).toHaveAttribute("aria-invalid", "true");
  await page.getByRole("button", { name: "Cancel" }).click();
  await rows.getByRole("button", { name: /^End/ }).click();
  await expect(page.getByText("No specialists")).toBeVisible();
});

for (const { theme, language, width } of [
  { theme: "light", language: "ru", width: 1440 }, { theme: "dark", language: "en", width: 1440 },
  { theme: "light", language: "en", width: 390 }, { theme: "dark", language: "ru", width: NARROW_PX },
] as const) {
  test(`the forms are accessible and fit: ${theme}, ${language}, ${width} px`, async ({ browser, desk }) => {
    const context = await browser.newContext({ colorScheme: theme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    const [{ id: site }] = (await sites(desk)) as [Site];
    const { id: person } = await boris(desk);
    await logIn(page, desk);
    await page.evaluate((chosen) => localStorage.setItem("naryad.language", chosen), language);
    for (const [name, path] of [["site", `sites/${site}`], ["person", `people/${person}`], ["specialists", `clients/${desk.client}?tab=specialists`]] as const) {
      await page.goto(desk.url + path);
      const ready = name === "specialists" ? page.getByRole("button", { name: /Name a specialist|Назначить специалиста/ }) : page.getByRole("textbox", { name: /oordinates|оординаты/ });
      await expect(ready.first()).toBeVisible();
      if (name === "specialists") await ready.click();
      if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}-${theme}-${language}-${width}.png`, fullPage: true });
      await isAccessible(page);
      await fits(page);
    }
    await context.close();
  });
}
