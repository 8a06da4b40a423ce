import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "specs",
  testMatch: "*.pw.ts",
  outputDir: "../test-results",
  forbidOnly: true,
  // Once more, and named "flaky" in the summary: real processes and a real browser share two busy cores in CI.
  retries: 1,
  fullyParallel: false,
  // Each spec has a sandbox of its own, with a plugin process and a browser: more than two crowd a laptop.
  workers: 2,
  // Generous: a busy machine is no failure, and a passing test does not wait.
  timeout: 120_000,
  expect: { timeout: 25_000 },
  reporter: [["list"]],
  use: { viewport: { width: 1280, height: 800 }, locale: "en-US", colorScheme: "light" },
});
