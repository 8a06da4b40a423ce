import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { bundle } from "../../build/bundle.ts";
import { Host, hasGo } from "../../e2e/host/host.ts";

// Processes start and end on a busy machine.
setDefaultTimeout(60_000);

/** The plugin as an admin gets it: its own process, started by Mattermost's own host library. */
let host: Host;
const ann = { Id: "ann", Username: "ann", Roles: "system_user" };
const world = { Users: [ann], Sessions: [{ Id: "s", Token: "ann-token", UserId: "ann" }] };

if (!hasGo) {
  test("needs Go, which is missing: hello did not run under the official host", () => {});
} else {
  beforeAll(async () => {
    host = await Host.start({ bundle: await bundle({ source: import.meta.dir }) });
    await host.do("world", { world });
    await host.do("configure", { settings: { greeting: "Moin" } });
    await host.do("activate");
  }, 120_000);
  afterAll(() => host.stop());

  const hello = (Command: string) => host.hook("ExecuteCommand", { UserId: "ann", Command });

  describe("/hello", () => {
    test("greets with the configured word, and counts", async () => {
      expect(await hello("/hello")).toMatchObject([
        { Text: "Moin, ann! You were greeted 1 time.", ResponseType: "ephemeral" },
        null,
      ]);
      expect(await hello("/hello")).toMatchObject([{ Text: "Moin, ann! You were greeted 2 times." }, null]);
    });

    test("takes no arguments", async () => {
      const [response, error] = await hello("/hello world");
      expect(response).toBeNull();
      expect(error).toMatchObject({
        StatusCode: 400,
        Message: '/hello takes no arguments, not even "world".',
      });
    });
  });

  test("the page greets only a person who is signed in", async () => {
    expect((await host.fetch("/")).status).toBe(401);
    const page = await host.fetch("/", { headers: { cookie: "MMAUTHTOKEN=ann-token" } });
    expect(await page.json()).toEqual({ text: "Moin, ann! You were greeted 3 times." });
  });

  test("a post with the greeting gets a wave, another post does not", async () => {
    const waves = async () => (await host.do<Record<string, number>>("counts")).AddReaction ?? 0;
    await host.hook("MessageHasBeenPosted", { Id: "p1", UserId: "ann", Message: "moin" });
    expect(await waves()).toBe(1);
    await host.hook("MessageHasBeenPosted", { Id: "p2", UserId: "ann", Message: "moin moin" });
    expect(await waves()).toBe(1);
  });

  test("a changed setting takes effect at once", async () => {
    await host.do("configure", { settings: { greeting: "Ahoy" } });
    expect(await hello("/hello")).toMatchObject([{ Text: "Ahoy, ann! You were greeted 4 times." }, null]);
  });
}
