/* Every page for people: elder view, language, and the code as it is typed. By hand, ES2017, for Safari 13 and
   Chrome 74 upward. It is sent in one file with enhance.js, which improves the form. */
(function () {
  'use strict';
  const $ = (id) => document.getElementById(id);
  const guarded = (work) => { try { return work(); } catch (refused) { return null; } };
  const read = (key) => guarded(() => localStorage.getItem(key));
  const write = (key, value) => guarded(() => localStorage.setItem(key, value)); // null: refused
  const erase = (key) => guarded(() => localStorage.removeItem(key));
  const tablet = /[?&]point=1/.test(location.search) && guarded(() => JSON.parse(read('pingyi.tablet'))); // of a test point
  // carries: the answers are stored nowhere yet, so that a change of language has to take them along
  const page = window.pingyi = { $, guarded, read, write, erase, carries: () => !!$('open'), passing: false, adopt: null, proof: tablet && { Authorization: 'Bearer ' + tablet.token } };

  page.center = function (node) { // clear of the bars above and below
    const box = node.getBoundingClientRect();
    scrollTo(0, Math.max(0, scrollY + box.top - Math.max(110, (innerHeight - box.height) / 2)));
  };

  // ---- elder view and language
  const elder = $('elder');
  function setElder(on) {
    document.documentElement.classList.toggle('elder', on);
    elder.textContent = on ? elder.dataset.off : elder.dataset.on;
  }
  if (read('pingyi.elder')) setElder(read('pingyi.elder') === '1');
  elder.addEventListener('click', function (event) {
    event.preventDefault();
    const middle = document.elementFromPoint(innerWidth / 2, innerHeight / 2);
    const unit = middle && middle.closest('fieldset');
    const on = !document.documentElement.classList.contains('elder');
    setElder(on);
    write('pingyi.elder', on ? '1' : '0');
    if (unit) page.center(unit);
  });
  $('lang').addEventListener('click', function (event) {
    const link = event.target.closest('.tool');
    if (!link) return;
    if (page.carries()) { page.passing = true; return; } // the form is posted with its answers
    event.preventDefault();
    const target = link.getAttribute('formaction') || link.getAttribute('href');
    location.href = location.pathname + target.slice(target.indexOf('?')) + location.hash;
  });

  // ---- the code, in the fragment or typed
  function tidy(text) { return text.toUpperCase().replace(/[^0-9A-Z]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0'); }
  function sound(text) { // the check character: a weighted sum over GF(32)
    let sum = 0;
    for (let i = 0; i < 16; i++) {
      let value = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.indexOf(text[i]);
      if (value < 0) return false;
      for (let weight = i + 1; weight; weight >>= 1, value = (value << 1) ^ (value & 16 && 37)) if (weight & 1) sum ^= value;
    }
    return text.length === 16 && !sum;
  }
  function typed(input, error) { // four by four; a mistyped code is told before it is sent
    const text = tidy(input.value).slice(0, 16), wrong = text.length === 16 && !sound(text);
    const grouped = (text.match(/.{1,4}/g) || []).join('-');
    if (input.selectionEnd === input.value.length && input.value !== grouped) input.value = grouped;
    error.textContent = wrong ? error.dataset.mistyped : '';
    error.hidden = !wrong;
    input.setAttribute('aria-invalid', wrong);
    return sound(text) && text;
  }
  const ownCode = () => {
    const text = typed($('code'), $('code-error'));
    if (text && page.adopt) page.adopt(text, false);
  };
  page.fromHash = function () {
    const text = tidy(guarded(() => decodeURIComponent(location.hash)) || '');
    return text.length === 16 ? text : '';
  };
  page.typed = typed;
  page.ownCode = ownCode;
  if ($('code')) $('code').addEventListener('input', (event) => { if (!event.isComposing) ownCode(); });
  if ($('gate') && page.fromHash() && !$('problem')) { // several kinds of sheets: the server tells by the code which one this is
    $('code').value = page.fromHash();
    $('gate').submit();
  }

  function sha256(text) { // subtle.digest is missing on plain http; ASCII text
    const h = [], k = [], w = [], turn = (v, n) => (v >>> n) | (v << (32 - n));
    const part = (v) => ((v - Math.floor(v)) * 4294967296) | 0;
    for (let n = 2; k.length < 64; n++) {
      let prime = true;
      for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
      if (!prime) continue;
      if (h.length < 8) h.push(part(Math.sqrt(n)));
      k.push(part(Math.cbrt(n)));
    }
    const blocks = ((text.length + 8) >> 6) + 1, m = new Array(blocks * 16).fill(0);
    for (let i = 0; i <= text.length; i++) m[i >> 2] |= (i < text.length ? text.charCodeAt(i) : 128) << (24 - 8 * (i & 3));
    m[m.length - 1] = text.length * 8;
    for (let at = 0; at < m.length; at += 16) {
      let s = h.slice();
      for (let i = 0; i < 64; i++) {
        const p = w[i - 15], q = w[i - 2];
        w[i] = i < 16 ? m[at + i] : (w[i - 16] + w[i - 7] + (turn(p, 7) ^ turn(p, 18) ^ (p >>> 3)) + (turn(q, 17) ^ turn(q, 19) ^ (q >>> 10))) | 0;
        const e = s[4], a = s[0];
        const x = (s[7] + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & s[5]) ^ (~e & s[6])) + k[i] + w[i]) | 0;
        const y = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]))) | 0;
        s = [(x + y) | 0, a, s[1], s[2], (s[3] + x) | 0, e, s[5], s[6]];
      }
      s.forEach((v, i) => { h[i] = (h[i] + v) | 0; });
    }
    return h.map((v) => (v >>> 0).toString(16).padStart(8, '0')).join('');
  }
  page.digest = sha256;
})();
