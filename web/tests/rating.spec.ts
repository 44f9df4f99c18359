// A contact rates a solved ticket with one tap on a phone; a reply waits for the answer; supervisors read the CSAT.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CONTACT, Caller, type Desk, OPERATOR, addContact, expect, logIn, test } from "./desk";
import { isSound } from "./sound";

test.use({ deskOf: "rating" });

const SETTINGS = join(import.meta.dirname, "../../workflows/atm-service/client.toml");

/** A solved ticket of the contact, who is asked at once. */
async function solved(desk: Desk, subject: string): Promise<{ id: string; number: string }> {
  const { items } = await desk.admin.call<{ items: { id: string }[] }>("GET", `contacts?client=${desk.client}`);
  const { id, number } = await desk.admin.call("POST", "tickets", {
    client: desk.client, subject, description: "", category: "receipt_jam", contact: items[0]!.id,
  });
  await desk.admin.call("POST", `tickets/${id}/resolve`, { resolution: "repaired" });
  return { id, number };
}

test.beforeAll(async ({ desk }) => {
  await desk.admin.call("POST", `clients/${desk.client}/workflow/publish`, {
    message: "Asks for ratings", script: "fn on_resolved(ticket) { ticket.ask_rating(); }", settings: readFileSync(SETTINGS, "utf8"),
  });
  await addContact(desk);
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test("one tap rates, another changes it, words are added, and it is read by all", async ({ page, desk }) => {
    const { number } = await solved(desk, "Receipts come out blank");
    await logIn(page, desk, CONTACT, "notifications");
    await expect(page.getByText("please rate how we dealt with it")).toBeVisible();
    await page.getByRole("link", { name: number }).click();
    const question = page.getByRole("region", { name: "How did we deal with this ticket?" });
    await expect(question.getByRole("button")).toHaveCount(5);
    for (const button of await question.getByRole("button").all()) {
      const box = (await button.boundingBox())!;
      expect(Math.min(box.width, box.height)).toBeGreaterThanOrEqual(44);
    }
    await isSound(page);
    await question.getByRole("button", { name: "2 Bad" }).tap();
    const thanks = page.getByRole("region", { name: "Thank you for your rating" });
    await expect(thanks.getByRole("button", { name: "2 Bad" })).toHaveAttribute("aria-pressed", "true");
    await thanks.getByRole("button", { name: "4 Good" }).tap();
    await expect(thanks.getByRole("button", { name: "4 Good" })).toHaveAttribute("aria-pressed", "true");
    await thanks.getByLabel("Why (optional)").fill("Quick after all");
    await thanks.getByRole("button", { name: "Send comment" }).tap();
    await expect(thanks.getByRole("button", { name: "Send comment" })).toBeDisabled();
    await isSound(page);
    await expect(page.getByText("rated 4 of 5").last()).toBeVisible();
  });
});

test("staff read what was said and rate nothing", async ({ page, desk }) => {
  const { number } = await solved(desk, "Nobody is to rate this");
  await logIn(page, desk, OPERATOR, `tickets/${number}`);
  await expect(page.getByText("asked the contact to rate the ticket")).toBeVisible();
  await expect(page.getByRole("button", { name: "5 Very good" })).toHaveCount(0);
});

test("a reply that waits for the answer stops the clocks", async ({ page, desk }) => {
  const number = await desk.open("Which machine is it?", "receipt_jam");
  await logIn(page, desk, OPERATOR, `tickets/${number}`);
  await page.getByRole("textbox", { name: "Public reply" }).fill("Which machine do you mean?");
  await page.getByRole("checkbox", { name: "Wait for the answer" }).check();
  await page.getByRole("button", { name: "Send reply" }).click();
  await page.getByRole("button", { name: "Send now" }).click();
  await expect(page.getByRole("button", { name: /Status: Waiting for the client/ })).toBeVisible();
  await expect(page.getByRole("checkbox", { name: "Wait for the answer" })).not.toBeChecked();
  await page.getByRole("button", { name: "Internal note" }).click();
  await expect(page.getByRole("checkbox", { name: "Wait for the answer" })).toHaveCount(0);
});

test("the report of ratings shows the CSAT", async ({ page, desk }) => {
  const dinara = new Caller(desk.url);
  await dinara.call("POST", "session", CONTACT);
  const { id } = await solved(desk, "The drawer is stuck");
  await dinara.call("POST", `tickets/${id}/rating`, { score: 5 });
  await logIn(page, desk, undefined, "reports/ratings");
  const table = page.getByRole("table", { name: "Ratings" });
  await expect(table).toContainText("100 %");
  await isSound(page);
});
