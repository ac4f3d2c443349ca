/* A tablet of a test point (测评点): one code after another on the same page, so that a short outage stops nobody; nothing
   of a person stays when he leaves. Sheets that wait for the network stand in memory, never in storage. ES2017. */
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
  const form = page.form;
  if (!tablet || tablet.campaign !== form.dataset.campaign) { location.replace('/point' + lang); return; }

  // ---- counts, and sheets that wait; the day is this tablet's
  const outbox = [], today = new Date().toDateString();
  let counts = page.guarded(() => JSON.parse(page.read('pingyi.point'))) || {}, still = 0, view = '';
  if (counts.day !== today) counts = { day: today, sent: 0, refused: 0 };
  function count(what) {
    counts[what]++;
    page.write('pingyi.point', JSON.stringify(counts));
    paint();
  }
  function paint() {
    const text = page.say(words.counts, { sent: counts.sent, waiting: outbox.length, refused: counts.refused });
    $('point-counts').textContent = outbox.length ? text + ' ' + words.keep_open : text;
  }
  function drain() { // one after another; the id of each stays the same, so that none counts twice
    const sheet = outbox[0];
    if (!sheet) return;
    page.cast(sheet).then(function (answer) {
      if (answer.data.receipt) count('sent');
      else if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) count('refused');
      else { setTimeout(drain, 5000); return; }
      outbox.shift();
      paint();
      drain();
    }, () => setTimeout(drain, 5000));
  }
  window.addEventListener('beforeunload', (event) => { if (outbox.length) event.preventDefault(); });

  // ---- from person to person
  const several = !!form.dataset.checked; // kinds of sheets: the server tells by the next code which one comes
  if (several) $('leave').textContent = ''; // what waits in memory would be lost on the way there
  function next() {
    page.erase('pingyi.elder');
    if (several) { location.replace(location.pathname + lang); return; }
    document.documentElement.classList.remove('elder');
    $('elder').textContent = $('elder').dataset.on;
    $('point-code').value = '';
    $('point-error').hidden = true;
    $('point-idle').hidden = true;
    form.querySelectorAll(':checked').forEach((input) => { input.checked = input.defaultChecked = false; });
    form.querySelectorAll('textarea,#code').forEach((input) => { input.value = input.defaultValue = ''; });
    $('receipt-number').textContent = $('review-lists').textContent = '';
    window.ononline = null; // the one before was waiting for it
    page.tell('');
    page.restart();
    paint();
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
    if (button.dataset.next) {
      outbox.push(page.sheet);
      if (outbox.length === 1) setTimeout(drain, 5000);
    }
    next();
  }));
  $('point-begin').addEventListener('click', begin);
  $('point-code').addEventListener('input', (event) => { if (!event.isComposing) page.typed($('point-code'), $('point-error')); });
  $('point-code').addEventListener('keydown', (event) => { if (event.key === 'Enter') begin(); });

  // ---- nobody there any more: first a question, then everything is gone
  ['pointerdown', 'touchstart', 'keydown', 'scroll'].forEach((name) => window.addEventListener(name, function () {
    still = 0;
    $('point-idle').hidden = true;
  }, { passive: true }));
  setInterval(function () {
    still++;
    const limit = view === 'receipt' || view === 'refused' ? READING : IDLE + COUNTDOWN, left = limit - still;
    if (view === 'point' && !$('point-code').value) still = 0;
    else if (view === 'sending') still = 0; // its sheet waits for the network: only a person decides
    else if (left <= 0) next();
    else if (limit !== READING && left <= COUNTDOWN) {
      $('point-idle').hidden = false;
      $('point-seconds').textContent = page.say(words.idle, { seconds: left });
    }
  }, 1000);
  document.documentElement.classList.add('point');
  paint();
  if (!$('code').value) next(); // else the form was drawn again in another language
})();
