/** A Teams chat window, as far as the sandbox needs one: somebody writes, edits, deletes, and answers appear. */

import React, { type FormEvent, useCallback, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";

interface Person {
  readonly id: string;
  readonly name: string;
  readonly presence: string;
}
interface Message {
  readonly id: string;
  readonly createdDateTime: string;
  readonly deletedDateTime: string | null;
  readonly lastEditedDateTime: string | null;
  readonly importance: string;
  readonly from: { readonly user: { readonly id: string; readonly displayName: string } | null } | null;
  readonly body: { readonly content: string };
  readonly attachments: readonly { readonly id: string; readonly name?: string }[];
  readonly reactions: readonly { readonly reactionType: string }[];
}
interface Chat {
  readonly id: string;
  readonly chatType: string;
  readonly topic: string | null;
  readonly members: readonly { readonly id: string; readonly name: string }[];
  readonly messages: readonly Message[];
}
interface State {
  readonly people: readonly Person[];
  readonly chats: readonly Chat[];
}

const STATES = ["Offline", "Away", "Available", "AvailableIdle", "Busy", "DoNotDisturb"];

async function ask<T>(path: string, body?: object): Promise<T> {
  const init = body ? { method: "POST", body: JSON.stringify(body) } : {};
  const response = await fetch(`/sandbox/api/chats${path}`, init);
  const answer = await response.json();
  if (!response.ok) throw new Error(String(answer.error ?? response.status));
  return answer as T;
}

/** What a reader sees of a message's HTML; nothing of it is put into this page as markup. */
function textOf(html: string): string {
  const page = new DOMParser().parseFromString(
    html.replace(/<(?:br|\/p|\/div|\/li)[^>]*>/gi, "$&\n"),
    "text/html",
  );
  return page.body.textContent?.trim() ?? "";
}

const htmlOf = (text: string) => {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const marked = escaped.replace(/\*\*(.+?)\*\*/g, "<strong>$1</strong>").replace(/_(.+?)_/g, "<em>$1</em>");
  return `<p>${marked.replaceAll("\n", "<br>")}</p>`;
};

function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(",")[1] ?? "");
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

function Window() {
  const [state, setState] = useState<State>({ people: [], chats: [] });
  const [chosen, setChosen] = useState("");
  const [by, setBy] = useState("");
  const [problem, setProblem] = useState("");
  const load = useCallback(() => ask<State>("").then(setState), []);
  useEffect(() => {
    void load();
    const timer = setInterval(() => void load(), 1_000);
    return () => clearInterval(timer);
  }, [load]);
  const act = (work: Promise<unknown>) =>
    void work
      .then(() => setProblem(""))
      .catch((error: Error) => setProblem(error.message))
      .finally(load);
  const chat = state.chats.find(({ id }) => id === chosen) ?? state.chats[0];
  const authors = chat?.members ?? [];
  const author = authors.find(({ id }) => id === by)?.id ?? authors[0]?.id ?? "";
  return (
    <main>
      <aside>
        <h1>Chats</h1>
        <ul>
          {state.chats.map((one) => (
            <li key={one.id}>
              <button type="button" aria-current={one.id === chat?.id} onClick={() => setChosen(one.id)}>
                {one.topic ?? one.members.map(({ name }) => name).join(", ")} <small>{one.chatType}</small>
              </button>
            </li>
          ))}
        </ul>
        <NewChat people={state.people} onMade={(work) => act(work.then(({ id }) => setChosen(id)))} />
        <h2>Presence</h2>
        <ul>
          {state.people.map(({ id, name, presence }) => (
            <li key={id}>
              <label>
                {name}
                <select
                  value={presence}
                  onChange={({ target }) => act(ask("/presence", { person: id, availability: target.value }))}
                >
                  {STATES.map((one) => (
                    <option key={one}>{one}</option>
                  ))}
                </select>
              </label>
            </li>
          ))}
        </ul>
      </aside>
      <section aria-label="Messages">
        {problem && <p role="alert">{problem}</p>}
        <ol>
          {chat?.messages.map((message) => (
            <Bubble key={message.id} chat={chat.id} message={message} act={act} />
          ))}
        </ol>
        {chat && (
          <>
            <label>
              As{" "}
              <select value={author} onChange={({ target }) => setBy(target.value)}>
                {authors.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </select>
            </label>
            <Composer
              onSend={(message) => act(ask("/messages", { chat: chat.id, by: author, ...message }))}
            />
          </>
        )}
      </section>
    </main>
  );
}

function Bubble({
  act,
  chat,
  message,
}: {
  chat: string;
  message: Message;
  act: (work: Promise<unknown>) => void;
}) {
  const { attachments, body, deletedDateTime, from, id, importance, lastEditedDateTime, reactions } = message;
  const on = { chat, message: id };
  const edit = () => {
    const text = prompt("The new text", textOf(body.content));
    if (text !== null) act(ask("/edit", { ...on, html: htmlOf(text) }));
  };
  return (
    <li>
      <strong>{from?.user?.displayName ?? "Somebody"}</strong> {importance === "urgent" && <em>Urgent</em>}
      <p>{deletedDateTime ? <em>This message was deleted.</em> : textOf(body.content)}</p>
      {attachments.map(({ id: file, name }) => (name ? <p key={file}>📎 {name}</p> : null))}
      <small>
        {lastEditedDateTime && "Edited "}
        {reactions.map(({ reactionType }) => reactionType).join(" ")}
      </small>
      {!deletedDateTime && (
        <span className="levers">
          <button type="button" onClick={edit}>
            Edit
          </button>
          <button type="button" onClick={() => act(ask("/delete", on))}>
            Delete
          </button>
          <button type="button" onClick={() => act(ask("/block", on))}>
            Block by policy
          </button>
        </span>
      )}
    </li>
  );
}

function Composer({ onSend }: { onSend: (message: object) => void }) {
  const [text, setText] = useState("");
  const [urgent, setUrgent] = useState(false);
  const [file, setFile] = useState<File | null>(null);
  const send = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    event.currentTarget.reset();
    const added = file ? { file: { name: file.name, base64: await base64Of(file) } } : {};
    onSend({ html: text === "" ? "" : htmlOf(text), urgent, ...added });
    setText("");
    setFile(null);
    setUrgent(false);
  };
  return (
    <form onSubmit={(event) => void send(event)}>
      <textarea
        aria-label="Message"
        placeholder="Write a message. **Bold**, _italic_."
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <label>
        <input type="checkbox" checked={urgent} onChange={({ target }) => setUrgent(target.checked)} /> Urgent
      </label>
      <input type="file" aria-label="File" onChange={({ target }) => setFile(target.files?.[0] ?? null)} />
      <button type="submit" disabled={text === "" && !file}>
        Send
      </button>
    </form>
  );
}

function NewChat({
  onMade,
  people,
}: {
  people: readonly Person[];
  onMade: (work: Promise<{ id: string }>) => void;
}) {
  const [members, setMembers] = useState<ReadonlySet<string>>(new Set());
  const [topic, setTopic] = useState("");
  const toggle = (id: string) => {
    const next = new Set(members);
    if (!next.delete(id)) next.add(id);
    setMembers(next);
  };
  const make = (kind: "chat" | "meeting") => {
    onMade(ask("", { kind, people: [...members], topic }));
    setMembers(new Set());
    setTopic("");
  };
  return (
    <details>
      <summary>New chat</summary>
      {people.map(({ id, name }) => (
        <label key={id}>
          <input type="checkbox" checked={members.has(id)} onChange={() => toggle(id)} /> {name}
        </label>
      ))}
      <input
        aria-label="Topic"
        placeholder="Topic"
        value={topic}
        onChange={({ target }) => setTopic(target.value)}
      />
      <button type="button" disabled={members.size < 2} onClick={() => make("chat")}>
        Chat
      </button>
      <button type="button" disabled={members.size < 2} onClick={() => make("meeting")}>
        Meeting
      </button>
    </details>
  );
}

const root = document.getElementById("root");
if (root) createRoot(root).render(<Window />);
