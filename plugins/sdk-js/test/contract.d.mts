export function contract(): Record<string, string[]>;
export function declared(): Record<string, string[]>;
