/**
 * A small stand-in for the Mattermost web app, with the parts that the shell relies on. Names are the web app's:
 * `was_logged_in`, `user_prev_team`, `WebappUtils.browserHistory`, `post_textbox`, `mattermost_external_auth_login`.
 */

import { linksScript } from "./mattermost-links.ts";

export function mattermostPage(subpath: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Mattermost</title>
<link rel="stylesheet" href="${subpath}/static/main.0123abcd.css"><script defer src="${subpath}/static/main.0123abcd.js"></script>
</head><body><main id="root"></main></body></html>`;
}

export function mattermostScript(subpath: string): string {
  return `
const subpath = ${JSON.stringify(subpath)};
const scoped = (key) => (subpath === "" ? key : subpath + ":" + key);
const root = document.getElementById("root");
const draw = () => {
  root.replaceChildren();
  const add = (tag, id, text) => {
    const element = document.createElement(tag);
    element.id = id; element.textContent = text ?? "";
    root.append(element);
    return element;
  };
  const path = location.pathname.slice(subpath.length);
  if (path.startsWith("/_redirect/")) {
    // The team comes only from local storage. Without one this is "//pl/…", and the browser throws.
    const team = localStorage.getItem(scoped("user_prev_team")) ?? "";
    history.replaceState(null, "", subpath + "/" + team + path.slice("/_redirect".length));
    return draw();
  }
  if (path.startsWith("//")) return replace("/team/channels/town-square");
  if (path.includes("/pl/gone")) return replace("/error?type=permalink_not_found&returnTo=");
  if (path === "/error") {
    add("h1", "error", "Message Not Found");
    return;
  }
  if (location.pathname === subpath + "/login") {
    document.title = "Mattermost";
    add("h1", "login", "Log in");
    add("button", "provider", "SAML").onclick = () => {
      window.addEventListener("message", (event) => { if (event.data?.ack) window.acked = true; });
      window.parent.postMessage({ type: "mattermost_external_auth_login", provider: "saml",
        href: subpath + "/login/sso/saml" }, location.origin);
    };
    add("button", "password", "Log in").onclick = async () => {
      await fetch(subpath + "/api/v4/users/login", { method: "POST" });
      localStorage.setItem(scoped("was_logged_in"), "true");
      push("/team/channels/town-square");
    };
    return;
  }
  document.title = "(2) Town Square - Team";
  const [, team = ""] = path.split("/");
  if (team !== "") localStorage.setItem(scoped("user_prev_team"), team);
  add("h1", "place", location.pathname + location.search);
  const box = add("textarea", "post_textbox");
  box.setAttribute("aria-label", "Write to Town Square");
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    box.value = "";
  });
  add("button", "leave", "Log out").onclick = async () => {
    localStorage.setItem(scoped("was_logged_in"), "false");
    await fetch(subpath + "/api/v4/users/logout", { method: "POST" });
    push("/login");
  };
  drawLinks();
};
${linksScript}
const push = (path) => { history.pushState(null, "", subpath + path); draw(); };
const replace = (path) => { history.replaceState(null, "", subpath + path); draw(); };
window.WebappUtils = { browserHistory: { push, replace } };
window.startedAt = Date.now() + Math.random();
/**
 * The web app checks the server now and then; a 401 leads to the login page. Only the form there sets was_logged_in.
 */
window.look = async () => {
  const me = await fetch(subpath + "/api/v4/users/me").catch(() => null);
  if (me && me.status === 401 && location.pathname !== subpath + "/login") push("/login");
};
// A starting app may draw its boxes again and empty; here it does so from its second start on.
void window.look().then(draw).then(() => {
  if (sessionStorage.getItem("started")) setTimeout(() => location.pathname !== subpath + "/login" && draw(), 1200);
  sessionStorage.setItem("started", "true");
});
`;
}
