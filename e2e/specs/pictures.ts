import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { withPalette } from "../../build/palette-png.ts";

const pathOf = (place: string) => fileURLToPath(new URL(`../../${place}`, import.meta.url));

/** The documents that may show a picture. */
const documents = () =>
  ["README.md", ...readdirSync(pathOf("docs")).map((name) => `docs/${name}`)]
    .filter((path) => path.endsWith(".md"))
    .map((path) => readFileSync(pathOf(path), "utf8"))
    .join("\n");

/**
 * Takes a screenshot. With PICTURES=1 it goes into `docs/images/` if a document shows it, else beside the test's
 * results.
 */
export async function picture(page: Page, name: string, { fullPage = false } = {}): Promise<void> {
  const isShown = Boolean(process.env.PICTURES) && documents().includes(`images/${name}.png`);
  const folder = isShown ? "docs/images" : "test-results/pictures";
  const screenshot = await page.screenshot({ animations: "disabled", fullPage });
  mkdirSync(pathOf(folder), { recursive: true });
  writeFileSync(pathOf(`${folder}/${name}.png`), isShown ? withPalette(screenshot) : screenshot);
}
