import { Code } from '@mantine/core';

/** JSON, or a text that may be JSON, to be read. */
export function JsonBlock({ value, label }: { value: unknown; label: string }) {
  return (
    // What scrolls has to be reached by the keyboard.
    <Code
      block
      tabIndex={0}
      role="region"
      aria-label={label}
      mah={360}
      style={{ overflow: 'auto', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}
    >
      {formatJson(value)}
    </Code>
  );
}

function formatJson(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value, null, 2) ?? '';
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    return value;
  }
}
