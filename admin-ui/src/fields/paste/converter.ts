/** Loads what reads clipboards. */
export const loadConverter = () => import('./convert');

/** Fetches it when somebody begins to write. Where that fails, pasting asks for it again, and says so. */
export const prepareConverter = (): void => void loadConverter().catch(() => undefined);
