/* Checks a receipt here and not on the server: entry, path and root by our own SHA-256, which plain http lacks; the
   signatures by WebCrypto where the browser knows Ed25519. It remembers the ledger's key: another one is believed only
   where an announcement leads from the one to the other. By hand, ES2017, for Safari 13 and Chrome 74 upward. */
(function () {
  'use strict';
  const $ = (id) => document.getElementById(id);
  const form = $('verify'), words = JSON.parse($('verify-words').textContent), log = form.dataset.log;
  const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  let asked = 0;

  // ---- SHA-256 over bytes
  const K = [], H = [];
  for (let n = 2; K.length < 64; n++) {
    let prime = true;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
    if (!prime) continue;
    const part = (v) => ((v - Math.floor(v)) * 4294967296) | 0;
    if (H.length < 8) H.push(part(Math.sqrt(n)));
    K.push(part(Math.cbrt(n)));
  }
  function sha256(bytes) {
    const turn = (v, n) => (v >>> n) | (v << (32 - n));
    const m = new Uint8Array(((bytes.length + 8 >> 6) + 1) * 64), w = [], view = new DataView(m.buffer);
    m.set(bytes);
    m[bytes.length] = 128;
    view.setUint32(m.length - 8, Math.floor(bytes.length / 536870912));
    view.setUint32(m.length - 4, bytes.length * 8);
    let sum = H.slice();
    for (let at = 0; at < m.length; at += 64) {
      let s = sum.slice();
      for (let i = 0; i < 64; i++) {
        const p = w[i - 15], q = w[i - 2], e = s[4], a = s[0];
        w[i] = i < 16 ? view.getInt32(at + 4 * i) : (w[i - 16] + w[i - 7] + (turn(p, 7) ^ turn(p, 18) ^ (p >>> 3)) + (turn(q, 17) ^ turn(q, 19) ^ (q >>> 10))) | 0;
        const x = (s[7] + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & s[5]) ^ (~e & s[6])) + K[i] + w[i]) | 0;
        const y = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]))) | 0;
        s = [(x + y) | 0, a, s[1], s[2], (s[3] + x) | 0, e, s[5], s[6]];
      }
      sum = sum.map((v, i) => (v + s[i]) | 0);
    }
    const out = new DataView(new ArrayBuffer(32));
    sum.forEach((v, i) => out.setInt32(4 * i, v));
    return new Uint8Array(out.buffer);
  }

  // ---- bytes and text
  const hex = (bytes) => Array.from(bytes, (v) => (v + 256).toString(16).slice(1)).join('');
  const unhex = (text) => new Uint8Array((text.match(/../g) || []).map((pair) => parseInt(pair, 16)));
  const unbase64 = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const utf8 = (text) => new TextEncoder().encode(text);
  const joined = (...parts) => Uint8Array.from([].concat(...parts.map((part) => Array.from(part))));
  const same = (a, b) => hex(a) === hex(b);
  const typed = (text) => text.toUpperCase().replace(/[\s\u2010\u2013\u2014-]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0');
  function codeOf(digest) { // the first 60 bits, five by five
    const bits = Array.from(digest.slice(0, 8), (v) => (v + 256).toString(2).slice(1)).join('');
    return Array.from({ length: 12 }, (v, i) => ALPHABET[parseInt(bits.substr(5 * i, 5), 2)]).join('');
  }

  // ---- the tree, as RFC 6962 has it
  function rootFrom(leaf, index, size, proof) {
    let at = index, last = size - 1, running = leaf, used = 0;
    for (; last > 0; at = Math.floor(at / 2), last = Math.floor(last / 2)) {
      const left = at % 2 === 1;
      if (!left && at === last) continue; // no sibling on this level
      if (used === proof.length) return null;
      const sibling = unhex(proof[used++]);
      running = sha256(left ? joined([1], sibling, running) : joined([1], running, sibling));
    }
    return used === proof.length && index < size ? running : null;
  }
  function checkpointOf(note) {
    const cut = note.indexOf('\n\n'), text = note.slice(0, cut + 1), lines = text.split('\n');
    return { text, origin: lines[0], size: Number(lines[1]), root: unbase64(lines[2]), signatures: note.slice(cut + 2).split('\n') };
  }

  // ---- signatures: true, false, or null where this browser cannot tell
  function signedBy(publicKey, text, signature) {
    const subtle = window.crypto && crypto.subtle;
    if (!subtle) return Promise.resolve(null);
    return subtle.importKey('raw', publicKey, { name: 'Ed25519' }, false, ['verify']).then(
      (key) => subtle.verify({ name: 'Ed25519' }, key, signature, utf8(text)),
      () => null
    ).catch(() => null);
  }
  const every = (answers) => Promise.all(answers).then((all) => (all.indexOf(false) >= 0 ? false : all.indexOf(null) >= 0 ? null : true));
  function signatureOf(head, publicKey, name, kind) { // of a key on a head, undefined where there is none
    const prefix = '\u2014 ' + name + ' ', mark = sha256(joined(utf8(name + '\n'), [kind], publicKey)).slice(0, 4);
    const found = head.signatures.filter((one) => one.indexOf(prefix) === 0).map((one) => unbase64(one.slice(prefix.length)));
    const whole = found.find((one) => same(one.slice(0, 4), mark));
    return whole && whole.slice(4);
  }

  // ---- the ledger's keys, oldest first: each change is an entry of the system's log that both keys signed
  const REMEMBERED = 'pingyi-ledger-key';
  const leafOf = (entry) => sha256(joined([0], entry.length > 65535 ? utf8('{"bytes":' + entry.length + ',"sha256":"' + hex(sha256(entry)) + '"}') : entry));
  function demand(met) { if (!met) throw new Error('does not hold'); }
  function keysOf(served) {
    const changes = served.announced.changes, bodies = changes.map((one) => JSON.parse(one.entry));
    const publics = bodies.map((body) => body.old).concat(served.public), ends = [], checks = [];
    if (!bodies.length) return { publics, ends, checks };
    const head = checkpointOf(served.announced.checkpoint), newest = unhex(served.public);
    demand(/\/ledger\/system$/.test(head.origin));
    bodies.forEach((body, at) => {
      demand(body.event === 'ledger:key_changed' && body.log === 'system' && body.no === at + 1 && body.new === publics[at + 1]);
      const root = rootFrom(leafOf(utf8(changes[at].entry)), changes[at].seq, head.size, changes[at].proof), end = {};
      demand(root && same(root, head.root));
      const lines = ['pingyi/ledger-key/v1', body.no, body.old, body.new].concat(body.logs.map((row) => row.join(' ')));
      const text = lines.map((line) => line + '\n').join('');
      checks.push(signedBy(unhex(body.old), text, unbase64(body.signed_old)), signedBy(unhex(body.new), text, unbase64(body.signed_new)));
      body.logs.forEach((row) => { end[row[0]] = row[1]; });
      ends.push(end);
    });
    checks.push(signedBy(newest, head.text, signatureOf(head, newest, head.origin, 1)));
    return { publics, ends, checks };
  }
  function signedUnder(head, served) {
    const mine = served.logs.find((one) => one.log === log), keys = keysOf(served), last = keys.publics.length - 1;
    demand(mine && mine.origin === head.origin);
    let remembered = null;
    try { remembered = localStorage.getItem(REMEMBERED); } catch (closed) { /* a browser that keeps nothing */ }
    if (remembered && keys.publics.indexOf(remembered) < 0) return Promise.resolve({ signed: false, rekeyed: true });
    for (let at = last; at >= 0; at--) {
      const signature = signatureOf(head, unhex(keys.publics[at]), head.origin, 1);
      if (!signature || (at < last && !(head.size <= keys.ends[at][head.origin]))) continue;
      return every(keys.checks.concat(signedBy(unhex(keys.publics[at]), head.text, signature))).then((signed) => {
        try { if (signed) localStorage.setItem(REMEMBERED, served.public); } catch (closed) { /* as above */ }
        return { signed, changes: last };
      });
    }
    return Promise.resolve({ signed: false });
  }

  // ---- witnesses: what the newest head that holds the entry and that one of them signed says
  const number = (bytes) => bytes.reduce((sum, one) => sum * 256 + one, 0);
  function witnessOf(head, witness) {
    const key = unbase64(witness.vkey.split('+').slice(2).join('+')), signature = signatureOf(head, key.slice(1), witness.name, 4);
    if (!signature || key[0] !== 4) return Promise.resolve({ signed: false });
    const at = number(Array.from(signature.slice(0, 8)));
    return signedBy(key.slice(1), 'cosignature/v1\ntime ' + at + '\n' + head.text, signature.slice(8)).then(
      (signed) => ({ signed, name: witness.name, at: at * 1000, size: head.size }));
  }
  function witnessed(address, found, origin, witnesses) {
    if (!witnesses.length) return Promise.resolve(null);
    return ask(address + '/cosignatures').then((rows) => {
      const row = (rows || []).find((one) => one.size > found.seq);
      return row ? ask(address + '/inclusion?seq=' + found.seq + '&size=' + row.size).then((path) => [row, path]) : [];
    }).then(([row, path]) => {
      if (!row) return [];
      const head = checkpointOf(row.checkpoint), root = rootFrom(leafOf(utf8(found.entry)), found.seq, head.size, path.proof);
      demand(head.origin === origin && root && same(root, head.root));
      return Promise.all(witnesses.map((one) => witnessOf(head, one))).then((all) => all.filter((one) => one.signed !== false));
    }).catch(() => []);
  }

  // ---- asking and answering
  const ask = (path) => fetch(path, { credentials: 'omit', cache: 'no-store' }).then((answer) => {
    if (answer.status === 404) return null;
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  });
  function check(code) {
    const address = '/api/ledger/' + encodeURIComponent(log);
    return ask(address + '/receipts/' + encodeURIComponent(code)).then((found) => {
      if (!found) return { state: 'unknown' };
      try { return judged(found, code); } catch (malformed) { return { state: 'refused' }; }
    });
  }
  function judged(found, code) {
    const entry = utf8(found.entry), about = JSON.parse(found.entry);
    if (about.event !== 'ballots:cast' || about.log !== log || codeOf(sha256(entry)) !== code) return { state: 'refused' };
    if (found.state === 'promised') return { state: 'promised' };
    const head = checkpointOf(found.checkpoint);
    const root = rootFrom(sha256(joined([0], entry)), found.seq, head.size, found.proof);
    if (!root || !same(root, head.root)) return { state: 'refused' };
    return ask('/api/ledger/keys').then((served) => {
      try {
        const by = signedUnder(head, served), seen = witnessed('/api/ledger/' + encodeURIComponent(log), found, head.origin, served.witnesses);
        return Promise.all([by, seen]).then((both) => Object.assign(both[0], { witnesses: both[1] }));
      } catch (malformed) { return { signed: false }; }
    }).then((by) => ({ state: by.signed === false ? 'refused' : 'included', signed: by.signed, changes: by.changes, witnesses: by.witnesses, rekeyed: by.rekeyed, head, place: found.seq + 1, at: found.at }));
  }
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
  function add(to, tag, text, kind) {
    const made = document.createElement(tag);
    made.textContent = text;
    if (kind) made.className = kind;
    to.appendChild(made);
    return made;
  }
  function tell(outcome) {
    const box = $('outcome'), state = outcome.state;
    box.textContent = '';
    box.dataset.state = state;
    const card = add(box, 'div', '', state === 'refused' || state === 'unreachable' ? 'alert' : 'note');
    add(card, 'h2', words[state]);
    if (words[state + '_text']) add(card, 'p', words[state + '_text']);
    if (outcome.rekeyed) add(card, 'p', words.rekeyed);
    if (state !== 'included') return;
    box.dataset.signed = String(outcome.signed);
    const spoken = (at) => new Date(at).toLocaleString(document.documentElement.lang, { hour12: false }), when = spoken(outcome.at);
    add(card, 'p', say(words.place, { place: outcome.place, size: outcome.head.size }));
    add(card, 'p', say(words.when, { at: when }));
    add(card, 'p', words.signature + (outcome.signed ? words.signed : words.unsigned));
    if (outcome.changes) add(card, 'p', outcome.signed ? words.changed : words.changed_unsigned);
    if (outcome.witnesses && !outcome.witnesses.length) add(card, 'p', words.unwitnessed);
    (outcome.witnesses || []).forEach((one) => add(card, 'p', say(one.signed ? words.witnessed : words.witnessed_unsigned, { name: one.name, size: one.size, at: spoken(one.at) })));
    add(card, 'p', words.root).appendChild(document.createElement('br'));
    add(card.lastChild, 'small', hex(outcome.head.root));
  }
  function run() {
    const code = typed($('receipt').value), mine = ++asked;
    $('outcome').textContent = words.checking;
    check(code).catch(() => ({ state: 'unreachable' })).then((outcome) => { if (mine === asked) tell(outcome); });
  }
  form.addEventListener('submit', (event) => { event.preventDefault(); run(); });
  const carried = location.hash.slice(1, 21);
  if (carried) { $('receipt').value = carried; run(); }
})();
