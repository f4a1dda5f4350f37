import type { ContentType } from './model';

/** What a plugin's id says to people: `knowledge-base` → `Knowledge base`. */
function pluginOf(uid: string): string | undefined {
  const id = /^plugin::([^.]+)\./.exec(uid)?.[1];
  return id && id.charAt(0).toUpperCase() + id.slice(1).replaceAll('-', ' ');
}

/**
 * Types with names that nobody confuses: where several are called alike, those of plugins name their plugin, and of the
 * project's own, if there are several, each its API ID.
 */
export function tellTypesApart(types: readonly ContentType[]): ContentType[] {
  return types.map((type) => {
    const { displayName, displayNamePlural, singularName } = type.info;
    const others = types.filter((other) => other !== type && other.info.displayName === displayName);
    const plugin = pluginOf(type.uid);
    const origin = plugin ?? (others.some(({ uid }) => !pluginOf(uid)) ? singularName : undefined);
    if (others.length === 0 || !origin) return type;
    const named = (name: string) => `${name} (${origin})`;
    return {
      ...type,
      info: {
        ...type.info,
        displayName: named(displayName),
        ...(displayNamePlural && { displayNamePlural: named(displayNamePlural) }),
      },
    };
  });
}
