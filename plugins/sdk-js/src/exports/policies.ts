// Saying which documents an actor may see.

import type { Call as RawCall } from "cairn:plugin/types@0.1.0";
import { type Call, callOf } from "../call.js";
import { list, maybeJson, millis, text, texts } from "../lower.js";
import { settled } from "../settled.js";
import { answering } from "./guard.js";

interface RawPolicy {
  filters: string | null;
  cacheKey: string;
  validFor: number;
  dependsOn: string[];
}

/** What may be seen of a content type. */
export interface Policy {
  /** A filter of the REST API; none for no further limit. */
  filters?: object;
  /** Actors with equal keys may share answers. */
  cacheKey: string;
  /** How many milliseconds the answer for this actor is remembered. */
  validFor: number;
  /** `policies.invalidate` with one of these drops it at once. */
  dependsOn?: string[];
}

/** Says it for each content type asked, in their order. Where it throws, the host shows nothing of these types. */
export type ReadPolicy = (contentTypes: string[], call: Call) => Policy[];

/** The interface as the component exports it. */
export function policyExport(policy: ReadPolicy): { evaluate(call: RawCall, contentTypes: string[]): RawPolicy[] } {
  return {
    evaluate: (call, contentTypes) =>
      answering(() => {
        const policies = list(settled(policy(contentTypes, callOf(call)), "policy"), "policy", lowered);
        if (policies.length !== contentTypes.length) {
          throw new TypeError(`\`policy\` gave ${policies.length} answers for ${contentTypes.length} content types`);
        }
        return policies;
      }),
  };
}

function lowered(policy: Policy, where: string): RawPolicy {
  return {
    filters: maybeJson(policy?.filters, `${where}.filters`),
    cacheKey: text(policy?.cacheKey, `${where}.cacheKey`),
    validFor: millis(policy.validFor, `${where}.validFor`),
    dependsOn: texts(policy.dependsOn, `${where}.dependsOn`),
  };
}
