/**
 * The address of the chunks: the server serves the bundle's public folder itself. Imported before everything else.
 */

// biome-ignore lint/style/useConst: webpack's own variable, which it reads when it loads a chunk.
declare let __webpack_public_path__: string;

__webpack_public_path__ = `${(window as { basename?: string }).basename ?? ""}/plugins/mission-collaboration/public/`;
