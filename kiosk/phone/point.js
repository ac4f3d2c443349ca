/* A tablet of a test point (测评点): one code after another on the same page, so that a short outage stops nobody; nothing
   of a person stays when he leaves that anybody could read. Sheets that wait for the network are kept sealed by box.js; where
   that cannot be, in memory. ES2017. */
(function () {
  'use strict';
  const page = window.pingyi, $ = page.$, words = JSON.parse($('point-words').textContent);
  const tablet = page.guarded(() => JSON.parse(page.read('pingyi.tablet')));
  const IDLE = 100, COUNTDOWN = 20, READING = 60; // seconds
  const lang = '?point=1' + (/[?&]lang=\w+/.exec(location.search) || [''])[0].replace('?', '&');

  // ---- pairing
  function tellPairing(text) {
    $('pair-error').textContent = text;
    $('pair-error').hidden = false;
    $('pairing').focus();
  }
  function pair(event) {
    event.preventDefault();
    fetch('/api/tablets/pair', {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, credentials: 'omit', body: JSON.stringify({ pairing_code: $('pairing').value })
    }).then((response) => response.json().then(function (found) {
      if (!response.ok) tellPairing(words.en ? found.detail_en : found.detail);
      else if (page.write('pingyi.tablet', JSON.stringify(found)) === null) tellPairing(words.pair_kept);
      else location.replace('/b/' + found.campaign + lang);
    })).catch(() => tellPairing(words.pair_offline));
  }
  if ($('pair')) {
    if (tablet) location.replace('/b/' + tablet.campaign + lang);
    $('pair').addEventListener('submit', pair);
    return;
  }
  const form = page.form, gate = $('gate'), box = page.box, DAY = 864e5;
  if (!tablet || form && tablet.campaign !== form.dataset.campaign) { location.replace('/point' + lang); return; }

  // ---- the server: whether it is there, and what waiting sheets are sealed to
  function ask(url, options) {
    const abort = new AbortController(), limit = setTimeout(() => abort.abort(), 20000);
    return fetch(url, Object.assign({ signal: abort.signal, credentials: 'omit', cache: 'no-store' }, options)).then(
      (response) => response.json().catch(() => ({})).then(function (data) {
        clearTimeout(limit);
        return { status: response.status, data };
      }));
  }
  const reach = () => ask('/api/tablets/me', { headers: page.proof }).then(function (answer) {
    if (!answer.data.sheets_key || answer.data.sheets_key === tablet.sheets_key) return;
    tablet.sheets_key = answer.data.sheets_key;
    page.write('pingyi.tablet', JSON.stringify(tablet));
  });

  // ---- counts, and sheets that wait; the day is this tablet's
  const today = new Date().toDateString(), cast = page.cast;
  let waiting = [], held = null, id = ''; // held: what is kept of the sheet that is being sent, and its id
  let counts = page.guarded(() => JSON.parse(page.read('pingyi.point'))) || {}, still = 0, view = gate ? 'point' : '';
  if (counts.day !== today) counts = { day: today, sent: 0, refused: 0 };
  function count(what) {
    counts[what]++;
    page.write('pingyi.point', JSON.stringify(counts));
    paint();
  }
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name]);
  const loose = () => waiting.some((one) => one.sheet); // in memory alone, where nothing could be kept
  function paint() {
    const values = { sent: counts.sent, waiting: waiting.length, refused: counts.refused };
    const text = filled(words.counts, values);
    $('point-counts').textContent = waiting.length ? text + ' ' + (loose() ? words.keep_open : words.kept) : text;
  }
  function verdict(answer) { // empty: not decided yet, as when the office has paused this tablet
    const code = answer.status, no = code >= 400 && code < 500 && code !== 429 && answer.data.code !== 'device_paused';
    return answer.data.receipt ? 'sent' : no ? 'refused' : '';
  }
  function drain() { // one after another; the id of each stays the same, so that none counts twice
    const one = waiting[0], headers = Object.assign({ 'Content-Type': 'application/json' }, page.proof);
    if (!one) return;
    const sent = one.sheet ? cast(one.sheet) : ask('/api/tablets/sheets', { method: 'POST', headers, body: JSON.stringify({ sealed: one.sealed }) });
    sent.then(verdict, () => '').then(function (found) {
      const old = one.at && Math.abs(Date.now() - one.at) >= DAY; // tried to the last
      if (!found && !old) { setTimeout(drain, 5000); return; }
      if (one.key) box.drop(one);
      waiting.shift();
      count(found || 'refused');
      drain();
    });
  }
  function leave(one) {
    waiting.push(one);
    if (waiting.length === 1) setTimeout(drain, 5000);
  }
  page.cast = async function (sheet) { // kept before it is sent: a power cut on the way loses nothing
    if (id !== sheet.id) {
      held = await box.keep(tablet.sheets_key, tablet.campaign, sheet);
      id = sheet.id;
    }
    const mine = held;
    page.held = mine && words.held;
    $('leave').querySelector('p').textContent = mine ? words.left : words.left_memory;
    $('leave').hidden = several && !mine; // what is in memory would be lost on the way to the next code
    const answer = await cast(sheet);
    if (mine && verdict(answer)) box.drop(mine);
    if (answer.status >= 400 && verdict(answer)) id = ''; // corrected, it is another sheet under the same id
    return answer;
  };
  window.addEventListener('beforeunload', (event) => { if (loose()) event.preventDefault(); });
  box.all().then(function (found) { // from before a reload or a power cut
    waiting = found.concat(waiting);
    paint();
    drain();
  });
  reach().catch(() => {});

  // ---- several kinds of sheets: the server tells by the next code which one comes, so each needs the network
  function onward() {
    reach().then(() => location.replace(location.pathname + lang), function () {
      $('point-wait').hidden = false;
      setTimeout(onward, 5000);
    });
  }
  if (gate) {
    gate.addEventListener('submit', function (event) {
      event.preventDefault();
      if (page.typed($('code'), $('code-error'))) reach().then(() => gate.submit(), () => { $('point-wait').hidden = false; });
      else $('code').focus();
    });
    window.addEventListener('online', () => { $('point-wait').hidden = true; });
  }

  // ---- from person to person
  const several = form && !!form.dataset.checked;
  function next() {
    page.erase('pingyi.elder');
    if (gate) { $('code').value = ''; return; }
    document.documentElement.classList.remove('elder');
    $('elder').textContent = $('elder').dataset.on;
    $('point-code').value = '';
    $('point-error').hidden = true;
    $('point-idle').hidden = true;
    form.querySelectorAll(':checked').forEach((input) => { input.checked = input.defaultChecked = false; });
    form.querySelectorAll('textarea,#code').forEach((input) => { input.value = input.defaultValue = ''; });
    $('receipt-number').textContent = $('review-lists').textContent = '';
    window.ononline = null; // the one before was waiting for it
    held = page.held = null;
    id = '';
    page.tell('');
    page.restart();
    paint();
    if (!several) return;
    $('point-ask').hidden = true; // the next code is asked for on a page of its own
    onward();
  }
  function begin() {
    const code = page.typed($('point-code'), $('point-error'));
    if (!code) { $('point-code').focus(); return; }
    $('point-code').value = '';
    page.adopt(code, true);
    page.show('ballot');
  }
  page.shown = function (shown) {
    if (shown === 'receipt' && view !== 'receipt') count('sent');
    view = shown;
    still = 0;
  };
  document.querySelectorAll('[data-next]').forEach((button) => button.addEventListener('click', function () {
    if (button.dataset.next) leave(held || { sheet: page.sheet });
    next();
  }));
  if (form) {
    $('point-begin').addEventListener('click', begin);
    $('point-code').addEventListener('input', (event) => { if (!event.isComposing) page.typed($('point-code'), $('point-error')); });
    $('point-code').addEventListener('keydown', (event) => { if (event.key === 'Enter') begin(); });
  }

  // ---- nobody there any more: first a question, then everything is gone
  ['pointerdown', 'touchstart', 'keydown', 'scroll'].forEach((name) => window.addEventListener(name, function () {
    still = 0;
    $('point-idle').hidden = true;
  }, { passive: true }));
  setInterval(function () {
    still++;
    const limit = view === 'receipt' || view === 'refused' ? READING : IDLE + COUNTDOWN, left = limit - still;
    if (view === 'point' && !$(gate ? 'code' : 'point-code').value) still = 0;
    else if (view === 'sending') still = 0; // its sheet waits for the network: only a person decides
    else if (left <= 0) next();
    else if (limit !== READING && left <= COUNTDOWN) {
      $('point-idle').hidden = false;
      $('point-seconds').textContent = filled(words.idle, { seconds: left });
    }
  }, 1000);
  document.documentElement.classList.add('point');
  paint();
  if (form && !$('code').value) next(); // else the form was drawn again in another language
})();
