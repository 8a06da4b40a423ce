/**
 * A text field with a list of search results: the combobox pattern of ARIA 1.2 (the focus stays in the field, arrow
 * keys choose, Enter accepts, Escape closes the list).
 */

import * as React from "react";

export interface Option<T> {
  readonly key: string;
  readonly text: string;
  readonly detail?: string | undefined;
  readonly value: T;
}

export interface PickerProps<T> {
  readonly id: string;
  readonly label: string;
  /** A rejection is shown as an empty result, with the text `failed`. */
  readonly search: (text: string) => Promise<readonly Option<T>[]>;
  readonly onPick: (option: Option<T>) => void;
  /** Called with the typed text when nothing in the list was chosen; returns true when it was accepted. */
  readonly onText?: (text: string) => boolean;
  readonly words: {
    readonly none: string;
    readonly failed: string;
    readonly found: (count: number) => string;
  };
  /** The list also opens without a text. */
  readonly opensEmpty?: boolean;
  readonly described?: { readonly "aria-invalid": boolean; readonly "aria-describedby": string | undefined };
  /** The chosen entry, for pickers of a single value. */
  readonly chosen?: string | undefined;
  readonly disabled?: boolean;
}

const WAIT_MS = 200;

type Found<T> =
  | { readonly at: "closed" | "searching" | "failed" }
  | { readonly at: "open"; readonly options: readonly Option<T>[] };

export function Picker<T>(props: PickerProps<T>): React.ReactElement {
  const {
    chosen,
    described,
    disabled = false,
    id,
    label,
    onPick,
    onText,
    opensEmpty = false,
    search,
    words,
  } = props;
  const [text, setText] = React.useState<string | null>(null);
  const [found, setFound] = React.useState<Found<T>>({ at: "closed" });
  const [active, setActive] = React.useState(-1);
  const asked = React.useRef(0);
  const timer = React.useRef<ReturnType<typeof setTimeout>>(undefined);
  React.useEffect(
    () => () => {
      asked.current += 1;
      clearTimeout(timer.current);
    },
    [],
  );
  const options = found.at === "open" ? found.options : [];
  const typed = text ?? "";

  const close = () => {
    asked.current += 1;
    clearTimeout(timer.current);
    setFound({ at: "closed" });
    setActive(-1);
  };
  const look = (wanted: string, wait: number) => {
    close();
    if (wanted.trim() === "" && !opensEmpty) return;
    const mine = asked.current;
    setFound({ at: "searching" });
    timer.current = setTimeout(() => {
      search(wanted.trim()).then(
        (all) => {
          if (mine === asked.current) setFound({ at: "open", options: all });
        },
        () => {
          if (mine === asked.current) setFound({ at: "failed" });
        },
      );
    }, wait);
  };
  const pick = (option: Option<T>) => {
    close();
    setText(null);
    onPick(option);
  };
  const take = (): boolean => {
    if (typed.trim() === "" || !onText?.(typed.trim())) return false;
    close();
    setText(null);
    return true;
  };

  const onKeyDown = (event: React.KeyboardEvent) => {
    const { key } = event;
    const option = options[active];
    // The person is still composing a word with an input method, as in Japanese or Chinese.
    if (event.nativeEvent.isComposing) return;
    if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault();
      if (found.at === "closed") return look(typed, 0);
      const step = key === "ArrowDown" ? 1 : -1;
      const from = active < 0 && step < 0 ? 0 : active;
      if (options.length > 0) setActive((from + step + options.length) % options.length);
    } else if (key === "Enter") {
      // Enter in this field must not submit the form.
      event.preventDefault();
      if (option) pick(option);
      else take();
    } else if ((key === "," || key === ";") && onText) {
      if (take()) event.preventDefault();
    } else if (key === "Escape" && found.at !== "closed") {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  };

  const listId = `${id}-list`;
  const isOpen = found.at === "open" && options.length > 0;
  return (
    <div className="mc-picker">
      <input
        id={id}
        className="mc-input"
        type="text"
        role="combobox"
        autoComplete="off"
        aria-autocomplete="list"
        aria-expanded={isOpen}
        aria-controls={listId}
        aria-activedescendant={active >= 0 ? `${listId}-${active}` : undefined}
        disabled={disabled}
        {...described}
        value={text ?? chosen ?? ""}
        onChange={({ target }) => {
          setText(target.value);
          look(target.value, WAIT_MS);
        }}
        onFocus={({ target }) => {
          if (chosen !== undefined) target.select();
        }}
        onClick={() => {
          if (opensEmpty && found.at === "closed") look("", 0);
        }}
        onBlur={() => {
          if (!take()) {
            close();
            if (chosen !== undefined || !onText) setText(null);
          }
        }}
        onKeyDown={onKeyDown}
      />
      <div id={listId} role="listbox" aria-label={label} className="mc-picker-list" hidden={!isOpen}>
        {options.map((option, at) => (
          <div
            key={option.key}
            id={`${listId}-${at}`}
            role="option"
            tabIndex={-1}
            aria-selected={at === active}
            // Before the field loses the focus.
            onMouseDown={(event) => {
              event.preventDefault();
              pick(option);
            }}
          >
            <span dir="auto">{option.text}</span>
            {option.detail && <small dir="auto">{option.detail}</small>}
          </div>
        ))}
      </div>
      <p role="status" className={found.at === "open" && options.length > 0 ? "mc-unseen" : "mc-help"}>
        {found.at === "failed" && words.failed}
        {found.at === "open" && (options.length === 0 ? words.none : words.found(options.length))}
      </p>
    </div>
  );
}
