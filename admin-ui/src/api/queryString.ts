/** Values of a query string, nested as Strapi's query language nests them. */
export type QueryValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly QueryValue[]
  | { readonly [key: string]: QueryValue };

/** `{filters: {title: {$eq: 'x'}}, sort: ['a']}` becomes `filters[title][$eq]=x&sort[0]=a`. What is undefined is left out. */
export function queryString(values: { readonly [key: string]: QueryValue }): string {
  const pairs: string[] = [];
  const add = (name: string, value: QueryValue): void => {
    if (value === undefined) return;
    if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) add(`${name}[${key}]`, inner as QueryValue);
      return;
    }
    // Brackets and dollars may stand as they are, and the address stays readable.
    const readable = encodeURIComponent(name).replace(/%(5B|5D|24)/g, (code) => decodeURIComponent(code));
    pairs.push(`${readable}=${value === null ? '' : encodeURIComponent(String(value))}`);
  };
  for (const [name, value] of Object.entries(values)) add(name, value);
  return pairs.join('&');
}
