export { MAX_JSON_BYTES, readBytes, readJson, readShape, readUpload } from "./body.ts";
export { type Declared, routesOnDemand } from "./on-demand.ts";
export { createRouter, type Router, type RouterPorts } from "./router.ts";
export {
  ADMIN_PATH,
  type Audience,
  type Env,
  type Handler,
  type Method,
  type Route,
  Routes,
} from "./routes.ts";
