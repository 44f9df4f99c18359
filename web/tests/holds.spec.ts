// Messages beyond a script's limit: they wait, a person looks at samples, sends them by the keyboard or discards them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Desk, expect, logIn, test } from "./desk";
import { isSound } from "./sound";

test.use({ deskOf: "holds" });

const WORDS = "We have your request and look into it.";
const SCRIPT = `fn on_opened(ticket) {\n    ticket.comment("${WORDS}");\n}\n`;
const SETTINGS = readFileSync(join(import.meta.dirname, "../../workflows/atm-service/client.toml"), "utf8");

/** Every message of the script waits for a person. */
const publish = (desk: Desk) =>
  desk.admin.call("POST", `clients/${desk.client}/workflow/publish`, {
    message: "Answers everybody", script: SCRIPT, settings: `${SETTINGS}\n[budget]\nmessages_per_run = 0\n`,
  });

test("what a script sends beyond its limit is seen, sent by the keyboard, and discarded with a reason", async ({ page, desk }) => {
  await publish(desk);
  const numbers = [];
  for (const subject of ["No cash", "No paper", "Screen is black"]) numbers.push(await desk.open(subject, "vandalism"));

  await logIn(page, desk, undefined, "workflows");
  await page.getByRole("link", { name: "Messages held: 3" }).click();
  const hold = page.getByRole("article", { name: "Held messages of on_opened" });
  await expect(hold).toContainText("3 messages are held");
  await expect(hold).toContainText("Every message of the script waits for a person");
  await expect(hold).toContainText("Replies that the client sees");
  await expect(hold.getByRole("listitem").first()).toContainText(WORDS);
  await expect(hold.getByRole("link", { name: numbers[0]! })).toHaveAttribute("href", new RegExp(`tickets/${numbers[0]}$`));
  await isSound(page);

  await hold.getByRole("button", { name: "Send the messages" }).focus();
  await page.keyboard.press("Enter");
  await expect(hold).toContainText("3 messages go out at once");
  const send = hold.getByRole("button", { name: "Send them" });
  await send.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByText("sent: 3")).toBeVisible();
  await expect(hold).toHaveCount(0);

  // The page hears of the next one by itself.
  const next = await desk.open("Card is stuck", "vandalism");
  await expect(hold).toContainText("1 message is held");
  await hold.getByRole("button", { name: "Discard" }).click();
  await hold.getByRole("button", { name: "Discard the messages (1)" }).click();
  await expect(hold).toContainText("Say why");
  await isSound(page);
  await hold.getByLabel("Why they are discarded").fill("The client is told by phone");
  await hold.getByRole("button", { name: "Discard the messages (1)" }).click();
  await expect(page.getByText("discarded: 1")).toBeVisible();
  await expect(page.getByText("The client is told by phone")).toBeVisible();

  await page.goto(`${desk.url}tickets/${numbers[0]}`);
  await expect(page.getByText(WORDS).first()).toBeVisible();
  await page.goto(`${desk.url}tickets/${next}`);
  await expect(page.getByText("message discarded: a reply to the client")).toBeVisible();
});

test("who can decide is told once, and finds what waits under jobs", async ({ page, desk }) => {
  await publish(desk);
  await desk.open("No cash at all", "vandalism");
  await logIn(page, desk, undefined, "notifications");
  const told = page.getByRole("listitem").filter({ hasText: "Cash Machines Ltd · on_opened" }).first();
  await expect(told).toContainText("Messages of a workflow are held beyond its limit");
  await told.getByRole("link", { name: "Decide about held messages" }).click();
  const hold = page.getByRole("article", { name: "Held messages of on_opened" });
  await expect(hold).toContainText("Cash Machines Ltd");
  await isSound(page);
  await hold.getByRole("button", { name: "Discard" }).click();
  await hold.getByRole("button", { name: "Cancel" }).click();
  await expect(hold.getByRole("button", { name: "Send the messages" })).toBeVisible();
});

test("every message of a hold is listed on request", async ({ page, desk }) => {
  await publish(desk);
  const subjects = ["Door is open", "Lamp is out", "Keypad is dead", "Card is stuck again"];
  for (const subject of subjects) await desk.open(subject, "vandalism");
  await logIn(page, desk, undefined, "workflows");
  await page.getByRole("link", { name: /Messages held/ }).click();
  const hold = page.getByRole("article", { name: "Held messages of on_opened" });
  await expect(hold.getByRole("listitem")).toHaveCount(3);
  const whole = hold.getByRole("button", { name: /Show all/ });
  await whole.focus();
  await page.keyboard.press("Enter");
  const all = hold.getByRole("list", { name: "All held messages" });
  await expect(all.getByRole("listitem").nth(subjects.length - 1)).toBeVisible();
  await expect(all.getByRole("listitem").first()).toContainText("Replies that the client sees");
  await isSound(page);
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/holds-all.png`, fullPage: true });
  await hold.getByRole("button", { name: "Show samples only" }).click();
  await expect(hold.getByRole("listitem")).toHaveCount(3);
});
