/** More special names first: Edge calls itself Chrome as well, and Chrome Safari. */
const BROWSERS: [RegExp, string][] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];

const SYSTEMS: [RegExp, string][] = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
];

/** What a browser is, by what it calls itself: `Firefox, Linux`. `undefined` for what is none. */
export function browserOf(agent: string | null): string | undefined {
  if (!agent) return undefined;
  const named = (list: [RegExp, string][]): string | undefined => list.find(([pattern]) => pattern.test(agent))?.[1];
  const parts = [named(BROWSERS), named(SYSTEMS)].filter(Boolean);
  return parts.length > 0 ? parts.join(', ') : agent.slice(0, 60);
}
