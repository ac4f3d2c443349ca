/* What waits on a tablet of a test point (测评点平板) until the server has it: sealed to the server before it is written, so
   that nobody at the tablet can read it, under a digest of the code, erased when acknowledged. A power cut loses none of it.
   Where the browser cannot seal (plain http) or keep, nothing is written. Sent in one file with point.js. ES2017. */
(function () {
  'use strict';
  const page = window.pingyi, NAME = 'pingyi-point', STORE = 'sheets', CURVE = { name: 'ECDH', namedCurve: 'P-256' };
  const subtle = window.crypto && crypto.subtle, utf8 = (text) => new TextEncoder().encode(text);
  let opened = null;

  const done = (asked) => new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  function base() {
    if (opened) return opened;
    const opening = indexedDB.open(NAME, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: 'key' });
    opened = done(opening);
    opened.catch(() => { opened = null; });
    return opened;
  }
  async function change(work) { // there when it resolves: on the disk, where the browser can promise that
    const all = (await base()).transaction(STORE, 'readwrite', { durability: 'strict' });
    work(all.objectStore(STORE));
    await new Promise((resolve, reject) => {
      all.oncomplete = resolve;
      all.onabort = () => reject(all.error);
    });
  }

  function packed(bytes) {
    let text = '';
    bytes.forEach((byte) => { text += String.fromCharCode(byte); });
    return btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  }
  const unpacked = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0));

  // Our one-time point, the nonce, and the text under AES-256-GCM: only the holder of the other half of `to` opens it.
  async function sealed(to, text) {
    const theirs = await subtle.importKey('raw', unpacked(to), CURVE, false, []);
    const ours = await subtle.generateKey(CURVE, false, ['deriveBits']);
    const point = new Uint8Array(await subtle.exportKey('raw', ours.publicKey)), iv = crypto.getRandomValues(new Uint8Array(12));
    const secret = await subtle.deriveBits({ name: 'ECDH', public: theirs }, ours.privateKey, 256);
    const how = { name: 'HKDF', hash: 'SHA-256', salt: point, info: utf8('pingyi-sheet/1') };
    const key = await subtle.deriveKey(how, await subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']), { name: 'AES-GCM', length: 256 }, false, ['encrypt']);
    const inner = new Uint8Array(await subtle.encrypt({ name: 'AES-GCM', iv }, key, utf8(text)));
    return packed([point, iv, inner].reduce((all, part) => all.concat(Array.from(part)), []));
  }

  page.box = {
    // What is kept of a sheet, or null where nothing can be.
    keep: async function (to, campaign, sheet) {
      if (!subtle || !window.indexedDB || !to) return null;
      try {
        const inside = JSON.stringify({ campaign, sheet });
        const one = { key: page.digest(campaign + ' ' + sheet.code), at: Date.now(), sealed: await sealed(to, inside) };
        await change((sheets) => sheets.put(one));
        return one;
      } catch (refused) { return null; }
    },
    drop: (one) => change((sheets) => sheets.delete(one.key)).catch(() => {}),
    all: async () => {
      if (!window.indexedDB) return [];
      try { return await done((await base()).transaction(STORE).objectStore(STORE).getAll()); } catch (refused) { return []; }
    }
  };
})();
