import * as React from "react";

interface Message {
  readonly id?: string;
  readonly defaultMessage?: string;
}
type Values = Record<string, unknown>;

const fill = (message: Message, values: Values = {}) =>
  (message.defaultMessage ?? message.id ?? "")
    .split(/\{(\w+)\}/)
    .map((part, i) => (i % 2 ? (values[part] ?? "") : part));

const intl = {
  locale: "en",
  messages: {},
  formatMessage: (message: Message, values?: Values) => fill(message, values).join(""),
  formatNumber: (value: number) => value.toLocaleString("en"),
  formatDate: (value: number | Date) => new Date(value).toLocaleDateString("en"),
  formatTime: (value: number | Date) => new Date(value).toLocaleTimeString("en"),
};

/** The react-intl calls that plugins make, in English. */
export const reactIntl = {
  useIntl: () => intl,
  createIntl: () => intl,
  IntlProvider: ({ children }: { children: React.ReactNode }) => children,
  FormattedMessage: ({ values, ...message }: Message & { values?: Values }) =>
    React.createElement(React.Fragment, null, ...(fill(message, values) as React.ReactNode[])),
  injectIntl: (component: React.ComponentType<{ intl: typeof intl }>) => (props: object) =>
    React.createElement(component, { ...props, intl }),
  defineMessages: (messages: object) => messages,
  defineMessage: (message: object) => message,
};
