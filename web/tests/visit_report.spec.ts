// The report of a visit: what is asked for is said while the engineer adds files; a controller returns it, then accepts it.
import type { Page } from "@playwright/test";
import { Caller, type Desk, OPERATOR, expect, logIn, test } from "./desk";
import { isSound } from "./sound";

test.use({ deskOf: "visit_report" });
// Wide enough for the context to stand beside the ticket.
test.use({ viewport: { width: 1440, height: 900 } });

const PASSWORD = "report battery horse";
const ENGINEER = { login: "nurlan", name: "Nurlan Bekov", password: PASSWORD };
const CONTROLLER = { login: "elena", name: "Elena Kim", password: PASSWORD };
/** Two photos, the act and a signature are asked for once the engineer has left. */
const SCRIPT = `fn on_work_order(ticket, order) {
    if order.stage == "done" {
        ticket.require_report(order, #{ photos: 2, documents: ["act_of_acceptance"], signatures: 1 });
    }
}
`;
/** One pixel. */
const PIXEL = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
const image = (name: string) => ({ name, mimeType: "image/png", buffer: PIXEL });
const PDF = { name: "act.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4\n%%EOF\n") };

let settings = "";
let engineer = "";

async function somebody(desk: Desk, person: { login: string; name: string }, role: string, more: Record<string, unknown> = {}) {
  const { id } = await desk.admin.call("POST", "people", {
    login: person.login, name: person.name, language: "en", time_zone: "Asia/Almaty", affiliation: { kind: "staff" }, capacity: 4,
    is_on_duty: true, is_active: true, ...more,
  });
  await desk.admin.call("POST", `people/${id}/access`, { grants: [{ role, client: null }], memberships: [] });
  const { token } = await desk.admin.call<{ token: string }>("POST", `people/${id}/reset-link`, {});
  await new Caller(desk.url).call("POST", "reset", { token, password: PASSWORD });
  return id;
}

/** A ticket whose engineer has been there; answers its number. */
async function visited(desk: Desk, subject: string): Promise<string> {
  if (!engineer) {
    const page = await desk.admin.call<{ settings: string }>("GET", `clients/${desk.client}/workflow`);
    settings = page.settings;
    await desk.admin.call("POST", `clients/${desk.client}/workflow/publish`, { message: "Asks for reports", script: SCRIPT, settings });
    engineer = await somebody(desk, ENGINEER, "engineer", {
      engineer: { grade: 1, city: "Almaty", certificates: [], languages: ["kk"], lead: null },
    });
    await somebody(desk, CONTROLLER, "controller");
  }
  const number = await desk.open(subject, "receipt_jam");
  const { ticket } = await desk.admin.call<{ ticket: { id: string } }>("GET", `tickets/${number}`);
  const { id: order } = await desk.admin.call("POST", `tickets/${ticket.id}/work-orders`, { engineer });
  for (const stage of ["accepted", "arrived", "done"]) await desk.admin.call("POST", `work-orders/${order}/advance`, { stage });
  return number;
}

const section = (page: Page) => page.getByRole("article").filter({ hasText: ENGINEER.name });

test("the engineer is told what is missing, hands in, and brings what was wrong anew", async ({ page, desk, browser }) => {
  test.setTimeout(180_000);
  const number = await visited(desk, "Receipts jam");
  await logIn(page, desk, ENGINEER, `tickets/${number}?tab=work`);
  const visit = section(page);
  await expect(visit).toContainText("photos: 2");
  await visit.getByRole("button", { name: "Hand in the report" }).click();
  const submit = visit.locator('button[type="submit"]');
  await expect(visit.getByRole("status")).toContainText("Still missing");
  await expect(submit).toBeDisabled();

  await visit.locator('input[type="file"]').setInputFiles([image("front.png"), image("back.png"), PDF, image("signature.png")]);
  await expect(visit.getByRole("group")).toHaveCount(4);
  const paper = (name: string) => visit.getByRole("group", { name });
  await expect(paper("front.png").getByLabel("What it is"), "a picture is taken for a photo").toHaveValue("photo");
  await paper("act.pdf").getByLabel("Which document").selectOption({ label: "Act of acceptance" });
  await paper("signature.png").getByLabel("What it is").selectOption({ label: "Signature" });
  await expect(visit.getByRole("status"), "photos without words do not count").toContainText("photos with a description: 2");
  await expect(submit).toBeDisabled();
  await paper("front.png").getByLabel("What it shows").fill("The front");
  await expect(visit.getByRole("status")).toContainText("photos with a description: 1");
  await isSound(page);

  // A photo too many is taken out before it is sent.
  await visit.locator('input[type="file"]').setInputFiles([image("blurred.png")]);
  await page.getByRole("button", { name: "Take blurred.png out" }).click();
  await expect(visit.getByRole("group")).toHaveCount(4);
  await paper("back.png").getByLabel("What it shows").fill("The back");
  await expect(visit.getByRole("status")).toContainText("Everything that was asked for is here.");
  await visit.getByLabel("Comment").fill("Cleaned and tested");
  await submit.focus();
  await page.keyboard.press("Enter");
  await expect(visit).toContainText("waits to be checked");
  await expect(visit).toContainText("Cleaned and tested");
  await expect(visit.getByRole("img", { name: "The back" })).toBeVisible();
  await isSound(page);

  const checking = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  await logIn(checking, desk, CONTROLLER, `tickets/${number}?tab=work`);
  await section(checking).getByRole("button", { name: "Return the report" }).click();
  const send = section(checking).locator('button[type="submit"]');
  await expect(send, "a return says what is wrong").toBeDisabled();
  await section(checking).getByLabel("What is wrong with it").fill("The act has no stamp");
  await send.click();
  await expect(section(checking)).toContainText("returned by Elena Kim");

  // The engineer's page hears of it; what was right is there already.
  await expect(visit).toContainText("The act has no stamp");
  await visit.getByRole("button", { name: "Hand in the report again" }).click();
  await expect(visit.getByRole("group")).toHaveCount(4);
  await expect(paper("front.png").getByLabel("What it shows")).toHaveValue("The front");
  await visit.locator('button[type="submit"]').click();
  await expect(visit).toContainText("Earlier reports: 1");

  await expect(section(checking)).toContainText("Report 2");
  await section(checking).getByRole("button", { name: "Accept the report" }).click();
  await expect(section(checking)).toContainText("accepted by Elena Kim");
  await expect(visit).toContainText("accepted by Elena Kim");
  await expect(visit.getByRole("button", { name: /Hand in/ })).toHaveCount(0);
  await checking.close();
});

test("who is neither the engineer nor a controller is offered neither step", async ({ page, desk }) => {
  const number = await visited(desk, "Paper is out");
  await logIn(page, desk, OPERATOR, `tickets/${number}?tab=work`);
  await expect(section(page)).toContainText("awaited");
  for (const name of ["Hand in the report", "Accept the report", "Return the report", "Go on without the report"]) {
    await expect(section(page).getByRole("button", { name })).toHaveCount(0);
  }
});

test("a supervisor lets a ticket go on without a report, with a reason", async ({ page, desk }) => {
  const number = await visited(desk, "Card reader is slow");
  await logIn(page, desk, undefined, `tickets/${number}?tab=work`);
  await section(page).getByRole("button", { name: "Go on without the report" }).click();
  await section(page).getByLabel("Why the ticket goes on without it").fill("The camera broke");
  await section(page).locator('button[type="submit"]').click();
  await expect(section(page)).toContainText("waived");
});
