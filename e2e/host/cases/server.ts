import { until } from "../../until.ts";
import type { Host } from "../host.ts";
import { activeHost, type Case, equal, isTrue, type Place } from "./case.ts";

const world = {
  Users: ["ana", "ben", "cem"].map((name) => ({
    Id: name,
    Username: name,
    Email: `${name}@example.org`,
    EmailVerified: true,
    Roles: "system_user",
  })),
  Teams: [{ Id: "t", Name: "team" }],
  Channels: [{ Id: "c", Name: "town-square", TeamId: "t", Type: "O" }],
  ChannelMembers: ["ana", "ben", "cem"].map((UserId) => ({ ChannelId: "c", UserId })),
};

interface Called {
  hook: string;
  args: (Record<string, unknown> | string | null)[] | null;
}

/**
 * Checks that the host's own world behaves like the real server: hooks, pushes, threads, accounts, and no hook while
 * the plugin's process is dead.
 */
export function serverCases(place: Place): Case[] {
  return [
    {
      name: "world: NotificationWillBePushed is called once for each person, by the server's rules",
      run: () =>
        withWorld(place, async (host) => {
          equal(await pushedBy(host, { Message: "hello" }), []);
          equal(await pushedBy(host, { Message: "hello @ben" }), ["ben"]);
          equal(await pushedBy(host, { Message: "`@ben`" }), []);
          equal(await pushedBy(host, { Message: "@ben @channel" }), ["ben", "cem"]);
          await host.do("world", { world: { Statuses: [{ UserId: "ben", Status: "dnd" }] } });
          equal(await pushedBy(host, { Message: "@ben @cem" }), ["cem"]);
          await host.do("configure", { config: { EmailSettings: { SendPushNotifications: false } } });
          equal(await pushedBy(host, { Message: "@cem" }), []);
        }),
    },
    {
      name: "world: people follow a thread by writing, by being mentioned, and by hand",
      run: () =>
        withWorld(place, async (host) => {
          const root = (
            (await host.api("CreatePost", post({ UserId: "ben", Message: "root" }))) as { Id: string }
          ).Id;
          equal(await pushedBy(host, { Message: "one", RootId: root }), ["ben"]);
          await host.do("world", { world: { Threads: [{ PostId: root, UserId: "cem", Following: true }] } });
          equal(await pushedBy(host, { Message: "two", RootId: root }), ["ben", "cem"]);
          await host.do("world", { world: { Threads: [{ PostId: root, UserId: "ben", Following: false }] } });
          equal(await pushedBy(host, { Message: "three", RootId: root }), ["cem"]);
          equal(await pushedBy(host, { Message: "four @ben", RootId: root }), ["ben", "cem"]);
        }),
    },
    {
      name: "world: the changes of a channel are at most a thousand, with deleted posts and the roots of replies",
      run: () =>
        withWorld(place, async (host) => {
          const create = async (part: Record<string, unknown>) =>
            ((await host.api("CreatePost", post({ UserId: "ben", ...part }))) as { Id: string }).Id;
          const since = async (time: number) =>
            (await host.api("GetPostsSince", "c", time)) as {
              Order: string[];
              Posts: Record<string, { CreateAt: number }>;
            };
          const root = await create({ Message: "root" });
          const { CreateAt } = (await since(0)).Posts[root] ?? { CreateAt: 0 };
          await until(() => Date.now() > CreateAt, "the next millisecond");
          const reply = await create({ Message: "reply", RootId: root });
          const gone = await create({ Message: "gone" });
          await host.api("DeletePost", gone);
          const list = await since(CreateAt);
          equal([...list.Order].sort(), [reply, gone].sort());
          equal(Object.keys(list.Posts).sort(), [root, reply, gone].sort());
          for (let number = 0; number < 1_000; number += 1) await create({ Message: "one of many" });
          equal((await since(CreateAt)).Order.length, 1_000);
        }),
    },
    {
      name: "world: @here in a root reaches those who are online at the reply",
      run: () =>
        withWorld(place, async (host) => {
          const root = ((await host.api("CreatePost", post({ Message: "@here" }))) as { Id: string }).Id;
          equal(await pushedBy(host, { Message: "one", RootId: root }), []);
          await host.do("world", { world: { Statuses: [{ UserId: "cem", Status: "online" }] } });
          equal(await pushedBy(host, { Message: "two", RootId: root }), ["cem"]);
        }),
    },
    {
      name: "world: an account created by the API has an unverified address, unless the caller says otherwise",
      run: () =>
        withWorld(place, async (host) => {
          const made = await host.api("CreateUser", { Username: "dee", Email: "dee@example.org" });
          equal((made as { EmailVerified?: boolean }).EmailVerified ?? false, false);
          const said = await host.api("CreateUser", {
            Username: "eva",
            Email: "eva@example.org",
            EmailVerified: true,
          });
          equal((said as { EmailVerified?: boolean }).EmailVerified, true);
        }),
    },
    {
      name: "world: a changed profile calls no hook",
      run: () =>
        withWorld(place, async (host) => {
          await host.api("UpdateUser", { ...world.Users[1], NotifyProps: { push: "none" } });
          await host.api("UpdateUser", { ...world.Users[1], Username: "benjamin" });
          equal(await settledHooks(host), []);
        }),
    },
    {
      name: "world: a dead plugin gets no hook, answers 500 until the server notices, and no hook is repeated",
      run: () =>
        withWorld(place, async (host) => {
          await host.do("kill", { signal: 9 });
          await until(async () => (await host.state()).pid === 0, "the process ends");
          equal((await host.fetch("/json")).status, 500);
          await host.api("CreatePost", post({ Message: "@ben, of the dead time" }));
          equal((await host.do<{ state: string }>("check")).state, "running");
          equal(
            (await settledHooks(host)).filter(
              (name) => name !== "onActivate" && name !== "onConfigurationChange",
            ),
            [],
          );
          equal(await pushedBy(host, { Message: "@ben" }), ["ben"]);
        }),
    },
    {
      name: "world: the paths of a deactivated plugin answer 404",
      run: () =>
        withWorld(place, async (host) => {
          equal((await host.fetch("/json")).status, 200);
          await host.do("deactivate");
          equal((await host.fetch("/json")).status, 404);
        }),
    },
    {
      name: "world: a server without a licence answers null",
      run: () =>
        withWorld(place, async (host) => {
          equal(await ask(host, "getLicense"), null);
        }),
    },
    {
      name: "world: a pointer to false, zero or an empty text is not transferred and is decoded as that value",
      run: () =>
        withWorld(place, async (host) => {
          const flags = { ShowFullName: false, ShowEmailAddress: true };
          await host.do("configure", { config: { PrivacySettings: flags } });
          const config = (await ask(host, "getConfig")) as Record<string, Record<string, unknown>>;
          // `ask` leaves zero values out, so "true" must be present and "false" must not.
          equal(config.PrivacySettings, { ShowEmailAddress: true });
          isTrue(config.TeamSettings?.TeammateNameDisplay === "username", "the server's own default arrives");
        }),
    },
  ];
}

async function withWorld(place: Place, run: (host: Host) => Promise<void>): Promise<void> {
  const host = await activeHost(place);
  try {
    await host.do("world", { world });
    await settledHooks(host);
    await run(host);
  } finally {
    await host.stop();
  }
}

const post = (part: Record<string, unknown>) => ({ UserId: "ana", ChannelId: "c", ...part });

/** Posts as Ana, and returns the people who got a push, sorted. */
async function pushedBy(host: Host, part: Record<string, unknown>): Promise<string[]> {
  await settledHooks(host);
  await host.api("CreatePost", post(part));
  const calls = await settled(host);
  isTrue(
    calls.some(({ hook }) => hook === "messageHasBeenPosted"),
    "MessageHasBeenPosted was not called",
  );
  return calls
    .filter(({ hook }) => hook === "notificationWillBePushed")
    .map(({ args }) => String(args?.[1]))
    .sort();
}

async function settledHooks(host: Host): Promise<string[]> {
  return (await settled(host)).map(({ hook }) => hook);
}

/** Returns every hook that was called, once the host has no call in flight. */
async function settled(host: Host): Promise<Called[]> {
  await host.do("settle");
  return (await (await host.fetch("/called")).json()) as Called[];
}

async function ask(host: Host, method: string): Promise<unknown> {
  const answer = await host.fetch(`/api?method=${method}`, { method: "POST", body: "[]" });
  return ((await answer.json()) as { result: unknown }).result;
}
