import { LimitReached, processSeconds, type Seconds } from "../../goplugin/index.ts";
import { InputTimeout } from "../remote-reader.ts";
import { BODY_IDLE_SECONDS, MAX_BODIES, MAX_BODIES_PER_ROUTE, MAX_REQUESTS } from "./limits.ts";
import type { ServerAbilities } from "./response-writer.ts";

/** One response in progress. */
interface Exchange {
  everySecond(now: number): void;
  /** True when it has been waiting for the server for some time. */
  isStuck(now: number): boolean;
  giveUp(reason: Error): void;
  /** Sends nothing more. Resolves when the server runs no call of the response any more. */
  stop(): Promise<void>;
}

/** Each has a constant of limits.ts as its default. */
export interface HttpLimits {
  requests: number;
  bodies: number;
  bodiesPerRoute: number;
  bodyIdleSeconds: number;
}

/** All requests of one plugin that are in progress: limits their number and ends those that exceed their time. */
export class HttpExchanges {
  readonly seconds: Seconds;
  readonly bodies: WaitingBodies;
  readonly bodyIdleSeconds: number;
  readonly server: ServerAbilities = { canFlush: true };
  readonly #most: number;
  readonly #under = new Set<Exchange>();
  #isStopped = false;

  constructor(limits: Partial<HttpLimits> = {}, seconds: Seconds = processSeconds) {
    this.#most = limits.requests ?? MAX_REQUESTS;
    this.bodyIdleSeconds = limits.bodyIdleSeconds ?? BODY_IDLE_SECONDS;
    this.bodies = new WaitingBodies(limits);
    this.seconds = seconds;
    seconds.watch(this);
  }

  /**
   * Adds a request. Returns false when there is no room: answer such a request in the shortest way. A request that
   * waits for a client who does not read gives up its place.
   */
  admit(exchange: Exchange): boolean {
    if (this.#isStopped) {
      void exchange.stop();
      return false;
    }
    let hasRoom = this.#under.size < this.#most;
    if (!hasRoom) {
      for (const oldest of this.#under) {
        if (!oldest.isStuck(this.seconds.now)) continue;
        this.#under.delete(oldest);
        oldest.giveUp(new LimitReached("it had to make room for newer requests"));
        hasRoom = true;
        break;
      }
    }
    this.#under.add(exchange);
    return hasRoom;
  }

  delete(exchange: Exchange): void {
    this.#under.delete(exchange);
  }

  everySecond(): void {
    for (const exchange of this.#under) exchange.everySecond(this.seconds.now);
  }

  /**
   * Sends no further part of a response, from now on. Resolves when the server runs no call of a response any more: for
   * a process that has ended, it writes responses of its own (response-writer.ts).
   */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.#under].map((exchange) => exchange.stop()));
  }
}

interface Body {
  giveUp(reason: Error): void;
}

/**
 * The request bodies that handlers wait for. A body normally arrives within milliseconds. When there is no room, the
 * one that has been waiting longest is dropped, so that clients who do send their body get through.
 */
export class WaitingBodies {
  readonly #most: number;
  readonly #mostPerRoute: number;
  /** Oldest first. */
  readonly #all = new Map<Body, string>();
  readonly #byRoute = new Map<string, Set<Body>>();

  constructor(limits: Partial<HttpLimits> = {}) {
    this.#most = limits.bodies ?? MAX_BODIES;
    this.#mostPerRoute = limits.bodiesPerRoute ?? MAX_BODIES_PER_ROUTE;
  }

  add(route: string, body: Body): void {
    let ofRoute = this.#byRoute.get(route);
    if (ofRoute && ofRoute.size >= this.#mostPerRoute) this.makeRoom(ofRoute);
    else if (this.#all.size >= this.#most) this.makeRoom(this.#all.keys());
    ofRoute = this.#byRoute.get(route) ?? new Set();
    this.#byRoute.set(route, ofRoute);
    ofRoute.add(body);
    this.#all.set(body, route);
  }

  delete(body: Body): void {
    const route = this.#all.get(body);
    if (route === undefined) return;
    this.#all.delete(body);
    const ofRoute = this.#byRoute.get(route);
    ofRoute?.delete(body);
    if (ofRoute?.size === 0) this.#byRoute.delete(route);
  }

  private makeRoom(bodies: Iterable<Body>): void {
    for (const oldest of bodies) {
      this.delete(oldest);
      oldest.giveUp(new InputTimeout("it had to make room for newer ones"));
      return;
    }
  }
}
