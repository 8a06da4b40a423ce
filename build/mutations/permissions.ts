// biome-ignore-all lint/suspicious/noTemplateCurlyInString: pieces of source, as texts
/** Checks of permissions inside the rooms: who may link, read, post, invite; and the audiences of routes. */

import { inRoom, type Mutation } from "./mutation.ts";

const channels = "server/features/channels";
const calendar = "server/features/calendar/events";
const linking = ["linking", "link-routes", "unlinking"].map((name) => `${channels}/links/${name}.test.ts`);
const links = linking.join(" ");
const linked = "server/features/calendar/linked-events";
const routes = "server/routes.test.ts";

const rooms: readonly Mutation[] = [
  ...inRoom(`${channels}/links/linking.ts`, links, [
    [
      'if (!channel || !(await api.hasPermissionToChannel(userId, channelId, { Id: "read_channel" })))',
      "if (!channel)",
    ],
    ['if (channel.Type === "D" || channel.Type === "G") return refused("direct_channel");', ""],
    ['if (user?.Roles.split(" ").includes("system_guest")) return refused("guest");', ""],
    [
      'if (!(await api.hasPermissionToChannel(userId, channelId, { Id: "manage_channel_roles" })))',
      "if (false)",
    ],
    ['if (channel.Type === "P" && !(await isSystemAdmin(request.userId))) return', "if (false) return"],
    ["enabled.length > 0 && !(team && enabled.includes(team.Name))", "false"],
    ["    await room.teams.mustRead(request, credential);\n", ""],
    [
      "const credential = room.ports.connections.credential(request.userId);\n  try {",
      "const credential = (await room.people.botAccount())?.credential ?? room.ports.connections.credential(request.userId);\n  try {",
    ],
    ['if (channel.membershipType !== "standard") return refused("bot_cannot_read", { account });', ""],
    [
      'const named = place && (await api.hasPermissionToChannel(request.userId, place.Id, { Id: "read_channel" }));',
      "const named = place;",
    ],
    ["const asked = await mayManage(room, asker);\n  if (!asked.ok) return asked;", ""],
    [
      'if (await room.links.whoHas({ channelId: request.channelId })) return refused("mattermost_taken");',
      "",
    ],
  ]),
  ...inRoom(`${channels}/routes.ts`, links, [
    ['if (!(await api.hasPermissionToChannel(userId, channelId, { Id: "read_channel" })))', "if (false)"],
    [
      "const may = await mayManage(this.#room, asker);\n    if (!may.ok) return this.#refuse(userId, may);",
      "",
    ],
    ["    await asked(() => this.#room.teams.mustRead(place, credential));\n", ""],
  ]),
  ...inRoom(`${channels}/command.ts`, links, [
    [
      'if (!(await api.hasPermissionToChannel(caller.userId, caller.channelId, { Id: "read_channel" })))',
      "if (false)",
    ],
  ]),
  ...inRoom(`${channels}/to-teams/drafts.ts`, `${channels}/copying.test.ts ${channels}/rows.test.ts`, [
    ["everybody: mayPingAll\n", "everybody: true\n"],
  ]),
  ...inRoom(`${calendar}/new-events.ts`, `${calendar}/events-routes.test.ts`, [
    ['if (!(await api.hasPermissionToChannel(userId, channelId, { Id: "create_post" })))', "if (false)"],
  ]),
  ...inRoom(`${calendar}/meeting-times.ts`, `${linked}/link-commands.test.ts`, [
    ['if (!(await api.hasPermissionToChannel(userId, channelId, { Id: "read_channel" })))', "if (false)"],
  ]),
  ...inRoom(`${calendar}/attendees.ts`, `${calendar}/invitees.test.ts`, [
    [
      'if (await api.hasPermissionTo(callerId, { Id: "view_members" })) return [...people];',
      "return [...people];",
    ],
    [
      "if (user.Id === callerId || [...theirs].some((id) => mine.has(id))) seen.push(user);",
      "seen.push(user);",
    ],
  ]),
  // The texts of a private event, which only its owner may read.
  ...inRoom(
    "server/features/calendar/linked-events/channel-reminders.ts",
    `${linked}/channel-reminders.test.ts`,
    [["cancelled || isPrivate ||", "cancelled ||"]],
  ),
  ...inRoom("server/features/calendar/linked-events/link-commands.ts", `${linked}/link-commands.test.ts`, [
    ['if (event.private) return say("link_private");', ""],
  ]),
  ...inRoom(`${calendar}/event-posts.ts`, `${linked}/link-commands.test.ts`, [
    ["if (event.private) return;", ""],
  ]),
  ...inRoom("server/features/calendar/reminders/late.ts", "server/features/calendar/day/reminders.test.ts", [
    [
      'event.private\n      ? statusWords.in(other.language)("meeting")',
      'false\n      ? statusWords.in(other.language)("meeting")',
    ],
  ]),
  ...inRoom(
    "server/features/calendar/day/messages.ts",
    "server/features/calendar/day/asking-first.test.ts server/features/calendar/day/reminders.test.ts",
    [
      ['event.private ? say("meeting") : plainText', "plainText"],
      ["reminderLine(one, input, one.event.private)", "reminderLine(one, input)"],
    ],
  ),
  ...inRoom("server/features/calendar/rules/event.ts", "server/features/calendar/rules/event.test.ts", [
    ['(event.sensitivity ?? "normal") !== "normal"', 'event.sensitivity === "private"'],
  ]),
];

/** An audience that is wider than declared: the test of all routes lists who may reach each of them. */
const audiences: readonly Mutation[] = [
  ...inRoom("server/platform/bot/interaction-routes.ts", routes, [
    ['.post(CARDS_PATH, "member"', '.post(CARDS_PATH, "public"'],
    ['.post(DIALOGS_PATH, "member"', '.post(DIALOGS_PATH, "webhook"'],
  ]),
  ...inRoom("server/people/connections/routes.ts", routes, [
    ['.get("/oauth2/complete", "member"', '.get("/oauth2/complete", "public"'],
    ['.delete("/api/v1/connection", "member"', '.delete("/api/v1/connection", "public"'],
  ]),
];

/** The hosts to which a token may be sent, and the values that are accepted from their answers. */
const requests: readonly Mutation[] = [
  ...inRoom(
    "server/microsoft/graph/hosts.ts",
    "server/microsoft/graph/client.test.ts server/microsoft/graph/hosts.test.ts",
    [
      ["url?.origin === allowed.origin &&", "url?.hostname.endsWith(allowed.hostname) &&"],
      ["url.pathname.startsWith(`${allowed.pathname}/`) &&", ""],
      ['url.username === "" &&', ""],
      ['if (url?.username !== "" || url.password !== "") return null;', "if (!url) return null;"],
      ["url.hostname === host || url.hostname.endsWith(`.${host}`)", "url.hostname.endsWith(host)"],
      ['known && url.protocol === "https:" &&', "known &&"],
      [' && url.port === "" ? url', " ? url"],
    ],
  ),
  ...inRoom("server/microsoft/graph/client.ts", "server/microsoft/graph/client.test.ts", [
    [
      'const target = storageUrl(ports.config.current.cloud, response.headers.get("Location") ?? "");',
      'const target = URL.parse(response.headers.get("Location") ?? "");',
    ],
    ['.fetch(target, { redirect: "error",', '.fetch(target, { redirect: "follow",'],
  ]),
  ...inRoom("server/microsoft/files/opened-file.ts", "server/microsoft/files/to-mattermost.test.ts", [
    ['if (file.from === "hostedContent" && file.foreign) throw new FileRefused("denied");', ""],
    ["if ((about.size ?? 0) > maxBytes) throw tooLarge(maxBytes);", ""],
    ["size === 0 || (size ?? 0) > maxBytes", "size === 0"],
    ['safeName(about.name || file.name, "file")', "about.name || file.name"],
  ]),
  ...inRoom(
    "server/microsoft/files/to-mattermost.ts",
    "server/features/chats/delivery/files.test.ts server/features/channels/files.test.ts",
    [["(pixels !== null && pixels > limits.maxPixels)", "false"]],
  ),
];

export const permissionMutations = [...rooms, ...audiences];
export const requestMutations = requests;
