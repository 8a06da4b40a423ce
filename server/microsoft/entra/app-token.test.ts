import { describe, expect, test } from "bun:test";
import { ProductError } from "../../platform/errors.ts";
import { buildConfig, type Config, type ConfigSource } from "../config/index.ts";
import { createAppTokens } from "./app-token.ts";

const TENANT = "11111111-2222-4333-8444-555555555555";
const LOGIN = "https://login.corp.example:8443";

function world(options: { lifetimeSeconds?: number; answer?: () => Response; settings?: object } = {}) {
  let clock = 1_000_000;
  let issued = 0;
  const requested = Promise.withResolvers<void>();
  let mayAnswer: Promise<void> = Promise.resolve();
  const asked: string[] = [];
  const listeners: ((next: Config, previous: Config) => void)[] = [];
  const config: ConfigSource = {
    current: buildConfig(
      {
        m365_tenant_id: TENANT,
        m365_client_id: TENANT,
        m365_client_secret: "s3cret",
        app_id: TENANT,
        national_cloud: "custom",
        custom_login_url: LOGIN,
        custom_graph_url: "https://graph.corp.example",
        custom_teams_url: "https://teams.corp.example",
        ...options.settings,
      },
      { siteUrl: "https://chat.example.com" },
    ),
    onChange(listener) {
      listeners.push(listener);
      return () => {};
    },
  };
  const fetch = async (url: string | URL, init?: RequestInit) => {
    const target = new URL(url);
    asked.push(`${init?.method ?? "GET"} ${target.origin}${target.pathname}`);
    if (target.pathname.endsWith("/openid-configuration")) {
      return Response.json({
        token_endpoint: `${LOGIN}/${TENANT}/oauth2/v2.0/token`,
        authorization_endpoint: `${LOGIN}/${TENANT}/oauth2/v2.0/authorize`,
        end_session_endpoint: `${LOGIN}/${TENANT}/oauth2/v2.0/logout`,
        issuer: `${LOGIN}/${TENANT}/v2.0`,
        jwks_uri: `${LOGIN}/${TENANT}/discovery/v2.0/keys`,
      });
    }
    requested.resolve();
    await mayAnswer;
    if (options.answer) return options.answer();
    issued += 1;
    return Response.json({
      token_type: "Bearer",
      expires_in: options.lifetimeSeconds ?? 3600,
      access_token: `token-${issued}`,
    });
  };
  return {
    tokens: createAppTokens({ config, fetch, now: () => clock }),
    asked,
    /** Resolves when a token is requested for the first time. */
    requested: requested.promise,
    /** Entra's answers wait until the returned function is called. */
    hold() {
      const held = Promise.withResolvers<void>();
      mayAnswer = held.promise;
      return held.resolve;
    },
    tokenRequests: () => asked.filter((line) => line.startsWith("POST")).length,
    pass: (minutes: number) => {
      clock += minutes * 60_000;
    },
    changeConfig: () => {
      for (const listener of listeners) listener(config.current, config.current);
    },
  };
}

describe("app-only tokens", () => {
  test("only the configured authority is called, never Microsoft's public cloud", async () => {
    const w = world();
    expect(await w.tokens.token(50)).toBe("token-1");
    expect(new Set(w.asked.map((line) => new URL(line.split(" ")[1] ?? "").origin))).toEqual(
      new Set([LOGIN]),
    );
  });

  test("a token is reused while enough of its life is left", async () => {
    const w = world();
    expect(await w.tokens.token(50)).toBe("token-1");
    w.pass(9);
    expect(await w.tokens.token(50)).toBe("token-1");
    w.pass(2);
    expect(await w.tokens.token(50)).toBe("token-2");
    expect(w.tokenRequests()).toBe(2);
  });

  test("callers that need fewer minutes share the token of callers that need more", async () => {
    const w = world();
    await w.tokens.token(50);
    w.pass(30);
    expect(await w.tokens.token(5)).toBe("token-1");
  });

  test("a hundred callers make one request", async () => {
    const w = world();
    const all = await Promise.all(Array.from({ length: 100 }, () => w.tokens.token(50)));
    expect(new Set(all)).toEqual(new Set(["token-1"]));
    expect(w.tokenRequests()).toBe(1);
  });

  test("a tenant with short-lived tokens is not asked on every call", async () => {
    const w = world({ lifetimeSeconds: 1800 });
    await w.tokens.token(50);
    await w.tokens.token(50);
    expect(w.tokenRequests()).toBe(1);
    w.pass(2);
    await w.tokens.token(50);
    expect(w.tokenRequests()).toBe(2);
  });

  test("forget and a changed configuration request a new token", async () => {
    const w = world();
    await w.tokens.token(50);
    w.tokens.forget();
    expect(await w.tokens.token(50)).toBe("token-2");
    w.changeConfig();
    expect(await w.tokens.token(50)).toBe("token-3");
  });

  test("after a change during a request, its token is not kept for the new configuration", async () => {
    const w = world();
    const letAnswer = w.hold();
    const early = w.tokens.token(50);
    await w.requested;
    w.changeConfig();
    letAnswer();
    const late = await w.tokens.token(50);
    expect(await early).toBe("token-1");
    expect(late).toBe("token-2");
    expect(await w.tokens.token(50)).toBe("token-2");
  });

  test("a failed request is not remembered: the next caller tries again", async () => {
    let fail = true;
    const w = world({
      answer: () =>
        fail
          ? new Response("<html>proxy</html>", { status: 502 })
          : Response.json({ token_type: "Bearer", expires_in: 3600, access_token: "good" }),
    });
    await expect(w.tokens.token(50)).rejects.toThrow(ProductError);
    fail = false;
    expect(await w.tokens.token(50)).toBe("good");
  });
});

describe("failures have a code and a detail", () => {
  const cases: { name: string; settings?: object; answer?: () => Response; code: string; detail: RegExp }[] =
    [
      {
        name: "no secret",
        settings: { m365_client_secret: "" },
        code: "not_configured",
        detail: /registration/,
      },
      { name: "no tenant", settings: { m365_tenant_id: "" }, code: "not_configured", detail: /registration/ },
      {
        name: "an expired secret, with Entra's own code",
        answer: () =>
          Response.json(
            {
              error: "invalid_client",
              error_description: "AADSTS7000222: The provided client secret keys are expired. Trace ID: x",
              error_codes: [7000222],
              correlation_id: "c",
            },
            { status: 401 },
          ),
        code: "secret_expired",
        detail: /^AADSTS7000222$/,
      },
      {
        name: "an answer without a token",
        answer: () => Response.json({ token_type: "Bearer", expires_in: 3600 }),
        code: "microsoft_unreachable",
        detail: /entra/,
      },
      {
        name: "a page instead of JSON",
        answer: () => new Response("<html>sign in to the proxy</html>"),
        code: "microsoft_unreachable",
        detail: /^login\.corp\.example:8443: the answer is not/,
      },
      {
        name: "an endless answer",
        answer: () => new Response("x".repeat(300_000)),
        code: "microsoft_unreachable",
        detail: /^login\.corp\.example:8443: /,
      },
    ];
  for (const c of cases) {
    test(c.name, async () => {
      const w = world(c);
      const error = await w.tokens.token(50).then(
        () => null,
        (reason) => reason,
      );
      expect(error).toBeInstanceOf(ProductError);
      expect(error.code).toBe(c.code);
      expect(error.detail).toMatch(c.detail);
      expect(String(error)).not.toContain("s3cret");
    });
  }
});
