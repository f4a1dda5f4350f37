// A plugin that behaves: each function does one thing, told by its name in `plugin.toml`.

export { hooks } from "./hooks.js";
export { jobs } from "./jobs.js";
export { routes } from "./routes.js";
export { subscriptions } from "./subscriptions.js";
