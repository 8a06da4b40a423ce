import { until } from "../../until.ts";
import { FeatureHost, type HostMember } from "../feature-host.ts";
import { type Case, equal, isTrue, type Place } from "./case.ts";

const HOUR = 3_600_000;
const MINUTE = 60_000;

interface HostStatus {
  readonly Status: string;
  readonly Manual: boolean;
  readonly DNDEndTime: number;
}

/** The calendar in the compiled product, with the official host: statuses, cards and presses over the real wire. */
export function calendarCases(place: Place): Case[] {
  const withCalendar = async (run: (world: FeatureHost, member: HostMember) => Promise<void>) => {
    const settings = { chats_enabled: false, chats_reply: false, calendar_enabled: true };
    const roles = ["Calendars.Read", "MailboxSettings.Read"];
    const world = await FeatureHost.start(place, { people: 1, settings, roles, subscriptions: 0 });
    try {
      const [member] = world.members;
      isTrue(member !== undefined, "a member");
      world.graph.calendars.of(member.person.objectId).settings.timeZone = "UTC";
      await run(world, member);
    } finally {
      await world.stop();
    }
  };
  const ask = async (
    world: FeatureHost,
    { userId }: HostMember,
    /** For example `PUT /api/v1/calendar/settings`. */
    route: string,
    json?: unknown,
  ) => {
    const [method = "", path = ""] = route.split(" ");
    const response = await world.host.fetch(path, {
      method,
      headers: {
        cookie: `MMAUTHTOKEN=token-${userId}`,
        "Content-Type": "application/json",
        "X-Requested-With": "XMLHttpRequest",
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    isTrue(response.status < 300, `${path}: ${response.status} ${await response.clone().text()}`);
    return (await response.json()) as Record<string, unknown>;
  };
  const statusOf = async (world: FeatureHost, { userId }: HostMember) =>
    (await world.host.api("GetUserStatus", userId)) as HostStatus;
  return [
    {
      name: "mission-collaboration: a status follows a meeting after a change notification, survives a kill, and ends with it",
      run: () =>
        withCalendar(async (world, ann) => {
          const { calendars } = world.graph;
          await world.host.api("UpdateUserStatus", ann.userId, "online");
          await ask(world, ann, "PUT /api/v1/calendar/settings", { status: "dnd" });
          await until(() => world.graph.subscriptions.all.size === 1, "the subscription");
          const from = (Math.floor(Date.now() / 1_000) + 5) * 1_000;
          const made = await calendars.invite(ann.person.objectId, from, from + HOUR);
          await until(async () => (await statusOf(world, ann)).Status === "dnd", "do-not-disturb");
          isTrue(Date.now() >= from, "not before the start");
          equal((await statusOf(world, ann)).DNDEndTime, Math.ceil((from + HOUR) / MINUTE) * 60, "its end");
          await world.host.do("kill", { signal: 9 });
          await until(async () => (await world.host.state()).pid === 0, "the end of the process");
          equal((await world.host.do<{ state: string }>("check")).state, "running");
          await calendars.change(ann.person.objectId, made.id, { isCancelled: true });
          await until(async () => (await statusOf(world, ann)).Status === "online", "online again");
        }),
    },
    {
      name: "mission-collaboration: an invitation becomes a card, and its press an answer; commands and settings answer",
      run: () =>
        withCalendar(async (world, ann) => {
          const { calendars } = world.graph;
          await ask(world, ann, "PUT /api/v1/calendar/settings", { notifications: true });
          await until(() => world.graph.subscriptions.all.size === 1, "the subscription");
          await calendars.invite(ann.person.objectId, Date.now() + 24 * HOUR, Date.now() + 25 * HOUR, {
            ...{ subject: "Council", responseStatus: { response: "notResponded" } },
            createdDateTime: new Date().toISOString(),
          });
          const cards = async () =>
            (await world.direct(ann)).filter(({ Props }) => Props?.calendar_event_id !== undefined);
          await until(async () => (await cards()).length === 1, "the card");
          const [card] = await cards();
          const [attachment] = (card?.Props.attachments ?? []) as {
            actions: { id: string; integration: { context: { token: string } } }[];
          }[];
          const accept = attachment?.actions.find(({ id }) => id === "accept");
          isTrue(accept !== undefined, "a button");
          await ask(world, ann, "POST /api/v1/cards", {
            ...{ user_id: ann.userId, post_id: card?.Id, channel_id: card?.ChannelId, trigger_id: "t" },
            context: accept.integration.context,
          });
          await until(() => calendars.answered.length === 1, "the answer");
          await until(
            async () => JSON.stringify((await cards())[0]?.Props).includes("✓"),
            "the mark on the card",
          );
          equal((await cards()).length, 1, "cards");
          const type = async (Command: string) => {
            const [answer] = (await world.host.hook("ExecuteCommand", { UserId: ann.userId, Command })) as [
              { Text: string },
            ];
            return answer.Text;
          };
          isTrue((await type("/mscalendar viewcal")).includes("Council"), "viewcal");
          isTrue((await type("/mscalendar nonsense")).includes("/mscalendar today"), "help");
        }),
    },
  ];
}
