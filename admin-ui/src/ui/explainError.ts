import type { TFunction } from 'i18next';

/** An error in the reader's words. */
export interface ErrorExplanation {
  /** What happened. */
  title: string;
  /** What to do. */
  hint: string;
  /** The server's own sentence, where it says more. */
  detail?: string;
  reference?: string;
  offline: boolean;
}

/** What an error of the server looks like (`ApiError`), without knowing its class. */
interface ServerError {
  status: number;
  name: string;
  message: string;
  reference?: string;
  retryAfter?: number;
  missingRight?: string;
  details?: Readonly<Record<string, unknown>>;
}

/** By the server's name for it; the other names share their status. */
const BY_STATUS: Record<number, string> = {
  400: 'invalid',
  401: 'signedOut',
  403: 'forbidden',
  404: 'notFound',
  409: 'conflict',
  410: 'gone',
  412: 'conflict',
  413: 'tooLarge',
  415: 'invalid',
  422: 'invalid',
  429: 'tooMany',
  503: 'unavailable',
};

/** Of these the server's sentence says what is wrong; of the others it says nothing more. */
const NAMES_WITH_DETAIL = ['invalid', 'conflict', 'tooLarge', 'gone'];

/** Puts an error into words. `t` is that of the namespace `common`. */
export function explainError(error: unknown, t: TFunction<'common'>): ErrorExplanation {
  if (error instanceof Error && error.name === 'OfflineError') {
    return { title: t('error.offline.title'), hint: t('error.offline.hint'), offline: true };
  }
  if (!isRefusal(error)) {
    return { title: t('error.unknown.title'), hint: t('error.unknown.hint'), offline: false };
  }
  if (error.details?.code === 'plugin_not_running') {
    const paused = error.details.cause === 'paused';
    const plugin = String(error.details.plugin);
    return {
      title: t(paused ? 'error.pluginOff.pausedTitle' : 'error.pluginOff.title'),
      hint: paused
        ? t('error.pluginOff.paused', { plugin, count: error.retryAfter ?? 10 })
        : t('error.pluginOff.hint', { plugin }),
      reference: error.reference,
      offline: false,
    };
  }
  const kind = BY_STATUS[error.status] ?? (error.status >= 500 ? 'server' : 'unknown');
  return {
    title: t(`error.${kind}.title`),
    hint:
      kind === 'forbidden' && error.missingRight
        ? t('error.forbidden.right', { right: error.missingRight })
        : t(`error.${kind}.hint`, { count: error.retryAfter ?? 0 }),
    detail: NAMES_WITH_DETAIL.includes(kind) && error.message ? error.message : undefined,
    reference: error.reference,
    offline: false,
  };
}

/** An error in a sentence or two, for where there is no room for more. `t` is that of the namespace `common`. */
export function describeError(error: unknown, t: TFunction<'common'>): string {
  const { title, hint, detail } = explainError(error, t);
  return `${title}. ${detail ?? hint}`;
}

function isRefusal(error: unknown): error is ServerError {
  return error instanceof Error && 'status' in error && typeof error.status === 'number';
}
