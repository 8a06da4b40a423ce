/** `react-dom/client` of React 18, for React 17, whose ReactDOM renders itself. */

import type { ReactNode } from "react";
import * as ReactDOM from "react-dom";

const { render, unmountComponentAtNode } = ReactDOM as unknown as {
  render(node: ReactNode, into: Element): void;
  unmountComponentAtNode(from: Element): void;
};

export const createRoot = (element: Element) => ({
  render: (node: ReactNode) => render(node, element),
  unmount: () => unmountComponentAtNode(element),
});
