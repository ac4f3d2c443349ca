/* An inspector's record (明查暗访): the file's SHA-256 is worked out on this device before it is sent, and what cannot be
   sent waits in this browser until it can. Every record has an id of its own, so that sending twice is one record.
   By hand, ES2017, for Safari 13 and Chrome 74 upward; without it the form is sent as it is. */
(function () {
  'use strict';
  const form = document.getElementById('inspect'), queue = document.getElementById('queue');
  if (!form || !queue || !window.indexedDB || !window.fetch) return;
  const NAME = 'pingyi-inspect', STORE = 'records';
  let sending = false;

  const done = (asked) => new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  async function store(mode) {
    const opening = indexedDB.open(NAME, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: 'id' });
    return (await done(opening)).transaction(STORE, mode).objectStore(STORE);
  }
  const hex = (bytes) => Array.from(new Uint8Array(bytes), (v) => (v + 256).toString(16).slice(1)).join('');
  const readBytes = (file) => new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsArrayBuffer(file);
  });
  const day = (time) => {
    const at = new Date(time), two = (v) => String(v).padStart(2, '0');
    return at.getFullYear() + '-' + two(at.getMonth() + 1) + '-' + two(at.getDate());
  };

  // A random id (version 4): the next record must not take the place of one that waits.
  function fresh() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = bytes[6] & 15 | 64;
    bytes[8] = bytes[8] & 63 | 128;
    return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }

  async function recorded() {
    const one = { fields: {} };
    for (const field of Array.from(form.elements)) if (field.name && field.type !== 'file') one.fields[field.name] = field.value;
    one.id = one.fields.id;
    const file = form.elements.namedItem('file').files[0];
    if (file) {
      one.bytes = await readBytes(file);
      one.name = file.name;
      one.type = file.type;
      one.fields.taken_on = day(file.lastModified);
      if (window.crypto && crypto.subtle) one.fields.sha256 = hex(await crypto.subtle.digest('SHA-256', one.bytes));
    }
    return one;
  }
  // True: it is there; false: it was refused; an error: it has not arrived.
  async function sent(one) {
    const body = new FormData();
    const token = form.elements.namedItem('csrf').value;
    Object.keys(one.fields).forEach((key) => body.append(key, key === 'csrf' ? token : one.fields[key]));
    if (one.bytes) body.append('file', new Blob([one.bytes], { type: one.type }), one.name);
    const answer = await fetch(form.action, { method: 'POST', body: body, credentials: 'same-origin' });
    if (answer.status >= 500 || answer.status === 401) throw new Error('later');
    return answer.ok;
  }
  async function show(refused) {
    const waiting = (await done((await store('readonly')).getAll())).length;
    queue.textContent = waiting ? queue.dataset.kept.replace('{count}', waiting) : '';
    if (refused) queue.textContent += ' ' + queue.dataset.refused;
  }
  async function empty() {
    if (sending) return;
    sending = true;
    let refused = false;
    try {
      for (const one of await done((await store('readonly')).getAll())) {
        if (await sent(one)) await done((await store('readwrite')).delete(one.id));
        else refused = true;
      }
    } catch (error) { /* offline: they wait */ }
    sending = false;
    await show(refused);
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    recorded().then(async (one) => {
      await done((await store('readwrite')).put(one));
      await empty();
      const left = await done((await store('readonly')).get(one.id));
      if (!left) {
        location.replace(form.action + '&done=1');
        return;
      }
      form.reset();
      form.elements.namedItem('id').value = fresh();
    }).catch(() => form.submit());
  });
  window.addEventListener('online', empty);
  empty();
})();
