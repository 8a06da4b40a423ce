/** The Graph calls of linked channels (docs/facts/microsoft-chat.md 4 to 6). */

import { z } from "zod";
import { type Credential, type GraphClient, GraphError } from "../../microsoft/graph/index.ts";
import type { TeamsMessage } from "../../microsoft/teams-messages/index.ts";
import { lazy } from "../../runtime/lazy.ts";

export interface Place {
  readonly teamId: string;
  readonly teamsChannelId: string;
}

export interface ReceivedReaction {
  readonly reactionType?: string | null;
  readonly displayName?: string | null;
  readonly user?: { readonly user?: { readonly id?: string | null } | null } | null;
}

/** A message as it was received; any member may be missing. */
export interface ReceivedMessage extends TeamsMessage {
  readonly id: string;
  readonly etag?: string | null;
  readonly createdDateTime?: string | null;
  readonly lastModifiedDateTime?: string | null;
  readonly lastEditedDateTime?: string | null;
  readonly webUrl?: string | null;
  readonly reactions?: readonly (ReceivedReaction | null)[] | null;
}

export interface SentBody {
  readonly body: { readonly contentType: "html"; readonly content: string };
  readonly importance?: string;
  readonly mentions: readonly unknown[];
  readonly attachments: readonly unknown[];
  readonly reactions?: readonly unknown[];
}

export interface TeamFacts {
  readonly id: string;
  readonly displayName: string;
  readonly isArchived: boolean;
}

export interface ChannelFacts extends TeamFacts {
  readonly membershipType: string;
}

const message = lazy(() => z.looseObject({ id: z.string().min(1) }));
const place = lazy(() =>
  z.object({
    id: z.string().min(1),
    displayName: z.string().nullish(),
    isArchived: z.boolean().nullish(),
    membershipType: z.string().nullish(),
  }),
);
const member = lazy(() =>
  z.object({
    userId: z.string().nullish(),
    displayName: z.string().nullish(),
    roles: z.array(z.string()).nullish(),
  }),
);

const id = encodeURIComponent;
export const channelPath = ({ teamId, teamsChannelId }: Place) =>
  `/teams/${id(teamId)}/channels/${id(teamsChannelId)}`;
export const messagePath = (at: Place, messageId: string, rootId: string | null) =>
  rootId === null
    ? `${channelPath(at)}/messages/${id(messageId)}`
    : `${channelPath(at)}/messages/${id(rootId)}/replies/${id(messageId)}`;

const facts = (one: z.output<ReturnType<typeof place>>): ChannelFacts => ({
  id: one.id,
  displayName: one.displayName ?? one.id,
  isArchived: one.isArchived ?? false,
  membershipType: one.membershipType ?? "standard",
});

const as = (credential: Credential | undefined) => (credential ? { credential } : {});

/** Whether Graph says that it does not exist. */
export const isGone = (error: unknown) =>
  error instanceof GraphError && (error.status === 404 || error.status === 410);

/** Called before each call that changes something; throws when it is not the channel's turn. */
export type Turn = (at: Place, what: "message" | "change") => void;

/** Nothing can be written in the channel at the moment: it is archived, or gone. The link pauses. */
export class Closed extends Error {
  override readonly name = "Closed";
}

export interface TeamsApiPorts {
  readonly graph: Pick<GraphClient, "request" | "items">;
  readonly turn: Turn;
  /** After a refusal: returns whether the channel itself is the reason. */
  readonly isClosed: (at: Place) => Promise<boolean>;
}

export class TeamsApi {
  readonly #graph: Pick<GraphClient, "request" | "items">;
  readonly #turn: Turn;
  readonly #isClosed: TeamsApiPorts["isClosed"];

  constructor({ graph, turn, isClosed }: TeamsApiPorts) {
    this.#graph = graph;
    this.#turn = turn;
    this.#isClosed = isClosed;
  }

  /**
   * Takes the channel's turn, or throws. Called before `send`, which does not take it itself: its caller records the
   * attempt first.
   */
  turn(at: Place, what: "message" | "change"): void {
    this.#turn(at, what);
  }

  async team(teamId: string, credential?: Credential): Promise<TeamFacts> {
    return facts(
      await this.#graph.request({ path: `/teams/${id(teamId)}`, answer: place(), ...as(credential) }),
    );
  }

  async channel(at: Place, credential?: Credential): Promise<ChannelFacts> {
    return facts(await this.#graph.request({ path: channelPath(at), answer: place(), ...as(credential) }));
  }

  async joinedTeams(credential: Credential): Promise<TeamFacts[]> {
    const found: TeamFacts[] = [];
    for await (const one of this.#graph.items({ path: "/me/joinedTeams", answer: place(), credential }))
      found.push(facts(one));
    return found;
  }

  async channels(teamId: string, credential: Credential): Promise<ChannelFacts[]> {
    const found: ChannelFacts[] = [];
    const path = `/teams/${id(teamId)}/channels`;
    for await (const one of this.#graph.items({ path, answer: place(), credential })) found.push(facts(one));
    return found;
  }

  async members(
    at: Place,
    { credential, most = Number.POSITIVE_INFINITY }: { credential?: Credential; most?: number } = {},
  ): Promise<{ userId: string | null; name: string }[]> {
    const found: { userId: string | null; name: string }[] = [];
    const path = `${channelPath(at)}/members`;
    for await (const one of this.#graph.items({ path, answer: member(), ...as(credential) })) {
      found.push({ userId: one.userId ?? null, name: one.displayName ?? "" });
      if (found.length >= most) break;
    }
    return found;
  }

  /**
   * Throws when the person cannot read the channel's messages: seeing that a channel exists does not make them a
   * member.
   */
  async mustRead(at: Place, credential: Credential): Promise<void> {
    const path = `${channelPath(at)}/messages?$top=1`;
    await this.#graph.request({ path, answer: z.looseObject({}), credential });
  }

  /** By default with the app's own permissions. */
  async message(
    at: Place,
    messageId: string,
    rootId: string | null,
    credential?: Credential,
  ): Promise<ReceivedMessage> {
    const path = messagePath(at, messageId, rootId);
    return (await this.#graph.request({ path, answer: message(), ...as(credential) })) as ReceivedMessage;
  }

  /** Sends a message under a root, or as a root. */
  async send(
    at: Place,
    rootId: string | null,
    body: SentBody,
    credential: Credential,
  ): Promise<ReceivedMessage> {
    const path = `${channelPath(at)}/messages${rootId === null ? "" : `/${id(rootId)}/replies`}`;
    const made = await this.#written(at, () =>
      this.#graph.request({ method: "POST", path, body, answer: message(), credential }),
    );
    return made as ReceivedMessage;
  }

  async edit(
    at: Place,
    which: { readonly id: string; readonly rootId: string | null },
    body: SentBody,
    credential: Credential,
  ): Promise<void> {
    this.#turn(at, "change");
    const path = messagePath(at, which.id, which.rootId);
    await this.#written(at, () => this.#graph.request({ method: "PATCH", path, body, credential }));
  }

  async remove(at: Place, messageId: string, rootId: string | null, credential: Credential): Promise<void> {
    this.#turn(at, "change");
    const path = `${messagePath(at, messageId, rootId)}/softDelete`;
    await this.#written(at, () => this.#graph.request({ method: "POST", path, credential }));
  }

  async react(
    at: Place,
    which: { readonly id: string; readonly rootId: string | null },
    reaction: { readonly type: string; readonly on: boolean },
    credential: Credential,
  ): Promise<void> {
    this.#turn(at, "change");
    const path = `${messagePath(at, which.id, which.rootId)}/${reaction.on ? "setReaction" : "unsetReaction"}`;
    const body = { reactionType: reaction.type };
    await this.#written(at, () => this.#graph.request({ method: "POST", path, body, credential }));
  }

  /** Returns the newest messages up to a limit, to find the result of a call whose answer was lost. */
  async newest(
    at: Place,
    rootId: string | null,
    most: number,
    credential?: Credential,
  ): Promise<ReceivedMessage[]> {
    const path =
      rootId === null
        ? `${channelPath(at)}/messages?$top=${most}`
        : `${messagePath(at, rootId, null)}/replies?$top=${most}`;
    const page = await this.#graph.request({
      path,
      answer: z.looseObject({ value: z.array(message()) }),
      ...as(credential),
    });
    return page.value as ReceivedMessage[];
  }

  /** Work that an archived channel refuses waits for it, and is not the author's failure. */
  async #written<T>(at: Place, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      const refused = error instanceof GraphError && [403, 404, 410].includes(error.status);
      if (refused && (await this.#isClosed(at))) throw new Closed("nothing can be written", { cause: error });
      throw error;
    }
  }

  items(path: string): AsyncIterable<ReceivedMessage> {
    return this.#graph.items({ path, answer: message() }) as AsyncIterable<ReceivedMessage>;
  }
}
