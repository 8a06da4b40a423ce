/**
 * Change notifications of Microsoft Graph: features name the resources that they follow, and get each change once.
 *
 *   wish ─▶ keeper (one node) ─▶ subscription at Graph ─▶ webhook (any node) ─▶ inbox (one node) ─▶ feature
 *                     └─▶ gaps, where notifications cannot be relied on, and in their place with polling
 */

export type { ChangeType } from "./incoming/entries.ts";
export { type Resource, type ResourceKind, readResource, resourcePath } from "./incoming/resource.ts";
export type { SubscriptionPorts, Subscriptions } from "./ports.ts";
export { type ProblemCode, problems } from "./problems.ts";
export type { SubscriptionStatus, SubscriptionsStatus } from "./status.ts";
export type { Change, ChangeListener, Gap, GapWork, SubscriptionWish } from "./wish.ts";
