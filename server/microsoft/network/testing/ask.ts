/**
 * `bun ask.ts <url>`: sends one request through the plugin's fetch, in a process whose environment the test has
 * chosen.
 */

import { buildConfig } from "../../config/index.ts";
import { outgoingFetch, takeProxyEnvironment } from "../index.ts";

const current = buildConfig({}, { siteUrl: "https://chat.example.com" });
const fetch = outgoingFetch({ current, onChange: () => () => {} }, takeProxyEnvironment(process.env));
try {
  process.stdout.write(await (await fetch(process.argv[2] ?? "")).text());
} catch (error) {
  process.stdout.write(`refused: ${error instanceof Error ? error.message : error}`);
}
