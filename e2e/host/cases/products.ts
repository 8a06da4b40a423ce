import { until } from "../../until.ts";
import { activeHost, type Case, equal, isTrue, type Place } from "./case.ts";

const world = {
  Users: [{ Id: "u", Username: "alice", Email: "alice@example.org", Roles: "system_user" }],
  Sessions: [{ Id: "s", Token: "token", UserId: "u" }],
  Teams: [{ Id: "t", Name: "team" }],
  Channels: [{ Id: "c", Name: "town-square", TeamId: "t", Type: "O" }],
};
const signedIn = { headers: { cookie: "MMAUTHTOKEN=token" } };

/** examples/hello, installed as a stranger would. */
export function helloCases(place: Place): Case[] {
  return [
    {
      name: "examples/hello: command, setting, HTTP, reaction, stored count",
      run: async () => {
        const host = await activeHost(place);
        try {
          await host.do("world", { world });
          await host.do("configure", { settings: { Greeting: "Moin" } });
          const commands = (await host.api("ListPluginCommands", "t")) as { Trigger: string }[];
          equal(commands?.[0]?.Trigger, "hello");
          const [response] = (await host.hook("ExecuteCommand", { UserId: "u", Command: "/hello" })) as [
            { Text: string },
          ];
          equal(response.Text, "Moin, alice! You were greeted 1 time.");
          equal((await host.fetch("/")).status, 401);
          equal(await (await host.fetch("/", signedIn)).json(), {
            text: "Moin, alice! You were greeted 2 times.",
          });
          const post = (await host.api("CreatePost", { UserId: "u", ChannelId: "c", Message: "moin" })) as {
            Id: string;
          };
          await until(async () => (await host.api("GetReactions", post.Id)) !== null, "the reaction");
          const [, refusal] = (await host.hook("ExecuteCommand", { UserId: "u", Command: "/hello x" })) as [
            unknown,
            { StatusCode: number },
          ];
          equal(refusal.StatusCode, 400);
        } finally {
          await host.stop();
        }
      },
    },
  ];
}

/** The product without a setting, as an admin first meets it. */
export function productCases(place: Place): Case[] {
  return [
    {
      name: "mission-collaboration: activates without settings, serves, refuses, deactivates",
      run: async () => {
        const host = await activeHost(place);
        try {
          await host.do("world", { world });
          equal((await host.state()).state, "running");
          isTrue((await host.fetch("/tab")).status < 600, "the tab answers");
          const session = (body: string): Promise<Response> =>
            host.fetch("/api/v1/session", {
              method: "POST",
              body,
              headers: { "Content-Type": "application/json", "X-Requested-With": "XMLHttpRequest" },
            });
          for (const body of [
            "",
            "null",
            "{}",
            '{"token": 5}',
            JSON.stringify({ token: "a.b.c" }),
            "x".repeat(100_000),
          ]) {
            const refused = await session(body);
            isTrue(
              refused.status >= 400 && refused.headers.getSetCookie().length === 0,
              `${refused.status} for ${body.slice(0, 20)}`,
            );
          }
          isTrue(
            [401, 403].includes((await host.fetch("/api/v1/app-package")).status),
            "the package is for admins",
          );
          isTrue(
            [401, 403].includes((await host.fetch("/api/v1/app-package", signedIn)).status),
            "and for no other user",
          );
          await host.api("CreatePost", { UserId: "u", ChannelId: "c", Message: "@alice hello" });
          equal(await host.do("deactivate"), true);
        } finally {
          await host.stop();
        }
      },
    },
  ];
}
