/** The result of a command: its exit was 0, and everything that it wrote. */
export interface Ran {
  passed: boolean;
  output: string;
}

export function buildPlugin(files: Record<string, string>, environment?: Record<string, string>): Ran;
export function lineTable(
  map: { mappings: string; sources: string[] },
  bundle: string,
  nameOf: (source: string) => string,
): { modules: string[]; runs: string };
export function inModules(stack: string, table: { modules: string[]; runs: string }): string;
