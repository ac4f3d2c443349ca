/* Improves the phone page; the form works without it. By hand, ES2017, for Safari 13 and Chrome 74 upward.
   The code lives in the fragment and in request bodies only; storage knows nothing but its digest. */
(function () {
  'use strict';
  const $ = (id) => document.getElementById(id);
  const DAY = 864e5, PREFIX = 'pingyi.draft.';
  const guarded = (work) => { try { return work(); } catch (refused) { return null; } };
  const read = (key) => guarded(() => localStorage.getItem(key));
  const write = (key, value) => guarded(() => localStorage.setItem(key, value));
  const erase = (key) => guarded(() => localStorage.removeItem(key));

  // ---- on every page: elder view and language
  const tablet = read('pingyi.device'); // paired as a terminal: the test point's own
  const elder = $('elder'), lang = $('lang'), form = $('ballot');
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
    if (unit) unit.scrollIntoView({ block: 'center' });
  });
  lang.addEventListener('click', function (event) {
    if ($('open') || form && !code && !done) { passing = true; return; } // nothing is stored yet: the server carries the answers over
    event.preventDefault();
    const target = lang.getAttribute('formaction') || lang.getAttribute('href');
    location.href = location.pathname + target.slice(target.indexOf('?')) + location.hash;
  });
  let code = '', done = false, passing = false;
  const gate = $('gate');
  if (gate && fromHash() && !$('problem')) { // several kinds of sheets: the server tells by the code which one this is
    $('code').value = fromHash();
    gate.submit();
  }
  if (!form) return;

  // ---- words, items, state
  const words = JSON.parse($('words').textContent);
  const order = form.dataset.order.split(' '), campaign = form.dataset.campaign, blank = !!form.dataset.blank;
  const units = Array.from(form.querySelectorAll('fieldset:not([data-optional])'));
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
  const keyOf = (unit) => unit.id.slice(2);
  const nameOf = (unit) => unit.querySelector('legend').textContent;
  let draft = { id: uuid(), seed: random()[0], at: 0, pending: false, answers: {} };
  let key = '', last = -1, sending = false, timer = 0, scroll = 0;

  function random() { return crypto.getRandomValues(new Uint32Array(1)); }
  function uuid() { // randomUUID is missing on plain http
    const b = crypto.getRandomValues(new Uint8Array(16));
    b[6] = (b[6] & 15) | 64;
    b[8] = (b[8] & 63) | 128;
    return Array.from(b, (v, i) => ([4, 6, 8, 10].includes(i) ? '-' : '') + (v + 256).toString(16).slice(1)).join('');
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

  // ---- the draft on this phone
  function save() {
    if (!key || done) return;
    draft.at = Date.now();
    write(key, JSON.stringify(draft));
  }
  function load() {
    const kept = guarded(() => JSON.parse(read(key)));
    return kept && Date.now() - kept.at < DAY ? kept : null;
  }
  function sweep() {
    guarded(() => Object.keys(localStorage)).forEach(function (name) {
      if (name.indexOf(PREFIX) !== 0) return;
      const kept = guarded(() => JSON.parse(read(name)));
      if (!kept || Date.now() - kept.at >= DAY) erase(name);
    });
  }
  function shuffle() { // the order of the units inside each heading is drawn for each ballot and never sent
    let state = draft.seed;
    form.querySelectorAll('section').forEach(function (section) {
      const rows = units.filter((unit) => section.contains(unit));
      for (let i = rows.length - 1; i > 0; i--) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        const j = Math.floor((state / 4294967296) * (i + 1));
        [rows[i], rows[j]] = [rows[j], rows[i]];
      }
      rows.forEach((row) => section.appendChild(row));
    });
  }
  function apply() {
    Object.keys(draft.answers).forEach(function (name) {
      const radio = form.querySelector('input[name="q_' + name + '"][value="' + draft.answers[name] + '"]');
      if (radio) radio.checked = true;
    });
    paint();
  }
  function paint() {
    const count = units.filter((unit) => draft.answers[keyOf(unit)]).length, all = count === units.length;
    $('count').textContent = say(words.count, { done: count, total: units.length });
    $('next').hidden = all;
    $('open-review').hidden = !all && !(blank && count);
    $('open-review').className = all ? 'go' : 'alt';
  }

  // ---- the code
  function tidy(text) { return text.toUpperCase().replace(/[^0-9A-Z]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0'); }
  function fromHash() {
    const text = tidy(guarded(() => decodeURIComponent(location.hash)) || '');
    return text.length === 16 ? text : '';
  }
  function adopt(text, hide) {
    if (text === code) return;
    if (key) { erase(key); draft.id = uuid(); } // another code, another ballot
    code = text;
    key = PREFIX + sha256(campaign + ' ' + code);
    $('code').value = code.match(/.{1,4}/g).join('-');
    $('code-field').hidden = hide;
    history.replaceState(history.state, '', location.pathname + location.search + '#' + code); // a reload keeps it
    const kept = load();
    if (kept) draft = Object.assign({}, kept, { answers: Object.assign({}, kept.answers, draft.answers) });
    if (kept || (scrollY < 60 && !Object.keys(draft.answers).length)) shuffle();
    save();
    apply();
    if (draft.pending) send(); else if (!form.dataset.checked) check();
  }
  function check() {
    const asked = code;
    post('/api/tickets/check', { campaign: campaign, code: code }).then(function (answer) {
      if (asked !== code || sending || done) return;
      const state = answer.data.state;
      if (state && words[state]) { erase(key); refuse(words[state]); }
      else if (answer.status === 404 || answer.status === 422) {
        erase(key);
        key = code = '';
        complain(answer.data, true);
      }
    }, () => {}); // without network the form is filled in all the same
  }

  // ---- views
  function show(view) {
    if (view !== 'ballot' && !form.hidden) scroll = scrollY;
    ['ballot', 'review', 'sending', 'refused', 'receipt'].forEach((id) => { if ($(id)) $(id).hidden = id !== view; });
    $('count').hidden = view === 'refused' || view === 'receipt';
    scrollTo(0, view === 'ballot' ? scroll : 0);
    if (view !== 'ballot') $(view).querySelector('h1').focus({ preventScroll: true });
  }
  function fill(view, title, text) {
    $(view).querySelector('h1').textContent = title;
    $(view).querySelector('p').textContent = text;
  }
  function refuse(pair) {
    fill('refused', pair[0], pair[1]);
    show('refused');
  }
  function complain(problem, aboutCode) {
    const text = words.en ? [problem.detail_en, problem.next_en] : [problem.detail, problem.next];
    show('ballot');
    $('problem').querySelector('p').textContent = text.filter(Boolean).join(' ');
    $('problem').hidden = false;
    form.insertBefore($('problem'), aboutCode ? $('code-field') : form.firstChild);
    if (aboutCode) $('code-field').hidden = false;
    $('problem').scrollIntoView({ block: 'center' });
    if (aboutCode) $('code').focus({ preventScroll: true });
  }
  function go(unit) {
    show('ballot');
    unit.scrollIntoView({ block: 'center' });
    (unit.querySelector(':checked') || unit.querySelector('input')).focus({ preventScroll: true });
  }
  const rows = () => Array.from(form.querySelectorAll('fieldset:not([data-optional])'));
  function next() {
    const list = rows(), open = (unit) => !draft.answers[keyOf(unit)];
    const unit = list.slice(last + 1).find(open) || list.find(open);
    if (unit) { last = list.indexOf(unit); go(unit); }
  }
  function element(tag, className, text) {
    const node = document.createElement(tag);
    node.className = className;
    node.textContent = text;
    return node;
  }
  function group(title, tone, members, label) {
    if (!members.length) return;
    const head = element('h2', 'sum ' + tone, title), list = element('ul', 'list', '');
    if (title !== words.background) head.appendChild(element('small', '', say(words.number, { count: members.length })));
    members.forEach(function (unit) {
      const row = document.createElement('li'), button = element('button', '', nameOf(unit) + (label ? words.colon + label(unit) : ''));
      button.type = 'button';
      button.addEventListener('click', () => { history.back(); target = unit; });
      row.appendChild(button);
      list.appendChild(row);
    });
    $('review-lists').append(head, list);
  }
  let target = null;
  function review() {
    const list = rows(), missing = list.filter((unit) => !draft.answers[keyOf(unit)]);
    $('review-lists').textContent = '';
    group(words.missing, blank ? '' : 'bad', missing);
    list[0].querySelectorAll('label').forEach(function (label) {
      const value = label.querySelector('input').value;
      group(label.textContent, label.className, list.filter((unit) => draft.answers[keyOf(unit)] === value));
    });
    group(words.background, '', Array.from(form.querySelectorAll('fieldset[data-optional]')), function (unit) {
      const ticked = unit.querySelector(':checked');
      return ticked ? ticked.parentNode.textContent : words.none;
    });
    $('review-missing').hidden = !missing.length;
    $('review-missing').className = blank ? 'note' : 'alert';
    $('review-missing').querySelector('p').textContent = say(blank ? words.missing_blank : words.missing_required, { count: missing.length });
    $('first-missing').onclick = () => { history.back(); target = missing[0]; };
    $('send').hidden = !!missing.length && !blank;
    show('review');
  }

  // ---- sending: the same id until an answer comes, so that it counts once
  function post(url, body) {
    const abort = new AbortController(), limit = setTimeout(() => abort.abort(), 20000);
    return fetch(url, {
      method: 'POST', body: JSON.stringify(body), signal: abort.signal, credentials: 'omit', cache: 'no-store',
      headers: Object.assign({ 'Content-Type': 'application/json' }, tablet && { Authorization: 'Bearer ' + tablet })
    }).then((response) => response.json().catch(() => ({})).then(function (data) {
      clearTimeout(limit);
      return { status: response.status, data: data };
    }));
  }
  function send() {
    if (sending || done) return;
    if (!code) { complain({ detail: words.code_empty, detail_en: words.code_empty }, true); return; }
    sending = draft.pending = true; // from here on the answers are frozen
    save();
    fill('sending', words.sending[0], words.sending[1]);
    $('again').hidden = true;
    show('sending');
    attempt(0);
  }
  function attempt(count) {
    clearTimeout(timer);
    timer = -1; // under way
    $('again').hidden = true;
    const answers = order.map((name) => draft.answers[name] || '-').join('');
    const sheet = { id: draft.id, code: code, answers: answers, more: {}, channel: tablet ? 'point' : 'phone' };
    post('/api/campaigns/' + campaign + '/ballots', sheet).then(function (answer) {
      if (answer.data.receipt) finish(answer.data.receipt);
      else if (answer.status < 400 || answer.status >= 500 || answer.status === 429) later(count, answer.data);
      else settle(answer.data);
    }, () => later(count, {}));
  }
  function later(count, problem) {
    const detail = words.en ? problem.detail_en : problem.detail;
    fill('sending', detail || words.offline[0], words.offline[1]);
    $('again').hidden = false;
    const again = () => { if (timer !== -1) attempt(count + 1); };
    $('again').onclick = again;
    window.ononline = again;
    timer = setTimeout(again, Math.min(Math.pow(2, count), 30) * 1000);
  }
  function settle(problem) { // a clear no: nothing was stored under this id
    sending = draft.pending = false;
    if (problem.code === 'ballot_id_taken') draft.id = uuid();
    save();
    if (problem.code === 'ticket_used') { erase(key); refuse(words.spent); return; }
    complain(problem, /^ticket_/.test(problem.code));
  }
  function finish(receipt) {
    if (done) return;
    done = true;
    erase(key);
    clearTimeout(timer);
    window.ononline = null;
    $('receipt-number').textContent = receipt;
    form.hidden = true;
    show('receipt');
    history.replaceState(null, '', '/b/' + campaign + '/receipt/' + receipt + location.search);
    $('verify-link').hash = receipt;
    $('review-lists').textContent = '';
    form.textContent = ''; // nothing for the next person
  }

  // ---- start
  form.addEventListener('change', function (event) {
    const input = event.target;
    if (input.id === 'code') { if (tidy(input.value).length === 16) adopt(tidy(input.value), false); return; }
    if (input.type !== 'radio') return;
    const unit = input.closest('fieldset');
    draft.answers[input.name.slice(2)] = input.value;
    unit.classList.remove('open');
    last = rows().indexOf(unit);
    save();
    paint();
  });
  form.addEventListener('submit', function (event) {
    if (passing) return;
    event.preventDefault();
  });
  document.addEventListener('click', function (event) { // an inner link must not push the code out of the fragment
    const link = event.target.closest('a[href^="#"]'), place = link && $(link.getAttribute('href').slice(1));
    if (!place) return;
    event.preventDefault();
    if (place.tagName === 'FIELDSET') go(place); else place.focus();
  });
  $('next').addEventListener('click', next);
  $('open-review').addEventListener('click', function () {
    history.pushState({ review: 1 }, '');
    review();
  });
  $('back').addEventListener('click', () => history.back());
  $('send').addEventListener('click', send);
  window.addEventListener('popstate', function (event) {
    if (done || sending) return;
    if (event.state && event.state.review) review();
    else if (!$('review').hidden) {
      if (target) go(target); else show('ballot');
      target = null;
    }
  });
  window.addEventListener('hashchange', () => { if (fromHash() && fromHash() !== code) location.reload(); });
  window.addEventListener('pageshow', (event) => { if (event.persisted && code && !done) check(); });
  window.addEventListener('storage', function (event) { // the same sheet in another tab
    if (!key || event.key !== key || sending || done) return;
    if (event.newValue) { draft = JSON.parse(event.newValue); apply(); } else check();
  });

  sweep();
  form.querySelectorAll('input:checked').forEach((input) => { draft.answers[input.name.slice(2)] = input.value; });
  $('plain-submit').hidden = true;
  $('foot').hidden = $('count').hidden = false;
  paint();
  if (fromHash()) adopt(fromHash(), true);
  else if (tidy($('code').value).length === 16) adopt(tidy($('code').value), false);
})();
