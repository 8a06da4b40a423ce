/** Random actions of people on both sides of a link. */

import { putFile } from "../../../../e2e/sandbox/mattermost/files.ts";
import type { Person } from "../../../../e2e/sandbox/tenant.ts";
import type { Post, User } from "../../../runtime/mattermost/index.ts";
import type { TestPerson } from "./channels-places.ts";
import type { ChannelsWorld } from "./channels-world.ts";

export interface Chance {
  /** A random number from 0 to 1. */
  readonly random: () => number;
  readonly note: (action: string) => void;
}

/** Returns the last token: an earlier one may belong to the quoted message. */
export const tokenOf = (text: string) => text.match(/word\d+x/g)?.at(-1) ?? "";

const EMOJIS = { "+1": "👍", tada: "🎉" } as const;

export class RandomPeople {
  readonly #w: ChannelsWorld;
  readonly #chance: Chance;
  readonly #both: readonly TestPerson[];
  readonly #ann: User;
  readonly #teamsOnly: readonly Person[];
  /** People who are not in the Mattermost channel at the moment. */
  readonly #away = new Set<string>();
  #tokens = 0;
  /** Set when somebody left or came back: the owner of a reaction then depends on the time. */
  moved = false;

  constructor(w: ChannelsWorld, chance: Chance) {
    this.#w = w;
    this.#chance = chance;
    this.#both = [w.admin, w.both("dora")];
    this.#ann = w.mattermostPerson("ann");
    this.#teamsOnly = [w.teamsPerson("ben"), w.teamsPerson("gus", { guest: true })];
  }

  /** Performs one action on one side. */
  async act(): Promise<void> {
    const kind = Math.floor(this.#chance.random() * 20);
    if (kind >= 17) return this.#channels(kind);
    const inTeams = [3, 4, 5, 7, 9, 11, 13, 15].includes(kind);
    if (inTeams && !this.#w.teamsChannel.isArchived) this.#inTeams(kind);
    if (!inTeams && this.#w.channel.DeleteAt === 0) await this.#inMattermost(kind);
  }

  /** Opens both channels again, with everybody in them. */
  heal(): void {
    this.#w.channel.DeleteAt = 0;
    this.#w.teamsChannel.isArchived = false;
  }

  #of = (share: number) => this.#chance.random() < share;
  #pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(this.#chance.random() * list.length)];
  #token = () => {
    this.#tokens += 1;
    return `word${this.#tokens}x`;
  };

  #channels(kind: number): void {
    const { channel, teamsChannel, mattermost } = this.#w;
    if (!this.#of(0.3)) return;
    if (kind === 17) {
      channel.DeleteAt = channel.DeleteAt > 0 ? 0 : this.#w.clock.now();
      this.#chance.note(`the Mattermost channel is ${channel.DeleteAt > 0 ? "archived" : "restored"}`);
    } else if (kind === 18) {
      teamsChannel.isArchived = !teamsChannel.isArchived;
      this.#chance.note(`the Teams channel is ${teamsChannel.isArchived ? "archived" : "restored"}`);
    } else if (channel.DeleteAt === 0) {
      const dora = this.#both[1]?.user.Id ?? "";
      this.moved = true;
      if (this.#away.delete(dora)) mattermost.join(dora, channel.Id, { Roles: "channel_user" });
      else {
        this.#away.add(dora);
        mattermost.leave(dora, channel.Id);
      }
      this.#chance.note(`dora ${this.#away.has(dora) ? "leaves" : "joins"}`);
    }
  }

  async #inMattermost(kind: number): Promise<void> {
    const w = this.#w;
    const here = [...this.#both.map(({ user }) => user), this.#ann].filter(({ Id }) => !this.#away.has(Id));
    const writer = this.#pick(here) as User;
    const own = this.#pick(w.posts.filter(({ UserId }) => UserId === writer.Id));
    const token = this.#token();
    const { note } = this.#chance;
    if (kind <= 2 || kind === 12) {
      const root = this.#of(0.5) ? this.#pick(w.posts) : undefined;
      const file =
        kind === 12 ? putFile(w.mattermost, w.channel.Id, `${token}.txt`, new Uint8Array([1])) : null;
      note(`${writer.Username} posts ${token}${file ? " with a file" : ""}${under(root?.Message)}`);
      const more = { ...(root ? { RootId: root.RootId || root.Id } : {}), FileIds: file ? [file.Id] : [] };
      await w.post(writer, token, more).catch(() => {});
    } else if (kind === 6 && own) {
      note(`${writer.Username} edits ${tokenOf(own.Message)} to ${token}`);
      w.edit(own, token);
    } else if (kind === 8 && own && (this.#isLeaf(own) || this.#of(0.3))) {
      note(`${writer.Username} deletes ${tokenOf(own.Message)}`);
      w.remove(own);
    } else if (kind === 10 || kind === 14) {
      const post = this.#pick(w.posts);
      const emoji = this.#pick(Object.keys(EMOJIS)) as keyof typeof EMOJIS;
      const on = this.#of(0.6);
      if (!post || writer === this.#ann) return;
      note(`${writer.Username} ${on ? "sets" : "takes"} ${emoji} on ${tokenOf(post.Message)}`);
      w.react(writer, post, emoji, on);
    }
  }

  #inTeams(kind: number): void {
    const w = this.#w;
    const live = w.messages;
    const talker = this.#pick([...this.#both.map(({ person }) => person), ...this.#teamsOnly]) as Person;
    const ofTalker = ({ from }: { from: unknown }) =>
      (from as { user?: { id?: string } } | null)?.user?.id === talker.objectId;
    const said = this.#pick(live.filter(ofTalker));
    const token = this.#token();
    const { note } = this.#chance;
    const name = talker.displayName;
    if (kind <= 5 || kind === 13) {
      const root = this.#of(0.5) ? this.#pick(live) : undefined;
      const replyTo = root?.replyToId ?? root?.id;
      const file = kind === 13 ? w.channels.share(w.teamsChannel, `${token}.txt`, new Uint8Array([2])) : null;
      note(`${name} says ${token}${file ? " with a file" : ""}${under(root?.body.content)}`);
      w.channels.say(w.teamsChannel, talker, {
        html: `<p>${token}</p>${file?.marker ?? ""}`,
        ...(file ? { attachments: [file.attachment] } : {}),
        ...(replyTo ? { replyTo } : {}),
      });
    } else if (kind === 7 && said) {
      note(`${name} edits ${tokenOf(said.body.content)} to ${token}`);
      // The client keeps attachments, as a real edit does.
      const kept = said.body.content.match(/<attachment[^>]*><\/attachment>/g)?.join("") ?? "";
      w.channels.edit(w.teamsChannel, said.id, { html: `<p>${token}</p>${kept}` });
    } else if (kind === 9 && said && (this.#hasNoReply(said.id) || this.#of(0.3))) {
      note(`${name} deletes ${tokenOf(said.body.content)}`);
      w.channels.remove(w.teamsChannel, said.id);
    } else if (kind === 11) {
      const message = this.#pick(live);
      const emoji = this.#pick(Object.values(EMOJIS)) ?? "👍";
      const on = this.#of(0.6);
      if (!message) return;
      note(`${name} ${on ? "sets" : "takes"} ${emoji} on ${tokenOf(message.body.content)}`);
      w.channels[on ? "react" : "unreact"](w.teamsChannel, message.id, talker, emoji);
    } else if (kind === 15) {
      const gone = this.#pick(
        [...w.teamsChannel.messages.values()].filter((one) => one.deletedDateTime !== null && ofTalker(one)),
      );
      // A thread that the server deleted with its root is not restored with it, and a post that is not known to be
      // gone keeps its replies.
      if (!gone || !this.#hasNoReply(gone.id) || !isDeletedHere(w, gone.id)) return;
      note(`${name} brings ${gone.id} back as ${token}`);
      w.channels.restore(w.teamsChannel, gone.id, `<p>${token}</p>`);
    }
  }

  #isLeaf(post: Post): boolean {
    return !this.#w.posts.some(({ RootId }) => RootId === post.Id);
  }

  #hasNoReply(id: string): boolean {
    return !this.#w.messages.some(({ replyToId }) => replyToId === id);
  }
}

/** The post that corresponds to a message was deleted here, too. */
function isDeletedHere(w: ChannelsWorld, id: string): boolean {
  const text = new TextDecoder();
  const lead = [...w.store.values].find(
    ([key]) => key.startsWith("channels.pair.t.") && key.endsWith(`.${id}`),
  );
  if (!lead) return false;
  const stored = JSON.parse(text.decode(lead[1])) as { ref?: string; state?: string };
  const bytes = stored.ref ? w.store.values.get(`channels.pair.${stored.ref}`) : lead[1];
  return bytes !== undefined && JSON.parse(text.decode(bytes)).state.startsWith("deleted");
}

const under = (text: string | undefined) => (text === undefined ? "" : ` under ${tokenOf(text)}`);
