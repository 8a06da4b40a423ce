/**
 * Tests the sandbox's Teams chat window: a message arrives in Mattermost, somebody answers there, and the answer
 * appears.
 */

import { expect, test } from "./fixtures.ts";

test.use({
  start: { settings: { chats_enabled: true, chats_reply: true } },
  // The browser does not know the certificate of the fake Entra.
  ignoreHTTPSErrors: true,
});

const BOT = "@mission-collaboration";
interface Shown {
  readonly id: string;
  readonly message: string;
  readonly props: Record<string, unknown>;
}

test("a message and its edit reach Mattermost, and the answer comes back", async ({ sandbox, page }) => {
  const origin = new URL(sandbox.info.siteUrl).origin;
  await page.goto(`${origin}/sandbox/enter?as=alex&to=${encodeURIComponent("/")}`);
  await page.getByRole("button", { name: "Settings" }).click();
  const panel = page.locator('[data-part="connection"]');
  const [popup] = await Promise.all([
    page.context().waitForEvent("page"),
    panel.getByRole("button", { name: "Connect account" }).click(),
  ]);
  await popup.getByLabel("Alex Morgan").check();
  await popup.getByRole("button", { name: "Agree" }).click();
  await expect(panel).toHaveAttribute("data-state", "connected");
  await popup.close();

  await page.goto(`${sandbox.info.teamsUrl}/chat`);
  await page.getByText("New chat").click();
  await page.getByLabel("Robin Okafor").first().check();
  await page.getByLabel("Alex Morgan").first().check();
  await page.getByRole("button", { name: "Chat", exact: true }).click();
  await page.getByLabel("As", { exact: false }).selectOption({ label: "Robin Okafor" });
  await page.getByRole("textbox", { name: "Message" }).fill("The depot is **open**.");
  await page.getByRole("button", { name: "Send" }).click();
  await expect(page.getByLabel("Messages").getByText("The depot is open.")).toBeVisible();

  const posts = async () =>
    (await sandbox.control<Shown[]>(`/posts?as=alex&channel=${encodeURIComponent(BOT)}`)).filter(
      ({ props }) => props.teams_message_id !== undefined,
    );
  await expect
    .poll(async () => (await posts()).map(({ message }) => message.split("\n\n")[1]))
    .toEqual(["The depot is **open**."]);

  page.once("dialog", (dialog) => void dialog.accept("The depot is closed."));
  await page.getByRole("button", { name: "Edit" }).click();
  await expect.poll(async () => (await posts())[0]?.message).toContain("The depot is closed.");

  await sandbox.post("alex", BOT, "Then we take the boats.", (await posts())[0]?.id);
  await expect(page.getByLabel("Messages").getByText("Then we take the boats.")).toBeVisible();
});
