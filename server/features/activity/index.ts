/**
 * Activity notifications: a post that Mattermost would push to a phone becomes an activity in Teams.
 *
 *   hook ─▶ audience (rules) ─▶ outbox ─▶ dispatch ─▶ delivery ─▶ Graph
 */

import { isolated } from "../../platform/markdown/index.ts";
import { activitySettings } from "../../platform/settings/index.ts";
import { systemClock, TENANT_INTERVAL_MS } from "../../platform/work/pace.ts";
import { steady } from "../../platform/work/steady.ts";
import type { Context, Hooks, Post } from "../../runtime/mattermost/index.ts";
import { createCatalog } from "./delivery/catalog.ts";
import { Delivery } from "./delivery/delivery.ts";
import { Dispatch } from "./delivery/dispatch.ts";
import { Outbox } from "./delivery/outbox.ts";
import { createUnstored } from "./delivery/unstored.ts";
import { createIncoming } from "./incoming.ts";
import { Channels } from "./members/channels.ts";
import { notificationsCommand } from "./members/command.ts";
import { createMemberChanges } from "./members/member-changes.ts";
import { keepMembers } from "./members/member-upkeep.ts";
import { Members } from "./members/members.ts";
import { createOffer, type Offer } from "./members/offer.ts";
import { OwnChoices } from "./members/own-choices.ts";
import { createActivityMetrics, noRegistry } from "./metrics.ts";
import { createOtherNodes } from "./other-nodes.ts";
import type { NotificationsPorts } from "./ports.ts";
import { orNull } from "./remembered.ts";
import { Audiences } from "./rules/audience.ts";
import { authorOf, choicesOf, postOf } from "./rules/from-mattermost.ts";
import { ServerDecisions } from "./rules/server-decisions.ts";
import { Threads } from "./rules/threads.ts";
import type { NotificationsState } from "./state.ts";
import type { TestStep } from "./test-activity.ts";
import { contentLevel, displayName, nameFormatFor } from "./wording/wording.ts";
import { createWriter } from "./wording/writer.ts";

export type { Trouble } from "./delivery/delivery.ts";
export type { MetricsRegistry, Totals } from "./metrics.ts";
export type { LinkedAccount, LinkSource, NotificationsApi, NotificationsPorts } from "./ports.ts";
export { notificationRoutes } from "./routes.ts";
export type { NotificationsState } from "./state.ts";
export type { TestStep } from "./test-activity.ts";

export interface Notifications {
  /** Handler of the hook. Resolves when the post is safely queued, or at once when it concerns nobody. */
  about(context: Context, post: Post): Promise<void>;
  /** The other hooks, which keep the cached data current. */
  readonly hooks: Pick<
    Hooks,
    | "userHasJoinedChannel"
    | "userHasLeftChannel"
    | "userHasBeenDeactivated"
    | "preferencesHaveChanged"
    | "notificationWillBePushed"
  >;
  /** Starts delivery. Called after activation; waits for nothing. */
  resume(): void;
  stop(): Promise<void>;
  state(): NotificationsState;
  sendTest(userId: string): Promise<TestStep[]>;
  /** The question "Keep telling me?" in the tab. */
  readonly offer: Offer;
  /** The subcommand `/teams notifications …`. */
  readonly command: ReturnType<typeof notificationsCommand>;
}

const DEFAULT_LEASE_MS = 15_000;
/** Nobody reads ten thousand old activities, and sending them would take hours within Microsoft's limits. */
const MAX_WAITING_POSTS = 10_000;
const STOP_WITHIN_MS = 1_500;

export function createNotifications(ports: NotificationsPorts): Notifications {
  const { config, graph, tokens, links, api, kv, cluster, log } = ports;
  const clock = ports.clock ?? systemClock;
  /** For caches. */
  const { now } = steady(clock);
  const stopping = new AbortController();
  let running: Promise<unknown> = Promise.resolve();

  const tenantId = () => config.current.registration?.tenantId ?? null;
  const enabled = () => {
    const { notificationsEnabled, registration, credentials, teamsApp, cloud } = config.current;
    return (
      notificationsEnabled && cloud.activityFeed && !!registration && credentials.length > 0 && !!teamsApp
    );
  };
  const own = () => config.current.section(activitySettings);
  const expiryMs = () => own().notification_expiry_minutes * 60_000;
  const defaults = () => ({
    enabled: !own().notification_opt_in,
    onlyWhenAway: own().notification_only_when_away,
  });

  const nodes = createOtherNodes(cluster, log);
  const ownChoices = new OwnChoices(kv, log);
  const alsoRead = () => ownChoices.load();
  const members = new Members({ api, links, tenantId, alsoRead, log, now });
  const channels = new Channels(api, members, now);
  const threads = new Threads(api, now);
  const decisions = new ServerDecisions({
    enabled,
    maybeLinked: (userId) => !members.complete || members.has(userId),
    expects: (audience, userId) => audiences.expects(audience, userId),
    write: (entry, post) => incoming.write(entry, { post, audience: null }),
    now: clock.now,
  });
  const audiences = new Audiences({
    api,
    members,
    channels,
    threads,
    ownChoices,
    defaults,
    now: clock.now,
    pushedTo: (postId) => decisions.of(postId),
  });
  const metrics = createActivityMetrics(ports.metrics ?? noRegistry, {
    linkedMembers: () => members.size,
    waitingPosts: () => dispatch.depth.posts,
    oldestWaitingSeconds: () => (clock.now() - (dispatch.depth.oldestAt ?? clock.now())) / 1000,
  });
  const catalog = createCatalog({ config, graph, kv, now: clock.now });
  const outbox = new Outbox(kv, expiryMs);
  const delivery = new Delivery({
    graph,
    addressing: catalog,
    forgetToken: tokens.forget,
    metrics,
    log,
    clock,
    intervalMs: ports.intervalMs ?? TENANT_INTERVAL_MS,
  });
  const dispatch = new Dispatch({
    outbox,
    audiences,
    members,
    delivery,
    enabled,
    expiryMs,
    cluster,
    metrics,
    log,
    clock,
    leaseMs: ports.leaseMs ?? DEFAULT_LEASE_MS,
    maxPosts: ports.maxWaitingPosts ?? MAX_WAITING_POSTS,
    postById: async (postId) => {
      const post = await orNull(api.getPost(postId));
      return post ? postOf(post) : null;
    },
    words: createWriter({ api, config, members, now }),
  });
  const unstored = createUnstored({
    ...{ outbox, clock, signal: stopping.signal },
    stored(entry) {
      dispatch.add(entry, null, null);
      if (!dispatch.leading) nodes.publish("added", entry.key);
    },
  });
  const incoming = createIncoming({
    ...{ audiences, dispatch, enabled, metrics, decisions, log, members, nodes, outbox, threads, unstored },
  });
  const changes = createMemberChanges({ api, channels, ownChoices, log, members, nodes });

  const linked = async (userId: string) => (await links.byMattermostUser([userId])).has(userId);
  const nameOf = async (userId: string) => {
    const server = await audiences.server();
    if (contentLevel(server.pushContents, own().notification_content) === "nothing") return null;
    const [[user], preferences] = await Promise.all([
      api.getUsersByIds([userId]),
      api.getPreferencesForUser(userId),
    ]);
    if (!user) return null;
    return isolated(displayName(authorOf(user), nameFormatFor(server, choicesOf(preferences).nameFormat)));
  };
  const sendTest = async (userId: string) =>
    (await import("./test-activity.ts")).sendTestActivity(
      { config, links, tokens, graph, catalog, nameOf },
      userId,
    );

  return {
    about: (_context, post) => incoming.posted(post),
    hooks: {
      notificationWillBePushed: (notification, userId) => decisions.push(notification, userId),
      ...changes.hooks,
    },
    resume() {
      const subscriptions = [
        nodes.listen({ added: (key) => dispatch.added(key), ...changes.listeners }),
        links.onLinkChange((userId) => void changes.accountChanged(userId)),
        config.onChange((next, previous) => {
          audiences.forgetServer();
          delivery.wake();
          if (next.registration?.tenantId !== previous.registration?.tenantId) {
            channels.forgetAll();
            members.rebuild().catch(() => {});
          }
        }),
      ];
      stopping.signal.addEventListener("abort", () => {
        for (const end of subscriptions) end();
      });
      running = Promise.all([
        keepMembers(
          { members, ownChoices, enabled, takeTraffic: incoming.takeTraffic, log, clock },
          stopping.signal,
        ),
        dispatch.run(stopping.signal),
      ]);
    },
    async stop() {
      stopping.abort();
      // A request that Microsoft does not answer must not delay the server; the queue has everything.
      await Promise.race([running, Bun.sleep(STOP_WITHIN_MS)]);
    },
    state: () => ({
      enabled: enabled(),
      linkedMembers: members.size,
      indexComplete: members.complete,
      delivering: dispatch.leading,
      waitingPosts: dispatch.depth.posts,
      oldestWaitingAt: dispatch.depth.oldestAt,
      lastDeliveredAt: dispatch.lastDeliveredAt,
      trouble: delivery.trouble,
      totals: metrics.totals,
    }),
    sendTest,
    offer: createOffer({ api: changes.preferences, available: enabled, linked }),
    command: notificationsCommand({
      api: changes.preferences,
      defaults,
      available: enabled,
      linked,
      sendTest,
    }),
  };
}
