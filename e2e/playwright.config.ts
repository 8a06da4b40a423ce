import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "specs",
  testMatch: "*.pw.ts",
  outputDir: "../test-results",
  forbidOnly: true,
  // A spec that fails once in twenty runs has a race to find; a retry would hide it.
  retries: 0,
  fullyParallel: false,
  // Each spec starts its own sandbox, plugin process and browser: more than two overload a laptop.
  workers: 2,
  // Generous: a busy machine is not a failure, and a passing test does not wait. At a load of 60 on two processors
  // the longest specs work for two minutes.
  timeout: 240_000,
  expect: { timeout: 25_000 },
  reporter: [["list"]],
  use: {
    viewport: { width: 1280, height: 800 },
    locale: "en-US",
    colorScheme: "light",
    actionTimeout: 30_000,
  },
});
