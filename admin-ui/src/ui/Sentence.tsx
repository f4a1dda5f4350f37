import { Code, Text } from '@mantine/core';

/** A sentence of the server; names and code in it stand between backticks. A backtick without another is a character like any. */
export function Sentence({ text, inline = false }: { text: string; inline?: boolean }) {
  const parts = text.split(/`([^`]+)`/).map((part, index) =>
    // oxlint-disable-next-line react/no-array-index-key -- the same name may stand twice
    index % 2 === 1 ? <Code key={`${index} ${part}`}>{part}</Code> : part,
  );
  return inline ? <span>{parts}</span> : <Text size="sm">{parts}</Text>;
}
