import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";

/** Takes a screenshot: for `docs/images/` with PICTURES=1, else only beside the test's results. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.PICTURES ? "../../docs/images" : "../../test-results/pictures";
  const path = fileURLToPath(new URL(`${folder}/${name}.png`, import.meta.url));
  await page.screenshot({ path, animations: "disabled" });
}
