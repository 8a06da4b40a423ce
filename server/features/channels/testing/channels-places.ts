/** A team and a channel on both sides, their people, and what people do and see in them. */

import type { TeamsChannel, TeamsChannelMessage, TeamsTeam } from "../../../../e2e/sandbox/graph/teams.ts";
import { World } from "../../../../e2e/sandbox/mattermost/index.ts";
import { publish } from "../../../../e2e/sandbox/mattermost/publish.ts";
import type { Person } from "../../../../e2e/sandbox/tenant.ts";
import type { Credential } from "../../../microsoft/graph/index.ts";
import { ProductError } from "../../../platform/errors.ts";
import type { Channel, Post, Team, User } from "../../../runtime/mattermost/index.ts";
import { ChannelsGraph, SITE } from "./channels-graph.ts";

export interface TestPerson {
  readonly user: User;
  readonly person: Person;
}

export class ChannelsPlaces extends ChannelsGraph {
  readonly mattermost = new World({ now: this.clock.now, siteUrl: SITE });
  readonly team: Team;
  readonly channel: Channel;
  readonly teamsTeam: TeamsTeam;
  readonly teamsChannel: TeamsChannel;
  readonly admin: TestPerson;
  readonly botPerson: Person;
  /** Links of accounts, by the user's ID in Mattermost. */
  readonly accountLinks = new Map<
    string,
    { readonly tenantId: string; readonly objectId: string; readonly userId: string }
  >();

  constructor(raw: Record<string, unknown> = {}) {
    super(raw);
    this.team = this.mattermost.addTeam({ Name: "operations", DisplayName: "Operations" });
    this.channel = this.mattermost.addChannel({
      TeamId: this.team.Id,
      Name: "plans",
      DisplayName: "Plans",
      Type: "O",
    });
    this.botPerson = this.tenant.addPerson({
      displayName: "Bridge",
      userPrincipalName: "bridge@example.com",
    });
    this.teamsTeam = this.channels.addTeam("Ops", [this.botPerson]);
    this.teamsChannel = this.channels.addChannel(this.teamsTeam, "Plans in Teams");
    this.admin = this.both("cy");
    this.mattermost.putChannelMember({
      ...(this.mattermost.channelMember(this.channel.Id, this.admin.user.Id) as never as object),
      Roles: "channel_user channel_admin",
      SchemeAdmin: true,
    } as never);
  }

  /** A person with an account on both sides, linked and connected. */
  both(name: string): TestPerson {
    const user = this.mattermostPerson(name);
    const person = this.teamsPerson(name);
    this.accountLinks.set(user.Id, { userId: user.Id, tenantId: this.tenant.id, objectId: person.objectId });
    this.connected.add(user.Id);
    return { user, person };
  }

  mattermostPerson(name: string, part: Partial<User> = {}): User {
    const user = this.mattermost.addUser({
      Username: name,
      FirstName: `${name[0]?.toUpperCase()}${name.slice(1)}`,
      ...part,
    });
    this.mattermost.joinTeam(user.Id, this.team.Id, { Roles: "team_user" });
    this.mattermost.join(user.Id, this.channel.Id, { Roles: "channel_user" });
    return user;
  }

  teamsPerson(name: string, part: Partial<Person> = {}): Person {
    const person = this.tenant.addPerson({
      displayName: `${name[0]?.toUpperCase()}${name.slice(1)} Teams`,
      userPrincipalName: `${name}@example.com`,
      ...part,
    });
    this.teamsTeam.members.add(person.objectId);
    return person;
  }

  /** Somebody posts in Mattermost. */
  async post(user: User, message: string, more: Partial<Post> = {}): Promise<Post> {
    return publish(this.mattermost, {
      UserId: user.Id,
      ChannelId: this.channel.Id,
      Message: message,
      ...more,
    });
  }

  edit(post: Post, message: string): void {
    const before = this.mattermost.posts.get(post.Id) as Post;
    const next = { ...before, Message: message, EditAt: this.clock.now(), UpdateAt: this.clock.now() };
    this.mattermost.updatePost(next);
    this.mattermost.fire("messageHasBeenUpdated", structuredClone(next), structuredClone(before));
  }

  remove(post: Post): void {
    this.mattermost.fire("messageHasBeenDeleted", this.mattermost.deletePost(post));
  }

  react(user: User, post: Post, EmojiName: string, on = true): void {
    const reaction = {
      UserId: user.Id,
      PostId: post.Id,
      EmojiName,
      CreateAt: this.clock.now(),
      UpdateAt: 0,
      DeleteAt: 0,
      RemoteId: null,
      ChannelId: post.ChannelId,
    };
    if (on) this.mattermost.addReaction(reaction);
    else this.mattermost.removeReaction(reaction);
    this.mattermost.fire(on ? "reactionHasBeenAdded" : "reactionHasBeenRemoved", reaction);
  }

  /** Posts of the linked channel, oldest first, without notices of the bot. */
  get posts(): Post[] {
    return this.mattermost
      .postsIn(this.channel.Id)
      .filter((post) => post.Props.teams_message_id !== undefined || !this.isBot(post.UserId));
  }

  get notices(): string[] {
    return this.mattermost
      .postsIn(this.channel.Id)
      .filter((post) => post.Props.teams_message_id === undefined && this.isBot(post.UserId))
      .map(({ Message }) => Message);
  }

  get messages(): TeamsChannelMessage[] {
    return this.channels.visible(this.teamsChannel);
  }

  /** Direct messages of the bot to a person. */
  notes(user: User): Post[] {
    return [...this.mattermost.posts.values()].filter((post) => {
      const channel = this.mattermost.channels.get(post.ChannelId);
      return channel?.Type === "D" && channel.Name.includes(user.Id);
    });
  }

  credential(userId: string): Credential {
    return {
      token: async () => {
        const link = this.accountLinks.get(userId);
        if (!link || !this.connected.has(userId)) throw new ProductError("not_connected");
        return this.tokenOf(link.objectId);
      },
    };
  }

  accountOf(objectId: string): string | null {
    return [...this.accountLinks.values()].find((one) => one.objectId === objectId)?.userId ?? null;
  }

  isBot(userId: string): boolean {
    return this.mattermost.users.get(userId)?.IsBot === true;
  }
}
