import React, { useEffect, useState } from "react";
import { api, base } from "./api.ts";
import { browserHistory, wasLoggedIn } from "./router.ts";

/**
 * The login page: a name and any password; or the organisation's SAML, which cannot be shown in a frame.
 */
export function Login({ onSignedIn }: { onSignedIn(): void }) {
  const [name, setName] = useState("");
  const [problem, setProblem] = useState("");
  const [waiting, setWaiting] = useState(false);
  useEffect(() => {
    document.title = "Mattermost";
  }, []);

  async function submit(event: React.FormEvent) {
    event.preventDefault();
    try {
      await api("/users/login", { login_id: name, password: "sandbox" });
      wasLoggedIn(true);
      // In this order: React 17 renders after each, and a page without a session goes back to the login.
      onSignedIn();
      browserHistory.replace("/");
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  }
  /**
   * In a frame, the parent may open SAML. If the parent does not answer within a second, the web app goes there
   * itself.
   */
  function saml() {
    const href = `${base}/login/sso/saml`;
    if (window.parent === window) return location.assign(href);
    setWaiting(true);
    const own = setTimeout(() => location.assign(href), 1_000);
    window.addEventListener("message", (event) => {
      if (
        event.source === window.parent &&
        event.data?.type === "mattermost_external_auth_login" &&
        event.data.ack
      )
        clearTimeout(own);
    });
    window.parent.postMessage(
      { type: "mattermost_external_auth_login", provider: "saml", href },
      location.origin,
    );
  }

  return (
    <main className="login">
      <form onSubmit={submit}>
        <h1>Log in to your account</h1>
        <p>Sandbox people: sam, alex, jo, mia. Any password will do.</p>
        <label>
          Email or username
          <input
            id="input_loginId"
            value={name}
            onChange={(event) => setName(event.target.value)}
            autoComplete="username"
          />
        </label>
        <label>
          Password
          <input id="input_password-input" type="password" autoComplete="current-password" />
        </label>
        {problem && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" id="saveSetting" className="primary" disabled={name === ""}>
          Log in
        </button>
        <button type="button" id="saml" onClick={saml} disabled={waiting}>
          {waiting ? "Waiting for the other window…" : "Log in with SAML"}
        </button>
      </form>
    </main>
  );
}
