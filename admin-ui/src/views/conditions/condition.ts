import { isOperator, takesMany, takesNoValue } from '@/fields/shared/operators';
import type { Operator } from '@/fields/types';

/** One sentence of a condition: `category.slug is new`. */
export interface Sentence {
  /** A path through the type. */
  field: string;
  operator: Operator;
  /** As the query language has it; a text that begins with `$` is a variable. */
  value: unknown;
}

/** Sentences that all have to hold, or of which one is enough. */
export interface SentenceGroup {
  combine: 'and' | 'or';
  nodes: readonly ConditionNode[];
}

export type ConditionNode = Sentence | SentenceGroup;

/** Filters of the query language. */
export type Filters = Record<string, unknown>;

export function isGroup(node: ConditionNode): node is SentenceGroup {
  return 'nodes' in node;
}

/** Filters as sentences; `undefined` where they say something that sentences do not, such as `$not`, or what a change of a sentence would lose. */
export function parseCondition(filters: unknown): SentenceGroup | undefined {
  const nodes = parseNodes(filters, []);
  if (!nodes) return undefined;
  const [only] = nodes;
  return nodes.length === 1 && only && isGroup(only) ? only : { combine: 'and', nodes };
}

function parseNodes(filters: unknown, path: readonly string[]): ConditionNode[] | undefined {
  if (typeof filters !== 'object' || filters === null || Array.isArray(filters)) return undefined;
  const nodes: ConditionNode[] = [];
  for (const [key, value] of Object.entries(filters)) {
    if (key === '$and' || key === '$or') {
      if (!Array.isArray(value)) return undefined;
      const inner = value.map((one) => parseNodes(one, path));
      if (inner.length === 0 || !inner.every((one) => one !== undefined) || inner.some((one) => one.length === 0))
        return undefined;
      nodes.push({
        combine: key === '$and' ? 'and' : 'or',
        // Several sentences in one object belong together.
        nodes: inner.flatMap((one): ConditionNode[] =>
          one.length > 1 && key === '$or' ? [{ combine: 'and', nodes: one }] : one,
        ),
      });
    } else if (key.startsWith('$')) {
      const sentence = isOperator(key) ? parseSentence(path, key, value) : undefined;
      if (!sentence) return undefined;
      nodes.push(sentence);
    } else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      const inner = parseNodes(value, [...path, key]);
      if (!inner || inner.length === 0) return undefined;
      nodes.push(...inner);
    } else {
      // `{slug: 'x'}` is short for `$eq`.
      const sentence = parseSentence([...path, key], '$eq', value);
      if (!sentence) return undefined;
      nodes.push(sentence);
    }
  }
  return nodes;
}

/** A sentence; `undefined` where it has no input for such a value: `null`, a list where its operator takes none, nothing at all. */
function parseSentence(path: readonly string[], operator: Operator, value: unknown): Sentence | undefined {
  const sentence = { field: path.join('.'), operator, value };
  if (!isFinished(sentence)) return undefined;
  if (takesNoValue(operator)) return value === true || value === 'true' ? sentence : undefined;
  if (takesMany(operator) !== Array.isArray(value)) return undefined;
  const values = Array.isArray(value) ? (value as unknown[]) : [value];
  return values.every((one) => typeof one !== 'object') ? sentence : undefined;
}

/** Sentences as filters; `undefined` where they say nothing. Unfinished sentences are left out. */
export function writeCondition(node: ConditionNode): Filters | undefined {
  if (!isGroup(node)) {
    return isFinished(node)
      ? node.field
          .split('.')
          .reduceRight<Filters>((inner, name) => ({ [name]: inner }), { [node.operator]: node.value })
      : undefined;
  }
  const written = node.nodes.map(writeCondition).filter((one) => one !== undefined);
  if (written.length <= 1) return written[0];
  return { [node.combine === 'and' ? '$and' : '$or']: written };
}

/** Whether a sentence says enough. */
export function isFinished({ field, value }: Sentence): boolean {
  if (!field) return false;
  if (Array.isArray(value)) return value.length > 0;
  return value !== '' && value !== undefined && value !== null;
}

/** Whether a value is taken from who asks, or when. */
export function isVariable(value: unknown): value is string {
  return typeof value === 'string' && /^\$(user\.|now$)/.test(value);
}

/** How many sentences there are. */
export function countSentences(node: ConditionNode): number {
  return isGroup(node) ? node.nodes.reduce((sum, one) => sum + countSentences(one), 0) : 1;
}
