/** What a clipboard, or what is dropped, holds. It can be read during its event only. */
export interface Clip {
  html: string;
  text: string;
  rtf: string;
  files: File[];
  /** The language of what was copied from a code editor. */
  codeLanguage: string | null;
  /** To be pasted without how it looks. */
  plain: boolean;
}

export function readClip(data: DataTransfer, plain = false): Clip {
  return {
    html: plain ? '' : data.getData('text/html'),
    text: data.getData('text/plain'),
    rtf: plain ? '' : data.getData('text/rtf'),
    files: plain ? [] : [...data.files],
    codeLanguage: plain ? null : codeLanguage(data.getData('vscode-editor-data')),
    plain,
  };
}

function codeLanguage(data: string): string | null {
  if (data === '') return null;
  try {
    const { mode } = JSON.parse(data) as { mode?: unknown };
    return typeof mode === 'string' ? mode : null;
  } catch {
    return null;
  }
}

/** Whether the next paste is to be plain: `Ctrl Shift V` is pressed. Browsers tell by what they leave out, not by the event. */
export class PlainPasteKey {
  #shift = false;

  keydown = (event: { key: string; shiftKey: boolean; ctrlKey: boolean; metaKey: boolean }): void => {
    this.#shift = event.shiftKey && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'v';
  };

  /** Whether it was; it is asked for once. */
  take(): boolean {
    const pressed = this.#shift;
    this.#shift = false;
    return pressed;
  }
}
