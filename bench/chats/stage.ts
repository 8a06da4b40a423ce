/**
 * Starts the product under the official Go host with connected members for the benchmark of chats, writes messages to
 * them, and reads what the product did.
 */

import { FeatureHost, type HostMember } from "../../e2e/host/feature-host.ts";
import type { Chat } from "../../e2e/sandbox/graph/chats.ts";
import type { Person } from "../../e2e/sandbox/tenant.ts";
import { sampleOf } from "../process.ts";

export class ChatsStage {
  readonly world: FeatureHost;
  readonly ben: Person;

  static async start(product: string, people: number): Promise<ChatsStage> {
    return new ChatsStage(
      await FeatureHost.start({ bundle: product }, { people, settings: { chats_max_file_size_mb: 200 } }),
    );
  }

  private constructor(world: FeatureHost) {
    this.world = world;
    this.ben = world.stranger("Ben Baker");
  }

  get members(): FeatureHost["members"] {
    return this.world.members;
  }

  get chats() {
    return this.world.graph.chats;
  }

  /** The chat of Ben and the member. */
  direct(member: HostMember): Chat {
    return this.chats.direct(this.ben.objectId, member.person.objectId);
  }

  /** A chat of Ben and the members. */
  group(members: readonly HostMember[], topic: string): Chat {
    return this.chats.group([this.ben.objectId, ...members.map(({ person }) => person.objectId)], topic);
  }

  /** Presence and accounts of everybody are known for half a minute. */
  async warm(): Promise<void> {
    const before = await this.total();
    await this.write(this.members.map((member) => [this.direct(member), this.ben] as const));
    await until(async () => (await this.total()) - before >= this.members.length, 60);
  }

  pick(at: number): HostMember {
    return this.members[at % this.members.length] as HostMember;
  }

  /** Ids of the messages. Microsoft sends notifications over a few connections at once. */
  async write(all: readonly (readonly [Chat, Person])[]): Promise<string[]> {
    const ids: string[] = Array.from({ length: all.length }, () => "");
    const work = all.entries();
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        for (const [at, [chat, by]] of work)
          ids[at] = (
            await this.chats.write(chat, by.objectId, `<p>Message <b>${at}</b> ${"and more ".repeat(10)}</p>`)
          ).id;
      }),
    );
    return ids;
  }

  /** When the server made the last of the posts; by its own clock, which is that of this machine. */
  async postedAt(group: readonly HostMember[], messageId: string): Promise<number> {
    let last = 0;
    for (const member of group) {
      for (;;) {
        const found = (await this.world.posts(member, Number(messageId) - 1_000)).find(
          ({ Props }) => Props.teams_message_id === messageId,
        );
        if (found) {
          last = Math.max(last, found.CreateAt);
          break;
        }
        await Bun.sleep(5);
      }
    }
    return last;
  }

  settled(group: readonly HostMember[], id: string): Promise<number> {
    return this.postedAt(group.slice(-1), id);
  }

  async total(): Promise<number> {
    const { CreatePost = 0 } = await this.world.host.do<Record<string, number>>("counts", {});
    return CreatePost;
  }

  async rss(): Promise<number> {
    return (await this.world.host.state()).rss / 1024 / 1024;
  }

  /** Processor time of the plugin's process, which does not depend on other load of the machine. */
  async cpuSeconds(): Promise<number> {
    const { pid } = await this.world.host.state();
    return sampleOf(pid).processor;
  }
}

export async function until(condition: () => Promise<boolean>, seconds: number): Promise<void> {
  for (const end = performance.now() + seconds * 1000; performance.now() < end; await Bun.sleep(50))
    if (await condition()) return;
}
