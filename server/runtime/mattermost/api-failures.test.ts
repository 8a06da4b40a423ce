/** What an API call rejects with: errors of the server, and methods it does not have. */

import { afterEach, describe, expect, test } from "bun:test";
import { tagged } from "../gob/index.ts";
import { AppError, NotSupportedByServer } from "./errors.ts";
import type { PluginHost } from "./host.ts";
import { definePlugin } from "./plugin.ts";
import { type ApiHandlers, TestHost } from "./testing/host.ts";
import { apiMethods } from "./wire/api.gen.ts";
import { appErrorToWire } from "./wire-error.ts";

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

describe("a failure of the server", () => {
  test("as *model.AppError is thrown as AppError", async () => {
    const refusal = new AppError("no such user", {
      id: "app.user.missing",
      statusCode: 404,
      where: "GetUser",
      detailedError: "d",
      requestId: "r",
    });
    const { api } = await connected({ getUser: () => ({ B: appErrorToWire(refusal) }) });
    const error = await api.getUser("x").catch((thrown) => thrown);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({
      message: "no such user",
      id: "app.user.missing",
      statusCode: 404,
      where: "GetUser",
      detailedError: "d",
      requestId: "r",
    });
  });

  const errors: [string, unknown, object][] = [
    ["*plugin.ErrorString", { Code: 0, Err: "boom" }, { name: "GoError", message: "boom", sentinel: null }],
    ["*plugin.ErrorString", { Code: 1, Err: "EOF" }, { name: "GoError", sentinel: "io.EOF" }],
    ["*plugin.ErrorString", { Code: 2, Err: "sql" }, { name: "GoError", sentinel: "sql.ErrNoRows" }],
    ["*plugin.ErrorString", { Code: 99, Err: "later" }, { name: "GoError", sentinel: null }],
    [
      "*pq.Error",
      { Code: "23505", Message: "duplicate" },
      { name: "GoError", message: "pq: duplicate (23505)" },
    ],
    [
      "*model.AppError",
      appErrorToWire(new AppError("no", { statusCode: 403 })),
      { name: "AppError", statusCode: 403 },
    ],
  ];
  for (const [type, value, expected] of errors) {
    test(`as error holding ${type} ${JSON.stringify(value).slice(0, 40)} is thrown`, async () => {
      const { api } = await connected({ registerCommand: () => ({ A: tagged(type, value) }) });
      const error = await api.registerCommand({ Trigger: "x" }).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject(expected);
    });
  }

  test("a nil error resolves", async () => {
    const { api } = await connected({ registerCommand: () => ({}) });
    expect(await api.registerCommand({ Trigger: "x" })).toBeUndefined();
  });
});

describe("a method the server does not have", () => {
  test("throws NotSupportedByServer with the version that brings it", async () => {
    const { api } = await connected({ getServerVersion: () => ({ A: "9.0.0" }) });
    const error = await api.logAuditRec({ EventName: "x" }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(NotSupportedByServer);
    expect(error).toMatchObject({ method: "logAuditRec", since: apiMethods.logAuditRec.since });
  });

  for (const [version, supported] of [
    ["10.10.0", false],
    ["11.9.3", false],
    ["11.10.0", true],
    ["12.1.3", true],
    ["", false],
    ["dev", false],
  ] as const) {
    test(`is ${supported ? "" : "not "}announced by version ${version || "(none)"}`, async () => {
      const host = await connected({ getServerVersion: () => ({ A: version }) });
      expect(await host.supports("getChannelOfType")).toBe(supported);
      expect(await host.supports("getUser")).toBe(supported || version.startsWith("1"));
    });
  }

  test("asks for the server version once", async () => {
    let asked = 0;
    const host = await connected({
      getServerVersion: () => {
        asked++;
        return { A: "11.0.0" };
      },
    });
    await Promise.all([host.supports("getUser"), host.supports("kvGet"), host.serverVersion()]);
    expect(asked).toBe(1);
  });
});
