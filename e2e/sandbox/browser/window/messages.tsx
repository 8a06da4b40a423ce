/** The messages of a chat or channel, and the box to write one. */

import React, { type FormEvent, type ReactNode, useState } from "react";

export interface Message {
  readonly id: string;
  readonly replyToId?: string | null;
  readonly eventDetail?: unknown;
  readonly createdDateTime: string;
  readonly deletedDateTime: string | null;
  readonly lastEditedDateTime: string | null;
  readonly importance: string;
  readonly from: { readonly user: { readonly id: string; readonly displayName: string } | null } | null;
  readonly body: { readonly content: string };
  readonly attachments: readonly { readonly id: string; readonly name?: string }[];
  readonly reactions: readonly { readonly reactionType: string }[];
}

/** The text that a reader sees of a message's HTML; nothing of it becomes markup in this page. */
export function textOf(html: string): string {
  const page = new DOMParser().parseFromString(
    html.replace(/<(?:br|\/p|\/div|\/li)[^>]*>/gi, "$&\n"),
    "text/html",
  );
  return page.body.textContent?.trim() ?? "";
}

export function htmlOf(text: string): string {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const marked = escaped.replace(/\*\*(.+?)\*\*/g, "<strong>$1</strong>").replace(/_(.+?)_/g, "<em>$1</em>");
  return `<p>${marked.replaceAll("\n", "<br>")}</p>`;
}

export interface Lever {
  readonly label: string;
  run(message: Message): void;
}

export function Bubble({
  children,
  levers,
  message,
}: {
  readonly message: Message;
  readonly levers: readonly Lever[];
  /** Replies. */
  readonly children?: ReactNode;
}) {
  const { attachments, body, deletedDateTime, from, importance, lastEditedDateTime, reactions } = message;
  return (
    <li>
      <strong>{from?.user?.displayName ?? "Somebody"}</strong> {importance === "urgent" && <em>Urgent</em>}
      <p>{deletedDateTime ? <em>This message was deleted.</em> : textOf(body.content)}</p>
      {attachments.map(({ id, name }) => (name ? <p key={id}>📎 {name}</p> : null))}
      <small>
        {lastEditedDateTime && "Edited "}
        {reactions.map(({ reactionType }) => reactionType).join(" ")}
      </small>
      {!deletedDateTime && (
        <span className="levers">
          {levers.map(({ label, run }) => (
            <button key={label} type="button" onClick={() => run(message)}>
              {label}
            </button>
          ))}
        </span>
      )}
      {children}
    </li>
  );
}

export interface Written {
  readonly html: string;
  readonly urgent: boolean;
  readonly file?: { readonly name: string; readonly base64: string };
}

export function Composer({ files = false, onSend }: { files?: boolean; onSend: (message: Written) => void }) {
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
      {files && (
        <>
          <label>
            <input type="checkbox" checked={urgent} onChange={({ target }) => setUrgent(target.checked)} />{" "}
            Urgent
          </label>
          <input
            type="file"
            aria-label="File"
            onChange={({ target }) => setFile(target.files?.[0] ?? null)}
          />
        </>
      )}
      <button type="submit" disabled={text === "" && !file}>
        Send
      </button>
    </form>
  );
}

function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(",")[1] ?? "");
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

/** The author: the person whose window this is, or whomever the visitor chooses. */
export function Author({
  chosen,
  onChoose,
  people,
}: {
  readonly people: readonly { readonly id: string; readonly name: string }[];
  readonly chosen: string;
  onChoose(id: string): void;
}) {
  return (
    <label>
      As{" "}
      <select value={chosen} onChange={({ target }) => onChoose(target.value)}>
        {people.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
