import { Stack } from '@mantine/core';
import { Properties, SchemaContext } from './SchemaFields';
import type { Schema } from './schema';

type SchemaValues = Record<string, unknown>;

interface Props {
  schema: Schema;
  /** What is said. */
  value: SchemaValues;
  /** What holds where nothing is said. */
  effective?: SchemaValues;
  onChange: (value: SchemaValues) => void;
  /** What is wrong at a path (`a.0.b`) or below it. */
  problemAt?: (path: string) => string | undefined;
  disabled?: boolean;
}

/** The form of a JSON Schema: its properties, one below the other. */
export function SchemaForm({
  schema,
  value,
  effective = {},
  onChange,
  problemAt = () => undefined,
  disabled = false,
}: Props) {
  return (
    <SchemaContext value={{ root: schema, problemAt, disabled }}>
      <Stack gap="md">
        <Properties schema={schema} value={value} effective={effective} onChange={onChange} path="" depth={0} />
      </Stack>
    </SchemaContext>
  );
}
