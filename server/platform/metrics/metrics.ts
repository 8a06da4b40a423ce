/**
 * A small registry of Prometheus metrics, which the hook ServeMetrics serves beside the server's own. prom-client
 * would start timers and read /proc for default metrics that Mattermost already has.
 *
 * Text exposition format 0.0.4 (prometheus.io, "Exposition formats").
 */

export interface Counter {
  add(labels?: Labels, by?: number): void;
}

export interface Gauge {
  set(value: number, labels?: Labels): void;
}

export interface Histogram {
  /** `value` is in the unit of the metric's name, mostly seconds. */
  observe(value: number, labels?: Labels): void;
}

export type Labels = Readonly<Record<string, string>>;

export interface Metrics {
  /**
   * `earlierName`: also export the metric under its name in the earlier plugin, so that existing dashboards keep
   * working.
   */
  counter(name: string, help: string, earlierName?: string): Counter;
  gauge(name: string, help: string): Gauge;
  /** `bounds` are the upper limits of the buckets, ascending; +Inf is added. */
  histogram(name: string, help: string, bounds?: readonly number[], earlierName?: string): Histogram;
  /** A value that is read at each scrape, such as a queue's length. */
  watch(name: string, help: string, read: () => number, earlierName?: string): void;
  text(): string;
}

const PREFIX = "mission_collaboration_";
const EARLIER_PREFIX = "msteams_connect_";
/** Label values come from closed sets; this limit protects the monitoring system from a mistake. */
const MAX_SERIES = 200;
/** Default bounds from 5 ms to 10 s: a sign-in, a call to Graph. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

interface Family {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  lines(name: string): string[];
}

export function createMetrics(): Metrics {
  const families = new Map<string, Family>();

  function add(name: string, family: Family, earlierName?: string): void {
    set(PREFIX, name, family);
    if (earlierName !== undefined) set(EARLIER_PREFIX, earlierName, family);
  }
  function set(prefix: string, name: string, family: Family): void {
    if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new RangeError(`not a metric name: ${name}`);
    if (families.has(prefix + name)) throw new RangeError(`a second metric called ${name}`);
    families.set(prefix + name, family);
  }

  return {
    counter(name, help, earlierName) {
      const series = new Series<number>();
      add(name, { type: "counter", help, lines: (full) => series.lines(full, String) }, earlierName);
      return { add: (labels = {}, by = 1) => series.change(labels, (value = 0) => value + by) };
    },
    gauge(name, help) {
      const series = new Series<number>();
      add(name, { type: "gauge", help, lines: (full) => series.lines(full, String) });
      return { set: (value, labels = {}) => series.change(labels, () => value) };
    },
    watch(name, help, read, earlierName) {
      add(name, { type: "gauge", help, lines: (full) => [`${full} ${read()}`] }, earlierName);
    },
    histogram(name, help, bounds = SECONDS, earlierName) {
      const series = new Series<{ counts: number[]; sum: number }>();
      const lines = (full: string) =>
        series.all().flatMap(([labels, state]) => buckets(full, labels, state, bounds));
      add(name, { type: "histogram", help, lines }, earlierName);
      return {
        observe(value, labels = {}) {
          series.change(labels, (state = { counts: Array(bounds.length + 1).fill(0), sum: 0 }) => {
            const at = bounds.findIndex((bound) => value <= bound);
            const bucket = at < 0 ? bounds.length : at;
            state.counts[bucket] = (state.counts[bucket] ?? 0) + 1;
            state.sum += value;
            return state;
          });
        },
      };
    },
    text() {
      const lines = [...families].flatMap(([name, family]) => [
        `# HELP ${name} ${family.help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`,
        `# TYPE ${name} ${family.type}`,
        ...family.lines(name),
      ]);
      return `${lines.join("\n")}\n`;
    },
  };
}

/** The response of the ServeMetrics hook. */
export function metricsResponse(metrics: Metrics): Response {
  return new Response(metrics.text(), { headers: { "Content-Type": "text/plain; version=0.0.4" } });
}

class Series<T> {
  readonly #values = new Map<string, T>();

  change(labels: Labels, next: (value: T | undefined) => T): void {
    let key = labelText(labels);
    if (!this.#values.has(key) && this.#values.size >= MAX_SERIES) key = 'overflow="true"';
    this.#values.set(key, next(this.#values.get(key)));
  }

  all(): [labels: string, value: T][] {
    return [...this.#values].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  lines(name: string, print: (value: T) => string): string[] {
    return this.all().map(
      ([labels, value]) => `${name}${labels === "" ? "" : `{${labels}}`} ${print(value)}`,
    );
  }
}

function labelText(labels: Labels): string {
  return Object.keys(labels)
    .sort()
    .map((name) => `${name}="${escapeValue(labels[name] ?? "")}"`)
    .join(",");
}

const escapeValue = (text: string): string =>
  text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

/** Buckets are cumulative; `+Inf` equals the count. */
function buckets(
  name: string,
  labels: string,
  { counts, sum }: { counts: readonly number[]; sum: number },
  bounds: readonly number[],
): string[] {
  const comma = labels === "" ? "" : ",";
  let total = 0;
  const lines = counts.map((count, index) => {
    total += count;
    return `${name}_bucket{${labels}${comma}le="${bounds[index] ?? "+Inf"}"} ${total}`;
  });
  const tail = labels === "" ? "" : `{${labels}}`;
  return [...lines, `${name}_sum${tail} ${sum}`, `${name}_count${tail} ${total}`];
}
