/** Computes the recipients and reasons of a post in a test world, with the same code that the hook runs. */

import type { Post } from "../../../runtime/mattermost/index.ts";
import { Channels } from "../members/channels.ts";
import { Members } from "../members/members.ts";
import type { OwnDefaults } from "../members/own-settings.ts";
import { Audiences } from "../rules/audience.ts";
import { postOf } from "../rules/from-mattermost.ts";
import { Threads } from "../rules/threads.ts";
import { TENANT, type World } from "./world.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

export async function recipientsOf(
  world: World,
  post: Post,
  options: { now?: number; defaults?: OwnDefaults } = {},
): Promise<{ recipients: Record<string, string>; refusals: Record<string, number> }> {
  const now = () => options.now ?? Date.UTC(2026, 10, 21, 12, 0);
  const { api } = world;
  const members = new Members({ api, links: world.linkSource, tenantId: () => TENANT, log: quiet, now });
  const channels = new Channels(api, members, now);
  const audiences = new Audiences({
    api,
    members,
    channels,
    threads: new Threads(api, now),
    ownChoices: { has: () => true },
    defaults: () => options.defaults ?? { enabled: true, onlyWhenAway: false },
    now,
  });
  const refusals: Record<string, number> = {};
  const audience = await audiences.of(postOf(post));
  if (!audience) return { recipients: {}, refusals };
  const recipients = await audiences.decide(audience, audience.possible, (because) => {
    refusals[because] = (refusals[because] ?? 0) + 1;
  });
  const nameOf = (userId: string) => userId.replace(/_id0*$/, "");
  return {
    recipients: Object.fromEntries(recipients.map((one) => [nameOf(one.userId), one.reason])),
    refusals,
  };
}
