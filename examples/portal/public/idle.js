// Warns before the session ends, and prolongs it at the press of a button. WCAG 2.2.1: nobody is signed out without a warning.
const dialog = document.getElementById('idle');
const button = dialog.querySelector('button');
const text = dialog.querySelector('p');
const idleMillis = Number(dialog.dataset.seconds) * 1000;
/** Five minutes, or a third of a short time. */
const noticeMillis = Math.min(5 * 60_000, idleMillis / 3);
let seenAt = Date.now();

function check() {
  const idle = Date.now() - seenAt;
  if (idle >= idleMillis) {
    text.textContent = dialog.dataset.over;
    button.hidden = true;
    open();
  } else if (idle >= idleMillis - noticeMillis) {
    open();
  }
}

function open() {
  if (!dialog.open) dialog.showModal();
}

button.addEventListener('click', async () => {
  const body = new URLSearchParams({ token: dialog.dataset.token });
  const answer = await fetch('/session', { method: 'POST', body, redirect: 'manual' }).catch(() => undefined);
  if (answer?.status !== 204) return;
  seenAt = Date.now();
  dialog.close();
});

// A machine that slept wakes up with timers that are late: the clock counts, not they.
setInterval(check, 1000);
