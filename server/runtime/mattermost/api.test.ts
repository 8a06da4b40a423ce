import { afterEach, describe, expect, test } from "bun:test";
import { bool, int, pointer, string, struct, type Type } from "../gob/index.ts";
import { nothing } from "../goplugin/index.ts";
import type { ApiName } from "./api.ts";
import { nullsAsZeros } from "./config-zeros.ts";
import { ConfigOfAnotherVersion, GoError, NotActivated } from "./errors.ts";
import { gobSafe } from "./go-values.ts";
import type { PluginHost } from "./host.ts";
import { codecOf, type Letters, letter } from "./method-codec.ts";
import { definePlugin } from "./plugin.ts";
import { fill } from "./testing/fill.ts";
import { type ApiHandlers, TestHost } from "./testing/host.ts";
import { KNOWN_SERVER } from "./version.ts";
import { apiMethods } from "./wire/api.gen.ts";
import { Config } from "./wire/config.gen.ts";

const hosts: TestHost[] = [];
afterEach(() => {
  for (const host of hosts.splice(0)) host.close();
});

/** An activated plugin's view of a server that has these methods. */
async function connected(api: ApiHandlers): Promise<PluginHost> {
  let seen: PluginHost | undefined;
  const plugin = definePlugin((host) => {
    seen = host;
    return {};
  });
  hosts.push(await TestHost.activated(plugin, api));
  return seen as PluginHost;
}

const names = Object.keys(apiMethods) as ApiName[];
const byValue = names.filter((name) => !apiMethods[name].byHand);
type Method = (...args: unknown[]) => Promise<unknown>;

test("every method of plugin.API exists", () => {
  expect(names.length).toBe(258);
});

describe("every method carries filled arguments and results", () => {
  for (const name of byValue) {
    const method = apiMethods[name];
    test(`${name} (${method.go})`, async () => {
      const codec = codecOf(method);
      const given = method.args().map((type, i) => fill(type, i + 1));
      const results = method.results().map((type, i) => fill(type, i + 51));
      let received: Letters = {};
      const { api } = await connected({
        getServerVersion: () => ({ A: `${KNOWN_SERVER}.3` }), // saveConfig asks for it
        [name]: (args: Letters) => {
          received = args;
          return Object.fromEntries(results.map((value, i) => [letter(i), value]));
        },
      });
      const spread = name.startsWith("log") && name !== "logAuditRec" && name !== "logAuditRecWithLevel";
      const call = (api[name] as Method).bind(api);
      const answered = await (spread ? call(given[0], ...(given[1] as unknown[])) : call(...given));
      const expected = codec.results === 0 ? undefined : codec.results === 1 ? results[0] : results;
      expect(answered).toEqual(expected);
      if (name.startsWith("log")) return; // log and audit values are tested below
      expect(Object.values(received)).toEqual(given);
    });
  }
});

describe("the site URL", () => {
  const configured = (change: (config: Record<string, unknown>) => void) => {
    const config = fill(Config) as unknown as Record<string, unknown>;
    change(config);
    return connected({ getConfig: () => ({ A: config }) });
  };

  test("is read from a whole configuration", async () => {
    const host = await configured((config) => {
      (config.ServiceSettings as { SiteURL: string }).SiteURL = "https://chat.example.com/sub";
    });
    expect(await host.siteUrl()).toBe("https://chat.example.com/sub");
  });

  test("is empty when it is not set", async () => {
    const host = await configured((config) => {
      (config.ServiceSettings as { SiteURL: string | null }).SiteURL = null;
    });
    expect(await host.siteUrl()).toBe("");
  });

  test("is empty when there is no configuration", async () => {
    expect(await (await connected({ getConfig: () => ({ A: null }) })).siteUrl()).toBe("");
  });
});

test("before activation, every method throws NotActivated", async () => {
  let seen: PluginHost | undefined;
  const host = await TestHost.start(
    definePlugin((h) => {
      seen = h;
      return {};
    }),
  );
  hosts.push(host);
  expect(seen?.api.getUser("x")).rejects.toBeInstanceOf(NotActivated);
  expect(seen?.api.loadPluginConfiguration()).rejects.toBeInstanceOf(NotActivated);
  expect(seen?.siteUrl()).rejects.toBeInstanceOf(NotActivated);
});

test("calls that do not fit their types are never sent", async () => {
  let called = false;
  const { api } = await connected({
    createPost: () => {
      called = true;
      return {};
    },
    getServerVersion: () => ({ A: "1" }),
  });
  expect(api.createPost({ CreateAt: "yesterday" } as never)).rejects.toMatchObject({ name: "GobError" });
  expect(await api.getServerVersion()).toBe("1"); // the stream is intact
  expect(called).toBe(false);
});

test("settings come from LoadPluginConfiguration, through the plugin's own parser", async () => {
  const host = await connected({});
  expect(await host.settings(({ greeting }) => greeting)).toBe("hi");
  expect(
    host.settings(() => {
      throw new Error("not acceptable");
    }),
  ).rejects.toThrow("not acceptable");
});

test("a configuration that is read and saved is unchanged: false does not become the default", async () => {
  const settings = (types: Record<string, Type<unknown>>) =>
    struct<Letters>("", () => ({ ServiceSettings: struct<Letters>("", () => types) }));
  // A Go receiver distinguishes nil from a pointer to zero.
  const seen = settings({
    EnableLinkPreviews: pointer(bool),
    SiteURL: pointer(string),
    ReadTimeout: pointer(int),
    EnableTesting: pointer(bool),
  });
  let saved: Letters = {};
  const host = await TestHost.start(
    definePlugin(({ api }) => ({
      async onActivate() {
        const config = (await api.getConfig()) as Config;
        expect(config.ServiceSettings.EnableLinkPreviews).toBe(false);
        config.ServiceSettings.SiteURL = "https://chat.example.com";
        await api.saveConfig(config);
      },
    })),
  );
  hosts.push(host);
  host.extraApi = (server) => {
    server.handle(
      "Plugin.GetServerVersion",
      nothing,
      struct<Letters>("", () => ({ A: string })),
      () => ({
        A: `${KNOWN_SERVER}.0`,
      }),
    );
    server.handle(
      "Plugin.GetConfig",
      nothing,
      struct<Letters>("", () => ({ A: seen })),
      () => ({
        A: { ServiceSettings: { EnableTesting: true } },
      }),
    );
    server.handle(
      "Plugin.SaveConfig",
      struct<Letters>("", () => ({ A: seen })),
      nothing,
      ({ A }) => {
        saved = A as Letters;
        return {};
      },
    );
  };
  expect(await host.activate()).toBeNull();
  expect(saved.ServiceSettings).toEqual({
    EnableLinkPreviews: false,
    SiteURL: "https://chat.example.com",
    ReadTimeout: 0,
    EnableTesting: true,
  });
});

describe("a whole configuration on a server of another version", () => {
  for (const version of ["10.11.0", "11.10.3", "11.12.0", "12.0.0", ""]) {
    test(`is not saved on ${version || "a server that does not say"}`, async () => {
      let saved = false;
      const { api } = await connected({
        getServerVersion: () => ({ A: version }),
        saveConfig: () => {
          saved = true;
          return {};
        },
      });
      const refusal = await api.saveConfig({ ServiceSettings: { SiteURL: "x" } }).catch((error) => error);
      expect(refusal).toBeInstanceOf(ConfigOfAnotherVersion);
      expect(refusal.message).toContain("savePluginConfig");
      expect(saved).toBe(false);
    });
  }
});

test("a partial configuration is sent as a partial configuration", () => {
  const part = { ServiceSettings: { SiteURL: "x", EnableTesting: null }, SqlSettings: null };
  expect(nullsAsZeros(Config, part)).toEqual({
    ServiceSettings: { SiteURL: "x", EnableTesting: false },
    SqlSettings: null,
  });
  expect(nullsAsZeros(Config, null)).toBeNull();
});

test("an audit record goes through JSON, as in Go", async () => {
  let received: Letters = {};
  const { api } = await connected({
    logAuditRec: (args) => {
      received = args;
      return {};
    },
  });
  const when = new Date(0);
  await api.logAuditRec({
    EventName: "signIn",
    Status: "fail",
    Meta: { when, big: 1n, error: new Error("e") },
  });
  expect(received.A).toMatchObject({
    EventName: "signIn",
    Status: "fail",
    Meta: { when: when.toISOString(), big: "1", error: "Error: e" },
  });
});

test("gobSafe has no form for what JSON leaves out", () => {
  expect(gobSafe({ a: undefined, b: () => 1, c: null })).toEqual({ c: null });
  expect(gobSafe(undefined)).toBeNull();
});

test("losing the server fails the calls in progress and aborts the host's signal", async () => {
  const host = await connected({ getUser: () => new Promise(() => {}) });
  const pending = host.api.getUser("x").catch((error) => error);
  await Bun.sleep(1);
  hosts[0]?.close();
  expect(await pending).toBeInstanceOf(Error);
  expect(host.signal.aborted).toBe(true);
});

test("an unknown error type is still an error", async () => {
  const { api } = await connected({ registerCommand: () => ({ A: "text" }) });
  expect(api.registerCommand({})).rejects.toBeInstanceOf(GoError);
});
