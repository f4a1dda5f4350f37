(() => {
  const form = document.getElementById('sign-form');
  if (!form) return;
  const canvas = document.getElementById('drawing');
  const pad = document.getElementById('pad');
  const kept = form.elements.namedItem('signature');
  const typed = form.elements.namedItem('typed');
  const preview = document.getElementById('preview');
  const ink = canvas.getContext('2d');
  let hasInk = false;
  let last = null;
  pad.hidden = false;
  document.getElementById('type-only').hidden = true;
  document.getElementById('type-or').hidden = false;
  ink.lineWidth = 5;
  ink.lineCap = 'round';
  ink.lineJoin = 'round';
  ink.strokeStyle = '#0b1f4d';
  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    return { x: ((event.clientX - box.left) / box.width) * canvas.width, y: ((event.clientY - box.top) / box.height) * canvas.height };
  };
  const draw = (to) => {
    const middle = { x: (last.x + to.x) / 2, y: (last.y + to.y) / 2 };
    ink.beginPath();
    ink.moveTo(last.from.x, last.from.y);
    ink.quadraticCurveTo(last.x, last.y, middle.x, middle.y);
    ink.stroke();
    last = { ...to, from: middle };
    hasInk = true;
  };
  canvas.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    const at = point(event);
    last = { ...at, from: at };
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!last) return;
    const moves = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
    for (const move of moves.length ? moves : [event]) draw(point(move));
  });
  const lift = () => { last = null; };
  canvas.addEventListener('pointerup', lift);
  canvas.addEventListener('pointercancel', lift);
  document.getElementById('clear').addEventListener('click', () => {
    ink.clearRect(0, 0, canvas.width, canvas.height);
    hasInk = false;
    kept.value = '';
  });
  if (kept.value.startsWith('data:image/png;base64,')) {
    const before = new Image();
    before.addEventListener('load', () => { ink.drawImage(before, 0, 0); hasInk = true; });
    before.src = kept.value;
  }
  const show = () => { preview.textContent = typed.value; };
  typed.addEventListener('input', show);
  show();
  form.addEventListener('submit', () => {
    kept.value = hasInk ? canvas.toDataURL('image/png') : '';
    setTimeout(() => { form.querySelector('button[type=submit]').disabled = true; });
  });
})();
