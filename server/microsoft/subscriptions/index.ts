/**
 * Change notifications of Microsoft Graph. Features declare wishes for changes and receive each change once.
 *
 *   wish ─▶ keeper (one node) ─▶ subscription at Graph ─▶ webhook (any node) ─▶ inbox (one node) ─▶ feature
 *                     └─▶ gap filling, because notifications get lost; with polling, instead of them
 */

export type { ChangeType } from "./incoming/entries.ts";
export { type Resource, type ResourceKind, readResource, resourcePath } from "./incoming/resource.ts";
export type { SubscriptionPorts, Subscriptions } from "./ports.ts";
export { type ProblemCode, problems } from "./problems.ts";
export type { SubscriptionStatus, SubscriptionsStatus } from "./status.ts";
export type { Change, ChangeListener, Gap, GapWork, SubscriptionWish } from "./wish.ts";
