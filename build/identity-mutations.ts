/**
 * Every check that guards a sign-in, the text that takes it out, and the test case that must then go red.
 * A text that is no longer found, or a case that no longer exists, fails the run: the list cannot rot.
 */

export interface Mutation {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  readonly test: string;
  /** The case's whole title, as `bun test` prints it with ` > ` left out between groups. */
  readonly red: string;
}

const verify = "server/microsoft/entra/verify-tab-token.ts";
const person = "server/microsoft/entra/entra-person.ts";
const keys = "server/microsoft/entra/tenant-keys.ts";
const kept = "server/microsoft/entra/kept-document.ts";
const json = "server/microsoft/entra/read-json.ts";
const door = "server/features/sign-in/door.ts";
const session = "server/features/sign-in/session.ts";
const cookies = "server/features/sign-in/session-cookies.ts";
const rate = "server/features/sign-in/rate-limit.ts";
const place = "server/features/sign-in/destination.ts";
const departures = "server/features/sign-in/departures.ts";
const username = "server/features/sign-in/username.ts";
const httpDoor = "server/platform/http/door.ts";
const body = "server/platform/http/body.ts";
const admission = "server/features/sign-in/admission.ts";
const signIn = "server/features/sign-in/sign-in.ts";
const store = "server/people/link-store.ts";
const pair = "server/people/link-pair.ts";
const settings = "server/platform/settings/section.ts";
const rules = "server/platform/settings/rule.ts";
const codes = "server/platform/store/one-time-codes.ts";
const tabSession = "server/people/tab-session.ts";
const policy = "server/features/sign-in/policy-change.ts";
const provision = "server/features/sign-in/provision.ts";
const routes = "server/people/link-routes.ts";

const tokens = "server/features/sign-in/bad-tokens.test.ts";
const claims = "server/features/sign-in/bad-claims.test.ts";
const badKeys = "server/features/sign-in/bad-keys.test.ts";
const accounts = "server/features/sign-in/bad-accounts.test.ts";
const requests = "server/features/sign-in/bad-requests.test.ts";
const links = "server/people/links.test.ts";
const races = "server/features/sign-in/race.test.ts";
const policies = "server/features/sign-in/policies.test.ts";
const handovers = "server/features/sign-in/handover.test.ts";
const admin = "server/features/sign-in/admin.test.ts";
const verifying = "server/microsoft/entra/verify-tab-token.test.ts";
const keeping = "server/microsoft/entra/tenant-keys.test.ts";
const leaving = "server/features/sign-in/departures.test.ts";
const doors = "server/platform/http/door.test.ts";
const sessions = "server/features/sign-in/session.test.ts";
const configured = "server/platform/settings/settings.test.ts";

const row = (file: string, find: string, replace: string, test: string, red: string): Mutation => ({
  file,
  find,
  replace,
  test,
  red,
});

export const mutations: readonly Mutation[] = [
  row(
    verify,
    "if (claims.cnf !== undefined)",
    "if (false)",
    claims,
    "purpose: scope, client, application bound to a key: proof_of_possession",
  ),
  row(
    keys,
    'const fits = version === "2.0" ? issuer === base : isV1Issuer(issuer, loginUrl, tenantId);',
    "const fits = true;",
    keeping,
    "the issuer belongs to the address of the document https://login.corp.example 2.0: https://other.corp.example/{tenant}/v2.0 is refused",
  ),
  row(
    keys,
    'unusable.push({ kid: "", why: "is not an object" });',
    'throw new Error("malformed");',
    keeping,
    "jwks-rsa leaves out what it cannot use without a word; we say so an entry that is null: the good key works, and the page of checks knows",
  ),
  // The token's shape.
  row(
    verify,
    "if (token.length > MAX_TOKEN_BYTES)",
    "if (false)",
    verifying,
    "a token that is refused 17 KB: oversized",
  ),
  row(verify, "segments.length !== 3 || ", "", tokens, "token structure four segments: malformed"),
  row(
    verify,
    "return LAST_OF_TWO.test(last);",
    "return true;",
    tokens,
    "token structure another spelling of the last letter: malformed",
  ),
  row(
    verify,
    "{ fatal: true, ignoreBOM: true }",
    "{}",
    tokens,
    "token structure a byte order mark: malformed",
  ),
  row(
    verify,
    " && !Array.isArray(value) ?",
    " ?",
    tokens,
    "token structure a payload that is a list: malformed",
  ),
  row(
    verify,
    'if (header.alg !== "RS256")',
    "if (false)",
    tokens,
    "algorithm and key tricks HMAC with the public key as PEM: algorithm",
  ),
  row(
    verify,
    "header.crit !== undefined || ",
    "",
    tokens,
    "algorithm and key tricks an empty list of critical extensions: malformed",
  ),
  row(
    verify,
    'if (header.typ !== undefined && header.typ !== "JWT")',
    "if (false)",
    tokens,
    "algorithm and key tricks a type for proofs of possession: malformed",
  ),
  row(
    verify,
    "if (!isText(header.kid, 256))",
    'if (typeof header.kid !== "string")',
    tokens,
    "algorithm and key tricks an empty kid: malformed",
  ),
  row(
    verify,
    "if (!isVersion(claims.ver))",
    'if (claims.ver !== "1.0" && !(claims.ver = "2.0"))',
    claims,
    "issuer, tenant and version no ver: version",
  ),
  // Signature.
  row(
    verify,
    "jsonwebtoken.verify(token,",
    "(() => {})(token,",
    tokens,
    "algorithm and key tricks a changed claim: signature",
  ),
  // Claims.
  row(
    verify,
    "if (claims.iss !== answer.issuer)",
    "if (false)",
    claims,
    "issuer, tenant and version iss of another tenant: issuer",
  ),
  row(
    verify,
    "claims.iss !== answer.issuer",
    "!String(claims.iss).startsWith(answer.issuer)",
    claims,
    "issuer, tenant and version only the beginning is right: issuer",
  ),
  row(
    verify,
    "if (claims.tid !== expect.tenantId)",
    "if (false)",
    claims,
    "issuer, tenant and version another tid: tenant",
  ),
  row(
    verify,
    "claims.tid !== expect.tenantId",
    "!String(claims.tid).includes(expect.tenantId)",
    claims,
    "issuer, tenant and version tid and another: tenant",
  ),
  row(
    verify,
    "if (!expect.audiences(claims.ver).includes(claims.aud))",
    "if (false)",
    claims,
    "audience another client: audience",
  ),
  row(
    verify,
    'if (version === "2.0") return [expect.clientId];',
    "",
    claims,
    "audience the URI in a v2 token: audience",
  ),
  row(
    verify,
    "!expect.audiences(claims.ver).includes(claims.aud)",
    "!expect.audiences(claims.ver).some((one) => String(claims.aud).includes(String(one)))",
    claims,
    "audience a list of two: audience",
  ),
  row(verify, "if (!isTime(exp) || ", "if (", claims, "times no exp: lifetime"),
  row(verify, "!isTime(nbf) || ", "", claims, "times no nbf: lifetime"),
  row(verify, " || !isTime(iat))", ")", claims, "times no iat: lifetime"),
  row(verify, "if (now >= exp + CLOCK_SKEW_S)", "if (false)", claims, "times expired a day ago: expired"),
  row(
    verify,
    "CLOCK_SKEW_S = 5 * 60",
    "CLOCK_SKEW_S = 7 * 60",
    claims,
    "times nbf in six minutes: not_yet_valid",
  ),
  row(verify, "if (nbf > now + CLOCK_SKEW_S)", "if (false)", claims, "times nbf tomorrow: not_yet_valid"),
  row(
    verify,
    "if (iat > now + CLOCK_SKEW_S)",
    "if (false)",
    claims,
    "times iat in six minutes: not_yet_valid",
  ),
  row(verify, "exp <= nbf || exp <= iat || ", "", claims, "times ends when it begins: lifetime"),
  row(verify, "exp - iat > MAX_LIFETIME_S || ", "", claims, "times issued two days ago: lifetime"),
  row(verify, " || exp - nbf > MAX_LIFETIME_S", "", claims, "times valid since two days: lifetime"),
  row(
    verify,
    '(idtyp !== undefined && idtyp !== "user") || ',
    "",
    claims,
    "purpose: scope, client, application idtyp app with scp: app_only",
  ),
  row(
    verify,
    "if (isAppOnly(claims))",
    "if (false)",
    claims,
    "purpose: scope, client, application roles alone: app_only",
  ),
  row(
    verify,
    "if (!scopes(claims.scp).includes(SCOPE))",
    "if (false)",
    claims,
    "purpose: scope, client, application another scope: scope",
  ),
  row(
    verify,
    "!scopes(claims.scp).includes(SCOPE)",
    "!String(claims.scp).includes(SCOPE)",
    claims,
    "purpose: scope, client, application the scope as part of a word: scope",
  ),
  row(
    verify,
    " || !expect.callers.has(caller)",
    "",
    claims,
    "purpose: scope, client, application an unknown azp: client",
  ),
  row(
    verify,
    'claims.ver === "1.0" ? claims.appid : claims.azp',
    "claims.azp ?? claims.appid",
    claims,
    "purpose: scope, client, application the v1 claim in a v2 token: client",
  ),
  row(verify, " || !GUID.test(claims.oid)", "", claims, "who an oid that is not a GUID: subject"),
  row(verify, " || claims.oid === NIL_GUID", "", claims, "who the empty GUID: subject"),
  row(
    verify,
    "requireComplete(expect);",
    "",
    verifying,
    'an expectation with holes is our own mistake, never an answer ["clientId"]',
  ),
  row(
    person,
    'if (acct !== undefined && acct !== 0 && acct !== "0") return true;',
    "",
    accounts,
    "policies, as they are set from the start a guest by acct: guest",
  ),
  row(
    person,
    "if (idp !== undefined && ",
    "if (false && ",
    accounts,
    "policies, as they are set from the start a guest with a personal account: guest",
  ),
  row(
    person,
    'name.includes("#")',
    "false",
    accounts,
    "policies, as they are set from the start a guest by name: guest",
  ),
  row(
    person,
    "isAddress(email) && (verified || names.some((name) => domainOf(name) === domainOf(email)))",
    "isAddress(email)",
    accounts,
    "accounts an address that nobody vouches for: no_account",
  ),
  row(
    person,
    'Array.isArray(amr) && amr.includes("mfa")',
    'String(amr).includes("mfa")',
    accounts,
    "policies, as they are set from the start a second factor, and amr is text: mfa",
  ),
  // Keys and the way to them.
  row(
    json,
    'redirect: "manual"',
    'redirect: "follow"',
    badKeys,
    "the way to the keys a redirect that leads to good keys: keys_unavailable",
  ),
  row(
    json,
    "if (response.status !== 200)",
    "if (false)",
    keeping,
    "an outage does not answer for keys whatever its body says",
  ),
  row(
    json,
    "if (size > maxBytes)",
    "if (false)",
    keeping,
    "documents are read up to their limit and no further",
  ),
  row(
    keys,
    'if (offered.protocol !== "https:" || !sameHost)',
    "if (false)",
    badKeys,
    "the way to the keys keys on another host: keys_unavailable",
  ),
  row(keys, 'offered.protocol !== "https:" || ', "", keeping, "keys over http are not asked for"),
  row(
    keys,
    'if (jwk.use !== undefined && jwk.use !== "sig")',
    "if (false)",
    keeping,
    "jwks-rsa leaves out what it cannot use without a word; we say so encryption",
  ),
  row(
    keys,
    'if (jwk.alg !== undefined && jwk.alg !== "RS256")',
    "if (false)",
    badKeys,
    "keys that must not be used for another algorithm: key_unknown",
  ),
  row(
    keys,
    'if ("d" in jwk)',
    "if (false)",
    keeping,
    "jwks-rsa leaves out what it cannot use without a word; we say so its private half",
  ),
  row(
    keys,
    "if (bits < MIN_MODULUS_BITS || bits > MAX_MODULUS_BITS)",
    "if (false)",
    tokens,
    "algorithm and key tricks a published key of 1024 bits: key_unknown",
  ),
  row(
    keys,
    'if (e !== "AQAB")',
    "if (false)",
    keeping,
    "jwks-rsa leaves out what it cannot use without a word; we say so exponent 3",
  ),
  row(
    keys,
    "return isUnique;",
    "return true;",
    badKeys,
    "keys that must not be used two under one kid: keys_unavailable",
  ),
  row(
    keys,
    "if (issuer !== undefined && ",
    "if (false && ",
    badKeys,
    "keys that must not be used of the tenant of personal accounts: key_unknown",
  ),
  row(
    keys,
    "if (unusable.length > 0) onUnusableKeys?.(unusable);",
    "",
    keeping,
    "jwks-rsa leaves out what it cannot use without a word; we say so encryption",
  ),
  row(
    kept,
    "this.#clock() - this.#value.at < this.#rules.cooldownMs",
    "false",
    badKeys,
    "keys that must not be used an unknown kid again and again: one look per half minute: key_unknown",
  ),
  row(
    kept,
    "if (this.#pausing() && this.#failure) throw this.#failure.error;",
    "",
    badKeys,
    "keys that must not be used an outage: one look per five seconds: keys_unavailable",
  ),
  row(
    kept,
    "age < this.#rules.maxAgeMs",
    "true",
    badKeys,
    "keys that must not be used keys that were kept through an outage for too long: keys_unavailable",
  ),
  row(
    kept,
    "this.#running ??= this.#load()",
    "this.#running = this.#load()",
    keeping,
    "keys are asked for once for each version, by a hundred at the same time",
  ),
  // The door.
  row(door, 'if (method !== "POST")', "if (false)", requests, "requests PUT: method"),
  row(
    door,
    'if (site !== null && site !== "same-origin")',
    "if (false)",
    requests,
    "requests Sec-Fetch-Site cross-site: foreign_origin",
  ),
  row(
    door,
    "if (from !== null && from !== origin)",
    "if (false)",
    requests,
    "requests Origin https://evil.example: foreign_origin",
  ),
  row(
    door,
    "from !== origin",
    "!from.startsWith(origin)",
    requests,
    "requests Origin https://chat.example.com.evil.example: foreign_origin",
  ),
  row(
    door,
    'if (headers.get("X-Requested-With") !== "XMLHttpRequest")',
    "if (false)",
    requests,
    "requests our header left out: header",
  ),
  row(
    door,
    'if (type.trim().toLowerCase() !== "application/json")',
    "if (false)",
    requests,
    "requests Content-Type text/plain: content_type",
  ),
  row(
    body,
    'if (Number(request.headers.get("Content-Length") ?? 0) > maxBytes)',
    "if (false)",
    requests,
    "requests a length that promises too much: body_size",
  ),
  row(body, "if (size > maxBytes)", "if (false)", requests, "requests 24 KB and more: body_size"),
  row(
    session,
    "if (!siteUrl?.secure)",
    "if (!siteUrl)",
    requests,
    "settings that are not complete, or not ours a site over http: site_url",
  ),
  row(
    session,
    "if (!config.current.registration)",
    "if (false)",
    requests,
    "settings that are not complete, or not ours an unreadable request while nothing is set up: not_configured",
  ),
  row(
    session,
    'if (typeof token !== "string") throw',
    "if (false) throw",
    tokens,
    "token structure a list with a good token: malformed",
  ),
  row(
    session,
    'take(byPerson, person.objectId, "rate_person");',
    "",
    requests,
    "too fast one person, thirteen times at once: rate_person",
  ),
  row(
    session,
    'take(byRoute, "", "rate_route");',
    "",
    requests,
    "too fast bad tokens, each from another address: rate_route",
  ),
  row(
    session,
    'take(byAddress, addressKey(env.IPAddress), "rate_address");',
    "",
    requests,
    "too fast one address, after thirty bad tokens: rate_address",
  ),
  row(
    session,
    "byAddress.add(addressKey(env.IPAddress), REFUSED_COST);",
    "",
    requests,
    "too fast one address, after thirty bad tokens: rate_address",
  ),
  row(
    session,
    '.replace(/eyJ[\\w-]+(\\.[\\w-]*)*/g, "[token]")',
    "",
    admin,
    "the audit record of a sign-in no session, cookie or token value is anywhere in logs or records",
  ),
  row(
    httpDoor,
    "if (!response.headers.has(name)) response.headers.set(name, value);",
    "",
    doors,
    "answers are not kept by anybody and not guessed at, unless the route says so",
  ),
  row(
    rate,
    ".slice(0, 4)",
    "",
    requests,
    "too fast one network of IPv6, whatever the rest of the address: rate_address",
  ),
  row(
    cookies,
    "; HttpOnly`",
    "`",
    sessions,
    "a person whose account has the same address cookies are for the frame alone",
  ),
  row(
    cookies,
    "Secure; SameSite=None; Partitioned",
    "Secure; SameSite=None",
    sessions,
    "a person whose account has the same address cookies are for the frame alone",
  ),
  row(
    place,
    "if (!(await api.hasPermissionToChannel(userId, channelId, readChannel))) return null;",
    "",
    sessions,
    "where the answer leads to channels, teams and people by id, elsewhere to the start page",
  ),
  row(
    place,
    "!MATTERMOST_ID.test(id)",
    "false",
    sessions,
    "where the answer leads to channels, teams and people by id, elsewhere to the start page",
  ),
  // The account.
  row(
    admission,
    'return person.guest && !policies.allow_guests ? "guest" : null;',
    "return null;",
    accounts,
    "policies, as they are set from the start a guest by idp: guest",
  ),
  row(admission, 'if (account.IsBot) return "bot";', "", accounts, "accounts made a bot since: bot"),
  row(
    admission,
    'if (account.RemoteId) return "remote";',
    "",
    accounts,
    "accounts taken over by another server since: remote",
  ),
  row(
    admission,
    'if (account.DeleteAt !== 0) return "deactivated";',
    "",
    accounts,
    "accounts deactivated since: deactivated",
  ),
  row(
    admission,
    'if (account.AuthService === "office365" && account.AuthData !== person.objectId) return "other_auth_data";',
    "",
    accounts,
    "accounts office365 of another person: other_auth_data",
  ),
  row(
    admission,
    'if (!isAllowedAddress(account.Email, policies.allowed_email_domains)) return "email_domain";',
    "",
    accounts,
    "policies, as an admin may set them another domain: email_domain",
  ),
  row(
    admission,
    ": domain === entry,",
    ": domain.endsWith(entry),",
    accounts,
    "policies, as an admin may set them a domain that ends alike: email_domain",
  ),
  row(
    admission,
    'if (isSystemAdmin(account) && !adminMaySignIn(basis, policies)) return "system_admin";',
    "",
    accounts,
    "policies, as they are set from the start a system admin whom only the token names: system_admin",
  ),
  row(
    admission,
    ' && basis === "directory")',
    ")",
    accounts,
    "policies, as they are set from the start a member who became system admin: system_admin",
  ),
  row(
    admission,
    'if (account.MfaActive && !secondFactorIsMet(person, policies)) return "mfa";',
    "",
    accounts,
    "policies, as they are set from the start a second factor that the token does not know of: mfa",
  ),
  row(
    admission,
    " && person.multiFactor)",
    ")",
    accounts,
    "policies, as they are set from the start a second factor, and the token names a password: mfa",
  ),
  row(
    admission,
    'policies.unverified_emails === "never" || serverIsOpen',
    'policies.unverified_emails === "never"',
    accounts,
    "policies, as they are set from the start an address nobody confirmed, on a server open to all: email_unverified",
  ),
  row(
    admission,
    'if (second) return { refusal: "ambiguous" };',
    "",
    accounts,
    "accounts two accounts for two addresses: ambiguous",
  ),
  row(
    admission,
    "found.filter(({ IsBot, RemoteId }) => !IsBot && !RemoteId)",
    "found",
    accounts,
    "accounts a bot: no_account",
  ),
  row(
    admission,
    "address.replace(/[A-Z]/g, (letter) => letter.toLowerCase())",
    "address.toLowerCase()",
    links,
    "addresses are compared letter by letter the Kelvin sign is not a k",
  ),
  row(
    signIn,
    "if (account && foldAddress(account.Email) === wanted[index])",
    "if (account)",
    links,
    "an account that is found must be the one that was asked for a server that finds more than was asked for",
  ),
  row(
    signIn,
    'if (facts.objectId !== person.objectId) return refuse("directory_mismatch");',
    "",
    accounts,
    "policies, as they are set from the start the directory speaks of another person: directory_mismatch",
  ),
  row(
    signIn,
    'if (facts.guest && !policies.allow_guests) return refuse("guest");',
    "",
    accounts,
    "policies, as they are set from the start a guest by the directory: guest",
  ),
  row(
    signIn,
    'if (policies.email_source === "directory_only")',
    "if (false)",
    accounts,
    "policies, as an admin may set them the directory alone, and it does not answer: directory_unavailable",
  ),
  row(
    signIn,
    'if (claim.outcome === "account_taken") return refuse("account_taken", account.Id);',
    "",
    accounts,
    "accounts linked to another person: account_taken",
  ),
  row(
    signIn,
    "const refused = refuseAccount(account, person, seen.record.basis, settings);",
    "const refused = null;",
    links,
    "a link outlives what names and addresses do deactivated: refused; activated again: welcome",
  ),
  row(
    provision,
    "if (person.guest)",
    "if (false)",
    accounts,
    "policies, as an admin may set them accounts are made, but not for guests: provisioning_failed",
  ),
  row(
    provision,
    "if (!isAllowedAddress(email, settings.allowed_email_domains))",
    "if (false)",
    accounts,
    "policies, as an admin may set them accounts are made, but not of another domain: provisioning_failed",
  ),
  row(
    provision,
    'if (channel?.Type === "O")',
    "if (channel)",
    policies,
    "new accounts get address, names and a password that nobody knows, and join what the admin chose",
  ),
  row(
    settings,
    'if (unreadable !== "default") values[key] = kept ?? unreadable.value;',
    "",
    configured,
    'a restriction that cannot be read falls to its strict side, and says so system_admin_sign_in: "nobody"',
  ),
  row(
    rules,
    "good.length > 0 ? good : NOBODY",
    "good",
    accounts,
    "policies, as an admin may set them domains given as none: email_domain",
  ),
  row(
    admission,
    ".endsWith(entry.slice(1))",
    ".slice(1).endsWith(entry.slice(2))",
    accounts,
    "policies, as an admin may set them a domain that ends like one below a wildcard: email_domain",
  ),
  // Links and sessions.
  row(
    pair,
    'if (!samePerson(entry, person)) return { outcome: "account_taken" };',
    "",
    races,
    "50 first sign-ins at once on two nodes of 50 people who all claim one account: one gets it",
  ),
  row(
    pair,
    "entry.tenantId !== person.tenantId || ",
    "",
    links,
    "one person, one account after a move to another tenant its people take the accounts over, and only then",
  ),
  row(
    pair,
    "if (this.#clock() - entry.linkedAt < JOIN_TAKES_MS) return false;",
    "",
    links,
    "a claim that a crash left behind holds the account for a minute, not for ever",
  ),
  row(
    pair,
    'if (!entry || !samePerson(entry, person) || entry.state === "leaving") {',
    "if (false) {",
    races,
    "failover an unlink between the two halves of a join: the join notices and begins again",
  ),
  row(
    store,
    "return (await this.#pair.isWhole(person, seen)) ? seen : null;",
    "return seen;",
    races,
    "sign-in against sign-out a link of an earlier version that lost its account half: the unlink wins at the next sign-in",
  ),
  row(
    store,
    "entry.state ? await this.#pair.complete(userId, entry) : linkOf(userId, entry)",
    "linkOf(userId, entry)",
    races,
    "failover a node that is killed at any step of unlinking: the next list has whole links only",
  ),
  row(
    store,
    "now.record.epoch === before.record.epoch",
    "true",
    links,
    "ending deactivation too, and it is not undone by a sign-in that was under way",
  ),
  row(
    store,
    "epoch: record.epoch + 1",
    "epoch: record.epoch",
    links,
    "ending deactivation too, and it is not undone by a sign-in that was under way",
  ),
  row(
    store,
    ".slice(1 - MAX_TAB_SESSIONS)",
    "",
    sessions,
    "sessions of the tab one token makes a bounded number of them",
  ),
  row(
    pair,
    "if (claim.record.userId !== userId) await this.#dropEntry(userId, person);",
    "if (false) {}",
    links,
    "one person, one account a claim that came too late is given back",
  ),
  row(
    signIn,
    'await revoke(api, [session.id]);\n    return refuse("ended_meanwhile"',
    'return refuse("ended_meanwhile"',
    links,
    "ending a sign-in under way while the link is removed gets no session",
  ),
  row(
    signIn,
    "await revoke(api, [session.id]);\n      throw error;",
    "throw error;",
    links,
    "ending a session that cannot be noted is ended at once",
  ),
  row(
    tabSession,
    "...accountProps(user), csrf, [MARK]",
    "...accountProps(user), [MARK]",
    sessions,
    "a person whose account has the same address the session looks like one of the server's own, and has a CSRF token",
  ),
  row(
    tabSession,
    "Math.min(own, wanted)",
    "wanted",
    policies,
    "length of a session the server's, when the admin's is longer",
  ),
  row(
    policy,
    "await links.store.endOverdue(link);",
    "",
    policies,
    "length of a session the admin's holds even where the server would prolong it",
  ),
  row(
    policy,
    "(before.guests && !next.guests) ||",
    "",
    policies,
    "a change of the rules guests no longer: stricter",
  ),
  row(
    policy,
    "if (first && stricter)",
    "if (false)",
    policies,
    "a change of the rules ends the sessions of the tab, and those of nobody else",
  ),
  // Handover.
  row(
    codes,
    "!(await kv.compareAndSet(keyOf(code), bytes, null))",
    "false",
    handovers,
    "from the pop-up into the tab works once, also when two try at the same time",
  ),
  row(
    codes,
    " && crypto.timingSafeEqual(digest, wanted)",
    "",
    requests,
    "requests a handover code with another verifier: handover_code",
  ),
  row(
    codes,
    " && clock() < value.until",
    "",
    handovers,
    "from the pop-up into the tab is gone after a minute, whatever the store says",
  ),
  row(
    departures,
    "if (!held.some((role) => MAY_READ_USERS.includes(role)))",
    "if (false)",
    leaving,
    "nobody loses a session when the app may not read users",
  ),
  row(
    departures,
    "if (gone.length > PLAUSIBLE && gone.length > looked / 2)",
    "if (false)",
    leaving,
    "nobody loses a session when it is another directory",
  ),
  row(
    departures,
    "error.status === 404",
    "true",
    leaving,
    "nobody loses a session when Graph fails where a person is asked for alone",
  ),
  row(
    departures,
    "if (enabled === false)",
    "if (!enabled)",
    leaving,
    "nobody loses a session when the answer does not say whether they are enabled",
  ),
  row(
    departures,
    "if (link.tenantId !== registration.tenantId) continue;",
    "",
    leaving,
    "nobody loses a session when their links are from another tenant",
  ),
  row(
    username,
    "local.length < 3 || RESERVED.has(local)",
    "local.length < 3",
    policies,
    "new accounts System@x.example is called system.user",
  ),
  // Admin.
  row(
    httpDoor,
    'if (!(await isSystemAdmin(userId))) throw new ProductError("not_allowed");',
    "",
    admin,
    "only for system admins DELETE /api/v1/admin/links/x",
  ),
  row(
    httpDoor,
    'if (!userId) throw new ProductError("not_signed_in");',
    'if (!userId) return "";',
    admin,
    "only for system admins GET /api/v1/admin/links.csv",
  ),
  row(
    httpDoor,
    "/*`, requireAdmin);",
    "/never`, requireAdmin);",
    doors,
    "the audience of a route GET /api/v1/admin/no/such/thing by a member: 403",
  ),
  row(
    httpDoor,
    'if (audience !== "admin" && mayMatchAdminPath(path))',
    "if (false)",
    doors,
    "a route below the admin path for anybody else /api/v1/admin/links is not mounted",
  ),
  row(
    httpDoor,
    "const userId = await admit(audience, c.env, c.req.raw);",
    'const userId = c.env.userId ?? "";',
    doors,
    "the audience of a route GET /mine by nobody: 401",
  ),
  row(
    routes,
    "/^[=+\\-@\\t\\r]/.test(text)",
    "false",
    admin,
    "the list of links as a file, in which nothing is a formula",
  ),
  // The session that this browser has, and where a link to a post leads.
  row(
    tabSession,
    "if (session.UserId !== user.Id) return over;",
    "",
    sessions,
    "sessions of the tab is not kept when it is another person's: that one ends",
  ),
  row(
    tabSession,
    "if (!session || !isOurs(session)) return",
    "if (!session) return",
    sessions,
    "sessions of the tab is not kept when it is one of the person's ordinary browser, also with a CSRF token",
  ),
  row(
    tabSession,
    '|| session.Token === "" || csrf === ""',
    '|| session.Token === ""',
    sessions,
    "sessions of the tab is not kept when it has no CSRF token, as if somebody else had put it there",
  ),
  row(
    tabSession,
    "if (limit - now < KEPT_LEFT_MS)",
    "if (false)",
    sessions,
    "sessions of the tab near its end a new one is made, and the old one lives to its own end",
  ),
  row(
    tabSession,
    "Math.min(session.ExpiresAt, session.CreateAt + sessionHours(user, rules, settings) * HOUR)",
    "session.ExpiresAt",
    sessions,
    "sessions of the tab an admin's own length counts from the beginning, however often the session is kept",
  ),
  row(
    tabSession,
    "if (session && isOurs(session)) await revoke",
    "if (session) await revoke",
    sessions,
    "sessions of the tab log-out in the tab never ends a session of the person's ordinary browser",
  ),
  row(
    place,
    "if (!channel || !(await mayReadPosts(api, userId, channel))) return null;",
    "if (!channel) return null;",
    sessions,
    "where the answer leads a post, by its team: the web app may have none chosen in a private channel of others: the start page, and words",
  ),
];
