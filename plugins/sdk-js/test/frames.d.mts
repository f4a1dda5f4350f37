export function kit(): string;
export function inPlugin(
  files: Record<string, string>,
  work: (plugin: {
    build: () => { passed: boolean; output: string };
    write: (name: string, text: string) => void;
    made: () => string[];
    read: (name: string) => string;
    changed: (name: string) => number;
  }) => void,
): void;
