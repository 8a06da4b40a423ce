/** The fake Entra's authorize endpoint: checks a request like Entra and redirects the person back. */

import type { Person, Tenant } from "../tenant.ts";
import type { CodeRequest } from "./delegated-grants.ts";

/** The action of the person on Entra's pages. */
export type AuthorizeAnswer = "agree" | "cancel" | "server error" | "policy";

export type Judged =
  /** `redirect` null: Entra trusts neither client nor address, so it shows the error itself. */
  | { readonly ok: false; readonly redirect: string | null; readonly text: string }
  | {
      readonly ok: true;
      finish(person: Person, answer: AuthorizeAnswer, issue: (request: CodeRequest) => string): string;
    };

const own = ["openid", "profile", "email", "offline_access"];

/** Names of Graph permissions in a scope. */
export function graphNames(graphUrl: string, scope: string): string[] {
  const names = scope.split(" ").filter((each) => each !== "");
  return names.map((each) => (each.startsWith(`${graphUrl}/`) ? each.slice(graphUrl.length + 1) : each));
}

export function judgeAuthorize(tenant: Tenant, graphUrl: string, url: URL): Judged {
  const query = url.searchParams;
  const text = (name: string) => query.get(name) ?? "";
  const twice = [...new Set(query.keys())].find((name) => query.getAll(name).length > 1);
  const show = (says: string): Judged => ({ ok: false, redirect: null, text: says });
  if (!url.pathname.startsWith(`/${tenant.id}/`)) return show("AADSTS90002: Tenant not found.");
  if (twice) return show(`AADSTS9000411: The parameter '${twice}' is duplicated.`);
  const client = tenant.byClientId(text("client_id"));
  if (!client) return show("AADSTS700016: Application was not found in the directory.");
  const redirectUri = text("redirect_uri");
  if (!client.redirectUris?.includes(redirectUri))
    return show(
      "AADSTS50011: The redirect URI does not match the redirect URIs configured for the application.",
    );
  const state = text("state");
  const back = (fields: Record<string, string>) =>
    `${redirectUri}?${new URLSearchParams({ ...fields, state })}`;
  const refused = (error: string, says: string): Judged => ({
    ok: false,
    redirect: back({ error, error_description: says }),
    text: says,
  });
  if (text("response_type") !== "code" || text("response_mode") !== "query")
    return refused(
      "unsupported_response_type",
      "AADSTS700054: response_type or response_mode is not enabled.",
    );
  const challenge = query.get("code_challenge");
  if (challenge !== null && (text("code_challenge_method") !== "S256" || !/^[\w-]{43}$/.test(challenge)))
    return refused("invalid_request", "AADSTS501491: Invalid size or method of Code_Challenge.");
  if (text("prompt") === "consent") return refused("invalid_request", "the sandbox refuses prompt=consent");
  const scopes = graphNames(graphUrl, text("scope"));
  const unknown = scopes.find((each) => !own.includes(each) && !tenant.knowsDelegated(each));
  if (scopes.length === 0 || unknown)
    return refused("invalid_client", `AADSTS650053: The scope '${unknown}' doesn't exist on the resource.`);
  return {
    ok: true,
    finish(person, answer, issue) {
      const no = (error: string, says: string, more = {}) =>
        back({ error, error_description: `${says}\r\nTrace ID: ${crypto.randomUUID()}`, ...more });
      if (answer === "server error")
        return no("server_error", "AADSTS90033: A transient error has occurred.");
      if (answer === "policy")
        return no("interaction_required", "AADSTS53003: Blocked by Conditional Access.");
      const known = tenant.agreedScopes(client.appId, person.objectId);
      const missing = scopes.filter((each) => !own.includes(each) && !known.includes(each));
      if (answer === "cancel")
        return no("access_denied", "AADSTS65004: User declined to consent.", { error_subcode: "cancel" });
      if (missing.some((each) => tenant.needsAdmin(each)))
        return no("access_denied", "AADSTS90094: An administrator must grant permission.");
      tenant.agree(client.appId, person.objectId, scopes);
      const nonce = text("nonce");
      return back({ code: issue({ clientId: client.appId, redirectUri, scopes, state, nonce, challenge }) });
    },
  };
}

/** The page for people who try the sandbox in a browser. */
export function authorizePage(tenant: Tenant, address: string): string {
  const { pathname, search } = new URL(address);
  const escaped = (text: string) =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
  const choice = (person: Person) =>
    `<p><label><input type="radio" name="person" required value="${escaped(person.objectId)}"> ` +
    `${escaped(person.displayName)} (${escaped(person.userPrincipalName)})</label></p>`;
  return (
    `<!doctype html><title>Sandbox sign-in</title><h1>Pick an account</h1>` +
    `<form method="post" action="${escaped(pathname + search)}">${[...tenant.people.values()].map(choice).join("")}` +
    `<button name="answer" value="agree">Agree</button> <button name="answer" value="cancel">Cancel</button></form>`
  );
}
