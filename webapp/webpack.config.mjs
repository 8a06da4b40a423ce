// Two bundles, no chunks that load later: the System Console half runs on the host's React (17, 18 or 19,
// hence the classic JSX transform and externals only); the tab brings its own React and teams-js.
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

const base = {
  mode: "production",
  devtool: false,
  resolve: { extensions: [".ts", ".tsx", ".js"] },
  module: {
    rules: [
      {
        test: /\.tsx?$/,
        loader: "esbuild-loader",
        options: { target: "es2022", jsx: "transform", tsconfig: at("tsconfig.json") },
      },
    ],
  },
  performance: { hints: false },
};

export default [
  {
    ...base,
    name: "console",
    entry: at("src/index.tsx"),
    output: { path: at("../dist/webapp"), filename: "main.js" },
    externals: {
      react: "React",
      "react-dom": "ReactDOM",
      "react-redux": "ReactRedux",
      redux: "Redux",
      "react-intl": "ReactIntl",
    },
  },
  {
    ...base,
    name: "tab",
    entry: { tab: at("src/tab/main.tsx") },
    output: { path: at("../dist/webapp/tab"), filename: "[name].[contenthash:16].js", clean: true },
  },
];
