// Whether everybody can use a page: no axe violation, nothing wider than the screen.
import AxeBuilder from "@axe-core/playwright";
import { type Page, expect } from "@playwright/test";

export const NARROW_PX = 320;

/** What axe finds, each with the elements concerned. */
export async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.map((one) => `${one.id}: ${one.nodes.map((node) => `${node.target.join(" ")} ${node.html}`).slice(0, 3).join(" | ")}`);
}

export async function isAccessible(page: Page, where = "axe") {
  expect(await violations(page), where).toEqual([]);
}

/** Waits for the layout: a page is laid out some moments after its data came or its width changed. */
export async function fits(page: Page, where = "pixels beyond the screen") {
  const beyond = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await expect.poll(beyond, { message: where }).toBeLessThanOrEqual(0);
}

/** Changes the width and waits until the page has drawn itself anew: what it showed before may be gone. */
export async function resize(page: Page, width: number) {
  await page.setViewportSize({ ...page.viewportSize()!, width });
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
}

/** Accessible in both themes, and 320 pixels are enough; leaves the width as it was. */
export async function isSound(page: Page) {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await isAccessible(page, colorScheme);
  }
  const { width } = page.viewportSize()!;
  await resize(page, NARROW_PX);
  await fits(page);
  await resize(page, width);
}
