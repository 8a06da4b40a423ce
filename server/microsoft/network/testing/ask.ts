/** `bun ask.ts <url>`: one request by the plugin's way out, in a process whose environment a test has chosen. */

import { buildConfig } from "../../config/index.ts";
import { outgoingFetch, takeProxyEnvironment } from "../index.ts";

const current = buildConfig({}, { siteUrl: "https://chat.example.com" });
const fetch = outgoingFetch({ current, onChange: () => () => {} }, takeProxyEnvironment(process.env));
try {
  process.stdout.write(await (await fetch(process.argv[2] ?? "")).text());
} catch (error) {
  process.stdout.write(`refused: ${error instanceof Error ? error.message : error}`);
}
