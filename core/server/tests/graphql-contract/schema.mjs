// A schema as text: each type in the schema definition language, members in the order of their names, without descriptions.

const type = 'kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } }';
const value = `name defaultValue type { ${type} }`;
export const introspectionQuery = `{ __schema { queryType { name } mutationType { name } types {
  kind name possibleTypes { name } enumValues { name } inputFields { ${value} }
  fields { name args { ${value} } type { ${type} } } } } }`;

/** The text of each type by its name, in the order of the names. */
export function printSchema({ types }) {
  const named = types.filter(({ name }) => !name.startsWith('__')).sort(byName);
  return new Map(named.map((one) => [one.name, printType(one)]));
}

/** The same from a text that was written. */
export function parseSchema(text) {
  return new Map(text.trim().split('\n\n').map((block) => [/^\w+ (\w+)/.exec(block)[1], block]));
}

/** Differences by type: `schema:Book`, with the members that only one of both has. */
export function compareSchemas(want, got) {
  const names = [...new Set([...want.keys(), ...got.keys()])].sort();
  return names.map((name) => {
    const [wanted, found] = [members(want.get(name)), members(got.get(name))];
    const different = [...new Set([...wanted.keys(), ...found.keys()])].filter((key) => wanted.get(key) !== found.get(key));
    return [`schema:${name}`, different.map((at) => ({ at, want: wanted.get(at) ?? 'nothing', got: found.get(at) ?? 'nothing' }))];
  });
}

/** The lines of a type by what they are about: the name of the member, or of the type itself. */
function members(block) {
  if (block === undefined) return new Map([['type', 'nothing']]);
  const [head, ...lines] = block.split('\n');
  const found = new Map([['type', head.replace(/ \{$/, '').replace(/ =.*/, '')]]);
  for (const member of /= (.*)/.exec(head)?.[1].split(' | ') ?? []) found.set(member, member);
  for (const line of lines.filter((text) => text !== '}')) found.set(/\w+/.exec(line)[0], line.trim());
  return found;
}

const byName = (a, b) => (a.name < b.name ? -1 : 1);

function printType({ kind, name, fields, inputFields, enumValues, possibleTypes }) {
  const block = (word, lines) => `${word} ${name} {\n${lines.map((line) => `  ${line}\n`).join('')}}`;
  switch (kind) {
    case 'OBJECT':
      return block('type', fields.sort(byName).map(printField));
    case 'INPUT_OBJECT':
      return block('input', inputFields.sort(byName).map(printValue));
    case 'ENUM':
      return block('enum', enumValues.sort(byName).map((one) => one.name));
    case 'UNION':
      return `union ${name} = ${possibleTypes.map((one) => one.name).sort().join(' | ')}`;
    default:
      return `${kind.toLowerCase()} ${name}`;
  }
}

function printField({ name, args, type: of }) {
  const printed = args.sort(byName).map(printValue).join(', ');
  return `${name}${printed && `(${printed})`}: ${printReference(of)}`;
}

function printValue({ name, type: of, defaultValue }) {
  return `${name}: ${printReference(of)}${defaultValue === null ? '' : ` = ${defaultValue}`}`;
}

function printReference({ kind, name, ofType }) {
  if (kind === 'NON_NULL') return `${printReference(ofType)}!`;
  if (kind === 'LIST') return `[${printReference(ofType)}]`;
  return name;
}
