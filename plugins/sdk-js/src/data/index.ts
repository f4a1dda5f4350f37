// Documents: of the plugin's own types and of those granted to it, in the language of the REST API.
//
// Calls use the plugin's rights, which are its grants, unless they say `asCaller`: then they are cut down to what the actor of the
// call may do. Hooks, event handlers and lifecycle steps are in a transaction already; elsewhere `transaction` opens one.

export { Batch, type Written, batch, create, remove, update, upsert } from "./batch.js";
export { Find, type Group, type GroupMeasure, type Page, describe, find, get, getMany } from "./find.js";
export { type NewDocument, createWithIds } from "./new-documents.js";
export type { Fields, Row } from "./row.js";
export { Scan } from "./scan.js";
export { transaction } from "./transaction.js";
