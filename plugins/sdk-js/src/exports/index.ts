// What the generated entry of a component is made with; not for use by plugins.

export { subscriptionsExport } from "./events.js";
export { expect } from "./guard.js";
export { hooksExport } from "./hooks.js";
export { batchJobsExport, jobsExport } from "./jobs.js";
export { lifecycleExport } from "./lifecycle.js";
export { policyExport } from "./policies.js";
export { privacyExport } from "./privacy.js";
export { routesExport } from "./routes.js";
export { viewsExport } from "./views.js";
