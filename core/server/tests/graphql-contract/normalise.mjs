// Replaces what is another value each time: ids, moments, tokens, names of stored files.

const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const documentId = /\b[a-z][a-z0-9]{23}\b/g;
const times = ['createdAt', 'updatedAt', 'publishedAt'];

export class Normaliser {
  /** `captured`: values by name; a documentId among them is shown by its name. */
  constructor(captured) {
    this.captured = captured;
    this.names = new Map();
  }

  normalise(answer) {
    for (const [name, value] of Object.entries(this.captured)) {
      if (typeof value === 'string' && /^[a-z0-9]{24}$/.test(value) && !this.names.has(value)) this.names.set(value, `<${name}>`);
    }
    // Numbered anew in each answer, so that one difference does not lead to others.
    this.found = new Map();
    return this.walk(answer, '');
  }

  walk(value, key) {
    if (Array.isArray(value)) return value.map((item) => this.walk(item, key));
    if (value !== null && typeof value === 'object') {
      // Images are encoded again, so their size says which encoder there is.
      const isImage = String(value.mime ?? '').startsWith('image/') || 'formats' in value;
      const entries = Object.entries(value).map(([name, member]) => {
        if ((isImage || key === 'formats') && (name === 'size' || name === 'sizeInBytes')) return [name, '<size>'];
        return [name, this.walk(member, name)];
      });
      return Object.fromEntries(entries);
    }
    if (key === 'id' && /^\d+$/.test(String(value))) return typeof value === 'number' ? '<number>' : '<id>';
    if (typeof value !== 'string') return value;
    if (times.includes(key) && moment.test(value)) return '<time>';
    if (key === 'jwt') return '<jwt>';
    if (/^\$2[aby]\$\d\d\$/.test(value)) return '<hash of a password>';
    if (key === 'refreshToken') return '<refreshToken>';
    if (key === 'hash') return value.replace(/^(?:(thumbnail|small|medium|large)_)?.*$/, (_, size) => (size ? `${size}_<hash>` : '<hash>'));
    if (key === 'url') return value.replace(/^(?:https?:\/\/[^/]+)?\/uploads\/(?:(thumbnail|small|medium|large)_)?[^/]*?(\.[a-z0-9]+)?$/, (_, size, end) => `/uploads/${size ? `${size}_` : ''}<hash>${end ?? ''}`);
    return value.replace(documentId, (id) => this.name(id));
  }

  name(id) {
    if (this.names.has(id)) return this.names.get(id);
    if (!/\d/.test(id)) return id;
    if (!this.found.has(id)) this.found.set(id, `<document ${this.found.size + 1}>`);
    return this.found.get(id);
  }
}
