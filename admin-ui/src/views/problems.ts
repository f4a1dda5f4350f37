/** What is wrong with a declaration, where, and what it names. `key` is a text of the namespace `views`, below `problem`. */
export interface ViewProblem {
  path: string;
  key:
    | 'object'
    | 'list'
    | 'text'
    | 'number'
    | 'flag'
    | 'field'
    | 'oneOf'
    | 'value'
    | 'boolean'
    | 'numeric'
    | 'span'
    | 'deep'
    | 'many'
    | 'unknownKey'
    | 'missing'
    | 'unknownType'
    | 'unknownField'
    | 'wrongKind'
    | 'twice'
    | 'onlyOne'
    | 'columnsMissing'
    | 'sumByStage'
    | 'sort';
  params?: Record<string, string | number>;
}

/** Gathers all that is wrong, so that whoever wrote it sees it at once. */
export class ProblemCollector {
  readonly list: ViewProblem[] = [];

  /** Notes one; answers nothing, for `return problems.add(…)`. */
  add(path: string, key: ViewProblem['key'], params?: ViewProblem['params']): undefined {
    this.list.push({ path, key, ...(params ? { params } : {}) });
    return undefined;
  }

  /** A word that is not known is a slip of the pen, and whatever was meant by it would not happen. */
  onlyKeys(input: Record<string, unknown>, path: string, known: readonly string[]): void {
    for (const key of Object.keys(input)) {
      if (!known.includes(key)) this.add(path ? `${path}.${key}` : key, 'unknownKey', { known: known.join(', ') });
    }
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
