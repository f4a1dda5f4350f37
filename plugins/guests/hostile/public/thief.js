// What a public page must not come to. Each attempt says its name if it came to something; the address after `#` is another site's.
(async () => {
  const elsewhere = location.hash.slice(1);
  const worked = [];
  const attempt = async (name, what) => {
    try {
      const value = await Promise.race([what(), new Promise((done) => setTimeout(done, 2000))]);
      if (value !== undefined && value !== null && value !== false) worked.push(name);
    } catch {}
  };
  const loaded = (element, start) => () => new Promise((done, no) => {
    const made = document.createElement(element);
    made.onload = () => done(1);
    made.onerror = no;
    start(made);
    document.body.append(made);
  });
  const read = (path, options) => async () => {
    const answer = await fetch(path, options);
    return answer.ok || answer.type === 'opaque' ? answer.text().then(() => 1) : undefined;
  };
  const blind = (path) => read(path, { method: 'POST', mode: 'no-cors', credentials: 'include', body: '{}' });
  // This is the plugin's own: that it works shows that the others fail for a reason.
  await attempt('own route', read('/api/hostile/told', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' }));
  await attempt('own file', read('/plugins/hostile/1.0.0/worker.js'));
  await attempt('own module', loaded('script', (made) => { made.type = 'module'; made.src = '/plugins/hostile/1.0.0/worker.js'; }));
  await attempt('own picture', loaded('img', (made) => { made.src = '/plugins/hostile/1.0.0/dot.svg'; }));
  // Of its own, those that it does not open to pages.
  await attempt('closed route', read('/api/hostile/any/kv', { method: 'POST' }));
  await attempt('credentials', read('/api/hostile/told', { method: 'POST', credentials: 'include' }));
  await attempt('token', read('/api/hostile/told', { method: 'POST', headers: { Authorization: 'Bearer x' } }));
  // This browser, and the admin.
  await attempt('origin', async () => self.origin !== 'null');
  await attempt('cookie', async () => document.cookie || undefined);
  await attempt('storage', async () => localStorage);
  await attempt('database', () => new Promise((done, no) => { const asked = indexedDB.open('x'); asked.onsuccess = () => done(1); asked.onerror = no; }));
  await attempt('session', read('/admin/api/session', { credentials: 'include' }));
  await attempt('blind admin', blind('/admin/api/users'));
  await attempt('admin picture', loaded('img', (made) => { made.src = '/admin/api/session'; }));
  await attempt('admin script', loaded('script', (made) => { made.src = '/admin/api/session'; }));
  // Other plugins, and content.
  await attempt('plugin', read('/api/teller/ask', { method: 'POST' }));
  await attempt('blind plugin', blind('/api/teller/ask'));
  await attempt('plugin file', read('/plugins/teller/1.0.0/note.txt'));
  await attempt('plugin script', loaded('script', (made) => { made.src = '/plugins/teller/1.0.0/note.txt'; }));
  await attempt('plugin style', loaded('link', (made) => { made.rel = 'stylesheet'; made.href = '/plugins/teller/1.0.0/note.txt'; }));
  await attempt('content', read('/api/articles'));
  // By redirects of its own.
  await attempt('redirect to the admin', read('/api/hostile/hop/redirect'));
  await attempt('redirected picture', loaded('img', (made) => { made.src = '/api/hostile/hop/redirect-plugin'; }));
  await attempt('redirect to a plugin', read('/api/hostile/hop/redirect-plugin'));
  await attempt('redirect to content', read('/api/hostile/hop/redirect-content'));
  // Other sites.
  await attempt('fetch', read(`${elsewhere}/fetch`, { mode: 'no-cors' }));
  await attempt('picture', loaded('img', (made) => { made.src = `${elsewhere}/picture`; }));
  await attempt('script', loaded('script', (made) => { made.src = `${elsewhere}/script`; }));
  await attempt('module', async () => import(`${elsewhere}/module`));
  await attempt('style', loaded('link', (made) => { made.rel = 'stylesheet'; made.href = `${elsewhere}/style`; }));
  await attempt('prefetch', loaded('link', (made) => { made.rel = 'prefetch'; made.href = `${elsewhere}/prefetch`; }));
  await attempt('film', loaded('video', (made) => { made.src = `${elsewhere}/film`; }));
  await attempt('socket', () => new Promise((done, no) => { const socket = new WebSocket(`${elsewhere.replace('http', 'ws')}/socket`); socket.onopen = () => done(1); socket.onerror = no; }));
  await attempt('stream', () => new Promise((done, no) => { const stream = new EventSource(`${elsewhere}/stream`); stream.onopen = () => done(1); stream.onerror = no; }));
  // It says that it will, whatever becomes of it: the other site knows.
  navigator.sendBeacon(`${elsewhere}/beacon`);
  // Frames, windows and workers.
  for (const [name, address] of [['frame', `${elsewhere}/frame`], ['own frame', '/api/hostile/page/thief'], ['admin frame', '/admin/']]) {
    await attempt(name, () => new Promise((done) => {
      const frame = document.createElement('iframe');
      frame.onload = () => { try { done(frame.contentDocument?.body?.innerHTML || undefined); } catch { done(undefined); } };
      frame.src = address;
      document.body.append(frame);
    }));
  }
  await attempt('window', async () => window.open(`${elsewhere}/window`));
  await attempt('worker', () => new Promise((done) => { const worker = new Worker('/plugins/hostile/1.0.0/worker.js'); worker.onerror = () => done(undefined); worker.onmessage = () => done(1); }));
  await attempt('blob worker', () => new Promise((done) => { const worker = new Worker(URL.createObjectURL(new Blob(['postMessage(1)']))); worker.onerror = () => done(undefined); worker.onmessage = () => done(1); }));
  await attempt('service worker', async () => navigator.serviceWorker.register('/plugins/hostile/1.0.0/worker.js'));
  await attempt('eval', async () => (0, eval)('1'));
  // A form is sent by leaving the page, if at all: last, one by one, when what came before has been seen.
  globalThis.sendForm = (action) => {
    const form = document.createElement('form');
    form.method = 'post';
    form.action = action;
    document.body.append(form);
    form.submit();
  };
  document.getElementById('out').textContent = `worked: ${worked.join(', ')}`;
})();
