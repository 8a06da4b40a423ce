/** Checks of links, of sessions in the tab, and of their handover to the browser. */

import { mutationsOf } from "./mutation.ts";

const place = "server/features/sign-in/destination.ts";
const departures = "server/features/sign-in/departures.ts";
const username = "server/features/sign-in/username.ts";
const signIn = "server/features/sign-in/sign-in.ts";
const store = "server/people/link-store.ts";
const pair = "server/people/link-pair.ts";
const codes = "server/platform/store/one-time-codes.ts";
const tabSession = "server/people/tab-session.ts";
const policy = "server/features/sign-in/policy-change.ts";
const requests = "server/features/sign-in/bad-requests.test.ts";
const links = "server/people/links.test.ts server/people/ended-links.test.ts";
const races = "server/features/sign-in/race.test.ts server/features/sign-in/failover-race.test.ts";
const policies = "server/features/sign-in/policies.test.ts server/features/sign-in/policy-change.test.ts";
const handovers = "server/features/sign-in/handover.test.ts";
const leaving = "server/features/sign-in/departures.test.ts";
const sessions = "server/features/sign-in/session.test.ts server/features/sign-in/tab-sessions.test.ts";

export const linkAndSessionMutations = mutationsOf([
  // Links and sessions.
  [
    pair,
    'if (!samePerson(entry, person)) return { outcome: "account_taken" };',
    "",
    races,
    "50 first sign-ins at once on two nodes of 50 people who all claim one account: one gets it",
  ],
  [
    pair,
    "entry.tenantId !== person.tenantId || ",
    "",
    links,
    "one person has one account after a move to another tenant its people take over the accounts, and not before",
  ],
  [
    pair,
    "if (this.#clock() - entry.linkedAt < JOIN_TAKES_MS) return false;",
    "",
    links,
    "a claim that a crash left behind blocks the account for a minute, not for ever",
  ],
  [
    pair,
    'if (!entry || !samePerson(entry, person) || entry.state === "leaving") {',
    "if (false) {",
    races,
    "failover an unlink between the two halves of a join: the join notices it and starts again",
  ],
  [
    store,
    "return (await this.#pair.isWhole(person, seen)) ? seen : null;",
    "return seen;",
    races,
    "sign-in against sign-out a link of an earlier version that lost its account half: the unlink wins at the next sign-in",
  ],
  [
    store,
    "entry.state ? await this.#pair.complete(userId, entry) : linkOf(userId, entry)",
    "linkOf(userId, entry)",
    races,
    "failover a node that is killed at any step of unlinking: the next list contains only complete links",
  ],
  [
    store,
    "now.record.epoch === before.record.epoch",
    "true",
    links,
    "ending sessions a deactivation ends them, too, and a sign-in in progress does not undo it",
  ],
  [
    store,
    "epoch: record.epoch + 1",
    "epoch: record.epoch",
    links,
    "ending sessions a deactivation ends them, too, and a sign-in in progress does not undo it",
  ],
  [
    store,
    ".slice(1 - MAX_TAB_SESSIONS)",
    "",
    sessions,
    "the sessions of the tab one token creates a limited number of sessions",
  ],
  [
    pair,
    "if (claim.record.userId !== userId) await this.#dropEntry(userId, person);",
    "if (false) {}",
    links,
    "one person has one account a claim that came too late is released",
  ],
  [
    signIn,
    'await revoke(api, [session.id]);\n    return refuse("ended_meanwhile"',
    'return refuse("ended_meanwhile"',
    links,
    "ending sessions a sign-in in progress while the link is removed gets no session",
  ],
  [
    signIn,
    "await revoke(api, [session.id]);\n      throw error;",
    "throw error;",
    links,
    "ending sessions a session that cannot be recorded is ended at once",
  ],
  [
    tabSession,
    "...accountProps(user), csrf, [MARK]",
    "...accountProps(user), [MARK]",
    sessions,
    "a person whose account has the same address gets a session like the server's own, with a CSRF token",
  ],
  [
    tabSession,
    "Math.min(own, wanted)",
    "wanted",
    policies,
    "the length of a session the server's, when the admin's is longer",
  ],
  [
    policy,
    "await links.store.endOverdue(link);",
    "",
    policies,
    "the length of a session the admin's applies even when the server would extend the session",
  ],
  [
    policy,
    "(before.guests && !next.guests) ||",
    "",
    policies,
    "a change of the rules guests no longer: stricter",
  ],
  [
    policy,
    "if (first && stricter)",
    "if (false)",
    policies,
    "a change of the rules ends the sessions of the tab, and those of nobody else",
  ],
  // Handover.
  [
    codes,
    "!(await kv.compareAndSet(keyOf(code), bytes, null))",
    "false",
    handovers,
    "the way from the pop-up into the tab works once, even when two try at the same time",
  ],
  [
    codes,
    " && crypto.timingSafeEqual(digest, wanted)",
    "",
    requests,
    "requests a handover code with another verifier: handover_code",
  ],
  [
    codes,
    " && clock() < value.until",
    "",
    handovers,
    "the way from the pop-up into the tab expires after a minute, whatever the store does",
  ],
  [
    departures,
    "if (!held.some((role) => MAY_READ_USERS.includes(role)))",
    "if (false)",
    leaving,
    "nobody loses a session when the app may not read users",
  ],
  [
    departures,
    "if (gone.length > PLAUSIBLE && gone.length > looked / 2)",
    "if (false)",
    leaving,
    "nobody loses a session when it is another directory",
  ],
  [
    departures,
    "error.status === 404",
    "true",
    leaving,
    "nobody loses a session when Graph fails where a person is asked for alone",
  ],
  [
    departures,
    "if (enabled === false)",
    "if (!enabled)",
    leaving,
    "nobody loses a session when the answer does not say whether they are enabled",
  ],
  [
    departures,
    "if (link.tenantId !== registration.tenantId) continue;",
    "",
    leaving,
    "nobody loses a session when their links are from another tenant",
  ],
  [
    username,
    "local.length < 3 || RESERVED.has(local)",
    "local.length < 3",
    policies,
    "new accounts System@x.example is called system.user",
  ],
  // The session that this browser has, and the destination of a link to a post.
  [
    tabSession,
    "if (session.UserId !== user.Id) return over;",
    "",
    sessions,
    "the sessions of the tab is not kept when it is another person's: that one ends",
  ],
  [
    tabSession,
    "if (!session || !isOurs(session)) return",
    "if (!session) return",
    sessions,
    "the sessions of the tab is not kept when it belongs to the person's ordinary browser, even with a CSRF token",
  ],
  [
    tabSession,
    '|| session.Token === "" || csrf === ""',
    '|| session.Token === ""',
    sessions,
    "the sessions of the tab is not kept when it has no CSRF token, as if somebody else had set it",
  ],
  [
    tabSession,
    "if (limit - now < KEPT_LEFT_MS)",
    "if (false)",
    sessions,
    "the sessions of the tab near its end a new one is created, and the old one runs until its own end",
  ],
  [
    tabSession,
    "Math.min(session.ExpiresAt, session.CreateAt + sessionHours(user, rules, settings) * HOUR)",
    "session.ExpiresAt",
    sessions,
    "the sessions of the tab an admin's own length counts from the beginning, however often the session is kept",
  ],
  [
    tabSession,
    "if (session && isOurs(session)) await revoke",
    "if (session) await revoke",
    sessions,
    "the sessions of the tab logging out in the tab never ends a session of the person's ordinary browser",
  ],
  [
    place,
    "if (!channel || !(await mayReadPosts(api, userId, channel))) return null;",
    "if (!channel) return null;",
    sessions,
    "the location in the answer is a post, with its team, because the web app may have none chosen in a private channel of others: the start page, and a message",
  ],
]);
