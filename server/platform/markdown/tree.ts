/** A post as a tree. The kinds are closed sets: a consumer's `switch` over `kind` is complete or does not compile. */

export type Inline =
  | { readonly kind: "text"; readonly text: string }
  /** `mark`: the typed character, `*` or `_`; the server's mention rules distinguish them. */
  | { readonly kind: "emphasis" | "strong"; readonly mark: "*" | "_"; readonly children: readonly Inline[] }
  | { readonly kind: "strike"; readonly children: readonly Inline[] }
  | { readonly kind: "code"; readonly text: string }
  /** A new line: Mattermost renders a single newline as one. */
  | { readonly kind: "break" }
  /** `:name:`, known or not. */
  | { readonly kind: "emoji"; readonly name: string }
  /** `bare`: the address was typed without brackets. `url` has any scheme, or none; it is percent-encoded. */
  | {
      readonly kind: "link";
      readonly url: string;
      readonly bare: boolean;
      readonly children: readonly Inline[];
    }
  | { readonly kind: "image"; readonly url: string; readonly children: readonly Inline[] };

export interface ListItem {
  /** The number as typed, without the full stop: "24". `null` in a bullet list. */
  readonly number: string | null;
  /** The checkbox of a task list: checked or not. `null`: no checkbox. */
  readonly checked: boolean | null;
  readonly children: readonly Block[];
}

export type Block =
  | { readonly kind: "paragraph"; readonly children: readonly Inline[] }
  | { readonly kind: "heading"; readonly level: number; readonly children: readonly Inline[] }
  | { readonly kind: "quote"; readonly children: readonly Block[] }
  | { readonly kind: "list"; readonly ordered: boolean; readonly items: readonly ListItem[] }
  /** `language`: the first word after the fence, or ""; Mattermost renders `latex` and `tex` as formulas. */
  | { readonly kind: "code"; readonly language: string; readonly text: string }
  | {
      readonly kind: "table";
      readonly head: readonly Cell[];
      readonly rows: readonly (readonly Cell[])[];
    }
  | { readonly kind: "rule" };

export type Cell = readonly Inline[];
