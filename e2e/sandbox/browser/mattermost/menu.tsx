import React, { useEffect, useRef, useState } from "react";

interface Props {
  readonly label: string;
  readonly items: readonly { readonly text: React.ReactNode; readonly action: (given: string) => void }[];
  /** The argument of an item's action: the id of the channel or post. */
  readonly given: string;
}

/**
 * A menu of plugin items; renders nothing if there are none. The arrow keys move in it, Escape closes it.
 */
export function Menu({ label, items, given }: Props) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (open) list.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
  }, [open]);
  if (items.length === 0) return null;
  const move = (step: number) => {
    const all = [...(list.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
    const at = all.indexOf(document.activeElement as HTMLElement);
    all[(at + step + all.length) % all.length]?.focus();
  };
  return (
    <span className="menu">
      <button
        ref={button}
        type="button"
        aria-haspopup="menu"
        aria-expanded={open}
        aria-label={label}
        onClick={() => setOpen(!open)}
      >
        ⋯
      </button>
      {open && (
        <div
          ref={list}
          role="menu"
          aria-label={label}
          onKeyDown={(event) => {
            if (event.key === "ArrowDown") move(1);
            else if (event.key === "ArrowUp") move(-1);
            else if (event.key === "Escape") {
              setOpen(false);
              button.current?.focus();
            }
          }}
        >
          {items.map(({ text, action }) => (
            <button
              key={typeof text === "string" ? text : "element"}
              type="button"
              role="menuitem"
              onClick={() => {
                // Like the web app's menus: it closes first, and the focus is back on the button when the action
                // runs.
                setOpen(false);
                button.current?.focus();
                action(given);
              }}
            >
              {text}
            </button>
          ))}
        </div>
      )}
    </span>
  );
}
