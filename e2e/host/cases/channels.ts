import { needs } from "../../sandbox/consent.ts";
import type { TeamsChannel } from "../../sandbox/graph/teams.ts";
import { until } from "../../until.ts";
import { FeatureHost, type HostMember, type HostPost } from "../feature-host.ts";
import { type Case, equal, isTrue, type Place } from "./case.ts";

const ANN = "ann".padEnd(26, "x");

const writer = (message: { readonly from: unknown } | undefined) =>
  (message?.from as { user?: { id?: string } } | null | undefined)?.user?.id;

interface Linked {
  readonly world: FeatureHost;
  readonly cy: HostMember;
  readonly bot: HostMember;
  readonly channelId: string;
  readonly there: TeamsChannel;
  type(command: string): Promise<string>;
  /** Posts of the linked channel, without notices of the bot. */
  posts(): Promise<HostPost[]>;
}

/** Linked channels in the compiled product, with the official host. */
export function channelsCases(place: Place): Case[] {
  const linked = async (run: (one: Linked) => Promise<void>) => {
    const world = await FeatureHost.start(place, {
      ...{
        people: 1,
        subscriptions: 0,
        roles: needs.channels.roles,
        scopes: needs.channels.scopes.join(" "),
        userRoles: "system_user system_admin",
      },
      settings: { chats_enabled: false, channels_enabled: true },
    });
    try {
      const [cy] = world.members;
      if (!cy) throw new Error("nobody");
      const { host } = world;
      const bot = await world.connect(cy.userId, "bridge@example.com", "?account=bot");
      const team = (await host.api("CreateTeam", { Name: "operations", DisplayName: "Operations" })) as {
        Id: string;
      };
      const channel = (await host.api("CreateChannel", {
        ...{ TeamId: team.Id, Name: "plans", DisplayName: "Plans", Type: "O" },
      })) as { Id: string };
      const ann = {
        Id: ANN,
        Username: "ann",
        FirstName: "Ann",
        Email: "ann@example.com",
        Roles: "system_user",
      };
      await host.do("world", { world: { Users: [ann] } });
      for (const userId of [cy.userId, ANN]) {
        await host.api("CreateTeamMember", team.Id, userId);
        await host.api("AddChannelMember", channel.Id, userId);
      }
      const { channels } = world.graph;
      const teams = channels.addTeam("Ops", [cy.person, bot.person]);
      const there = channels.addChannel(teams, "Plans in Teams");
      const type = async (Command: string) => {
        const args = { UserId: cy.userId, ChannelId: channel.Id, TeamId: team.Id, Command };
        const [answer] = (await host.hook("ExecuteCommand", args)) as [{ Text: string }];
        return answer.Text;
      };
      const posts = async () => {
        const list = (await host.api("GetPostsSince", channel.Id, 0)) as {
          Posts: Record<string, HostPost> | null;
        };
        return Object.values(list.Posts ?? {})
          .filter(({ DeleteAt, Props, UserId }) => {
            const isOurs = UserId === cy.userId || UserId === ANN || Props?.teams_message_id !== undefined;
            return isOurs && (DeleteAt ?? 0) === 0;
          })
          .sort((one, other) => one.CreateAt - other.CreateAt);
      };
      const answer = await type(`/msteams link ${teams.id} ${there.id}`);
      isTrue(answer.includes("linked"), answer);
      await until(() => world.graph.subscriptions.all.size === 1, "the subscription");
      await run({ ...{ world, cy, bot, there, type, posts }, channelId: channel.Id });
    } finally {
      await world.stop();
    }
  };
  const stored = async ({ world }: Linked) => {
    const keys = (await world.host.api("KVList", 0, 1_000)) as string[];
    return keys.filter((key) => /^(channels\.|queue_channels)/.test(key));
  };
  return [
    {
      name: "mission-collaboration: a linked channel has the same content on both sides, and leaves nothing when it is unlinked",
      run: () =>
        linked(async (one) => {
          const { bot, channelId, cy, posts, there, type, world } = one;
          const { channels } = world.graph;
          const shown = () => channels.visible(there);
          const create = (UserId: string, Message: string, RootId = "") =>
            world.host.api("CreatePost", {
              UserId,
              ChannelId: channelId,
              Message,
              RootId,
            }) as Promise<HostPost>;
          const root = await create(cy.userId, "**hello**");
          await create(ANN, "I am Ann", root.Id);
          await until(() => shown().length === 2, "both are in Teams");
          const [first, second] = shown();
          isTrue(first?.body.content.includes("<strong>hello</strong>") === true, "the text");
          equal(writer(first), cy.person.objectId, "as the author");
          equal(writer(second), bot.person.objectId, "as the bot account");
          equal(second?.replyToId, first?.id, "the thread");
          const ben = world.stranger("Ben Baker");
          channels.teams.get(there.teamId)?.members.add(ben.objectId);
          const said = channels.say(there, ben, {
            html: "<p>good <b>day</b> @all</p>",
            replyTo: first?.id ?? "",
          });
          await until(async () => (await posts()).length === 3, "Ben's post");
          const copy = (await posts())[2];
          equal(copy?.RootId, root.Id, "the thread here");
          equal(copy?.Props.teams_message_id, said.id, "its props");
          equal(copy?.Props.teams_reply_to_id, first?.id);
          equal(copy?.Props.override_username, "Ben Baker");
          isTrue(!/@all\b/.test(copy?.Message ?? ""), "nobody is pinged");
          channels.edit(there, said.id, { html: "<p>good evening</p>" });
          await until(async () => (await posts())[2]?.Message.includes("good evening") === true, "the edit");
          await world.host.api("UpdatePost", { ...root, Message: "hello again" });
          await until(() => shown()[0]?.body.content.includes("hello again") === true, "the edit there");
          await world.host.api("AddReaction", { UserId: cy.userId, PostId: root.Id, EmojiName: "tada" });
          await until(() => shown()[0]?.reactions.length === 1, "the reaction");
          channels.remove(there, said.id);
          await until(async () => (await posts()).length === 2, "the deletion");
          await Bun.sleep(1_500);
          equal(shown().length, 2, "nothing bounces");
          isTrue((await stored(one)).length > 0, "records");
          isTrue((await type("/msteams unlink")).includes("removed"), "the link ends");
          await until(async () => (await stored(one)).length === 0, "nothing is left");
          await until(() => world.graph.subscriptions.all.size === 0, "no subscription");
        }),
    },
    {
      name: "mission-collaboration: kill -9 in a burst of a Teams channel loses and repeats no message",
      run: () =>
        linked(async ({ posts, there, world }) => {
          const COUNT = 60;
          const ben = world.stranger("Ben Baker");
          // Graph notifies of each message separately, and simultaneous notifications overtake each other.
          const burst = (async () => {
            for (let at = 0; at < COUNT; at += 1) {
              world.graph.channels.say(there, ben, { html: `<p>m${at}</p>` });
              await Bun.sleep(40);
            }
          })();
          await until(async () => (await posts()).length > 5, "the first posts");
          await world.host.do("kill", { signal: 9 });
          await until(async () => (await world.host.state()).pid === 0, "the end of the process");
          equal((await world.host.do<{ state: string }>("check")).state, "running");
          await burst;
          await until(async () => (await posts()).length >= COUNT, "every message");
          await Bun.sleep(500);
          const all = await posts();
          equal(all.length, COUNT, "posts");
          equal(new Set(all.map(({ Props }) => Props.teams_message_id)).size, COUNT, "different messages");
          equal(
            all.map(({ Message }) => Message.split("\n").at(-1)),
            Array.from({ length: COUNT }, (_, at) => `m${at}`),
            "in order",
          );
        }),
    },
  ];
}
