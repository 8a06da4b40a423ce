// Two bundles. The one for the Mattermost web app runs on the host's React (17, 18 or 19, hence the classic JSX
// transform and externals only). Its parts that are needed later are in chunks, which the server serves from the
// bundle's `public/web`. The bundle for the tab has its own React and teams-js, in one script.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import webpack from "webpack";

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

/**
 * `assets.json` gives the server the parts of the tab's page: the hashed script with its integrity, the critical style,
 * and the words that are shown before the script runs.
 */
class PageParts {
  apply(compiler) {
    const { Compilation, sources } = webpack;
    compiler.hooks.thisCompilation.tap("PageParts", (compilation) => {
      const stage = Compilation.PROCESS_ASSETS_STAGE_REPORT;
      compilation.hooks.processAssets.tap({ name: "PageParts", stage }, (assets) => {
        const [file, ...more] = Object.keys(assets).filter((name) => name.endsWith(".js"));
        if (file === undefined || more.length > 0) throw new Error("the tab must be one script");
        const script = assets[file].buffer();
        // The library's own list of hosts comes from a CDN; src/tab/host-origins.ts replaces it.
        if (script.includes("valid origins list from CDN")) throw new Error("teams-js would ask its CDN");
        const integrity = `sha384-${createHash("sha384").update(script).digest("base64")}`;
        const style = readFileSync(at("src/tab/shell.css"), "utf8")
          .replaceAll(/\/\*[\s\S]*?\*\//g, "")
          .replaceAll(/\s*\n\s*/g, "");
        const words = {};
        for (const language of ["en", "de", "fr", "es", "ja", "ar"]) {
          const all = JSON.parse(readFileSync(at(`src/tab/words/${language}.json`), "utf8"));
          const late = [all.server_unreachable[0], all.retry];
          words[language] = { signing_in: all.signing_in, not_configured: all.not_configured, late };
        }
        const parts = { script: { file, integrity }, style, words, rightToLeft: ["ar"] };
        compilation.emitAsset("assets.json", new sources.RawSource(JSON.stringify(parts, null, 2)));
      });
    });
  }
}

/**
 * Chunks register with their script through one global array. After an upgrade the new script runs in the same page as
 * the old one did, and must not use its chunks. So the array is named after the hash of the sources.
 */
function nameOfSources() {
  const hash = createHash("sha256");
  const files = readdirSync(at("src"), { recursive: true }).filter((file) => /\.(tsx?|json)$/.test(file));
  for (const file of files.sort()) hash.update(`${file}\0`).update(readFileSync(at(`src/${file}`)));
  return hash.digest("hex").slice(0, 16);
}

export default [
  {
    ...base,
    name: "console",
    entry: at("src/index.tsx"),
    output: {
      path: at("../dist/webapp"),
      filename: "main.js",
      // Set by src/host/public-path.ts: the site may have a sub-path.
      publicPath: "",
      // The hash lets a page from before an upgrade request a missing file instead of one with other contents.
      chunkFilename: "web/[name].[contenthash:16].js",
      chunkLoadingGlobal: `missionCollaboration_${nameOfSources()}`,
      clean: { keep: /^tab\// },
    },
    module: {
      rules: [
        ...base.module.rules,
        {
          test: /[\\/](words|strings)[\\/](de|es|fr|ja|ar)\.json$/,
          type: "javascript/auto",
          loader: at("words-loader.mjs"),
        },
      ],
    },
    optimization: { splitChunks: { minSize: 3_000 } },
    externals: {
      react: "React",
      "react-dom": "ReactDOM",
      "react-redux": "ReactRedux",
      redux: "Redux",
      "react-intl": "ReactIntl",
      luxon: "Luxon",
    },
  },
  {
    ...base,
    name: "tab",
    entry: { tab: at("src/tab/main.tsx") },
    output: { path: at("../dist/webapp/tab"), filename: "[name].[contenthash:16].js", clean: true },
    plugins: [
      new webpack.NormalModuleReplacementPlugin(/\/validOrigins\.js$/, at("src/tab/host-origins.ts")),
      new PageParts(),
    ],
  },
];
