/** Loads the blocks that are fetched late, so that a test does not wait for the transformation of their modules. */
export async function loadBlocks(): Promise<void> {
  const modules = [import.meta.glob('./blocks/*.tsx'), import.meta.glob('../../../views/*/*View.tsx')];
  await Promise.all(modules.flatMap((group) => Object.values(group).map((load) => load())));
}
