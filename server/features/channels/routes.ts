/** Handlers for the web app's requests: pickers, comparison, creating and removing a link, and the admins' page. */

import { z } from "zod";
import { type Credential, GraphError, passing } from "../../microsoft/graph/index.ts";
import { foundOrNull } from "../../people/found-or-null.ts";
import { ProductError } from "../../platform/errors.ts";
import { readShape } from "../../platform/http/index.ts";
import { languageOf } from "../../platform/i18n/index.ts";
import { lazy } from "../../runtime/lazy.ts";
import { channelError } from "./errors.ts";
import { linkStates } from "./links/link-states.ts";
import { endLink, MAX_COPY_DAYS, makeLink, mayManage, type Refused, removeLink } from "./links/linking.ts";
import { fullName } from "./people.ts";
import type { Room } from "./room.ts";
import type { ChannelFacts, TeamFacts } from "./teams-api.ts";
import { isUnconnected } from "./to-teams/failures.ts";
import { channelWords } from "./words.ts";

const MAX_PLACES = 100;
const REMEMBER_MS = 60_000;
const MAX_REMEMBERED = 2_000;
const MAX_MEMBERS = 2_000;
const PAGE = 200;
const ID = /^[a-z0-9]{26}$/;

const wanted = lazy(() =>
  z.strictObject({
    channelId: z.string().regex(ID),
    teamId: z.string().min(1).max(128),
    teamsChannelId: z.string().min(1).max(256),
    days: z.number().int().min(0).max(MAX_COPY_DAYS).optional(),
  }),
);

const STATUS: Partial<Record<Refused["refusal"], number>> = {
  ...{ mattermost_taken: 409, teams_taken: 409, teams_taken_by: 409, archived_channel: 409 },
  ...{ connect_first: 409, not_linked: 404, no_such_channel: 404, teams_unreachable: 503 },
};

export class ChannelRoutes {
  readonly #room: Room;
  readonly #remembered = new Map<string, { readonly at: number; readonly value: Promise<unknown> }>();

  constructor(room: Room) {
    this.#room = room;
  }

  /** Autocomplete items; empty for a person who is not connected. */
  async complete(what: "teams" | "channels", userId: string, query: URLSearchParams): Promise<Response> {
    const typed = [query.get("parsed") ?? "", query.get("user_input") ?? ""].join(" ").split(/\s+/);
    const after = typed.slice(typed.indexOf("link") + 1).filter((word) => word !== "");
    try {
      const places =
        what === "teams" ? await this.#teams(userId) : await this.#channelsOf(userId, after[0] ?? "");
      return Response.json(
        places.map(({ id, displayName }) => ({ Item: id, Hint: displayName, HelpText: displayName })),
      );
    } catch {
      return Response.json([]);
    }
  }

  async teams(userId: string, search: string): Promise<Response> {
    const teams = await asked(() => this.#teams(userId));
    return Response.json({
      teams: matching(teams, search).map(({ id, displayName }) => ({ id, name: displayName })),
    });
  }

  async channels(userId: string, teamId: string, search: string): Promise<Response> {
    const channels = await asked(() => this.#channelsOf(userId, teamId));
    const shown = matching(channels, search).map(async ({ id, displayName, membershipType }) => ({
      id,
      name: displayName,
      membershipType,
      linked: (await this.#room.links.whoHas({ teamId, teamsChannelId: id })) !== null,
    }));
    return Response.json({ channels: await Promise.all(shown) });
  }

  /** Lists who is on one side only: names of people whom the caller can see on that side anyway. */
  async compare(userId: string, query: URLSearchParams): Promise<Response> {
    const asker = { userId, channelId: query.get("channel_id") ?? "" };
    const place = { teamId: query.get("team_id") ?? "", teamsChannelId: query.get("teams_channel_id") ?? "" };
    const may = await mayManage(this.#room, asker);
    if (!may.ok) return this.#refuse(userId, may);
    const credential = await this.#credential(userId);
    await asked(() => this.#room.teams.mustRead(place, credential));
    const here = await this.#membersHere(asker.channelId);
    const there = await this.#membersThere(place, credential);
    if (there === null) return Response.json({ compared: false, mattermost: here.length });
    const objectIds = new Set(there.map((one) => one.userId?.toLowerCase()));
    const linked = await this.#room.ports.links.byMattermostUser(here.map(({ Id }) => Id));
    const ofThese = new Set([...linked.values()].map((link) => link.objectId));
    const onlyHere = here.filter(({ Id }) => !objectIds.has(linked.get(Id)?.objectId));
    const onlyThere = there.filter((one) => !ofThese.has(one.userId?.toLowerCase() ?? ""));
    return Response.json({
      compared: true,
      mattermost: here.length,
      teams: there.length,
      onlyInMattermost: onlyHere.slice(0, PAGE).map(fullName),
      onlyInTeams: onlyThere.slice(0, PAGE).map(({ name }) => name),
      onlyInMattermostCount: onlyHere.length,
      onlyInTeamsCount: onlyThere.length,
    });
  }

  /** For the header of the channel, and for the dialog. */
  async ofChannel(userId: string, channelId: string): Promise<Response> {
    const { api } = this.#room.ports;
    if (!(await api.hasPermissionToChannel(userId, channelId, { Id: "read_channel" })))
      throw new ProductError("not_found");
    const link = await this.#room.links.byChannel(channelId);
    const may = await mayManage(this.#room, { userId, channelId });
    const manage = may.ok ? { mayManage: true } : { mayManage: false, reason: may.refusal };
    if (!link) return Response.json({ linked: false, ...manage });
    const { teamName, teamsChannelName, membershipType, paused, createdAt } = link;
    return Response.json({
      linked: true,
      ...manage,
      team: teamName,
      channel: teamsChannelName,
      ...{ membershipType, paused, since: createdAt },
    });
  }

  async create(userId: string, request: Request): Promise<Response> {
    const body = await readShape(request, wanted());
    const made = await makeLink(this.#room, {
      ...{ userId, channelId: body.channelId, teamId: body.teamId, teamsChannelId: body.teamsChannelId },
      ...(body.days === undefined ? {} : { days: body.days }),
    });
    if (!made.ok) return this.#refuse(userId, made);
    const { link, warning, account } = made;
    const say = channelWords.in(await this.#language(userId));
    return Response.json(
      {
        linked: true,
        ...{ team: link.teamName, channel: link.teamsChannelName },
        ...(warning ? { warning: say(warning, { account }) } : {}),
      },
      { status: 201 },
    );
  }

  async end(userId: string, channelId: string): Promise<Response> {
    const ended = await endLink(this.#room, { userId, channelId });
    return ended.ok ? new Response(null, { status: 204 }) : this.#refuse(userId, ended);
  }

  /** The state of each link, for admins: see link-states.ts. */
  async list(): Promise<Response> {
    return Response.json(await linkStates(this.#room));
  }

  async remove(userId: string, id: string): Promise<Response> {
    const link = await this.#room.links.fresh(id);
    if (!link) throw new ProductError("not_found");
    await removeLink(this.#room, link, userId);
    return new Response(null, { status: 204 });
  }

  async #credential(userId: string): Promise<Credential> {
    if ((await this.#room.people.connectedObjectId(userId)) === null) throw new ProductError("not_connected");
    return this.#room.ports.connections.credential(userId);
  }

  #teams(userId: string): Promise<readonly TeamFacts[]> {
    return this.#remember(`${userId} teams`, async () =>
      this.#room.teams.joinedTeams(await this.#credential(userId)),
    );
  }

  async #channelsOf(userId: string, teamId: string): Promise<readonly ChannelFacts[]> {
    if (teamId === "") return [];
    return this.#remember(`${userId} ${teamId}`, async () =>
      this.#room.teams.channels(teamId, await this.#credential(userId)),
    );
  }

  #remember<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const now = this.#room.ports.clock.now();
    const known = this.#remembered.get(key);
    if (known && now - known.at < REMEMBER_MS) return known.value as Promise<T>;
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    const value = ask();
    this.#remembered.set(key, { at: now, value });
    value.catch(() => this.#remembered.delete(key));
    return value;
  }

  async #membersHere(channelId: string) {
    const { api } = this.#room.ports;
    const members = [];
    for (let page = 0; members.length < MAX_MEMBERS; page += 1) {
      const users = await api.getUsersInChannel(channelId, "username", page, PAGE);
      members.push(...users.filter((user) => !user.IsBot && user.DeleteAt === 0));
      if (users.length < PAGE) break;
    }
    return members;
  }

  /** Returns null when neither the person nor the app may list them. */
  async #membersThere(place: { teamId: string; teamsChannelId: string }, credential: Credential) {
    for (const by of [credential, undefined]) {
      try {
        return await this.#room.teams.members(place, by ? { credential: by } : {});
      } catch (error) {
        if (!(error instanceof GraphError && error.status === 403)) throw error;
      }
    }
    return null;
  }

  async #language(userId: string) {
    return languageOf((await foundOrNull(this.#room.ports.api.getUser(userId)))?.Locale ?? "");
  }

  async #refuse(userId: string, { refusal, values }: Refused): Promise<Response> {
    const message = channelWords.in(await this.#language(userId))(refusal, values);
    return Response.json(
      { code: "link_refused", reason: refusal, message },
      { status: STATUS[refusal] ?? 403 },
    );
  }
}

const matching = <P extends TeamFacts>(places: readonly P[], search: string): readonly P[] => {
  const words = search.trim().toLowerCase();
  return places.filter(({ displayName }) => displayName.toLowerCase().includes(words)).slice(0, MAX_PLACES);
};

/** Translates an error of Graph into one that tells the person what to do. */
async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (isUnconnected(error)) throw new ProductError("not_connected", "", { cause: error });
    if (passing(error)) throw channelError("teams_unreachable", "", { cause: error });
    if (error instanceof GraphError) throw channelError("teams_channel_unavailable", "", { cause: error });
    throw error;
  }
}
