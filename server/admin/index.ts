export { type AdminBindings, type AdminPorts, adminRoutes } from "./routes.ts";
