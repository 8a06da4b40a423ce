/** Expands `$repeat` and the like in the texts of the golden cases; the top of each file of cases describes them. */

export function expand(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return "";
  const { $repeat, $nestedList } = value as Record<string, Record<string, unknown>>;
  if ($nestedList) {
    const { levels, text } = $nestedList;
    return Array.from({ length: Number(levels) }, (_, level) => `${"    ".repeat(level)}- ${text}`).join(
      "\n",
    );
  }
  if (!$repeat) throw new Error(`an unknown form of text: ${Object.keys(value).join(", ")}`);
  const { text, before, times, middle, after } = $repeat;
  const count = Number(times);
  if (text !== undefined) return expand(text).repeat(count);
  return expand(before).repeat(count) + expand(middle) + expand(after).repeat(count);
}
