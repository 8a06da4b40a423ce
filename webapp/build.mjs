// Runs webpack through its own API, under Node: that is where its loaders are tested by their makers.
import webpack from "webpack";
import configuration from "./webpack.config.mjs";

webpack(configuration, (error, stats) => {
  if (error) throw error;
  if (stats.hasErrors() || stats.hasWarnings()) {
    process.stderr.write(`${stats.toString({ preset: "errors-warnings", colors: false })}\n`);
    process.exitCode = stats.hasErrors() ? 1 : 0;
  }
});
