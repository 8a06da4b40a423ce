import React, { type ReactNode } from "react";

/**
 * Renders enough Markdown to read a chat: bold, italics, code, links, lists, mentions, line breaks. It creates
 * elements, never HTML.
 */
export function Markdown({ text, own }: { text: string; own: string }) {
  const blocks: ReactNode[] = [];
  const lines = text.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    if (line.startsWith("```")) {
      const end = lines.findIndex((each, at) => at > i && each.startsWith("```"));
      const code = lines.slice(i + 1, end < 0 ? undefined : end);
      blocks.push(<pre key={i}>{code.join("\n")}</pre>);
      i = end < 0 ? lines.length : end;
    } else if (/^[-*] /.test(line)) {
      const items: string[] = [];
      while (/^[-*] /.test(lines[i] ?? "")) items.push((lines[i++] ?? "").slice(2));
      i--;
      blocks.push(
        <ul key={i}>
          {items.map((item) => (
            <li key={item}>{inline(item, own)}</li>
          ))}
        </ul>,
      );
    } else {
      blocks.push(<p key={i}>{inline(line, own)}</p>);
    }
  }
  return <div className="markdown">{blocks}</div>;
}

const tokens =
  /(`[^`]+`|\*\*[^*]+\*\*|\*[^*\s][^*]*\*|~~[^~]+~~|\[[^\]]+\]\(https?:[^)\s]+\)|https?:\/\/[^\s<>]+|@[a-z0-9][a-z0-9._-]*)/gi;

function inline(text: string, own: string): ReactNode[] {
  return text.split(tokens).map((part, i) => {
    const key = `${i} ${part}`;
    if (/^`.+`$/.test(part)) return <code key={key}>{part.slice(1, -1)}</code>;
    if (/^\*\*.+\*\*$/.test(part)) return <b key={key}>{part.slice(2, -2)}</b>;
    if (/^\*.+\*$/.test(part)) return <i key={key}>{part.slice(1, -1)}</i>;
    if (/^~~.+~~$/.test(part)) return <s key={key}>{part.slice(2, -2)}</s>;
    const [, label, url] = /^\[(.+)\]\((.+)\)$/.exec(part) ?? [];
    if (url ?? /^https?:/.test(part))
      return (
        <a key={key} href={url ?? part} target="_blank" rel="noreferrer">
          {label ?? part}
        </a>
      );
    if (part.startsWith("@")) {
      const name = part
        .slice(1)
        .replace(/[._-]+$/, "")
        .toLowerCase();
      const me = name === own || ["all", "channel", "here"].includes(name);
      return (
        <span key={key} className={me ? "mention own" : "mention"}>
          {part}
        </span>
      );
    }
    return part;
  });
}
